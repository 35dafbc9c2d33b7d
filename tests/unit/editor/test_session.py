"""Does the session say of what is being typed what a scan would say of it once it is saved?"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from apiposture.config import Config
from apiposture.editor.session import Session
from apiposture.model.scan import Scan
from apiposture.scan import scan

SAMPLE = Path(__file__).resolve().parents[3] / "samples" / "orders-aspnetcore"
CONTROLLER = "Controllers/OrderController.cs"
DAY = "2026-11-26"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    shutil.copytree(SAMPLE, tmp_path / "shop")
    return tmp_path / "shop"


def saved(root: Path) -> Scan:
    return scan([root], Config(cache=False), today=DAY)


def same(one: Scan, other: Scan) -> bool:
    return (one.findings, one.endpoints, one.snippets) == (other.findings, other.endpoints, other.snippets)


def test_what_is_typed_is_what_would_be_saved(shop: Path) -> None:
    session = Session(shop)
    assert same(session.scan(DAY), saved(shop))
    text = (shop / CONTROLLER).read_text("utf-8")
    for edited in (
        text.replace("o.Id == id && o.UserId == UserId", "o.Id == id"),
        f"// a line\n{text}",
        text.replace("[Authorize]", ""),
        text,
    ):
        session.changed(CONTROLLER, edited)
        now = session.scan(DAY)
        (shop / CONTROLLER).write_text(edited, "utf-8")
        assert same(now, saved(shop))
        (shop / CONTROLLER).write_text(text, "utf-8")


def test_a_new_file_counts_and_a_closed_one_does_not(shop: Path) -> None:
    session = Session(shop)
    before = len(session.scan(DAY).endpoints)
    session.changed("New.cs", (shop / CONTROLLER).read_text("utf-8").replace("OrderController", "NewController"))
    assert len(session.scan(DAY).endpoints) > before
    session.closed("New.cs")
    assert len(session.scan(DAY).endpoints) == before


def test_what_a_scan_leaves_out_is_left_out_when_it_is_open(shop: Path) -> None:
    session = Session(shop)
    before = session.scan(DAY)
    (shop / "obj").mkdir()
    (shop / "obj" / "Made.cs").write_text((shop / CONTROLLER).read_text("utf-8"), "utf-8")
    session.changed("obj/Made.cs", (shop / CONTROLLER).read_text("utf-8"))
    assert same(session.scan(DAY), before)


def test_the_disk_is_looked_at_again_when_asked(shop: Path) -> None:
    session = Session(shop)
    session.scan(DAY)
    (shop / CONTROLLER).unlink()
    (shop / "apiposture.toml").write_text("[rules]\nselect = ['AP201']\n", "utf-8")
    assert len(session.scan(DAY).findings) == 5
    session.forget()
    assert [finding.rule for finding in session.scan(DAY).findings] == ["AP201"]


def test_files_outside_are_not_the_projects(shop: Path) -> None:
    session = Session(shop)
    assert session.path_of(shop / CONTROLLER) == CONTROLLER
    assert session.path_of(shop.parent / "other.cs") is None


def test_a_glance_says_of_the_edited_file_what_a_scan_says(shop: Path) -> None:
    session = Session(shop)
    text = (shop / CONTROLLER).read_text("utf-8")
    assert session.glance(DAY) is None
    session.scan(DAY)
    for edited in (text.replace("o.Id == id && o.UserId == UserId", "o.Id == id"), text.replace("{\n", "{\n\n"), text):
        session.changed(CONTROLLER, edited)
        glanced = session.glance(DAY)
        assert glanced is not None
        assert glanced.findings == session.scan(DAY).findings
    session.changed(CONTROLLER, text.replace("[Authorize]", ""))
    assert session.glance(DAY) is None


def test_what_was_typed_and_thrown_away_leaves_no_trace(shop: Path) -> None:
    session = Session(shop)
    before = session.scan(DAY)
    text = (shop / CONTROLLER).read_text("utf-8")
    session.changed(CONTROLLER, text.replace("o.Id == id && o.UserId == UserId", "o.Id == id"))
    assert session.scan(DAY).findings != before.findings
    session.closed(CONTROLLER)
    assert same(session.scan(DAY), before)


def test_a_saved_file_needs_no_new_look(shop: Path) -> None:
    session = Session(shop)
    session.scan(DAY)
    living = session._living
    edited = (shop / CONTROLLER).read_text("utf-8").replace("o.Id == id && o.UserId == UserId", "o.Id == id")
    session.changed(CONTROLLER, edited)
    session.scan(DAY)
    (shop / CONTROLLER).write_text(edited, "utf-8")
    session.forget()
    session.closed(CONTROLLER)
    assert same(session.scan(DAY), saved(shop))
    assert session._living is living
