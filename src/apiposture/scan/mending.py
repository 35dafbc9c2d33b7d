"""Which findings can be settled by an edit that is safe by construction, and what would it look like?

An edit is proposed only where a second look at the edited text finds that it settles what it was made for, and brings nothing new.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from difflib import unified_diff
from hashlib import sha256
from pathlib import Path

from msgspec import Struct

from apiposture.analysis.units import Units
from apiposture.config import Config
from apiposture.frameworks.rows import Declare, Rewrite
from apiposture.languages import language_of
from apiposture.model.facts import Endpoint
from apiposture.model.finding import Finding
from apiposture.model.scan import Scan
from apiposture.model.source import Place, SourceFile
from apiposture.scan.choice import known_libraries
from apiposture.scan.examine import examine
from apiposture.scan.gather import Gathered

_HOLE = re.compile(r"\{[^{}]*\}")
_GROUP = re.compile(r"\{(\w+)\}")
_PLAIN = re.compile(r"[A-Za-z_]\w*(?:\.\w+|\[(?:\w+|'\w+')\])*")
"""What may stand in a hole that becomes an argument: a name, its members and items."""

Judge = Callable[[Gathered, Units], tuple[Scan, Units]]
"""Looks at the files again, with what is known from the last time."""


class Mend(Struct, frozen=True):
    """An edit of one file that settles one finding. `asked`: it changes what the program does, and is made only where it is asked for."""

    finding: Finding
    before: str
    after: str
    asked: bool

    def diff(self, base: str = "") -> str:
        """The edit as a unified diff, as `git apply` and `patch -p1` take it where `base` leads from to the scanned folder."""
        path = base + self.finding.place.path
        lines = unified_diff(lines_of(self.before), lines_of(self.after), f"a/{path}", f"b/{path}", n=2)
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def lines_of(text: str) -> list[str]:
    """The lines with their ends; nothing but a line feed ends one."""
    return [line for line in re.split(r"(?<=\n)", text) if line]


def mends(gathered: Gathered, scan: Scan, config: Config, judge: Judge, rules: Sequence[str] = ()) -> Iterator[Mend]:
    """One edit after the other, each on top of those before it. Edits that change behaviour are proposed for the named `rules` only, and
    not where something speaks for the code as it is (a login, a signed message): there the rule's severity is lowered.
    """
    now, units = gathered, Units()
    texts: dict[str, str] = {}
    for finding in [each for each in scan.findings if each.suppressed_by is None]:
        path = finding.place.path
        text = texts.get(path) or gathered.text_of(path)
        current = next((each for each in scan.findings if each.fingerprint == finding.fingerprint), None)
        if current is None or not text:
            continue
        meant = any(rule.id == current.rule and rule.severity != current.severity for rule in scan.rules)
        for after, asked in candidates(current, scan.endpoints, text, config, () if meant else rules):
            edited = with_text(now, path, after)
            seen, known = judge(edited, units)
            if is_settled(current, scan, seen):
                yield Mend(current, text, after, asked)
                now, units, scan, texts[path] = edited, known, seen, after
                break


def candidates(
    finding: Finding, endpoints: Sequence[Endpoint], text: str, config: Config, rules: Sequence[str]
) -> Iterator[tuple[str, bool]]:
    """The texts of the file that might settle the finding, each with whether it changes what the program does."""
    rows = known_libraries(config)(language_of(finding.place.path))
    for row in rows.rewrite:
        after = rewritten(text, finding.place, row) if row.rule == finding.rule else None
        if after is not None:
            yield after, False
    style = next((each.style for each in endpoints if each.handler == finding.handler and each.place == finding.place), "")
    for declare in rows.declare:
        if declare.rule == finding.rule and declare.rule in rules and declare.style == style:
            yield declared(text, finding.place, declare), True


def rewritten(text: str, place: Place, row: Rewrite) -> str | None:
    """The text with the code at the place written anew; None where it has not the row's form."""
    start = offset_of(text, place.line, place.column)
    found = re.compile(row.pattern).match(text, start)
    if found is None or not re.search(row.within, text):
        return None
    groups = {name: value or "" for name, value in found.groupdict().items()}
    if "text" in groups:
        bare = bare_holes(groups["text"])
        marked = marked_holes(groups["text"], row.hole) if row.hole else (bare, "")
        if bare is None or marked is None:
            return None
        groups["text"], groups["values"] = marked[0] or "", marked[1]
    return text[:start] + _GROUP.sub(lambda group: groups.get(group[1], group[0]), row.text) + text[found.end() :]


_BEFORE_VALUE = re.compile(r"([=<>]|\bLIKE|\bVALUES\s*\([^()]*)\s*$", re.IGNORECASE)
_BEHIND_VALUE = re.compile(r"\s|[),;\"]|$")
"""What SQL has around a value: a parameter stands for no name, no list and no part of a word."""


