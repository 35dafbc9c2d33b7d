"""Which literals does the program use as a credential, whatever they are called and wherever they stand?

What one file says on its own is found by the other files of `secrets`; here what takes a key or a password (`takers`) is followed back to
the literals that it may be (`behind`), by what is known of names without evaluating anything (`scope`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from apiposture.analysis.secrets.context import is_material
from apiposture.analysis.secrets.paths import is_for_its_makers
from apiposture.analysis.secrets.shown import fingerprint, masked
from apiposture.analysis.secrets.used.behind import Behind, Found
from apiposture.analysis.secrets.used.configured import Configured
from apiposture.analysis.secrets.used.rows import Rows
from apiposture.analysis.secrets.used.scope import Code
from apiposture.analysis.secrets.used.takers import Taken, taken
from apiposture.analysis.secrets.values import is_placeholder, stands_for_another
from apiposture.analysis.tests import may_be_test
from apiposture.frameworks.library import Library
from apiposture.model import ir
from apiposture.model.facts import Secret
from apiposture.model.finding import CERTAINTIES, SEVERITIES
from apiposture.model.source import SourceFile
from apiposture.program import Program
from apiposture.program.places import place

LEAST = 3
"""A shorter text is no credential but a sign of something else."""

KINDS = {"key": "signing-key", "password": "password-literal", "account": "password-literal"}
TITLES = {"key": "Signing key written out", "password": "Password written out", "account": "Password of an account written out"}
COMMON = frozenset("admin administrator guest postgres elastic root test user".split())
"""Passwords that many services begin with: whoever uses one often knows."""
NAMES = frozenset("password passwd pass pwd secret username token string".split())
"""What stands for a password in an example."""


def with_used(
    program: Program, known: Sequence[Secret], rows: Sequence[Library], settings: Sequence[SourceFile] = ()
) -> tuple[Secret, ...]:
    """The secrets found file by file, and those that the program's use of a literal tells; of the same literal, what is graver or surer.

    The library `rows` say what takes a credential, and what makes the bytes of one; in the `settings` files stands what the configuration
    is asked for.
    """
    code = Code(program, rows)
    used: dict[object, Secret] = {}
    for secret in _all(code, Behind(Rows(rows), Configured(code, settings, rows))):
        before = used.get(secret.place)
        if before is None or _grave(secret) < _grave(before):
            used[secret.place] = secret
    if not used:
        return tuple(known)
    kept = [one for one in known if not any(_overlap(one, other) and _grave(other) <= _grave(one) for other in used.values())]
    told = [one for one in used.values() if not any(_overlap(one, other) for other in kept)]
    kept = [_with_pieces(one, [other for other in used.values() if other.pieces and _overlap(one, other)]) for one in kept]
    return tuple(sorted((*kept, *told), key=lambda secret: (secret.place, secret.kind)))


def _with_pieces(known: Secret, used: Sequence[Secret]) -> Secret:
    """What is told by its name, with the rest of it where use tells that it is put together: all of it is masked."""
    pieces = tuple(piece for one in used for piece in one.pieces)
    return msgspec.structs.replace(known, pieces=pieces) if pieces else known


def _grave(secret: Secret) -> tuple[int, int]:
    return SEVERITIES.index(secret.severity), CERTAINTIES.index(secret.certainty)


def _overlap(one: Secret, other: Secret) -> bool:
    a, b = one.place, other.place
    return a.path == b.path and a.line == b.line and a.column < b.end_column and b.column < a.end_column


def _all(code: Code, behind: Behind) -> Iterator[Secret]:
    for one in taken(code, behind.rows):
        if not may_be_test(one.scope.module.path):
            yield from (secret for found in behind.of(_given(one), one.scope) for secret in _secret(found, one))


def _given(one: Taken) -> ir.Expr:
    """Of a login that is passed as a pair, the password."""
    pair = one.value
    is_pair = type(pair) is ir.Collection and pair.kind == "tuple" and len(pair.items) == 2 and one.row.kind == "password"
    return pair.items[1] if is_pair else pair  # type: ignore[union-attr]


def _secret(found: Found, one: Taken) -> Iterator[Secret]:
    value, kind = found.value, one.row.kind
    if may_be_test(found.place.path) or not _can_be(found, kind):
        return
    context = "" if value in found.name else found.name[:80]
    severity, certainty = _weighed(found, kind)
    why = _why(found, one, context)
    told = KINDS[kind], TITLES[kind], found.place, masked(value), fingerprint(value), severity, certainty, context, why
    yield Secret(*told, place(one.scope.module, one.value.span), found.pieces)


def _can_be(found: Found, kind: str) -> bool:
    """Can the text be a credential at all: no place to be filled, nothing that has a form of its own, and no message in its stead?

    A stand-in opens nothing; but what signs with one is signed with what everybody knows.
    """
    value = found.value
    if len(value) < LEAST or is_placeholder(value) or value.startswith("-----BEGIN"):
        return False
    if (stands_for_another(value) and found.configured) or (kind == "password" and (stands_for_another(value) or value.lower() in NAMES)):
        return False
    return kind == "key" or not (found.usual and any(sign.isspace() for sign in value))


def _weighed(found: Found, kind: str) -> tuple[str, str]:
    """How grave it is, and how sure: one that holds wherever nobody sets another is less so, and a stand-in is only a hint."""
    value = found.value
    is_weak = (stands_for_another(value) and not is_material(value)) or (kind == "password" and value.lower() in COMMON)
    if found.configured:
        return "high" if kind == "key" else "medium", "low" if is_weak or is_for_its_makers(found.place.path) else "medium"
    if kind != "key":
        return "medium", "low" if is_weak or found.usual else "medium"
    if found.usual:
        return "medium", "medium" if is_material(value) else "low"
    return "high", "low" if is_weak else "high" if is_material(value) else "medium"


def _why(found: Found, one: Taken, context: str) -> str:
    named = f" of '{context}'" if context else ""
    what = f"The setting '{found.configured}'" if found.configured else f"The literal{named}"
    when = " wherever nobody sets another" if found.usual else ""
    if one.row.kind == "key":
        return f"{what} becomes the key of '{one.by}'{when}: whoever has the source can sign or decrypt."
    if one.row.kind == "account":
        return f"{what} becomes the password of an account, by '{one.by}'{when}: whoever has the source can log in as it."
    return f"{what} is the password that '{one.by}' logs in with{when}: whoever has the source can do so too."


__all__ = ["with_used"]
