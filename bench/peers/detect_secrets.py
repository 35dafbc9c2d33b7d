"""detect-secrets, with all its plugins and filters as they come."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

from bench.cases import Place, Said

NAME = "detect-secrets"
PROGRAM = "detect-secrets"
DOES_NOT = "Looks for secrets alone. Takes any text of high entropy in quotes for one, whatever it is called."


def found(program: Path, folder: Path) -> Iterator[Said]:
    """One run over the folder; it prints paths from there."""
    done = subprocess.run([str(program), "scan", "--all-files", "."], cwd=folder, capture_output=True, text=True, check=False)
    for path, secrets in json.loads(done.stdout)["results"].items():
        for line in sorted({secret["line_number"] for secret in secrets}):
            yield Said("", frozenset({"CWE-798"}), True, (Place(path, line, line),))
