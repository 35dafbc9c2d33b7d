"""What is the value of an expression?"""

from __future__ import annotations

from typing import Final

from apiposture.analysis.flow.added import added_member
from apiposture.analysis.flow.binding import MAP, TEXT, TRUTH, assign, element, joined_text, truth, with_entries
from apiposture.analysis.flow.certain import certain, is_there
from apiposture.analysis.flow.conditions import as_check, assume
from apiposture.analysis.flow.conjuncts import SIGNS
from apiposture.analysis.flow.containers import behind, in_order, item_at
from apiposture.analysis.flow.converting import as_type
from apiposture.analysis.flow.effects import Facts
from apiposture.analysis.flow.folding import together
from apiposture.analysis.flow.frame import EXPRESSIONS, Frame, branch
from apiposture.analysis.flow.handing import as_condition, as_test
from apiposture.analysis.flow.instead import one_of_two
from apiposture.analysis.flow.labels import NONE
from apiposture.analysis.flow.members import is_contract, meant, member, own_member, part
from apiposture.analysis.flow.method_groups import called_later
from apiposture.analysis.flow.operators import ELEMENT, by_key, by_operator
from apiposture.analysis.flow.quantified import one_of_several
from apiposture.analysis.flow.running import as_first, gives_first
from apiposture.analysis.flow.sent import parted
from apiposture.analysis.flow.sparing import spared
from apiposture.analysis.flow.switches import on_side, switch, under
from apiposture.analysis.flow.tables import of_table
from apiposture.analysis.flow.values import UNKNOWN, Value, constant, flat, harmless_for, hidden, join, merge, union
from apiposture.analysis.flow.whether_found import all_but, turned
from apiposture.analysis.flow.written import take_out
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Type, TypeUse

NUMBER: Final = TypeUse("int")


def _literal(frame: Frame, expr: ir.Literal) -> Value:
    value = expr.value
    if type(value) is str:
        return constant(value, TEXT)
    return constant(value, None if value is None else TRUTH if type(value) is bool else NUMBER)


def _name(frame: Frame, expr: ir.Name) -> Value:
    found = frame.env.get(expr.id)
    if found is not None:
        return found
    if expr.id == "super":
        return _as_base(frame)
    if frame.owner is not None and frame.module.implicit_this:
        value = own_member(frame, expr.id, expr.span)
        if value is not None:
            return value
    if frame.module.explicit_names:
        return meant(frame, frame.summaries.program.meaning(expr.id, frame.module, frame.owner), expr.id, expr.span)
    program = frame.summaries.program
    declared = program.find_type(expr.id, frame.module, frame.owner)
    function = called_later(frame, expr, frame.owner) if declared is None else None
    if function is not None:
        return function
    return Value(static=declared or program.target(expr.id, frame.module).rpartition(".")[2] or expr.id)


def _as_base(frame: Frame) -> Value:
    """The object, seen as its base type: what that declares is meant, and not what overrides it."""
    this = frame.env.get("this", UNKNOWN)
    if frame.owner is None:
        return this
    above = frame.summaries.program.ancestors(frame.owner)
    return this.typed(next((use for _, use in above if not is_contract(TypeUse(use.name, (), use.decl))), None))


def _member(frame: Frame, expr: ir.Member) -> Value:
    holder = frame.value(expr.object)
    if expr.name in frame.summaries.program.added and (value := added_member(frame, holder, expr)) is not None:
        return value
    return _method_group(frame, holder, expr) or member(frame, holder, expr.name, expr.span)


def _method_group(frame: Frame, holder: Value, expr: ir.Member) -> Value | None:
    """A method of an object, or of a type, that is named where no member is."""
    if frame.module.explicit_names:
        return None
    static = holder.static if type(holder.static) is Type else None
    declared = static or (holder.type.decl if holder.type is not None else None)
    if declared is None or (holder.fields and expr.name in holder.fields) or frame.summaries.program.slot(declared, expr.name) is not None:
        return None
    return called_later(frame, expr, declared)


