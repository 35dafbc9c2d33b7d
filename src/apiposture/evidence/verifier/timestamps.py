"""When was this there, in the word of somebody else? Time-stamp tokens (RFC 3161), attached to a pack after it was sealed.

A token is about the pack's manifest, and so about every file. It stands in the pack by its own digest, since parts of a token are not
covered by its signature.
"""

from __future__ import annotations

import hashlib

from apiposture.evidence.verifier.canonical import BrokenError, sha256
from apiposture.evidence.verifier.certificates import Certificate, certificates_in, chain_of, moment_of, pem_with
from apiposture.evidence.verifier.container import TIMES
from apiposture.evidence.verifier.der import OCTETS, SEQUENCE, SET, TIME, Der, der
from apiposture.evidence.verifier.publickeys import digest_of, is_signed_by

_SIGNED_DATA, _STAMP = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
_CONTENT, _DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
_CERTIFICATE_1, _CERTIFICATE_2 = "1.2.840.113549.1.9.16.2.12", "1.2.840.113549.1.9.16.2.47"
GRANTED = (0, 1)


class Stamp:
    """A token that holds: the moment, in seconds, and who vouches for it, from the clock's own certificate up."""

    def __init__(self, moment: int, chain: list[Certificate]) -> None:
        self.moment = moment
        self.chain = chain


def name_of_attached(content: bytes, ending: str) -> str:
    """What a token (`tsr`) or the certificates beside it (`pem`) are called in a pack."""
    return f"{TIMES}{sha256(content)}.{ending}"


def stamps_in(files: dict[str, bytes], manifest: bytes) -> list[Stamp]:
    """The time-stamps of a pack, each held against the manifest."""
    attached = {name: content for name, content in files.items() if name.startswith(TIMES)}
    for name, content in attached.items():
        if name not in (name_of_attached(content, "tsr"), name_of_attached(content, "pem")):
            raise BrokenError(f"'{name}' is not what it was when it was attached.")
    beside = [each for name, content in sorted(attached.items()) if name.endswith(".pem") for each in _only_certificates(name, content)]
    found = []
    for name, content in sorted(attached.items()):
        if name.endswith(".tsr"):
            try:
                found.append(stamp_of(content, manifest, beside))
            except (BrokenError, LookupError, TypeError, ValueError) as error:
                raise BrokenError(f"The time-stamp '{name[: len(TIMES) + 12]}' does not hold: {error}") from None
    used = {each.fingerprint for stamp in found for each in stamp.chain}
    for each in beside:
        if each.fingerprint not in used:
            raise BrokenError(f"The certificate of '{each.called()}' is there for no time-stamp.")
    return found


def _only_certificates(name: str, content: bytes) -> list[Certificate]:
    """What is attached beside a token: nothing hides between certificates."""
    found = certificates_in(content)
    if not found or pem_with(found) != content:
        raise BrokenError(f"'{name[: len(TIMES) + 12]}' holds something else than certificates.")
    return found


def stamp_of(response: bytes, subject: bytes, beside: list[Certificate]) -> Stamp:
    """What an authority's response says of these bytes. One that does not hold is broken."""
    status, token = der(response).of(SEQUENCE).parts()
    if status.parts()[0].number() not in GRANTED:
        raise BrokenError("The authority refused.")
    kind, content = token.of(SEQUENCE).parts()
    if kind.name() != _SIGNED_DATA:
        raise BrokenError("It is no signed token.")
    parts = content.parts()[0].of(SEQUENCE).parts()
    told, (signer,) = _told(parts[2]), parts[-1].of(SET).parts()
    inside = [Certificate(each.whole) for part in parts[3:-1] if part.tag == 0xA0 for each in part.parts()]
    moment = _moment(der(told), subject)
    owner = _owner(signer, [*inside, *beside])
    _check_signature(signer, owner, told)
    return Stamp(moment, chain_of(owner, [*inside, *beside], moment))


def _told(wrapped: Der) -> bytes:
    """What was signed: the time, and what it is about."""
    kind, content = wrapped.of(SEQUENCE).parts()
    if kind.name() != _STAMP:
        raise BrokenError("What was signed is no time.")
    return content.parts()[0].of(OCTETS).inside


def _moment(told: Der, subject: bytes) -> int:
    version, _, imprint, _, moment = told.of(SEQUENCE).parts()[:5]
    algorithm, hashed = imprint.parts()
    if version.number() != 1 or hashlib.new(digest_of(algorithm), subject).digest() != hashed.of(OCTETS).inside:
        raise BrokenError("It is about something else than this pack's manifest.")
    return moment_of(moment.of(TIME))


def _owner(signer: Der, certificates: list[Certificate]) -> Certificate:
    """The certificate of whoever signed, whose key is for time-stamps alone."""
    issuer, serial = signer.parts()[1].of(SEQUENCE).parts()
    for each in certificates:
        if (each.issuer, each.serial.whole) == (issuer.whole, serial.whole):
            if not each.is_for_time():
                raise BrokenError(f"The key of '{each.called()}' is not for time-stamps.")
            return each
    raise BrokenError("The authority's certificate is not in it; ask for it (`openssl ts -query -cert`), or attach it beside.")


def _check_signature(signer: Der, owner: Certificate, told: bytes) -> None:
    """The signature is over attributes, which name the digest of what was signed, and the certificate."""
    _, _, hashing, attributes, algorithm, signature = signer.parts()[:6]
    digest = digest_of(hashing)
    said = {kind.name(): values.of(SET).parts()[0] for kind, values in (each.parts() for each in attributes.of(0xA0).parts())}
    if said[_CONTENT].name() != _STAMP or said[_DIGEST].of(OCTETS).inside != hashlib.new(digest, told).digest():
        raise BrokenError("What was signed is something else.")
    if not _names(said, owner):
        raise BrokenError("It was signed in the name of another certificate.")
    signed = b"\x31" + attributes.whole[1:]
    if not is_signed_by(owner.key, algorithm, digest, signed, signature.of(OCTETS).inside):
        raise BrokenError("The authority's signature does not hold.")


def _names(said: dict[str, Der], owner: Certificate) -> bool:
    """Do the attributes name this certificate (RFC 5035, or RFC 2634 with SHA-1)?"""
    if _CERTIFICATE_2 in said:
        first = said[_CERTIFICATE_2].parts()[0].parts()[0].parts()
        digest = digest_of(first[0]) if first[0].tag == SEQUENCE else "sha256"
        hashed = first[1] if first[0].tag == SEQUENCE else first[0]
        return hashlib.new(digest, owner.raw).digest() == hashed.of(OCTETS).inside
    if _CERTIFICATE_1 in said:
        hashed = said[_CERTIFICATE_1].parts()[0].parts()[0].parts()[0]
        return hashlib.sha1(owner.raw, usedforsecurity=False).digest() == hashed.of(OCTETS).inside
    return False
