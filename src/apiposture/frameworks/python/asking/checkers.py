"""What does a checker ask that is made with those whom it lets in?

`Checker(allowed={User})` refuses guests though its code has a way for them, which is only open where `Guest` is among the allowed.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from apiposture.frameworks.python.asking.refusals import is_refusal
from apiposture.frameworks.python.reading.factories import kept_by
from apiposture.frameworks.python.reading.objects import Fixed, Made, Objects, functions_of, lists_in
from apiposture.model import ir
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Type


def settled(routine: Routine, made: Made) -> Routine:
    """The checker's code for one that is made so: tests of what it was given are decided, where that is written out."""
    names = names_of(made)
    if not names or routine.function.body is None:
        return routine
    return Routine(replace(routine.function, body=tuple(_settled(routine.function.body, names))), routine.owner, routine.module)


def rights_of(objects: Objects, made: Made) -> Iterator[str]:
    """The names of the rights that a checker is made with, each of which it makes or calls for the request, and which may refuse it.

    `for right in self.rights: right(request=request)`
    """
    program = objects.program
    if any(_goes_through(routine) for routine in calls_of(program, made)):
        items = (item for one in lists_in(made.call) for item in one.items)
        for named in (program.meaning(walk.dotted(item), made.routine.module, made.routine.owner) for item in items):
            if isinstance(named, Type) and any(_refuses(objects, routine, named) for routine in program.methods(named, ".ctor")[:1]):
                yield named.simple
            elif isinstance(named, Routine) and _refuses(objects, named, None):
                yield named.function.name


def _goes_through(routine: Routine) -> bool:
    """Does it call each of the things that its object holds in a list, whatever is asked, and let each of them refuse?"""
    for statement in routine.function.body or ():
        if isinstance(statement, ir.Loop) and isinstance(statement.target, ir.Name) and walk.dotted(statement.iterable).startswith("this."):
            plain = all(isinstance(one, ir.Eval | ir.Declare) for one in statement.body)
            return plain and any(walk.dotted(call.function) == statement.target.id for call in walk.calls(statement.body))
        if not isinstance(statement, ir.Eval | ir.Declare):
            return False
    return False


def _refuses(objects: Objects, routine: Routine, right: Type | None) -> bool:
    """Does it answer 401 or 403? Not where the right's own code says that it is always given."""
    thrown = (node.value for node in walk.nodes(routine.function.body or ()) if isinstance(node, ir.Throw))
    if not any(value is not None and is_refusal(objects, value, routine) for value in thrown):
        return False
    asked = [walk.dotted(call.function) for call in walk.calls(routine.function.body or ())]
    own = [name.removeprefix("this.") for name in asked if name.startswith("this.")] if right is not None else []
    methods = [one for name in own if right is not None for one in objects.program.methods(right, name)[:1]]
    return not any(_is_always_given(one) for one in methods)


def _is_always_given(routine: Routine) -> bool:
    given = list(walk.returned(routine.function))
    return bool(given) and all(isinstance(value, ir.Literal) and value.value is True for value in given)


def is_written_out(program: Program, made: Made) -> bool:
    """Is all of it known that a checker is made with, which keeps it as it is and lets those in who are listed?"""
    listed = all(isinstance(arg.value, ir.Literal) or _is_plain_list(program, arg.value, made) for arg in made.call.args)
    constructors = program.methods(made.declared, ".ctor") if made.declared is not None else []
    sets = (node for one in constructors for node in walk.nodes(one.function.body or ()) if isinstance(node, ir.Assign))
    kept = all(isinstance(one.value, ir.Name) and one.operator == "=" for one in sets)
    tests = (node for one in calls_of(program, made) for node in walk.nodes(one.function.body or ()) if isinstance(node, ir.If))
    return listed and kept and not any(_lists_the_refused(one) for one in tests)


def _is_plain_list(program: Program, value: ir.Expr, made: Made) -> bool:
    """Is it a list of types and their members, each written out?"""
    if not isinstance(value, ir.Collection):
        return False
    items = [item for item in value.items if not isinstance(item, ir.Literal)]
    return all(_is_of_type(program, walk.dotted(item), made) for item in items)


