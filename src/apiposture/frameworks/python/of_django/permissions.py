"""What do the permission classes of Django REST framework ask of the caller?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from apiposture.frameworks.python.asking.rights import RIGHTS
from apiposture.frameworks.python.reading.django_settings import Settings
from apiposture.frameworks.python.reading.objects import Foreign, Made, Object, Objects, functions_of
from apiposture.frameworks.python.walks.guests import SAFE, Guests
from apiposture.frameworks.python.walks.seen import REQUEST, UNKNOWN
from apiposture.model import ir
from apiposture.model.facts import Need
from apiposture.program import walk
from apiposture.program.types import Routine, Slot, Type

MAX_DEPTH = 8

OF_THE_MODEL = Need("permission", "of the model")
OPEN = frozenset(("AllowAny", "BasePermission"))
ASKS = {
    "IsAuthenticated": (), "IsAdminUser": (Need("role", "staff"),), "DjangoModelPermissions": (OF_THE_MODEL,),
    "DjangoObjectPermissions": (Need("permission", "of the object"),), "TokenHasScope": (Need("scope", "of the token"),),
    "TokenHasReadWriteScope": (), "TokenHasResourceScope": (), "TokenMatchesOASRequirements": (), "IsAuthenticatedOrTokenHasScope": (),
    "HasAPIKey": (), "TokenHasMethodScope": (),
}  # fmt: skip
READ_ONLY = {"IsAuthenticatedOrReadOnly": (), "DjangoModelPermissionsOrAnonReadOnly": (OF_THE_MODEL,)}
"""https://www.django-rest-framework.org/api-guide/permissions/, django-oauth-toolkit, djangorestframework-api-key"""


class Asked(Struct, frozen=True):
    """What a permission answers to somebody who isn't logged in (None where that isn't known), and what it asks of the others."""

    lets_in: bool | None
    needs: tuple[Need, ...] = ()
    name: str = ""


class Listed(Struct, frozen=True, eq=False):
    """A list of permissions where it is written."""

    expr: ir.Expr
    routine: Routine
    level: str
    scope: str
    env: tuple[tuple[str, ir.Expr], ...] = ()


