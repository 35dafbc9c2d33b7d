"""Does an independent clock's word count where it holds, and only there? openssl makes the tokens, and is asked for its opinion too."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from apiposture.cli import run
from apiposture.evidence.pack import signed_off
from apiposture.evidence.timestamping import request_for, stamped
from apiposture.evidence.verifier import envelope
from apiposture.evidence.verifier.asked import report_on
from apiposture.evidence.verifier.canonical import BrokenError
from apiposture.evidence.verifier.certificates import certificates_in, pem_with
from apiposture.evidence.verifier.checks import Expected
from apiposture.evidence.verifier.container import MANIFEST, TIMES, Member, laid_out, members_of
from apiposture.evidence.verifier.timestamps import name_of_attached, stamp_of
from unit.evidence.projects import OPEN, START, Project, good, signer
from unit.evidence.test_tampering import alone as alone
from unit.evidence.test_tampering import holds

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")

KEY = envelope.fingerprint(signer().key)
KEYS = {
    "rsa": (["RSA", "-pkeyopt", "rsa_keygen_bits:2048"], "sha256"),
    "p256": (["EC", "-pkeyopt", "ec_paramgen_curve:P-256"], "sha256"),
    "p384": (["EC", "-pkeyopt", "ec_paramgen_curve:P-384"], "sha384"),
}
CONFIGURATION = """
[tsa]
default_tsa = here
[here]
serial = serial
default_policy = 1.2.3.4.1
digests = sha1, sha256, sha512
signer_digest = {digest}
ess_cert_id_alg = {named}
accuracy = secs:1
[clock]
extendedKeyUsage = critical,timeStamping
[web]
extendedKeyUsage = serverAuth,timeStamping
[authority]
basicConstraints = critical,CA:true
[nobody]
basicConstraints = critical,CA:false
[req]
distinguished_name = name
[name]
"""


class Authority:
    """A time-stamping authority of two certificates, in a folder."""

    def __init__(self, place: Path, above: str = "rsa", clock: str = "rsa", purpose: str = "clock", by: str = "authority",
                 named: str = "sha256", days: str = "30") -> None:  # fmt: skip
        self.place = place
        place.mkdir()
        self.digest = KEYS[clock][1]
        (place / "tsa.cnf").write_text(CONFIGURATION.format(digest=self.digest, named=named))
        (place / "serial").write_text("01\n")
        self.openssl("genpkey", "-algorithm", *KEYS[above][0], "-out", "ca.key")
        named_so = ["-config", "tsa.cnf", "-subj", "/O=Made up/CN=Made-up Root"]
        self.openssl("req", "-x509", "-key", "ca.key", "-out", "ca.pem", "-days", "90", "-extensions", by, *named_so)
        self.openssl("genpkey", "-algorithm", *KEYS[clock][0], "-out", "tsa.key")
        self.openssl("req", "-new", "-key", "tsa.key", "-out", "tsa.csr", "-config", "tsa.cnf", "-subj", "/CN=Made-up Clock")
        issued = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "tsa.cnf", "-extensions", purpose]
        self.openssl("x509", "-req", "-in", "tsa.csr", "-out", "tsa.pem", "-days", days, *issued)

    def openssl(self, *arguments: str) -> None:
        done = subprocess.run(["openssl", *arguments], cwd=self.place, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def answer(self, request: bytes, *more: str) -> bytes:
        """The response to a request."""
        (self.place / "query.tsq").write_bytes(request)
        keys = ["-signer", "tsa.pem", "-inkey", "tsa.key"]
        self.openssl("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query.tsq", *keys, "-out", "answer.tsr", *more)
        return (self.place / "answer.tsr").read_bytes()

    def pem(self) -> bytes:
        return (self.place / "ca.pem").read_bytes()

    def fingerprint(self, name: str = "ca.pem") -> str:
        done = subprocess.run(["openssl", "x509", "-in", name, "-outform", "DER"], cwd=self.place, capture_output=True, check=True)
        return hashlib.sha256(done.stdout).hexdigest()

    def agrees(self, subject: bytes, response: bytes) -> bool:
        """What openssl says of it."""
        (self.place / "subject").write_bytes(subject)
        (self.place / "said.tsr").write_bytes(response)
        command = ["openssl", "ts", "-verify", "-data", "subject", "-in", "said.tsr", "-CAfile", "ca.pem", "-untrusted", "tsa.pem"]
        return subprocess.run(command, cwd=self.place, capture_output=True).returncode == 0


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "here")


@pytest.fixture(scope="module")
def pack() -> bytes:
    return good().pack()


@pytest.fixture(scope="module")
def dated(pack: bytes, authority: Authority) -> bytes:
    members = members_of(pack)
    return stamped(members, authority.answer(request_for(members)), authority.pem())


def test_an_authority_that_was_named_lifts_the_grade(pack: bytes, dated: bytes, authority: Authority, alone: object) -> None:
    for fingerprint in (authority.fingerprint(), authority.fingerprint("tsa.pem")):
        assert holds(dated, alone, authority=fingerprint)
        assert report_on(dated, Expected(KEY, authority=fingerprint))[1][-1].startswith("grade   E3")
    assert report_on(dated, Expected(KEY))[1][-1].startswith("grade   E2"), "anybody can have a clock"
    assert report_on(dated, Expected(authority=authority.fingerprint()))[1][-1].startswith("grade   E1")
    assert any(authority.fingerprint() in line for line in report_on(dated, Expected(KEY))[1]), "the reader can compare it"
    assert not holds(dated, alone, authority="00" * 32)
    assert not holds(pack, alone, authority=authority.fingerprint()), "a stripped time-stamp is missed"


def test_all_that_a_reader_can_bring_gives_the_highest_grade(dated: bytes, authority: Authority) -> None:
    signed = signed_off(members_of(dated), signer(2), {"by": "Mary Major", "at": "2026-10-06T09:00:00Z"})
    project = good()
    known = {"signoff": envelope.fingerprint(signer(2).key), "checkpoint": f"{project.number}:{project.previous}"}
    assert report_on(signed, Expected(KEY, authority=authority.fingerprint(), **known))[1][-1].startswith("grade   E4")
    assert report_on(signed, Expected(KEY, **known))[1][-1].startswith("grade   E2")


@pytest.mark.parametrize(("above", "clock"), [("rsa", "p256"), ("p256", "p384"), ("p384", "rsa")])
def test_the_usual_keys_are_read(above: str, clock: str, pack: bytes, tmp_path: Path) -> None:
    there = Authority(tmp_path / "tsa", above, clock)
    members = members_of(pack)
    response = there.answer(request_for(members), "-chain", "ca.pem")
    assert there.agrees(members[MANIFEST].content, response)
    assert [each.called() for each in stamp_of(response, members[MANIFEST].content, []).chain] == ["Made-up Clock", "Made-up Root"]


def test_openssl_asks_and_verifies_the_same(pack: bytes, authority: Authority, tmp_path: Path) -> None:
    """Our request is the one that openssl makes (without a nonce), and our answer to a token is its own."""
    manifest = members_of(pack)[MANIFEST].content
    (authority.place / "m").write_bytes(manifest)
    authority.openssl("ts", "-query", "-data", "m", "-sha256", "-cert", "-no_nonce", "-out", "m.tsq")
    assert (authority.place / "m.tsq").read_bytes() == request_for(members_of(pack))
    response = authority.answer(request_for(members_of(pack)))
    for subject in (manifest, manifest + b" "):
        try:
            ours = bool(stamp_of(response, subject, []).moment)
        except BrokenError:
            ours = False
        assert ours == authority.agrees(subject, response) == (subject == manifest)


def test_who_may_not_vouch_for_a_clock_is_refused(pack: bytes, tmp_path: Path) -> None:
    there, members = Authority(tmp_path / "tsa", by="nobody"), members_of(pack)
    with pytest.raises(BrokenError, match="may not vouch"):
        stamp_of(there.answer(request_for(members)), members[MANIFEST].content, certificates_in(there.pem()))


def test_a_key_for_other_things_tells_no_time(tmp_path: Path) -> None:
    """openssl does not even sign with such a key."""
    for purpose, told in (("web", False), ("clock", True)):
        there = Authority(tmp_path / purpose, purpose=purpose)
        (found,) = certificates_in((there.place / "tsa.pem").read_bytes())
        assert found.is_for_time() == told


def test_the_old_way_to_name_a_certificate_is_read(pack: bytes, tmp_path: Path) -> None:
    there, members = Authority(tmp_path / "tsa", named="sha1"), members_of(pack)
    assert stamp_of(there.answer(request_for(members)), members[MANIFEST].content, []).moment > START


def test_a_weak_digest_and_another_subject_are_refused(pack: bytes, authority: Authority) -> None:
    manifest = members_of(pack)[MANIFEST].content
    (authority.place / "w").write_bytes(manifest)
    authority.openssl("ts", "-query", "-data", "w", "-sha1", "-cert", "-out", "w.tsq")
    with pytest.raises(BrokenError, match="is not accepted"):
        stamp_of(authority.answer((authority.place / "w.tsq").read_bytes()), manifest, [])
    other = Project()
    other.commit(START)
    other.scan(OPEN, START + 60)
    with pytest.raises(BrokenError, match="something else"):
        stamp_of(authority.answer(request_for(members_of(other.pack()))), manifest, [])


def test_a_token_is_bound_to_its_pack(pack: bytes, dated: bytes, authority: Authority, alone: object) -> None:
    other = good().pack(prepared_by="Somebody Else")
    moved = {name: member for name, member in members_of(dated).items() if name.startswith(TIMES)}
    assert not holds(laid_out([*members_of(other).values(), *moved.values()]), alone)
    renamed = {f"{TIMES}x.tsr": Member(f"{TIMES}x.tsr", next(iter(moved.values())).content)}
    assert not holds(laid_out([*members_of(pack).values(), *renamed.values()]), alone)


def test_nothing_hides_beside_a_token(pack: bytes, dated: bytes, authority: Authority, alone: object, tmp_path: Path) -> None:
    members = members_of(dated)
    (name,) = (each for each in members if each.startswith(TIMES) and each.endswith(".pem"))
    stranger = Authority(tmp_path / "tsa").pem()
    for content in (b"hello\n" + members[name].content, b"hello\n", stranger, members[name].content + pem_with(certificates_in(stranger))):
        hidden = Member(name_of_attached(content, "pem"), content)
        rest = [member for each, member in members.items() if each != name]
        assert not holds(laid_out([*rest, hidden]), alone)
        assert not holds(laid_out([*members_of(pack).values(), hidden]), alone)
    response = authority.answer(request_for(members_of(pack)))
    again = stamped(members_of(pack), response, b"a bundle\n" + stranger + authority.pem())
    assert holds(again, alone, authority=authority.fingerprint()), "of a bundle only what is used is attached"


def test_what_is_dated_before_it_was_made_is_broken(authority: Authority, alone: object) -> None:
    members = members_of(good().pack(prepared_at="2099-01-01T00:00:00Z"))
    late = stamped(members, authority.answer(request_for(members)), b"")
    assert not holds(late, alone)


def test_no_byte_of_a_token_can_be_changed(dated: bytes) -> None:
    """In the pack: its name is its digest. Renamed as well: it is broken, or says the same (a status text, a certificate beside)."""
    members = members_of(dated)
    manifest = members[MANIFEST].content
    (name,) = (each for each in members if each.startswith(TIMES) and each.endswith(".tsr"))
    token = members[name].content
    before = stamp_of(token, manifest, [])
    odd = []
    for at in range(len(token)):
        changed = bytearray(token)
        changed[at] ^= 1 << at % 8
        if name == name_of_attached(bytes(changed), "tsr"):
            odd.append(at)
        try:
            after = stamp_of(bytes(changed), manifest, [])
        except (BrokenError, LookupError, TypeError, ValueError):
            continue
        if (after.moment, after.chain[0].fingerprint) != (before.moment, before.chain[0].fingerprint):
            odd.append(at)
    assert odd == []


def test_by_the_commands(pack: bytes, authority: Authority, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sealed, query, token, out = (str(tmp_path / name) for name in ("p.zip", "q.tsq", "a.tsr", "dated.zip"))
    Path(sealed).write_bytes(pack)
    assert run(["evidence", "timestamp", sealed, "--query", query]) == 0
    Path(token).write_bytes(authority.answer(Path(query).read_bytes()))
    assert run(["evidence", "timestamp", sealed, "--token", token, "--authority", str(authority.place / "ca.pem"), "-o", out]) == 0
    assert run(["verify", out, "--key-fingerprint", KEY, "--tsa-fingerprint", authority.fingerprint()]) == 0
    assert "grade   E3" in capsys.readouterr().out
    for wrong in (["--token", query, "-o", out], ["--token", token], [], ["--query", query, "--token", token, "-o", out]):
        assert run(["evidence", "timestamp", sealed, *wrong]) == 2
        assert "error: " in capsys.readouterr().err
