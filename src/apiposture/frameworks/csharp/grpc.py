"""Which functions do mapped gRPC services offer, and who may call them?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from apiposture.frameworks.csharp._builders import Mapped
from apiposture.frameworks.csharp._entries import entry, own_statements, type_statements
from apiposture.frameworks.csharp._mapping import mapping_of
from apiposture.frameworks.csharp._site import Site, site_of
from apiposture.frameworks.routing import Entry
from apiposture.model.facts import Binding
from apiposture.model.ir import Param
from apiposture.model.scan import Problem
from apiposture.model.source import SourceFile
from apiposture.program import Program
from apiposture.program.places import place
from apiposture.program.types import Type

NAME: Final = "gRPC"


def recognised(program: Program) -> bool:
    """Is any gRPC service mapped?"""
    return next(program.calling("MapGrpcService"), None) is not None


def find_endpoints(program: Program, settings: Sequence[SourceFile]) -> Iterator[Entry | Problem]:
    """Every override of a generated service's functions."""
    site = site_of(program, settings)
    for mapped in mapping_of(site).found:
        if mapped.name == "MapGrpcService" and mapped.call.type_args:
            declared = program.use(mapped.call.type_args[0], mapped.routine.module, mapped.routine.owner).decl
            if declared is not None:
                yield from _of_service(site, mapped, declared)


def _of_service(site: Site, mapped: Mapped, declared: Type) -> Iterator[Entry]:
    app = site.app(mapped.builder.project)
    said = [*type_statements(site, declared), *mapped.builder.statements()]
    for routines in declared.functions.values():
        for routine in routines:
            function = routine.function
            if "override" not in function.modifiers or not any(
                p.type and p.type.name.endswith("ServerCallContext") for p in function.params
            ):
                continue
            own = own_statements(site, tuple((a, routine.module) for a in function.annotations), routine)
            bindings = [Binding(p.name, _source(p)) for p in function.params]
            yield entry(
                site,
                app,
                method="CALL",
                route=f"/{_service_of(declared)}/{function.name}",
                framework=NAME,
                handler=routine.name,
                place=place(routine.module, function.name_span),
                statements=[*own, *said],
                kind="grpc",
                routine=routine,
                bindings=bindings,
            )


def _source(param: Param) -> str:
    name = param.type.name.rpartition(".")[2] if param.type else ""
    return "service" if name in ("ServerCallContext", "IServerStreamWriter") else "body"


def _service_of(declared: Type) -> str:
    """`Greeter` for a class that extends the generated `Greeter.GreeterBase`; the proto's package isn't in the source."""
    for ref, _ in declared.bases:
        if ref.name.endswith("Base"):
            return ref.name.rpartition(".")[2].removesuffix("Base")
    return declared.simple
