"""How do the tables stand in a workbook, where auditors work, without a cell becoming a formula?"""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter

from apiposture.evidence.verifier.canonical import Json
from apiposture.evidence.verifier.figures import shown_figures
from apiposture.evidence.verifier.sheets import LONGEST, MOST, cell


def workbook(about: Json, tables: dict[str, Json], figures: Json) -> bytes:
    """One sheet a table, the figures first. The same tables give the same bytes."""
    memory = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(memory, options)
    made = datetime.fromisoformat(about["prepared_at"].replace("Z", ""))
    book.set_properties({"title": f"Evidence for {about['project']}", "created": made, "author": "ApiPosture"})
    bold = book.add_format({"bold": True, "bottom": 1})
    for name, table in {"figures": shown_figures(figures), **tables}.items():
        _fill(book.add_worksheet(name[:31]), table, bold)
    book.close()
    return memory.getvalue()


def _fill(sheet: Any, table: Json, bold: Any) -> None:
    for column, title in enumerate(table["columns"]):
        sheet.write_string(0, column, title, bold)
    for number, row in enumerate(table["rows"][:MOST], 1):
        for column, value in enumerate(row):
            if isinstance(value, int) and not isinstance(value, bool):
                sheet.write_number(number, column, value)
            else:
                sheet.write_string(number, column, cell(value)[:LONGEST])
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(1, len(table["rows"])), len(table["columns"]) - 1)
    sheet.set_column(0, len(table["columns"]) - 1, 18)
