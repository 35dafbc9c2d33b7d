"""What can be asked on the command line, and with which code does it end?

The only place that prints or exits. Commands load the library when they run, so that `--version` and completion are instant.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from errno import ENOSPC
from typing import NoReturn, TextIO

import click

from apiposture import __version__
from apiposture.cli.accepting import ignore
from apiposture.cli.editing import lsp
from apiposture.cli.evidencing import evidence, verify
from apiposture.cli.health import doctor
from apiposture.cli.mending import fix
from apiposture.cli.outcome import BUG, INTERRUPTED, PIPE_CLOSED, USAGE
from apiposture.cli.recording import diff, history, record, trend
from apiposture.cli.scanning import data, endpoints, scan, why
from apiposture.cli.showing import completion, dump, explain, rules
from apiposture.cli.starting import init
from apiposture.model.error import PostureError

__all__ = ["main", "run"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=True)
@click.version_option(__version__, "-V", "--version", prog_name="apiposture", message="%(prog)s %(version)s")
def commands() -> None:
    """Prove who can reach what in an API, from its source, without leaving this machine.

    Exit codes: 0 clean, 1 findings at or over --fail-on, 2 usage or configuration, 3 a bug of ours, 4 incomplete.
    """


COMMANDS = (
    *(scan, endpoints, data, explain, why, fix, ignore, init, doctor, rules, dump, completion, lsp),
    *(record, history, diff, trend, evidence, verify),
)
for command in COMMANDS:
    commands.add_command(command)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and end the process with its exit code.

    All that the command made goes with the process: nothing is swept up on the way, nor taken apart object by object at the end (half a
    second after a scan of 182,000 lines).
    """
    gc.disable()
    code = run(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            _flush(stream)
    os._exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command and say how it went; nothing that goes wrong leaves as a stack trace unless that is asked for."""
    try:
        code = commands.main(list(arguments), prog_name="apiposture", standalone_mode=False)
        _flush(sys.stdout)
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        error.show()
        return USAGE
    except PostureError as error:
        from apiposture.reports.text import visible_lines

        click.echo(f"error: {visible_lines(str(error))}", err=True)
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output had enough; Python must not complain about it when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except Exception as error:
        if isinstance(error, OSError) and error.errno == ENOSPC:
            click.echo("error: What was to be written does not fit: no space is left on the device.", err=True)
            return USAGE
        return _confess(error, is_verbose(arguments))


def _flush(stream: TextIO | None) -> None:
    """Let go of what is still held back; a stream that the caller has closed is None, one that an editor has closed is closed."""
    if stream is not None and not stream.closed:
        stream.flush()


def is_verbose(arguments: Sequence[str]) -> bool:
    """Did the user ask for details, anywhere on the line?"""
    return any(each in ("--verbose", "-v", "-vq", "-qv") for each in arguments)


def _confess(error: Exception, verbose: bool) -> int:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" in {os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else ""
    advice = "please report it." if verbose else "please report it with what `-v` shows."
    click.echo(f"bug: ApiPosture {__version__} stopped with {type(error).__name__}{where}: {error}; {advice}", err=True)
    if verbose:
        import traceback

        traceback.print_exception(error)
    return BUG
