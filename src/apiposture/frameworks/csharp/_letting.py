"""Does an authorization handler let a caller through of whom nothing is known?

It is asked of an endpoint that names nothing, and of one that names one kind of metadata. Only what is certain counts: a condition that
can't be told lets nobody through by itself (https://learn.microsoft.com/aspnet/core/security/authorization/policies#authorization-handlers).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from apiposture.frameworks.csharp._judge import goes_on
from apiposture.model import ir
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Type

HOOKS: Final = ("HandleRequirementAsync", "HandleAsync")
ONE: Final = frozenset(("GetMetadata", "GetRequiredMetadata"))
ASKS: Final = ONE | {"GetOrderedMetadata"}
MAX_DEPTH: Final = 8
"""How far a variable is followed to what it was given."""


Own = Mapping[str, Sequence[Routine]]
"""A program's functions by their names."""


def lets_through(program: Program, hook: Routine, present: Type | None, own: Own) -> bool:
    """Does the handler succeed for certain, whoever calls, where the endpoint has this metadata and no other?"""
    return _Reading(program, hook, present, own).succeeds(hook.function.body or ())


def opens_all(program: Program, handler: Type, own: Own) -> bool:
    """Does a handler succeed whatever is asked for, whoever calls?"""
    hooks = handler.functions.get("HandleAsync", ())
    loops = (node for hook in hooks for node in hook.function.body or () if isinstance(node, ir.Loop))
    return any(_succeeds_all(loop) for loop in loops) and any(lets_through(program, hook, None, own) for hook in hooks)


def may_fail(handler: Type) -> bool:
    """Does a handler say no by itself somewhere? Then it doesn't help that another one says yes."""
    bodies = (routine.function.body or () for routines in handler.functions.values() for routine in routines)
    return any(_said(call) is False for body in bodies for call in walk.calls(body))


def asked_kind(program: Program, call: ir.Call, routine: Routine) -> Type | None:
    """The type of metadata that a call asks the endpoint for, where it is the project's own."""
    return program.use(call.type_args[0], routine.module, routine.owner).decl if is_ask(call) else None


def is_ask(expr: ir.Expr | None) -> bool:
    """`endpoint.Metadata.GetMetadata<T>()`, and its kin."""
    return isinstance(expr, ir.Call) and len(expr.type_args) == 1 and walk.called_name(expr) in ASKS


