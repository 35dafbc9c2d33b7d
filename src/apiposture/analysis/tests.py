"""Does a file belong to tests, by its path?

What is known by other means goes before that: a project file of .NET says so itself (`frameworks/csharp/_projects`).
"""

from __future__ import annotations

import re

_FOLDERS = re.compile(r"(?:^|/)(?:[Tt]ests?|[\w.-]*(?:[a-z0-9]Tests?|[._-][Tt]ests?))/")
_NAMED = re.compile(r"(?:^|[/._-])(?:specs?|fixtures?|mocks?|testdata|\w*tests?)(?:[/._ -])|tests?\.\w+$")


def is_in_tests(path: str) -> bool:
    """Does it stand in a folder of tests, which are not what is deployed: `tests`, `Shop.UnitTests`, `shop-test`?"""
    return _FOLDERS.search(path) is not None


def may_be_test(path: str) -> bool:
    """Is anything in its path named as tests are, and what they work with: `test_orders.py`, `fixtures/users.json`?"""
    return is_in_tests(path) or _NAMED.search(path.lower()) is not None
