"""What does the project say now, with the text that is being typed and not yet saved?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path

from apiposture.config import Config, load
from apiposture.languages import language_of
from apiposture.model.finding import Finding
from apiposture.model.scan import Scan
from apiposture.model.source import SourceFile
from apiposture.scan import Gathered, Units, derived_with, gather, judge, known_from
from apiposture.scan.examine import Examined, examine
from apiposture.scan.mending import candidates, is_settled, with_text


class Session:
    """One project in one editor. Files are examined again when their text changed, and what no change touches is not worked out again."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.config = Config()
        self._gathered: Gathered | None = None
        self._open: dict[str, Examined] = {}
        self._texts: dict[str, str] = {}
        self._units = Units()
        self._now: Gathered | None = None
        self._seen: Scan | None = None

    def path_of(self, file: Path) -> str | None:
        """A file's path as reports show it; None outside of the project."""
        try:
            return file.resolve().relative_to(self.root).as_posix()
        except ValueError:
            return None

    def changed(self, path: str, text: str) -> None:
        """A document is open with this text."""
        if self._texts.get(path) != text:
            self._texts[path] = text
            digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
            self._open[path] = examine(SourceFile(path, language_of(path), text, digest))

    def closed(self, path: str) -> None:
        """What the file says on the disk counts again."""
        self._texts.pop(path, None)
        self._open.pop(path, None)

    def forget(self) -> None:
        """Files may have changed on the disk: they are looked at again (the unchanged ones are remembered)."""
        self._gathered = None

    def scan(self, today: str) -> Scan:
        """Everything that can be said about the project as it stands in the editor."""
        if self._gathered is None:
            self.config = load(self.root)
            self._gathered = gather([self.root], self.config)
        self._now = overlaid(self._gathered, self._open.values(), self._texts)
        self._seen, self._units = self._judged(self._now, today)
        return self._seen

    def mended(self, finding: Finding, today: str) -> tuple[str, str] | None:
        """The file's text now, and with an edit that settles the finding and is safe by construction; None where there is none."""
        if self._now is None or self._seen is None:
            return None
        path = finding.place.path
        text = self._now.text_of(path)
        for after, _ in candidates(finding, self._seen.endpoints, text, self.config, ()):
            seen, _ = self._judged(with_text(self._now, path, after), today)
            if is_settled(finding, self._seen, seen):
                return text, after
        return None

    def _judged(self, files: Gathered, today: str) -> tuple[Scan, Units]:
        derived, units = derived_with(files, self.config, self._units)
        baseline = Path(self.config.source).parent / self.config.baseline if self.config.baseline else None
        known = known_from(baseline) if baseline else None
        return judge(files, self.config, today, known, derived=derived), units


def overlaid(gathered: Gathered, opened: Iterable[Examined], texts: dict[str, str]) -> Gathered:
    """The files with those that are open in the place of what the disk holds."""
    instead = {each.record.path: each for each in opened}
    if not instead:
        return gathered
    examined = [instead.get(each.record.path, each) for each in gathered.examined]
    there = {each.record.path for each in gathered.examined}
    examined += [each for path, each in sorted(instead.items()) if path not in there and each.module is not None]
    text_of: Callable[[str], str] = lambda path: texts[path] if path in texts else gathered.text_of(path)  # noqa: E731
    return Gathered(gathered.root, examined, text_of, gathered.walk_problems)

