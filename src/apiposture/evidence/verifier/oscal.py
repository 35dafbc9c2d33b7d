"""How does a GRC tool read the pack? OSCAL 1.2.1 (NIST): what the scanner is, what was planned, what came out, what is to be done.

Ids are worked out from names (UUIDv5), so that the same tables give the same documents. A criterion that was not evaluated is an
observation and never a finding; no document says that a control is satisfied: that is an assessor's word.
"""

from __future__ import annotations

import re
from uuid import UUID, uuid5

from apiposture.evidence.verifier.canonical import Json
from apiposture.evidence.verifier.statuses import FOUND, OUTSIDE, rows_of

VERSION = "1.2.1"
NAMESPACE = "https://apiposture.com/ns/oscal"
_FAMILY = UUID("6f0f2f0e-3b0c-5a6e-9d0d-0a7a1b9c5e11")


def documents(about: Json, tables: dict[str, Json]) -> dict[str, Json]:
    """The OSCAL documents by file name. Without an open finding there is no plan of action."""
    made = Documents(about, tables)
    found = {
        "component-definition.json": made.component_definition(),
        "assessment-plan.json": made.plan(),
        "assessment-results.json": made.results(),
        "mapping-collection.json": made.mappings(),
    }
    plan = made.milestones()
    return {**found, "poam.json": plan} if plan else found


