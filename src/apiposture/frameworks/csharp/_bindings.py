"""Where does each parameter of a handler come from?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import cached_property, lru_cache

from apiposture.model.facts import Binding
from apiposture.model.ir import Annotation, Param, TypeRef
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Slot, Type

EXPLICIT = {
    "FromRoute": "route", "FromQuery": "query", "FromBody": "body", "FromHeader": "header", "FromForm": "form",
    "FromServices": "service", "FromKeyedServices": "service", "FromUri": "query", "FromCookie": "cookie",
    "FromClaim": "principal", "FromUriOrBody": "body", "QueryParam": "query", "RouteParam": "route", "BindFrom": "",
    "BindNever": "service", "FromSession": "unknown",
}  # fmt: skip
SIMPLE = frozenset((
    "string", "String", "int", "Int32", "long", "Int64", "short", "Int16", "byte", "Byte", "sbyte", "uint", "ulong",
    "ushort", "bool", "Boolean", "char", "Char", "double", "Double", "float", "Single", "decimal", "Decimal", "Guid",
    "DateTime", "DateTimeOffset", "TimeSpan", "DateOnly", "TimeOnly", "Uri", "Version", "StringValues", "UInt32",
    "UInt64", "Half", "BigInteger", "IPAddress", "ObjectId",
))  # fmt: skip
FILES = frozenset(("IFormFile", "IFormFileCollection", "HttpPostedFileBase", "HttpPostedFile", "IBrowserFile"))
FRAMEWORK = frozenset((
    "HttpContext", "HttpRequest", "HttpResponse", "CancellationToken", "ILogger", "PipeWriter", "IServiceProvider",
    "LinkGenerator", "ServerCallContext", "IServerStreamWriter", "HttpContextBase", "HttpRequestMessage",
))  # fmt: skip
WRAPPERS = frozenset(
    (
        "Nullable",
        "[]",
        "List",
        "IEnumerable",
        "IList",
        "ICollection",
        "IReadOnlyList",
        "IReadOnlyCollection",
        "HashSet",
        "Optional",
        "Delta",
    )
)
BODILESS = frozenset(("GET", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT"))
SERVICE_NAMES = (
    "Manager",
    "Service",
    "Factory",
    "Provider",
    "Repository",
    "Context",
    "DbContext",
    "Handler",
    "Client",
    "Validator",
    "Mediator",
)
"""Ends of names of library types that a container gives: a type of the project is judged by what is registered."""


class Binder:
    """Binds parameters, with what the program registers as services."""

    def __init__(self, program: Program) -> None:
        self.program = program

    @cached_property
    def services(self) -> frozenset[str]:
        """The simple names of all types that a container is told about."""
        found = {name for pair in self.program.registrations for name in pair}
        for _, call in self.program.registering:
            found |= {ref.name.rpartition(".")[2] for ref in call.type_args}
        return frozenset(found)

    def bind(
        self, routine: Routine, route: Collection[str], methods: Sequence[str], *, api: bool, minimal: bool = False
    ) -> Iterator[Binding]:
        """The binding of each parameter. `route` are the template's parameters in lower case; `api` says that complex
        types are the body."""
        for param in routine.function.params:
            yield from self.of_parameter(param, routine, route, methods, api, minimal)

    def of_parameter(
        self, param: Param, routine: Routine, route: Collection[str], methods: Sequence[str], api: bool, minimal: bool
    ) -> Iterator[Binding]:
        given = _explicit(param.annotations)
        name, shown = given[1] or param.name, param.name
        if any(a.name == "AsParameters" for a in param.annotations):
            yield Binding(shown, "unknown")
            yield from self._members(param, routine, route, methods, minimal)
            return
        if given[0]:
            yield Binding(shown, given[0])
        elif param.type is None:
            yield Binding(shown, "service" if len(routine.function.params) == 1 else "unknown")
        elif (fixed := self._by_type(param.type, routine)) is not None:
            yield Binding(shown, fixed)
        elif name.lower() in route and self._is_simple(param.type, routine):
            yield Binding(shown, "route")
        elif self._is_simple(param.type, routine):
            yield Binding(shown, "query" if api or minimal or all(m in BODILESS for m in methods) else "form")
        else:
            yield Binding(shown, self._complex(param.type, routine, methods, api, minimal))
        yield from self._marked_members(param, routine, route)

    def _complex(self, ref: TypeRef | None, routine: Routine, methods: Sequence[str], api: bool, minimal: bool) -> str:
        if minimal and self._binds_itself(ref, routine):
            return "unknown"
        if minimal and ((methods and all(m in BODILESS for m in methods)) or self._is_made_of_services(ref, routine)):
            return "service"  # no body is inferred for these methods, and an object that needs services is read from none
        if minimal:
            return "body"
        if api:
            return "body"
        return "query" if methods and all(m in BODILESS for m in methods) else "form"

    def _by_type(self, ref: TypeRef | None, routine: Routine) -> str | None:
        if ref is None:
            return None
        simple = _inner(ref).name.rpartition(".")[2]
        if simple in FILES:
            return "file"
        if simple in ("IFormCollection", "FormCollection"):
            return "form"
        if simple in ("ClaimsPrincipal", "IPrincipal", "ClaimsIdentity"):
            return "principal"
        if simple in ("Stream", "PipeReader"):
            return "body"
        if simple in FRAMEWORK or simple in self.services or ref.name.rpartition(".")[2] in self.services:
            return "service"
        declared = self._declared(ref, routine)
        if declared is not None:
            if self.program.is_a(declared, "DbContext", "IdentityDbContext"):
                return "service"
            return "service" if declared.is_interface and ref.name not in WRAPPERS and not self._is_mediated(declared) else None
        if simple in SIMPLE or ref.name in WRAPPERS:
            return None
        looks = simple.endswith(SERVICE_NAMES) or (len(simple) > 2 and simple[0] == "I" and simple[1].isupper() and simple[2].islower())
        return "service" if looks else None

    def _is_mediated(self, declared: Type) -> bool:
        return self.program.is_a(declared, "IRequest", "ICommand", "IQuery")

    def _declared(self, ref: TypeRef | None, routine: Routine) -> Type | None:
        return self.program.use(_inner(ref), routine.module, routine.owner).decl if ref is not None else None

    def _is_simple(self, ref: TypeRef | None, routine: Routine) -> bool:
        if ref is None:
            return True
        inner = _inner(ref)
        if inner.name.rpartition(".")[2] in SIMPLE:
            return True
        declared = self._declared(ref, routine)
        if declared is None:
            return any(p.name == inner.name for p in routine.function.type_params)
        return declared.kind == "enum" or any("static" in r.function.modifiers for r in declared.functions.get("TryParse", ()))

    def _binds_itself(self, ref: TypeRef | None, routine: Routine) -> bool:
        declared = self._declared(ref, routine)
        return declared is not None and "BindAsync" in declared.functions

    def _is_made_of_services(self, ref: TypeRef | None, routine: Routine) -> bool:
        """Does every constructor of a type ask for a service?"""
        declared = self._declared(ref, routine)
        made = declared.functions.get(".ctor", ()) if declared is not None else ()
        given = ([self._by_type(param.type, one) for param in one.function.params] for one in made)
        return bool(made) and all("service" in each for each in given)

    def _slots(self, param: Param, routine: Routine) -> list[Slot]:
        declared = self._declared(param.type, routine)
        return [s for s in self.program.slots(declared) if s.field.kind == "property"] if declared else []

    def _members(self, param: Param, routine: Routine, route: Collection[str], methods: Sequence[str], minimal: bool) -> Iterator[Binding]:
        """The members of a type that is bound one by one (`[AsParameters]`)."""
        for slot in self._slots(param, routine):
            field = slot.field
            as_param = Param(field.name, field.type, field.value, field.annotations, "", field.span)
            at = Routine(routine.function, slot.owner, slot.module)
            for bound in self.of_parameter(as_param, at, route, methods, True, True):
                yield Binding(f"{param.name}.{bound.name}", bound.source)

    def _marked_members(self, param: Param, routine: Routine, route: Collection[str]) -> Iterator[Binding]:
        """Members of a model that say where they come from themselves."""
        for slot in self._slots(param, routine):
            source = _explicit(slot.field.annotations)[0]
            if source:
                yield Binding(f"{param.name}.{slot.field.name}", source)

    def of_request(self, ref: TypeRef, routine: Routine, name: str, route: Collection[str], methods: Sequence[str]) -> Iterator[Binding]:
        """A request object that is filled from everywhere (FastEndpoints): the body, and route parameters by
        property."""
        yield Binding(name, "query" if methods and all(m in ("GET", "HEAD") for m in methods) else "body")
        declared = self._declared(ref, routine)
        for slot in self.program.slots(declared) if declared else ():
            source, other = _explicit(slot.field.annotations)
            if source or (other or slot.field.name).lower() in route:
                yield Binding(f"{name}.{slot.field.name}", source or "route")

    def properties(self, declared: Type, methods: Sequence[str], route: Collection[str], *, pages: bool) -> Iterator[Binding]:
        """Properties of a page or controller that are bound to the request, as `this.Name`."""
        reads = all(m in BODILESS for m in methods)
        all_of_them = [a for t in self.program.lineage(declared) for a, _ in t.annotations if a.name == "BindProperties"]
        for slot in self.program.slots(declared):
            source, _ = _explicit(slot.field.annotations)
            bind = next((a for a in slot.field.annotations if a.name == "BindProperty"), all_of_them[0] if all_of_them else None)
            if slot.field.kind != "property" or (bind is None and not source):
                continue
            if source:
                yield Binding(f"this.{slot.field.name}", source)
            elif not reads or (bind is not None and _supports_get(bind)):
                where = "route" if slot.field.name.lower() in route else "query" if reads else "form"
                yield Binding(f"this.{slot.field.name}", where)


def _explicit(annotations: Sequence[Annotation]) -> tuple[str, str]:
    """The source that an attribute names, and the name that it gives."""
    for annotation in annotations:
        simple = annotation.name.rpartition(".")[2]
        if simple in EXPLICIT:
            value = walk.argument(annotation, 0, "Name")
            literal = getattr(value, "value", None)
            return EXPLICIT[simple], literal if isinstance(literal, str) else ""
        if simple == "ModelBinder":
            return "unknown", ""
    return "", ""


def _supports_get(annotation: Annotation) -> bool:
    return any(a.name == "SupportsGet" and getattr(a.value, "value", False) is True for a in annotation.args)


def _inner(ref: TypeRef) -> TypeRef:
    while ref.name.rpartition(".")[2] in WRAPPERS and len(ref.args) == 1:
        ref = ref.args[0]
    return ref


def binder_of(program: Program) -> Binder:
    """The program's binder; made once for all frameworks."""
    return _binder(program, program.edition)


@lru_cache(maxsize=1)
def _binder(program: Program, edition: int) -> Binder:
    return Binder(program)
