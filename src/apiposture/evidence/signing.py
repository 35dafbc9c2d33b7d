"""With which key is a pack sealed? Ed25519, by the `cryptography` package; what is signed is worked out in `verifier.envelope`."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat, load_pem_private_key
from msgspec import Struct

from apiposture.model.error import PostureError


class Signer(Struct, frozen=True):
    """A key: its public half, and how to sign with the other."""

    key: bytes
    sign: Callable[[bytes], bytes]


def make_key(file: Path) -> None:
    """Write a new private key (PEM, PKCS #8), which only its owner can read. An existing file is never replaced."""
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise PostureError(f"'{file}' is there already; a key is never replaced. Name another file.") from None
    except OSError as error:
        raise PostureError(f"The key could not be written to '{file}': {(error.strerror or 'unknown reason').lower()}.") from None
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(pem)


def signer_from(file: Path, password: str = "") -> Signer:
    """The key in a PEM file, made by `make_key` or by `openssl genpkey -algorithm ed25519`."""
    try:
        found = load_pem_private_key(file.read_bytes(), password.encode() or None)
    except OSError as error:
        raise PostureError(f"Key '{file}' could not be read: {(error.strerror or 'unknown reason').lower()}.") from None
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise PostureError(f"Key '{file}' can't be used: {str(error).rstrip('.') or 'it is no PEM key'}.") from None
    if not isinstance(found, Ed25519PrivateKey):
        raise PostureError(f"Key '{file}' is not an Ed25519 key; `apiposture evidence key FILE` makes one.")
    return Signer(found.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw), found.sign)
