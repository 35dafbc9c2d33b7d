"""Who vouches for this key? X.509 certificates (RFC 5280), as far as time-stamping authorities need them."""

from __future__ import annotations

import base64
import time

from apiposture.evidence.verifier.canonical import BrokenError, sha256
from apiposture.evidence.verifier.commits import seconds
from apiposture.evidence.verifier.der import OCTETS, SEQUENCE, TIME, UTC, Der, der
from apiposture.evidence.verifier.publickeys import is_signed_by

_COMMON_NAME, _CONSTRAINTS, _PURPOSES = "2.5.4.3", "2.5.29.19", "2.5.29.37"
_STAMPING = "1.3.6.1.5.5.7.3.8"
_BEGIN, _END = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"


class Certificate:
    """One certificate, by its bytes."""

    def __init__(self, raw: bytes) -> None:
        self.fingerprint = sha256(raw)
        self.raw = raw
        self._signed, self._algorithm, self._signature = der(raw).of(SEQUENCE).parts()
        parts = self._signed.parts()
        parts = parts[1:] if parts[0].tag == 0xA0 else parts
        self.serial, _, issuer, valid, subject, self.key = parts[:6]
        self.issuer, self.subject = issuer.whole, subject.whole
        self.valid = [moment_of(each) for each in valid.parts()]
        self._extensions = _extensions(parts[6:])

    def called(self) -> str:
        """The common name of whose key it is."""
        pairs = [pair.parts() for each in der(self.subject).parts() for pair in each.parts()]
        names = [value.inside.decode("utf-8", "replace") for kind, value in pairs if kind.name() == _COMMON_NAME]
        return names[-1] if names else "an authority without a name"

    def is_for_time(self) -> bool:
        """Is its key for time-stamps, and for nothing else (RFC 3161, 2.3)?"""
        critical, value = self._extensions.get(_PURPOSES, (False, b""))
        return critical and [each.name() for each in der(value).parts()] == [_STAMPING]

    def may_issue(self) -> bool:
        """May its key sign other certificates?"""
        _, value = self._extensions.get(_CONSTRAINTS, (False, b""))
        return bool(value) and der(value).inside[:3] == b"\x01\x01\xff"

    def is_issued_by(self, other: Certificate) -> bool:
        """Is it signed by the key of another one?"""
        signed, signature = self._signed.whole, self._signature.bits()
        return self.issuer == other.subject and is_signed_by(other.key, self._algorithm, "", signed, signature)


def _extensions(parts: list[Der]) -> dict[str, tuple[bool, bytes]]:
    """What a certificate says beyond its fields: whether it must be understood, and the bytes of it, by name."""
    found = {}
    for each in [each for part in parts if part.tag == 0xA3 for each in part.parts()[0].parts()]:
        name, *rest = each.parts()
        found[name.name()] = len(rest) == 2 and rest[0].inside == b"\xff", rest[-1].of(OCTETS).inside
    return found


def moment_of(value: Der) -> int:
    """A time of ASN.1, in seconds; parts of a second are left out."""
    text = value.inside.decode("ascii", "replace").partition(".")[0].rstrip("Z")
    if value.tag == UTC:
        text = ("19" if text[:2] >= "50" else "20") + text
    elif value.tag != TIME:
        raise BrokenError("A time was expected, and something else is there.")
    try:
        said = time.strptime(text, "%Y%m%d%H%M%S")
    except ValueError:
        raise BrokenError(f"{text!r} is no time.") from None
    return seconds(time.strftime("%Y-%m-%dT%H:%M:%SZ", said))


def chain_of(first: Certificate, others: list[Certificate], moment: int) -> list[Certificate]:
    """From a certificate up to the highest that vouches for it, as far as they are here; all were valid at that moment."""
    found = [first]
    while found[-1].issuer != found[-1].subject:
        known = [each.fingerprint for each in found]
        above = next((each for each in others if each.fingerprint not in known and _vouches(each, found[-1])), None)
        if above is None:
            break
        if not above.may_issue():
            raise BrokenError(f"'{above.called()}' may not vouch for '{found[-1].called()}'.")
        found.append(above)
    for each in found:
        if not each.valid[0] <= moment <= each.valid[1]:
            raise BrokenError(f"The certificate of '{each.called()}' was not valid then.")
    return found


def _vouches(one: Certificate, other: Certificate) -> bool:
    """A signature of a kind that is not read vouches for nothing here."""
    try:
        return other.is_issued_by(one)
    except BrokenError:
        return False


def certificates_in(pem: bytes) -> list[Certificate]:
    """The certificates of a PEM file."""
    found = []
    for part in pem.split(_BEGIN)[1:]:
        try:
            found.append(Certificate(base64.b64decode(b"".join(part.partition(_END)[0].split()), validate=True)))
        except ValueError:
            raise BrokenError("A certificate can't be read.") from None
    return found


def pem_with(certificates: list[Certificate]) -> bytes:
    """The file that holds exactly these."""
    return b"".join(b"%b\n%b%b\n" % (_BEGIN, base64.encodebytes(each.raw), _END) for each in certificates)
