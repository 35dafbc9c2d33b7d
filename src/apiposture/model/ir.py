"""What does a program say, once its language is forgotten?

The waist between `languages` and everything else. A language file lowers each of its constructs into these few; what it
can't express becomes `Opaque`, which keeps its children, so that an unknown construct still carries data, and is counted.
"""

from __future__ import annotations

from typing import Union

from msgspec import Struct

from apiposture.model.kept import Body, WithBody, decoded_late
from apiposture.model.source import Span


class Node(Struct, frozen=True, array_like=True, tag_field="node"):
    """An expression or a statement; the tag tells which when it is stored."""


class TypeRef(Struct, frozen=True, gc=False, array_like=True):
    """A type as the code writes it: dotted name and type arguments. What is built into a language is spelled as `string`, `int`, `bool`,
    `double`, `List`, `Dictionary` in all of them.

    Nullability is dropped. An array is `[]` with its element type, a tuple `()` (`(Count,Filled)` with names), `var` is no TypeRef.
    """

    name: str
    args: tuple[TypeRef, ...] = ()


class Literal(Node, frozen=True, gc=False, tag=1):
    """A constant written out; integers beyond 64 bits and characters arrive as text."""

    value: str | int | float | bool | None
    span: Span


class Name(Node, frozen=True, gc=False, tag=2):
    """A simple name. The object itself is `this`, its parent's view `super`, whatever the language calls them."""

    id: str
    span: Span


class Member(Node, frozen=True, tag=3):
    """`object.name`, null-safe or not."""

    object: Expr
    name: str
    span: Span
    name_span: Span


class Index(Node, frozen=True, tag=4):
    """`object[keys]`."""

    object: Expr
    keys: tuple[Expr, ...]
    span: Span


class Argument(Struct, frozen=True, array_like=True):
    """One argument of a call, annotation or initialiser. `mode` is empty, `out`, `ref`, `spread` or `spread-map`."""

    value: Expr
    name: str | None = None
    mode: str = ""


class Call(Node, frozen=True, tag=5):
    """`function<type_args>(args)`; awaiting it leaves no trace, since it changes neither who is called nor with what.

    Where a language writes no `new`, a call of a type makes an object.
    """

    function: Expr
    args: tuple[Argument, ...]
    span: Span
    type_args: tuple[TypeRef, ...] = ()


class New(Node, frozen=True, tag=6):
    """A new object, with what its initialiser sets (`fields`); `type` is None where it is anonymous or inferred.

    A copy with changes (`x with { A = 1 }`) is a New without a type whose only argument is the original, in mode `spread`.
    """

    type: TypeRef | None
    args: tuple[Argument, ...]
    fields: tuple[Argument, ...]
    span: Span


class Binary(Node, frozen=True, tag=7):
    """Two operands. Operators are spelled `&& || == != < <= > >= + - * / % ?? in is` (and bit operators) in every language.

    `is` tests a type: its right side is a Name or Member that spells the type.
    """

    operator: str
    left: Expr
    right: Expr
    span: Span


class Unary(Node, frozen=True, tag=8):
    """One operand: `!`, `-`, `+`, `~`, `++`, `--`."""

    operator: str
    operand: Expr
    span: Span


class Template(Node, frozen=True, tag=9):
    """Text with values in it: literal pieces and expressions in order."""

    parts: tuple[Expr, ...]
    span: Span


class Collection(Node, frozen=True, tag=10):
    """`kind` is `list`, `set`, `tuple` or `map`; the items of a map are tuples of key and value. A spread item is an Opaque `spread`."""

    kind: str
    items: tuple[Expr, ...]
    span: Span


class Lambda(Node, frozen=True, tag=11):
    """A function as a value: lambdas, anonymous and local functions, query clauses and comprehensions."""

    function: Function
    span: Span


class Choice(Node, frozen=True, tag=12):
    """One of two values: conditional expressions; switch and match expressions as a chain."""

    condition: Expr
    then: Expr
    other: Expr
    span: Span


class Cast(Node, frozen=True, tag=13):
    """The value, said to be of a type."""

    type: TypeRef
    value: Expr
    span: Span


class Assign(Node, frozen=True, tag=14):
    """`target operator value`, as an expression; operator is `=`, `+=`, `??=`... A tuple target takes its value apart.

    A pattern's variable (`x is Order o`) is an Assign joined to the test by `&&`.
    """

    target: Expr
    operator: str
    value: Expr
    span: Span


class Opaque(Node, frozen=True, tag=15):
    """A construct that the IR has no word for: `kind` is the grammar's name of it."""

    kind: str
    parts: tuple[Expr, ...]
    span: Span


Expr = Union[
    Literal, Name, Member, Index, Call, New, Binary, Unary, Template, Collection, Lambda, Choice, Cast, Assign, Opaque
]


class Eval(Node, frozen=True, tag=1):
    """An expression for its effect."""

    value: Expr
    span: Span


class Declare(Node, frozen=True, tag=2):
    """A local variable, with its declared type and first value where it has them. Local functions declare a Lambda."""

    name: str
    type: TypeRef | None
    value: Expr | None
    span: Span


class Return(Node, frozen=True, tag=3):
    """The function ends with this value."""

    value: Expr | None
    span: Span


class Yield(Node, frozen=True, tag=4):
    """The function hands one item to its caller and goes on."""

    value: Expr
    span: Span


class Throw(Node, frozen=True, tag=5):
    """Control leaves by an exception; in expressions it is an Opaque `throw`."""

    value: Expr | None
    span: Span


