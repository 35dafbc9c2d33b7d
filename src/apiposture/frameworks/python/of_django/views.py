"""Which methods does a Django view serve, and which function runs for each?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from apiposture.frameworks.python.of_django.urls import Pattern, View
from apiposture.frameworks.python.reading.objects import Foreign, Objects
from apiposture.frameworks.python.routes.paths_of_patterns import from_regex
from apiposture.model import ir
from apiposture.program import constants, walk
from apiposture.program.types import Routine, Slot, Type, TypeUse

VERBS = ("get", "post", "put", "patch", "delete")

GENERIC = {
    "TemplateView": "get", "ListView": "get", "DetailView": "get", "RedirectView": "get", "ArchiveIndexView": "get",
    "YearArchiveView": "get", "MonthArchiveView": "get", "WeekArchiveView": "get", "DayArchiveView": "get", "TodayArchiveView": "get",
    "DateDetailView": "get", "FormView": "get post", "CreateView": "get post", "UpdateView": "get post", "DeleteView": "get post",
    "ProcessFormView": "get post", "LoginView": "get post", "LogoutView": "post", "PasswordChangeView": "get post",
    "PasswordResetView": "get post", "PasswordResetConfirmView": "get post", "PasswordResetDoneView": "get",
    "PasswordResetCompleteView": "get", "PasswordChangeDoneView": "get", "JavaScriptCatalog": "get",
    "CreateAPIView": "post", "ListAPIView": "get", "RetrieveAPIView": "get", "DestroyAPIView": "delete", "UpdateAPIView": "put patch",
    "ListCreateAPIView": "get post", "RetrieveUpdateAPIView": "get put patch", "RetrieveDestroyAPIView": "get delete",
    "RetrieveUpdateDestroyAPIView": "get put patch delete", "ObtainAuthToken": "post", "ObtainJSONWebToken": "post",
    "obtain_auth_token": "post", "obtain_jwt_token": "post", "refresh_jwt_token": "post", "TokenViewBase": "post",
    "TokenObtainPairView": "post", "TokenRefreshView": "post", "TokenVerifyView": "post",
}  # fmt: skip
"""The methods that generic views bring: https://docs.djangoproject.com/en/stable/ref/class-based-views/,
https://www.django-rest-framework.org/api-guide/generic-views/. The `put` of form views, which is their `post`, is left out."""

SETS = {
    "ModelViewSet": "list create retrieve update partial_update destroy", "ReadOnlyModelViewSet": "list retrieve",
    "ListModelMixin": "list", "CreateModelMixin": "create", "RetrieveModelMixin": "retrieve",
    "UpdateModelMixin": "update partial_update", "DestroyModelMixin": "destroy",
}  # fmt: skip
"""The actions that bases of ViewSets bring: https://www.django-rest-framework.org/api-guide/viewsets/"""

REST = frozenset(
    """APIView GenericAPIView ViewSet GenericViewSet ModelViewSet ReadOnlyModelViewSet ViewSetMixin CreateAPIView ListAPIView
    RetrieveAPIView DestroyAPIView UpdateAPIView ListCreateAPIView RetrieveUpdateAPIView RetrieveDestroyAPIView
    RetrieveUpdateDestroyAPIView ObtainAuthToken""".split()
)
SERVED_BY = {"get": ("list", "retrieve"), "post": ("create",), "put": ("update",), "patch": ("partial_update",), "delete": ("destroy",)}
ROUTES = (
    ("GET", "list", False), ("POST", "create", False), ("GET", "retrieve", True), ("PUT", "update", True),
    ("PATCH", "partial_update", True), ("DELETE", "destroy", True),
)  # fmt: skip
"""https://www.django-rest-framework.org/api-guide/routers/#simplerouter"""


class Served(Struct, frozen=True, eq=False):
    """One method of a path: the function that runs, where the source has it; `action` is its name, `detail`: it speaks of one object."""

    method: str
    route: str
    pattern: Pattern
    owner: Type | None
    handler: Routine | None
    name: str
    action: str
    detail: bool = False
    given: tuple[ir.Argument, ...] = ()
    said: Routine | None = None


