"""Which words does a rule know?"""

from functools import cache

from apiposture import shipped


@cache
def words(name: str) -> frozenset[str]:
    """One list of `words.toml`."""
    return frozenset(shipped.table("apiposture.rules", "words.toml")[name])
