"""Does the work grow with the code, and not with the ways through it? Calls are counted; nothing here is timed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

from apiposture.config import Config
from apiposture.languages import source_of
from apiposture.scan import gather_sources, judge

TWICE = 2


def work(program: str) -> int:
    """The number of calls that a scan of one Python file makes."""
    gathered = gather_sources([source_of("service/main.py", program)])
    judge(gathered, Config())  # what is loaded once is loaded now
    return _counted(lambda: judge(gathered, Config()))


def _counted(run: Callable[[], object]) -> int:
    calls = 0

    def count(frame: FrameType, event: str, arg: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        run()
    finally:
        sys.setprofile(None)
    return calls


def calling_itself(times: int) -> str:
    again = "\n".join(f"        visit(node.part{i})" for i in range(times))
    return f"import logging\n\ndef show(tree):\n    def visit(node):\n        logging.info(node.name)\n{again}\n    visit(tree)\n"


def asked_again(times: int) -> str:
    def helper(name: str, below: str) -> str:
        tests = "\n".join(f"    if request.data.get('k{i}') and {below}(request):\n        request = request" for i in range(times))
        return f"def {name}(request):\n{tests}\n    return request.user.is_authenticated\n"

    chain = "\n".join(helper(f"may{i}", f"may{i + 1}") for i in range(4))
    return (
        "from django.urls import path\nfrom rest_framework.views import APIView\nfrom rest_framework.permissions import BasePermission\n"
        f"{chain}\ndef may4(request):\n    return True\n"
        "class May(BasePermission):\n    def has_permission(self, request, view):\n        return may0(request)\n"
        "class Orders(APIView):\n    permission_classes = [May]\n    def get(self, request):\n        return None\n"
        "urlpatterns = [path('orders/', Orders.as_view())]\n"
    )


def test_a_local_function_that_calls_itself_many_times() -> None:
    assert work(calling_itself(TWICE * 4)) < 6 * work(calling_itself(4))


def test_a_permission_whose_helpers_ask_each_other_many_times() -> None:
    assert work(asked_again(TWICE * 4)) < 6 * work(asked_again(4))
