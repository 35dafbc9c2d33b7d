"""Does the Markdown report say what a reviewer needs, and nothing that the scanned code wants it to say?"""

import re

from markdown_it import MarkdownIt
from msgspec.structs import replace

from apiposture.model.scan import Problem
from apiposture.reports import Options, render

from .scans import accepted, bola, hostile, scan


def html(text: str) -> str:
    return str(MarkdownIt("gfm-like", {"linkify": False}).render(text))


def test_findings_stand_in_a_table_and_in_detail() -> None:
    text = render("markdown", scan(bola(), accepted()))
    assert "- Findings 1: 1 critical (1 accepted)" in text
    shown = html(text)
    assert "<td><code>GET /api/orders/{id}</code></td>" in shown
    assert "<td>Possible BOLA in OrderController.cs:24. Missing ownership check for 'id'.</td>" in shown
    assert "   24          var order = await _db.Orders.FindAsync(id);" in text
    assert "**Fix:** `.Where(o =&gt; " not in text
    assert "<code>.Where(o =&gt; o.Id == id &amp;&amp; o.UserId" in shown
    assert "SOC 2 CC6.1 · API1:2023 · CWE-639 · certainty high" in text
    assert "AP102" not in text


def test_hints_come_last_are_marked_and_counted_apart() -> None:
    hint = replace(bola(), certainty="low", message="A hint")
    text = render("markdown", scan(hint, replace(bola(), severity="low", message="A claim")))
    assert "- Findings 2: 1 low, 1 hint" in text
    assert "| A hint *(hint)* |" in text
    assert text.index("| A claim |") < text.index("| A hint *(hint)* |")
    assert "### CRITICAL AP101&#58; A hint *(hint)*" in text


def test_an_incomplete_scan_says_so_first() -> None:
    text = render("markdown", scan(problems=(Problem("unparsed", "A brace is missing.", "src/A.cs", 3),)))
    assert text.index("The scan is incomplete") < text.index("- Findings")
    assert "- unparsed: A brace is missing. `src/A.cs:3` **(the scan is incomplete)**" in text


def test_many_findings_are_counted_rather_than_cut_silently() -> None:
    many = [replace(bola(), fingerprint=f"{number:016x}") for number in range(205)]
    text = render("markdown", scan(*many))
    assert "5 more are in the machine formats." in text
    assert "Details of 175 more are left out here" in text


def test_text_from_the_code_is_shown_and_not_obeyed() -> None:
    text = render("markdown", hostile(), Options(suppressed=True))
    shown = html(text)
    assert "</script>" not in shown
    assert "<a " not in shown
    assert "\x1b" not in text
    assert "\u202e" not in text
    outside_code = re.sub(r"<code.*?</code>", "", shown, flags=re.DOTALL)
    assert "@\u200borg/team" in outside_code
    assert "@org" not in re.sub(r"(`+).*?\\1|<code>.*?</code>|^ .*$", "", text, flags=re.MULTILINE)
    table = shown[shown.index("<tbody>") : shown.index("</tbody>")]
    assert table.count("<tr>") == 1
    assert table.count("<td") == 5
    assert shown.count("<pre>") == 1
    assert "[red]x[/red] \\x1b[31mred" in shown
