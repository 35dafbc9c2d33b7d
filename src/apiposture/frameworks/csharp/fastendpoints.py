"""Which endpoints do FastEndpoints classes declare, and who may call them?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from apiposture.frameworks.csharp import _actions, _policies, _routes, _values
from apiposture.frameworks.csharp._bindings import binder_of
from apiposture.frameworks.csharp._entries import entry, type_statements
from apiposture.frameworks.csharp._site import App, Site, site_of
from apiposture.frameworks.csharp._statements import Policy, Statement, call_place, call_text, needs_of
from apiposture.frameworks.routing import Entry
from apiposture.model import ir
from apiposture.model.facts import Binding
from apiposture.model.ir import TypeRef
from apiposture.model.scan import Problem
from apiposture.model.source import SourceFile
from apiposture.program import Program, walk
from apiposture.program.places import place
from apiposture.program.types import Routine, Type

NAME: Final = "FastEndpoints"

VERBS: Final = ("Get", "Post", "Put", "Delete", "Patch", "Head", "Options")
BASES: Final = ("Endpoint", "EndpointWithoutRequest", "EndpointWithMapping", "EndpointWithMapper", "Ep", "NoReq", "NoRes", "Res", "Map")
HANDLERS: Final = ("HandleAsync", "ExecuteAsync")
ASKS: Final = {
    "Roles": "role",
    "Permissions": "permission",
    "PermissionsAll": "permission",
    "Claims": "claim",
    "ClaimsAll": "claim",
    "AuthSchemes": "scheme",
    "Scopes": "scope",
    "ScopesAll": "scope",
    "AccessControl": "permission",
}


def recognised(program: Program) -> bool:
    """Does the program use FastEndpoints?"""
    return any(i.target.startswith("FastEndpoints") for m in program.modules for i in m.imports)


def find_endpoints(program: Program, settings: Sequence[SourceFile]) -> Iterator[Entry | Problem]:
    """The endpoints of every class that extends one of the library's bases."""
    finder = _Finder(site_of(program, settings))
    for declared in program.types:
        if declared.kind == "class" and not declared.is_abstract and finder.is_endpoint(declared):
            yield from finder.of_class(declared)