class _Reading:
    def __init__(self, program: Program, hook: Routine, present: Type | None, own: Own) -> None:
        self.program = program
        self.hook = hook
        self.present = present
        self.own = own
        self.known: dict[str, ir.Expr | None] = {}
        self.passed = False
        """Was `Succeed` called on the way?"""

    def succeeds(self, body: Sequence[ir.Stmt]) -> bool:
        """Is it left with success and nothing else, whoever calls?"""
        left = self.run(body)
        return self.passed if left is None else left

    def run(self, body: Sequence[ir.Stmt]) -> bool | None:
        """True: it is left with success. False: it is left, or may be, without, or refuses. None: it goes on behind the last statement."""
        for statement in body:
            found = False if self._may_refuse(self._own_part(statement)) else self._statement(statement)
            if found is not None:
                return found
        return None

    def _statement(self, statement: ir.Stmt) -> bool | None:
        match statement:
            case ir.Declare(name=name, value=value):
                self.known[name] = value
            case ir.Eval(value=ir.Assign(target=ir.Name(id=name), operator=operator, value=value)):
                self.known[name] = value if operator == "=" else None
            case ir.Eval(value=ir.Call() as call):
                self.passed |= _said(call) is True
            case ir.Return(value=value):
                return self.passed or (isinstance(value, ir.Call) and _said(value) is True)
            case ir.If():
                return self._branches(statement)
            case ir.Block(body=body) | ir.Try(body=body):
                return self.run(body)
            case ir.Loop() if _succeeds_all(statement):
                self.passed = True
            case ir.Loop() if self._is_empty(statement.iterable) is not True:
                nodes = list(walk.nodes(statement.body))
                return False if self._may_refuse(statement) or (not self.passed and any(_is_end(node) for node in nodes)) else None
        return None

    def _branches(self, test: ir.If) -> bool | None:
        truth = self._truth(test.condition)
        if truth is not None:
            return self.run(test.then if truth else test.other)
        before, passed = dict(self.known), self.passed
        first, first_passed = self.run(test.then), self.passed
        after, self.known, self.passed = self.known, before, passed
        second = self.run(test.other)
        self.known = {name: value for name, value in self.known.items() if after.get(name) is value}
        going_on = [has for has, found in ((first_passed, first), (self.passed, second)) if found is None]
        self.passed = all(going_on)
        return False if False in (first, second) else None if going_on else True

    def _own_part(self, statement: ir.Stmt) -> object:
        """What is done by a statement itself, whatever becomes of those inside it."""
        if isinstance(statement, ir.If):
            return self._reached(statement.condition)
        return () if isinstance(statement, ir.Block | ir.Try | ir.Loop) else statement

    def _reached(self, test: ir.Expr) -> ir.Expr:
        """What is asked of a test for certain not to need its other half."""
        if isinstance(test, ir.Binary) and test.operator in ("||", "&&") and self._truth(test.left) is (test.operator == "||"):
            return self._reached(test.left)
        return test

    def _may_refuse(self, part: object, depth: int = 0) -> bool:
        """Is an exception thrown there or the answer no given, or is that done by a function of the project's own, or may it be?"""
        for node in walk.nodes(part):
            if isinstance(node, ir.Throw) or (isinstance(node, ir.Opaque) and node.kind == "throw"):
                return True
            if isinstance(node, ir.Call) and (_said(node) is False or (not is_ask(node) and self._own_refuses(node, depth))):
                return True
        return False

    def _own_refuses(self, call: ir.Call, depth: int) -> bool:
        bodies = [one.function.body for one in self.own.get(walk.called_name(call), ())]
        return any(body is None or depth >= MAX_DEPTH or self._may_refuse(body, depth + 1) for body in bodies)

    # -- what an expression is in that world; None where it can't be told ---------------------------------------------------------------

    def _truth(self, expr: ir.Expr, depth: int = 0) -> bool | None:
        match expr:
            case ir.Literal(value=bool() as said):
                return said
            case ir.Unary(operator="!", operand=operand):
                inner = self._truth(operand, depth)
                return None if inner is None else not inner
            case ir.Binary(operator="&&" | "||" as operator, left=left, right=right):
                wins = operator == "||"
                sides = (self._truth(left, depth), self._truth(right, depth))
                return wins if wins in sides else None if None in sides else not wins
            case ir.Binary(operator="==" | "!=" as operator, left=left, right=ir.Literal(value=None)):
                nothing = self._is_nothing(left, depth)
                return None if nothing is None else nothing == (operator == "==")
            case ir.Binary(operator="==" | "!=" as operator, right=ir.Literal(value=bool() as said), left=left):
                truth = False if self._is_nothing(left, depth) else self._truth(left, depth)
                return None if truth is None else (truth == said) == (operator == "==")
            case ir.Binary(operator="is", left=left):
                nothing = self._is_nothing(left, depth)
                return False if nothing else True if nothing is False and is_ask(left) else None
            case ir.Assign():
                return True
            case ir.Name(id=name) if depth < MAX_DEPTH and (value := self.known.get(name)) is not None:
                return self._truth(value, depth + 1)
            case ir.Call(function=ir.Member(object=asked, name="Any")):
                return False if self._is_empty(asked, depth) else None
            case ir.Call(args=(ir.Argument(value=value),)) if walk.called_name(expr).startswith("IsNullOr"):
                return self._is_nothing(value, depth) or None
        return None

    def _is_nothing(self, expr: ir.Expr, depth: int = 0) -> bool | None:
        match expr:
            case ir.Literal():
                return expr.value is None
            case ir.Call() if is_ask(expr):
                return walk.called_name(expr) in ONE and not self._is_present(expr)
            case ir.Call(function=ir.Member(object=inner)) | ir.Member(object=inner):
                return self._is_nothing(inner, depth) or None
            case ir.Cast(value=inner):
                return self._is_nothing(inner, depth)
            case ir.Binary(operator="??", left=left, right=right):
                nothing = self._is_nothing(left, depth)
                return self._is_nothing(right, depth) if nothing else nothing
            case ir.Name(id=name) if depth < MAX_DEPTH and (value := self.known.get(name)) is not None:
                return self._is_nothing(value, depth + 1)
        return None

    def _is_empty(self, expr: ir.Expr | None, depth: int = 0) -> bool | None:
        """Is it a list without items? Nothing at all is none either."""
        match expr:
            case ir.Call() if is_ask(expr) and walk.called_name(expr) not in ONE:
                return None if self._is_present(expr) else True
            case ir.Call(function=ir.Member(object=inner)) | ir.Binary(operator="??", left=inner):
                return self._is_empty(inner, depth) or self._is_nothing(inner, depth)
            case ir.Name(id=name) if depth < MAX_DEPTH and (value := self.known.get(name)) is not None:
                return self._is_empty(value, depth + 1)
        return self._is_nothing(expr, depth) if expr is not None else None

    def _is_present(self, ask: ir.Call) -> bool:
        kind = asked_kind(self.program, ask, self.hook)
        return self.present is not None and (kind is self.present)


def _succeeds_all(loop: ir.Loop) -> bool:
    """`foreach (var one in context.PendingRequirements.ToList()) context.Succeed(one);`"""
    listed = loop.iterable
    while isinstance(listed, ir.Call) and isinstance(listed.function, ir.Member) and listed.function.name in ("ToList", "ToArray"):
        listed = listed.function.object
    body = loop.body[0].body if len(loop.body) == 1 and isinstance(loop.body[0], ir.Block) else loop.body
    if not isinstance(listed, ir.Member) or listed.name not in ("PendingRequirements", "Requirements") or len(body) != 1:
        return False
    done = body[0].value if isinstance(body[0], ir.Eval) else None
    is_said = isinstance(done, ir.Call) and _said(done) is True and walk.dotted(done.args[0].value if done.args else None)
    return bool(is_said) and is_said == walk.dotted(loop.target)


