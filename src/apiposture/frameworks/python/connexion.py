"""Which endpoints does an application of Connexion have, whose routes stand in an OpenAPI description?"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from apiposture.frameworks import openapi
from apiposture.frameworks.openapi import Description, Operation, Parameter, Security
from apiposture.frameworks.python.asking.guards import Guard, posture_of
from apiposture.frameworks.python.asking.handlers import Handlers
from apiposture.frameworks.python.reading.imports import imports_any
from apiposture.frameworks.python.reading.objects import Made, Objects
from apiposture.frameworks.routing import Entry, Supply
from apiposture.model import ir
from apiposture.model.facts import Binding, Endpoint, Need
from apiposture.model.scan import Problem
from apiposture.model.source import SourceFile
from apiposture.program import Program, constants, walk
from apiposture.program.places import place
from apiposture.program.types import Routine, Type

NAME = "Connexion"

CHANGES = frozenset(("POST", "PUT", "PATCH", "DELETE"))
CONTROLLERS = ("x-openapi-router-controller", "x-swagger-router-controller")
SOURCES = {"path": "route", "query": "query", "header": "header", "cookie": "cookie", "body": "body", "formData": "form"}
CALLER = ("user", "token_info")
"""Parameters by which a handler is given who calls: https://connexion.readthedocs.io/en/latest/security.html"""

TYPES = {"integer": "int", "number": "double", "boolean": "bool"}


def recognised(program: Program) -> bool:
    """Does any file import the framework?"""
    return imports_any(program, ("connexion",))


def find_endpoints(program: Program, settings: Sequence[SourceFile]) -> Iterator[Entry | Problem]:
    """The operations of all descriptions that an application is given."""
    reader = _Reader(program, settings)
    seen: set[tuple[str, str, str]] = set()
    for added in reader.added():
        if added.description is None:
            at = place(added.routine.module, added.call.span)
            message = "The description that 'Connexion' is given here isn't in the scanned source: its endpoints were not looked at."
            yield Problem("no-description", message, at.path, at.line)
            continue
        for operation in added.description.operations:
            key = (added.description.path, operation.method, operation.path)
            if key not in seen:
                seen.add(key)
                yield reader.entry(added, operation)


class Added(Struct, frozen=True, eq=False):
    """A description that is given to an application, and where."""

    description: Description | None
    base: str
    resolver: tuple[str, str]
    call: ir.Call
    routine: Routine


class _Reader:
    """What is known of one program's applications."""

    def __init__(self, program: Program, settings: Sequence[SourceFile]) -> None:
        self.program = program
        self.objects = Objects(program)
        self.handlers = Handlers(self.objects)
        self.descriptions = {s.path: found for s in settings if openapi.is_description(s) and (found := openapi.read(s)) is not None}

    def added(self) -> Iterator[Added]:
        """The descriptions that applications are given, in the order of the files."""
        for caller, call in self.program.calling("add_api"):
            if not caller.module.explicit_names or not isinstance(call.function, ir.Member) or not call.args:
                continue
            apps = [one for one in self.objects.of(call.function.object, caller) if isinstance(one, Made)]
            if apps and not any(one.name.startswith("connexion.") or one.declared is not None for one in apps):
                continue
            description = self._description(call, caller, apps)
            given = self._text(_named(call, "base_path"), caller)
            base = given if given is not None else description.base if description is not None else ""
            resolver = next((r for holder in (call, *(app.call for app in apps)) if (r := self._resolver(holder, caller))[0]), ("", ""))
            yield Added(description, base, resolver, call, caller)

    def _description(self, call: ir.Call, caller: Routine, apps: Sequence[Made]) -> Description | None:
        """The description that is meant: by the end of its path, the nearest to the code that names it; or the only one there is."""
        name = self._last_text(walk.argument(call, 0, "specification"), caller)
        folders = [text for app in apps if (text := self._last_text(_named(app.call, "specification_dir"), app.routine)) is not None]
        if name is None:
            return next(iter(self.descriptions.values())) if len(self.descriptions) == 1 else None
        here = caller.module.path.rpartition("/")[0]
        for folder in (*folders, ""):
            wanted = posixpath.normpath(posixpath.join(folder, name)).lstrip("./")
            fitting = [path for path in self.descriptions if f"/{path}".endswith(f"/{wanted}")]
            if fitting:
                return self.descriptions[max(fitting, key=lambda path: len(posixpath.commonprefix((path, f"{here}/"))))]
        return None

    def _resolver(self, call: ir.Call, caller: Routine) -> tuple[str, str]:
        """How functions are found for operations: the resolver's name, and the package that it starts from."""
        for made in self.objects.of(_named(call, "resolver"), caller):
            if isinstance(made, Made):
                package = self._text(walk.argument(made.call, 0, "root_path") or _named(made.call, "default_module_name"), made.routine)
                return made.name.rpartition(".")[2], package or ""
        return "", ""

    def _text(self, expr: ir.Expr | None, routine: Routine) -> str | None:
        return constants.text(self.program, expr, routine.module, routine.owner) if expr is not None else None

    def _last_text(self, expr: ir.Expr | None, routine: Routine) -> str | None:
        """A path, or the last known part of it: `Path(__file__).parent / "openapi.yml"`."""
        found = self._text(expr, routine)
        if found is not None or expr is None:
            return found
        texts = [node.value for node in walk.nodes(expr) if isinstance(node, ir.Literal) and isinstance(node.value, str) and node.value]
        return texts[-1] if texts else None

    # -- operations ----------------------------------------------------------------------------------------------------

    def entry(self, added: Added, operation: Operation) -> Entry:
        """One operation with its posture, and the function that serves it."""
        name = _function_of(operation, added.resolver)
        handler = self._handler(name, added.routine)
        guards = list(_guards(operation.security, name))
        posture = posture_of(guards)
        if handler is not None and posture.level == "public":
            guards += self.handlers.above(handler)
            posture = posture_of(guards)
            if posture.level == "public":
                posture = posture_of([*guards, *self.handlers.own(handler)])
        where = place(handler.module, handler.function.name_span) if handler is not None else operation.place
        bindings, supplies = _parameters(operation, handler) if handler is not None else ((), ())
        path = "/" + f"{added.base}{operation.path}".strip("/")
        endpoint = Endpoint(
            operation.method, path, NAME, handler.name if handler is not None else name, where, posture, bindings, "function",
            operation.method in CHANGES, grouped=_asks_at_all(added.description),
        )  # fmt: skip
        return Entry(endpoint, handler, (), supplies)

    def _handler(self, name: str, routine: Routine) -> Routine | None:
        """The function of a dotted name: of a module, or of a class in one."""
        found = self.program.imported(name, routine.module)
        if isinstance(found, Routine):
            return found
        holder, _, last = name.rpartition(".")
        owner = self.program.imported(holder, routine.module) if holder else None
        return next(iter(self.program.methods(owner, last)), None) if isinstance(owner, Type) else None


