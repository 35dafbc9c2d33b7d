"""How is one scan shown or handed on?

The shelf's reports are found by listing the folder: each `<name>.py` with `<name>.md` beside it holds
`render(scan, options)`.
"""

import os
import re
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

from apiposture import shipped
from apiposture.model.scan import Scan
from apiposture.reports.options import Options

__all__ = ["Options", "is_report", "names", "page", "render"]


class ReportModule(Protocol):
    """What a file of this shelf must hold. `SIGN` is a pattern for how its reports begin."""

    SIGN: str

    def render(self, scan: Scan, options: Options) -> str:
        """The scan in this report's form, ending with a line end."""


@cache
def names() -> tuple[str, ...]:
    """The reports on the shelf, in the order of their names: a module without a page is none."""
    there = set(os.listdir(os.path.dirname(__file__)))
    return tuple(sorted(module.name for module in iter_modules(__path__) if f"{module.name}.md" in there))


def page(name: str) -> str:
    """The page of a report, as Markdown. A name that is not on the shelf is a KeyError."""
    if name not in names():
        raise KeyError(name)
    return shipped.text(__name__, f"{name}.md")


def is_report(text: str) -> bool:
    """Does a text begin as one of these reports does, so that it may be written over?"""
    return any(re.match(cast(ReportModule, import_module(f"{__name__}.{name}")).SIGN, text, re.DOTALL) for name in names())


def render(name: str, scan: Scan, options: Options | None = None) -> str:
    """The scan in the form of a report. A name that is not on the shelf is a KeyError."""
    if name not in names():
        raise KeyError(name)
    module = cast(ReportModule, import_module(f"{__name__}.{name}"))
    return module.render(scan, options or Options())
