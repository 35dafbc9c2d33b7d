"""What do the names of files mean that declare or import all that they use?"""

from __future__ import annotations

import pytest

from apiposture.languages import lower, source_of
from apiposture.program import Program, link
from apiposture.program.types import Routine, Slot, Type

FILES = {
    "backend/app/__init__.py": "from .models import Item as Thing\n",
    "backend/app/models.py": "class Base: pass\nclass Item(Base):\n    class Kind: pass\nLIMIT = 10\nItems = list[Item]\nAgain = Item\n",
    "backend/app/crud/__init__.py": "from .items import *\nfrom .users import get_user\n",
    "backend/app/crud/items.py": "from app.models import Item\ndef get_item(): pass\ndef _private(): pass\n",
    "backend/app/crud/users.py": "def get_user(): pass\n",
    "backend/app/logging.py": "def getLogger(): pass\n",
    "backend/app/redis.py": "from redis import Redis\n",
    "backend/app/main.py": """
import logging
import app.crud
import app.crud.users as people
import sqlalchemy as sa
from app import crud, Thing
from app.crud import get_item, _private
from app.models import Item as Renamed, LIMIT, Again
from app.redis import Redis
from sqlmodel import select
from . import models
from ..app.models import Base
try:
    from app.models import Missing
except ImportError:
    from app.models import Item as Missing
def own(): print(1)
""",
    "backend/shop/__init__.py": "",
    "backend/shop/core.py": "LIMIT = 1\n",
    "backend/shop/web/__init__.py": "",
    "backend/shop/web/flask/__init__.py": "class Other: pass\n",
    "backend/shop/web/requests.py": "from flask import session\nfrom shop.core import LIMIT\n",
    "tools/app/models.py": "class Other: pass\n",
    "ring/a.py": "from .b import x\n",
    "ring/b.py": "from .a import x\n",
}


@pytest.fixture(scope="module")
def program() -> Program:
    return link([lower(source_of(path, text)) for path, text in FILES.items()])


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("own", "backend.app.main.own"),
        ("Renamed", "backend.app.models.Item"),
        ("Again", "backend.app.models.Item"),
        ("Thing", "backend.app.models.Item"),
        ("Base", "backend.app.models.Base"),
        ("Missing", "backend.app.models.Item"),
        ("models.Item.Kind", "backend.app.models.Item.Kind"),
        ("models", "backend.app.models"),
        ("LIMIT", "backend.app.models.LIMIT"),
        ("models.Items", "backend.app.models.Items"),
        ("get_item", "backend.app.crud.items.get_item"),
        ("crud.get_item", "backend.app.crud.items.get_item"),
        ("crud.get_user", "backend.app.crud.users.get_user"),
        ("app.crud.get_user", "backend.app.crud.users.get_user"),
        ("people.get_user", "backend.app.crud.users.get_user"),
        ("_private", "app.crud._private"),
        ("logging.getLogger", "logging.getLogger"),
        ("select", "sqlmodel.select"),
        ("sa.select", "sqlalchemy.select"),
        ("Redis", "redis.Redis"),
        ("print", "builtins.print"),
        ("nobody", None),
        ("models.nobody", None),
    ],
)
def test_names_lead_to_what_declares_them(program: Program, name: str, wanted: str | None) -> None:
    module = next(m for m in program.modules if m.path == "backend/app/main.py")
    assert spelled(program.meaning(name, module)) == wanted


def test_imports_in_a_ring_end(program: Program) -> None:
    module = next(m for m in program.modules if m.path == "ring/a.py")
    assert spelled(program.meaning("x", module)) is not None


def spelled(found: object) -> object:
    if isinstance(found, Type):
        return found.qualified
    if isinstance(found, Routine):
        return f"{found.module.package}.{found.function.name}"
    return f"{found.module.package}.{found.field.name}" if isinstance(found, Slot) else found


def test_a_package_whose_code_names_it_from_the_top_is_no_place_to_start_in(program: Program) -> None:
    module = next(m for m in program.modules if m.path == "backend/shop/web/requests.py")
    assert program.meaning("session.user", module) == "flask.session.user"


def test_an_alias_that_means_itself_again_is_a_type_of_that_name() -> None:
    text = "Json = dict[str, 'Json'] | Items\nItems = list[Json]\nPlain = list[str]\ndef give(a: Json, b: Plain): pass\n"
    made = link([lower(source_of("app.py", text))])
    routine = next(one for one in made.routines if one.function.name == "give")
    first, second = (made.use(param.type, routine.module) for param in routine.function.params if param.type is not None)
    assert (first.name, first.args) == ("Json", ())
    assert second.name == "List"
