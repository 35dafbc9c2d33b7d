"""apiposture 1.0.20: the edition under this name that is on PyPI."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.cases import Place, Said

NAME = "apiposture 1"
PROGRAM = "apiposture"
DOES_NOT = "Reads Python alone, and endpoints alone: no flows of data, no objects, no logs, no secrets."


def found(program: Path, folder: Path) -> Iterator[Said]:
    """One run over the folder."""
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.json"
        command = [str(program), "scan", str(folder), "--output", "json", "--output-file", str(report)]
        subprocess.run(command, capture_output=True, text=True, check=False)
        results = json.loads(report.read_text("utf-8"))["findings"] if report.is_file() else ()
    for result in results:
        endpoint = result["endpoint"]
        path = Path(endpoint["file_path"])
        place = Place(
            (path.relative_to(folder) if path.is_absolute() else path).as_posix(), endpoint["line_number"], endpoint["line_number"]
        )
        yield Said("", frozenset({"CWE-862"}), True, (place,))
