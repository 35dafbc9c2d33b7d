"""After an edit, is the answer that of a first scan: where a dependency, a helper or a model changed as well?"""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from apiposture.config import Config
from apiposture.scan import scan

SAMPLE = Path(__file__).resolve().parents[3] / "samples" / "orders-fastapi"

EDITS = {
    "a dependency asks no more": ("app/deps.py", "raise HTTPException(status_code=status.HTTP_403_FORBIDDEN)", "pass"),
    "a dependency gives something else": ("app/deps.py", "    return user\n\n\nCurrentUser", "    return None\n\n\nCurrentUser"),
    "a handler checks": ("app/routers/orders.py", "if order is None:", "if order is None or order.owner_id != user.id:"),
    "a model has another owner": ("app/models.py", "owner_id: uuid.UUID", "shelf_id: uuid.UUID"),
    "a router moves": ("app/main.py", "prefix=settings.API_PREFIX", "prefix='/v2'"),
}  # fmt: skip


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_is_seen(tmp_path: Path, edit: str) -> None:
    tree = Path(shutil.copytree(SAMPLE, tmp_path / "orders"))
    scan([tree], Config(jobs=1))
    path, before, after = EDITS[edit]
    file = tree / path
    text = file.read_text("utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), "utf-8")
    again = scan([tree], Config(jobs=1))
    fresh = scan([tree], Config(jobs=1, cache=False))
    assert msgspec.json.encode(again) == msgspec.json.encode(fresh)
    assert msgspec.json.encode(scan([tree], Config(jobs=2, cache=False))) == msgspec.json.encode(fresh)
