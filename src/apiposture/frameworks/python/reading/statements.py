"""Which names does a statement set, does it leave, and where does it read a part of the request that is no credential?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from apiposture.model import ir
from apiposture.program import walk

PLAIN = frozenset(
    """accept accept-language accept-encoding cache-control content-length content-type forwarded host if-match if-none-match
    if-modified-since origin range referer user-agent x-forwarded-for x-forwarded-host x-forwarded-proto x-real-ip x-request-id
    x-correlation-id x-requested-with""".split()
)
"""Headers that say nothing of who calls."""

FORGERY = re.compile(r"csrf|xsrf|nonce", re.I)
"""What a page is given to send back with its forms: guests have one too."""

SENT = frozenset(
    """POST GET FILES method path path_info build_absolute_uri get_full_path full_path base_url script_root endpoint blueprint url_rule
    is_json is_secure content_type mimetype accept_mimetypes user_agent remote_addr host scheme client url path_params""".split()
)
"""Members of a request that are no credential."""


def leaves(statement: ir.If) -> bool:
    """Does one side of a test go no further?"""
    return any(side and isinstance(side[-1], ir.Return | ir.Throw | ir.Jump) for side in (statement.then, statement.other))


def plain_reads(function: ir.Function) -> Iterator[int]:
    """Where headers are read that say nothing of who calls."""
    for node in walk.nodes(function.body or ()):
        holder: ir.Expr | None = None
        key: ir.Expr | None = None
        if isinstance(node, ir.Index) and node.keys:
            holder, key = node.object, node.keys[0]
        elif isinstance(node, ir.Call) and isinstance(node.function, ir.Member) and node.args:
            holder, key = node.function.object, node.args[0].value
        elif isinstance(node, ir.Binary) and node.operator == "in":
            holder, key = node.right, node.left
        if holder is not None and isinstance(key, ir.Literal) and isinstance(key.value, str) and _is_plain(key.value):
            yield holder.span
            if isinstance(node, ir.Call):
                yield node.function.span


def _is_plain(key: str) -> bool:
    """Is it a header that says nothing of who calls, or what only proves where a form came from?"""
    return key.lower() in PLAIN or FORGERY.search(key) is not None


def proves_origin(test: ir.Expr) -> bool:
    """Is it about a token that only proves where a form came from?"""
    words = (n.value if isinstance(n, ir.Literal) else n.name if isinstance(n, ir.Member) else "" for n in walk.nodes(test))
    return any(isinstance(word, str) and FORGERY.search(word) for word in words)


def sent_in(expr: ir.Expr) -> set[int]:
    """Where the request is only named for what a form or a query sends: `request.POST`."""
    return {id(node.object) for node in walk.nodes(expr) if isinstance(node, ir.Member) and node.name in SENT}


def set_by(statement: ir.Stmt) -> tuple[str, ir.Expr | None]:
    """The name that a statement sets, and the value that it looks at."""
    if type(statement) is ir.Declare:
        return statement.name, statement.value
    if type(statement) is ir.Eval:
        value = statement.value
        if type(value) is ir.Assign:
            return (value.target.id if type(value.target) is ir.Name else ""), value.value
        return "", value
    return "", None


def names_set(statements: tuple[ir.Stmt, ...]) -> frozenset[str]:
    """The names that statements set, at any depth."""
    found: set[str] = set()
    for node in walk.nodes(statements):
        if isinstance(node, ir.Declare):
            found.add(node.name)
        elif isinstance(node, ir.Assign) and isinstance(node.target, ir.Name):
            found.add(node.target.id)
    return frozenset(found)


def uses_of(code: ir.Stmt | tuple[ir.Stmt, ...], names: frozenset[str]) -> int:
    """How often one of these names is used in it."""
    return sum(isinstance(node, ir.Name) and node.id in names for node in walk.nodes(code)) if names else 0


def about_themselves(code: ir.Stmt, names: frozenset[str]) -> int:
    """How often something is only read of one of these names: `view.__name__`."""
    holders = (node.object for node in walk.nodes(code) if isinstance(node, ir.Member))
    return sum(isinstance(one, ir.Name) and one.id in names for one in holders)


def set_in(condition: ir.Expr) -> frozenset[str]:
    """The names that a test sets to what it asks for: `if user := find(token)`."""
    sets = (node.target for node in walk.nodes(condition) if isinstance(node, ir.Assign))
    return frozenset(target.id for target in sets if isinstance(target, ir.Name))


def is_of_own_object(call: ir.Call) -> bool:
    """Is it a method of the same object: `self.check()`, `Base.check(self)`?"""
    first = call.args[0].value if call.args else None
    return walk.dotted(call.function).startswith(("this.", "super.")) or (type(first) is ir.Name and first.id == "this")


def is_nothing(value: ir.Expr | None) -> bool:
    """Is it an answer with nothing in it?"""
    if isinstance(value, ir.Literal):
        return value.value is None
    return value is None or (isinstance(value, ir.Collection) and not value.items)
