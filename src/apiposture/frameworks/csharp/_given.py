"""How does a function's code read once the texts that it was given stand in the place of its parameters?"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from apiposture.frameworks.csharp._values import Bound
from apiposture.model import ir
from apiposture.program.types import Routine


def written_out(routine: Routine, texts: Bound) -> Routine:
    """The function with each parameter that is known as text replaced by it: `RequireClaim("permission", name)` for one call."""
    known = {name: text for name, text in texts.items() if text is not None}
    function = routine.function
    return Routine(replace(function, body=_filled(function.body, known)), routine.owner, routine.module) if known else routine


def _filled(part: Any, texts: dict[str, str]) -> Any:
    if isinstance(part, tuple):
        return tuple([_filled(each, texts) for each in part])
    if type(part) is ir.Name:
        return ir.Literal(texts[part.id], part.span) if part.id in texts else part
    if isinstance(part, ir.Function):
        own = {param.name for param in part.params}
        texts = {name: text for name, text in texts.items() if name not in own}
    if isinstance(part, ir.Node | ir.Argument | ir.Function | ir.Handler):
        parts = {name: _filled(getattr(part, name), texts) for name in part.__struct_fields__}
        return replace(part, **parts) if any(parts[name] is not getattr(part, name) for name in parts) else part
    return part
