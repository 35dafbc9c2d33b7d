"""Which template and which verbs does an attribute of the project's own stand for?

It extends one of the framework's (`HttpGetAttribute`), which its constructor is given to, or implements what those do.
https://learn.microsoft.com/dotnet/api/microsoft.aspnetcore.mvc.routing.iroutetemplateprovider
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from apiposture.frameworks.csharp import _values
from apiposture.frameworks.csharp._told import is_base_constructor
from apiposture.model import ir
from apiposture.model.ir import Annotation, Module
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Type

PROVIDER = "IRouteTemplateProvider"
VERBS = "IActionHttpMethodProvider"
ANY_VERB = "HttpMethodAttribute"
"""The framework's base of attributes that are told their verbs first: `base(new[] { "DELETE" }, template)`."""

MAX_PARENTS = 5
Members = Mapping[str, str | None]
"""The texts of an attribute's members, by their names."""


class _Made(NamedTuple):
    """What an attribute stands for: its template, and its verbs with commas between them."""

    template: str | None = None
    verbs: str | None = None


class OwnRoutes:
    """Answers for the attributes of one program; `bases` are the framework's, by their names without `Attribute`."""

    def __init__(self, program: Program, bases: frozenset[str]) -> None:
        self.program = program
        self.bases = bases

    def declared(self, annotation: Annotation, module: Module) -> Type | None:
        """The project's own attribute class, where it is one that routes."""
        name = annotation.name.rpartition(".")[2]
        found = self.program.find_type(f"{name}Attribute", module) or self.program.find_type(name, module)
        if found is None:
            return None
        above = {use.name for _, use in self.program.ancestors(found)}
        routes = any(name.removesuffix("Attribute") in self.bases for name in above)
        return found if routes or not above.isdisjoint((PROVIDER, VERBS, ANY_VERB)) else None

    def template(self, declared: Type, annotation: Annotation, module: Module, within: Type | None) -> str | None:
        """The template that the attribute stands for with these arguments; None where it has none."""
        given = next((arg.value for arg in annotation.args if arg.name in ("Template", "template")), None)
        if given is not None:
            return self._text(given, module, within, {})
        return self._made(declared, annotation, module, within).template

    def verbs(self, declared: Type, annotation: Annotation, module: Module, within: Type | None) -> tuple[str, ...]:
        """The verbs that the class names itself, or that it is told."""
        found = self._made(declared, annotation, module, within).verbs
        return tuple(dict.fromkeys(verb.strip().upper() for verb in found.split(",") if verb.strip())) if found else ()

    def _made(self, declared: Type, annotation: Annotation, module: Module, within: Type | None) -> _Made:
        constructor = _constructor(declared, len(annotation.args))
        members = self._members_of(declared)
        if constructor is not None:
            bound = _values.bound_by(self.program, constructor.function, annotation, module, within)
            members |= self._set_in(constructor, declared, {**members, **bound})
        else:
            bound = {}
        told = {arg.name: _values.text(self.program, arg.value, module, within, {}) for arg in annotation.args if arg.name}
        return self._of(declared, constructor, bound, {**members, **told}, 0)

    def _of(self, declared: Type, constructor: Routine | None, bound: _values.Bound, members: Members, depth: int) -> _Made:
        """What an attribute says by its members, and by what its constructor hands to its parent's."""
        above = _Made()
        for node in walk.nodes(constructor.function.body or ()) if constructor is not None else ():
            if constructor is not None and type(node) is ir.Call and is_base_constructor(node):
                above = self._above(declared, node, constructor, bound, depth)
        template, verbs = (self._said(declared, name, members) for name in ("Template", "HttpMethods"))
        return _Made(above.template if template is None else template, above.verbs if verbs is None else verbs)

    def _above(self, declared: Type, call: ir.Call, constructor: Routine, bound: _values.Bound, depth: int) -> _Made:
        parents = list(self.program.ancestors(declared))
        parent = next((base for base, _ in parents if base is not None and not base.is_interface), None)
        if parent is None:
            by_verbs = any(use.name == ANY_VERB for _, use in parents)
            first, second = (walk.argument(call, i) for i in range(2))
            template = self._text(second if by_verbs else first, constructor.module, declared, bound)
            return _Made(template, _values.text(self.program, first, constructor.module, declared, bound) if by_verbs else None)
        inner = _constructor(parent, len(call.args))
        given: _values.Bound = {}
        if inner is not None:
            given = _values.bound_by(self.program, inner.function, call, constructor.module, declared, known=bound)
        members = self._members_of(parent)
        members |= self._set_in(inner, parent, {**members, **given}) if inner is not None else {}
        return self._of(parent, inner, given, members, depth + 1) if depth < MAX_PARENTS else _Made()

    def _text(self, value: ir.Expr | None, module: Module, within: Type | None, bound: _values.Bound) -> str | None:
        """A template as it is written; one that can't be read becomes a parameter: the endpoint is there all the same."""
        found = _values.template(self.program, value, module, within, bound)
        return found if found is not None or value is None else "{route}"

    # -- members -------------------------------------------------------------------------------------------------------

    def _members_of(self, declared: Type) -> dict[str, str | None]:
        """The texts that members have from the start."""
        found: dict[str, str | None] = {}
        for one in reversed(list(self.program.lineage(declared))):
            for name, slot in one.fields.items():
                if slot.field.value is not None:
                    found[name] = _values.text(self.program, slot.field.value, slot.module, one, {})
        return found

    def _set_in(self, constructor: Routine, declared: Type, known: _values.Bound) -> dict[str, str | None]:
        """The texts that a constructor gives to members; None where it may give one of several."""
        found: dict[str, str | None] = {}
        for node in walk.nodes(constructor.function.body or ()):
            if type(node) is ir.Assign:
                name = walk.dotted(node.target).rpartition(".")[2]
                text = self._text(node.value, constructor.module, declared, known)
                found[name] = text if found.get(name, text) == text else None
        return found

    def _said(self, declared: Type, name: str, members: Members) -> str | None:
        """What a member says, the nearest: what it is set to, or what it gives."""
        if members.get(name) is not None:
            return members[name]
        if name in members and name == "Template":
            return "{route}"
        slots = (one.fields[name] for one in self.program.lineage(declared) if name in one.fields)
        for slot in slots:
            for value in walk.returned(slot.field.getter) if slot.field.getter is not None else ():
                spelled = _with_members(value, members)
                if name == "Template":
                    return self._text(spelled, slot.module, slot.owner, members)
                return _values.text(self.program, spelled, slot.module, slot.owner, members)
        return None


def _constructor(declared: Type, count: int) -> Routine | None:
    own = declared.functions.get(".ctor", ())
    return min(own, key=lambda routine: abs(len(routine.function.params) - count), default=None)


def _with_members(value: ir.Expr, members: Members) -> ir.Expr:
    """`this._template` as the name of what is known of it."""
    is_own = isinstance(value, ir.Member) and walk.dotted(value.object) == "this" and value.name in members
    return ir.Name(value.name, value.span) if isinstance(value, ir.Member) and is_own else value
