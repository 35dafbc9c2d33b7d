"""What does an attribute say about who may call?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from apiposture.frameworks.csharp import _judge, _policies, _text, _values
from apiposture.frameworks.csharp._metadata import Metadata
from apiposture.frameworks.csharp._missing import only_misses
from apiposture.frameworks.csharp._passing import Passage, passage
from apiposture.frameworks.csharp._sight import is_in_sight
from apiposture.frameworks.csharp._statements import Statement, needs_of
from apiposture.frameworks.csharp._told import is_base_constructor, told
from apiposture.model import ir
from apiposture.model.facts import Need
from apiposture.model.ir import Annotation, Module
from apiposture.program import Program, walk
from apiposture.program.places import place
from apiposture.program.types import Routine, Type

FILTERS = (
    "IAuthorizationFilter", "IAsyncAuthorizationFilter", "ActionFilterAttribute", "IActionFilter",
    "IAsyncActionFilter", "IPageFilter", "IResourceFilter", "IAsyncResourceFilter", "IAsyncPageFilter",
    "AuthorizationFilterAttribute", "IEndpointFilter", "IAuthenticationFilter",
)  # fmt: skip
FACTORIES = ("TypeFilter", "ServiceFilter")
PROTECTS = re.compile(r"Auth|Permission|Role|Polic|Access|Secur|ApiKey|Protect|Privilege|Claim|Token|Identity|Login|Admin(?!istrator$)")
"""Names of unknown libraries' attributes that may well decide who calls: they make a posture unknown, never anything else."""

HARMLESS = frozenset((
    "ValidateAntiForgeryToken", "AutoValidateAntiforgeryToken", "IgnoreAntiforgeryToken", "ApiVersion", "Authorize",
    "AllowAnonymous", "SecurityCritical", "SecuritySafeCritical", "RequestSizeLimit", "AccessedThroughProperty",
    "SupplyParameterFromForm", "AbpAutoValidateAntiforgeryToken",
))  # fmt: skip
PERMISSIONS = frozenset(("AbpAuthorize", "AbpMvcAuthorize", "AbpApiAuthorize"))
"""ASP.NET Boilerplate: what they name are permissions, one of which the caller has."""


class Kind(Struct, frozen=True):
    """What an attribute's type is. `declared` is the project's own class of it."""

    effect: str
    declared: Type | None = None
    verdict: _judge.Verdict | None = None


