"""Which commands keep scans, and show what was kept?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from apiposture.cli import output
from apiposture.cli.options import store_options, tree_options, who_options

if TYPE_CHECKING:
    from apiposture.config import Config
    from apiposture.model.record import Circumstances, Entry, Origin
    from apiposture.model.scan import Scan
    from apiposture.store import History

HERE = (Path("."),)


@click.command(short_help="Scan, and keep the result in the history.")
@tree_options
@store_options
@who_options
@click.option("-q", "--quiet", is_flag=True, help="No notes and no progress.")
def record(
    paths: Sequence[Path], store: str | None, project: str | None, operator: str | None, run: str | None, quiet: bool, **options: Any
) -> int:
    """Scan PATHS (here, where none is given) and add the result to the project's append-only history."""
    from apiposture.cli.options import configured
    from apiposture.cli.outcome import CLEAN, INCOMPLETE
    from apiposture.cli.scanning import scanned
    from apiposture.reports.figures import is_complete

    paths = paths or HERE
    config = configured(paths, **options)
    result = scanned(paths, config, quiet)
    keep(result, paths, config, quiet, store, project, operator, run)
    return CLEAN if is_complete(result) else INCOMPLETE


def keep(
    scan: Scan,
    paths: Sequence[Path],
    config: Config,
    quiet: bool,
    store: str | None = None,
    project: str | None = None,
    operator: str | None = None,
    run: str | None = None,
) -> None:
    """Add a scan of the work tree to the history, and say so."""
    from apiposture.cli.circumstances import circumstances, history_at
    from apiposture.scan.origin import origin_of

    history = history_at(store, paths[0])
    origin = origin_of(paths, scan.files)
    entry = kept(history, project or project_of(paths[0]), scan, origin, paths, config, circumstances(operator, run))
    if not quiet:
        click.echo(told(entry), err=True)


def kept(
    history: History, project: str, scan: Scan, origin: Origin, paths: Sequence[Path], config: Config, circumstances: Circumstances,
    how: str = "live",
) -> Entry:  # fmt: skip
    """Add a scan of these paths to a history, with what they have to do with sensitive data."""
    import hashlib

    from apiposture.cli.circumstances import salt
    from apiposture.evidence.recording import Gate, recording_of
    from apiposture.model.record import Digests
    from apiposture.scan import configuration_as_used
    from apiposture.scan.together import data_map
    from apiposture.scan.version import content_digests

    configuration = configuration_as_used(config)
    digests = Digests(scan.version, *content_digests(), hashlib.sha256(configuration).hexdigest())
    gate = Gate(config.fail_on, config.fail_certainty)
    found = recording_of(scan, origin, circumstances, digests, configuration, gate, salt(), how, data_map(paths, config).data)
    return history.append(project, found.line, found.detail, found.bodies)


def project_of(path: Path) -> str:
    """The name of a path's project."""
    from apiposture.cli.circumstances import top_of

    return top_of(path).name


def told(entry: Entry) -> str:
    """One line about a new link."""
    said = json.loads(entry.line)
    commit = f"commit {said['commit'][:12]}{' with changes' if said['dirty'] else ''}" if said["commit"] else "no commit"
    whole = "complete" if said["complete"] else "incomplete"
    return f"recorded as {entry.number}: {commit}, {said['findings']} open findings, {whole}; hash {entry.hash[:16]}"


@click.command(short_help="List the recorded scans.")
@store_options
@click.option("--format", "form", type=click.Choice(("table", "json")), default="table", help="How they are shown.")
@click.option("-o", "--output", "output_file", type=click.Path(path_type=Path), metavar="FILE", help="Write them here.")
def history(store: str | None, project: str | None, form: str, output_file: Path | None) -> None:
    """Every recorded scan of the project, oldest first, and whether their chain holds."""
    from apiposture.cli.history_table import as_table

    links = links_here(store, project)[1]
    text = json.dumps(links, indent=2) + "\n" if form == "json" else as_table(links)
    output.write(text, output_file)


@click.command(short_help="What changed between two recorded scans.")
@click.argument("before")
@click.argument("after", default="last")
@store_options
@click.option("--format", "form", type=click.Choice(("table", "json")), default="table", help="How it is shown.")
def diff(before: str, after: str, store: str | None, project: str | None, form: str) -> None:
    """Findings and endpoints that came, went or changed from scan BEFORE to scan AFTER (numbers, commits, or `last`)."""
    from apiposture.cli.history_table import as_difference
    from apiposture.evidence.differences import difference
    from apiposture.evidence.reading import link_named

    kept_in, links = links_here(store, project)
    one, other = link_named(links, before), link_named(links, after)
    found = difference(*(json.loads(kept_in.body(link["result"])) for link in (one, other)))
    output.write(json.dumps(found, indent=2) + "\n" if form == "json" else as_difference(one, other, found), None)


@click.command(short_help="Findings by severity over time.")
@store_options
@click.option("--format", "form", type=click.Choice(("table", "json")), default="table", help="How it is shown.")
def trend(store: str | None, project: str | None, form: str) -> None:
    """The open findings of the last scan of each day, by severity."""
    from apiposture.cli.history_table import as_trend, days_of

    kept_in, links = links_here(store, project)
    days = days_of(links, lambda digest: json.loads(kept_in.body(digest)))
    output.write(json.dumps(days, indent=2) + "\n" if form == "json" else as_trend(days), None)


def links_here(store: str | None, project: str | None) -> tuple[History, list[dict[str, Any]]]:
    """The history and the project's links in it, which hold."""
    from apiposture.cli.circumstances import history_at
    from apiposture.evidence.reading import links_of
    from apiposture.model.error import PostureError

    found = history_at(store, HERE[0], make=False)
    name = project or project_of(HERE[0])
    links = links_of(found.entries(name))
    if not links:
        others = found.projects()
        advice = f"there are {', '.join(others)} (--project)." if others else "`apiposture record` makes the first."
        raise PostureError(f"Nothing is recorded for project '{name}'; {advice}")
    return found, links
