"""Which names say that something sensitive is behind them?"""

import pytest

from apiposture.analysis import sensitive
from apiposture.analysis.sensitive import kinds_of

YES = [(kind.name, name) for kind in sensitive.kinds() for name in kind.yes]
NO = [(kind.name, name) for kind in sensitive.kinds() for name in kind.no]


@pytest.mark.parametrize(("kind", "name"), YES)
def test_a_row_s_own_examples_are_of_its_kind(kind: str, name: str) -> None:
    assert kind in kinds_of(name)


@pytest.mark.parametrize(("kind", "name"), NO)
def test_a_row_s_counter_examples_are_not_of_its_kind(kind: str, name: str) -> None:
    assert kind not in kinds_of(name)
