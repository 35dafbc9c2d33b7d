"""Does a type stand for something that acts, a connection or a service, and not for data?"""

from __future__ import annotations

from apiposture.program import Program
from apiposture.program.types import Type, TypeUse

RELEASED = ("IDisposable", "IAsyncDisposable")
"""Contracts of what holds on to something outside."""


def acts(program: Program, declared: Type) -> bool:
    """Does the type stand behind a contract of behaviour, an interface of the project with functions in it, or hold on to something?"""
    if declared.kind == "record":
        return False
    interfaces = [base for base, _ in program.ancestors(declared) if base is not None and base.is_interface]
    return any(decl.functions for base in interfaces for decl, _ in base.decls) or program.is_a(declared, *RELEASED)


def shows_its_name(program: Program, use: TypeUse | None) -> bool:
    """Is the text form of such an object its type's name alone? One that it has of its own may show anything."""
    return use is not None and use.decl is not None and acts(program, use.decl) and not program.methods(use.decl, "ToString")
