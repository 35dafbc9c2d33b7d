"""Which secrets are handed over where they stand: by a header that authorizes, on a command line, or to a call that logs in?"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator

from apiposture.analysis.secrets.structures import Hit
from apiposture.analysis.secrets.values import is_random, stands_for_another

_HEADER = re.compile(
    r"""(?ix)\b authorization ["']? [ \t]* [:=,] [ \t]* ["']?
    (?P<scheme>basic|bearer|token|api-?token|api-?key) [ \t]+ (?P<value>[\w+/=.~-]{16,400})"""
)
_LOGIN_OPTION = re.compile(
    r"""(?x)\b curl \b (?:[^\n|;] | \\\r?\n){0,300}? [ \t] (?:-u|--user) [ =]? [ \t]* ["']?
    (?P<user>[^\s:"'$<]{0,80}) : ["']? (?P<value>[^\s"'$:/][^\s"'$]{3,79})"""
)
_LOGIN_CALL = re.compile(
    r"""(?x)\. (?:[lL]og_?[iI]n | [aA]uthenticate) \( [ \t]* (?P<quote>["']) (?P<user>[^"'\n]{1,80}) (?P=quote) [ \t]* , [ \t]*
    (?P<other>["']) (?P<value>[^"'\s]{5,80}) (?P=other) [ \t]* [,)]"""
)
_SIGNED = "eyJ"
"""How a token begins that carries its own claims: it has a format of its own, which asks whether it still holds."""


def search(text: str, lowered: str) -> Iterator[Hit]:
    """Values that a header, an option or a call takes for a credential. `lowered` is the text in lower case."""
    if "authorization" in lowered:
        yield from _headers(text)
    if "curl" in lowered:
        yield from _logins(text, _LOGIN_OPTION, "a command line")
    if "login(" in lowered or "log_in(" in lowered or "authenticate(" in lowered:
        yield from _logins(text, _LOGIN_CALL, "a call that logs in")


def _headers(text: str) -> Iterator[Hit]:
    for match in _HEADER.finditer(text):
        value, scheme = match["value"], match["scheme"].lower()
        if value.startswith(_SIGNED) or stands_for_another(value):
            continue
        if _is_login(value) if scheme == "basic" else is_random(value):
            why = f"The header carries a credential ({scheme}): whoever has the source can send it too."
            yield Hit(*match.span("value"), "secret-value", "Secret value in a header", "high", "high", "Authorization", why)


def _is_login(value: str) -> bool:
    """Name and password in base 64, as the scheme `basic` has them; neither is a stand-in."""
    try:
        name, colon, password = b64decode(value, validate=True).decode("ascii").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return False
    stand_in = stands_for_another(password or name) or password.lower() in _EXAMPLES or name == password
    return bool(colon) and len(name + password) >= 8 and not stand_in


def _logins(text: str, pattern: re.Pattern[str], where: str) -> Iterator[Hit]:
    for match in pattern.finditer(text):
        user, value = match["user"], match["value"]
        if stands_for_another(value) or value == user or value.lower() in _EXAMPLES or value.startswith(("{", "<", "%", "(")):
            continue
        why = f"The password of '{user}' is handed over on {where}." if user else f"A password is handed over on {where}."
        yield Hit(*match.span("value"), "password-literal", "Password written out", "medium", "medium", "login", why)


_EXAMPLES = frozenset("password passwd pass secret user username admin guest token postgres elastic".split())
