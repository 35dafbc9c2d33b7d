"""What is known of a request that comes to one endpoint: its path, its verb, and what the endpoint declares?

Routes don't regard case, and allow a slash at the end (https://learn.microsoft.com/aspnet/core/fundamentals/routing): what a test of the
path says of the route as it is written, callers may change by these two.
"""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

PATH_TESTS: Final = frozenset(("StartsWith", "StartsWithSegments", "EndsWith", "Contains", "Equals"))
End = Literal["closed", "below", "open"]
"""What follows behind the text that is known of a path: nothing, nothing or further segments, anything."""


class Requested(Struct, frozen=True):
    """`head` is the text with which each of the paths begins; `opens`, `asks`: is the endpoint declared anonymous, and to ask for a login?

    None where that can't be told. `routed` says that the endpoint is chosen already where it is asked for.
    """

    method: str
    head: str
    end: End = "closed"
    opens: bool | None = None
    asks: bool | None = None
    routed: bool = True

    def tells(self, name: str, text: str, folded: bool, written: bool) -> bool | None:
        """The outcome of a test of the path; None where callers choose it, or where what they write for a parameter does.

        `folded` says that the test does not regard case, `written` asks for the path as the route is written.
        """
        if written:
            return self._tells(name, text, self.head, True) if not folded else self._tells(name, text.lower(), self.head.lower(), True)
        found = self._tells(name, text.lower(), self.head.lower(), False)
        return None if found is True and not folded and text.upper() != text.lower() else found

    def has_verb(self, verb: str) -> bool | None:
        """Does the request come by this verb?"""
        return None if self.method in ("*", "CALL", "") else self.method.upper() == verb.upper()

    def _tells(self, name: str, text: str, head: str, written: bool) -> bool | None:
        slashed = head if head.endswith("/") else f"{head}/"
        varies = None if not written and slashed != head else False
        """What holds for a path with a slash at the end alone."""
        match name:
            case "Equals":
                return self._equals(text, head, slashed, written)
            case "StartsWith" if head.startswith(text):
                return True
            case "StartsWith":
                return self._may_begin(text, head, varies if text == slashed else False)
            case "StartsWithSegments":
                return self._has_segments(text.rstrip("/"), head)
            case "Contains" if text in head:
                return True
            case "Contains":
                return (varies if text in slashed else False) if self.end == "closed" else None
            case "EndsWith" if self.end == "closed":
                if head.endswith(text):
                    return True if written or slashed == head or slashed.endswith(text) else None
                return varies if slashed.endswith(text) else False
        return None

    def _equals(self, text: str, head: str, slashed: str, written: bool) -> bool | None:
        if self.end != "closed":
            return self._may_begin(text, head, False)
        if text == head:
            return True if written or slashed == head else None
        return None if text == slashed and not written else False

    def _may_begin(self, text: str, head: str, otherwise: bool | None) -> bool | None:
        """Of a text that is longer than what is known."""
        if self.end == "below":
            return None if text == head or text.startswith(head.rstrip("/") + "/") else False
        return (None if text.startswith(head) else False) if self.end == "open" else otherwise

    def _has_segments(self, text: str, head: str) -> bool | None:
        if head == text or not text:
            return None if self.end == "open" and text else True
        if head.startswith(f"{text}/"):
            return True
        return self._may_begin(text, head, False)


def requested(method: str, template: str, nested: bool = False) -> Requested:
    """The request for an endpoint by its route; `nested` says that it answers below it as well."""
    head = ""
    for segment in (one for one in template.removeprefix("~").split("/") if one):
        fixed, brace, rest = segment.partition("{")
        if brace:
            loose = not fixed and (rest.startswith("*") or rest.rstrip("}").endswith("?") or "=" in rest)
            return Requested(method, head or "/", "below") if loose else Requested(method, f"{head}/{fixed}", "open")
        head += f"/{segment}"
    return Requested(method, head or "/", "below" if nested else "closed")
