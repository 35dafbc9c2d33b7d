"""Who may call an endpoint, given everything that guards it?"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from apiposture.model.facts import OWN_LEVELS, Check, Declaration, Need, Posture
from apiposture.model.source import Place


class Guard(Struct, frozen=True):
    """One thing that stands before an endpoint. `effect`: `asks` (a caller, with or without `needs`), `opens` or `unknown`.

    `level`: endpoint, type, base, group or application; `scope` the name of it. `why` says what it does. `key`: it
    asks for a key that is the same for all who may come.
    """

    effect: str
    level: str
    scope: str
    place: Place
    text: str
    why: str = ""
    needs: tuple[Need, ...] = ()
    key: bool = False


GRADES = {"role": "role", "permission": "policy", "scope": "policy", "policy": "policy", "claim": "policy"}


def shared_key(guards: Sequence[Guard]) -> Check | None:
    """What whoever calls must prove, where no more is asked than a key that is the same for all who may."""
    asking = [guard for guard in guards if guard.effect == "asks"]
    if not asking or any(guard.effect == "unknown" for guard in guards) or not all(guard.key for guard in asking):
        return None
    return Check("shared-secret", asking[0].place, "whoever calls must share a secret with the service, and is nobody in particular")


def posture_of(guards: Sequence[Guard]) -> Posture:
    """The posture behind guards, nearest first. All that ask hold together; what can't be told is `unknown`, never open."""
    asking = [guard for guard in guards if guard.effect == "asks"]
    unknown = next((guard for guard in guards if guard.effect == "unknown"), None)
    declarations = tuple(
        Declaration(g.level, g.scope, g.place, g.text, g.needs, g.effect == "opens") for g in guards if g.effect != "unknown"
    )
    if asking:
        return _closed(asking, declarations)
    if unknown is not None:
        why = f"It can't be told who may call: {unknown.why}."
        return Posture("unknown", why, unknown.place, (), unknown.level not in OWN_LEVELS, declarations)
    opening = next((guard for guard in guards if guard.effect == "opens"), None)
    if opening is not None:
        why = f"'{opening.text}' at the {opening.level} lets everybody in."
        return Posture("anonymous", why, opening.place, (), opening.level not in OWN_LEVELS, declarations)
    return Posture("public", "Nothing declares who may call.", None, (), False, declarations)


def _closed(asking: Sequence[Guard], declarations: tuple[Declaration, ...]) -> Posture:
    needs = tuple(dict.fromkeys(need for guard in asking for need in guard.needs))
    levels = {GRADES.get(need.kind, "authenticated") for need in needs}
    level = "role" if "role" in levels else "policy" if "policy" in levels else "authenticated"
    decider = next((g for g in asking if any(GRADES.get(need.kind) == level for need in g.needs)), asking[0])
    what = ", ".join(f"{need.kind} '{need.name}'" for need in decider.needs) or "a login"
    why = f"'{decider.text}' at the {decider.level} asks for {what}{decider.why and ': ' + decider.why}."
    return Posture(level, why, decider.place, needs, decider.level not in OWN_LEVELS, declarations)
