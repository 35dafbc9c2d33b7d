"""Is the page complete by itself, readable, and deaf to the text that it shows?"""

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from msgspec.structs import replace

from apiposture.model.facts import Endpoint, Need, Posture
from apiposture.model.scan import Problem
from apiposture.model.source import Place
from apiposture.reports import Options, render
from apiposture.reports.markup import tag, verbatim

from .scans import HOSTILE, accepted, bola, hostile, scan

PROBLEM = Problem("unparsed", "A brace is missing.", "src/A.cs", 3)
VOID = {"meta", "input", "br"}
ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "header", "main", "footer", "section", "div", "p", "h1", "h2", "span", "b", "a", "ul",
    "li", "svg", "rect", "table", "thead", "tbody", "tr", "th", "td", "form", "input", "fieldset", "legend", "label", "select", "option",
    "output", "details", "summary", "figure", "figcaption", "code", "mark", "pre", "script",
}  # fmt: skip


class Page(HTMLParser):
    """The page as a browser's tree builder sees it, roughly: every element closed by its own end tag."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.scripts = ""
        self.styles = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["script"]:
            self.scripts += data
        elif self.open[-1:] == ["style"]:
            self.styles += data
        else:
            self.text.append(data)

    def all(self, name: str, **wanted: str) -> list[dict[str, str | None]]:
        return [each for tag, each in self.tags if tag == name and all(each.get(key.rstrip("_")) == value for key, value in wanted.items())]


def page(*arguments: object, options: Options | None = None) -> Page:
    return Page(render("html", *arguments, options or Options()))  # type: ignore[arg-type]


def test_a_page_holds_the_verdict_the_figures_the_matrix_and_the_findings() -> None:
    shown = page(scan(bola(), accepted()))
    text = "".join(shown.text)
    assert "1 finding blocks" in text
    assert "(1 accepted)" in text
    assert "Possible BOLA in OrderController.cs:24. Missing ownership check for 'id'." in text
    assert "Accepted: test data only (until 2027-03-31, by kim, SEC-7)" in text
    assert [each["id"] for each in shown.all("details")] == ["f-7f3a19c2d4e5f607", "f-00112233aabbccdd"]
    assert "apiposture why 7f3a19c2" in text
    assert [each for each in shown.all("a") if each["href"] == "#f-7f3a19c2d4e5f607"], "the matrix leads to the finding"


def test_the_way_is_marked_and_numbered() -> None:
    text = render("html", scan(bola()))
    assert '<mark class="sink">FindAsync(id)</mark>' in text
    assert '<mark class="source">int id</mark>' in text
    assert '<mark class="declaration">[Authorize]</mark>' in text
    assert "<b>1.</b> the caller chooses this value" in text
    assert "<b>2.</b> it reaches the data" in text


def test_every_posture_has_words_a_colour_and_a_pattern() -> None:
    css = render("html", scan())
    for level in ("public", "anonymous", "authenticated", "role", "policy", "unknown"):
        assert f".posture.{level}::before {{ " in css
        assert css.count(f"--{level}: #") == 3, "light, dark and print"
    needs = Posture("role", "[Authorize(Roles = ...)]", Place("src/A.cs", 3), (Need("role", "Admin"),))
    of = replace(scan(), endpoints=(Endpoint("DELETE", "/a/{id}", "aspnet", "A.Delete", Place("src/A.cs", 4), needs),))
    shown = page(of)
    assert "Admin" in shown.text
    (cell,) = shown.all("div", class_="cell")
    assert "Decided in src/A.cs:3." in str(cell["title"])


def test_blindness_is_said_before_everything_else() -> None:
    shown = page(scan(problems=(PROBLEM,)))
    text = "".join(shown.text)
    assert text.index("The scan is incomplete: there may be more") < text.index("Summary")
    assert "A brace is missing." in text


@pytest.mark.parametrize("number", [1, 1_003])
def test_a_cut_is_stated(number: int) -> None:
    many = [replace(bola(), trace=(), fingerprint=f"{each:016x}") for each in range(number)]
    assert ("3 more findings are not on this page" in render("html", scan(*many))) == (number > 1_000)


def test_nothing_from_outside_is_loaded_and_only_our_own_script_runs() -> None:
    text = render("html", scan(bola()))
    shown = Page(text)
    assert {name for name, _ in shown.tags} <= ALLOWED
    assert not {"src", "srcset", "action", "style"} & {key for _, each in shown.tags for key in each}
    assert not [key for _, each in shown.tags for key in each if key.startswith("on")]
    assert all(str(each["href"]).startswith("#") for each in shown.all("a"))
    assert "url(" not in shown.styles
    assert "@import" not in shown.styles
    (policy,) = [str(each["content"]) for each in shown.all("meta", http_equiv="x") or shown.all("meta") if each.get("http-equiv")]
    assert policy.startswith("default-src 'none'; ")
    for kind, content in (("style-src", shown.styles), ("script-src", shown.scripts)):
        digest = b64encode(sha256(content.encode()).digest()).decode()
        assert f"{kind} 'sha256-{digest}';" in policy
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval|fetch|XMLHttp|import\(", shown.scripts)


def test_text_from_the_code_is_never_markup() -> None:
    hostile_scan = hostile()
    evil = '"><img src=x onerror=alert(1)>' + HOSTILE
    endpoint = Endpoint("GET'\"><b>", evil, evil, evil, Place(evil, 3), Posture('x"><b>', evil, Place(evil, 1), (Need(evil, evil),)))
    finding = replace(hostile_scan.findings[0], fingerprint='"><script>1</script>')
    of = replace(hostile_scan, root=evil, endpoints=(endpoint,), frameworks=(evil,), findings=(finding,), version=evil, configuration=evil)
    shown = page(of)
    assert {name for name, _ in shown.tags} <= ALLOWED
    assert len(shown.all("script")) == len(shown.all("style")) == 1
    assert not [key for _, each in shown.tags for key in each if key.startswith("on")]
    assert "alert" not in shown.scripts
    assert any("onerror=alert(1)" in text for text in shown.text), "it is shown as it is"
    raw = render("html", of)
    assert not set(raw) & {"\x1b", "\x07", "\u202e", "\u2066", "\x9b"}


def test_markup_escapes_what_it_did_not_make() -> None:
    assert tag("p", "<b>", tag("b", "&")) == "<p>&lt;b&gt;<b>&amp;</b></p>"
    assert tag("a", href='"x"', hidden=True, title=None, class_="k") == '<a href="&quot;x&quot;" hidden class="k"></a>'
    with pytest.raises(ValueError, match="no end tag"):
        verbatim("</script>")
