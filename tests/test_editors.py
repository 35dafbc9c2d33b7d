"""Does the extension for VS Code hold together, and does it say in one sentence what keeps the server from starting?"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from apiposture import __version__

FOLDER = Path(__file__).resolve().parent.parent / "editors/vscode"
SCRIPTS = sorted(FOLDER.glob("*.js"))
MANIFEST = json.loads((FOLDER / "package.json").read_text("utf-8"))
NODE = pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")


def asked(expression: str) -> object:
    """What an expression over `launch` comes to."""
    script = f"const launch = require('./launch'); Promise.resolve({expression}).then((it) => console.log(JSON.stringify(it ?? null)))"
    done = subprocess.run(["node", "-e", script], cwd=FOLDER, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def hindrance(folder: Path, *command: str) -> object:
    """What keeps a command from serving."""
    return asked(f"launch.hindrance({json.dumps(command[0])}, {json.dumps(command[1:])}, {json.dumps(str(folder))})")


def test_what_the_manifest_names_is_there() -> None:
    assert (FOLDER / MANIFEST["main"]).is_file()
    assert (FOLDER / MANIFEST["icon"]).read_bytes().startswith(b"\x89PNG")
    assert __version__.startswith(MANIFEST["version"])
    code = (FOLDER / "extension.js").read_text("utf-8")
    named = re.findall(r'registerCommand\("([\w.]+)"', code)
    assert named == [each["command"] for each in MANIFEST["contributes"]["commands"]]
    assert [f"onLanguage:{each}" for each in json.loads(re.findall(r"LANGUAGES = (\[.*?\])", code)[0])] == MANIFEST["activationEvents"][:2]


def test_the_lock_is_of_this_manifest_and_names_no_index() -> None:
    text = (FOLDER / "package-lock.json").read_text("utf-8")
    lock = json.loads(text)["packages"]
    assert (lock[""]["version"], lock[""]["dependencies"]) == (MANIFEST["version"], MANIFEST["dependencies"])
    assert all("integrity" in package for name, package in lock.items() if name)
    assert "resolved" not in text
    assert "://" not in text


@NODE
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_the_scripts_are_scripts(script: Path) -> None:
    done = subprocess.run(["node", "--check", str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@NODE
def test_the_folders_own_environment_comes_before_the_path(tmp_path: Path) -> None:
    located = lambda command: asked(f"launch.located({json.dumps(command)}, {json.dumps(str(tmp_path))})")  # noqa: E731
    assert located("apiposture") == "apiposture"
    for environment in ("venv", ".venv"):
        own = tmp_path / environment / ("Scripts/apiposture.exe" if sys.platform == "win32" else "bin/apiposture")
        own.parent.mkdir(parents=True)
        own.touch()
        assert located("apiposture") == str(own)
    assert located("tools/apiposture") == str(tmp_path / "tools/apiposture")
    assert located(sys.executable) == sys.executable


@NODE
def test_one_sentence_says_what_is_wrong(tmp_path: Path) -> None:
    assert hindrance(tmp_path, sys.executable, "-c", "") is None
    absent = hindrance(tmp_path, "apiposture-of-nobody", "lsp")
    assert absent == (
        "ApiPosture is not installed here: there is no 'apiposture-of-nobody'. "
        "Run: pip install 'apiposture[lsp]', or say in 'apiposture.command' where it is."
    )
    told = "import sys; sys.stderr.write('warned\\nerror: It needs more.\\n'); sys.exit(2)"
    assert str(hindrance(tmp_path, sys.executable, "-c", told)).endswith("stopped at once: It needs more.")
    assert str(hindrance(tmp_path, sys.executable, "-c", "raise SystemExit(3)")).endswith("stopped at once: exit code 3")
