"""What do the names of a piece of code hold at one point of it: texts, lists, or something that is known only as it is written?"""

from __future__ import annotations

from collections.abc import Sequence

from apiposture.frameworks.python.reading.lists import COPIES, Written
from apiposture.frameworks.python.reading.objects import Objects
from apiposture.model import ir
from apiposture.program import constants, walk
from apiposture.program.types import Routine, Slot, Type

MAX_DEPTH = 8
FILL = frozenset("append extend update insert remove pop clear add sort reverse".split())
"""Methods that change a list or mapping."""

Homes = dict[int, Written]
"""The code that the entries of tables are written in, by the id of the entry, which is kept alive here."""


class Held:
    """What names hold: texts and lists in `known`, functions, classes and what calls make in `written`."""

    __slots__ = ("known", "written")

    def __init__(self, known: dict[str, ir.Expr] | None = None, written: dict[str, Written] | None = None) -> None:
        self.known: dict[str, ir.Expr] = known or {}
        self.written: dict[str, Written] = written or {}

    def copy(self) -> Held:
        """The same, to go another way with."""
        return Held(dict(self.known), dict(self.written))

    def forget(self, name: str) -> None:
        """Nothing is known any more of what the name holds."""
        self.known.pop(name, None)
        self.written.pop(name, None)