class _Finder:
    def __init__(self, site: Site) -> None:
        self.site = site
        self.program = site.program
        self.using = any(i.shared and i.target == "FastEndpoints" for m in site.program.modules for i in m.imports)

    def is_endpoint(self, declared: Type) -> bool:
        """Does the class extend the library's `Endpoint`, in a file that uses the library?"""
        if not self.site.is_deployed(declared.decls[0][1]):
            return False
        if not any(base is None and use.name in BASES for base, use in self.program.ancestors(declared)):
            return False
        types = list(self.program.lineage(declared))
        return self.using or any(i.target.startswith("FastEndpoints") for t in types for _, m in t.decls for i in m.imports)

    def of_class(self, declared: Type) -> Iterator[Entry]:
        """One endpoint for each verb and route."""
        app = self.site.app_of(declared.decls[0][1].path)
        configures = [r for r in self.program.methods(declared, "Configure") if r.function.has_code]
        routine = next((r for name in HANDLERS for r in self.program.methods(declared, name) if r.function.has_code), None)
        methods, routes = self._declared(declared, configures)
        if not routes:
            return
        said, prefix = self._said(declared, configures)
        where = routine or (configures[0] if configures else None)
        for route in routes:
            full = _routes.nest(self._prefix(app, configures), _routes.nest(prefix, route))
            for method in methods or ("*",):
                yield entry(
                    self.site,
                    app,
                    method=method,
                    route=full,
                    framework=NAME,
                    handler=f"{declared.name}.{routine.function.name if routine else 'Configure'}",
                    place=place(where.module, where.function.name_span)
                    if where
                    else place(declared.decls[0][1], declared.decls[0][0].name_span),
                    statements=self._for_verb(said, method, configures, declared),
                    kind="function",
                    routine=routine,
                    bindings=self._bindings(declared, routine, full, method),
                )

    # -- routes --------------------------------------------------------------------------------------------------------

    def _declared(self, declared: Type, configures: list[Routine]) -> tuple[list[str], list[str]]:
        methods: list[str] = []
        routes: list[str] = []
        for annotation, module in declared.annotations:
            name = annotation.name.rpartition(".")[2]
            if name in _actions.HTTP and annotation.args:
                methods.append(_actions.HTTP[name])
                routes += (_actions.template_text(self.program, a.value, module, declared) for a in annotation.args)
        for routine in configures[:1]:
            for call in self._own_calls(routine):
                name = walk.called_name(call)
                written = [value for value in _flat(call) if not isinstance(value, ir.Lambda)]  # `Options(x => ...)` is no verb
                texts = [_policies.text_or_code(self.program, value, routine.module, declared) for value in written]
                if name in VERBS and texts:
                    methods.append(name.upper())
                    routes += texts
                elif name == "Verbs":
                    methods += (t.upper() for t in texts)
                elif name == "Routes":
                    routes += texts
        return list(dict.fromkeys(methods)), list(dict.fromkeys(routes))

    def _own_calls(self, routine: Routine) -> Iterator[ir.Call]:
        """Calls of the endpoint's own functions: on nothing, `this`, or a definition."""
        for call in walk.calls(routine.function.body):
            if type(call.function) is ir.Name or (
                type(call.function) is ir.Member and walk.dotted(call.function.object) in ("this", "Definition", "ep", "d")
            ):
                yield call

    def _prefix(self, app: App, configures: list[Routine]) -> str:
        """`RoutePrefix` of the application, unless the endpoint overrides it."""
        for routine in configures[:1]:
            for call in self._own_calls(routine):
                if walk.called_name(call) == "RoutePrefixOverride" and call.args:
                    return _values.text(self.program, call.args[0].value, routine.module, routine.owner, {}) or ""
        for routine, call in self.program.calling("UseFastEndpoints"):
            if self.site.runs_in(routine, app.project):
                for node in walk.nodes(tuple(a.value for a in call.args)):
                    if type(node) is ir.Assign and walk.dotted(node.target).endswith("RoutePrefix"):
                        return _values.text(self.program, node.value, routine.module, routine.owner, {}) or ""
        return ""

    # -- posture -------------------------------------------------------------------------------------------------------

    def _said(self, declared: Type, configures: list[Routine]) -> tuple[list[Statement], str]:
        said: list[Statement] = []
        prefix = ""
        for routine in configures[:1]:
            for call in self._own_calls(routine):
                if walk.called_name(call) == "Group" and call.type_args:
                    group = self.program.use(call.type_args[0], routine.module, declared).decl
                    inner, prefix = self._group(group) if group else ([], "")
                    said += inner
                else:
                    found = self._statement(call, routine, "endpoint")
                    said += [found] if found else []
        said = sorted(said, key=lambda s: s.level != "endpoint")
        return [*said, *type_statements(self.site, declared), *self._configurator()], prefix

    def _group(self, group: Type, depth: int = 0) -> tuple[list[Statement], str]:
        """What a group and its parents say, and the prefix that they give."""
        said: list[Statement] = []
        prefix = ""
        for routine in group.functions.get(".ctor", ()):
            for call in walk.calls(routine.function.body or ()):
                if walk.called_name(call) == "Configure" and call.args:
                    prefix = _values.text(self.program, call.args[0].value, routine.module, group, {}) or ""
                else:
                    found = self._statement(call, routine, "group")
                    said += [found] if found else []
        for base, use in self.program.ancestors(group):
            if base is None and use.name == "SubGroup" and use.args and use.args[0].decl is not None and depth < 8:
                inner, outer = self._group(use.args[0].decl, depth + 1)
                return said + inner, _routes.nest(outer, prefix)
        return said, prefix

    def _configurator(self) -> Iterator[Statement]:
        for routine, call in self.program.calling("UseFastEndpoints"):
            for node in walk.calls(tuple(a.value for a in call.args)):
                found = self._statement(node, routine, "application")
                if found is not None:
                    yield found

    def _statement(self, call: ir.Call, routine: Routine, level: str) -> Statement | None:
        name = walk.called_name(call)
        blank = Statement("authorize", level, routine.name, call_place(routine.module, call), call_text(call))
        texts = [_policies.text_or_code(self.program, v, routine.module, routine.owner) for v in _flat(call)]
        if name == "AllowAnonymous":
            return replace(blank, effect="anonymous")
        if name == "AccessControl":
            texts = texts[:1] if any(walk.dotted(a.value).endswith("ToThisEndpoint") for a in call.args) else []
        if name in ASKS and texts:
            return replace(blank, needs=tuple(n for t in texts for n in needs_of(ASKS[name], t)), default=name == "AuthSchemes")
        if name == "Policies" and texts:
            return replace(blank, policy=texts[0])
        if name == "Policy" and call.args and type(call.args[0].value) is ir.Lambda:
            found = _policies.from_expression(self.program, call.args[0].value, routine)
            return replace(blank, inline=found)
        return None

    def _for_verb(self, said: list[Statement], method: str, configures: list[Routine], declared: Type) -> list[Statement]:
        """`AllowAnonymous(Http.GET)` is for that verb alone; without any word, a login is asked for."""
        fitting = [
            s
            for s in said
            if s.effect != "anonymous" or "(" not in s.text or s.text.endswith("()") or method in s.text.upper() or s.text[0] == "["
        ]
        if any(s.effect in ("anonymous", "authorize") for s in fitting):
            return fitting
        routine = configures[0] if configures else None
        where = (
            place(routine.module, routine.function.name_span) if routine else place(declared.decls[0][1], declared.decls[0][0].name_span)
        )
        secure = Statement("authorize", "endpoint", declared.name, where, "Configure()", inline=Policy("secure by default", login=True))
        return [*fitting, secure]

    # -- bindings ------------------------------------------------------------------------------------------------------

    def _bindings(self, declared: Type, routine: Routine | None, route: str, method: str) -> Iterator[Binding]:
        if routine is None:
            return
        binder = binder_of(self.program)
        request = self._request(declared)
        for param in routine.function.params:
            simple = param.type.name.rpartition(".")[2] if param.type else ""
            if simple == "CancellationToken":
                yield Binding(param.name, "service")
            elif param.type is not None and (request is None or simple == request.name.rpartition(".")[2]):
                yield from binder.of_request(param.type, routine, param.name, _routes.parameters(route), (method,))

    def _request(self, declared: Type) -> TypeRef | None:
        return next((ref.args[0] for ref, _ in declared.bases if ref.args), None)


def _flat(call: ir.Call) -> Iterator[ir.Expr]:
    for arg in call.args:
        yield from arg.value.items if type(arg.value) is ir.Collection else (arg.value,)
