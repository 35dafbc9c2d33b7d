"""What may a reader choose about a report?"""

from collections.abc import Callable, Sequence

from msgspec import Struct

from apiposture.model.finding import CERTAINTIES, Finding


class Options(Struct, frozen=True):
    """Choices of display: none of them changes what was found, and machine formats hold everything (SARIF: what is for `personas`).

    `width` is in columns. `certainty` is the least one shown, `personas` for whom, `suppressed` whether accepted
    findings are shown, `details` whether what was looked for is. `elapsed` is in seconds, None where it isn't known.
    `guide` gives a rule's page by its id, without its tests, for formats that carry help. `base` leads from the repository's
    root to the scanned one (`src/`), for services that count from there. `gate` holds the fingerprints of what fails the build; None
    where nobody said. `started` and `finished` are days and times (UTC, `2026-11-26T15:40:00`), for formats that ask for them.
    """

    color: bool = False
    width: int = 80
    certainty: str = "low"
    personas: tuple[str, ...] = ("regular",)
    suppressed: bool = False
    details: bool = False
    elapsed: float | None = None
    guide: Callable[[str], str] | None = None
    base: str = ""
    gate: frozenset[str] | None = None
    started: str = ""
    finished: str = ""


LONG_AGO = "1970-01-01T00:00:00"
"""For formats that insist on a time where none was told: a scan itself knows no clock."""


def is_hint(finding: Finding) -> bool:
    """Is it a reason to look, rather than a claim (certainty low)? A hint fails no build by itself."""
    return finding.certainty == CERTAINTIES[-1]


def is_blocking(finding: Finding, options: Options) -> bool:
    """Does it fail the build? Where nobody said what does, that is what fails one by default."""
    if options.gate is not None:
        return finding.fingerprint in options.gate
    return finding.severity in ("critical", "high") and not is_hint(finding) and finding.suppressed_by is None


def shown(findings: Sequence[Finding], options: Options) -> list[Finding]:
    """The findings that the reader wants to see, in their order, but hints after all others."""
    return sorted((finding for finding in findings if is_shown(finding, options)), key=is_hint)


def is_shown(finding: Finding, options: Options) -> bool:
    """Does the reader want to see this finding?"""
    return (
        CERTAINTIES.index(finding.certainty) <= CERTAINTIES.index(options.certainty)
        and finding.persona in options.personas
        and (options.suppressed or finding.suppressed_by is None)
    )
