"""What does a serializer do with the object that it is made for, in the words of the IR?

`OrderSerializer(order, data=request.data)` shows the object as its `data`, and `save()` changes it: by its own `update`, or else by setting
what was sent and saving it. What its base does is written out here for each class that extends it, so that it is followed as if the class
said so itself.
"""

from __future__ import annotations

from apiposture.model import ir
from apiposture.model.source import Span
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Type

SERIALIZERS = ("BaseSerializer", "Serializer", "ModelSerializer", "HyperlinkedModelSerializer", "ListSerializer")
LIBRARY = "rest_framework"


def complete(program: Program) -> None:
    """Give the serializers of a program the functions that they inherit from the library."""
    for declared in program.types:
        module = declared.decls[0][1]
        if module.explicit_names and declared.kind == "class" and _is_serializer(program, declared):
            span = declared.decls[0][0].name_span
            program.complete(declared, ".ctor", _routine(".ctor", ("instance", "data"), _kept(span), declared, module, span))
            if not any(one.function.has_body for one in program.methods(declared, "save")):
                program.complete(declared, "save", _routine("save", (), _saved(program, declared, span), declared, module, span))


def _is_serializer(program: Program, declared: Type) -> bool:
    if not program.is_a(declared, *SERIALIZERS) or any(one.function.has_body for one in program.methods(declared, ".ctor")):
        return False
    modules = {module.path: module for one in program.lineage(declared) for _, module in one.decls}
    return any(one.target.partition(".")[0] == LIBRARY for module in modules.values() for one in module.imports)


def _kept(span: Span) -> tuple[ir.Stmt, ...]:
    """What its members hold once it is made."""
    kept = (("instance", "instance"), ("data", "instance"), ("initial_data", "data"), ("validated_data", "data"))
    return tuple(ir.Eval(ir.Assign(_this(member, span), "=", ir.Name(given, span), span), span) for member, given in kept)


def _saved(program: Program, declared: Type, span: Span) -> tuple[ir.Stmt, ...]:
    """What saving it does to the object that it was made for, or else that it makes one."""
    there = ir.Binary("!=", _this("instance", span), ir.Literal(None, span), span)
    sent = ir.Argument(_this("validated_data", span))
    model = _model(program, declared)
    instance = ir.Cast(ir.TypeRef(model), _this("instance", span), span) if model else _this("instance", span)
    changes = _call(ir.Member(instance, "save", span, span), (), span)
    if any(one.function.has_body for one in program.methods(declared, "update")):
        changes = _call(_this("update", span), (ir.Argument(_this("instance", span)), sent), span)
    makes: ir.Expr = _call(_this("create", span), (sent,), span)
    if not any(one.function.has_body for one in program.methods(declared, "create")):
        makes = _stored(sent.value, span)
    return (ir.If(there, (ir.Eval(changes, span), ir.Return(_this("instance", span), span)), (ir.Return(makes, span),), span),)


def _stored(sent: ir.Expr, span: Span) -> ir.Expr:
    """A new object with what was sent; which one it is the store says."""
    told_by_the_store = tuple(ir.Argument(ir.Literal(None, span), name) for name in ("id", "pk"))
    return ir.New(None, (ir.Argument(sent, None, "spread"),), told_by_the_store, span)


def _model(program: Program, declared: Type) -> str:
    """The model that its `Meta` names, as it is written there; nothing where none is."""
    for one in program.lineage(declared):
        meta = next((each for each in program.named("Meta") if each.name == f"{one.name}.Meta" and each.package == one.package), None)
        slot = meta.fields.get("model") if meta is not None else None
        if slot is not None:
            return walk.dotted(slot.field.value)
    return ""


def _routine(name: str, params: tuple[str, ...], body: tuple[ir.Stmt, ...], owner: Type, module: ir.Module, span: Span) -> Routine:
    taken = tuple(ir.Param(param, None, ir.Literal(None, span), (), "", span) for param in params)
    rest = ir.Param("kwargs", None, None, (), "rest-map", span)
    return Routine(ir.Function(name, (*taken, rest), None, body, (), (), (), span, span), owner, module)


def _this(name: str, span: Span) -> ir.Member:
    return ir.Member(ir.Name("this", span), name, span, span)


def _call(function: ir.Expr, args: tuple[ir.Argument, ...], span: Span) -> ir.Call:
    return ir.Call(function, args, span)