def _index(frame: Frame, expr: ir.Index) -> Value:
    holder = frame.value(expr.object)
    if holder.type is not None and frame.knowledge.member_rows(ELEMENT, holder.type, None):
        holder = member(frame, holder, ELEMENT, expr.span)
    keys = [frame.value(key) for key in expr.keys]
    if (own := by_key(frame, holder, keys, expr.span)) is not None:
        return own
    name = next((str(k.constants[0]) for k in keys if k.constants and len(k.constants) == 1), "")
    if holder.fields and name in holder.fields:
        return holder.fields[name]
    if holder.query is not None and any(type(key) is ir.New for key in expr.keys):
        return holder  # a stretch of what a query finds is a query
    if holder.query is not None and gives_first(frame, holder):
        return frame.value(as_first(frame, expr))
    if name and (held := of_table(frame, expr.object, name)) is not None:
        return held
    at_place = item_at(holder, keys[0]) if len(keys) == 1 else None
    if at_place is not None:
        return at_place
    item = element(holder)
    if not name or name.lstrip("-").isdigit():
        labels, fields = parted(item.labels), item.fields
    else:
        labels, fields = part(frame, holder, name, expr.span), None
    about = union((item.about, *(key.everything() for key in keys)))
    if any(type(key) is ir.New for key in expr.keys):
        return Value(hidden(item).labels, TEXT if holder.type == TEXT else item.type, about)  # a range of a text is a part of it
    found = Value(labels, item.type, about, fields=fields)
    return one_of_several(frame, holder, found, about) if name.lstrip("-").isdigit() else found


def _binary(frame: Frame, expr: ir.Binary) -> Value:
    operator = expr.operator
    if operator == "+" and type(expr.left) is ir.Binary and expr.left.operator == "+":
        return _added(frame, expr)
    if operator in ("&&", "||"):
        return _lazy(frame, expr)
    left = frame.value(expr.left)
    if operator == "??":
        return _or_else(frame, expr, left)
    if operator == "is":
        return truth(left)
    right = frame.value(expr.right)
    if (own := by_operator(frame, operator, (left, right), expr.span)) is not None:
        return own
    if operator == "+":
        texts = TEXT in (left.type, right.type) or not (left.type and right.type)
        if texts:
            return joined_text([left, right])
    if operator in ("==", "!=", "<", "<=", ">", ">=", "in"):
        return truth(left, right)
    if operator == "*" and (often := _repeated(left, right)) is not None:
        return often
    if operator == "%" and right.fields:  # a text from elsewhere, whose holes what stands in a map fills
        return joined_text([left, *right.fields.values()])
    if operator in SIGNS and (both := together(SIGNS[operator], left, right)) is not None:
        return both
    if operator == "|" and left.type == MAP:
        return with_entries(left, right)
    items = behind(left, right) if operator == "+" else None
    return Value(merge((left.labels, right.labels)), left.type or right.type, union((left.about, right.about)), items=items)


def _repeated(left: Value, right: Value) -> Value | None:
    """A text or list so many times over, if it is one: the number is no part of it."""
    whole, number = (left, right) if _is_text_or_list(left) else (right, left)
    if not _is_text_or_list(whole):
        return None
    return Value(whole.labels, whole.type, union((whole.about, number.everything())))


def _is_text_or_list(value: Value) -> bool:
    return value.type is not None and value.type.name in (TEXT.name, "List")


def _added(frame: Frame, expr: ir.Binary) -> Value:
    """A chain of additions, its terms seen together."""
    terms: list[ir.Expr] = []
    one: ir.Expr = expr
    while type(one) is ir.Binary and one.operator == "+":
        terms.append(one.right)
        one = one.left
    values = [frame.value(term) for term in (one, *reversed(terms))]
    if any(value.type in (TEXT, None) for value in values):
        return joined_text(values)
    labels = merge(value.labels for value in values)
    return Value(labels, values[0].type, union(value.about for value in values))


