"""Which classes are controllers because the project itself says so, and which of their functions are endpoints?

MVC asks its `ControllerFeatureProvider` which types are controllers, and a project may answer that otherwise:
https://learn.microsoft.com/aspnet/core/mvc/advanced/app-parts
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Final

from apiposture.frameworks.csharp import _actions, _services
from apiposture.frameworks.csharp._actions import Verb
from apiposture.frameworks.csharp._intercepted import Intercepted
from apiposture.frameworks.csharp._site import site_of
from apiposture.frameworks.routing import Entry
from apiposture.model import ir
from apiposture.model.scan import Problem
from apiposture.model.source import SourceFile
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Type

NAME: Final = "ASP.NET Core controllers of the project's own kind"

PROVIDER: Final = "ControllerFeatureProvider"
DECIDES: Final = "IsController"
CONVENTIONS: Final = ("IApplicationModelConvention", "IControllerModelConvention", "IActionModelConvention")
MARKED: Final = {"Panda.DynamicWebApi": "IDynamicWebApi", "Furion": "IDynamicApiController"}
"""Libraries that bring such a provider, and what a class implements that it takes for a controller."""
UNREAD: Final = "{convention}"
"""What stands in a route for what a convention makes of the names."""
MAX_CALLS: Final = 2
"""How many functions further than the provider's own an answer is looked for."""


class Chosen:
    """What makes a class a controller, by simple names: a type that it is, or an attribute where no type is asked for; and what makes it
    none."""

    __slots__ = ("attributes", "refused", "types")

    def __init__(self, types: frozenset[str], attributes: frozenset[str], refused: frozenset[str]) -> None:
        self.types = types
        self.attributes = attributes
        self.refused = refused

    def holds(self, program: Program, declared: Type) -> bool:
        """Is the class one?"""
        marks = {a.name.rpartition(".")[2].removesuffix("Attribute") for t in program.lineage(declared) for a, _ in t.annotations}
        if not marks.isdisjoint(self.refused):
            return False
        return program.is_a(declared, *self.types) if self.types else not marks.isdisjoint(self.attributes)


def recognised(program: Program) -> bool:
    """Does the project, or a library that it uses, decide which classes are controllers?"""
    return any(True for _ in _chosen(program))


def find_endpoints(program: Program, settings: Sequence[SourceFile]) -> Iterator[Entry | Problem]:
    """The functions of every class that is chosen."""
    chosen = list(_chosen(program))
    if not chosen:
        return
    site = site_of(program, settings)
    intercepted, hidden = Intercepted(site), _hidden(program)
    for declared in program.types:
        module = declared.decls[0][1]
        if site.is_deployed(module) and _services.is_served(program, declared) and any(one.holds(program, declared) for one in chosen):
            ways = partial(_ways, program, declared, hidden)
            yield from _services.of_service(site, site.app_of(module.path), declared, intercepted, NAME, ways, {})


def _chosen(program: Program) -> Iterator[Chosen]:
    for package, marker in MARKED.items():
        if any(i.target.startswith(package) for m in program.modules for i in m.imports):
            yield Chosen(frozenset((marker,)), frozenset(), frozenset())
    for declared in program.types:
        if any(base is None and use.name == PROVIDER for base, use in program.ancestors(declared)):
            for routine in declared.functions.get(DECIDES, ()):
                found = _asked(program, routine)
                if found.types or found.attributes:
                    yield found


def _asked(program: Program, routine: Routine) -> Chosen:
    """What a provider asks of a type, as far as code of the project does."""
    bodies = [each.function.body or () for each in _reached(program, routine, 0)]
    types = frozenset(name for body in bodies for call in walk.calls(body) for name in _types_of(call))
    attributes = frozenset(name for body in bodies for call in walk.calls(body) for name in _attributes_of(call))
    refused = frozenset(name for body in bodies for name in _refused(body))
    return Chosen(types, attributes - refused, refused)


def _reached(program: Program, routine: Routine, depth: int) -> Iterator[Routine]:
    yield routine
    for call in walk.calls(routine.function.body or ()) if depth < MAX_CALLS else ():
        holder = _holder(program, call, routine.owner)
        for one in program.implementations(holder) if holder is not None else ():
            for called in one.functions.get(walk.called_name(call), ()):
                yield from _reached(program, called, depth + 1)