def by_name(program: Program) -> Own:
    """The program's functions by their names."""
    found: dict[str, list[Routine]] = {}
    for one in program.routines:
        found.setdefault(one.function.name, []).append(one)
    return found


def _said(call: ir.Call) -> bool | None:
    """`context.Succeed(requirement)` and `context.Fail()`."""
    return {"Succeed": True, "Fail": False}.get(walk.called_name(call))


def _is_end(node: object) -> bool:
    """Is the handler left here, or its answer given?"""
    return isinstance(node, ir.Return | ir.Throw | ir.Jump) or (isinstance(node, ir.Call) and _said(node) is not None)


def decides(program: Program, handler: Type, kind: Type) -> bool:
    """Does what the handler answers depend on this metadata? What is only noted down decides nothing."""
    return _Dependence(program, handler, kind).decides()


def passes_without(program: Program, middleware: Type, kind: Type) -> bool:
    """Does a middleware hand the request on where a test of this says so: `if (needed is null) { await next(context); return; }`?"""
    return _Dependence(program, middleware, kind).passes()


class _Dependence:
    """Which names of a handler's functions hold what was asked of the endpoint, or depend on it."""

    def __init__(self, program: Program, handler: Type, kind: Type) -> None:
        self.program = program
        self.kind = kind
        self.routines = [one for routines in handler.functions.values() for one in routines if one.function.has_code]
        self.own = {one.function.name: one for one in self.routines}
        self.names: set[str] = set()
        self.asking = {name for name, one in self.own.items() if any(self._asks(call, one) for call in walk.calls(one.function.body))}
        self.asking.difference_update(HOOKS)
        before = -1
        while before != len(self.names):
            before = len(self.names)
            for one in self.routines:
                self._spread(one)

    def decides(self) -> bool:
        """Is there a way out, or an answer, that stands behind a test of it; or does somebody else answer with it?"""
        return any(self._decides(node, one) for one in self.routines for node in walk.nodes(one.function.body))

    def passes(self) -> bool:
        """Is there a test of it behind which the request is handed on and the function left?"""
        tests = ((node, one) for one in self.routines for node in walk.nodes(one.function.body) if isinstance(node, ir.If))
        return any(_hands_on(node.then) for node, one in tests if self._tells(node.condition, one))

    def _decides(self, node: object, routine: Routine) -> bool:
        match node:
            case ir.If(condition=condition, then=then, other=other):
                return self._tells(condition, routine) and any(_is_end(inner) for inner in walk.nodes((then, other)))
            case ir.Loop(condition=condition, iterable=iterable, body=body):
                return self._tells((condition, iterable), routine) and any(_is_end(inner) for inner in walk.nodes(body))
            case ir.Call(args=args) if len(args) > 1:
                hands_on = any(walk.dotted(arg.value) in self._handed(routine) for arg in args)
                return hands_on and any(self._tells(arg.value, routine) for arg in args)
        return False

    def _handed(self, routine: Routine) -> set[str]:
        """The context and the requirement: who has them may answer."""
        return {param.name for param in routine.function.params[:2]} if routine.function.name in HOOKS else set()

    def _spread(self, routine: Routine) -> None:
        for node in walk.nodes(routine.function.body):
            match node:
                case ir.Declare(name=name, value=value) | ir.Assign(target=ir.Name(id=name), value=value):
                    if value is not None and self._tells(value, routine):
                        self.names.add(name)
                case ir.Loop(target=ir.Name(id=name), iterable=iterable) if self._tells(iterable, routine):
                    self.names.add(name)
                case ir.If(condition=condition) if self._tells(condition, routine):
                    inner = walk.nodes((node.then, node.other))
                    self.names.update(one.target.id for one in inner if type(one) is ir.Assign and type(one.target) is ir.Name)
                case ir.Call() if (callee := self.own.get(walk.called_name(node))) is not None:
                    pairs = zip(callee.function.params, node.args, strict=False)
                    self.names.update(param.name for param, arg in pairs if self._tells(arg.value, routine))

    def _tells(self, part: object, routine: Routine) -> bool:
        for node in walk.nodes(part):
            if type(node) is ir.Name and node.id in self.names:
                return True
            if type(node) is ir.Call and (self._asks(node, routine) or walk.called_name(node) in self.asking):
                return True
        return False

    def _asks(self, call: ir.Call, routine: Routine) -> bool:
        return asked_kind(self.program, call, routine) is self.kind


def _hands_on(body: Sequence[ir.Stmt]) -> bool:
    return bool(body) and isinstance(body[-1], ir.Return) and any(goes_on(call) for call in walk.calls(body))
