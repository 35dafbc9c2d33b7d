"""How the work is split, and what is taken from before, must not show in the answer."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
import pytest

from apiposture.analysis import share, shares, turns
from apiposture.analysis.derive import derive
from apiposture.analysis.derived import Derived
from apiposture.analysis.flow.summaries import Summaries
from apiposture.analysis.memory import Memory
from apiposture.analysis.units import Noted, Units, of_both
from apiposture.frameworks.routing import Entry
from apiposture.languages import lower
from apiposture.model.facts import Flow
from apiposture.model.ir import Module
from apiposture.model.source import Place, SourceFile
from apiposture.program import link
from apiposture.program.surface import surface

STORE = """
public class Order { public int Id { get; set; } public string UserId { get; set; } }
public class Db : DbContext { public DbSet<Order> Orders { get; set; } }
public interface IOrders { Order Get(int id, int depth); void Put(string text); }
public class Orders : IOrders {
    private readonly Db db; private readonly IHelper helper; private readonly ILogger<Orders> logger;
    public Order Get(int id, int depth) { if (depth > 9) return helper.Again(id, depth); return db.Orders.Find(id); }
    public void Put(string text) { logger.LogInformation("put " + text); }
}
"""
HELPER = """
public interface IHelper { Order Again(int id, int depth); }
public class Helper : IHelper {
    private readonly IOrders orders;
    public Order Again(int id, int depth) { var other = depth - 1; return orders.Get(id, other); }
}
"""
CONTROLLER = """
[ApiController, Authorize, Route("{name}")]
public class {name}Controller : ControllerBase {{
    private readonly IOrders orders; private readonly IHelper helper;
    [HttpGet("a/{{id}}")] public Order A(int id) {{ return orders.Get(id, 0); }}
    [HttpGet("b/{{id}}")] public Order B(int id) {{ return helper.Again(id, 1); }}
    [HttpPost("c")] public void C(string password) {{ orders.Put(password); }}
}}
"""


def sources() -> dict[str, str]:
    names = ("Alpha", "Beta", "Gamma")
    controllers = {f"{n}.cs": CONTROLLER.replace("{name}", n).replace("{{", "{").replace("}}", "}") for n in names}
    return {"Store.cs": STORE, "Helper.cs": HELPER, **controllers}


def modules(texts: dict[str, str]) -> list[Module]:
    return [lower(SourceFile(path, "csharp", text, str(hash(text)))) for path, text in sorted(texts.items())]


def answer(texts: dict[str, str], jobs: int = 1, memory: Memory | None = None) -> Derived:
    return derive(link(modules(texts)), (), jobs=jobs, memory=memory)


def memory_for(past: Units, texts: dict[str, str], earlier: dict[str, str] | None = None) -> Memory:
    """What is known of the past, and of the texts of then, if any are kept."""
    known = {(module.path, module.digest): module for module in modules(earlier or {})}
    key = " ".join(surface(module) for module in modules(texts))
    return Memory(past, key, lambda path, digest: known.get((path, digest)))


def test_the_program_has_something_to_find() -> None:
    facts = answer(sources()).facts
    assert len(facts.endpoints) == 9
    reaching = {facts.endpoints[access.endpoint].handler.partition(".")[2] for access in facts.accesses}
    assert len({access.endpoint for access in facts.accesses}) == 6
    assert reaching == {"A", "B"}  # although Get and Again call each other
    assert len(facts.exposures) == 1


@pytest.mark.parametrize("jobs", [2, 3, 5])
def test_shares_do_not_change_the_answer(monkeypatch: pytest.MonkeyPatch, jobs: int) -> None:
    monkeypatch.setattr(shares, "SMALL", 1)
    monkeypatch.setattr(turns, "LITTLE", 1)
    assert msgspec.json.encode(answer(sources(), jobs)) == msgspec.json.encode(answer(sources()))


def test_the_work_of_a_process_that_dies_is_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "SMALL", 1)
    monkeypatch.setattr(turns, "LITTLE", 1)
    mine, worked_out = os.getpid(), shares.worked_out

    def mortal(task: share.Task, pieces: Iterable[share.Piece], summaries: Summaries | None = None) -> Units:
        if os.getpid() != mine:
            next(iter(pieces), None)
            os._exit(9)
        return worked_out(task, pieces, summaries)

    whole = answer(sources())
    monkeypatch.setattr(shares, "worked_out", mortal)
    assert msgspec.json.encode(answer(sources(), 3)) == msgspec.json.encode(whole)


EDITS: dict[str, tuple[str, Callable[[str], str]]] = {
    "code of a helper": ("Helper.cs", lambda text: text.replace("depth - 1", "depth - 2")),
    "a check in a handler": ("Beta.cs", lambda text: text.replace("{ return helper", "{ if (User == null) return null; return helper")),
    "the access goes": ("Store.cs", lambda text: text.replace("return db.Orders.Find(id)", "return null")),
    "the log goes": ("Store.cs", lambda text: text.replace('logger.LogInformation("put " + text);', "")),
    "lines are moved": ("Store.cs", lambda text: "\n\n" + text),
    "lines are moved in a handler": ("Beta.cs", lambda text: text.replace("return orders", "\n return orders")),
    "lines are moved in what is called": ("Store.cs", lambda text: text.replace("return db.Orders", "\n return db.Orders")),
    "a call goes": ("Alpha.cs", lambda text: text.replace("orders.Put(password);", "")),
    "a declaration changes": ("Store.cs", lambda text: text.replace("string UserId", "string Text")),
    "a function is added": ("Helper.cs", lambda text: text.replace("private readonly", "public void New() {} private readonly")),
}


@pytest.mark.parametrize("is_kept", [False, True])
@pytest.mark.parametrize("edit", EDITS)
def test_after_an_edit_the_answer_is_that_of_a_first_scan(edit: str, is_kept: bool) -> None:
    path, change = EDITS[edit]
    before = sources()
    first = memory_for(Units(), before)
    answer(before, memory=first)
    after = {**before, path: change(before[path])}
    assert after != before
    again = memory_for(first.units, after, before if is_kept else None)
    assert msgspec.json.encode(answer(after, memory=again)) == msgspec.json.encode(answer(after))
    third = memory_for(again.units, before, after if is_kept else None)
    assert msgspec.json.encode(answer(before, memory=third)) == msgspec.json.encode(answer(before))


def asked_again(monkeypatch: pytest.MonkeyPatch, path: str, change: Callable[[str], str], is_kept: bool) -> list[str]:
    """The handlers of the endpoints that are evaluated anew after an edit."""
    before = sources()
    first = memory_for(Units(), before)
    answer(before, memory=first)
    asked: list[str] = []
    entered = share._entered

    def noticed(summaries: Summaries, entry: Entry) -> object:
        asked.append(entry.endpoint.handler)
        return entered(summaries, entry)

    monkeypatch.setattr(share, "_entered", noticed)
    after = {**before, path: change(before[path])}
    answer(after, memory=memory_for(first.units, after, before if is_kept else None))
    return sorted(asked)


ONLY = {
    "a check in a handler": ["BetaController.B"],
    "the log goes": ["AlphaController.C", "BetaController.C", "GammaController.C"],
    "lines are moved": [],
    "lines are moved in a handler": [],
}


@pytest.mark.parametrize("edit", ONLY)
def test_only_what_hangs_on_an_edited_function_is_worked_out_again(monkeypatch: pytest.MonkeyPatch, edit: str) -> None:
    assert asked_again(monkeypatch, *EDITS[edit], is_kept=True) == ONLY[edit]


def test_where_the_text_of_before_is_lost_all_that_hangs_on_the_file_is_worked_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = asked_again(monkeypatch, *EDITS["a check in a handler"], is_kept=False)
    assert asked == ["BetaController.A", "BetaController.B", "BetaController.C"]


WHO = """
public class Who {
    private readonly IHttpContextAccessor accessor; private readonly Db db;
    public string Id { get; private set; }
    public void Load() { FILL }
    public Order Mine(int id) { return db.Orders.FirstOrDefault(o => o.Id == id && o.UserId == Id); }
}
[ApiController, Authorize, Route("mine")]
public class MineController : ControllerBase {
    private readonly Who who;
    [HttpGet("{id}")] public Order Mine(int id) { return who.Mine(id); }
}
"""


def test_who_begins_to_hold_the_caller_is_asked_again() -> None:
    """Whether a member holds the caller is read off functions that nobody need call."""
    fills = ("var text = accessor.ToString();", 'Id = accessor.HttpContext.User.FindFirstValue("sub");')
    one, other = ({**sources(), "Who.cs": WHO.replace("FILL", fill)} for fill in fills)
    for before, after in ((one, other), (other, one)):
        first = memory_for(Units(), before)
        answer(before, memory=first)
        again = answer(after, memory=memory_for(first.units, after, before))
        assert msgspec.json.encode(again) == msgspec.json.encode(answer(after))
        assert msgspec.json.encode(again.facts.accesses) != msgspec.json.encode(answer(before).facts.accesses)


def test_positions_and_code_are_no_part_of_a_surface() -> None:
    one, moved, other = (
        surface(lower(SourceFile("a.cs", "csharp", text, "")))
        for text in ("class A { int B() { return 1; } }", "\n\nclass A {  int B() { return 2; } }", "class A { long B() { return 1; } }")
    )
    assert one == moved != other


def test_the_scan_keeps_units_beside_the_facts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from apiposture.config import Config
    from apiposture.scan import scan

    monkeypatch.setenv("APIPOSTURE_CACHE_DIR", str(tmp_path / "cache"))
    tree = tmp_path / "tree"
    tree.mkdir()
    for name, text in sources().items():
        (tree / name).write_text(text, "utf-8")
    scan([tree], Config(jobs=1))
    path, change = EDITS["the access goes"]
    (tree / path).write_text(change(sources()[path]), "utf-8")
    warm = scan([tree], Config(jobs=1))
    assert warm == scan([tree], Config(jobs=1, cache=False))
    suffixes = {file.suffix for file in (tmp_path / "cache").iterdir()}
    assert suffixes >= {".facts", ".pack", ".store", ".units"}


def test_what_is_noted_of_a_function_for_two_types_does_not_hang_on_who_came_first() -> None:
    """A function that two types inherit has one key, and may be worked out for each of them, in one process or in two."""
    flows = [Flow("sql", -1, name, "query", "Execute", Place("a.cs", line), "Base.Run", (), "high") for line, name in ((9, "x"), (3, "y"))]
    one, other = (Noted(bytes((number,)), (flow,), noted=("b", "a")) for number, flow in zip((1, 2), flows, strict=True))
    both = of_both(one, other)
    assert both == of_both(other, one)
    assert (both.reached, len(both.flows), both.noted) == (b"\x03", 2, ("a", "b"))
    assert of_both(one, one) is one
    parts = [Units(noted={"a": one, "b": one}), Units(noted={"a": other, "b": one})]
    assert shares._together(parts, (), ("a",)) == shares._together(parts[::-1], (), ("a",))
