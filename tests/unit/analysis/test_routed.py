"""What frameworks showed the last time is taken as it is only where they would show it again."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from apiposture.analysis import derive as deriving
from apiposture.analysis.derive import derive
from apiposture.analysis.derived import Derived
from apiposture.analysis.memory import Memory
from apiposture.analysis.units import Units
from apiposture.frameworks import routing
from apiposture.languages import lower
from apiposture.model.ir import Module
from apiposture.model.looking import look_into, looking
from apiposture.model.source import SourceFile
from apiposture.program import Program, link
from apiposture.program.surface import surface

TEXTS = {
    "Program.cs": """
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddScoped<IOrders, Orders>();
        builder.Services.AddAuthorization(o => o.AddPolicy("Staff", p => p.RequireRole("staff")));
        var app = builder.Build();
        app.MapControllers();
        app.MapOrders();
        app.MapGet("/lambda/{id}", (int id, IOrders orders) => orders.Get(id)).RequireAuthorization();
        app.Run();
        """,
    "Maps.cs": """
        public static class Maps {
            public static void MapOrders(this WebApplication app) {
                var group = app.MapGroup("/orders").RequireAuthorization("Staff");
                group.MapGet("/{id}", (int id, IOrders orders) => { return orders.Get(id); });
            }
        }
        """,
    "Orders.cs": """
        public class Order { public int Id { get; set; } public string UserId { get; set; } }
        public class Db : DbContext { public DbSet<Order> Orders { get; set; } }
        public interface IOrders { Order Get(int id); Order Twice(int id); }
        public class Orders : IOrders {
            private readonly Db db;
            public Order Get(int id) { return db.Orders.Find(id); }
            public Order Twice(int id) { return Get(id); }
        }
        """,
    "Key.cs": """
        public class KeyAttribute : Attribute, IAuthorizationFilter {
            public void OnAuthorization(AuthorizationFilterContext context) {
                if (context.HttpContext.Request.Headers["key"] != "k") { context.Result = new UnauthorizedResult(); }
            }
        }
        """,
    "OrdersController.cs": """
        [ApiController, Route("controlled")]
        public class OrdersController : ControllerBase {
            private readonly IOrders orders;
            [HttpGet("{id}"), Authorize] public Order A(int id) { return orders.Get(id); }
            [HttpGet("b/{id}"), Key] public Order B(int id) { return orders.Get(id); }
        }
        """,
}

Edit = tuple[str, Callable[[str], str], bool]


def put(old: str, new: str) -> Callable[[str], str]:
    def edit(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return edit


EDITS: dict[str, Edit] = {
    "code that no framework looks into": ("Orders.cs", put("return Get(id);", "var one = id; return Get(one);"), False),
    "an access that goes": ("Orders.cs", put("return db.Orders.Find(id);", "return null;"), True),  # no `Find` is called there now
    "lines in a file of endpoints": ("OrdersController.cs", lambda text: "\n\n" + text, False),
    "lines above lambdas": ("Maps.cs", lambda text: "\n\n" + text, False),
    "lines above the code of a program": ("Program.cs", lambda text: "\n" + text, False),
    "lines in an attribute that checks": ("Key.cs", lambda text: "\n" + text, False),
    "an attribute that no longer refuses": ("Key.cs", put("context.Result = new UnauthorizedResult();", ""), True),
    "a group that asks for less": ("Maps.cs", put('.RequireAuthorization("Staff")', ""), True),
    "another route in code": ("Maps.cs", put('"/orders"', '"/others"'), True),
    "code of a program": ("Program.cs", put(".RequireAuthorization();", ".AllowAnonymous();"), True),
    "one more endpoint in code": ("Orders.cs", put("return Get(id);", 'app.MapGet("/more", () => 1); return Get(id);'), True),
    "a declaration": ("OrdersController.cs", put("Authorize]", "AllowAnonymous]"), True),
}


def modules(texts: dict[str, str]) -> list[Module]:
    return [lower(SourceFile(path, "csharp", text, str(hash(text)))) for path, text in sorted(texts.items())]


def memory_for(past: Units, texts: dict[str, str], before: dict[str, str] | None = None) -> Memory:
    """What is known of the past, and the texts of then."""
    known = {(module.path, module.digest): module for module in modules(before or {})}
    return Memory(past, " ".join(surface(module) for module in modules(texts)), lambda path, digest: known.get((path, digest)))


def derived(texts: dict[str, str], memory: Memory | None = None) -> Derived:
    return derive(link(modules(texts)), (), memory=memory)


@pytest.mark.parametrize("edit", EDITS)
def test_frameworks_are_asked_again_only_where_they_may_say_something_else(monkeypatch: pytest.MonkeyPatch, edit: str) -> None:
    path, change, is_asked = EDITS[edit]
    first = memory_for(Units(), TEXTS)
    derived(TEXTS, first)
    after = {**TEXTS, path: change(TEXTS[path])}
    expected = derived(after)
    asked: list[Program] = []

    def noticed(program: Program, settings: object) -> routing.Routing:
        asked.append(program)
        return find(program, ())

    find = routing.find
    monkeypatch.setattr(deriving.routing, "find", noticed)
    second = memory_for(first.units, after, TEXTS)
    assert msgspec.json.encode(derived(after, second)) == msgspec.json.encode(expected)
    assert bool(asked) == is_asked
    third = memory_for(second.units, TEXTS, after)
    assert msgspec.json.encode(derived(TEXTS, third)) == msgspec.json.encode(derived(TEXTS))


def test_the_program_has_endpoints_of_each_kind() -> None:
    found = {endpoint.route: endpoint.posture.level for endpoint in derived(TEXTS).facts.endpoints}
    levels = {"/lambda/{id}": "authenticated", "/orders/{id}": "role", "/controlled/{id}": "authenticated", "/controlled/b/{id}": "unknown"}
    assert found == levels


def test_who_looks_within_a_look_is_seen_by_both() -> None:
    with looking() as outer:
        with looking() as inner:
            look_into(EDITS)
        look_into(TEXTS)
    look_into(put)
    assert inner == {id(EDITS)}
    assert outer == {id(EDITS), id(TEXTS)}
