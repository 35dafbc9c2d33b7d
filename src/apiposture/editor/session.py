"""What does the project say now, with the text that is being typed and not yet saved?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from hashlib import sha256
from pathlib import Path

from apiposture.analysis.living import Living
from apiposture.analysis.units import Units
from apiposture.config import Config, load
from apiposture.languages import language_of
from apiposture.model.finding import Finding
from apiposture.model.scan import Scan
from apiposture.model.source import SourceFile
from apiposture.scan import Baseline, Derived, Gathered, gather, judge, known_from
from apiposture.scan.examine import examine
from apiposture.scan.examined import Examined
from apiposture.scan.mending import candidates, is_settled, with_text
from apiposture.scan.together import derived_with, living


class Session:
    """One project in one editor. What no change touches is not worked out again.

    A scan says what the command line would say of the same texts. A glance says it of the edited files, and leaves the rest as it was.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.config = Config()
        self._gathered: Gathered | None = None
        self._open: dict[str, Examined] = {}
        self._texts: dict[str, str] = {}
        self._living: Living | None = None
        self._told: dict[str, tuple[str, str]] = {}
        """The digests of what each code and settings file said, and of what it declares, when the living program was last told."""
        self._edited: set[str] = set()
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
        text = text.removeprefix("\ufeff")
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

    def scan(self, today: str, is_wanted: Callable[[], bool] | None = None) -> Scan:
        """Everything that can be said about the project as it stands in the editor. Raises AbandonedError once `is_wanted` says no."""
        files, living = self._brought_up()
        derived = living.look(files.secrets(), is_wanted)
        self._edited.clear()
        return self._judged(files, derived, today)

    def glance(self, today: str) -> Scan | None:
        """The same as of the last scan, with what the files say that were edited since; None where only a scan can tell."""
        living = self._living
        files, now = self._brought_up()
        derived = now.glance(files.secrets(), self._edited) if now is living and self._edited else None
        return self._judged(files, derived, today) if derived is not None else None

    def mended(self, finding: Finding, today: str) -> tuple[str, str] | None:
        """The file's text now, and with an edit that settles the finding and is safe by construction; None where there is none."""
        if self._now is None or self._seen is None or self._living is None:
            return None
        path = finding.place.path
        text = self._now.text_of(path)
        for after, _ in candidates(finding, self._seen.endpoints, text, self.config, ()):
            files = with_text(self._now, path, after)
            derived, _ = derived_with(files, self.config, self._living.units)
            if is_settled(finding, self._seen, judge(files, self.config, today, self._known(), derived=derived)):
                return text, after
        return None

    # -- what the living program is told -------------------------------------------------------------------------------

    def _brought_up(self) -> tuple[Gathered, Living]:
        """The files as they stand, and a living program that knows them."""
        if self._gathered is None:
            self._look_at_disk()
        assert self._gathered is not None
        files = overlaid(self._gathered, self._opened(self._gathered), self._texts)
        told = {found.record.path: (found.record.digest, found.surface) for found in files.examined if found.is_code or found.text}
        if self._living is None or told.keys() != self._told.keys() or not self._taken_in(files, told):
            past = self._living.units if self._living is not None else Units()
            self._living = living(files, self.config, past)
        self._told = told
        return files, self._living

    def _opened(self, gathered: Gathered) -> list[Examined]:
        """The open documents of the project: what a scan leaves out on the disk, it leaves out in the editor."""
        walked = {found.record.path for found in gathered.examined}
        return [each for path, each in self._open.items() if path in walked or not (self.root / path).exists()]

    def _look_at_disk(self) -> None:
        config = load(self.root)
        if config != self.config:
            self._living = None
        self.config = config
        found = gather([self.root], self.config)
        self._gathered = Gathered(found.root, found.examined, cache(found.text_of), found.walk_problems, found.code_of)

    def _taken_in(self, files: Gathered, told: dict[str, tuple[str, str]]) -> bool:
        """Did the living program take in every file that changed? Not where one declares something else, or is a settings file."""
        assert self._living is not None
        changed = [found for found in files.examined if self._told.get(found.record.path) != told.get(found.record.path)]
        if any(found.text or self._told[found.record.path][1] != found.surface for found in changed):
            return False
        self._edited.update(found.record.path for found in changed)
        modules = [files.module_of(found) for found in changed]
        return all(module is not None and self._living.take_in(module) for module in modules)

    def _judged(self, files: Gathered, derived: Derived, today: str) -> Scan:
        self._now = files
        self._seen = judge(files, self.config, today, self._known(), derived=derived)
        return self._seen

    def _known(self) -> Baseline | None:
        """The findings that the project accepts."""
        return known_from(Path(self.config.source).parent / self.config.baseline) if self.config.baseline else None


def overlaid(gathered: Gathered, opened: Iterable[Examined], texts: dict[str, str]) -> Gathered:
    """The files with those that are open in the place of what the disk holds."""
    instead = {each.record.path: each for each in opened}
    if not instead:
        return gathered
    examined = [instead.get(each.record.path, each) for each in gathered.examined]
    there = {each.record.path for each in gathered.examined}
    examined += [each for path, each in sorted(instead.items()) if path not in there and each.is_code]
    text_of: Callable[[str], str] = lambda path: texts[path] if path in texts else gathered.text_of(path)  # noqa: E731
    return Gathered(gathered.root, examined, text_of, gathered.walk_problems, gathered.code_of)

