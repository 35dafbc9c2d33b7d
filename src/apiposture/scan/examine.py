"""What does one file say on its own?

Pure, so that it may run in any process and be kept by digest: the same bytes under the same path give the same answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec
from msgspec import Raw

from apiposture import languages
from apiposture.analysis import secrets
from apiposture.files import Entry, is_settings, read
from apiposture.model.ir import Module
from apiposture.model.scan import FileRecord, Problem
from apiposture.model.source import SourceFile, end_of, start_of
from apiposture.program.surface import surface
from apiposture.scan.examined import ALL, Examined, Ignore, Searched, Wanted, failed, with_search

_HOPELESS = 0.5
"""The share of a file that is unread beyond which the scan counts as incomplete."""


def examine_entry(entry: Entry, wanted: Wanted = ALL, hold: Callable[[SourceFile], object] | None = None) -> Examined | None:
    """Read and examine a file; None for what is no text. A text that is to be searched later is handed to `hold`."""
    found = read(entry)
    if isinstance(found, Problem):
        return failed(entry, found)
    if found is None:
        return None
    if hold is not None and wanted.secrets and wanted.later:
        hold(found)
    return examine(found, wanted)


def examine(source: SourceFile, wanted: Wanted = ALL) -> Examined:
    """Lower one file and search it, unless that is wanted later. Whatever goes wrong is a problem of this file alone."""
    found = _examined(source, wanted)
    return with_search(found, searched(source)) if wanted.secrets and not wanted.later else found


def searched(source: SourceFile) -> Searched:
    """The secrets in one file."""
    try:
        return Searched(secrets.find(source))
    except Exception as error:
        message = f"The search of '{source.path}' for secrets stopped with '{type(error).__name__}'."
        return Searched(problems=(Problem("unparsed", message, source.path),))


def _examined(source: SourceFile, wanted: Wanted) -> Examined:
    problems: list[Problem] = []
    module = _lowered(source, problems) if source.language else None
    ignores, unclear = _ignores(source)
    status = "searched" if module is None else "partial" if module.faults else "parsed"
    lines = source.text.count("\n") + (not source.text.endswith("\n") and source.text != "")
    return Examined(
        FileRecord(source.path, source.language, source.digest, lines, "failed" if problems else status),
        Raw(msgspec.msgpack.encode(module)),
        (),
        tuple(ignores),
        (*problems, *_faults(source, module), *unclear),
        source.text if is_settings(source.path) else "",
        (surface(module) if wanted.surface else source.digest) if module is not None else "",
        module.nodes if module is not None else 0,
        module.opaque if module is not None else 0,
    )


def _lowered(source: SourceFile, problems: list[Problem]) -> Module | None:
    try:
        return languages.lower(source)
    except RecursionError:
        problems.append(Problem("too-deep", f"File '{source.path}' is nested too deeply to be read.", source.path))
    except Exception as error:
        problems.append(Problem("unparsed", f"Reading '{source.path}' stopped with '{type(error).__name__}'.", source.path))
    return None


def _faults(source: SourceFile, module: Module | None) -> list[Problem]:
    """One problem for a file that was read in part: it blocks where most of the file stayed dark."""
    if module is None or not module.faults:
        return []
    dark = sum(end_of(fault.span) - start_of(fault.span) for fault in module.faults)
    first = module.faults[0]
    line = source.text.count("\n", 0, start_of(first.span)) + 1
    places = "one place" if len(module.faults) == 1 else f"{len(module.faults)} places"
    message = f"File '{source.path}' was read in part: {places} not understood, the first in line {line} ({first.message})."
    return [Problem("unparsed", message, source.path, line, blocks=dark > _HOPELESS * max(1, len(source.text)))]


_IGNORE = re.compile(r"apiposture:\s*ignore\s*\[(?P<rules>[^\]\n]*)\](?P<options>[^\n]*)")
_WITHOUT_RULE = re.compile(r"(?://|#|/\*|<!--|--|;|'|@\*|^\s*\*|(?i:\brem\b))[/!*#-]*[ \t]*apiposture:\s*ignore\b(?!\s*\[)")
"""A comment that begins so: what only speaks of such comments, further on in a sentence, is left alone."""
_WITHIN = re.compile(r"(?:\"[^\"]*\"|(?!\*/|-->|\*@)[^\"])*")
"""What stands in the comment: up to where it is closed."""
_OPTION = re.compile(r"(?P<key>[A-Za-z]+)\s*=\s*(?:\"(?P<quoted>[^\"]*)\"|(?P<bare>[^\s*>\"-][^\s*>\"]*))")
_COMMENT = re.compile(r"//|#|/\*|<!--|--|;|'|@\*|^\s*\*|(?i:\brem\b)")


def _ignores(source: SourceFile) -> tuple[list[Ignore], list[Problem]]:
    """The comments that accept a finding, and a problem for each that names no rule and so hides nothing."""
    found: list[Ignore] = []
    unclear: list[Problem] = []
    if "apiposture:" not in source.text:
        return found, unclear
    for number, line in enumerate(source.text.split("\n"), 1):
        match = _IGNORE.search(line)
        opening = _COMMENT.search(line, 0, match.start()) if match else None
        bare = _WITHOUT_RULE.search(line) if match is None else None
        if bare and not _in_text(line[: bare.start()]):
            unclear.append(_names_no_rule(source.path, number))
        if match and opening and not _in_text(line[: opening.start()]):
            rules = tuple(rule.strip().upper() for rule in match["rules"].split(",") if rule.strip())
            if not rules:
                unclear.append(_names_no_rule(source.path, number))
            found.append(Ignore(source.path, number, not line[: opening.start()].strip(), rules, _options(match["options"])))
    return found, unclear


def _options(written: str) -> dict[str, str]:
    """`key=value` by key, in lower case; what only looks like it, as in an address, is none."""
    within = _WITHIN.match(written)
    text = within[0] if within else ""
    pairs = [o for o in _OPTION.finditer(text) if not text[: o.start()].endswith(("?", "&", "/", ".", "-", "_"))]
    return {o["key"].lower(): o["quoted"] if o["quoted"] is not None else o["bare"] for o in pairs}


def _names_no_rule(path: str, line: int) -> Problem:
    message = "An 'apiposture: ignore' names no rule and hides nothing; write ignore[AP101] reason=\"...\"."
    return Problem("invalid-suppression", message, path, line, blocks=False)


def _in_text(before: str) -> bool:
    """Does what stands before on the line open a quotation that it does not close? A text is no comment."""
    return (before.count('"') - before.count('\\"')) % 2 == 1
