"""Which findings did somebody accept, and does that still hold?

A decision needs a reason. One that has run out no longer hides anything; one that meets nothing is said to be unused.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date
from itertools import chain, repeat
from pathlib import PurePath

import msgspec
from msgspec import Struct

from apiposture.config import Config, Suppress
from apiposture.files.ignores import matcher
from apiposture.model.finding import Finding, Suppression
from apiposture.model.scan import Problem
from apiposture.model.source import Place
from apiposture.rules.identity import names_of
from apiposture.scan.baseline import Baseline, decision_of
from apiposture.scan.choice import nearest, rule_ids
from apiposture.scan.examined import Ignore

KEYS = ("reason", "until", "owner", "ticket", "approver", "created", "renewed")
"""What a comment may say besides the rules."""

CREDENTIALS = frozenset(("CWE-259", "CWE-321", "CWE-798"))
"""Weaknesses that are one literal each: another literal on the same line is another finding."""


class _Decision(Struct, frozen=True):
    """A suppression and the question whether it speaks of a finding. `slip` is a key that it should not have. `elsewhere`:
    what it speaks of may lie outside the scanned folder.
    """

    suppression: Suppression
    covers: Callable[[Finding], bool]
    slip: str = ""
    elsewhere: bool = False


def suppress(
    findings: Sequence[Finding],
    ignores: Sequence[Ignore],
    config: Config,
    wanted: Collection[str] | None,
    today: str,
    baseline: Baseline | None = None,
) -> tuple[tuple[Finding, ...], tuple[Problem, ...]]:
    """The findings, those that were accepted marked so, and what is wrong with the decisions themselves."""
    decisions = [*_inline(ignores), *_configured(config)]
    problems = [problem for decision in decisions if (problem := _flaw(decision, today))]
    valid = [decision for decision in decisions if _flaw(decision, today) is None]
    used: set[int] = set()
    marked = []
    for finding in findings:
        for index, decision in enumerate(valid):
            if decision.suppression.rule == finding.rule and decision.covers(finding):
                used.add(index)
                if _is_another_secret(finding, decision.suppression, baseline):
                    continue
                finding = msgspec.structs.replace(finding, suppressed_by=finding.suppressed_by or decision.suppression)
        marked.append(_unless_known(finding, baseline))
    for index, decision in enumerate(valid):
        if index not in used and not decision.elsewhere and (wanted is None or decision.suppression.rule in wanted):
            problems += _unused(decision, marked)
    return tuple(marked), tuple(problems)


def _unless_known(finding: Finding, baseline: Baseline | None) -> Finding:
    reason = baseline.why(finding) if baseline is not None else ""
    if baseline is None or finding.suppressed_by or not reason:
        return finding
    accepted = Suppression(finding.rule, reason, Place(baseline.name, 1))
    return msgspec.structs.replace(finding, suppressed_by=accepted)


def _is_another_secret(finding: Finding, suppression: Suppression, baseline: Baseline | None) -> bool:
    """Would a decision about one credential hide another one that was put in its place later?"""
    if baseline is None or not CREDENTIALS.intersection(finding.cwe):
        return False
    return not baseline.why(finding) and decision_of(suppression) in baseline.decisions


def _inline(ignores: Sequence[Ignore]) -> Iterator[_Decision]:
    alone = {(ignore.path, ignore.line) for ignore in ignores if ignore.alone}
    for ignore in ignores:
        line = ignore.line
        while (ignore.path, line) in alone:
            line += 1
        for rule in ignore.rules:
            said = ignore.options
            place = Place(ignore.path, ignore.line)
            told = {key: said[key] for key in KEYS if key in said and key not in ("reason", "renewed")}
            renewed = tuple(day for each in said.get("renewed", "").split(",") if (day := each.strip()))
            suppression = Suppression(rule, said.get("reason", ""), place, renewed=renewed, **told)
            yield _Decision(suppression, _at(ignore.path, line), next((key for key in said if key not in KEYS), ""))


def _at(path: str, line: int) -> Callable[[Finding], bool]:
    """A comment speaks of what starts on its line or, where it stands alone, on the next; or ends on its line."""

    def covers(finding: Finding) -> bool:
        place = finding.place
        return place.path == path and place.line <= line <= max(place.line, place.end_line)

    return covers


def _configured(config: Config) -> Iterator[_Decision]:
    name = PurePath(config.source).name
    for row, line in zip(config.suppress, chain(config.suppress_lines, repeat(1)), strict=False):
        told = (row.until, row.owner, row.ticket, row.approver, row.created, row.renewed)
        accepted = Suppression(row.rule, row.reason, Place(name, line), *told)
        yield _Decision(accepted, _described(row, config.base), elsewhere=bool(config.base))


def _described(row: Suppress, base: str) -> Callable[[Finding], bool]:
    """Everything that a row names must fit. Its path starts at the configuration's folder, from which `base` leads to the scanned one."""
    paths = matcher([row.path]) if row.path else None

    def covers(finding: Finding) -> bool:
        if row.fingerprint and not (len(row.fingerprint) >= 8 and any(name.startswith(row.fingerprint) for name in names_of(finding))):
            return False
        if row.endpoint and row.endpoint not in (f"{finding.method} {finding.route}", finding.route, finding.handler):
            return False
        return paths is None or paths.match_file(base + finding.place.path)

    return covers


