"""Which types does a file declare, and what does it import?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from msgspec.structs import replace
from tree_sitter import Node

from apiposture.languages.csharp.dispatch import (
    DEEPEST,
    ERROR,
    KINDS,
    NAMED,
    STATEMENTS,
    Lowering,
    expr,
    identifier,
    ids,
    parts,
    solid,
    span_of,
    stmts,
    too_deep,
)
from apiposture.languages.csharp.expressions import arguments
from apiposture.languages.csharp.functions import annotations_of, function_of, params_of
from apiposture.languages.csharp.members import Head, constructor_of, fields_of, operator_of, property_of
from apiposture.languages.csharp.repair import EXTENSION
from apiposture.languages.csharp.types import type_name, type_of, type_params_of
from apiposture.model.ir import (
    Annotation,
    Argument,
    Assign,
    Call,
    Eval,
    Field,
    Function,
    Import,
    Member,
    Name,
    Param,
    Stmt,
    TypeDecl,
    TypeParam,
    TypeRef,
)

_KIND: Final = {
    "class_declaration": "class",
    "struct_declaration": "struct",
    "interface_declaration": "interface",
    "record_declaration": "record",
    "enum_declaration": "enum",
    "delegate_declaration": "delegate",
}
_OPENERS: Final = frozenset(_KIND.values())
_ARGUMENTS: Final = ids("argument_list")
_PRIMARY_BASE: Final = ids("primary_constructor_base_type")
_IDENTIFIER: Final = ids("identifier")


class Scope:
    """What is declared in a namespace or a type, gathered while its members are lowered."""

    __slots__ = ("fields", "functions", "outer", "package")

    def __init__(self, package: str, outer: str) -> None:
        self.package = package
        self.outer = outer
        self.fields: list[Field] = []
        self.functions: list[Function] = []


class Gathered:
    """What a whole file declares."""

    __slots__ = ("annotations", "body", "imports", "package", "types")

    def __init__(self) -> None:
        self.imports: list[Import] = []
        self.annotations: list[Annotation] = []
        self.types: list[TypeDecl] = []
        self.body: list[Stmt] = []
        self.package = ""


def gather(c: Lowering, g: Gathered, nodes: Iterable[Node], scope: Scope) -> None:
    """Lower the declarations and statements among these nodes into the scope and the file."""
    depth = c.depth
    c.depth = depth + 1
    for n in nodes:
        kind = n.kind_id
        if kind not in NAMED:
            continue
        declare = _DECLARATIONS.get(kind)
        if declare is None:
            if kind in STATEMENTS:
                g.body.extend(stmts(c, (n,)))
        elif depth > DEEPEST:
            too_deep(c, n)
        else:
            declare(c, g, n, scope)
            c.stray = []
    c.depth = depth


def _using(c: Lowering, g: Gathered, n: Node, scope: Scope) -> None:
    if n.child_count == 3:
        target_node = n.child(1)
        if target_node is not None and target_node.kind_id in NAMED:
            g.imports.append(Import("", type_name(c, target_node), "package", False))
            return
    words = [KINDS[k.kind_id] for k in n.children]
    kids = parts(c, n)
    if not kids:
        return
    shared = "global" in words
    target = type_name(c, kids[-1])
    if "=" in words and len(kids) > 1:
        g.imports.append(Import(identifier(c, kids[0]), target, "alias", shared))
    else:
        g.imports.append(Import("", target, "members" if "static" in words else "package", shared))


def _namespace(c: Lowering, g: Gathered, n: Node, scope: Scope) -> None:
    kids = parts(c, n)
    if not kids:
        return
    name = type_name(c, kids[0])
    package = f"{scope.package}.{name}" if scope.package else name
    g.package = g.package or package
    gather(c, g, (k for body in kids[1:] for k in body.children), Scope(package, ""))


def _file_namespace(c: Lowering, g: Gathered, n: Node, scope: Scope) -> None:
    """It holds for what follows, so that the scope at hand takes its name."""
    kids = parts(c, n)
    if kids:
        scope.package = type_name(c, kids[0])
        g.package = g.package or scope.package
        gather(c, g, kids[1:], scope)


def _global_attribute(c: Lowering, g: Gathered, n: Node, scope: Scope) -> None:
    g.annotations += annotations_of(c, n)


def _type(c: Lowering, g: Gathered, n: Node, scope: Scope) -> None:
    """A class, struct, interface, record or enum. Its place in the file's types is before those inside it."""
    head = Head(c, n)
    kind = _KIND[KINDS[n.kind_id]]
    name_node = next((k for k in head.rest if k.kind_id in _IDENTIFIER), n)
    name = identifier(c, name_node) if name_node is not n else ""
    full = f"{scope.outer}.{name}" if scope.outer else name
    inner = Scope(scope.package, full)
    type_params: tuple[TypeParam, ...] = ()
    constraints = [k for k in head.rest if KINDS[k.kind_id] == "type_parameter_constraints_clause"]
    bases: list[TypeRef] = []
    handed: tuple[Argument, ...] = ()
    params: tuple[Param, ...] | None = None
    at = len(g.types)
    for k in head.rest:
        what = KINDS[k.kind_id]
        if what == "type_parameter_list":
            type_params = type_params_of(c, k, constraints)
        elif what == "base_list":
            bases, handed = _bases(c, k)
        elif what == "parameter_list":
            params = params_of(c, k)
        elif what in ("declaration_list", "enum_member_declaration_list"):
            gather(c, g, k.children, inner)
    if params is not None:
        _primary(c, inner, params, handed, kind, span_of(name_node))
    declared = TypeDecl(
        full, scope.package, kind, tuple(bases), type_params, head.annotations, head.modifiers,
        tuple(inner.fields), tuple(inner.functions), span_of(n), span_of(name_node),
    )  # fmt: skip
    g.types.insert(at, declared)


