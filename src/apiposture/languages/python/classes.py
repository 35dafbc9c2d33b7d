"""What does a class hold: fields, methods, properties, classes inside it?

What its constructor sets on itself is a field too. The text form (`__str__`, `__repr__`) is the function `ToString`, what
runs when an object is called (`__call__`) is `Invoke`.
"""

from __future__ import annotations

from typing import Final

import msgspec
from tree_sitter import Node

from apiposture.languages.python.dispatch import BRANCHES, Lowering, expr, field, ids, parts, span_of, stmts, text_at
from apiposture.languages.python.expressions import arguments
from apiposture.languages.python.functions import annotations_of, function_of
from apiposture.languages.python.types import type_of, type_params_of, typed
from apiposture.model.ir import (
    Annotation,
    Assign,
    Block,
    Eval,
    Expr,
    Field,
    Function,
    If,
    Member,
    Name,
    New,
    Param,
    Stmt,
    Try,
    TypeDecl,
    TypeParam,
    TypeRef,
)

_IDENTIFIER: Final = ids("identifier")
_ASSIGNMENT: Final = ids("assignment")
_DECORATOR: Final = ids("decorator")
_KEYWORD: Final = ids("keyword_argument")
_ENUMS: Final = frozenset("Enum IntEnum StrEnum Flag IntFlag TextChoices IntegerChoices Choices".split())
_RECORDS: Final = frozenset(("dataclass", "define", "frozen", "mutable", "attrs", "s", "NamedTuple", "TypedDict"))
"""Decorators and bases of classes that only hold what they are made with, and show it."""

_INDEXER: Final = "this[]"
_OPERATORS: Final = {
    "__add__": "+", "__sub__": "-", "__mul__": "*", "__truediv__": "/", "__floordiv__": "//", "__mod__": "%", "__matmul__": "@",
    "__and__": "&", "__or__": "|", "__xor__": "^", "__lshift__": "<<", "__rshift__": ">>",
}  # fmt: skip
"""https://docs.python.org/3/reference/datamodel.html#emulating-numeric-types"""

_TEXT_FORMS: Final = frozenset(("__str__", "__repr__"))
_NOTHING: Final = frozenset(("object",))


class _Body:
    """What is gathered of one class."""

    __slots__ = ("fields", "functions", "getters", "name", "named", "setters")

    def __init__(self, name: str) -> None:
        self.name = name
        self.fields: dict[str, Field] = {}
        self.functions: list[Function] = []
        self.named: dict[str, int] = {}
        self.getters: dict[str, tuple[Function, tuple[Annotation, ...]]] = {}
        self.setters: dict[str, Function] = {}


def local_class(c: Lowering, n: Node, decorators: list[Node]) -> None:
    """A class inside a function is known in the file like one outside."""
    class_of(c, n, decorators)


def class_of(c: Lowering, n: Node, decorators: list[Node]) -> None:
    """Enter a class, and those inside it, into the file's types."""
    spelled = field(n, "name")
    simple = text_at(c, spelled) if spelled is not None else ""
    outer, c.outer = c.outer, (*c.outer, simple)
    if len(outer) > 20:
        c.outer = outer
        return
    name = ".".join(c.outer)
    around = (c.this, c.owner, c.top, c.truths)
    c.this, c.owner, c.top, c.truths = "", name, False, False
    at = len(c.types)
    heads = parts(field(n, "superclasses")) if field(n, "superclasses") is not None else []  # type: ignore[arg-type]
    bases = tuple([ref for k in heads if k.kind_id not in _KEYWORD and (ref := type_of(c, k)) is not None and ref.name not in _NOTHING])
    body = _Body(simple)
    inside = field(n, "body")
    is_enum = any(base.name.rpartition(".")[2] in _ENUMS for base in bases)
    gather(c, body, inside.children if inside is not None else [], is_enum)
    fields = {**body.fields, **_set_by_constructor(body)}
    for known, (getter, marks) in body.getters.items():
        place = getter.span
        fields[known] = Field(known, getter.returns, None, marks, (), "property", place, getter, body.setters.get(known))
    marks = annotations_of(c, decorators)
    said = (*(mark.name for mark in marks), *(base.name for base in bases))
    kind = "record" if any(one.rpartition(".")[2] in _RECORDS for one in said) else _kind(bases)
    declared = TypeDecl(
        name,
        c.package,
        "enum" if is_enum else kind,
        bases,
        (*type_params_of(c, field(n, "type_parameters")), *_generic(bases)),
        (*marks, *_keywords(c, n)),
        ("abstract",) if _is_abstract(bases, body) else (),
        tuple(fields.values()),
        tuple([_declared(function) for function in body.functions] if kind == "interface" else body.functions),
        span_of(n),
        span_of(spelled) if spelled is not None else span_of(n),
    )
    c.types.insert(at, declared)
    c.this, c.owner, c.top, c.truths = around
    c.outer = outer


def _kind(bases: tuple[TypeRef, ...]) -> str:
    return "interface" if any(base.name.rpartition(".")[2] == "Protocol" for base in bases) else "class"


def _is_abstract(bases: tuple[TypeRef, ...], body: _Body) -> bool:
    return any(base.name.rpartition(".")[2] in ("ABC", "ABCMeta") for base in bases) or any(
        "abstract" in function.modifiers for function in body.functions
    )


def _generic(bases: tuple[TypeRef, ...]) -> list[TypeParam]:
    """The variables of `Generic[T, U]`."""
    heads = (base for base in bases if base.name.rpartition(".")[2] in ("Generic", "Protocol"))
    return [TypeParam(arg.name) for base in heads for arg in base.args]


