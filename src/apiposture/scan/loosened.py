"""Does a change loosen what it is held to: fewer files, fewer rules, a milder gate?

A gate that reads its rules from the change that it judges must at least say when the change rewrote them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from apiposture.config import Config, config_from
from apiposture.model.error import PostureError
from apiposture.model.finding import CERTAINTIES, SEVERITIES
from apiposture.model.scan import Problem
from apiposture.repository import Repository, files_below
from apiposture.repository.objects import MissingError
from apiposture.scan.revision import Revision

KIND = "loosened-configuration"
STRICTNESS = ("none", *SEVERITIES)
"""What a gate may be set to, the mildest first."""


def loosened(repository: Repository, revision: Revision, config: Config) -> tuple[Problem, ...]:
    """One problem for each way in which the configuration is milder than it was; none of them blocks, all of them are shown."""
    file = Path(config.source).resolve() if config.source else None
    path = _inside(repository, file)
    if path is None or file is None:
        return ()
    before = _configuration_at(repository, revision, path)
    said = (f"The change loosens the configuration: {each}." for each in differences(before, _configuration_of(file)))
    return tuple(Problem(KIND, message, path, blocks=False) for message in said)


def differences(before: Config, now: Config) -> Iterator[str]:
    """What is milder now, in words."""
    for pattern in now.exclude:
        if pattern not in before.exclude:
            yield f"'{pattern}' is excluded"
    for rule in now.rules.ignore:
        if rule not in before.rules.ignore:
            yield f"rule '{rule}' is ignored"
    if now.rules.select and set(before.rules.select) != set(now.rules.select):
        yield f"only {', '.join(now.rules.select)} run"
    if STRICTNESS.index(now.fail_on) < STRICTNESS.index(before.fail_on):
        yield f"'fail_on' is '{now.fail_on}', it was '{before.fail_on}'"
    if CERTAINTIES.index(now.fail_certainty) < CERTAINTIES.index(before.fail_certainty):
        yield f"'fail_certainty' is '{now.fail_certainty}', it was '{before.fail_certainty}'"
    if now.allow_problems > before.allow_problems:
        yield f"'allow_problems' is {now.allow_problems}, it was {before.allow_problems}"
    for rule, count in now.ratchet.items():
        if count > before.ratchet.get(rule, 0):
            yield f"the ratchet of '{rule}' is {count}, it was {before.ratchet.get(rule, 0)}"
    for row in now.suppress:
        if row not in before.suppress:
            yield f"'{row.rule}' is accepted for '{row.fingerprint or row.endpoint or row.path}' ({row.reason})"


def _inside(repository: Repository, file: Path | None) -> str | None:
    try:
        return file.relative_to(repository.top.resolve()).as_posix() if file is not None else None
    except ValueError:
        return None


def _configuration_at(repository: Repository, revision: Revision, path: str) -> Config:
    """What the file said at the commit; the defaults where it was not there, or was not valid."""
    folder, name = str(PurePosixPath(path).parent), PurePosixPath(path).name
    try:
        blobs = files_below(repository.objects, revision.tree, "" if folder == "." else folder)
        found = next((blob for blob in blobs if blob.path == name), None)
        return _parsed(repository.objects.read(found.id)[1].decode("utf-8-sig") if found is not None else "", name)
    except (MissingError, PostureError, ValueError):
        return Config()


def _configuration_of(file: Path) -> Config:
    """What the file says now; the command line, which is nobody's change, has no part in it."""
    try:
        return _parsed(file.read_text("utf-8-sig"), file.name)
    except (OSError, PostureError, ValueError):
        return Config()


def _parsed(text: str, name: str) -> Config:
    table = tomllib.loads(text)
    return config_from(table.get("tool", {}).get("apiposture", {}) if name == "pyproject.toml" else table, name, text)
