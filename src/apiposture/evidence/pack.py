"""What is in a pack, and in which bytes? The same history, key and time give the same pack."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from msgspec import Struct

from apiposture.evidence.alone import verify_py
from apiposture.evidence.documents import verify_page
from apiposture.evidence.pages import Pages
from apiposture.evidence.redaction import redacted, redacted_about
from apiposture.evidence.signing import Signer
from apiposture.evidence.standards import Standard, page
from apiposture.evidence.told import sarif_of
from apiposture.evidence.verifier import envelope
from apiposture.evidence.verifier.assessed import Sources
from apiposture.evidence.verifier.canonical import Json, loose, sha256, written
from apiposture.evidence.verifier.chain import CHAIN, DETAILS, details_of, entries_of
from apiposture.evidence.verifier.checks import ABOUT, AUDITOR, FIGURES
from apiposture.evidence.verifier.commits import COMMITS, commits_of, packed
from apiposture.evidence.verifier.container import CONTAINER, ENVELOPE, MANIFEST, Member, container_of, laid_out, manifest_of
from apiposture.evidence.verifier.figures import figures_of
from apiposture.evidence.verifier.handoffs import handoffs
from apiposture.evidence.verifier.oscal import documents
from apiposture.evidence.verifier.pictures import pictures_of
from apiposture.evidence.verifier.sheets import csv_of
from apiposture.evidence.verifier.shown import FIRST, REPORT
from apiposture.evidence.verifier.statuses import statuses_of, words_of
from apiposture.evidence.verifier.tables import tables_of

SCHEMA = 1
_STATUSES = "tables/statuses.json"


class Material(Struct, frozen=True):
    """Everything that a pack is made from. `commits` are raw, newest first; `body` gives what the chain speaks of by its digest;
    `guides` are the rules' pages by id.
    """

    about: Json
    chain: bytes
    details: bytes
    commits: Sequence[bytes]
    standards: Sequence[Standard]
    body: Callable[[str], bytes]
    guides: dict[str, str]


def build(material: Material, signer: Signer, view: str = AUDITOR) -> bytes:
    """The pack, signed."""
    return sealed(contents(material, view, envelope.fingerprint(signer.key)), signer)


def sealed(contents: dict[str, bytes], signer: Signer) -> bytes:
    """A pack of these files: with their digests, and a statement about them."""
    files = {**contents, envelope.KEY: envelope.pem_of(signer.key)}
    members = {name: Member(name, content) for name, content in files.items()}
    files[CONTAINER] = container_of({name: member.raw for name, member in members.items()})
    files[MANIFEST] = manifest_of(files)
    subjects = {name: sha256(content) for name, content in files.items()}
    said = {**loose(files[ABOUT], ABOUT), "statuses": words_of(loose(files[_STATUSES], _STATUSES)) if _STATUSES in files else {}}
    payload = envelope.statement_of(envelope.PREDICATE, subjects, said)
    files[ENVELOPE] = envelope.envelope_of(payload, signer.key, signer.sign(envelope.sealed_bytes(payload)))
    return laid_out([members.get(name) or Member(name, content) for name, content in files.items()])


def signed_off(pack: dict[str, Member], signer: Signer, said: Json) -> bytes:
    """The pack with one more statement: that of a second person about its manifest."""
    payload = envelope.statement_of(envelope.SIGNOFF, {MANIFEST: sha256(pack[MANIFEST].content)}, said)
    sealed = loose(envelope.envelope_of(payload, signer.key, signer.sign(envelope.sealed_bytes(payload))), "sign-off")
    content = written({"envelope": sealed, "key": envelope.pem_of(signer.key).decode("ascii")})
    name = f"signoff/{envelope.fingerprint(signer.key)[:16]}.dsse.json"
    return laid_out([*pack.values(), Member(name, content)])


def contents(material: Material, view: str, fingerprint: str) -> dict[str, bytes]:
    """The pack's files, but those that speak about the container."""
    made = Made(material)
    about = redacted_about(material.about, view)
    tables = redacted(made.tables, view)
    tables["statuses"] = statuses_of(tables, about["scope"])
    figures = figures_of(tables)
    files = {ABOUT: written(about), FIGURES: written(figures), CHAIN: material.chain}
    files |= {f"tables/{name}.json": written(table) for name, table in tables.items()}
    files |= {f"csv/{name}.csv": csv_of(table) for name, table in tables.items()}
    files |= _shown(about, tables, figures, fingerprint)
    files |= {f"oscal/{name}": written(document) for name, document in documents(about, tables).items()}
    files |= handoffs(about, tables)
    files |= {f"mapping/{each.name}.json": written(msgspec.to_builtins(each)) for each in material.standards}
    files |= {f"mapping/{each.name}.md": page(each.name).encode("utf-8") for each in material.standards}
    files |= {f"rules/{rule}.md": text.encode("utf-8") for rule, text in material.guides.items()}
    files["verify.py"] = verify_py()
    return files | (made.sources() if view == AUDITOR else {})


def _shown(about: Json, tables: dict[str, Json], figures: Json, fingerprint: str) -> dict[str, bytes]:
    """What is looked at: pages, paper, workbook, pictures."""
    from apiposture.evidence.printed import printed
    from apiposture.evidence.workbook import workbook

    pages = Pages(about, tables, figures, fingerprint)
    drawn = pictures_of(tables)
    return {
        FIRST: pages.first().encode("utf-8"),
        REPORT: pages.report(drawn).encode("utf-8"),
        "01-report.pdf": printed(about, tables, figures, fingerprint),
        "02-workbook.xlsx": workbook(about, tables, figures),
        "VERIFY.html": verify_page(fingerprint, about["signoff"]).encode("utf-8"),
        **{name: picture.encode("utf-8") for name, picture in drawn.items()},
    }


class Made:
    """The tables of a pack, and what of the history they were made from."""

    def __init__(self, material: Material) -> None:
        entries = entries_of(material.chain)
        commits = b"".join(packed(raw) for raw in material.commits)
        self._material = material
        self._used: dict[str, bytes] = {}
        self._commits = commits
        self._sources = Sources(
            material.about, entries, details_of(material.details, entries), commits_of(commits, material.about["commit"]), self._body
        )
        self.tables = tables_of(self._sources, [msgspec.to_builtins(each) for each in material.standards])

    def _body(self, digest: str) -> Json:
        if digest not in self._used:
            self._used[digest] = self._material.body(digest)
        found: Json = loose(self._used[digest], digest)
        return found

    def sources(self) -> dict[str, bytes]:
        """The files from which a verifier works out the tables again; each scan in SARIF as well."""
        files = {DETAILS: self._material.details, COMMITS: self._commits}
        left_out = {scan["result"]: scan["undeclared"] for scan in self._sources.scans if scan["undeclared"]}
        for scan in self._sources.scans:
            files[f"accounting/{scan['accounting']}.json"] = self._material.body(scan["accounting"])
            files[f"config/{scan['digests']['configuration']}.json"] = self._material.body(scan["digests"]["configuration"])
            if scan.get("data") in self._used:
                files[f"data/{scan['data']}.json"] = self._used[scan["data"]]
            if scan["result"] in self._used:
                files[f"scans/{scan['result']}.json"] = self._used[scan["result"]]
                files[f"scans/{scan['result']}.sarif"] = sarif_of(self._used[scan["result"]], left_out.get(scan["result"], 0))
        return files
