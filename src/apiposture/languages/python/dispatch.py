"""Which function lowers which kind of syntax node?

The tables are keyed by the grammar's integer ids. The other modules of this folder enter their functions here, so that expressions
and statements can call each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import tree_sitter_python
from tree_sitter import Language, Node

from apiposture.model.ir import Eval, Expr, Fault, Field, Import, Literal, Opaque, Stmt, TypeDecl

GRAMMAR: Final = Language(tree_sitter_python.language())
ERROR: Final = 65535
"""The id that tree-sitter gives to stretches that it could not read."""

KINDS: Final[dict[int, str]] = {i: GRAMMAR.node_kind_for_id(i) or "" for i in range(GRAMMAR.node_kind_count)}
KINDS[ERROR] = "ERROR"

DEEPEST: Final = 100
"""Expressions and statements nested deeper than this become opaque, so that no stage runs out of stack."""


def ids(*names: str) -> frozenset[int]:
    """The ids of the node kinds of these names; the grammar has several ids for some names."""
    wanted = frozenset(names)
    return frozenset(i for i, name in KINDS.items() if name in wanted)


EXTRAS: Final = ids("comment", "line_continuation")
"""What may stand anywhere and says nothing."""

NAMED: Final = frozenset(i for i in KINDS if i == ERROR or GRAMMAR.node_kind_is_named(i)) - EXTRAS
"""What says something: all but punctuation, keywords and extras."""

BRANCHES: Final = ids(
    "if_statement", "elif_clause", "else_clause", "try_statement", "except_clause", "finally_clause", "block", "with_statement", "ERROR"
)
"""Statements whose parts declare what the code around them declares."""


class Lowering:
    """What is known while one file is lowered.

    `package` is the file's own dotted name, `parent` the one of the package that it stands in. `this` is the name of the receiver in the
    method at hand, and `owner` its class; `outer` are the classes around the code at hand. `types` and `imports` gather what is
    declared anywhere in the file, `fields` what the class at hand holds.
    """

    __slots__ = (
        "calls", "depth", "faults", "imports", "nodes", "opaque", "outer", "owner", "package", "parent", "rebinds", "rebound", "text",
        "this", "top", "truths", "types", "typevars", "variables",
    )  # fmt: skip

    def __init__(self, text: str, package: str, parent: str) -> None:
        self.text = text
        self.package = package
        self.parent = parent
        self.depth = 0
        self.nodes = 0
        self.opaque = 0
        self.this = ""
        self.owner = ""
        self.outer: tuple[str, ...] = ()
        self.top = True
        """Whether the statements at hand are the file's own, whose functions and classes are gathered and not values."""
        self.truths = False
        """Whether the function at hand says that it answers with a truth value."""
        self.faults: list[Fault] = []
        self.types: list[TypeDecl] = []
        self.imports: list[Import] = []
        self.variables: dict[str, Field] = {}
        self.rebound: set[str] = set()
        """The variables of the file that are set more than once, or by a function."""
        self.rebinds: set[str] = set()
        """The variables outside of it that the function at hand sets."""
        self.typevars: set[str] = set()
        """The names that stand for any type, declared by `TypeVar`."""
        self.calls: set[str] = set()
        """The last names of the functions called."""


LowerExpression = Callable[[Lowering, Node], Expr]
LowerStatement = Callable[[Lowering, Node, list[Stmt]], None]


def span_of(n: Node) -> int:
    """Where the node stands."""
    return n.start_byte << 32 | n.end_byte


def text_at(c: Lowering, n: Node) -> str:
    """The node as it is written."""
    return c.text[n.start_byte : n.end_byte]


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


def expr_or_none(c: Lowering, n: Node | None, place: int) -> Expr:
    """The expression, or `None` where the text has none."""
    return expr(c, n) if n is not None else Literal(None, place)


def parts(n: Node) -> list[Node]:
    """The named children without comments."""
    return [k for k in n.children if k.kind_id in NAMED]


def field(n: Node, name: str) -> Node | None:
    """The child of that role; none where the text does not have it."""
    found = n.child_by_field_name(name)
    return None if found is None or found.is_missing else found


def stmts(c: Lowering, nodes: Iterable[Node]) -> tuple[Stmt, ...]:
    """The statements among these nodes, lowered in order."""
    depth = c.depth
    c.depth = depth + 1
    out: list[Stmt] = []
    for n in nodes:
        kind = n.kind_id
        lower = STATEMENTS.get(kind)
        if lower is None:
            if kind in NAMED and EXPRESSIONS[kind] is not unknown:
                lower = bare
            else:
                continue
        if depth > DEEPEST:
            out.append(Eval(too_deep(c, n), span_of(n)))
            continue
        c.nodes += 1
        lower(c, n, out)
    c.depth = depth
    return tuple(out)


def bare(c: Lowering, n: Node, out: list[Stmt]) -> None:
    """An expression where a statement should stand, as next to unreadable text."""
    out.append(Eval(expr(c, n), span_of(n)))
