"""What does code answer about a caller who is not logged in, and who comes to one endpoint?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from apiposture.frameworks.csharp._judge import CALLER, CALLER_CALLS
from apiposture.frameworks.csharp._nobody import Answer, Nobody
from apiposture.frameworks.csharp._requested import PATH_TESTS, Requested
from apiposture.model import ir
from apiposture.program import Program, constants, walk
from apiposture.program.types import Routine

OF_A_REQUEST: Final[dict[tuple[Answer, str], Answer]] = {
    ("request", "Request"): "sent", ("sent", "HttpContext"): "request", ("sent", "Path"): "path", ("sent", "Method"): "verb",
    ("path", "Value"): "path", ("folded", "Value"): "folded", ("path", "HasValue"): "true", ("folded", "HasValue"): "true",
}  # fmt: skip
FOLDS: Final = frozenset(("ToLower", "ToLowerInvariant", "ToUpper", "ToUpperInvariant"))
KEEPS: Final = frozenset(("ToString", "Trim", "TrimEnd"))
OPENS: Final = frozenset(("IAllowAnonymous", "AllowAnonymousAttribute", "AllowAnonymous"))
ASKS: Final = frozenset(("IAuthorizeData", "AuthorizeAttribute"))
FILLS: Final = frozenset(("Add", "AddRange", "UnionWith", "TryAdd", "Insert"))
ELSEWHERE: Final = frozenset(
    "Path PathBase Method Scheme Host IsHttps Protocol RequestServices Response RequestAborted TraceIdentifier".split()
)
"""Members of a context that say nothing of who calls."""

WRITTEN_BY_ANYBODY: Final = frozenset(
    "origin referer useragent host accept acceptlanguage contenttype contentlength xrequestedwith xforwardedproto xforwardedhost".split()
)
"""Headers that name nobody: who calls by a program of their own writes there what is wanted."""

Known = Mapping[str, Answer]


class Visitor(Nobody):
    """Answers for one program and one endpoint."""

    def __init__(self, program: Program, requested: Requested) -> None:
        super().__init__(program)
        self.requested = requested
        self.written = False
        """Is the path taken as the route is written, though callers may write it otherwise?"""
        self._texts: dict[str, str] = {}
        """What the parameter of a function that is asked for each item of a list holds."""

    def value(self, expr: ir.Expr | None, known: Known, routine: Routine, depth: int = 0) -> Answer:
        found: Answer = None
        match expr:
            case ir.Binary(operator="==" | "!=" as operator, left=left, right=right):
                found = self._compared(left, right, known, routine, depth) or self._compared(right, left, known, routine, depth)
                if found is not None and operator == "!=":
                    found = "false" if found == "true" else "true"
            case ir.Binary(operator="is", left=left, right=ir.Name(id="object")):
                found = _said({"nothing": False, "there": True}.get(self.value(left, known, routine, depth) or ""))
            case ir.Call():
                found = self._told(expr, known, routine, depth)
        return found or super().value(expr, known, routine, depth)

    def _member(self, holder: Answer, name: str) -> Answer:
        return OF_A_REQUEST.get((holder, name)) or super()._member(holder, name)

    def _compared(self, one: ir.Expr, other: ir.Expr, known: Known, routine: Routine, depth: int) -> Answer:
        """`request.Path == "/login"`, `request.Method == HttpMethods.Options`."""
        if not isinstance(one, ir.Name | ir.Member | ir.Call | ir.Binary):
            return None
        held = self.value(one, known, routine, depth)
        if held == "verb":
            verb = self._text(other, routine) or (walk.dotted(other).startswith("HttpMethods.") and walk.dotted(other).rpartition(".")[2])
            return _said(self.requested.has_verb(verb)) if verb else None
        text = self._text(other, routine) if held in ("path", "folded") else None
        return self._says("Equals", text, held == "folded") if text is not None else None

    def _told(self, call: ir.Call, known: Known, routine: Routine, depth: int) -> Answer:
        name, args = walk.called_name(call), [arg.value for arg in call.args]
        on = call.function.object if isinstance(call.function, ir.Member) else None
        if (of := self._of_endpoint(name, call, args)) is not None:
            return of
        holder = self.value(on, known, routine, depth) if on is not None else None
        if name == "Any" and holder == "there" and not args:
            return "true"
        if name == "GetEndpoint" and holder == "request":
            return "endpoint" if self.requested.routed else None
        if holder in ("path", "folded"):
            if name in FOLDS | KEEPS:
                return "folded" if name in FOLDS else holder
            text = self._text(args[0], routine) if args else None
            return self._says(name, text, _folds(name, args, holder)) if name in PATH_TESTS and text is not None else None
        first = self.value(args[0], known, routine, depth) if args else None
        if holder == "verb" or first == "verb":
            verb = self._text(args[0], routine) if holder == "verb" and name == "Equals" and args else name.removeprefix("Is")
            return _said(self.requested.has_verb(verb)) if verb and (name == "Equals" or name.startswith("Is")) else None
        if first in ("path", "folded") and (name.startswith("IsNullOr") or (name == "Equals" and len(args) > 1)):
            text = self._text(args[1], routine) if name == "Equals" else None
            return "false" if name != "Equals" else self._says(name, text, _folds(name, args, first)) if text is not None else None
        return self._among(name, on, args, known, routine, depth) if on is not None and args else None

    def _says(self, name: str, text: str, folded: bool) -> Answer:
        return _said(self.requested.tells(name, text, folded, self.written))

    def _text(self, expr: ir.Expr, routine: Routine) -> str | None:
        if isinstance(expr, ir.Name) and expr.id in self._texts:
            return self._texts[expr.id]
        if isinstance(expr, ir.New) and expr.type is not None and expr.type.name.endswith("PathString") and expr.args:
            expr = expr.args[0].value
        return constants.text(self.program, expr, routine.module, routine.owner)

    # -- what the endpoint declares ------------------------------------------------------------------------------------------------

    def _of_endpoint(self, name: str, call: ir.Call, args: list[ir.Expr]) -> Answer:
        """`endpoint.Metadata.GetMetadata<IAllowAnonymous>()`, `endpoint.Metadata.Any(one => one is AllowAnonymousAttribute)`."""
        if name in ("GetMetadata", "OfType", "GetOrderedMetadata") and len(call.type_args) == 1:
            declared = self._declares(call.type_args[0].name)
            return None if declared is None else "there" if declared else "nothing" if name == "GetMetadata" else "empty"
        if name == "Any" and len(args) == 1 and isinstance(args[0], ir.Lambda):
            match args[0].function.body:
                case (ir.Return(value=ir.Binary(operator="is", right=right)),):
                    return _said(self._declares(walk.dotted(right)))
        return None

    def _declares(self, kind: str) -> bool | None:
        kind = kind.rpartition(".")[2]
        said = self.requested.opens if kind in OPENS else self.requested.asks if kind in ASKS else None
        return said if self.requested.routed else None

    # -- lists of paths --------------------------------------------------------------------------------------------------------------

    def _among(self, name: str, on: ir.Expr, args: list[ir.Expr], known: Known, routine: Routine, depth: int) -> Answer:
        """`Open.Contains(path)`, `Open.Any(one => path.StartsWith(one))`."""
        if name not in ("Contains", "Any", "Exists", "All"):
            return None
        listed, texts = self._listed(on, routine), self.texts_of(on, routine)
        if not texts:
            return None
        found: list[Answer] = []
        if name == "Contains":
            held = self.value(args[0], known, routine, depth)
            folded = held == "folded" or _ignores([*args, *(arg.value for arg in listed.args)] if isinstance(listed, ir.New) else args)
            found = [self._says("Equals", text, folded) for text in texts] if held in ("path", "folded") else []
        elif isinstance(args[0], ir.Lambda) and len(args[0].function.params) == 1:
            match args[0].function.body:
                case (ir.Return(value=value),):
                    found = [self._for_item(args[0].function.params[0].name, text, value, known, routine, depth) for text in texts]
        elif isinstance(args[0], ir.Member) and args[0].name in PATH_TESTS:
            held = self.value(args[0].object, known, routine, depth)
            folded = held == "folded" or args[0].name == "StartsWithSegments"
            found = [self._says(args[0].name, text, folded) for text in texts] if held in ("path", "folded") else []
        wins, loses = ("false", "true") if name == "All" else ("true", "false")
        return _said(name != "All") if wins in found else _said(name == "All") if found and set(found) == {loses} else None

    def _for_item(self, name: str, text: str, value: ir.Expr | None, known: Known, routine: Routine, depth: int) -> Answer:
        with self.knowing(name, text):
            return self.value(value, known, routine, depth)

    @contextmanager
    def knowing(self, name: str, text: str) -> Iterator[None]:
        """While a name holds this text."""
        before, self._texts = self._texts, {**self._texts, name: text}
        yield
        self._texts = before

    def texts_of(self, listed: ir.Expr, routine: Routine) -> list[str]:
        """The texts of a list; none where one of them isn't known, or nothing is known of the list."""
        texts = [self._text(item, routine) for item in _items(self._listed(listed, routine))]
        return [] if None in texts else [text for text in texts if text is not None]

    def _listed(self, expr: ir.Expr, routine: Routine) -> ir.Expr | None:
        """The list behind a name that nobody adds to."""
        if isinstance(expr, ir.Collection | ir.New):
            return expr
        path = walk.dotted(expr)
        holder, _, name = path.rpartition(".")
        if not name:
            return None
        declared = [n for n in walk.nodes(routine.function.body or ()) if isinstance(n, ir.Declare) and n.name == path]
        if len(declared) == 1:
            return declared[0].value
        owner = routine.owner if holder in ("", "this") else self.program.find_type(holder, routine.module, routine.owner)
        slot = self.program.slot(owner, name) if owner is not None else None
        if slot is None or owner is None:
            return None
        bodies = (one.function.body or () for routines in owner.functions.values() for one in routines)
        filled = (walk.dotted(call.function) for body in bodies for call in walk.calls(body) if walk.called_name(call) in FILLS)
        return None if any(one.removeprefix("this.").startswith(f"{name}.") for one in filled) else slot.field.value