class Documents:
    """The documents of one pack."""

    def __init__(self, about: Json, tables: dict[str, Json]) -> None:
        self.about = about
        self.rows = {name: rows_of(tables, name) for name in tables}
        self.inside = [row for row in self.rows["statuses"] if row["status"] != OUTSIDE]

    def id(self, *words: str) -> str:
        """The id of something in this pack."""
        return str(uuid5(_FAMILY, "\n".join((self.about["project"], self.about["period"]["start"], self.about["period"]["end"], *words))))

    def metadata(self, title: str) -> Json:
        """What every document opens with."""
        return {
            "title": f"{title}: {self.about['project']}",
            "last-modified": self.about["prepared_at"],
            "version": f"{self.about['period']['start']}..{self.about['period']['end']}",
            "oscal-version": VERSION,
        }

    def component_definition(self) -> Json:
        """What the scanner does for each criterion, from the mapping."""
        implementations = []
        for standard in self.about["standards"]:
            rows = [row for row in self.rows["mapping"] if row["standard"] == standard]
            wanted = [
                {
                    "uuid": self.id("requirement", standard, str(at)),
                    "control-id": token(row["criterion"]),
                    "description": f"{row['subjects']}: {row['rationale']} Not shown: {row['not_shown']}",
                    "props": [prop("strength", row["strength"]), prop("criterion", row["criterion"]), prop("subjects", row["subjects"])],
                }
                for at, row in enumerate(rows)
            ]
            implementations.append(
                {
                    "uuid": self.id("implementation", standard),
                    "source": f"{NAMESPACE}/{standard}",
                    "description": f"What a scan can say of {standard}; see 'mapping/{standard}.json'.",
                    "implemented-requirements": wanted,
                }
            )
        component = {
            "uuid": self.id("component"),
            "type": "software",
            "title": "ApiPosture",
            "description": "A local-first scanner of API source.",
            "control-implementations": implementations,
        }
        return {
            "component-definition": {
                "uuid": self.id("component-definition"),
                "metadata": self.metadata("What the scanner can speak to"),
                "components": [component],
            }
        }

    def mappings(self) -> Json:
        """Each standard's criteria beside our rules and activities, with what is mapped to nothing on either side."""
        found = []
        for standard in self.about["standards"]:
            rows = [row for row in self.rows["mapping"] if row["standard"] == standard]
            mapping = {
                "uuid": self.id("mapping", standard),
                "source-resource": {"type": "catalog", "href": f"{NAMESPACE}/{standard}"},
                "target-resource": {"type": "catalog", "href": f"{NAMESPACE}/rules"},
                "maps": [self.map(standard, at, row) for at, row in enumerate(rows)],
            }
            unsupported = _listed(self.rows["unsupported"], standard, "criteria")
            unmapped = _listed(self.rows["unmapped"], standard, "rules")
            for side, names in (("source", unsupported), ("target", unmapped)):
                if names:
                    mapping[f"{side}-gap-summary"] = {"uuid": self.id("gap", side, standard), "unmapped-controls": [{"with-ids": names}]}
            found.append(mapping)
        told = "Rules and activities of the scanner that speak to a criterion; none covers one. Properties tell how strongly."
        provenance = {"method": "human", "matching-rationale": "functional", "status": "complete", "mapping-description": told}
        said = {"uuid": self.id("mapping-collection"), "metadata": self.metadata("What speaks to which criterion")}
        return {"mapping-collection": {**said, "provenance": provenance, "mappings": found}}

    def map(self, standard: str, at: int, row: Json) -> Json:
        """One row of the mapping."""
        return {
            "uuid": self.id("map", standard, str(at)),
            "relationship": "intersects-with",
            "sources": [{"type": "control", "id-ref": token(row["criterion"])}],
            "targets": [{"type": "control", "id-ref": token(subject)} for subject in row["subjects"].split()],
            "props": [prop("strength", row["strength"]), prop("criterion", row["criterion"])],
            "remarks": f"{row['rationale']} Not shown: {row['not_shown']}",
        }

    def plan(self) -> Json:
        """What was to be tested, and how."""
        resource = {
            "uuid": self.id("system"),
            "title": f"The source of {self.about['project']}",
            "description": f"Branch '{self.about['branch']}', commit '{self.about['commit']}'. A system security plan is not here.",
        }
        return {
            "assessment-plan": {
                "uuid": self.id("plan"),
                "metadata": self.metadata("Plan"),
                "import-ssp": {"href": f"#{self.id('system')}"},
                "reviewed-controls": self.reviewed(),
                "back-matter": {"resources": [resource]},
            }
        }

    def reviewed(self) -> Json:
        """The criteria in scope."""
        wanted = sorted({token(row["criterion"]) for row in self.inside})
        chosen: Json = {"include-controls": [{"control-id": each} for each in wanted]} if wanted else {"description": "None is in scope."}
        return {"control-selections": [chosen]}

    def results(self) -> Json:
        """A status of each criterion as an observation, and a finding where there are exceptions."""
        period = self.about["period"]
        result = {
            "uuid": self.id("result"),
            "title": f"{period['start']} to {period['end']}",
            "description": "Statuses follow from 'tables/'; 'verify.py' works them out again.",
            "start": f"{period['start']}T00:00:00Z",
            "end": self.about["as_of"],
            "reviewed-controls": self.reviewed(),
            "observations": [self.observation(row) for row in self.inside] or [self.nothing()],
        }
        found = [self.finding(row) for row in self.inside if row["status"] == FOUND]
        if found:
            result["findings"] = found
        return {
            "assessment-results": {
                "uuid": self.id("results"),
                "metadata": self.metadata("Results"),
                "import-ap": {"href": "assessment-plan.json"},
                "results": [result],
            }
        }

    def observation(self, row: Json) -> Json:
        """What was noted of a criterion."""
        return {
            "uuid": self.id("observation", row["standard"], row["criterion"]),
            "title": f"{row['standard']} {row['criterion']}",
            "description": f"{row['title']}: {row['status']}; exceptions: {row['exceptions']}. {row['reasons']}".strip(),
            "props": [prop("status", row["status"]), prop("standard", row["standard"]), prop("criterion", row["criterion"])],
            "methods": ["TEST"],
            "collected": self.about["as_of"],
        }

    def nothing(self) -> Json:
        """An observation that there is none."""
        return {
            "uuid": self.id("observation"),
            "description": "No criterion is in scope.",
            "methods": ["TEST"],
            "collected": self.about["as_of"],
        }

    def finding(self, row: Json) -> Json:
        """Exceptions of a criterion. The state is OSCAL's word for them."""
        target = {"type": "objective-id", "target-id": token(row["criterion"]), "status": {"state": "not-satisfied", "reason": "other"}}
        return {
            "uuid": self.id("finding", row["standard"], row["criterion"]),
            "title": f"{row['standard']} {row['criterion']}: {row['exceptions']} exceptions",
            "description": f"{row['title']}. Decided by: {row['decided_by']}.",
            "target": target,
            "related-observations": [{"observation-uuid": self.id("observation", row["standard"], row["criterion"])}],
        }

    def milestones(self) -> Json:
        """The findings that are open or accepted at the end."""
        items = [self.item(row) for row in self.rows["findings"] if row["state"] in ("open", "accepted")]
        if not items:
            return {}
        return {
            "plan-of-action-and-milestones": {
                "uuid": self.id("poam"),
                "metadata": self.metadata("What is to be done"),
                "system-id": {"identifier-type": NAMESPACE, "id": self.about["project"]},
                "poam-items": items,
            }
        }

    def item(self, row: Json) -> Json:
        """One finding, with its clock."""
        told = {"rule": row["rule"], "severity": row["severity"], "state": row["state"], "first-seen": row["first_seen"]}
        told |= {"age-days": str(row["age_days"]), "allowed-days": str(row["allowed_days"]), "fingerprint": row["fingerprint"]}
        return {
            "uuid": self.id("item", row["fingerprint"]),
            "title": f"{row['rule']} {row['method']} {row['route']}".strip(),
            "description": row["message"] or row["rule"],
            "props": [prop(name, value) for name, value in told.items()],
        }


def _listed(rows: list[Json], standard: str, column: str) -> list[str]:
    """The ids that rows of a standard name, as OSCAL spells them."""
    return [token(each) for row in rows if row["standard"] == standard for each in row[column].split(", ")]


def prop(name: str, value: str) -> Json:
    """A property of ours."""
    return {"name": name, "ns": NAMESPACE, "value": value}


def token(criterion: str) -> str:
    """A criterion's id as OSCAL spells ids: `cc6.1`, `_164.312_a__1_`."""
    found = re.sub(r"[^A-Za-z0-9._-]", "_", criterion).lower()
    return found if found[:1].isalpha() else f"_{found}"
