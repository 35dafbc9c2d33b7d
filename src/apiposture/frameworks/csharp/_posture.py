"""Who may call an endpoint, given everything that is declared about it?"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from apiposture.frameworks.csharp._site import App
from apiposture.frameworks.csharp._statements import Policy, Statement
from apiposture.model.facts import OWN_LEVELS, Declaration, Need, Posture

GRADES = ("authenticated", "policy", "role")
"""What may be asked of a caller, weakest first."""


class Asked(Struct, frozen=True):
    """A statement with what it asks for in this application."""

    statement: Statement
    needs: tuple[Need, ...]
    opens: bool = False
    why: str = ""
    default: bool = False

    @property
    def grade(self) -> str:
        """A default policy's own requirements are what a login means in that application: no right that some accounts lack."""
        kinds = {need.kind for need in self.needs}
        if "role" in kinds:
            return "role"
        if self.default and not kinds & {"claim", "permission"}:
            return "authenticated"
        return "policy" if kinds & {"policy", "scope", "claim", "permission"} else "authenticated"


def posture_of(statements: Sequence[Statement], app: App, kind: str, wall: Statement | None = None) -> Posture:
    """The posture of an endpoint in an application. `statements` stand nearest first; `kind` is controller, page, function, hub, grpc;
    `wall` is the middleware before it that refuses.

    As in ASP.NET Core: any AllowAnonymous wins over all Authorize and the fallback policy, wherever it stands; all Authorize hold
    together; the fallback policy holds only where there is neither. The project's own filters refuse even then, unless they
    look for the marker themselves, and middleware refuses in any case.
    """
    said = [*statements, *app.statements(kind)]
    anonymous = next((s for s in said if s.effect == "anonymous"), None)
    markers = {name for s in said if s.effect == "marker" for name in (_attribute_name(s), _attribute_name(s) + "Attribute")}
    met = _met(said, app)
    asked = [_asked(s, app, met) for s in said if s.effect == "authorize"]
    asked += _asked_of_the_endpoint(said, asked, app)
    filters = [_asked(s, app, met) for s in said if s.effect == "filter" and not _is_waived(s, anonymous, markers)]
    active = filters if anonymous is not None else _in_order([*asked, *filters], said)
    declarations = _declarations(said, asked, filters, app, met)
    closing = [a for a in active if not a.opens]
    if closing:
        return _closed(closing, declarations)
    unknown = next((s for s in said if s.effect == "unknown"), None)
    fallen_back = _fallen_back(said, app, met, declarations) if anonymous is None and not active and unknown is None else None
    if fallen_back is not None:
        return fallen_back
    if wall is not None and wall.effect == "middleware":
        return Posture("authenticated", f"{wall.why} before any endpoint runs.", wall.place, (), True, (*declarations, _declared(wall, ())))
    if anonymous is not None:
        inherited = anonymous.level not in OWN_LEVELS
        return Posture(
            "anonymous", f"'{anonymous.text}' at the {anonymous.level} lets everybody in.", anonymous.place, (), inherited, declarations
        )
    if active:
        first = active[0].statement
        return Posture(
            "public", f"'{first.text}' asks for nothing: {active[0].why}.", first.place, (), first.level not in OWN_LEVELS, declarations
        )
    marker = next((s for s in said if s.effect == "marker"), None)
    if unknown is not None:
        why = unknown.why or f"'{unknown.text}' isn't declared in the scanned source"
        inherited = unknown.level not in OWN_LEVELS
        return Posture("unknown", f"It can't be told who may call: {why}.", unknown.place, (), inherited, declarations)
    return _without_statements(wall, marker, declarations)


def _fallen_back(said: Sequence[Statement], app: App, met: frozenset[str], declarations: tuple[Declaration, ...]) -> Posture | None:
    """What the fallback policy asks for, if there is one that asks for something."""
    if app.fallback is None:
        return None
    asked = _asked(app.fallback, app, met)
    asked = replace(asked, default=_leaves_it_to_the_endpoint(asked, app))
    own = _asked_of_the_endpoint(said, [asked], app)
    closing = [each for each in (*own, asked) if not each.opens]
    told = [_declared(each.statement, each.needs) for each in closing]
    return _closed(closing, (*declarations, *told)) if closing else None


def _without_statements(wall: Statement | None, marker: Statement | None, declarations: tuple[Declaration, ...]) -> Posture:
    if wall is not None:
        why = f"It can't be told who may call: {wall.why}, depending on the request."
        return Posture("unknown", why, wall.place, (), True, declarations)
    if marker is not None:
        why = f"'{marker.text}' at the {marker.level} declares it open."
        return Posture("anonymous", why, marker.place, (), marker.level not in OWN_LEVELS, declarations)
    return Posture("public", "Nothing declares who may call.", None, (), False, declarations)


