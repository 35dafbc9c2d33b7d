"""What do the modules say together: names, types, hierarchy, registrations, constants?"""

from collections.abc import Sequence

from apiposture.model.ir import Module
from apiposture.program.linked import Program

__all__ = ["Program", "link"]


def link(modules: Sequence[Module]) -> Program:
    """Join lowered modules into one program. Cheap: most answers are worked out when they are first asked for."""
    return Program(modules)
