"""Which status does each format of a pack give each criterion? Read with nothing of ours, as the programs of others would."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import zipfile
import zlib
from xml.etree import ElementTree

from apiposture.evidence.verifier.statuses import WORDS

Told = dict[str, str]
_SHEETS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def in_table(files: dict[str, bytes]) -> Told:
    table = json.loads(files["tables/statuses.json"])
    rows = (dict(zip(table["columns"], row, strict=True)) for row in table["rows"])
    return {row["criterion"]: row["status"] for row in rows}


def in_csv(files: dict[str, bytes]) -> Told:
    return {row["criterion"]: row["status"] for row in csv.DictReader(io.StringIO(files["csv/statuses.csv"].decode()))}


def in_workbook(files: dict[str, bytes]) -> Told:
    with zipfile.ZipFile(io.BytesIO(files["02-workbook.xlsx"])) as archive:
        names = [each.get("name") for each in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter(f"{_SHEETS}sheet")]
        sheet = ElementTree.fromstring(archive.read(f"xl/worksheets/sheet{names.index('statuses') + 1}.xml"))
        shared = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
    texts = ["".join(each.itertext()) for each in shared.iter(f"{_SHEETS}si")]
    cells = [[texts[int(cell.findtext(f"{_SHEETS}v") or 0)] for cell in row] for row in sheet.iter(f"{_SHEETS}row")]
    at = cells[0].index("criterion"), cells[0].index("status")
    return {row[at[0]]: row[at[1]] for row in cells[1:]}


def in_report(files: dict[str, bytes]) -> Told:
    return dict(re.findall(r'data-of="soc2 ([^"]*)" value="([^"]*)">\2<', files["01-report.html"].decode()))


def in_pdf(files: dict[str, bytes]) -> Told:
    """The word that stands first behind each criterion on the first pages."""
    text = "".join(re.findall(r"\((.*?)(?<!\\)\) Tj", pdf_text(files["01-report.pdf"]))).split("Figures")[0].replace(" ", "")
    words = "|".join(sorted(WORDS, key=len, reverse=True))
    return {name: re.findall(words, rest)[0] for name, rest in re.findall(r"soc2([A-Z]+\d\.\d)(.*?)(?=soc2[A-Z]+\d|$)", text, re.DOTALL)}


def pdf_text(content: bytes) -> str:
    """The text operators of a PDF, as far as they can be unpacked: ASCII85 and zlib, as reportlab writes them."""
    found = []
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
        try:
            found.append(zlib.decompress(base64.a85decode(b"<~" + stream.strip(), adobe=True)).decode("latin-1"))
        except (ValueError, zlib.error):
            found.append(stream.decode("latin-1"))
    return "\n".join(found)


def in_oscal(files: dict[str, bytes]) -> Told:
    """OSCAL has no word for what is out of scope: it is not there."""
    (result,) = json.loads(files["oscal/assessment-results.json"])["assessment-results"]["results"]
    told = [{each["name"]: each["value"] for each in observation["props"]} for observation in result["observations"]]
    return {each["criterion"]: each["status"] for each in told}


def in_ocsf(files: dict[str, bytes]) -> Told:
    """OCSF's Compliance Findings, one a line."""
    told = [json.loads(line)["compliance"] for line in files["ocsf/criteria.jsonl"].splitlines()]
    assert all(each["status_id"] in (2, 99) for each in told), "neither passed nor failed"
    return {each["control"]: each["status"] for each in told}


def unblemished_in_hdf(files: dict[str, bytes]) -> list[str]:
    """The rules of which HDF says that they found nothing and saw all."""
    (profile,) = json.loads(files["hdf/exec.json"])["profiles"]
    words = {each["id"]: " ".join(result.get("skip_message", "") for result in each["results"]) for each in profile["controls"]}
    return [rule for rule, said in words.items() if "everything was seen" in said]


def in_statement(files: dict[str, bytes]) -> Told:
    """The in-toto statement in the signed envelope."""
    statement = json.loads(base64.b64decode(json.loads(files["attest/pack.dsse.json"])["payload"]))
    return {name.removeprefix("soc2 "): word for name, word in statement["predicate"]["statuses"].items()}


def in_figures(files: dict[str, bytes]) -> dict[str, int]:
    figures = json.loads(files["figures.json"])
    return {word: figures[f"criteria_{word}"]["value"] for word in WORDS}


def on_first_page(files: dict[str, bytes]) -> dict[str, int]:
    found = dict(re.findall(r'data-fig="criteria_([^"]*)" value="(\d+)"', files["00-READ-ME-FIRST.html"].decode()))
    return {word: int(found[word]) for word in WORDS}


def was_seen_by_sarif(files: dict[str, bytes]) -> bool:
    """Do all scans in SARIF call themselves successful?"""
    logs = [json.loads(content) for name, content in files.items() if name.endswith(".sarif")]
    return bool(logs) and all(log["runs"][0]["invocations"][0]["executionSuccessful"] for log in logs)


def was_seen_by_json(files: dict[str, bytes]) -> bool:
    """Are all scans complete, and did they leave no source of their commits out?"""
    scans = [json.loads(content) for name, content in files.items() if name.startswith("scans/") and name.endswith(".json")]
    left = [json.loads(content)["unscanned"] for name, content in files.items() if name.startswith("accounting/")]
    return bool(scans) and all(scan["complete"] for scan in scans) and not any(left)


def statuses_in_all(files: dict[str, bytes]) -> Told:
    """The status of each criterion of SOC 2, once all formats agree."""
    told = in_table(files)
    for form in (in_csv, in_workbook, in_report, in_pdf, in_statement):
        assert form(files) == told, form.__name__
    assert in_oscal(files) == in_ocsf(files) == {criterion: word for criterion, word in told.items() if word != "out-of-scope"}
    counts = {word: list(told.values()).count(word) for word in WORDS}
    assert in_figures(files) == on_first_page(files) == counts
    return told
