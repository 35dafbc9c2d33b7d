"""Is the way of sensitive data drawn whole, within bounds, and deaf to the names in it?"""

import xml.etree.ElementTree as ET

import pytest

from apiposture.model.facts import Datum
from apiposture.model.scan import Inventory
from apiposture.model.source import Place
from apiposture.reports.dataflow import MOST, drawn

from .scans import HOSTILE

SVG = "{http://www.w3.org/2000/svg}"


def datum(role: str, where: str, kind: str = "credential", what: tuple[str, ...] = ("User.Password",)) -> Datum:
    return Datum(kind, role, what, where, Place("a.cs", 3), "high")


def texts(*data: Datum, root: str = "shop") -> list[str]:
    return [str(each.text) for each in picture(*data, root=root).iter(f"{SVG}text")]


def picture(*data: Datum, root: str = "shop") -> ET.Element:
    return ET.fromstring(drawn(Inventory(root, "0.1.0", data, ())))


def test_boxes_and_lines_for_every_point() -> None:
    data = (datum("enters", "POST /api/users"), datum("stored", "User"), datum("logged", "Splunk"), datum("leaves", "HttpClient.PostAsync"))
    names = [str(each.text) for each in picture(*data).iter(f"{SVG}text") if each.get("class") == "name"]
    assert names == ["/api/users", "credential", "stored in User", "logged to Splunk", "sent by HttpClient.PostAsync"]
    assert "User.Password" in texts(*data)
    assert texts(*data)[-1].startswith("1 enter, 1 stored, 1 logged, 1 sent to others · ")
    assert [each.get("class") for each in picture(*data).iter(f"{SVG}path")] == [None, "stored", "logged", "leaves"]


def test_what_has_no_room_is_counted() -> None:
    data = tuple(datum("stored", f"Entity{number}") for number in range(MOST + 3))
    assert "3 more are not drawn" in texts(*data)[-1]
    assert len(list(picture(*data).iter(f"{SVG}rect"))) == MOST + 1


@pytest.mark.parametrize("data", [(), (datum("stored", "x" * 500),)])
def test_it_stays_within_its_bounds(data: tuple[Datum, ...]) -> None:
    whole = picture(*data)
    height = float(str(whole.get("height")))
    assert all(float(str(each.get("y"))) < height for each in whole.iter(f"{SVG}rect"))
    assert all(len(str(each.text)) <= 90 for each in whole.iter(f"{SVG}text"))


def test_names_are_never_markup() -> None:
    whole = picture(*(datum(role, HOSTILE, HOSTILE, (HOSTILE,)) for role in ("enters", "stored", "logged", "leaves")), root=HOSTILE)
    assert {each.tag.removeprefix(SVG) for each in whole.iter()} == {"svg", "title", "style", "text", "path", "g", "rect"}
    assert not set(drawn(Inventory(HOSTILE, HOSTILE, (datum("stored", HOSTILE),), ()))) & {"\x1b", "\x07", "\u202e"}
