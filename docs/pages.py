"""Which pages does the documentation site have? The same ones that explain, test and ship: nothing is written twice.

    python docs/pages.py FOLDER      writes them there as Markdown; `make docs` makes the site of them
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
SOURCE = TOP / "src" / "apiposture"
sys.path.insert(0, str(TOP / "src"))

from apiposture import pipelines, reports, rules  # noqa: E402
from apiposture.config import schema  # noqa: E402

HIDDEN = re.compile(r"\s*(?://|#|--|<!--)\s*(?:expect|hint): .*$", re.MULTILINE)
"""What the programs of a page assert: a reader of a library's page needs it no more than a library's user."""
GAP = re.compile(r"(?P<sign>//|#|--|<!--)\s*(?P<kind>missed|spurious): (?P<rules>AP\d{3}(?:, AP\d{3})*)")
GAPS = {"missed": "known gap: not found", "spurious": "known gap: found, wrongly"}
"""What a reader must know: where the scanner says too little or too much today."""
NOT_RESOLVED = re.compile(
    r"^(?:(?:Not (?:resolved|covered|followed|read)|What is not (?:resolved|read)): *|## Limits\n\n)(?P<what>[^`\n].*?)(?=\n\n|\Z)",
    re.MULTILINE | re.DOTALL,
)
RUN = re.compile(r"^```console[^\n]*$|^(```+)(\w+) file=\S+$", re.MULTILINE)
"""What tells the tests how to play a block (tests/test_guides.py) is nothing to a reader."""


def main(folder: Path) -> None:
    """Write every page below the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for picture in (*(TOP / "docs").glob("*.png"), *(TOP / "docs").glob("*.svg")):
        shutil.copy(picture, folder / picture.name)
    for path, text in pages().items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    (folder.parent / "mkdocs.yml").write_text(navigation(), "utf-8")


def pages() -> dict[str, str]:
    """Path -> Markdown."""
    found = {
        "index.md": shown(TOP / "README.md").replace("](docs/", "](").replace('"docs/', '"'),
        **{f"guide/{page.name}": shown(page) for page in sorted((TOP / "docs/guide").glob("*.md"))},
        "libraries/index.md": libraries(),
        "contributing.md": (TOP / "CONTRIBUTING.md").read_text("utf-8"),
        "architecture.md": (TOP / "ARCHITECTURE.md").read_text("utf-8"),
        "configuration.md": configuration(),
        "editor.md": (TOP / "editors/vscode/README.md").read_text("utf-8"),
        "changes.md": changes(),
    }
    found |= {f"rules/{rule.id}.md": rules.guide(rule.id) for rule in rules.catalogue()}
    found |= {f"reports/{name}.md": reports.page(name) for name in reports.names()}
    found |= {f"pipelines/{name}.md": recipe(name) for name in pipelines.names()}
    for page in sorted((SOURCE / "frameworks").rglob("*.md")):
        found[f"libraries/{page.relative_to(SOURCE / 'frameworks').as_posix()}"] = with_gaps(page.read_text("utf-8"))
    for page in sorted((SOURCE / "evidence" / "standards").glob("*.md")):
        found[f"standards/{page.name}"] = page.read_text("utf-8")
    return found


def shown(page: Path) -> str:
    """A document without what is said to the tests alone."""
    return RUN.sub(lambda fence: f"{fence[1]}{fence[2]}" if fence[1] else "```console", page.read_text("utf-8"))


def with_gaps(text: str) -> str:
    """A library's page, with its known gaps spelled out."""
    return GAP.sub(lambda gap: f"{gap['sign']} {GAPS[gap['kind']]} ({gap['rules']})", HIDDEN.sub("", text))


