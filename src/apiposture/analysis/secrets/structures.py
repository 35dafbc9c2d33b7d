"""Which secrets are told by the structure around them: key blocks, URLs with a password, connection strings?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from msgspec import Struct

from apiposture.analysis.secrets.shelf import named
from apiposture.analysis.secrets.values import is_placeholder, is_plain, stands_for_another


class Hit(Struct, frozen=True):
    """A value found in a text, before it is masked: offsets only, the value itself is not kept."""

    start: int
    end: int
    kind: str
    title: str
    severity: str
    certainty: str
    context: str
    why: str


_BLOCK = re.compile(r"-----BEGIN ((?:[A-Z0-9]+ ){0,3})PRIVATE KEY(?: BLOCK)?-----")
_MADE_UP = re.compile(r"(?i)fake|dummy|sample|example|mock")
_NOT_BODY = re.compile(r"\\[nrt]|[^A-Za-z0-9+/=]")
_ENCODED = re.compile(r"[A-Za-z0-9+/=]{16,}")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,20}\Z")
_USER_INFO = re.compile(r"""://([^\s:/"'<>`|()\[\]]{0,80}):([^\s/"'<>`|()\[\]]{3,200})@([^\s/"'<>`:,;?]{2,200})""")
_SETTING = re.compile(r"""(?i)\b(password|pwd)[ ]?=[ ]?(?:"\s*\+\s*[$@]{0,2}")?(?P<value>[^;"'\r\n<>]{3,200})""")
_JOINT = re.compile(r"""["]\s*\+\s*(?:[\w.]+(?:\(\))?\s*\+\s*)?[$@]{0,2}["]""")
"""Where a program joins two texts, or two with a variable between them."""
_OPENINGS = ("assword=", "assword =", "ASSWORD=", "wd=", "WD=")
_CONNECTION = re.compile(
    r"(?i)\b(?:server|data source|datasource|host|hostname|addr|address|user id|userid|user|uid|username|database|initial catalog|"
    r"dbq|endpoint|tcp:[\w.]+)[ ]?="
)
_EXAMPLE_HOST = re.compile(r"(?i)(?:^|\.)(?:example|domain|yourhost|yourdomain|hostname|server|host|mysite)(?:\.(?:com|org|net))?$|^\W")
_NAMES = frozenset("password passwd pass pwd secret token yourpassword mypassword".split())
"""What stands for a password in an example."""
_WEAK_PAIR = frozenset("password pass pwd passwd secret user username admin guest root pw p xxx token postgres".split())


def search(text: str, literals: str, is_prose: bool) -> Iterator[Hit]:
    """Key blocks, URLs with a password in them, and connection strings. `is_prose`: documentation, where examples are usual."""
    if "PRIVATE KEY" in text:
        yield from _key_blocks(text)
    if "PuTTY-User-Key-File-" in text:
        yield from _putty_keys(text)
    if any(name in text for name in named("logs-in")):
        yield from _logins(text)
    if "://" in literals:
        yield from _urls(text, is_prose)
    if any(opening in literals for opening in _OPENINGS):
        yield from _connection_strings(text, is_prose)


def _key_blocks(text: str) -> Iterator[Hit]:
    for match in _BLOCK.finditer(text):
        stop = text.find("-----END", match.end(), match.end() + 20_000)
        if stop < 0:
            continue
        body = text[match.end() : stop]
        packed = _NOT_BODY.sub("", body)
        if len(packed) < 60 or "..." in body or "EXAMPLE" in body or len(set(packed)) < 20 or not _is_encoded(body, len(packed)):
            continue
        end = text.find("-----", stop + 8, stop + 80)
        if _MADE_UP.search(text, text.rfind("\n", 0, match.start()) + 1, match.end()):
            continue
        encrypted = "ENCRYPTED" in match.group(1) or "ENCRYPTED" in body[:200]
        algorithm = match.group(1).strip() or "PKCS #8"
        yield Hit(
            match.start(),
            end + 5 if end > 0 else stop,
            "private-key",
            f"Private key ({algorithm})",
            "high" if encrypted else "critical",
            "high",
            "",
            "A private key stands in the file; whoever has the file can be its owner"
            + (", once its passphrase is guessed." if encrypted else "."),
        )


def _is_encoded(body: str, size: int) -> bool:
    """Does most of it stand in long pieces, as an encoded key does and prose does not?"""
    return 2 * sum(len(match.group()) for match in _ENCODED.finditer(body)) > size


@cache
def _login() -> re.Pattern[str]:
    names = "|".join(named("logs-in"))
    return re.compile(rf"""\b(?P<call>{names})\s*\(\s*(?:[\w.\[\]]+|"[^"\n]*")\s*,\s*[$@]{{0,2}}"(?P<value>[^"\r\n]{{4,200}})"\s*[,)]""")


