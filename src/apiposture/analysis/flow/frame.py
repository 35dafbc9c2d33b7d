"""What is known at one point of one function?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from apiposture.analysis.flow.effects import (
    ASIDE,
    NOTHING,
    SETS,
    AccessEffect,
    Callback,
    Facts,
    LogEffect,
    Sides,
    SinkEffect,
    Spot,
    Use,
    about_callers,
    of_new_objects,
    of_that_one,
)
from apiposture.analysis.flow.instead import whoever
from apiposture.analysis.flow.labels import EMPTY, Guard, Label
from apiposture.analysis.flow.outcome import Told
from apiposture.analysis.flow.sparing import in_part, spared
from apiposture.analysis.flow.values import UNKNOWN, Proof, Value, harmless_for, join, merge
from apiposture.analysis.scalars import SCALARS
from apiposture.model import ir
from apiposture.model.ir import Module
from apiposture.model.source import Span
from apiposture.program.types import Routine, Type, TypeUse, substitute

if TYPE_CHECKING:
    from apiposture.analysis.flow.loops import Jumps
    from apiposture.analysis.flow.summaries import Summaries

Evaluation = Callable[["Frame", Any], Value]
EXPRESSIONS: Final[dict[type, Evaluation]] = {}
"""How each kind of expression is evaluated; the modules of this package fill it when they are imported."""

Execution = Callable[["Frame", Any], bool]
STATEMENTS: Final[dict[type, Execution]] = {}
"""How each kind of statement is executed; the answer is whether control goes on behind it."""

MAX_EFFECTS: Final = 60
"""Effects of one function beyond this are not kept. A handful of handlers in 182,000 lines reach it: what is cut there may be missed."""


MAX_AT_ONE: Final = 12
"""Ways to one access that are told apart."""

PLAIN: Final = SCALARS | {"string", "String"}
"""Types without members of their own that could be set."""

MAX_TYPES: Final = 8
MAX_LOG_DEPTH: Final = 3
"""A log call concerns the callers of a logging function, and theirs; what comes from farther is not its message's subject."""


def tells(answer: TypeUse | None, module: Module) -> bool:
    """Does it matter whether what a function answers is true, or there at all? Where all types are declared, of truth values alone."""
    return module.explicit_names if answer is None else answer.name in ("bool", "Boolean") or module.explicit_names


class Effects:
    """What a function was seen doing, gathered while it is evaluated."""

    __slots__ = ("_at", "accesses", "called_back", "last", "logs", "saved", "saves", "sinks", "writes")

    def __init__(self) -> None:
        self.accesses: dict[int, AccessEffect] = {}
        self._at: dict[Spot, int] = {}
        self.sinks: dict[object, SinkEffect] = {}
        self.logs: dict[object, LogEffect] = {}
        self.writes: dict[tuple[int, str], Value] = {}
        self.saves = False
        self.saved: Facts = NOTHING
        """What held wherever something was stored."""
        self.called_back: list[Callback] = []
        self.last = 0

    def next_number(self) -> int:
        """A number that no access of this function has yet."""
        self.last += 1
        return self.last

    def has_room(self, at: Spot) -> bool:
        """Is one more access at this place kept? One that is come to on many ways leaves room for others."""
        return len(self.accesses) < MAX_EFFECTS and self._at.get(at, 0) < MAX_AT_ONE

    def add_access(self, effect: AccessEffect) -> None:
        """One more access."""
        self._at[effect.spot] = self._at.get(effect.spot, 0) + 1
        self.accesses[effect.number] = effect

    def add_sink(self, effect: SinkEffect) -> None:
        """One more way to a sink: of the same call, labels are put together and facts hold if they hold on all ways."""
        key = (effect.spot, effect.row.kind)
        known = self.sinks.get(key)
        if known is not None:
            effect = known._replace(
                labels=merge((known.labels, effect.labels)), facts=known.facts & effect.facts, taken=known.taken & effect.taken
            )
        if known is not None or len(self.sinks) < MAX_EFFECTS:
            self.sinks[key] = effect

    def add_log(self, effect: LogEffect) -> None:
        """One more way to a log call."""
        known = self.logs.get(effect.spot)
        if known is not None:
            labels = merge((known.labels, effect.labels))
            effect = known._replace(labels=labels, types=tuple(dict((*known.types, *effect.types)).items())[:MAX_TYPES])
        if known is not None or (len(self.logs) < MAX_EFFECTS and effect.depth <= MAX_LOG_DEPTH):
            self.logs[effect.spot] = effect


