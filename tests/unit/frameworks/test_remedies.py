"""Is a finding settled in the words of its own framework, where several of one language are known?"""

from __future__ import annotations

import pytest

from apiposture.config import Config
from apiposture.languages import source_of
from apiposture.scan import gather_sources, judge

SQLMODEL = """\
from fastapi import APIRouter, Depends, FastAPI
from fastapi.security import OAuth2PasswordBearer
from sqlmodel import Field, Session, SQLModel

class Item(SQLModel, table=True):
    id: int = Field(primary_key=True)
    owner_id: int = Field(foreign_key="user.id")

scheme = OAuth2PasswordBearer(tokenUrl="token")
router = APIRouter(dependencies=[Depends(scheme)])

@router.get("/items/{id}")
def read_item(session: Session, id: int):
    return session.get(Item, id)

app = FastAPI()
app.include_router(router)
"""


@pytest.mark.parametrize(("text", "own", "foreign"), [(SQLMODEL, "select(Item).where(", "get_object_or_404")])
def test_the_fix_is_the_frameworks_own(text: str, own: str, foreign: str) -> None:
    found = judge(gather_sources([source_of("app.py", text)]), Config()).findings
    (fix,) = [each.remedy for each in found if each.rule == "AP101"]
    assert own in fix
    assert foreign not in fix
