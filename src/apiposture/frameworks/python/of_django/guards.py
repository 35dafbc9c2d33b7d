"""What stands before a Django view: decorators, mixins, permission classes, middleware, its own code?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from apiposture.frameworks.python.asking.bodies import judge
from apiposture.frameworks.python.asking.decorators import KNOWN, NOTHING, Decorators, Told, stood_before
from apiposture.frameworks.python.asking.guards import Guard
from apiposture.frameworks.python.asking.situations import Situation
from apiposture.frameworks.python.asking.verdicts import Verdict
from apiposture.frameworks.python.of_django.authenticators import refusing
from apiposture.frameworks.python.of_django.in_its_place import answering, with_view_behind
from apiposture.frameworks.python.of_django.middleware import ELSEWHERE, Middleware, rights_asked
from apiposture.frameworks.python.of_django.mixins import MIXINS, STAFF, SUPERUSER, TESTED, Mixins
from apiposture.frameworks.python.of_django.overrides import asked, held_still
from apiposture.frameworks.python.of_django.permissions import Listed, Permissions, below_api_view
from apiposture.frameworks.python.of_django.views import REST, Served
from apiposture.frameworks.python.reading.django_settings import Settings, values_of
from apiposture.frameworks.python.reading.objects import Code, Foreign, Made, Object, Objects, as_expr, nested, texts_of
from apiposture.frameworks.python.routes.class_views import Around
from apiposture.frameworks.python.walks.asked_of_views import of_view
from apiposture.frameworks.python.walks.guests import Answers, Guests
from apiposture.frameworks.python.walks.seen import USER
from apiposture.frameworks.python.walks.users import asks_in_vain, is_library_view, run_in_turn, speaks_of_caller
from apiposture.frameworks.python.walks.visits import Visit
from apiposture.model import ir
from apiposture.model.facts import Need
from apiposture.program import walk
from apiposture.program.places import place
from apiposture.program.types import Routine, Type

ASKS = {"login_required": (), "staff_member_required": STAFF, "permission_required": (), "superuser_required": SUPERUSER}
"""https://docs.djangoproject.com/en/stable/topics/auth/default/#limiting-access-to-logged-in-users"""

HARMLESS = KNOWN | frozenset(
    """django rest_framework drf_spectacular drf_yasg django_filters django_ratelimit ratelimit waffle silk debug_toolbar cacheops
    django_scopes markdownx csp django_htmx corsheaders channels asgiref crispy_forms django_tables2 extra_views el_pagination
    import_export django_select2 dal autocomplete rest_framework_extensions drf_extra_fields rest_framework_csv drf_writable_nested
    opentelemetry ninja ninja_extra rest_framework_gis rest_framework_nested pghistory reversion simple_history watson polymorphic
    mptt""".split()
)
"""Packages whose bases and other decorators refuse nobody."""

OPEN_VIEWS = frozenset(
    """LoginView LogoutView PasswordResetView PasswordResetDoneView PasswordResetConfirmView PasswordResetCompleteView TemplateView
    RedirectView JavaScriptCatalog JSONCatalog serve set_language obtain_auth_token ObtainAuthToken ObtainJSONWebToken
    TokenObtainPairView TokenRefreshView TokenVerifyView TokenBlacklistView obtain_jwt_token refresh_jwt_token verify_jwt_token""".split()
)
"""Views of libraries that ask nobody."""

OPEN_BASES = ("ObtainAuthToken", "TokenObtainPairView", "TokenRefreshView", "TokenVerifyView", "TokenBlacklistView")
"""Those of them that say so themselves: what holds by default does not hold for their heirs."""