def _type_or_extension(c: Lowering, g: Gathered, n: Node, scope: Scope) -> None:
    """A record, or a block of extension members that is read as one."""
    (_extension if c.text.startswith(EXTENSION, n.start_byte) else _type)(c, g, n, scope)


def _extension(c: Lowering, g: Gathered, n: Node, scope: Scope) -> None:
    """Members that are added to another type: functions of the type around the block, which take the object first."""
    inner = Scope(scope.package, scope.outer)
    taken: tuple[Param, ...] = ()
    type_params: tuple[TypeParam, ...] = ()
    head = Head(c, n)
    constraints = [k for k in head.rest if KINDS[k.kind_id] == "type_parameter_constraints_clause"]
    for k in head.rest:
        what = KINDS[k.kind_id]
        if what == "type_parameter_list":
            type_params = type_params_of(c, k, constraints)
        elif what == "parameter_list":
            taken = tuple(replace(param, mode="this") for param in params_of(c, k)[:1])
        elif what == "declaration_list":
            gather(c, g, k.children, inner)
    for function in (*inner.functions, *(_read_as(f, f.getter) for f in inner.fields if f.getter is not None)):
        is_static = "static" in function.modifiers
        added = replace(
            function,
            params=function.params if is_static else (*taken, *function.params),
            type_params=(*type_params, *function.type_params),
            modifiers=function.modifiers if is_static else (*function.modifiers, "static"),
        )
        scope.functions.append(added)


def _read_as(field: Field, getter: Function) -> Function:
    """What works a property out, under the property's name."""
    modifiers = field.modifiers if "static" in field.modifiers else ("get", *field.modifiers)
    return replace(getter, name=field.name, modifiers=modifiers, annotations=field.annotations)


def _bases(c: Lowering, n: Node) -> tuple[list[TypeRef], tuple[Argument, ...]]:
    """The types that a declaration extends, and what its primary constructor hands to the first of them."""
    bases: list[TypeRef] = []
    handed: tuple[Argument, ...] = ()
    for k in parts(c, n):
        if k.kind_id in _ARGUMENTS:
            handed = arguments(c, k)
            continue
        kids = parts(c, k) if k.kind_id in _PRIMARY_BASE else [k]
        for inner in kids:
            if inner.kind_id in _ARGUMENTS:
                handed = arguments(c, inner)
            else:
                known = type_of(c, inner)
                bases += [known] if known is not None else []
    return bases, handed


def _primary(
    c: Lowering, inner: Scope, params: tuple[Param, ...], handed: tuple[Argument, ...], kind: str, place: int
) -> None:
    """A primary constructor: a constructor that assigns what it takes, and the fields that hold it."""
    body: list[Stmt] = []
    if handed:
        c.nodes += 3
        body.append(Eval(Call(Name("super", place), handed, place), place))
    is_record = kind == "record"
    declared = {field.name for field in inner.fields}
    fields: list[Field] = []
    for param in params:
        c.nodes += 5
        target = Member(Name("this", param.span), param.name, param.span, param.span)
        assigned = Assign(target, "=", Name(param.name, param.span), param.span)
        body.append(Eval(assigned, param.span))
        if param.name not in declared:
            modifiers = ("public",) if is_record else ("private",)
            held = "property" if is_record else "field"
            fields.append(Field(param.name, param.type, None, param.annotations, modifiers, held, param.span))
    inner.fields[:0] = fields
    inner.functions.insert(0, Function(".ctor", params, None, tuple(body), (), ("public",), (), place, place))