def _keywords(c: Lowering, n: Node) -> tuple[Annotation, ...]:
    """`class Order(Model, table=True)`: what is said of the class besides its bases."""
    heads = field(n, "superclasses")
    if heads is None or not any(k.kind_id in _KEYWORD for k in heads.children):
        return ()
    named = tuple([arg for arg in arguments(c, heads) if arg.name])
    return (Annotation("class", named, span_of(heads)),) if named else ()


def gather(c: Lowering, body: _Body, nodes: list[Node], is_enum: bool) -> None:
    """What the statements of a class body declare, in all branches."""
    for n in nodes:
        kind = n.type
        if kind == "expression_statement":
            for k in parts(n):
                if k.kind_id in _ASSIGNMENT:
                    _field(c, body, k, is_enum)
        elif kind == "function_definition":
            _method(c, body, n, [])
        elif kind == "class_definition":
            class_of(c, n, [])
        elif kind == "decorated_definition":
            inner = field(n, "definition")
            decorators = [k for k in n.children if k.kind_id in _DECORATOR]
            if inner is not None and inner.type == "class_definition":
                class_of(c, inner, decorators)
            elif inner is not None:
                _method(c, body, inner, decorators)
        elif n.kind_id in BRANCHES and c.depth < 60:
            c.depth += 1
            gather(c, body, n.children, is_enum)
            c.depth -= 1
        elif kind in ("import_statement", "import_from_statement"):
            stmts(c, [n])


def _field(c: Lowering, body: _Body, n: Node, is_enum: bool) -> None:
    left, right = field(n, "left"), field(n, "right")
    if left is None or left.kind_id not in _IDENTIFIER:
        return
    name = text_at(c, left)
    of = typed(c, field(n, "type"))
    value = expr(c, right) if right is not None else None
    kind = "member" if is_enum and value is not None and not name.startswith("_") else "field"
    modifiers: tuple[str, ...] = ("static",) if "ClassVar" in of.words else ()
    if kind == "field" and of.type is not None and not name.startswith("_"):
        kind, modifiers = "property", ("public", *modifiers)
    known = body.fields.get(name)
    if known is None or value is not None:
        type_ = of.type or (known.type if known is not None else None)
        body.fields[name] = Field(name, type_, value, tuple(of.annotations), modifiers, kind, span_of(n))


def _method(c: Lowering, body: _Body, n: Node, decorators: list[Node]) -> None:
    function = function_of(c, n, decorators, c.owner)
    last = [one.name.rpartition(".") for one in function.annotations]
    for before, _, word in last:
        if word.endswith("property") and not before.endswith("setter"):
            body.getters.setdefault(function.name, (_accessor(function, ()), function.annotations))
            return
        if word == "setter" and before:
            body.setters[function.name] = _accessor(function, ("value",))
            return
        if word in ("getter", "deleter") and before:
            return
    if function.name == "__call__":
        function = msgspec.structs.replace(function, name="Invoke")
    if function.name == "__getitem__":
        body.getters.setdefault(_INDEXER, (_accessor(function, ("key",)), ()))
    if function.name == "__setitem__":
        body.setters[_INDEXER] = _accessor(function, ("key", "value"))
    if function.name in _OPERATORS:
        body.functions.append(msgspec.structs.replace(function, name=f"operator {_OPERATORS[function.name]}"))
    if function.name in _TEXT_FORMS:
        body.functions.append(msgspec.structs.replace(function, name="ToString", modifiers=(*function.modifiers, "override")))
    body.functions.append(function)


def _declared(function: Function) -> Function:
    """A function of a protocol: nothing inside means that there is no body."""
    return function if function.body else msgspec.structs.replace(function, body=None)


def _accessor(function: Function, names: tuple[str, ...]) -> Function:
    return msgspec.structs.replace(function, params=function.params[: len(names)])


def _set_by_constructor(body: _Body) -> dict[str, Field]:
    """The members that the constructor, or failing that another method, sets on the object itself."""
    found: dict[str, Field] = {}
    ordered = sorted(body.functions, key=lambda function: function.name != ".ctor")
    for function in ordered:
        params = {param.name: param for param in function.params}
        for target, value in _sets(function.body or ()):
            if target.name in body.fields or target.name in body.getters or target.name in found:
                continue
            kind = _type_of(value, params)
            found[target.name] = Field(target.name, kind, None if _is_param(value, params) else value, (), (), "field", target.span)
    return found


def _is_param(value: Expr, params: dict[str, Param]) -> bool:
    return type(value) is Name and value.id in params


def _type_of(value: Expr, params: dict[str, Param]) -> TypeRef | None:
    if type(value) is Name and value.id in params:
        return params[value.id].type
    return value.type if type(value) is New else None


def _sets(body: tuple[Stmt, ...]) -> list[tuple[Member, Expr]]:
    """`self.x = value` in these statements, in order."""
    found: list[tuple[Member, Expr]] = []
    for statement in body:
        kind = type(statement)
        if kind is Eval and type(statement.value) is Assign:  # type: ignore[union-attr]
            assign = statement.value  # type: ignore[union-attr]
            target = assign.target
            if type(target) is Member and type(target.object) is Name and target.object.id == "this" and assign.operator == "=":
                found.append((target, assign.value))
        elif kind is If:
            found += _sets(statement.then) + _sets(statement.other)  # type: ignore[union-attr]
        elif kind in (Block, Try):
            found += _sets(statement.body)  # type: ignore[union-attr]
    return found
