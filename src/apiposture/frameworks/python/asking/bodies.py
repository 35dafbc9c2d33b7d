"""Does a function refuse who shows no credential?

The function is gone through as for a caller who sends none: tests of the credential are decided, all others may go either way. It
authenticates if it refuses on some way, and no way lets that caller through that is decided by the missing credential alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from apiposture.frameworks.python.asking.credentials import MAX_DEPTH, given_names
from apiposture.frameworks.python.asking.following import reached
from apiposture.frameworks.python.asking.refusals import GATES, REDIRECTS, is_end, is_error
from apiposture.frameworks.python.asking.rights import required
from apiposture.frameworks.python.asking.situations import PLAIN, Situation
from apiposture.frameworks.python.asking.trying import Trying, Way
from apiposture.frameworks.python.asking.verdicts import Verdict
from apiposture.frameworks.python.reading.objects import Foreign, Objects, texts_of
from apiposture.frameworks.python.reading.statements import (
    about_themselves,
    is_nothing,
    is_of_own_object,
    leaves,
    names_set,
    proves_origin,
    set_by,
    set_in,
    uses_of,
)
from apiposture.model import ir
from apiposture.model.facts import Need
from apiposture.model.ir import Module
from apiposture.model.source import Span
from apiposture.program import walk
from apiposture.program.types import Routine

NO, PERHAPS, SURELY = range(3)
"""Is a caller asked by what a statement calls?"""

MAX_WAYS = 40
MAX_OWN = 6
"""Calls of an object's own methods are followed this deep: each layer of a project's own framework hands on to the next."""


class _Walk(Trying):
    """One walk through one body."""

    def __init__(self, objects: Objects, routine: Routine, credentials: frozenset[str], requests: frozenset[str], depth: int) -> None:
        super().__init__(objects, routine, credentials, requests, depth)
        self.onward: frozenset[str] = frozenset()
        self.view: frozenset[str] = frozenset()
        """The names of what the function stands before and calls in the end; `reached`: a caller without credential may come there."""
        self.reached = False
        self.by_nothing = False
        self.acts = False
        """Is anything done for a caller without a credential?"""
        self.refusal: tuple[Module, Span] | None = None
        self.opens = False
        self.for_guests = False
        self.answers = False
        self.hands_back = self.fills = False
        self.perhaps = False
        self.surely = False
        """Whether it refuses by code that lets some through unasked, and whether by any other."""
        self.handing_back: set[int] = set()
        """The calls of functions that do so."""
        self.held_to = False
        """Was a credential, or what came of it, held to something that some are refused for?"""
        self.behind: list[tuple[Need, ...]] = []
        """The rights that tests asked for which one side left at."""
        self.guarded: frozenset[int] = frozenset()
        """The calls that hand what it stands before to somebody who refuses callers without a credential."""
        self.thrown_by_call = False
        """Does a function that was called at last refuse the caller?"""
        self.lying = 0
        """The sides around the statement at hand that only somebody comes to who sends something."""
        self.ignored: set[int] = set()
        """The calls whose answer nobody looks at."""
        self.opens_view = self.unasked_view = False
        """Whether a caller without a credential comes to what the function stands before, or one of whom nothing was asked."""

    def stand_in(self, situation: Situation) -> None:
        """Be called in this situation."""
        self.onward, self.view, self.guarded = situation.onward, situation.view, situation.guarded
        self.by_any, self.by_nothing = situation.by_any, situation.by_nothing or situation.by_any
        self.heeded, self.trusting, self.there = situation.heeded, situation.trusting, situation.there
        self.sent, self.filled, self.settled.given = situation.sent, situation.filled, dict(situation.given)

    def run(self, statements: Sequence[ir.Stmt], ways: list[Way]) -> list[Way]:
        """Go on through statements. Behind a test of a credential that one side leaves at, that test still decides."""
        around, behind = len(self.about), len(self.behind)
        for statement in statements:
            ways = list(dict.fromkeys(ways))[:MAX_WAYS]
            if not ways:
                break
            before, ways = ways, self._one(statement, ways)
            if isinstance(statement, ir.If) and leaves(statement) and self._is_about_caller(statement.condition, before):
                self.about.append(self._is_about_who_stays(statement, before))
                self.behind.append(self.rights_of(statement))
                self.held_to = self.held_to or (self.names_credential(statement.condition) and self.sends_some_off(statement))
        del self.about[around:]
        del self.behind[behind:]
        return ways

    def _one(self, statement: ir.Stmt, ways: list[Way]) -> list[Way]:
        if isinstance(statement, ir.If):
            return self._if(statement, ways)
        if isinstance(statement, ir.Return) and isinstance(statement.value, ir.Choice):
            return self._if(_as_test(statement.value, statement.span), ways)
        if type(statement) is not ir.Try and self._comes_to_view(statement, ways):
            return []
        if isinstance(statement, ir.Return | ir.Throw):
            self._end(statement, ways)
            return []
        if isinstance(statement, ir.Try):
            return self.try_(statement, ways)
        if isinstance(statement, ir.Block):
            return self.run(statement.body, ways)
        if isinstance(statement, ir.Loop):
            self.acts = True
            items = self.settled.value(statement.iterable) if statement.iterable is not None else None
            if items is not None and isinstance(items[0], tuple):
                return self.run(statement.body, ways) if items[0] else ways
            return [*ways, *self.run(statement.body, [way._replace(decided=False) for way in ways])]
        if isinstance(statement, ir.Yield):
            self.opens = self.opens or any(way.decided for way in ways)
            self._hand_back(statement.value, ways)
            return ways
        return self._plain(statement, ways)

    def _plain(self, statement: ir.Stmt, ways: list[Way]) -> list[Way]:
        if type(statement) is ir.Eval and is_end(self.objects, statement.value, self.routine):
            if not self.caught(statement.value, ways):
                self._refuse(statement.value, statement.span, ways)
            return []
        if type(statement) is ir.Declare and type(statement.value) is ir.Lambda:
            return ways
        name, value = set_by(statement)
        if value is None:
            return ways
        if isinstance(value, ir.Choice) and len(chosen := {self.truth(value.condition, way.absent) for way in ways}) == 1:
            self.reads_in(value.condition)
            value = value.then if chosen == {True} else value.other if chosen == {False} else value
        if type(statement) is ir.Eval:
            self.ignored.add(id(value))
        checked = self._checks(value)
        self.sent = self.sent | {name} if name and self.is_sent(value) else self.sent - {name}
        fills = bool(name) and any(self.stands_in(value, way.absent) for way in ways)
        self.filled = self.filled | {name} if fills else self.filled - {name}
        if self.thrown_by_call and self.tried:
            self.caught(None, ways)
        self.acts = self.acts or self._lasts(statement)
        if name and (self.mentions(value) or (isinstance(value, ir.Call) and self.is_credential(value, frozenset()))):
            self.credentials |= {name}
            checked = SURELY if isinstance(value, ir.Index) else checked
        found: list[Way] = []
        for way in ways:
            absent = way.absent
            if name and (self.is_credential(value, absent) or self.gives_none(value, absent) or id(value) in self.handing_back):
                absent = absent | {name}
            elif name:
                absent = absent - {name}
            found.append(way._replace(absent=absent, decided=way.decided and not checked, asked=way.asked or checked == SURELY))
        return found

    def _lasts(self, statement: ir.Stmt) -> bool:
        """Does a statement do anything that lasts: `visit.delete()`, `request.session["cart"] = []`, `del request.session["cart"]`?"""
        for node in walk.nodes(statement):
            if isinstance(node, ir.Opaque) or (isinstance(node, ir.Call) and self._acts(node)):
                return True
            if isinstance(node, ir.Assign) and (type(node.target) is not ir.Name or node.target.id in self.routine.function.rebinds):
                return True
        return False

    def _acts(self, call: ir.Call) -> bool:
        """Does a call do more than to read a credential, to print, or to make a redirect that nobody is sent?"""
        return not self.is_read(call) and walk.called_name(call) not in (*REDIRECTS, "print")

    def _checks(self, value: ir.Expr) -> int:
        """Is a credential handed to somebody, who may refuse it?"""
        checked, self.thrown_by_call = NO, False
        for call in walk.calls(value):
            if isinstance(call.function, ir.Name) and call.function.id in self.onward:
                continue
            handed = [arg.value for arg in call.args if self.mentions(arg.value)]
            if handed and not self.is_read(call) and not self.asks_nothing(call) and not self._asked_in_vain(call):
                checked = SURELY
            if handed or self.depth == 0 or is_of_own_object(call):
                closes = self._follow(call, bool(handed))
                checked, self.thrown_by_call = max(checked, closes), self.thrown_by_call or closes == SURELY
        return checked

    def _asked_in_vain(self, call: ir.Call) -> bool:
        """Is it a function of the program's own that is known not to ask for a credential on each way through it?"""
        found = reached(self.objects, self.routine, call) if self.depth < MAX_DEPTH else ()
        known = [one for one in found if isinstance(one, Routine) and one.function.has_body and one is not self.routine]
        return bool(known) and len(known) == len(found) and not any(self._judged(one, call).asks for one in known)

    def _judged(self, called: Routine, call: ir.Call) -> Verdict:
        asked, given = given_names(called, call, self.is_request), given_names(called, call, self.mentions)
        return judge(self.objects, called, given, asked, Situation(heeded=id(call) not in self.ignored, there=self.there), self.depth + 1)

    def _follow(self, call: ir.Call, handed: bool) -> int:
        """Look into a function that is called; the answer is whether nobody comes through it without a credential."""
        closes = NO
        for called in reached(self.objects, self.routine, call) if self.depth < (MAX_OWN if is_of_own_object(call) else MAX_DEPTH) else ():
            if isinstance(called, Foreign) and called.name in GATES and not any(arg.name == "optional" for arg in call.args):
                self.reads, closes = True, SURELY
                self.refusal = self.refusal or (self.routine.module, call.span)
                self.needs.update((Need("permission", text), None) for text in texts_of(call.args))
            elif isinstance(called, Routine) and called.function.has_body and called is not self.routine:
                inner = self._judged(called, call)
                if inner.hands_back:
                    self.handing_back.add(id(call))
                elif inner.closes or (handed and inner.refuses and inner.reads):
                    self.refusal = self.refusal or inner.at
                    self.needs.update(dict.fromkeys(inner.needs))
                    self.perhaps = self.perhaps or inner.perhaps or inner.unasked
                    self.surely = self.surely or not (inner.perhaps or inner.unasked)
                self.reads = self.reads or (inner.reads and (handed or inner.closes))
                closes = max(closes, SURELY if inner.authenticates else PERHAPS if inner.closes else NO)
        return closes

    def _if(self, statement: ir.If, ways: list[Way]) -> list[Way]:
        self.tested = True
        self._checks(statement.condition)
        self.reads_in(statement.condition)
        self.send_off(statement)
        self.rights(statement)
        if self.view and uses_of(statement.then, self.view) == uses_of(self.routine.function.body or (), self.view):
            self.needs.update(dict.fromkeys(required(statement.condition, True)))  # there is no other way to what it stands before
        truths = [self.truth(statement.condition, way.absent) for way in ways]
        self.for_guests = self.for_guests or (False in truths and self.sends_away(statement))
        if proves_origin(statement.condition):
            return self._past_origin(statement, ways)
        about = self._is_about_caller(statement.condition, ways)
        self.about.append(about)
        found: list[Way] = []
        around, sides = self.needs, []
        for side, ruled_out in ((statement.then, False), (statement.other, True)):
            self.needs = {}
            self.about[-1] = about and any(self.has_part(statement.condition, not ruled_out, way.absent) for way in ways)
            for way, truth in zip(ways, truths, strict=True):
                if truth is ruled_out:
                    found += self._by_what_is_sent(statement, not ruled_out, side, way)
                else:
                    settled, met = truth is not None, way.met or (truth is not None and self.about[-1])
                    asked = way.asked or not (settled or self.comes_unasked(statement.condition, not ruled_out, way.absent))
                    absent = way.absent if ruled_out else way.absent - set_in(statement.condition)
                    found += self.run(side, [Way(absent, way.decided and settled, asked, met)])
            sides.append(self.needs)
        self.about[-1] = about
        self.needs = around | self._of_both(statement, sides)
        if self.about.pop():
            self.credentials |= names_set((*statement.then, *statement.other))
        return found

    def _by_what_is_sent(self, statement: ir.If, outcome: bool, side: Sequence[ir.Stmt], way: Way) -> list[Way]:
        """The side of a test that somebody comes to who sends anything at all."""
        if not self.comes_unasked(statement.condition, outcome, way.absent):
            return []
        self.lying += 1
        found = self.run(side, [Way(way.absent - self.sent - set_in(statement.condition), False, way.asked, way.met)])
        self.lying -= 1
        return found

    def _past_origin(self, statement: ir.If, ways: list[Way]) -> list[Way]:
        """A token of a form says where it came from, and not who sent it: what is refused for lack of one is no refusal of guests."""
        around, self.about = self.about, []
        undecided = [way._replace(decided=False) for way in ways]
        found = [*self.run(statement.then, undecided), *self.run(statement.other, undecided)]
        self.about = around
        return found

    def _of_both(self, statement: ir.If, sides: list[dict[Need, None]]) -> dict[Need, None]:
        """Where a test of something else than the caller leads to one of two answers, only what both ask for is needed."""
        if not statement.other or self.about[-1]:
            return sides[0] | sides[1]
        return {need: None for need in sides[0] if need in sides[1]}

    def _is_about_caller(self, test: ir.Expr, ways: list[Way]) -> bool:
        return any(self.is_about_caller(test, way.absent) for way in ways)

    def _is_about_who_stays(self, statement: ir.If, ways: list[Way]) -> bool:
        """Has the caller a part in it who goes on behind a test that one side leaves at?"""
        last = statement.then[-1] if statement.then else None
        stays = not isinstance(last, ir.Return | ir.Throw | ir.Jump)
        return any(self.has_part(statement.condition, stays, way.absent) for way in ways)

    def _comes_to_view(self, statement: ir.Stmt, ways: list[Way]) -> bool:
        """Note who comes to what the function stands before; the answer is whether somebody else is asked first, who refuses."""
        used = uses_of(statement, self.view) - about_themselves(statement, self.view)
        if not used or (type(statement) is ir.Declare and type(statement.value) is ir.Lambda):
            return False
        handed = [call for call in walk.calls(statement) if call.span in self.guarded]
        if handed and sum(uses_of(ir.Eval(call, call.span), self.view) for call in handed) >= used:
            self.reads, self.surely, self.reached = True, True, True
            self.refusal = self.refusal or (self.routine.module, handed[0].span)
            return isinstance(statement, ir.Return)
        self.reached = True
        self.opens_view = self.opens_view or any(way.decided for way in ways)
        self.unasked_view = self.unasked_view or any(not (way.decided or way.asked) for way in ways)
        return False

    def _end(self, statement: ir.Return | ir.Throw, ways: list[Way]) -> None:
        answers_nothing = self.by_nothing and type(statement) is ir.Return and is_nothing(statement.value)
        if isinstance(statement, ir.Throw) and self.handling and statement.value is None:
            self._refuse(None, statement.span, ways)
        elif (answers_nothing and any(way.decided for way in ways)) or self.refuses(statement):
            if not (isinstance(statement, ir.Throw) and self.caught(statement.value, ways)):
                self._refuse(statement.value, statement.span, ways)
        elif type(statement) is ir.Return:
            checked = self._checks(statement.value) if statement.value is not None else NO
            if not checked and any(way.decided for way in ways):
                self.opens = True
            self._hand_back(statement.value, ways)
            filling = (way for way in ways if way.decided and statement.value is not None)
            self.fills = self.fills or any(self.stands_in(statement.value, way.absent) for way in filling if statement.value is not None)
            excused = checked == SURELY or self.excused > 0 or (self.heeded and is_error(self.objects, statement.value, self.routine))
            if not excused and any(not way.asked and (checked or not way.decided) for way in ways):
                self.answers = True

    def _hand_back(self, value: ir.Expr | None, ways: list[Way]) -> None:
        """Note where it gives what was not sent, as nothing."""
        if type(value) is ir.Name and not self.held_to and any(value.id in way.absent for way in ways):
            self.hands_back = True

    def _refuse(self, value: ir.Expr | None, span: Span, ways: list[Way]) -> None:
        """A refusal counts where the missing credential alone leads to it, or where a test of one stands around it; what everybody is
        answered, whoever they are, is none: a logout that ends at the login.
        """
        if self.lying:
            return  # who sends nothing comes by another way
        tested = self.tested or (value is not None and any(type(node) in (ir.Binary, ir.Choice) for node in walk.nodes(value)))
        if any(self.about) or (tested and (any(way.decided for way in ways) or (value is not None and self.mentions(value)))):
            self.refusal = self.refusal or (self.routine.module, span)
            self.surely = True
            self.needs.update(dict.fromkeys(need for needs in self.behind for need in needs))
        if value is not None:
            self.reads_in(value)


