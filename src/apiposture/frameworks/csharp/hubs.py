"""Which functions of SignalR hubs can clients call, and who may?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from apiposture.frameworks.csharp._builders import Mapped
from apiposture.frameworks.csharp._entries import entry, own_statements, type_statements, unknown_base
from apiposture.frameworks.csharp._mapping import mapping_of
from apiposture.frameworks.csharp._site import Site, site_of
from apiposture.frameworks.routing import Entry
from apiposture.model.facts import Binding
from apiposture.model.scan import Problem
from apiposture.model.source import SourceFile
from apiposture.program import Program
from apiposture.program.places import place
from apiposture.program.types import Routine, Type

NAME: Final = "SignalR"

BASES: Final = frozenset(("Hub", "DynamicHub", "object"))
LIFETIME: Final = ("OnConnectedAsync", "OnDisconnectedAsync", "Dispose", "OnConnected", "OnDisconnected", "OnReconnected", ".ctor")


def recognised(program: Program) -> bool:
    """Is any hub mapped?"""
    return next(program.calling("MapHub"), None) is not None


def find_endpoints(program: Program, settings: Sequence[SourceFile]) -> Iterator[Entry | Problem]:
    """For each mapped hub its connection, where it does something on connecting, and each public function."""
    site = site_of(program, settings)
    for mapped in mapping_of(site).found:
        if mapped.name == "MapHub" and mapped.call.type_args:
            declared = program.use(mapped.call.type_args[0], mapped.routine.module, mapped.routine.owner).decl
            if declared is not None:
                yield from _of_hub(site, mapped, declared)


def _of_hub(site: Site, mapped: Mapped, declared: Type) -> Iterator[Entry]:
    app = site.app(mapped.builder.project)
    said = [*type_statements(site, declared), *mapped.builder.statements(), *unknown_base(site, declared, BASES)]
    functions = list(_functions(site.program, declared))
    connected = [r for r in site.program.methods(declared, "OnConnectedAsync")[:1] if r.function.has_code]
    for routine in (*connected, *functions):
        connects = routine in connected
        own = [] if connects else own_statements(site, tuple((a, routine.module) for a in routine.function.annotations), routine)
        suffix = "" if connects else f"/{routine.function.name}"
        bindings = [] if connects else [Binding(p.name, _source(p.type.name if p.type else "")) for p in routine.function.params]
        yield entry(
            site,
            app,
            method="CALL",
            route=f"{mapped.builder.prefix}{suffix}",
            framework=NAME,
            handler=f"{declared.name}.{routine.function.name}",
            place=place(routine.module, routine.function.name_span),
            statements=[*own, *said],
            kind="hub",
            routine=routine,
            bindings=bindings,
        )


def _functions(program: Program, declared: Type) -> Iterator[Routine]:
    seen: set[str] = set()
    for t in program.lineage(declared):
        for name, routines in t.functions.items():
            for routine in routines:
                modifiers = routine.function.modifiers
                if (
                    "public" in modifiers
                    and "static" not in modifiers
                    and name not in LIFETIME
                    and name not in seen
                    and routine.function.has_body
                ):
                    seen.add(name)
                    yield routine


def _source(type_name: str) -> str:
    simple = type_name.rpartition(".")[2]
    return (
        "service"
        if simple == "CancellationToken" or (len(simple) > 1 and simple[0] == "I" and simple[1:2].isupper() and "Enumerable" not in simple)
        else "body"
    )