def _items(listed: ir.Expr | None) -> Iterator[ir.Expr]:
    if isinstance(listed, ir.Collection):
        yield from listed.items
    elif isinstance(listed, ir.New):
        yield from (field.value for field in listed.fields if not field.name)
        yield from (item for arg in listed.args if isinstance(arg.value, ir.Collection) for item in arg.value.items)


def _said(truth: bool | None) -> Answer:
    return None if truth is None else "true" if truth else "false"


def _ignores(args: list[ir.Expr]) -> bool:
    return any(walk.dotted(arg).endswith("IgnoreCase") for arg in args)


def _folds(name: str, args: list[ir.Expr], holder: Answer) -> bool:
    """Does a test of a path not regard case? That of whole segments does where it is told to alone."""
    told = any("StringComparison." in walk.dotted(arg) for arg in args)
    return holder == "folded" or _ignores(args) or (name == "StartsWithSegments" and not told)


def asks_caller(part: object, names: Collection[str]) -> bool:
    """Does a piece of code look at who calls, or at what callers send? `names` hold the context, and what was taken of it."""
    skipped: set[int] = set()
    for node in walk.nodes(part):
        if id(node) in skipped:
            continue
        match node:
            case ir.Member(name=name) if name in ELSEWHERE:
                skipped.update(id(inner) for inner in walk.nodes(node))
            case ir.Call() if walk.called_name(node) == "GetEndpoint" or _names_nobody(node):
                skipped.update(id(inner) for inner in walk.nodes(node))
            case ir.Index() | ir.Member() if _names_nobody(node):
                skipped.update(id(inner) for inner in walk.nodes(node))
            case ir.Call() if walk.called_name(node) in CALLER_CALLS:
                return True
            case ir.Member(name=name) if name in CALLER:
                return True
            case ir.Name(id=name) if name in names or name in CALLER:
                return True
    return False


def _names_nobody(node: ir.Expr) -> bool:
    """`request.Headers["Origin"]`, `request.Headers.Origin`, `request.Headers.TryGetValue(HeaderNames.Origin, out var origin)`."""
    match node:
        case ir.Index(object=on, keys=(said,)) | ir.Call(function=ir.Member(object=on), args=(ir.Argument(value=said), *_)):
            name = said.value if isinstance(said, ir.Literal) else walk.dotted(said).rpartition(".")[2]
        case ir.Member(object=on, name=name):
            pass
        case _:
            return False
    return isinstance(on, ir.Member) and on.name == "Headers" and str(name).replace("-", "").lower() in WRITTEN_BY_ANYBODY
