"""What do the permissions of a REST view ask about an object, in the words of the IR?

`check_object_permissions(request, obj)`, which the library's `get_object` calls, asks each permission of the view's list. It is written out
here for each view whose list is the same for all of its methods, wherever that stands: at the view, a base of it or in the settings.

https://www.django-rest-framework.org/api-guide/permissions/#object-level-permissions
"""

from __future__ import annotations

from apiposture.frameworks.python.of_django.guards import DjangoGuards
from apiposture.frameworks.python.of_django.permissions import Listed
from apiposture.frameworks.python.of_django.views import Served
from apiposture.frameworks.python.reading.objects import Foreign, Object
from apiposture.model import ir
from apiposture.model.source import Span
from apiposture.program.types import Routine, Type

CHECK = "check_object_permissions"
MAX_DEPTH = 8
OF_STAFF = "IsAdminUser"


class ObjectPermissions:
    """Answers for one program; the classes are completed by what is written out."""

    def __init__(self, guards: DjangoGuards) -> None:
        self.guards = guards
        self.permissions = guards.permissions
        self.program = guards.program
        self.objects = guards.objects

    def complete(self, served: Served) -> None:
        """Give a REST view the function that asks about an object, where what is asked does not depend on what is done."""
        view = served.owner
        if view is None or not self.guards.is_rest(served) or any(arg.name == "permission_classes" for arg in served.given):
            return
        if any(one.function.has_body for one in self.program.methods(view, "get_permissions")):
            return
        for listed in list(self.guards.of_attribute(view))[:1]:
            self._complete(view, listed)

    def _complete(self, view: Type, listed: Listed) -> None:
        span = view.decls[0][0].name_span
        asked = [self._asked(view, item, listed.routine, 0) for item in self.permissions.items(listed) or ()]
        body = tuple(ir.If(ir.Unary("!", one, span), (_refuses(span),), (), span) for one in asked if one is not None)
        if body:
            self.program.complete(view, CHECK, _routine(CHECK, body, view, view.decls[0][1], span))

    def _asked(self, view: Type, expr: ir.Expr, at: Routine, depth: int, alone: bool = True) -> ir.Expr | None:
        """Whether one permission of a list says yes; None where it asks nothing, or nobody knows what.

        Those joined by `|` ask what they ask before there is an object once more.
        """
        span = view.decls[0][0].name_span
        if depth > MAX_DEPTH:
            return None
        behind = self.permissions.behind(expr, at)
        if behind is not None and behind.field.value is not None:
            return self._asked(view, behind.field.value, self.objects.main(behind.module), depth + 1, alone)
        if isinstance(expr, ir.Binary) and expr.operator in ("&", "|"):
            both = expr.operator == "&"
            sides = [self._asked(view, one, at, depth + 1, alone and both) for one in (expr.left, expr.right)]
            known = [one for one in sides if one is not None]
            if len(known) < 2:
                return known[0] if known and both else None
            return ir.Binary("&&" if both else "||", known[0], known[1], span)
        found: Object | None
        if isinstance(expr, ir.Literal) and isinstance(expr.value, str):
            found = self.permissions.settings.spelled(expr.value, at)
        else:
            found = next(iter(self.objects.of(expr, at)), None)
        if isinstance(found, Foreign) and found.name.rpartition(".")[2] == OF_STAFF and not alone:
            user = ir.Member(ir.Name("request", span), "user", span, span)
            return ir.Member(user, "is_staff", span, span)
        return self._of_class(view, found, alone) if isinstance(found, Type) else None

    def _of_class(self, view: Type, declared: Type, alone: bool) -> ir.Expr | None:
        """A call of what a permission class of the project's own answers about an object."""
        wanted = ("has_object_permission",) if alone else ("has_permission", "has_object_permission")
        named = [name for name in wanted if any(one.function.has_body for one in self.program.methods(declared, name))]
        if not named:
            return None
        module, span = declared.decls[0][1], declared.decls[0][0].name_span
        made = ir.Call(ir.Name(declared.simple, span), (), span)
        answer: ir.Expr | None = None
        for name in named:
            given = ("request", "this") if name == "has_permission" else ("request", "this", "obj")
            asks = ir.Call(ir.Member(made, name, span, span), tuple(ir.Argument(ir.Name(one, span)) for one in given), span)
            answer = asks if answer is None else ir.Binary("&&", answer, asks, span)
        name = f"{'-'.join(named)}:{declared.qualified}"
        self.program.complete(view, name, _routine(name, (ir.Return(answer, span),), view, module, span))
        at = view.decls[0][0].name_span
        taken = (ir.Argument(ir.Name("request", at)), ir.Argument(ir.Name("obj", at)))
        return ir.Call(ir.Member(ir.Name("this", at), name, at, at), taken, at)


def _routine(name: str, body: tuple[ir.Stmt, ...], owner: Type, module: ir.Module, span: Span) -> Routine:
    taken = tuple(ir.Param(param, None, None, (), "", span) for param in ("request", "obj"))
    return Routine(ir.Function(name, taken, None, body, (), (), (), span, span), owner, module)


def _refuses(span: Span) -> ir.Stmt:
    return ir.Throw(ir.Call(ir.Name("PermissionDenied", span), (), span), span)
