"""Which type does an annotation spell, and what else does it say?

The built-in types have one spelling in every language (`string`, `double`, `List`, `Dictionary`...); `None` beside another type falls
away, as nullability does. What `Annotated` adds to a type becomes annotations of what is declared.
"""

from __future__ import annotations

from typing import Final

from tree_sitter import Node

from apiposture.languages.python.dispatch import NAMED, Lowering, expr, ids, parts, span_of, text_at
from apiposture.languages.python.strings import plain_text
from apiposture.model.ir import Annotation, Argument, Call, Expr, Literal, Member, Name, TypeParam, TypeRef

_TYPE: Final = ids("type")
_NAME: Final = ids("identifier", "attribute", "member_type", "dotted_name")
_GENERIC: Final = ids("generic_type")
_SUBSCRIPT: Final = ids("subscript")
_PARAMETER: Final = ids("type_parameter")
_OR: Final = ids("binary_operator", "union_type")
_NONE: Final = ids("none")
_STRING: Final = ids("string", "concatenated_string")
_LIST: Final = ids("list", "tuple", "expression_list")
_CONSTRAINED: Final = ids("constrained_type")
_SPLAT: Final = ids("splat_type")
_PARENS: Final = ids("parenthesized_expression")

_DEEPEST: Final = 30

SPELLED: Final = {
    "str": "string", "bytes": "bytes", "float": "double", "list": "List", "dict": "Dictionary", "set": "Set", "frozenset": "Set",
    "tuple": "()", "None": "void", "Any": "object", "List": "List", "Dict": "Dictionary", "Set": "Set", "FrozenSet": "Set", "Tuple": "()",
    "Sequence": "List", "Iterable": "List", "Collection": "List", "Mapping": "Dictionary", "MutableMapping": "Dictionary",
    "Text": "string", "OrderedDict": "Dictionary", "defaultdict": "Dictionary", "DefaultDict": "Dictionary",
}  # fmt: skip
"""The built-in types by their spelling here."""

_CARRY: Final = frozenset(("Optional", "Required", "NotRequired", "ReadOnly", "Final", "ClassVar", "InitVar"))
"""What says something about the name, and nothing about the values."""


class Typed:
    """A type, the annotations that it brings, and the words that say something about the name (`ClassVar`)."""

    __slots__ = ("annotations", "type", "words")

    def __init__(self, type_: TypeRef | None = None) -> None:
        self.type = type_
        self.annotations: list[Annotation] = []
        self.words: list[str] = []


def typed(c: Lowering, n: Node | None) -> Typed:
    """The type that a node spells, with what else it says."""
    found = Typed()
    if n is not None:
        found.type = _read(c, n, found, 0)
    return found


def type_of(c: Lowering, n: Node | None) -> TypeRef | None:
    """The type that a node spells; None where it spells none."""
    return typed(c, n).type


def _read(c: Lowering, n: Node, found: Typed, depth: int) -> TypeRef | None:
    kind = n.kind_id
    if depth > _DEEPEST:
        return None
    if kind in _TYPE or kind in _PARENS:
        only = parts(n)
        return _read(c, only[0], found, depth + 1) if only else None
    if kind in _NAME:
        return TypeRef(spelled(text_at(c, n)))
    if kind in _NONE:
        return TypeRef("void")
    if kind in _GENERIC or kind in _SUBSCRIPT:
        return _generic(c, n, found, depth)
    if kind in _OR:
        return _either(_operands(c, n, found, depth))
    if kind in _STRING:
        return _quoted(plain_text(c, n), depth)
    if kind in _LIST:
        return TypeRef("()", tuple([_read(c, k, found, depth + 1) or TypeRef("object") for k in parts(n)]))
    return None


def spelled(written: str) -> str:
    """The name of a type without white space, built-in ones as every language spells them."""
    name = "".join(written.split())
    last = name.rpartition(".")[2]
    if name in SPELLED:
        return SPELLED[name]
    return SPELLED[last] if name.startswith(("typing.", "t.", "collections.abc.")) and last in SPELLED else name


def _operands(c: Lowering, n: Node, found: Typed, depth: int) -> list[TypeRef]:
    """The types of `A | B | C`, read without recursion on the left."""
    operands: list[TypeRef] = []
    node: Node | None = n
    while node is not None and node.kind_id in _OR:
        kids = parts(node)
        right = _read(c, kids[-1], found, depth + 1) if len(kids) > 1 else None
        operands += [right] if right is not None else []
        node = kids[0] if kids else None
        if node is not None and node.kind_id in _TYPE:
            inner = parts(node)
            node = inner[0] if inner and inner[0].kind_id in _OR else node
    first = _read(c, node, found, depth + 1) if node is not None else None
    return [first, *reversed(operands)] if first is not None else operands[::-1]


