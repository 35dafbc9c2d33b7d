"""How does an editor talk to the scanner? The Language Server Protocol, over standard input and output."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from apiposture import __version__
from apiposture.analysis.share import AbandonedError
from apiposture.editor.answers import Answers, summary
from apiposture.editor.session import Session
from apiposture.model.error import PostureError
from apiposture.model.scan import Scan

QUIET = 0.25
"""Seconds without a keystroke after which the edited files are looked at again."""

SETTLED = 1.0
"""Seconds more after which everything else is."""


class Server(LanguageServer):
    """One editor. The scanner works in a thread of its own, so that typing never waits for it."""

    def __init__(self, today: Callable[[], str]) -> None:
        super().__init__("apiposture", __version__)
        self.today = today
        self.session: Session | None = None
        self.answers: Answers | None = None
        self._shown: dict[str, list[lsp.Diagnostic]] = {}
        self._said = ""
        """What was last said of the whole: nothing is said twice in a row."""
        self._inbox: dict[str, str | None] = {}
        self._post = threading.Lock()
        self._lock = threading.Lock()
        self._wanted = threading.Event()
        self._asked = threading.Event()
        self._stale = threading.Event()
        self._owed = threading.Event()
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
        with self._post:
            self._inbox[path] = text
        self._wanted.set()

    def saved(self) -> None:
        """Something changed on the disk."""
        if self.session is not None:
            self._stale.set()
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
        self._asked.set()  # whoever looks at all of it makes way
        try:
            with self._lock:
                found = [(each, session.mended(each, self.today())) for each in answers.at(path, line)]
        finally:
            self._asked.clear()
            if self._owed.is_set():
                self._wanted.set()
        return [answers.settling(finding, *texts) for finding, texts in found if texts is not None]

    # -- the thread that scans -----------------------------------------------------------------------------------------

    def _work(self) -> None:
        while not self._over.is_set():
            self._wanted.wait()
            while self._wanted.is_set() and not self._over.is_set():
                self._wanted.clear()
                self._wanted.wait(QUIET)
            if not self._over.is_set():
                with self._progress("reading the project") if self.answers is None else nullcontext():
                    self._look()

    @contextmanager
    def _progress(self, title: str) -> Iterator[None]:
        """Something takes its time: an editor that can show so is told."""
        is_shown = self._is_progress_shown(title)
        if is_shown:
            self.work_done_progress.begin(title, lsp.WorkDoneProgressBegin("ApiPosture", message=title))
        try:
            yield
        finally:
            if is_shown:
                self.work_done_progress.end(title, lsp.WorkDoneProgressEnd())

    def _is_progress_shown(self, token: str) -> bool:
        window = self.client_capabilities.window
        if window is None or not window.work_done_progress:
            return False
        try:
            self.work_done_progress.create(token).result(timeout=SETTLED)
        except Exception:
            return False  # an editor that says no, or nothing
        return True

    def _look(self) -> None:
        """At the edited files first, and at all of it once nothing more was typed for a while."""
        assert self.session is not None
        try:
            with self._lock:
                self._owed.clear()
                self._take_mail(self.session)
                scan = self.session.glance(self.today())
            if scan is not None:
                self._show(scan)
                if self._wanted.wait(SETTLED):
                    return
            with self._lock:
                scan = self.session.scan(self.today(), self._is_undisturbed)
        except AbandonedError:
            self._owed.set()
            return
        except PostureError as error:
            self._complain(str(error))
            return
        except Exception as error:
            self._complain(f"apiposture stopped with {type(error).__name__}: {error}")
            return
        self._show(scan)
        self._say("\n".join(summary(scan)))

    def _say(self, text: str) -> bool:
        """Write it where the editor keeps what servers write; False where it stands there already."""
        is_news = text != self._said
        self._said = text
        if is_news:
            self.window_log_message(lsp.LogMessageParams(lsp.MessageType.Log, text))
        return is_news

    def _complain(self, text: str) -> None:
        """Nothing can be shown until the user has mended something: that must not be left to a log that nobody reads."""
        if self._say(text):
            self.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Error, text))

    def _is_undisturbed(self) -> bool:
        return not (self._wanted.is_set() or self._asked.is_set())

    def _take_mail(self, session: Session) -> None:
        """Tell the session what was typed and saved meanwhile."""
        with self._post:
            mail, self._inbox = self._inbox, {}
        for path, text in mail.items():
            if text is None:
                session.closed(path)
            else:
                session.changed(path, text)
        if self._stale.is_set():
            self._stale.clear()
            session.forget()

    def _show(self, scan: Scan) -> None:
        """Tell the editor of each file of which there is something else to say than before."""
        assert self.session is not None
        self.answers = Answers(scan, self.session.root)
        told = {path: self.answers.diagnostics(path) for path in self.answers.paths()}
        for path in sorted(self._shown.keys() | told.keys()):
            found = told.get(path, [])
            if found != self._shown.get(path, []):
                self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(self.answers.uri(path), found))
        self._shown = told


def server_of(today: Callable[[], str]) -> Server:
    """A server that listens to nobody yet. `today` is asked for the day that suppressions are held against."""
    logging.getLogger("pygls").setLevel(logging.ERROR)  # that a question was withdrawn too late is nobody's news
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
