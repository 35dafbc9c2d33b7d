"""What does startup code say about all endpoints of its application?"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from apiposture.frameworks.csharp import _judge, _policies, _values
from apiposture.frameworks.csharp._attributes import Attributes
from apiposture.frameworks.csharp._passing import Passage
from apiposture.frameworks.csharp._statements import Policy, Statement, call_place, call_text, needs_of, tail
from apiposture.frameworks.csharp._switches import Test, tests_around
from apiposture.frameworks.csharp._walls import Wall, is_branch
from apiposture.model import ir
from apiposture.model.ir import Function
from apiposture.model.source import Place, start_of
from apiposture.program import Program, walk
from apiposture.program.places import place
from apiposture.program.types import Routine, Type

PAGES = {
    "AuthorizePage": (0, 1), "AuthorizeFolder": (0, 1), "AllowAnonymousToPage": (0, -1), "AllowAnonymousToFolder": (0,
    -1), "AuthorizeAreaPage": (1, 2), "AuthorizeAreaFolder": (1, 2), "AllowAnonymousToAreaPage": (1, -1),
    "AllowAnonymousToAreaFolder": (1, -1),
}  # fmt: skip
"""Conventions for Razor Pages: where their path and their policy stand among the arguments; an area stands before the path."""

ROUTES = ("MapControllerRoute", "MapDefaultControllerRoute", "MapAreaControllerRoute", "MapRoute", "MapHttpRoute", "UseMvcWithDefaultRoute",
          "MapDynamicControllerRoute", "MapAreaRoute")  # fmt: skip
DEFAULT_ROUTE = "{controller=Home}/{action=Index}/{id?}"
CONFIGURES = frozenset((
    "AddAuthorization", "AddAuthorizationCore", "AddAuthorizationBuilder", "AddPolicy", "SetFallbackPolicy",
    "SetDefaultPolicy", "AddFallbackPolicy", "AddDefaultPolicy", "AddControllers", "AddControllersWithViews",
    "AddMvc", "AddMvcCore", "AddRazorPages", "AddMvcOptions", "AddRazorPagesOptions", "UseMiddleware", "UseMvc",
    "Configure", "AddRazorPagesConventions", "Use", "UseWhen", *ROUTES, *PAGES,
))  # fmt: skip
OPTIONS = (
    "MvcOptions",
    "AuthorizationOptions",
    "GlobalFilterCollection",
    "HttpConfiguration",
    "RazorPagesOptions",
    "RouteCollection",
    "HttpFilterCollection",
)
CONVENTIONS = ("IApplicationModelConvention", "IControllerModelConvention", "IActionModelConvention", "IPageApplicationModelConvention")


class Configured(Struct, frozen=True):
    """One thing that startup code says. `kind`: fallback, default, policy, filter, wall (middleware), route, page."""

    kind: str
    routine: Routine
    statement: Statement | None = None
    policy: Policy | None = None
    text: str = ""
    area: str = ""
    fixed: tuple[tuple[str, str], ...] = ()
    classic: bool = False
    tests: tuple[Test, ...] = ()
    """The tests that it stands behind."""
    wall: Wall | None = None


def read(program: Program, attributes: Attributes) -> Iterator[Configured]:
    """All that the program's startup code says, in the order of the files."""
    reader = _Reader(program, attributes)
    for routine in program.routines:
        function = routine.function
        if function.has_code and (_configures(routine) or _takes_options(function)):
            yield from reader.of(routine)


def _configures(routine: Routine) -> bool:
    return not CONFIGURES.isdisjoint(routine.module.calls) and not CONFIGURES.isdisjoint(walk.uses(routine.function))


def _takes_options(function: Function) -> bool:
    return any(p.type is not None and p.type.name.rpartition(".")[2] in OPTIONS for p in function.params)


