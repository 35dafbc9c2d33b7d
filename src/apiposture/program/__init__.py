"""What do the modules say together: names, types, hierarchy, registrations, constants?"""

from collections.abc import Sequence

from apiposture.model.ir import Module
from apiposture.model.looking import looking
from apiposture.program.linked import Program

__all__ = ["Program", "link"]


def link(modules: Sequence[Module], registers: Sequence[str] = ()) -> Program:
    """Join lowered modules into one program. Cheap: most answers are worked out when they are first asked for.

    `registers` are the names of calls that tie a service to its implementation (dependency injection).
    """
    with looking() as seen:
        program = Program(modules, registers)
    program.looked_into |= seen
    return program