def _logins(text: str) -> Iterator[Hit]:
    """Passwords that are handed to a login as they stand."""
    for match in _login().finditer(text):
        value = match.group("value")
        if stands_for_another(value) or value.lower() in _WEAK_PAIR or "{" in value:
            continue
        why = "The password of a login is a literal: whoever has the source can log in."
        yield Hit(*match.span("value"), "password-literal", "Password written out", "high", "high", match["call"], why)


def _putty_keys(text: str) -> Iterator[Hit]:
    start = text.find("PuTTY-User-Key-File-")
    lines = text.find("Private-Lines:", start)
    if lines >= 0:
        end = text.find("\n", text.find("Private-MAC:", lines))
        encrypted = "Encryption: none" not in text[start : start + 300]
        why = "A private key of PuTTY stands in the file; whoever has the file can be its owner."
        end = end if end > lines else len(text)
        yield Hit(start, end, "private-key", "Private key (PuTTY)", "high" if encrypted else "critical", "high", "", why)


def _urls(text: str, is_prose: bool) -> Iterator[Hit]:
    at = text.find("://")
    done = 0
    while at >= 0:
        if at >= done:
            match = _USER_INFO.match(text, at)
            scheme = _SCHEME.search(text, max(0, at - 21), at) if match else None
            if match and scheme:
                done = match.end()
                yield from _url(scheme.group(), match, is_prose)
        at = text.find("://", at + 3)


def _url(scheme: str, match: re.Match[str], is_prose: bool) -> Iterator[Hit]:
    user, password, host = match.groups()
    if (stands_for_another(password) and not password.startswith("test")) or _EXAMPLE_HOST.search(host.rstrip(".")):
        return
    if password.startswith(("$", "{", "%", "<", "[", "#")) or password.endswith(("}", ">")) or "{" in user or "+" in password[:1]:
        return
    weak = password.lower() in _WEAK_PAIR or password == user or host.startswith(("localhost", "127.", "0.0.0.0"))
    if is_prose and (weak or not any(map(str.isdigit, password))):
        return
    if password.lower() in _NAMES:
        return
    yield Hit(
        match.start(2),
        match.end(2),
        "url-password",
        f"Password in a URL ({scheme.lower()})",
        "medium" if weak else "high",
        "low" if weak else "high" if not is_prose else "medium",
        user,
        f"The URL holds the password of '{user}' on '{host}'." if user else f"The URL holds a password for '{host}'.",
    )


def _connection_strings(text: str, is_prose: bool) -> Iterator[Hit]:
    """Passwords inside `Server=...;User Id=...;Password=...` texts. In prose, what stands for a server of one's own is an example."""
    for match in _SETTING.finditer(text):
        start, end = match.span("value")
        before, after = _text_around(text, match.start(), end)
        around = before + text[match.start() : end] + after
        if ";" not in around or not _CONNECTION.search(around) or not _looks_joined(before, after[:1], around):
            continue
        value = match.group("value").rstrip()
        if stands_for_another(value) or value.startswith(("{", "$", "<", "[", "%", '"')) or " " in value.strip():
            continue
        if value.lower() in _NAMES:
            continue
        server = re.search(r"(?i)(?:server|data source|host)[ ]?=[ ]?([^;\"']+)", around)
        user = re.search(r"(?i)(?:user id|userid|user|uid|username)[ ]?=[ ]?([^;\"']+)", around)
        weak = is_plain(value) or value.lower() in _WEAK_PAIR or (user is not None and value == user.group(1).strip())
        local = server is not None and re.match(r"(?i)\(?local|127\.|\.\\|db$|sql|mssql|postgres|mysql", server.group(1)) is not None
        if is_prose and (local or value.lower() in _WEAK_PAIR or server is None):
            continue
        where = f" on '{server.group(1).strip()}'" if server else ""
        yield Hit(
            start,
            start + len(value),
            "connection-string",
            "Password in a connection string",
            "medium" if local else "high",
            "high" if not local else "low" if weak else "medium",
            match.group(1),
            f"The connection string holds a database password{where}.",
        )


def _text_around(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands before and after in the same text: on the same line, and in what a program joins to it on others."""
    before, after = text[max(0, start - 600) : start], text[end : end + 400]
    if _JOINT.search(before) or _JOINT.search(after):
        before, after = _JOINT.sub("", before), _JOINT.sub("", after)
    return before.rpartition("\n")[2], after.partition("\n")[0]


def _looks_joined(before: str, after: str, around: str) -> bool:
    """Whether the setting is one of several joined by semicolons, and not a statement of a program."""
    joined = before.rstrip().endswith(";") or after == ";"
    return joined and (around.count("=") > 1) and not is_placeholder(before.strip() or "none")
