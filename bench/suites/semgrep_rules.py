"""semgrep's own rules for C# and Python: each has a file of code in which comments mark what it must find and what not.

`ruleid: x` above a line asks for a finding of rule x there, `ok: x` for none. Only the rules that speak of what ours assert are asked;
`semgrep_rules.toml` names them, and says why others are left out. Each file is scanned as a program of its own. Views of Django, which no
`urls.py` names there, are given one (and names of their own, where several are called the same), so that they can be called. Marks of
`todoruleid` and `todook` are wishes, and are left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bench.cases import Case, Tree
from bench.labels import POSTURE
from bench.suites import Covered
from bench.suites._annotations import span

CORPUS = "semgrep-rules"
LANGUAGES = {"csharp": ("C#", ".cs"), "python": ("Python", ".py")}
VIEW = re.compile(r"^def (?P<name>\w+)\(request\s*,?(?P<more>[^)]*)\)", re.MULTILINE)
MARK = re.compile(r"(?:#|//)\s*(?P<kind>ruleid|ok)\s*:\s*(?P<rules>[\w\-., ]+)")


def trees(corpus: Path, scratch: Path) -> Iterator[Tree]:
    """One tree for each file that has a case."""
    covered = Covered("semgrep_rules")
    for folder, (language, suffix) in LANGUAGES.items():
        for file in sorted((corpus / folder).rglob(f"*{suffix}")):
            path = file.relative_to(corpus)
            if ".fixed." in file.name or covered.leaves_out(path.as_posix()):
                continue
            text = file.read_text("utf-8")
            found = tuple(cases(text, "views.py" if VIEW.search(text) else file.name, language, covered))
            if found:
                yield Tree(written(scratch / path.with_suffix(""), file.name, text), found)


def written(folder: Path, name: str, text: str) -> Path:
    """The file in a folder of its own; views with the routes that they need."""
    folder.mkdir(parents=True)
    if not VIEW.search(text):
        (folder / name).write_text(text, "utf-8")
        return folder
    text = told_apart(text)
    (folder / "views.py").write_text(text, "utf-8")
    (folder / "urls.py").write_text(routes(text), "utf-8")
    return folder


def told_apart(text: str) -> str:
    """The second view of a name is called `name_2`, so that it does not take the place of the first."""
    seen: Counter[str] = Counter()

    def renamed(view: re.Match[str]) -> str:
        name = view["name"]
        seen[name] += 1
        return view.group() if seen[name] == 1 else view.group().replace(f"def {name}(", f"def {name}_{seen[name]}(", 1)

    return VIEW.sub(renamed, text)


def routes(text: str) -> str:
    """A `urls.py` that names each view once, with what it takes beside the request as parts of the route."""
    views = {view["name"]: re.findall(r"\w+(?=\s*(?:[,:=]|$))", view["more"].partition("=")[0]) for view in VIEW.finditer(text)}
    lines = [f'    path("{name}/' + "".join(f"<{part}>/" for part in more) + f'", views.{name}),' for name, more in views.items()]
    return "\n".join(["from django.urls import path", "", "from . import views", "", "urlpatterns = [", *lines, "]", ""])


def cases(text: str, name: str, language: str, covered: Covered) -> Iterator[Case]:
    """The marked places of one file, of the rules that are asked."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        mark = MARK.search(line)
        for theirs in re.split(r"[, ]+", mark["rules"]) if mark else ():
            if mark and theirs in covered.rules:
                rule, weakness = covered.rules[theirs]
                at = number + 1 if not line[: mark.start()].strip() else number
                where = span(lines, min(at, len(lines) - 1))
                rules = POSTURE if rule in POSTURE else (rule,)
                yield Case(rules, language, mark["kind"] == "ruleid", name, where, weakness, name=f"{theirs}:{number + 1}")
