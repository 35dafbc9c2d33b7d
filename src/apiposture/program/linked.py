"""What may one ask of the whole program?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec.structs import force_setattr

from apiposture.model import ir
from apiposture.model.ir import Import, Module, TypeRef
from apiposture.program import walk
from apiposture.program.names import Meaning, Names
from apiposture.program.registered import registrations
from apiposture.program.renewal import take_in
from apiposture.program.types import Routine, Slot, Type, TypeUse, substitute

MAIN: Final = "<main>"
"""The name of a module's top-level code."""

MAX_ANCESTORS: Final = 40
"""Hierarchies deeper than this are broken code (a type that extends itself); the walk ends there."""


class Program:
    """The linked modules: read-only indexes, and the questions about them."""

    def __init__(self, modules: Sequence[Module], registers: Sequence[str] = ()) -> None:
        self.modules = tuple(modules)
        self.registers = tuple(registers)
        self.types: list[Type] = []
        self._by_name: dict[str, list[Type]] = {}
        self.shared: list[Import] = [i for module in modules for i in module.imports if i.shared]
        """The imports that hold for all files."""
        self._homes: dict[str, list[str]] = {}
        """What is imported for all files of a folder, with those folders."""
        for module in modules:
            for shared in module.imports:
                if shared.shared:
                    self._homes.setdefault(shared.target, []).append(module.path[: module.path.rfind("/") + 1])
        self._renamed: dict[int, dict[str, str]] = {}
        self._opened: dict[int, tuple[Type | str, ...]] = {}
        self._uses: dict[tuple[int, TypeRef, int], TypeUse] = {}
        self._found: dict[tuple[str, int, int, int], Type | None] = {}
        self._ancestors: dict[int, list[tuple[Type | None, TypeUse]]] = {}
        self._mentions: dict[int, frozenset[str]] = {}
        self._lineage: dict[int, frozenset[str]] = {}
        self.completed: list[tuple[Type, str, Routine]] = []
        """What was written out for its types that no module declares."""
        self.edition = 0
        """How often a module was renewed."""
        self.holds: object = None
        """What was worked out of it, which is let go with it: to free that before takes a hundredth of a scan, for nothing."""
        self.looked_into: set[int] = set()
        """The functions, by id, whose code linking looked at."""
        self._polyglot = len({module.language for module in self.modules}) > 1
        self._declare()
        self._names = Names([t for t in self.types if t.decls[0][1].explicit_names])
        self._heirs = self._all_heirs()
        self._extensions, self.added = self._all_extensions()
        """Functions that are called, or only read, as if they were members of their first parameter; by name."""
        self.routines = self._all_routines()
        """Every function with its place, accessors of properties and top-level code (`<main>`) included."""
        self.by_module = self._all_by_module()
        """The modules, each with its functions that have code."""
        self.registering = tuple(self.calling(*self.registers))
        """The calls that tell a container of a service, each with the function that it stands in."""
        self.registrations = registrations(self.registering, lambda ref, at: self.use(ref, at.module, at.owner).name)
        """Pairs of (service, implementation), by simple names, that a container is told: `AddScoped<IOrders, Orders>()`."""

    def _declare(self) -> None:
        known: dict[tuple[str, int], Type] = {}
        for module in self.modules:
            for decl in module.types:
                key = (f"{decl.package}.{decl.name}", len(decl.type_params))
                found = known.get(key)
                if found is None or not ("partial" in decl.modifiers or found.decls[0][1].path == module.path):
                    found = Type(decl)
                    known.setdefault(key, found)
                    self.types.append(found)
                    self._by_name.setdefault(found.simple, []).append(found)
                found.add(decl, module)

    # -- names ---------------------------------------------------------------------------------------------------------

    def named(self, simple: str) -> Sequence[Type]:
        """All types of that simple name, in the order of the files."""
        return self._by_name.get(simple, ())

    def find_type(self, name: str, module: Module, within: Type | None = None, arity: int = -1) -> Type | None:
        """The type that `name` (dotted or simple) means in this module, or None where it is not the project's.

        Looks at the types around `within`, the module's package and its parents, then imports; a name that the imports do
        not settle is taken where only one type of the program has it.
        """
        key = (name, id(module), id(within), arity)
        found = self._found.get(key)
        if found is None and key not in self._found:
            found = self._found[key] = self._look_up(name, module, within, arity)
        return found

    def meaning(self, name: str, module: Module, within: Type | None = None) -> Meaning | None:
        """What a name stands for in a module with explicit names; of a module without, a type."""
        return self._names.meaning(name, module, within) if module.explicit_names else self.find_type(name, module, within)

    def member(self, home: Type, name: str) -> Meaning | None:
        """What a member of a module stands for."""
        return self._names.member(home, name)

    def imported(self, name: str, module: Module) -> Meaning:
        """What an import of a dotted name brings into a module with explicit names; a text where that is not the program's."""
        return self._names.imported(name, module)

    def home(self, module: Module) -> Type | None:
        """The type that a module with explicit names is itself."""
        return self._names.home(module) if module.explicit_names else None

    def _explicit(self, name: str, module: Module, within: Type | None) -> Type | None:
        found = self._names.meaning(name, module, within)
        if isinstance(found, Slot) and found.field.kind == "alias" and found.field.type is not None and found.field.type.name != name:
            return self.find_type(found.field.type.name, found.module)
        return found if isinstance(found, Type) else None

    def target(self, name: str, module: Module) -> str:
        """The type or package that an import of a module without explicit names calls by this name; empty where none does."""
        found = self._renamed.get(id(module))
        if found is None:
            aliases = [i for i in (*self.shared, *reversed(module.imports)) if i.kind == "alias"]
            found = self._renamed[id(module)] = {i.name: i.target.partition("<")[0] for i in aliases}
        return found.get(name, "")

    def opened(self, module: Module) -> tuple[Type | str, ...]:
        """The types whose members the module names without them; a simple name for one that is not the program's."""
        found = self._opened.get(id(module))
        if found is None:
            targets = [i.target for i in (*module.imports, *self.shared) if i.kind == "members"]
            types = [self.find_type(target, module) or target.partition("<")[0].rpartition(".")[2] for target in targets]
            found = self._opened[id(module)] = tuple(types)
        return found

    def _look_up(self, name: str, module: Module, within: Type | None, arity: int) -> Type | None:
        if module.explicit_names:
            return self._explicit(name, module, within)
        qualifier, _, simple = name.rpartition(".")
        candidates = self.named(simple)
        if self._polyglot:
            candidates = [c for c in candidates if c.decls[0][1].language == module.language]
        if not candidates:
            target = self.target(name, module)
            return self.find_type(target, module, within, arity) if target not in ("", name) else None
        if arity > 0:
            candidates = [c for c in candidates if c.type_params]  # what is written with arguments is no type without parameters
        if arity >= 0 and len(candidates) > 1:
            candidates = [c for c in candidates if len(c.type_params) == arity] or candidates
        if not candidates:
            return None
        qualifier = self._spelled_out(qualifier, module)
        best = max(candidates, key=lambda c: self._nearness(c, qualifier, module, within))
        if qualifier and not self._matches_qualifier(best, qualifier):
            return None
        return best if len(candidates) == 1 or self._nearness(best, qualifier, module, within) > 0 else candidates[0]

    def _spelled_out(self, qualifier: str, module: Module) -> str:
        """What stands before a type's name, where the file calls it by a name of its own: `using Messages = Shop.Api.Messages;`."""
        first, dot, rest = qualifier.partition(".")
        target = self.target(first, module) if first else ""
        return target + dot + rest if target else qualifier

    @staticmethod
    def _matches_qualifier(candidate: Type, qualifier: str) -> bool:
        prefix = candidate.qualified.rpartition(".")[0]
        return prefix == qualifier or prefix.endswith("." + qualifier) or qualifier.endswith("." + prefix)

    def _nearness(self, candidate: Type, qualifier: str, module: Module, within: Type | None) -> int:
        package = within.package if within is not None else module.package
        if qualifier and self._matches_qualifier(candidate, qualifier):
            return 6 + self._in_sight(candidate.package, package, module)
        outer = candidate.name.rpartition(".")[0]
        if outer:
            around = within is not None and candidate.package == package and (within.name + ".").startswith(outer + ".")
            return 5 if around else -1
        return self._in_sight(candidate.package, package, module)

    def _in_sight(self, wanted: str, package: str, module: Module) -> int:
        """How near a package is to code in another: the same, imported, around it, imported for other folders, or not in sight at all."""
        if wanted == package:
            return 4
        homes = self._homes.get(wanted, ())
        if any(i.target == wanted for i in module.imports) or any(module.path.startswith(home) for home in homes):
            return 3
        return 2 if wanted and package.startswith(wanted + ".") else 1 if homes else 0

    # -- types ---------------------------------------------------------------------------------------------------------

    def use(self, ref: TypeRef, module: Module, within: Type | None = None, variables: frozenset[str] = frozenset()) -> TypeUse:
        """A written type, resolved. `variables` are the function's own type parameters; those of `within` are known."""
        if variables:
            return self._resolve(ref, module, within, variables)
        key = (id(module), ref, id(within))
        found = self._uses.get(key)
        if found is None:
            found = self._uses[key] = self._resolve(ref, module, within, variables)
        return found

    def _resolve(self, ref: TypeRef, module: Module, within: Type | None, variables: frozenset[str]) -> TypeUse:
        name = ref.name
        if name in variables or (within is not None and any(p.name == name for p in within.type_params)):
            return TypeUse(name, variable=True)
        args = tuple(self._resolve(arg, module, within, variables) for arg in ref.args)
        if module.explicit_names:
            return self._resolve_explicit(name, args, module, within)
        decl = self.find_type(name, module, within, len(args))
        simple = name.rpartition(".")[2]
        if decl is None and not args:
            simple = self.target(name, module).rpartition(".")[2] or simple
        return TypeUse(decl.simple if decl else simple, args, decl)

    def _resolve_explicit(self, name: str, args: tuple[TypeUse, ...], module: Module, within: Type | None) -> TypeUse:
        found = self._names.meaning(name, module, within)
        if isinstance(found, Slot) and found.field.kind == "alias" and found.field.type is not None and found.field.type.name != name:
            return TypeUse(found.field.name) if self._names.leads_back(found) else self.use(found.field.type, found.module)
        if isinstance(found, Type):
            return TypeUse(found.simple, args, found)
        return TypeUse((found if isinstance(found, str) else name).rpartition(".")[2], args)

    def type_of(self, slot: Slot) -> TypeUse | None:
        """The declared type of a field or property, resolved; None where none is declared."""
        if slot.use is None and slot.field.type is not None:
            slot.use = self.use(slot.field.type, slot.module, slot.owner)
        return slot.use

    def as_use(self, declared: Type) -> TypeUse:
        """The type itself, with its own variables as arguments."""
        return TypeUse(declared.simple, tuple(TypeUse(p.name, variable=True) for p in declared.type_params), declared)

    def ancestors(self, declared: Type) -> Sequence[tuple[Type | None, TypeUse]]:
        """The type's bases, nearest first, all the way up: (declaration or None, use in terms of this type's variables)."""
        found = self._ancestors.get(id(declared))
        if found is None:
            found = self._ancestors[id(declared)] = self._climb(declared)
        return found

    def _climb(self, declared: Type) -> list[tuple[Type | None, TypeUse]]:
        found: list[tuple[Type | None, TypeUse]] = []
        seen = {id(declared)}
        level: list[tuple[Type, dict[str, TypeUse]]] = [(declared, {})]
        while level and len(found) < MAX_ANCESTORS:
            above: list[tuple[Type, dict[str, TypeUse]]] = []
            for current, bound in level:
                for ref, module in current.bases:
                    base = substitute(self.use(ref, module, current), bound)
                    found.append((base.decl, base))
                    if base.decl is not None and id(base.decl) not in seen:
                        seen.add(id(base.decl))
                        names = (p.name for p in base.decl.type_params)
                        above.append((base.decl, dict(zip(names, base.args, strict=False))))
            level = above
        return found

    def lineage(self, declared: Type) -> Sequence[Type]:
        """The type and its bases that the project declares, nearest first."""
        return [declared, *[base for base, _ in self.ancestors(declared) if base is not None]]

    def is_a(self, declared: Type | None, *names: str) -> bool:
        """Does the type or one of its bases, the project's or a library's, have one of these simple names?"""
        if declared is None:
            return False
        lineage = self._lineage.get(id(declared))
        if lineage is None:
            lineage = frozenset((declared.simple, *(use.name for _, use in self.ancestors(declared))))
            self._lineage[id(declared)] = lineage
        return not lineage.isdisjoint(names)

    def _all_heirs(self) -> dict[int, list[Type]]:
        heirs: dict[int, list[Type]] = {}
        for declared in self.types:
            for base, _ in self.ancestors(declared):
                if base is not None:
                    heirs.setdefault(id(base), []).append(declared)
        return heirs

    def heirs(self, declared: Type) -> Sequence[Type]:
        """The types that extend or implement this one, at any distance."""
        return self._heirs.get(id(declared), ())

    def implementations(self, declared: Type) -> Sequence[Type]:
        """The concrete types that may stand behind an interface or abstract type; the type itself where it is concrete.

        What the program registers for it wins over what merely implements it.
        """
        heirs = [heir for heir in self.heirs(declared) if not heir.is_abstract]
        registered = [heir for heir in heirs if (declared.simple, heir.simple) in self.registrations]
        if registered:
            return registered
        return heirs if declared.is_abstract else [declared, *heirs]

    # -- members -------------------------------------------------------------------------------------------------------

    def slot(self, declared: Type, name: str) -> Slot | None:
        """The field or property of that name, own or inherited."""
        return declared.fields.get(name) or next((t.fields[name] for t in self.lineage(declared) if name in t.fields), None)

    def slots(self, declared: Type) -> Iterator[Slot]:
        """All fields and properties, own and inherited; the nearest of each name."""
        seen: set[str] = set()
        for t in self.lineage(declared):
            for name, slot in t.fields.items():
                if name not in seen:
                    seen.add(name)
                    yield slot

    def methods(self, declared: Type, name: str) -> list[Routine]:
        """The functions of that name, own and inherited, nearest first; overridden ones come after what overrides them."""
        return [routine for t in self.lineage(declared) for routine in t.functions.get(name, ())]

    def _all_extensions(self) -> tuple[dict[str, list[Routine]], dict[str, list[Routine]]]:
        called, added = dict[str, list[Routine]](), dict[str, list[Routine]]()
        for declared in self.types:
            for name, routines in declared.functions.items():
                for routine in routines:
                    if routine.function.params and routine.function.params[0].mode == "this":
                        (added if "get" in routine.function.modifiers else called).setdefault(name, []).append(routine)
        return called, added

    def extensions(self, name: str) -> Sequence[Routine]:
        """The functions that may be called as if they were members of their first parameter."""
        return self._extensions.get(name, ())

    def _all_routines(self) -> tuple[Routine, ...]:
        found: list[Routine] = []
        for declared in self.types:
            for routines in declared.functions.values():
                found += routines
            for slot in declared.fields.values():
                found += (Routine(a, declared, slot.module) for a in (slot.field.getter, slot.field.setter) if a)
        for module in self.modules:
            found += (Routine(function, None, module) for function in module.functions)
            if module.body:
                found.append(self.main(module))
        return tuple(found)

    def main(self, module: Module) -> Routine:
        """A module's top-level code as a function."""
        function = ir.Function(MAIN, (), None, module.body, (), (), (), 0, 0)
        return Routine(function, None, module)

    def _all_by_module(self) -> tuple[tuple[Module, tuple[Routine, ...]], ...]:
        found: dict[int, list[Routine]] = {id(module): [] for module in self.modules}
        for routine in self.routines:
            if routine.function.has_code:
                found[id(routine.module)].append(routine)
        return tuple((module, tuple(found[id(module)])) for module in self.modules)

    def complete(self, declared: Type, name: str, routine: Routine) -> None:
        """Give a type a function that a library brings, written out; one of its own stays."""
        if name not in declared.functions:
            declared.functions[name] = [routine]
            self.completed.append((declared, name, routine))

    def renew(self, module: Module, new: Module) -> bool:
        """Take in the new text of one of the modules, in which nothing is declared differently and no service is registered.

        The answer says whether it is still complete: what was written out for its types goes.
        """
        take_in(module, new)
        outdated = [one for one in self.completed if one[2].module is module]
        for declared, name, _ in outdated:
            del declared.functions[name]
        self.completed = [one for one in self.completed if one[2].module is not module]
        mine = tuple(routine for routine in self.routines if routine.module is module)
        for routine in mine:
            if routine.function.name == MAIN:
                force_setattr(routine.function, "body", module.body)
            self._mentions.pop(id(routine.function), None)
        written = tuple(routine for routine in mine if routine.function.has_code)
        self.by_module = tuple([(one, written if one is module else routines) for one, routines in self.by_module])
        self.edition += 1
        return not outdated

    def mentions(self, routine: Routine) -> frozenset[str]:
        """The names and members that a function uses, and the types of its parameters."""
        found = self._mentions.get(id(routine.function))
        if found is None:
            names = {param.type.name for param in routine.function.params if param.type is not None}
            names.update(walk.uses(routine.function))
            found = self._mentions[id(routine.function)] = frozenset(names)
        return found

    def calling(self, *names: str) -> Iterator[tuple[Routine, ir.Call]]:
        """Every call of a function with one of these last names, with the function that it stands in, in the order of the files."""
        wanted = frozenset(names)
        for module, routines in self.by_module:
            if not wanted.isdisjoint(module.calls):
                for routine in routines:
                    if wanted.isdisjoint(walk.uses(routine.function)):
                        continue
                    yield from ((routine, c) for c in walk.calls(routine.function.body) if walk.called_name(c) in wanted)
