"""Which words may a row of library knowledge use?

The shipped rows are held against this by the tests, a user's own when the configuration is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from apiposture.model.finding import CERTAINTIES

SINKS = (
    *("sql", "nosql", "command", "code", "template", "ldap", "xpath", "path", "probe", "archive", "ssrf", "deserialization"),
    *("xxe", "reflection", "log", "header", "redirect"),
)
OPERATIONS = ("read", "list", "update", "delete", "create", "exists")
SOURCES = ("route", "query", "body", "header", "cookie", "form", "file")
FORMS_OF_PATHS = ("full-path", "behind")
"""What a call makes of a value without making it harmless; another row's `needs` asks for it."""
MARKS = (
    *FORMS_OF_PATHS,
    *("no-parent", "no-root", "own-address", "own-host", "own-path", "exposure", "sealed", "signed", "keyed"),
    *("opens-single", "closes-single", "no-single", "opens-double", "closes-double", "no-double"),
)
"""Those, and what makes a value harmless together with others."""
STEPS = (
    *("filter", "without", "project", "join", "order", "pass", "narrow", "sql", "union", "unfilter", "untrack", "model", "of", "nothing"),
    *("fold", "folds", "all", "any", "not"),
)
LEVELS = ("", "trace", "debug", "information", "warning", "error", "critical")
CLIENTS = ("client", "register", "make", "handle", "plain", "resolve")
NATURES = (
    *("holds", "empty", "prints", "upload", "anything", "stored", "stands-in", "unchanging", "address"),
    *("written-to", "leads-away", "goes-through", "truth", "reports", "unwritten", "spells", "container", "of-environment"),
)
IDIOMS = (
    *("writes", "takes-apart", "takes-out", "answers", "looks-up", "by-key", "insists", "member-of", "any-of", "has-member"),
    *("seeks", "looks", "goes-out", "form", "saves", "fills", "projects", "narrows", "counts", "selects", "makes", "links", "draws"),
    *("converts", "loosens", "orders", "equals", "is-nothing", "some-of", "all-of", "of-several", "to-several", "asks-end", "host", "none"),
    *("verifies", "same-time", "is-empty", "status", "made-for-key", "runs", "runs-second", "beside-host", "begins", "called-back"),
    *("section", "binds", "entries", "of-constant", "factory"),
)
HOLDS = ("", "start", "both")
CREDENTIALS = ("key", "password", "account")
CONFIGURATIONS = ("sections", "variables")
CELLS = ("put", "get", "append", "insert", "take", "mix")
ANNOTATIONS = ("logs", "hidden", "unwritten", "unstored", "terminal", "pattern", "writes-pattern", "checks", "validates", "refuses")


class Form(Struct, frozen=True):
    """A form that a text must have, in words and as a pattern. Where `many`, several stand one after another with spaces between them."""

    pattern: str
    words: str
    many: bool = False

    def fits(self, text: str) -> bool:
        """Has the text this form?"""
        parts = text.split() if self.many else [text]
        return bool(parts) and all(re.fullmatch(self.pattern, part) for part in parts)


NAME = r"[^\W\d]\w*"
PLACED = rf"arg:(\d+(/\w+)?|\*|-1|{NAME})|args:\d+\+|receiver|field:\w+"
CALL = Form(rf"(?:\*|\[\]|{NAME})\.(?:(?:{NAME}|this\[\])=?)", "a type and its member, such as 'Orders.Find' or '*.Find'")
DOTTED = Form(rf"(?:\*|{NAME}(?:\.{NAME})*)\.{NAME}=?", "a dotted name, such as 'jwt.encode' or 'Aes.Key='")
METHOD = Form(NAME, "the name of a method")
BEGINNING = Form(rf"{NAME}\*?", "the name of a method, or how names begin and a '*'")
AT = Form(PLACED, "a place such as 'arg:0', 'arg:name', 'arg:0/name', 'arg:*', 'arg:-1', 'args:1+', 'receiver' or 'field:Name'")
ANY_AT = Form(f"({PLACED})?", AT.words)
KEY = Form(
    rf"{PLACED}|(predicate|sql|object|entity|filter|specification):(\d+|\*|receiver)|without:{NAME}",
    "places such as 'arg:0', 'arg:0/id', 'predicate:0', 'sql:0', 'object:1', 'entity:0', 'receiver' or 'without:name'",
    many=True,
)
ENTITY = Form(r"receiver|\{\d\}|type-arg:\d|arg:\d|named|written", "'receiver', '{0}', 'type-arg:0', 'arg:0', 'named' or 'written'")
TYPE = Form(
    r"(list:|each:)?((type-arg|arg|lambda):\d|given:(\d+(/\w+)?|[a-z_]+))|\{\d\}|[A-Za-z_][\w.]*(<[\w.<>,:{} -]+>)?",
    "a type, or 'receiver', 'element', 'list', 'column', 'template', 'given:0', 'given:name', 'type-arg:0', 'arg:0', 'lambda:0', "
    "'list:lambda:0', 'each:lambda:0'",
)
PACKAGE = Form(rf"{NAME}(\.{NAME})*", "the dotted name of a package")
RULE = Form(r"AP\d{3}", "a rule's id, such as AP103")

