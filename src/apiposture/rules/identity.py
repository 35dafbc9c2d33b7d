"""What makes a finding the same finding tomorrow?

Lines, layout, comments and the names of locals are left out; who is called, with which literal texts, is kept.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256

import msgspec

from apiposture.model.finding import Finding

LOST = "lost"
"""Ends the identity of what an earlier state had a check against."""
MOST_ALIKE = 100
"""Findings of equal identity that are told apart by their order."""
LITERAL = re.compile(r'"""(?:.|\n)*?"""|@?\$*@?"(?:\\.|""|[^"\\])*"|\'(?:\\.|[^\'\\])*\'')
COMMENT = re.compile(r"/\*(?:.|\n)*?\*/|//[^\n]*")
CALLEE = re.compile(r"([^\W\d]\w*)\s*(?:<[^<>()]*>)?\s*\(")
HOLE = re.compile(r"\{[^{}]*\}")


def shape_of(call: str) -> str:
    """A call as its names and literal texts: `db.Logs.FromSqlRaw($"a {b}")` is `FromSqlRaw|a {}`.

    The receiver and the arguments may be locals, which can be renamed without changing what happens.
    """
    literals = [" ".join(HOLE.sub("{}", bare_text(text)).split()) for text in LITERAL.findall(call)]
    bare = COMMENT.sub(" ", LITERAL.sub(" ", call))
    callees = CALLEE.findall(bare) or [re.split(r"[^\w]+", bare.strip())[-1]]
    return "|".join([*callees, *literals])


def bare_text(literal: str) -> str:
    """A literal without its quotes and prefixes."""
    text = literal.lstrip("$@")
    quote = text[:1]
    return text.strip(quote) if text.startswith(quote * 3) else text[1:-1]


def fingerprint_of(finding: Finding, ordinal: int) -> str:
    """Sixteen hexadecimal digits that stay with a finding; the ordinal tells findings of equal identity apart."""
    parts = (finding.rule, *finding.identity, *((str(ordinal),) if ordinal else ()))
    return sha256("\0".join(f"{len(part)}:{part}" for part in parts).encode()).hexdigest()[:16]


def names_of(finding: Finding) -> tuple[str, ...]:
    """Its fingerprint, and the one by which a comparison knows it (or a scan without one): losing a check makes it another finding for a
    baseline, which nobody signed; somebody who accepts it means both.
    """
    ordinal = next((each for each in range(MOST_ALIKE) if fingerprint_of(finding, each) == finding.fingerprint), 0)
    identity = finding.identity[:-1] if finding.identity[-1:] == (LOST,) else (*finding.identity, LOST)
    return finding.fingerprint, fingerprint_of(msgspec.structs.replace(finding, identity=identity), ordinal)


def with_fingerprints(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings with their fingerprints; equals are counted from the top of their file down."""
    seen: Counter[tuple[str, ...]] = Counter()
    for finding in sorted(findings, key=lambda each: (each.rule, each.identity, each.place)):
        key = (finding.rule, *finding.identity)
        yield msgspec.structs.replace(finding, fingerprint=fingerprint_of(finding, seen[key]))
        seen[key] += 1
