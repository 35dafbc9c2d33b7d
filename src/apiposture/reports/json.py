"""What does a program read that wants everything, in our own words?"""

import re
from inspect import cleandoc
from json import dumps
from typing import Any

import msgspec
from msgspec import Struct, field

from apiposture.model.facts import Access, Endpoint
from apiposture.model.finding import Finding, Rule
from apiposture.model.scan import FileRecord, Problem, Scan
from apiposture.reports.figures import Figures, figures, is_complete
from apiposture.reports.options import Options

SIGN = r'\{\s*"schema": \d+,\s*"tool": \{\s*"name": "apiposture"'
SCHEMA = 1
"""Raised when a reader of the old form would misread the new one; added fields do not count."""


class Tool(Struct, frozen=True):
    """Who wrote the report."""

    name: str
    version: str


class SnippetLine(Struct, frozen=True):
    """One line of code that a finding speaks about."""

    path: str
    line: int
    text: str


class ReportedFinding(Finding, frozen=True, kw_only=True):
    """A finding with the lines that it speaks about."""

    suppressed: bool
    snippet: tuple[SnippetLine, ...]


class Report(Struct, frozen=True):
    """The whole report. `complete` is false where a problem left something unseen."""

    schema: int
    tool: Tool
    root: str
    complete: bool
    figures: Figures
    findings: tuple[ReportedFinding, ...]
    problems: tuple[Problem, ...]
    endpoints: tuple[Endpoint, ...]
    accesses: tuple[Access, ...]
    files: tuple[FileRecord, ...]
    rules: tuple[Rule, ...]
    frameworks: tuple[str, ...]
    configuration: str
    nodes: int = field(default=0)
    opaque: int = field(default=0)


_OUTSIDE_ASCII = re.compile(r"[^\x00-\x7e]+")
"""In JSON such characters stand in strings only."""


def render(scan: Scan, options: Options) -> str:
    """The report; everything outside ASCII is escaped, so that it can be shown anywhere without being obeyed."""
    return indented(report(scan))


def indented(value: Any) -> str:
    """JSON as the standard library indents it, many times faster; everything outside ASCII is escaped."""
    return _escaped(msgspec.json.format(_encoded(value), indent=2))


def compact(value: Any) -> str:
    """The same without spaces, for programs alone."""
    return _escaped(_encoded(value))


def _encoded(value: Any) -> bytes:
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:  # half a surrogate pair, from a file's name
        return dumps(well_formed(msgspec.to_builtins(value))).encode("ascii")


def _escaped(encoded: bytes) -> str:
    text = encoded.decode()
    if text.isascii() and "\x7f" not in text:
        return text + "\n"
    return _OUTSIDE_ASCII.sub(lambda found: dumps(found[0])[1:-1], text) + "\n"


def report(scan: Scan) -> Report:
    """The scan in the report's form. Suppressed findings stay, marked."""
    return Report(
        schema=SCHEMA,
        tool=Tool("apiposture", scan.version),
        root=scan.root,
        complete=is_complete(scan),
        figures=figures(scan),
        findings=tuple(reported(finding, scan) for finding in scan.findings),
        problems=scan.problems,
        endpoints=scan.endpoints,
        accesses=scan.accesses,
        files=scan.files,
        rules=scan.rules,
        frameworks=scan.frameworks,
        configuration=scan.configuration,
        nodes=scan.nodes,
        opaque=scan.opaque,
    )


def reported(finding: Finding, scan: Scan) -> ReportedFinding:
    """A finding with its snippet: the lines of its place and its trace, in the order of the trace."""
    places = [*(step.place for step in finding.trace), finding.place]
    lines = dict.fromkeys((place.path, place.line) for place in places)
    snippet = tuple(SnippetLine(path, line, scan.snippets[path][line]) for path, line in lines if line in scan.snippets.get(path, {}))
    fields = {name: getattr(finding, name) for name in finding.__struct_fields__}
    return ReportedFinding(**fields, suppressed=finding.suppressed_by is not None, snippet=snippet)


def schema() -> dict[str, Any]:
    """The JSON Schema of the report, as `json.schema.json` holds it."""
    found = msgspec.json.schema(Report)
    for part in found["$defs"].values():
        if "description" in part:
            part["description"] = cleandoc(part["description"])  # Python 3.13 stores docstrings without their indentation
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "ApiPosture report", **found}


def well_formed(value: Any) -> Any:
    """The value with lone surrogates (bytes of a path that are no UTF-8) written out: JSON readers refuse them."""
    if isinstance(value, str):
        return value if value.isascii() else "".join(spelled(each) for each in value)
    if isinstance(value, dict):
        return {well_formed(key): well_formed(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [well_formed(item) for item in value]
    return value


def spelled(character: str) -> str:
    """A character, a lone surrogate as its escape."""
    return f"\\u{ord(character):04x}" if 0xD800 <= ord(character) < 0xE000 else character
