"""Which functions of a controller are actions, and under which verbs and templates?"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from apiposture.frameworks.csharp import _values
from apiposture.frameworks.csharp._own_routes import OwnRoutes
from apiposture.frameworks.csharp._sight import is_own
from apiposture.model.ir import Annotation, Module
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Type

HTTP = {
    "HttpGet": "GET",
    "HttpPost": "POST",
    "HttpPut": "PUT",
    "HttpDelete": "DELETE",
    "HttpPatch": "PATCH",
    "HttpHead": "HEAD",
    "HttpOptions": "OPTIONS",
}
ROUTES = frozenset(("Route", "RoutePrefix"))
OF_ROUTES = ROUTES | frozenset(HTTP)
ABP_BASES = frozenset(("AbpController", "AbpControllerBase"))
LIBRARY_BASES = ABP_BASES | frozenset(
    "Controller ControllerBase ApiController ODataController AsyncController PageModel Object object IDisposable IAsyncDisposable".split()
)
"""Library bases that are known to declare nothing about callers."""

ENDPOINT_BASES = frozenset(
    "EndpointBaseAsync EndpointBaseSync EndpointBase WithRequest WithoutRequest WithActionResult WithResult WithoutResult "
    "WithAsyncEnumerableResult".split()
)
"""Ardalis.ApiEndpoints: controllers with one action."""

CONTROLLER_BASES = (
    frozenset(("Controller", "ControllerBase", "ApiController", "ODataController", "AsyncController")) | ENDPOINT_BASES | ABP_BASES
)
NOT_ACTIONS = frozenset((
    "ToString", "Equals", "GetHashCode", "Dispose", "DisposeAsync", "OnActionExecuting", "OnActionExecuted",
    "OnActionExecutionAsync", "OnException", "OnAuthorization", "OnResultExecuting", "OnResultExecuted", "Initialize",
    "Execute", "ExecuteAsync", "HandleUnknownAction", ".ctor", ".cctor",
))  # fmt: skip
"""Functions of the framework's bases: overriding them makes no action."""


class Verb(Struct, frozen=True):
    """One way to reach an action: its methods (empty: any), and its own template or None."""

    methods: tuple[str, ...]
    template: str | None


class Action(Struct, frozen=True, eq=False):
    """One action with the attributes that hold for it, those of what it overrides included."""

    routine: Routine
    annotations: tuple[tuple[Annotation, Module], ...]


def is_controller(program: Program, declared: Type) -> bool:
    """As ASP.NET Core decides: public, concrete, not generic, not nested, and named or based or marked as a
    controller."""
    if declared.kind not in ("class", "record") or declared.type_params or "." in declared.name or declared.is_abstract:
        return False
    modifiers = {m for decl, _ in declared.decls for m in decl.modifiers}
    if "public" not in modifiers or "static" in modifiers:
        return False
    names = library_marks(program, declared)
    if "NonController" in names:
        return False
    based = any(use.name.rpartition(".")[2] in CONTROLLER_BASES for _, use in program.ancestors(declared))
    return based or declared.simple.endswith("Controller") or not names.isdisjoint(("Controller", "ApiController"))


def library_marks(program: Program, declared: Type) -> frozenset[str]:
    """The libraries' attributes of a type and its bases, by their simple names: a project's own of the same name is another."""
    found = (pair for t in program.lineage(declared) for pair in t.annotations)
    return frozenset(a.name.rpartition(".")[2] for a, module in found if not is_own(program, a, module))


def actions(program: Program, declared: Type) -> Iterator[Action]:
    """The public functions that are actions, inherited ones too; an override speaks for what it overrides."""
    seen: set[tuple[str, tuple[str, ...]]] = set()
    lineage = [t for t in program.lineage(declared) if not t.is_interface]
    for t in lineage:
        for name, routines in t.functions.items():
            for routine in routines:
                shape = (name, tuple(p.type.name if p.type else "" for p in routine.function.params))
                if name in NOT_ACTIONS or shape in seen or not _is_public_method(routine):
                    continue
                seen.add(shape)
                overridden = [
                    r for base in lineage for r in base.functions.get(name, ()) if r is routine or _overrides(routine, r, t, base)
                ]
                annotations = tuple((a, r.module) for r in overridden for a in r.function.annotations)
                if not any(a.name.rpartition(".")[2] == "NonAction" for a, _ in annotations):
                    yield Action(routine, annotations)


