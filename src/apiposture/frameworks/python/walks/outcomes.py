"""Whom does a project's own middleware let through to one endpoint, and what did it hold against them?"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from apiposture.frameworks.python.walks.passages import Passage, Visitors
from apiposture.frameworks.python.walks.seen import UNKNOWN, USER, Seen, Way
from apiposture.frameworks.python.walks.visits import ARGUMENTS, PASSED, REFUSED, SOMEBODY, VIEW, Outcome, Site, Visit
from apiposture.program.types import Routine

ENDING_GOES_ON = ("process_", "setup")
"""Functions that let a request through by coming to their end."""


def outcome(site: Site, hook: Routine, visit: Visit, visitors: Callable[..., Visitors] = Visitors) -> Outcome:
    """What a middleware's function does with a visit. Who comes through with nothing but the path comes through."""
    answers = answered(site, hook, visit, visitors)
    closes, opens = REFUSED in answers and PASSED not in answers, PASSED in answers and REFUSED not in answers
    through = [one.held for one in _ways(site, hook, visit, SOMEBODY, visitors) if one.held is not None] if not opens else []
    return Outcome(closes, opens, frozenset.intersection(*through) if through else frozenset(), REFUSED in answers)


def answered(site: Site, hook: Routine, visit: Visit, visitors: Callable[..., Visitors] = Visitors) -> frozenset[Seen]:
    """What a function answers to a guest, on all ways."""
    answers = frozenset(one for passage in _ways(site, hook, visit, USER, visitors) for one in passage.answers)
    if PASSED in answers and REFUSED in answers:
        bare = frozenset(one for passage in _ways(site, hook, visit, USER, visitors, bare=True) for one in passage.answers)
        return bare if REFUSED not in bare else answers
    return answers


def _ways(
    site: Site, hook: Routine, visit: Visit, caller: Seen, visitors: Callable[..., Visitors], bare: bool = False
) -> Iterator[Passage]:
    """As the tables stand, and with what the deployment's settings put into them."""
    yield _run(hook, visitors(site, visit, caller, bare=bare))
    if site.switches:
        yield _run(hook, visitors(site, visit, caller, switched=True, bare=bare))


def _run(hook: Routine, guests: Visitors) -> Passage:
    walker = guests.walk(hook, 0)
    given = [Seen("request"), VIEW, UNKNOWN, ARGUMENTS]
    names = {param.name: seen for param, seen in zip(hook.function.params, given, strict=False)}
    open_ends = walker.run(hook.function.body or (), [Way(names)])
    if hook.function.name.startswith(ENDING_GOES_ON):
        for way in open_ends:
            walker.goes_on(way)
    return walker