class If(Node, frozen=True, tag=6):
    """Two ways on. A switch is a chain of these; the break that ends a case is dropped."""

    condition: Expr
    then: tuple[Stmt, ...]
    other: tuple[Stmt, ...]
    span: Span


class Loop(Node, frozen=True, tag=7):
    """Runs its body any number of times: over `iterable` binding `target`, or while `condition` holds (either may be None)."""

    target: Expr | None
    iterable: Expr | None
    condition: Expr | None
    body: tuple[Stmt, ...]
    span: Span


class Handler(Struct, frozen=True, array_like=True):
    """One catch clause; `condition` is its filter."""

    type: TypeRef | None
    name: str | None
    condition: Expr | None
    body: tuple[Stmt, ...]


class Try(Node, frozen=True, tag=8):
    """A body, what catches its exceptions, and what runs in any case."""

    body: tuple[Stmt, ...]
    handlers: tuple[Handler, ...]
    final: tuple[Stmt, ...]
    span: Span


class Block(Node, frozen=True, tag=9):
    """Statements with a scope of their own: braces, lock, using (its resource is declared first), unsafe, checked."""

    body: tuple[Stmt, ...]
    span: Span


class Jump(Node, frozen=True, tag=10):
    """`break`, `continue` or `goto`."""

    kind: str
    span: Span


Stmt = Union[Eval, Declare, Return, Yield, Throw, If, Loop, Try, Block, Jump]


class Annotation(Struct, frozen=True, array_like=True):
    """An attribute or decorator, named as written (C#: without the suffix `Attribute`). `target` as in `[return: X]`, else empty."""

    name: str
    args: tuple[Argument, ...]
    span: Span
    type_args: tuple[TypeRef, ...] = ()
    target: str = ""


class Param(Struct, frozen=True, array_like=True):
    """One parameter. `mode` is empty, `this` (of an extension; one with `get` is read, not called), `out`, `ref`, `rest` or `rest-map`."""

    name: str
    type: TypeRef | None
    default: Expr | None
    annotations: tuple[Annotation, ...]
    mode: str
    span: Span


class TypeParam(Struct, frozen=True, array_like=True):
    """A type parameter with the types it must extend."""

    name: str
    bounds: tuple[TypeRef, ...] = ()


class Function(WithBody, Struct, frozen=True, array_like=True):
    """Something that can be called. A constructor is named `.ctor`, a static initialiser `.cctor`, a lambda is nameless. `body` is None
    where there is none; an expression body is one Return. `uses`: names in a declared function's code; `rebinds`: outer variables it sets.
    """

    name: str
    params: tuple[Param, ...]
    returns: TypeRef | None
    body: Body
    annotations: tuple[Annotation, ...]
    modifiers: tuple[str, ...]
    type_params: tuple[TypeParam, ...]
    span: Span
    name_span: Span
    uses: tuple[str, ...] | None = None
    rebinds: tuple[str, ...] = ()


class Field(Struct, frozen=True, array_like=True):
    """A field, property, event, constant or enum member (`kind` says which), with accessor bodies where it has them.

    A property without bodies is plain storage. A setter's parameter is `value`. An indexer is a property named `this[]`.
    """

    name: str
    type: TypeRef | None
    value: Expr | None
    annotations: tuple[Annotation, ...]
    modifiers: tuple[str, ...]
    kind: str
    span: Span
    getter: Function | None = None
    setter: Function | None = None


class TypeDecl(Struct, frozen=True, array_like=True):
    """A class, record, struct, interface, enum, delegate or module as one file declares it; partial declarations are joined later.

    `name` has the outer types before it (`Outer.Inner`), `package` is the namespace. What a primary constructor takes is both a `.ctor`
    that assigns it and a field (a property for records). A delegate has its signature as function `Invoke`. A module is a file that is a
    name space of its own: what stands outside its types are its static members. A field of the kind `alias` is another name for its type.
    """

    name: str
    package: str
    kind: str
    bases: tuple[TypeRef, ...]
    type_params: tuple[TypeParam, ...]
    annotations: tuple[Annotation, ...]
    modifiers: tuple[str, ...]
    fields: tuple[Field, ...]
    functions: tuple[Function, ...]
    span: Span
    name_span: Span


class Import(Struct, frozen=True, array_like=True):
    """A name that stands for something elsewhere. `kind`: `package` (its contents, `name` is empty), `alias`, `members` (of a type),
    `library` (as `alias` or, without a name, as `package`, of what comes with the language: never the program's own).

    `shared` imports hold for the whole program.
    """

    name: str
    target: str
    kind: str
    shared: bool = False


class Fault(Struct, frozen=True, array_like=True):
    """A stretch that the parser could not read."""

    span: Span
    message: str


class Module(Struct, frozen=True, array_like=True):
    """One file, lowered. `functions` and `body` are what stands outside types (top-level statements are `body`).

    `lines` holds the offset at which each line starts. `implicit_this`: a bare name may be a member of the enclosing type. `nodes` and
    `opaque` count the expressions and statements made, and those of them not understood. `calls` are the last names of all functions
    called in the file and of the types made there, sorted. In a file with `explicit_names` each name is declared in it or imported by it.
    """

    path: str
    language: str
    digest: str
    package: str
    imports: tuple[Import, ...]
    annotations: tuple[Annotation, ...]
    types: tuple[TypeDecl, ...]
    functions: tuple[Function, ...]
    body: tuple[Stmt, ...]
    lines: tuple[int, ...]
    implicit_this: bool
    nodes: int
    opaque: int
    faults: tuple[Fault, ...]
    calls: tuple[str, ...] = ()
    explicit_names: bool = False


decoded_late(Function, tuple[Stmt, ...] | None)
