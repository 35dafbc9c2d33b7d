"""What may a row of library knowledge say?

Every `.toml` below `frameworks/<language>/` holds rows of the kinds below. In a `call`, `Type.Name` is a member
function of the type or of whatever extends it, `Type.new` its constructor, `Type.Name=` setting a property; `*.Name`
holds whatever the receiver is (low certainty where its type is unknown). An extension is called on its receiver, which
is not counted among the arguments. In the files `Type.{A,B}` stands for one row each (`{C,D}.A` too); they are spelled
out when the file is read.

`at` says where: `arg:0` (by position), `arg:name` (by name), `arg:0/name` (by name or, failing that, by position),
`arg:*` (all), `arg:-1` (the last), `args:1+` (from the second on), `receiver`, `field:Name` (of an initialiser). `Type.Name=` also
holds for an initialiser that sets the member, and its `arg:0` is the value. Types are simple names; `{0}` in a type is
the first type argument of the receiver (`IQueryable<{0}>`). `unless` and `needs` are looked for among the names, dotted
members and literals that the call's arguments are written with (`true` and `false` in lower case). `vocabulary.py` holds the
words that each key may use.
"""

from __future__ import annotations

from msgspec import Struct


class Row(Struct, frozen=True, forbid_unknown_fields=True):
    """What all rows share: where the fact comes from."""


class Sink(Row, frozen=True):
    """Untrusted data must not get here. `inherent`: unsafe whatever gets there.

    `unless`: texts in the call, any of which makes it safe (`$` is an interpolated text as an argument). `needs`: texts, one of which must
    stand in the call to make it a sink at all. `type`: only a value of this type counts, or one whose type is not known (the same call also
    takes something harmless). `settings`: only where one of these is switched on at what stands at `of`. `item`: this one of a list.
    """

    call: str
    at: str
    kind: str
    why: str
    inherent: bool = False
    certainty: str = "high"
    unless: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    type: str = ""
    settings: tuple[str, ...] = ()
    of: str = ""
    item: int = -1


class Log(Row, frozen=True):
    """What is passed here ends up in a log. `level` is the log level where the name says it. `terminal`: it is shown to whoever runs the
    program, which is no log in a function that somebody runs by hand."""

    call: str
    at: str
    why: str
    level: str = ""
    terminal: bool = False


class Source(Row, frozen=True):
    """Request data comes from here: a member that is read, or the result of a call. `kind` as in `Binding.source`. `shows`: what is there
    is sensitive as a whole, and of this kind."""

    kind: str
    why: str
    member: str = ""
    call: str = ""
    type: str = ""
    shows: str = ""


class Principal(Row, frozen=True):
    """The caller's verified identity comes from here: a member, the result of a call, or any value of a type. A call in which all words of
    one of the texts `unless` stand verifies nothing."""

    why: str
    member: str = ""
    call: str = ""
    type: str = ""
    unless: tuple[str, ...] = ()


class Clean(Row, frozen=True):
    """The call's result, or a member when it is read, is harmless for these kinds of sink (`*` for all).

    With `guard`, a true answer cleans its arguments (where the call holds one of the texts `says`, if there are any); with
    `refuses`, a false one does where one of these texts stands in the call (`*`: whatever stands there); with `exists`, an
    answer that is there; with `insists`, the call's coming back cleans its receiver. `whole`: a pattern among the arguments must
    speak of the whole text (`^...$`), unless the call itself holds it to the text's beginning or to both ends (`holds`). `keeps`: the
    pattern must take out all but letters, digits and the like (`[^a-z0-9]`). `within`: the project's own function that makes this call
    takes out what is dangerous, and its result is harmless; with `needs`, all of these texts stand in the function or in a field that
    it uses. `at`: only these values of the call become harmless; `item`: only what stands at this place of its result. It stays the
    caller's choice: as the key of an object it counts as before. `needs`: one of these texts stands in the first argument, and none of
    `unless` in the others.

    Besides kinds of sink a value has marks: `full-path`, `no-parent` (there is no `..` in it), `no-root` (it is behind something, or
    begins with no slash), `behind` (it was to stand behind something), `own-address` (only where the application shows it is left of an
    object), `own-host` (the site that was asked: nobody's choice of an object), `own-path` (nor is this, beside that), `exposure` (it shows
    no secret that it comes from), `sealed` or `signed` (the service, or whom it trusts, made it), `keyed`; `no-parent` and `no-root` make
    it harmless as a path. Of a text that `opens-single`, `closes-single` and has `no-single`, code makes a literal; so in double quotes."""

    kinds: tuple[str, ...]
    why: str
    call: str = ""
    member: str = ""
    guard: bool = False
    refuses: tuple[str, ...] = ()
    exists: bool = False
    insists: bool = False
    item: int = -1
    whole: bool = False
    holds: str = ""
    keeps: bool = False
    within: bool = False
    at: str = ""
    says: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