class DjangoGuards:
    """Answers for one program."""

    def __init__(self, objects: Objects, settings: Settings, routes: Mapping[str, str]) -> None:
        self.objects = objects
        self.program = objects.program
        self.settings = settings
        self.permissions = Permissions(objects, settings)
        self.decorators = Decorators(objects)
        self.middleware = Middleware(objects, settings, routes)
        self._answered: Answers = {}
        self.mixins = Mixins(objects, self.middleware, self._guests("*"), self.permissions.rights)

    def _guests(self, method: str, action: str = "", view: Type | None = None) -> Guests:
        return Guests(self.objects, method, action, self._answered, view)

    def of(self, served: Served) -> Iterator[Guard]:
        """All that stands before one method of a view, nearest first."""
        served = with_view_behind(self.objects, served)
        handler, owner = served.handler, served.owner
        for around in self.arounds(served):
            yield from self.around(around)
        if self.is_rest(served):
            listed = list(self.rest(served))
            yield from listed if owner is None else asked(self.objects, owner, served.method, listed)
        if owner is not None:
            found = self.of_class(owner, self.middleware.visit(served), served.handler)
            yield from held_still(self.objects, owner, served.given, found)
        elif handler is None:
            yield from self._of_library(served)
        yield from self.middleware.walls(self.middleware.visit(served))

    def _of_library(self, served: Served) -> Iterator[Guard]:
        name = served.name.rpartition(".")[2]
        where = place(served.pattern.routine.module, served.pattern.span)
        if name in MIXINS:
            yield Guard("asks", "type", name, where, name)
        elif name not in OPEN_VIEWS:
            yield Guard("unknown", "type", name, where, name, f"the view '{served.name}' isn't in the scanned source")

    # -- decorators ----------------------------------------------------------------------------------------------------

    def around(self, around: Around) -> Iterator[Guard]:
        """What one decorator asks, as a guard."""
        if is_for_methods(around):
            for one in self.listed(around):
                yield from self.around(one)
            return
        told = self.told(around)
        if told.effect != "nothing":
            where = place(around.routine.module, around.span)
            yield Guard(told.effect, around.level, around.scope, where, f"@{around.name}", told.why, told.needs)

    def arounds(self, served: Served) -> Iterator[Around]:
        """The decorators of a handler, and those that are put around it where its path is told."""
        for handler in answering(self.objects, served.handler):
            at = Routine(self.objects.main(handler.module).function, handler.owner, handler.module)
            for one in handler.function.annotations:
                yield Around(one.name, one.args, one.span, at, "endpoint", served.name)
        yield from served.pattern.view.around

    def around_class(self, served: Served) -> Iterator[Around]:
        """`@method_decorator(..., name="get")` on the view's class or a base, for the method that runs or for all of them."""
        runs = ("dispatch", served.handler.function.name if served.handler is not None else "")
        for one in self.program.lineage(served.owner) if served.owner is not None else ():
            for annotation, module in one.annotations:
                around = Around(annotation.name, annotation.args, annotation.span, self.objects.main(module), "type", one.simple)
                named = [arg.value.value for arg in annotation.args if arg.name == "name" and isinstance(arg.value, ir.Literal)]
                if is_for_methods(around) and any(name in runs for name in named):
                    yield around

    def _is_for_another(self, around: Around, handler: Routine | None) -> bool:
        """`@method_decorator(..., name="get")` does not stand around `post`."""
        named = [arg.value.value for arg in around.args if arg.name == "name" and isinstance(arg.value, ir.Literal)]
        runs = ("dispatch", "setup", handler.function.name if handler is not None else "")
        return is_for_methods(around) and bool(named) and handler is not None and named[0] not in runs

    def _is_answered(self, served: Served) -> bool:
        """Does the project's own code stand around the view, which may make an answer of nothing?"""
        written = [*self.arounds(served), *self.around_class(served)]
        arounds = [one for each in written for one in (self.listed(each) if is_for_methods(each) else (each,))]
        found = [one for a in arounds if a.name for one in self.objects.of(as_expr(a.name, a.span), a.routine)]
        dispatches = served.owner is not None and bool(self.program.methods(served.owner, "dispatch"))
        return dispatches or any(not isinstance(one, Foreign) for one in found)

    def listed(self, around: Around) -> Iterator[Around]:
        """The decorators of `@method_decorator(login_required)`, of one or of several."""
        given = around.args[0].value if around.args else None
        if isinstance(given, ir.Name):
            given = next(iter(values_of(self.objects, given.id, self.objects.main(around.routine.module))), given)
        for item in given.items if isinstance(given, ir.Collection) else (given,) if given is not None else ():
            name, args = (walk.dotted(item.function), item.args) if isinstance(item, ir.Call) else (walk.dotted(item), ())
            yield Around(name, args, around.span, around.routine, around.level, around.scope)

    def told(self, around: Around) -> Told:
        """What a decorator says that is written by its name."""
        found = self.objects.of(as_expr(around.name, around.span), around.routine) if around.name else []
        if not found:
            known = around.name.rpartition(".")[2] in ("action", "property", "staticmethod") or ".mapping." in around.name
            return NOTHING if known or not around.name else Told("unknown", f"'{around.name}' isn't declared in the scanned source")
        return self._object(found[0], around.args, around.routine, 0)

    def _object(self, one: Object, args: Sequence[ir.Argument], routine: Routine, depth: int) -> Told:
        if isinstance(one, Foreign):
            return self._foreign(one.name, args, routine)
        if isinstance(one, Routine | Code) and depth < 4:
            return self._routine(one.routine if isinstance(one, Code) else one, args, depth)
        return self._foreign(one.name, one.call.args, one.routine) if isinstance(one, Made) and one.declared is None else NOTHING

    def _foreign(self, name: str, args: Sequence[ir.Argument], routine: Routine) -> Told:
        root, last = name.partition(".")[0], name.rpartition(".")[2]
        if last == "user_passes_test":
            return self._test(args, routine)
        if last in ASKS:
            texts = texts_of(args[:1]) if last == "permission_required" else []
            return Told("asks", "", tuple(Need("permission", text) for text in texts) or ASKS[last])
        return NOTHING if root in HARMLESS else Told("unknown", f"'{name}' isn't declared in the scanned source")

    def _test(self, args: Sequence[ir.Argument], routine: Routine) -> Told:
        """`user_passes_test(lambda user: user.is_staff)`, by what the test answers to a guest."""
        for test in self.objects.of(args[0].value, routine)[:1] if args else ():
            inner = test.routine if isinstance(test, Code) else test
            if isinstance(inner, Routine):
                answer = self._guests("*").passes(inner, (USER,))
                if answer is False:
                    return Told("asks", "", tuple(self.permissions.rights(inner)))
                why = f"what '{inner.function.name or 'the test'}' answers depends on more than the caller"
                return NOTHING if answer else Told("unknown", why)
        return Told("unknown", "the test of its caller could not be followed")

    def _routine(self, routine: Routine, args: Sequence[ir.Argument], depth: int) -> Told:
        """A decorator of the program's own: each function inside it may be the one that runs instead."""
        unsure = NOTHING
        for inner in (*nested(routine), routine):
            requests = frozenset(p.name for p in inner.function.params if p.name in ("request", "req", "_request"))
            view = stood_before(self.objects, routine, inner)
            requests = requests or frozenset(p.name for p in inner.function.params[:1])
            verdict = judge(self.objects, inner, frozenset(), requests, Situation(view=view, there=True))
            if verdict.authenticates:
                needs = tuple(self._rights_given(args)) or verdict.needs if verdict.needs else ()
                return Told("asks", f"'{routine.function.name}' refuses callers without a login", needs)
            if verdict.depends:
                unsure = Told("unknown", f"'{routine.function.name}' refuses some callers, depending on more than the login")
        for call in walk.calls(routine.function.body or ()):
            for one in self.objects.of(call.function, routine)[:1]:
                is_ours = isinstance(one, Routine) and one.function is not routine.function
                if is_ours or (isinstance(one, Foreign) and one.name.rpartition(".")[2] in (*ASKS, "user_passes_test")):
                    found = self._object(one, call.args, routine, depth + 1)
                    if found.effect != "nothing" and (found.effect == "asks" or not is_ours):
                        return found
        return unsure

    def _rights_given(self, args: Sequence[ir.Argument]) -> Iterator[Need]:
        """The rights that a decorator is given: members of an enumeration, else texts as the names of roles."""
        named = [arg.value.name for arg in args if isinstance(arg.value, ir.Member) and isinstance(arg.value.object, ir.Name)]
        yield from (Need("permission", name) for name in named)
        yield from (Need("role", text) for text in texts_of(args) if not named)

    # -- classes -------------------------------------------------------------------------------------------------------

    def of_class(self, declared: Type, visit: Visit = ELSEWHERE, handler: Routine | None = None) -> Iterator[Guard]:
        """The decorators of a class and its bases that stand around the handler, the mixins, and what runs before the method."""
        run = frozenset(id(routine.function) for name in ("dispatch", "setup") for routine in run_in_turn(self.program, declared, name))
        for one in self.program.lineage(declared):
            level = "type" if one is declared else "base"
            for annotation, module in one.annotations:
                around = Around(annotation.name, annotation.args, annotation.span, self.objects.main(module), level, one.simple)
                if not self._is_for_another(around, handler):
                    yield from self.around(around)
            yield from self._bases(one, declared, level, visit)
            for routine in (r for name in ("dispatch", "setup") for r in one.functions.get(name, ()) if id(r.function) in run):
                yield from self._hook(routine, level, declared, visit)

    def _hook(self, routine: Routine, level: str, view: Type, visit: Visit) -> Iterator[Guard]:
        """What a function that runs before the method asks, by its own tests or by what it does with a request."""
        scope = routine.owner.simple if routine.owner is not None else view.simple
        for annotation in routine.function.annotations:
            main = self.objects.main(routine.module)
            yield from self.around(Around(annotation.name, annotation.args, annotation.span, main, level, scope))
        heeded = routine.function.name != "setup"  # nobody looks at what that returns
        verdict = judge(self.objects, routine, frozenset(), frozenset(("request",)), Situation(there=True)) if heeded else Verdict()
        where, found = place(routine.module, routine.function.name_span), self.middleware.comes_through(routine, view, visit)
        if found.opens or (heeded and not self.mixins.comes_to(routine, view, visit)):
            return
        if verdict.closes and verdict.at is not None:
            module, span = verdict.at
            needs = tuple(need for need in verdict.needs if not self.program.methods(view, need.name))  # a test of its own is no right
            yield Guard("asks", level, scope, place(module, span), routine.name, "it runs before the method", needs)
        elif found.closes:
            yield Guard("asks", level, scope, where, routine.name, "it refuses callers without a login", rights_asked(found))
        elif found.refuses and speaks_of_caller(self.objects, routine):
            yield Guard("unknown", level, scope, where, routine.name, f"'{routine.name}' refuses callers, depending on the request")

    def _bases(self, one: Type, declared: Type, level: str, visit: Visit) -> Iterator[Guard]:
        """What the bases of a class ask that aren't the project's."""
        decl, module = one.decls[0]
        for position, (ref, at) in enumerate(one.bases):
            found = self.program.meaning(ref.name, at, one)
            if isinstance(found, Type):
                continue
            if any(is_library_view(before.name) and before.name.rpartition(".")[2] not in MIXINS for before, _ in one.bases[:position]):
                break
            name = (found if isinstance(found, str) else ref.name).rpartition(".")[2]
            if name in MIXINS or name == TESTED:
                yield from self.mixins.of(name, one, declared, visit, level)
            elif isinstance(found, str) and found.partition(".")[0] not in HARMLESS | {"builtins", "typing", "abc", "enum"}:
                why = f"its base '{found}' isn't in the scanned source"
                yield Guard("unknown", level, one.simple, place(module, decl.name_span), name, why)

    # -- Django REST framework -----------------------------------------------------------------------------------------

    def is_rest(self, served: Served) -> bool:
        """Is it a view of Django REST framework?"""
        if served.owner is not None:
            return self.program.is_a(served.owner, *REST)
        names = [a.name.rpartition(".")[2] for a in served.handler.function.annotations] if served.handler is not None else []
        return "api_view" in names

    def rest(self, served: Served) -> Iterator[Guard]:
        """What the permission classes ask that apply to one method: the nearest list alone counts."""
        guests = self._guests(served.method, served.action, served.owner)
        for listed in self.lists(served, guests):
            items = self.permissions.items(listed)
            where = place(listed.routine.module, listed.expr.span)
            if items is None:
                why = "the list of its permissions could not be followed"
                yield Guard("unknown", listed.level, listed.scope, where, "permission_classes", why)
            elif not items:
                yield Guard("opens", listed.level, listed.scope, where, "permission_classes = []")
            else:
                yield from self._of_list(items, listed, served, guests)

    def _of_list(self, items: list[ir.Expr], listed: Listed, served: Served, guests: Guests) -> Iterator[Guard]:
        found = [self.permissions.asked(item, listed.routine, guests, self._asks_object(served)) for item in items]
        closing = [one for one in found if one.lets_in is False]
        if closing:
            needs = tuple(dict.fromkeys(need for one in found for need in one.needs if one.lets_in is not True))
            at = next(item for item, one in zip(items, found, strict=True) if one.lets_in is False)
            text = next((one.name for one in closing if one.needs), closing[0].name)
            yield Guard("asks", listed.level, listed.scope, place(listed.routine.module, at.span), text, "", needs)
            return
        unsure = next(((item, one) for item, one in zip(items, found, strict=True) if one.lets_in is None), None)
        if unsure is not None:
            where = place(listed.routine.module, unsure[0].span)
            why = f"whether '{unsure[1].name}' lets in who isn't logged in could not be followed"
            yield Guard("unknown", listed.level, listed.scope, where, unsure[1].name, why)
        else:
            where = place(listed.routine.module, items[0].span)
            yield Guard("opens", listed.level, listed.scope, where, found[0].name)

    def _asks_object(self, served: Served) -> bool:
        """Does the framework ask the permissions about the object, too? It does where the view gets it by `get_object`."""
        if served.handler is None:
            return served.detail
        uses = walk.uses(served.handler.function)
        return served.detail and ("get_object" in uses or "super" in uses or "check_object_permissions" in uses)

    def lists_of(self, served: Served) -> Iterator[Listed]:
        """The lists of permissions that hold for one method, whoever calls."""
        return self.lists(served, self._guests(served.method, served.action, served.owner))

    def lists(self, served: Served, guests: Guests) -> Iterator[Listed]:
        """The lists of permissions that may hold for one method."""
        handler, owner = served.handler, served.owner
        if handler is not None and owner is None:
            for one in below_api_view(handler.function.annotations):
                if one.name.rpartition(".")[2] == "permission_classes" and one.args:
                    main = self.objects.main(handler.module)
                    yield Listed(one.args[0].value, main, "endpoint", served.name)
                    return
        given = next((arg.value for arg in served.given if arg.name == "permission_classes"), None)
        nearer = Listed(given, served.said, "endpoint", served.name) if given is not None and served.said is not None else None
        if owner is not None:
            yield from self._of_owner(owner, guests, nearer)
        else:
            yield from self._defaults() if nearer is None else [nearer]

    def _of_owner(self, owner: Type, guests: Guests, nearer: Listed | None) -> Iterator[Listed]:
        """What `get_permissions` answers for the action at hand, or the list that is nearest."""
        routine = next((r for r in self.program.methods(owner, "get_permissions") if r.function.has_body), None)
        if routine is None:
            yield from self.of_attribute(owner) if nearer is None else [nearer]
            return
        level = "type" if routine.owner is owner else "base"
        scope = routine.owner.simple if routine.owner is not None else owner.simple
        at = Routine(self.objects.main(routine.module).function, routine.owner, routine.module)
        for value, env in guests.ways(routine):
            said = {walk.dotted(node) for node in walk.nodes((value, *env.values()))}
            if said & {"super.get_permissions", "this.permission_classes"} and not isinstance(value, ir.Collection):
                yield from self.of_attribute(owner) if nearer is None else [nearer]
            else:
                yield Listed(value, at, level, scope, tuple(env.items()))

    def of_attribute(self, owner: Type) -> Iterator[Listed]:
        """The list that the view's class names, that it has from its base, or that the settings name."""
        slot = self.program.slot(owner, "permission_classes")
        if slot is not None and slot.field.value is not None:
            level = "type" if slot.owner is owner else "base"
            main = self.objects.main(slot.module)
            yield Listed(slot.field.value, Routine(main.function, slot.owner, slot.module), level, slot.owner.simple)
        elif self.program.is_a(owner, *OPEN_BASES):
            decl, module = owner.decls[0]
            yield Listed(ir.Collection("tuple", (), decl.name_span), self.objects.main(module), "base", owner.simple)
        else:
            yield from self._defaults()

    def _defaults(self) -> Iterator[Listed]:
        for expr, routine in self.settings.entry("REST_FRAMEWORK", "DEFAULT_PERMISSION_CLASSES"):
            yield Listed(expr, routine, "application", "REST_FRAMEWORK")
            return

    # -- own code ------------------------------------------------------------------------------------------------------

    def _logs_in(self, handler: Routine) -> bool:
        named = (call for call in walk.calls(handler.function.body or ()) if walk.called_name(call) in ("login", "alogin"))
        meant = (self.program.meaning(walk.dotted(call.function), handler.module, handler.owner) for call in named)
        return any(isinstance(one, str) and one.startswith("django.contrib.auth.") for one in meant)

    def own(self, served: Served) -> Iterator[Guard]:
        """A view that asks for the caller in its own code or by those who find out who calls, and refuses guests."""
        if served.owner is not None and self.is_rest(served):
            yield from refusing(self.objects, served.owner)
        yield from self._own_code(served)

    def _own_code(self, served: Served) -> Iterator[Guard]:
        """The same of its code; not one that logs them in."""
        if served.handler is None or self._logs_in(served.handler):
            return
        params, name = served.handler.function.params, served.handler.function.name or "lambda"
        requests = frozenset(p.name for p in params[:1])
        by_nothing = not self._is_answered(served) and not asks_in_vain(self.objects, served.handler)
        handler = of_view(served.handler, served.owner, self.program) if served.owner is not None else served.handler
        verdict = judge(self.objects, handler, frozenset(), requests, Situation(by_nothing=by_nothing, there=True))
        if not verdict.closes or verdict.at is None:
            return
        where = place(*verdict.at)
        if verdict.perhaps or verdict.unasked:
            yield Guard("unknown", "handler", served.name, where, name, f"'{name}' asks the view's own code, which refuses some callers")
            return
        yield Guard("asks", "handler", served.name, where, name, "its own code refuses callers without a login", verdict.needs)


def is_for_methods(around: Around) -> bool:
    """Is it `@method_decorator(...)`?"""
    return around.name.rpartition(".")[2] == "method_decorator"
