"""Is a text, by itself, a secret value: random, chosen by a person, a placeholder, or something else altogether?"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from apiposture.analysis.secrets.formats import entropy_of
from apiposture.analysis.sensitive import words_of

_PLACEHOLDER = re.compile(
    r"""^<.*>$ | \$\{ | \{\{ | \#\{ | \$\( | \$\[ | ^%[\w.-]+%$ | ^\$\w+$ | ^\{[\w.:\s-]*\}$ | ^\[.*\]$ | ^@[\w.]+\(|^__ | \#\w+\#
    | ^(?:var|local|data|module|each)\.[a-z_]
    | \*{3} | \.{3} | … | x{4} | X{4} | 0{6} | 1234567 | abcdef(?!\d*[a-f\d]{20}) | ^_+$ | ^-+$ | ^\#+$ | ^@[A-Za-z_.]*$
    | \b(?:process\.env|os\.environ|getenv|vault:|op://|arn:aws|secretsmanager|keyvault|ssm:/|env:|ref\+|enc\[|sops)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_STANDS_FOR = re.compile(
    r"(?i)your|example|placeholder|change[-_ ]?(?:me|this|it)|replace|insert|dummy|sample|todo|tbd|redacted|fake|"
    r"lorem|foobar|foo_?bar|\bnone\b|\bnull\b|undefined|mysecret|my-secret|secret-?here|[-_ ]here\b|[-_]here[-_]|goes[-_ ]?here|"
    r"set[-_]a[-_]|not[-_ ]?a[-_ ]|"
    r"\bdefault\b|masked|hidden|removed|optional|required|unused|invalid|bogus|\bmock|^test|test$|[-_]test|test[-_]|unittest"
)
_GUID = re.compile(r"^\{?[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\}?$")
_HEX = re.compile(r"^(?:0x)?[0-9a-fA-F]+$")
_NAME = re.compile(r"^[@$#.:]?[A-Za-z_][A-Za-z_]*(?:[.:/_ \-]+[A-Za-z_]+)*[.:/?!*]*$")
_PATH = re.compile(
    r"^(?:[A-Za-z]:)?[.~]{0,2}[/\\]|^\w+://|^https?:|^(?:[\w.-]+[/\\]){1,}[\w.-]*\.\w{1,5}$|^[\w-]+\.[\w.-]+\.(?:com|net|org|io|dev)\b|"
    r"^(?:github|gitlab|bitbucket|gist):[\w.-]+/"
)
_MARKUP = re.compile(
    r"[<>{}()\[\]]|=>|&&|\|\||^data:|^sha\d|^urn:|^ssh-|^MI[IG][A-Za-z]|^-----|^v?\d+\.\d+\.\d|^\d+$|^[\w.]+/[\w.+-]+$|^\d+/[a-z]+\b"
)
_ENCRYPTED = re.compile(
    r"^\d{1,2}\.[A-Za-z0-9+/_-]+={0,2}$|^\d?\.?[A-Za-z0-9+/=]+(?:\|[A-Za-z0-9+/=]+)+$|^ENC\(|^AQAAAA[EI]AA|^\$(?:2[aby]|argon2\w*|pbkdf2\S*)\$|^AQICAH|^AQIAAA|^CfDJ8|^\{cipher\}"
)
_WORD = re.compile(r"[A-Za-z]+")
_CALLED = re.compile(r"\[?[A-Za-z]{3,}\(")
"""A call that a template makes: `[concat(listKeys(...))]`."""
_PUBLISHED = ("Eby8vdM02xN", "C2y6yDjf5/R", "JBSWY3DPEHPK3PXP")
"""Openings of keys that vendors publish for their emulators (Azure Storage, Cosmos DB), and of the usual example of a one-time code."""


@lru_cache(8192)
def is_placeholder(value: str) -> bool:
    """Whether the text says that something else is to be put here, or where it is to be had from."""
    if len(set(value)) < 4 and len(value) > 4:
        return True
    return bool(_PLACEHOLDER.search(value)) or value.startswith(_PUBLISHED) or _runs_in_order(value)


@lru_cache(8192)
def stands_for_another(value: str) -> bool:
    """Whether a text chosen by a person is a stand-in (`your-key`, `changeme`, a test word)."""
    return is_placeholder(value) or bool(_STANDS_FOR.search(value))


def _is_markup(value: str) -> bool:
    """Whether it is code, a pattern or a media type; a password may have one bracket, but not a pair of them."""
    if not _MARKUP.search(value):
        return False
    classes = any(map(str.islower, value)) and any(map(str.isupper, value)) and any(map(str.isdigit, value))
    paired = any(first in value and last in value for first, last in ("<>", "{}", "()", "[]"))
    return paired or not classes or not any(sign in "!@#$%&?*.;" for sign in value)


def _runs_in_order(value: str) -> bool:
    """`abcdefgh`, `98765432`: more than half of the steps are to the next character."""
    if len(value) < 8:
        return False
    steps = sum(abs(ord(first) - ord(second)) == 1 for first, second in pairwise(value))
    return steps * 2 > len(value)


@lru_cache(8192)
def is_random(value: str) -> bool:
    """Whether the text looks drawn by a machine: long, mixed, no words, no known other meaning."""
    size = len(value)
    if size < 16 or size > 1000 or any(sign.isspace() for sign in value):
        return False
    if _GUID.match(value) or _MARKUP.search(value) or _ENCRYPTED.match(value) or _PATH.match(value) or _NAME.match(value):
        return False
    if is_placeholder(value) or not value.isascii():
        return False
    if _HEX.match(value):
        return size >= 20 and entropy_of(value) > 2.8 and any(sign.isalpha() for sign in value)
    if value.count(":") > 1 or value.count(".") > 2:
        return False
    digits = sum(sign.isdigit() for sign in value)
    letters = sum(sign.isalpha() for sign in value)
    if not digits or not letters or digits > size * 0.85:
        return False
    return entropy_of(value) >= (3.3 if size < 20 else 3.6 if size < 32 else 4.0) and not _is_made_of_words(value)


@lru_cache(8192)
def is_dense(value: str) -> bool:
    """Whether the text is what generators of salts and framework keys print: all kinds of signs, close together."""
    if not 32 <= len(value) <= 200 or not value.isascii() or value.count(" ") > len(value) // 16 or _CALLED.match(value):
        return False
    signs = {sign for sign in value if not sign.isalnum() and sign != " "}
    classes = any(map(str.islower, value)) + any(map(str.isupper, value)) + any(map(str.isdigit, value))
    return len(signs) >= 6 and classes == 3 and entropy_of(value) > 4.4 and not _is_made_of_words(value)


def _is_made_of_words(value: str) -> bool:
    """Whether most of it is runs of letters long enough to be words: `organization-user-2fa-v2`, but not `q2zsk81evtoy7lao8o`."""
    if sum(first.isdigit() != second.isdigit() for first, second in pairwise(value)) > 6:
        return False
    words = [word for word in words_of(value) if len(word) >= 3]
    letters = sum(map(len, words))
    if letters < 0.7 * sum(sign.isalpha() for sign in value) or letters < len(value) * 0.5:
        return False
    return sum(sum(sign in "aeiou" for sign in word) for word in words) > 0.25 * letters


@lru_cache(8192)
def is_phrase(value: str, name: str) -> bool:
    """Whether the text is a long run of words without a gap, as people write for a key: `TheRainInTheMountains...`."""
    words = words_of(value)
    if not 24 <= len(value) <= 200 or not value.isalnum() or not value.isascii() or len(words) < 4:
        return False
    return words[-1] not in _NAME_WORDS and not stands_for_another(value) and not set(words) <= set(words_of(name))


@lru_cache(8192)
def is_chosen(value: str, name: str, setting: bool) -> bool:
    """Whether the text can be a password that a person chose. `setting`: it stands in a configuration file."""
    if not 5 <= len(value) <= 100 or any(sign.isspace() for sign in value) or not value.isascii():
        return False
    if stands_for_another(value) or _is_markup(value) or _PATH.match(value) or _ENCRYPTED.match(value) or _GUID.match(value):
        return False
    if value.lower() in _NO_VALUES or value.endswith((":", ",", "*")):
        return False
    own = set(words_of(name))
    if set(words_of(value)) <= own | _NAME_WORDS and not any(sign.isdigit() for sign in value):
        return False
    mixed = any(sign.isdigit() or sign in "!@#$%^&+=" for sign in value)
    if setting:
        return mixed or (value[0].islower() or not value.isalpha() or not value[1:].islower())
    if not mixed or not _WORD.search(value) or re.match(r"^[A-Z_0-9]+$", value):
        return False
    looks_like_a_name = re.match(r"^[a-z]+[._:-][\w.:-]*$|^[A-Za-z]+\d?$", value) is not None
    return not looks_like_a_name or (_WORD_AND_NUMBER.match(value) is not None and own.isdisjoint(words_of(value)))


_WORD_AND_NUMBER = re.compile(r"^[A-Za-z]{4,}\d$|^[a-z]{3,}(?:-[a-z]{3,}){1,4}-\d{2,}$")
"""A word and a number, as people choose where a rule asks for one (and as programs number their controls)."""


def is_plain(value: str) -> bool:
    """Whether it is a word in small letters or a number: what people choose for a service on their own machine, and vendors begin with."""
    return (value.isalpha() and value.islower()) or value.isdigit()


def is_mixed(value: str) -> bool:
    """Whether small and large letters or digits stand beside other signs: what rules for passwords ask for, and no name is."""
    kinds = (any(map(str.islower, value)), any(map(str.isupper, value)), any(map(str.isdigit, value)))
    return len(value) >= 8 and sum(kinds) >= 2 and kinds[2] and any(sign in "!@#$%^&*+=?;" for sign in value)


_NO_VALUES = frozenset(
    "true false yes no on off none null nil undefined string str text password optional required empty basic bearer "
    "digest plain login auto always never prompt ask unset void int bool object any number integer boolean env file".split()
)
_NAME_WORDS = frozenset(
    "password passwd pwd pass passphrase secret key token api client user name id value field input type text hash new "
    "old current confirm repeat reset forgot change update set get login sign invalid wrong incorrect missing "
    "empty my some the a this that".split()
)
