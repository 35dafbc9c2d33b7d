"""What did the same tree say at an earlier commit?

Files that are the same are not examined again, and what was worked out of that commit is remembered beside what is known of the tree.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from hashlib import sha256
from pathlib import Path

from msgspec import Struct

from apiposture.config import Config
from apiposture.files import common_root
from apiposture.files.revision import Blob, Revision, blobs, revision_of
from apiposture.files.text import decoded
from apiposture.model.facts import Facts
from apiposture.model.source import SourceFile
from apiposture.rules import run
from apiposture.scan.baseline import Baseline, decision_of
from apiposture.scan.examine import Examined, examine
from apiposture.scan.gather import Gathered
from apiposture.scan.masking import Mask, masks_for
from apiposture.scan.suppressions import suppress


class Earlier(Struct, frozen=True):
    """An earlier state: its facts, what was found in it, and the credentials that its texts must not show."""

    revision: Revision
    facts: Facts
    known: Baseline
    masks: tuple[Mask, ...] = ()


def earlier_of(
    roots: Sequence[Path], now: Gathered, config: Config, name: str, wanted: Collection[str] | None, facts_of: Callable[[Gathered], Facts]
) -> Earlier:
    """The state at the commit where the change began that led from `name` to the tree; `facts_of` works out the facts."""
    top = common_root(roots)
    revision = revision_of(top, name)
    found = blobs(revision, top, roots, config.exclude_here, config.exclude, config.base)
    return judged(revision, examined_again(found, now), config, wanted, facts_of)


def judged(
    revision: Revision, gathered: Gathered, config: Config, wanted: Collection[str] | None, facts_of: Callable[[Gathered], Facts]
) -> Earlier:
    """The state that these files make, with the findings that the rules make of it."""
    facts = facts_of(gathered)
    found, _ = run(facts, wanted)
    decided, _ = suppress(found, gathered.ignores(), config, wanted, "")
    decisions = frozenset(decision_of(each.suppressed_by) for each in decided if each.suppressed_by is not None)
    known = Baseline(revision.name, frozenset(each.fingerprint for each in found), decisions, f"there before, at '{revision.name}'")
    return Earlier(revision, facts, known, tuple(masks_for(facts.secrets, gathered.text_of)))


def examined_again(found: Sequence[Blob], now: Gathered) -> Gathered:
    """The files of the commit; those with the digest that they have now are taken as they are."""
    known = {(each.record.path, each.record.digest): each for each in now.examined}
    examined = [each for blob in found if (each := _examined(blob, known)) is not None]
    raw = {blob.path: blob.raw for blob in found}
    return Gathered(f"{now.root}@earlier" if now.root else "", examined, lambda path: decoded(raw.get(path, b"")) or "")


def _examined(blob: Blob, known: dict[tuple[str, str], Examined]) -> Examined | None:
    digest = sha256(blob.raw).hexdigest()
    same = known.get((blob.path, digest))
    if same is not None:
        return same
    text = decoded(blob.raw)
    return examine(SourceFile(blob.path, blob.language, text, digest)) if text is not None else None
