"""Which rules does the user want to run, and which libraries of their own are there to know?"""

from __future__ import annotations

from collections.abc import Callable

from apiposture.config import Config
from apiposture.frameworks.library import Library, library
from apiposture.frameworks.own_rows import with_rows
from apiposture.languages import names
from apiposture.model.error import PostureError
from apiposture.rules import catalogue


def rule_ids() -> tuple[str, ...]:
    """The ids of all rules, in their order."""
    return tuple(rule.id for rule in catalogue())


def nearest(name: str) -> str:
    """What to advise to somebody who named a rule that does not exist."""
    from difflib import get_close_matches

    near = get_close_matches(name, rule_ids(), 1)
    return f"did you mean '{near[0]}'?" if near else "`apiposture rules` lists them."


def wanted_rules(config: Config) -> frozenset[str] | None:
    """The ids of the rules to run; None for all. An id that no rule has is the user's to mend."""
    known = rule_ids()
    for name in (*config.rules.select, *config.rules.ignore, *config.ratchet):
        if name not in known:
            raise PostureError(f"Rule '{name}' does not exist; {nearest(name)}")
    if not config.rules.select and not config.rules.ignore:
        return None
    return frozenset(config.rules.select or known) - frozenset(config.rules.ignore)


def asked_rules(config: Config, compared: bool) -> frozenset[str]:
    """The ids of the rules that are asked: those that speak of a change only where there is an earlier state to compare with."""
    wanted = wanted_rules(config)
    return frozenset(rule.id for rule in catalogue() if (wanted is None or rule.id in wanted) and (compared or not rule.compares))


def known_libraries(config: Config) -> Callable[[str], Library]:
    """The library rows for a language: ours, then those of the configuration (`[[library.<language>.sink]]`...)."""
    own: dict[str, Library] = {}
    for language, rows in config.library.items():
        if language not in names():
            raise PostureError(f"Configuration '{config.source}': 'library.{language}' names no language; there are {', '.join(names())}.")
        try:
            own[language] = with_rows(library(language), rows)
        except PostureError as error:
            raise PostureError(f"Configuration '{config.source}', 'library.{language}': {error}") from None
    return lambda language: own[language] if language in own else library(language)
