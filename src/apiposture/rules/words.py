"""Which words does a rule know?"""

import tomllib
from functools import cache
from importlib.resources import files


@cache
def words(name: str) -> frozenset[str]:
    """One list of `words.toml`."""
    text = files("apiposture.rules").joinpath("words.toml").read_text(encoding="utf-8")
    return frozenset(tomllib.loads(text)[name])
