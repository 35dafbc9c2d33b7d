"""Which template and which verbs does an attribute of the project's own stand for?

It extends one of the framework's (`HttpGetAttribute`), which its constructor is given to, or implements what those do.
https://learn.microsoft.com/dotnet/api/microsoft.aspnetcore.mvc.routing.iroutetemplateprovider
"""

from __future__ import annotations

from collections.abc import Iterator

from apiposture.frameworks.csharp import _values
from apiposture.frameworks.csharp._attributes import is_base_constructor
from apiposture.model import ir
from apiposture.model.ir import Annotation, Module
from apiposture.program import Program, walk
from apiposture.program.types import Routine, Slot, Type

PROVIDER = "IRouteTemplateProvider"
VERBS = "IActionHttpMethodProvider"
MAX_PARENTS = 5


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
        return found if PROVIDER in above or any(name.removesuffix("Attribute") in self.bases for name in above) else None

    def template(self, declared: Type, annotation: Annotation, module: Module, within: Type | None) -> str | None:
        """The template that the attribute stands for with these arguments; None where it has none."""
        given = next((arg.value for arg in annotation.args if arg.name in ("Template", "template")), None)
        if given is not None:
            return self._text(given, module, within, {})
        constructor = self._constructor(declared, len(annotation.args))
        bound: _values.Bound = {}
        if constructor is not None:
            bound = _values.bound_by(self.program, constructor.function, annotation, module, within)
        return self._said_by(declared, constructor, bound, 0)

    def verbs(self, declared: Type) -> tuple[str, ...]:
        """The verbs that the class names itself."""
        values = [value for value, _ in self._values_of(declared, "HttpMethods")]
        texts = [node.value for node in walk.nodes(tuple(values)) if type(node) is ir.Literal]
        return tuple(dict.fromkeys(text.upper() for text in texts if isinstance(text, str)))

    def _constructor(self, declared: Type, count: int) -> Routine | None:
        own = declared.functions.get(".ctor", ())
        return min(own, key=lambda routine: abs(len(routine.function.params) - count), default=None)

    def _said_by(self, declared: Type, constructor: Routine | None, bound: _values.Bound, depth: int) -> str | None:
        """What a constructor sets or hands to its parent's, else what the class says for all."""
        for node in walk.nodes(constructor.function.body or ()) if constructor is not None else ():
            assert constructor is not None
            if type(node) is ir.Assign and walk.dotted(node.target).rpartition(".")[2] == "Template":
                return self._text(node.value, constructor.module, declared, bound)
            if type(node) is ir.Call and is_base_constructor(node):
                return self._said_by_parent(declared, node, constructor, bound, depth)
        value, slot = next(self._values_of(declared, "Template"), (None, None))
        return self._text(value, slot.module, slot.owner, {}) if slot is not None else None

    def _said_by_parent(self, declared: Type, call: ir.Call, constructor: Routine, bound: _values.Bound, depth: int) -> str | None:
        parent = next((base for base, _ in self.program.ancestors(declared) if base is not None and not base.is_interface), None)
        if parent is None:
            first = call.args[0].value if call.args else None
            return self._text(first, constructor.module, declared, bound)
        if depth >= MAX_PARENTS:
            return None
        above = self._constructor(parent, len(call.args))
        given: _values.Bound = {}
        if above is not None:
            given = _values.bound_by(self.program, above.function, call, constructor.module, declared, known=bound)
        return self._said_by(parent, above, given, depth + 1)

    def _text(self, value: ir.Expr | None, module: Module, within: Type | None, bound: _values.Bound) -> str | None:
        """A template as it is written; one that can't be read becomes a parameter: the endpoint is there all the same."""
        found = _values.template(self.program, value, module, within, bound)
        return found if found is not None or value is None else "{route}"

    def _values_of(self, declared: Type, name: str) -> Iterator[tuple[ir.Expr, Slot]]:
        """What a property says for all objects, the nearest first."""
        slots = (one.fields[name] for one in self.program.lineage(declared) if name in one.fields)
        yield from ((value, slot) for slot in slots for value in _given(slot))


def _given(slot: Slot) -> Iterator[ir.Expr]:
    if slot.field.value is not None:
        yield slot.field.value
    if slot.field.getter is not None:
        yield from walk.returned(slot.field.getter)