class Authorization(Row, frozen=True):
    """The call asks whether a principal may do something to a resource. `honoured` is the member of the result that
    says yes, empty where the result itself does, `throws` where the call raises on a refusal. Without `resource` it
    decides about the caller only."""

    call: str
    principal: str
    why: str
    resource: str = ""
    honoured: str = ""


class Query(Row, frozen=True):
    """A step of a query that is not run yet. `does`: filter (a predicate), project (a selector), join, union, order, pass,
    narrow (one owner's), sql (its text selects), unfilter (filters of the model no longer hold), untrack (what is set on
    what it finds is not stored), model (declares a filter of the model),
    of (the query that it is given, to be run), fold (the query that it begins with), folds (a list of queries, joined by the function that
    it is given first), nothing (no object at all); all and any join the conditions that they are given, not turns one round.
    """

    call: str
    does: str
    at: str = "arg:0"


class AccessRow(Row, frozen=True):
    """The call reads or changes stored objects. `operation` as in facts.Access.

    `entity`: `receiver` (the receiver's type argument, the last), `{0}` (the first type argument of the type that the row speaks of),
    `type-arg:0`, `arg:0` (the argument's type), `named` (from words in the call), `written` (in the text of SQL that comes first, which
    says as well what is done, and by which key). `key`: where the key stands (as in `at`);
    `predicate:0` is a lambda that compares with it; `sql:0` is SQL text; `object:1` an object whose members are parameters; `entity:0`
    the stored object itself, loaded before or built here; `filter:0` a filter object of a driver (built by calls that are query steps,
    or a document); `specification:0` an object whose constructor holds query steps; `receiver` nothing but the steps of the receiver.
    `without:defaults` leaves an argument of that name out. Several stand one after another with spaces between them. The steps of a query
    that is the receiver always count. `kept`: the receiver is a collection in memory; it counts where it is a member of what is called, and
    so outlives the call, and where what it holds has an identifier. `insists`: it does not come back where there is no such row.
    `or_made`: where there is none it makes one, and gives a pair: the object, and whether it was made. `new_by`: an argument of this name
    says by being there that nothing but something new is stored.
    """

    call: str
    operation: str
    entity: str
    key: str
    why: str
    certainty: str = "high"
    kept: bool = False
    insists: bool = False
    or_made: bool = False
    new_by: str = ""


class Returns(Row, frozen=True):
    """The type of a call's result: a name, `receiver`, `self` (the receiver as it is, whatever the arguments), `element` (the
    receiver's type argument), `list` (of them), `{0}` (the first type argument of the type that the row speaks of), `column` (the type
    that one of its arguments names), `refers` (the first one, be it as a text: `shop.Order`), `mirrors` (the same, one for each),
    `given:0` (what the function that is passed gives), `type-arg:0`, `arg:0`, `lambda:0` (what the lambda returns), `list:lambda:0`,
    `list:type-arg:0`, `each:lambda:0` (an item of it), `template` (a text whose holes the other arguments fill), or a generic type of
    one of these (`IQueryable<type-arg:0>`). `members` are those of the result that are known, each with its place in the call. What
    stands at `without` is no part of it (a text that is replaced); what it was made of may be `loses`, it is not (`no-parent`)."""

    call: str
    type: str
    members: dict[str, str] = {}
    without: str = ""
    loses: tuple[str, ...] = ()


