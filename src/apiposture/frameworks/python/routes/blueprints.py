"""Which routes do Flask applications and blueprints hold, with everything that stands around them?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from msgspec import Struct

from apiposture.frameworks.python.reading.lists import items
from apiposture.frameworks.python.reading.objects import Made, Objects, as_expr, nested
from apiposture.frameworks.python.reading.rounds import Round, Rounds
from apiposture.frameworks.python.routes.added_elsewhere import AddedElsewhere
from apiposture.frameworks.python.routes.adding_decorators import AddingDecorators, Decorated
from apiposture.frameworks.python.routes.class_views import Around, ClassViews, Route, around_of
from apiposture.frameworks.python.routes.handed_on import HandedOn, Registered
from apiposture.frameworks.python.routes.named_decorators import NamedDecorators
from apiposture.frameworks.python.routes.nesting import Key, Step, joined, ways_down
from apiposture.frameworks.python.routes.prefixed import ADD, Prefixed
from apiposture.frameworks.python.routes.request_classes import RequestClasses
from apiposture.frameworks.python.routes.rules_for_callers import RulesForCallers
from apiposture.frameworks.python.routes.spelling import MAX_DEPTH, spelled
from apiposture.frameworks.python.routes.unprefixed import Unprefixed
from apiposture.frameworks.python.routes.views_meant import behind, is_unknown, made_for
from apiposture.model import ir
from apiposture.program import constants, walk
from apiposture.program.types import Routine, Type

VERBS = frozenset("get post put patch delete".split())
DECORATORS = VERBS | {"route", "websocket"}
MADE_WITHIN = "Api.namespace"
"""Makes a namespace, and adds it to the API whose method it is: https://flask-restx.readthedocs.io/en/latest/api.html#flask_restx.Api.namespace"""


class Holder(Struct, eq=False):
    """An application, blueprint or API with what it holds. `hooks` run before each request."""

    made: Made
    is_app: bool
    prefix: str
    routes: list[Route]
    children: list[tuple[Key, str | None]]
    hooks: list[Routine]
    around: list[Around]
    registered: bool = False
    loose: bool = False


class Mapped(Struct, frozen=True, eq=False):
    """A route with its whole path, and the holders that it stands in, nearest first."""

    path: str
    route: Route
    holders: tuple[Holder, ...]