class _Reader:
    def __init__(self, program: Program, attributes: Attributes) -> None:
        self.program = program
        self.attributes = attributes

    def of(self, routine: Routine) -> Iterator[Configured]:
        branches: dict[int, ir.Call] = {}
        around = tests_around(routine.function)
        for node in walk.nodes(routine.function.body):
            for one in self._said(node, routine, branches):
                tests = around.get(id(node), ())
                yield replace(one, tests=tests) if tests else one

    def _said(self, node: object, routine: Routine, branches: dict[int, ir.Call]) -> Iterator[Configured]:
        if isinstance(node, ir.Call):
            name = walk.called_name(node)
            if is_branch(node):
                branches.update((id(inner), node) for arg in node.args for inner in walk.calls(arg.value))
            yield from self._call(name, node, routine, branches.get(id(node)))
        elif isinstance(node, ir.Assign) and isinstance(node.target, ir.Member) and node.target.name in ("FallbackPolicy", "DefaultPolicy"):
            yield from self._assigned(node, routine)

    def _call(self, name: str, call: ir.Call, routine: Routine, branch: ir.Call | None) -> Iterator[Configured]:
        if name == "AddPolicy":
            policy = _policies.declared(self.program, routine, call)
            if policy is not None:
                yield Configured("policy", routine, policy=policy)
        elif name in ("SetFallbackPolicy", "SetDefaultPolicy", "AddFallbackPolicy", "AddDefaultPolicy"):
            yield from self._app_policy(name, call, routine)
        elif name in ("Add", "AddService", "Insert") and type(call.function) is ir.Member:
            yield from self._added(call, call.function, routine)
        elif name in PAGES:
            yield self._page(name, call, routine)
        elif name in ROUTES:
            yield from self._route(name, call, routine)
        elif name in ("UseMiddleware", "Use", "UseWhen"):
            yield from self._middleware(name, call, routine, branch)

    # -- policies ------------------------------------------------------------------------------------------------------

    def _assigned(self, node: ir.Assign, routine: Routine) -> Iterator[Configured]:
        assert type(node.target) is ir.Member
        name = node.target.name
        if type(node.value) is ir.Literal or name == walk.dotted(node.value).rpartition(".")[2]:
            return
        kind = "fallback" if name == "FallbackPolicy" else "default"
        yield Configured(kind, routine, self._policy_statement(node.value, routine, place(routine.module, node.span), name))

    def _policy_of(self, value: ir.Expr, routine: Routine) -> Policy:
        """`options.FallbackPolicy = options.DefaultPolicy` is seldom built anew: the default policy asks for a
        login."""
        if walk.dotted(value).endswith("DefaultPolicy"):
            return Policy("DefaultPolicy", login=True)
        return _policies.from_expression(self.program, value, routine)

    def _app_policy(self, name: str, call: ir.Call, routine: Routine) -> Iterator[Configured]:
        definition = call.args[-1].value if call.args else None
        if definition is None or type(definition) is ir.Literal:
            return
        policy = self._policy_of(definition, routine)
        if not policy.known and name.startswith("Add"):
            return
        kind = "fallback" if "Fallback" in name else "default"
        yield Configured(kind, routine, self._policy_statement(definition, routine, call_place(routine.module, call), name[3:]))
        if len(call.args) == 2 and (title := _values.text(self.program, call.args[0].value, routine.module, routine.owner, {})):
            yield Configured("policy", routine, policy=replace(policy, name=title))

    def _policy_statement(self, value: ir.Expr, routine: Routine, where: Place, text: str) -> Statement:
        """A policy that is built here, or one that is declared elsewhere: `options.GetPolicy("Rights")`."""
        blank = Statement("authorize", "application", "", where, text)
        if type(value) is ir.Call and walk.called_name(value) == "GetPolicy" and value.args:
            return replace(blank, policy=_policies.text_or_code(self.program, value.args[0].value, routine.module, routine.owner))
        return replace(blank, inline=self._policy_of(value, routine))

    # -- filters -------------------------------------------------------------------------------------------------------

    def _added(self, call: ir.Call, function: ir.Member, routine: Routine) -> Iterator[Configured]:
        owner = _last(function.object)
        blank = Statement("authorize", "application", "", call_place(routine.module, call), call_text(call))
        if owner.endswith("Filters") or (owner.lower().endswith("filters") and _takes_options(routine.function)):
            statement = self._filter(call, blank, routine)
            if statement is not None:
                yield Configured("filter", routine, statement)
        elif owner == "Conventions":
            for arg in call.args:
                declared = self.attributes.type_in(arg.value, routine.module, routine.owner)
                if declared is not None and self.program.is_a(declared, *CONVENTIONS):
                    yield from (Configured("filter", routine, s) for s in self._by_convention(declared, blank))

    def _filter(self, call: ir.Call, blank: Statement, routine: Routine) -> Statement | None:
        module, within = routine.module, routine.owner
        for arg in call.args:
            made = arg.value
            if type(made) is ir.New and made.type is not None:
                if made.type.name.rpartition(".")[2] == "AuthorizeFilter":
                    return self._authorize_filter(made, blank, routine)
                return self.attributes.from_object(made, blank, module, within)
        named = [ref.name for ref in call.type_args]
        named += [walk.dotted(a.value.args[0].value) for a in call.args if type(a.value) is ir.Call and a.value.args]
        for name in named:
            if name.rpartition(".")[2] == "AuthorizeFilter":
                return replace(blank, default=True)
            declared = self.program.find_type(name, module, within)
            if declared is not None:
                return self._own_filter(declared, blank)
        return None

    def _own_filter(self, declared: Type, blank: Statement) -> Statement | None:
        if self.program.is_a(declared, "AuthorizeFilter"):
            return replace(blank, default=True)
        verdict = _judge.of_type(self.program, declared)
        needed = self.attributes.passage(verdict, {}) if verdict.refuses else Passage.NOTHING
        if needed is Passage.NOTHING:
            return None
        needs = needs_of("permission", declared.simple)
        if needed in (Passage.WORDS, Passage.STATE) or (verdict.depends and not verdict.honours):
            return replace(blank, effect="unknown", why=f"'{declared.simple}' refuses some requests", prelude=verdict.routine)
        return replace(
            blank,
            effect="filter",
            needs=needs,
            honours=verdict.honours,
            prelude=verdict.routine,
            why=f"'{declared.simple}' refuses the call",
        )

    def _authorize_filter(self, made: ir.New, blank: Statement, routine: Routine) -> Statement:
        first = made.args[0].value if made.args else None
        if first is None:
            return replace(blank, default=True)
        name = _values.text(self.program, first, routine.module, routine.owner, {})
        if name is not None:
            return replace(blank, policy=name)
        return replace(blank, inline=_policies.from_expression(self.program, first, routine))

    def _by_convention(self, declared: Type, blank: Statement) -> Iterator[Statement]:
        """A convention's `Apply` that adds an AuthorizeFilter: for all, or for some (then it can't be told which)."""
        for routine in self.program.methods(declared, "Apply"):
            guarded: set[int] = set()
            for node in walk.nodes(routine.function.body or ()):
                if type(node) is ir.If and not any(_judge.MARKERS.match(w) for w in _words(node.condition)):
                    guarded |= {id(c) for c in walk.calls((node.then, node.other))}
                elif type(node) is ir.Call and walk.called_name(node) == "Add" and _last(node.function).endswith("Add"):
                    made = next((a.value for a in node.args if type(a.value) is ir.New and a.value.type), None)
                    if made is None or made.type is None or made.type.name.rpartition(".")[2] != "AuthorizeFilter":
                        continue
                    if id(node) in guarded:
                        why = f"'{declared.simple}' adds an AuthorizeFilter to some controllers"
                        yield replace(blank, effect="unknown", why=why)
                    else:
                        yield self._authorize_filter(made, replace(blank, place=call_place(routine.module, node)), routine)

    # -- pages, routes, middleware -------------------------------------------------------------------------------------

    def _page(self, name: str, call: ir.Call, routine: Routine) -> Configured:
        at, policy_at = PAGES[name]
        texts = [_values.text(self.program, a.value, routine.module, routine.owner, {}) for a in call.args]
        path = (texts[at] if at < len(texts) else None) or "/"
        area = (texts[0] or "") if at and texts else ""
        policy = texts[policy_at] if 0 <= policy_at < len(texts) else None
        effect = "anonymous" if name.startswith("Allow") else "authorize"
        blank = Statement(effect, "group", path, call_place(routine.module, call), call_text(call), policy=policy, default=policy is None)
        return Configured("page", routine, blank, text=path, area=area, classic="Folder" in name)

    def _route(self, name: str, call: ir.Call, routine: Routine) -> Iterator[Configured]:
        if name in ("MapDefaultControllerRoute", "UseMvcWithDefaultRoute"):
            yield Configured("route", routine, text=DEFAULT_ROUTE)
            return
        template_at = 2 if name == "MapAreaControllerRoute" else 0 if name == "MapDynamicControllerRoute" else 1
        found = [walk.argument(call, -1, n) for n in ("pattern", "template", "url", "routeTemplate")]
        template = next((f for f in found if f is not None), None) or walk.argument(call, template_at, "")
        known = _values.locals_of(self.program, routine)
        text = _values.template(self.program, template, routine.module, routine.owner, known)
        if text is None:
            return
        area_of = walk.argument(call, 1, "areaName") if template_at == 2 else None
        area = _values.text(self.program, area_of, routine.module, routine.owner, known)
        defaults = walk.argument(call, template_at + 1, "defaults")
        fixed = tuple(
            (f.name.lower(), value)
            for f in (defaults.fields if type(defaults) is ir.New else ())
            if f.name and (value := _values.text(self.program, f.value, routine.module, routine.owner, known))
        )
        for name_of in (key for key, value in fixed if value == "Optional"):
            text = text.replace(f"{{{name_of}}}", f"{{{name_of}?}}")
        yield Configured("route", routine, text=text, area=area or "", fixed=fixed, classic=name == "MapHttpRoute")

    def _middleware(self, name: str, call: ir.Call, routine: Routine, branch: ir.Call | None) -> Iterator[Configured]:
        verdict, label = _judge.SILENT, ""
        if name == "UseMiddleware":
            ref = call.type_args[0].name if call.type_args else ""
            declared = self.program.find_type(ref, routine.module, routine.owner) if ref else None
            declared = declared or next(
                (t for a in call.args if (t := self.attributes.type_in(a.value, routine.module, routine.owner))), None
            )
            if declared is not None:
                verdict, label = _judge.of_type(self.program, declared), declared.simple
        elif name == "Use" and call.args and (used := self._used(call.args[0].value, routine)) is not None:
            verdict = _judge.of_routine(self.program, used)
            label = used.function.name or "the middleware here"
        needed = self.attributes.passage(verdict, {}) if verdict.refuses and verdict.reads_caller else Passage.NOTHING
        if needed is not Passage.NOTHING:
            depends = verdict.depends or needed in (Passage.WORDS, Passage.STATE)
            effect = "unknown" if depends else "middleware"
            why = f"'{label}' refuses {'some callers' if depends else 'callers'}"
            where = call_place(routine.module, call)
            statement = Statement(effect, "application", "", where, call_text(call), why=why, prelude=verdict.routine)
            yield Configured("wall", routine, statement, wall=Wall(statement, verdict, branch, routine, not _routes_later(routine, call)))

    def _used(self, value: ir.Expr, routine: Routine) -> Routine | None:
        """The function that `Use` is given: a lambda, or one of the own type by its name."""
        if isinstance(value, ir.Lambda):
            return Routine(value.function, routine.owner, routine.module)
        if not isinstance(value, ir.Name) or routine.owner is None:
            return None
        return next((one for one in self.program.methods(routine.owner, value.id) if one.function.has_code), None)


def _routes_later(routine: Routine, call: ir.Call) -> bool:
    """Is the endpoint chosen behind a middleware: does `UseRouting` stand after it?"""
    later = (one for one in walk.calls(routine.function.body or ()) if walk.called_name(one) == "UseRouting")
    return any(start_of(tail(one)) > start_of(tail(call)) for one in later)


def _last(expr: ir.Expr) -> str:
    if isinstance(expr, ir.Member):
        return expr.name
    return expr.id if isinstance(expr, ir.Name) else ""


def _words(expr: ir.Expr) -> Iterator[str]:
    for node in walk.nodes(expr):
        yield _last(node)
        if type(node) is ir.Call:
            yield from (ref.name for ref in node.type_args)
