"""Which files does a project need so that every change is scanned, and what is in them?

Nothing is written here: what is proposed can be looked at first.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from os.path import relpath
from pathlib import Path
from shlex import quote

from msgspec import Struct
from msgspec.structs import replace

from apiposture.model.error import PostureError
from apiposture.model.scan import Scan
from apiposture.pipelines import Place, names, place

CONFIGURATION, BASELINE = "apiposture.toml", "apiposture-baseline.json"
HOOK = "precommit"
"""The place that is no CI system."""

_URL = re.compile(r"^\s*url\s*=\s*(?:\w+://)?(?:[^@\s/]+@)?(?P<host>[\w.-]+)", re.MULTILINE)
_RUN = re.compile(
    r"^(?!\s*(?:#|//))[^#\n]*"
    r"(?:\bapiposture[^#\n]*\bscan\b|\bid: *apiposture\b|\buses: *\S*/apiposture@|/apiposture[\w./-]*@)",
    re.MULTILINE,
)
"""A line that runs the tool: a command, a hook, an action, a component."""
_BRANCH = re.compile(r"[\w][\w./-]*")


class Proposal(Struct, frozen=True):
    """A file to write, and why. `then` is what is left to do by hand."""

    path: str
    text: str
    why: str
    then: str = ""


class Wishes(Struct, frozen=True):
    """What the user wants: the command that installs, and `places` (those that were seen where empty).

    `baseline` is the text of the standing findings; empty where there are none, or none are wanted. `configured` is the configuration that
    holds already, with the baseline that it names.
    """

    install: str
    places: tuple[str, ...] = ()
    hook: bool = True
    baseline: str = ""
    configured: Path | None = None
    named_baseline: str = ""


def proposals(root: Path, scan: Scan, wishes: Wishes) -> list[Proposal]:
    """The files to write, in the order in which they matter. A file that is there is never among them.

    Paths start at the top of the repository: CI systems and hooks read theirs there; the configuration stands in the project's own folder.
    """
    top = top_of(root)
    way = root.resolve().relative_to(top).as_posix()
    found = [*_configuration(root, scan, wishes), *_baseline(root, scan, wishes)]
    found = [replace(each, path=each.path if way == "." else f"{way}/{each.path}") for each in found]
    for name in [*(wishes.places or seen_in(root)), *([HOOK] if wishes.hook else [])]:
        found += _place(top, way, place(name), wishes)
    return found


def top_of(root: Path) -> Path:
    """The folder that its repository is checked out in; itself where it is in none."""
    folder = root.resolve()
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), folder)


def seen_in(root: Path) -> tuple[str, ...]:
    """The CI systems that the project uses: by their files, else by where its repository is kept."""
    root = top_of(root)
    systems = [name for name in names() if name != HOOK]
    used = tuple(name for name in systems if any((root / path).exists() for path in place(name).seen))
    if used:
        return used
    host = _host(root)
    return tuple(name for name in systems if host and any(host == each or host.endswith(f".{each}") for each in place(name).hosts))


def _host(root: Path) -> str:
    """The host of the first remote that the repository's settings name."""
    settings = root / ".git" / "config"
    found = _URL.search(settings.read_text("utf-8", "replace")) if settings.is_file() else None
    return found["host"].lower() if found else ""


def branch_of(root: Path) -> str:
    """The branch that changes go to, as far as the repository tells: `origin/HEAD`, else the one that is checked out."""
    for file, prefix in ((".git/refs/remotes/origin/HEAD", "refs/remotes/origin/"), (".git/HEAD", "refs/heads/")):
        if (root / file).is_file():
            said = (root / file).read_text("utf-8", "replace").strip().removeprefix("ref: ")
            name = said.removeprefix(prefix)
            if name != said and _BRANCH.fullmatch(name):
                return name
    return "main"


def _configuration(root: Path, scan: Scan, wishes: Wishes) -> Iterator[Proposal]:
    if wishes.configured is None and not (root / CONFIGURATION).exists():
        yield Proposal(CONFIGURATION, configuration(scan, bool(wishes.baseline)), "what is scanned, what fails a build, what is accepted")


