"""With which exit code does a scan end?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apiposture.config import Config
    from apiposture.model.finding import Finding
    from apiposture.model.scan import Scan

CLEAN, FOUND, USAGE, BUG, INCOMPLETE = range(5)
INTERRUPTED = 130
PIPE_CLOSED = 141


def exit_code(scan: Scan, config: Config, personas: tuple[str, ...], whole: bool = True) -> int:
    """Findings come first, since they are certain; a scan without any is only clean if it saw everything.

    No display filter plays a part: what is not shown still counts. `whole` as in `gated`.
    """
    if gated(scan, config, personas, whole):
        return FOUND
    blocking = sum(problem.blocks for problem in scan.problems)
    return INCOMPLETE if blocking > config.allow_problems else CLEAN


def gated(scan: Scan, config: Config, personas: tuple[str, ...], whole: bool = True) -> list[Finding]:
    """The findings that fail a build: at or over `--fail-on`, sure enough, accepted by nobody, meant for this reader.

    A ratchet allows so many findings of the `whole` tree; those that one change brings in are none of them.
    """
    from apiposture.model.finding import CERTAINTIES, SEVERITIES

    if config.fail_on == "none":
        return []
    worst = SEVERITIES[: SEVERITIES.index(config.fail_on) + 1]
    sure = CERTAINTIES[: CERTAINTIES.index(config.fail_certainty) + 1]
    open_ones = [f for f in scan.findings if f.suppressed_by is None and f.persona in personas]
    held = {rule for rule, count in counted(scan, config).items() if whole and count <= config.ratchet[rule]}
    return [f for f in open_ones if f.severity in worst and f.certainty in sure and f.rule not in held]


def counted(scan: Scan, config: Config) -> dict[str, int]:
    """How many findings nobody accepted there are of each rule that has a ratchet."""
    return {rule: sum(f.rule == rule and f.suppressed_by is None for f in scan.findings) for rule in config.ratchet}


def held_back(scan: Scan, config: Config) -> list[str]:
    """What ratchets do here: how many findings one holds back, or that there are too many for it, so that all of them count."""
    told = []
    for rule, count in counted(scan, config).items():
        most, noun = config.ratchet[rule], "finding" if count == 1 else "findings"
        if count > most:
            told.append(f"'{rule}' has {count} {noun}, {count - most} more than its ratchet allows: all of them count.")
        elif count:
            told.append(f"the ratchet of '{rule}' holds back {count} {noun}.")
    return told


def slack(scan: Scan, config: Config) -> list[str]:
    """What could be held tighter: ratchets over the number that there is."""
    ran = {rule.id for rule in scan.rules}
    return [
        f"'{rule}' has {count} of the {config.ratchet[rule]} findings that its ratchet allows; set it to {count}."
        for rule, count in counted(scan, config).items()
        if count < config.ratchet[rule] and rule in ran
    ]