class Frame:
    """One evaluation: the names that are bound, the facts that hold, and the effects seen so far.

    Lambdas and local functions get a frame of their own that shares effects with the one around them.
    """

    __slots__ = tuple(
        """
        answered apart bound conditions depth effects ends env equal facts filled gone inside kinds knowledge loops module
        owner refuses results returned routine summaries taken tells thrown told told_by unnamed variables yielded""".split()
    )

    def __init__(self, summaries: Summaries, routine: Routine, env: dict[str, Value], effects: Effects, facts: Facts = NOTHING) -> None:
        self.summaries = summaries
        self.routine = routine
        self.module = routine.module
        self.knowledge = summaries.knowledge(routine.module)
        self.owner: Type | None = routine.owner
        self.env = env
        self.facts = facts
        self.effects = effects
        self.conditions: frozenset[Label] = EMPTY
        self.taken: Sides = ASIDE
        """The sides of tests that it is on: the positions of parameters, and what they are there."""
        self.depth = 0
        self.inside: tuple[int, ...] = ()
        """Which functions written here and now this frame is in, outermost first."""
        self.kinds: dict[int, set[tuple[str, Any]]] = {}
        """Of questions that follow on a "no", what the first one was about."""
        self.loops: list[Jumps] = []
        """The loops that this point is in, outermost first."""
        self.results: dict[int, Value] = {}
        self.answered: list[tuple[Value, Value, Value]] | None = None
        """Of the call at hand: lambdas that were run for it, on what, and what they answered. Outside of calls nothing is kept."""
        self.unnamed: dict[int, tuple[Any, Any]] = {}
        """What objects are made of whose type is that which is asked for where they go: arguments, and members."""
        self.filled: set[str] = set()
        """The names of what something was put into since it came to be held under them."""
        self.gone: set[int] = set()
        """The calls that never come back, whichever function they reach."""
        self.tells = False
        self.refuses = False
        """Does control leave here on some way, as with an error, in what is called as well?"""
        self.told: list[tuple[Facts | None, Facts | None]] = []
        self.equal: set[Guard] = set()
        """The tests that found two values to be the same."""
        self.told_by: dict[int, list[Told]] = {}
        self.returned: list[tuple[Value, Facts]] = []
        self.ends: list[ir.Expr | None] = []
        """What each answer was written as."""
        self.apart: list[tuple[dict[str, tuple[bool, bool]], Facts]] = []
        """Of each answer what its parts could be, as in endings.parts."""
        self.yielded: list[Value] = []
        self.thrown: list[Value] = []
        self.variables = frozenset(p.name for p in routine.function.type_params)
        self.bound: dict[str, TypeUse] = {}
        """What the type variables stand for, where the function is run for one call."""

    def value(self, expr: ir.Expr) -> Value:
        """The value of an expression; its effects are noted."""
        return EXPRESSIONS[type(expr)](self, expr)

    def seen(self, expr: ir.Expr) -> Value:
        """The value of an expression that was evaluated just now: a call is not made twice."""
        known = self.results.get(id(expr))
        return known if known is not None else self.value(expr)

    def run(self, statements: Sequence[ir.Stmt]) -> bool:
        """Execute statements; the answer is whether control goes on behind them."""
        for statement in statements:
            if type(statement) is ir.Declare and type(statement.value) is ir.Lambda:
                self.env.setdefault(statement.name, Value(code=statement.value))  # a local function may be called above
        for statement in statements:  # noqa: SIM110  a generator would be one more frame at each level of nesting
            if not STATEMENTS[type(statement)](self, statement):
                return False
        return True

    def spot(self, span: Span) -> Spot:
        """A place in this routine."""
        return Spot(self.routine, span)

    def type(self, ref: ir.TypeRef | None) -> TypeUse | None:
        """A type as written here, without what only carries it."""
        if ref is None:
            return None
        use = self.summaries.program.use(ref, self.module, self.owner, self.variables)
        return self.knowledge.unwrap(substitute(use, self.bound))

    def inner(self, env: dict[str, Value]) -> Frame:
        """A frame for a function inside this one."""
        frame = Frame(self.summaries, self.routine, env, self.effects, self.facts)
        frame.conditions = self.conditions
        frame.taken = self.taken
        frame.depth = self.depth + 1
        frame.inside = self.inside
        frame.bound = self.bound
        frame.filled = self.filled
        return frame

    @staticmethod
    def own_labels(value: Value) -> frozenset[Label]:
        """Labels that only say that a value is a member of the receiver: a fixed list in a field is no request data."""
        return frozenset(label for label in value.labels if label.kind == "param" and label.key == -1)

    def note_use(self, kind: str, value: Value, span: Span) -> None:
        """Something is done to objects that were loaded: it counts with the facts of this point."""
        for label in value.labels:
            if label.kind == "object" and (access := self.effects.accesses.get(label.key)) is not None:
                if kind in SETS and (access.untracked or self._is_copy(value, label, access)):
                    continue
                if kind == "handed" and not access.kept:
                    continue
                use = Use(kind, self.facts | of_that_one(value.labels, label.key, self.module, span), self.spot(span))
                if len(access.uses) < 12 and not any(map(use.is_same, access.uses)):
                    self.effects.accesses[label.key] = access.but(uses=(*access.uses, use))

    def note_saved(self, more: Facts = NOTHING) -> None:
        """All that was set on objects so far is stored: it counts with the facts of this point as well, and with `more`."""
        known = self.facts | more
        self.effects.saved = self.effects.saved & known if self.effects.saves else known
        self.effects.saves = True
        for number, access in self.effects.accesses.items():
            if any(use.kind in SETS for use in access.uses):
                self.effects.accesses[number] = access.but(uses=tuple([use.saved_with(known) for use in access.uses]))

    def _is_copy(self, value: Value, label: Label, access: AccessEffect) -> bool:
        """Is the value of a type that the stored object is not? Then it was made of it, and setting its members changes no stored thing."""
        made = value.type.decl if value.type is not None else None
        stored = self._member_type(access.entity, label.path) or access.entity
        if made is None or stored is None or made.is_interface:
            return False
        if stored.decl is None:
            return stored.name in PLAIN
        program = self.summaries.program
        return made is not stored.decl and not program.is_a(stored.decl, made.simple) and not program.is_a(made, stored.decl.simple)

    def _member_type(self, use: TypeUse | None, path: Sequence[str]) -> TypeUse | None:
        """The type of what stands at a path of members, an item's of a collection; None where the object has no such members."""
        for name in path:
            while use is not None and use.decl is None and use.args:
                use = use.args[-1]
            slot = self.summaries.program.slot(use.decl, name) if use is not None and use.decl is not None else None
            if slot is None or slot.field.type is None:
                return None
            use = self.knowledge.unwrap(self.summaries.program.type_of(slot))
        while use is not None and use.decl is None and use.args:
            use = use.args[-1]
        return use

    def result(self) -> Value:
        """Everything that was returned, as one value; a generator's items are elements of what it returns."""
        values = [value for value, _ in self.returned] + self.yielded
        if not values:
            return UNKNOWN
        together = join(values)
        if together.query is None or self.yielded or len(values) < 2:
            return together
        found = spared(together, _told(self.returned), NOTHING)
        return found if found is not together else in_part(together, self.returned)


