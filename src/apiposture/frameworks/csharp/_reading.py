"""Does a handler only look things up, whatever verb it answers?

What a project's own function does is followed; of a library's function only the name is known, and one that is not called like a
question may change anything.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from apiposture.frameworks.library import library
from apiposture.model import ir
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Type

ASKS = re.compile(
    r"^(Get|Find|Fetch|Read|Query|Search|List|Count|Any|All|Contains|Exists|Is|Has|Can|TryGet|TryParse|TryUnprotect|TryRead|First|Single|Last"
    r"|Where|Select|Match|Order|Then|Group|Include|As|Take|Skip|Distinct|Join|Union|Concat|Zip|Max|Min|Sum|Average|To|Parse|Format|Trim|Split"
    r"|Replace|Substring|Starts|Ends|Index|Equals|Compare|Fixed|Compute|Hash|Serialize|Deserialize|Encode|Decode|Convert|Map|Project|Log"
    r"|Unprotect|Throw|Configure|CreateScope|CreateAsyncScope|Open|Close|Dispose|Cast|Of|Default|Empty|Copy|Reverse|Append|Abs|Round|Floor)"
    r"(?![a-z])|\w*IsValid|\w*(Exists|Matches)$"
)
"""How library functions that change nothing are named."""

CHANGES = re.compile(
    r"^(Add|Create|Update|Edit|Delete|Remove|Set|Save|Insert|Upload|Register|Send|Put|Patch|Change|Reset|Approve|Cancel|Confirm|Pay|Transfer|"
    r"Submit|Import|Assign|Enable|Disable|Toggle|Revoke|Publish|Mark|Sign|Store|Write|Increment)(?![a-z])"
)
"""How functions are named that change something: behind an interface there may be more than what stands in the scanned source."""

ANSWERS = frozenset(
    """Ok NotFound BadRequest NoContent Json View PartialView Content Problem ValidationProblem StatusCode Redirect RedirectToAction
    RedirectToPage LocalRedirect Unauthorized Forbid Challenge Page File AddModelError FromResult Delay nameof typeof""".split()
)
"""Functions by which a handler answers: they tell nothing about what it did."""

FACTORIES = frozenset(("Results", "TypedResults"))
"""Types whose functions make answers, those that a project adds among them."""

READER = re.compile(r"\w+Reader$")
"""Types of libraries that only read: to make one changes nothing (`XmlReader.Create(Request.Body)`)."""

MAX_ROUTINES = 40
MAX_TARGETS = 4


def only_reads(program: Program, routine: Routine | None) -> bool:
    """Is everything that the handler does a question, and at least one question asked of something else?"""
    return routine is not None and routine.function.has_body and _Reader(program).reads(routine)


class _Reader:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.seen: dict[int, None] = {}
        self.asked = False

    def reads(self, routine: Routine) -> bool:
        """Does the function change nothing, as far as it is followed? `asked` is set where it asks something."""
        pending = [routine]
        while pending:
            one = pending.pop()
            if id(one.function) in self.seen or not one.function.body:
                continue
            self.seen[id(one.function)] = None
            found = self._of_body(one)
            if found is None or len(self.seen) > MAX_ROUTINES:
                return False
            pending += found
        return self.asked

    def _of_body(self, routine: Routine) -> list[Routine] | None:
        """The functions of the project that a body calls; None where it changes something, or may."""
        nodes = list(walk.nodes(routine.function.body or ()))
        local = {n.name: n.value for n in nodes if type(n) is ir.Declare}
        found: list[Routine] = []
        for node in nodes:
            kind = type(node)
            if kind is ir.Assign and self._keeps(node.target, routine, local):
                return None
            if kind is ir.Unary and node.operator in ("++", "--") and self._keeps(node.operand, routine, local):
                return None
            if kind is ir.Call:
                receiver = self._receiver(node, routine, local)
                if receiver is not None and receiver.is_abstract and CHANGES.match(walk.called_name(node)):
                    return None
                callees = self._callees(node, receiver, routine)
                if callees:
                    found += callees
                elif self._is_behind(node, receiver, routine) or not self._is_question(node, local):
                    return None
        return found

    def _keeps(self, target: ir.Expr, routine: Routine, local: dict[str, ir.Expr | None]) -> bool:
        """Is something set that may outlive the call: a member of anything that wasn't made in it?"""
        while isinstance(target, ir.Member | ir.Index) and isinstance(target.object, ir.Member | ir.Index):
            target = target.object
        holder = target.object if isinstance(target, ir.Member | ir.Index) else target
        if type(holder) is not ir.Name or holder.id == "this":
            return True
        if holder is not target and type(local.get(holder.id)) not in (ir.New, ir.Collection):
            return True
        own = routine.owner is not None and self.program.slot(routine.owner, holder.id) is not None
        return own and holder.id not in local and all(p.name != holder.id for p in routine.function.params)

    def _is_question(self, call: ir.Call, local: dict[str, ir.Expr | None]) -> bool:
        name = walk.called_name(call)
        holder = call.function.object if type(call.function) is ir.Member else None
        if name in ANSWERS or (type(holder) is ir.Name and holder.id in FACTORIES):
            return True
        if name == "Create" and type(holder) is ir.Name and READER.match(holder.id):
            return True
        made = local.get(holder.id) if type(holder) is ir.Name else None
        if type(made) in (ir.New, ir.Collection):
            self.asked = self.asked or bool(ASKS.match(name))
            return name.startswith(("Add", "Insert", "Append", "Push")) or bool(ASKS.match(name))
        asks = bool(ASKS.match(name))
        self.asked = self.asked or (asks and not name.startswith("Log"))
        return asks

    def _is_behind(self, call: ir.Call, receiver: Type | None, routine: Routine) -> bool:
        """Is it done by whoever implements an interface, and is none of them in the scanned source?"""
        if receiver is not None:
            return receiver.is_interface
        on = call.function.object if type(call.function) is ir.Member else None
        ref = self._declared(on, routine)
        return ref is not None and _is_interface(ref.name) and ref.name.rpartition(".")[2] not in _spoken_of()

    def _declared(self, expr: ir.Expr | None, routine: Routine) -> ir.TypeRef | None:
        """The type that a parameter or a member of the object is declared with."""
        name = walk.dotted(expr).removeprefix("this.")
        param = next((p.type for p in routine.function.params if p.name == name), None)
        slot = self.program.slot(routine.owner, name) if param is None and routine.owner is not None and name else None
        return slot.field.type if slot is not None else param

    def _receiver(self, call: ir.Call, routine: Routine, local: dict[str, ir.Expr | None]) -> Type | None:
        return self._type_of(call.function.object, routine, local) if type(call.function) is ir.Member else None

    def _callees(self, call: ir.Call, receiver: Type | None, routine: Routine) -> Sequence[Routine]:
        name, count = walk.called_name(call), len(call.args)
        if type(call.function) is ir.Name:
            return self._fitting(routine.owner, name, count)
        if type(call.function) is not ir.Member:
            return ()
        if receiver is not None and (found := self._fitting(receiver, name, count)):
            return found
        return [one for one in self.program.extensions(name) if one.function.has_code and len(one.function.params) == count + 1][:1]

    def _fitting(self, declared: Type | None, name: str, count: int) -> Sequence[Routine]:
        if declared is None:
            return ()
        behind = self.program.implementations(declared)[:MAX_TARGETS] if declared.is_abstract else ()
        found: list[Routine] = []
        for holder in (declared, *behind):
            fitting = [one for one in self.program.methods(holder, name) if one.function.has_code and _takes(one.function, count)]
            found += fitting[:1]
        return found

    def _type_of(self, expr: ir.Expr, routine: Routine, local: dict[str, ir.Expr | None]) -> Type | None:
        program = self.program
        if type(expr) is ir.New:
            return program.use(expr.type, routine.module, routine.owner).decl if expr.type is not None else None
        if type(expr) is ir.Member and type(expr.object) is ir.Name and expr.object.id == "this":
            expr = ir.Name(expr.name, expr.span)
        if type(expr) is not ir.Name:
            return program.find_type(walk.dotted(expr), routine.module, routine.owner) if walk.dotted(expr) else None
        if expr.id == "this":
            return routine.owner
        ref = next((p.type for p in routine.function.params if p.name == expr.id), None)
        if ref is None and expr.id in local:
            made = local[expr.id]
            ref = made.type if type(made) is ir.New else None
            if ref is None:
                return None
        slot = program.slot(routine.owner, expr.id) if ref is None and routine.owner is not None else None
        if slot is not None:
            return program.use(slot.field.type, slot.module, slot.owner).decl if slot.field.type is not None else None
        if ref is not None:
            return program.use(ref, routine.module, routine.owner).decl
        return program.find_type(expr.id, routine.module, routine.owner)


def _is_interface(name: str) -> bool:
    simple = name.rpartition(".")[2]
    return len(simple) > 1 and simple[0] == "I" and simple[1].isupper()


@lru_cache(maxsize=1)
def _spoken_of() -> frozenset[str]:
    """The types of libraries of which rows tell."""
    rows = library("csharp")
    called = [*(row.call for row in rows.access), *(row.call for row in rows.log), *(row.call for row in rows.returns)]
    return frozenset((*(row.name for row in rows.type), *(call.rpartition(".")[0] for call in called)))


def _takes(function: ir.Function, count: int) -> bool:
    least = sum(1 for p in function.params if p.default is None and p.mode not in ("rest", "rest-map"))
    return least <= count <= len(function.params) or any(p.mode == "rest" for p in function.params)