def _delegate(c: Lowering, g: Gathered, n: Node, scope: Scope) -> None:
    signature = function_of(c, n)
    full = f"{scope.outer}.{signature.name}" if scope.outer else signature.name
    invoke = Function(
        "Invoke", signature.params, signature.returns, None, (), ("public",), (), signature.span, signature.name_span
    )
    declared = TypeDecl(
        full, scope.package, "delegate", (), signature.type_params, signature.annotations, signature.modifiers,
        (), (invoke,), signature.span, signature.name_span,
    )  # fmt: skip
    g.types.append(declared)


def _enum_member(c: Lowering, g: Gathered, n: Node, scope: Scope) -> None:
    head = Head(c, n)
    kids = [k for k in head.rest if k.kind_id in NAMED]
    if kids:
        value = expr(c, kids[1]) if len(kids) > 1 else None
        scope.fields.append(Field(identifier(c, kids[0]), None, value, head.annotations, (), "member", span_of(n)))


def _field(c: Lowering, g: Gathered, n: Node, scope: Scope) -> None:
    scope.fields += fields_of(c, n)


def _event_field(c: Lowering, g: Gathered, n: Node, scope: Scope) -> None:
    scope.fields += fields_of(c, n, "event")


def _property(c: Lowering, g: Gathered, n: Node, scope: Scope) -> None:
    scope.fields.append(property_of(c, n))


def _event(c: Lowering, g: Gathered, n: Node, scope: Scope) -> None:
    scope.fields.append(property_of(c, n, "event"))


def _method(c: Lowering, g: Gathered, n: Node, scope: Scope) -> None:
    c.used()
    function = function_of(c, n)
    scope.functions.append(replace(function, uses=c.used()))


def _constructor(c: Lowering, g: Gathered, n: Node, scope: Scope) -> None:
    scope.functions.append(constructor_of(c, n))


def _operator(c: Lowering, g: Gathered, n: Node, scope: Scope) -> None:
    scope.functions.append(operator_of(c, n))


def _both(c: Lowering, g: Gathered, n: Node, scope: Scope) -> None:
    """`#if` among declarations: all branches count."""
    nodes = [k for k in solid(c, n) if k.kind_id in NAMED]
    skip = 0 if KINDS[n.kind_id] in ("preproc_else", "ERROR") else 1
    gather(c, g, nodes[skip:], scope)


def _unreadable(c: Lowering, g: Gathered, n: Node, scope: Scope) -> None:
    """Unreadable text: a type whose end was not found still holds the members that were read."""
    before: list[Node] = []
    children = n.children
    for i, k in enumerate(children):
        if KINDS[k.kind_id] in _OPENERS and i + 1 < len(children) and children[i + 1].kind_id in _IDENTIFIER:
            gather(c, g, before, scope)
            _open(c, g, n, children[i:], scope)
            return
        before.append(k)
    gather(c, g, before, scope)


def _open(c: Lowering, g: Gathered, n: Node, nodes: list[Node], scope: Scope) -> None:
    name = identifier(c, nodes[1])
    inner = Scope(scope.package, f"{scope.outer}.{name}" if scope.outer else name)
    at = len(g.types)
    bases = next((_bases(c, k)[0] for k in nodes if KINDS[k.kind_id] == "base_list"), [])
    gather(c, g, nodes[2:], inner)
    declared = TypeDecl(
        inner.outer, scope.package, KINDS[nodes[0].kind_id], tuple(bases), (), (), (),
        tuple(inner.fields), tuple(inner.functions), span_of(n), span_of(nodes[1]),
    )  # fmt: skip
    g.types.insert(at, declared)


_DECLARATIONS: Final[dict[int, Callable[[Lowering, Gathered, Node, Scope], None]]] = {
    i: function
    for names, function in (
        (("using_directive",), _using),
        (("namespace_declaration",), _namespace),
        (("file_scoped_namespace_declaration",), _file_namespace),
        (("global_attribute",), _global_attribute),
        (("class_declaration", "struct_declaration", "interface_declaration", "enum_declaration"), _type),
        (("record_declaration",), _type_or_extension),
        (("delegate_declaration",), _delegate),
        (("enum_member_declaration",), _enum_member),
        (("field_declaration",), _field),
        (("event_field_declaration",), _event_field),
        (("property_declaration", "indexer_declaration"), _property),
        (("event_declaration",), _event),
        (("method_declaration",), _method),
        (("constructor_declaration",), _constructor),
        (("operator_declaration", "conversion_operator_declaration", "destructor_declaration"), _operator),
        (("preproc_if", "preproc_elif", "preproc_else"), _both),
    )
    for i in ids(*names)
}
_DECLARATIONS[ERROR] = _unreadable
