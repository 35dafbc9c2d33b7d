"""How is a verifier asked from the command line, and what does it print?"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from apiposture.evidence.verifier.canonical import BrokenError, Json, harmless, read, sha256
from apiposture.evidence.verifier.checks import Expected, Verification
from apiposture.evidence.verifier.container import Member
from apiposture.evidence.verifier.sampling import sample_of
from apiposture.evidence.verifier.sheets import csv_of

MEANING = {
    "E0": "does not hold",
    "E1": "intact since it was sealed; who sealed it, or what it follows from, was not checked (see the notes)",
    "E2": "intact since it was sealed by the key that was named elsewhere; population, figures and statuses follow from what was recorded",
    "E3": "as E2, and the time-stamping authority that was named elsewhere says since when it is there",
    "E4": "as E3, signed off by a second person whose key was named elsewhere, and it goes on from a checkpoint that the reader kept",
}


KNOWN_MAPPINGS: Json = {}
"""The digests of the mappings that came with this verifier; filled in when it is joined into one file (`evidence.alone`)."""


def on_mappings(members: dict[str, Member], known: Json) -> list[str]:
    """What to say of the mappings of a pack that holds: its maker could have left rows out."""
    found = {name: sha256(members[name].content) for name in members if name.startswith("mapping/") and name.endswith(".json")}
    told = {True: "is the one that came with this verifier.", False: "did not come with this verifier."}
    return [f"note    '{name}' {told[known.get(name) == digest]}" for name, digest in sorted(found.items())]


def report_on(data: bytes, expected: Expected) -> tuple[bool, list[str]]:
    """Does the pack hold, and the lines that say so."""
    return report_of(Verification(data, expected))


def report_of(found: Verification) -> tuple[bool, list[str]]:
    """The same of a verification, which then knows the pack's files."""
    holds, lines = _outcome(found)
    return holds, [harmless(line) for line in lines]


def _outcome(found: Verification) -> tuple[bool, list[str]]:
    lines = []
    try:
        for question, answer in found.checks():
            lines.append(f"ok      {question:<10} {answer}")
    except BrokenError as error:
        return False, [*lines, f"BROKEN  {error}", f"grade   E0: {MEANING['E0']}"]
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError) as error:
        return False, [
            *lines,
            f"BROKEN  The pack is not made as packs are ({type(error).__name__}: {error}).",
            f"grade   E0: {MEANING['E0']}",
        ]
    return True, [*lines, *(f"note    {note}" for note in found.notes), f"grade   {found.grade}: {MEANING[found.grade]}"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify one pack; 0 if everything holds."""
    parser = argparse.ArgumentParser(description="Verify an ApiPosture evidence pack with Python's standard library alone.")
    parser.add_argument("pack", type=Path)
    parser.add_argument("--key-fingerprint", default="", help="SHA-256 of the signing key, from a letter or a call")
    parser.add_argument("--signoff-fingerprint", default="", help="the same of whoever signed off")
    parser.add_argument("--expect-period", default="", help="START..END that you asked for")
    parser.add_argument("--checkpoint", default="", help="NUMBER:HASH of the history, kept from an earlier pack")
    parser.add_argument("--tsa-fingerprint", default="", help="SHA-256 of a certificate of the time-stamping authority")
    parser.add_argument("--sample", default="", help="a seed of your own: draw commits with their records, as CSV, once the pack holds")
    parser.add_argument("--count", type=int, default=25, help="how many to draw (25)")
    said = parser.parse_args(arguments)
    expected = Expected(said.key_fingerprint, said.signoff_fingerprint, said.expect_period, said.checkpoint, said.tsa_fingerprint)
    found = Verification(said.pack.read_bytes(), expected)
    holds, lines = report_of(found)
    if holds:
        lines[-1:] = [*on_mappings(found.members, KNOWN_MAPPINGS), lines[-1]]
    sys.stdout.write("\n".join(lines) + "\n")
    if holds and said.sample:
        sys.stdout.write("\n" + csv_of(sample_of(tables_in(found.members), said.sample, said.count)).decode("utf-8"))
    return 0 if holds else 1


def tables_in(found: dict[str, Member]) -> dict[str, Json]:
    """The tables of a pack, by name."""
    return {name[len("tables/") : -len(".json")]: read(found[name].content, name) for name in found if name.startswith("tables/")}