def _flaw(decision: _Decision, today: str) -> Problem | None:
    """Why a decision does not count, where it does not."""
    suppression = decision.suppression
    rule, path, line = suppression.rule, suppression.place.path, suppression.place.line
    if rule not in rule_ids():
        message = f"The suppression of '{rule[:40]}' hides nothing: no rule has that id; {nearest(rule)}"
        return Problem("invalid-suppression", message, path, line, blocks=False)
    if decision.slip:
        from difflib import get_close_matches

        near = get_close_matches(decision.slip, KEYS, 1)
        advice = f"did you mean '{near[0]}'?" if near else f"known are {', '.join(KEYS)}."
        message = f"The suppression of '{rule}' has the unknown key '{decision.slip[:40]}' and hides nothing; {advice}"
        return Problem("invalid-suppression", message, path, line, blocks=False)
    if not suppression.reason.strip():
        message = f"The suppression of '{rule}' gives no reason (reason=\"...\") and hides nothing."
        return Problem("invalid-suppression", message, path, line, blocks=False)
    if suppression.until:
        try:
            last = date.fromisoformat(suppression.until)
        except ValueError:
            message = f"The suppression of '{rule}' has '{suppression.until}' for a date (write until=2027-03-31) and hides nothing."
            return Problem("invalid-suppression", message, path, line, blocks=False)
        if today and date.fromisoformat(today) > last:
            message = f"The suppression of '{rule}' ran out on {suppression.until}: what it hid is back."
            return Problem("expired-suppression", message, path, line, blocks=False)
    return None


def _unused(decision: _Decision, findings: Sequence[Finding]) -> Iterator[Problem]:
    """What is wrong with a decision that hides nothing. One at another place of a credential is right where its finding is accepted too."""
    suppression = decision.suppression
    message = f"The suppression of '{suppression.rule}' meets no finding; remove it."
    beside = next((one for one in findings if one.rule == suppression.rule and _stands_beside(decision, one)), None)
    if beside is not None:
        where = f"at another place of the credential whose finding is in line {beside.place.line}"
        message = f"The suppression of '{suppression.rule}' stands {where}, and hides nothing; accept it there."
    if beside is None or not beside.suppressed_by:
        yield Problem("unused-suppression", message, suppression.place.path, suppression.place.line, blocks=False)


def _stands_beside(decision: _Decision, finding: Finding) -> bool:
    """Does it speak of another place in the file at which the finding's credential stands, too?"""
    if not CREDENTIALS.intersection(finding.cwe):
        return False
    places = (step.place for step in finding.trace if step.part == "sibling" and step.place.path == finding.place.path)
    return any(decision.covers(msgspec.structs.replace(finding, place=place)) for place in places)
