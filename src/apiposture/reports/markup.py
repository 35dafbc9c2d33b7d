"""How is a page made so that no text can become part of its markup?

Everything that goes into an element is escaped, unless this module made it.
"""

from html import escape

from apiposture.reports.text import visible

VOID = {"meta", "input", "br"}
"""Elements that hold nothing."""


class Markup(str):
    """Text that is markup already, because `tag` made it."""

    __slots__ = ()


def tag(name: str, /, *children: "str | Markup | None", **attributes: "str | int | bool | None") -> Markup:
    """An element. Attributes are written `class_`, `data_rule`; True is an attribute without a value, False and None are left out."""
    words = [name]
    for key, value in attributes.items():
        spelled = key.rstrip("_").replace("_", "-")
        if value is True:
            words.append(spelled)
        elif value is not False and value is not None:
            words.append(f'{spelled}="{escape(visible(str(value)), quote=True)}"')
    inside = "".join(plain(child) for child in children if child is not None)
    return Markup(f"<{' '.join(words)}>" + ("" if name in VOID else f"{inside}</{name}>"))


def plain(child: "str | Markup") -> Markup:
    """A child as markup: text is shown, never read."""
    return child if isinstance(child, Markup) else Markup(escape(visible(child), quote=False))


def joined(*children: "str | Markup | None") -> Markup:
    """Several children one after the other."""
    return Markup("".join(plain(child) for child in children if child is not None))


def verbatim(text: str) -> Markup:
    """What stands in a style or script element: our own text, which must not close it."""
    if "</" in text:
        raise ValueError("text of a style or script element must hold no end tag")
    return Markup(text)
