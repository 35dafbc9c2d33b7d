"""What is a route builder while startup code is followed: a prefix, what is declared on it, and the group it belongs to?"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from apiposture.frameworks.csharp import _judge, _policies, _values
from apiposture.frameworks.csharp._passing import Passage
from apiposture.frameworks.csharp._routes import nest
from apiposture.frameworks.csharp._site import Site
from apiposture.frameworks.csharp._statements import Statement, call_place, call_text
from apiposture.model import ir
from apiposture.model.facts import Need
from apiposture.program import walk
from apiposture.program.types import Routine

TYPES = frozenset((
    "IEndpointRouteBuilder", "RouteGroupBuilder", "WebApplication", "IApplicationBuilder", "RouteHandlerBuilder",
    "IEndpointConventionBuilder", "ControllerActionEndpointConventionBuilder", "HubEndpointConventionBuilder",
    "IRouteBuilder",
))  # fmt: skip
DECLARES = frozenset(("RequireAuthorization", "AllowAnonymous", "WithMetadata", "AddEndpointFilter", "AddEndpointFilterFactory"))


ASKS = ("authorize", "filter")
"""What asks for a caller, of what a statement may do."""


class Builder:
    """A group or an endpoint that startup code builds. What is declared on it later holds all the same, so it can
    change."""

    __slots__ = ("later", "level", "parent", "prefix", "project", "said")

    def __init__(self, parent: Builder | None, prefix: str, project: str, level: str = "group") -> None:
        self.parent = parent
        self.prefix = prefix
        self.project = project
        self.level = level
        self.said: list[Statement] = []
        self.later: Builder | None = None
        """The same behind a test at which the function may have been left."""

    def group(self, prefix: str, level: str = "group") -> Builder:
        """A group below this one, or an endpoint in it."""
        return Builder(self, nest(self.prefix, prefix) if prefix else self.prefix, self.project, level)

    def of_library(self) -> Builder:
        """What a library's own `Map...` answers: whatever is declared on it holds for what the library maps, and nothing else."""
        return self.group("", "endpoint")

    def apart(self) -> Builder:
        """The same as it is now, of which nothing that is declared later says anything."""
        made = Builder(self.parent, self.prefix, self.project, self.level)
        made.said = list(self.said)
        return made

    def behind_a_test(self) -> Builder:
        """The same from here on: what is declared of it now may never be said of what was built so far."""
        self.later = Builder(self, self.prefix, self.project, self.level)
        return self.later

    def whole(self) -> Builder:
        """The builder itself, whatever test it stands behind."""
        return self.parent.whole() if self.parent is not None and self.parent.later is self else self

    def statements(self) -> Iterator[Statement]:
        """What is declared on the builder and its groups, nearest first."""
        current: Builder = self
        below: Builder | None = None
        while True:
            yield from current.said
            later = current.later
            while later is not None and later is not below:
                yield from map(unsure, later.said)
                later = later.later
            if current.parent is None:
                return
            current, below = current.parent, current


def unsure(statement: Statement) -> Statement:
    """A declaration that asks for a caller, where nobody knows whether it is made."""
    if statement.effect not in ASKS:
        return statement
    return replace(statement, effect="unknown", why=f"'{statement.text}' stands behind a test")


class Saying(Struct, frozen=True, eq=False):
    """The call by which startup code says something: that of the library, or of an own function that only passes it on."""

    call: ir.Call
    routine: Routine


class Mapped(Struct, frozen=True, eq=False):
    """One call that maps endpoints: on which builder, in which function, with which handler."""

    name: str
    call: ir.Call
    routine: Routine
    builder: Builder
    pattern: str = ""
    handler: Routine | None = None
    module_type: str = ""
    at: Saying | None = None
    """The call of a wrapper, where it is mapped by one."""


def declare(site: Site, builder: Builder, call: ir.Call, routine: Routine, saying: Saying | None = None) -> None:
    """Note what `RequireAuthorization`, `AllowAnonymous`, `WithMetadata` or an endpoint filter says on a builder."""
    said = saying or Saying(call, routine)
    blank = Statement("authorize", builder.level, builder.prefix or "/", call_place(said.routine.module, said.call), call_text(said.call))
    name = walk.called_name(call)
    if name == "AllowAnonymous":
        builder.said.append(replace(blank, effect="anonymous"))
    elif name == "RequireAuthorization":
        builder.said += _required(site, blank, call, routine)
    elif name == "WithMetadata":
        for arg in call.args:
            found = site.attributes.from_object(arg.value, blank, routine.module, routine.owner)
            builder.said += [found] if found else []
    else:
        found = _endpoint_filter(site, blank, call, routine)
        builder.said += [found] if found else []


def not_followed(call: ir.Call, routine: Routine) -> Statement:
    """What runs before an endpoint answers, and may refuse callers."""
    why = f"'{call_text(call)}' runs before it, and isn't followed"
    return Statement("unknown", "group", "", call_place(routine.module, call), call_text(call), why=why)


def _required(site: Site, blank: Statement, call: ir.Call, routine: Routine) -> Iterator[Statement]:
    if not call.args:
        yield replace(blank, default=True)
    for arg in call.args:
        values = arg.value.items if type(arg.value) is ir.Collection else (arg.value,)
        for value in values:
            name = _values.text(site.program, value, routine.module, routine.owner, {})
            made = site.attributes.from_object(value, blank, routine.module, routine.owner)
            if name is not None:
                yield replace(blank, policy=name)
            elif made is not None:
                yield made
            else:
                policy = _policies.from_expression(site.program, value, routine)
                yield replace(blank, inline=policy if policy.known else replace(policy, name=walk.dotted(value)))


def _endpoint_filter(site: Site, blank: Statement, call: ir.Call, routine: Routine) -> Statement | None:
    given = call.args[0].value if call.args else None
    declared = site.program.find_type(call.type_args[-1].name, routine.module, routine.owner) if call.type_args else None
    declared = declared or site.attributes.type_in(given, routine.module, routine.owner)
    if declared is not None:
        verdict, name = _judge.of_type(site.program, declared), declared.simple
    elif type(given) is ir.Lambda:
        verdict, name = _judge.of_routine(site.program, Routine(given.function, routine.owner, routine.module)), "endpoint filter"
    else:
        return None
    needed = site.attributes.passage(verdict, {}) if verdict.refuses else Passage.NOTHING
    if needed is Passage.NOTHING:
        return None
    if needed in (Passage.WORDS, Passage.STATE):
        return replace(blank, effect="unknown", prelude=verdict.routine, why=f"'{name}' lets callers past it by what they send")
    why = f"'{name}' refuses the call"
    return replace(blank, effect="filter", needs=(Need("permission", name),), honours=verdict.honours, prelude=verdict.routine, why=why)
