"""Are the documents of a pack valid by their schemas: scans by our own, OSCAL by NIST's official one where its file is at hand?"""

from __future__ import annotations

from pathlib import Path

import jsonschema_rs
import msgspec

from apiposture.evidence.verifier.canonical import BrokenError, Json, loose
from apiposture.evidence.verifier.container import Member
from apiposture.model.error import PostureError
from apiposture.reports.json import schema


def valid(members: dict[str, Member], oscal: Path | None) -> str:
    """What was checked. A document that its schema refuses is broken."""
    scans = [name for name in members if name.startswith("scans/") and name.endswith(".json")]
    _check(members, scans, jsonschema_rs.validator_for(schema()))
    if oscal is None:
        return f"{len(scans)} scans by their schema; --oscal-schema FILE checks OSCAL too"
    documents = [name for name in members if name.startswith("oscal/")]
    _check(members, documents, jsonschema_rs.validator_for(_read(oscal)))
    return f"{len(scans)} scans and {len(documents)} OSCAL documents by their schemas"


def _check(members: dict[str, Member], names: list[str], validator: jsonschema_rs.Validator) -> None:
    for name in names:
        for error in validator.iter_errors(msgspec.json.decode(members[name].content)):
            raise BrokenError(f"'{name}' is not valid by its schema: {error.message}")


def _read(file: Path) -> Json:
    try:
        found: Json = loose(file.read_bytes(), str(file), fractions=True)
    except OSError as error:
        raise PostureError(f"Schema '{file}' could not be read: {(error.strerror or 'unknown reason').lower()}.") from None
    except BrokenError as error:
        raise PostureError(f"Schema '{file}' can't be used: {error}") from None
    return found