class Values:
    """What expressions are that stand in one function; `homes` says in which code the entries of tables are written."""

    def __init__(self, objects: Objects, routine: Routine, homes: Homes) -> None:
        self.objects = objects
        self.routine = routine
        self.homes = homes

    def bind(self, target: ir.Expr, value: ir.Expr, held: Held, source: Held | None = None) -> None:
        """Set a name, or several, to a value; `source` is what its own names hold, where that is another function's."""
        source = source or held
        if isinstance(target, ir.Name):
            known = self.value(value, source)
            written = self.written(value, source) if known is None else None
            held.forget(target.id)
            if known is not None:
                held.known[target.id] = known
            elif written is not None:
                held.written[target.id] = written
        elif isinstance(target, ir.Collection):
            whole = self.value(value, source)
            if isinstance(whole, ir.Collection) and len(target.items) == len(whole.items):
                for one, part in zip(target.items, whole.items, strict=True):
                    self.bind(one, part, held, source)
            else:
                for one in target.items:
                    if isinstance(one, ir.Name):
                        held.forget(one.id)

    def fill(self, statement: ir.Stmt, held: Held) -> bool:
        """Is it something that is done to a table: `ROUTES.append(("/x", view))`, `TABLE["/x"] = view`? What can't be followed
        leaves nothing known of it.
        """
        match statement:
            case ir.Eval(value=ir.Assign(target=ir.Index(object=ir.Name(id=name), keys=(key,)), value=value, span=span)):
                pair = ir.Collection("tuple", (key, value), span)
                self._more(name, ir.Collection("map", (pair,), span), held)
            case ir.Eval(value=ir.Call(function=ir.Member(object=ir.Name(id=name), name="append"), args=(ir.Argument(value=value),))):
                self._more(name, ir.Collection("list", (value,), statement.span), held)
            case ir.Eval(value=ir.Call(function=ir.Member(object=ir.Name(id=name), name=done), args=args)) if done in FILL:
                self._more(name, args[0].value if len(args) == 1 and done in ("extend", "update") else None, held)
            case _:
                return False
        return True

    def _more(self, table: str, more: ir.Expr | None, held: Held) -> None:
        whole = held.known.get(table)
        more = self.value(more, held) if more is not None else None
        if isinstance(whole, ir.Collection) and isinstance(more, ir.Collection) and (whole.kind == "map") == (more.kind == "map"):
            held.known[table] = ir.Collection(whole.kind, (*whole.items, *more.items), whole.span)
        else:
            held.forget(table)

    def value(self, expr: ir.Expr, held: Held, depth: int = 0) -> ir.Expr | None:
        """The text or list that an expression is, where that is known."""
        if depth > MAX_DEPTH or isinstance(expr, ir.Literal):
            return expr if isinstance(expr, ir.Literal) else None
        home = self.homes.get(id(expr))
        if home is not None and home[1] is not self.routine:
            return Values(self.objects, home[1], self.homes).value(expr, Held(), depth + 1)
        if isinstance(expr, ir.Collection):
            return ir.Collection(expr.kind, tuple(self.value(item, held, depth + 1) or item for item in expr.items), expr.span)
        if isinstance(expr, ir.Name) and (expr.id in held.known or expr.id in held.written):
            return held.known.get(expr.id)
        if (part := self._part(expr, held, depth)) is not None:
            return self.value(part, held, depth + 1)
        if isinstance(expr, ir.Name | ir.Member):
            return self._elsewhere(expr, depth)
        if isinstance(expr, ir.Binary) and expr.operator == "+":
            return _added([self.value(expr.left, held, depth + 1), self.value(expr.right, held, depth + 1)], expr.span)
        if isinstance(expr, ir.Template):
            return _added([self.value(part, held, depth + 1) for part in expr.parts], expr.span)
        return self._called(expr, held, depth) if isinstance(expr, ir.Call) else None

    def written(self, expr: ir.Expr, held: Held) -> Written | None:
        """Something that is neither: the expression that it is written as, and where."""
        if isinstance(expr, ir.Name) and expr.id in held.written:
            return held.written[expr.id]
        part = self._part(expr, held, 0)
        if part is not None:
            return self.written(part, held)
        home = self.homes.get(id(expr))
        if home is not None and home[1] is not self.routine:
            return home
        plain = isinstance(expr, ir.Name | ir.Member | ir.Call | ir.New | ir.Lambda)
        return (self.filled(expr, held), self.routine) if plain else None

    def filled(self, expr: ir.Expr, held: Held, called: bool = False) -> ir.Expr:
        """An expression with what names hold in their place: `guarded(view)`, `view.as_view(name)`. What is `called`, or a member of
        it, stays as it is written unless the name only stands for another one.
        """
        part = self._part(expr, held, 0)
        if part is not None:
            return part
        match expr:
            case ir.Call(function=ir.Name(id="getattr"), args=(ir.Argument(value=holder), ir.Argument(value=name))) if not called:
                known = self.value(name, held)
                if isinstance(known, ir.Literal):
                    return ir.Member(self.filled(holder, held, True), str(known.value), expr.span, expr.span)
            case ir.Call(function=function):
                args = tuple(ir.Argument(self.filled(arg.value, held), arg.name, arg.mode) for arg in expr.args)
                inner = self.filled(function, held, True)
                return self._at_home(ir.Call(inner, args, expr.span, expr.type_args), inner)
            case ir.Member(object=holder):
                inner = self.filled(holder, held, True)
                return self._at_home(ir.Member(inner, expr.name, expr.span, expr.name_span), inner)
            case ir.Name(id=name):
                meant = held.known.get(name) or (held.written[name][0] if name in held.written else expr)
                return meant if not called or isinstance(meant, ir.Name | ir.Member) else expr
        return expr

    def _at_home(self, made: ir.Expr, part: ir.Expr) -> ir.Expr:
        """What is made of an entry that is written elsewhere is at home there as well."""
        if (home := self.homes.get(id(part))) is not None:
            self.homes[id(made)] = (made, home[1])
        return made

    # -- parts of tables -----------------------------------------------------------------------------------------------

    def _part(self, expr: ir.Expr, held: Held, depth: int) -> ir.Expr | None:
        """The entry that `row[0]`, `row["view"]`, `row.get("view")` or `row.view` stands for."""
        match expr:
            case ir.Index(object=table, keys=(ir.Literal(value=key),)):
                return _entry(self.value(table, held, depth + 1), key)
            case ir.Call(function=ir.Member(object=table, name="get"), args=(ir.Argument(value=ir.Literal(value=key)), *_)):
                return _entry(self.value(table, held, depth + 1), key)
            case ir.Member(object=ir.Name(id=row), name=name) if row in held.written:
                return self._field(*held.written[row], name)
        return None

    def _field(self, row: ir.Expr, at: Routine, name: str) -> ir.Expr | None:
        """What an object is made with for one of its fields: `Row("/path", view).view`."""
        if not isinstance(row, ir.Call):
            return None
        names = self._fields(row.function, at)
        found = walk.argument(row, names.index(name) if name in names else -1, name)
        if found is not None:
            self.settle(found, at)
        return found

    def _fields(self, kind: ir.Expr, at: Routine) -> list[str]:
        """The fields of a class, or of a `namedtuple`, in their order."""
        declared = next((one for one in self.objects.of(kind, at) if isinstance(one, Type)), None)
        if declared is not None:
            return list(declared.fields)
        slot = self.objects.program.meaning(walk.dotted(kind), at.module, at.owner)
        made = slot.field.value if isinstance(slot, Slot) else None
        told = made.args[1].value if isinstance(made, ir.Call) and walk.called_name(made) == "namedtuple" and len(made.args) > 1 else None
        if isinstance(told, ir.Collection):
            return [str(item.value) for item in told.items if isinstance(item, ir.Literal)]
        return str(told.value).replace(",", " ").split() if isinstance(told, ir.Literal) else []

    def _elsewhere(self, expr: ir.Name | ir.Member, depth: int) -> ir.Expr | None:
        """What a name of the module, or of another one, holds."""
        text = constants.text(self.objects.program, expr, self.routine.module, self.routine.owner)
        if text is not None:
            return ir.Literal(text, expr.span)
        found = self._meant(walk.dotted(expr))
        if not isinstance(found, Slot) or found.field.value is None:
            return None
        at = self.objects.main(found.module)
        table = self._of(found.field.value, at, depth)
        return self._of_module(found.field.name, table, at) if isinstance(table, ir.Collection) else table

    def _of_module(self, name: str, table: ir.Collection, at: Routine) -> ir.Expr | None:
        """A table with what its module puts into it further on."""
        held, there = Held({name: table}), Values(self.objects, at, self.homes)
        for statement in at.module.body:
            there.fill(statement, held)
        whole = held.known.get(name)
        if whole is not None:
            self.settle(whole, at)
        return whole

    def _meant(self, path: str) -> object:
        """What a dotted name stands for; that of a class may be one of its members."""
        found = self.objects.program.meaning(path, self.routine.module, self.routine.owner)
        holder, _, last = path.rpartition(".")
        owner = self._meant(holder) if found is None and holder else None
        return self.objects.program.slot(owner, last) if isinstance(owner, Type) else found

    def _of(self, expr: ir.Expr, at: Routine, depth: int) -> ir.Expr | None:
        """The list that an expression is which stands in other code."""
        found = Values(self.objects, at, self.homes).value(expr, Held(), depth + 1) if isinstance(expr, ir.Collection | ir.Call) else None
        if found is not None:
            self.settle(found, at)
        return found

    def settle(self, expr: ir.Expr, at: Routine) -> None:
        """Note where the entries of a table are written."""
        for node in expr.items if isinstance(expr, ir.Collection) else ():
            self.settle(node, at)
        if not isinstance(expr, ir.Collection | ir.Literal):
            self.homes.setdefault(id(expr), (expr, at))

    # -- what functions make of lists ----------------------------------------------------------------------------------

    def _called(self, call: ir.Call, held: Held, depth: int) -> ir.Expr | None:
        """The entries of a table, copies, lists one after the other (`itertools.chain`) or beside each other, and what a function of the
        project's own returns."""
        name = walk.called_name(call)
        if name in ("items", "values") and isinstance(call.function, ir.Member) and not call.args:
            table = self.value(call.function.object, held, depth + 1)
            return _listed(table, call.span, 1 if name == "values" else None)
        lists = [self.value(arg.value, held, depth + 1) for arg in call.args]
        if name == "dict" and call.args and all(arg.name for arg in call.args):
            named = (ir.Collection("tuple", (ir.Literal(arg.name, call.span), arg.value), call.span) for arg in call.args)
            return self.value(ir.Collection("map", tuple(named), call.span), held, depth + 1)
        if name == "chain" or (name in COPIES and len(call.args) == 1):
            return _added(lists, call.span)
        if name in ("enumerate", "zip") and lists and all(isinstance(one, ir.Collection) for one in lists):
            columns = [one.items for one in lists if isinstance(one, ir.Collection)]
            if name == "enumerate":
                columns = [tuple(ir.Literal(i, call.span) for i in range(len(columns[0]))), columns[0]]
            rows = tuple(ir.Collection("tuple", row, call.span) for row in zip(*columns, strict=False))
            return ir.Collection("list", rows, call.span)
        for made in self.objects.of(call.function, self.routine) if not call.args and depth < MAX_DEPTH else ():
            values = list(walk.returned(made.function)) if isinstance(made, Routine) else []
            if isinstance(made, Routine) and len(values) == 1:
                return self._of(values[0], made, depth)
        return None


