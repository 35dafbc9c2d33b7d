"""Is a type of the project's own what a name means in a file, where a library has a type of that name too?"""

from __future__ import annotations

from apiposture.model.ir import Annotation, Module
from apiposture.program import Program
from apiposture.program.types import Type


def is_in_sight(program: Program, found: Type, module: Module) -> bool:
    """Does the file stand in the type's namespace or below it, or import it? Elsewhere the name is the library's."""
    here, there = f"{module.package}.", f"{found.package}."
    return here.startswith(there) or any(i.target == found.package for i in (*module.imports, *program.shared))


def is_own(program: Program, annotation: Annotation, module: Module) -> bool:
    """Is an attribute the project's own, and no heir of the library's of that name?"""
    name = f"{annotation.name}Attribute"
    found = program.find_type(name, module, None)
    if found is None or any(use.name == found.simple for _, use in program.ancestors(found)):
        return False
    return "." in annotation.name or is_in_sight(program, found, module)
