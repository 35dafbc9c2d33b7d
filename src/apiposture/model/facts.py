"""What is known about a service's endpoints, data accesses, flows and secrets, whatever framework they were read from?

The waist between `frameworks` and `analysis` on one side and `rules` on the other.
"""

from msgspec import Struct

from apiposture.model.finding import Step
from apiposture.model.source import Place

POSTURES = ("public", "anonymous", "authenticated", "role", "policy", "unknown")
"""public: nothing declared. anonymous: declared open. role and policy: more than a login is needed. unknown: not resolved."""

OWN_LEVELS = ("handler", "endpoint")
"""The levels of declarations that speak of one endpoint alone."""


class Need(Struct, frozen=True):
    """One thing a caller must have: `kind` is role, policy, scope, claim, scheme or permission. `model` is the entity that a permission is
    for, where it is for one: it says nothing of others.
    """

    kind: str
    name: str
    model: str = ""


class Declaration(Struct, frozen=True):
    """One statement in the code about who may call. `level` is where it stands: handler (its own code), endpoint, type, base, group or
    application.

    `opens` marks a statement that lets everybody in; all others ask for a caller, with or without further needs.
    """

    level: str
    scope: str
    place: Place
    text: str
    needs: tuple[Need, ...] = ()
    opens: bool = False


class Posture(Struct, frozen=True):
    """Who may call an endpoint. `decided_by` is the line that decided it; None where nothing is declared anywhere.

    `declarations` are all statements that apply, nearest first; `why` is one sentence.
    """

    level: str
    why: str
    decided_by: Place | None = None
    needs: tuple[Need, ...] = ()
    inherited: bool = False
    declarations: tuple[Declaration, ...] = ()


class Binding(Struct, frozen=True):
    """Where a handler's parameter comes from: route, query, body, header, cookie, form, file, principal, service or unknown."""

    name: str
    source: str


class Check(Struct, frozen=True):
    """What ties an access to its caller: the proof line. `kind`: predicate, comparison, authorization, principal-key, membership,
    secret, shared-secret (with a service that calls).
    """

    kind: str
    place: Place
    text: str


class Endpoint(Struct, frozen=True):
    """One operation that can be called from outside. `method` is an HTTP verb, `*` (any), or CALL (hubs, gRPC, GraphQL).

    `route` starts with `/`; parameters stand in braces, without constraints. `handler` is the qualified name of the code that runs
    (`OrderController.GetOrder`), `place` its declaration. `style` is `controller`, `function`, `page`, `hub`, `grpc` or `graphql`;
    `grouped` tells whether a function-style endpoint belongs to an application or group with any authorization configured;
    `environments` is the declaration by which it answers in some environments only. `proof`: nobody is asked who calls, and the code
    asks for a secret wherever it changes or shows something.
    """

    method: str
    route: str
    framework: str
    handler: str
    place: Place
    posture: Posture
    bindings: tuple[Binding, ...] = ()
    style: str = "controller"
    changes_state: bool = False
    grouped: bool = False
    environments: Place | None = None
    proof: Check | None = None


class Ownership(Struct, frozen=True):
    """Is an entity somebody's? `owners` are the members that say whose (`UserId`), or the way there (`Order.UserId`)."""

    entity: str
    owned: bool
    owners: tuple[str, ...]
    why: str
    certainty: str
    place: Place | None = None


class Access(Struct, frozen=True):
    """One object read or changed by one endpoint. `endpoint` indexes Facts.endpoints.

    `operation`: read, list, update, delete, create, exists, link (something new is put beside it). `key` is the caller-chosen value's
    name in the endpoint, `key_source` its kind (route, query, body, header, cookie, form; empty where the caller chooses nothing).
    `trace` runs from source to access. `place` is the data access; `function` the qualified name of the function it stands in.
    `checks` empty means that nothing ties it to the caller on some path. `weak` are checks that were seen and do not count, each
    with its reason in the note. `narrowed`: the object itself must say that it is for others (a public flag).
    """

    endpoint: int
    entity: str
    operation: str
    key: str
    key_source: str
    place: Place
    call: str
    function: str
    trace: tuple[Step, ...]
    checks: tuple[Check, ...]
    certainty: str
    weak: tuple[Step, ...] = ()
    narrowed: bool = False


class Habit(Struct, frozen=True):
    """What an endpoint tells of what the program holds for private, beside its accesses. `endpoint` is an index.

    `kind`: `shown` (whoever knows a person's name is shown their record; `what` is the entity) or `asked` (a value that the caller
    chose was held against the caller; `what` is its name).
    """

    endpoint: int
    kind: str
    what: str


