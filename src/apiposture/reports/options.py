"""What may a reader choose about a report?"""

from collections.abc import Sequence

from msgspec import Struct

from apiposture.model.finding import CERTAINTIES, Finding


class Options(Struct, frozen=True):
    """Choices of display: none of them changes what was found, and machine formats hold everything (SARIF: what is for `personas`).

    `width` is in columns. `certainty` is the least one shown, `personas` for whom, `suppressed` whether accepted
    findings are shown, `details` whether what was looked for is. `elapsed` is in seconds, None where it isn't known.
    `pages` holds the rules' pages by id, without their tests, for formats that carry help.
    """

    color: bool = False
    width: int = 80
    certainty: str = "low"
    personas: tuple[str, ...] = ("regular",)
    suppressed: bool = False
    details: bool = False
    elapsed: float | None = None
    pages: dict[str, str] = {}


def is_hint(finding: Finding) -> bool:
    """Is it a reason to look, rather than a claim (certainty low)? A hint fails no build by itself."""
    return finding.certainty == CERTAINTIES[-1]


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
