"""What did the user decide about this scan?

Read from `apiposture.toml`, or from `[tool.apiposture]` in `pyproject.toml`, in the scanned folder or the nearest one above.
`config.schema.json` beside this file says the same to editors; it is generated from the structs below.
"""

from __future__ import annotations

import re
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

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

    select: tuple[RuleId, ...] = ()
    ignore: tuple[RuleId, ...] = ()


class Suppress(Section, frozen=True):
    """A finding that was looked at and accepted. Besides the rule, at least one of path, fingerprint and endpoint says which."""

    rule: RuleId
    reason: Annotated[str, Meta(min_length=1)]
    path: str = ""
    fingerprint: str = ""
    endpoint: str = ""
    until: Date = ""
    owner: str = ""
    ticket: str = ""


class Config(Section, frozen=True):
    """Everything that can be configured. The rows of `library` are those of `frameworks/<language>/*.toml`, by language and kind."""

    exclude: tuple[str, ...] = ()
    rules: RuleChoice = RuleChoice()
    fail_on: Severity = "high"
    min_certainty: Certainty = "low"
    fail_certainty: Certainty = "medium"
    allow_problems: Annotated[int, Meta(ge=0)] = 0
    suppress: tuple[Suppress, ...] = ()
    library: dict[str, dict[str, list[dict[str, Any]]]] = {}
    jobs: Annotated[int, Meta(ge=0)] = 0
    cache: bool = True
    source: str = ""


def load(start: Path, explicit: Path | None = None) -> Config:
    """The configuration that holds for a path. Raises PostureError, naming file and key, for one that can't be read."""
    file = explicit or _nearest(start)
    if file is None:
        return Config()
    found = _table(file, explicit is not None)
    return config_from(found, str(file)) if found is not None else Config()


def config_from(found: dict[str, Any], file: str) -> Config:
    """The configuration that a table spells. A key may be written `fail-on` or `fail_on`."""
    try:
        wanted = {key.replace("-", "_"): value for key, value in found.items()}
        if "source" in wanted:
            raise msgspec.ValidationError("Object contains unknown field `source`")
        config = msgspec.convert({**wanted, "source": file}, Config, strict=True)
    except msgspec.ValidationError as error:
        raise PostureError(f"Configuration '{file}': {_explained(str(error))}") from None
    for rule in config.suppress:
        if not (rule.path or rule.fingerprint or rule.endpoint):
            raise PostureError(
                f"Configuration '{file}': the suppression of '{rule.rule}' names no 'path', 'fingerprint' or 'endpoint'; add one."
            )
    return config


def schema() -> dict[str, Any]:
    """The JSON Schema that ships for editors."""
    (document,), parts = msgspec.json.schema_components([Config], ref_template="#/$defs/{name}")
    found: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "apiposture.toml"}
    parts["Config"]["properties"].pop("source")
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


def _mentions_us(project: Path) -> bool:
    try:
        return "[tool.apiposture" in project.read_text("utf-8-sig", "replace")
    except OSError:
        return False


def _table(file: Path, is_explicit: bool) -> dict[str, Any] | None:
    try:
        found = tomllib.loads(file.read_text("utf-8-sig"))
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise PostureError(f"Configuration '{file}' could not be read: {reason}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PostureError(f"Configuration '{file}' is not valid TOML: {error}.") from None
    if file.name != "pyproject.toml":
        return found
    table = found.get("tool", {}).get("apiposture")
    if table is None and is_explicit:
        raise PostureError(f"Configuration '{file}' has no table [tool.apiposture]; add it or name another file.")
    return table if table is None or isinstance(table, dict) else {}


_UNKNOWN = re.compile(r"unknown field `(?P<key>[^`]*)`(?: - at `\$\.?(?P<at>[^`]*)`)?")
_AT = re.compile(r"^(?P<what>.*?) - at `\$\.?(?P<at>[^`]*)`$")
_SECTIONS: dict[str, type[Section]] = {"": Config, "rules": RuleChoice, "suppress": Suppress}


def _explained(message: str) -> str:
    """msgspec's words, with the key first and a suggestion where one is near."""
    unknown = _UNKNOWN.search(message)
    if unknown:
        at, key = unknown["at"] or "", unknown["key"]
        known = [name for name in _SECTIONS.get(at.split("[")[0], Config).__struct_fields__ if name != "source"]
        near = get_close_matches(key.replace("-", "_"), known, 1)
        advice = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(known)}."
        return f"unknown key '{at}{'.' if at else ''}{key}'; {advice}"
    placed = _AT.match(message)
    return f"key '{placed['at']}': {placed['what']}." if placed else f"{message}."
