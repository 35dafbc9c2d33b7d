"""What is said of a program that is being edited must be what a first scan of the same texts says."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.unit.analysis.test_shares import EDITS, sources

from apiposture.analysis.derive import derive
from apiposture.analysis.derived import Derived
from apiposture.analysis.flow import labels
from apiposture.analysis.living import Living
from apiposture.analysis.share import AbandonedError
from apiposture.languages import language_of, lower
from apiposture.model.ir import Module
from apiposture.model.source import SourceFile
from apiposture.program import link
from apiposture.program.surface import surface

SAMPLES = Path(__file__).resolve().parents[3] / "samples"
TREES = ("orders-aspnetcore", "orders-fastapi", "orders-django")
BODIES = ("code of a helper", "a check in a handler", "the access goes", "the log goes", "lines are moved", "a call goes")


def lowered(path: str, text: str) -> Module:
    return lower(SourceFile(path, language_of(path), text, str(hash(text))))


def modules(texts: dict[str, str]) -> list[Module]:
    return [lowered(path, text) for path, text in sorted(texts.items())]


def told(derived: Derived | None) -> bytes:
    return msgspec.json.encode(derived, order="deterministic")


def first(texts: dict[str, str]) -> bytes:
    return told(derive(link(modules(texts)), ()))


def read(tree: str) -> dict[str, str]:
    files = [file for file in sorted((SAMPLES / tree).rglob("*")) if file.suffix in (".cs", ".py")]
    return {file.relative_to(SAMPLES / tree).as_posix(): file.read_text("utf-8") for file in files}


@pytest.mark.parametrize("edit", BODIES)
def test_an_edit_of_code_is_taken_in(edit: str) -> None:
    path, change = EDITS[edit]
    texts = sources()
    living = Living(link(modules(texts)), ())
    assert told(living.look(())) == first(texts)
    for edited in ({**texts, path: change(texts[path])}, texts):
        assert living.take_in(lowered(path, edited[path]))
        living.glance((), {path})
        assert told(living.look(())) == first(edited)


def edits(texts: dict[str, str], seed: int) -> Iterator[tuple[str, str]]:
    """Lines that are left out, doubled or moved down, wherever that declares nothing else."""
    chance = random.Random(seed)
    for path in sorted(texts):
        lines = texts[path].split("\n")
        declared = surface(lowered(path, texts[path]))
        for number in chance.sample(range(len(lines)), min(len(lines), 12)):
            line = chance.choice(([], [lines[number]] * 2, ["", lines[number]]))
            edited = "\n".join([*lines[:number], *line, *lines[number + 1 :]])
            module = lowered(path, edited)
            if not module.faults and surface(module) == declared and edited != texts[path]:
                yield path, edited


@pytest.mark.parametrize("tree", TREES)
def test_whatever_is_typed_is_said_as_a_scan_says_it(tree: str) -> None:
    texts = read(tree)
    living = Living(link(modules(texts)), ())
    living.look(())
    made = 0
    for path, edited in edits(texts, 7):
        if not living.take_in(lowered(path, edited)):
            living = Living(link(modules({**texts, path: edited})), ())
        texts[path] = edited
        glanced = living.glance((), {path})
        looked = living.look(())
        assert told(looked) == first(texts), (path, edited)
        if glanced is not None:
            here = [[one for one in derived.facts.exposures if one.place.path == path] for derived in (glanced, looked)]
            assert here[0] == here[1]
        made += 1
    assert made > 20


def test_a_glance_shows_what_the_edited_file_does_now() -> None:
    path, change = EDITS["the log goes"]
    texts = sources()
    living = Living(link(modules(texts)), ())
    assert living.glance((), {path}) is None
    before = living.look(())
    assert living.take_in(lowered(path, change(texts[path])))
    glanced = living.glance((), {path})
    assert glanced is not None
    assert (len(before.facts.exposures), len(glanced.facts.exposures)) == (1, 0)
    assert len(glanced.facts.endpoints) == len(before.facts.endpoints)


def test_who_is_not_wanted_any_more_stops_and_goes_on_later() -> None:
    texts = sources()
    living = Living(link(modules(texts)), ())
    looks = iter((True, True, False))
    with pytest.raises(AbandonedError):
        living.look((), lambda: next(looks))
    assert told(living.look(())) == first(texts)


def test_labels_are_kept_while_a_program_lives() -> None:
    living = Living(link(modules(sources())), ())
    living.look(())
    known = dict(labels._LABELS)
    first(sources())
    assert len(known) > 20
    assert all(labels._LABELS.get(told) is label for told, label in known.items())
    del living
    first(sources())
    assert sum(labels._LABELS.get(told) is label for told, label in known.items()) < 20  # those that the engine itself names


CHECKED = '''
from pydantic import BaseModel, field_validator

class Wanted(BaseModel):
    name: str

    @field_validator("name")
    def known(cls, value):
        if value not in ("a", "b"):
            raise ValueError("no")
        return value
'''
ASKING = '''
import sqlite3
from fastapi import APIRouter
from models import Wanted

router = APIRouter()

@router.post("/{name}")
def find(wanted: Wanted):
    return sqlite3.connect("x").execute(f"SELECT * FROM t WHERE n = {wanted.name}")
'''


def test_who_leans_on_a_check_of_a_type_is_asked_again() -> None:
    texts = {"models.py": CHECKED, **{f"{name}.py": ASKING.replace("{name}", name) for name in ("one", "two", "three")}}
    living = Living(link(modules(texts)), ())
    assert len(living.look(()).facts.flows) == 0
    texts["models.py"] = CHECKED.replace('raise ValueError("no")', "value = value")
    assert living.take_in(lowered("models.py", texts["models.py"]))
    after = living.look(())
    assert len(after.facts.flows) == 3
    assert told(after) == first(texts)
