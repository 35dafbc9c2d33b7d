"""What is left of a chain of calls that is longer than expressions may be nested: `text.Replace("ä", "ae").Replace("ö", "oe")...`?"""

from __future__ import annotations

from typing import Final

from tree_sitter import Node

from apiposture.languages.csharp.dispatch import Lowering, expr, field_id, ids, parts, span_of
from apiposture.model.ir import Opaque

_CALL: Final = ids("invocation_expression")
_MEMBER: Final = ids("member_access_expression")
_PLAIN: Final = ids(
    "identifier", "string_literal", "verbatim_string_literal", "raw_string_literal", "character_literal", "integer_literal", "real_literal",
    "boolean_literal", "null_literal", "this", "base",
)  # fmt: skip
"""What holds nothing that could be nested."""
_ARGUMENT: Final = ids("argument")
_FUNCTION: Final = field_id("function")
_GIVEN: Final = field_id("arguments")
_ON: Final = field_id("expression")
_NAME: Final = field_id("name")


def long_chain(c: Lowering, n: Node) -> Opaque | None:
    """What the chain is called on and all that its calls are given, in the order of the text; None where something else is nested there."""
    given: list[Node] = []
    names: list[Node] = []
    node = n
    while node.kind_id in _CALL:
        target, arguments = node.child_by_field_id(_FUNCTION), node.child_by_field_id(_GIVEN)
        on = target.child_by_field_id(_ON) if target is not None and target.kind_id in _MEMBER else None
        name = target.child_by_field_id(_NAME) if target is not None and on is not None else None
        if on is None or name is None or arguments is None:
            return None
        names.append(name)
        for argument in reversed(parts(c, arguments)):
            held = parts(c, argument) if argument.kind_id in _ARGUMENT else [argument]
            given += held[-1:]
        node = on
    if not names or any(each.kind_id not in _PLAIN for each in (node, *given)):
        return None
    c.calls.update(name.text.decode() for name in names if name.text is not None)
    c.opaque += 1
    return Opaque("long-chain", tuple(expr(c, each) for each in (node, *reversed(given))), span_of(n))
