"""Which findings stood there before under another name?

Routes, handlers and files are called otherwise after a change, and what is wrong with them is the same. A finding is an old one if it says
word for word what one says that is gone now, with the names of then in the place of those of now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from apiposture.analysis.pairs import same_endpoints
from apiposture.model.facts import Endpoint, Facts
from apiposture.model.finding import Finding

Words = tuple[str, ...]


class Names(Struct, frozen=True):
    """What is called otherwise: endpoints (handler, method, route) as a whole, and handlers where they stand alone."""

    endpoints: Mapping[Words, Words]
    handlers: Mapping[str, str]

    def then(self, finding: Finding) -> Words:
        """What the finding's identity would have been."""
        first, rest = finding.identity[:3], finding.identity[3:]
        return (*self.endpoints.get(first, tuple(map(self._word, first))), *map(self._word, rest))

    def _word(self, word: str) -> str:
        return self.handlers.get(word, word)


def names_of(earlier: Facts, now: Facts) -> Names:
    """The names that changed between two states."""
    pairs = [(earlier.endpoints[old], now.endpoints[new]) for new, old in same_endpoints(earlier, now).items()]
    return Names(
        {_called(new): _called(old) for old, new in pairs if _called(old) != _called(new)},
        {new.handler: old.handler for old, new in pairs if new.handler != old.handler},
    )


def _called(endpoint: Endpoint) -> Words:
    return endpoint.handler, endpoint.method, endpoint.route


def renamed(before: Sequence[Finding], after: Sequence[Finding], names: Names) -> dict[str, str]:
    """Fingerprints of findings that have another name and nothing else, each with how it was called then."""
    still, known = {each.fingerprint for each in after}, {each.fingerprint for each in before}
    gone: dict[tuple[object, ...], list[Finding]] = {}
    for each in reversed([each for each in before if each.fingerprint not in still]):
        gone.setdefault((each.rule, _without_file(each, each.identity)), []).append(each)
    found = {}
    for each in after:
        alike = gone.get((each.rule, _without_file(each, names.then(each))), [])
        if each.fingerprint not in known and alike:
            found[each.fingerprint] = _name(alike.pop())
    return found


def _without_file(finding: Finding, identity: Words) -> Words:
    """The identity, with nothing in the place of the file's own name."""
    return tuple("" if part == finding.place.path else part for part in identity)


def _name(finding: Finding) -> str:
    return f"{finding.method} {finding.route}".strip() or finding.place.path
