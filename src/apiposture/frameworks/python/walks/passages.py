"""What does a project's own middleware do with a request to one endpoint?

Its code is gone through as for that request: the path, the name of the URL, its arguments and the marks on the view are known, and so are
the tables and lists that the code asks about them, those of the settings too. What depends on anything else may go either way.
"""

from __future__ import annotations

from collections.abc import Sequence

from apiposture.frameworks.python.asking.refusals import is_refusal
from apiposture.frameworks.python.reading.django_settings import default_of, values_of
from apiposture.frameworks.python.walks.answered import carrying, one_of
from apiposture.frameworks.python.walks.catching import Catching
from apiposture.frameworks.python.walks.guests import MAX_DEPTH, Guests
from apiposture.frameworks.python.walks.heeded import against_nothing, against_truth, finds, insists, is_loose, parts_of, set_by
from apiposture.frameworks.python.walks.matching import MATCHERS, library_match, matches, text_method
from apiposture.frameworks.python.walks.seen import CARRIER, NOTHING, UNKNOWN, USER, Seen, Way, any_of, of_truth, same, truth
from apiposture.frameworks.python.walks.visits import (
    CALLERS,
    MATCH,
    OF_SOMEBODY,
    PASSED,
    REFUSED,
    SOMEBODY,
    THERE,
    VIEW,
    Held,
    Site,
    Visit,
    arguments_in,
    attribute_of,
    joined,
    looked_up,
    of_match,
    text_of,
)
from apiposture.model import ir
from apiposture.model.source import Span
from apiposture.program import walk
from apiposture.program.types import Routine, Slot

GOES_ON = ("get_response", "super.Invoke", "super.process_view", "super.process_request")
"""What is called to let a request through."""


class Visitors(Guests):
    """Answers for one visit of one caller; `switched`: with what the deployment's settings may put into tables; `bare`: without any
    header that the caller may leave out.
    """

    def __init__(
        self, site: Site, visit: Visit, caller: Seen, lets_through: Sequence[str] = GOES_ON, switched: bool = False, bare: bool = False
    ) -> None:
        super().__init__(site.objects, visit.method, "", site.answered)
        self.lets_through = lets_through
        self.site = site
        self.visit = visit
        self.caller = caller
        self.switched = switched
        self.bare = bare
        self.kind = (visit, caller, switched, bare)

    def walk(self, routine: Routine, depth: int) -> Passage:
        return Passage(self, routine, depth)


