"""Do templates read as the framework reads them?"""

from __future__ import annotations

import pytest

from apiposture.frameworks.csharp import _routes


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("", "/"),
        ("~/a/b/", "/a/b"),
        ("a/{id:int:min(1)}", "/a/{id}"),
        (r"a/{code:regex(^\d{{3}}-[a-z]{{2}}$)}/b", "/a/{code}/b"),
        ("a/{*path}", "/a/{path}"),
        ("a/{**path:nonfile}", "/a/{path}"),
        ("a/{page=1}/{size?}", "/a/{page}/{size}"),
        ("files/{name}.{ext?}", "/files/{name}.{ext}"),
    ],
)
def test_plain(template: str, shown: str) -> None:
    assert _routes.plain(template) == shown


def test_later_templates_that_start_with_a_slash_start_anew() -> None:
    assert _routes.join("api", "orders", "{id}") == "/api/orders/{id}"
    assert _routes.join("api/orders", "/health") == "/health"
    assert _routes.nest("/api", "/health") == "/api/health"


def test_parameters_regard_no_case() -> None:
    assert _routes.parameters("a/{Id:guid}/{*Rest}") == {"id", "rest"}


def test_tokens_are_filled_and_doubled_brackets_kept() -> None:
    assert _routes.fill("[controller]/[[x]]/[Action]", {"controller": "Orders", "action": "Get"}) == "Orders/[x]/Get"


def test_conventional_patterns_need_what_they_name() -> None:
    values = {"controller": "Home", "action": "Index"}
    assert _routes.conventional("{area:exists}/{controller=Home}/{action=Index}", values, []) is None
    assert _routes.conventional("{controller=Home}/{action=Index}/{id?}", values, []) == "/Home/Index"
    assert _routes.conventional("{controller=Home}/{action=Index}/{id?}", values, ["id"]) == "/Home/Index/{id?}"
