"""How does work on many objects go on without a look for garbage?"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_resting() -> Iterator[None]:
    """Keep Python from looking for rings of garbage: a scan makes millions of objects and keeps them all.

    Measured on 182,000 lines: the analyses take a third of the time, and no more memory (decisions/0007).
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