class Flow(Struct, frozen=True):
    """Request data that reaches an interpreter. `kind`: sql, nosql, command, code, template, ldap, xpath, path, probe, archive,
    ssrf, deserialization, xxe, reflection, log, header, redirect. `source_kind` is the kind of request data; `sink` is the call's text.

    `inherent` marks a sink that is unsafe in itself, whatever reaches it. `whole`: the text begins with the caller's choice, which is
    not only a part put behind something. `endpoint` is an index, or -1.
    """

    kind: str
    endpoint: int
    source: str
    source_kind: str
    sink: str
    place: Place
    function: str
    trace: tuple[Step, ...]
    certainty: str
    why: str = ""
    inherent: bool = False
    whole: bool = False


class Exposure(Struct, frozen=True):
    """A sensitive value that reaches a log. `what` are the members or variables, `kinds` their kinds in the taxonomy."""

    endpoint: int
    kinds: tuple[str, ...]
    what: tuple[str, ...]
    type: str
    sink: str
    place: Place
    function: str
    trace: tuple[Step, ...]
    certainty: str
    destinations: tuple[str, ...] = ()


class Disclosure(Struct, frozen=True):
    """What a stored record of a person keeps to know them by (a password, its hash), and an endpoint's answer shows.

    `entity` is the record's type, `what` its members that are shown, `whole` tells whether all of the record is written out. `place`
    is where the member is put into the answer or, for a whole record, the endpoint. `own`: it is the caller's own record.
    """

    endpoint: int
    entity: str
    what: tuple[str, ...]
    place: Place
    trace: tuple[Step, ...]
    certainty: str
    whole: bool = False
    own: bool = False


class Secret(Struct, frozen=True):
    """A credential written into a file. No field can hold the raw value: it is masked, and told apart by a keyed fingerprint. `used` is
    where the program takes it for one, if that is what tells it; `pieces` are where the rest of it stands, of one that is put together.
    """

    kind: str
    title: str
    place: Place
    masked: str
    fingerprint: str
    severity: str
    certainty: str
    context: str = ""
    why: str = ""
    used: Place | None = None
    pieces: tuple[Place, ...] = ()


class Remedy(Struct, frozen=True):
    """How a framework's code settles a rule: `text` is code with {entity}, {owner}, {key}... for the rule to fill. `files` are the ends of
    the names of the files that the code is for.
    """

    framework: str
    rule: str
    text: str
    when: str = ""
    files: tuple[str, ...] = ()


class Change(Struct, frozen=True):
    """A protection that an earlier state of the tree had, and this one lacks. `endpoint` indexes Facts.endpoints.

    `kind`: `opened` (a caller was needed, none is), `lowered` (more than a login was needed), `widened` (more roles will do), `dropped`
    (one of several needs is gone), `replaced` (another need stands there), `unresolved` (it can't be told any more), `untied` (an object
    was tied to its caller; `access` indexes Facts.accesses). `before` and `after` say in words what was and is asked for, `cause` where
    the earlier state declared it: a place in text that may be gone. `then` is how the endpoint was called, where that was otherwise.
    """

    endpoint: int
    kind: str
    before: str
    after: str
    cause: Place | None = None
    access: int = -1
    certainty: str = "high"
    then: str = ""


class Facts(Struct, frozen=True):
    """Everything that rules may know. `changes` is what became weaker since an earlier state; empty where there is none to compare with."""

    endpoints: tuple[Endpoint, ...] = ()
    accesses: tuple[Access, ...] = ()
    ownerships: tuple[Ownership, ...] = ()
    flows: tuple[Flow, ...] = ()
    exposures: tuple[Exposure, ...] = ()
    secrets: tuple[Secret, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    changes: tuple[Change, ...] = ()
    habits: tuple[Habit, ...] = ()
    disclosures: tuple[Disclosure, ...] = ()


class Datum(Struct, frozen=True):
    """A kind of sensitive data at one point of its life. `role`: `enters` (a request brings it), `stored` (a stored object holds it),
    `logged`, `leaves` (it is sent to another service).

    `what` are the members or values that hold it, `where` the endpoint, entity, log or client that has to do with it, `reached` the
    endpoints behind which that is (methods and routes).
    """

    kind: str
    role: str
    what: tuple[str, ...]
    where: str
    place: Place
    certainty: str
    reached: tuple[str, ...] = ()
