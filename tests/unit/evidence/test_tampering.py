"""Is every change of a pack seen, by the installed verifier and by `verify.py` alike?

`APIPOSTURE_EXHAUSTIVE=1` flips every bit of a tiny pack and every byte of a whole one; without it one bit of each, and a part of those.
"""

from __future__ import annotations

import importlib.util
import io
import json
import os
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from apiposture.evidence.alone import verify_py
from apiposture.evidence.pack import build, sealed
from apiposture.evidence.verifier import asked, checks, envelope
from apiposture.evidence.verifier.canonical import BrokenError, written
from apiposture.evidence.verifier.container import CONTAINER, ENVELOPE, MANIFEST, Member, check_files, laid_out, members_of
from unit.evidence.projects import DAY, OPEN, START, Project, good, signer, small

KEY = envelope.fingerprint(signer().key)
SPECIAL = (MANIFEST, CONTAINER, ENVELOPE, envelope.KEY)
EXHAUSTIVE = bool(os.environ.get("APIPOSTURE_EXHAUSTIVE"))


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """`verify.py` as a module of its own."""
    file = tmp_path_factory.mktemp("alone") / "verify_alone.py"
    file.write_bytes(verify_py())
    spec = importlib.util.spec_from_file_location("verify_alone", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def pack() -> bytes:
    project = good()
    project.commit(START + 10 * DAY)
    project.scan(OPEN, START + 10 * DAY + 60)
    return project.pack()


def holds(data: bytes, alone: ModuleType, **expected: str) -> bool:
    """What both verifiers say; that they agree is part of the test."""
    said = {"key": KEY, **expected}
    ours, lines = asked.report_on(data, checks.Expected(**said))
    theirs, other = alone.report_on(data, alone.Expected(**said))
    assert (ours, lines) == (theirs, other)
    return ours


def files_of(data: bytes) -> dict[str, bytes]:
    return {name: member.content for name, member in members_of(data).items() if name not in SPECIAL}


def test_an_untouched_pack_holds(pack: bytes, alone: ModuleType) -> None:
    assert holds(pack, alone)
    assert asked.report_on(pack, checks.Expected(KEY))[1][-1].startswith("grade   E2")
    assert asked.report_on(pack, checks.Expected())[1][-1].startswith("grade   E1")
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        assert archive.testzip() is None, "other people's tools read it"


def test_verify_py_imports_nothing_but_the_standard_library() -> None:
    import ast
    import sys

    tree = ast.parse(verify_py())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} <= set(sys.stdlib_module_names)
    assert not names & {"socket", "urllib", "subprocess", "os"}