def libraries() -> str:
    """What is read of each library and framework, and what is not, in one table a language."""
    lines = ["# Frameworks and libraries", "", "What each page says in full, with programs: what is resolved, and what is not. A gap is a"]
    lines += ["line of a program that the scanner judges wrongly today; the tests fail when one closes, so that the count is true.", ""]
    for language in ("csharp", "python"):
        lines += [f"## {'C&#35;' if language == 'csharp' else 'Python'}", "", "| read | not resolved | known gaps |", "|---|---|---|"]
        lines += [library_row(page) for page in sorted((SOURCE / "frameworks" / language).glob("*.md"))]
        lines += [""]
    return "\n".join(lines)


def library_row(page: Path) -> str:
    """A library in the table."""
    text = page.read_text("utf-8")
    title = text.partition("\n")[0].removeprefix("# ")
    left = " ".join(" ".join(match["what"].split()) for match in NOT_RESOLVED.finditer(text)).replace("|", "\\|")
    gaps = len(GAP.findall(text))
    return f"| [{title}]({page.parent.name}/{page.name}) | {left or '-'} | {gaps or '-'} |"


GUIDE = ("quick-start", "living-with-it", "pipelines", "soc2", "add-a-rule")
"""The guides, in the order in which they are read."""


def navigation() -> str:
    """The site's settings, with its tree: guides first, then what one looks up."""
    found = pages()
    parts = {
        "Guide": [f"guide/{name}.md" for name in GUIDE],
        "Rules": sorted(name for name in found if name.startswith("rules/")),
        "Frameworks": sorted((name for name in found if name.startswith("libraries/")), key=lambda name: (name.count("/"), name)),
        "Reports": sorted(name for name in found if name.startswith("reports/")),
        "Pipelines": sorted(name for name in found if name.startswith("pipelines/")),
        "Standards": sorted(name for name in found if name.startswith("standards/")),
        "Reference": ["configuration.md", "editor.md", "changes.md", "architecture.md", "contributing.md"],
    }
    lines = ["INHERIT: ../docs/mkdocs.yml", "docs_dir: pages", "site_dir: site", "nav:", "  - index.md"]
    for title, names in parts.items():
        lines += [f"  - {title}:", *(f"    - {name}" for name in names)]
    return "\n".join(lines) + "\n"


def recipe(name: str) -> str:
    """A CI system: its page, and what `init` writes for it."""
    place = pipelines.place(name)
    kind = "groovy" if name == "jenkins" else "yaml"
    filled = place.text.strip("\n").replace("{install}", "pip install apiposture").replace("{branch}", "main").replace("{path}", ".")
    return f"{pipelines.page(name)}\n## `{place.file}`\n\n```{kind}\n{filled}\n```\n"


def configuration() -> str:
    """Every key of the configuration, from the schema that ships for editors."""
    parts = schema()["$defs"]
    lines = ["# Configuration", "", "`apiposture.toml`, or `[tool.apiposture]` in `pyproject.toml`.", ""]
    for title, part in (("", "Config"), ("[rules]", "RuleChoice"), ("[[suppress]]", "Suppress")):
        lines += [f"## `{title or 'apiposture.toml'}`", "", " ".join(parts[part].get("description", "").split()), ""]
        lines += ["| key | meaning | values | default |", "|---|---|---|---|"]
        lines += [*(row(key, said) for key, said in parts[part]["properties"].items()), ""]
    return "\n".join(lines)


def row(key: str, said: dict[str, object]) -> str:
    """One key."""
    default = f"`{json.dumps(said['default'])}`" if said.get("default") not in (None, "", [], {}) else ""
    return f"| `{key}` | {said.get('description', '')} | {values(said)} | {default} |"


def values(said: dict[str, object]) -> str:
    """What a key may say."""
    choices = said.get("enum")
    return ", ".join(f"`{each}`" for each in choices) if isinstance(choices, list) else str(said.get("type", "table"))


def changes() -> str:
    """What users noticed, the newest first."""
    files = sorted((file for file in (TOP / "changes").glob("*.md") if file.name != "README.md"), reverse=True)
    return "# Changes\n\n" + "\n".join(re.sub(r"^# ", "## ", file.read_text("utf-8")) for file in files)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
