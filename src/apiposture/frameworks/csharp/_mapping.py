"""Which endpoints does startup code map, below which prefixes, and with what declared on the way?

The functions that map are run in the abstract: builders flow through variables, groups, chains, lambdas and the project's own
extension methods, in the order of the code. A function that nobody calls (it is found by reflection) is run on its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final
from weakref import WeakKeyDictionary

from apiposture.frameworks.csharp import _values
from apiposture.frameworks.csharp._builders import DECLARES, TYPES, Builder, Mapped, Saying, declare, not_followed
from apiposture.frameworks.csharp._given import written_out
from apiposture.frameworks.csharp._handlers import handler_of, own_callees
from apiposture.frameworks.csharp._judge import is_of_environments
from apiposture.frameworks.csharp._mapping_code import (
    answering,
    asked_first,
    branch_of,
    builder_params,
    builds,
    is_type_call,
    leaves_for_good,
    that_map,
)
from apiposture.frameworks.csharp._maps import CONTROLLERS, ENDPOINTS, LIBRARY, MAPS, MODULES, TAKE_LAMBDAS, VERBS
from apiposture.frameworks.csharp._patterns import pattern_in, placeholder
from apiposture.frameworks.csharp._site import Site
from apiposture.frameworks.csharp._switches import Switches, fixed, handed_over, holds
from apiposture.frameworks.csharp._tested import Sides
from apiposture.frameworks.csharp._wrapping import Wrapped, handed_in, holds_application, said_at, wrapped
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Routine

MAX_DEPTH: Final = 12
"""Mapping functions that call each other deeper than this are not followed."""


class _Frame:
    def __init__(self, routine: Routine, root: Builder, depth: int, module_type: str) -> None:
        self.routine = routine
        self.root = root
        self.depth = depth
        self.module_type = module_type
        self.builders: dict[str, Builder] = {}
        self.lambdas: dict[str, ir.Lambda] = {}
        self.returned: Builder | None = None
        self.named = ""
        """The type whose `this` the function was given: what `group.GetType().Name` stands for."""
        self.switches: Switches = {}
        """What its caller told it, and what it sets itself, of what its tests ask."""
        self.given: list[Builder] = []
        self.own: set[str] = set()
        """The names of groups that it makes itself, of which nobody else says anything."""
        self.saying: Saying | None = None
        """The call by which startup code says what a function that maps nothing passes on."""
        self.wrapped: Wrapped | None = None
        """What a function was given that maps for its caller."""

    def begin(self) -> None:
        """Nothing was returned yet."""
        self.returned = None


class Mapping:
    """All mapped endpoints of a program, in the order in which startup code maps them."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.program = site.program
        self.found: list[Mapped] = []
        self._running: list[Routine] = []
        self._locals: list[ir.Lambda] = []
        self._ran: set[int] = set()
        self.takers: dict[str, list[Routine]] = {}
        for routine in self.program.routines:
            if routine.function.has_code and builder_params(routine.function) and site.is_deployed(routine.module):
                self.takers.setdefault(routine.function.name, []).append(routine)
        self._that_map = that_map(self.takers, MAPS)
        for routine in self._starts():
            if id(routine) not in self._ran:
                self._run(routine, Builder(None, "", site.projects.of(routine.module.path), "application"), {}, 0)

    def _starts(self) -> Iterator[Routine]:
        """Functions to begin with: startup code, then mapping functions that nobody calls, then whatever is left."""
        takers = [r for routines in self.takers.values() for r in routines]
        is_taker = {id(r) for r in takers}
        calling = self.program.calling(*MAPS, *self.takers)
        mapping = {id(r): r for r, _ in calling if self.site.is_deployed(r.module)}
        yield from (r for key, r in mapping.items() if key not in is_taker)
        yield from (r for r in takers if r.function.name == "Configure" or (r.owner and r.owner.simple.startswith("Startup")))
        called = {name for module in self.program.modules for name in module.calls}
        yield from (r for r in takers if id(r) in mapping and r.function.name not in called)
        yield from (r for r in takers if id(r) in mapping)

    # -- following -----------------------------------------------------------------------------------------------------

    def _run(
        self,
        routine: Routine,
        root: Builder,
        given: dict[str, Builder],
        depth: int,
        module_type: str = "",
        named: str = "",
        saying: Saying | None = None,
        told: Switches | None = None,
        given_on: Wrapped | None = None,
    ) -> Builder | None:
        if depth > MAX_DEPTH or any(r is routine for r in self._running):
            return None
        self._ran |= {id(routine), id(given_on.wrapper) if given_on is not None else 0}
        self._running.append(routine)
        if (
            not module_type
            and routine.owner
            and routine.function.name == "AddRoutes"
            and self.program.is_a(routine.owner, *MODULES["MapCarter"][0])
        ):
            module_type = "carter"
            given = {p.name: self._carter_group(routine, b) for p in routine.function.params for b in [given.get(p.name, root)]}
        frame = _Frame(routine, root, depth, module_type)
        frame.named, frame.saying, frame.given, frame.wrapped = named, saying, list(given.values()), given_on
        frame.switches = {**(told or {}), **fixed(routine.function)}
        for param in routine.function.params:
            if param.name in given:
                frame.builders[param.name] = given[param.name]
            elif param.type is not None and param.type.name.rpartition(".")[2] in TYPES:
                frame.builders[param.name] = root
        for statement in routine.function.body or ():
            if isinstance(statement, ir.Declare) and isinstance(statement.value, ir.Lambda):
                frame.lambdas[statement.name] = statement.value
        self._statements(routine.function.body or (), frame)
        self._running.pop()
        return frame.returned.whole() if frame.returned is not None else None

    def _carter_group(self, routine: Routine, builder: Builder) -> Builder:
        """A Carter module's own group: its base path, and what its constructor declares on itself."""
        group = builder.group("")
        for constructor in routine.owner.functions.get(".ctor", ()) if routine.owner else ():
            for call in walk.calls(constructor.function.body or ()):
                name = walk.called_name(call)
                if name in DECLARES:
                    declare(self.site, group, call, constructor)
                elif name in (".ctor", "super", "base") and call.args:
                    path = _values.text(self.program, call.args[0].value, constructor.module, routine.owner, {})
                    group.prefix = builder.group(path or "").prefix
        return group

    def _statements(self, statements: Iterable[Any], frame: _Frame) -> bool:
        """Go on through statements; the answer is whether what follows them is reached."""
        for statement in statements:
            kind = type(statement)
            if kind is ir.Declare:
                self._bind(statement.name, statement.value, frame, statement.type)
            elif kind in (ir.Eval, ir.Return):
                value = self._value(statement.value, frame)
                if kind is ir.Return and value is not None:
                    frame.returned = value
            elif kind is ir.If:
                self._value(statement.condition, frame)
                if not self._sides(statement, frame):
                    return False
            elif kind is ir.Loop:
                self._statements(statement.body, frame)
            elif kind in (ir.Block, ir.Try):
                inside = statement.body if kind is ir.Block else (*statement.body, *statement.final)
                if not self._statements(inside, frame):
                    return False
            if kind in (ir.Return, ir.Throw):
                return False
        return True

    def _sides(self, statement: ir.If, frame: _Frame) -> bool:
        """The side that a test takes, or both where that is not known. What follows says nothing of what a side maps that leaves."""
        on = holds(statement.condition, frame.switches)
        if on is not None:
            return self._statements(statement.then if on else statement.other, frame)
        sides = Sides(() if is_of_environments(statement.condition) else frame.builders.values())
        reached = []
        for side in (statement.then, statement.other):
            reached.append(self._side(side, frame))
            sides.end(reached[-1])
        sides.settle()
        if any(reached) and any(side and isinstance(side[-1], ir.Return) for side in (statement.then, statement.other)) and sides.around:
            later = {id(one): one.behind_a_test() for one in sides.around.values() if one.level == "group"}
            frame.builders = {name: later.get(id(one), one) for name, one in frame.builders.items()}
        return any(reached)

    def _side(self, side: tuple[Any, ...], frame: _Frame) -> bool:
        """One side of a test; the answer is whether what follows the test is reached."""
        if not leaves_for_good(side):
            return self._statements(side, frame)
        around = dict(frame.builders)
        frame.builders = {name: one.apart() if name in frame.own else one for name, one in around.items()}
        self._statements(side, frame)
        frame.builders = around
        return False

    def _bind(self, name: str, value: ir.Expr | None, frame: _Frame, declared: ir.TypeRef | None = None) -> None:
        if type(value) is ir.Lambda:
            frame.lambdas[name] = value
            return
        found = self._value(value, frame)
        if found is None and (declared.name in TYPES if declared is not None else builds(value)):
            found = frame.root
        if found is not None:
            frame.builders[name] = found
            if found is not frame.root and all(found is not one for one in frame.given):
                frame.own.add(name)

    def _value(self, expr: Any, frame: _Frame) -> Builder | None:
        """The builder that an expression stands for; what it maps on the way is noted."""
        kind = type(expr)
        if kind is ir.Name:
            found = frame.builders.get(expr.id)
            return frame.root if found is None and holds_application(self.program, expr.id, frame.routine) else found
        if kind is ir.Member:
            return self._value(expr.object, frame)
        if kind is ir.Cast:
            return self._value(expr.value, frame)
        if kind is ir.Assign:
            if type(expr.target) is ir.Name:
                self._bind(expr.target.id, expr.value, frame)
                return frame.builders.get(expr.target.id)
            return self._value(expr.value, frame)
        if kind is ir.Choice:
            return self._choice(expr, frame)
        return self._call(expr, frame) if kind is ir.Call else None

    def _choice(self, choice: ir.Choice, frame: _Frame) -> Builder | None:
        """One of two values, or whichever is a builder where it is not known which."""
        on = holds(choice.condition, frame.switches)
        if on is not None:
            return self._value(choice.then if on else choice.other, frame)
        sides = Sides(() if is_of_environments(choice.condition) else frame.builders.values())
        found: list[Builder | None] = []
        for side in (choice.then, choice.other):
            found.append(self._value(side, frame))
            sides.end(True)
        sides.settle()
        return found[0] or found[1]

    def _call(self, call: ir.Call, frame: _Frame) -> Builder | None:
        name = walk.called_name(call)
        receiver = self._value(call.function.object, frame) if type(call.function) is ir.Member else None
        if name in DECLARES and receiver is not None:
            declare(self.site, receiver, call, frame.routine, frame.saying)
            return receiver
        if type(call.function) is ir.Name and (local := frame.lambdas.get(name)) is not None:
            return self._local(local, call, frame)
        callees = own_callees(self.takers, self.program, name, call, receiver, frame.routine)
        if callees and not self._is_framework(name, call, frame):
            values = [self._value(a.value, frame) for a in call.args]
            if receiver is not None or any(v is not None for v in values):
                return self._follow(callees, call, receiver, values, frame)
        if name == "MapGroup":
            return (receiver or frame.root).group(self._pattern(call, frame, 0) or placeholder(call))
        if name in MODULES:
            return self._modules(name, receiver or frame.root, frame)
        if name in ENDPOINTS and (receiver is not None or self._is_mapping(name, call, frame)):
            return self._endpoint(name, call, receiver or frame.root, frame)
        self._inside(call, receiver, frame)
        return receiver.of_library() if receiver is not None and name.startswith("Map") else receiver

    def _is_framework(self, name: str, call: ir.Call, frame: _Frame) -> bool:
        """Is a call that an own extension could answer the framework's: with a route first, or a wrapper that only turns it round?"""
        if name not in ENDPOINTS and name != "MapGroup":
            return False
        return self._pattern(call, frame, 0) is not None or (
            name in VERBS and handler_of(self.program, call, frame.routine, frame.lambdas) is not None
        )

    def _local(self, local: ir.Lambda, call: ir.Call, frame: _Frame) -> Builder | None:
        """A local function runs among the builders around it; it can't call itself for ever."""
        if any(local is each for each in self._locals):
            return None
        self._locals.append(local)
        outer, returned, switches = dict(frame.builders), frame.returned, frame.switches
        frame.switches = {**switches, **handed_over(local.function, call, switches)}
        for param, arg in zip(local.function.params, call.args, strict=False):
            value = self._value(arg.value, frame)
            if value is not None:
                frame.builders[param.name] = value
        frame.begin()
        self._statements(local.function.body or (), frame)
        result = frame.returned
        frame.builders, frame.returned, frame.switches = outer, returned, switches
        self._locals.pop()
        return result

    def _follow(
        self, callees: list[Routine], call: ir.Call, receiver: Builder | None, values: list[Builder | None], frame: _Frame
    ) -> Builder | None:
        result: Builder | None = receiver
        passes_self = frame.routine.owner and any(isinstance(a.value, ir.Name) and a.value.id == "this" for a in call.args)
        named = frame.routine.owner.simple if passes_self and frame.routine.owner else ""
        for callee in callees:
            params = callee.function.params
            extension = bool(params) and params[0].mode == "this" and receiver is not None and not is_type_call(call, callee)
            given: dict[str, Builder] = {}
            for param, value in zip(params, [receiver, *values] if extension else values, strict=False):
                if value is not None:
                    given[param.name] = value
            root = next(iter(given.values()), frame.root)
            saying = None
            told = handed_over(callee.function, call, frame.switches, int(extension))
            maps = self._that_map.intersection(walk.uses(callee.function))
            if not maps:
                saying = frame.saying or Saying(call, frame.routine)
            around = wrapped(self.program, callee, call, frame.routine, frame.lambdas, frame.wrapped, int(extension))
            if maps <= {"MapGroup"} or around is not None:
                texts = _values.bound_by(self.program, callee.function, call, frame.routine.module, frame.routine.owner, int(extension))
                callee = written_out(callee, {name: text for name, text in texts.items() if name not in told})
            returned = self._run(callee, root, given, frame.depth + 1, frame.module_type, named, saying, told, around)
            result = returned or result or (next(iter(given.values()), None) if extension else None)
        return result

    def _modules(self, name: str, builder: Builder, frame: _Frame) -> Builder:
        bases, function = MODULES[name]
        for declared in self.program.types:
            if not declared.is_abstract and self.program.is_a(declared, *bases) and declared.simple not in bases:
                for routine in self.program.methods(declared, function)[:1]:
                    if self.site.is_deployed(routine.module) and self.site.belongs(routine.module, builder.project):
                        given = {p.name: builder for p in routine.function.params[:1]}
                        self._run(routine, builder, given, frame.depth + 1, "")
        return builder

    def _inside(self, call: ir.Call, receiver: Builder | None, frame: _Frame) -> None:
        """Lambdas of calls such as UseEndpoints, UseWhen and Configure: their parameters are builders where the
        receiver is one."""
        root = frame.root if walk.called_name(call) in TAKE_LAMBDAS else None
        for arg in call.args:
            if type(arg.value) is ir.Lambda:
                self._lambda(arg.value, receiver or root, frame)

    def _lambda(self, value: ir.Lambda, builder: Builder | None, frame: _Frame) -> None:
        outer = dict(frame.builders)
        for param in value.function.params[-1:]:
            if builder is not None:
                frame.builders[param.name] = builder
        returned = frame.returned
        self._statements(value.function.body or (), frame)
        frame.builders, frame.returned = outer, returned

    # -- endpoints -----------------------------------------------------------------------------------------------------

    def _endpoint(self, name: str, call: ir.Call, builder: Builder, frame: _Frame) -> Builder:
        pattern = self._pattern(call, frame, 0)
        if name == "Map" and (branch := branch_of(call)) is not None:
            self._lambda(branch, builder.group(pattern or ""), frame)
            self._answering(branch, builder.group(pattern or "", "endpoint"), pattern or "", frame)
            return builder
        handler = handed_in(call, frame.wrapped) or handler_of(self.program, call, frame.routine, frame.lambdas)
        if pattern is None and name in VERBS and handler is not None and len(call.args) > 1:
            pattern = self._pattern(call, frame, 1)
        if pattern is None:
            pattern = LIBRARY.get(name) or (
                "{path}" if name.startswith("MapFallback") else "" if name in CONTROLLERS or handler else placeholder(call)
            )
        if name in CONTROLLERS or name == "MapRazorPages":
            made = builder.group("", "application")
        else:
            made = builder.group(pattern, "endpoint")
        self.found.append(Mapped(name, call, frame.routine, made, pattern, handler, frame.module_type, said_at(frame.wrapped)))
        return made

    def _answering(self, branch: ir.Lambda, made: Builder, pattern: str, frame: _Frame) -> None:
        """A branch of the pipeline that answers itself, whatever the method."""
        call, first = answering(branch), asked_first(branch)
        if call is None:
            return
        if first is not None:
            made.said.append(not_followed(first, frame.routine))
        handler = handler_of(self.program, call, frame.routine, frame.lambdas)
        self.found.append(Mapped("Map", call, frame.routine, made, pattern, handler, frame.module_type))

    def _pattern(self, call: ir.Call, frame: _Frame, at: int) -> str | None:
        return pattern_in(self.program, call, frame.routine, at, frame.named)

    def _is_mapping(self, name: str, call: ir.Call, frame: _Frame) -> bool:
        """A call on something unknown maps where it looks like the framework's: a receiver, and a route or nothing as
        first argument."""
        if type(call.function) is not ir.Member or name == "Map":
            return False
        return not call.args or self._pattern(call, frame, 0) is not None or len(call.args) > 1


_MAPPINGS: Final[WeakKeyDictionary[Site, Mapping]] = WeakKeyDictionary()


def mapping_of(site: Site) -> Mapping:
    """The program's mapped endpoints; worked out once for all frameworks."""
    found = _MAPPINGS.get(site)
    if found is None:
        found = _MAPPINGS[site] = Mapping(site)
    return found
