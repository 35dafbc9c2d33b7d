"""What do a library's generic views do with the objects of a class that extends them, in the words of the IR?

A view that only names its `queryset` has no code of its own that loads an object: what its base does with it is written out here, where it
is named, so that it is followed as if the class said so itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from apiposture.frameworks.python.of_django.object_permissions import CHECK
from apiposture.model import ir
from apiposture.model.source import Span
from apiposture.program import Program
from apiposture.program.types import Routine, Type

GENERIC = ("GenericAPIView", "RetrieveAPIView", "DestroyAPIView", "UpdateAPIView", "RetrieveUpdateAPIView", "RetrieveDestroyAPIView",
           "RetrieveUpdateDestroyAPIView", "GenericViewSet", "ModelViewSet", "ReadOnlyModelViewSet", "SingleObjectMixin", "DetailView",
           "UpdateView", "DeleteView")  # fmt: skip
FEEDS = ("Feed",)
"""https://docs.djangoproject.com/en/stable/ref/contrib/syndication/"""
READS = frozenset(("retrieve", "get"))
CHANGES = frozenset(("update", "partial_update", "put", "patch", "post"))
DELETES = frozenset(("destroy", "delete"))


class Generics:
    """Answers for one program; the classes are completed by what is written out."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._done: set[int] = set()

    def complete(self, declared: Type) -> None:
        """Give a class the `get_queryset` and `get_object` that it inherits from a generic view."""
        if id(declared) in self._done or not self.program.is_a(declared, *GENERIC):
            return
        self._done.add(id(declared))
        at = self._source(declared)
        if at is None:
            return
        module, span, query = at
        if query is not None:
            gives = self._routine("get_queryset", (), (ir.Return(query, span),), declared, module, span)
            self.program.complete(declared, "get_queryset", gives)
        if not self.program.methods(declared, "get_object"):
            key = self._key(declared)
            found = _call(ir.Member(_call(_this("get_queryset", span), (), span), "get", span, span), (ir.Argument(key, "pk"),), span)
            body = (ir.Declare("obj", None, found, span), *self._asked(declared, span), ir.Return(ir.Name("obj", span), span))
            self.program.complete(declared, "get_object", self._routine("get_object", (), body, declared, module, span))

    def routine(self, declared: Type, action: str) -> Routine | None:
        """The code of an action that a generic view brings; None where it is not about one object."""
        if self.program.is_a(declared, *FEEDS):
            return self._feed(declared)
        loads = next(iter(self.program.methods(declared, "get_object")), None)
        if loads is None or not self.program.is_a(declared, *GENERIC):
            return None
        span = loads.function.name_span
        loaded = ir.Declare("obj", None, _call(_this("get_object", span), (), span), span)
        obj = ir.Name("obj", span)
        if action in READS:
            body: tuple[ir.Stmt, ...] = (loaded, ir.Return(obj, span))
        elif action in CHANGES:
            body = (loaded, ir.Eval(_call(ir.Member(obj, "save", span, span), (), span), span), ir.Return(obj, span))
        elif action in DELETES:
            own = [r for r in self.program.methods(declared, "perform_destroy") if r.function.has_body]
            ends = _this("perform_destroy", span) if own else ir.Member(obj, "delete", span, span)
            body = (loaded, ir.Eval(_call(ends, (ir.Argument(obj),) if own else (), span), span))
        else:
            return None
        return self._routine(action, ("request",), body, declared, loads.module, span)

    def _feed(self, declared: Type) -> Routine | None:
        """What a feed does with a request: it finds out what it is about, and shows what belongs to that."""
        shows = next((r for r in self.program.methods(declared, "items") if r.function.has_body), None)
        if shows is None:
            return None
        span = shows.function.name_span
        about = next((r for r in self.program.methods(declared, "get_object") if r.function.has_body), None)
        params = [param.name for param in about.function.params if not param.mode] if about is not None else ["request"]
        given = tuple(ir.Argument(ir.Name(name, span)) for name in params)
        found = _call(_this("get_object", span), given, span) if about is not None else ir.Literal(None, span)
        args = (ir.Argument(ir.Name("obj", span)),) if any(not param.mode for param in shows.function.params) else ()
        body = (ir.Declare("obj", None, found, span), ir.Return(_call(_this("items", span), args, span), span))
        return self._routine("feed", params, body, declared, shows.module, span)

    def _source(self, declared: Type) -> tuple[ir.Module, Span, ir.Expr | None] | None:
        """Where a class says which objects it is about: by a function, or by an attribute that is a query or names the model."""
        own = next((r for r in self.program.methods(declared, "get_queryset") if r.function.has_body), None)
        if own is not None:
            return own.module, own.function.name_span, None
        slot = self.program.slot(declared, "queryset")
        if slot is not None and slot.field.value is not None:
            return slot.module, slot.field.value.span, slot.field.value
        slot = self.program.slot(declared, "model")
        if slot is not None and isinstance(slot.field.value, ir.Name | ir.Member):
            span = slot.field.value.span
            return slot.module, span, _call(ir.Member(ir.Member(slot.field.value, "objects", span, span), "all", span, span), (), span)
        return None

    def _asked(self, declared: Type, span: Span) -> list[ir.Stmt]:
        """What the permissions of the view ask about the object."""
        if not self.program.methods(declared, CHECK):
            return []
        given = (ir.Argument(_this("request", span)), ir.Argument(ir.Name("obj", span)))
        return [ir.Eval(_call(_this(CHECK, span), given, span), span)]

    def _key(self, declared: Type) -> ir.Expr:
        at = self._source(declared)
        span = at[1] if at is not None else 0
        return ir.Index(_this("kwargs", span), (ir.Literal("pk", span),), span)

    def _routine(
        self, name: str, params: Sequence[str], body: tuple[ir.Stmt, ...], owner: Type, module: ir.Module, span: Span
    ) -> Routine:
        taken = tuple(ir.Param(param, None, None, (), "", span) for param in params)
        return Routine(ir.Function(name, taken, None, body, (), (), (), span, span), owner, module)


def _this(name: str, span: Span) -> ir.Member:
    return ir.Member(ir.Name("this", span), name, span, span)


def _call(function: ir.Expr, args: tuple[ir.Argument, ...], span: Span) -> ir.Call:
    return ir.Call(function, args, span)
