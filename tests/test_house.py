"""Does the code keep to the house's rules? DESIGN's spirit, as far as a machine can check it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import textwrap
import tomllib
from functools import cache
from pathlib import Path

import pytest

SRC = Path(__file__).resolve().parent.parent / "src"
HOUSE = SRC / "apiposture"
TOP = SRC.parent
MODULES = sorted(HOUSE.rglob("*.py"))
IDS = [module.relative_to(HOUSE).as_posix() for module in MODULES]

SHELVES = ("languages", "rules", "reports", "frameworks")
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "base", "engine", "manager", "misc"}
NETWORK = {
    "socket", "ssl", "http", "urllib.request", "urllib3", "requests", "httpx", "aiohttp", "ftplib", "smtplib", "poplib", "imaplib",
    "telnetlib", "xmlrpc", "socketserver", "asyncio", "websockets", "grpc", "paramiko", "webbrowser",
}  # fmt: skip
RUNS_CODE = {"eval", "exec", "compile", "__import__"}


@cache
def tree(module: Path) -> ast.Module:
    return ast.parse(module.read_text("utf-8"))


def imported(module: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and not node.level:
            found |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("module", MODULES, ids=IDS)
def test_a_module_opens_with_a_sentence(module: Path) -> None:
    if module.read_text("utf-8").strip():
        doc = ast.get_docstring(tree(module))
        assert doc, "says nothing about which question it answers"
        assert doc.split("\n\n")[0].rstrip().endswith((".", "?", ":")), "its first paragraph is no sentence"


@pytest.mark.parametrize("module", MODULES, ids=IDS)
def test_a_module_fits_its_noun(module: Path) -> None:
    assert len(module.read_text("utf-8").splitlines()) <= 400, "over 400 lines: a noun is missing"


@pytest.mark.parametrize("module", MODULES, ids=IDS)
def test_no_module_reaches_the_network(module: Path) -> None:
    names = imported(module)
    bad = {name for name in names if any(name == banned or name.startswith(f"{banned}.") for banned in NETWORK)}
    assert not bad


@pytest.mark.parametrize("module", MODULES, ids=IDS)
def test_nothing_scanned_can_be_run(module: Path) -> None:
    calls = {node.func.id for node in ast.walk(tree(module)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not calls & RUNS_CODE
    assert not imported(module) & {"pickle", "marshal", "shelve", "subprocess", "runpy", "yaml"}


@pytest.mark.parametrize("module", MODULES, ids=IDS)
def test_only_the_command_line_prints_or_exits(module: Path) -> None:
    if "cli" in module.relative_to(HOUSE).parts:
        return
    calls = {node.func.id for node in ast.walk(tree(module)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not calls & {"print", "exit", "quit", "input"}
    assert "sys.exit" not in module.read_text("utf-8")


def test_no_name_says_nothing() -> None:
    named = {part.removesuffix(".py") for module in MODULES for part in module.relative_to(HOUSE).parts}
    assert not named & BANNED_NAMES


def shelf_things() -> list[Path]:
    """What stands on a shelf by the shelf's own convention: a rule, a language, a report, a library's rows."""
    rules = [path for path in (HOUSE / "rules").iterdir() if re.fullmatch(r"AP\d{3}\.py", path.name)]
    rows = [*(HOUSE / "frameworks").rglob("*.toml"), *(HOUSE / "evidence" / "standards").glob("*.toml")]
    routing = [
        path
        for folder in (HOUSE / "frameworks").iterdir()
        if folder.is_dir()
        for path in folder.glob("*.py")
        if not path.name.startswith("_") and "find_endpoints" in path.read_text("utf-8")
    ]
    return sorted([*rules, *rows, *routing])


@pytest.mark.parametrize("thing", shelf_things(), ids=lambda path: path.relative_to(HOUSE).as_posix())
def test_a_thing_on_a_shelf_has_its_page(thing: Path) -> None:
    page = thing.with_suffix(".md")
    assert page.is_file(), f"'{page.name}' should stand beside it"
    assert page.read_text("utf-8").startswith("# "), "a page opens with its title"


def test_languages_and_reports_have_pages() -> None:
    from apiposture.languages import names as languages
    from apiposture.reports import names as reports

    assert languages()
    assert {"terminal", "json", "sarif", "markdown"} <= set(reports())


def test_a_rule_page_shows_what_it_finds_and_what_it_leaves() -> None:
    from apiposture.rules import catalogue, page

    silent = [rule.id for rule in catalogue() if f"expect: {rule.id}" not in page(rule.id)]
    assert not silent, f"these pages show no finding of their own rule: {silent}"


LANGUAGE_NAMES = re.compile(
    r"(?i)(?<![.\w])(c#|csharp|c_sharp|dotnet|asp\.?net\w*|entity framework|ef core"
    r"|python|django|flask|fastapi|java|spring|kotlin|typescript)\b"
)


ABOVE_LANGUAGES = [m for m in MODULES if m.relative_to(HOUSE).parts[0] in ("program", "analysis", "rules", "scan")]


@pytest.mark.parametrize("module", ABOVE_LANGUAGES, ids=lambda module: module.relative_to(HOUSE).as_posix())
def test_no_language_is_named_above_its_shelf(module: Path) -> None:
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and not _is_docstring(node, module):
            assert not LANGUAGE_NAMES.search(node.value), f"line {node.lineno}: {node.value!r}"
        if isinstance(node, (ast.Name, ast.Attribute, ast.FunctionDef, ast.ClassDef)):
            name = getattr(node, "id", None) or getattr(node, "attr", None) or getattr(node, "name", "")
            words = re.sub(r"([a-z])([A-Z])", r"\1 \2", name).replace("_", " ")
            assert not LANGUAGE_NAMES.search(words), f"line {node.lineno}: {name}"


def _is_docstring(node: ast.Constant, module: Path) -> bool:
    """A docstring may give an example from a language."""
    return any(
        isinstance(statement, ast.Expr) and statement.value is node
        for parent in ast.walk(tree(module))
        if isinstance(parent, (ast.Module, ast.ClassDef, ast.FunctionDef))
        for statement in parent.body
    )


def committed() -> list[Path]:
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=TOP, capture_output=True, check=True).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git work tree")
    return [TOP / name for name in listed.split("\0") if name and (TOP / name).is_file()]


def test_nothing_committed_knows_this_machine() -> None:
    paths = re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+|opt/(?:wheels|pypi))/")
    hosts = re.compile(r"(?i)(?:pypi\.org|pythonhosted|/simple/?\s|--(?:extra-)?index-url|--find-links|--trusted-host)")
    bad = []
    for file in committed():
        text = file.read_text("utf-8", "replace")
        if file.suffix in (".py", ".toml", ".txt", ".md", ".json", ".cs", "") and not file.match("tests/test_house.py"):
            bad += [f"{file.name}: {match[0]}" for match in paths.finditer(text)]
        if file.name.startswith("requirements"):
            bad += [f"{file.name}: {match[0]}" for match in hosts.finditer(text)]
    assert not bad


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-docs.txt", "requirements-evidence.txt"])
def test_every_requirement_is_locked(name: str) -> None:
    entries = re.split(r"\n(?=\S)", (TOP / name).read_text("utf-8").strip())
    assert entries
    for entry in entries:
        assert re.match(r"[\w.-]+==[\w.]+", entry), entry
        assert "--hash=sha256:" in entry, entry


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", textwrap.dedent(code)]
    return subprocess.run(command, capture_output=True, text=True, cwd=TOP, env={"PYTHONPATH": str(SRC)})


def test_a_whole_scan_needs_no_network(tmp_path: Path) -> None:
    """With every way to a socket blocked, in a process of its own, workers included."""
    done = run_python(f"""
        import os, socket, sys
        def blocked(*args, **kwargs):
            raise AssertionError("a socket was asked for")
        socket.socket = socket.create_connection = socket.getaddrinfo = blocked
        sys.addaudithook(lambda event, args: blocked() if event in ("socket.connect", "socket.getaddrinfo", "socket.bind") else None)
        os.environ["APIPOSTURE_CACHE_DIR"] = {str(tmp_path)!r}
        from apiposture.cli import run
        from apiposture.scan import workers
        workers.FEW_FILES = workers.FEW_BYTES = 0
        sys.exit(run(["scan", "samples/orders-aspnetcore", "--fail-on", "none", "--format", "json", "--jobs", "2"]))
    """)
    assert done.returncode == 0, done.stderr
    assert '"findings"' in done.stdout


def test_the_command_starts_light() -> None:
    """What only a scan needs is loaded by a scan: `--version` and completion are instant."""
    done = run_python("""
        import sys
        import apiposture.cli
        heavy = ("rich", "tree_sitter", "msgspec", "pathspec", "multiprocessing", "apiposture.scan")
        print([name for name in heavy if name in sys.modules])
    """)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_an_unchanged_tree_loads_little(tmp_path: Path) -> None:
    """What only reads code, rows, archives or settings is not loaded where all is remembered (decisions/0036)."""
    code = f"""
        import os, sys
        os.environ["APIPOSTURE_CACHE_DIR"] = {str(tmp_path)!r}
        from apiposture.cli import run
        run(["scan", "samples/orders-aspnetcore", "--fail-on", "none", "--output", os.devnull])
        heavy = ("tree_sitter", "tomllib", "zipfile", "tempfile", "difflib", "multiprocessing", "rich", "apiposture.scan.together")
        print([name for name in heavy if name in sys.modules])
    """
    first, again = run_python(code), run_python(code)
    assert "tree_sitter" in first.stdout, first.stdout + first.stderr
    assert again.stdout.strip() == "[]", again.stdout + again.stderr


@pytest.mark.parametrize("folder", ["changes", "decisions"])
def test_a_number_is_given_once(folder: str) -> None:
    numbers = [file.name[:4] for file in (TOP / folder).glob("[0-9]*.md")]
    assert numbers
    assert sorted(numbers) == sorted(set(numbers))


@cache
def _compiled() -> tuple[Path, ...]:
    settings = tomllib.loads((TOP / "pyproject.toml").read_text("utf-8"))
    hook = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["hooks"]["mypyc"]
    found, left_out = ({path for each in hook[kind] for path in TOP.glob(each.lstrip("/"))} for kind in ("include", "exclude"))
    return tuple(sorted(path for path in found - left_out if path.name != "__init__.py"))


@pytest.mark.parametrize("module", _compiled(), ids=lambda path: path.relative_to(TOP).as_posix())
def test_a_compiled_module_keeps_its_constants(module: Path) -> None:
    """A constant that nobody may set anew is read from its place; any other name is looked up each time (decisions/0055)."""
    told = [node for node in ast.parse(module.read_text("utf-8")).body if isinstance(node, ast.Assign | ast.AnnAssign)]
    constants = [node for node in told if isinstance(name := _only_target(node), ast.Name) and name.id.isupper() and name.id != "_T"]
    kept = [node for node in constants if isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation).startswith("Final")]
    assert [ast.unparse(node) for node in constants if node not in kept] == []


@pytest.mark.parametrize("module", _compiled(), ids=lambda path: path.relative_to(TOP).as_posix())
def test_a_compiled_module_defines_no_structs(module: Path) -> None:
    """What makes msgspec's structs quick is lost on a class that mypyc makes (decisions/0058)."""
    classes = [node for node in ast.walk(ast.parse(module.read_text("utf-8"))) if isinstance(node, ast.ClassDef)]
    assert [node.name for node in classes if any(ast.unparse(base).endswith("Struct") for base in node.bases)] == []


def _only_target(node: ast.Assign | ast.AnnAssign) -> ast.expr | None:
    return node.target if isinstance(node, ast.AnnAssign) else node.targets[0] if len(node.targets) == 1 else None
