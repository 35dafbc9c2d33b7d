"""What does one run over a source tree find?

The only place where the stages meet: files are walked, each is examined on its own, and what they say together is linked,
derived and judged.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import msgspec

from apiposture.analysis import AbandonedError, Derived, Living, Memory, changes_since, derive
from apiposture.analysis.datamap import data_map as data_of
from apiposture.analysis.units import Units
from apiposture.config import Config
from apiposture.frameworks import routing
from apiposture.model.facts import Facts
from apiposture.model.scan import Inventory, Problem, Scan
from apiposture.program import Program, link
from apiposture.rules import catalogue, run
from apiposture.scan.baseline import Baseline, known_from
from apiposture.scan.choice import asked_rules, known_libraries
from apiposture.scan.earlier import Earlier, earlier_of, known_of
from apiposture.scan.gather import Gathered, Progress, gather, gather_sources
from apiposture.scan.masking import masked, masked_lines, masks_for
from apiposture.scan.remembered import declared_by, remembered
from apiposture.scan.snippets import snippets_for
from apiposture.scan.suppressions import suppress
from apiposture.scan.version import version
from apiposture.scan.workers import usable_processors

__all__ = [
    "AbandonedError", "Baseline", "Derived", "Gathered", "Living", "Progress", "Units", "configuration_as_used", "data_map", "derived_with",
    "gather", "gather_sources", "inventory", "judge", "known_from", "living", "scan", "shown_facts", "version",
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
    with collector_resting():
        gathered = gather(roots, config, progress)
        earlier = state_at(since, roots, gathered, config) if since else None
        return judge(gathered, config, today, baseline, earlier)


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
    derived = derived or facts_from(gathered, config)
    facts = derived.facts
    if earlier is not None:
        facts = msgspec.structs.replace(facts, changes=changes_since(earlier.facts, facts))
    found, crashes = run(facts, wanted)
    baseline = baseline.with_names(found) if baseline is not None else None
    if earlier is not None:
        baseline = known_of(earlier, facts, found).with_others(baseline)
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


def state_at(name: str, roots: Sequence[Path], gathered: Gathered, config: Config) -> Earlier:
    """What the tree said at the commit where the change began."""
    wanted = asked_rules(config, compared=False)
    return earlier_of(roots, gathered, config, name, wanted, lambda files: facts_from(files, config).facts)


def facts_from(gathered: Gathered, config: Config) -> Derived:
    """The facts, before any rule looks at them."""

    def work_out(memory: Memory | None = None) -> Derived:
        jobs = config.jobs or usable_processors()
        return derive(linked(gathered, config), gathered.settings(), gathered.secrets(), known_libraries(config), jobs, memory)

    return remembered(gathered, digest_of(config), work_out) if config.cache and gathered.root else work_out()


def derived_with(gathered: Gathered, config: Config, past: Units) -> tuple[Derived, Units]:
    """The facts, with the units of the last time at hand instead of on the disk, and the units of this time."""
    memory = Memory(past, declared_by(gathered, digest_of(config)))
    program = linked(gathered, config)
    return derive(program, gathered.settings(), gathered.secrets(), known_libraries(config), 1, memory), memory.units


def living(gathered: Gathered, config: Config, past: Units) -> Living:
    """The program that the files make together, for somebody who goes on writing it; the modules are its own from now on."""
    known = known_libraries(config)
    return Living(linked(gathered, config), gathered.settings(), known, past, declared_by(gathered, digest_of(config)))


def linked(gathered: Gathered, config: Config) -> Program:
    """The program that the files make together."""
    known = known_libraries(config)
    modules = gathered.modules()
    registers = {row.call: None for language in sorted({m.language for m in modules}) for row in known(language).register}
    return link(modules, tuple(registers))


def inventory(roots: Sequence[Path], config: Config, progress: Progress | None = None) -> Scan:
    """The endpoints with their posture alone: nothing that they do is looked at, no rule is asked."""
    with collector_resting():
        gathered = gather(roots, config, progress)
        routes = routing.find(linked(gathered, config), gathered.settings())
    problems = (*gathered.problems(), *routes.problems, *blindness(gathered))
    return Scan(
        version=version(),
        root=Path(gathered.root).name,
        files=gathered.records(),
        endpoints=tuple(entry.endpoint for entry in routes.entries),
        accesses=(),
        findings=(),
        problems=tuple(sorted(set(problems))),
        rules=(),
        frameworks=routes.frameworks,
        configuration=digest_of(config),
        snippets={},
    )


def shown_facts(roots: Sequence[Path], config: Config) -> Facts:
    """The facts as they may be printed."""
    with collector_resting():
        gathered = gather(roots, config)
        facts = facts_from(gathered, config).facts
        return masked(facts, masks_for(facts.secrets, gathered.text_of))


def data_map(roots: Sequence[Path], config: Config, progress: Progress | None = None) -> Inventory:
    """Where sensitive data enters, is stored and logged, and leaves."""
    with collector_resting():
        gathered = gather(roots, config, progress)
        program = linked(gathered, config)
        derived = facts_from(gathered, config)
        routes = routing.find(program, gathered.settings())
        rows = [known_libraries(config)(language) for language in gathered.languages()]
        found = data_of(program, routes.entries, derived.facts, rows)
        problems = (*gathered.problems(), *derived.problems, *blindness(gathered))
        whole = Inventory(Path(gathered.root).name, version(), found, tuple(sorted(set(problems))))
        return masked(whole, masks_for(derived.facts.secrets, gathered.text_of))


@contextmanager
def collector_resting() -> Iterator[None]:
    """Keep Python from looking for rings of garbage: a scan makes millions of objects and keeps them all.

    Measured on 182,000 lines: the analyses take a third of the time, and no more memory (decisions/0007).
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def blindness(gathered: Gathered) -> tuple[Problem, ...]:
    """A scan that saw nothing must not look like one that found nothing. (A framework without endpoints is said in `routing`.)"""
    if not gathered.languages():
        looked = f"{len(gathered.examined)} other files were searched for secrets" if gathered.examined else "no file was read"
        return (Problem("no-source", f"No source file of a supported language was found; {looked}."),)
    return ()


def digest_of(config: Config) -> str:
    """What tells configurations apart that may lead to different results."""
    return sha256(configuration_as_used(config)).hexdigest()[:16]


def configuration_as_used(config: Config) -> bytes:
    """The configuration as JSON; where it was read from and how fast is no part of it."""
    same = msgspec.structs.replace(config, jobs=0, cache=True, source="", suppress_lines=())
    return msgspec.json.encode(same, order="deterministic")
