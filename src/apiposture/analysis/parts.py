"""On which parts of a program's code may an answer hang?

On a file as a whole, which was looked around in; on where things stand in a file; on which of its functions set what to the caller; and on
the code of each function. Each part has a bit. Which part has which follows from what the files declare: numbers of before and now can be
held against each other as long as nothing is declared differently.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from apiposture.model.ir import Function, Module
from apiposture.program.walk import declared

_KINDS = 3
"""So many bits a file has beside those of its functions."""


class Parts:
    """The bits of one program's parts: first those of the files, then those of the functions."""

    def __init__(self, modules: Sequence[Module]) -> None:
        self._files = {module.path: _KINDS * number for number, module in enumerate(modules)}
        self._functions: dict[int, int] = {}
        self._stretches: dict[str, tuple[int, int]] = {}
        at = _KINDS * len(modules)
        for module in modules:
            first = at
            for function in declared(module):
                self._functions[id(function)] = at
                at += 1
            self._stretches[module.path] = (first, at)

    def file(self, path: str) -> int:
        """A file as a whole."""
        return 3 << self._files[path] if path in self._files else 0

    def places(self, path: str) -> int:
        """Where things stand in a file."""
        return 2 << self._files[path] if path in self._files else 0

    def setters(self, path: str) -> int:
        """Which functions of a file set which members to what they know of the caller."""
        return 4 << self._files[path] if path in self._files else 0

    def function(self, function: Function, module: Module) -> int:
        """The code of a function; of one that no file declares by itself, such as a lambda, that of its file."""
        at = self._functions.get(id(function))
        return 1 << at | self.places(module.path) if at is not None else self.file(module.path)

    def of_code(self, function: Function) -> int:
        """The code of a function alone, wherever it stands; nothing of one that no file declares by itself."""
        at = self._functions.get(id(function))
        return 1 << at if at is not None else 0

    def touched(self, path: str, functions: Collection[int] | None) -> int:
        """The parts that change with the code of these functions of a file, by their numbers in it; without any, all parts of the file."""
        first, end = self._stretches[path]
        if functions is None:
            return 7 << self._files[path] | (1 << end) - (1 << first)
        return sum((1 << first + number for number in functions), 1 << self._files[path])