def _entry(table: ir.Expr | None, key: object) -> ir.Expr | None:
    if not isinstance(table, ir.Collection):
        return None
    if table.kind == "map":
        pairs = (item.items for item in table.items if isinstance(item, ir.Collection))
        return next((value for name, value in pairs if isinstance(name, ir.Literal) and name.value == key), None)
    return table.items[key] if isinstance(key, int) and -len(table.items) <= key < len(table.items) else None


def _listed(table: ir.Expr | None, span: int, side: int | None) -> ir.Expr | None:
    """The entries of a mapping, or one side of them."""
    if not isinstance(table, ir.Collection) or table.kind != "map":
        return None
    if side is None:
        return ir.Collection("list", table.items, span)
    return ir.Collection("list", tuple(item.items[side] for item in table.items if isinstance(item, ir.Collection)), span)


def _added(parts: Sequence[ir.Expr | None], span: int) -> ir.Expr | None:
    """Texts as one text, or lists as one list."""
    texts = [part.value for part in parts if isinstance(part, ir.Literal)]
    if len(texts) == len(parts):
        return ir.Literal("".join(map(str, texts)), span)
    lists = [part for part in parts if isinstance(part, ir.Collection)]
    if len(lists) != len(parts) or (len(lists) > 1 and any(part.kind == "map" for part in lists)):
        return None
    return ir.Collection(lists[0].kind if len(lists) == 1 else "list", tuple(item for part in lists for item in part.items), span)


def items_of(table: ir.Collection) -> tuple[ir.Expr, ...]:
    """What a loop goes through: the items of a list, the keys of a mapping."""
    if table.kind != "map":
        return table.items
    return tuple(item.items[0] for item in table.items if isinstance(item, ir.Collection))
