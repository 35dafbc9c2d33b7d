"""Does a pattern say which characters a text may have, and is a text that does not match it refused?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from apiposture.analysis.flow.values import Value
from apiposture.analysis.knowledge import Knowledge
from apiposture.frameworks.rows import Clean
from apiposture.model import ir
from apiposture.program import Program, constants, walk
from apiposture.program.types import Routine, Type

ALL_KINDS: Final = frozenset(("*",))


def is_whole(row: Clean, receiver: Value, args: Sequence[Value]) -> bool:
    """Does a pattern that must speak of the whole text do so, as far as it is known?"""
    return not row.whole or all(_speaks_of_all(one, row.holds) and is_narrow(one) for one in patterns_in(receiver, args))


def cleaned_by(row: Clean, receiver: Value, args: Sequence[Value]) -> frozenset[str]:
    """The kinds of sink that a text which matches is harmless for: the row's, or redirects alone where only its beginning is told."""
    if is_whole(row, receiver, args):
        return frozenset(row.kinds)
    known = patterns_in(receiver, args)
    return AT_HOME if known and all(_begins(one, row.holds) and OWN_PATH.match(one) for one in known) else frozenset()


AT_HOME: Final = frozenset(("redirect",))

OWN_PATH: Final = re.compile(r"(?:\^|\\A)?\\?/(?:\[(?!\^)(?:[^\]/\\]|\\[wd.-])+\](?![*?])|\\w(?![*?])|[A-Za-z0-9](?![*?|]))")
"""A pattern of paths: a slash, and behind it a character that is no other slash. A browser stays where it is."""


def patterns_in(receiver: Value, args: Sequence[Value]) -> list[str]:
    """The texts that the patterns at hand may be."""
    holders = [receiver, *args]
    return [c for holder in holders for one in (holder, *(holder.fields or {}).values()) for c in one.constants or () if isinstance(c, str)]


def _begins(pattern: str, held: str) -> bool:
    """Does a pattern speak of the text's beginning?"""
    return held in ("start", "both") or pattern.startswith(("^", r"\A"))


def _speaks_of_all(pattern: str, held: str) -> bool:
    """Is there nothing before or behind what a pattern matches, which the call itself may hold to the text's ends?"""
    ends = held == "both" or pattern.endswith(("$", r"\z", r"\Z"))
    return _begins(pattern, held) and ends and (held == "both" or "|" not in GROUP.sub("", pattern))


GROUP: Final = re.compile(r"\\.|\[[^\]]*\]|\([^()]*\)")
"""What a choice in a pattern may stand in without splitting the whole: an escape, a class, a group."""


QUOTES: Final = "'\"`;"

ANYTHING: Final = re.compile(r"(?<!\\)\.[*+{]|\\[SDW]|\[\^|\[\\s\\S\]")


def is_narrow(pattern: str) -> bool:
    """Does a pattern say which characters there may be, and not only that there are some, and none that an interpreter stumbles over?"""
    leads_out = "/" in pattern and "." in pattern
    return not ANYTHING.search(pattern) and not leads_out and not any(quote in pattern for quote in QUOTES)


def harmless_by_pattern(program: Program, knowledge: Knowledge, routine: Routine, param: ir.Param) -> frozenset[str]:
    """The kinds of sink that a parameter is harmless for because what does not match a narrow pattern is refused before the call."""
    if refuses_by_pattern(program, knowledge, (*param.annotations, *by_default(param.default)), routine.module, routine.owner):
        return ALL_KINDS
    patterns = [a for a in param.annotations if a.args and knowledge.marked((a,), "pattern")]
    if not patterns or routine.owner is None:
        return frozenset()
    texts = [constants.text(program, a.args[0].value, routine.module, routine.owner) for a in patterns]
    refused = any(knowledge.marked([a], "validates") for t in program.lineage(routine.owner) for a, _ in t.annotations)
    return ALL_KINDS if refused and any(text is not None and is_narrow(text) for text in texts) else frozenset()


def by_default(value: ir.Expr | None) -> tuple[ir.Annotation, ...]:
    """What a call says of a parameter or member whose first value it is: `name: str = Query(pattern="[a-z]+")`."""
    return (ir.Annotation(walk.called_name(value), value.args, value.span),) if type(value) is ir.Call else ()


def refuses_by_pattern(
    program: Program, knowledge: Knowledge, annotations: Sequence[ir.Annotation], module: ir.Module, owner: Type | None
) -> bool:
    """Does one of them refuse whatever does not match a narrow pattern that speaks of the whole text?"""
    for annotation in annotations:
        given = [arg.value for arg in annotation.args if arg.name and arg.name in knowledge.pattern_names(annotation)]
        texts = [constants.text(program, value, module, owner) for value in given]
        if any(text is not None and _speaks_of_all(text, "") and is_narrow(text) for text in texts):
            return True
    return False
