"""Do the Python samples show what they are there to show?"""

from __future__ import annotations

from pathlib import Path

from apiposture.config import Config
from apiposture.model.scan import Scan
from apiposture.scan import scan

SAMPLES = Path(__file__).resolve().parents[3] / "samples"
FLAWS = ("AP101", "AP102", "AP103")


def told(found: Scan) -> set[tuple[str, str, int]]:
    return {(f.rule, f.place.path.rpartition("/")[2], f.place.line) for f in found.findings if f.rule in FLAWS}


def test_the_django_sample_shows_its_flaws_and_nothing_else() -> None:
    found = scan([SAMPLES / "orders-django"], Config(cache=False, jobs=1))
    assert told(found) == {
        ("AP101", "views.py", 35),
        ("AP101", "api.py", 29),
        ("AP102", "views.py", 20),
        ("AP103", "views.py", 65),
        ("AP103", "operations.py", 27),
    }
    assert not found.problems
    assert {e.route: e.posture.level for e in found.endpoints if not e.route.startswith("/api/")} == {
        "/login": "anonymous",
        "/orders": "authenticated",
        "/orders/{pk}": "authenticated",
        "/orders/{pk}/note": "authenticated",
        "/orders/{pk}/cancel": "authenticated",
        "/products": "anonymous",
        "/products/search": "anonymous",
        "/health": "anonymous",
        "/reports/{name}": "policy",
        "/exports": "policy",
    }
    assert {e.posture.level for e in found.endpoints if e.route.startswith("/api/")} == {"authenticated"}


def test_the_fastapi_sample_shows_one_flaw_of_each_kind() -> None:
    found = scan([SAMPLES / "orders-fastapi"], Config(cache=False, jobs=1))
    assert told(found) == {
        ("AP101", "orders.py", 16),
        ("AP102", "accounts.py", 21),
        ("AP103", "products.py", 22),
        ("AP103", "operations.py", 20),
        ("AP103", "operations.py", 33),
    }
    assert not found.problems
    assert {e.route: e.posture.level for e in found.endpoints if e.method == "GET"} == {
        "/api/me": "authenticated",
        "/api/orders": "authenticated",
        "/api/orders/{id}": "authenticated",
        "/api/orders/{id}/note": "authenticated",
        "/api/products": "public",
        "/api/products/search": "public",
        "/api/products/{id}": "public",
        "/health": "public",
        "/admin/ping": "public",
        "/admin/reports/{name}": "public",
        "/admin/webhook": "public",
    }
