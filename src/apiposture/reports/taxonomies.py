"""Which entries of published lists do a scan's claims refer to?"""

import re
from typing import Any

from msgspec import Struct

from apiposture.model.finding import Finding, Rule
from apiposture.model.scan import Scan

Json = dict[str, Any]


class Taxonomy(Struct, frozen=True):
    """One published list, with the entries that a scan refers to: their ids only, no text of the list is copied."""

    name: str
    organization: str
    version: str
    site: str
    entries: tuple[str, ...] = ()

    def as_json(self) -> Json:
        """The list as a SARIF tool component."""
        return {
            "name": self.name,
            "organization": self.organization,
            "version": self.version,
            "informationUri": self.site,
            "shortDescription": {"text": f"{self.name} {self.version} ({self.organization})"},
            "taxa": [{"id": bare(entry)} for entry in self.entries],
        }

    def reference(self, at: int) -> Json:
        """How the list is referred to."""
        return {"name": self.name, "index": at}

    def entry(self, at: int, name: str) -> Json | None:
        """A reference to one entry, None where it is not of this list."""
        if name not in self.entries:
            return None
        return {"id": bare(name), "index": self.entries.index(name), "toolComponent": self.reference(at)}


LISTS = (
    (re.compile(r"CWE-\d+"), Taxonomy("CWE", "MITRE", "4.17", "https://cwe.mitre.org/")),
    (
        re.compile(r"API\d+:2023"),
        Taxonomy("OWASP API Security Top 10", "OWASP", "2023", "https://owasp.org/API-Security/"),
    ),
    (re.compile(r"A\d+:2025"), Taxonomy("OWASP Top 10", "OWASP", "2025", "https://owasp.org/Top10/")),
    (
        re.compile(r"[A-Z]+\d+\.\d+"),
        Taxonomy("SOC 2 Trust Services Criteria", "AICPA", "2017, points of focus of 2022", "https://www.aicpa-cima.com/"),
    ),
)
"""How the ids of each list look."""


def taxonomies_of(scan: Scan) -> tuple[Taxonomy, ...]:
    """The lists that the scan's rules and findings refer to, each with the entries used, by number."""
    claims: tuple[Rule | Finding, ...] = (*scan.rules, *scan.findings)
    ids = sorted({name for claim in claims for name in (*claim.cwe, *claim.owasp, *claim.soc2)}, key=by_number)
    found = []
    for pattern, taxonomy in LISTS:
        entries = tuple(name for name in ids if pattern.fullmatch(name))
        if entries:
            found.append(Taxonomy(taxonomy.name, taxonomy.organization, taxonomy.version, taxonomy.site, entries))
    return tuple(found)


def by_number(name: str) -> tuple[str, tuple[int, ...]]:
    """A sort key by which API2 comes before API10."""
    return re.split(r"\d", name)[0], tuple(int(number) for number in re.findall(r"\d+", name))


def bare(name: str) -> str:
    """The id as its own list writes it: `639` of CWE-639."""
    return name.removeprefix("CWE-")
