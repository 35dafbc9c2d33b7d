"""Which literals are secrets because of the name that they are given to?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from apiposture.analysis.secrets.shelf import is_named, named
from apiposture.analysis.secrets.structures import Hit
from apiposture.analysis.secrets.values import (
    is_chosen,
    is_dense,
    is_mixed,
    is_phrase,
    is_placeholder,
    is_plain,
    is_random,
    stands_for_another,
)
from apiposture.analysis.sensitive import kinds_of, words_of

_STEMS = ("pass", "pwd", "secret", "token", "key", "credential", "auth", "salt", "hmac")
_TAIL = r"""[\w.\-]{0,40}["'`\]]{0,2}"""
_TYPED = r"""(?::[ ]?[\w\[\]?.| ]{2,30}(?==)|[ ](?:string|\[\]byte)[ ](?==))?"""
_BRACES = r"""(?:\s*\{[^{}\n]{0,60}\}\s*)?"""
_QUOTED = r"""(?:[$@bruf]{0,2}"(?P<double>[^"\r\n]{3,600})"|[bruf]{0,2}'(?P<single>[^'\r\n]{3,600})'|`(?P<tick>[^`\r\n]{3,600})`)"""
_PLAIN = r"""(?P<plain>[^\s"'`<>{}()\[\],;\#][^\s"'`<>,;]{3,300})"""
_SIGNS = r"""[ \t]*(?:=>|:{1,3}=|[?.+]=|={1,3}|:(?!:)|\?\?=?)[ \t]*\r?\n?[ \t]*"""
_CALL = r"""[ \t]*\(\s*(?:(?:[\w.]+)\(\s*)?"""
_BYTES = r"""(?P<bytes>(?:[\w.]+\.)?(?:getbytes|frombase64string|fromhexstring)[ \t]*\([ \t]*)?"""
_COMMA = r"""[ \t]*,[ \t]*"""
_VALUE_ATTRIBUTE = r"""[ \t]+(?:value|connectionString)[ \t]*=[ \t]*"""
_ELEMENT = r"""(?:[ \t][^<>\n]{0,80})?>(?:\r?\n[ \t]*)?(?P<element>[^<>\r\n]{3,300})(?:\r?\n[ \t]*)?</"""
_INNER = r"""(?P<inner>[ ]?=[ ]?)(?P<packed>[a-z0-9+/_.\-]{16,200}={0,2})(?=\\[nr"]|["'])"""
"""A setting inside of a text: `"config.ini": "API_TOKEN=...\\nDEBUG=true"`."""


@cache
def _pattern(stem: str, mode: str) -> re.Pattern[str]:
    """Built when it is first needed: together they take as long as the start of the program."""
    assign = f"(?P<assign>{_TYPED}{_BRACES}{_SIGNS}{_BYTES})"
    quoted = f"(?:{assign}|(?P<call>{_CALL})|(?P<comma>{_COMMA})|(?P<attribute>{_VALUE_ATTRIBUTE})){_QUOTED}"
    if mode != "code":
        quoted += f"|{_ELEMENT}"
    quoted += f"|(?P<bare>{_SIGNS}){_PLAIN}" if mode == "bare" else f"|{_INNER}"
    return re.compile(f"{stem}{_TAIL}(?:{quoted})")


_VALUES = ("double", "single", "tick", "plain", "element", "packed")
_WAYS = ("assign", "call", "comma", "attribute", "inner")
_OPENS_A_SETTING = re.compile(r"""["'`]\Z|\\[nr]\Z""")
_BEFORE = re.compile(r"[\w.\-:]*\Z")
_NAME = re.compile(r"[\w.\-:]*")
_CANDIDATE = re.compile(r"""["'`](?:(?=[^"'`\s]{0,40}[0-9!@#$%^&+])[^"'`\s]{5,600}|[A-Za-z]{24,200})["'`]""")

_PUBLIC = frozenset(
    "public publishable primary foreign cache partition sort row translation resource lang registry color map site header "
    "event routing group object idempotency index name names sitekey captcha recaptcha instrumentation measurement localization "
    "message error setting config configuration dictionary hot shortcut keyboard press down up code press product tracking "
    "storage session entity unique composite alternate natural lookup hash etag test assembly known thumbprint fingerprint feature".split()
)


def is_worth_a_look(text: str) -> bool:
    """Whether a program has a literal that could be a secret value at all; a cheap question that most files answer with no."""
    return _CANDIDATE.search(text) is not None or any(map(text.__contains__, _names_of_keys()))


@cache
def _names_of_keys() -> tuple[str, ...]:
    """What a literal need not look like a secret for, to be one."""
    return tuple(name.strip("*") for name in (*named("signs"), *named("makes-key")))


def search(text: str, lowered: str, mode: str, settings: bool = False) -> Iterator[Hit]:
    """Values that a secret's name is given to. `lowered` is the text in lower case, of the same length.

    `mode`: in `code` only literals count, in `markup` (JSON, XML) elements too, and in `bare` settings (YAML, INI, shell) values
    without quotes. `settings`: the code is named as settings, where a password is more than an example.
    """
    for stem in _STEMS:
        if stem not in lowered:
            continue
        for match in _pattern(stem, mode).finditer(lowered):
            yield from _judged(text, match, mode == "code", settings)


def _judged(text: str, match: re.Match[str], in_code: bool, settings: bool) -> Iterator[Hit]:
    groups = match.groupdict()
    group = next(name for name in _VALUES if groups.get(name) is not None)
    start, end = match.span(group)
    value = text[start:end].strip()
    if len(value) < 4:
        return
    start = text.index(value, start)
    before = _BEFORE.search(text, max(0, match.start() - 60), match.start())
    opening = before.start() if before else match.start()
    written = _NAME.match(text, opening)
    name = (written.group() if written else "").strip(":.-")
    way = next((name for name in _WAYS if groups.get(name) is not None), "assign" if group == "plain" else "element")
    if groups.get("bytes") is not None:
        way = "bytes"
    if way == "inner" and not _OPENS_A_SETTING.search(text, max(0, opening - 2), opening):
        return
    hit = _verdict(name, value, way, in_code, text[end + 1 : end + 12])
    if hit:
        kind, title, severity, certainty, why = hit
        certainty = "medium" if settings and certainty == "low" and way == "assign" else certainty
        yield Hit(start, start + len(value), kind, title, severity, certainty, name, why)


def _verdict(name: str, value: str, way: str, in_code: bool, after: str) -> tuple[str, str, str, str, str] | None:
    words = words_of(name)
    if not words:
        return None
    if way == "call":
        return _of_call(name, value, after)
    if _NOT_SECRET.intersection(words):
        return None
    kinds = kinds_of(name)
    secret = "credential" in kinds or "token" in kinds
    keyish = words[-1] in ("key", "keys", "salt", "auth") or words[-2:] == ("key", "base")
    if not secret and not (keyish and not _PUBLIC.intersection(words)):
        return None
    if (is_random(value) and not stands_for_another(value)) or (is_dense(value) and way != "element"):
        if way == "comma" and in_code and not (secret or name.isupper()):
            return None
        why = f"A random value is assigned to '{name}', a secret's name."
        return "secret-value", "Secret value in a named place", "high", "high" if secret else "medium", why
    if way == "bytes" and words[-2:] in _KEYS and is_material(value):
        why = f"The key '{name}' is made of a literal: whoever has the source can sign or decrypt."
        return "signing-key", "Signing key written out", "high", "high", why
    if way == "assign" and words[-2:] in _KEYS and is_phrase(value, name):
        why = f"The key '{name}' is a phrase in the source: whoever has the source can sign or decrypt."
        return "signing-key", "Signing key written out", "high", "medium", why
    if way == "assign" and is_named(name.rpartition(".")[2], "signs") and is_key(value, name):
        why = f"'{name}' is what the application signs with, and it is a literal: whoever has the source can sign."
        return "signing-key", "Signing key written out", "high", "medium", why
    strong = is_mixed(value)
    if not secret or (way == "comma" and not name.isupper() and not strong):
        return None
    if words[-1] in _PASSWORD_WORDS and is_chosen(value, name, not in_code):
        why = f"A password is written out: '{name}' has a literal value."
        sure = not is_plain(value) if not in_code else strong and way == "assign"
        return "password-literal", "Password written out", "medium", "medium" if sure else "low", why
    return None


def is_key(value: str, name: str) -> bool:
    """Whether the text can be a key that somebody chose, however weak: no stand-in, and no name or path of one."""
    words = words_of(value)
    return (
        not stands_for_another(value)
        and len(value) >= 5
        and not any(sign in value for sign in " :/.<{[(")
        and not set(words)
        <= {
            *words_of(name),
            *_KEY_WORDS,
        }
    )


_KEY_WORDS = frozenset("secret key app api jwt token access id aws s3 env".split())


def is_material(value: str) -> bool:
    """Whether a text that a program makes a key of is one: not a stand-in for what is to be put there, nor a name of it."""
    return len(value) >= 8 and not is_placeholder(value) and not _NOT_YET.search(value)


_NOT_YET = re.compile(
    r"(?i)your|example|placeholder|change[-_ ]?(?:me|this|it)|replace|insert|dummy|sample|todo|tbd|redacted|fake|lorem|foobar|"
    r"[-_ ]here\b|goes[-_ ]?here|\bmock|^test|test$|[-_ ]test|test[-_ ]|unittest"
)


_NOT_SECRET = frozenset("public encrypted wrapped protected hash hashed hmac checksum digest fake dummy sample example mock".split())
_KEYS = frozenset(
    {("secret", "key"), ("signing", "key"), ("jwt", "key"), ("token", "key"), ("auth", "key"), ("encryption", "key")}
    | {("jwt", "secret"), ("token", "secret"), ("signing", "secret"), ("client", "secret")}
)
_PASSWORD_WORDS = frozenset("password passwd pwd pass passphrase".split())


def _of_call(name: str, value: str, after: str) -> tuple[str, str, str, str, str] | None:
    if is_named(name, "makes-key"):
        if is_material(value) and not value.count(":") and ("." not in value or " " in value):
            why = f"The key that signs is made of a literal in '{name}(...)': whoever has the source can sign."
            return "signing-key", "Signing key written out", "high", "high", why
        return None
    if is_random(value) and not stands_for_another(value) and ("credential" in kinds_of(name) or "token" in kinds_of(name)):
        why = f"A random value is passed to '{name}(...)', a secret's name."
        return "secret-value", "Secret value in a named place", "high", "medium", why
    return None
