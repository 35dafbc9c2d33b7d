"""How is a secret shown, and told from others, without showing it?"""

from __future__ import annotations

import hashlib
import hmac

_FINGERPRINT_KEY = b"apiposture/secret-fingerprint/1"


def masked(value: str) -> str:
    """The value as reports may show it: a few characters at its ends if it is long, none if it is short."""
    if value.startswith("-----BEGIN"):
        return value[: value.find("-----", 11) + 5] + "..."
    if len(value) < 12:
        return "****"
    return f"{value[:2]}****" if len(value) < 20 else f"{value[:4]}****{value[-2:]}"


def fingerprint(value: str) -> str:
    """The same for the same value in any place, and not to be turned back: a keyed digest."""
    return hmac.new(_FINGERPRINT_KEY, value.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:32]
