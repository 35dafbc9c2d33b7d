"""What is a filter told where it is written?

Members that its constructor, or that of its base, sets to what it is given, and those that are set by their names. Of a list only whether
it has items is kept, by the name of the member with `[]` behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from apiposture.model import ir
from apiposture.model.ir import Annotation
from apiposture.program import Program, walk
from apiposture.program.types import Type

MAX_BASES: Final = 4


def told(program: Program, declared: Type | None, given: Annotation | ir.Call | ir.New) -> dict[str, bool]:
    """The switches and lists of a filter, by the members that hold them."""
    found = _constructed(program, declared, given, {}, 0) if declared is not None else {}
    return found | {arg.name: value for arg in given.args if arg.name and (value := _switch(arg.value)) is not None}


def _constructed(
    program: Program, declared: Type, given: Annotation | ir.Call | ir.New, known: Mapping[str, bool], depth: int
) -> dict[str, bool]:
    """What the constructor leaves in members that is called with this; `known` is what names hold where it is called."""
    found: dict[str, bool] = {}
    constructors = declared.functions.get(".ctor", ())
    for constructor in sorted(constructors, key=lambda one: abs(len(one.function.params) - len(given.args)))[:1]:
        held: dict[str, bool] = {}
        for number, param in enumerate(constructor.function.params):
            held |= _held(param, number, given, known)
        for call in walk.calls(constructor.function.body or ()):
            if is_base_constructor(call) and depth < MAX_BASES:
                base = next((one for one, _ in program.ancestors(declared) if one is not None and one.functions.get(".ctor")), None)
                found |= _constructed(program, base, call, held, depth + 1) if base is not None else {}
        sets = [node for node in walk.nodes(constructor.function.body or ()) if isinstance(node, ir.Assign)]
        members = [walk.dotted(one.target).removeprefix("this.") for one in sets]
        for member, one in zip(members, sets, strict=True):
            if isinstance(one.value, ir.Name) and members.count(member) == 1:
                found |= {f"{member}{kind}": held[f"{one.value.id}{kind}"] for kind in ("", "[]") if f"{one.value.id}{kind}" in held}
    return found


def is_base_constructor(call: ir.Call) -> bool:
    """Is this the call of the parent's constructor?"""
    function = call.function
    if type(function) is ir.Member and function.name == ".ctor":
        function = function.object
    return type(function) is ir.Name and function.id in ("super", "base")


def _held(param: ir.Param, number: int, given: Annotation | ir.Call | ir.New, known: Mapping[str, bool]) -> dict[str, bool]:
    """What a parameter holds."""
    value = walk.argument(given, number, param.name) or param.default
    if isinstance(value, ir.Name) and (f"{value.id}[]" in known or value.id in known):
        return {f"{param.name}{kind}": known[f"{value.id}{kind}"] for kind in ("", "[]") if f"{value.id}{kind}" in known}
    if param.mode == "rest":
        return {f"{param.name}[]": len([arg for arg in given.args if not arg.name]) > number}
    said = _switch(value)
    return {} if said is None else {param.name: said}


def _switch(value: ir.Expr | None) -> bool | None:
    return value.value if isinstance(value, ir.Literal) and isinstance(value.value, bool) else None
