"""How does an editor talk to the scanner? The Language Server Protocol, over standard input and output."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from apiposture import __version__
from apiposture.editor.answers import Answers
from apiposture.editor.session import Session
from apiposture.model.error import PostureError

QUIET = 0.25
"""Seconds without a keystroke after which the project is looked at again."""


class Server(LanguageServer):
    """One editor. The scanner works in a thread of its own, so that typing never waits for it."""

    def __init__(self, today: Callable[[], str]) -> None:
        super().__init__("apiposture", __version__)
        self.today = today
        self.session: Session | None = None
        self.answers: Answers | None = None
        self._shown: set[str] = set()
        self._lock = threading.Lock()
        self._wanted = threading.Event()
        self._over = threading.Event()
        self._worker = threading.Thread(target=self._work, name="apiposture", daemon=True)

    def begin(self, root: Path) -> None:
        """The editor opened a folder."""
        self.session = Session(root)
        self._worker.start()
        self._wanted.set()

    def end(self) -> None:
        """The editor goes away."""
        self._over.set()
        self._wanted.set()

    def document(self, uri: str, text: str | None) -> None:
        """A document has this text now; None where it was closed."""
        path = self.path(uri)
        if self.session is None or path is None:
            return
        with self._lock:
            if text is None:
                self.session.closed(path)
            else:
                self.session.changed(path, text)
        self._wanted.set()

    def saved(self) -> None:
        """Something changed on the disk."""
        if self.session is not None:
            with self._lock:
                self.session.forget()
            self._wanted.set()

    def path(self, uri: str) -> str | None:
        """A document's path in the project."""
        file = to_fs_path(uri)
        return self.session.path_of(Path(file)) if self.session is not None and file else None

    def settling(self, path: str, line: int) -> list[lsp.CodeAction]:
        """The edits that settle the findings of a line, where there are any; each is tried now."""
        answers, session = self.answers, self.session
        if answers is None or session is None:
            return []
        with self._lock:
            found = [(each, session.mended(each, self.today())) for each in answers.at(path, line)]
        return [answers.settling(finding, *texts) for finding, texts in found if texts is not None]

    def _work(self) -> None:
        while not self._over.is_set():
            self._wanted.wait()
            while self._wanted.is_set() and not self._over.is_set():
                self._wanted.clear()
                self._wanted.wait(QUIET)
            if not self._over.is_set():
                self._look()

    def _look(self) -> None:
        assert self.session is not None
        try:
            with self._lock:
                scan = self.session.scan(self.today())
        except PostureError as error:
            self.window_log_message(lsp.LogMessageParams(lsp.MessageType.Error, str(error)))
            return
        except Exception as error:
            message = f"apiposture stopped with {type(error).__name__}: {error}"
            self.window_log_message(lsp.LogMessageParams(lsp.MessageType.Error, message))
            return
        self.answers = Answers(scan, self.session.root)
        for path in sorted(self._shown | set(self.answers.by_path)):
            told = lsp.PublishDiagnosticsParams(self.answers.uri(path), self.answers.diagnostics(path))
            self.text_document_publish_diagnostics(told)
        self._shown = set(self.answers.by_path)


def server_of(today: Callable[[], str]) -> Server:
    """A server that listens to nobody yet. `today` is asked for the day that suppressions are held against."""
    server = Server(today)

    @server.feature(lsp.INITIALIZED)
    def initialized(_: lsp.InitializedParams) -> None:
        root = server.workspace.root_path
        server.begin(Path(root) if root else Path.cwd())

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        server.document(params.text_document.uri, params.text_document.text)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        uri = params.text_document.uri
        server.document(uri, server.workspace.get_text_document(uri).source)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        server.document(params.text_document.uri, None)

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def saved(_: lsp.DidSaveTextDocumentParams) -> None:
        server.saved()

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def watched(_: lsp.DidChangeWatchedFilesParams) -> None:
        server.saved()

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hover(params: lsp.HoverParams) -> lsp.Hover | None:
        path = server.path(params.text_document.uri)
        return server.answers.hover(path, params.position.line) if server.answers and path else None

    @server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix]))
    def actions(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        path = server.path(params.text_document.uri)
        line = params.range.start.line
        return [*server.settling(path, line), *server.answers.actions(path, line)] if server.answers and path else []

    @server.feature(lsp.SHUTDOWN)
    def shutdown(_: None) -> None:
        server.end()

    return server
