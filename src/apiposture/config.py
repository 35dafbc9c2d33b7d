"""What did the user decide about this scan?

Read from `apiposture.toml`, or from `[tool.apiposture]` in `pyproject.toml`, in the scanned folder or the nearest one above.
`config.schema.json` beside this file says the same to editors; it is generated from the structs below.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

from apiposture.model.error import PostureError

FILE_NAME = "apiposture.toml"

Severity = Literal["critical", "high", "medium", "low", "none"]
Certainty = Literal["high", "medium", "low"]
RuleId = Annotated[str, Meta(pattern=r"^AP\d{3}$", examples=["AP101"])]
Date = Annotated[str, Meta(pattern=r"^(\d{4}-\d{2}-\d{2})?$", examples=["2027-03-31"])]


class Section(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of the configuration; a key that it does not have is an error."""


class RuleChoice(Section, frozen=True):
    """Which rules run: those in `select` (all where it is empty), without those in `ignore`."""

    select: Annotated[tuple[RuleId, ...], Meta(description="The rules that run; empty for all.")] = ()
    ignore: Annotated[tuple[RuleId, ...], Meta(description="The rules that do not run.")] = ()


class Suppress(Section, frozen=True):
    """A finding that was looked at and accepted. Besides the rule, at least one of path, fingerprint and endpoint says which."""

    rule: Annotated[RuleId, Meta(description="The rule whose finding is accepted.")]
    reason: Annotated[str, Meta(min_length=1, description="Why.")]
    path: Annotated[str, Meta(description="A pattern as in .gitignore, from the file's own folder.")] = ""
    fingerprint: Annotated[str, Meta(description="The finding's fingerprint, or the first eight characters of it or more.")] = ""
    endpoint: Annotated[str, Meta(description="`GET /orders/{id}`, a route, or a handler (`OrderController.GetOrder`).")] = ""
    until: Annotated[Date, Meta(description="The last day on which that holds; then the finding is back.")] = ""
    owner: Annotated[str, Meta(description="Who answers for it.")] = ""
    ticket: Annotated[str, Meta(description="Where it is tracked.")] = ""
    approver: Annotated[str, Meta(description="Who agreed, somebody else than the owner; evidence asks for it.")] = ""
    created: Annotated[Date, Meta(description="The day of the decision; evidence asks for it.")] = ""
    renewed: Annotated[tuple[Date, ...], Meta(description="The days on which it was looked at again.")] = ()


class Config(Section, frozen=True):
    """Everything that can be configured. Paths and patterns start at the file's own folder."""

    exclude: Annotated[tuple[str, ...], Meta(description="Files that are left out, by patterns as in .gitignore.")] = ()
    rules: Annotated[RuleChoice, Meta(description="Which rules run.")] = RuleChoice()
    fail_on: Annotated[Severity, Meta(description="The least severity that fails a build.")] = "high"
    min_certainty: Annotated[Certainty, Meta(description="The least certainty that is shown; what is hidden counts all the same.")] = "low"
    fail_certainty: Annotated[Certainty, Meta(description="The least certainty that fails a build.")] = "medium"
    allow_problems: Annotated[int, Meta(ge=0, description="So many blocking problems do not make a scan incomplete.")] = 0
    baseline: Annotated[str, Meta(description="An earlier report whose findings count as known.")] = ""
    ratchet: Annotated[
        dict[RuleId, Annotated[int, Meta(ge=0)]],
        Meta(description="By rule, how many findings of the whole tree are put up with: one more, and all of them count."),
    ] = {}
    suppress: Annotated[tuple[Suppress, ...], Meta(description="Findings that were looked at and accepted.")] = ()
    library: Annotated[
        dict[str, dict[str, list[dict[str, Any]]]],
        Meta(description="What libraries of your own do, by language and kind, in the rows of `frameworks/<language>/*.toml`."),
    ] = {}
    jobs: Annotated[int, Meta(ge=0, description="Processes to use; 0 is one a processor.")] = 0
    cache: Annotated[bool, Meta(description="Remember unchanged files and what was worked out of them, in the user's cache folder.")] = True
    source: str = ""
    suppress_lines: tuple[int, ...] = ()
    base: str = ""
    exclude_here: tuple[str, ...] = ()