class Attributes:
    """Reads attributes, each type once."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.metadata = Metadata(program)
        self._kinds: dict[tuple[str, int, int], Kind] = {}
        self._passages: dict[tuple[int, int, tuple[tuple[str, bool], ...]], Passage] = {}

    def statements(
        self, annotations: Sequence[tuple[Annotation, Module]], level: str, scope: str, within: Type | None
    ) -> Iterator[Statement]:
        """What the attributes of one declaration say, in their order; those that say nothing about callers are left
        out."""
        for annotation, module in annotations:
            found = self.statement(annotation, module, level, scope, within)
            if found is not None:
                yield found
                yield from self._beside(found, annotation, module, within)

    def statement(self, annotation: Annotation, module: Module, level: str, scope: str, within: Type | None) -> Statement | None:
        """What one attribute says; None where it says nothing about callers."""
        if annotation.target:
            return None
        kind = self.kind(annotation, module)
        if not kind.effect:
            return None
        blank = Statement(kind.effect, level, scope, place(module, annotation.span), _text.of_annotation(annotation))
        if kind.effect == "authorize":
            return self._authorize(blank, kind, annotation, module, within)
        if kind.effect == "permission":
            named = [_policies.text_or_code(self.program, a.value, module, within) for a in annotation.args if a.name is None]
            return replace(blank, effect="authorize", needs=needs_of("permission", ",".join(named)), default=not named)
        if kind.effect == "filter":
            return self._filtered(blank, kind.verdict, annotation, module, within)
        if kind.effect == "factory":
            return self._from_factory(blank, kind, annotation, module, within)
        if kind.effect == "metadata" and kind.declared is not None:
            needs = self._named_by(annotation, module, within) or needs_of("permission", kind.declared.simple.removesuffix("Attribute"))
            return replace(blank, needs=needs, requirement=self.metadata.requirement_of(kind.declared))
        if kind.effect == "spared" and kind.declared is not None:
            return replace(blank, requirement=self.metadata.spared_by(kind.declared))
        return blank

    def _beside(self, said: Statement, annotation: Annotation, module: Module, within: Type | None) -> Iterator[Statement]:
        """What an attribute that declares its endpoint open refuses all the same, since it is a filter too."""
        kind = self.kind(annotation, module)
        if kind.effect == "anonymous" and kind.verdict is not None:
            refusing = self._filtered(replace(said, effect="filter"), kind.verdict, annotation, module, within)
            yield from [refusing] if refusing is not None else []

    # -- kinds ---------------------------------------------------------------------------------------------------------

    def own(self, annotation: Annotation, module: Module) -> Type | None:
        """The project's class behind an attribute; None where it is a library's."""
        arity = len(annotation.type_args)
        for name in (f"{annotation.name}Attribute", annotation.name):
            found = self.program.find_type(name, module, None, arity)
            if found is not None and len(found.type_params) == arity and self._is_in_sight(found, annotation, module):
                return found
        return None

    def _is_in_sight(self, found: Type, annotation: Annotation, module: Module) -> bool:
        """A project's `AuthorizeAttribute` is meant only where its namespace is: elsewhere the name is the
        framework's."""
        return annotation.name.rpartition(".")[2] not in ("Authorize", "AllowAnonymous") or is_in_sight(self.program, found, module)

    def kind(self, annotation: Annotation, module: Module) -> Kind:
        """What the attribute's type is."""
        key = (annotation.name, id(module), len(annotation.type_args))
        found = self._kinds.get(key)
        if found is None:
            found = self._kinds[key] = self._classify(annotation, module)
        return found

    def _classify(self, annotation: Annotation, module: Module) -> Kind:
        simple = annotation.name.rpartition(".")[2]
        declared = self.own(annotation, module)
        if declared is None:
            if simple in ("Authorize", "AllowAnonymous"):
                return Kind("authorize" if simple == "Authorize" else "anonymous")
            if simple in PERMISSIONS or simple == "AbpAllowAnonymous":
                return Kind("permission" if simple in PERMISSIONS else "anonymous")
            if simple in FACTORIES:
                return Kind("factory")
            return Kind("unknown" if PROTECTS.search(simple) and simple not in HARMLESS else "")
        bases = {use.name for _, use in self.program.ancestors(declared)}
        if not bases.isdisjoint(("AllowAnonymousAttribute", "IAllowAnonymous")):
            verdict = _judge.of_type(self.program, declared) if not bases.isdisjoint(FILTERS) else None
            return Kind("anonymous", declared, verdict if verdict is not None and verdict.refuses else None)
        if not bases.isdisjoint(("AuthorizeAttribute", "IAuthorizeData", "IAuthorizationRequirementData")):
            return Kind("authorize", declared)
        if not bases.isdisjoint(("TypeFilterAttribute", "ServiceFilterAttribute", "IFilterFactory")):
            return Kind("factory", declared)
        if not bases.isdisjoint(FILTERS):
            return self.filter_kind(declared)
        if self.metadata.requirement_of(declared):
            return Kind("metadata", declared)
        if self.metadata.spared_by(declared):
            return Kind("spared", declared)
        if (verdict := self.metadata.refused_by(declared)) is not None:
            return Kind("filter", declared, verdict)
        libraries = [use.name for base, use in self.program.ancestors(declared) if base is None]
        if any(PROTECTS.search(name) for name in libraries):
            return Kind("unknown", declared)
        return Kind("marker" if _judge.MARKERS.match(simple) else "", declared)

    def filter_kind(self, declared: Type) -> Kind:
        """A filter counts when its body refuses."""
        verdict = _judge.of_type(self.program, declared)
        if verdict.refuses:
            return Kind("filter", declared, verdict)
        return Kind("environment" if _judge.asks_for_environment(self.program, declared) else "", declared, verdict)

    # -- the framework's attribute and its heirs -----------------------------------------------------------------------

    def _authorize(self, blank: Statement, kind: Kind, annotation: Annotation, module: Module, within: Type | None) -> Statement:
        program = self.program
        data: dict[str, str | None] = {}
        if kind.declared is not None:
            data |= self._constructed(kind.declared, annotation, module, within)
        elif (first := walk.argument(annotation, 0, "policy")) is not None:
            data["Policy"] = _policies.text_or_code(program, first, module, within)
        for arg in annotation.args:
            if arg.name in ("Policy", "Roles", "AuthenticationSchemes", "ActiveAuthenticationSchemes"):
                data[arg.name.removeprefix("Active")] = _policies.text_or_code(program, arg.value, module, within)
        needs = (*needs_of("role", data.get("Roles")), *needs_of("scheme", data.get("AuthenticationSchemes")))
        if kind.declared is not None:
            needs += self._requirements(kind.declared, annotation)
        policy = data.get("Policy") or None
        plain = policy is None and all(n.kind == "scheme" for n in needs)
        return replace(blank, policy=policy, needs=needs, default=plain)

    def _constructed(
        self, declared: Type, given: Annotation | ir.Call | ir.New, module: Module, within: Type | None
    ) -> dict[str, str | None]:
        """The Policy, Roles and AuthenticationSchemes that an own attribute class sets for these arguments."""
        data: dict[str, str | None] = {}
        constructors = sorted(declared.functions.get(".ctor", ()), key=lambda r: abs(len(r.function.params) - len(given.args)))
        for slot in declared.fields.values():
            if slot.field.name in ("Policy", "Roles") and slot.field.value is not None:
                data[slot.field.name] = _values.text(self.program, slot.field.value, slot.module, declared, {})
            for arg in given.args:
                if arg.name == slot.field.name and slot.field.setter is not None:
                    bound = {"value": _values.text(self.program, arg.value, module, within, {})}
                    data |= self._assigned(Routine(slot.field.setter, declared, slot.module), bound, _text.of(arg.value))
        if constructors:
            bound = _values.bound_by(self.program, constructors[0].function, given, module, within)
            data |= self._assigned(
                constructors[0], bound, ", ".join(_policies.text_or_code(self.program, a.value, module, within) for a in given.args)
            )
        return data

    def _assigned(self, routine: Routine, bound: dict[str, str | None], fallback: str) -> dict[str, str | None]:
        data: dict[str, str | None] = {}
        bound = dict(bound)
        for node in walk.nodes(routine.function.body or ()):
            if type(node) is ir.Declare and node.value is not None:
                bound[node.name] = _values.text(self.program, node.value, routine.module, routine.owner, bound)
            elif type(node) is ir.Assign:
                name = walk.dotted(node.target).rpartition(".")[2]
                if name in ("Policy", "Roles", "AuthenticationSchemes"):
                    data[name] = _values.text(self.program, node.value, routine.module, routine.owner, bound) or fallback
            elif type(node) is ir.Call and is_base_constructor(node) and node.args:
                data["Policy"] = _values.text(self.program, node.args[0].value, routine.module, routine.owner, bound) or fallback
        return data

    def _requirements(self, declared: Type, annotation: Annotation) -> tuple[Need, ...]:
        """What `GetRequirements` of an attribute gives: the requirements built in it, or the attribute itself."""
        names: list[str] = []
        given = {p.name: ref.name.rpartition(".")[2] for p, ref in zip(declared.type_params, annotation.type_args, strict=False)}
        for routine in self.program.methods(declared, "GetRequirements"):
            made = [n.type.name for n in walk.nodes(routine.function.body or ()) if type(n) is ir.New and n.type is not None]
            names += (given.get(name, name.rpartition(".")[2]) for name in made if not name.startswith(("List", "[]")))
            if not names:
                names.append(declared.simple.removesuffix("Attribute"))
        return tuple(Need("policy", name) for name in dict.fromkeys(names))

    # -- filters -------------------------------------------------------------------------------------------------------

    def _filtered(
        self, blank: Statement, verdict: _judge.Verdict | None, given: Annotation | ir.Call | ir.New, module: Module, within: Type | None
    ) -> Statement | None:
        assert verdict is not None
        needed = self.passage(verdict, told(self.program, verdict.declared, given))
        if needed is Passage.NOTHING:
            return None
        if needed in (Passage.WORDS, Passage.STATE):
            why = f"'{blank.text}' lets callers past it by what they send"
            return replace(blank, effect="unknown", prelude=verdict.routine, why=why)
        name = given.name if isinstance(given, Annotation) else blank.text
        needs = self._named_by(given, module, within)
        if not needs and not verdict.login_only:
            needs = (Need("permission", name.rpartition(".")[2]),)
        why = f"'{verdict.routine.name}' refuses the call" if verdict.routine else ""
        return replace(blank, effect="filter", needs=needs, honours=verdict.honours, prelude=verdict.routine, why=why)

    def passage(self, verdict: _judge.Verdict, given: Mapping[str, bool]) -> Passage:
        """What somebody needs who isn't logged in to come past a filter or a middleware, that was given this."""
        if verdict.routine is None or not (verdict.reads_caller or given):
            return Passage.MORE
        hook, declared = verdict.routine, verdict.declared or verdict.routine.owner
        key = (id(hook.function), id(declared), tuple(sorted(given.items())))
        if key not in self._passages:
            needed = passage(self.program, Routine(hook.function, declared, hook.module), given)
            self._passages[key] = Passage.STATE if needed is Passage.MORE and only_misses(hook) else needed
        return self._passages[key]

    def _named_by(self, given: Annotation | ir.Call | ir.New, module: Module, within: Type | None) -> tuple[Need, ...]:
        """What the arguments name."""
        shown = [a for a in given.args if not _is_type(a.value) and a.name not in ("Order", "Arguments")]
        return tuple(n for a in shown for n in self._needs(a, module, within))

    def _needs(self, arg: ir.Argument, module: Module, within: Type | None) -> tuple[Need, ...]:
        """What an argument of an own filter names: a role where it says so itself (`Role.Admin`, `roles: "x"`), else
        a permission."""
        said = f"{arg.name or ''} {walk.dotted(arg.value)}"
        return needs_of(
            "role" if re.search(r"[Rr]oles?\b", said) else "permission", _policies.text_or_code(self.program, arg.value, module, within)
        )

    def _from_factory(self, blank: Statement, kind: Kind, annotation: Annotation, module: Module, within: Type | None) -> Statement | None:
        target = self._made_filter(kind, annotation, module, within)
        if target is None:
            name = annotation.name.rpartition(".")[2]
            return replace(blank, effect="unknown", why=f"the filter behind '{name}' isn't known") if PROTECTS.search(name) else None
        found = self.filter_kind(target)
        if found.effect == "environment":
            return replace(blank, effect=found.effect)
        return self._filtered(blank, found.verdict, annotation, module, within) if found.effect else None

    def _made_filter(self, kind: Kind, annotation: Annotation, module: Module, within: Type | None) -> Type | None:
        if kind.declared is None:
            refs = [use.decl for ref in annotation.type_args if (use := self.program.use(ref, module, within)).decl]
            return refs[0] if refs else next((t for a in annotation.args if (t := self.type_in(a.value, module, within))), None)
        for routines in kind.declared.functions.values():
            for routine in routines:
                for node in walk.nodes(routine.function.body or ()):
                    found = self.type_in(node, routine.module, kind.declared)
                    if found is not None:
                        return found
        return None

    def type_in(self, expr: object, module: Module, within: Type | None) -> Type | None:
        """The project's type named by `typeof(X)`, `new X(...)` or `Get<X>()`."""
        if type(expr) is ir.Call:
            ref = expr.type_args[0].name if expr.type_args else ""
            if walk.called_name(expr) == "typeof" and expr.args:
                ref = walk.dotted(expr.args[0].value)
            return self.program.find_type(ref, module, within) if ref else None
        if type(expr) is ir.New and expr.type is not None:
            return self.program.find_type(expr.type.name, module, within)
        return None

    def from_object(self, expr: ir.Expr, blank: Statement, module: Module, within: Type | None) -> Statement | None:
        """What an attribute or filter object says that code builds: `new AuthorizeAttribute { Roles = "Admin" }`,
        `new MyFilter()`."""
        if type(expr) is not ir.New or expr.type is None:
            return None
        fields = tuple(ir.Argument(f.value, f.name) for f in expr.fields)
        name = expr.type.name.removesuffix("Attribute")
        annotation = Annotation(name, (*expr.args, *fields), expr.span, expr.type.args)
        found = self.statement(annotation, module, blank.level, blank.scope, within)
        return None if found is None else replace(found, place=blank.place, text=blank.text)


def _is_type(expr: ir.Expr) -> bool:
    return type(expr) is ir.Call and walk.called_name(expr) == "typeof"
