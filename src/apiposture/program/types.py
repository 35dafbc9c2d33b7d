"""What is a type of the scanned program, once its partial declarations are joined?"""

from __future__ import annotations

from apiposture.model.ir import Annotation, Field, Function, Module, TypeDecl, TypeParam, TypeRef


class Routine:
    """A function where it stands: with its type (None for top-level code) and its module. Compared by identity."""

    __slots__ = ("function", "module", "owner")

    def __init__(self, function: Function, owner: Type | None, module: Module) -> None:
        self.function = function
        self.owner = owner
        self.module = module

    @property
    def name(self) -> str:
        """`OrderController.GetOrder`, or the bare name outside of types."""
        return f"{self.owner.name}.{self.function.name}" if self.owner else self.function.name

    def __repr__(self) -> str:
        return f"Routine({self.name} in {self.module.path})"


def function_key(path: str, function: Function) -> str:
    """Tells a function that a file declares from others."""
    return f"{path}:{function.span}:{function.name}"


class Slot:
    """A field or property with the type and module that declare it, and its own type once somebody asked. Compared by identity."""

    __slots__ = ("field", "module", "owner", "use")

    def __init__(self, field: Field, owner: Type, module: Module) -> None:
        self.field = field
        self.owner = owner
        self.module = module
        self.use: TypeUse | None = None


class Type:
    """A class, record, struct, interface or enum with everything that its partial declarations say. Compared by identity.

    `name` has the outer types before it, `simple` does not.
    """

    __slots__ = ("bases", "decls", "fields", "functions", "kind", "name", "package", "simple", "type_params")

    def __init__(self, decl: TypeDecl) -> None:
        self.name = decl.name
        self.simple = decl.name.rpartition(".")[2]
        self.package = decl.package
        self.kind = decl.kind
        self.type_params: tuple[TypeParam, ...] = decl.type_params
        self.decls: list[tuple[TypeDecl, Module]] = []
        self.bases: list[tuple[TypeRef, Module]] = []
        self.fields: dict[str, Slot] = {}
        self.functions: dict[str, list[Routine]] = {}

    def add(self, decl: TypeDecl, module: Module) -> None:
        """Join one more declaration."""
        self.decls.append((decl, module))
        self.bases += ((base, module) for base in decl.bases)
        for field in decl.fields:
            self.fields.setdefault(field.name, Slot(field, self, module))
        for function in decl.functions:
            self.functions.setdefault(function.name, []).append(Routine(function, self, module))

    @property
    def qualified(self) -> str:
        """The name with package and outer types."""
        return f"{self.package}.{self.name}" if self.package else self.name

    @property
    def annotations(self) -> list[tuple[Annotation, Module]]:
        """The annotations of all declarations, each with the module that it stands in."""
        return [(annotation, module) for decl, module in self.decls for annotation in decl.annotations]

    @property
    def is_interface(self) -> bool:
        return self.kind == "interface"

    @property
    def is_abstract(self) -> bool:
        return self.is_interface or any("abstract" in decl.modifiers for decl, _ in self.decls)

    def __repr__(self) -> str:
        return f"Type({self.qualified})"


class TypeUse:
    """A type as it is used somewhere: simple name, arguments, and the project's declaration where it has one. Never changed.

    A type variable has `variable` set. Two uses are equal when name, arguments and declaration are.
    """

    __slots__ = ("args", "decl", "name", "variable")

    def __init__(self, name: str, args: tuple[TypeUse, ...] = (), decl: Type | None = None, variable: bool = False) -> None:
        self.name = name
        self.args = args
        self.decl = decl
        self.variable = variable

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, TypeUse):
            return False
        same = self.name == other.name and self.decl is other.decl and self.variable == other.variable
        return same and self.args == other.args

    def __hash__(self) -> int:
        return hash((self.name, self.args))

    def __repr__(self) -> str:
        return f"TypeUse({self.name}{list(self.args) if self.args else ''})"


def substitute(use: TypeUse, bound: dict[str, TypeUse]) -> TypeUse:
    """The type with its variables replaced by what they are bound to."""
    if not bound:
        return use
    if use.variable:
        return bound.get(use.name, use)
    if not use.args:
        return use
    args = tuple(substitute(arg, bound) for arg in use.args)
    return use if args == use.args else TypeUse(use.name, args, use.decl)
