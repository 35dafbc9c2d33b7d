"""Which function lowers which kind of syntax node?

The tables are keyed by the grammar's integer ids, since reading `kind_id` is cheaper than reading `type`. The other
modules of this folder enter their functions here, so that expressions, statements and patterns can call each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import tree_sitter_c_sharp
from tree_sitter import Language, Node

from apiposture.model.ir import Eval, Expr, Fault, Opaque, Stmt, TypeRef

GRAMMAR: Final = Language(tree_sitter_c_sharp.language())
ERROR: Final = 65535
"""The id that tree-sitter gives to stretches that it could not read."""

KINDS: Final[dict[int, str]] = {i: GRAMMAR.node_kind_for_id(i) or "" for i in range(GRAMMAR.node_kind_count)}
KINDS[ERROR] = "ERROR"

DEEPEST: Final = 120
"""Expressions and statements nested deeper than this become opaque, so that no stage runs out of stack."""

HEAVY: Final = 2
"""How many levels more a construct counts that takes several calls to lower, and several nodes to express."""


def ids(*names: str) -> frozenset[int]:
    """The ids of the node kinds of these names; the grammar has several ids for some names."""
    wanted = frozenset(names)
    return frozenset(i for i, name in KINDS.items() if name in wanted)


EXTRAS: Final = ids(
    "comment", "shebang_directive", "preproc_region", "preproc_endregion", "preproc_line", "preproc_pragma",
    "preproc_nullable", "preproc_error", "preproc_warning", "preproc_define", "preproc_undef",
)  # fmt: skip
"""What may stand anywhere and says nothing."""

NAMED: Final = frozenset(i for i in KINDS if i == ERROR or GRAMMAR.node_kind_is_named(i)) - EXTRAS | ids("this", "base")
"""What says something: all but punctuation, keywords and extras."""


class Lowering:
    """What is known while one file is lowered."""

    __slots__ = ("broken", "calls", "declared", "depth", "faults", "gives", "nodes", "opaque", "stray", "subjects", "text", "uses")

    def __init__(self, text: str, broken: bool = False) -> None:
        self.text = text
        self.broken = broken
        """Whether parts of the file could not be read, so that they may stand among the children of any node."""
        self.depth = 0
        self.nodes = 0
        self.opaque = 0
        self.declared: list[Stmt] = []
        """Typed variables that the statement at hand declares inside an expression (`out int x`)."""
        self.stray: list[Node] = []
        """Unreadable stretches inside the expression at hand."""
        self.faults: list[Fault] = []
        self.gives: TypeRef | None = None
        """The type of what the function at hand gives, where it is written."""
        self.subjects = 0
        self.calls: set[str] = set()
        """The last names of the functions called."""
        self.uses: dict[str, None] = {}
        """The names that the code of the function at hand spells, in order."""

    def used(self) -> tuple[str, ...]:
        """Those names; from here on they are those of the next function."""
        uses, self.uses = self.uses, {}
        return tuple(uses)


LowerExpression = Callable[[Lowering, Node], Expr]
LowerStatement = Callable[[Lowering, Node, list[Stmt]], None]


def span_of(n: Node) -> int:
    """Where the node stands."""
    return n.start_byte << 32 | n.end_byte


def too_deep(c: Lowering, n: Node) -> Opaque:
    """What stands for a node that is nested too deeply."""
    place = span_of(n)
    c.opaque += 1
    c.nodes += 1
    c.faults.append(Fault(place, "nested too deeply"))
    return Opaque("too-deep", (), place)


def unknown(c: Lowering, n: Node) -> Expr:
    """An expression that the IR has no word for, with what it holds."""
    c.opaque += 1
    return Opaque(KINDS[n.kind_id], tuple([expr(c, k) for k in n.children if k.kind_id in NAMED]), span_of(n))


EXPRESSIONS: Final[dict[int, LowerExpression]] = dict.fromkeys(KINDS, unknown)
STATEMENTS: Final[dict[int, LowerStatement]] = {}


def expression(*names: str) -> Callable[[LowerExpression], LowerExpression]:
    """Enter a function for the expressions of these kinds."""

    def enter(function: LowerExpression) -> LowerExpression:
        EXPRESSIONS.update(dict.fromkeys(ids(*names), function))
        return function

    return enter


def statement(*names: str) -> Callable[[LowerStatement], LowerStatement]:
    """Enter a function for the statements of these kinds."""

    def enter(function: LowerStatement) -> LowerStatement:
        STATEMENTS.update(dict.fromkeys(ids(*names), function))
        return function

    return enter


def expr(c: Lowering, n: Node) -> Expr:
    """The expression of any kind, lowered."""
    depth = c.depth
    if depth > DEEPEST:
        return too_deep(c, n)
    c.depth = depth + 1
    c.nodes += 1
    lowered = EXPRESSIONS[n.kind_id](c, n)
    c.depth = depth
    return lowered


def solid(c: Lowering, n: Node) -> list[Node]:
    """The children without comments and directives. Unreadable ones are kept for the statement to add."""
    children = []
    for k in n.children:
        kind = k.kind_id
        if kind == ERROR:
            c.stray.append(k)
        elif kind not in EXTRAS:
            children.append(k)
    return children


def parts(c: Lowering, n: Node) -> list[Node]:
    """The named children without comments and directives. Unreadable ones are kept for the statement to add."""
    children = []
    for k in n.children:
        kind = k.kind_id
        if kind == ERROR:
            c.stray.append(k)
        elif kind in NAMED:
            children.append(k)
    return children


def field_id(name: str) -> int:
    """The grammar's id of a field; asking for a child by it is cheaper than listing all children."""
    return GRAMMAR.field_id_for_name(name) or 0


def stmts(c: Lowering, nodes: Iterable[Node]) -> tuple[Stmt, ...]:
    """The statements among these nodes, lowered in order."""
    depth = c.depth
    c.depth = depth + 1
    outer, c.declared = c.declared, []
    out: list[Stmt] = []
    for n in nodes:
        lower = STATEMENTS.get(n.kind_id)
        if lower is None:
            continue
        if depth > DEEPEST:
            out.append(Eval(too_deep(c, n), span_of(n)))
            continue
        c.nodes += 1
        before = len(out)
        lower(c, n, out)
        if c.declared:
            out[before:before] = c.declared
            c.declared = []
        if c.stray:
            _add_stray(c, out)
    c.declared = outer
    c.depth = depth
    return tuple(out)


def _add_stray(c: Lowering, out: list[Stmt]) -> None:
    """Add what could be read inside the unreadable stretches of a statement."""
    stray, c.stray = c.stray, []
    for n in stray:
        out.extend(stmts(c, (k for k in n.children if k.kind_id in NAMED)))


def identifier(c: Lowering, n: Node) -> str:
    """The name that an identifier spells, or the one before the type arguments of a generic name."""
    name = c.text[n.start_byte : n.end_byte]
    if name[-1:] == ">" and n.kind_id in _GENERIC:
        first = n.child(0) or n
        name = c.text[first.start_byte : first.end_byte]
    return plain(name) if name[:1] == "@" or "\\" in name else name


def mentioned(c: Lowering, n: Node) -> str:
    """The name that an identifier spells, where the code uses what it stands for."""
    name = identifier(c, n)
    c.uses[name] = None
    return name


def plain(name: str) -> str:
    """The name without the sign that lets a keyword be one, and with its escapes resolved."""
    name = name.removeprefix("@")
    if "\\" in name:
        name = name.encode("ascii", "backslashreplace").decode("unicode_escape", "replace")
    return name


_GENERIC: Final = ids("generic_name")
