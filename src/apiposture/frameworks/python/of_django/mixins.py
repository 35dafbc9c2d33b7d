"""What do the mixins of Django ask of the callers of one view?

Each asks what the view makes of it (`has_permission`, `get_test_func`), and turns away as the view says (`handle_no_permission`), if what
runs before it hands on to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from apiposture.frameworks.python.asking.guards import Guard
from apiposture.frameworks.python.asking.rights import required
from apiposture.frameworks.python.of_django.middleware import Middleware
from apiposture.frameworks.python.reading.objects import Code, Objects, texts_of
from apiposture.frameworks.python.walks.asked_of_views import of_view
from apiposture.frameworks.python.walks.chain import Link, chain, declaring, place_of
from apiposture.frameworks.python.walks.guests import Guests
from apiposture.frameworks.python.walks.seen import USER
from apiposture.frameworks.python.walks.visits import PASSED, REFUSED, Visit
from apiposture.model import ir
from apiposture.model.facts import Need
from apiposture.program import walk
from apiposture.program.places import place
from apiposture.program.types import Routine, Type

STAFF = (Need("role", "staff"),)
SUPERUSER = (Need("role", "superuser"),)
MIXINS = {
    "LoginRequiredMixin": (), "PermissionRequiredMixin": (), "StaffuserRequiredMixin": STAFF, "SuperuserRequiredMixin": SUPERUSER,
    "MultiplePermissionsRequiredMixin": (), "GroupRequiredMixin": (), "PasswordChangeView": (), "PasswordChangeDoneView": (),
}  # fmt: skip
"""Bases that refuse who isn't logged in: of Django, and of django-braces."""

TESTED = "UserPassesTestMixin"
"""https://docs.djangoproject.com/en/stable/topics/auth/default/#django.contrib.auth.mixins.UserPassesTestMixin"""


class _Asked(NamedTuple):
    """What a mixin answers to a guest (None where that isn't known), what it needs, and the function of the project's that says so."""

    lets_in: bool | None
    needs: tuple[Need, ...] = ()
    said: Routine | None = None


