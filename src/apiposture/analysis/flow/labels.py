"""Where does data come from, by which way, and what was it held against?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import Any, Final
from weakref import WeakSet

from apiposture.model.acyclic import mypyc_attr
from apiposture.model.ir import Module
from apiposture.model.source import Span


@mypyc_attr(acyclic=True)
class Label:
    """Where data comes from. There is one object of each kind: equal labels are the same one (`Label.of` makes them).

    `kind`: `param` (key is its position, -1 the receiver), `request` (key is the source kind, path starts with the binding's name),
    `principal`, `object` (key is the number of the access that loaded it), `row` (the element that a predicate looks at),
    `sensitive` (key is the sensitive kind, path the name that shows it), `right` (a test asked for one), `there` (a test asked whether
    something is there), `apart` (a test held things of different origin against each other), `given` (a test found it equal to what the
    program has), `found` (it says whether a query finds anything, or, by its key, nothing), `others` (what is not the caller's),
    `anyway` (it may be so, or not, whatever was asked).

    `clean` are the kinds of sink it is harmless for; `key` among them says that a service stands between the caller's choice and the value,
    which is no longer chosen as it is.
    """

    __slots__ = ("_standing", "clean", "key", "kind", "path")

    def __init__(self, kind: str, key: Any, path: tuple[str, ...], clean: frozenset[str]) -> None:
        self.kind = kind
        self.key = key
        self.path = path
        self.clean = clean
        self._standing: tuple[int, int, str, tuple[str, ...], list[str]] | None = None

    @property
    def rank(self) -> int:
        """How much it matters: the caller (0) before what is only known to be another's."""
        return 7 if self.kind == "param" and self.key == -1 else _RANK[self.kind]

    @property
    def standing(self) -> tuple[int, int, str, tuple[str, ...], list[str]]:
        """By this labels are put in order: the caller first, then what is meant itself, then members of it, and members of those."""
        if self._standing is None:
            rank = self.rank
            depth = 0 if rank == 0 else len(self.path) - (self.kind == "request") + (rank == 7)
            self._standing = (depth, rank, str(self.key), self.path, sorted(self.clean))
        return self._standing

    @staticmethod
    def of(kind: str, key: Any = "", path: tuple[str, ...] = (), clean: frozenset[str] = frozenset()) -> Label:
        """The label that says this."""
        told = (kind, key, path, clean)
        found = _LABELS.get(told)
        if found is None:
            found = _LABELS[told] = Label(kind, key, path, clean)
        return found

    def with_clean(self, clean: frozenset[str]) -> Label:
        """The same origin, harmless for just these kinds."""
        return self if clean is self.clean else Label.of(self.kind, self.key, self.path, clean)

    def __repr__(self) -> str:
        return f"Label{(self.kind, self.key, self.path, sorted(self.clean))}"


_RANK: Final = {
    "principal": 0, "there": 0, "apart": 0, "given": 0, "found": 0, "others": 0, "anyway": 0,
    "request": 1, "row": 2, "param": 3, "object": 4, "sensitive": 5, "whole": 6, "right": 8,
}  # fmt: skip

_LABELS: Final[dict[tuple[str, Any, tuple[str, ...], frozenset[str]], Label]] = {}
"""All labels there are, so that to compare two of them is to compare two addresses: sets of them are what the engine works with most."""

PRINCIPAL: Final = Label.of("principal")
ROLE: Final = Label.of("principal", "role")
SAID: Final = Label.of("principal", "said")
"""What a member of the caller says of what the caller may: its name is that of a right."""
ASKED: Final = Label.of("principal", "policy")
"""What a test of the caller's role, or of another right of the caller's that names no object, looks at."""
RIGHT: Final = Label.of("right")
"""Among what a test looked at: by its name, it asked for what some may and others may not."""
APART: Final = Label.of("apart")
"""Among what a test looked at: it held values of different origin against each other, and did not only ask one that knows of several."""
THERE: Final = Label.of("there")
"""Among what a test looked at: it asked whether something is there, and not what it says."""
GIVEN: Final = Label.of("given")
"""Among what a test looked at: it found something equal to what the object at hand keeps, or the program has from elsewhere."""
FITS: Final = Label.of("given", "fits")
"""Among what a test looked at: it asked whether a secret fits, as whoever is asked for their own password once more is."""
SAME_TIME: Final = Label.of("given", "same-time")
"""Among what a test looked at: it took the same time whatever it found, as those do that compare secrets."""
FOUND: Final = Label.of("found", True)
"""Among what a value came of: it says whether a query finds anything. `NOT_FOUND`: it says whether none does."""
NOT_FOUND: Final = Label.of("found", False)
OTHERS: Final = Label.of("others")
"""Among what a value came of: the query asks for what is not the caller's own, so that it is where none is found."""
ANYWAY: Final = Label.of("anyway", True)
"""Among what a value came of: it may be true whatever was asked. `NEVER`: it may be false."""
NEVER: Final = Label.of("anyway", False)
SAYINGS: Final = frozenset((APART, THERE, GIVEN, FITS, SAME_TIME, FOUND, NOT_FOUND, OTHERS, ANYWAY, NEVER))
"""What says something of a test, and not what it looked at."""


BY_NAME: Final = "by-name"
"""A mark of what a request holds by the names of the route's arguments, and of its parts."""


def are_apart(values: Iterable[Set[Label]]) -> bool:
    """Are there two of which one knows nothing of what the other is about?"""
    about = [frozenset((x.kind, x.key) for x in labels if x not in SAYINGS) for labels in values if labels]
    return any(one.isdisjoint(other) for i, one in enumerate(about) for other in about[:i])


def is_parameter(label: Label) -> bool:
    """Does the label stand for the very object that was passed in, and not for something that was made of it or found by it?"""
    return label.kind == "param" and not label.path and label.clean.isdisjoint(("key", "exposure"))


def is_handed_in(label: Label) -> bool:
    """Does the label stand for what was passed in, or for what a member of that holds?"""
    return label.kind == "param" and label.clean.isdisjoint(("key", "exposure"))


def is_of_own_object(label: Label) -> bool:
    """Does the label stand for what a member of the object at hand holds?"""
    return label.kind == "param" and label.key == -1 and len(label.path) == 1 and label.clean.isdisjoint(("key", "exposure"))


@mypyc_attr(acyclic=True)
class Trail:
    """The way that data took, newest step first."""

    __slots__ = ("before", "module", "note", "span")

    def __init__(self, module: Module, span: Span, note: str, before: Way = None) -> None:
        self.module = module
        self.span = span
        self.note = note
        self.before = before


@mypyc_attr(acyclic=True)
class Joint:
    """One way after another, put together only when somebody reads it: most ways are never shown."""

    __slots__ = ("earlier", "later")

    def __init__(self, earlier: Way, later: Way) -> None:
        self.earlier = earlier
        self.later = later


Way = Trail | Joint | None
Labels = Mapping[Label, Way]
NONE: Final[Labels] = {}
EMPTY: Final[frozenset[Label]] = frozenset()
NO_KINDS: Final[frozenset[str]] = frozenset()


@mypyc_attr(acyclic=True)
class Guard:
    """Something that holds from here on: one of the alternatives was compared and found to fit. Equal guards are the same one.

    Each alternative is the set of labels that its test looked at. `clears` names what an allow-list or validator made
    harmless (label, kinds). `truth` keeps a test and its opposite apart, so that they do not survive a join.
    """

    __slots__ = ("alternatives", "clears", "module", "span", "truth")

    def __init__(
        self, alternatives: tuple[frozenset[Label], ...], module: Module, span: Span, truth: bool, clears: frozenset[str]
    ) -> None:
        self.alternatives = alternatives
        self.module = module
        self.span = span
        self.truth = truth
        self.clears = clears

    @staticmethod
    def of(
        alternatives: tuple[frozenset[Label], ...], module: Module, span: Span, truth: bool, clears: frozenset[str] = NO_KINDS
    ) -> Guard:
        """The guard that says this."""
        told = (alternatives, id(module), span, truth, clears)
        found = _GUARDS.get(told)
        if found is None:
            found = _GUARDS[told] = Guard(alternatives, module, span, truth, clears)
        return found

    def cleared(self) -> frozenset[Label]:
        """What is harmless behind it for what it clears: that which each of the alternatives looked at."""
        return frozenset.intersection(*self.alternatives) if self.clears and self.alternatives else EMPTY

    def with_clears(self, clears: frozenset[str]) -> Guard:
        """The same test, which made harmless just this."""
        return Guard.of(self.alternatives, self.module, self.span, self.truth, clears)


_GUARDS: Final[dict[tuple[tuple[frozenset[Label], ...], int, int, bool, frozenset[str]], Guard]] = {}


_KEEPERS: Final[WeakSet[object]] = WeakSet()


def keep_for(owner: object) -> None:
    """Keep the labels and guards as long as somebody is there who will go on with them."""
    _KEEPERS.add(owner)


def forget() -> None:
    """Let go of the labels and guards of programs that nobody asks about any more."""
    if _KEEPERS:
        return
    _GUARDS.clear()
    _LABELS.clear()
    fixed = (PRINCIPAL, ROLE, SAID, ASKED, RIGHT, *SAYINGS)
    _LABELS.update(((label.kind, label.key, label.path, label.clean), label) for label in fixed)
