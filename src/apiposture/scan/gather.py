"""What do all files of the tree say, each on its own?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from hashlib import sha256
from pathlib import Path

from msgspec import Raw

from apiposture.config import Config
from apiposture.files import Entry, common_root, entries, read
from apiposture.model.error import PostureError
from apiposture.model.facts import Secret
from apiposture.model.ir import Module
from apiposture.model.scan import FileRecord, Problem
from apiposture.model.source import SourceFile
from apiposture.scan.cache import Cache
from apiposture.scan.examined import ALL, NO_CODE, Examined, Found, Ignore, Wanted, decoded

Progress = Callable[[int, int], None]
"""Told how many files of how many are done."""

CodeOf = Callable[[Examined], Raw]
"""Finds what a file says as code, where that is not at hand."""


def own_code(found: Examined) -> Raw:
    """The code that was kept with the file."""
    return found.code


def forgotten(path: str, digest: str) -> Raw | None:
    """What a file said earlier, where nothing was kept."""
    return None


class Gathered:
    """All examined files, in the order of the walk, and their texts on demand.

    Where some of what is wanted of them is still being found, `whole` waits for it; who asks for `settled` files waits.
    """

    def __init__(
        self,
        root: str,
        examined: Sequence[Examined],
        text_of: Callable[[str], str],
        problems: Sequence[Problem] = (),
        code_of: CodeOf = own_code,
        earlier: Callable[[str, str], Raw | None] = forgotten,
        whole: Callable[[], Sequence[Examined]] | None = None,
    ) -> None:
        self.root = root
        self.examined = examined
        self._whole = whole
        self.text_of = text_of
        self.walk_problems = problems
        self.code_of = code_of
        self._earlier = earlier

    @cached_property
    def _modules(self) -> tuple[Module, ...]:
        return tuple(module for found in self.examined if (module := self.module_of(found)) is not None)

    @cached_property
    def settled(self) -> Sequence[Examined]:
        """The same files, with all that is found in them."""
        return self._whole() if self._whole is not None else self.examined

    def module_of(self, found: Examined) -> Module | None:
        """What one of the files says as code, in objects of the asker's own."""
        return decoded(self.code_of(found)) if found.is_code else None

    def earlier(self, path: str, digest: str) -> Module | None:
        """What a file said as code when it had this digest, where that is the last that was known of it before now."""
        code = self._earlier(path, digest)
        return decoded(code) if code is not None and code != NO_CODE else None

    def modules(self) -> tuple[Module, ...]:
        """The files that are code."""
        return self._modules

    def languages(self) -> tuple[str, ...]:
        """The languages of the files that are code."""
        return tuple(sorted({found.record.language for found in self.examined if found.is_code}))

    def records(self) -> tuple[FileRecord, ...]:
        """What became of each file."""
        return tuple(found.record for found in self.settled)

    def settings(self) -> tuple[SourceFile, ...]:
        """Configuration and project files, whole."""
        return tuple(
            SourceFile(found.record.path, found.record.language, found.text, found.record.digest)
            for found in self.examined
            if found.text
        )

    def secrets(self) -> tuple[Secret, ...]:
        """The credentials in all files."""
        return tuple(secret for found in self.settled for secret in found.secrets)

    def ignores(self) -> tuple[Ignore, ...]:
        """The comments that accept findings."""
        return tuple(ignore for found in self.examined for ignore in found.ignores)

    def problems(self) -> tuple[Problem, ...]:
        """What could not be read."""
        return (*self.walk_problems, *(problem for found in self.settled for problem in found.problems))


def gather(
    roots: Sequence[Path],
    config: Config,
    progress: Progress | None = None,
    wanted: Wanted = ALL,
    meanwhile: Callable[[Sequence[str]], object] | None = None,
) -> Gathered:
    """Walk the tree and examine each of its files, or take what is known of it from the cache.

    All that can be known of a file is found, whatever is `wanted`, where it is kept: whoever asks next may want more. `meanwhile` is told
    the languages of the files while other processes examine them, where there are any.
    """
    top = common_root(roots)
    cache = Cache(top, sha256("\n".join(str(root) for root in roots).encode()).hexdigest()) if config.cache else None
    walked = list(entries(roots, config.exclude_here, config.exclude, config.base))
    problems = [item for item in walked if isinstance(item, Problem)]
    todo = [item for item in walked if isinstance(item, Entry)]
    known = cache.load(todo) if cache else {}
    fresh = [entry for entry in todo if entry.path not in known]
    asked = wanted if cache is None else Wanted(later=wanted.later)
    found, whole = _examined(fresh, config.jobs, progress, asked, meanwhile)
    known.update((entry.path, one) for entry, (one, _) in zip(fresh, found, strict=True))

    def settle() -> Sequence[Examined]:
        for entry, (one, is_certain) in zip(fresh, whole(), strict=True):
            known[entry.path] = one
            if cache and is_certain:
                cache.add(entry, one)
        if cache and fresh:
            cache.save(todo)
        return _texts(known[entry.path] for entry in todo)

    by_path = {entry.path: entry for entry in todo}
    code_of = partial(_code, cache, by_path)
    earlier = cache.earlier if cache else forgotten
    examined = _texts(known[entry.path] for entry in todo) if wanted.later else settle()
    return Gathered(str(top), examined, lambda path: _text(by_path.get(path)), problems, code_of, earlier, settle if wanted.later else None)


def _texts(found: Iterable[Examined | None]) -> Sequence[Examined]:
    return [one for one in found if one is not None]


def _code(cache: Cache | None, entries: Mapping[str, Entry], found: Examined) -> Raw:
    """A file's code: as it was just read, as the cache has it, or read again where the cache has lost it since it was loaded."""
    if not found.is_left_in_cache or cache is None:
        return found.code
    kept = cache.code_of(found.record.path)
    if kept is not None:
        return kept
    from apiposture.scan.examine import examine_entry

    again = examine_entry(entries[found.record.path])
    if again is None or not again.is_code or again.record.digest != found.record.digest:
        raise PostureError(f"File '{found.record.path}' changed while it was being scanned; scan again.")
    return again.code


def _examined(
    fresh: Sequence[Entry], jobs: int, progress: Progress | None, wanted: Wanted, meanwhile: Callable[[Sequence[str]], object] | None
) -> tuple[Sequence[Found], Callable[[], Sequence[Found]]]:
    """What is found in each file, and what is found in the end; what examines them is only loaded where there are any."""
    if not fresh:
        return (), tuple
    from apiposture.scan.workers import Examination

    languages = sorted({entry.language for entry in fresh} - {""})
    examination = Examination(fresh, jobs, wanted, progress, partial(meanwhile, languages) if meanwhile else None)
    return examination.found, examination.whole


def gather_sources(sources: Iterable[SourceFile], root: str = "") -> Gathered:
    """Examine text at hand, such as the examples of a page."""
    from apiposture.scan.examine import examine

    texts = {source.path: source for source in sources}
    return Gathered(root, [examine(source) for source in texts.values()], lambda path: texts[path].text if path in texts else "")


def _text(entry: Entry | None) -> str:
    found = read(entry) if entry is not None else None
    return found.text if isinstance(found, SourceFile) else ""


def blindness(gathered: Gathered) -> tuple[Problem, ...]:
    """A scan that saw nothing must not look like one that found nothing. (A framework without endpoints is said in `routing`.)"""
    if not gathered.languages():
        looked = f"{len(gathered.examined)} other files were searched for secrets" if gathered.examined else "no file was read"
        return (Problem("no-source", f"No source file of a supported language was found; {looked}."),)
    return ()
