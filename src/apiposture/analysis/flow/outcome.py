"""What came of calling one function, in its caller's terms?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from apiposture.analysis.flow.effects import Callback, Facts
from apiposture.analysis.flow.values import Value
from apiposture.program.types import Routine

NO_OUTS: Final[Mapping[int, Value]] = MappingProxyType({})


class Told(NamedTuple):
    """What one function that a call may reach says by its answer: `when` it is true, and when it is false.

    Plain data: what held on to the frame would be a ring, and nobody sweeps up rings during a scan (decisions/0007).
    """

    routine: Routine
    when: tuple[Facts, Facts]


class Outcome(NamedTuple):
    """What a function gives; that it never comes back (`leaves`); what its answer tells; what its parameters hold in the end that hand
    something back (`outs`, by position); and which of its parameters it calls.
    """

    value: Value
    leaves: bool
    told: Told | None = None
    outs: Mapping[int, Value] = NO_OUTS
    called_back: Sequence[Callback] = ()
