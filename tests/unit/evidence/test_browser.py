"""Can people read a pack in a real browser: at a desk, on a telephone, in the dark, on paper? Needs Chromium (Debian's package)."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from PIL import Image, ImageStat

from apiposture.evidence.standards import names
from apiposture.evidence.verifier.container import members_of
from apiposture.model.facts import Datum
from apiposture.model.source import Place
from unit.evidence.projects import DAY, OPEN, START, good
from unit.evidence.test_register import accepting

BROWSER = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), "")
pytestmark = pytest.mark.skipif(not BROWSER, reason="no headless Chromium is installed")

FIRST, REPORT, VERIFY = "00-READ-ME-FIRST.html", "01-report.html", "VERIFY.html"
DARK = ("--force-dark-mode", "--blink-settings=preferredColorScheme=0")
PHONE, DESK = "390,844", "1280,1000"
MEASURE = """<script>
const wide = document.documentElement.scrollWidth, there = document.documentElement.clientWidth;
const out = [...document.querySelectorAll('svg')].flatMap(svg => [...svg.querySelectorAll('text')].filter(text => {
  const box = text.getBBox(), all = svg.viewBox.baseVal;
  return box.x < 0 || box.y < 0 || box.x + box.width > all.width || box.y + box.height > all.height;
}).map(text => text.textContent));
const rows = [...document.querySelectorAll('svg')].flatMap(svg => {
  const boxes = [...svg.querySelectorAll('text')].filter(text => text.textContent).map(text => [text.textContent, text.getBBox()]);
  const meet = (a, b) => a.x < b.x + b.width - 1 && b.x < a.x + a.width - 1 && a.y < b.y + b.height - 4 && b.y < a.y + a.height - 4;
  return boxes.flatMap(([one, a], at) => boxes.slice(at + 1).filter(([, b]) => meet(a, b)).map(([other]) => one + '|' + other));
});
document.body.dataset.measured = JSON.stringify([wide, there, out, rows]);
</script>"""


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack with findings, an acceptance, a gap, long routes and every standard, unpacked."""
    project = good()
    for number in range(4, 12):
        project.commit(START + number * DAY)
        if number != 7:
            project.scan(OPEN if number % 3 else accepting({}), START + number * DAY + 60, who=f"Person {number % 4}")
    long = OPEN.replace('Route("api/orders")', f'Route("api/{"-".join(["very", "long"] * 12)}/orders")')
    both = {"src/OrderController.cs": OPEN, "src/LongController.cs": long.replace("OrderController", "LongController")}
    project.commit(START + 20 * DAY)
    datum = Datum("credential", "enters", ("Login.Password",), "POST /api/orders/{id}", Place("src/OrderController.cs", 7), "high")
    project.scan(both, START + 20 * DAY + 60, data=[datum])
    place = tmp_path_factory.mktemp("browser")
    for name, member in members_of(project.pack(standards=list(names()))).items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(member.content)
    return place


def chromium(place: Path, *arguments: str) -> str:
    alone = [f"--user-data-dir={place / 'profile'}", "--host-resolver-rules=MAP * ~NOTFOUND"]
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", *alone]
    done = subprocess.run([BROWSER, *flags, *arguments], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def shown(place: Path, pack: Path, page: str, size: str, more: Sequence[str] = ()) -> Image.Image:
    """A picture of what is seen."""
    file = place / "shown.png"
    chromium(place, f"--window-size={size}", f"--screenshot={file}", *more, (pack / page).as_uri())
    return Image.open(file).convert("L")


@pytest.mark.parametrize("page", [FIRST, REPORT])
def test_pages_follow_the_reader_s_light(page: str, pack: Path, tmp_path: Path) -> None:
    light, dark = shown(tmp_path, pack, page, DESK), shown(tmp_path, pack, page, DESK, DARK)
    assert ImageStat.Stat(light).mean[0] > 190
    assert ImageStat.Stat(dark).mean[0] < 90
    for picture in (light, dark):
        assert ImageStat.Stat(picture).stddev[0] > 15, "there is something to see"


@pytest.mark.parametrize(("page", "size"), [(FIRST, PHONE), (REPORT, PHONE), (REPORT, DESK), (VERIFY, PHONE)])
def test_nothing_runs_out_of_the_page_or_into_something_else(page: str, size: str, pack: Path, tmp_path: Path) -> None:
    text = (pack / page).read_text("utf-8")
    policy = re.search(r'<meta [^>]*Content-Security-Policy[^>]*>', text)
    assert policy, "the page itself runs nothing; this copy of it measures itself"
    copy = tmp_path / page
    copy.write_text(text.replace(policy[0], "").replace("</body>", MEASURE + "</body>"), "utf-8")
    found = re.search(r'data-measured="([^"]*)"', chromium(tmp_path, f"--window-size={size}", "--dump-dom", copy.as_uri()))
    assert found
    wide, there, outside, overlapping = msgspec.json.decode(found[1].replace("&quot;", '"').replace("&amp;", "&").encode())
    assert wide <= there, "the page itself never scrolls sideways"
    assert outside == []
    assert overlapping == []


def pages_of_paper(place: Path, page: Path) -> int:
    file = place / "printed.pdf"
    chromium(place, "--no-pdf-header-footer", f"--print-to-pdf={file}", page.as_uri())
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", file.read_bytes()))


def test_the_first_page_is_one_page_of_paper(pack: Path, tmp_path: Path) -> None:
    assert pages_of_paper(tmp_path, pack / FIRST) == 1
    assert pages_of_paper(tmp_path, pack / REPORT) > 3


def test_the_first_page_stays_one_with_much_to_say(tmp_path: Path) -> None:
    """Twenty accepted findings with long reasons, twenty declared folders, twenty people, every standard."""
    project = good()
    scan = accepting({"reason": "because of the migration, " * 20, "owner": "the team that owns this service", "approver": "Somebody Else"})
    every = [
        msgspec.structs.replace(
            scan.findings[0],
            fingerprint=f"{number:016}",
            suppressed_by=msgspec.structs.replace(scan.findings[0].suppressed_by, place=Place("services/orders/apiposture.toml", number)),
        )
        for number in range(20)
    ]
    for number in range(20):
        project.commit(START + (4 + number) * DAY)
        scan = msgspec.structs.replace(scan, findings=tuple(every))
        project.scan(scan, START + (4 + number) * DAY + 60, who=f"Person Number {number}", engine=f"{number:064}")
    declared = [{"files": f"tests/{number}/*", "reason": "these files are not shipped to anybody " * 4} for number in range(20)]
    page = tmp_path / FIRST
    page.write_bytes(members_of(project.pack(standards=list(names()), out_of_scope=declared))[FIRST].content)
    text = page.read_text("utf-8")
    assert "approved by Somebody Else" in text
    assert "15 more are in the report" in text
    assert pages_of_paper(tmp_path, page) == 1


def test_pictures_stand_alone(pack: Path, tmp_path: Path) -> None:
    for name in ("controls", "endpoints", "trend"):
        light = shown(tmp_path, pack, f"pictures/{name}.svg", "800,600")
        assert ImageStat.Stat(light).stddev[0] > 10, name
