"""What does a FastAPI dependency ask of the caller, and where do the values of a function's parameters come from?

A dependency asks for a caller when its body does (`bodies`), when one of its own dependencies does, or when it is a security scheme.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from apiposture.frameworks.python.asking.checkers import (
    calls_of,
    is_written_out,
    kept,
    lets_guests_in,
    names_of,
    rights_of,
    settled,
    told_by_others,
)
from apiposture.frameworks.python.asking.parameters import NOTHING, SENDS, Asked, Held, marker, optional
from apiposture.frameworks.python.asking.rights import RIGHTS
from apiposture.frameworks.python.asking.verdicts import Verdict
from apiposture.frameworks.python.reading.objects import Code, Fixed, Foreign, Made, Object, Objects
from apiposture.model import ir
from apiposture.model.facts import Binding, Need
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Slot, Type

SCHEMES = frozenset(
    """OAuth2 OAuth2PasswordBearer OAuth2AuthorizationCodeBearer OpenIdConnect HTTPBearer HTTPBasic HTTPDigest APIKeyHeader APIKeyCookie
    APIKeyQuery SecurityBase HTTPBase APIKeyBase""".split()
)
"""https://fastapi.tiangolo.com/reference/security/"""

OF_FASTAPI_USERS = ("FastAPIUsers.current_user", "FastAPIUsers.authenticator.current_user")
"""https://fastapi-users.github.io/fastapi-users/latest/usage/current-user/"""

HARMLESS = ("fastapi.", "starlette.", "pydantic.", "typing.", "sqlalchemy.", "sqlmodel.")
"""Libraries whose callables ask for nobody, but for the schemes."""

TOLD_IN = ("", "query", "form", "body")
TOLD = re.compile(r"(^|_)(token|api_?key|password|secret)$", re.I)
"""Names of parameters that callers send to prove who they are; where a dependency refuses for one, as 401 and 403 do, it asks for it."""
REQUESTS = frozenset(("Request", "WebSocket", "HTTPConnection"))
FRAMEWORK = frozenset("Request WebSocket HTTPConnection Response BackgroundTasks SecurityScopes".split())
SCALARS = frozenset(
    "string int double bool bytes UUID datetime date time timedelta Decimal Literal Enum EmailStr HttpUrl AnyUrl object".split()
)
UPLOADS = ("UploadFile", "UploadedFile")
MAX_DEPTH = 8


class Dependency(Struct, frozen=True, eq=False):
    """One use of a dependency: how it is written, where, and what it may stand for. `scopes` are those that it must have."""

    expr: ir.Expr | None
    routine: Routine
    span: int
    text: str
    objects: tuple[Object, ...]
    scopes: tuple[str, ...] = ()


