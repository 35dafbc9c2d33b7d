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


DJANGO = """\
from django.db import connection, models
from django.http import JsonResponse
from django.urls import path

class Item(models.Model):
    title = models.CharField(max_length=9)

def add(request):
    return JsonResponse({"id": Item.objects.create(title=request.POST["title"]).pk})

def find(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM item WHERE title = '" + request.GET["title"] + "'")
        return JsonResponse({"found": cursor.fetchall()})

urlpatterns = [path("add", add), path("find", find)]
"""


def test_what_django_is_told_is_django() -> None:
    fixes = {each.rule: each.remedy for each in judge(gather_sources([source_of("shop/urls.py", DJANGO)]), Config()).findings}
    assert "login_required" in fixes["AP004"]
    assert fixes["AP103"].startswith("cursor.execute(")
    assert not [fix for fix in fixes.values() if "Depends(" in fix or "HTTPException" in fix]