class Permissions:
    """Answers for one program."""

    def __init__(self, objects: Objects, settings: Settings) -> None:
        self.objects = objects
        self.program = objects.program
        self.settings = settings

    def items(self, listed: Listed, depth: int = 0) -> list[ir.Expr] | None:
        """The permissions in a list; None where it can't be followed."""
        return self._items(listed.expr, listed.routine, dict(listed.env), depth)

    def _items(self, expr: ir.Expr, routine: Routine, env: dict[str, ir.Expr], depth: int) -> list[ir.Expr] | None:
        if depth > MAX_DEPTH:
            return None
        if isinstance(expr, ir.Collection):
            found: list[ir.Expr] = []
            for item in expr.items:
                inner = self._items(item.parts[0], routine, env, depth + 1) if isinstance(item, ir.Opaque) and item.parts else [item]
                if inner is None:
                    return None
                found += inner
            return found
        if isinstance(expr, ir.Binary) and expr.operator == "+":
            sides = [self._items(side, routine, env, depth + 1) for side in (expr.left, expr.right)]
            return None if sides[0] is None or sides[1] is None else [*sides[0], *sides[1]]
        if isinstance(expr, ir.Call):  # `[one() for one in classes]` and `list(classes)`
            function = expr.function
            if isinstance(function, ir.Member) and function.name == "map":
                return self._items(function.object, routine, env, depth + 1)
            is_copy = walk.called_name(expr) in ("list", "tuple") and expr.args
            return self._items(expr.args[0].value, routine, env, depth + 1) if is_copy else None
        if isinstance(expr, ir.Name) and expr.id in env:
            return self._items(env[expr.id], routine, env, depth + 1)
        path = walk.dotted(expr)
        meant = self.program.meaning(path, routine.module, routine.owner) if path else None
        if isinstance(meant, Slot) and meant.field.value is not None:
            return self._items(meant.field.value, self.objects.main(meant.module), {}, depth + 1)
        return None

    def asked(self, expr: ir.Expr, routine: Routine, guests: Guests, detail: bool, depth: int = 0) -> Asked:
        """What one permission of a list asks: a class, an object of one, or several joined by `&`, `|` and `~`."""
        text = _text(expr)
        if depth > MAX_DEPTH:
            return Asked(None, (), text)
        if isinstance(expr, ir.Binary):
            left, right = (self.asked(side, routine, guests, detail, depth + 1) for side in (expr.left, expr.right))
            return _joined(expr.operator in ("&", "&&"), left, right, text)
        if isinstance(expr, ir.Unary):
            inner = self.asked(expr.operand, routine, guests, detail, depth + 1)
            return Asked(None if inner.lets_in is None else not inner.lets_in, (), text)
        if isinstance(expr, ir.Literal) and isinstance(expr.value, str):
            return self._of(self.settings.spelled(expr.value, routine), guests, detail, expr.value)
        meant = self.behind(expr, routine)
        if meant is not None:
            return self.asked(meant.field.value or expr, self.objects.main(meant.module), guests, detail, depth + 1)
        found = self.objects.of(expr, routine)
        return self._of(found[0], guests, detail, text) if found else Asked(None, (), text)

    def behind(self, expr: ir.Expr, routine: Routine) -> Slot | None:
        """A variable that holds a permission put together: `ReadOnly = IsAuthenticated & Safe`."""
        path = walk.dotted(expr)
        meant = self.program.meaning(path, routine.module, routine.owner) if path else None
        return meant if isinstance(meant, Slot) and isinstance(meant.field.value, ir.Binary | ir.Unary) else None

    def _of(self, one: Object, guests: Guests, detail: bool, text: str) -> Asked:
        if isinstance(one, Made):
            one = one.declared if one.declared is not None else Foreign(one.name)
        if isinstance(one, Routine):  # a function that makes a class
            found = [self.asked(value, one, guests, detail, MAX_DEPTH - 1) for value in walk.returned(one.function)]
            return found[0] if len(found) == 1 else Asked(None, (), text)
        if isinstance(one, Foreign):
            return self._library(one.name.rpartition(".")[2], guests, text)
        return self._declared(one, guests, detail, text) if isinstance(one, Type) else Asked(None, (), text)

    def _library(self, name: str, guests: Guests, text: str) -> Asked:
        if name in OPEN:
            return Asked(True, (), text)
        if name in ASKS:
            return Asked(False, self._named(ASKS[name], guests), text)
        if name in READ_ONLY:
            return Asked(True, (), text) if guests.method in SAFE else Asked(False, self._named(READ_ONLY[name], guests), text)
        return Asked(None, (), text)

    def _named(self, needs: tuple[Need, ...], guests: Guests) -> tuple[Need, ...]:
        """The needs, with the model whose permission is asked for, where the view's `queryset` names it: it says nothing of others."""
        model = self._model_of(guests.view.value) if OF_THE_MODEL in needs and isinstance(guests.view.value, Type) else ""
        return tuple(Need(need.kind, f"{need.name} {model}", model) if model and need == OF_THE_MODEL else need for need in needs)

    def _model_of(self, view: Type) -> str:
        """The model that a view's `queryset` begins with."""
        slot = self.program.slot(view, "queryset")
        expr = slot.field.value if slot is not None else None
        while isinstance(expr, ir.Call | ir.Member):
            expr = expr.function if isinstance(expr, ir.Call) else expr.object
            meant = self.program.meaning(walk.dotted(expr), slot.module, slot.owner) if slot is not None else None
            if isinstance(meant, Type):
                return meant.name
        return ""

    def _declared(self, declared: Type, guests: Guests, detail: bool, text: str) -> Asked:
        """A class of the program's own, by what its functions answer to a guest; what it inherits from the library counts too."""
        answer: bool | None = True
        needs: dict[Need, None] = {}
        own = next((r for r in functions_of(self.program, declared, "has_permission") if r.function.has_body), None)
        if own is not None:
            answer = guests.passes(own, (REQUEST, guests.view))
            needs.update(dict.fromkeys(self.rights(own)))
        else:
            for _, use in self.program.ancestors(declared):
                if use.name in ASKS or use.name in READ_ONLY or use.name in OPEN:
                    inherited = self._library(use.name, guests, text)
                    answer, needs = inherited.lets_in, dict.fromkeys(inherited.needs)
                    break
        on_object = next((r for r in functions_of(self.program, declared, "has_object_permission") if r.function.has_body), None)
        if detail and answer is not False and on_object is not None:
            found = guests.passes(on_object, (REQUEST, guests.view, UNKNOWN))
            answer = False if found is False else None if None in (found, answer) else True
        return Asked(answer, tuple(needs), text)

    def rights(self, routine: Routine) -> Iterator[Need]:
        """The rights that a test names."""
        caller = {param.name for param in routine.function.params if param.name != "request"} if not routine.function.name else set()
        for node in walk.nodes(routine.function.body or ()):
            if isinstance(node, ir.Member) and RIGHTS.search(node.name):
                holder = walk.dotted(node.object)
                if "user" in holder or holder in caller:
                    yield Need("role", node.name.removeprefix("is_"))


def below_api_view(annotations: Sequence[ir.Annotation]) -> Sequence[ir.Annotation]:
    """The decorators that `@api_view` still sees: what stands above it comes too late."""
    at = next((i for i, one in enumerate(annotations) if one.name.rpartition(".")[2] == "api_view"), 0)
    return annotations[at:]


def _joined(both: bool, left: Asked, right: Asked, text: str) -> Asked:
    answers = (left.lets_in, right.lets_in)
    decided = not both
    answer = decided if decided in answers else None if None in answers else both
    needs = (*left.needs, *right.needs) if both else ()
    return Asked(answer, tuple(dict.fromkeys(needs)), text)


def _text(expr: ir.Expr) -> str:
    if isinstance(expr, ir.Binary):
        return f"{_text(expr.left)} {expr.operator} {_text(expr.right)}"
    if isinstance(expr, ir.Unary):
        return f"~{_text(expr.operand)}"
    if isinstance(expr, ir.Literal):
        return str(expr.value).rpartition(".")[2]
    return (walk.dotted(expr.function) if isinstance(expr, ir.Call) else walk.dotted(expr)) or "permission"
