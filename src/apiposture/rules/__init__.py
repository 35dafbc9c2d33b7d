"""Which claims do the facts support?

The shelf's rules are found by listing the folder: every `AP###.py` holds `RULE` and `find(facts)`; its page stands
beside it.
"""

from collections.abc import Collection, Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from re import fullmatch
from typing import Protocol, cast

from apiposture import shipped
from apiposture.model.facts import Facts
from apiposture.model.finding import SEVERITIES, Finding, Rule
from apiposture.model.scan import Problem
from apiposture.rules.identity import with_fingerprints
from apiposture.rules.roots import one_for_each_cause, said_better

TESTS = "\n## Programs\n"
"""Where a page ends for its readers (tests/unit/rules/test_pages.py holds it to that)."""


class RuleModule(Protocol):
    """What a file of this shelf must hold."""

    RULE: Rule

    def find(self, facts: Facts) -> Iterator[Finding]:
        """Every claim that the rule makes of these facts."""


@cache
def modules() -> tuple[RuleModule, ...]:
    """The shelf's rules, in the order of their ids."""
    names = sorted(module.name for module in iter_modules(__path__) if fullmatch(r"AP\d{3}", module.name))
    return tuple(cast(RuleModule, import_module(f"{__name__}.{name}")) for name in names)


def catalogue() -> tuple[Rule, ...]:
    """Every rule on the shelf, in the order of their ids."""
    return tuple(module.RULE for module in modules())


def page(rule_id: str) -> str:
    """The page of a rule, as Markdown. An id that is not on the shelf is a KeyError."""
    if rule_id not in {rule.id for rule in catalogue()}:
        raise KeyError(rule_id)
    return shipped.text(__name__, f"{rule_id}.md")


def guide(rule_id: str) -> str:
    """The part of a rule's page that is written for its readers; the programs after it are its tests."""
    return page(rule_id).partition(TESTS)[0].rstrip() + "\n"


def run(facts: Facts, wanted: Collection[str] | None = None) -> tuple[tuple[Finding, ...], tuple[Problem, ...]]:
    """The findings of the wanted rules (of all where None), worst first, and a problem for each rule that crashed."""
    found: list[Finding] = []
    problems: list[Problem] = []
    for module in modules():
        if wanted is None or module.RULE.id in wanted:
            problems += collect(module, facts, found)
    return tuple(sorted(with_fingerprints(one_for_each_cause(said_better(found, facts))), key=worst_first)), tuple(problems)


def collect(module: RuleModule, facts: Facts, found: list[Finding]) -> list[Problem]:
    """Add what one rule finds; where it crashes, keep what it had found and say so, so that the others go on."""
    try:
        for finding in module.find(facts):
            found.append(finding)  # noqa: PERF402 - what was found before a crash is kept
    except Exception as error:
        message = f"Rule '{module.RULE.id}' stopped with '{type(error).__name__}': its findings are incomplete."
        return [Problem(kind="rule-crashed", message=message)]
    return []


def worst_first(finding: Finding) -> tuple[object, ...]:
    """The order in which findings are listed: it depends on nothing but themselves."""
    rank = SEVERITIES.index(finding.severity)
    return rank, finding.place, finding.rule, finding.route, finding.method, finding.handler, finding.fingerprint