def _either(options: list[TypeRef]) -> TypeRef | None:
    """Of several types the one that is there; `None` falls away. Two of one name are of that name, whatever each holds."""
    there = [option for option in dict.fromkeys(options) if option.name != "void"]
    if len(there) == 1:
        return there[0]
    if len({option.name for option in there}) == 1:
        return TypeRef(there[0].name)
    return TypeRef("Union", tuple(there)) if there else (options[0] if options else None)


def _generic(c: Lowering, n: Node, found: Typed, depth: int) -> TypeRef | None:
    kids = parts(n)
    if not kids:
        return None
    name = "".join(text_at(c, kids[0]).split())
    last = name.rpartition(".")[2]
    given = [k for k in kids[1:] if k.kind_id not in _PARAMETER] + [k for p in kids[1:] if p.kind_id in _PARAMETER for k in parts(p)]
    if last == "Literal":
        return TypeRef("Literal")
    if last == "Annotated":
        found.annotations += _metadata(c, given[1:])
        return _read(c, given[0], found, depth + 1) if given else None
    args = [_read(c, k, found, depth + 1) or TypeRef("object") for k in given if k.kind_id in NAMED]
    if last in ("Union", "Optional"):
        return _either(args)
    if last in _CARRY:
        found.words.append(last)
        return args[0] if args else None
    return TypeRef(spelled(name), tuple(args))


def _metadata(c: Lowering, nodes: list[Node]) -> list[Annotation]:
    """What stands behind the type in `Annotated[T, ...]`."""
    return [annotation_of(expr(c, _bare(k)), span_of(k)) for k in nodes]


def _bare(n: Node) -> Node:
    while n.kind_id in _TYPE and (kids := parts(n)):
        n = kids[0]
    return n


def annotation_of(value: Expr, place: int) -> Annotation:
    """A decorator, or what stands in `Annotated`, as an annotation: a call by its name and arguments, anything else by its name."""
    if type(value) is Call:
        return Annotation(_dotted(value.function), value.args, place, value.type_args)
    name = _dotted(value)
    return Annotation(name, () if name else (Argument(value),), place)


def _dotted(value: Expr) -> str:
    names: list[str] = []
    while type(value) is Member:
        names.append(value.name)
        value = value.object
    return ".".join((value.id, *reversed(names))) if type(value) is Name else ""


def _quoted(text: str, depth: int) -> TypeRef | None:
    """A type in quotes, which the language reads later: names, arguments in brackets, alternatives."""
    reader = _Quoted(text)
    return reader.union(depth)


class _Quoted:
    """Reads a type from a text."""

    __slots__ = ("at", "text")

    def __init__(self, text: str) -> None:
        self.text = "".join(text.split())
        self.at = 0

    def union(self, depth: int) -> TypeRef | None:
        options: list[TypeRef] = []
        while True:
            one = self.one(depth + 1)
            options += [one] if one is not None else []
            if not self.takes("|"):
                return _either(options)

    def takes(self, sign: str) -> bool:
        if self.text[self.at : self.at + 1] == sign:
            self.at += 1
            return True
        return False

    def one(self, depth: int) -> TypeRef | None:
        start = self.at
        while self.text[self.at : self.at + 1].isidentifier() or self.text[self.at : self.at + 1] in tuple(".0123456789"):
            self.at += 1
        name = self.text[start : self.at]
        args: list[TypeRef] = []
        if name and depth < _DEEPEST and self.takes("["):
            while self.at < len(self.text) and not self.takes("]"):
                inner = self.union(depth + 1)
                args += [inner] if inner is not None else []
                if inner is None and not self.takes(","):
                    self.at += 1
                self.takes(",")
        last = name.rpartition(".")[2]
        if last in ("Optional", "Union"):
            return _either(args)
        if last in _CARRY or last == "Annotated":
            return args[0] if args else None
        return TypeRef(spelled(name), tuple(args)) if name else None


def type_params_of(c: Lowering, n: Node | None) -> tuple[TypeParam, ...]:
    """The type parameters in brackets behind a name: `[T: Base, *Ts]`."""
    found: list[TypeParam] = []
    for k in parts(n) if n is not None else ():
        inner = next(iter(parts(k)), k) if k.kind_id in _TYPE else k
        if inner.kind_id in _CONSTRAINED:
            kids = parts(inner)
            bound = type_of(c, kids[1]) if len(kids) > 1 else None
            found.append(TypeParam(text_at(c, kids[0]), (bound,) if bound is not None else ()))
        elif inner.kind_id in _SPLAT or inner.kind_id in _NAME:
            found.append(TypeParam(text_at(c, inner).lstrip("*").strip()))
    return tuple(found)


def none_literal(place: int) -> Literal:
    """`None`."""
    return Literal(None, place)
