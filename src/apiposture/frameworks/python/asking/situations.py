"""In which situation is a function called, beside what it is given?"""

from __future__ import annotations

from typing import NamedTuple

from apiposture.frameworks.python.reading.objects import Fixed


class Situation(NamedTuple):
    """How a function is called whose caller shows no credential, and what becomes of its answer."""

    absent: frozenset[str] | None = None
    """Of the credentials, those that are nothing if none is sent; all, if that is not said."""
    onward: frozenset[str] = frozenset()
    """The parameters by which the call goes on to what the function stands before."""
    by_any: bool = False
    """An exception of any kind refuses, and so does all that does so `by_nothing`."""
    by_nothing: bool = False
    """An answer with nothing in it refuses where only the missing credential leads to it, and so does the end of the function where it did
    nothing for that caller."""
    view: frozenset[str] = frozenset()
    """The names of what the function stands before: who never comes there is refused, whatever the answer."""
    heeded: bool = True
    """What it returns is an answer to the caller."""
    guarded: frozenset[int] = frozenset()
    """Who comes to what it stands before by one of these calls is asked by others."""
    given: Fixed = ()
    """The values of names that are the same whoever calls."""
    sent: frozenset[str] = frozenset()
    """The credentials that are as they were sent."""
    filled: frozenset[str] = frozenset()
    """Those that hold something in any case."""
    trusting: bool = False
    """Whatever is sent is taken for what it says it is."""
    there: bool = False
    """Guests are users, too."""


PLAIN = Situation()
