"""Which small program does a block hold, and what does it assert?"""

from __future__ import annotations

import re
from dataclasses import dataclass

from apiposture.languages import source_of
from apiposture.model.source import SourceFile
from pageharness.blocks import Block

DEFAULT_NAMES = {
    "csharp": "Program.cs",
    "cs": "Program.cs",
    "json": "appsettings.json",
    "yaml": "settings.yaml",
    "yml": "settings.yaml",
    "xml": "web.config",
    "python": "app.py",
    "ini": "settings.ini",
    "env": ".env",
    "dotenv": ".env",
    "toml": "settings.toml",
    "properties": "settings.properties",
    "sh": "run.sh",
    "bash": "run.sh",
    "sql": "seed.sql",
    "html": "index.html",
    "javascript": "app.js",
    "js": "app.js",
    "typescript": "app.ts",
    "dockerfile": "Dockerfile",
    "cshtml": "Page.cshtml",
    "razor": "Page.razor",
    "pem": "key.pem",
}
"""The languages whose blocks are programs, and the name of the file that a block starts with."""

_FILE = re.compile(r"^\s*(?://|#|--|;|<!--|@\*)\s*(?P<when>file|before):\s*(?P<name>\S.*?)\s*(?:-->|\*@)?$")
_NAMED = r"AP\d{3}(?: (?:low|medium|high|critical)\b)?"
_CLAIM = rf"(?:expect|hint|missed|spurious):\s*{_NAMED}(?:\s*,\s*{_NAMED})*"
_ASSERTION = re.compile(rf"\s*(?://|#|--|;|<!--|/\*|@\*)\s*(?P<claims>{_CLAIM}(?:\s*[;,]?\s*{_CLAIM})*)\s*(?:-->|\*/|\*@)?\s*$")
_ONE_CLAIM = re.compile(rf"(?P<verb>expect|hint|missed|spurious):\s*(?P<rules>{_NAMED}(?:\s*,\s*{_NAMED})*)")
_WITH_SEVERITY = re.compile(r"(AP\d{3})(?: (\w+))?")
_RULE = re.compile(r"\bAP\d{3}\b")
_TOKEN = re.compile(r"\{\{token:(?P<parts>[^{}]*)\}\}")


@dataclass(frozen=True)
class Claim:
    """What a comment says of its line: `verb` is expect, hint, missed or spurious; `severity` is empty where any will do."""

    verb: str
    rule: str
    path: str
    line: int
    page_line: int
    severity: str = ""


@dataclass(frozen=True)
class App:
    """The files of a block and what is claimed of them. `rules` are those that the block speaks about.

    `before` is the state that it is compared with: the files as `before: PATH` shows them, the others as they are; empty where none is
    shown.
    """

    sources: tuple[SourceFile, ...]
    before: tuple[SourceFile, ...]
    claims: tuple[Claim, ...]
    rules: frozenset[str]
    page_lines: dict[tuple[str, int], int]


def is_program(block: Block) -> bool:
    """`fragment` in the info string marks code that is shown to the reader only."""
    return block.language in DEFAULT_NAMES and "fragment" not in block.info


def app_of(block: Block, own_rules: frozenset[str], all_rules: frozenset[str]) -> App:
    """Take a block apart. The assertions are cut out, so that no parser or search sees them."""
    name = DEFAULT_NAMES[block.language]
    files: dict[str, list[str]] = {}
    before: dict[str, list[str]] = {}
    into = files
    claims: list[Claim] = []
    page_lines: dict[tuple[str, int], int] = {}
    for page_line, line in enumerate(block.lines, block.line):
        opened = _FILE.match(line)
        if opened:
            name, into = opened["name"], before if opened["when"] == "before" else files
            into.setdefault(name, [])
            continue
        lines = into.setdefault(name, [])
        assertion = _ASSERTION.search(line)
        if assertion:
            line = line[: assertion.start()]
            for claim in _ONE_CLAIM.finditer(assertion["claims"]):
                named_here = _WITH_SEVERITY.findall(claim["rules"])
                claims += [Claim(claim["verb"], rule, name, len(lines) + 1, page_line, severity) for rule, severity in named_here]
        lines.append(joined(line))
        if into is files:
            page_lines[name, len(lines)] = page_line
    sources = sources_of(files)
    named = frozenset(_RULE.findall(block.text))
    spoken_of = all_rules if "rules=all" in block.info else own_rules | named
    return App(sources, sources_of(files | before) if before else (), tuple(claims), spoken_of, page_lines)


def sources_of(files: dict[str, list[str]]) -> tuple[SourceFile, ...]:
    """The files as the scanner takes them."""
    return tuple(source_of(path, "\n".join(lines) + "\n") for path, lines in files.items())


def joined(line: str) -> str:
    """Made-up provider tokens stand in parts, `{{token:AKIA|IOSF|ODNN7}}`, so that nobody's push protection takes them for real."""
    return _TOKEN.sub(lambda match: match["parts"].replace("|", ""), line)