class Dependencies:
    """Answers for one program."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self._asked: dict[tuple[int, int, Fixed], Asked] = {}
        self._checkers: dict[tuple[str, int, int, frozenset[str]], Routine] = {}
        """The code of checkers as they are made: what is judged is known by its identity, and must stay."""

    # -- what is written -----------------------------------------------------------------------------------------------

    def in_list(self, expr: ir.Expr | None, routine: Routine, depth: int = 0) -> list[Dependency]:
        """The dependencies of a list: `dependencies=[Depends(a), Depends(b)]`."""
        if expr is None or depth > MAX_DEPTH:
            return []
        if type(expr) is ir.Collection:
            return [one for item in expr.items if (one := self.written(item, routine)) is not None]
        if type(expr) is ir.Binary:
            return [*self.in_list(expr.left, routine, depth + 1), *self.in_list(expr.right, routine, depth + 1)]
        path = walk.dotted(expr)
        local = self.objects.bindings(routine).get(path)
        if local is not None:
            return [one for value, _ in local for one in self.in_list(value, routine, depth + 1)]
        found = self.objects.program.meaning(path, routine.module, routine.owner) if path else None
        if isinstance(found, Slot):
            return self.in_list(found.field.value, self.objects.main(found.module), depth + 1)
        return []

    def written(self, expr: ir.Expr | None, routine: Routine, kind: ir.TypeRef | None = None, depth: int = 0) -> Dependency | None:
        """The dependency that an expression `Depends(x)` or `Security(x, scopes=[...])` is; None where it is none."""
        if isinstance(expr, ir.Name | ir.Member) and depth < MAX_DEPTH:
            named = self.objects.program.meaning(walk.dotted(expr), routine.module, routine.owner)
            if isinstance(named, Slot):
                return self.written(named.field.value, self.objects.main(named.module), None, depth + 1)
        if not isinstance(expr, ir.Call) or walk.called_name(expr) not in ("Depends", "Security"):
            return None
        return self._of_args(expr.args, walk.argument(expr, 0, "dependency"), routine, kind, expr.span)

    def _of_args(
        self, args: Sequence[ir.Argument], given: ir.Expr | None, routine: Routine, kind: ir.TypeRef | None, span: int
    ) -> Dependency:
        scopes = next((arg.value for arg in args if arg.name == "scopes"), None)
        needed = tuple(n.value for n in walk.nodes(scopes) if type(n) is ir.Literal and isinstance(n.value, str)) if scopes else ()
        if given is None and kind is not None:
            name = kind.name
            declared = self.objects.program.meaning(name, routine.module, routine.owner)
            objects: tuple[Object, ...] = (
                (declared,) if isinstance(declared, Type) else (Foreign(declared),) if isinstance(declared, str) else ()
            )
            return Dependency(None, routine, span, f"Depends({name})", objects, needed)
        return Dependency(given, routine, span, f"Depends({written_as(given)})", tuple(self.objects.of(given, routine)), needed)

    def of_param(self, param: ir.Param, routine: Routine) -> Dependency | None:
        """The dependency that gives a parameter its value. Its names are looked up where the function stands, not inside it."""
        routine = self.objects.inside(routine)
        if param.default is not None:
            written = self.written(param.default, routine, param.type)
            if written is not None:
                return written
        return self.of_annotated(param.annotations, param.type, routine)

    def of_annotated(
        self, annotations: Sequence[ir.Annotation], kind: ir.TypeRef | None, routine: Routine, depth: int = 0
    ) -> Dependency | None:
        """The dependency that `Annotated[T, Depends(x)]` names, by any number of aliases."""
        for one in annotations:
            if one.name.rpartition(".")[2] in ("Depends", "Security"):
                return self._of_args(one.args, walk.argument(one, 0, "dependency"), routine, kind, one.span)
            found = self.objects.program.meaning(one.name, routine.module, routine.owner) if one.name else None
            if isinstance(found, Slot) and (known := self.written(found.field.value, self.objects.main(found.module))) is not None:
                return known
        alias = self.alias(kind, routine)
        if alias is None or depth > MAX_DEPTH:
            return None
        return self.of_annotated(alias.field.annotations, alias.field.type, self.objects.main(alias.module), depth + 1)

    def alias(self, kind: ir.TypeRef | None, routine: Routine) -> Slot | None:
        """The alias that a type is written as."""
        found = self.objects.program.meaning(kind.name, routine.module, routine.owner) if kind is not None else None
        return found if isinstance(found, Slot) and found.field.kind == "alias" else None

    # -- what it asks --------------------------------------------------------------------------------------------------

    def asked(self, dependency: Dependency, depth: int = 0) -> Asked:
        """What a dependency asks of the caller."""
        if not dependency.objects:
            return Asked("unknown", why=f"'{dependency.text}' isn't declared in the scanned source")
        found = [self._object(one, depth) for one in dependency.objects]
        asked = next((one for one in found if one.effect != "asks"), found[0])
        if asked.effect == "asks" and dependency.scopes:
            return Asked("asks", (*asked.needs, *(Need("scope", scope) for scope in dependency.scopes)), asked.why, asked.identity)
        return asked

    def _object(self, one: Object, depth: int) -> Asked:
        if depth > MAX_DEPTH:
            return NOTHING
        if isinstance(one, Made):
            return self._made(one, depth)
        if isinstance(one, Code):
            return self._of_code(one, depth)
        if isinstance(one, Routine):
            return self._routine(one, depth)
        if isinstance(one, Type):
            constructors = self.objects.program.methods(one, ".ctor")
            return self._routine(constructors[0], depth) if constructors else self._fields(one, depth)
        if one.name.startswith(HARMLESS):
            return NOTHING
        return Asked("unknown", why=f"'{one.name}' isn't declared in the scanned source")

    def _of_code(self, code: Code, depth: int) -> Asked:
        """What a function asks that another one makes: where it refuses callers itself, by the rights that it was told."""
        asked = self._routine(code.routine, depth, code.fixed)
        if asked.effect != "asks" or not self._refuses(code):
            return asked
        rights = [(named, text) for named, text in code.told if RIGHTS.search(named)]
        needs = tuple(Need("role" if "role" in named.lower() else "permission", text) for named, text in rights)
        return replace(asked, needs=tuple(dict.fromkeys((*asked.needs, *needs))))

    def _refuses(self, code: Code) -> bool:
        """Does it answer 401 or 403 in its own code, as it was made?"""
        held = Held({param.name: False for param in code.routine.function.params}, code.fixed)
        return self.body(code.routine, held).refuses

    def _fields(self, declared: Type, depth: int) -> Asked:
        """A class without a constructor takes its fields: each may be a dependency."""
        return self.strongest([asked for _, asked in self.of_type(declared, depth + 1)])

    def of_type(self, declared: Type, depth: int = 0) -> Iterator[tuple[Slot, Asked]]:
        """The dependencies that a class and its bases declare as attributes."""
        for slot in self.objects.program.slots(declared):
            found = self.of_slot(slot)
            if found is not None:
                yield slot, self.asked(found, depth + 1)

    def of_slot(self, slot: Slot) -> Dependency | None:
        """The dependency that gives a class attribute its value."""
        main = Routine(self.objects.main(slot.module).function, slot.owner, slot.module)
        found = self.written(slot.field.value, main, slot.field.type) if slot.field.value is not None else None
        return found or self.of_annotated(slot.field.annotations, slot.field.type, main)

    def _made(self, made: Made, depth: int) -> Asked:
        if self.objects.is_a(made, *SCHEMES):
            if _switched_off(made.call):
                return Asked("nothing", identity=True, sends=made.declared is None)
            own = next(calls_of(self.objects.program, made), None)
            if own is not None and "super" not in self.objects.program.mentions(own):
                return self._routine(own, depth, kept(self.objects.program, made))
            if made.declared is not None:
                return Asked("asks", why="the security scheme answers 401 or 403 where no credential is sent", identity=True)
            return Asked("unknown", why=SENDS, identity=True, sends=True)
        if made.declared is not None:
            calls = [self._checker(call, made, depth) for call in calls_of(self.objects.program, made)]
            rights = tuple(Need("permission", name) for name in rights_of(self.objects, made))
            if rights:
                return Asked("asks", rights, f"'{made.declared.simple}' refuses callers without it")
            return self._with_arguments(self.strongest(calls), made)
        if made.name.startswith(HARMLESS):
            return NOTHING
        if made.name.endswith(OF_FASTAPI_USERS):
            return _of_fastapi_users(made.call)
        return Asked("unknown", why=f"what '{made.name}' gives isn't declared in the scanned source")

    def _checker(self, call: Routine, made: Made, depth: int) -> Asked:
        """What an object asks when it is called, which was made with those whom it lets in."""
        asked = self._routine(call, depth, kept(self.objects.program, made))
        told = told_by_others(self.objects.program, call) if asked.effect == "nothing" else frozenset()
        if not told or not is_written_out(self.objects.program, made):
            return asked
        if lets_guests_in(call, made):
            return Asked("nothing", identity=True)
        key = (*made.key, id(call.function), names_of(made))
        return self._judged(self._checkers.setdefault(key, settled(call, made)), depth, told)

    @staticmethod
    def _with_arguments(asked: Asked, made: Made) -> Asked:
        """`RoleChecker(["admin"])`: the texts that a checker is made with are what it asks for."""
        if not any(need.kind == "role" for need in asked.needs):
            return asked
        texts = [n.value for arg in made.call.args for n in walk.nodes(arg.value) if type(n) is ir.Literal and isinstance(n.value, str)]
        names = [n.name for arg in made.call.args for n in walk.nodes(arg.value) if type(n) is ir.Member and n.name.isupper()]
        needs = tuple(Need("role", text) for text in dict.fromkeys((*texts, *names)))
        return Asked("asks", needs or asked.needs, asked.why, asked.identity)

    def _routine(self, routine: Routine, depth: int, given: Fixed = ()) -> Asked:
        key = (id(routine.function), id(routine.owner), given)
        if key not in self._asked:
            self._asked[key] = NOTHING  # a ring of dependencies asks for what its members do
            self._asked[key] = self._judged(routine, depth, given=given)
        return self._asked[key]

    def _judged(self, routine: Routine, depth: int, told: frozenset[str] = frozenset(), given: Fixed = ()) -> Asked:
        below: list[Asked] = []
        held = Held(dict.fromkeys(sorted(told), False), given)
        told_by: dict[str, bool] = {}
        for param in routine.function.params:
            dependency = self.of_param(param, routine)
            if dependency is not None:
                asked = self.asked(dependency, depth + 1)
                below.append(asked)
                held = held.with_dependency(param.name, asked)
            elif marker(param) in ("header", "cookie"):
                held = held.with_header(param)
            elif marker(param) in TOLD_IN and TOLD.search(param.name):
                told_by[param.name] = optional(param)
        if told_by and self.body(routine, held.told(told_by)).closes:
            held = held.told(told_by)
        return self._together(routine, held, below)

    def _together(self, routine: Routine, held: Held, below: Sequence[Asked]) -> Asked:
        """What a function asks with what its own dependencies do."""
        body = self.body(routine, held)
        needs = tuple(dict.fromkeys((*(need for one in below for need in one.needs), *body.needs)))
        strongest = self.strongest([one for one in below if not one.demands])
        if body.authenticates and not (strongest.effect == "asks" and not held.credentials):
            return Asked("asks", needs, f"'{routine.name}' refuses callers without a valid credential", True)
        if strongest.effect == "asks":
            return Asked("asks", needs, strongest.why, bool(held.credentials))
        sends = any(one.demands for one in below)
        if sends and body.asks:
            return Asked("asks", needs, f"'{routine.name}' asks what was sent", True)
        if sends or body.depends:
            sends = sends or self.body(routine, held, trusting=True).authenticates
            why = SENDS if sends else f"'{routine.name}' refuses some callers, depending on more than the credential"
            return Asked("unknown", why=why, identity=True, sends=sends)
        if strongest.effect == "unknown":
            return strongest
        return Asked("nothing", identity=bool(held.credentials) and body.reads, fills=body.fills)

    def body(self, routine: Routine, held: Held, trusting: bool = False) -> Verdict:
        """What the function's own code does with who shows no credential."""
        requests = frozenset(
            param.name for param in routine.function.params if param.type is not None and param.type.name.rpartition(".")[2] in REQUESTS
        )
        return held.judged(self.objects, routine, requests, heeded=False, trusting=trusting)

    @staticmethod
    def strongest(asked: Sequence[Asked]) -> Asked:
        """What several dependencies ask together."""
        asking = [one for one in asked if one.effect == "asks"]
        if asking:
            needs = tuple(dict.fromkeys(need for one in asking for need in one.needs))
            return Asked("asks", needs, asking[0].why, any(one.identity for one in asking))
        return next((one for one in asked if one.effect == "unknown"), NOTHING)


