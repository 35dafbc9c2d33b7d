"""How does a time-stamping authority (RFC 3161) get its word into a pack? By files: nothing here reaches the network."""

from __future__ import annotations

from hashlib import sha256

from apiposture.evidence.verifier.certificates import certificates_in, pem_with
from apiposture.evidence.verifier.container import MANIFEST, Member, laid_out
from apiposture.evidence.verifier.timestamps import name_of_attached, stamp_of

_REQUEST = bytes.fromhex("3039020101") + bytes.fromhex("3031300d060960864801650304020105000420"), bytes.fromhex("0101ff")
"""A request for a time-stamp of a SHA-256, with the authority's certificate in the answer: what stands before the digest, and behind it."""


def request_for(pack: dict[str, Member]) -> bytes:
    """What to send to an authority (`curl -H 'Content-Type: application/timestamp-query' --data-binary @FILE URL`)."""
    return _REQUEST[0] + sha256(pack[MANIFEST].content).digest() + _REQUEST[1]


def stamped(pack: dict[str, Member], response: bytes, authority: bytes) -> bytes:
    """The pack with an authority's response, and those of the given certificates (PEM) that vouch for it. One that is wrong is broken."""
    given = certificates_in(authority)
    stamp = stamp_of(response, pack[MANIFEST].content, given)
    attached = {name_of_attached(response, "tsr"): response}
    used = [each for each in stamp.chain if each.fingerprint in {other.fingerprint for other in given}]
    if used:
        beside = pem_with(used)
        attached[name_of_attached(beside, "pem")] = beside
    return laid_out(list({**pack, **{name: Member(name, content) for name, content in attached.items()}}.values()))