def _or_else(frame: Frame, expr: ir.Binary, left: Value) -> Value:
    if type(expr.right) is ir.Opaque:
        frame.value(expr.right)
        if expr.right.kind == "throw":  # whoever comes past it has found what was looked for
            frame.refuses = True
            assume(frame, ir.Binary("!=", expr.left, ir.Literal(None, expr.span), expr.span), True)
        return left
    if is_there(left):
        return left
    either = (left, frame.value(expr.right))
    return one_of_two(join(either), either)


def _lazy(frame: Frame, expr: ir.Binary) -> Value:
    """A chain of `&&` or `||`: each term is looked at where those before it left the outcome open."""
    tests = [expr]
    while type(tests[-1].left) is ir.Binary and tests[-1].left.operator == expr.operator:
        tests.append(tests[-1].left)
    tests.reverse()
    terms = (tests[0].left, *[test.right for test in tests])
    has_alternatives = any(type(term) is ir.Binary and term.operator in ("&&", "||") for term in terms)
    facts = frame.facts
    value = frame.value(terms[0])
    for test, last in zip(tests, terms, strict=False):
        if has_alternatives:  # one of them may be ruled out by any other term
            frame.facts = facts
        assume(frame, test.left if has_alternatives else last, expr.operator == "&&")
        value = truth(value, frame.value(test.right))
    frame.facts = facts
    return value


def _unary(frame: Frame, expr: ir.Unary) -> Value:
    value = frame.value(expr.operand)
    if expr.operator == "!":
        return turned(truth(value))
    if expr.operator == "~" and value.query is not None and value.query.entity is None:
        return Value(type=value.type, query=value.query.asking(all_but(value.query.predicates)))  # `~Q(owner=me)`
    number = value.constants[0] if value.constants is not None and len(value.constants) == 1 else None
    return constant(-number, value.type) if expr.operator == "-" and type(number) is int and not value.labels else value


def _template(frame: Frame, expr: ir.Template) -> Value:
    return joined_text([frame.value(part) for part in expr.parts])


def _map(frame: Frame, expr: ir.Collection) -> Value:
    """A dictionary that is written out: what stands under fixed keys is kept apart."""
    whole = Value(type=MAP, fields={})
    for item in expr.items:
        key = item.items[0] if type(item) is ir.Collection and len(item.items) == 2 else None
        if type(key) is ir.Literal and type(key.value) is str and type(item) is ir.Collection:
            whole = whole.with_field(key.value, frame.value(item.items[1]))
        elif type(item) is ir.Opaque and item.parts:
            whole = with_entries(whole, frame.value(item.parts[0]))
        else:
            loose = frame.value(item)
            whole = Value(merge((whole.labels, flat(loose))), MAP, union((whole.about, loose.about)), fields=whole.fields)
    return whole


def _collection(frame: Frame, expr: ir.Collection) -> Value:
    if expr.kind == "map":
        return _map(frame, expr)
    items = [as_test(frame, item, frame.value(item)) for item in expr.items]
    order = None if expr.kind == "set" or any(type(item) is ir.Opaque for item in expr.items) else in_order(items)
    kind = next((item.type for item in items if item.type is not None), None)
    type_of_all = TypeUse("List", (kind,) if kind else ()) if expr.kind != "tuple" else None
    return Value(merge(flat(i) for i in items), type_of_all, union(i.about for i in items), items=order)


def _lambda(frame: Frame, expr: ir.Lambda) -> Value:
    return Value(code=expr)


