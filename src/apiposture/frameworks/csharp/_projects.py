"""Which project does a file belong to, and which applications does that project run in?"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from apiposture.model.source import SourceFile

REFERENCE = re.compile(r"<ProjectReference\s[^>]*Include\s*=\s*[\"']([^\"']+)[\"']", re.IGNORECASE)
PACKAGE = re.compile(r"<PackageReference\s[^>]*Include\s*=\s*[\"']([^\"';$]+)[\"']", re.IGNORECASE)
PACKED_AS = re.compile(r"<PackageId>\s*([^<\s$]+)\s*</PackageId>", re.IGNORECASE)
"""The name of the package that a project becomes, where that is another than its own."""
TESTS = re.compile(r"<IsTestProject>\s*true|Include=\"(?:xunit|nunit|mstest)|BenchmarkDotNet", re.IGNORECASE)
"""What only test and benchmark projects refer to: their controllers and startup code are not what is deployed."""
NOT_RELEASED = re.compile(
    r"<ItemGroup\s[^>]*Condition\s*=\s*\"[^\"]*\$\(Configuration\)[^\"]*(?:!=\s*'Release'|==\s*'Debug')[^\"]*\"[^>]*>.*?</ItemGroup>",
    re.IGNORECASE | re.DOTALL,
)
"""What a project refers to only where it is not built to be deployed: an application may hold its tests this way."""
WEB = "Microsoft.NET.Sdk.Web"
LIBRARY = re.compile(r"<OutputType>\s*Library", re.IGNORECASE)
"""A project that says so is run by another: one that refers to tests, and that nobody refers to, is run by the runner of tests."""
RUNNER = "Microsoft.NET.Test.Sdk"
"""The test runner's package. A web project without a test framework that refers to it has no tests, only the package."""


class Project(Struct, frozen=True):
    """One project file: its folder, the folders of the projects that it refers to (at any distance), and whether it is a test."""

    folder: str
    path: str
    uses: frozenset[str] = frozenset()
    web: bool = False
    test: bool = False


class Projects:
    """The project files of the scanned tree. Without any, the whole tree is one project whose folder is empty."""

    def __init__(self, settings: Sequence[SourceFile]) -> None:
        files = [s for s in settings if s.path.endswith((".csproj", ".fsproj", ".vbproj"))]
        packed = {_package(f): posixpath.dirname(f.path) for f in files}
        direct = {posixpath.dirname(f.path): _references(f) | _packages(f, packed) for f in files}
        tests = {posixpath.dirname(f.path) for f in files if _has_tests(f.text)}
        used = {one for uses in direct.values() for one in uses}
        self.all: dict[str, Project] = {}
        for file in files:
            folder = posixpath.dirname(file.path)
            uses = _reach(folder, direct)
            test = folder in tests or (not tests.isdisjoint(uses) and folder not in used and bool(LIBRARY.search(file.text)))
            self.all[folder] = Project(folder, file.path, uses, WEB in file.text, test)
        self._of: dict[str, str] = {}

    def of(self, path: str) -> str:
        """The folder of the nearest project around a file; empty where there is none."""
        found = self._of.get(path)
        if found is None:
            found = self._of[path] = self._nearest(posixpath.dirname(path))
        return found

    def _nearest(self, folder: str) -> str:
        while folder not in self.all and folder:
            folder = posixpath.dirname(folder)
        return folder

    def is_test(self, path: str) -> bool:
        """Does the file belong to a project of tests?"""
        project = self.all.get(self.of(path))
        return project is not None and project.test

    def uses(self, project: str, other: str) -> bool:
        """Is `other` the project itself, or one that it refers to?"""
        found = self.all.get(project)
        return project == other or (found is not None and other in found.uses)

    def users(self, project: str, among: Iterable[str]) -> list[str]:
        """Those of `among` that are the project or refer to it."""
        return [candidate for candidate in among if self.uses(candidate, project)]


def _has_tests(text: str) -> bool:
    text = NOT_RELEASED.sub("", text)
    return bool(TESTS.search(text)) or (RUNNER in text and WEB not in text)


def _references(file: SourceFile) -> set[str]:
    folder = posixpath.dirname(file.path)
    found = (posixpath.normpath(posixpath.join(folder, m.replace("\\", "/"))) for m in REFERENCE.findall(file.text))
    return {posixpath.dirname(path) for path in found}


def _package(file: SourceFile) -> str:
    """The package that a project becomes where it is packed."""
    named = PACKED_AS.search(file.text)
    return (named[1] if named else posixpath.basename(file.path).rpartition(".")[0]).lower()


def _packages(file: SourceFile, packed: Mapping[str, str]) -> set[str]:
    """The projects of the tree that another refers to by the packages that they become."""
    return {packed[name.lower()] for name in PACKAGE.findall(file.text) if name.lower() in packed} - {posixpath.dirname(file.path)}


def _reach(folder: str, direct: dict[str, set[str]]) -> frozenset[str]:
    seen: set[str] = set()
    pending = list(direct.get(folder, ()))
    while pending:
        current = pending.pop()
        if current not in seen:
            seen.add(current)
            pending += direct.get(current, ())
    return frozenset(seen)
