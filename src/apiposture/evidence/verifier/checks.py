"""Does everything in a pack hold, and how much is that worth?

Each check is a question with an answer in words; the first that fails ends the verification. The grade is the verifier's own: nothing in a
pack can raise it.
"""

from __future__ import annotations

from collections.abc import Iterator

from apiposture.evidence.verifier.assessed import Sources
from apiposture.evidence.verifier.canonical import BrokenError, Json, loose, read, sha256, written
from apiposture.evidence.verifier.chain import CHAIN, DETAILS, details_of, entries_of
from apiposture.evidence.verifier.commits import COMMITS, commits_of, inside, is_proved, seconds, spelled
from apiposture.evidence.verifier.container import ATTACHED, ENVELOPE, MANIFEST, SIGNOFFS, Member, check_files, members_of
from apiposture.evidence.verifier.copies import Result, check_oscal, check_sarif, results_of
from apiposture.evidence.verifier.envelope import KEY, PREDICATE, SIGNOFF, fingerprint, key_of, opened, subjects_of
from apiposture.evidence.verifier.figures import figures_of, shown_figures
from apiposture.evidence.verifier.handoffs import handoffs
from apiposture.evidence.verifier.pictures import pictures_of
from apiposture.evidence.verifier.sheets import WORKBOOK, check_workbook, csv_of
from apiposture.evidence.verifier.shown import FIRST, REPORT, check_page
from apiposture.evidence.verifier.statuses import STATUSES, statuses_of, words_of
from apiposture.evidence.verifier.tables import tables_of
from apiposture.evidence.verifier.timestamps import stamps_in

ABOUT, FIGURES = "about.json", "figures.json"
USUAL = {"late_after_hours": 24, "renewals": 2, "hides": 5, "days": {"critical": 7, "high": 30, "medium": 90, "low": 180}}
"""The rules by which packs are judged: when a scan is late, when an acceptance has been renewed too often or hides too much, and how many
days a finding may stay open. A pack may have others; its reader is told.
"""
AUDITOR = "auditor"
CLOCKS = 300
"""Seconds by which two honest clocks may differ."""

Answer = tuple[str, str]


class Expected:
    """What the reader knows from elsewhere: the key's fingerprint (and that of whoever signed off) from a letter, the period, a
    checkpoint (`number:hash` of the history) that was kept from an earlier pack, and the SHA-256 of the certificate of an `authority` for
    time.
    """

    def __init__(self, key: str = "", signoff: str = "", period: str = "", checkpoint: str = "", authority: str = "") -> None:
        self.key = key.replace(":", "").strip().lower()
        self.signoff = signoff.replace(":", "").strip().lower()
        self.period = period
        self.checkpoint = checkpoint
        self.authority = authority.replace(":", "").strip().lower()


