"""What did the same tree say at an earlier commit?

Read from git's objects: nothing is checked out, and no program runs. Files that are the same are not examined again, and what was worked
out of that commit is remembered beside what is known of the tree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import Struct

from apiposture.config import Config
from apiposture.files import CODE_LIMIT, TEXT_LIMIT, common_root
from apiposture.files.text import decoded
from apiposture.languages import language_of
from apiposture.model.facts import Facts
from apiposture.model.finding import BEFORE, HINT, Finding
from apiposture.model.scan import Problem
from apiposture.model.source import SourceFile
from apiposture.repository import Blob, Repository, blob_id
from apiposture.repository.objects import Objects
from apiposture.scan.baseline import Baseline, decision_of
from apiposture.scan.choice import asked_rules
from apiposture.scan.examine import examine
from apiposture.scan.examined import Examined
from apiposture.scan.gather import Gathered
from apiposture.scan.loosened import loosened
from apiposture.scan.masking import Mask, masks_for
from apiposture.scan.remembered import EARLIER, Told
from apiposture.scan.renamed import names_of, renamed
from apiposture.scan.revision import FETCH, Revision, files_of, repository_of, revision_of
from apiposture.scan.suppressions import suppress

ToldOf = Callable[[Gathered], Told]


class Earlier(Struct, frozen=True):
    """An earlier state: its facts, what was found in it (`known` for short), the credentials that its texts must not show, and what is odd
    about the change.
    """

    revision: Revision
    facts: Facts
    findings: tuple[Finding, ...]
    known: Baseline
    masks: tuple[Mask, ...] = ()
    problems: tuple[Problem, ...] = ()

    def known_among(self, facts: Facts, findings: Sequence[Finding]) -> Baseline:
        """What of the findings of a later state was there then, under whatever name."""
        return msgspec.structs.replace(self.known, renamed=renamed(self.findings, findings, names_of(self.facts, facts)))


def earlier_of(
    roots: Sequence[Path], now: Gathered, config: Config, name: str, told_of: ToldOf
) -> Earlier:
    """The state at the commit where the change began that led from `name` to the tree; `told_of` works out what its files say."""
    repository = repository_of(common_root(roots))
    revision = revision_of(repository, name)
    found = files_of(repository, revision, roots, config)
    state = judged(revision, examined_again(found, repository.objects, now), config, told_of)
    odd = (*loosened(repository, revision, config), *without_beginning(repository, revision))
    return msgspec.structs.replace(state, problems=odd)


def without_beginning(repository: Repository, revision: Revision) -> tuple[Problem, ...]:
    """What is said where a shallow clone does not reach back to the commit where the change began."""
    if revision.is_beginning or not repository.is_shallow:
        return ()
    message = (
        f"This shallow clone does not reach back to where the change left '{revision.name}': it is held against that commit itself, so "
        f"that what others did there meanwhile counts as undone; {FETCH}."
    )
    return (Problem("unknown-beginning", message, blocks=False),)


def judged(revision: Revision, gathered: Gathered, config: Config, told_of: ToldOf) -> Earlier:
    """The state that these files make, with the findings that the rules make of it."""
    told = told_of(gathered)
    facts, found = told.derived.facts, told.findings
    decided, _ = suppress(found, gathered.ignores(), config, asked_rules(config, compared=False), "")
    decisions = frozenset(decision_of(each.suppressed_by) for each in decided if each.suppressed_by is not None)
    hints = frozenset(each.fingerprint for each in found if each.certainty == HINT)
    names = frozenset(each.fingerprint for each in found)
    known = Baseline(revision.name, names, decisions, f"{BEFORE}, at '{revision.name}'", hints=hints)
    return Earlier(revision, facts, found, known, tuple(masks_for(facts.secrets, gathered.text_of)))


def examined_again(found: Sequence[Blob], objects: Objects, now: Gathered) -> Gathered:
    """The files of the commit; those that are the same now are taken as they are."""
    known = {each.record.path: each for each in now.settled}
    ids = {blob.path: blob.id for blob in found}

    def text_of(path: str) -> str:
        return (decoded(objects.read(ids[path])[1]) or "") if path in ids else ""

    examined = [each for blob in found if (each := _examined(blob, objects, known.get(blob.path), Path(now.root))) is not None]
    return Gathered(f"{now.root}{EARLIER}" if now.root else "", examined, text_of, code_of=now.code_of)


def _examined(blob: Blob, objects: Objects, now: Examined | None, root: Path) -> Examined | None:
    """What is known of a file of the commit; None for what a scan would not have read."""
    if now is not None and _is_same(blob, now, root, objects.width):
        return now
    language, raw = language_of(blob.path), objects.read(blob.id)[1]
    if len(raw) > (CODE_LIMIT if language else TEXT_LIMIT):
        return None
    text = decoded(raw)
    return examine(SourceFile(blob.path, language, text, sha256(raw).hexdigest())) if text is not None else None


def _is_same(blob: Blob, now: Examined, root: Path, width: int) -> bool:
    """Does the file still hold what the commit says? Hashing it is a tenth of the work of unpacking the commit's."""
    try:
        raw = (root / blob.path).read_bytes()
    except OSError:
        return False
    return blob_id(raw, width) == blob.id and sha256(raw).hexdigest() == now.record.digest
