"""What was found of a function that somebody calls without a credential?"""

from __future__ import annotations

from typing import NamedTuple

from apiposture.model.facts import Need
from apiposture.model.ir import Module
from apiposture.model.source import Span


class Verdict(NamedTuple):
    """What a body does with a caller without credential: `refuses` on some way, `opens` where nothing but the missing one decides.

    `reads` says that it looks at a credential at all; `needs` are rights that it asks for; `at` is where it refuses. `for_guests`: whoever
    is logged in is sent elsewhere. `answers`: some requests are answered before anything is asked about the caller. `hands_back`: what was
    not sent is handed on as nothing, for others to look at. `unasked`: some come to its end of whom nothing was asked. `perhaps`: it
    refuses by such code alone. `fills`: it gives something in place of a caller who isn't there.
    """

    refuses: bool = False
    opens: bool = False
    reads: bool = False
    needs: tuple[Need, ...] = ()
    at: tuple[Module, Span] | None = None
    for_guests: bool = False
    answers: bool = False
    hands_back: bool = False
    unasked: bool = False
    perhaps: bool = False
    fills: bool = False

    @property
    def closes(self) -> bool:
        """Does nobody come through because the credential is missing?"""
        return self.refuses and self.reads and not (self.opens or self.for_guests or self.hands_back)

    @property
    def authenticates(self) -> bool:
        """Does nobody come through without a credential?"""
        return self.closes and not self.unasked

    @property
    def asks(self) -> bool:
        """Is something asked about the caller, whichever way is taken, and be it that who is asked throws?"""
        return self.reads and not (self.opens or self.unasked or self.for_guests or self.hands_back)

    @property
    def depends(self) -> bool:
        """Does something else than the caller let some through?"""
        return self.closes and self.unasked
