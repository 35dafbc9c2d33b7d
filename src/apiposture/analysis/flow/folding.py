"""What does one query ask that is made of two, or of all in a list: `mine | shared`, `reduce(operator.or_, queries)`?"""

from __future__ import annotations

from functools import reduce

from apiposture.analysis.flow.conjuncts import JOINS
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.labels import Label
from apiposture.analysis.flow.lambdas import invoke
from apiposture.analysis.flow.named import whom
from apiposture.analysis.flow.positions import Given
from apiposture.analysis.flow.queries import Query
from apiposture.analysis.flow.sparing import asking, of_some
from apiposture.analysis.flow.values import Value, join


def together(sign: str, left: Value, right: Value) -> Value | None:
    """What a sign between two queries gives: the rows of both, or of either; None where it stands between something else."""
    if left.query is None or right.query is None or (left.query.entity is None) is not (right.query.entity is None):
        return None
    either = join((left, right))
    known = {(p.module.path, p.span) for p in either.query.predicates} if either.query is not None else set()
    more = [p for p in (*left.query.predicates, *right.query.predicates) if (p.module.path, p.span) not in known]
    if sign == "||":  # each names what some rows are held against
        common = _held_against(left.query) & _held_against(right.query)
        more = [of_some(predicate, common) for predicate in more]
    return asking(either, tuple(more))


def _held_against(query: Query) -> frozenset[Label]:
    return frozenset(label for predicate in query.predicates for label in predicate.against)


def folded(frame: Frame, args: Given) -> Value | None:
    """What a function that takes two queries makes of a list of them; None where it is no list of queries, or not known what it does."""
    queries = list(args[1][1].items or ()) + [value for _, value in args[2:3]] if len(args) > 1 else []
    if not queries or any(one.query is None for one in queries):
        return None
    (how, function), *_ = args
    if function.code is not None:
        made = reduce(lambda one, other: invoke(frame, function, [one, other]), queries)
        return made if made.query is not None else None
    called = whom(frame, how.value)
    rows = frame.knowledge.rows(called.name, None, called.holder.static) if called is not None else ()
    sign = next((JOINS[row.does] for kind, row, sure in rows if kind == "query" and sure and row.does in JOINS), "")
    if not sign:
        return None
    made = queries[0]
    for one in queries[1:]:
        made = together(sign, made, one) or made
    return made
