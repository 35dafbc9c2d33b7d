"""What is harmless among things because a test picked them: `"".join(c for c in name if c.isalnum() or c in "-_")`?"""

from __future__ import annotations

from collections.abc import Sequence

from apiposture.analysis.flow.binding import element
from apiposture.analysis.flow.conditions import guards
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.values import Value, harmless_for
from apiposture.model import ir
from apiposture.program import walk


def sifted(frame: Frame, receiver: Value, picked: Value, tests: Sequence[Value]) -> Value:
    """What is picked of the receiver, harmless for what all that passes the tests is harmless for."""
    if not any(x.kind in ("param", "request") for x in picked.labels):
        return picked
    for test in tests:
        function = test.code.function if test.code is not None else None
        if function is None or len(function.params) != 1:
            continue
        answers = list(walk.returned(function))
        if len(answers) != 1 or not _looks(frame, answers[0]):
            continue
        inner = frame.inner({**frame.env, function.params[0].name: element(receiver)})
        for guard in guards(inner, answers[0], True):
            if guard.clears:
                picked = harmless_for(picked, guard.cleared(), guard.clears)
    return picked


def _looks(frame: Frame, test: ir.Expr) -> bool:
    """Does a test look at a text, or ask whether it is one of several?"""
    for node in walk.nodes(test):
        if type(node) is ir.Binary and node.operator == "in":
            return True
        if type(node) is ir.Call and walk.called_name(node) in frame.knowledge.checking:
            return True
    return False
