"""Which files does a worker get at a time?"""

from __future__ import annotations

from itertools import chain

import pytest

from apiposture.scan.workers import HANDFUL, MOST, handfuls


@pytest.mark.parametrize("sizes", [[], [0], [0, 0, 5], [5, 0], [HANDFUL + 1, 0], [1] * (MOST + 1), [0] * (MOST + 1), [HANDFUL, 1]])
def test_every_file_is_in_one_handful_in_order(sizes: list[int]) -> None:
    found = handfuls(sizes)
    assert list(chain.from_iterable(found)) == list(range(len(sizes)))
    assert all(0 < len(one) <= MOST for one in found)
    assert all(len(one) == 1 or sum(sizes[i] for i in one) <= HANDFUL for one in found)
