"""What does a rule claim, and how can a reader check it?"""

from msgspec import Struct

from apiposture.model.source import Place

SEVERITIES = ("critical", "high", "medium", "low")
"""How bad a finding is if it is true, worst first."""

CERTAINTIES = ("high", "medium", "low")
HINT = "low"
"""The certainty of what is shown and blocks nothing."""
"""How sure a claim is, surest first."""


class Rule(Struct, frozen=True):
    """What a rule asserts; its page stands beside it and holds the rest. One that `compares` speaks of a change, and is asked only where
    there is an earlier state.
    """

    id: str
    name: str
    severity: str
    cwe: tuple[str, ...]
    owasp: tuple[str, ...]
    soc2: tuple[str, ...]
    persona: str = "regular"
    compares: bool = False


class Step(Struct, frozen=True):
    """One step of a trace: where, what happens there, and which part it plays (`source`, `step`, `sink`, `declaration`, `sibling`)."""

    place: Place
    note: str
    part: str = "step"


class Suppression(Struct, frozen=True):
    """Somebody's decision to accept a finding. `place` is where it is written; `until`, `created` and `renewed` are ISO dates.

    A build asks for a reason alone. Evidence asks for the rest too: an `approver` who is not the `owner`, and an end.
    """

    rule: str
    reason: str
    place: Place
    until: str = ""
    owner: str = ""
    ticket: str = ""
    approver: str = ""
    created: str = ""
    renewed: tuple[str, ...] = ()


KNOWN, BEFORE = "known from the baseline", "there before"
"""How the reasons of suppressions begin that nobody wrote: the finding was there when the baseline was made, or when the change began."""


class Finding(Struct, frozen=True):
    """One factual claim about one place. There is no finding without a place.

    `identity` is what makes it the same finding tomorrow (names and shapes, no lines); `fingerprint` is derived from it.
    `also` names less specific rules that the same cause would have met. `looked_for` says what was sought and not found.
    """

    rule: str
    name: str
    severity: str
    certainty: str
    message: str
    place: Place
    method: str = ""
    route: str = ""
    handler: str = ""
    trace: tuple[Step, ...] = ()
    looked_for: tuple[str, ...] = ()
    remedy: str = ""
    cwe: tuple[str, ...] = ()
    owasp: tuple[str, ...] = ()
    soc2: tuple[str, ...] = ()
    persona: str = "regular"
    also: tuple[str, ...] = ()
    identity: tuple[str, ...] = ()
    fingerprint: str = ""
    suppressed_by: Suppression | None = None
