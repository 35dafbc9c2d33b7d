"""What do the README's pictures show? The sample, as the tool shows it today.

    python docs/pictures.py        renews docs/terminal-*.svg, and docs/report.png where Chromium is at hand
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP / "src"))

from rich._export_format import CONSOLE_SVG_FORMAT  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.terminal_theme import TerminalTheme  # noqa: E402
from rich.text import Text  # noqa: E402

from apiposture.config import Config, RuleChoice  # noqa: E402
from apiposture.reports import Options, render  # noqa: E402
from apiposture.scan import scan  # noqa: E402

SAMPLE = TOP / "samples/orders-aspnetcore"
COLUMNS = 100
TITLE = "apiposture scan ."
FONTS = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
FONT_FACE = re.compile(r"@font-face \{\{.*?\}\}\s*", re.DOTALL)
"""Nothing is fetched from elsewhere."""
THEMES = {
    "dark": TerminalTheme(
        (13, 17, 23), (230, 237, 243),
        [(72, 79, 88), (255, 123, 114), (63, 185, 80), (210, 153, 34), (88, 166, 255), (188, 140, 255), (57, 197, 207), (177, 186, 196)],
    ),
    "light": TerminalTheme(
        (255, 255, 255), (31, 35, 40),
        [(36, 41, 47), (207, 34, 46), (17, 99, 41), (125, 78, 0), (9, 105, 218), (130, 80, 223), (27, 124, 131), (110, 119, 129)],
    ),
}  # fmt: skip


def main() -> None:
    """Draw all of them."""
    found = scan([SAMPLE], Config(cache=False, rules=RuleChoice(select=("AP101",))), today="2026-01-01")
    for name, theme in THEMES.items():
        drawn = terminal(render("terminal", found, Options(color=True, width=COLUMNS)), theme)
        (TOP / f"docs/terminal-{name}.svg").write_text(drawn, "utf-8")
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser:
        report(browser)


def terminal(text: str, theme: TerminalTheme) -> str:
    """A terminal's screen as a picture."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True, color_system="truecolor", legacy_windows=False)
    console.print(Text.from_ansi(text), soft_wrap=True)
    form = FONT_FACE.sub("", CONSOLE_SVG_FORMAT).replace("Fira Code", FONTS)
    return console.export_svg(title=TITLE, theme=theme, code_format=form, unique_id="apiposture") + "\n"


def report(browser: str) -> None:
    """The page as a browser shows it."""
    found = scan([SAMPLE], Config(cache=False), today="2026-01-01")
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        page.write_text(render("html", found), "utf-8")
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1180,1330"]
        subprocess.run([browser, *flags, f"--screenshot={TOP / 'docs/report.png'}", page.as_uri()], check=True, capture_output=True)


if __name__ == "__main__":
    main()
