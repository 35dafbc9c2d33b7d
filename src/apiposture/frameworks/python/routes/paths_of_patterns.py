"""Which path does a regular expression of a URL stand for?"""

from __future__ import annotations

import re

_NAMED = re.compile(r"\(\?P<(\w+)>")
_OPEN = re.compile(r"\\[wdsWDS]|\[|\.[*+?{]")
"""What stands for more than one text; a dot alone is meant as one."""


def from_regex(text: str) -> str:
    """A regular expression as a path: `^orders/(?P<pk>\\d+)/$` is `orders/<pk>/`."""
    found = ""
    at = 0
    while at < len(text):
        if text[at] == "(":
            end = _closing(text, at)
            named = _NAMED.match(text, at)
            may_lack = text[end : end + 1] in ("?", "*") and "(?P<" not in text[at:end]
            found += f"<{named[1]}>" if named else "" if may_lack else _from_group(text[at + 1 : end - 1])
            at = end
            while at < len(text) and text[at] in "?*+":
                at += 1
        elif text[at] == "[":
            close = text.find("]", at + 2)
            found += "<part>"
            at = (close if close > 0 else len(text)) + 1
            at = _past_count(text, at)
        elif text[at] == "\\" and at + 1 < len(text):
            found += "" if text[at + 1] in "ZAbB" else "<part>" if text[at + 1] in "dwsDWS" else text[at + 1]
            at = _past_count(text, at + 2) if text[at + 1] in "dwsDWS" else at + 2
        elif text[at] in "^$?*+":
            at += 1
        else:
            found += text[at]
            at += 1
    return found


def _from_group(inner: str) -> str:
    """What stands in a group without a name: nothing where it only looks ahead, a part of the path where it is a choice."""
    if inner.startswith("?") and not inner.startswith("?:"):
        return ""
    inner = inner.removeprefix("?:")
    is_plain = "|" not in inner and ("(?P<" in inner or not _OPEN.search(inner))
    return from_regex(inner) if is_plain else "<path>"


def _past_count(text: str, at: int) -> int:
    match = re.compile(r"[*+?]|\{\d+(,\d*)?\}").match(text, at)
    return match.end() if match else at


def _closing(text: str, at: int) -> int:
    depth = 0
    in_class = False
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif in_class:
            in_class = text[at] != "]"
        elif text[at] == "[":
            in_class = True
        elif text[at] == "(":
            depth += 1
        elif text[at] == ")":
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    return at
