"""Is the terminal report drawn as the contract draws it, at any width, whatever the scanned code says?"""

import re

import pytest
from msgspec.structs import replace
from rich.cells import cell_len
from rich.text import Text

from apiposture.model.finding import Step
from apiposture.model.scan import Problem
from apiposture.model.source import Place
from apiposture.reports import Options, render
from apiposture.reports.frame import places

from .scans import CODE, PATH, accepted, bola, hostile, scan

FRAME = """\
[CRITICAL] AP101: Possible BOLA in OrderController.cs:24. Missing ownership check for 'id'.
    ┌─ src/OrderController.cs:24:38                                             GET /api/orders/{id}
  20 │ [Authorize]                                   proves who calls, not whose order it is
  21 │ public async Task<IActionResult> GetOrder(int id)
     │                                           ------ 1. the caller chooses this value
  24 │     var order = await _db.Orders.FindAsync(id);
     │                                  ^^^^^^^^^^^^^ 2. it reaches the data; 'Order.UserId' is
     │                                                never compared
  25 │     return Ok(order);                         3. the object leaves in the response
     │ 4 of 5 other endpoints on 'Order' filter by 'UserId' (OrderController.cs:41, 57)
     │ fix: .Where(o => o.Id == id && o.UserId == User.FindFirstValue(ClaimTypes.NameIdentifier))
     │ SOC 2 CC6.1 · API1:2023 · CWE-639 · certainty high · 7f3a19c2

Files      3: 1 parsed, 1 partial, 1 searched
Endpoints  2: 1 public, 1 authenticated
Findings   1: 1 critical
Problems   0
Time       0.42 s
"""


def test_the_frame_is_drawn_as_in_the_contract() -> None:
    assert render("terminal", scan(bola()), Options(width=100, elapsed=0.42)) == FRAME


def frame_lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("  ")]


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
def test_no_frame_line_is_wider_than_the_screen(width: int) -> None:
    long = dict(CODE) | {24: " " * 60 + "var 注文 = await _db.Orders.FindAsync(id);" + " // 長い" * 40}
    finding = replace(
        bola(),
        trace=(*bola().trace[:2], Step(Place(PATH, 24, 89, 24, 102), "it reaches the data", "sink")),
    )
    text = render("terminal", scan(finding, snippets={PATH: long}), Options(width=width))
    assert all(cell_len(line) <= width for line in frame_lines(text)), max(frame_lines(text), key=cell_len)
    assert "^" in text


def test_marks_stand_under_their_text_after_wide_characters_and_tabs() -> None:
    line = "\tvar 注文 = db.Find(id);"
    start = line.index("Find") + 1
    finding = replace(bola(), trace=(Step(Place(PATH, 24, start, 24, start + 8), "here", "sink"),))
    lines = render("terminal", scan(finding, snippets={PATH: {24: line}})).splitlines()
    at = next(number for number, text in enumerate(lines) if "Find(id)" in text)
    shown, marks = lines[at], lines[at + 1]
    assert "^" * 8 + " here" in marks
    assert cell_len(shown[: shown.index("Find")]) == cell_len(marks[: marks.index("^")])


def test_a_trace_over_several_files_names_each() -> None:
    other = Place("src/Orders.cs", 7, 5, 7, 9)
    finding = replace(bola(), trace=(Step(other, "passed on", "step"), bola().trace[2]))
    text = render("terminal", scan(finding, snippets={PATH: CODE, "src/Orders.cs": {7: "    Load(id);"}}))
    assert "├─ src/Orders.cs" in text
    assert text.index("1. passed on") < text.index("├─ src/OrderController.cs") < text.index("2. it reaches")


def test_a_place_without_its_text_is_still_told() -> None:
    text = render("terminal", scan(bola(), snippets={}))
    assert "1. the caller chooses this value" in text
    assert "2. it reaches the data" in text


def test_suppressed_and_hidden_findings_are_counted() -> None:
    auditor = replace(bola(), persona="auditor", severity="low")
    text = render("terminal", scan(bola(), accepted(), auditor))
    assert "AP102" not in text
    assert "Findings   2: 1 critical, 1 low (1 accepted, 1 not shown: --persona auditor)" in text
    everything = Options(suppressed=True, personas=("regular", "auditor"))
    text = render("terminal", scan(bola(), accepted(), auditor), everything)
    assert "[HIGH] AP102: Sensitive data in logs in Log.cs:3. 'Password' reaches 'LogInformation'." in text
    assert "(suppressed: test data only)" in text
    assert "[LOW] AP101" in text
    low = replace(bola(), certainty="low")
    text = render("terminal", scan(low), Options(certainty="medium"))
    assert "AP101" not in text
    assert "Findings   1: 1 hint (1 not shown: --min-certainty low)" in text