class Verification:
    """One pack under test. `grade` and `about` are known once `checks` has run to its end."""

    def __init__(self, data: bytes, expected: Expected) -> None:
        self.data = data
        self.expected = expected
        self.grade = "E0"
        self.about: Json = {}
        self.notes: list[str] = []
        self.members: dict[str, Member] = {}
        self._shown: dict[str, tuple[list[Result], bool]] = {}
        self._left_out: set[str] = set()
        self._said: Json = {}

    def checks(self) -> Iterator[Answer]:
        """Each question with its answer. Raises BrokenError at the first that does not hold."""
        yield "bytes", self._bytes()
        yield "signature", self._signature()
        yield "sign-off", self._signoff()
        yield "identity", self._identity()
        entries = entries_of(self.file(CHAIN))
        yield "history", self._history(entries)
        made = self._tables(entries)
        told = "worked out again from their sources" if self.is_whole() else "as sealed: this view withholds their sources"
        yield "tables", f"{len(made)} tables {told}"
        yield "statuses", self._statuses(made)
        yield "figures", self._figures(made)
        yield "pages", self._pages(made)
        yield "pictures", self._pictures(made)
        yield "copies", self._copies(made)
        yield "time", self._time(entries)
        self.grade = self._graded()

    def _graded(self) -> str:
        """What the checks add up to, with what keeps it from more."""
        if self.about["rules"] != USUAL:
            self.notes.append(f"Judged by rules of its own, not by the usual ones: {self.about['rules']}.")
        if not self.expected.key:
            self.notes.append("The key was not compared with one from elsewhere.")
        if not self.is_whole():
            self.notes.append("The tables are as sealed; the auditor's view holds what they can be worked out from.")
        if not self.expected.key or not self.is_whole():
            return "E1"
        if not self.expected.authority:
            self.notes.append("Time is self-asserted, or its authority was not compared with one from elsewhere: E2 is the most.")
            return "E2"
        self.notes.append("The authority dates the pack and all in it; when each scan was made before that, the scanning machines say.")
        if not self.expected.signoff or not self.expected.checkpoint:
            self.notes.append("No second person's key and no checkpoint of an earlier pack were compared: E3 is the most.")
            return "E3"
        return "E4"

    def file(self, name: str) -> bytes:
        """The content of a file."""
        if name not in self.members:
            raise BrokenError(f"'{name}' is missing.")
        return self.members[name].content

    def is_whole(self) -> bool:
        """Does the pack hold the sources of its tables?"""
        return bool(self.about["view"] == AUDITOR)

    def _bytes(self) -> str:
        self.members = members_of(self.data)
        listed = check_files(self.members)
        return f"{len(listed)} files, {len(self.data):,} bytes, each as sealed"

    def _signature(self) -> str:
        key = key_of(self.file(KEY))
        statement = opened(self.file(ENVELOPE), ENVELOPE, key, PREDICATE)
        sealed = {
            name: sha256(member.content) for name, member in self.members.items() if name != ENVELOPE and not name.startswith(ATTACHED)
        }
        if subjects_of(statement) != sealed:
            raise BrokenError("The signed statement speaks of other files than those that are here.")
        self.about = read(self.file(ABOUT), ABOUT)
        self._said = statement["predicate"]
        if {**self.about, "statuses": self._said.get("statuses")} != self._said:
            raise BrokenError(f"The signed statement describes another pack than '{ABOUT}'.")
        found = fingerprint(key)
        if self.expected.key and self.expected.key != found:
            raise BrokenError(f"The pack was signed by the key {found}, not by the expected one.")
        return f"Ed25519, key {found}" + (", as expected" if self.expected.key else "")

    def _signoff(self) -> str:
        """Sign-offs are statements of other keys about the manifest. A wanted one must be there; none may be wrong."""
        told = []
        for name in sorted(name for name in self.members if name.startswith(SIGNOFFS)):
            said = read(self.file(name), name)
            key = _key_in(said, name)
            statement = opened(_inner(said, name), name, key, SIGNOFF)
            if subjects_of(statement) != {MANIFEST: sha256(self.file(MANIFEST))}:
                raise BrokenError(f"'{name}' signs off another pack.")
            found = fingerprint(key)
            if key == key_of(self.file(KEY)) or found in told:
                raise BrokenError(f"'{name}' is signed by a key that has signed already: a sign-off is a second person's.")
            told.append(found)
        wanted = self.expected.signoff or self.about.get("signoff", "")
        if wanted and wanted not in told:
            raise BrokenError(f"The sign-off by the key {wanted} is missing.")
        return ", ".join(f"key {found}" for found in told) or "none"

    def _time(self, entries: list[Json]) -> str:
        """Time-stamps of authorities. A wanted one must be there; none may be wrong, or older than what it is about."""
        files = {name: member.content for name, member in self.members.items()}
        found = stamps_in(files, self.file(MANIFEST))
        known = [self.about["prepared_at"], *(entry["at"] for entry in entries)]
        for stamp in found:
            if stamp.moment + CLOCKS < max(seconds(at) for at in known):
                raise BrokenError(f"The pack was dated {spelled(stamp.moment)}, and speaks of what is said to be later.")
        vouching = {each.fingerprint for stamp in found for each in stamp.chain}
        if self.expected.authority and self.expected.authority not in vouching:
            raise BrokenError(f"No time-stamp of an authority with the certificate {self.expected.authority} is here.")
        told = [f"{spelled(stamp.moment)} by '{stamp.chain[0].called()}'" for stamp in found]
        for stamp in found:
            self.notes += [f"Certificate of '{each.called()}': {each.fingerprint}" for each in stamp.chain if not self.expected.authority]
        return f"dated {', '.join(told)}" + (", as expected" if self.expected.authority else "") if told else "self-asserted"

    def _identity(self) -> str:
        period = f"{self.about['period']['start']}..{self.about['period']['end']}"
        if self.expected.period and self.expected.period != period:
            raise BrokenError(f"The pack is for {period}, not for {self.expected.period}: it may be an older one.")
        return f"{self.about['project']}, {period}, view {self.about['view']}"

    def _history(self, entries: list[Json]) -> str:
        head = self.about["head"]
        if not entries or [len(entries), entries[-1]["hash"]] != [head["number"], head["hash"]]:
            raise BrokenError("The history does not end where the pack says.")
        if self.expected.checkpoint:
            number, _, digest = self.expected.checkpoint.partition(":")
            known = [entry["hash"] for entry in entries if str(entry["number"]) == number]
            if known != [digest]:
                raise BrokenError(
                    f"The history does not contain the checkpoint {self.expected.checkpoint}: it was rewritten, or this is an older pack."
                )
        return f"{len(entries)} entries, head {head['hash']}" + (", contains the checkpoint" if self.expected.checkpoint else "")

    def _tables(self, entries: list[Json]) -> dict[str, Json]:
        sealed = {name[len("tables/") : -len(".json")]: read(self.file(name), name) for name in self.members if name.startswith("tables/")}
        if not self.is_whole():
            return sealed
        made = self._made(entries)
        for name in sorted({*made, *sealed} - {"statuses"}):
            if made.get(name) != sealed.get(name):
                raise BrokenError(f"The table '{name}' is not what its sources give.")
        return sealed

    def _made(self, entries: list[Json]) -> dict[str, Json]:
        details = details_of(self.file(DETAILS), entries)
        commits = commits_of(self.file(COMMITS), self.about["commit"]) if self.about["commit"] else []
        used = {entry[kind] for entry in entries if entry["kind"] == "scan" for kind in ("result", "accounting", "data") if kind in entry}
        for name in self.members:
            digest = name.rpartition("/")[2].partition(".")[0]
            if (
                name.startswith(("scans/", "accounting/", "data/"))
                and not name.endswith(".sarif")
                and (digest not in used or sha256(self.file(name)) != digest)
            ):
                raise BrokenError(f"'{name}' is no scan of the history.")
        if commits and is_proved(commits, self.about["period"]):
            self.notes.append(f"{len(inside(commits, self.about['period']))} commits in the period, links recomputed.")
        sources = Sources(self.about, entries, details, commits, self._body)
        standards = [read(self.file(f"mapping/{name}.json"), name) for name in self.about["standards"]]
        made = tables_of(sources, standards)
        self._left_out = {f"scans/{scan['result']}.json" for scan in sources.scans if scan["undeclared"]}
        return made

    def _body(self, digest: str) -> Json:
        for folder in ("scans", "accounting", "data"):
            name = f"{folder}/{digest}.json"
            if name in self.members:
                found: Json = loose(self.file(name), name)
                if folder == "scans":
                    self._shown[name] = results_of(found), found["complete"]
                return found
        raise BrokenError(f"The scan {digest[:12]} is missing.")

    def _statuses(self, made: dict[str, Json]) -> str:
        if statuses_of(made, self.about["scope"]) != made.get("statuses"):
            raise BrokenError("The statuses do not follow from the tables.")
        if self._said["statuses"] != words_of(made["statuses"]):
            raise BrokenError("The signed statement has other statuses than the tables.")
        words = [row[STATUSES.index("status")] for row in made["statuses"]["rows"]]
        return ", ".join(f"{words.count(word)} {word}" for word in sorted(set(words)))

    def _figures(self, made: dict[str, Json]) -> str:
        sealed = read(self.file(FIGURES), FIGURES)
        worked = figures_of(made)
        for name in sorted({*sealed, *worked}):
            if sealed.get(name) != worked.get(name):
                raise BrokenError(f"The figure '{name}' does not follow from the tables.")
        return f"{len(sealed)} figures worked out again"

    def _pages(self, made: dict[str, Json]) -> str:
        sealed = read(self.file(FIGURES), FIGURES)
        count = 0
        for name, whole in ((FIRST, False), (REPORT, True)):
            count += check_page(name, self.file(name).decode("utf-8"), sealed, made["statuses"], whole)
        for name, table in made.items():
            if csv_of(table) != self.file(f"csv/{name}.csv"):
                raise BrokenError(f"'csv/{name}.csv' does not show its table.")
        return f"{count} figures and statuses on 2 pages, {len(made)} CSV files agree"

    def _pictures(self, made: dict[str, Json]) -> str:
        """The pictures, in their files and on the report's page."""
        drawn, page = pictures_of(made), self.file(REPORT).decode("utf-8")
        there = {name for name in self.members if name.startswith("pictures/")}
        for name in sorted({*drawn, *there}):
            if name not in drawn or self.file(name) != drawn[name].encode("utf-8") or page.count(drawn[name]) != 1:
                raise BrokenError(f"'{name}' does not show the tables.")
        if page.count("<svg") != len(drawn):
            raise BrokenError(f"'{REPORT}' holds a picture that no pack has.")
        return f"{len(drawn)} pictures drawn again"

    def _copies(self, made: dict[str, Json]) -> str:
        """The workbook, OSCAL and SARIF."""
        files = {name: member.content for name, member in self.members.items()}
        sealed = read(self.file(FIGURES), FIGURES)
        cells = check_workbook(self.file(WORKBOOK), {"figures": shown_figures(sealed), **made})
        told = check_oscal(files, self.about, made)
        other = handoffs(self.about, made)
        for name in sorted({*other, *(name for name in files if name.startswith(("hdf/", "ocsf/")))}):
            if files.get(name) != other.get(name):
                raise BrokenError(f"'{name}' does not follow from the tables.")
        return f"{cells} cells of the workbook, {told} OSCAL documents, OCSF and HDF, {self._in_sarif()} results in SARIF agree"

    def _in_sarif(self) -> int:
        """The results of all scans in SARIF; a scan that no table speaks of has no place in a pack."""
        if {name for name in self.members if name.startswith("scans/") and name.endswith(".json")} != set(self._shown):
            raise BrokenError("The scans are not those that the tables were worked out from.")
        count = 0
        for name, (results, complete) in self._shown.items():
            beside = name.replace(".json", ".sarif")
            sarif = loose(self.file(beside), beside, fractions=True)
            count += check_sarif(results, complete and name not in self._left_out, sarif, beside)
        return count


def _key_in(said: Json, name: str) -> bytes:
    try:
        return key_of(str(said["key"]).encode("ascii"))
    except (KeyError, TypeError, UnicodeEncodeError):
        raise BrokenError(f"'{name}' is no sign-off.") from None


def _inner(said: Json, name: str) -> bytes:
    if set(said) != {"key", "envelope"}:
        raise BrokenError(f"'{name}' is no sign-off.")
    return written(said["envelope"])
