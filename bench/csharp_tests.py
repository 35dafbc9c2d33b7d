"""Which programs does a unit test in C# hand to its analyzer, with which expectation?

Analyzers for C# are tested on programs in strings. A test method has the string in a variable or in the call that verifies it; rows of
data (`[DataRow(...)]`) fill its holes, and decide an `if` around the call. What can't be worked out without running the test is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import NamedTuple

import tree_sitter_c_sharp
from tree_sitter import Language, Node, Parser

Value = str | bool | None
Values = dict[str, Value]

STRINGS = ("string_literal", "verbatim_string_literal", "raw_string_literal", "interpolated_string_expression")
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "\\": "\\", '"': '"', "'": "'"}


class Verified(NamedTuple):
    """One call that verifies a program: the method it stands in, the row that was put in, and its further arguments as they are written."""

    method: str
    program: str
    row: tuple[Value, ...]
    arguments: tuple[str, ...]
    text: str


def verified(text: str, name: str) -> Iterator[Verified]:
    """The calls of the function `name` in a file of tests, once for each row of data."""
    root = Parser(Language(tree_sitter_c_sharp.language())).parse(text.encode()).root_node
    for method in every(root, "method_declaration"):
        calls = [call for call in every(method, "invocation_expression") if called(call) == name]
        for row in rows(method) if calls else ():
            values = bound(method, row)
            for call in calls:
                if reached(call, method, values):
                    yield from one(call, method, row, values)


def one(call: Node, method: Node, row: tuple[Value, ...], values: Values) -> Iterator[Verified]:
    given = arguments(call)
    program = value_of(given[0], values) if given else None
    if isinstance(program, str):
        others = tuple(text_of(argument) for argument in given[1:])
        yield Verified(text_of(method.child_by_field_name("name")), program, row, others, text_of(method))


def rows(method: Node) -> list[tuple[Value, ...]]:
    """The arguments of each `[DataRow]` or `[InlineData]`; one empty row where there is none."""
    found = []
    for attribute in every(method, "attribute"):
        if text_of(attribute.child_by_field_name("name")) in ("DataRow", "InlineData"):
            given = [part for part in every(attribute, "attribute_argument") if not text_of(part).startswith("DisplayName")]
            found.append(tuple(value_of(part.named_children[-1], {}) for part in given))
    return found or [()]


def bound(method: Node, row: tuple[Value, ...]) -> Values:
    """What the parameters and the strings of the method are, with this row."""
    values: Values = {}
    parameters = list(every(method.child_by_field_name("parameters"), "parameter"))
    for parameter, given in zip_longest(parameters, row, fillvalue=None):
        if isinstance(parameter, Node):
            default = parameter.named_children[-1] if len(parameter.named_children) > 2 else None
            late = parameters.index(parameter) >= len(row)
            value = value_of(default, {}) if late and default is not None else given
            values[text_of(parameter.child_by_field_name("name"))] = value if not isinstance(value, Node) else None
    for variable in every(method, "variable_declarator"):
        if variable.named_children and variable.named_children[-1].type in STRINGS:
            text = value_of(variable.named_children[-1], values)
            if text is not None:
                values[text_of(variable.child_by_field_name("name"))] = text
    return values


def reached(call: Node, method: Node, values: Values) -> bool:
    """Is the call made with these values? A condition that is not about one of them alone is taken for no."""
    node = call
    while node.parent is not None and node.id != method.id:
        above = node.parent
        if above.type == "if_statement" and (condition := above.child_by_field_name("condition")) is not None:
            holds = truth(text_of(condition), values)
            in_then = (consequence := above.child_by_field_name("consequence")) is not None and consequence.id == node.id
            if holds is None or (in_then and not holds) or (not in_then and holds and node.id != condition.id):
                return False
        node = above
    return True


def truth(condition: str, values: Values) -> bool | None:
    """`x`, `!x`, `x == null`, `x != null`."""
    match = re.fullmatch(r"(!?)(\w+)(?: ([!=]=) null)?", condition.strip())
    if match is None or match[2] not in values:
        return None
    value = values[match[2]]
    truthy = value is not None and value is not False if match[3] is None else value is not None
    return truthy != (match[1] == "!" or match[3] == "==")


def value_of(node: Node, values: Values) -> Value:
    """A text or a truth value, where it can be told; None stands for both null and for what can't."""
    if node.type == "argument":
        node = node.named_children[-1]
    if node.type == "identifier":
        return values.get(text_of(node))
    if node.type == "boolean_literal":
        return text_of(node) == "true"
    if node.type == "string_literal":
        return re.sub(r"\\(.)", lambda match: ESCAPES.get(match[1], match[0]), text_of(node)[1:-1])
    if node.type == "verbatim_string_literal":
        return text_of(node)[2:-1].replace('""', '"')
    if node.type == "raw_string_literal":
        return text_of(node).strip('"')
    if node.type == "interpolated_string_expression":
        return interpolated(node, values)
    return None


def interpolated(node: Node, values: Values) -> str | None:
    """The text with its holes filled; None if one of them is more than a name that is known."""
    verbatim = "@" in text_of(node.children[0])
    parts = []
    for child in node.children[2:-1]:
        if child.type == "interpolation":
            filled = value_of(child.named_children[1], values) if len(child.named_children) == 3 else None
            if not isinstance(filled, str):
                return None
            parts.append(filled)
        else:
            text = text_of(child).replace("{{", "{").replace("}}", "}")
            parts.append(text.replace('""', '"') if verbatim else re.sub(r"\\(.)", lambda match: ESCAPES.get(match[1], match[0]), text))
    return "".join(parts)


def arguments(call: Node) -> list[Node]:
    given = call.child_by_field_name("arguments")
    return [child for child in given.named_children if child.type == "argument"] if given is not None else []


def called(call: Node) -> str:
    function = call.child_by_field_name("function")
    return text_of(function).rpartition(".")[2] if function is not None else ""


def every(node: Node | None, kind: str) -> Iterator[Node]:
    """All nodes of a kind below this one, in the order of the text."""
    for child in node.children if node is not None else ():
        if child.type == kind:
            yield child
        yield from every(child, kind)


def text_of(node: Node | None) -> str:
    return node.text.decode() if node is not None and node.text is not None else ""