def _told(returned: Sequence[tuple[Value, Facts]]) -> Sequence[tuple[Value, Facts]]:
    """The ways on which an answer was given, without what all of them know, and without answers that hold nothing."""
    found = [(value, facts) for value, facts in returned if value.query is None or not value.query.empty]
    known = frozenset.intersection(*(facts for _, facts in found)) if len(found) > 1 else NOTHING
    return [(value, facts - known) for value, facts in found]


def branch(frame: Frame, ways: Sequence[Callable[[], bool]], outcomes: Sequence[Facts] = ()) -> bool:
    """Go several ways from here and meet again: names may hold either value, facts hold if they hold on all ways.

    `outcomes` says after the ways were gone what each outcome of the test says that they hang on: one of them always holds.
    """
    env, facts, conditions, taken, since = frame.env, frame.facts, frame.conditions, frame.taken, frame.effects.last
    open_ends: list[tuple[dict[str, Value], Facts]] = []
    for go in ways:
        frame.env, frame.facts = dict(env), facts
        if go():
            open_ends.append((settled(frame.env, frame.facts - facts), frame.facts))
        frame.conditions, frame.taken = conditions, taken
    if not open_ends:
        frame.env, frame.facts = env, facts
        return False
    frame.env, frame.facts = meet(open_ends, outcomes)
    if frame.effects.last > since:
        frame.facts = frame.facts.union(*(of_new_objects(learnt - frame.facts, since) for _, learnt in open_ends))
    return True