class Mixins:
    """Answers for one program; `rights` are those that a test names."""

    def __init__(self, objects: Objects, middleware: Middleware, guests: Guests, rights: Callable[[Routine], Iterator[Need]]) -> None:
        self.objects = objects
        self.program = objects.program
        self.middleware = middleware
        self.guests = guests
        self.rights = rights

    def of(self, name: str, listed: Type, view: Type, visit: Visit, level: str) -> Iterator[Guard]:
        """What a mixin of that name asks, which stands among the bases of `listed`."""
        links = chain(self.program, view)
        at = place_of(links, name)
        asked = self._asked(name, view, links[:at]) if at < len(links) else _Asked(True)
        if asked.lets_in is True:
            return
        reached, turned_away = self.reaches(view, links, at, visit), self._turns_away(view, links, at, visit)
        if reached is False or turned_away is False:
            return
        said = asked.said
        decl, module = listed.decls[0]
        where = place(said.module, said.function.name_span) if said is not None else place(module, decl.name_span)
        text = name if said is None else said.name
        if said is not None:
            level = "type" if said.owner is view else "base"
        if asked.lets_in is None:
            why = f"what '{text}' answers depends on more than the caller"
        elif reached is None:
            why = f"the view's own dispatch may go round '{name}'"
        elif turned_away is None:
            why = "what is done with those who are turned away depends on the request"
        else:
            yield Guard("asks", level, listed.simple, where, text, "", asked.needs)
            return
        yield Guard("unknown", level, listed.simple, where, text, why)

    def reaches(self, view: Type, links: Sequence[Link], at: int, visit: Visit) -> bool | None:
        """Does a guest's request come to what stands there, through what runs before it? None where that isn't certain."""
        certain: bool | None = True
        for link in links[:at]:
            for hook in link.declared.functions.get("dispatch", ())[-1:] if link.declared is not None else ():
                answers = self.middleware.answered(hook, view, visit, at)
                if PASSED in answers:
                    certain = None if REFUSED in answers else False
                elif REFUSED not in answers and "super" not in walk.uses(hook.function):
                    certain = False
                if certain is False:
                    return False
        return certain

    def comes_to(self, hook: Routine, view: Type, visit: Visit) -> bool:
        """May a guest's request come to a `dispatch` of the view's?"""
        links = chain(self.program, view)
        return self.reaches(view, links, declaring(links, hook), visit) is not False

    def _turns_away(self, view: Type, links: Sequence[Link], at: int, visit: Visit) -> bool | None:
        """Is nobody let through who is turned away? None where that isn't certain."""
        own = self._own("handle_no_permission", view, links[:at])
        answers = self.middleware.answered(own, view, visit, at) if own is not None else ()
        return True if PASSED not in answers else False if set(answers) == {PASSED} else None

    def _own(self, name: str, view: Type, before: Sequence[Link]) -> Routine | None:
        """The project's function of that name which is asked for the mixin's."""
        found = next((one for one in self.program.methods(view, name) if one.function.has_body), None)
        return found if found is not None and declaring(before, found) < len(before) else None

    # -- what they ask -------------------------------------------------------------------------------------------------

    def _asked(self, name: str, view: Type, before: Sequence[Link]) -> _Asked:
        if name == TESTED:
            return self._tested(view, before)
        if name != "PermissionRequiredMixin":
            return _Asked(False, MIXINS[name])
        own = self._own("has_permission", view, before)
        if own is None:
            return self._held(view, before)
        lets_in = self.guests.passes(of_view(own, view, self.program), ())
        return _Asked(lets_in, tuple(dict.fromkeys(self._needs(own, view))), own)

    def _needs(self, test: Routine, view: Type) -> Iterator[Need]:
        """The rights in what a test answers, and those of the mixin where it asks that as well."""
        for value in walk.returned(test.function):
            named = required(value, True) if not isinstance(value, ir.Literal) else ()
            yield from (need for need in named if need.name != test.function.name)
        if any(walk.dotted(call.function) == "super.has_permission" for call in walk.calls(test.function.body or ())):
            yield from self._permission_of(view)

    def _held(self, view: Type, before: Sequence[Link]) -> _Asked:
        """The mixin asks for all permissions that the view names, which guests hold where it names none."""
        names, needs = self._own("get_permission_required", view, before), self._permission_of(view)
        slot = self.program.slot(view, "permission_required")
        value = slot.field.value if slot is not None else None
        of_class = value is None or _names_any(value, None) is not False
        if names is None:
            return _Asked(not of_class, needs)
        named = {_names_any(value, of_class) for value in walk.returned(names.function)}
        return _Asked(False if named == {True} else True if named == {False} else None, needs, names if named != {True} else None)

    def _permission_of(self, view: Type) -> tuple[Need, ...]:
        slot = self.program.slot(view, "permission_required")
        value = slot.field.value if slot is not None else None
        return tuple(Need("permission", text) for text in texts_of([ir.Argument(value)])) if value is not None else ()

    def _tested(self, view: Type, before: Sequence[Link]) -> _Asked:
        """`UserPassesTestMixin` asks what `get_test_func` gives."""
        chooses, test = self._own("get_test_func", view, before), self._own("test_func", view, before)
        if chooses is None:
            return self._by_test(test, view) if test is not None else _Asked(True)
        found = [self._by_test(one, view) for one in self._chosen(chooses, view, test)]
        if found and len({one.lets_in for one in found}) == 1:
            return found[0]
        return _Asked(None, (), chooses)

    def _by_test(self, test: Routine, view: Type) -> _Asked:
        lets_in = self.guests.passes(of_view(test, view, self.program), (USER,))
        return _Asked(lets_in, tuple(self.rights(test)), test)

    def _chosen(self, chooses: Routine, view: Type, test: Routine | None) -> Iterator[Routine]:
        """The tests that a function gives: one of the view's, or one that it writes out."""
        at = of_view(chooses, view, self.program)
        for value in walk.returned(chooses.function):
            if isinstance(value, ir.Call) and walk.dotted(value.function) == "super.get_test_func" and test is not None:
                yield test
            for one in self.objects.of(value, at)[:1]:
                if isinstance(one, Code | Routine):
                    yield one.routine if isinstance(one, Code) else one


def _names_any(value: ir.Expr, inherited: bool | None) -> bool | None:
    """Is there a permission among those that are named? `inherited`: does what is overridden name any?"""
    if isinstance(value, ir.Collection):
        found = [_names_any(item.parts[0], inherited) if isinstance(item, ir.Opaque) and item.parts else True for item in value.items]
        return True if True in found else None if None in found else False
    if isinstance(value, ir.Binary) and value.operator == "+":
        sides = (_names_any(value.left, inherited), _names_any(value.right, inherited))
        return True if True in sides else None if None in sides else False
    if isinstance(value, ir.Call) and walk.dotted(value.function) == "super.get_permission_required":
        return inherited
    return True if isinstance(value, ir.Literal | ir.Template) else None
