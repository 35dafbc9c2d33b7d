"""How is an endpoint put together from what is known about it?"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from apiposture.frameworks.csharp import _reading, _refusals, _routes
from apiposture.frameworks.csharp._posture import posture_of
from apiposture.frameworks.csharp._site import App, Site
from apiposture.frameworks.csharp._statements import Statement
from apiposture.frameworks.routing import Answer, Entry
from apiposture.model.facts import Binding, Endpoint
from apiposture.model.ir import Annotation, Module
from apiposture.model.source import Place
from apiposture.program import places
from apiposture.program.types import Routine, Type

CHANGES: Final = frozenset(("POST", "PUT", "PATCH", "DELETE"))
CHANGING_NAME: Final = re.compile(
    r"^(Add|Create|Update|Edit|Delete|Remove|Set|Save|Insert|Upload|Register|Send|Post|Put|Patch|Change|Reset|Approve|Cancel|Confirm|Pay|"
    r"Transfer|Submit|Import|Assign|Enable|Disable|Toggle|Revoke|Publish|Join|Leave)(?![a-z])"
)
"""How functions that change something are named: asked only where no HTTP verb tells."""

SAFE: Final = frozenset(("GET", "HEAD"))
"""Verbs that change nothing (RFC 9110, section 9.2.1)."""

WRITTEN: Final = {"controller": Answer(whole=True), "function": Answer(whole=True)}
"""The styles whose endpoints have an object that they return written out with all its members."""

OPEN_LEVELS: Final = ("public", "anonymous", "unknown")


def changes_state(method: str, name: str, verbs: Collection[str] = ()) -> bool:
    """Does the verb say that the operation changes state; where any verb will do, does the name?

    `verbs` are all those that the same code answers: what may be read by GET is only read, unless its name says otherwise.
    """
    if method in CHANGES and SAFE.isdisjoint(verbs):
        return True
    return (method in CHANGES or method in ("*", "CALL")) and bool(CHANGING_NAME.match(name))


def entry(
    site: Site,
    app: App,
    *,
    method: str,
    route: str,
    framework: str,
    handler: str,
    place: Place,
    statements: Sequence[Statement],
    kind: str,
    routine: Routine | None,
    bindings: Iterable[Binding] = (),
    preludes: Sequence[Routine] = (),
    changing: bool | None = None,
    verbs: Collection[str] = (),
) -> Entry:
    """One endpoint with its posture. `kind` says which of the application's declarations hold for it, and is its style.

    `verbs` are those by which the same code is reached, as far as they are known.
    """
    wall = app.walls.before(statements, method, _asked_for(route, kind, routine), kind == "hub")
    posture = posture_of(statements, app, kind, wall)
    own = _refusals.statement_of(site.program, routine)
    if own is not None and posture.level == "anonymous" and not own.needs:
        own = None  # who may be told so; a right is asked for whatever is declared
    if own is not None and (own.needs or posture.level in ("public", "unknown")):
        posture = posture_of((own, *statements), app, kind, wall)
    elif posture.level not in OPEN_LEVELS and (look := _refusals.look_of(site.program, routine)) is not None:
        posture = posture_of((*statements, look), app, kind, wall)
    name = routine.function.name if routine else handler
    changes = changes_state(method, name, verbs) if changing is None else changing
    known = posture.level not in OPEN_LEVELS
    looks_up = changes and changing is None and not known and method in CHANGES and _reading.only_reads(site.program, routine)
    changes = changes and not looks_up
    before = [s.prelude for s in (*statements, *app.statements(kind), *([wall] if wall else [])) if s.prelude is not None]
    grouped = kind == "function" and app.authorizes
    elsewhere = next((s.place for s in statements if s.effect == "environment"), None)
    endpoint = Endpoint(
        method, _routes.plain(route), framework, handler, place, posture, tuple(bindings), kind, changes, grouped, elsewhere
    )
    held = tuple(site.route_policies.held(endpoint))
    return Entry(endpoint, routine, tuple(dict.fromkeys((*before, *preludes))), held=held, answer=WRITTEN.get(kind, Answer()))


def _asked_for(route: str, kind: str, routine: Routine | None) -> str:
    """The path by which an endpoint is come to: the functions of a hub are called at the hub's."""
    return route.removesuffix(f"/{routine.function.name}") if kind == "hub" and routine is not None else route


def type_statements(site: Site, declared: Type) -> Iterator[Statement]:
    """What a type and its bases say in their attributes, nearest first."""
    for t in site.program.lineage(declared):
        if not t.is_interface:
            level = "type" if t is declared else "base"
            yield from site.attributes.statements(t.annotations, level, t.simple, t)


def own_statements(site: Site, annotations: Sequence[tuple[Annotation, Module]], routine: Routine) -> list[Statement]:
    """What a handler's own attributes say."""
    return list(site.attributes.statements(annotations, "endpoint", routine.name, routine.owner))


def unknown_base(site: Site, declared: Type, known: frozenset[str]) -> list[Statement]:
    """A base type of a library that isn't known may declare anything: the posture can't be told."""
    for base, use in site.program.ancestors(declared):
        if base is None and use.name not in known and not _looks_like_interface(use.name):
            place = next(iter(site_places(site, declared)))
            return [Statement("unknown", "base", use.name, place, use.name, why=f"its base type '{use.name}' isn't in the scanned source")]
    return []


def site_places(site: Site, declared: Type) -> Iterator[Place]:
    """Where a type is declared."""
    return (places.place(module, decl.name_span) for decl, module in declared.decls)


def _looks_like_interface(name: str) -> bool:
    return len(name) > 1 and name[0] == "I" and name[1].isupper()
