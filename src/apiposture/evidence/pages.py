"""What does a reader see who opens the pack? One page that answers the first questions, and the whole report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from apiposture.evidence.documents import LIMITS, page, table_of
from apiposture.evidence.verifier.canonical import Json
from apiposture.evidence.verifier.drawing import shortened
from apiposture.evidence.verifier.findings import SEVERITIES
from apiposture.evidence.verifier.shown import figure, status
from apiposture.evidence.verifier.statuses import WORDS, rows_of
from apiposture.reports.markup import Markup, joined, tag

FEW = 5
"""Exceptions, people and declared files that the first page names; the report holds all."""

SECTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "Findings",
        "findings",
        ("fingerprint", "rule", "severity", "certainty", "method", "route", "at", "message", "first_seen", "state", "age_days",
         "allowed_days", "overdue", "counted"),
    ),
    ("Exceptions register", "exceptions", ()),
    (
        "Proof line of each access to an object",
        "proofs",
        ("method", "route", "entity", "operation", "key", "at", "tied", "kind", "proof_at", "proof", "not_counted"),
    ),
    ("Where sensitive data is met", "data", ("kind", "role", "what", "where", "at", "certainty")),
    ("Changes of tool, rules, mapping, configuration and gate", "changes", ()),
    ("Problems of the assessed scans", "problems", ()),
    (
        "What each rule and activity says of each criterion",
        "mapping",
        ("standard", "criterion", "subjects", "strength", "focus", "needs", "article", "rationale", "not_shown"),
    ),
    ("Not supported: nothing here speaks to these", "unsupported", ()),
    ("Rules that say nothing of a standard", "unmapped", ()),
)  # fmt: skip
"""The tables of the report: title, table, and the columns that are shown (all where none is named)."""


class Pages:
    """The pages of one pack, from its tables alone."""

    def __init__(self, about: Json, tables: dict[str, Json], figures: Json, fingerprint: str) -> None:
        self.about = about
        self.figures = figures
        self.fingerprint = fingerprint
        self.rows = {name: rows_of(tables, name) for name in tables}
        self.names = {name: table["columns"] for name, table in tables.items()}

    def first(self) -> str:
        """Who, when, what, whether it was complete, what was not covered, which exceptions, what changed, how to verify: one page."""
        about = self.about
        version = about["tool"]["version"]
        questions: tuple[tuple[str, Markup | str], ...] = (
            ("Who prepared this, and when?", f"{about['prepared_by']}, {about['prepared_at']}, with ApiPosture {version}."),
            ("Who scanned, and when?", self._who()),
            ("What was scanned?", self._scanned()),
            ("For which period?", f"{about['period']['start']} to {about['period']['end']} (UTC)."),
            ("Was it complete?", self._complete()),
            ("By which rules was it judged?", self._rules()),
            ("What came out?", self._outcome()),
            ("What was not covered?", self._not_covered()),
            ("Which exceptions were accepted, and who approved them?", self._accepted()),
            ("Did the tool, its rules or its configuration change?", self._changed()),
            ("How can I check this alone?", self._verify()),
        )
        answers = [joined(tag("dt", question), tag("dd", answer)) for question, answer in questions]
        title = f"Evidence: {about['project']}"
        period = f"{about['period']['start']} to {about['period']['end']} (UTC)"
        told = tag("p", f"{period}. Read me first: every number below can be worked out again from 'tables/'.", class_="lead")
        counts = tag("ul", *(tag("li", self._figure(f"criteria_{word}"), word, class_=word) for word in WORDS), class_="counts")
        return page(title, joined(tag("h1", title), told, counts, self._verdict(), tag("dl", *answers)))

    def report(self, pictures: dict[str, str]) -> str:
        """Everything: statuses with their reasons, figures, findings, exceptions, population, files, mapping."""
        about = self.about
        period = f"{about['period']['start']} to {about['period']['end']} (UTC)"
        title = f"Evidence report: {about['project']}"
        figures = [[said["title"], self._figure(name), name] for name, said in self.figures.items()]
        parts = [
            tag("h1", title),
            tag("p", f"{period}, view '{about['view']}', scope {', '.join(about['scope'])}.", class_="lead"),
            self._verdict(),
            tag("h2", "Control sheet"),
            _picture(pictures["pictures/controls.svg"]),
            *self._statuses(),
            tag("h2", "Figures"),
            table_of(("figure", "value", "name"), figures),
            tag("h2", "Who may call what"),
            _picture(pictures["pictures/endpoints.svg"]),
            tag("h2", "Open findings over the period"),
            _picture(pictures["pictures/trend.svg"]),
            *(part for section in SECTIONS for part in self._section(*section)),
            *self._population(),
            *self._files(),
            tag("h2", "Limits"),
            tag("ul", *(tag("li", limit) for limit in LIMITS)),
        ]
        return page(title, joined(*parts))

    def _figure(self, name: str) -> Markup:
        return Markup(figure(name, self.figures))

    def _sentence(self, text: str) -> Markup:
        """Text in which `{name}` stands for a figure."""
        parts = text.replace("}", "{").split("{")
        return joined(*(self._figure(part) if at % 2 else part for at, part in enumerate(parts)))

    def _verdict(self) -> Markup:
        """Was everything seen? The first thing that a reader must know."""
        lacking = any(self.figures[name]["value"] for name in ("commits_unscanned", "scans_incomplete", "scans_partial"))
        inside = [each for each in self.rows["population"] if each["in_period"]]
        if inside and all(each["proved"] for each in inside) and not lacking:
            whole = "Complete: every commit of the period was scanned, and every scan saw all the source of its commit that is in scope. "
            late = "Scanned when they were made: {commits_on_time} of {commits}; later (back-filled): {commits_back_filled}."
            return tag("p", joined(whole, self._sentence(late)), class_="verdict whole")
        told = self._sentence(
            "Not complete. Commits: {commits}; without a scan: {commits_unscanned}; scanned later: {commits_back_filled}. "
            "Scans that did not see everything: {scans_incomplete}; that left source out without a declared reason: {scans_partial}."
        )
        return tag("p", told, class_="verdict")

    def _who(self) -> str:
        scans = self.rows["scans"]
        if not scans:
            return "Nobody: no scan of the period's commits is recorded."
        count = Counter(each["operator"] or "unknown" for each in scans)
        people = ", ".join(f"{name} ({times:,})" for name, times in count.most_common(FEW))
        more = f" and {len(count) - FEW} more" if len(count) > FEW else ""
        days = sorted(each["at"] for each in scans)
        return f"{people}{more}; from {days[0]} to {days[-1]}."

    def _scanned(self) -> Markup:
        about = self.about
        where = f"folder '{about['root']}' of " if about["root"] else ""
        named = f"Project '{about['project']}': {where}the source on branch '{about['branch']}', up to commit "
        counted = ". Commits of the period: {commits}; with a scan that speaks for them: {scans_assessed}. In the last scan: "
        rest = "{files} files, {endpoints} endpoints, {endpoints_sensitive} of them with sensitive data."
        return joined(named, tag("code", about["commit"] or "none"), self._sentence(counted + rest))

    def _complete(self) -> Markup:
        drawn = "The population was drawn from Git: its raw commits are in 'population/'."
        told = drawn if self.rows["population"] else "There is no population: the source was not in Git."
        return self._sentence(
            "Commits without a scan: {commits_unscanned} (with a recorded reason: {commits_explained}). Scans that did not see everything: "
            "{scans_incomplete}; that left source out without a declared reason: {scans_partial}. Scanned when they were made: "
            "{commits_on_time}; later (back-filled): {commits_back_filled}. Longest wait: {latest_hours} hours. " + told
        )

    def _rules(self) -> str:
        rules = self.about["rules"]
        days = ", ".join(f"{rules['days'][severity]} days if it is {severity}" for severity in SEVERITIES)
        return (
            f"A scan is late {rules['late_after_hours']} hours after its commit. A finding may stay open {days}. An acceptance needs a "
            f"reason, an owner, an approver who is not the owner, a date and an end; it may be renewed {rules['renewals']} times and hide "
            f"{rules['hides']} findings of a scan; else it hides nothing. A finding counts where it was open at any commit of the period, "
            "unless it is only a hint."
        )

    def _outcome(self) -> Markup:
        counted = ", ".join(f"{{criteria_{word}}} {word}" for word in WORDS)
        told = self._sentence(
            f"Criteria: {counted}. "
            "Findings: {findings_open} open at the end ({open_critical} critical, {open_high} high), {findings_fixed} fixed, "
            "{findings_overdue} open longer than allowed. "
        )
        return joined(told, tag("a", "The report", href="01-report.html"), " has the rest.")

    def _not_covered(self) -> Markup:
        listed = [shortened(f"{each['files']}: {each['reason']}", 80) for each in self.about["out_of_scope"]]
        declared = "; ".join(listed[:FEW]) + (f"; {len(listed) - FEW} more in about.json" if len(listed) > FEW else "")
        missing = ", ".join(each for each in ("A", "C", "PI", "P") if each not in self.about["scope"])
        unsupported = "; ".join(f"{each['standard']} {each['criteria']}" for each in self.rows["unsupported"])
        if len(unsupported) > 600:
            counts = Counter(dict.fromkeys(self.about["standards"], 0))
            for each in self.rows["unsupported"]:
                counts[each["standard"]] += each["criteria"].count(",") + 1
            unsupported = ", ".join(f"{count} of {name}" for name, count in counts.items() if count) + " (the report names them)"
        items = (
            "What runs: this is a reading of source.",
            f"Categories that were not declared: {missing or 'none'}.",
            f"Files declared out of scope: {declared or 'none'}.",
            f"Criteria to which a scan says nothing: {unsupported or 'none of the chosen standards'}.",
        )
        return tag("ul", *(tag("li", item) for item in items))

    def _accepted(self) -> Markup:
        count = self._sentence("In the register: {exceptions}; without effect, since flawed: {exceptions_invalid}.")
        told = [tag("li", _accepted_by(each)) for each in self.rows["exceptions"] if each["valid"]]
        more = f"{len(told) - FEW:,} more are in the report." if len(told) > FEW else None
        return joined(count, tag("ul", *told[:FEW]) if told else None, more)

    def _changed(self) -> Markup:
        found = ", ".join(sorted({str(each["what"]) for each in self.rows["changes"]}))
        return self._sentence(f"Changes in the period: {{tool_changes}}{f' ({found})' if found else ''}. The digests are in the report.")

    def _verify(self) -> Markup:
        command = f"python verify.py PACK.zip --key-fingerprint {self.fingerprint}"
        steps = (
            joined("Compare the key's fingerprint with the one that you were told by another way: ", tag("code", self.fingerprint)),
            joined("Bytes: ", tag("code", "sha256sum -c MANIFEST.sha256"), " in the unpacked folder."),
            joined("Everything: ", tag("code", command), ". If you doubt the pack, take verify.py from a release and not from the pack."),
            joined(tag("a", "VERIFY.html", href="VERIFY.html"), " has the commands for openssl and others, and what each proves."),
        )
        return tag("ol", *(tag("li", step) for step in steps))

    def _statuses(self) -> Iterable[Markup]:
        columns = ("criterion", "title", "status", "exceptions", "accepted", "decided_by", "why not evaluated")
        for name in self.about["standards"]:
            rows = [
                [
                    each["criterion"],
                    each["title"],
                    Markup(status(name, each["criterion"], each["status"])),
                    *(said(each[key]) for key in ("exceptions", "accepted", "decided_by", "reasons")),
                ]
                for each in self.rows["statuses"]
                if each["standard"] == name
            ]
            yield tag("h2", f"Criteria: {name}")
            yield table_of(columns, rows)

    def _population(self) -> Iterable[Markup]:
        columns = ("commit", "at", "scan", "how", "on_time", "explained", "gap")
        late = [each for each in self.rows["population"] if each["in_period"] and not each["on_time"]]
        yield tag("h2", "Commits of the period that were not scanned when they were made")
        yield table_of(columns, [[said(each[name]) for name in columns] for each in late])

    def _files(self) -> Iterable[Markup]:
        columns = ("path", "status", "why")
        partly = [each for each in self.rows["files"] if each["status"] not in ("parsed", "searched")]
        yield tag("h2", "Files of the last scan that were not understood whole")
        yield table_of(columns, [[said(each[name]) for name in columns] for each in partly])

    def _section(self, title: str, name: str, columns: Sequence[str]) -> Iterable[Markup]:
        wanted = columns or self.names[name]
        yield tag("h2", title)
        yield table_of(wanted, [[said(each[column]) for column in wanted] for each in self.rows[name]])


def _picture(drawn: str) -> Markup:
    return tag("div", Markup(drawn), class_="wide")


def said(value: object) -> str:
    """A value for a reader."""
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _accepted_by(row: Json) -> str:
    who = f"owner {row['owner']}, approved by {row['approver']}, until {row['until']}"
    return f"{row['rule']} at {shortened(row['at'], 60)}: {shortened(row['reason'], 60)} ({who})"