Words = Form | Sequence[str]
FORMS: dict[str, dict[str, Words]] = {
    "sink": {"call": CALL, "at": AT, "kind": SINKS, "certainty": CERTAINTIES, "of": ANY_AT},
    "log": {"call": CALL, "at": AT, "level": LEVELS},
    "source": {"kind": SOURCES},
    "clean": {"kinds": (*SINKS, *MARKS, "*"), "at": ANY_AT, "holds": HOLDS},
    "authorization": {"call": CALL, "principal": AT, "resource": ANY_AT},
    "query": {"call": CALL, "does": STEPS, "at": AT},
    "access": {"call": CALL, "operation": OPERATIONS, "entity": ENTITY, "key": KEY, "certainty": CERTAINTIES},
    "returns": {"call": CALL, "type": TYPE, "members": AT, "without": ANY_AT, "loses": MARKS},
    "type": {"members": TYPE},
    "unread": {"package": PACKAGE},
    "dispatch": {"call": CALL},
    "register": {"call": METHOD},
    "end": {"call": CALL},
    "cell": {"call": CALL, "does": CELLS, "key": AT, "value": AT},
    "mark": {"annotation": PACKAGE, "says": ANNOTATIONS},
    "setting": {"call": CALL, "default": AT},
    "nature": {"says": NATURES},
    "idiom": {"name": BEGINNING, "says": IDIOMS},
    "client": {"call": CALL, "does": CLIENTS},
    "bytes": {"call": DOTTED, "at": AT},
    "configuration": {"form": CONFIGURATIONS},
    "credential": {"call": DOTTED, "at": AT, "kind": CREDENTIALS},
    "remedy": {"rule": RULE},
    "rewrite": {"rule": RULE},
    "declare": {"rule": RULE},
}
"""What the keys of each kind of row may say: one of these words, or a text of this form."""

ONE_OF: dict[str, tuple[str, ...]] = {
    "source": ("member", "call", "type"),
    "principal": ("member", "call", "type"),
    "clean": ("member", "call"),
    "destination": ("package", "setting"),
}
"""Keys of which a row has exactly one."""

NOT_EMPTY = ("name", "file", "annotation", "handler", "method", "text", "member", "call")
"""Keys that say nothing where they are empty, as far as a row must have them."""


class Slip(Struct, frozen=True):
    """A key whose value says nothing that the engine could read, and what it should be."""

    key: str
    value: str
    wanted: str


def slips(kind: str, row: Struct) -> Iterator[Slip]:
    """What is wrong with a row of this kind."""
    forms = FORMS.get(kind, {})
    for key, words in forms.items():
        for value in _values(getattr(row, key)):
            if not (words.fits(value) if isinstance(words, Form) else value in words):
                yield Slip(key, value, words.words if isinstance(words, Form) else f"one of {', '.join(word for word in words if word)}")
    wanted = ONE_OF.get(kind, ())
    given = [key for key in wanted if getattr(row, key)]
    if wanted and len(given) != 1:
        yield Slip(wanted[0], getattr(row, wanted[0]), f"given, or one of {', '.join(wanted[1:])} (exactly one of them)")
    for key in given:
        if key in ("member", "call") and not CALL.fits(getattr(row, key)):
            yield Slip(key, getattr(row, key), CALL.words)
    for key in NOT_EMPTY:
        if key not in forms and key not in wanted and not getattr(row, key, "something"):
            yield Slip(key, "", "something")
    if kind == "clean":
        yield from _slips_of_clean(row)


def _slips_of_clean(row: Any) -> Iterator[Slip]:
    if not row.kinds:
        yield Slip("kinds", "", f"some of {', '.join((*SINKS, '*'))}")
    forms = [kind for kind in row.kinds if kind in FORMS_OF_PATHS]
    if row.guard and forms:
        yield Slip("kinds", forms[0], "a kind of sink, since a guard changes no value")


def _values(value: Any) -> Sequence[str]:
    """The texts that a key holds, whether one or several."""
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, tuple) else [value]
