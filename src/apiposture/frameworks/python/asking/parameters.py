"""Which parameters of a FastAPI function hold a credential, and what is known of each where none is sent?"""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct

from apiposture.frameworks.python.asking.bodies import judge
from apiposture.frameworks.python.asking.situations import Situation
from apiposture.frameworks.python.asking.verdicts import Verdict
from apiposture.frameworks.python.reading.objects import Fixed, Objects
from apiposture.model import ir
from apiposture.model.facts import Need
from apiposture.program import walk
from apiposture.program.types import Routine

MARKERS = {"Path": "route", "Query": "query", "Header": "header", "Cookie": "cookie", "Body": "body", "Form": "form", "File": "file"}


class Asked(Struct, frozen=True, eq=False):
    """What a dependency asks: `effect` is `asks`, `nothing` or `unknown`. `identity` says that its value is the caller; `sends` that this
    is as it was sent, which others may look at; `fills` that its value is there for guests as well.
    """

    effect: str
    needs: tuple[Need, ...] = ()
    why: str = ""
    identity: bool = False
    sends: bool = False
    fills: bool = False

    @property
    def demands(self) -> bool:
        """Does it ask for something to be sent, whatever that is?"""
        return self.sends and self.effect == "unknown"


NOTHING = Asked("nothing")
SENDS = "something has to be sent, but nobody is seen to ask what it says"


class Held(NamedTuple):
    """The parameters of one function that hold a credential, each with whether it may be left out; those of them that are as they were
    sent, those that hold something in any case, and what is the same whoever calls. `demanded`: has one of them to be sent?
    """

    credentials: dict[str, bool]
    given: Fixed = ()
    sent: frozenset[str] = frozenset()
    filled: frozenset[str] = frozenset()
    demanded: bool = False

    def with_dependency(self, name: str, asked: Asked) -> Held:
        """With what another dependency gives."""
        if not asked.identity:
            return self
        found = self._replace(credentials=self.credentials | {name: asked.effect != "asks" and not asked.demands})
        if asked.sends:
            found = found._replace(sent=self.sent | {name}, demanded=self.demanded or asked.demands)
        return found._replace(filled=self.filled | {name}) if asked.fills else found

    def with_header(self, param: ir.Param) -> Held:
        """With what a header or a cookie holds."""
        credentials = self.credentials | {param.name: optional(param)}
        return self._replace(credentials=credentials, given=self.given + default_of(param), sent=self.sent | {param.name})

    def told(self, names: dict[str, bool]) -> Held:
        """With what is told in the request by names for a proof."""
        return self._replace(credentials=self.credentials | names)

    def judged(self, objects: Objects, routine: Routine, requests: frozenset[str], heeded: bool, trusting: bool = False) -> Verdict:
        """What a function does with a caller who shows none of them."""
        absent = frozenset(name for name, may_be_absent in self.credentials.items() if may_be_absent and name not in self.filled)
        names = frozenset(self.credentials)
        situation = Situation(absent, heeded=heeded, trusting=trusting, given=self.given, sent=self.sent, filled=self.filled)
        return judge(objects, routine, names, requests, situation)


def marker(param: ir.Param) -> str:
    """Where `Header()`, `Query()` and the like say that a parameter comes from; empty where nothing says so."""
    written = [one.name for one in param.annotations]
    if type(param.default) is ir.Call:
        written.append(walk.called_name(param.default))
    if param.type is not None and param.type.args:  # `Query[Filters]`
        written.append(param.type.name)
    return next((MARKERS[last] for name in written if (last := name.rpartition(".")[2]) in MARKERS), "")


def optional(param: ir.Param) -> bool:
    """May the caller leave the parameter out?"""
    default = param.default
    if type(default) is ir.Call:
        first = walk.argument(default, 0, "default")
        return type(first) is ir.Literal and not first.value
    return default is not None and not (type(default) is ir.Name and default.id == "Ellipsis")


def default_of(param: ir.Param) -> Fixed:
    """What a parameter holds where the caller leaves it out: `name: str = Header("guest")`."""
    default = param.default
    value = walk.argument(default, 0, "default") if type(default) is ir.Call else default
    return ((param.name, value.value),) if isinstance(value, ir.Literal) and value.value else ()