def written_as(expr: ir.Expr | None) -> str:
    """An expression as a reader knows it."""
    if expr is None:
        return ""
    if isinstance(expr, ir.Call):
        return f"{walk.dotted(expr.function) or walk.called_name(expr)}(...)" if expr.args else f"{walk.dotted(expr.function)}()"
    return walk.dotted(expr) or "..."


def _of_fastapi_users(call: ir.Call) -> Asked:
    """What the dependency asks that FastAPI Users makes."""
    said = {arg.name for arg in call.args if isinstance(arg.value, ir.Literal) and arg.value.value is True}
    if "optional" in said or any(arg.name == "optional" and not isinstance(arg.value, ir.Literal) for arg in call.args):
        return Asked("nothing", identity=True)
    needs = (Need("role", "superuser"),) if "superuser" in said else ()
    return Asked("asks", needs, "FastAPI Users answers 401 where nobody is logged in", True)


def _switched_off(call: ir.Call) -> bool:
    given = next((arg.value for arg in call.args if arg.name == "auto_error"), None)
    return type(given) is ir.Literal and given.value is False


def bound(program: Program, param: ir.Param, routine: Routine, route: frozenset[str]) -> Binding:
    """Where a parameter's value comes from that no dependency gives, by its marker, its name and its type."""
    use = program.use(param.type, routine.module, routine.owner) if param.type is not None else None
    is_model = use is not None and use.decl is not None and use.decl.kind != "enum"
    item = use.args[0] if use is not None and use.name == "List" and use.args else None
    if item is not None and item.decl is None and item.name in SCALARS and not marker(param):
        return Binding(param.name, "body")
    kind = "string" if use is not None and use.decl is not None and use.decl.kind == "enum" else use.name if use is not None else ""
    if item is not None and item.name in UPLOADS:
        kind = "UploadFile"
    return _binding(param, route, kind, is_model)


def _binding(param: ir.Param, route: frozenset[str], kind: str, is_model: bool) -> Binding:
    """Where a parameter's value comes from that no dependency gives."""
    said = marker(param)
    if said:
        return Binding(param.name, said)
    if param.name in route:
        return Binding(param.name, "route")
    if kind in FRAMEWORK:
        return Binding(param.name, "service")
    if kind in UPLOADS:
        return Binding(param.name, "file")
    if is_model or kind in ("Dictionary", "List", "Set", "Union"):
        return Binding(param.name, "body")
    return Binding(param.name, "query" if kind in SCALARS or not kind else "unknown")
