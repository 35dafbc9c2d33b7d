"""Does any text give a module, however it is cut, nested or made up?"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apiposture.languages import lower, source_of
from apiposture.model.ir import Call, Module
from apiposture.model.source import end_of, start_of

SAMPLE = r'''
from __future__ import annotations
from . import x as y, z
from ..a.b import *
from m import (c, d as e)
import a.b.c as q, os.path
type Alias[T] = list[T]
SessionDep = Annotated[Session, Depends(get_db)]
router = APIRouter(prefix="/x")
@dec(1)
@a.b
async def f[T: int, *Ts, **P](a, /, b: int = 1, *args: int, c, d: Annotated[str | None, Query(max_length=3)] = None, **kw) -> list[int]:
    """doc"""
    global g
    match x:
        case 1 | -2: pass
        case [a, *rest] if a: pass
        case {"k": v, **r}: pass
        case A.B(x, y=2) as z: pass
        case "s" "t": pass
        case (a, b), c: pass
        case None: pass
        case _: pass
    with open(a) as f, (b()) as (c, d): pass
    try:
        pass
    except A, B:
        pass
    except (C, D) as e:
        raise X from e
    else: pass
    finally: pass
    for a, *b in c: pass
    else: pass
    while (n := f()) > 1 and not a is not b or c not in d: break
    x: int
    y: int = 3
    a = b = c
    a, b = b, a
    a[1:2, ..., ::3] += 2
    del a, b[1]
    assert a, "m"
    print(f"x{a!r:>{w}}{b=}" "lit" rb"x" t"y{z}", "%s-%d" % (a, b), "{} {x}".format(a, x=1))
    lambda a, *b: a
    z = [i for j in k async for i in j if i if j]
    z = {a: b for a, q in c}
    z = {*a, 1}; z = {**a, 'b': 1}; f(*a, **k); z = (yield x)
    yield from q
    r = await foo(x for x in y)
    t = a or b or 3
    u = a and b
    if not user or user.id != item.owner_id: raise HTTPException(status_code=403)
    isinstance(a, B)
class A[T](B, metaclass=M):
    x: ClassVar[int] = 1
    id: "uuid.UUID | None" = Field(default=None)
    class Config:
        z = 1
    def __init__(self, db: Session, n=1):
        super().__init__(db)
        self.db = db
        self.repo = Repo(db)
    @property
    def y(self) -> int: return self.x if a else 2
    @staticmethod
    def g(): ...
    @classmethod
    def h(cls, a): return cls(a)
    def __str__(self): return f"{self.x}"
'''


def values(module: Module) -> Iterator[msgspec.Struct]:
    waiting: list[object] = [module]
    while waiting:
        item = waiting.pop()
        if isinstance(item, tuple):
            waiting.extend(item)
        elif isinstance(item, msgspec.Struct):
            yield item
            waiting.extend(getattr(item, name) for name in item.__struct_fields__)


def check(text: str) -> Module:
    """Lower the text and see that what comes out holds together."""
    module = lower(source_of("app/a.py", text))
    assert module.lines[0] == 0
    assert list(module.lines) == sorted(set(module.lines))
    for item in values(module):
        for field in ("span", "name_span"):
            place = getattr(item, field, None)
            if place is not None:
                assert 0 <= start_of(place) <= end_of(place) <= len(text)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(module), type=Module) == module
    assert lower(source_of("app/a.py", text)) == module
    return module


def test_the_sample_is_understood() -> None:
    module = check(SAMPLE)
    assert not module.faults
    assert module.nodes > 250
    assert module.opaque == 0


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_any_text_gives_a_module(text: str) -> None:
    check(text)


@given(st.text("{}()[]<>;:,.=!?&|+-*/\"'$@#\\\n\t abfAB1_é😀", max_size=120))
def test_any_punctuation_gives_a_module(text: str) -> None:
    check(text)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(SAMPLE)), st.integers(0, 60), st.sampled_from(["", "{", "}", "(", '"', "é", "\n  ", ":", " in ", "\0", "def f("]))
def test_any_damage_gives_a_module(start: int, length: int, put: str) -> None:
    check(SAMPLE[:start] + put + SAMPLE[start + length :])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, len(SAMPLE)))
def test_any_part_gives_a_module(cut: int) -> None:
    check(SAMPLE[:cut])
    check(SAMPLE[cut:])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(SAMPLE.split()), max_size=60))
def test_any_shuffle_gives_a_module(words: list[str]) -> None:
    check(" ".join(words))


def within(statement: str) -> str:
    return f"def m(a):\n    {statement}\n"


def indented(line: str, count: int) -> str:
    return "".join(" " * i + line + "\n" for i in range(count)) + " " * count + "pass\n"


N = 10_000
DEEP = {
    "parentheses": within("x = " + "(" * N + "1" + ")" * N),
    "open parentheses": "(" * N,
    "open brackets": "[" * N,
    "blocks": indented("if a:", 300),
    "loops": indented("for a in b:", 300),
    "sums": within("x = a" + " + b" * N),
    "mixed operators": within("x = a" + " - b * c" * N),
    "powers": within("x = a" + " ** b" * 2000),
    "elif": "if a: pass\n" + "elif b: f()\n" * 3000,
    "method chain": within("x = a" + ".b(1)" * N),
    "attributes": within("x = a" + ".b" * N),
    "conditions": within("x = " + "a if b else " * 2000 + "c"),
    "ors": within("x = a" + " or b" * N),
    "ands": within("if a" + " and b" * N + ": pass"),
    "mixed tests": within("if a" + " and (b or " * 1000 + "c" + ")" * 1000 + ": pass"),
    "negations": within("b = " + "not " * N + "x"),
    "comparisons": within("b = a" + " < b" * 2000),
    "lambdas": within("f = " + "lambda x: " * 2000 + "1"),
    "type arguments": within("x: " + "List[" * 2000 + "int" + "]" * 2000),
    "quoted types": within('x: "' + "List[" * 2000 + "int" + "]" * 2000 + '"'),
    "unions": within("x: a" + " | b" * 2000),
    "classes": indented("class A:", 300),
    "functions": indented("def a():", 300),
    "cases": "match x:\n" + "".join(f"    case {i}: f()\n" for i in range(2000)),
    "alternatives": "match x:\n    case " + " | ".join(map(str, range(2000))) + ": f()\n",
    "patterns": "match x:\n    case " + "[" * 500 + "a" + "]" * 500 + ": f()\n",
    "assignments": within("a = " * 2000 + "1"),
    "comprehensions": within("x = " + "[a for a in " * 500 + "b" + "]" * 500),
    "fors": within("x = [a" + " for a in b" * 500 + "]"),
    "quotes": '"' * N,
    "templates": within("x = f" + '"{f' * 300 + "'" + '}"' * 300),
    "dots": "from " + "." * N + " import a",
}


@pytest.mark.parametrize("name", DEEP)
def test_depth_is_no_danger(name: str) -> None:
    module = check(DEEP[name])
    assert nesting(module) < 250


def nesting(module: Module) -> int:
    deepest = 0
    waiting: list[tuple[object, int]] = [(module, 0)]
    while waiting:
        item, depth = waiting.pop()
        deepest = max(deepest, depth)
        if isinstance(item, tuple):
            waiting.extend((inner, depth) for inner in item)
        elif isinstance(item, msgspec.Struct):
            waiting.extend((getattr(item, name), depth + 1) for name in item.__struct_fields__)
    return deepest


def test_a_long_chain_keeps_all_operands() -> None:
    module = check(within("x = " + " + ".join(f"f{i}()" for i in range(500))))
    assert sum(isinstance(item, Call) for item in values(module)) == 500


def test_a_large_file_is_read() -> None:
    function = 'def f(a):\n    if a > 1:\n        return other(a, "text")\n    return a\n'
    module = lower(source_of("app/a.py", function * 10_000))
    assert len(module.types[0].functions) == 10_000
    assert not module.faults


def test_the_stack_is_left_as_it_was() -> None:
    limit = sys.getrecursionlimit()
    lower(source_of("app/a.py", DEEP["lambdas"]))
    assert sys.getrecursionlimit() == limit