def judge(
    objects: Objects,
    routine: Routine,
    credentials: frozenset[str],
    requests: frozenset[str],
    situation: Situation = PLAIN,
    depth: int = 0,
) -> Verdict:
    """What a function does with a caller who shows no credential. `credentials` are parameters that hold one, `requests` those that
    hold a request.
    """
    question = (id(routine.function), id(routine.owner), credentials, requests, depth, situation)
    known = objects.judged.get(question)
    if known is None:
        walker = _Walk(objects, routine, credentials, requests, depth)
        walker.stand_in(situation)
        start = credentials if situation.absent is None else situation.absent
        known = objects.judged[question] = _judged(walker, start)
    return known


def _judged(walker: _Walk, start: frozenset[str]) -> Verdict:
    ends = walker.run(walker.routine.function.body or (), [Way(start, True)])
    if walker.by_nothing and not walker.acts and any(way.decided and way.met for way in ends):
        walker.refusal = walker.refusal or (walker.routine.module, walker.routine.function.name_span)
        ends = [way for way in ends if not way.met]
    opens = walker.opens or any(way.decided for way in ends)
    unasked = walker.answers or any(not (way.asked or way.decided) for way in ends)
    if walker.view:
        opens, unasked = walker.opens_view, walker.unasked_view
    if walker.view and not walker.reached and walker.reads:
        walker.refusal = walker.refusal or (walker.routine.module, walker.routine.function.name_span)
    refuses, needs = walker.refusal is not None, tuple(walker.needs)
    perhaps = walker.perhaps and not walker.surely
    at, answers = walker.refusal, walker.answers
    return Verdict(refuses, opens, walker.reads, needs, at, walker.for_guests, answers, walker.hands_back, unasked, perhaps, walker.fills)


def _as_test(value: ir.Choice, span: Span) -> ir.If:
    """An answer that is one of two, as a test with an answer on each side."""
    return ir.If(value.condition, (ir.Return(value.then, span),), (ir.Return(value.other, span),), span)
