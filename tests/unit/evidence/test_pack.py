"""Is a pack the same bytes every time, readable with other people's tools, and silent about what a view withholds?"""

from __future__ import annotations

import base64
import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import jsonschema_rs
import msgspec
import pytest

from apiposture.evidence.pack import signed_off
from apiposture.evidence.verifier import envelope
from apiposture.evidence.verifier.asked import report_on
from apiposture.evidence.verifier.checks import Expected
from apiposture.evidence.verifier.container import ENVELOPE, members_of
from apiposture.evidence.verifier.pictures import matrix
from apiposture.evidence.verifier.sheets import cell, csv_of
from apiposture.model.facts import Datum
from apiposture.model.source import Place
from unit.evidence.formats import pdf_text
from unit.evidence.projects import DAY, OPEN, START, Project, good, signer
from unit.evidence.test_statuses import files_of

TESTS = Path(__file__).resolve().parents[2]
SCHEMA = Path(os.environ.get("APIPOSTURE_OSCAL_SCHEMA", TESTS.parent / "build" / "oscal" / "complete.json"))


def busy() -> Project:
    """A history with a bit of everything."""
    project = good()
    project.commit(START + 4 * DAY)
    project.scan(OPEN, START + 4 * DAY + 60)
    missed = project.commit(START + 5 * DAY)
    project.gap(missed, "canary gap reason", START + 6 * DAY)
    project.commit(START + 7 * DAY)
    project.scan(OPEN, START + 7 * DAY + 60, left_out=["canary/Left.cs"])
    return project


@pytest.fixture(scope="module")
def pack() -> bytes:
    return busy().pack(standards=["soc2", "owasp_api", "cwe", "asvs", "pci_dss", "iso27001", "nist_800_53", "hipaa"])


PROGRAM = "import hashlib; from unit.evidence.test_pack import busy; print(hashlib.sha256(busy().pack()).hexdigest())"


def test_the_same_history_gives_the_same_bytes(tmp_path: Path) -> None:
    found = set()
    for seed, zone, language in (("0", "UTC", "C"), ("77", "Pacific/Auckland", "C.UTF-8"), ("random", "America/New_York", "POSIX")):
        env = {"PYTHONPATH": f"{TESTS.parent / 'src'}:{TESTS}", "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": language}
        done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, cwd=tmp_path, env=env)
        assert done.returncode == 0, done.stderr
        found.add(done.stdout)
    assert len(found) == 1


