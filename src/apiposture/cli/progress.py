"""How does somebody who waits see that the work goes on?"""

from __future__ import annotations

import sys
from time import monotonic

PATIENCE = 1.0
"""Seconds of work before a bar appears: what is done sooner needs none."""

_WIDTH = 30
_EVERY = 0.1


class ProgressBar:
    """A bar on standard error, on a terminal only; it leaves no trace when the work is done."""

    def __init__(self, quiet: bool = False) -> None:
        self._shows = not quiet and sys.stderr is not None and sys.stderr.isatty()
        self._started = self._drawn = monotonic()
        self._visible = False

    def __call__(self, done: int, total: int) -> None:
        now = monotonic()
        if self._shows and now - self._started > PATIENCE and now - self._drawn > _EVERY:
            self._drawn, self._visible = now, True
            full = _WIDTH * done // max(1, total)
            sys.stderr.write(f"\r{'█' * full}{'░' * (_WIDTH - full)} {done:,} of {total:,} files")
            sys.stderr.flush()

    def clear(self) -> None:
        """Take the bar away."""
        if self._visible:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._visible = False
