"""Does the language server show findings with their way, explain them, and offer to accept them, as an editor would ask?"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

pytest.importorskip("pygls")

TOP = Path(__file__).resolve().parents[3]
CONTROLLER = "Controllers/OrderController.cs"
PATIENCE = 60.0


class Editor:
    """A client that speaks just enough of the protocol."""

    def __init__(self, root: Path) -> None:
        self.root = root
        around = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TOP / "src"), os.environ.get("PYTHONPATH", "")])}
        command = [sys.executable, "-m", "apiposture", "lsp"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=around)
        self.messages: Queue[dict[str, Any]] = Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self.count = 0

    def _read(self) -> None:
        out = self.process.stdout
        assert out is not None
        while line := out.readline():
            if line.lower().startswith(b"content-length:"):
                size = int(line.split(b":")[1])
                while out.readline().strip():
                    pass
                self.messages.put(json.loads(out.read(size)))

    def send(self, method: str, params: Any, asked: bool = False) -> int:
        self.count += asked
        self._write({"method": method, "params": params} | ({"id": self.count} if asked else {}))
        return self.count

    def answer(self, question: dict[str, Any]) -> None:
        self._write({"id": question["id"], "result": None})

    def _write(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0"} | message).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def ask(self, method: str, params: Any) -> Any:
        number = self.send(method, params, asked=True)
        while True:
            message = self.messages.get(timeout=PATIENCE)
            if message.get("id") == number and "method" not in message:
                assert "error" not in message, message
                return message["result"]

    def shown(self, path: str) -> list[dict[str, Any]]:
        """The next diagnostics of a file."""
        while True:
            message = self.messages.get(timeout=PATIENCE)
            if message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == self.uri(path):
                found: list[dict[str, Any]] = message["params"]["diagnostics"]
                return found

    def heard(self, method: str) -> dict[str, Any]:
        """The next message of this kind."""
        while True:
            message = self.messages.get(timeout=PATIENCE)
            if message.get("method") == method:
                return message

    def uri(self, path: str) -> str:
        return (self.root / path).as_uri()


@pytest.fixture
def editor(tmp_path: Path) -> Iterator[Editor]:
    root = tmp_path / "shop"
    shutil.copytree(TOP / "samples/orders-aspnetcore", root)
    one = Editor(root)
    one.ask("initialize", {"processId": None, "rootUri": root.as_uri(), "capabilities": {}})
    one.send("initialized", {})
    yield one
    one.process.kill()
    one.process.wait()


def rules(diagnostics: list[dict[str, Any]]) -> list[str]:
    return [each["code"] for each in diagnostics]


def test_an_editing_session(editor: Editor) -> None:
    (bola,) = editor.shown(CONTROLLER)
    assert (bola["code"], bola["severity"], bola["source"]) == ("AP101", 1, "apiposture")
    assert bola["range"] == {"start": {"line": 23, "character": 26}, "end": {"line": 23, "character": 50}}
    related = [(each["location"]["range"]["start"]["line"], each["message"]) for each in bola["relatedInformation"]]
    assert (21, "the caller chooses 'id' (route)") in related

    text = (editor.root / CONTROLLER).read_text("utf-8")
    document = {"uri": editor.uri(CONTROLLER), "languageId": "csharp", "version": 1, "text": text}
    editor.send("textDocument/didOpen", {"textDocument": document})
    mended = text.replace(
        "await _db.Orders.FindAsync(id);\n        return Ok(order)",
        "await _db.Orders.FirstAsync(o => o.Id == id && o.UserId == UserId);\n        return Ok(order)",
    )
    assert mended != text
    change = {"textDocument": {"uri": editor.uri(CONTROLLER), "version": 2}, "contentChanges": [{"text": mended}]}
    editor.send("textDocument/didChange", change)
    while rules(editor.shown(CONTROLLER)):
        pass
    editor.send("textDocument/didClose", {"textDocument": {"uri": editor.uri(CONTROLLER)}})
    while not rules(editor.shown(CONTROLLER)):
        pass

    at = {"textDocument": {"uri": editor.uri(CONTROLLER)}, "position": {"line": 23, "character": 30}}
    hover = editor.ask("textDocument/hover", at)["contents"]
    assert hover["kind"] == "markdown"
    assert "# AP101: " in hover["value"]
    assert "Missing ownership check for 'id'." in hover["value"]
    assert editor.ask("textDocument/hover", at | {"position": {"line": 0, "character": 0}}) is None

    asked = {"textDocument": {"uri": editor.uri(CONTROLLER)}, "range": bola["range"], "context": {"diagnostics": [bola]}}
    (action,) = editor.ask("textDocument/codeAction", asked)
    (edit,) = action["edit"]["changes"][editor.uri(CONTROLLER)]
    assert edit["newText"] == '        // apiposture: ignore[AP101] reason="" owner=\n'
    assert edit["range"]["start"] == edit["range"]["end"] == {"line": 23, "character": 0}

    editor.ask("shutdown", None)
    editor.send("exit", None)
    assert editor.process.wait(timeout=PATIENCE) == 0


def test_what_is_safe_by_construction_is_offered(editor: Editor) -> None:
    path = "Controllers/OperationsController.cs"
    (injection,) = editor.shown(path)
    asked = {"textDocument": {"uri": editor.uri(path)}, "range": injection["range"], "context": {"diagnostics": [injection]}}
    settling, accepting = editor.ask("textDocument/codeAction", asked)
    assert settling["title"].startswith("Fix AP103")
    assert accepting["title"].startswith("Accept AP103")
    (edit,) = settling["edit"]["changes"][editor.uri(path)]
    assert edit["newText"].strip().startswith("var results = _db.Database.ExecuteSqlInterpolated(")
    assert (edit["range"]["start"], edit["range"]["end"]["line"]) == ({"line": 19, "character": 0}, 19)


def test_a_configuration_that_is_wrong_is_said_and_mended(editor: Editor) -> None:
    assert rules(editor.shown(CONTROLLER)) == ["AP101"]
    file = editor.root / "apiposture.toml"
    file.write_text("fail_no = 3\n", "utf-8")
    editor.send("workspace/didChangeWatchedFiles", {"changes": [{"uri": file.as_uri(), "type": 1}]})
    message = editor.heard("window/showMessage")
    assert "unknown key 'fail_no'; did you mean 'fail_on'?" in message["params"]["message"]
    file.write_text("[rules]\nignore = ['AP101']\n", "utf-8")
    editor.send("workspace/didChangeWatchedFiles", {"changes": [{"uri": file.as_uri(), "type": 2}]})
    assert rules(editor.shown(CONTROLLER)) == []


def test_where_the_scanner_is_blind_the_editor_says_so(editor: Editor) -> None:
    assert editor.heard("window/logMessage")["params"]["message"] == "12 files, 14 endpoints, 5 findings"
    text = (editor.root / CONTROLLER).read_text("utf-8")
    commented = text.replace(
        "        var order = await", '        // apiposture: ignore[AP101] reason="" owner=\n        var order = await', 1
    )
    document = {"uri": editor.uri(CONTROLLER), "languageId": "csharp", "version": 1, "text": commented}
    editor.send("textDocument/didOpen", {"textDocument": document})
    while len(found := editor.shown(CONTROLLER)) < 2:
        pass
    bola, problem = found
    assert bola["code"] == "AP101"
    assert (problem["code"], problem["severity"]) == ("invalid-suppression", 3)
    assert problem["range"]["start"] == {"line": 23, "character": 8}


def test_an_editor_that_can_show_progress_is_told(tmp_path: Path) -> None:
    shutil.copytree(TOP / "samples/orders-fastapi", tmp_path / "shop")
    one = Editor(tmp_path / "shop")
    able = {"window": {"workDoneProgress": True}}
    one.ask("initialize", {"processId": None, "rootUri": one.root.as_uri(), "capabilities": able})
    one.send("initialized", {})
    one.answer(one.heard("window/workDoneProgress/create"))
    kinds = [one.heard("$/progress")["params"]["value"]["kind"] for _ in range(2)]
    one.process.kill()
    one.process.wait()
    assert kinds == ["begin", "end"]


def test_without_the_extra_the_command_says_what_to_do() -> None:
    code = "import sys; sys.modules['pygls'] = None; from apiposture.cli import run; sys.exit(run(['lsp']))"
    around = {**os.environ, "PYTHONPATH": str(TOP / "src")}
    done = subprocess.run([sys.executable, "-c", code], env=around, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install 'apiposture[lsp]'" in done.stderr