def test_a_mapping_with_rows_left_out_is_told(tmp_path: Path, alone: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """Its maker chooses the rows; whoever has a verifier of their own sees that these are others."""
    material = good().material()
    short = msgspec.structs.replace(material.standards[0], rows=material.standards[0].rows[:3])
    for standards, told in ((material.standards, "is the one that came with"), ([short], "did not come with")):
        (tmp_path / "p.zip").write_bytes(build(msgspec.structs.replace(material, standards=standards), signer()))
        assert alone.main([str(tmp_path / "p.zip")]) == 0
        assert f"'mapping/soc2.json' {told}" in capsys.readouterr().out


def is_sealed(data: bytes, key: bytes) -> bool:
    """Do bytes and seal hold, for this key? The first two checks, without the work of the others."""
    try:
        members = members_of(data)
        check_files(members)
        found = envelope.key_of(members[envelope.KEY].content)
        envelope.opened(members[ENVELOPE].content, ENVELOPE, found, envelope.PREDICATE)
    except BrokenError:
        return False
    return found == key


def flipped(data: bytes, at: int, bit: int) -> bytes:
    changed = bytearray(data)
    changed[at] ^= 1 << bit
    return bytes(changed)


def test_every_byte_of_a_tiny_pack_counts() -> None:
    """Each byte with one of its bits flipped; exhaustively, with each of them."""
    key = signer().key
    data = sealed({"about.json": written({"schema": 1}), "csv/a.csv": b'"a"\r\n', "verify.py": b"print()\n" * 9}, signer())
    assert is_sealed(data, key)
    bits = range(8) if EXHAUSTIVE else range(1)
    missed = [(at, bit) for at in range(len(data)) for bit in bits if is_sealed(flipped(data, at, (at + bit) % 8), key)]
    assert missed == []


def test_flipped_bytes_of_a_whole_pack_are_seen() -> None:
    """All headers, and a part of the rest."""
    data, key = small(), signer().key
    assert is_sealed(data, key)
    places = set(range(0, len(data), 1 if EXHAUSTIVE else 1999))
    position = -1
    while (position := data.find(b"PK", position + 1)) >= 0:
        places.update(range(position, min(position + 46, len(data)), 1 if EXHAUSTIVE else 43))
    assert [at for at in sorted(places) if is_sealed(flipped(data, at, at % 8), key)] == []


def test_every_truncation_and_addition_is_seen(alone: ModuleType) -> None:
    data = small()
    for end in range(0, len(data), 997):
        assert not holds(data[:end], alone)
    for added in (b"\0", b"PK\x05\x06", data[-22:]):
        assert not holds(data + added, alone)
        assert not holds(added + data, alone)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """A byte or a stretch changed, put in, left out, doubled or moved."""
    at, size = chance.randrange(len(data)), chance.choice((1, 1, 1, 2, 16, 400))
    piece = data[at : at + size]
    if chance.random() < 0.4:
        return data[:at] + bytes(each ^ chance.randrange(1, 256) for each in piece) + data[at + size :]
    new = chance.choice((b"", piece * 2, bytes(size), piece[::-1], data[(at * 7) % len(data) :][:size]))
    return data[:at] + new + data[at + size :]


def test_both_verifiers_say_the_same_of_any_change(alone: ModuleType) -> None:
    """A thousand of them with APIPOSTURE_EXHAUSTIVE, an eighth of that without."""
    data, chance = small(), random.Random(20261126)
    seen = 0
    while seen < (1000 if EXHAUSTIVE else 125):
        changed = mutated(data, chance)
        if changed != data:
            assert not holds(changed, alone)
            seen += 1


def rezipped(data: bytes, change: Callable[[dict[str, Member]], None]) -> bytes:
    members = members_of(data)
    change(members)
    return laid_out(list(members.values()))


def _swap(members: dict[str, Member]) -> None:
    one, other = members["csv/findings.csv"], members["csv/files.csv"]
    members[one.name], members[other.name] = Member(one.name, other.content), Member(other.name, one.content)


def _rename(members: dict[str, Member]) -> None:
    members["csv/other.csv"] = Member("csv/other.csv", members.pop("csv/files.csv").content)


def _set(name: str, content: Callable[[bytes], bytes]) -> Callable[[dict[str, Member]], None]:
    def change(members: dict[str, Member]) -> None:
        members[name] = Member(name, content(members[name].content) if name in members else content(b""))

    return change


def _drop(name: str) -> Callable[[dict[str, Member]], None]:
    return lambda members: members.pop(name) and None


def _recompressed(members: dict[str, Member]) -> None:
    import zlib

    member = members["01-report.html"]
    machine = zlib.compressobj(1, zlib.DEFLATED, -15)
    members[member.name] = Member(member.name, member.content, machine.compress(member.content) + machine.flush())


CONTAINER_CHANGES: dict[str, Callable[[dict[str, Member]], None]] = {
    "a file is added": _set("csv/more.csv", lambda _: b"x"),
    "a file is added to sign-offs": _set("signoff/x.dsse.json", lambda _: b"{}\n"),
    "a file is dropped": _drop("csv/files.csv"),
    "the manifest is dropped": _drop(MANIFEST),
    "the seal is stripped": _drop(ENVELOPE),
    "the key is dropped": _drop(envelope.KEY),
    "two files are swapped": _swap,
    "a file is renamed": _rename,
    "JSON is formatted anew": _set("figures.json", lambda text: json.dumps(json.loads(text), indent=1).encode()),
    "a line end is changed": _set("csv/files.csv", lambda text: text.replace(b"\r\n", b"\n")),
    "a space is added to the manifest": _set(MANIFEST, lambda text: text + b" "),
    "the seal is formatted anew": _set(ENVELOPE, lambda text: json.dumps(json.loads(text), indent=1).encode()),
    "the seal has a second signature": _set(
        ENVELOPE, lambda text: written({**json.loads(text), "signatures": json.loads(text)["signatures"] * 2})
    ),
    "a file is compressed anew": _recompressed,
}


@pytest.mark.parametrize("name", CONTAINER_CHANGES)
def test_changes_of_the_container_are_seen(name: str, pack: bytes, alone: ModuleType) -> None:
    changed = rezipped(pack, CONTAINER_CHANGES[name])
    assert changed != pack
    assert not holds(changed, alone)


def test_an_ordinary_zip_of_the_same_files_is_seen(pack: bytes, alone: ModuleType) -> None:
    for compression in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        memory = io.BytesIO()
        with zipfile.ZipFile(memory, "w", compression) as archive:
            for name, member in members_of(pack).items():
                archive.writestr(name, member.content)
        assert not holds(memory.getvalue(), alone)


def table(change: Callable[[dict[str, Any]], None]) -> Callable[[bytes], bytes]:
    def changed(text: bytes) -> bytes:
        found = json.loads(text)
        change(found)
        return written(found)

    return changed


def _first_row(column: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(found: dict[str, Any]) -> None:
        found["rows"][0][found["columns"].index(column)] = value

    return change


def _cheat(found: dict[str, Any]) -> None:
    for row in found["rows"]:
        row[found["columns"].index("status")] = "no-exceptions-noted"


def reworked(data: bytes, old: bytes, new: bytes) -> bytes:
    """A workbook with something changed in all of its parts."""
    memory = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(memory, "w") as after:
        for name in before.namelist():
            after.writestr(name, before.read(name).replace(old, new))
    return memory.getvalue()


def _without_scan(text: bytes) -> bytes:
    return b"".join(text.splitlines(keepends=True)[:-1])


SAME_KEY: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "a figure": ("figures.json", table(lambda found: found["findings_open"].update(value=0))),
    "a formula and its figure": (
        "figures.json",
        table(lambda found: found["findings_open"].update(value=0, formula={"op": "count", "table": "changes", "where": []})),
    ),
    "a figure on the first page": (
        "00-READ-ME-FIRST.html",
        lambda text: text.replace(b'data-fig="findings_open" value="', b'data-fig="findings_open" value="7'),
    ),
    "what the first page shows": ("00-READ-ME-FIRST.html", lambda text: text.replace(b">4</data>", b">9</data>")),
    "a status in the report": ("01-report.html", lambda text: text.replace(b"exceptions-noted</data>", b"no-exceptions-noted</data>", 1)),
    "the report without figures": ("01-report.html", lambda text: text.replace(b"<data ", b"<span ").replace(b"</data>", b"</span>")),
    "a status": ("tables/statuses.json", table(_cheat)),
    "a finding": ("tables/findings.json", table(_first_row("severity", "low"))),
    "a finding's state": ("tables/findings.json", table(_first_row("counted", False))),
    "a dropped finding": ("tables/findings.json", table(lambda found: found["rows"].clear())),
    "an endpoint": ("tables/endpoints.json", table(_first_row("posture", "role"))),
    "a proof": ("tables/proofs.json", table(lambda found: found["rows"].append(["GET", "/x"] + [""] * 10))),
    "a scan": ("tables/scans.json", table(_first_row("complete", False))),
    "the population": ("tables/population.json", table(_first_row("in_period", False))),
    "the mapping": ("mapping/soc2.json", table(lambda found: found["rows"].clear())),
    "a CSV cell": ("csv/statuses.csv", lambda text: text.replace(b'"exceptions-noted"', b'"no-exceptions-noted"')),
    "a commit": ("population/commits.bin", lambda text: text.replace(b"Ada", b"Bob", 1)),
    "a dropped commit": ("population/commits.bin", lambda text: text[: text.index(b"commit ", 8)]),
    "the history's end": ("history/chain.jsonl", _without_scan),
    "a link": ("history/chain.jsonl", lambda text: text.replace(b'"complete":true', b'"complete":false', 1)),
    "who scanned": ("history/details.jsonl", lambda text: text.replace(b"Grace", b"Peter", 1)),
    "the scope": ("about.json", table(lambda found: found.update(scope=["S"]))),
    "the period": ("about.json", table(lambda found: found["period"].update(end="2026-07-05"))),
    "when a scan is late": ("about.json", table(lambda found: found["rules"].update(late_after_hours=-1))),
    "the days allowed": ("about.json", table(lambda found: found["rules"]["days"].update(critical=0))),
    "a status in OSCAL": ("oscal/assessment-results.json", lambda text: text.replace(b"exceptions-noted", b"no-exceptions-noted", 1)),
    "an item to be done": ("oscal/poam.json", lambda text: text.replace(b'"open"', b'"fixed"', 1)),
    "a cell of the workbook": ("02-workbook.xlsx", lambda data: reworked(data, b"exceptions-noted", b"no-exceptions-note")),
    "a formula in the workbook": ("02-workbook.xlsx", lambda data: reworked(data, b"<v>0</v>", b"<f>1</f><v>0</v>")),
    "a picture": ("pictures/endpoints.svg", lambda text: text.replace(b"public", b"policy", 1)),
    "a picture in the report": ("01-report.html", lambda text: text.replace(b"exceptions-noted</text>", b"no-exceptions-noted</text>", 1)),
    "one more picture in the report": ("01-report.html", lambda text: text.replace(b"<h2>", b"<svg></svg><h2>", 1)),
    "the trend": ("tables/trend.json", table(_first_row("high", 7))),
    "who ran a scan": ("tables/scans.json", table(_first_row("operator", "Somebody Else"))),
    "a word in OCSF": ("ocsf/criteria.jsonl", lambda text: text.replace(b'"exceptions-noted"', b'"no-exceptions-noted"', 1)),
    "a finding less in OCSF": ("ocsf/findings.jsonl", _without_scan),
    "a result in HDF": ("hdf/exec.json", lambda text: text.replace(b'"status":"failed"', b'"status":"skipped"', 1)),
    "one more file of HDF": ("hdf/exec.json", lambda text: text + b" "),
    "the view": ("about.json", table(lambda found: found.update(view="customer", scope=[]))),
}  # fmt: skip
"""Changes by the holder of the key, who seals again: what follows from the sources is worked out again, and differs."""


@pytest.mark.parametrize("name", SAME_KEY)
def test_what_the_key_s_holder_changes_is_seen(name: str, pack: bytes, alone: ModuleType) -> None:
    file, change = SAME_KEY[name]
    files = files_of(pack)
    before = files[file]
    files[file] = change(before)
    assert files[file] != before, "the change changes nothing"
    assert not holds(sealed(files, signer()), alone)


def test_a_status_in_the_signed_statement_is_seen(pack: bytes, alone: ModuleType) -> None:
    members, key = members_of(pack), signer()
    statement = envelope.opened(members[ENVELOPE].content, ENVELOPE, key.key, envelope.PREDICATE)
    for word in ("no-exceptions-noted", "exceptions-noted"):
        said = {**statement["predicate"], "statuses": {**statement["predicate"]["statuses"], "soc2 CC6.1": word}}
        payload = envelope.statement_of(envelope.PREDICATE, envelope.subjects_of(statement), said)
        content = envelope.envelope_of(payload, key.key, key.sign(envelope.sealed_bytes(payload)))
        again = laid_out([*(member for name, member in members.items() if name != ENVELOPE), Member(ENVELOPE, content)])
        assert holds(again, alone) == (word == statement["predicate"]["statuses"]["soc2 CC6.1"])


def test_a_scan_that_is_exchanged_is_seen(pack: bytes, alone: ModuleType) -> None:
    files = files_of(pack)
    name = next(name for name in files if name.startswith("scans/") and name.endswith(".json"))
    files[name] = files[name].replace(b'"complete": true', b'"complete":true ')
    assert not holds(sealed(files, signer()), alone)


def test_a_sarif_file_that_says_less_is_seen(pack: bytes, alone: ModuleType) -> None:
    files = files_of(pack)
    name = max((name for name in files if name.endswith(".sarif")), key=lambda name: len(files[name]))
    log = json.loads(files[name])
    log["runs"][0]["results"].clear()
    files[name] = json.dumps(log).encode()
    assert not holds(sealed(files, signer()), alone)


def test_another_key_is_seen(pack: bytes, alone: ModuleType) -> None:
    again = sealed(files_of(pack), signer(2))
    assert not holds(again, alone)
    assert not holds(again, alone, key="00" * 32)
    assert holds(again, alone, key=""), "without a fingerprint from elsewhere anybody may have sealed it: grade E1"


def test_the_same_key_seals_the_same_bytes(pack: bytes) -> None:
    assert sealed(files_of(pack), signer()) == pack


def test_an_older_pack_is_seen(alone: ModuleType) -> None:
    project = good()
    old = project.pack()
    checkpoint = f"{project.number}:{project.previous}"
    project.commit(START + 20 * DAY)
    project.scan(OPEN, START + 20 * DAY + 60)
    new, later = project.pack(), f"{project.number}:{project.previous}"
    assert holds(new, alone, checkpoint=checkpoint)
    assert holds(new, alone, checkpoint=later)
    assert holds(old, alone, checkpoint=checkpoint)
    assert not holds(old, alone, checkpoint=later)
    assert holds(old, alone, period="2026-07-01..2026-09-30")
    assert not holds(old, alone, period="2026-10-01..2026-12-31")


def test_a_history_that_was_written_anew_is_seen_by_a_checkpoint(alone: ModuleType) -> None:
    honest, other = good(), Project()
    for number in range(3):
        other.commit(START + number * DAY)
        other.scan(OPEN if number == 1 else {"src/A.cs": "class A { }"}, START + number * DAY + 600)
    assert holds(other.pack(), alone)
    assert not holds(other.pack(), alone, checkpoint=f"2:{honest.previous}")


@pytest.mark.parametrize("at", range(1, 4))
def test_no_commit_can_be_left_out(at: int, pack: bytes, alone: ModuleType) -> None:
    files = files_of(pack)
    raw = [b"commit " + each for each in files["population/commits.bin"].split(b"commit ") if each]
    pieces = [b"".join(raw[number : number + 1]) for number in range(len(raw))]
    assert len(pieces) == 5
    files["population/commits.bin"] = b"".join(pieces[:at] + pieces[at + 1 :])
    assert not holds(sealed(files, signer()), alone)
