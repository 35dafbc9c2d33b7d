"""bandit, as it comes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.cases import Place, Said

NAME = "bandit"
PROGRAM = "bandit"
DOES_NOT = (
    "Does not read C#; does not follow data: it flags that a call stands there, whoever gives what. Knows no endpoints, no callers, and no "
    "formats of providers."
)


def found(program: Path, folder: Path) -> Iterator[Said]:
    """One run over the folder."""
    command = [str(program), "--recursive", "--format", "json", "--quiet", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    yield from (said_of(result, folder) for result in json.loads(done.stdout)["results"])


def said_of(result: dict[str, Any], folder: Path) -> Said:
    """One of its results."""
    lines = result["line_range"]
    place = Place(Path(result["filename"]).relative_to(folder).as_posix(), min(lines), max(lines))
    return Said("", frozenset({f"CWE-{result['issue_cwe'].get('id', 0)}"}), True, (place,))