def _function_of(operation: Operation, resolver: tuple[str, str]) -> str:
    """The dotted name of the function: https://connexion.readthedocs.io/en/latest/routing.html"""
    kind, package = resolver
    controller = next((text for name in CONTROLLERS if (text := operation.part.says(name))), "")
    own = operation.part.says("operationId")
    if own:
        around = controller or (package if kind == "RelativeResolver" else "")
        return f"{around}.{own}" if around else own
    parts = [part for part in operation.path.split("/") if part]
    resource = [part.replace("-", "_") for part in parts if not part.startswith("{")]
    is_collection = operation.method == "GET" and bool(resource) and not parts[-1].startswith("{")
    holder = [controller] if controller else [package, *resource]
    return ".".join(part for part in (*holder, "search" if is_collection else operation.method.lower()) if part)


def _guards(security: Security | None, scope: str) -> Iterator[Guard]:
    """What the description asks. A scheme whose function is missing lets nobody in, so that every one asks."""
    if security is None:
        return
    level = "application" if security.whole else "endpoint"
    if not security.requirements or any(not one.schemes for one in security.requirements):
        yield Guard("opens", level, scope, security.place, "security")
        return
    common = [{(name, scope) for name, scopes in one.schemes for scope in scopes} for one in security.requirements]
    needs = tuple(Need("scope", scope) for _, scope in sorted(set.intersection(*common)))
    schemes = ", ".join(dict.fromkeys(name for one in security.requirements for name, _ in one.schemes))
    yield Guard("asks", level, scope, security.place, f"security: {schemes}", "", needs)


def _asks_at_all(description: Description | None) -> bool:
    operations = description.operations if description is not None else ()
    return any(one.security is not None and one.security.requirements for one in operations)


def _parameters(operation: Operation, handler: Routine) -> tuple[tuple[Binding, ...], tuple[Supply, ...]]:
    """Where the values of the handler's parameters come from. What is declared to be a number is one: others are refused."""
    known = {_as_name(one.name): one for one in operation.parameters}
    body = operation.part.get("requestBody")
    bodies = ("body", body.says("x-body-name")) if body is not None else ()
    bindings: list[Binding] = []
    supplies: list[Supply] = []
    for param in handler.function.params:
        said = known.get(param.name) or known.get(param.name.rstrip("_"))
        source = SOURCES.get(said.where, "unknown") if said is not None else "body" if param.name in bodies else "unknown"
        if source == "unknown" and param.name in CALLER and operation.security is not None:
            source = "principal"
        bindings.append(Binding(param.name, source))
        kind = _type_of(said) if said is not None else ""
        if kind:
            supplies.append(Supply(param.name, None, (bindings[-1],), type=kind))
    return tuple(bindings), tuple(supplies)


def _type_of(parameter: Parameter) -> str:
    if parameter.type in TYPES:
        return TYPES[parameter.type]
    return "segment" if parameter.where == "path" and parameter.format != "path" else ""


def _as_name(name: str) -> str:
    """A parameter as the handler takes it: `order-id` is `order_id`."""
    return re.sub(r"^[^a-zA-Z_]+", "", re.sub(r"\W", "", name.replace("-", "_")))


def _named(call: ir.Call, name: str) -> ir.Expr | None:
    return next((arg.value for arg in call.args if arg.name == name), None)