def _is_public_method(routine: Routine) -> bool:
    function = routine.function
    return (
        "public" in function.modifiers
        and not {"static", "abstract"} & set(function.modifiers)
        and not function.type_params
        and function.has_body
    )


def _overrides(routine: Routine, other: Routine, t: Type, base: Type) -> bool:
    return base is not t and "override" in routine.function.modifiers and len(other.function.params) == len(routine.function.params)


def ways(program: Program, action: Action, within: Type) -> list[Verb]:
    """The verbs and templates of an action, as ASP.NET Core makes selectors of its attributes."""
    own = OwnRoutes(program, OF_ROUTES)
    routed: list[Verb] = []
    silent: list[str] = []
    grouped = False
    for annotation, module in action.annotations:
        name = annotation.name.rpartition(".")[2]
        methods = _methods(program, annotation, name, module, within)
        declared = own.declared(annotation, module) if name not in HTTP and name not in ROUTES else None
        if declared is not None:
            methods = methods or own.verbs(declared, annotation, module, within) or None
            template = own.template(declared, annotation, module, within)
        elif methods is None and name not in ROUTES:
            continue
        else:
            template = _template(program, annotation, name, module, within)
        if template is None:
            silent += methods or ()
        elif methods is None:
            grouped = True
            routed.append(Verb((), template))
        else:
            routed.append(Verb(methods, template))
    if not routed:
        return [Verb(tuple(dict.fromkeys(silent)), None)]
    if grouped:
        return [Verb(tuple(dict.fromkeys(silent)), v.template) if not v.methods else v for v in routed]
    return routed + ([Verb(tuple(dict.fromkeys(silent)), None)] if silent else [])


def _methods(program: Program, annotation: Annotation, name: str, module: Module, within: Type) -> tuple[str, ...] | None:
    if name in HTTP:
        return (HTTP[name],)
    if name == "AcceptVerbs":
        texts = [_values.text(program, a.value, module, within, {}) for a in annotation.args if a.name is None]
        return tuple(v.strip().upper() for t in texts if t for v in t.replace("|", ",").split(","))
    declared = program.find_type(f"{name}Attribute", module) if name not in ROUTES else None
    if declared is None:
        return None
    inherited = (use.name.removesuffix("Attribute") for _, use in program.ancestors(declared))
    verb = next((HTTP[base] for base in inherited if base in HTTP), None)
    return (verb,) if verb else None


def _template(program: Program, annotation: Annotation, name: str, module: Module, within: Type) -> str | None:
    value = walk.argument(annotation, -1 if name == "AcceptVerbs" else 0, "Route" if name == "AcceptVerbs" else "template")
    if value is None:
        return None
    return template_text(program, value, module, within)


def template_text(program: Program, value: object, module: Module, within: Type) -> str:
    """A template's text; one that can't be read becomes a parameter that says so."""
    found = _values.text(program, value, module, within, {})  # type: ignore[arg-type]
    return found if found is not None else "{" + (walk.dotted(value).rpartition(".")[2] or "route") + "}"  # type: ignore[arg-type]


def type_routes(program: Program, declared: Type) -> list[str]:
    """The templates of the nearest type in the hierarchy that has any."""
    own = OwnRoutes(program, OF_ROUTES)
    for t in program.lineage(declared):
        found = [template for a, module in t.annotations if (template := _type_route(own, a, module, t)) is not None]
        if found:
            return found
    return []


def _type_route(own: OwnRoutes, annotation: Annotation, module: Module, within: Type) -> str | None:
    """The template that one attribute of a type says."""
    if annotation.name.rpartition(".")[2] in ROUTES:
        value = walk.argument(annotation, 0, "template") or walk.argument(annotation, 0, "prefix")
        return template_text(own.program, value, module, within) if value is not None else None
    declared = own.declared(annotation, module)
    return own.template(declared, annotation, module, within) if declared is not None else None


def area_of(program: Program, declared: Type) -> str:
    """The `[Area]` of the type or its bases."""
    for t in program.lineage(declared):
        for a, module in t.annotations:
            if a.name.rpartition(".")[2] == "Area" and a.args:
                return _values.text(program, a.args[0].value, module, t, {}) or ""
    return ""