def _asked_of_the_endpoint(said: Sequence[Statement], asked: Sequence[Asked], app: App) -> list[Asked]:
    """The rights that the endpoint names, where one of the policies that hold for it asks the endpoint for them."""
    if app.opened:
        return []
    policies = {need.name for each in asked for need in each.needs if need.kind == "policy"}
    return [Asked(s, s.needs) for s in said if s.effect == "metadata" and s.requirement in policies]


def _met(said: Sequence[Statement], app: App) -> frozenset[str]:
    """The requirements that everybody meets who comes to this endpoint."""
    named = {s.requirement for s in said if s.effect == "metadata"}
    return (app.site.attributes.metadata.open - named).union(s.requirement for s in said if s.effect == "spared")


def _leaves_it_to_the_endpoint(asked: Asked, app: App) -> bool:
    """Does a policy ask for nothing but a login and what the endpoint itself names?"""
    return all(need.kind == "scheme" or need.name in app.site.attributes.metadata.requirements for need in asked.needs)


def _closed(closing: list[Asked], declarations: tuple[Declaration, ...]) -> Posture:
    best = max(GRADES.index(a.grade) for a in closing)
    decider = next(a for a in closing if GRADES.index(a.grade) == best)
    needs = tuple(dict.fromkeys(need for a in closing for need in a.needs))
    statement = decider.statement
    why = f"'{statement.text}' at the {statement.level} asks for {_spelled(decider.needs)}{decider.why and '; ' + decider.why}."
    return Posture(GRADES[best], why, statement.place, needs, statement.level not in OWN_LEVELS, declarations)


def _spelled(needs: tuple[Need, ...]) -> str:
    return ", ".join(f"{need.kind} '{need.name}'" for need in needs) or "a login"


def _asked(statement: Statement, app: App, met: frozenset[str]) -> Asked:
    if statement.effect == "filter":
        return Asked(statement, statement.needs, why=statement.why)
    if app.opened:
        return Asked(statement, statement.needs, True, "a registered handler says yes to all that is asked for")
    if statement.inline is not None:
        return _by_policy(statement, statement.inline, "the policy built here", met)
    if statement.policy is not None:
        policy = app.policy(statement.policy)
        if policy is None:
            needs = (*statement.needs, Need("policy", statement.policy))
            return Asked(statement, needs, why=f"policy '{statement.policy}' isn't declared in the scanned source")
        return _by_policy(statement, policy, f"policy '{statement.policy}'", met)
    if statement.default and app.default is not None and (policy := app.default.inline or app.policy(app.default.policy or "")) is not None:
        return replace(_by_policy(statement, policy, "the default policy", met), default=True)
    return Asked(statement, statement.needs)


def _by_policy(statement: Statement, policy: Policy, name: str, met: frozenset[str]) -> Asked:
    if not policy.known:
        return Asked(statement, (*statement.needs, Need("policy", policy.name or "inline")), why=f"{name} could not be read")
    needs = tuple(dict.fromkeys((*statement.needs, *policy.needs)))
    asking = [need for need in needs if need.kind != "scheme"]
    everybody = not policy.login and all(need.kind == "policy" and need.name in met for need in asking)
    if everybody and (policy.opens or asking):
        return Asked(statement, needs, True, f"{name} lets everybody in")
    return Asked(statement, needs)


def _attribute_name(statement: Statement) -> str:
    return statement.text.strip("[]").partition("(")[0].rpartition(".")[2]


def _is_waived(statement: Statement, anonymous: Statement | None, markers: set[str]) -> bool:
    if anonymous is not None and statement.honours:
        return True
    return not markers.isdisjoint(statement.honours)


def _in_order(asked: list[Asked], said: Sequence[Statement]) -> list[Asked]:
    order = {id(s): i for i, s in enumerate(said)}
    return sorted(asked, key=lambda a: order[id(a.statement)])


def _declared(statement: Statement, needs: tuple[Need, ...], opens: bool = False) -> Declaration:
    return Declaration(statement.level, statement.scope, statement.place, statement.text, needs, opens)


def _declarations(
    said: Sequence[Statement], asked: list[Asked], filters: list[Asked], app: App, met: frozenset[str]
) -> tuple[Declaration, ...]:
    known = {id(a.statement): a for a in (*asked, *filters)}
    found: list[Declaration] = []
    for statement in said:
        if statement.effect in ("anonymous", "marker"):
            found.append(_declared(statement, (), True))
        elif id(statement) in known:
            asking = known[id(statement)]
            found.append(_declared(statement, asking.needs, asking.opens))
    if app.fallback is not None and any(s.effect == "anonymous" for s in said):
        found.append(_declared(app.fallback, _asked(app.fallback, app, met).needs))
    return tuple(found)
