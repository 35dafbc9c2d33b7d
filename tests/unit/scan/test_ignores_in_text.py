"""Is an ignore that stands in a text taken for a comment?"""

import pytest

from apiposture.languages import source_of
from apiposture.scan.examine import examine


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ('public string G() => "// apiposture: ignore[AP001] reason=\\"in a text\\"";', 0),
        ('public string G() => "text"; // apiposture: ignore[AP001] reason="a comment"', 1),
        ('// apiposture: ignore[AP001] reason="a comment"', 1),
    ],
)
def test_only_comments_count(line: str, count: int) -> None:
    found = examine(source_of("A.cs", f"class A {{\n{line}\n}}\n"))
    assert found is not None
    assert len(found.ignores) == count