OURS = ("source", "suppress_lines", "base", "exclude_here")
"""Fields that nobody writes: the file that was read, the line of each suppression in it, the way from its folder to the scanned one
(`src/`), and what the command line excludes, by patterns that start at the scanned folder.
"""


def load(start: Path, explicit: Path | None = None) -> Config:
    """The configuration that holds for a path. Raises PostureError, naming file and key, for one that can't be read."""
    file = explicit or _nearest(start)
    if file is None:
        return Config()
    text = _text(file)
    found = _table(text, file, explicit is not None)
    return msgspec.structs.replace(config_from(found, str(file), text), base=_way(file, start)) if found is not None else Config()


def config_from(found: dict[str, Any], file: str, text: str = "") -> Config:
    """The configuration that a table spells, in a file of this text. A key may be written `fail-on` or `fail_on`."""
    try:
        wanted = {key.replace("-", "_"): value for key, value in found.items()}
        for name in OURS:
            if name in wanted:
                raise msgspec.ValidationError(f"Object contains unknown field `{name}`")
        _check_shape(wanted.get("library", {}))
        wanted["suppress"] = _with_texts_for_days(wanted.get("suppress", ()))
        config = msgspec.convert({**wanted, "source": file}, Config, strict=True)
        config = msgspec.structs.replace(config, suppress_lines=_lines_of(text, len(config.suppress)))
    except msgspec.ValidationError as error:
        raise PostureError(f"Configuration '{file}': {_explained(str(error))}") from None
    for number, rule in enumerate(config.suppress):
        for key, day in (("until", rule.until), ("created", rule.created), *(("renewed", day) for day in rule.renewed)):
            if day and not _is_day(day):
                raise PostureError(f"Configuration '{file}': key 'suppress[{number}].{key}': '{day}' is no day of the calendar.")
        if not (rule.path or rule.fingerprint or rule.endpoint):
            raise PostureError(
                f"Configuration '{file}': the suppression of '{rule.rule}' names no 'path', 'fingerprint' or 'endpoint'; add one."
            )
    return config


def _check_shape(library: Any) -> None:
    """Raise msgspec.ValidationError for rows that are no `[[library.<language>.<kind>]]`; by itself it would not say which."""
    for language, kinds in library.items() if isinstance(library, dict) else ():
        if not isinstance(kinds, dict):
            raise msgspec.ValidationError(f"Expected `table`, got '{kinds}' - at `$.library.{language}`")
        for kind, rows in kinds.items():
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                message = f"Expected tables ([[library.{language}.{kind}]]), got '{rows}' - at `$.library.{language}.{kind}`"
                raise msgspec.ValidationError(message)


def _with_texts_for_days(rows: Any) -> Any:
    """Suppressions with texts for TOML's own dates (`until = 2027-03-31`, without quotes)."""
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return rows
    return [{key: _with_text_for_day(value) for key, value in row.items()} for row in rows]


def _with_text_for_day(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_text_for_day(each) for each in value]
    return str(value) if type(value) is date else value


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def schema() -> dict[str, Any]:
    """The JSON Schema that ships for editors."""
    (document,), parts = msgspec.json.schema_components([Config], ref_template="#/$defs/{name}")
    found: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "apiposture.toml"}
    for name in OURS:
        parts["Config"]["properties"].pop(name)
    whole: dict[str, Any] = msgspec.json.decode(msgspec.json.encode({**found, **document, "$defs": parts}))
    return whole


def write_schema() -> None:
    """Renew the file beside this one."""
    text = msgspec.json.format(msgspec.json.encode(schema()), indent=2).decode()
    Path(__file__).with_name("config.schema.json").write_text(f"{text}\n", "utf-8")


def _nearest(start: Path) -> Path | None:
    folder = start.resolve()
    for place in (folder, *folder.parents):
        if (place / FILE_NAME).is_file():
            return place / FILE_NAME
        project = place / "pyproject.toml"
        if project.is_file() and _mentions_us(project):
            return project
    return None


