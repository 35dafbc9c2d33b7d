"""What does a call give of which nothing is known but what went in?"""

from __future__ import annotations

from collections.abc import Sequence

from apiposture.analysis.flow.binding import harmless
from apiposture.analysis.flow.composition import ALL_KINDS
from apiposture.analysis.flow.frame import Frame
from apiposture.analysis.flow.labels import NONE, Labels
from apiposture.analysis.flow.members import is_contract
from apiposture.analysis.flow.values import ANSWERED, UNKNOWN, Value, cleaned, flat, merge, union, unshown
from apiposture.analysis.sensitive import does_for_others, may_be_object, shows_what_it_holds
from apiposture.analysis.words import words
from apiposture.model.ir import Argument, Module
from apiposture.program.types import Type


def passed_through(receiver: Value, args: Sequence[Value], does: str = "writes") -> Value:
    """What an unknown call gives: anything that went in may come out. What a service answers is no longer the caller's own choice."""
    if is_service(receiver) or (does != "writes" and _is_outside(receiver)):
        labels = merge(flat(v) for v in args if v.static is None)
        labels = {x: t for x, t in labels.items() if not (x.kind == "object" and x.path and x.path[-1].endswith(words().refers))}
        answered = {
            x.with_clean(x.clean | ANSWERED) if x.kind in ("param", "request") else x: t for x, t in unshown(labels).items()
        }
        return Value(answered, None, union((receiver.everything(), *(v.everything() for v in args))))
    values = (receiver, *args)
    given = merge(flat(harmless(v)) for v in args if v.static is None)
    if receiver.static is None and does != "writes":
        given = unshown(given)
    mine = _as_called(flat(receiver)) if receiver.static is None else NONE
    if receiver.type is not None and (receiver.type.decl is not None or receiver.type.args) and does != "writes":
        mine = unshown(mine)
    return Value(merge((mine, given)), None, union(v.everything() for v in values))


def _as_called(labels: Labels) -> Labels:
    """The labels of what a method is called on: what only its name takes for a secret text is an object, `self.session.post(url)`."""
    if not any(x.kind == "sensitive" for x in labels):
        return labels
    return {x: t for x, t in labels.items() if x.kind != "sensitive" or not x.path or not may_be_object(str(x.key), x.path[0])}


def is_service(receiver: Value) -> bool:
    """Is the receiver something that is called, not data? A service's own state says nothing about what it gives."""
    if receiver.type is not None and receiver.type.decl is not None and receiver.type.decl.is_interface:
        return True
    return bool(receiver.labels) and all(x.kind == "param" and x.key == -1 and x.path for x in receiver.labels)


def _is_outside(receiver: Value) -> bool:
    """Is it a library's service, that is asked: `_cache.GetString(key)`?"""
    return not receiver.labels and receiver.static is None and is_contract(receiver.type)


def kept_inside(module: Module, made: Value, receiver: Value, name: str) -> Value:
    """An object of a library's class shows nothing of what it was made with, unless it is an error, a message or a container; where each
    object has a text form of its own, that is certain of those alone that do something for others."""
    called_so = not shows_what_it_holds(name) if module.explicit_names else does_for_others(name)
    named_so = called_so and name[:1].isupper() and name.upper() != name
    if not named_so or not (receiver.static is None or isinstance(receiver.static, str)) or receiver.labels:
        return made
    return Value(unshown(made.labels), made.type, made.about, None, made.fields)


def one_of(frame: Frame, receiver: Value, name: str, answer: Value) -> Value:
    """What a class of the project's is asked for by a key is one of its objects: nothing in it is the caller's text."""
    holder = receiver.static
    is_asked = type(holder) is Type and holder.kind == "class" and frame.knowledge.does(name, "by-key")
    return cleaned(answer, ALL_KINDS) if is_asked else answer


def just_saved(frame: Frame, name: str, args: Sequence[tuple[Argument, Value]], answer: Value) -> Value:
    """What an object gives that is told to save what it holds (`form.save()`), or a store that makes one of what it is told
    (`create(**sent)`): the store says which one it is, and not who filled it in."""
    makes = frame.knowledge.does(name, "makes") and not any(arg.name in words().identifiers for arg, _ in args) and answer.fields is None
    saves = frame.knowledge.does(name, "saves") and all(arg.name is not None for arg, _ in args)
    if not answer.labels or not (makes or saves):
        return answer
    return answer.with_fields(dict.fromkeys(words().identifiers, UNKNOWN))


def answered(asked: Value) -> Value:
    """What another server answers to a request is no longer what the caller chose of it."""
    labels = {x.with_clean(x.clean | ANSWERED) if x.kind in ("param", "request") else x: t for x, t in unshown(asked.labels).items()}
    return Value(labels, None, asked.about)
