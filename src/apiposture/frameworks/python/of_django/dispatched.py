"""What runs of a class view before the method that serves a request, in the words of the IR?

Django calls `setup` and then `dispatch`, which each class of the view hands on to the next one, until the last calls the method; its mixins
test the caller in theirs. What a `dispatch` does up to where it hands on is written out here as a function that throws where it answers
by itself, so that what it holds against the caller holds in the method.

https://docs.djangoproject.com/en/stable/ref/class-based-views/base/#django.views.generic.base.View.setup
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from apiposture.frameworks.python.walks.chain import Link, chain, landing
from apiposture.frameworks.python.walks.until import handing_on, refuses
from apiposture.frameworks.python.walks.users import METHODS
from apiposture.model import ir
from apiposture.model.source import Span
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Type

TESTS = {"UserPassesTestMixin": "test_func", "PermissionRequiredMixin": "has_permission"}
"""The mixins that turn away whoever a function of the view says no to.

https://docs.djangoproject.com/en/stable/topics/auth/default/#limiting-access-to-logged-in-users-that-pass-a-test
"""

OF_OBJECTS = ("rules.contrib.views", "guardian.mixins")
"""Where mixins of that name come from that ask for a permission on the view's object.

https://github.com/dfunckt/django-rules#permissions-in-views, https://django-guardian.readthedocs.io/en/stable/api/guardian.mixins.html
"""

OF_REST = ("initial", "check_permissions")
"""What REST framework calls between `dispatch` and the method, and which throw where they refuse.

