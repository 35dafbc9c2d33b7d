"""Do the authentication classes of a view refuse whoever sends no credential?

Django REST framework asks one after the other who calls; one that raises ends the request, whatever the permissions say.
https://www.django-rest-framework.org/api-guide/authentication/#custom-authentication
"""

from __future__ import annotations

from collections.abc import Iterator

from apiposture.frameworks.python.asking.bodies import judge
from apiposture.frameworks.python.asking.guards import Guard
from apiposture.frameworks.python.reading.objects import Objects
from apiposture.frameworks.python.walks.asked_of_views import of_view
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.places import place
from apiposture.program.types import Routine, Type


def refusing(objects: Objects, view: Type) -> Iterator[Guard]:
    """The first of a view's own authentication classes that lets nobody through without a credential."""
    slot = objects.program.slot(view, "authentication_classes")
    listed = slot.field.value if slot is not None else None
    if slot is None or not isinstance(listed, ir.Collection):
        return
    level = "type" if slot.owner is view else "base"
    for item in listed.items:
        for one in objects.of(item, objects.main(slot.module))[:1]:
            if isinstance(one, Type) and _refuses(objects, one):
                where = place(slot.module, item.span)
                yield Guard("asks", level, slot.owner.simple, where, one.simple, f"'{one.simple}' refuses whoever sends no credential")
                return


def _refuses(objects: Objects, authenticator: Type) -> bool:
    """Does it raise where no credential is sent, and never say that it doesn't know the caller?"""
    found = next((one for one in objects.program.methods(authenticator, "authenticate") if one.function.body is not None), None)
    if found is None or not found.function.params:
        return False
    asked = of_view(found, authenticator, objects.program)
    requests = frozenset((found.function.params[0].name,))
    verdict = judge(objects, asked, frozenset(), requests)
    return verdict._replace(reads=True).authenticates and not any(map(_gives_up, _own(found)))  # it reads nothing but what was sent


def _own(routine: Routine) -> list[ir.Return | ir.Call]:
    return [node for node in walk.nodes(routine.function.body or ()) if isinstance(node, ir.Return | ir.Call)]


def _gives_up(node: ir.Return | ir.Call) -> bool:
    """Does it answer with nothing, or ask a base that may?"""
    if isinstance(node, ir.Call):
        return walk.dotted(node.function).startswith("super.")
    return node.value is None or (isinstance(node.value, ir.Literal) and node.value.value is None)