class Views:
    """Answers for one program."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self.program = objects.program

    def served(self, pattern: Pattern) -> Iterator[Served]:
        """The methods that a pattern's view serves."""
        view = pattern.view
        target = view.target
        if isinstance(target, Foreign):
            name = target.name.rpartition(".")[2]
            methods = GENERIC.get(name, "get post" if pattern.registered else "*").split()
            for method in methods:
                yield Served(method.upper(), pattern.route, pattern, None, None, target.name, method, given=view.given, said=view.said)
        elif isinstance(target, Routine):
            for method in self._of_function(target):
                yield Served(method, pattern.route, pattern, None, target, target.name, method.lower())
        elif pattern.registered is not None:
            yield from self._of_router(target, pattern)
        elif view.actions:
            for method, action in view.actions:
                yield self._one(method, pattern.route, pattern, target, action, "<" in pattern.route)
        else:
            yield from self._of_class(target, pattern, view)

    def _one(self, method: str, route: str, pattern: Pattern, owner: Type, action: str, detail: bool) -> Served:
        handler = next((r for r in self.program.methods(owner, action) if r.function.has_body), None)
        given, said = pattern.view.given, pattern.view.said
        extra, at = self._declares(owner, handler) if handler is not None and pattern.registered is not None else (None, None)
        if extra is not None and at is not None:
            given, said = extra.args, Routine(self.objects.main(at.module).function, at.owner, at.module)
        return Served(method, route, pattern, owner, handler, f"{owner.simple}.{action}", action, detail, given, said)

    def _declares(self, owner: Type, handler: Routine) -> tuple[ir.Annotation | None, Routine | None]:
        """The `@action` that a function has, or that it is another method of."""
        own = self.action_of(handler)
        if own is not None:
            return own, handler
        for annotation in handler.function.annotations:
            name, mapped, _ = annotation.name.partition(".mapping.")
            for parent in self.program.methods(owner, name)[:1] if mapped else ():
                return self.action_of(parent), parent
        return None, None

    # -- functions -----------------------------------------------------------------------------------------------------

    def _of_function(self, routine: Routine) -> tuple[str, ...]:
        for one in routine.function.annotations:
            name = one.name.rpartition(".")[2]
            if name in ("api_view", "require_http_methods"):
                return self._methods(one.args[0].value if one.args else None, routine) or (("GET",) if name == "api_view" else ("*",))
            if name in ("require_GET", "require_safe"):
                return ("GET",)
            if name == "require_POST":
                return ("POST",)
        return ("*",)

    def _methods(self, expr: ir.Expr | None, routine: Routine) -> tuple[str, ...]:
        main = self.objects.main(routine.module)
        if isinstance(expr, ir.Name):
            meant = self.program.meaning(expr.id, routine.module, routine.owner)
            expr = meant.field.value if isinstance(meant, Slot) else expr
        items = expr.items if isinstance(expr, ir.Collection) else ()
        texts = [constants.text(self.program, item, main.module) for item in items]
        return tuple(dict.fromkeys(t.upper() for t in texts if t and t.upper() not in ("OPTIONS", "HEAD")))

    # -- classes -------------------------------------------------------------------------------------------------------

    def _of_class(self, declared: Type, pattern: Pattern, view: View) -> Iterator[Served]:
        allowed = self._allowed(declared)
        found = 0
        for verb in VERBS:
            handler = next((r for r in self.program.methods(declared, verb) if r.function.has_body), None)
            brought = any(verb in GENERIC.get(use.name, "").split() for use in self._bases(declared))
            if (handler is not None or brought) and verb in allowed:
                found += 1
                action = verb if handler is not None else self._action(declared, verb)
                own = handler or self._behind(declared, verb)
                detail = "<" in pattern.route
                name = f"{declared.simple}.{verb}"
                yield Served(verb.upper(), pattern.route, pattern, declared, own, name, action, detail, view.given, view.said)
        if not found:
            handler = next((r for name in ("dispatch", "Invoke") for r in self.program.methods(declared, name)[:1]), None)
            name = f"{declared.simple}.{handler.function.name}" if handler is not None else declared.simple
            yield Served("*", pattern.route, pattern, declared, handler, name, "*", False, view.given, view.said)

    def _bases(self, declared: Type) -> Iterator[TypeUse]:
        return (use for base, use in self.program.ancestors(declared) if base is None)

    def _action(self, declared: Type, verb: str) -> str:
        wanted = SERVED_BY[verb]
        if len(wanted) > 1:
            return wanted[0] if self.program.is_a(declared, "ListAPIView", "ListCreateAPIView", "ListView") else wanted[1]
        return wanted[0]

    def _behind(self, declared: Type, verb: str) -> Routine | None:
        """The function of the source that a generic view's method leads to."""
        names = {"get": ("list", "retrieve"), "post": ("create", "form_valid"), "put": ("update",), "patch": ("partial_update", "update"),
                 "delete": ("destroy", "perform_destroy")}[verb]  # fmt: skip
        found = (r for name in names for r in self.program.methods(declared, name) if r.function.has_body)
        return next(found, None)

    def _allowed(self, declared: Type) -> Sequence[str]:
        slot = self.program.slot(declared, "http_method_names")
        value = slot.field.value if slot is not None else None
        if isinstance(value, ir.Collection):
            return [n.value.lower() for n in walk.nodes(value) if isinstance(n, ir.Literal) and isinstance(n.value, str)]
        return VERBS

    # -- routers -------------------------------------------------------------------------------------------------------

    def _of_router(self, declared: Type, pattern: Pattern) -> Iterator[Served]:
        base = pattern.route.rstrip("/")
        slash = "/" if pattern.registered is not None and pattern.registered.slash else ""
        allowed = self._allowed(declared)
        actions = set(self._actions(declared))
        one = f"{base}/<{self._lookup(declared)}>"
        for method, action, detail in ROUTES:
            if action in actions and method.lower() in allowed:
                yield self._one(method, (one if detail else base) + slash, pattern, declared, action, detail)
        for name, annotation, handler in self._extra(declared):
            detail = self._is_detail(annotation)
            path = self._said(annotation, "url_path", handler) or name
            given = next((a.value for a in annotation.args if a.name == "methods"), None) or walk.argument(annotation, 0)
            methods = self._methods(given, handler)
            mapped = [(m, name) for m in methods or ("GET",)] + list(self._mapped(declared, name))
            for method, action in mapped:
                if method.lower() in allowed:
                    yield self._one(method, f"{one if detail else base}/{from_regex(path)}{slash}", pattern, declared, action, detail)

    def _actions(self, declared: Type) -> Iterator[str]:
        for _, use in self.program.ancestors(declared):
            yield from SETS.get(use.name, "").split()
        for one in self.program.lineage(declared):
            yield from one.functions

    def _extra(self, declared: Type) -> Iterator[tuple[str, ir.Annotation, Routine]]:
        seen: set[str] = set()
        for one in self.program.lineage(declared):
            for name, routines in one.functions.items():
                annotation = self.action_of(routines[-1])
                if name not in seen and annotation is not None:
                    yield name, annotation, routines[-1]
                seen.add(name)

    def action_of(self, routine: Routine) -> ir.Annotation | None:
        """`@action(...)` of a function, or one of its older names."""
        names = ("action", "detail_route", "list_route")
        return next((a for a in routine.function.annotations if a.name.rpartition(".")[2] in names), None)

    def _mapped(self, declared: Type, action: str) -> Iterator[tuple[str, str]]:
        """`@cancel.mapping.delete`: another function for another method of the same path."""
        for one in self.program.lineage(declared):
            for routines in one.functions.values():
                for annotation in routines[-1].function.annotations:
                    if annotation.name.startswith(f"{action}.mapping."):
                        yield annotation.name.rpartition(".")[2].upper(), routines[-1].function.name

    def _is_detail(self, annotation: ir.Annotation) -> bool:
        if annotation.name.rpartition(".")[2] != "action":
            return annotation.name.endswith("detail_route")
        given = next((arg.value for arg in annotation.args if arg.name == "detail"), None)
        return isinstance(given, ir.Literal) and given.value is True

    def _said(self, annotation: ir.Annotation, key: str, routine: Routine) -> str | None:
        given = next((arg.value for arg in annotation.args if arg.name == key), None)
        return constants.text(self.program, given, routine.module, routine.owner) if given is not None else None

    def _lookup(self, declared: Type) -> str:
        for name in ("lookup_url_kwarg", "lookup_field"):
            slot = self.program.slot(declared, name)
            text = constants.text(self.program, slot.field.value, slot.module) if slot is not None else None
            if text:
                return text
        return "pk"