def test_openssl_and_sha256sum_agree(pack: bytes, tmp_path: Path) -> None:
    for program in ("openssl", "sha256sum"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        archive.extractall(tmp_path / "pack")
    inside = tmp_path / "pack"
    assert subprocess.run(["sha256sum", "--quiet", "-c", "MANIFEST.sha256"], cwd=inside).returncode == 0
    sealed = json.loads((inside / ENVELOPE).read_bytes())
    body = base64.b64decode(sealed["payload"])
    (tmp_path / "sealed").write_bytes(envelope.sealed_bytes(body))
    (tmp_path / "signature").write_bytes(base64.b64decode(sealed["signatures"][0]["sig"]))
    key = ["-pubin", "-inkey", inside / "pubkey.pem"]
    command = ["openssl", "pkeyutl", "-verify", *key, "-rawin", "-in", "sealed", "-sigfile", "signature"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True).returncode == 0
    (tmp_path / "sealed").write_bytes(envelope.sealed_bytes(body.replace(b"orders", b"others")))
    assert subprocess.run(command, cwd=tmp_path, capture_output=True).returncode != 0
    der = subprocess.run(
        ["openssl", "pkey", "-pubin", "-in", inside / "pubkey.pem", "-outform", "DER"], capture_output=True, check=True
    ).stdout
    assert __import__("hashlib").sha256(der).hexdigest() == envelope.fingerprint(signer().key)


def test_securesystemslib_and_in_toto_agree(pack: bytes) -> None:
    dsse = pytest.importorskip("securesystemslib.dsse")
    keys = pytest.importorskip("securesystemslib.signer")
    statements = pytest.importorskip("in_toto_attestation.v1.statement")
    from cryptography.hazmat.primitives.serialization import load_pem_public_key
    from google.protobuf.json_format import ParseDict
    from in_toto_attestation.v1 import statement_pb2

    files = files_of(pack)
    key = keys.SSlibKey.from_crypto(load_pem_public_key(files[envelope.KEY]))
    sealed = dsse.Envelope.from_dict(json.loads(files[ENVELOPE]))
    assert list(sealed.verify([key], 1)) == [key.keyid]
    statement = statements.Statement.copy_from_pb(ParseDict(json.loads(sealed.payload), statement_pb2.Statement()))
    statement.validate()
    sealed.payload = sealed.payload.replace(b"orders", b"others")
    with pytest.raises(Exception):  # noqa: B017 - theirs
        sealed.verify([key], 1)


@pytest.mark.parametrize("view", ["auditor", "customer", "public"])
def test_oscal_is_valid_by_the_official_schema(view: str) -> None:
    if not SCHEMA.is_file():
        pytest.skip("the official OSCAL schema is not there (APIPOSTURE_OSCAL_SCHEMA names it)")
    validator = jsonschema_rs.validator_for(json.loads(SCHEMA.read_text("utf-8")))
    files = files_of(busy().pack(view, standards=["soc2", "hipaa"]))
    documents = {name: json.loads(content) for name, content in files.items() if name.startswith("oscal/")}
    assert len(documents) == 5
    for document in documents.values():
        assert [error.message for error in validator.iter_errors(document)] == []
        next(iter(document.values())).pop("metadata")
        assert not validator.is_valid(document), "the schema looks"


def test_trestle_reads_oscal(pack: bytes, tmp_path: Path) -> None:
    models = {
        "component-definition": ("component", "ComponentDefinition"),
        "assessment-plan": ("assessment_plan", "AssessmentPlan"),
        "assessment-results": ("assessment_results", "AssessmentResults"),
        "poam": ("poam", "PlanOfActionAndMilestones"),
        "mapping-collection": ("mapping", "MappingCollection"),
    }
    for name, (module, model) in models.items():
        found = pytest.importorskip(f"trestle.oscal.{module}", reason="compliance-trestle is not installed")
        (tmp_path / f"{name}.json").write_bytes(files_of(pack)[f"oscal/{name}.json"])
        assert getattr(found, model).oscal_read(tmp_path / f"{name}.json") is not None


def test_a_sign_off_is_a_second_person_s(pack: bytes) -> None:
    other = envelope.fingerprint(signer(2).key)
    signed = signed_off(members_of(pack), signer(2), {"by": "Mary Major", "at": "2026-10-06T09:00:00Z"})
    assert report_on(signed, Expected(signoff=other))[0]
    assert not report_on(pack, Expected(signoff=other))[0], "a stripped sign-off is missed"
    assert not report_on(signed_off(members_of(pack), signer(), {}), Expected())[0], "the same key can't sign off"
    wanted = busy().pack(signoff=other)
    assert not report_on(wanted, Expected())[0], "the pack itself says who must sign off"
    assert report_on(signed_off(members_of(wanted), signer(2), {}), Expected())[0]
    moved = {**members_of(wanted), **{k: v for k, v in members_of(signed).items() if k.startswith("signoff/")}}
    from apiposture.evidence.verifier.container import laid_out

    assert not report_on(laid_out(list(moved.values())), Expected())[0], "a sign-off of another pack is none of this one"


CANARIES = ("canary", "Grace", "ada.", "run-7", "OrderController", "src/", "class ", "Ok()")
ROUTES = ("/api/orders", "orders/{id}")


def everything(pack: bytes) -> str:
    """All text in a pack: files in files too."""
    found = []
    for name, content in files_of(pack).items():
        if name.startswith(("rules/", "mapping/")) or name == "verify.py":
            continue
        if name.endswith(".xlsx"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                found += [archive.read(inner).decode("utf-8", "replace") for inner in archive.namelist()]
        elif name.endswith(".pdf"):
            found.append(pdf_text(content))
        else:
            found.append(content.decode("utf-8", "replace"))
        if name.endswith(".dsse.json"):
            found.append(base64.b64decode(json.loads(content)["payload"]).decode())
    return "\n".join(found)


@pytest.mark.parametrize("view", ["customer", "public"])
def test_a_view_withholds_what_it_should(view: str) -> None:
    project = busy()
    text = everything(project.pack(view, root="src/", branch="canary-branch", prepared_by="Grace Canary"))
    for canary in (*CANARIES, *(ROUTES if view == "public" else ())):
        assert canary.lower() not in text.lower(), canary
    shown = everything(project.pack())
    assert all(canary.lower() in shown.lower() for canary in CANARIES if canary != "class "), "the canaries are there to be found"


@pytest.mark.parametrize("view", ["auditor", "customer", "public"])
def test_every_view_verifies_with_the_same_figures(view: str) -> None:
    pack = busy().pack(view)
    holds, lines = report_on(pack, Expected(envelope.fingerprint(signer().key)))
    assert holds, lines
    assert files_of(pack)["figures.json"] == files_of(busy().pack())["figures.json"]
    assert lines[-1].startswith("grade   E2" if view == "auditor" else "grade   E1"), "without the sources less is proved"


RISKY = ["=1+1", "+1", "-1", "@SUM(A1)", "|x", "%x", " =1", "\t=1", "\r=1", "\n=1", "\ufeff=1", "\u00a0=1", "\x00=1"]


@pytest.mark.parametrize("text", RISKY)
def test_no_cell_becomes_a_formula(text: str) -> None:
    assert cell(text).startswith("'")
    rows = list(csv.reader(io.StringIO(csv_of({"columns": ["a"], "rows": [[text]]}).decode())))
    assert rows[1][0].startswith("'")
    assert cell(-1) == "-1", "a number is a number"


@pytest.mark.parametrize("text", ['a"b', "a,b", "a\nb", "ü\u2028", "\udcff", "a\x00b", "<&>'\""])
def test_odd_text_survives_all_forms(text: str) -> None:
    project = Project()
    project.commit(START)
    scan = msgspec.structs.replace(_scan(), findings=tuple(msgspec.structs.replace(each, message=text) for each in _scan().findings))
    project.scan(scan, START + 60)
    assert report_on(project.pack(), Expected())[0]


def _scan():  # type: ignore[no-untyped-def]
    from unit.evidence.projects import scanned

    return scanned(OPEN)


def test_the_first_page_answers_the_auditor_s_questions(pack: bytes) -> None:
    page = files_of(pack)["00-READ-ME-FIRST.html"].decode()
    questions = ("Who prepared this", "For which period", "What was scanned", "Was it complete", "not covered", "who approved", "change?")
    for question in (*questions, "check this alone"):
        assert question in page
    assert "<script" not in page
    assert not re.search(r'(src|href)="(https?:)?//', page), "nothing is fetched"


def test_pictures_are_svg_that_says_more_than_colour(pack: bytes) -> None:
    for name in ("pictures/endpoints.svg", "pictures/trend.svg", "pictures/controls.svg"):
        root = ElementTree.fromstring(files_of(pack)[name])
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
    drawn = files_of(pack)["pictures/endpoints.svg"].decode()
    assert 'id="stripes-ffffff"' in drawn
    assert ">P</text>" in drawn


def test_the_matrix_tells_more_than_posture() -> None:
    """A dot for sensitive data, a frame for what is open, a hatch for what is not known; and the same in words."""
    project = Project()
    project.commit(START)
    datum = Datum("credential", "enters", ("Login.Password",), "POST /api/orders/{id}", Place("src/OrderController.cs", 7), "high")
    project.scan(OPEN, START + 60, data=[datum])
    files = files_of(project.pack())
    drawn = files["pictures/endpoints.svg"].decode()
    cells = dict(re.findall(r"<g><title>([^<]*)</title>(.*?)</g>", drawn))
    (sensitive,) = (title for title in cells if "sensitive data: credential" in title)
    assert sensitive.startswith("POST /api/orders/{id}: public")
    assert ["<circle" in part for part in cells.values()] == [title == sensitive for title in cells]
    assert all('class="frame"' in part for title, part in cells.items() if "open findings" in title)
    assert json.loads(files["figures.json"])["endpoints_sensitive"]["value"] == 1
    assert b"Login.Password" in files["csv/data.csv"]
    assert report_on(project.pack(), Expected())[0]
    for view in ("customer", "public"):
        assert b"Login" not in b"".join(files_of(project.pack(view)).values())
    columns = ["method", "route", "posture", "needs", "sensitive", "open_findings"]
    unknown = {"columns": columns, "rows": [["GET", "/x\x1b[2J<&\x00", "unknown", "", "", 0]]}
    picture = matrix({"endpoints": unknown})
    assert 'fill="url(#hatch-111111)"' in picture
    assert ElementTree.fromstring(picture) is not None, "whatever a route is called"


def test_other_programs_take_findings_in(pack: bytes) -> None:
    """OCSF 1.5.0 by the models of others, where they are installed; HDF by its own rules. Neither says that a criterion is met."""
    files = files_of(pack)
    findings = [json.loads(line) for line in files["ocsf/findings.jsonl"].splitlines()]
    assert {each["finding_info"]["uid"] for each in findings} == {row[0] for row in json.loads(files["tables/findings.json"])["rows"]}
    assert all(each["type_uid"] == each["class_uid"] * 100 + each["activity_id"] and each["class_uid"] == 2007 for each in findings)
    (profile,) = json.loads(files["hdf/exec.json"])["profiles"]
    assert all(0 < each["impact"] < 1 and each["results"] for each in profile["controls"])
    results = [result for each in profile["controls"] for result in each["results"] if result["status"] == "failed"]
    opened = [row for row in csv.DictReader(io.StringIO(files["csv/findings.csv"].decode())) if row["state"] == "open"]
    assert len(results) == len(opened) > 0
    models = "py_ocsf_models.events.findings"
    criteria = pytest.importorskip(f"{models}.compliance_finding", reason="py-ocsf-models is not installed").ComplianceFinding
    posture = pytest.importorskip(f"{models}.application_security_posture_finding").ApplicationSecurityPostureFinding
    for model, name in ((criteria, "criteria"), (posture, "findings")):
        for line in files[f"ocsf/{name}.jsonl"].splitlines():
            model.model_validate_json(line)
