"""What is the result of one run: the waist between the scanner and everything that is shown or kept?"""

from msgspec import Struct

from apiposture.model.facts import Access, Datum, Endpoint
from apiposture.model.finding import Finding, Rule


class Problem(Struct, frozen=True, order=True):
    """Something about the scanned code that could not be handled. `kind`: unread, unparsed, too-large, too-deep, no-endpoints,
    no-source, no-description, unknown-postures, unread-framework, unserved-rule, rule-crashed, worker-crashed, unused-suppression,
    expired-suppression, loosened-configuration, limit.

    `blocks` problems make a scan incomplete (exit code 4).
    """

    kind: str
    message: str
    path: str = ""
    line: int = 0
    blocks: bool = True


class FileRecord(Struct, frozen=True):
    """What became of one file. `status`: parsed, partial, searched (text only), failed."""

    path: str
    language: str
    digest: str
    lines: int
    status: str


class Scan(Struct, frozen=True):
    """The same tree and the same tool give the same Scan, byte for byte: no clock, host or order of work is in it.

    `snippets` maps a path to the lines that reports may show (number -> text); `frameworks` are those recognised.
    """

    version: str
    root: str
    files: tuple[FileRecord, ...]
    endpoints: tuple[Endpoint, ...]
    accesses: tuple[Access, ...]
    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]
    rules: tuple[Rule, ...]
    frameworks: tuple[str, ...]
    configuration: str
    snippets: dict[str, dict[int, str]]
    nodes: int = 0
    opaque: int = 0


class Inventory(Struct, frozen=True):
    """Where the tree has to do with sensitive data, gravest kind first."""

    root: str
    version: str
    data: tuple[Datum, ...]
    problems: tuple[Problem, ...]
