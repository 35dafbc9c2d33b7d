"""How is a verifier asked from the command line, and what does it print?"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from apiposture.evidence.verifier.canonical import BrokenError
from apiposture.evidence.verifier.checks import Expected, Verification

MEANING = {
    "E0": "does not hold",
    "E1": "intact since it was sealed by the key in it, whoever's that is",
    "E2": "intact since it was sealed by the key that was named elsewhere; population, figures and statuses follow from what was recorded",
}


def report_on(data: bytes, expected: Expected) -> tuple[bool, list[str]]:
    """Does the pack hold, and the lines that say so."""
    found = Verification(data, expected)
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
    said = parser.parse_args(arguments)
    expected = Expected(said.key_fingerprint, said.signoff_fingerprint, said.expect_period, said.checkpoint)
    holds, lines = report_on(said.pack.read_bytes(), expected)
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if holds else 1
