"""Which values of a call does a row's `at` speak of?"""

from __future__ import annotations

from collections.abc import Sequence

from apiposture.analysis.flow.values import Value, extend
from apiposture.model import ir
from apiposture.program import walk

Given = Sequence[tuple[ir.Argument, Value]]


def at(where: str, receiver: Value, args: Given) -> list[Value]:
    """The values at `arg:0`, `arg:name`, `arg:0/name`, `arg:*`, `arg:-1`, `args:1+`, `receiver`, `field:Name`; none where not given."""
    head, _, rest = where.partition(":")
    if head == "receiver":
        return [receiver]
    if head in ("arg", "args") and rest == "*":
        return [value for _, value in args]
    if rest == "-1":
        return [value for _, value in args[-1:]]
    if head == "args":
        return [value for _, value in args[int(rest.rstrip("+")) :]]
    if head == "field":
        return [value for arg, value in args if arg.name == rest]
    position, _, name = rest.partition("/")
    if not position.isdigit():
        return [value for arg, value in args if arg.name == position]
    for arg, value in args:
        if name and arg.name == name:
            return [value]
    index = int(position)
    for i, (arg, value) in enumerate(args[: index + 1]):
        if arg.mode == "spread":
            return _of_spread(value, index - i)
    return [args[index][1]] if index < len(args) and (args[index][0].name is None or not name) else []


def argument(where: str, args: Given) -> ir.Expr | None:
    """The argument at `0`, `name` or `0/name`, as it is written; None where it isn't given."""
    position, _, name = where.partition("/")
    for arg, _value in args:
        if arg.name and arg.name in (position, name):
            return arg.value
    index = int(position) if position.isdigit() else len(args)
    return args[index][0].value if index < len(args) and args[index][0].name is None else None


def _of_spread(value: Value, index: int) -> list[Value]:
    """One of the values that a list gives which is spread out; of a parameter's, the caller may know which that is."""
    if value.items is not None:
        return [value.items[index]] if index < len(value.items) else []
    of_parameters = extend({x: t for x, t in value.labels.items() if x.kind == "param"}, str(index))
    others = {x: t for x, t in value.labels.items() if x.kind != "param"}
    return [Value({**of_parameters, **others}, None, value.about)]


def texts_of(call: ir.Call | ir.New) -> set[str]:
    """The names, dotted members and literals that a call's arguments are written with; `$` where one is interpolated, `name=value` for a
    literal that is given by name.
    """
    texts = {"$" for arg in call.args if type(arg.value) is ir.Template}
    texts.update(f"{arg.name}={str(arg.value.value).lower()}" for arg in call.args if arg.name and type(arg.value) is ir.Literal)
    for node in walk.nodes(call.args if type(call) is ir.Call else (*call.args, *call.fields)):  # type: ignore[union-attr]
        kind = type(node)
        if kind is ir.Literal:
            texts.add(str(node.value).lower() if isinstance(node.value, bool) else str(node.value))
        elif kind is ir.Name:
            texts.add(node.id)
        elif kind is ir.Member:
            texts.update((node.name, walk.dotted(node)))
        elif kind is ir.New and node.type is not None:
            texts.add(node.type.name)
    return texts


def literals(function: ir.Function) -> set[str]:
    """The texts that a function writes out."""
    nodes = walk.nodes(function.body or ())
    texts = (node.value for node in nodes if type(node) is ir.Literal and isinstance(node.value, str))
    return {one for text in texts for one in characters(text)}


def characters(text: str) -> tuple[str, ...]:
    """The text, and each of its characters where it is no word but a list of them."""
    return (text,) if any(c.isalnum() for c in text) else (text, *text)
