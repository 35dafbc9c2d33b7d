"""What do tests of the path say of an endpoint's route, as it is written and as callers may write it?"""

from __future__ import annotations

import pytest

from apiposture.frameworks.csharp._requested import requested


@pytest.mark.parametrize(
    ("route", "test", "text", "as_called", "as_written"),
    [
        ("/api/orders", "StartsWithSegments", "/API", True, True),
        ("/api/orders", "StartsWithSegments", "/api/orders", True, True),
        ("/apis", "StartsWithSegments", "/api", False, False),
        ("/api", "StartsWithSegments", "/api/", True, True),
        ("/{page}", "StartsWithSegments", "/api", None, None),
        ("/api-{version}", "StartsWithSegments", "/api", False, False),
        ("/api{version}", "StartsWithSegments", "/api", None, None),
        ("/api/{id?}", "StartsWithSegments", "/api", True, True),
        ("/api/{id?}", "StartsWith", "/api/", None, None),
        ("/api/{**rest}", "StartsWithSegments", "/api/orders", None, None),
        ("/api/{**rest}", "StartsWithSegments", "/shop", False, False),
        ("/api/{id}", "StartsWith", "/api/", True, True),
        ("/api", "StartsWith", "/api/", None, False),
        ("/login", "Equals", "/login", None, True),
        ("/login", "Equals", "/login/", None, False),
        ("/login", "Equals", "/", False, False),
        ("/", "Equals", "/", True, True),
        ("", "StartsWithSegments", "/api", False, False),
        ("/files/{name}.css", "EndsWith", ".css", None, None),
        ("/site.css", "EndsWith", ".css", None, True),
        ("/site.css", "EndsWith", ".js", False, False),
        ("/a/login/b", "Contains", "login", True, True),
        ("/a/{b}", "Contains", "login", None, None),
        ("/a/b", "Contains", "login", False, False),
    ],
)
def test_a_test_of_the_path(route: str, test: str, text: str, as_called: bool | None, as_written: bool | None) -> None:
    request = requested("GET", route)
    assert request.tells(test, text, True, False) is as_called
    assert request.tells(test, text, True, True) is as_written


def test_where_case_counts_callers_choose() -> None:
    request = requested("GET", "/api/orders")
    assert request.tells("StartsWith", "/api", False, False) is None
    assert request.tells("StartsWith", "/api", False, True) is True
    assert request.tells("StartsWith", "/shop", False, False) is False
    assert request.tells("StartsWith", "/API", False, True) is False


def test_what_answers_below_its_route() -> None:
    assert requested("CALL", "/hub", nested=True).tells("StartsWithSegments", "/hub/negotiate", True, False) is None
    assert requested("CALL", "/hub", nested=True).tells("StartsWithSegments", "/hub", True, False) is True


@pytest.mark.parametrize(("method", "verb", "told"), [("GET", "get", True), ("POST", "OPTIONS", False), ("*", "OPTIONS", None)])
def test_verbs(method: str, verb: str, told: bool | None) -> None:
    assert requested(method, "/").has_verb(verb) is told
