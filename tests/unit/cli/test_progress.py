"""Is the bar there for those who wait at a terminal, and for nobody else?"""

from __future__ import annotations

import io
import sys

import pytest

from apiposture.cli import progress
from apiposture.cli.progress import ProgressBar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "quiet", "patience", "shown"),
    [
        (Terminal(), False, -1.0, True),
        (Terminal(), True, -1.0, False),
        (Terminal(), False, 60.0, False),
        (io.StringIO(), False, -1.0, False),
    ],
)
def test_who_sees_a_bar(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, quiet: bool, patience: float, shown: bool) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(progress, "PATIENCE", patience)
    monkeypatch.setattr(progress, "_EVERY", -1.0)
    bar = ProgressBar(quiet)
    bar(500, 1000)
    assert ("500 of 1,000 files" in stream.getvalue()) is shown
    bar.clear()
    assert stream.getvalue().endswith("\r\x1b[K") is shown