def test_hints_come_last_are_marked_and_counted_apart() -> None:
    hint = replace(bola(), certainty="low", message="A hint.")
    claim = replace(bola(), severity="low", certainty="medium", message="A claim.")
    text = render("terminal", scan(hint, claim, hint))
    assert [line for line in text.splitlines() if line.startswith("[")] == [
        "[LOW] AP101: A claim.",
        "[CRITICAL] AP101: A hint. (hint)",
        "[CRITICAL] AP101: A hint. (hint)",
    ]
    assert "Findings   3: 1 low, 2 hints" in text


def test_a_headline_is_broken_between_words_on_a_screen_and_nowhere_else() -> None:
    told = "Possible BOLA in OrderController.cs:24. Missing ownership check for 'id'."
    plain = render("terminal", scan(bola()), Options(width=60)).splitlines()
    assert plain[0] == f"[CRITICAL] AP101: {told}"
    drawn = Text.from_ansi(render("terminal", scan(bola()), Options(width=60, color=True))).plain.splitlines()
    assert drawn[:2] == ["[CRITICAL] AP101: Possible BOLA in OrderController.cs:24.", "           Missing ownership check for 'id'."]


def test_what_goes_on_stands_below_what_it_belongs_to() -> None:
    lines = render("terminal", scan(bola()), Options(width=60)).splitlines()
    at = next(number for number, line in enumerate(lines) if "fix: " in line)
    assert lines[at : at + 4] == [
        "     │ fix: .Where(o => o.Id == id && o.UserId ==",
        "     │      User.FindFirstValue(ClaimTypes.NameIdentifier))",
        "     │ SOC 2 CC6.1 · API1:2023 · CWE-639",
        "     │ certainty high · 7f3a19c2",
    ]


def test_a_file_and_a_line_are_told_once() -> None:
    steps = [
        Step(Place(path, line, 1), "", "sibling")
        for path, line in (("a/A.cs", 4), ("a/A.cs", 4), ("a/A.cs", 9), ("B.cs", 1), ("a/A.cs", 7))
    ]
    assert places(steps) == "A.cs:4, 9, B.cs:1, A.cs:7"


def test_a_place_without_a_mark_is_still_the_place() -> None:
    whole = Step(Place(PATH, 25, 9, 25, 26), "it leaves", "sink")
    drawn = render("terminal", scan(replace(bola(), place=whole.place, trace=(*bola().trace[:2], whole))), Options(width=100, color=True))
    assert re.search(r"\x1b\[1;31m +2\. it leaves", drawn)


@pytest.mark.parametrize("width", [40, 80])
def test_the_endpoint_has_a_line_of_its_own_where_it_does_not_fit(width: int) -> None:
    route = "/api/v1/warehouses/{warehouse}/orders/{id}/positions/{position}"
    lines = render("terminal", scan(replace(bola(), route=route)), Options(width=width)).splitlines()
    assert lines[1] == "    ┌─ src/OrderController.cs:24:38"
    if width == 80:
        assert lines[2] == f"     │ GET {route}"
    assert f"GET{route}" in "".join(line.replace("│", "").replace(" ", "") for line in lines[2:5])


def test_problems_are_always_shown_and_a_blind_scan_is_not_clean() -> None:
    problems = (Problem("unparsed", "A brace is missing.", "src/A.cs", 3), Problem("limit", "Cut.", blocks=False))
    text = render("terminal", scan(problems=problems))
    assert "[PROBLEM] unparsed: A brace is missing. (src/A.cs:3)" in text
    assert "Problems   2: 1 blocking" in text
    assert text.endswith("The scan is incomplete: there may be more than was found.\n")
    assert "incomplete" not in render("terminal", scan())


def test_details_say_what_was_looked_for() -> None:
    wanted = "looked for: 'Order.UserId' in the query's condition"
    assert wanted in render("terminal", scan(bola()), Options(details=True))
    assert wanted not in render("terminal", scan(bola()))


def test_colour_only_when_asked_for_and_never_from_the_code() -> None:
    own = re.compile(r"\x1b\[[\d;]*m")
    plain = render("terminal", scan(bola()), Options(width=100, elapsed=0.42))
    colored = render("terminal", scan(bola()), Options(width=100, elapsed=0.42, color=True))
    assert "\x1b" not in plain
    assert "\x1b[" in colored
    assert [line.rstrip() for line in own.sub("", colored).splitlines()] == plain.splitlines()


@pytest.mark.parametrize("color", [False, True])
def test_text_from_the_code_is_shown_and_not_obeyed(color: bool) -> None:
    text = render("terminal", hostile(), Options(color=color, suppressed=True, details=True, width=500))
    bare = re.sub(r"\x1b\[[\d;]*m", "", text)
    assert "\x1b[31mred" not in text
    for forbidden in ("\x1b", "\x07", "\x9b", "\u202e", "\u2066", "\udcff"):
        assert forbidden not in bare
    assert "[red]x[/red] \\x1b[31mred\\x1b[0m\\x07" in bare
    assert "src/a b\\n[bold]\\x1b[2J#1?%/\\u202e:\\udcff.cs" in bare
    assert len(bare.splitlines()) < 40
