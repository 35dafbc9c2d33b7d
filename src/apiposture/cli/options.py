"""Which options do several commands share, and what configuration do they add up to?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from apiposture.config import Config

SEVERITIES = ("critical", "high", "medium", "low", "none")
CERTAINTIES = ("high", "medium", "low")

Function = TypeVar("Function", bound=Callable[..., Any])


def complete_rule(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The ids that a shell may offer, with their names."""
    from apiposture.rules import catalogue

    return [CompletionItem(rule.id, help=rule.name) for rule in catalogue() if rule.id.startswith(incomplete.upper())]


def complete_format(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The reports that a shell may offer."""
    from apiposture.reports import names

    return [CompletionItem(name) for name in names() if name.startswith(incomplete)]


class SomePath(click.Path):
    """A path; an empty one is a slip (a variable of a script that was not set), and would mean the current folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path that was written. Raises PostureError for an empty one."""
        from apiposture.model.error import PostureError

        if not str(value).strip():
            wanted = "'paths'" if param is None else f"'{param.opts[-1]}'"
            raise PostureError(f"An empty path was given for {wanted}; name a file or folder ('.' is the current one).")
        return super().convert(value, param, ctx)


PATH = SomePath(path_type=Path)


def tree_options(function: Function) -> Function:
    """What every command takes that reads a tree."""
    for option in reversed(
        (
            click.argument("paths", nargs=-1, type=PATH),
            click.option("--exclude", multiple=True, metavar="GLOB", help="Leave these files out, as in .gitignore. May be repeated."),
            click.option("--config", "config_file", type=PATH, metavar="FILE", help="Use this configuration, not the nearest one."),
            click.option("--no-cache", is_flag=True, help="Neither use nor write what is remembered of unchanged files."),
            click.option("--jobs", type=click.IntRange(0), metavar="N", help="Processes to use; 0 is one a processor."),
        )
    ):
        function = option(function)
    return function


def since_option(function: Function) -> Function:
    """With which state the tree is compared, for what only a comparison finds."""
    return click.option("--diff", "since", metavar="REF", help="Look at what the change since this git revision brings in.")(function)


def store_options(function: Function) -> Function:
    """Where the history is."""
    for option in (
        click.option("--store", metavar="URL", help="Where the history is: sqlite:///FILE, postgresql://... (APIPOSTURE_STORE)."),
        click.option("--project", metavar="NAME", help="Whose history (default: the name of the project's folder)."),
    ):
        function = option(function)
    return function


def who_options(function: Function) -> Function:
    """Who says so."""
    for option in (
        click.option("--operator", metavar="NAME", help="Who runs this (default: what the CI service or the system says)."),
        click.option("--run", metavar="ID", help="Which CI run this is (default: what the CI service says)."),
    ):
        function = option(function)
    return function


def configured(
    paths: Sequence[Path],
    config_file: Path | None,
    exclude: Sequence[str] = (),
    no_cache: bool = False,
    jobs: int | None = None,
    **others: Any,
) -> Config:
    """The configuration that holds for the first path, with what the command line says on top. None says nothing."""
    import msgspec

    from apiposture.config import load
    from apiposture.files import common_root

    config = load(common_root(paths), config_file)
    said = {key: value for key, value in others.items() if value is not None}
    return msgspec.structs.replace(
        config,
        exclude_here=tuple(exclude),
        cache=config.cache and not no_cache,
        jobs=config.jobs if jobs is None else jobs,
        **said,
    )