def settled(env: dict[str, Value], learnt: Facts) -> dict[str, Value]:
    """The names, after what was learnt on this way made their values harmless: `if (!IsLocal(to)) to = "/";`."""
    for guard in learnt:
        if guard.clears:
            for name, value in env.items():
                env[name] = harmless_for(value, guard.cleared(), guard.clears)
    return env


Side = tuple[Value, Facts]
"""What a name holds at the end of one way, and what is known there."""


def meet(ends: Sequence[tuple[dict[str, Value], Facts]], outcomes: Sequence[Facts] = ()) -> tuple[dict[str, Value], Facts]:
    """Join environments; what holds on all ways holds, and that on each way one thing about the caller does. A name that holds one thing or
    another shows by which of them it is what was known on the way.
    """
    env, facts = ends[0]
    apart: dict[str, list[Side]] = {}
    for other, more in ends[1:]:
        if other is not env:
            for name, value in other.items():
                mine = env.get(name)
                if mine is None:
                    env[name] = value
                elif mine is not value:
                    apart.setdefault(name, [(mine, facts)]).append((value, more))
                    env[name] = join((mine, value))
        facts = about_callers(facts, more, outcomes)
    for name, sides in apart.items():
        env[name] = _for_whom(whoever(env[name], sides, facts), sides, facts).proven(_shown_by(sides, facts))
    return env, facts


def _for_whom(value: Value, sides: Sequence[Side], known: Facts) -> Value:
    """The value that is one of the sides, with what its query asks of whom; `known` is what is known of all of them."""
    if value.query is None:
        return spared(value, sides, known)
    found = spared(value, sides, known)
    return found if found is not value else in_part(value, [(one, held - known) for one, held in sides])


def _in_all(ways: Sequence[Facts]) -> Facts:
    """The tests that were made on each of several ways; what one of them looked at may have been made harmless on another already."""
    if not ways:
        return NOTHING
    made = frozenset.intersection(*(frozenset((guard.module.path, guard.span, guard.truth, guard.clears) for guard in way) for way in ways))
    everything = frozenset().union(*ways)
    return frozenset(guard for guard in everything if (guard.module.path, guard.span, guard.truth, guard.clears) in made)


def _shown_by(sides: Sequence[Side], known: Facts) -> Proof | None:
    """What holds besides if the value is there, and if it is not: what was known on all ways on which it may be so."""
    found: list[Facts] = []
    for index, truth in enumerate((True, False)):
        ways = [held | (value.proof[index] if value.proof is not None else NOTHING) for value, held in sides if value.may_be(truth)]
        found.append(_in_all(ways) - known)
    return (found[0], found[1]) if found[0] or found[1] else None
