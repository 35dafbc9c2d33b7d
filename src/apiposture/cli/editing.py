"""Which command serves an editor?"""

from __future__ import annotations

import click


@click.command(short_help="Serve an editor (Language Server Protocol).")
def lsp() -> None:
    """Speak the Language Server Protocol over standard input and output: findings while the code is being written, with their way, the
    rule's page, and a comment that accepts. Needs the extra 'lsp'.
    """
    from datetime import date

    from apiposture.cli.circumstances import missing
    from apiposture.model.error import PostureError

    try:
        from apiposture.editor.server import server_of
    except ImportError as error:
        raise PostureError(missing("lsp", error)) from None
    server_of(lambda: date.today().isoformat()).start_io()
