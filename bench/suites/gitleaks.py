"""gitleaks' own samples: for each of its rules, texts that must be found and texts that must not.

The samples are Go expressions (`bench/go_strings.py` reads them), and most are one token in some twenty ways of writing it down. Each
becomes a file, named after the language that it is written in, or `settings.conf` where that is not said. A case is a file. Left out are
samples that only running the program could make, those of the rules that `gitleaks.toml` names, and those whose secret stands for one (a
run of one sign, digits in order, EXAMPLE): to AP201 that is a placeholder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from bench.cases import Case, Tree
from bench.go_strings import Calls, Reader, Unknown, assigned, drawn, filled
from bench.suites import Covered

CORPUS = "gitleaks"
FOLDER = "cmd/generate/config"
FUNCTION = re.compile(r"^func \w+\([^)]*\) \*config\.Rule \{.*?^\}", re.MULTILINE | re.DOTALL)
RULE = re.compile(r'RuleID:\s+"([^"]+)"')
PATTERNS = re.compile(r"^func (\w+)\([^)]*\) string \{\s*return (?:fmt\.Sprintf\()?`([^`]+)`", re.MULTILINE)
WAY = re.compile(r'^\t+("[^"]+"):\s+(.+),$', re.MULTILINE)
FILES = {
    "ini": "settings.ini", "json": "settings.json", "xml": "settings.xml", "yaml": "settings.yml", "c#": "Main.cs", "go": "main.go",
    "java": "Main.java", "kotlin": "Main.kt", "php": "main.php", "python": "main.py", "make": "Makefile",
}  # fmt: skip
PLAIN = "settings.conf"
STAND_IN = re.compile(r"([A-Za-z0-9])\1{7}|12345678|EXAMPLE|cafebabe|deadbeef", re.IGNORECASE)
Sample = tuple[str, str]
"""The name of a file, and what stands in it."""


def trees(corpus: Path, scratch: Path) -> Iterator[Tree]:
    """All samples, side by side in one tree."""
    tools = corpus / FOLDER / "utils"
    ways = dict(ways_of((tools / "generate.go").read_text("utf-8")))
    calls = calls_of((tools / "patterns.go").read_text("utf-8"), ways)
    left_out = Covered("gitleaks").left_out
    cases = []
    for source in sorted((corpus / FOLDER / "rules").glob("*.go")):
        for function in FUNCTION.findall(source.read_text("utf-8")):
            rule = RULE.search(function)
            if rule is None or rule[1] in left_out:
                continue
            for number, (flawed, (name, text)) in enumerate(samples(function, calls)):
                path = f"{source.stem}/{rule[1]}-{number}/{name}"
                (scratch / path).parent.mkdir(parents=True, exist_ok=True)
                (scratch / path).write_text(text, "utf-8")
                cases.append(Case(("AP201",), "text", flawed, path))
    yield Tree(scratch, tuple(cases))


def samples(function: str, calls: Calls) -> Iterator[tuple[bool, Sample]]:
    """The different samples of one rule, and whether each must be found."""
    last = {name: value for name, value in assigned(function, calls) if name in ("tps", "fps") and isinstance(value, list)}
    for name, values in last.items():
        for text in dict.fromkeys(value for value in values if isinstance(value, str)):
            if name == "tps" and STAND_IN.search(text):
                continue
            file, _, rest = text.partition("\0")
            yield name == "tps", (file, rest) if rest else (PLAIN, text)


def ways_of(source: str) -> Iterator[Sample]:
    """How gitleaks writes a token down: the file's name by the language, and the text with its holes."""
    for kind, template in WAY.findall(source):
        try:
            text = Reader(template, {}).expression()
        except Unknown:
            continue
        if isinstance(text, str):
            yield kind, text


def calls_of(source: str, ways: dict[str, str]) -> Calls:
    """The functions that samples are written with."""
    forms = {f"utils.{name}": partial(sized, form) for name, form in PATTERNS.findall(source)}
    files = {kind: FILES.get(kind.strip('"').partition(" ")[0].lower(), PLAIN) for kind in ways}
    written = {
        "utils.GenerateSampleSecret": lambda name, secret: f'{name}_api_token = "{secret}"',
        "utils.GenerateSampleSecrets": lambda name, secret: [
            f"{files[kind]}\0{in_place(text, name, secret)}" for kind, text in ways.items()
        ],
    }
    return {"secrets.NewSecret": drawn, "newPlausibleSecret": drawn, "fmt.Sprintf": filled, **forms, **written}


def sized(form: str, size: str = "") -> str:
    """`[a-f0-9]{%s}` with its size."""
    return form.replace("%s", size)


def in_place(text: str, name: str, secret: str) -> str:
    """A way of writing with its holes filled."""
    return text.replace("{i}", name).replace("{I}", name.upper()).replace("{s}", secret)