def _choice(frame: Frame, expr: ir.Choice) -> Value:
    known = certain(frame, expr.condition)
    if known is not None:
        return frame.value(expr.then if known else expr.other)
    condition = frame.value(expr.condition)
    sides: list[tuple[Value, Facts]] = []

    before = frame.facts
    decided = switch(frame, expr.condition)
    outcomes: list[Facts] = []

    def go(outcome: bool, side: ir.Expr) -> bool:
        assume(frame, expr.condition, outcome)
        outcomes.append(frame.facts - before)
        value = frame.value(side)
        if decided is not None:
            value = under(value, on_side(decided, outcome))
        for guard in frame.facts - before:
            if guard.clears:
                value = harmless_for(value, guard.cleared(), guard.clears)
        if not (type(side) is ir.Opaque and side.kind == "throw"):
            sides.append((value, frame.facts))
            return True
        return False

    branch(frame, (lambda: go(True, expr.then), lambda: go(False, expr.other)), outcomes)
    chosen = spared(join([value for value, _ in sides]), sides, frame.facts)
    chosen = one_of_two(chosen, [value for value, _ in sides], condition.everything())
    about = union((chosen.about, condition.everything()))
    made = Value(chosen.labels, chosen.type, about, chosen.constants, chosen.fields, chosen.query, chosen.code, chosen.static, chosen.items)
    made.handed = chosen.handed
    return made


def _cast(frame: Frame, expr: ir.Cast) -> Value:
    kind = frame.type(expr.type)
    return as_type(frame, frame.value(expr.value), kind, expr.span, is_asked=True).typed(kind)


def _assign(frame: Frame, expr: ir.Assign) -> Value:
    value = given = as_test(frame, expr.value, as_check(frame, expr.value, frame.value(expr.value)))
    if value.code is not None and type(expr.target) is not ir.Collection:
        value = as_condition(frame, frame.value(expr.target).type, value)
    if expr.operator != "=":
        before = frame.value(expr.target)
        both = together(SIGNS[expr.operator[:-1]], before, value) if expr.operator[:-1] in SIGNS else None
        both = both or (with_entries(before, value) if expr.operator == "|=" and before.type == MAP else None)
        value = both or (_raised(before, value) if expr.operator == "+=" else join((before, value)))
        if expr.operator == "??=":
            value = one_of_two(value, (before, given))
    assign(frame, expr.target, value, expr.span, expr.value, HOW.get(_step(expr), "assign"))
    return value


def _raised(before: Value, value: Value) -> Value:
    """What `+=` makes of two values."""
    if before.items is not None:
        return join((before, value)).with_items(behind(before, value))
    return joined_text([before, value]) if before.type in (TEXT, None) else join((before, value))


HOW: Final = {"+": "raise", "-": "lower"}


def _step(expr: ir.Assign) -> str:
    """The operator by which a member is set from what it was: `x.n += 1`, `x.n = x.n + 1`; nothing for others."""
    if expr.operator != "=":
        return expr.operator[:-1]
    value = expr.value
    again = type(value) is ir.Binary and type(value.left) is ir.Member and walk.dotted(value.left) == walk.dotted(expr.target)
    return value.operator if again and type(value) is ir.Binary else ""


def _opaque(frame: Frame, expr: ir.Opaque) -> Value:
    parts = [frame.value(part) for part in expr.parts]
    if expr.kind == "del":
        _removed(frame, expr)
    return Value(merge(flat(p) for p in parts), None, union(p.about for p in parts)) if parts else Value(NONE)


def _removed(frame: Frame, expr: ir.Opaque) -> None:
    """Behind `del items[i]` nobody knows what stands where."""
    for one in expr.parts:
        if type(one) is ir.Index and type(one.object) is ir.Name and one.object.id in frame.env:
            frame.env[one.object.id] = frame.env[one.object.id].with_items(None)
            take_out(frame, one.object, one.keys[0] if one.keys else None)


EXPRESSIONS.update(
    {
        ir.Literal: _literal,
        ir.Name: _name,
        ir.Member: _member,
        ir.Index: _index,
        ir.Binary: _binary,
        ir.Unary: _unary,
        ir.Template: _template,
        ir.Collection: _collection,
        ir.Lambda: _lambda,
        ir.Choice: _choice,
        ir.Cast: _cast,
        ir.Assign: _assign,
        ir.Opaque: _opaque,
    }
)
