"""Which commands show what the scanner knows and sees?"""

from __future__ import annotations

from pathlib import Path

import click

from apiposture.cli import output
from apiposture.cli.options import PATH, complete_rule


@click.command(short_help="Show a rule's page.")
@click.argument("rule", shell_complete=complete_rule)
@click.option("--all", "whole", is_flag=True, help="The whole page, with the programs that test the rule.")
def explain(rule: str, whole: bool) -> None:
    """What RULE claims, why it matters, how it is settled."""
    from difflib import get_close_matches

    from apiposture.model.error import PostureError
    from apiposture.rules import catalogue, guide, page

    rule = rule.upper()
    known = [each.id for each in catalogue()]
    if rule not in known:
        near = get_close_matches(rule, known, 1)
        advice = f"did you mean '{near[0]}'?" if near else "`apiposture rules` lists them."
        raise PostureError(f"Rule '{rule}' does not exist; {advice}")
    text = page(rule) if whole else f"{guide(rule)}\n`apiposture explain {rule} --all` shows the programs that test this rule as well.\n"
    if output.has_color(None):
        from rich.console import Console
        from rich.markdown import Markdown

        Console(width=min(output.width(None), 100)).print(Markdown(text, hyperlinks=False))
    else:
        output.write(text, None)


@click.command(short_help="List the rules.")
def rules() -> None:
    """Every rule: its id, severity, weakness, risk and name."""
    from apiposture.rules import catalogue

    rows = [(rule.id, rule.severity, " ".join(rule.cwe), " ".join(rule.owasp), rule.name) for rule in catalogue()]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = ["  ".join([*(row[n].ljust(widths[n]) for n in range(4)), row[4]]) for row in rows]
    output.write("".join(f"{line}\n" for line in lines), None)


@click.command(short_help="Print what makes a shell complete commands.")
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """The script for SHELL, to be kept where that reads such scripts.

    bash: ~/.local/share/bash-completion/completions/apiposture; zsh: _apiposture in a folder of $fpath; fish:
    ~/.config/fish/completions/apiposture.fish
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None, "click completes in all three"
    output.write(found(context.find_root().command, {}, "apiposture", "_APIPOSTURE_COMPLETE").source(), None)


@click.group(short_help="Print what the scanner sees.")
def dump() -> None:
    """What stands between source and findings, so that nobody has to guess."""


@dump.command(short_help="A file in the intermediate representation.")
@click.argument("file", type=PATH)
def ir(file: Path) -> None:
    """What FILE says, once its language is forgotten."""
    from apiposture.files import walk
    from apiposture.languages import language_of, lower
    from apiposture.languages.show import show
    from apiposture.model.error import PostureError
    from apiposture.model.source import SourceFile

    if file.is_dir():
        raise PostureError(f"'{file}' is a folder; name one source file.")
    for source in walk([file]):
        if not isinstance(source, SourceFile):
            raise PostureError(source.message)
        if not language_of(source.path):
            raise PostureError(f"'{file}' is written in no language that is known here.")
        output.write(show(lower(source)), None)


@dump.command(short_help="The facts of a file or folder, as JSON.")
@click.argument("paths", nargs=-1, required=True, type=PATH)
def facts(paths: tuple[Path, ...]) -> None:
    """Endpoints, accesses, flows, exposures and secrets below PATHS, before any rule looks at them."""
    import json

    import msgspec

    from apiposture.cli.options import configured
    from apiposture.scan import shown_facts

    found = shown_facts(paths, configured(paths, None))
    output.write(json.dumps(msgspec.to_builtins(found), indent=2, ensure_ascii=False) + "\n", None)