def _is_of_type(program: Program, name: str, made: Made) -> bool:
    """Is it the name of a type, or of a type's member?"""
    holder = name.rpartition(".")[0]
    return any(isinstance(program.meaning(one, made.routine.module, made.routine.owner), Type) for one in (name, holder) if one)


def _lists_the_refused(test: ir.If) -> bool:
    """`if Guest in self.refused: raise Refused()`"""
    condition, negated = test.condition, False
    while isinstance(condition, ir.Unary) and condition.operator == "!":
        condition, negated = condition.operand, not negated
    is_list = isinstance(condition, ir.Binary) and condition.operator == "in" and walk.dotted(condition.right).startswith("this.")
    return is_list and any(isinstance(node, ir.Throw) for node in walk.nodes(test.other if negated else test.then))


def lets_guests_in(routine: Routine, made: Made) -> bool:
    """Does the checker answer as soon as it sees that such a caller is among those whom it was made with?"""
    names = names_of(made)
    tests = (node for node in walk.nodes(routine.function.body or ()) if isinstance(node, ir.If))
    ways = (one.then if outcome else one.other for one in tests if names and (outcome := _decided(one.condition, names)) is not None)
    return any(bool(way) and isinstance(way[-1], ir.Return) for way in ways)


def names_of(made: Made) -> frozenset[str]:
    """Those who are listed where the checker is made."""
    return frozenset(name for one in lists_in(made.call) for item in one.items if (name := walk.dotted(item).rpartition(".")[2]))


def _settled(statements: tuple[ir.Stmt, ...], names: frozenset[str]) -> Iterator[ir.Stmt]:
    for statement in statements:
        if not isinstance(statement, ir.If):
            yield statement
        elif (outcome := _decided(statement.condition, names)) is not None:
            yield from _settled(statement.then if outcome else statement.other, names)
        else:
            then, other = tuple(_settled(statement.then, names)), tuple(_settled(statement.other, names))
            yield replace(statement, then=then, other=other)


def _decided(test: ir.Expr, names: frozenset[str]) -> bool | None:
    """The outcome of `Guest in self.allowed`; None of all other tests."""
    if isinstance(test, ir.Unary) and test.operator == "!":
        inner = _decided(test.operand, names)
        return None if inner is None else not inner
    if not isinstance(test, ir.Binary) or test.operator != "in" or not walk.dotted(test.right).startswith("this."):
        return None
    name = walk.dotted(test.left).rpartition(".")[2]
    return name in names if name[:1].isupper() else None


def calls_of(program: Program, made: Made) -> Iterator[Routine]:
    """What runs when the object is called: its type's own code, and that of the base which it calls."""
    for routine in functions_of(program, made.declared, "Invoke") if made.declared is not None else ():
        yield routine
        if "super" not in program.mentions(routine):
            return


def kept(program: Program, made: Made) -> Fixed:
    """The members of a checker that hold the literals which it was made with."""
    constructor = next(iter(program.methods(made.declared, ".ctor")), None) if made.declared is not None else None
    return tuple(sorted(kept_by(constructor.function, made.call).items())) if constructor is not None else ()


def is_told(program: Program, made: Made) -> bool:
    """Is a checker told who calls, by nothing that the request holds as it is?"""
    return any(told_by_others(program, routine) for routine in calls_of(program, made))


def told_by_others(program: Program, routine: Routine) -> frozenset[str]:
    """The parameters that neither a dependency nor a request gives: who calls is put there by whoever makes the checker's signature."""
    found: set[str] = set()
    for param in routine.function.params:
        use = program.use(param.type, routine.module, routine.owner) if param.type is not None else None
        plain = use is not None and use.decl is not None and use.decl.kind == "class" and not program.is_a(use.decl, "BaseModel")
        if plain and param.default is None and not param.annotations and not param.mode:
            found.add(param.name)
    return frozenset(found)
