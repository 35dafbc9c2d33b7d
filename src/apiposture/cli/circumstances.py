"""When, where and by whom is this run, and where is its history?

Read by the command line alone: nothing below it looks at the clock, the environment or chance.
"""

from __future__ import annotations

import os
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from apiposture.model.error import PostureError

if TYPE_CHECKING:
    from apiposture.model.record import Circumstances
    from apiposture.store import History

ACTORS = ("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_REQUESTEDFOR", "CIRCLE_USERNAME", "BITBUCKET_STEP_TRIGGERER_UUID")
"""Variables in which CI services say who started a run."""

RUNS = ("GITHUB_RUN_ID", "CI_JOB_URL", "BUILD_BUILDID", "CIRCLE_BUILD_URL", "BUILD_URL", "BITBUCKET_BUILD_NUMBER")
"""Variables in which they say which run it is."""

FILE = ".apiposture/history.sqlite"
"""Where a project's history is, from its top."""


def now() -> str:
    """The time in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def build_time() -> str:
    """The time that a pack is said to be made at: SOURCE_DATE_EPOCH where it is set (https://reproducible-builds.org), or now."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not epoch:
        return now()
    if not epoch.isdigit():
        raise PostureError(f"SOURCE_DATE_EPOCH is '{epoch}'; it must be a number of seconds since 1970.")
    return datetime.fromtimestamp(int(epoch), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def circumstances(operator: str | None, run: str | None) -> Circumstances:
    """Who runs this and how, from the options or from what the CI service says."""
    import getpass
    import platform

    from apiposture.model.record import Circumstances

    who = operator or _first(ACTORS)
    if not who:
        try:
            who = getpass.getuser()
        except (OSError, KeyError):
            who = "unknown"
    command = " ".join(["apiposture", *sys.argv[1:]])
    return Circumstances(now(), who, run or _first(RUNS), platform.node(), command)


def salt() -> str:
    """Something that nobody can guess."""
    return secrets.token_hex(16)


def _first(names: tuple[str, ...]) -> str:
    return next((found for name in names if (found := os.environ.get(name))), "")


def top_of(path: Path) -> Path:
    """The project of a path: its repository's top, or the folder itself."""
    from apiposture.repository import find

    repository = find(path)
    return repository.top if repository else (path if path.is_dir() else path.parent).resolve()


def history_at(url: str | None, path: Path, *, make: bool = True) -> History:
    """The history at a URL, or the project's own, made where there is none and it may be. Raises PostureError, also for a missing extra."""
    try:
        from apiposture.store import open_history
    except ImportError as error:
        raise PostureError(missing("store", error)) from None
    url = url or os.environ.get("APIPOSTURE_STORE")
    if url:
        return open_history(url, make=make)
    file = top_of(path) / FILE
    if not make:
        return open_history(f"sqlite:///{file}", make=False)
    _keep_out_of_git(file.parent)
    return open_history(f"sqlite:///{file}")


def missing(extra: str, error: ImportError) -> str:
    """What to do where an extra is not installed."""
    return f"This command needs '{error.name}', which is not installed; run: pip install 'apiposture[{extra}]'"


def _keep_out_of_git(folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
        ignore = folder / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", "utf-8")
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise PostureError(f"The history's folder '{folder}' could not be made: {reason}; name another place with --store.") from None
