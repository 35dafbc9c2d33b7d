"""How is a decision to accept a finding written into the project's configuration?"""

from __future__ import annotations

import json
import tomllib
from datetime import date
from pathlib import Path

from msgspec import Struct

from apiposture.config import FILE_NAME, Config, config_from
from apiposture.model.error import PostureError
from apiposture.model.finding import Finding

NEWLINE = "\n"


class Acceptance(Struct, frozen=True):
    """What somebody decided about a finding. `until` is an ISO date or empty."""

    reason: str
    until: str = ""
    owner: str = ""
    ticket: str = ""


def checked(acceptance: Acceptance, today: str) -> Acceptance:
    """The same. Raises PostureError for a decision that would hide nothing: without a reason, or with a day that is none or has passed."""
    if not acceptance.reason.strip():
        raise PostureError("A decision needs a reason; say why with --reason.")
    if acceptance.until:
        try:
            last = date.fromisoformat(acceptance.until)
        except ValueError:
            raise PostureError(f"'{acceptance.until}' is no day of the calendar; write --until 2027-03-31.") from None
        if last < date.fromisoformat(today):
            raise PostureError(f"'{acceptance.until}' has passed; a decision holds until a day to come.")
    return acceptance


def file_for(config: Config, root: Path) -> Path:
    """The configuration that a decision goes into: the one that holds, else a new one in the scanned folder."""
    return Path(config.source) if config.source else root / FILE_NAME


def row(finding: Finding, acceptance: Acceptance, table: str) -> str:
    """The decision as TOML; the claim stands above it as a comment, for whoever reads it next year."""
    said = {
        "rule": finding.rule,
        "fingerprint": finding.fingerprint,
        "reason": acceptance.reason,
        "until": acceptance.until,
        "owner": acceptance.owner,
        "ticket": acceptance.ticket,
    }
    claim = "".join(character if character.isprintable() else " " for character in finding.message)
    lines = [f"# {claim}", f"[[{table}]]", *(f"{key} = {quoted(value)}" for key, value in said.items() if value)]
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """A TOML string: JSON's escapes are TOML's, but for DEL and lone surrogates."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(whole, ensure_ascii=False).replace("\x7f", "\\u007f")


def with_row(file: Path, finding: Finding, acceptance: Acceptance) -> tuple[str, str]:
    """The file's text before and after. Raises PostureError where the text can't be kept as it is, or would not be valid."""
    before = ""
    if file.is_file():
        try:
            before = file.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            raise PostureError(f"Configuration '{file}' could not be read.") from None
    table = "tool.apiposture.suppress" if file.name == "pyproject.toml" else "suppress"
    added = row(finding, acceptance, table)
    after = f"{before}{'' if not before or before.endswith(NEWLINE) else NEWLINE}{NEWLINE if before else ''}{added}"
    try:
        found = tomllib.loads(after)
        config_from(found.get("tool", {}).get("apiposture", {}) if file.name == "pyproject.toml" else found, str(file), after)
    except tomllib.TOMLDecodeError:
        raise PostureError(f"'{file}' spells its suppressions as one list; add there by hand:\n{added.rstrip()}") from None
    return before, after