class Blueprints:
    """The routes of one program, in the words of Flask (and of Quart, which are the same)."""

    APPS: ClassVar[tuple[str, ...]] = ("Flask", "APIFlask", "OpenAPI", "Quart")
    KINDS: ClassVar[tuple[str, ...]] = ("Blueprint", "APIBlueprint", "Api", "Namespace")
    HOOKS: ClassVar[frozenset[str]] = frozenset(("before_request", "before_app_request"))
    CALLS: ClassVar[tuple[str, ...]] = (
        *("register_blueprint", "add_url_rule", "before_request"),
        *("add_resource", "add_namespace", "register_api", "init_app"),
    )

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self.program = objects.program
        self.classes = RequestClasses(objects)
        self.views = ClassViews(objects)
        self.unprefixed = Unprefixed(objects.program)
        self.prefixed = Prefixed(objects)
        self.rounds = Rounds(objects, (ADD, "add_resource"))
        self.known: dict[Key, Holder] = {}
        self.unserved: list[tuple[str, ir.Expr, Routine]] = []
        """The rules that are added for a view which can't be found, and where; an empty one where no rule is known either."""
        self.handed = HandedOn(objects, "add_resource")
        self.for_callers = RulesForCallers(objects, self.rounds)
        self.elsewhere = AddedElsewhere(objects)
        self.decorating = AddingDecorators(objects)
        self.named = NamedDecorators(objects, DECORATORS)
        self._gather()

    def _gather(self) -> None:
        for caller, call in self.program.calling(*self.APPS, *self.KINDS):
            if caller.module.explicit_names:
                for made in self.objects.of(call, caller):
                    if isinstance(made, Made):
                        self.holder(made)
        for routine, around in self._decorated():
            self._rules(routine, around)
        for caller, call in self.program.calling(*self.CALLS):
            if caller.module.explicit_names and isinstance(call.function, ir.Member) and not self._is_inside(caller, call):
                for holder in self.holders(call.function.object, caller) or self._unseen(call, caller):
                    self.called(holder, call, caller)
        for registered in self.handed.all():
            self._handed_on(registered)
        self._added_for_callers()
        self._added_elsewhere()
        self._classes()

    def _is_inside(self, routine: Routine, call: ir.Call) -> bool:
        """Is it a function that registers what others hand it?"""
        return self.handed.is_inside(routine) or self.for_callers.is_inside(routine) or self.decorating.is_inside(call)

    def _decorated(self) -> Iterator[tuple[Routine, Routine]]:
        for routine in self.program.routines:
            if not routine.module.explicit_names:
                continue
            if not (DECORATORS | self.HOOKS).isdisjoint(_said(routine)) or self.named.names_any(routine):
                yield routine, self.objects.outside(routine)
            if not DECORATORS.isdisjoint(routine.module.calls) or self.named.makes_any(routine):
                yield from ((inner, routine) for inner in nested(routine) if inner.function.annotations)

    def holders(self, expr: ir.Expr, routine: Routine) -> list[Holder]:
        """The applications and blueprints that an expression stands for."""
        found = [one for one in self.objects.of(expr, routine) if isinstance(one, Made)]
        return [holder for made in found if (holder := self.holder(made)) is not None]

    def holder(self, made: Made) -> Holder | None:
        """The application or blueprint that a call makes; None where it makes something else."""
        found = self.known.get(made.key)
        within = made.name.endswith(MADE_WITHIN) and isinstance(made.call.function, ir.Member)
        if found is None and (within or self.objects.is_a(made, *self.APPS, *self.KINDS)):
            is_app = self.objects.is_a(made, *self.APPS)
            is_space = within or made.name.endswith("Namespace")
            names = ("path",) if is_space else ("url_prefix", "prefix")
            given = next((arg.value for arg in made.call.args if arg.name in names), None)
            prefix = self.text(given, made.routine) or ""
            if is_space and given is None:
                prefix = "/" + (self.text(walk.argument(made.call, 0, "name"), made.routine) or "")
            found = self.known[made.key] = Holder(made, is_app, prefix, [], [], [], [])
            self._api(found)
        return found

    def _api(self, holder: Holder) -> None:
        """`Api(app)` or `Api(blueprint)` of Flask-RESTful, and `api.namespace("orders")`: it stands in what it is made with, or by."""
        made = holder.made
        decorators = next((arg.value for arg in made.call.args if arg.name == "decorators"), None)
        holder.around += self.views.listed(decorators, made.routine, "group", made.name.rpartition(".")[2])
        within = made.call.function.object if made.name.endswith(MADE_WITHIN) and isinstance(made.call.function, ir.Member) else None
        first = made.call.args[0].value if made.name.rpartition(".")[2] == "Api" and made.call.args else within
        if first is not None:
            for outer in self.holders(first, made.routine):
                outer.children.append((made.key, None))
                holder.registered = True

    def _rules(self, routine: Routine, around: Routine) -> None:
        annotations = routine.function.annotations
        for i, written in enumerate(annotations):
            one, at = self.named.written_out(written, around)
            holder, _, last = one.name.rpartition(".")
            if not holder or (last not in DECORATORS and last not in self.HOOKS):
                continue
            for found in self.holders(as_expr(holder, one.span), at) or self._passed_in(holder, around):
                if last in self.HOOKS:
                    found.hooks += [routine] if self.is_hook(one, around) else []
                    continue
                inner = tuple(
                    Around(a.name, a.args, a.span, around, "endpoint", routine.function.name)
                    for a in annotations[i + 1 :]
                    if a.name.rpartition(".")[2] not in DECORATORS
                )
                path = self.path(walk.argument(one, 0, "rule"), around)
                methods = (last.upper(),) if last in VERBS else self._methods(one.args, around)
                found.routes.append(Route(path, methods, routine, inner))

    def _annotated(self) -> Iterator[tuple[Routine, Routine]]:
        """The functions that have decorators, each with the code in which these are looked up."""
        for routine in self.program.routines if self.decorating.known else ():
            if routine.module.explicit_names:
                if routine.function.annotations:
                    yield routine, self.objects.outside(routine)
                yield from ((inner, routine) for inner in nested(routine) if inner.function.annotations)

    def _unseen(self, call: ir.Call, caller: Routine) -> list[Holder]:
        """What a rule is added to that nobody is seen to make: a parameter, or something that isn't known at all."""
        name = walk.dotted(call.function.object) if isinstance(call.function, ir.Member) and walk.called_name(call) == ADD else ""
        found = self._passed_in(name, caller) if name else []
        known = self.objects.of(as_expr(name, call.span), caller) if name else []
        is_own = any(isinstance(one, Type) or (isinstance(one, Made) and one.declared is not None) for one in known)
        if name and not found and name not in ("this", "super") and not is_own:
            self.unserved.append((self.path(walk.argument(call, 0, "rule"), caller), call, caller))
        return found

    def is_hook(self, annotation: ir.Annotation, routine: Routine) -> bool:
        """Does what is decorated so run before a request?"""
        return True

    def _passed_in(self, name: str, around: Routine) -> list[Holder]:
        """An application that a function is given by nobody in the scanned source: what it asks of callers can't be told."""
        if all(param.name != name for param in around.function.params):
            return []
        app = self.APPS[0]
        call = ir.Call(ir.Name(app, around.function.name_span), (), around.function.name_span)
        made = Made(call, around, f"{app.lower()}.{app}", None)
        if made.key not in self.known:
            self.known[made.key] = Holder(made, True, "", [], [], [], [], loose=True)
        return [self.known[made.key]]

    def _methods(self, args: Sequence[ir.Argument], routine: Routine) -> tuple[str, ...]:
        given = next((arg.value for arg in args if arg.name == "methods"), None)
        texts = [self.text(item, at) for item, at in items(self.objects, given, routine)]
        return tuple(dict.fromkeys(text.upper() for text in texts if text and text.upper() not in ("OPTIONS", "HEAD"))) or ("GET",)

    def called(self, holder: Holder, call: ir.Call, caller: Routine) -> None:
        """What a method of an application or blueprint adds to it."""
        name = walk.called_name(call)
        if name in ("register_blueprint", "add_namespace", "register_api"):
            given = next((arg.value for arg in call.args if arg.name in ("url_prefix", "path")), None)
            prefix = self.text(given, caller)
            for child in self.holders(call.args[0].value, caller) if call.args else []:
                holder.children.append((child.made.key, prefix))
                child.registered = True
        elif name == "init_app" and holder.made.name.rpartition(".")[2] == "Api" and call.args:
            for outer in self.holders(call.args[0].value, caller):
                outer.children.append((holder.made.key, None))
                holder.registered = True
        elif name == "before_request" and call.args:
            holder.hooks += (one for one in self.objects.of(call.args[0].value, caller) if isinstance(one, Routine))
        elif name == ADD:
            for once in self.rounds.of(call, caller):
                spelled = self.rounds.spelled(call, once, caller)
                view = walk.argument(spelled, 2, "view_func")
                for path in self._paths(holder, spelled, once, caller):
                    self._serve(holder, spelled, path, view, self.rounds.home(view, caller))
        elif name == "add_resource" and call.args:
            for once in self.rounds.of(call, caller):
                resource, *rest = self.rounds.spelled(call, once, caller).args
                paths = [self.path(arg.value, self.rounds.home(arg.value, caller)) for arg in rest if not arg.name]
                self._resource(holder, (resource.value, self.rounds.home(resource.value, caller)), paths)

    def _resource(self, holder: Holder, written: tuple[ir.Expr, Routine], paths: Sequence[str]) -> None:
        for resource in self.objects.of(*written):
            if isinstance(resource, Type):
                for path in paths:
                    holder.routes += self.views.of(resource, path, None, ())

    def _handed_on(self, registered: Registered) -> None:
        """A resource that a function of the project's own registers for its callers."""
        made_of, routine = registered.made_of
        paths = [self.path(path, registered.resource[1]) for path in registered.paths]
        if made_of is not None:
            name = next((param.name for param in made_of.function.params), "")
            paths = [self.path(value, routine, {name: path}) for path in paths for value in walk.returned(made_of.function)]
        for holder in self.holders(*registered.holder):
            self._resource(holder, registered.resource, paths)

    def _added_for_callers(self) -> None:
        for one in self.for_callers.all():
            for holder in self.holders(one.holder, one.caller):
                spelled = self.rounds.spelled(one.adding, one.once, one.routine)
                told = ir.Call(one.adding.function, one.args, one.adding.span)
                for path in self._paths(holder, spelled, one.once, one.routine):
                    self._serve(holder, told, path, one.view, self.rounds.home(one.view, one.caller))

    def _added_elsewhere(self) -> None:
        for written, told, caller in self.elsewhere.all():
            if isinstance(told.function, ir.Member) and not self._is_inside(caller, written):
                for holder in self.holders(told.function.object, caller):
                    self.called(holder, told, caller)
        for one in self.decorating.all(self._annotated()):
            for holder in self.holders(one.call.function.object, one.at) if isinstance(one.call.function, ir.Member) else ():
                self._decorating(holder, one)
        for member, caller in self.elsewhere.unfollowed():
            if self.holders(member.object, caller):
                self.unserved.append(("", member, caller))

    def _decorating(self, holder: Holder, one: Decorated) -> None:
        """A rule that a decorator of the project's own adds for what it is put on."""
        path = self.path(walk.argument(one.call, 0, "rule"), one.at)
        if one.view is None:
            self.unserved.append((path, one.call, one.at))
            return
        name, made = one.view.function.name, self.objects.outside(one.at)
        around = [around_of(each, made, "endpoint", ADD) for each in one.around]
        around += (Around(each.name, each.args, each.span, one.of, "endpoint", name) for each in one.below)
        holder.routes.append(Route(path, self._methods(one.call.args, one.at), one.view, tuple(around)))

    def _serve(self, holder: Holder, call: ir.Call, path: str, view: ir.Expr | None, caller: Routine) -> None:
        before = len(holder.routes)
        self.rule(holder, call, path, view, caller)
        spread = view is None and any(arg.mode.startswith("spread") for arg in call.args)
        if len(holder.routes) == before and (spread or is_unknown(self.objects, view, caller)):
            self.unserved.append((path, call, caller))

    def rule(self, holder: Holder, call: ir.Call, path: str, view: ir.Expr | None, caller: Routine) -> None:
        """A rule that a call adds, for a function or a class-based view, with decorators that are called on it."""
        around: list[Around] = []
        whole = view = behind(self.program, view, caller)
        while isinstance(view, ir.Call) and walk.called_name(view) != "as_view" and view.args:
            around.append(around_of(view.function, caller, "endpoint", ADD))
            view = view.args[0].value
        caller = self.rounds.home(view, caller)
        if isinstance(view, ir.Call) and isinstance(view.function, ir.Member):
            for declared in self.objects.of(view.function.object, caller):
                if isinstance(declared, Type):
                    given = self._methods(call.args, caller) if any(arg.name == "methods" for arg in call.args) else None
                    holder.routes += self.views.of(declared, path, given, tuple(around))
            return
        found = [one for one in self.objects.of(view, caller) if isinstance(one, Routine | Type)]
        if not found:
            found, around = list(made_for(self.objects, whole, caller)), []
        for handler in found:
            if isinstance(handler, Routine):
                holder.routes.append(Route(path, self._methods(call.args, caller), handler, (*around, *self.views.below(handler))))
            else:
                for one in self.classes.handled(holder.made.declared, handler, self._methods(call.args, caller)):
                    below = (*around, *self.views.below(one.handler))
                    holder.routes.append(Route(path, one.methods, one.handler, below, handler, one.before))

    def _classes(self) -> None:
        """`@api.route("/path")` on a class."""
        for declared in self.program.types:
            for annotation, module in declared.annotations:
                holder, _, last = annotation.name.rpartition(".")
                if last == "route" and holder and module.explicit_names:
                    main = self.objects.main(module)
                    for found in self.holders(as_expr(holder, annotation.span), main):
                        for arg in annotation.args:
                            if not arg.name:
                                found.routes += self.views.of(declared, self.path(arg.value, main), None, ())

    def text(self, expr: ir.Expr | None, routine: Routine) -> str | None:
        """A constant text."""
        return constants.text(self.program, expr, routine.module, routine.owner) if expr is not None else None

    def path(self, expr: ir.Expr | None, routine: Routine, given: Mapping[str, str] | None = None, depth: int = 0) -> str:
        """A rule; parts that are not known are parameters of that name. `given` says what parameters of the function are."""

        def text(part: ir.Expr) -> str | None:
            if given and isinstance(part, ir.Name) and part.id in given:
                return given[part.id]
            found = self.text(part, routine)
            return self._answered(part, routine, given, depth) if found is None and isinstance(part, ir.Call) else found

        return spelled(expr, text, "<>")

    def _answered(self, call: ir.Call, routine: Routine, given: Mapping[str, str] | None, depth: int) -> str | None:
        """What a function of the project's own makes of a rule: the last of its answers, which needs no setting to be so."""
        for called in self.objects.of(call.function, routine) if depth < MAX_DEPTH else ():
            if isinstance(called, Routine) and call.args:
                values = [self.path(arg.value, routine, given, depth + 1) for arg in call.args]
                names = [param.name for param in called.function.params]
                inner = dict(zip(names, values, strict=False))
                answers = [value for value in walk.returned(called.function) if not isinstance(value, ir.Call)]
                return (self.path(max(answers, key=lambda value: value.span), called, inner, depth + 1) or None) if answers else None
        return None

    def _paths(self, holder: Holder, call: ir.Call, once: Round, caller: Routine) -> list[str]:
        """The rules that a call adds in one round."""
        path = self.path(walk.argument(call, 0, "rule"), caller)
        return self.prefixed.paths(holder.made.declared, path, call, once.around, caller)

    def mapped(self) -> Iterator[Mapped]:
        """All routes, from the applications down; those of blueprints that nobody registers last."""
        for holder in list(self.known.values()):
            if not holder.registered:
                for way in ways_down(holder, self._within):
                    yield from self._at_the_end(way)

    def _within(self, holder: Holder) -> Iterator[tuple[Holder, str]]:
        """What is registered in a holder, each with its prefix there."""
        found = ((self.known[key], given) for key, given in holder.children if key in self.known)
        return ((child, child.prefix if given is None else given) for child, given in found)

    def _at_the_end(self, way: Sequence[Step[Holder, str]]) -> Iterator[Mapped]:
        """The routes of the last of several holders, each in the one before it."""
        prefix, inside = way[0].holder.prefix, tuple(one for one, _ in reversed(way))
        for _, given in way[1:]:
            prefix = joined(prefix, given or "")
        for route in inside[0].routes:
            outside = self.unprefixed.outside(inside[0].made.declared, route.path)
            yield Mapped(joined(prefix, route.path) if outside is None else outside, route, inside)


def _said(routine: Routine) -> set[str]:
    return {annotation.name.rpartition(".")[2] for annotation in routine.function.annotations}
