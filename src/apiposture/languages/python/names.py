"""Which name stands for what elsewhere: the file's own dotted name, and its imports?

`a/b/c.py` is `a.b.c`, and `a/b/__init__.py` is `a.b`. A relative import is spelled out from there. What comes with the language itself
is imported by the kind `library`: no file of the program is meant, even if it is called like that.
"""

from __future__ import annotations

from typing import Final

from tree_sitter import Node

from apiposture.languages.python.dispatch import Lowering, field, ids, parts, text_at
from apiposture.model.ir import Import

_DOTTED: Final = ids("dotted_name")
_ALIASED: Final = ids("aliased_import")
_WILDCARD: Final = ids("wildcard_import")
_RELATIVE: Final = ids("relative_import")
_PREFIX: Final = ids("import_prefix")

LIBRARY: Final = frozenset(
    """__future__ _thread abc argparse array ast asyncio atexit base64 bdb binascii bisect builtins bz2 calendar cmath cmd code codecs
    collections colorsys compileall concurrent configparser contextlib contextvars copy copyreg csv ctypes curses dataclasses datetime dbm
    decimal difflib dis doctest email encodings enum errno faulthandler fcntl filecmp fileinput fnmatch fractions ftplib functools gc
    getopt getpass gettext glob graphlib grp gzip hashlib heapq hmac html http imaplib importlib inspect io ipaddress itertools json
    keyword linecache locale logging lzma mailbox marshal math mimetypes mmap multiprocessing netrc numbers operator optparse os pathlib
    pickle pkgutil platform plistlib poplib posixpath pprint pty pwd py_compile queue quopri random re readline reprlib resource rlcompleter
    runpy sched secrets select selectors shelve shlex shutil signal site smtplib socket socketserver sqlite3 ssl stat statistics string
    stringprep struct subprocess symtable sys sysconfig syslog tarfile tempfile termios textwrap threading time timeit tkinter token
    tokenize tomllib trace traceback tracemalloc tty types typing unicodedata unittest urllib uuid venv warnings wave weakref webbrowser
    winreg wsgiref xml xmlrpc zipapp zipfile zipimport zlib zoneinfo""".split()
)
"""The modules of the standard library. https://docs.python.org/3/py-modindex.html"""

BUILT_IN: Final = frozenset(
    """__import__ abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex delattr dict
    dir divmod enumerate eval exec execfile exit file filter float format frozenset getattr globals hasattr hash help hex id input int
    isinstance issubclass iter len list locals map max memoryview min next object oct open ord pow print property quit range raw_input
    repr reversed round set setattr slice sorted staticmethod str sum super tuple type unicode vars zip""".split()
)
"""Functions that need no import. https://docs.python.org/3/library/functions.html"""


def built_in(called: set[str]) -> list[Import]:
    """The built-in functions that a file calls, unless it brings its own by that name: they are imported from `builtins`."""
    return [Import(name, f"builtins.{name}", "library") for name in sorted(called & BUILT_IN)]


def package_of(path: str) -> tuple[str, str]:
    """The dotted name of the module at a path, and of the package that it stands in."""
    names = path.removesuffix(".pyw").removesuffix(".py").split("/")
    package = ".".join(name for name in names[:-1] if name)
    if names[-1] == "__init__":
        return package, package
    return (f"{package}.{names[-1]}" if package else names[-1]), package


def imports_of(c: Lowering, n: Node) -> list[Import]:
    """The names that one import statement brings."""
    if n.type == "import_statement":
        return [one for k in parts(n) if (one := _imported(c, k)) is not None]
    source = field(n, "module_name")
    if source is None:
        return []  # `from __future__`
    target = _absolute(c, source) if source.kind_id in _RELATIVE else _spelled(c, source)
    kind = "library" if target.partition(".")[0] in LIBRARY and source.kind_id not in _RELATIVE else "alias"
    if any(k.kind_id in _WILDCARD for k in n.children):
        return [Import("", target, "library" if kind == "library" else "package")]
    found: list[Import] = []
    for k in n.children_by_field_name("name"):
        name, alias = _named(c, k)
        found.append(Import(alias or name, f"{target}.{name}" if target else name, kind))
    return found


def _imported(c: Lowering, n: Node) -> Import | None:
    """`import a.b` brings `a`, `import a.b as c` brings `a.b`."""
    if n.kind_id not in _DOTTED and n.kind_id not in _ALIASED:
        return None
    name, alias = _named(c, n)
    first = name.partition(".")[0]
    kind = "library" if first in LIBRARY else "alias"
    return Import(alias, name, kind) if alias else Import(first, first, kind)


def _named(c: Lowering, n: Node) -> tuple[str, str]:
    if n.kind_id in _ALIASED:
        name, alias = field(n, "name"), field(n, "alias")
        return _spelled(c, name) if name is not None else "", text_at(c, alias) if alias is not None else ""
    return _spelled(c, n), ""


def _spelled(c: Lowering, n: Node) -> str:
    return "".join(text_at(c, n).split())


def _absolute(c: Lowering, n: Node) -> str:
    """A relative module name from the top: each dot behind the first goes one package up."""
    prefix = next((k for k in n.children if k.kind_id in _PREFIX), None)
    up = text_at(c, prefix).count(".") - 1 if prefix is not None else 0
    names = c.parent.split(".") if c.parent else []
    names = names[: len(names) - up] if up else names
    rest = next((k for k in n.children if k.kind_id in _DOTTED), None)
    if rest is not None:
        names.append(_spelled(c, rest))
    return ".".join(names)
