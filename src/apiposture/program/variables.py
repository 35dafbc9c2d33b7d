"""What do a type's variables stand for, where it is met through another type?"""

from __future__ import annotations

from apiposture.program.linked import Program
from apiposture.program.types import Type, TypeUse, substitute


def bindings_of(program: Program, receiver: TypeUse | None, owner: Type | None) -> dict[str, TypeUse]:
    """What the type variables of `owner` stand for, seen through a receiver of that type or of one that extends or implements it."""
    if receiver is None or receiver.decl is None or owner is None or not owner.type_params:
        return {}
    if receiver.decl is owner:
        return dict(zip((p.name for p in owner.type_params), receiver.args, strict=False))
    mine = dict(zip((p.name for p in receiver.decl.type_params), receiver.args, strict=False))
    for base, use in program.ancestors(receiver.decl):
        if base is owner:
            return dict(zip((p.name for p in owner.type_params), substitute(use, mine).args, strict=False))
    # The owner implements what the receiver is declared as, or a base of that.
    known = {receiver.decl: receiver.args}
    known.update((base, substitute(use, mine).args) for base, use in program.ancestors(receiver.decl) if base is not None)
    for base, use in program.ancestors(owner):
        if base is not None and base in known:
            seen = {v.name: given for v, given in zip(use.args, known[base], strict=False) if v.variable}
            return seen if len(seen) == len(owner.type_params) else {**_by_heirs(program, receiver, owner), **seen}
    return {}


def _by_heirs(program: Program, receiver: TypeUse, owner: Type) -> dict[str, TypeUse]:
    """What the types that implement what the receiver is declared as make of the variables of a base that they share, where they agree."""
    wanted, agreed = receiver.decl, None
    for heir in program.implementations(wanted) if wanted is not None else ():
        above = {base: use for base, use in program.ancestors(heir) if base is not None}
        declared = above.get(wanted) if wanted is not None else None
        if owner in above and declared is not None and declared.args == receiver.args and not heir.type_params:
            if agreed is not None and agreed != above[owner].args:
                return {}
            agreed = above[owner].args
    return dict(zip((p.name for p in owner.type_params), agreed or (), strict=False))
