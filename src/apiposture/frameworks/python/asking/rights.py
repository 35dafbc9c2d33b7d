"""Which rights must a caller have to get past a test?"""

from __future__ import annotations

import re

from apiposture.model import ir
from apiposture.model.facts import Need
from apiposture.program import walk

RIGHTS = re.compile(
    r"(?<![a-z])(admin(istrator)?|super_?user|staff|roles?|permissions?|privileges?|scopes?|moderator|has_\w*perm\w*)(?![a-z])", re.I
)
"""Words for what some callers may and others may not."""

PERMISSION = re.compile(r"perm|privilege|scope", re.I)
"""Those of them that speak of single rights, and not of what somebody is."""

HAS_SCOPE = "has_required_scope"
"""https://www.starlette.io/authentication/#permissions"""


def required(condition: ir.Expr, lets_in: bool) -> tuple[Need, ...]:
    """The rights in a test; where something else will do as well (`is_admin or is_owner`), none of them is required."""
    if isinstance(condition, ir.Unary) and condition.operator == "!":
        return required(condition.operand, not lets_in)
    if isinstance(condition, ir.Binary) and condition.operator in ("&&", "||"):
        sides = (required(condition.left, lets_in), required(condition.right, lets_in))
        if (condition.operator == "||") == lets_in:
            return sides[0] if () not in sides else ()  # any of them will do
        return tuple(dict.fromkeys((*sides[0], *sides[1])))
    return _rights_in(condition)


def _rights_in(condition: ir.Expr) -> tuple[Need, ...]:
    """The rights that a test names: the texts in it, or failing that the word itself."""
    if isinstance(condition, ir.Call) and walk.called_name(condition) == HAS_SCOPE:
        scopes = [n.value for n in walk.nodes(condition) if isinstance(n, ir.Literal) and isinstance(n.value, str)]
        return tuple(Need("scope", text) for text in scopes or ["scopes"] if text != "authenticated")
    about_objects = {id(call.function) for call in walk.calls(condition) if any(not isinstance(arg.value, ir.Literal) for arg in call.args)}
    for node in walk.nodes(condition):
        word = node.name if isinstance(node, ir.Member) else node.id if isinstance(node, ir.Name) else ""
        if id(node) in about_objects:
            continue  # `may_edit(article, user)` asks about an object, and not for a right
        if word and RIGHTS.search(word):
            texts = [n.value for n in walk.nodes(condition) if isinstance(n, ir.Literal) and isinstance(n.value, str)]
            kind = "scope" if "scope" in word.lower() else "permission" if PERMISSION.search(word) else "role"
            return tuple(Need(kind, text) for text in texts or [word])
    return ()
