"""Does every command that a document shows exist, with the options that it shows?"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from apiposture.cli import commands
from apiposture.pipelines import names as pipelines
from apiposture.reports import names as reports
from apiposture.rules import catalogue

TOP = Path(__file__).resolve().parent.parent
DOCUMENTS = [
    TOP / "README.md",
    *sorted((TOP / "src/apiposture").rglob("*.md")),
    *sorted((TOP / "editors").rglob("README.md")),
    *sorted((TOP / "docs/guide").glob("*.md")),
    TOP / "action.yml",
]
SHOWN = re.compile(r"(?:^\s*(?:\$ |- run: )?|`)(apiposture [a-z][^`\n]*?)(?:\s+#.*)?(?:`|$)", re.MULTILINE)


def shown() -> list[object]:
    found = {(document, match.group(1)) for document in DOCUMENTS for match in SHOWN.finditer(document.read_text("utf-8"))}
    return [pytest.param(command, id=f"{file.name}: {command[:70]}") for file, command in sorted(found)]


def parts_of(command: str) -> list[str]:
    """The words of a command, without what a shell would do after it."""
    text = re.split(r"\s(?:\||>|&&|;)", command.replace("\\|", "|").replace("|", "\0"))[0]
    return [word for word in shlex.split(text.rstrip(".,:"), comments=True) if word not in ("...", "…")]


@pytest.mark.parametrize("command", shown())
def test_it_exists(command: str) -> None:
    _, *words = parts_of(command)
    group: click.Command = commands
    while isinstance(group, click.Group) and words:
        name = words.pop(0).split("\0")[0]
        assert name in group.commands, f"there is no command '{name}'"
        group = group.commands[name]
    known = {option for param in group.params for option in (*param.opts, *param.secondary_opts)} | {"-h", "--help"}
    unknown = [word for word in words if word.startswith("-") and word.split("=")[0] not in known and word != "-"]
    assert not unknown, f"`{group.name}` has no option {unknown}"


def test_the_site_has_a_page_for_everything(tmp_path: Path) -> None:
    tmp_path = tmp_path / "pages"
    subprocess.run([sys.executable, str(TOP / "docs/pages.py"), str(tmp_path)], check=True)
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.md")}
    assert {f"rules/{rule.id}.md" for rule in catalogue()} <= found
    assert {f"reports/{name}.md" for name in reports()} <= found
    assert {f"pipelines/{name}.md" for name in pipelines()} <= found
    assert all((tmp_path / path).read_text("utf-8").startswith("# ") for path in found)
    assert {f"guide/{page.name}" for page in (TOP / "docs/guide").glob("*.md")} <= found
    tree = (tmp_path.parent / "mkdocs.yml").read_text("utf-8")
    assert all(f"- {path}\n" in tree for path in found)
    assert "known gap: not found (AP" in "".join((tmp_path / path).read_text("utf-8") for path in found)
    assert not any("```console elsewhere" in (tmp_path / path).read_text("utf-8") for path in found)
    severity = '| `fail_on` | The least severity that fails a build. | `critical`, `high`, `low`, `medium`, `none` | `"high"` |'
    assert severity in (tmp_path / "configuration.md").read_text("utf-8")


def test_documents_are_looked_at() -> None:
    assert len(shown()) > 20
