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

HIDDEN = re.compile(r"\s*(?://|#|--|<!--)\s*(?:expect|hint|missed|spurious): .*$", re.MULTILINE)
"""What the programs of a page assert: a reader of a library's page needs it no more than a library's user."""


def main(folder: Path) -> None:
    """Write every page below the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(TOP / "docs" / "report.png", folder / "report.png")
    for path, text in pages().items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")


def pages() -> dict[str, str]:
    """Path -> Markdown."""
    found = {
        "index.md": (TOP / "README.md").read_text("utf-8").replace("(docs/report.png)", "(report.png)"),
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
        found[f"libraries/{page.relative_to(SOURCE / 'frameworks').as_posix()}"] = HIDDEN.sub("", page.read_text("utf-8"))
    for page in sorted((SOURCE / "evidence" / "standards").glob("*.md")):
        found[f"standards/{page.name}"] = page.read_text("utf-8")
    return found


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
        lines += ["| key | values | default |", "|---|---|---|", *(row(key, said) for key, said in parts[part]["properties"].items()), ""]
    return "\n".join(lines)


def row(key: str, said: dict[str, object]) -> str:
    """One key."""
    return f"| `{key}` | {values(said)} | `{json.dumps(said.get('default', ''))}` |"


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
