"""How does a table stand in a file that a spreadsheet opens, without a cell becoming a formula?"""

from __future__ import annotations

import io
import re
import zipfile

from apiposture.evidence.verifier.canonical import BrokenError, Json

WORKBOOK = "02-workbook.xlsx"
LONGEST = 32_000
"""Characters of a cell, a little less than a workbook can hold."""

MOST = 1_000_000
"""Rows of a sheet, a little less than one can hold; the CSV file of a longer table holds the rest."""

_RISKY = ("=", "+", "-", "@", "|", "%")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")
_SHEET = re.compile(r'<sheet name="([^"]*)" sheetId="(\d+)"')
_STRING = re.compile(r"<si><t[^>]*>([^<]*)</t></si>")
_ROW = re.compile(r"<row [^>]*>|</row>")
_CELL = re.compile(r'<c r="([A-Z]+\d+)"(?: s="\d+")?( t="s")?><v>([^<]*)</v></c>')


def cell(value: object) -> str:
    """A value as text on one line; what a spreadsheet would take for a formula gets an apostrophe in front."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = _CONTROLS.sub(" ", str(value).encode("utf-8", "backslashreplace").decode("utf-8"))
    return f"'{text}" if not isinstance(value, int) and text.lstrip(" \ufeff\u00a0").startswith(_RISKY) else text


def csv_of(table: Json) -> bytes:
    """The table as CSV (RFC 4180): every cell in quotes."""
    rows = [table["columns"], *table["rows"]]
    return "".join(",".join('"' + cell(value).replace('"', '""') + '"' for value in row) + "\r\n" for row in rows).encode("utf-8")


def check_workbook(data: bytes, tables: dict[str, Json]) -> int:
    """Does the workbook show these tables, cell by cell, and nothing that is worked out when it is opened? The number of its cells."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name).decode("utf-8") for name in archive.namelist() if name.endswith(".xml")}
    texts = [_plain(found) for found in _STRING.findall(parts.get("xl/sharedStrings.xml", ""))]
    sheets = {name: parts[f"xl/worksheets/sheet{number}.xml"] for name, number in _SHEET.findall(parts["xl/workbook.xml"])}
    if set(sheets) != {name[:31] for name in tables} or len(sheets) != sum(name.startswith("xl/worksheets/sheet") for name in parts):
        raise BrokenError(f"'{WORKBOOK}' has other sheets than there are tables.")
    if any("<f>" in sheet or "<f " in sheet for sheet in sheets.values()):
        raise BrokenError(f"'{WORKBOOK}' holds a formula.")
    count = 0
    for name, table in tables.items():
        rows = (table["columns"], *table["rows"][:MOST])
        cells = ((x, y, cell(value)) for y, row in enumerate(rows, 1) for x, value in enumerate(row))
        wanted = {f"{_letters(x)}{y}": text[:LONGEST] for x, y, text in cells if text}
        if _cells(sheets[name[:31]], texts) != wanted:
            raise BrokenError(f"'{WORKBOOK}' does not show the table '{name}'.")
        count += len(wanted)
    return count


def _letters(column: int) -> str:
    """A column as a spreadsheet calls it: A, B... Z, AA..."""
    return (_letters(column // 26 - 1) if column >= 26 else "") + chr(ord("A") + column % 26)


def _cells(sheet: str, texts: list[str]) -> dict[str, str]:
    """The cells of a sheet by their names, in the only form that a pack's workbook has."""
    body = sheet.partition("<sheetData>")[2].partition("</sheetData>")[0]
    if _CELL.sub("", _ROW.sub("", body)):
        raise BrokenError(f"'{WORKBOOK}' holds something that no pack has.")
    found = {name: texts[int(value)] if shared else value for name, shared, value in _CELL.findall(body)}
    return {name: text for name, text in found.items() if text}


def _plain(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").replace("_x005F_", "_")
