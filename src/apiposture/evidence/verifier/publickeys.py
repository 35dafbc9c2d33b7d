"""Was this message signed by the holder of this key? RSA (PKCS #1 v1.5) and ECDSA (P-256, P-384), by the standard library alone."""

from __future__ import annotations

import hashlib

from apiposture.evidence.verifier.canonical import BrokenError
from apiposture.evidence.verifier.der import SEQUENCE, Der, der

HASHES = {"2.16.840.1.101.3.4.2.1": "sha256", "2.16.840.1.101.3.4.2.2": "sha384", "2.16.840.1.101.3.4.2.3": "sha512"}
"""Digests by their names in ASN.1. SHA-1 is none of them."""

RSA, ELLIPTIC = "1.2.840.113549.1.1.1", "1.2.840.10045.2.1"
_SIGNED_BY = {
    "1.2.840.113549.1.1.11": "sha256", "1.2.840.113549.1.1.12": "sha384", "1.2.840.113549.1.1.13": "sha512",
    "1.2.840.10045.4.3.2": "sha256", "1.2.840.10045.4.3.3": "sha384", "1.2.840.10045.4.3.4": "sha512",
}  # fmt: skip
"""Signature algorithms that say their digest themselves."""

Flat = tuple[int, int] | None
"""A point of a curve; None is the one at infinity."""


class Curve:
    """y² = x³ - 3x + b over p, with a point of order n."""

    def __init__(self, p: int, b: int, n: int, x: int, y: int) -> None:
        self.p, self.b, self.n, self.start = p, b, n, (x, y)

    def holds(self, point: tuple[int, int]) -> bool:
        """Does the point lie on the curve?"""
        x, y = point
        return 0 <= x < self.p and 0 <= y < self.p and (y * y - x**3 + 3 * x - self.b) % self.p == 0

    def sum(self, one: Flat, other: Flat) -> Flat:
        """The sum of two points."""
        if one is None or other is None:
            return one or other
        if one[0] == other[0] and (one[1] + other[1]) % self.p == 0:
            return None
        if one == other:
            slope = (3 * one[0] * one[0] - 3) * pow(2 * one[1], -1, self.p)
        else:
            slope = (other[1] - one[1]) * pow(other[0] - one[0], -1, self.p)
        x = (slope * slope - one[0] - other[0]) % self.p
        return x, (slope * (one[0] - x) - one[1]) % self.p

    def times(self, scalar: int, point: Flat) -> Flat:
        """A multiple of a point."""
        found: Flat = None
        while scalar:
            if scalar & 1:
                found = self.sum(found, point)
            point, scalar = self.sum(point, point), scalar >> 1
        return found


CURVES = {
    "1.2.840.10045.3.1.7": Curve(
        2**256 - 2**224 + 2**192 + 2**96 - 1,
        0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
        0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
        0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
        0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
    ),
    "1.3.132.0.34": Curve(
        2**384 - 2**128 - 2**96 + 2**32 - 1,
        0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
        0xAA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7,
        0x3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F,
    ),
}


def digest_of(algorithm: Der) -> str:
    """The digest that an algorithm identifier names. One that is weak or not known is broken."""
    name = algorithm.of(SEQUENCE).parts()[0].name()
    if name not in HASHES:
        raise BrokenError(f"The digest {name} is not accepted.")
    return HASHES[name]


def is_signed_by(key: Der, algorithm: Der, digest: str, message: bytes, signature: bytes) -> bool:
    """Does a signature hold, for a public key as certificates hold it? `digest` is for algorithms that don't say theirs."""
    kind, bits = key.of(SEQUENCE).parts()
    named = algorithm.of(SEQUENCE).parts()[0].name()
    digest = _SIGNED_BY.get(named, digest if named in (RSA, ELLIPTIC) else "")
    name = kind.parts()[0].name()
    if not digest or name not in (RSA, ELLIPTIC):
        raise BrokenError(f"Signatures by {named} with keys of {name} are not read.")
    if name == RSA:
        return _by_rsa(der(bits.bits()), digest, message, signature)
    return _by_curve(CURVES.get(kind.parts()[1].name()), bits.bits(), digest, message, signature)


def _by_rsa(key: Der, digest: str, message: bytes, signature: bytes) -> bool:
    modulus, exponent = (part.number() for part in key.of(SEQUENCE).parts())
    size = (modulus.bit_length() + 7) // 8
    if modulus.bit_length() < 2048 or exponent < 3 or len(signature) != size or int.from_bytes(signature, "big") >= modulus:
        return False
    oid = bytes.fromhex("0609608648016503040201")[:-1] + {"sha256": b"\1", "sha384": b"\2", "sha512": b"\3"}[digest]
    hashed = hashlib.new(digest, message).digest()
    info = _spelled(SEQUENCE, _spelled(SEQUENCE, oid + b"\x05\0") + _spelled(0x04, hashed))
    wanted = b"\0\1" + b"\xff" * (size - len(info) - 3) + b"\0" + info
    return pow(int.from_bytes(signature, "big"), exponent, modulus).to_bytes(size, "big") == wanted


def _spelled(tag: int, inside: bytes) -> bytes:
    return bytes((tag, len(inside))) + inside


def _by_curve(curve: Curve | None, key: bytes, digest: str, message: bytes, signature: bytes) -> bool:
    if curve is None:
        raise BrokenError("Keys of this curve are not read.")
    size = (curve.p.bit_length() + 7) // 8
    point = int.from_bytes(key[1 : size + 1], "big"), int.from_bytes(key[size + 1 :], "big")
    r, s = (part.number() for part in der(signature).of(SEQUENCE).parts())
    if len(key) != 2 * size + 1 or key[0] != 4 or not curve.holds(point) or not (0 < r < curve.n and 0 < s < curve.n):
        return False
    hashed = hashlib.new(digest, message).digest()
    number = int.from_bytes(hashed, "big") >> max(0, 8 * len(hashed) - curve.n.bit_length())
    inverse = pow(s, -1, curve.n)
    found = curve.sum(curve.times(number * inverse % curve.n, curve.start), curve.times(r * inverse % curve.n, point))
    return found is not None and found[0] % curve.n == r
