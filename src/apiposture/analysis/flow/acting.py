"""Does a type stand for something that acts, a connection or a service, and not for data?"""

from __future__ import annotations

from apiposture.analysis.knowledge import Knowledge
from apiposture.program.types import Type, TypeUse


def acts(knowledge: Knowledge, declared: Type) -> bool:
    """Does the type stand behind a contract of behaviour, an interface of the project with functions in it, or hold on to something?"""
    if declared.kind == "record":
        return False
    program = knowledge.program
    interfaces = [base for base, _ in program.ancestors(declared) if base is not None and base.is_interface]
    return any(decl.functions for base in interfaces for decl, _ in base.decls) or program.is_a(
        declared, *knowledge.natures.get("holds", ())
    )


def shows_its_name(knowledge: Knowledge, use: TypeUse | None) -> bool:
    """Is the text form of such an object its type's name alone? One that it has of its own may show anything."""
    return use is not None and use.decl is not None and acts(knowledge, use.decl) and not knowledge.program.methods(use.decl, "ToString")


def says_itself(knowledge: Knowledge, use: TypeUse | None) -> bool:
    """Has an object's type a text form of its own, which decides what is shown, and not what was put into the object?"""
    declared = use.decl if use is not None else None
    if declared is None or declared.kind != "class" or not declared.decls[0][1].explicit_names:
        return False
    return bool(knowledge.program.methods(declared, "ToString"))