def _way(file: Path, start: Path) -> str:
    """How the scanned folder is called from the file's; a file that does not stand above it speaks of the scanned folder itself."""
    folder, scanned = file.resolve().parent, start.resolve()
    if folder == scanned or folder not in scanned.parents:
        return ""
    return f"{scanned.relative_to(folder).as_posix()}/"


def _mentions_us(project: Path) -> bool:
    try:
        return "[tool.apiposture" in project.read_text("utf-8-sig", "replace")
    except OSError:
        return False


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise PostureError(f"Configuration '{file}' could not be read: {reason}.") from None
    except UnicodeDecodeError as error:
        raise PostureError(f"Configuration '{file}' is not valid TOML: {error}.") from None


_ROW = re.compile(r"^[ \t]*\[\[[ \t]*(?:tool[ \t]*\.[ \t]*apiposture[ \t]*\.[ \t]*)?suppress[ \t]*\]\]", re.MULTILINE)
_LIST = re.compile(r"^[ \t]*suppress[ \t]*=", re.MULTILINE)


def _lines_of(text: str, count: int) -> tuple[int, ...]:
    """The line of each `[[suppress]]`; for a list in one place that of its key, and 1 where it can't be told."""
    rows = [text.count("\n", 0, match.start()) + 1 for match in _ROW.finditer(text)]
    if len(rows) == count:
        return tuple(rows)
    listed = _LIST.search(text)
    return (text.count("\n", 0, listed.start()) + 1 if listed else 1,) * count


def _table(text: str, file: Path, is_explicit: bool) -> dict[str, Any] | None:
    import tomllib  # most trees have no file of settings

    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PostureError(f"Configuration '{file}' is not valid TOML: {error}.") from None
    if file.name != "pyproject.toml":
        return found
    table = found.get("tool", {}).get("apiposture")
    if table is None and is_explicit:
        raise PostureError(f"Configuration '{file}' has no table [tool.apiposture]; add it or name another file.")
    return table if table is None or isinstance(table, dict) else {}


_UNKNOWN = re.compile(r"unknown field `(?P<key>[^`]*)`(?: - at `\$\.?(?P<at>[^`]*)`)?")
_AT = re.compile(r"^(?P<what>.*?) - at `\$\.?(?P<at>[^`]*)`$")
_NO_CHOICE = re.compile(r"Invalid enum value '(?P<value>[^']*)'")
_SECTIONS: dict[str, type[Section]] = {"": Config, "rules": RuleChoice, "suppress": Suppress}


def _explained(message: str) -> str:
    """msgspec's words, with the key first and a suggestion where one is near."""
    unknown = _UNKNOWN.search(message)
    if unknown:
        at, key = unknown["at"] or "", unknown["key"]
        known = [name for name in _SECTIONS.get(at.split("[")[0], Config).__struct_fields__ if name not in OURS]
        from difflib import get_close_matches

        near = get_close_matches(key.replace("-", "_"), known, 1)
        advice = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(known)}."
        return f"unknown key '{at}{'.' if at else ''}{key}'; {advice}"
    placed = _AT.match(message)
    if placed is None:
        return f"{message}."
    if "matching regex '^AP" in placed["what"]:
        return f"key '{placed['at']}': a rule is named by its id, such as AP101."
    allowed = _allowed(placed["at"])
    if allowed:
        wrong = _NO_CHOICE.search(placed["what"])
        said = f"'{wrong['value']}' is none of" if wrong else f"{placed['what']}; allowed are"
        return f"key '{placed['at']}': {said} {', '.join(allowed)}."
    return f"key '{placed['at']}': {placed['what']}."


def _allowed(at: str) -> tuple[str, ...]:
    """The values that a key may have, where it is a choice among some."""
    section, _, key = at.rpartition(".")
    kind = get_type_hints(_SECTIONS.get(section.split("[")[0], Config)).get(key)
    return get_args(kind) if get_origin(kind) is Literal else ()