def configuration(scan: Scan, has_baseline: bool) -> str:
    """The first configuration: what was seen as a comment, the defaults spelled out, and an example of what comes next."""
    baseline = f'baseline = "{BASELINE}" # what stood there on the first day; renew it as findings go\n' if has_baseline else ""
    return f"""\
# ApiPosture. Seen: {what_was_seen(scan)}.
# Every key: the JSON Schema that ships with the tool (config.schema.json) tells editors.

fail_on = "high" # critical, high, medium, low or none
{baseline}exclude = [] # patterns as in .gitignore

# [rules]
# ignore = ["AP006"]

# What was looked at and accepted: `apiposture ignore FINGERPRINT --reason ...` adds to the list.
# [[suppress]]
# rule = "AP101"
# endpoint = "GET /api/share/{{token}}"
# reason = "the token is the permission"
# until = "2027-03-31"
# owner = "orders team"
"""


def what_was_seen(scan: Scan) -> str:
    """Languages and frameworks in one line."""
    languages = Counter(file.language for file in scan.files if file.language)
    words = [f"{count} {'file' if count == 1 else 'files'} of {name}" for name, count in languages.most_common()]
    endpoints = f"{len(scan.endpoints)} {'endpoint' if len(scan.endpoints) == 1 else 'endpoints'}"
    return ", ".join([*words, *scan.frameworks, endpoints])


def _baseline(root: Path, scan: Scan, wishes: Wishes) -> Iterator[Proposal]:
    if wishes.baseline and not wishes.named_baseline and not (root / BASELINE).exists():
        standing = sum(finding.suppressed_by is None for finding in scan.findings)
        why = f"{standing} standing finding{'s' * (standing != 1)}, so that only new ones count"
        yield Proposal(BASELINE, wishes.baseline, why, _to_name(root, wishes.configured) if wishes.configured else "")


def _to_name(root: Path, file: Path) -> str:
    """What is to be done so that a configuration that is there names the baseline."""
    said = relpath(root.resolve() / BASELINE, file.resolve().parent).replace(os.sep, "/")
    where = " in [tool.apiposture]" if file.name == "pyproject.toml" else " above the first table"
    return f'write into {file.name}{where}:  baseline = "{said}"'


def _place(top: Path, way: str, found: Place, wishes: Wishes) -> Iterator[Proposal]:
    taken = (top / found.file).exists()
    path = found.beside if taken else found.file
    if not path or (top / path).exists() or runs_us(top, found):
        return
    # ${{ }} and braces of shells stay: only our own words are filled in.
    filled = {"{install}": wishes.install, "{branch}": branch_of(top), "{path}": quote(way)}
    text = found.text.removeprefix("\n")
    for word, value in filled.items():
        text = text.replace(word, value)
    yield Proposal(path, text, found.title, found.then if taken else "")


def runs_us(top: Path, found: Place) -> bool:
    """Does a file that the CI system or the hook reads run the tool? A comment that speaks of it does not, nor does a file beside it."""
    folder = (top / found.file).parent
    written = [top / found.file, *(sorted(folder.glob("*.y*ml")) if found.folder else [])]
    return any(_RUN.search(_read(file)) for file in written)


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace")
    except OSError:
        return ""


def write(top: Path, wanted: Sequence[Proposal]) -> Iterator[str]:
    """Write the files below the top of the repository, one by one, and say which.

    A file that has come into being meanwhile is left alone: PostureError.
    """
    for proposal in wanted:
        file = top / proposal.path
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("x", encoding="utf-8", newline="\n") as stream:
                stream.write(proposal.text)
        except FileExistsError:
            raise PostureError(f"'{proposal.path}' is there already and was not touched.") from None
        except OSError as error:
            raise PostureError(f"'{proposal.path}' could not be written: {(error.strerror or 'unknown reason').lower()}.") from None
        yield proposal.path
