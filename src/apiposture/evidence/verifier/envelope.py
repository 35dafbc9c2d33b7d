"""Who sealed this pack, and what exactly did they seal? DSSE around an in-toto statement, in one spelling only."""

from __future__ import annotations

import base64
import hashlib

from apiposture.evidence.verifier.canonical import BrokenError, Json, read, written
from apiposture.evidence.verifier.ed25519 import is_signed

TYPE = "application/vnd.in-toto+json"
STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://apiposture.com/evidence/pack/v1"
SIGNOFF = "https://apiposture.com/evidence/signoff/v1"
KEY = "pubkey.pem"
_PREFIX = bytes.fromhex("302a300506032b6570032100")
"""What stands before the 32 bytes of an Ed25519 key in its DER form (RFC 8410)."""


def pem_of(key: bytes) -> bytes:
    """The public key as `openssl` reads it."""
    return b"-----BEGIN PUBLIC KEY-----\n" + base64.b64encode(_PREFIX + key) + b"\n-----END PUBLIC KEY-----\n"


def key_of(pem: bytes) -> bytes:
    """The 32 bytes of a public key."""
    found = b"".join(line for line in pem.split(b"\n") if not line.startswith(b"-----"))
    try:
        der = base64.b64decode(found, validate=True)
    except ValueError:
        der = b""
    if not der.startswith(_PREFIX) or len(der) != len(_PREFIX) + 32 or pem_of(der[-32:]) != pem:
        raise BrokenError(f"'{KEY}' is no Ed25519 key in its usual form.")
    return der[-32:]


def fingerprint(key: bytes) -> str:
    """What a letter can name a key by: `openssl pkey -pubin -in pubkey.pem -outform DER | sha256sum`."""
    return hashlib.sha256(_PREFIX + key).hexdigest()


def key_id(key: bytes) -> str:
    """What the envelope names the key by: the id that securesystemslib works out for it."""
    said = {"keytype": "ed25519", "keyval": {"public": key.hex()}, "scheme": "ed25519"}
    return hashlib.sha256(written(said)[:-1]).hexdigest()


def sealed_bytes(payload: bytes) -> bytes:
    """What is signed: DSSE's pre-authentication encoding."""
    kind = TYPE.encode("ascii")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def envelope_of(payload: bytes, key: bytes, signature: bytes) -> bytes:
    """The envelope, as a pack holds it."""
    signed = {"keyid": key_id(key), "sig": base64.b64encode(signature).decode("ascii")}
    return written({"payload": base64.b64encode(payload).decode("ascii"), "payloadType": TYPE, "signatures": [signed]})


def statement_of(predicate: str, subjects: Json, said: Json) -> bytes:
    """An in-toto statement about files by their digests."""
    listed = [{"digest": {"sha256": digest}, "name": name} for name, digest in sorted(subjects.items())]
    return written({"_type": STATEMENT, "predicate": said, "predicateType": predicate, "subject": listed})


def opened(envelope: bytes, name: str, key: bytes, predicate: str) -> Json:
    """The statement in an envelope that this key has signed."""
    found = read(envelope, name)
    try:
        if set(found) != {"payload", "payloadType", "signatures"} or found["payloadType"] != TYPE:
            raise BrokenError(f"'{name}' is no envelope of a pack.")
        (signed,) = found["signatures"]
        payload, signature = (base64.b64decode(each, validate=True) for each in (found["payload"], signed["sig"]))
    except (KeyError, TypeError, ValueError):
        raise BrokenError(f"'{name}' is no envelope with one signature.") from None
    if envelope_of(payload, key, signature) != envelope:
        raise BrokenError(f"'{name}' is not in its canonical form, or speaks of another key.")
    if not is_signed(key, sealed_bytes(payload), signature):
        raise BrokenError(f"The signature of '{name}' does not hold.")
    statement: Json = read(payload, f"the statement in {name}")
    if statement.get("predicateType") != predicate or statement.get("_type") != STATEMENT:
        raise BrokenError(f"'{name}' is a statement of another kind.")
    return statement


def subjects_of(statement: Json) -> Json:
    """The files that a statement speaks of."""
    return {each["name"]: each["digest"]["sha256"] for each in statement["subject"]}