class Passage(Catching):
    """One walk. `held` is what every way was held against that comes through; None as long as none does."""

    def __init__(self, guests: Visitors, routine: Routine, depth: int) -> None:
        super().__init__(guests, routine, depth)
        self.visitors = guests
        self.visit = guests.visit
        self.held: frozenset[Held] | None = None
        self._asked: set[Held] = set()
        """What the expression at hand held against the caller; `_insists` says that it refuses by itself."""
        self._insists = False
        self._recalled: set[Held] = set()
        """What was held against the caller to come by the names in it."""

    # -- ways ----------------------------------------------------------------------------------------------------------

    def goes_on(self, way: Way) -> None:
        """A way on which the request is let through."""
        self.answers.append(PASSED)
        also = {(one.argument, one.right) for one in way.held}
        self.held = way.held if self.held is None else frozenset(one for one in self.held if (one.argument, one.right) in also)

    def _one(self, statement: ir.Stmt, way: Way) -> list[Way]:
        self._asked.clear()
        self._recalled.clear()
        self._insists = False
        found = self._steps(statement, way)
        if self.stopped is None:
            return found
        stopped, self.stopped = self.stopped, None
        if stopped == PASSED and self.depth == 0:
            self.goes_on(way)
        elif stopped == PASSED:
            self.answers.append(stopped)
        else:
            self.throws(stopped)
        return []

    def _plain(self, statement: ir.Stmt, way: Way) -> None:
        """What was asked holds if it refuses by itself; else once the name that the answer is given decides."""
        super()._plain(statement, way)
        name, value = set_by(statement)
        if self._insists or insists(value):
            way.held |= self._asked
        elif name is not None and value is not None and way.names[name].kind in ("object", "unknown", *CALLERS):
            asked = self.settled(value, way.names, True)
            known = way.names[name]
            way.names[name] = known._replace(asked=known.asked | asked, row=known.row or finds(value))

    def settled(self, condition: ir.Expr, names: dict[str, Seen], when: bool) -> frozenset[Held]:
        """What is held against the caller if a condition comes out like that."""
        around = (self._asked, self._recalled, self._insists, self.stopped, list(self.answers))
        found: set[Held] = set()
        for test, so in parts_of(condition, when):
            self._asked, self._recalled = set(), set()
            there, told = against_nothing(test, so), against_truth(test, so)
            seen = self.value(there or told or test, names)
            if there is not None:
                counts = seen.row or finds(there)
            else:
                counts = (told is not None and not seen.row) or (so and isinstance(test, ir.Call | ir.Name))
            found |= self._asked | self._recalled if counts else set()
        self._asked, self._recalled, self._insists, self.stopped, self.answers = around
        return frozenset(found)

    def _if(self, statement: ir.If, way: Way) -> list[Way]:
        """A test that one side refuses at, or that had to say yes, has held what it looked at against the caller. (Of what was looked up
        before, one of several tests that all have to come out for a refusal says nothing.)
        """
        holds = truth(self.value(statement.condition, way.names))
        if self.stopped is not None:
            return []
        asked, recalled = frozenset(self._asked), frozenset(self._recalled)
        found: list[Way] = []
        refused: frozenset[Held] = frozenset()
        for side, when in ((statement.then, True), (statement.other, False)):
            before, start = len(self.answers), way.copy()
            start.held |= self.settled(statement.condition, way.names, when)
            ends = self.run(side, [start]) if holds in (None, when) else []
            if not ends and REFUSED in self.answers[before:]:
                refused |= asked | (recalled if len(parts_of(statement.condition, when)) == 1 else frozenset())
            found += ends
        for end in found:
            end.held |= refused
        return found

    def _returns(self, statement: ir.Return, way: Way) -> None:
        if self.depth > 0:
            self._answers_with(statement.value, way)
            return
        seen = self.value(statement.value, way.names) if statement.value is not None else NOTHING
        way.held |= self._asked
        if self.stopped is not None:
            return
        value = statement.value
        if value is None or seen == NOTHING:
            self.goes_on(way)
        else:
            self.answers.append(Seen("raised", is_refusal(self.guests.objects, value, self.routine)))

    def _answers_with(self, value: ir.Expr | None, way: Way) -> None:
        """What a helper answers, which may decide later, says what was held against the caller on the way to it."""
        seen = self.value(value, way.names) if value is not None else NOTHING
        if self.stopped is None:
            held = value is not None and (self._asked or self._recalled)
            also = self.settled(value, way.names, True) if value is not None and held else frozenset()
            self.answers.append(carrying(seen, way.held | also, value is not None and finds(value)))

    # -- values --------------------------------------------------------------------------------------------------------

    def value(self, expr: ir.Expr, way: dict[str, Seen]) -> Seen:
        if isinstance(expr, ir.Collection) and expr.kind == "map":
            pairs = [item.items for item in expr.items if isinstance(item, ir.Collection) and len(item.items) == 2]
            if len(pairs) < len(expr.items):
                return UNKNOWN
            return Seen("map", tuple((self.value(key, way), self.value(value, way)) for key, value in pairs))
        if isinstance(expr, ir.Template):
            return text_of([self.value(part, way) for part in expr.parts])
        if isinstance(expr, ir.Unary | ir.Binary) and expr.operator in ("~", "|"):
            return UNKNOWN  # a condition turned round, or one of several, ties nobody
        if isinstance(expr, ir.Name) and expr.id in way:
            self._recalled |= way[expr.id].asked
        if isinstance(expr, ir.Binary) and expr.operator == "+":
            sides = [self.value(expr.left, way), self.value(expr.right, way)]
            both = [one.value for one in sides if one.kind == "items" and isinstance(one.value, tuple)]
            return Seen("items", (*both[0], *both[1])) if len(both) == 2 else text_of(sides)
        return super().value(expr, way)

    def _compared(self, expr: ir.Binary, left: Seen, right: Seen) -> Seen:
        sides = (left, right)
        if any(side.kind in CALLERS for side in sides):
            self._holds(sides, expr.span)
        if expr.operator == "in" and right.kind == "map" and isinstance(right.value, tuple):
            return of_truth(any_of(same(left, key) for key, _ in right.value))
        if expr.operator in ("==", "!=") and {left.kind, right.kind} & THERE and NOTHING in sides:
            return of_truth(expr.operator == "!=")
        if NOTHING in sides and {left.kind, right.kind} & {"object", "unknown"}:
            return UNKNOWN
        if expr.operator == "is" and left.kind == "constant" and (kind := walk.dotted(expr.right)) in ("str", "int"):
            return Seen("constant", type(left.value).__name__ == kind)
        if expr.operator == "in" and left.kind == right.kind == "constant" and isinstance(right.value, str):
            return Seen("constant", str(left.value) in right.value)
        return super()._compared(expr, left, right)

    def _holds(self, given: Sequence[Seen], span: Span) -> None:
        """What was found by an argument, or the argument itself, is held against the caller."""
        for one in given:
            if one.kind == "object" and isinstance(one.value, frozenset):
                self._asked |= {Held(name, self.routine.module.path, span) for name in one.value}

    def _named(self, expr: ir.Expr) -> Seen:
        path = walk.dotted(expr)
        found = self.guests.program.meaning(path, self.routine.module, self.routine.owner) if path else None
        if isinstance(found, str) and found.startswith("django.conf.settings."):
            return self._setting(found.rpartition(".")[2])
        if isinstance(found, Slot) and self.depth < MAX_DEPTH:
            return self._variable(found)
        return super()._named(expr)

    def _variable(self, slot: Slot) -> Seen:
        """What a variable of a module holds: all that is put into it, where that is several things."""
        tables = self.visitors.site.tables
        key = (id(slot.field), self.visitors.switched)
        if key not in tables:
            tables[key] = UNKNOWN
            main = self.guests.objects.main(slot.module)
            reader = self.guests.walk(main, self.depth + 1)
            written, other = (values_of(self.guests.objects, slot.field.name, main, on) for on in (key[1], not key[1]))
            self.visitors.site.switches |= written != other
            tables[key] = joined([reader.value(one, {}) for one in written])
        self.guests.looked = True
        return tables[key]

    def _setting(self, name: str) -> Seen:
        slots = list(self.visitors.site.settings.slots(name))
        return joined([self._variable(slot) for slot in slots]) if slots else UNKNOWN

    def _member(self, expr: ir.Member, way: dict[str, Seen]) -> Seen:
        if isinstance(expr.object, ir.Name) and expr.object.id == "this" and self.routine.owner is not None:
            slot = self.guests.program.slot(self.routine.owner, expr.name)
            return self._of_field(slot) if slot is not None else UNKNOWN
        return super()._member(expr, way)

    def _of_holder(self, expr: ir.Member, holder: Seen, path: str) -> Seen:
        if holder == MATCH:
            self.guests.looked = True
            return of_match(self.visit, expr.name)
        if holder == SOMEBODY:
            known = {"is_authenticated": True, "is_anonymous": False}
            return Seen("constant", known[expr.name]) if expr.name in known else OF_SOMEBODY
        return holder if holder.kind in ("object", "of-somebody") else super()._of_holder(expr, holder, path)

    def _of_field(self, slot: Slot) -> Seen:
        if slot.field.value is None or self.depth >= MAX_DEPTH:
            return UNKNOWN
        constructor = next(iter(slot.owner.functions.get(".ctor", ())), None)
        return self.guests.walk(constructor or self.guests.objects.main(slot.module), self.depth + 1).value(slot.field.value, {})

    def _of_request(self, name: str) -> Seen:
        self.guests.looked = True
        if name in ("path", "path_info"):
            return Seen("constant", self.visit.path)
        if name == "resolver_match":
            return MATCH
        if name == "user":
            return self.visitors.caller
        return super()._of_request(name) if self.visitors.caller == USER else UNKNOWN

    def part(self, holder: Seen, key: Seen) -> Seen:
        if holder.kind == "map":
            return looked_up(holder, key, UNKNOWN)
        if holder == CARRIER and self.visitors.bare:
            return NOTHING
        return self._argument(key) if holder.kind == "arguments" else super().part(holder, key)

    def _argument(self, key: Seen) -> Seen:
        self.guests.looked = True
        if not isinstance(key.value, str):
            return Seen("object", self.visit.arguments)
        return Seen("object", frozenset((key.value,))) if key.value in self.visit.arguments else NOTHING

    # -- calls ---------------------------------------------------------------------------------------------------------

    def _applied(self, call: ir.Call, holder: Seen | None, given: list[Seen], way: dict[str, Seen]) -> Seen:
        if walk.dotted(call.function).removeprefix("this.") in self.visitors.lets_through:
            self.stopped = PASSED
            return UNKNOWN
        given = [UNKNOWN if is_loose(arg.name) else seen for arg, seen in zip(call.args, given, strict=True)]
        if holder is not None and walk.called_name(call) == "exclude":
            return holder
        found = self._of_method(holder, walk.called_name(call), given, call, way) if holder is not None else None
        found = self._of_library(walk.called_name(call), given, call) if found is None else found
        return found if found is not None else super()._applied(call, holder, given, way)

    def _of_method(self, holder: Seen, name: str, given: list[Seen], call: ir.Call, way: dict[str, Seen]) -> Seen | None:
        first = given[0] if given else UNKNOWN
        if any(one.kind in CALLERS for one in (holder, *given)):
            self._holds((holder, *given), call.span)
        if holder == CARRIER and name == "get" and self.visitors.bare:
            return given[1] if len(given) > 1 else NOTHING
        if holder.kind == "request" and name in ("get_full_path", "get_full_path_info"):
            return self._of_request("path")
        if holder.kind == "text" and name in MATCHERS and isinstance(first.value, str):
            return of_truth(matches(holder.value, name, first.value))
        if holder.kind == "map" and name in ("get", "keys", "values", "items"):
            return looked_up(holder, first, given[1] if len(given) > 1 else NOTHING) if name == "get" else UNKNOWN
        if holder.kind == "arguments" and name in ("get", "pop"):
            return self._argument(first)
        if holder.kind == "items" and name in ("map", "filter") and call.args and isinstance(call.args[0].value, ir.Lambda):
            return self._mapped(holder, name, call.args[0].value.function, way)
        if holder.kind == "constant" and isinstance(holder.value, str):
            return text_method(holder.value, name, given)
        if holder.kind == "object":
            return holder
        return OF_SOMEBODY if holder.kind in CALLERS else None

    def _mapped(self, holder: Seen, name: str, function: ir.Function, way: dict[str, Seen]) -> Seen:
        """`[f(x) for x in items if g(x)]`."""
        body, params = function.body or (), function.params
        if len(body) != 1 or not isinstance(body[0], ir.Return) or body[0].value is None or not params:
            return UNKNOWN
        items = holder.value if isinstance(holder.value, tuple) else ()
        results = [(item, self.value(body[0].value, {**way, params[0].name: item})) for item in items]
        if name == "map":
            return Seen("items", tuple(result for _, result in results))
        kept = [(item, truth(result)) for item, result in results]
        return UNKNOWN if any(taken is None for _, taken in kept) else Seen("items", tuple(item for item, taken in kept if taken))

    def _of_library(self, name: str, given: list[Seen], call: ir.Call) -> Seen | None:
        first = given[0] if given else UNKNOWN
        if name in ("any", "all") and first.kind == "items" and isinstance(first.value, tuple):
            answers = [truth(item) for item in first.value]
            return of_truth(any_of(answers)) if name == "any" else of_truth(any_of(None if a is None else not a for a in answers), True)
        if name in ("list", "tuple", "set", "frozenset", "sorted") and first.kind == "items":
            return first
        if name in ("hasattr", "getattr"):
            self.guests.looked |= given[:1] == [VIEW]
            return attribute_of(self.visit, name, given)
        if name == "resolve" and isinstance(first.value, str):
            return MATCH if first.value == self.visit.path else UNKNOWN
        if name in ("reverse", "reverse_lazy") and isinstance(first.value, str):
            route = self.visitors.site.routes.get(first.value)
            return Seen("constant", route) if route is not None else UNKNOWN
        meant = self.guests.program.meaning(walk.dotted(call.function), self.routine.module, self.routine.owner)
        if isinstance(meant, str) and meant.startswith("re."):
            return library_match(name, given, given[0] if given and given[0].kind == "text" else text_of(given[:1]))
        default = default_of(self.guests.objects, call, self.routine)
        return self.value(default, {}) if default is not None else None

    def _followed(self, call: ir.Call, given: list[Seen]) -> Seen:
        """A function of the program: one that refuses ends the way, and what it was given has then been held against the caller."""
        names = arguments_in(given)
        spoken_of = any(one.kind in CALLERS for one in given)
        found = self._answers(call, given)
        if found is None:
            return Seen("object", names) if names else super()._followed(call, given)
        if spoken_of:
            self._holds(given, call.span)
            self._asks(names, given, found, call.span)
        raised = [one for one in found if one.kind == "raised"]
        others = {one for one in found if one.kind != "raised"}
        if raised and not others:
            self.stopped = REFUSED if REFUSED in raised else raised[0]
            return UNKNOWN
        if PASSED in others:
            self.stopped = PASSED
            return UNKNOWN
        if REFUSED in raised:
            self._insists = self.guests.looked = True
            if self.visitors.caller == USER:
                self.throws(REFUSED)
        answer = one_of(one for one in found if one.kind != "raised")
        self._recalled |= answer.asked
        return answer

    def _asks(self, names: frozenset[str], given: Sequence[Seen], found: Sequence[Seen], span: Span) -> None:
        """A test of the caller that speaks of no object asks for a right."""
        truths = {truth(one) for one in found}
        decides = REFUSED in found or None in truths or len(truths) > 1
        if not names and decides:
            right = next((one.value for one in given if isinstance(one.value, str)), "")
            self._asked.add(Held("", self.routine.module.path, span, right or "of the caller"))
