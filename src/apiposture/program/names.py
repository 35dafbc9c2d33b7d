"""What does a name stand for in a file that declares or imports every name it uses?

Such a file is a type of the kind `module`, known by its dotted name. What an import says is looked for from the top of the tree, and
failing that from any folder that the code may be started in: nearest to the importing file first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from apiposture.model import ir
from apiposture.model.ir import Import, Module
from apiposture.program import walk
from apiposture.program.types import Routine, Slot, Type

Meaning = Type | Routine | Slot | str
"""A type (or module), a function, or a variable of the program; a text is the dotted name of something that is not the program's."""

MAX_STEPS: Final = 40
"""A name that is handed on by more imports than this leads in a circle."""


class Names:
    """Answers for one program."""

    def __init__(self, types: Sequence[Type]) -> None:
        self._types: dict[str, Type] = {}
        self._modules: dict[str, Type] = {}
        self._by_last: dict[str, list[Type]] = {}
        self._imports: dict[int, dict[str, list[Import]]] = {}
        self._meanings: dict[tuple[str, int, int], Meaning | None] = {}
        self._targets: dict[tuple[str, str], Meaning] = {}
        self._rings: dict[int, bool] = {}
        self._around: set[str] = set()
        """The dotted names of what holds modules."""
        for declared in types:
            if declared.kind == "module":
                self._modules.setdefault(declared.qualified, declared)
                self._by_last.setdefault(declared.simple, []).append(declared)
                self._around.add(declared.package)
            else:
                self._types.setdefault(declared.qualified, declared)

    def meaning(self, name: str, module: Module, within: Type | None = None) -> Meaning | None:
        """What a dotted or simple name stands for in a module, or None where nothing there declares it."""
        key = (name, id(module), id(within))
        if key not in self._meanings:
            self._meanings[key] = self._meant(name, module, within)
        return self._meanings[key]

    def _meant(self, name: str, module: Module, within: Type | None) -> Meaning | None:
        first, _, rest = name.partition(".")
        found = self._nested(first, within) or self._at_home(first, module, 0)
        if isinstance(found, str) and rest and any(i.kind != "library" for i in self._imported(module).get(first, ())):
            return self._target(f"{found}.{rest}", module, 0)  # a folder that is no module itself
        return self._inside(found, rest, 0) if found is not None and rest else found

    def _nested(self, name: str, within: Type | None) -> Type | None:
        """A type inside the types around the code."""
        around = within.qualified if within is not None and within.kind != "module" else ""
        while around and within is not None and len(around) > len(within.package):
            found = self._types.get(f"{around}.{name}")
            if found is not None:
                return found
            around = around.rpartition(".")[0]
        return None

    def home(self, module: Module) -> Type | None:
        """The module as a type."""
        found = self._modules.get(module.package)
        if found is not None and found.decls[0][1] is module:
            return found
        return next((t for t in self._by_last.get(module.package.rpartition(".")[2], ()) if t.decls[0][1] is module), None)

    def _at_home(self, name: str, module: Module, steps: int) -> Meaning | None:
        home = self.home(module)
        return self.member(home, name, steps) if home is not None else None

    def member(self, home: Type, name: str, steps: int = 0) -> Meaning | None:
        """What a member of a module or type stands for, whoever declares it."""
        found = self._types.get(f"{home.qualified}.{name}")
        if found is not None or home.kind != "module" or steps > MAX_STEPS:
            return found
        if name in home.functions:
            return home.functions[name][-1]
        module = home.decls[0][1]
        slot = home.fields.get(name)
        imported = [self._target(i.target, module, steps + 1) for i in self._imported(module).get(name, ()) if i.kind != "library"]
        ours = next((one for one in imported if not isinstance(one, str)), None)
        if ours is not None:
            return ours
        if slot is not None:
            return self._behind(slot, steps) or slot
        if imported:
            return imported[0]
        library = next((i.target for i in self._imported(module).get(name, ()) if i.kind == "library"), None)
        return library or self._modules.get(f"{home.qualified}.{name}") or self._by_star(name, module, steps)

    def _behind(self, slot: Slot, steps: int) -> Meaning | None:
        """The type or function that a variable is only another name for."""
        written = walk.dotted(slot.field.value) if type(slot.field.value) in (ir.Name, ir.Member) else ""
        if not written or written == slot.field.name:
            return None
        first, _, rest = written.partition(".")
        found = self._at_home(first, slot.module, steps + 1)
        found = self._inside(found, rest, steps + 1) if found is not None and rest else found
        return found if isinstance(found, Type | Routine) else None

    def leads_back(self, alias: Slot) -> bool:
        """Does another name for a type mean itself again: `Json = dict[str, "Json"]`?"""
        key = id(alias.field)
        if key not in self._rings:
            self._rings[key] = any(each is alias for each in self._aliases_below(alias))
        return self._rings[key]

    def _aliases_below(self, alias: Slot) -> Iterator[Slot]:
        """The aliases that an alias is made of, and those that these are made of."""
        pending, seen = [alias], set[int]()
        while pending:
            one = pending.pop()
            refs = [one.field.type] if one.field.type is not None else []
            while refs:
                ref = refs.pop()
                refs += ref.args
                found = self.meaning(ref.name, one.module)
                if isinstance(found, Slot) and found.field.kind == "alias" and id(found.field) not in seen:
                    seen.add(id(found.field))
                    pending.append(found)
                    yield found

    def _by_star(self, name: str, module: Module, steps: int) -> Meaning | None:
        foreign: str | None = None
        for star in self._imported(module).get("", ()):
            source = self._target(star.target, module, steps + 1)
            if isinstance(source, Type) and source.decls[0][1] is not module:
                found = self.member(source, name, steps + 1)
                if found is not None and not name.startswith("_"):
                    return found
            elif isinstance(source, str):
                foreign = f"{source}.{name}"
        return foreign

    def _imported(self, module: Module) -> dict[str, list[Import]]:
        found = self._imports.get(id(module))
        if found is None:
            found = self._imports[id(module)] = {}
            for one in module.imports:
                found.setdefault(one.name, []).append(one)
        return found

    def _inside(self, found: Meaning, rest: str, steps: int) -> Meaning | None:
        """What the remaining names lead to."""
        for name in rest.split("."):
            if isinstance(found, str):
                found = f"{found}.{name}"
                continue
            inner = self.member(found, name, steps) if isinstance(found, Type) else None
            if inner is None:
                return None
            found = inner
        return found

    def imported(self, name: str, module: Module) -> Meaning:
        """What an import of a dotted name brings."""
        return self._target(name, module, 0)

    def _target(self, target: str, module: Module, steps: int) -> Meaning:
        """What an import brings: the longest part of its target that is a module, and what that holds."""
        key = (target, module.package)
        found = self._targets.get(key)
        if found is not None or steps > MAX_STEPS:
            return found if found is not None else target
        names = target.split(".")
        for count in range(len(names), 0, -1):
            home = self._module(".".join(names[:count]), module)
            if home is None:
                continue
            inner = self._inside(home, ".".join(names[count:]), steps + 1) if count < len(names) else home
            if inner is not None:
                self._targets[key] = inner
                return inner
        self._targets[key] = target
        return target

    def _module(self, name: str, importer: Module) -> Type | None:
        exact = self._modules.get(name)
        if exact is not None and exact.decls[0][1] is not importer:
            return exact
        found = [
            (self._nearness(candidate, name, importer), candidate)
            for candidate in self._by_last.get(name.rpartition(".")[2], ())
            if candidate.qualified.endswith("." + name) and candidate.decls[0][1] is not importer
        ]
        nearest = max((score for score, _ in found), default=0)
        return next((candidate for score, candidate in found if score == nearest), None) if nearest else None

    def _nearness(self, candidate: Type, name: str, importer: Module) -> int:
        """How near a module is that an import may mean; 0 where it can't mean it."""
        root = candidate.qualified[: -len(name) - 1]
        if f"{importer.package}.".startswith(f"{root}."):
            return 0 if self._is_named_whole(root, importer) else 1000 + len(root)
        if root in self._modules or not ("." in name or candidate.qualified in self._around):
            return 0
        shared = 0
        for mine, theirs in zip(importer.package.split("."), root.split("."), strict=False):
            if mine != theirs:
                break
            shared += 1
        return 1 + shared

    def _is_named_whole(self, root: str, importer: Module) -> bool:
        """Does a file inside a package name others of it from the top (`shop.core.x`)? Then the code is not started in that package."""
        if root not in self._modules:
            return False
        names = root.split(".")
        top = next(name for i, name in enumerate(names) if ".".join(names[: i + 1]) in self._modules)
        beside = importer.package.rpartition(".")[0]
        return any(one.target.startswith(f"{top}.") and not f"{one.target}.".startswith(f"{beside}.") for one in importer.imports)