https://www.django-rest-framework.org/api-guide/views/#dispatch-methods
"""

ON = frozenset((*METHODS, "http_method_not_allowed"))


class Dispatched:
    """Answers for one program; the classes are completed by what is written out."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._steps: dict[tuple[int, bool], tuple[list[ir.Stmt], Routine | None]] = {}

    def before(self, view: Type, handler: Routine, rest: bool) -> Routine:
        """The function that serves a request, with what runs before it; as it is where nothing of the project's does."""
        key = (id(view), rest)
        if key not in self._steps:
            self._steps[key] = self._run(view, rest)
        steps, answers = self._steps[key]
        if not steps and answers is None:
            return handler
        function, span = handler.function, handler.function.name_span
        name = function.name
        if all(one.function is not function for one in self.program.methods(view, name)):
            name = f"{name}:inherited"
            self.program.complete(view, name, handler)
        if answers is not None:
            ends = _calls(answers.function.name, answers, span)
        else:
            ends = _call(_this(name, span), tuple(map(_handed, function.params)), span)
        body = (*steps, ir.Return(ends, span))
        made = ir.Function(function.name, function.params, None, body, (), (), (), span, span)
        return Routine(made, view, handler.module)

    def _run(self, view: Type, rest: bool) -> tuple[list[ir.Stmt], Routine | None]:
        """What runs before each method, and the `dispatch` that answers for all of them, where one never hands on."""
        steps = list(self._plain(view, ("setup",)))
        links = chain(self.program, view)
        for at, link in enumerate(links):
            step = self._of_library(view, link) if link.declared is None else None
            if step is not None:
                steps.append(step)
            for hook in link.declared.functions.get("dispatch", ())[-1:] if link.declared is not None else ():
                lands = partial(self._lands, links, hook)
                if any(map(lands, walk.calls(hook.function.body or ()))):
                    steps.append(self._until(view, hook, lands, at))
                elif _answers(hook.function):
                    return steps, self._kept(view, hook, f"dispatch:{at}", hook.function.body or ())
                else:
                    return list(self._plain(view, ("setup",))), None
        return [*steps, *self._plain(view, OF_REST if rest else ())], None

    def _lands(self, links: Sequence[Link], hook: Routine, call: ir.Call) -> bool:
        return walk.called_name(call) == "dispatch" and landing(self.program, links, call, hook) is not None

    def _plain(self, view: Type, names: Sequence[str]) -> Iterator[ir.Stmt]:
        for name in names:
            for hook in [one for one in self.program.methods(view, name) if one.function.has_body][:1]:
                yield ir.Eval(_calls(name, hook, hook.function.name_span), hook.function.name_span)

    def _until(self, view: Type, hook: Routine, lands: Callable[[ir.Call], bool], at: int) -> ir.Stmt:
        """A call of what a `dispatch` does before it hands on."""
        span = hook.function.name_span
        body = (*handing_on(hook.function.body or (), lands), refuses(span))
        step = self._kept(view, hook, f"dispatch:{at}", body)
        return ir.Eval(_calls(step.function.name, step, span), span)

    def _kept(self, view: Type, hook: Routine, name: str, body: tuple[ir.Stmt, ...]) -> Routine:
        function, span = hook.function, hook.function.name_span
        made = ir.Function(name, function.params, None, body, (), (), (), span, span)
        routine = Routine(made, view, hook.module)
        self.program.complete(view, name, routine)
        return routine

    def _of_library(self, view: Type, link: Link) -> ir.Stmt | None:
        """What a mixin of a library tests, by what the view says to that."""
        asked = TESTS.get(link.name, "")
        own = next((one for one in self.program.methods(view, asked) if one.function.has_body), None) if asked else None
        if own is not None:
            test = self._test(view, own)
            tested: ir.Expr | None = _call(_this(test.function.name, own.function.name_span), (), own.function.name_span)
        else:
            tested = self._on_object(view) if asked == "has_permission" else None
        return ir.If(ir.Unary("!", tested, tested.span), (refuses(tested.span),), (), tested.span) if tested is not None else None

    def _test(self, view: Type, own: Routine) -> Routine:
        """A test of the view's own, in which what it inherits from the library's mixin is written out.

        It is what it asks, and no right by its name.
        """
        body, of_library = own.function.body or (), f"super.{own.function.name}"
        inherited = self._on_object(view) if own.function.name == "has_permission" else None
        if inherited is not None:
            body = walk.rewritten(body, lambda call: inherited if walk.dotted(call.function) == of_library else call)
        return self._kept(view, own, f"dispatch:{list(TESTS.values()).index(own.function.name)}:asked", body)

    def _on_object(self, view: Type) -> ir.Expr | None:
        """`user.has_perms(permissions, object)`, where a mixin asks that of the view's object."""
        if not any(name.startswith(OF_OBJECTS) for name in self._libraries(view)):
            return None
        span = view.decls[0][0].name_span
        named = next((one for one in ("get_permission_object", "get_object") if self.program.methods(view, one)), None)
        user = ir.Member(_this("request", span), "user", span, span)
        given = (_this("permission_required", span), _call(_this(named, span), (), span) if named else _this("object", span))
        return _call(ir.Member(user, "has_perms", span, span), tuple(map(ir.Argument, given)), span)

    def _libraries(self, view: Type) -> Iterator[str]:
        """The full names of a view's bases that aren't the project's."""
        for one in self.program.lineage(view):
            for ref, module in one.bases:
                meant = self.program.meaning(ref.name, module, one)
                if isinstance(meant, str):
                    yield meant


def _answers(function: ir.Function) -> bool:
    """Does a function that hands on to nobody answer by itself, and by none of the view's methods?"""
    called = {walk.called_name(call) for call in walk.calls(function.body or ())}
    return called.isdisjoint((*ON, "getattr", "handler", "dispatch"))


def _calls(name: str, routine: Routine, span: Span) -> ir.Call:
    """A call of what runs before the method, as Django calls it: with the request, and with what the URL holds."""
    given: list[ir.Argument] = []
    for param in routine.function.params:
        if param.mode == "rest-map":
            given.append(ir.Argument(_this("kwargs", span), None, "spread-map"))
        elif not param.mode and not given:
            given.append(ir.Argument(_this("request", span), param.name))
        elif not param.mode:
            given.append(ir.Argument(ir.Index(_this("kwargs", span), (ir.Literal(param.name, span),), span), param.name))
    return _call(_this(name, span), tuple(given), span)


def _handed(param: ir.Param) -> ir.Argument:
    modes = {"rest": "spread", "rest-map": "spread-map"}
    return ir.Argument(ir.Name(param.name, param.span), None if param.mode else param.name, modes.get(param.mode, ""))


def _this(name: str, span: Span) -> ir.Member:
    return ir.Member(ir.Name("this", span), name, span, span)


def _call(function: ir.Expr, args: tuple[ir.Argument, ...], span: Span) -> ir.Call:
    return ir.Call(function, args, span)
