"""Does the FastAPI sample show what it is there to show?"""

from __future__ import annotations

from pathlib import Path

from apiposture.config import Config
from apiposture.scan import scan

SAMPLE = Path(__file__).resolve().parents[3] / "samples" / "orders-fastapi"


def test_the_sample_shows_one_flaw_of_each_kind() -> None:
    found = scan([SAMPLE], Config(cache=False, jobs=1))
    told = {(f.rule, f.place.path.rpartition("/")[2], f.place.line) for f in found.findings if f.rule in ("AP101", "AP102", "AP103")}
    assert told == {
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
