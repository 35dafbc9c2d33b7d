"""Is a tree with two languages one scan, in which nothing of one language is taken for the other's?"""

from __future__ import annotations

from apiposture.config import Config
from apiposture.languages import source_of
from apiposture.model.scan import Scan
from apiposture.scan import gather_sources, judge

CSHARP = """
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
public class Order { public int Id { get; set; } public string UserId { get; set; } = ""; }
public class Db : DbContext { public DbSet<Order> Orders { get; set; } = null!; }
[ApiController, Authorize, Route("cs/orders")]
public class OrdersController(Db db) : ControllerBase
{
    [HttpGet("{id}")] public async Task<Order?> Get(int id) => await db.Orders.FindAsync(id);
}
"""
PYTHON = '''
from fastapi import Depends, FastAPI, HTTPException, Request
from sqlmodel import Field, Session, SQLModel

class User(SQLModel, table=True):
    id: int = Field(primary_key=True)
    hashed_password: str

class Parcel(SQLModel, table=True):
    id: int = Field(primary_key=True)
    user_id: int = Field(foreign_key="user.id")

def caller(request: Request) -> User:
    if "authorization" not in request.headers:
        raise HTTPException(status_code=401)
    return find(request)

def session() -> Session: ...

app = FastAPI()

@app.get("/py/parcels/{id}")
def read(id: int, user: User = Depends(caller), session: Session = Depends(session)):
    return session.get(Parcel, id)
'''


def scan_of(**files: str) -> Scan:
    names = {"cs": "Api/Orders.cs", "py": "service/main.py"}
    return judge(gather_sources([source_of(names[name], text) for name, text in files.items()]), Config())


def test_both_are_found_as_they_are_alone() -> None:
    both = scan_of(cs=CSHARP, py=PYTHON)
    alone = [scan_of(cs=CSHARP), scan_of(py=PYTHON)]
    assert {e.route for e in both.endpoints} == {"/cs/orders/{id}", "/py/parcels/{id}"}
    assert {f.message for f in both.findings} == {f.message for one in alone for f in one.findings}
    assert {f.remedy for f in both.findings} == {f.remedy for one in alone for f in one.findings}
    assert [f.rule for f in both.findings].count("AP101") == 2
    assert both.frameworks == (*alone[0].frameworks, *alone[1].frameworks)


def test_a_language_that_is_there_beside_changes_nothing() -> None:
    helper = "def Orders():\n    return 1\nclass Order: pass\n"
    with_helper = judge(gather_sources([source_of("Api/Orders.cs", CSHARP), source_of("tools/order.py", helper)]), Config())
    assert with_helper.findings == scan_of(cs=CSHARP).findings


def test_two_services_of_one_layout_are_two() -> None:
    guarded = PYTHON_SERVICE.replace("GUARD", "Depends(caller)")
    open_ = PYTHON_SERVICE.replace("GUARD", " " * len("Depends(caller)"))
    result = judge(gather_sources([source_of("a/app.py", guarded), source_of("b/app.py", open_)]), Config())
    assert [(e.place.path, e.posture.level) for e in result.endpoints] == [("a/app.py", "authenticated"), ("b/app.py", "public")]


PYTHON_SERVICE = '''
import os
from fastapi import Depends, FastAPI, Header, HTTPException

app = FastAPI()

def caller(authorization: str = Header()) -> str:
    if authorization != os.environ["KEY"]:
        raise HTTPException(401)
    return authorization

@app.post("/parcels", dependencies=[GUARD])
def post_parcel():
    return 1
'''
