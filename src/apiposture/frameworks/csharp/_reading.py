"""Does a handler only look things up, whatever verb it answers?

What a project's own function does is followed; of a library's function only the name is known, and one that is not called like a
question may change anything.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from apiposture.frameworks.csharp._receivers import Receivers
from apiposture.frameworks.library import library
from apiposture.model import ir
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Type

ASKS: Final = re.compile(
    r"^(Get|Find|Fetch|Read|Query|Search|List|Count|Any|All|Contains|Exists|Is|Has|Can|TryGet|TryParse|TryUnprotect|TryRead|First|Single|Last"
    r"|Where|Select|Match|Order|Then|Group|Include|As|Take|Skip|Distinct|Join|Union|Concat|Zip|Max|Min|Sum|Average|To|Parse|Format|Trim|Split"
    r"|Replace|Substring|Starts|Ends|Index|Equals|Compare|Fixed|Compute|Hash|Serialize|Deserialize|Encode|Decode|Convert|Map|Project|Log"
    r"|Unprotect|Throw|Configure|CreateScope|CreateAsyncScope|Open|Close|Dispose|Cast|Of|Default|Empty|Copy|Reverse|Append|Abs|Round|Floor)"
    r"(?![a-z])|\w*IsValid|\w*(Exists|Matches|Encode|Decode)$"
)
"""How library functions that change nothing are named."""

CHANGES: Final = re.compile(
    r"^(Add|Create|Update|Edit|Delete|Remove|Set|Save|Insert|Upload|Register|Send|Put|Patch|Change|Reset|Approve|Cancel|Confirm|Pay|Transfer|"
    r"Submit|Import|Assign|Enable|Disable|Toggle|Revoke|Publish|Mark|Sign|Store|Write|Increment)(?![a-z])"
)
"""How functions are named that change something: behind an interface there may be more than what stands in the scanned source."""

ANSWERS: Final = frozenset(
    """Ok NotFound BadRequest NoContent Json View PartialView Content Problem ValidationProblem StatusCode Redirect RedirectToAction
    RedirectToPage LocalRedirect Unauthorized Forbid Challenge Page File AddModelError FromResult Delay nameof typeof""".split()
)
"""Functions by which a handler answers: they tell nothing about what it did."""

FACTORIES: Final = frozenset(("Results", "TypedResults"))
"""Types whose functions make answers, those that a project adds among them."""

READER: Final = re.compile(r"\w+Reader$")
"""Types of libraries that only read: to make one changes nothing (`XmlReader.Create(Request.Body)`)."""

READS_BACK: Final = re.compile(r"^(Unprotect|Decrypt|Decode)(?![a-z])|\w*Decode$")
"""How functions are named that give in plain form what was kept in another: they change nothing, whoever does it."""

MAX_ROUTINES: Final = 40


def only_reads(program: Program, routine: Routine | None) -> bool:
    """Is everything that the handler does a question, and at least one question asked of something else?"""
    return routine is not None and routine.function.has_body and _Reader(program).reads(routine)


class _Reader:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.receivers = Receivers(program)
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
            if kind is ir.Assign and not _reads_back(node) and self._keeps(node.target, routine, local):
                return None
            if kind is ir.Unary and node.operator in ("++", "--") and self._keeps(node.operand, routine, local):
                return None
            if kind is ir.Call:
                receiver = self._receiver(node, routine, local)
                if receiver is not None and receiver.is_abstract and CHANGES.match(walk.called_name(node)):
                    return None
                callees = self.receivers.callees(node, receiver, routine)
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
        if READS_BACK.match(walk.called_name(call)):
            return False
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
        return self.receivers.of(call.function.object, routine, local) if type(call.function) is ir.Member else None


def _reads_back(node: ir.Assign) -> bool:
    """Does a member only come to hold what it held, in plain form: `link.Code = protector.Unprotect(link.Code)`?"""
    if node.operator != "=" or type(node.target) is not ir.Member or type(node.value) is not ir.Call:
        return False
    held = walk.dotted(node.target)
    within = (part for arg in node.value.args for part in walk.nodes(arg.value) if type(part) is ir.Member)
    return bool(READS_BACK.match(walk.called_name(node.value))) and any(walk.dotted(part) == held for part in within)


def _is_interface(name: str) -> bool:
    simple = name.rpartition(".")[2]
    return len(simple) > 1 and simple[0] == "I" and simple[1].isupper()


@lru_cache(maxsize=1)
def _spoken_of() -> frozenset[str]:
    """The types of libraries of which rows tell."""
    rows = library("csharp")
    called = [*(row.call for row in rows.access), *(row.call for row in rows.log), *(row.call for row in rows.returns)]
    return frozenset((*(row.name for row in rows.type), *(call.rpartition(".")[0] for call in called)))