class TypeRow(Row, frozen=True):
    """A library's type: what it extends, and the types of its members as far as they matter. A base takes over the type's own arguments.
    `param`: what a parameter of this name holds where nothing says its type. `foreign`: its name is so common that a type which the program
    declares under it is another one. `tells`: the member that shows of each of several what all of them show, or what a field holds;
    `apart`: those that give what all fields hold."""

    name: str
    bases: tuple[str, ...] = ()
    members: dict[str, str] = {}
    param: str = ""
    foreign: bool = False
    tells: str = ""
    apart: tuple[str, ...] = ()


class Dispatch(Row, frozen=True):
    """The call hands its first argument to whatever implements `handler` for the argument's type, by calling `method`; `*Handler` are
    all types of such a name that take it."""

    call: str
    handler: str
    method: str
    why: str


class Register(Row, frozen=True):
    """A call that tells a container which implementation stands behind a service."""

    call: str
    why: str


class End(Row, frozen=True):
    """The call never comes back: it answers the request, or ends the process."""

    call: str
    why: str


class Setting(Row, frozen=True):
    """The call gives a setting of the deployment; what stands at `default` where nobody set it."""

    call: str
    default: str
    why: str


class Mark(Row, frozen=True):
    """What an annotation says: `logs` (the function logs its arguments; its body is written by the compiler), `hidden` (the member is
    kept out of logs), `unwritten` (the member is left out where an object is written out), `unstored` (the member is filled in for whoever
    reads it, and no store keeps it), `pattern` (what is bound must match its first argument), `terminal` (somebody runs the function by
    hand, at a terminal), `checks` (the function looks at the members that it names when an object is made), `writes-pattern` (the compiler
    makes a pattern of its first argument), `validates` (what breaks such rules is refused before a function of the type is called), or
    `refuses` (what does not match the pattern that it is given, by one of the names `given`, comes to no function).
    """

    annotation: str
    says: str
    why: str
    given: tuple[str, ...] = ()


class Cell(Row, frozen=True):
    """The call reaches into a container. `does`: `put` (keeps `value` under `key`), `get` (gives what is kept there), `append` (puts it
    behind all others), `insert` (before the place `key`), `take` (gives the item at the place `key`, or the last, and removes it), or
    `mix` (puts something in or changes the order: nobody knows what stands where). A key of several parts stands at several places.
    """

    call: str
    does: str
    why: str
    key: tuple[str, ...] = ()
    value: str = "arg:0"


class Nature(Row, frozen=True):
    """What the values of a library's type are. `says`: `holds` (on to something outside: a connection, a service), `empty` (nothing of the
    caller's is in it), `prints` (its text form shows its members), `reports` (that of its heirs tells what happened, and none of their
    members), `upload` (it is itself a part of the request), `anything` (values of all types fit), `stored` (its heirs, or the type of its
    items, are kept in a database), `stands-in` (for what the function gives that it was made of, asked anew each time), `unchanging` (its
    members are for good what they were made with), `written-to` (functions that it is given to write into it), `leads-away` (an answer that
    shows nothing of the object whose method gives it: a refusal, a redirect), `truth` (true or false), `unwritten` (what is yet to be
    written raises it), `spells` (its members are texts of the words they are called by), `container` (it has what is put into it),
    `address` (the parts of one), `of-environment` (its members are read from there), or `goes-through` (it has a query gone through)."""

    name: str
    says: str
    why: str


class Client(Row, frozen=True):
    """What is known of clients that are registered under a name. `does`: `client` (`call` is the constructor of the client's type),
    `register` (names one; what follows in the chain shapes it), `make` (gives the one of that name), `handle` (puts code before
    it), `plain` (shapes it in other ways), `resolve` (gives the addresses behind a host).
    """

    call: str
    does: str
    why: str