def bare_holes(literal: str) -> str | None:
    """The text with no quotes around its holes; None where a hole is anything but a whole value, which no parameter can be."""
    stripped = re.sub(r"(?:(?<!\w)N)?'(\{[^{}]*\})'", r"\1", literal)
    holes = list(_HOLE.finditer(stripped))
    values = all(_BEFORE_VALUE.search(stripped, 0, hole.start()) and _BEHIND_VALUE.match(stripped, hole.end()) for hole in holes)
    in_quotes = any(_HOLE.search(quoted) for quoted in re.findall(r"'[^']*'", stripped)) or stripped.count("'") % 2
    return stripped if values and not in_quotes else None


_QUERY = re.compile(r"\W*(?:SELECT|INSERT|UPDATE|DELETE)\b", re.IGNORECASE)
_NO_PLACE = re.compile(r"--|/\*|\[|\$\$|[{}]")
"""What may hold something that looks like a hole or a mark, and takes no parameter: comments, names in brackets, quoted code; braces."""


def marked_holes(literal: str, mark: str) -> tuple[str, str] | None:
    """The text of a query with a mark for each of its holes, and what was in them as a list of arguments.

    A hole in quotes holds a text whatever is put into it, and `str` makes of a value what the literal did. None where one is not in quotes
    (what is put there may be SQL) or is shown in a form of its own (`{x!r}`, `{x:>5}`), where the statement is of a kind that takes no
    parameters, and where something in it reads like a mark.
    """
    holes = list(_HOLE.finditer(literal))
    values = [hole[0][1:-1].strip() for hole in holes]
    quoted = all(literal[hole.start() - 1] == "'" == literal[hole.end() : hole.end() + 1] for hole in holes)
    outside = _HOLE.sub("", literal)
    if not holes or not quoted or mark[0] in outside or not all(_PLAIN.fullmatch(value) for value in values):
        return None
    bare = bare_holes(literal)
    if bare is None or not _QUERY.match(literal) or _NO_PLACE.search(outside):
        return None
    texts = [f"str({value})" for value in values]
    return _HOLE.sub(mark, bare), ", ".join(texts) if len(texts) > 1 else f"{texts[0]},"


def declared(text: str, place: Place, row: Declare) -> str:
    """The text with the declaration above the endpoint, and the import that it needs."""
    lines = text.split("\n")
    line = lines[place.line - 1]
    end = "\r" if line.endswith("\r") else ""
    indent = line[: len(line) - len(line.lstrip())]
    lines.insert(place.line - 1, f"{indent}{row.text}{end}")
    if all(each.strip() != row.imports for each in lines):
        keyword = row.imports.split(" ")[0]
        ends = row.imports[-1] if row.imports.endswith(";") else ""
        like = (at for at, each in enumerate(lines) if each.lstrip("\ufeff").startswith(f"{keyword} ") and each.rstrip().endswith(ends))
        first = next(like, 0)
        lines.insert(first, f"{row.imports}{end}")
    return "\n".join(lines)


def offset_of(text: str, line: int, column: int) -> int:
    """Where a place begins in the text."""
    start = 0
    for _ in range(line - 1):
        start = text.index("\n", start) + 1
    return start + column - 1


def with_text(gathered: Gathered, path: str, text: str) -> Gathered:
    """The files, one of them with another text."""
    found = examine(SourceFile(path, language_of(path), text, sha256(text.encode("utf-8", "surrogatepass")).hexdigest()))
    examined = [found if each.record.path == path else each for each in gathered.examined]
    text_of: Callable[[str], str] = lambda asked: text if asked == path else gathered.text_of(asked)  # noqa: E731
    return Gathered(gathered.root, examined, text_of, gathered.walk_problems, gathered.code_of)


def is_settled(finding: Finding, before: Scan, after: Scan) -> bool:
    """Is the finding gone, and nothing there that was not there before: no finding, no problem, no endpoint lost?

    Of several alike in one function the next one is known by the name of the one that goes: it is gone where there are fewer, and none of
    the rule at its place.
    """
    known = {each.fingerprint for each in before.findings}
    found = {each.fingerprint for each in after.findings}
    stays = len(found) >= len(known) or any(each.rule == finding.rule and each.place == finding.place for each in after.findings)
    problems = len(after.problems) <= len(before.problems)
    gone = finding.fingerprint not in found or not stays
    return gone and found <= known and problems and len(after.endpoints) == len(before.endpoints)


def written(root: Path, mend: Mend) -> bool:
    """Put an edit into the file; false where the file is not what was scanned, or not plain UTF-8 that can be written back as it was."""
    file = root / mend.finding.place.path
    raw = file.read_bytes()
    mark = b"\xef\xbb\xbf" if raw.startswith(b"\xef\xbb\xbf") else b""
    if raw != mark + mend.before.encode("utf-8", "surrogatepass"):
        return False
    file.write_bytes(mark + mend.after.encode("utf-8", "surrogatepass"))
    return True