def _holder(program: Program, call: ir.Call, owner: Type | None) -> Type | None:
    """The type of the member that a function is called on."""
    if not isinstance(call.function, ir.Member) or owner is None:
        return None
    slot = program.slot(owner, walk.dotted(call.function.object).removeprefix("this."))
    kind = program.type_of(slot) if slot is not None else None
    return kind.decl if kind is not None else None


def _types_of(call: ir.Call) -> Iterator[str]:
    """`typeof(IServed).IsAssignableFrom(type)`, `type.IsAssignableTo(typeof(IServed))`."""
    name = walk.called_name(call)
    if name == "IsAssignableFrom":
        yield from _named(call.function)
    elif name in ("IsAssignableTo", "IsSubclassOf"):
        yield from (ref.name.rpartition(".")[2] for ref in call.type_args)
        yield from (found for arg in call.args for found in _named(arg.value))


def _attributes_of(call: ir.Call) -> Iterator[str]:
    """`type.GetCustomAttribute<ServedAttribute>()`, `type.IsDefined(typeof(ServedAttribute))`."""
    name = walk.called_name(call)
    if "Attribute" in name or name == "IsDefined":
        yield from (ref.name.rpartition(".")[2].removesuffix("Attribute") for ref in call.type_args)
        yield from (found.removesuffix("Attribute") for arg in call.args for found in _named(arg.value))


def _named(node: object) -> Iterator[str]:
    for call in walk.calls(node):
        if walk.called_name(call) == "typeof" and call.args:
            yield walk.dotted(call.args[0].value).rpartition(".")[2]


def _refused(body: Iterable[ir.Stmt]) -> Iterator[str]:
    """The attributes whose presence ends in `return false`, or in what hides the function."""
    held: dict[str, list[str]] = {}
    for node in walk.nodes(body):
        if type(node) is ir.Declare and node.value is not None:
            held[node.name] = [name for call in walk.calls(node.value) for name in _attributes_of(call)]
        elif type(node) is ir.If and _turns_away(node.then):
            yield from _present(node.condition, held)


def _present(condition: ir.Expr, held: Mapping[str, list[str]]) -> Iterator[str]:
    """The attributes that are there where a condition holds."""
    if type(condition) is ir.Binary and condition.operator == "||":
        yield from _present(condition.left, held)
        yield from _present(condition.right, held)
    elif type(condition) is ir.Binary and condition.operator == "!=":
        condition = condition.left
        if type(condition) is ir.Name:
            yield from held.get(condition.id, ())
        elif type(condition) is ir.Call:
            yield from _attributes_of(condition)
    elif type(condition) is ir.Call:
        yield from _attributes_of(condition)


def _turns_away(then: Sequence[ir.Stmt]) -> bool:
    for node in walk.nodes(then):
        value = node.value if type(node) is ir.Return or (type(node) is ir.Assign and _hides(node)) else None
        if type(value) is ir.Literal and value.value is False:
            return True
    return False


def _hides(node: ir.Assign) -> bool:
    return walk.dotted(node.target).endswith("ApiExplorer.IsVisible")


def _hidden(program: Program) -> frozenset[str]:
    """The attributes of functions that the project's conventions map nothing for."""
    own = [t for t in program.types if program.is_a(t, *CONVENTIONS)]
    routines = (r for t in own for each in t.functions.values() for r in each)
    return frozenset(name for r in routines for name in _refused(r.function.body or ()))


def _ways(program: Program, declared: Type, hidden: frozenset[str], called: str, _: list[str], verb: Verb) -> Iterator[tuple[str, str]]:
    """What attributes say; what a convention makes of the names is not read."""
    marks = {a.name.rpartition(".")[2] for r in program.methods(declared, called)[:1] for a in r.function.annotations}
    if not marks.isdisjoint(hidden):
        return
    unread = f"/{UNREAD}/{declared.simple}/{called.removesuffix('Async') or called}"
    for method in verb.methods or ("*",):
        for route in list(_services.written(verb, _actions.type_routes(program, declared))) or [unread]:
            yield method, route