class Idiom(Row, frozen=True):
    """What methods of this name do, whatever they are called on; a `*` at the end stands for any end of the name. `says`:

    - `writes`: its result shows what was given (of other methods of an object it is an answer about that), `takes-apart`: member by member
    - `answers`: it makes a value of what it is given, and no more; `runs` (or `runs-second`): it calls its first argument with the others
    - `looks-up`: it gives what a collection holds under a name, `by-key`: the key is its only argument, and no part of what is found
    - `made-for-key`: the function that it is handed makes what stands under its first argument; `begins`: it gives all that its store holds
    - `insists`: it gives an item, or throws; `takes-out`: its receiver no more holds what stood under the name that it is given
    - `projects`: it gives what its one lambda makes of each item; `narrows`: it gives the items that its lambda chooses
    - `selects`: it gives the items that its named arguments choose, which are no part of them; `counts`: it tells how many there are
    - `converts`: a function that makes a number of its argument; `called-back`: an argument that names those who refer to a type
    - `loosens`: the ending of a condition's name by which it holds for other values as well, `orders`: for those before or behind it,
      `is-nothing`: for no value at all
    - `equals`: in a condition, its receiver is what it is given
    - `of-several`: in a condition, as a call or the ending of a name, it asks whether something is among those that it is given
    - `makes`: it puts a new item into its receiver, whose members are its named arguments, `to-several`: a column of many to many
    - `member-of`: the argument is among what the receiver holds, `any-of`: so is one that a lambda tells
    - `some-of`: it tells whether its lambda says yes of one item at least, `all-of`: of every item
    - `has-member`: a function that tells whether its first argument has a member of the name that its second is
    - `seeks`: it gives the position of the argument, or -1; `looks`: it looks at a text closely; `goes-out`: it looks at the world outside
    - `saves`: it stores what was changed in memory, `fills`: it puts its arguments into the receiver, `asks-end`: it asks how a text ends
    - `host`: a member that is an address's host, `beside-host`: another part, `none`: nothing's identifier; it asks `is-empty`; `verifies`:
      whether a secret fits, `same-time`: it compares them; `status`: an argument, an answer's; `form`: a member, its object in another form
    """

    name: str
    says: str


class Unread(Row, frozen=True):
    """A framework that is known by name alone: what it serves is not found, and a scan of code that uses it says so. `package` is what
    such code imports."""

    name: str
    package: str
    why: str


class Wrapper(Row, frozen=True):
    """A generic type that only carries its argument: `Task<Order>` is an Order as far as data goes. `members` give what it carries."""

    name: str
    members: tuple[str, ...] = ()


class Person(Row, frozen=True):
    """A library's type for somebody who can log in or own things."""

    name: str
    why: str


class RemedyRow(Row, frozen=True):
    """How code settles a rule; {entity}, {owner}, {key}, {variable} are filled in. `when` narrows it (a sink kind,
    an operation).
    """

    rule: str
    text: str
    when: str = ""


class Rewrite(Row, frozen=True):
    """How a piece of code that a rule speaks about is written so that the rule has nothing to say, and does the same otherwise.

    `pattern` is a regular expression for the code at the finding's place (from its beginning), `text` what stands there instead, with the
    pattern's groups in braces. A group `text` is an interpolated text whose holes become parameters: quotes straight around a hole go
    away, and where a hole is only a part of a quoted value nothing is rewritten. With `hole` all of them must be in quotes; that stands
    for each of them, and `{values}` is what was in them, as texts. `within` is a regular expression for the file: where it is not
    found, nothing is rewritten.
    """

    rule: str
    pattern: str
    text: str
    why: str
    hole: str = ""
    within: str = ""


class Declare(Row, frozen=True):
    """What is written above an endpoint of a style so that it asks for a caller. `imports` is a line that the file then needs. It is done
    only where somebody asks for it: behaviour changes."""

    rule: str
    style: str
    text: str
    imports: str
    why: str


class Destination(Row, frozen=True):
    """A package, or a key of a settings file, that shows where logs go."""

    name: str
    package: str = ""
    setting: str = ""
