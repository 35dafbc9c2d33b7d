"""Does the table say what was counted, and what another tool makes of the same trees?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from bench import peers, table
from bench.asked import ours
from bench.cases import Case, Place, Row, Said, Score, Tree, Verdict
from bench.peers import bandit, semgrep

ROW = Row("suite", "AP103 CWE-89", "Python")


def test_a_line_has_counts_rates_and_hints() -> None:
    score = Score(flawed=4, sound=10, found=3, alarms=1, hinted=1)
    assert table.line(ROW, score) == (*ROW, "4", "10", "75%", "1", "75%", "0.65", "1/0")
    assert table.line(ROW, Score()) == (*ROW, "0", "0", "", "0", "", "", "")


def test_columns_are_a_table_of_markdown() -> None:
    lines = table.columns([("suite", "rule", "language", "flawed"), ("a", "b", "c", "12")]).splitlines()
    assert lines[1] == "|-------|------|----------|-------:|"
    assert len({len(line) for line in lines}) == 1


def test_what_went_wrong_is_named() -> None:
    def case(flawed: bool, most: int = 0) -> Case:
        return Case(("AP103",), "Python", flawed, "a.py", name="a", most=most)

    verdicts = [
        Verdict(case(True), 0, 0),
        Verdict(case(True), 0, 1),
        Verdict(case(True), 1, 0),
        Verdict(case(False), 1, 0),
        Verdict(case(True, 1), 2, 0),
    ]
    assert [text.split("AP")[0].strip() for text in table.wrong(verdicts)] == ["missed", "only a hint", "false alarm", "false alarm"]


def test_others_are_told_in_the_same_rows() -> None:
    theirs = {"one": {ROW: Score(flawed=2, found=1)}, "two": {}}
    assert list(table.compared({ROW: Score(flawed=2, found=2)}, theirs))[1] == (*ROW, "100%, 0", "50%, 0", "-")


def test_our_findings_are_those_of_a_scan(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"Login": {"Password": "' + "berg-" + 'und-tal-77"}}', "utf-8")
    (said,) = ours(tmp_path)
    assert (said.rule, said.sure, said.places[0]) == ("AP201", True, Place("settings.json", 1, 1))


def test_a_peer_runs_once_where_there_are_many_trees(tmp_path: Path) -> None:
    runs: list[Path] = []

    def found(program: Path, folder: Path) -> Iterator[Said]:
        runs.append(folder)
        yield Said("", frozenset(), True, (Place("7/a.py", 1, 1),))

    peer = SimpleNamespace(NAME="p", PROGRAM="p", DOES_NOT="", found=found)
    answers = list(peers.asked(peer, tmp_path, [Tree(tmp_path / str(number), ()) for number in range(9)]))
    assert runs == [tmp_path]
    assert [said[0].places[0].path for _, said in answers if said] == ["a.py"]


@pytest.mark.parametrize("peer", peers.every(), ids=lambda peer: peer.NAME)
def test_a_peer_says_what_it_does_not_do(peer: peers.Peer) -> None:
    assert peer.DOES_NOT.endswith(".")


def test_results_of_peers_are_read() -> None:
    result = {"path": "/x/a.py", "start": {"line": 3}, "end": {"line": 4}, "extra": {"metadata": {"cwe": ["CWE-89: SQL"]}}}
    assert semgrep.said_of(result, Path("/x")) == Said("", frozenset({"CWE-89"}), True, (Place("a.py", 3, 4),))
    result = {"filename": "/x/a.py", "line_range": [3, 4], "issue_cwe": {"id": 78}}
    assert bandit.said_of(result, Path("/x")) == Said("", frozenset({"CWE-78"}), True, (Place("a.py", 3, 4),))
