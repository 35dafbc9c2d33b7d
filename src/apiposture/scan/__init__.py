"""What does one run over a source tree find?

The only place where the stages meet: files are walked, each is examined on its own, and what they say together is linked,
derived and judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from apiposture.analysis.derived import Derived
from apiposture.config import Config
from apiposture.languages.resting import collector_resting
from apiposture.model.facts import Facts
from apiposture.model.finding import Finding
from apiposture.model.scan import Problem, Scan
from apiposture.rules import catalogue, run
from apiposture.scan.baseline import Baseline, known_from
from apiposture.scan.choice import asked_rules
from apiposture.scan.configured import configuration_as_used, digest_of, digest_of_knowledge
from apiposture.scan.examined import Wanted
from apiposture.scan.gather import Gathered, Progress, blindness, gather, gather_sources
from apiposture.scan.masking import masked, masked_lines, masks_for
from apiposture.scan.remembered import Told, remembered
from apiposture.scan.rows import rows_at_hand
from apiposture.scan.snippets import snippets_for
from apiposture.scan.suppressions import suppress
from apiposture.scan.version import version

if TYPE_CHECKING:
    from apiposture.analysis.memory import Memory
    from apiposture.scan.earlier import Earlier

__all__ = [
    "Baseline", "Derived", "Gathered", "Progress", "configuration_as_used", "gather", "gather_sources", "judge", "known_from", "scan",
    "shown_facts", "told_of", "version",
]  # fmt: skip


def scan(
    roots: Sequence[Path],
    config: Config,
    progress: Progress | None = None,
    today: str = "",
    baseline: Baseline | None = None,
    since: str = "",
) -> Scan:
    """Everything that can be said about the tree.

    `today` (an ISO date) is the day that suppressions are held against; findings of the `baseline` count as accepted, and so do those
    that were there when the change `since` a commit began. What that change took away is found as well.
    """
    with collector_resting(), rows_at_hand(config):
        gathered = gather(roots, config, progress, Wanted(surface=False, later=True), partial(_prepared, config))
        earlier = state_at(since, roots, gathered, config) if since else None
        return judge(gathered, config, today, baseline, earlier)


def _prepared(config: Config, languages: Sequence[str]) -> None:
    """Load what looks at the files together."""
    from apiposture.scan.together import prepare

    prepare(config, languages)


def judge(
    gathered: Gathered,
    config: Config,
    today: str = "",
    baseline: Baseline | None = None,
    earlier: Earlier | None = None,
    derived: Derived | None = None,
) -> Scan:
    """What the files say together, and what the rules and the user's decisions make of it. `derived` is what is known of them already."""
    wanted = asked_rules(config, compared=earlier is not None)
    told = told_of(gathered, config) if derived is None else Told(derived, *run(derived.facts, wanted), wanted)
    derived, found, crashes = told.derived, told.findings, told.crashes
    facts = derived.facts
    if earlier is not None:
        facts, found, crashes = _compared(earlier, facts, wanted)
    baseline = baseline.with_names(found) if baseline is not None else None
    if earlier is not None:
        baseline = earlier.known_among(facts, found).with_others(baseline)
    findings, unsettled = suppress(found, gathered.ignores(), config, wanted, today, baseline)
    problems = (*gathered.problems(), *derived.problems, *blindness(gathered), *crashes, *unsettled, *(earlier.problems if earlier else ()))
    masks = masks_for(facts.secrets, gathered.text_of)
    result = Scan(
        version=version(),
        root=Path(gathered.root).name,
        files=gathered.records(),
        endpoints=facts.endpoints,
        accesses=facts.accesses,
        findings=findings,
        problems=tuple(sorted(set(problems))),
        rules=tuple(rule for rule in catalogue() if rule.id in wanted),
        frameworks=derived.frameworks,
        configuration=digest_of(config),
        snippets=masked_lines(snippets_for(findings, facts, gathered.text_of), masks),
        nodes=sum(found.nodes for found in gathered.examined),
        opaque=sum(found.opaque for found in gathered.examined),
    )
    return masked(result, [*masks, *(earlier.masks if earlier else ())])


def _compared(earlier: Earlier, facts: Facts, wanted: frozenset[str]) -> tuple[Facts, tuple[Finding, ...], tuple[Problem, ...]]:
    """The facts with what became weaker since an earlier state, and what the rules say of them."""
    from apiposture.analysis.changes import changes_since

    facts = msgspec.structs.replace(facts, changes=changes_since(earlier.facts, facts))
    return facts, *run(facts, wanted)


def state_at(name: str, roots: Sequence[Path], gathered: Gathered, config: Config) -> Earlier:
    """What the tree said at the commit where the change began."""
    from apiposture.scan.earlier import earlier_of

    return earlier_of(roots, gathered, config, name, lambda files: told_of(files, config))


def told_of(gathered: Gathered, config: Config) -> Told:
    """The facts, and what the rules make of them. What works them out is only loaded where they are not remembered."""

    asked = asked_rules(config, compared=False)

    def work_out(memory: Memory | None = None) -> Told:
        from apiposture.scan.together import worked_out

        return judged(worked_out(gathered, config, memory))

    def judged(derived: Derived) -> Told:
        return Told(derived, *run(derived.facts, asked), asked)

    told = remembered(gathered, digest_of_knowledge(config), work_out) if config.cache and gathered.root else work_out()
    return told if told.asked == asked else judged(told.derived)


def shown_facts(roots: Sequence[Path], config: Config) -> Facts:
    """The facts as they may be printed."""
    with collector_resting():
        gathered = gather(roots, config)
        facts = told_of(gathered, config).derived.facts
        return masked(facts, masks_for(facts.secrets, gathered.text_of))
