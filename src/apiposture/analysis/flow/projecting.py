"""What does a query take of each row: all of it, one member, or several for something new?"""

from __future__ import annotations

from apiposture.analysis.flow.labels import Label, Labels, Way
from apiposture.analysis.flow.positions import Given
from apiposture.analysis.flow.queries import Query
from apiposture.analysis.flow.values import EXPOSURE, Value, flat, merge
from apiposture.frameworks.rows import Query as QueryStep
from apiposture.model import ir
from apiposture.program import walk


def selected(args: Given) -> tuple[str, ...]:
    """The one member that a selector takes of each row: `x => x.Name`."""
    name, given = _selector(args)
    return (given.name,) if isinstance(given, ir.Member) and _is_of_row(given, name) else ()


def new_of(args: Given) -> tuple[str, ...] | None:
    """The members that a selector puts into something new as they are: `x => new { x.Id, x.Name }`; None where it makes nothing new."""
    name, given = _selector(args)
    if isinstance(given, ir.New):
        values = [arg.value for arg in (*given.args, *given.fields)]
    elif isinstance(given, ir.Collection) and given.kind == "map":
        values = [entry.items[1] for entry in given.items if isinstance(entry, ir.Collection) and len(entry.items) == 2]
    else:
        return None
    whole = any(isinstance(value, ir.Name) and value.id == name for value in values)
    return None if whole else tuple(value.name for value in values if isinstance(value, ir.Member) and _is_of_row(value, name))


def loaded(number: int, receiver: Value, trail: Way) -> Labels:
    """The labels of what an access loads. Something new that a selector makes shows no more of a row than what it puts there."""
    query: Query = receiver.query or Query(None)
    if query.picked is None:
        return {Label.of("object", number, query.shown): trail}
    labels: dict[Label, Way] = {Label.of("object", number, (), EXPOSURE): trail}
    labels.update((Label.of("object", number, (name,)), trail) for name in query.picked)
    labels.update((label, way) for label, way in receiver.labels.items() if label.kind == "sensitive")
    return labels


def is_held(receiver: Value) -> bool:
    """Are the rows in memory, of what the function was given? Of what is stored, it matters what else is read."""
    return all(x.kind in ("request", "sensitive") or (x.kind == "param" and x.key != -1) for x in receiver.labels)


def of_items(row: QueryStep, receiver: Value, args: Given) -> tuple[Labels, dict[str, Value] | None]:
    """What a step keeps of the items: where others come to them, or they are put together, no member is known any more."""
    if not receiver.fields or row.does in ("filter", "without", "order"):
        return receiver.labels, receiver.fields
    others = [value for _, value in args if value.code is not None or value.fields]
    if row.does == "pass" and not others:
        return receiver.labels, receiver.fields
    return merge((flat(receiver), *(flat(value) for value in others))), None


def _selector(args: Given) -> tuple[str, ir.Expr | None]:
    """The name of a selector's row, and what it gives."""
    code = next((value.code for _, value in args if value.code is not None), None)
    params = code.function.params if code is not None else ()
    given = list(walk.returned(code.function)) if code is not None else []
    return (params[0].name, given[0]) if len(given) == 1 and params else ("", None)


def _is_of_row(member: ir.Member, row: str) -> bool:
    return isinstance(member.object, ir.Name) and member.object.id == row
