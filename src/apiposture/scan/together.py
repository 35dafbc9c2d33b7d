"""What do all files say together?

Whatever needs the program that they make: most scans of a tree that did not change never come here, and do not load it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from apiposture.analysis.datamap import data_map as data_of
from apiposture.analysis.derive import derive
from apiposture.analysis.derived import Derived
from apiposture.analysis.living import Living
from apiposture.analysis.memory import Memory
from apiposture.analysis.units import Units
from apiposture.config import Config
from apiposture.frameworks import routing
from apiposture.languages.resting import collector_resting
from apiposture.model.scan import Inventory, Scan
from apiposture.program import Program, link
from apiposture.scan import told_of
from apiposture.scan.choice import known_libraries
from apiposture.scan.configured import digest_of, digest_of_knowledge
from apiposture.scan.examined import Wanted
from apiposture.scan.gather import Gathered, Progress, blindness, gather
from apiposture.scan.masking import masked, masks_for
from apiposture.scan.remembered import declared_by
from apiposture.scan.rows import rows_at_hand
from apiposture.scan.version import version
from apiposture.scan.workers import usable_processors


def worked_out(gathered: Gathered, config: Config, memory: Memory | None = None) -> Derived:
    """The facts, worked out anew but for what `memory` knows."""
    jobs = config.jobs or usable_processors()
    return derive(linked(gathered, config), gathered.settings(), gathered.secrets, known_libraries(config), jobs, memory)


def prepare(config: Config, languages: Sequence[str]) -> None:
    """Read what ships for programs of these languages: the rows of libraries, and frameworks."""
    known = known_libraries(config)
    for language in languages:
        known(language)
    routing.frameworks(tuple(languages))


def derived_with(gathered: Gathered, config: Config, past: Units) -> tuple[Derived, Units]:
    """The facts, with the units of the last time at hand instead of on the disk, and the units of this time."""
    memory = Memory(past, declared_by(gathered, digest_of_knowledge(config)))
    program = linked(gathered, config)
    return derive(program, gathered.settings(), gathered.secrets, known_libraries(config), 1, memory), memory.units


def living(gathered: Gathered, config: Config, past: Units) -> Living:
    """The program that the files make together, for somebody who goes on writing it; the modules are its own from now on."""
    known = known_libraries(config)
    return Living(linked(gathered, config), gathered.settings(), known, past, declared_by(gathered, digest_of_knowledge(config)))


def linked(gathered: Gathered, config: Config) -> Program:
    """The program that the files make together."""
    known = known_libraries(config)
    modules = gathered.modules()
    registers = {row.call: None for language in sorted({m.language for m in modules}) for row in known(language).register}
    return link(modules, tuple(registers))


def inventory(roots: Sequence[Path], config: Config, progress: Progress | None = None) -> Scan:
    """The endpoints with their posture alone: nothing that they do is looked at, no rule is asked."""
    with collector_resting(), rows_at_hand(config):
        gathered = gather(roots, config, progress, Wanted(secrets=False, surface=False, later=True), partial(prepare, config))
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


def data_map(roots: Sequence[Path], config: Config, progress: Progress | None = None) -> Inventory:
    """Where sensitive data enters, is stored and logged, and leaves."""
    with collector_resting():
        gathered = gather(roots, config, progress)
        program = linked(gathered, config)
        derived = told_of(gathered, config).derived
        routes = routing.find(program, gathered.settings())
        rows = [known_libraries(config)(language) for language in gathered.languages()]
        found = data_of(program, routes.entries, derived.facts, rows)
        problems = (*gathered.problems(), *derived.problems, *blindness(gathered))
        whole = Inventory(Path(gathered.root).name, version(), found, tuple(sorted(set(problems))))
        return masked(whole, masks_for(derived.facts.secrets, gathered.text_of))
