"""Which commands serve the audit?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from apiposture.cli import output
from apiposture.cli.options import PATH, store_options, who_options
from apiposture.cli.recording import HERE, project_of, told

if TYPE_CHECKING:
    from apiposture.evidence.verifier.container import Member


PACK = "PK.{26,40}00-READ-ME-FIRST"
"""How a pack begins: what begins so may be written over."""


@click.group(short_help="Evidence that an auditor can verify alone.")
def evidence() -> None:
    """What the scans of a period say about the criteria of a standard."""


@evidence.command(short_help="Which criteria a scan can speak to.")
@click.argument("name", required=False)
def standards(name: str | None) -> None:
    """The standards on the shelf, or of standard NAME each criterion with what speaks to it, and what is not supported."""
    from apiposture.cli.standard_table import as_list, as_table
    from apiposture.evidence.standards import names
    from apiposture.model.error import PostureError

    if name is None:
        output.write(as_list(), None)
    elif name in names():
        output.write(as_table(name), None)
    else:
        raise PostureError(f"Standard '{name}' does not exist; there are {', '.join(names())}.")


@evidence.command(short_help="Make the pack for a period.")
@click.option(
    "--period", default="", metavar="PERIOD", help="2026-07-01..2026-09-30, 2026-Q3, 2026-07 or 2026 (default: all that is recorded)."
)
@click.option("--scope", default="S", metavar="S,C,...", help="Declared categories: S, A, C, PI, P (default: S).")
@click.option("--standard", "chosen", multiple=True, metavar="NAME", help="soc2 (default), another, or all. May be repeated.")
@click.option("--branch", metavar="NAME", help="The protected branch (default: the one that is checked out).")
@click.option("--out-of-scope", multiple=True, metavar="GLOB=REASON", help="Source files that no scan reads, and why. May be repeated.")
@click.option("--view", type=click.Choice(("auditor", "customer", "public")), default="auditor", help="How much is shown.")
@click.option(
    "--key",
    "key_file",
    type=PATH,
    metavar="FILE",
    help="The Ed25519 key to sign with (default: the project's own, made when first needed).",
)
@click.option(
    "--signoff-by", default="", metavar="FINGERPRINT", help="The key of whoever must sign off; a pack without that does not verify."
)
@click.option("--prepared-by", metavar="NAME", help="Who answers for the pack (default: who runs this).")
@click.option("-o", "--output", "output_file", type=PATH, required=True, metavar="FILE", help="Where the pack goes.")
@store_options
def build(
    period: str, scope: str, chosen: Sequence[str], branch: str | None, out_of_scope: Sequence[str], view: str, key_file: Path | None,
    signoff_by: str, prepared_by: str | None, output_file: Path, store: str | None, project: str | None,
) -> None:  # fmt: skip
    """Make a pack of what was recorded: statuses, figures, findings, exceptions, population, and all that is needed to verify them."""
    from apiposture.cli.circumstances import build_time, circumstances, history_at, top_of
    from apiposture.cli.packing import Wanted, key_at, material
    from apiposture.repository import find

    with extra("evidence"):
        from apiposture.evidence.pack import build as built
        from apiposture.evidence.signing import signer_from
        from apiposture.evidence.verifier.envelope import fingerprint
    output.check_file(output_file, HERE, PACK)
    by = prepared_by or circumstances(None, None).operator
    wanted = Wanted(period, scope, chosen, branch, out_of_scope, signoff_by, by, build_time())
    made = material(wanted, history_at(store, HERE[0], make=False), project or project_of(HERE[0]), find(HERE[0]))
    key, is_new = key_at(key_file, top_of(HERE[0]))
    signer = signer_from(key)
    if is_new:
        click.echo(
            f"note: a new signing key was made at '{key}'; keep it, and tell its fingerprint to your auditor by another way.", err=True
        )
    write_pack(built(made, signer, view), output_file)
    click.echo(f"{output_file}: {made.about['period']['start']}..{made.about['period']['end']}, key {fingerprint(signer.key)}", err=True)


@evidence.command(short_help="Make a signing key.")
@click.argument("file", type=PATH)
def key(file: Path) -> None:
    """Write a new Ed25519 key to FILE and show its fingerprint, which an auditor must be told by another way."""
    with extra("evidence"):
        from apiposture.evidence.signing import make_key, signer_from
        from apiposture.evidence.verifier.envelope import fingerprint
    make_key(file)
    output.write(f"{fingerprint(signer_from(file).key)}\n", None)


@evidence.command(short_help="Sign a pack off, as a second person.")
@click.argument("pack", type=PATH)
@click.option("--key", "key_file", type=PATH, required=True, metavar="FILE", help="Your own key, not the pack's.")
@click.option("--name", required=True, metavar="NAME", help="Who signs off.")
@click.option("-o", "--output", "output_file", type=PATH, required=True, metavar="FILE", help="Where the signed-off pack goes.")
def signoff(pack: Path, key_file: Path, name: str, output_file: Path) -> None:
    """Add a second signature to PACK, once it verifies."""
    from apiposture.cli.circumstances import build_time
    from apiposture.model.error import PostureError

    with extra("evidence"):
        from apiposture.evidence.pack import signed_off
        from apiposture.evidence.signing import signer_from
        from apiposture.evidence.verifier.asked import report_on
        from apiposture.evidence.verifier.checks import Expected
        from apiposture.evidence.verifier.container import members_of
    output.check_file(output_file, HERE, PACK)
    data, signer = pack_at(pack), signer_from(key_file)
    signed = signed_off(members_of(data), signer, {"at": build_time(), "by": name})
    holds, lines = report_on(signed, Expected())
    if not holds:
        raise PostureError(f"Pack '{pack}' can't be signed off: {lines[-2].removeprefix('BROKEN').strip()}")
    write_pack(signed, output_file)


@evidence.command(short_help="Have an independent clock date a pack.")
@click.argument("pack", type=PATH)
@click.option("--query", "query_file", type=PATH, metavar="FILE", help="Write the request that an authority answers (RFC 3161).")
@click.option("--token", "token_file", type=PATH, metavar="FILE", help="The authority's response, to be attached.")
@click.option("--authority", "authority_file", type=PATH, metavar="FILE", help="Its certificates (PEM), where the response lacks them.")
@click.option("-o", "--output", "output_file", type=PATH, metavar="FILE", help="Where the dated pack goes.")
def timestamp(pack: Path, query_file: Path | None, token_file: Path | None, authority_file: Path | None, output_file: Path | None) -> None:
    """First write the request for PACK (--query FILE), then attach the answer (--token FILE -o DATED).

    Sending it is yours: curl -H 'Content-Type: application/timestamp-query' --data-binary @FILE URL > answer.tsr
    """
    from apiposture.evidence.timestamping import request_for, stamped
    from apiposture.evidence.verifier.asked import report_of
    from apiposture.evidence.verifier.canonical import BrokenError
    from apiposture.evidence.verifier.checks import Expected, Verification
    from apiposture.model.error import PostureError

    if (query_file is None) == (token_file is None) or (token_file is None) != (output_file is None):
        raise PostureError("Give --query FILE to write a request, or --token FILE and -o FILE to attach the answer.")
    output.check_file(query_file or output_file, HERE if output_file else (), PACK)
    found = Verification(pack_at(pack), Expected())
    holds, lines = report_of(found)
    if not holds:
        raise PostureError(f"Pack '{pack}' does not verify: {lines[-2].removeprefix('BROKEN').strip()}")
    if query_file:
        write_pack(request_for(found.members), query_file)
    elif token_file and output_file:
        try:
            dated = stamped(found.members, pack_at(token_file), pack_at(authority_file) if authority_file else b"")
        except (BrokenError, LookupError, TypeError, ValueError) as error:
            raise PostureError(f"'{token_file}' is no time-stamp of this pack: {error}") from None
        write_pack(dated, output_file)


@evidence.command("explain-gap", short_help="Say why a commit was not scanned.")
@click.argument("commit")
@click.option("--reason", required=True, metavar="TEXT", help="Why it was not scanned.")
@store_options
@who_options
def explain_gap(commit: str, reason: str, store: str | None, project: str | None, operator: str | None, run: str | None) -> None:
    """Record why COMMIT has no scan. The commit still counts as unscanned; the reason is shown beside it."""
    from apiposture.cli.circumstances import circumstances, history_at, salt
    from apiposture.evidence.recording import gap_of
    from apiposture.model.error import PostureError
    from apiposture.repository import find

    repository = find(HERE[0])
    if repository is None:
        raise PostureError("Gaps are commits that were not scanned; there is no Git repository here.")
    if not reason.strip():
        raise PostureError("The reason is empty; say why the commit was not scanned.")
    found = gap_of(repository.resolve(commit), reason.strip(), circumstances(operator, run), salt())
    entry = history_at(store, HERE[0]).append(project or project_of(HERE[0]), found.line, found.detail, found.bodies)
    click.echo(f"recorded as {entry.number}", err=True)


@evidence.command(short_help="Draw an auditor's sample from a pack.")
@click.argument("pack", type=PATH)
@click.option("--seed", required=True, metavar="SEED", help="Chosen by the auditor, after the pack was sealed.")
@click.option("--n", "count", type=click.IntRange(1), default=25, show_default=True, help="How many commits to draw.")
@click.option("-o", "--output", "output_file", type=PATH, metavar="FILE", help="Write the sample here, as CSV.")
def sample(pack: Path, seed: str, count: int, output_file: Path | None) -> None:
    """Draw commits of the period from PACK, each with its record, once the pack verifies."""
    from apiposture.evidence.verifier.asked import report_of, tables_in
    from apiposture.evidence.verifier.checks import Expected, Verification
    from apiposture.evidence.verifier.sampling import sample_of
    from apiposture.evidence.verifier.sheets import csv_of
    from apiposture.model.error import PostureError

    found = Verification(pack_at(pack), Expected())
    holds, lines = report_of(found)
    if not holds:
        raise PostureError(f"Pack '{pack}' does not verify: {lines[-2].removeprefix('BROKEN').strip()}")
    if not seed.strip():
        raise PostureError("The seed is empty; choose any words or number.")
    output.write(csv_of(sample_of(tables_in(found.members), seed, count)).decode("utf-8"), output_file)


@evidence.command(short_help="Write the verifier that needs Python alone.")
@click.option("-o", "--output", "output_file", type=PATH, metavar="FILE", help="Write it here, not to standard output.")
def verifier(output_file: Path | None) -> None:
    """The `verify.py` of every pack, for those who would not take it from the pack that they doubt."""
    from apiposture.evidence.alone import verify_py

    output.write(verify_py().decode("utf-8"), output_file)


@evidence.command("back-fill", short_help="Scan past commits that have no scan.")
@click.argument("path", type=PATH, default=Path("."))
@click.option("--period", required=True, metavar="PERIOD", help="2026-07-01..2026-09-30, 2026-Q3, 2026-07 or 2026.")
@click.option("--branch", metavar="NAME", help="The protected branch (default: the one that is checked out).")
@store_options
@who_options
@click.option("-q", "--quiet", is_flag=True, help="No notes.")
def back_fill(
    path: Path,
    period: str,
    branch: str | None,
    store: str | None,
    project: str | None,
    operator: str | None,
    run: str | None,
    quiet: bool,
) -> None:
    """Scan the folder PATH of each commit in PERIOD that no recorded scan speaks for, and record it as back-filled.

    What the source was at that commit is then known; that it was scanned at the time is not, and the pack says so.
    """
    from apiposture.cli.back_filling import Past
    from apiposture.cli.circumstances import history_at

    past = Past(path, period, branch)
    kept_in = history_at(store, path)
    for entry in past.scans(kept_in, project or project_of(path), operator, run):
        if not quiet:
            click.echo(told(entry), err=True)


@click.command(short_help="Verify an evidence pack.")
@click.argument("pack", type=PATH)
@click.option("--key-fingerprint", default="", metavar="SHA256", help="The signing key's fingerprint, from a letter or a call.")
@click.option("--signoff-fingerprint", default="", metavar="SHA256", help="The same of whoever signed off.")
@click.option("--expect-period", default="", metavar="START..END", help="The period that you asked for.")
@click.option("--checkpoint", default="", metavar="NUMBER:HASH", help="A link of the history, kept from an earlier pack.")
@click.option("--tsa-fingerprint", default="", metavar="SHA256", help="A certificate of the time-stamping authority, from elsewhere.")
@click.option("--oscal-schema", type=PATH, metavar="FILE", help="NIST's oscal_complete_schema.json, to check the OSCAL documents by.")
def verify(
    pack: Path, key_fingerprint: str, signoff_fingerprint: str, expect_period: str, checkpoint: str, tsa_fingerprint: str,
    oscal_schema: Path | None,
) -> int:  # fmt: skip
    """Work out again all that is in PACK: bytes, seal, history, population, tables, figures, statuses. Exit code 0 if all holds.

    Where the same version is installed with its extras, every page, the paper and the workbook are made again and compared as well, and
    the documents are held against their schemas.
    """
    from apiposture.cli.outcome import CLEAN, FOUND
    from apiposture.evidence.alone import mappings
    from apiposture.evidence.verifier.asked import on_mappings, report_of
    from apiposture.evidence.verifier.canonical import BrokenError, harmless
    from apiposture.evidence.verifier.checks import Expected, Verification

    found = Verification(pack_at(pack), Expected(key_fingerprint, signoff_fingerprint, expect_period, checkpoint, tsa_fingerprint))
    holds, lines = report_of(found)
    if holds:
        grade = lines.pop()
        lines += on_mappings(found.members, mappings())
        try:
            lines += [*beyond(found.members, oscal_schema), grade]
        except BrokenError as error:
            holds = False
            lines += [f"BROKEN  {harmless(str(error))}", "grade   E0: does not hold"]
    output.write("\n".join(lines) + "\n", None)
    return CLEAN if holds else FOUND


def beyond(members: dict[str, Member], oscal_schema: Path | None) -> list[str]:
    """What the installed tool can check of a pack that holds, and `verify.py` alone can't. Raises BrokenError for what differs."""
    from apiposture.cli.packing import guides
    from apiposture.scan.version import content_digests

    try:
        from apiposture.evidence.rebuilding import rebuilt
        from apiposture.evidence.schemas import valid
    except ImportError as error:
        return [f"note    Not made again: '{error.name}' is not installed (pip install 'apiposture[evidence]')."]
    said = rebuilt(members, guides(), content_digests()[0])
    if not said[0].isdigit():
        return [f"note    {said[0].upper()}{said[1:]}."]
    return [f"ok      rebuilt    {said}", f"ok      schemas    {valid(members, oscal_schema)}"]


@contextmanager
def extra(name: str) -> Iterator[None]:
    """Say what to install where an import of the block fails."""
    from apiposture.cli.circumstances import missing
    from apiposture.model.error import PostureError

    try:
        yield
    except ImportError as error:
        raise PostureError(missing(name, error)) from None


def pack_at(file: Path) -> bytes:
    """The bytes of a pack."""
    from apiposture.model.error import PostureError

    try:
        return file.read_bytes()
    except OSError as error:
        raise PostureError(f"Pack '{file}' could not be read: {(error.strerror or 'unknown reason').lower()}.") from None


def write_pack(data: bytes, file: Path) -> None:
    """Put a pack where it belongs."""
    from apiposture.model.error import PostureError

    try:
        file.write_bytes(data)
    except OSError as error:
        raise PostureError(f"The pack could not be written to '{file}': {(error.strerror or 'unknown reason').lower()}.") from None
