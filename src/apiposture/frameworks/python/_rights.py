"""Which rights does a test name, that some callers have and others have not?"""

from __future__ import annotations

import re

from apiposture.model import ir
from apiposture.model.facts import Need
from apiposture.program import walk

RIGHTS = re.compile(
    r"(?<![a-z])(admin(istrator)?|superuser|staff|roles?|permissions?|privileges?|scopes?|moderator|has_\w*perm\w*)(?![a-z])", re.I
)
"""Words for what some callers may and others may not."""


def rights_in(condition: ir.Expr) -> tuple[Need, ...]:
    """The rights that a test names: the texts in it, or failing that the word itself."""
    about_objects = {id(call.function) for call in walk.calls(condition) if any(not isinstance(arg.value, ir.Literal) for arg in call.args)}
    for node in walk.nodes(condition):
        word = node.name if isinstance(node, ir.Member) else node.id if isinstance(node, ir.Name) else ""
        if id(node) in about_objects:
            continue  # `may_edit(article, user)` asks about an object, and not for a right
        if word and RIGHTS.search(word):
            texts = [n.value for n in walk.nodes(condition) if isinstance(n, ir.Literal) and isinstance(n.value, str)]
            return tuple(Need("role", text) for text in texts or [word])
    return ()
