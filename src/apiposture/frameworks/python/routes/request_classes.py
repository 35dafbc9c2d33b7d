"""What runs when an application is handed a class, of which it makes an object for each request?

A project that works so has an application or blueprint of its own, whose `add_url_rule` makes a function of the class: `view().process()`.
That method is a frame: it calls others of the object in turn, which the classes of the single requests override. The last of them
handles the request, those before it run before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from apiposture.frameworks.python.reading.objects import Objects
from apiposture.model import ir
from apiposture.program import walk
from apiposture.program.types import Routine, Type

MAX_DEPTH = 6


class Handled(Struct, frozen=True, eq=False):
    """The function that handles the requests of some methods, and those that run before it on the same object: the frame, which may
    check something itself and saves what was changed, and the steps.
    """

    methods: tuple[str, ...]
    handler: Routine
    before: tuple[Routine, ...]


class RequestClasses:
    """Answers for one program."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self.program = objects.program
        self._entered: dict[int, str] = {}
        self._members: dict[tuple[int, int], Routine] = {}

    def handled(self, holder: Type | None, view: Type, methods: Sequence[str]) -> Iterator[Handled]:
        """What the objects of a class do with requests, where an application or blueprint of this type makes them."""
        entered = self.entered(holder) if holder is not None else ""
        frames = self.program.methods(view, entered) if entered else []
        root = frames[-1].owner if frames else None
        steps = self._steps(root, entered, 0) if root is not None else []
        if root is None or not steps:
            return
        before = (frames[-1], *(one for name in steps[:-1] if (one := self._overridden(view, root, name)) is not None))
        handler = self._overridden(view, root, steps[-1])
        if handler is not None:
            yield Handled(tuple(methods), handler, before)
        for method in methods if handler is None else ():
            for one in self.program.methods(view, self._verb(root, steps[-1], method))[:1]:
                yield Handled((method,), self._member(view, one), before)

    def entered(self, holder: Type) -> str:
        """The method that is called of each object; empty where the holder takes no classes."""
        known = self._entered.get(id(holder))
        if known is None:
            adding = self.program.methods(holder, "add_url_rule")[:1]
            makers = [maker for one in adding for maker in (one, *self._called(one))]
            known = self._entered[id(holder)] = next((name for maker in makers for name in _made_and_called(maker)), "")
        return known

    def _called(self, routine: Routine) -> Iterator[Routine]:
        for call in walk.calls(routine.function.body or ()):
            yield from (one for one in self.objects.of(call.function, routine) if isinstance(one, Routine))

    def _steps(self, root: Type, name: str, depth: int) -> list[str]:
        """The methods of the object that a frame calls, in turn; of those that are frames themselves, the ones that they call."""
        found: dict[str, None] = {}
        for routine in self.program.methods(root, name)[:1] if depth < MAX_DEPTH else ():
            for call in walk.calls(routine.function.body or ()):
                holder, _, called = walk.dotted(call.function).partition(".")
                if holder == "this" and called and self.program.methods(root, called):
                    found.update(dict.fromkeys(self._steps(root, called, depth + 1) or [called]))
        return list(found)

    def _overridden(self, view: Type, root: Type, name: str) -> Routine | None:
        """A class's own version of a step, or one that it inherits from below the root; None where it has the root's."""
        found = self.program.methods(view, name)[0]
        return self._member(view, found) if found.owner is not root else None

    def _member(self, view: Type, routine: Routine) -> Routine:
        """A method as one of the class that inherits it."""
        return self._members.setdefault((id(view), id(routine.function)), Routine(routine.function, view, routine.module))

    def _verb(self, root: Type, name: str, method: str) -> str:
        """The method that the root's own last step looks up by the request's: `getattr(self, "answer_" + request.method)`."""
        for routine in self.program.methods(root, name)[:1]:
            for call in walk.calls(routine.function.body or ()):
                if walk.called_name(call) == "getattr" and len(call.args) > 1 and isinstance(call.args[1].value, ir.Binary | ir.Template):
                    asked = call.args[1].value
                    prefix = next((n.value for n in walk.nodes(asked) if isinstance(n, ir.Literal) and isinstance(n.value, str)), "")
                    lower = any(walk.called_name(one) == "lower" for one in walk.calls(asked))
                    return prefix + (method.lower() if lower else method)
        return ""


def _made_and_called(maker: Routine) -> Iterator[str]:
    """The methods that are called of an object which is made of a parameter: `view().process()`."""
    params = {param.name for param in maker.function.params}
    for call in walk.calls(maker.function.body or ()):
        made = call.function.object if isinstance(call.function, ir.Member) else None
        if isinstance(made, ir.Call) and isinstance(made.function, ir.Name) and made.function.id in params:
            yield walk.called_name(call)
