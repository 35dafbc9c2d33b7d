"""How does a whole Python file become a module?

The file itself is a type of the kind `module`: its functions and variables are static members, so that they are found by the file's
dotted name like the members of any type. What it runs when it is loaded is the module's body.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import msgspec
from tree_sitter import Node, Parser

from apiposture.languages.python import expressions, statements  # noqa: F401
from apiposture.languages.python.classes import class_of
from apiposture.languages.python.dispatch import BRANCHES, ERROR, GRAMMAR, Lowering, expr, field, ids, parts, span_of, stmts, text_at
from apiposture.languages.python.functions import function_of
from apiposture.languages.python.names import built_in, imports_of, package_of
from apiposture.languages.python.types import typed
from apiposture.languages.text import ascii_of, lines_of
from apiposture.model.ir import Call, Expr, Fault, Field, Function, Index, Member, Module, Name, TypeDecl
from apiposture.model.source import SourceFile

_ASSIGNMENT: Final = ids("assignment")
_IDENTIFIER: Final = ids("identifier")
_DECORATOR: Final = ids("decorator")
_MOST_FAULTS: Final = 100
_TYPE_FORMS: Final = frozenset(("Annotated", "Union", "Optional", "Literal", "list", "dict", "List", "Dict", "Callable", "type", "Type"))


@cache
def _parser() -> Parser:
    return Parser(GRAMMAR)


def lower_file(source: SourceFile) -> Module:
    """The file in the IR."""
    data = ascii_of(source.text)
    root = _parser().parse(data).root_node
    package, parent = package_of(source.path)
    c = Lowering(source.text, package, parent)
    functions: list[Function] = []
    _gather(c, root.children if root.kind_id != ERROR else [root], functions, 0)
    body = stmts(c, root.children if root.kind_id != ERROR else [root])
    itself = _itself(c, functions, len(data))
    faults = (*c.faults, *_unread(root)) if root.has_error else tuple(c.faults)
    imports = tuple(dict.fromkeys((*c.imports, *built_in(c.calls))))
    return Module(
        source.path, "python", source.digest, package, imports, (), (itself, *c.types), (), body, lines_of(data), False,
        c.nodes, c.opaque, faults, tuple(sorted(c.calls)), True,
    )  # fmt: skip


def _itself(c: Lowering, functions: list[Function], end: int) -> TypeDecl:
    """The file as a type: what stands outside of classes are its members."""
    parent, _, name = c.package.rpartition(".")
    fields: list[Field] = []
    for one in c.variables.values():
        modifiers = ("static",) if one.name in c.rebound or one.kind == "alias" else ("static", "readonly")
        fields.append(Field(one.name, one.type, one.value, one.annotations, modifiers, one.kind, one.span))
    static = tuple([msgspec.structs.replace(f, modifiers=(*f.modifiers, "static")) for f in functions])
    return TypeDecl(name, parent, "module", (), (), (), ("static",), tuple(fields), static, end, 0)


def _gather(c: Lowering, nodes: list[Node], functions: list[Function], depth: int) -> None:
    """What the file declares, in all branches: a conditional import brings its names, whatever is decided when it is loaded."""
    for n in nodes:
        kind = n.type
        if kind == "function_definition":
            functions.append(function_of(c, n, []))
        elif kind == "class_definition":
            class_of(c, n, [])
        elif kind == "decorated_definition":
            inner = field(n, "definition")
            decorators = [k for k in n.children if k.kind_id in _DECORATOR]
            if inner is not None and inner.type == "class_definition":
                class_of(c, inner, decorators)
            elif inner is not None:
                functions.append(function_of(c, inner, decorators))
        elif kind in ("import_statement", "import_from_statement"):
            c.imports += imports_of(c, n)
        elif kind == "expression_statement":
            for k in parts(n):
                if k.kind_id in _ASSIGNMENT:
                    _variable(c, k)
        elif kind == "type_alias_statement":
            _alias(c, n)
        elif n.kind_id in BRANCHES and depth < 50:
            _gather(c, n.children, functions, depth + 1)


def _variable(c: Lowering, n: Node) -> None:
    """A variable of the file; one that is set twice has no fixed value."""
    left, right = field(n, "left"), field(n, "right")
    if left is None or left.kind_id not in _IDENTIFIER:
        return
    if right is not None and right.kind_id in _ASSIGNMENT:
        _variable(c, right)
    name = text_at(c, left)
    of = typed(c, field(n, "type"))
    if name in c.variables:
        c.rebound.add(name)
        return
    if of.type is not None and of.type.name.rpartition(".")[2] == "TypeAlias":
        of.type = None
    nodes, calls = c.nodes, set(c.calls)
    value = expr(c, right) if right is not None else None
    c.nodes, c.calls = nodes, calls  # the body holds it as well
    if of.type is None and right is not None and value is not None and _spells_type(value):
        alias = typed(c, right)
        if alias.type is not None:
            c.variables[name] = Field(name, alias.type, value, tuple(alias.annotations), ("static",), "alias", span_of(n))
            return
    if type(value) is Call and type(value.function) is Name and value.function.id == "TypeVar":
        c.typevars.add(name)
    c.variables[name] = Field(name, of.type, value, tuple(of.annotations), ("static",), "field", span_of(n))


def _spells_type(value: Expr) -> bool:
    """Is it a type with arguments, as in `Item = Annotated[Order, Depends(find)]`?"""
    if type(value) is not Index:
        return False
    spelled = value.object
    last = spelled.name if type(spelled) is Member else spelled.id if type(spelled) is Name else ""
    return last in _TYPE_FORMS


def _alias(c: Lowering, n: Node) -> None:
    """`type Name[T] = ...`."""
    left, right = field(n, "left"), field(n, "right")
    kids = parts(left) if left is not None else []
    if not kids:
        return
    name = text_at(c, kids[0]).partition("[")[0].strip()
    alias = typed(c, right)
    c.variables[name] = Field(name, alias.type, None, tuple(alias.annotations), ("static",), "alias", span_of(n))


def _unread(root: Node) -> list[Fault]:
    """The stretches that the parser could not read, the outermost of each."""
    found: list[Fault] = []
    pending = [root]
    while pending and len(found) < _MOST_FAULTS:
        n = pending.pop()
        if n.kind_id == ERROR:
            found.append(Fault(span_of(n), "not understood"))
        elif n.is_missing:
            found.append(Fault(span_of(n), f"'{n.type}' is missing"))
        elif n.has_error:
            pending += reversed(n.children)
    return found
