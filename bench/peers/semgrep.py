"""semgrep with the rules for C# and Python that its makers publish (of the corpora: no network is needed)."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.cases import Place, Said

NAME = "semgrep"
PROGRAM = "semgrep"
DOES_NOT = (
    "Does not know endpoints, nor who may call them; follows data within one function of one file; has no rule for objects of another "
    "caller, nor for secrets in these rule sets. Its suite's cases are its own tests."
)
RULES = ("csharp", "python")


def found(program: Path, folder: Path) -> Iterator[Said]:
    """One run over the folder."""
    rules = Path(os.environ.get("APIPOSTURE_CORPORA", "")) / "semgrep-rules"
    configured = [f"--config={rules / name}" for name in RULES]
    options = ("--json", "--quiet", "--metrics=off", "--disable-version-check", "--no-git-ignore", "--jobs=1", "--timeout=10")
    command = [str(program), "scan", *options, *configured, str(folder)]
    environment = {**os.environ, "PATH": f"{program.parent}:{os.environ.get('PATH', '')}"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if not done.stdout.strip():
        raise SystemExit(f"bench: semgrep ended with code {done.returncode}: {done.stderr.strip()[-400:]}")
    yield from (said_of(result, folder) for result in json.loads(done.stdout)["results"])


def said_of(result: dict[str, Any], folder: Path) -> Said:
    """One of its results."""
    named = result["extra"].get("metadata", {}).get("cwe", [])
    weaknesses = re.findall(r"CWE-\d+", " ".join([named] if isinstance(named, str) else named))
    place = Place(Path(result["path"]).relative_to(folder).as_posix(), result["start"]["line"], result["end"]["line"])
    return Said("", frozenset(weaknesses), True, (place,))
