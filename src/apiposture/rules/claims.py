"""How is a claim written down: its words, its trace, its remedy?"""

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from apiposture.model.facts import Endpoint, Facts, Posture
from apiposture.model.finding import CERTAINTIES, Finding, Rule, Step
from apiposture.model.source import Place

WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")

LISTED_PLACES = 5
"""How many further places a finding names: enough to believe it, few enough to read."""


def claim(
    rule: Rule,
    place: Place,
    message: str,
    *,
    endpoint: Endpoint | None = None,
    handler: str = "",
    severity: str = "",
    certainty: str = "high",
    trace: Sequence[Step] = (),
    looked_for: Sequence[str] = (),
    remedy: str = "",
    cwe: Sequence[str] = (),
    owasp: Sequence[str] = (),
    soc2: Sequence[str] = (),
    identity: Sequence[str] = (),
) -> Finding:
    """A finding of a rule at a place; what is not given is the rule's own."""
    return Finding(
        rule=rule.id,
        name=rule.name,
        severity=severity or rule.severity,
        certainty=certainty,
        message=message,
        place=place,
        method=endpoint.method if endpoint else "",
        route=endpoint.route if endpoint else "",
        handler=endpoint.handler if endpoint else handler,
        trace=tuple(trace),
        looked_for=tuple(looked_for),
        remedy=remedy,
        cwe=tuple(cwe) or rule.cwe,
        owasp=tuple(owasp) or rule.owasp,
        soc2=tuple(soc2) or rule.soc2,
        persona=rule.persona,
        identity=tuple(identity),
    )


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name, in lower case: `shareToken`, `share_token` and `share-token` have the same two."""
    return tuple(word.lower() for word in WORD.findall(name))


def where(place: Place) -> str:
    """`OrderController.cs:24`, as messages name a place."""
    return f"{PurePosixPath(place.path).name}:{place.line}"


def quoted(names: Sequence[str], limit: int = 4) -> str:
    """`'a', 'b' and 2 more`."""
    shown = ", ".join(f"'{name}'" for name in names[:limit])
    return shown if len(names) <= limit else f"{shown} and {len(names) - limit} more"


def counted(number: int, noun: str) -> str:
    """`1 endpoint`, `3 endpoints`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def called(endpoint: Endpoint) -> str:
    """`GET /api/orders/{id}`."""
    return f"{endpoint.method} {endpoint.route}"


def endpoint_identity(endpoint: Endpoint) -> tuple[str, str, str]:
    """What makes it the same endpoint tomorrow."""
    return endpoint.handler, endpoint.method, endpoint.route


def endpoint_at(facts: Facts, index: int) -> Endpoint | None:
    """The endpoint of an index; None for -1 (no endpoint reaches it)."""
    return facts.endpoints[index] if 0 <= index < len(facts.endpoints) else None


def least(*certainties: str) -> str:
    """The least sure of several certainties: a claim is as sure as its weakest part."""
    return CERTAINTIES[max(CERTAINTIES.index(certainty) for certainty in certainties)]


def declarations_in(posture: Posture) -> tuple[Step, ...]:
    """What the code says about the caller, nearest first, as steps of a trace."""
    return tuple(Step(each.place, note_of(each.level, each.opens), "declaration") for each in posture.declarations)


def note_of(level: str, opens: bool) -> str:
    """What a declaration says, in words."""
    says = "lets everybody call" if opens else "asks for a caller"
    return f"{says} (declared at the {level})"


def remedy_for(facts: Facts, rule: str, path: str, tags: Sequence[str], values: Mapping[str, str], general: str) -> str:
    """The framework's code that settles a rule, filled in; the general sentence where no row fits.

    `tags` are what a row's `when` may ask for (an operation, a style, a kind). A row that says when it holds goes first. Of rows for
    code in several languages those count that are for the file at `path`.
    """
    rows = [row for row in facts.remedies if row.rule == rule and (not row.when or row.when in tags)]
    rows = [row for row in rows if path.endswith(row.files)] or rows
    if not rows:
        return fill(general, values)
    best = min(rows, key=lambda row: (not row.when, row.framework, row.when, row.text))
    return fill(best.text, values)


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with `{name}` replaced for the names that are known; other braces are code and stay."""
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text
