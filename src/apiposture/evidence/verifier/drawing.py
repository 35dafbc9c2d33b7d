"""How is a picture drawn that everybody can read: on paper, in the dark, and with few colours?

SVG without scripts, fonts or anything from elsewhere. What a colour says is said by a pattern and by letters as well (the palette of Okabe
and Ito).
"""

from __future__ import annotations

from html import escape

from apiposture.evidence.verifier.canonical import harmless

PATTERNS = {
    "plain": "",
    "stripes": '<path d="M-2 2l4-4M0 12L12 0M10 14l4-4" stroke="{ink}" stroke-width="2.4" stroke-opacity=".34"/>',
    "dots": '<path d="M3 3h.01M9 9h.01" stroke="{ink}" stroke-width="3" stroke-linecap="round" stroke-opacity=".42"/>',
    "rows": '<path d="M0 3H12M0 9H12" stroke="{ink}" stroke-width="1.5" stroke-opacity=".4"/>',
    "columns": '<path d="M3 0V12M9 0V12" stroke="{ink}" stroke-width="1.5" stroke-opacity=".4"/>',
    "hatch": '<path d="M0 12L12 0M0 0L12 12" stroke="{ink}" stroke-width="1.3" stroke-opacity=".55"/>',
}
"""What is laid over a colour, twelve by twelve."""

BLACK, WHITE = "#111111", "#ffffff"
_THEME = (
    "svg.drawn{font-family:system-ui,'DejaVu Sans',sans-serif;font-size:12px;--ink:#1a1f28;--soft:#5b6473;--line:#ccd2dc;--paper:#ffffff}"
    "@media screen and (prefers-color-scheme:dark){svg.drawn{--ink:#e8ebf1;--soft:#a3acbb;--line:#3a4250;--paper:#1a1f28}}"
    "svg.drawn text{fill:var(--ink)}svg.drawn .soft{fill:var(--soft)}svg.drawn .line{stroke:var(--line)}svg.drawn .axis{stroke:var(--soft)}"
    "svg.drawn .paper{fill:var(--paper)}svg.drawn .frame{fill:none;stroke:var(--ink);stroke-width:2.5}"
    "svg.drawn .code{font-family:ui-monospace,'DejaVu Sans Mono',monospace;font-size:11.5px}svg.drawn .head{font-weight:650}"
)


class Look:
    """How a word is drawn: its colour, the pattern on it, the ink of both, and a letter."""

    def __init__(self, color: str, pattern: str, letter: str, meaning: str, ink: str = BLACK) -> None:
        self.color, self.pattern, self.letter, self.meaning, self.ink = color, pattern, letter, meaning, ink

    def box(self, x: float, y: float, width: float, height: float, letter: bool = True) -> str:
        """A cell of that look."""
        place = f'x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="3"'
        drawn = f'<rect {place} fill="{self.color}" stroke="#444a55"/>'
        if self.pattern != "plain":
            drawn += f'<rect {place} fill="url(#{self.pattern}-{self.ink[1:]})"/>'
        if not letter:
            return drawn
        halo = f"fill:{self.ink};stroke:{self.color};stroke-width:4px;paint-order:stroke;font-weight:700"
        return f'{drawn}<text x="{x + width / 2:g}" y="{y + height / 2 + 4.3:g}" text-anchor="middle" style="{halo}">{self.letter}</text>'


def svg(width: float, height: float, title: str, description: str, drawn: str) -> str:
    """A whole picture; what it shows is said in words for those who don't see it."""
    patterns = "".join(
        f'<pattern id="{name}-{ink[1:]}" width="12" height="12" patternUnits="userSpaceOnUse">{lines.format(ink=ink)}</pattern>'
        for name, lines in PATTERNS.items()
        for ink in (BLACK, WHITE)
        if lines
    )
    size = f'viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" class="drawn" {size} role="img" aria-label="{escape(title)}">'
    words = f"<title>{spoken(title)}</title><desc>{spoken(description)}</desc>"
    paper = f'<rect class="paper" width="{width:g}" height="{height:g}"/>'
    return f"{head}{words}<style>{_THEME}</style><defs>{patterns}</defs>{paper}{drawn}</svg>\n"


def label(x: float, y: float, text: str, anchor: str = "start", kind: str = "") -> str:
    """Words at a place."""
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}"{named}>{spoken(text)}</text>'


def spoken(text: str) -> str:
    """Text inside of a picture: no markup, and nothing without a glyph, which XML does not allow."""
    return escape(harmless(text))


def shortened(text: str, most: int) -> str:
    """The beginning and the end of a text that is too long."""
    half = (most - 1) // 2
    return text if len(text) <= most else f"{text[:half]}…{text[len(text) - half :]}"
