"""What do the pack's pages have in common, and how is a pack verified with other people's tools?"""

from __future__ import annotations

from collections.abc import Sequence

from apiposture.reports.markup import Markup, joined, tag, verbatim

STYLE = """
:root{color-scheme:light dark;--paper:#fff;--ink:#1a1f28;--soft:#5b6473;--line:#d6dbe4;--code:#f2f4f8;--link:#1f5fd0;
--found:#f0b23c;--unseen:#fff;--clean:#9fd3f2;--outside:#e4e7ec}
@media screen and (prefers-color-scheme:dark){:root{
--paper:#12151b;--ink:#e8ebf1;--soft:#a3acbb;--line:#333b48;--code:#1c222c;--link:#8ab4ff}}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,"DejaVu Sans",sans-serif;color:var(--ink);background:var(--paper)}
body{max-width:1080px;margin:2rem auto;padding:0 1rem}
a{color:var(--link)}h1{font-size:1.6rem;line-height:1.2;margin:0;overflow-wrap:anywhere}
h2{font-size:1.15rem;margin:1.8rem 0 .5rem;border-bottom:1px solid var(--soft);padding-bottom:.15rem}
.lead{color:var(--soft);margin:.3rem 0 1rem}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:13px}
th,td{text-align:left;vertical-align:top;padding:.25rem .5rem;border-bottom:1px solid var(--line)}
th{color:var(--soft);font-weight:600}td{min-width:4.5rem;overflow-wrap:anywhere}
code{font:12px/1.4 ui-monospace,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
pre{white-space:pre-wrap;background:var(--code);padding:.6rem .8rem;border-radius:6px}
dl{display:grid;grid-template-columns:15rem 1fr;gap:.45rem 1.2rem;margin:0}dt{font-weight:650}dd{margin:0}
dd ul,dd ol{margin:0;padding-left:1.2rem}
.counts{display:grid;grid-template-columns:repeat(4,1fr);gap:.6rem;margin:.6rem 0 1.1rem;padding:0;list-style:none}
.counts li{border:1.5px solid var(--soft);border-radius:8px;padding:.35rem .7rem;color:#111}
.counts data{display:block;font-size:1.6rem;font-weight:700;line-height:1.2}
.counts .exceptions-noted{background:var(--found)}.counts .no-exceptions-noted{background:var(--clean)}
.counts .out-of-scope{background:var(--outside)}
.counts .not-evaluated{background:repeating-linear-gradient(45deg,#ddd 0 1px,#fff 1px 9px)}
.verdict{border-left:5px solid var(--found);background:var(--code);padding:.5rem .8rem;margin:.6rem 0;border-radius:0 6px 6px 0}
.verdict.whole{border-color:var(--clean)}
data.status{font-weight:600;white-space:nowrap}data.status[value=exceptions-noted]{text-decoration:underline}
data.status[value=not-evaluated]{font-style:italic}svg{max-width:100%;height:auto}
@media (max-width:640px){body{margin:1rem auto}dl{display:block}dt{margin-top:.7rem}.counts{grid-template-columns:1fr 1fr}
.wide svg{max-width:none;min-width:680px}.wide table{min-width:760px}}
@media print{@page{margin:12mm}
body{margin:0;padding:0;max-width:none;font-size:10px;line-height:1.4}h1{font-size:1.3rem}h2{break-after:avoid}
tr,svg,li,dd{break-inside:avoid}.wide{overflow:visible}table{font-size:9px}code{font-size:9px}
dl{grid-template-columns:11rem 1fr;gap:.3rem 1rem}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
"""

LIMITS = (
    "Static: the source at named commits was read. What runs, what stands in front of it and what the data says was not looked at.",
    "The scanner has known gaps; they are marked on the pages in 'rules/'. A finding that is not there proves nothing.",
    "No word here says that a criterion is met. A status tells whether exceptions were noted; the opinion is the auditor's.",
    "The signature proves that nothing changed since the holder of the key sealed it, not that they scanned honestly. What helps: the "
    "key's fingerprint by another way, a second person's sign-off, a checkpoint kept from an earlier pack, and running the scan again at a "
    "commit of your choice.",
    "Which commit is the head of the protected branch, the hosting service knows: compare it with the one that is named here.",
    "Times are those of the machines that scanned and of the commits' authors. A time-stamp in 'timestamps/', where somebody attached one, "
    "dates the pack and all in it, and not each scan.",
)

BYTES = """
unzip evidence.zip -d pack && cd pack
sha256sum -c MANIFEST.sha256
find . -type f | wc -l    # the manifest's lines, and two: manifest and envelope; then what came later, in signoff/ and timestamps/
"""

SEAL = """
python3 - <<'EOF'
import base64, json
sealed = json.load(open("attest/pack.dsse.json"))
body, kind = base64.b64decode(sealed["payload"]), sealed["payloadType"].encode()
open("../sealed", "wb").write(b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(body), body))
open("../signature", "wb").write(base64.b64decode(sealed["signatures"][0]["sig"]))
open("../statement.json", "wb").write(body)
EOF
openssl pkeyutl -verify -pubin -inkey pubkey.pem -rawin -in ../sealed -sigfile ../signature
# statement.json names the SHA-256 of every file, MANIFEST.sha256 among them
"""


TIME = """
# only where the folder 'timestamps' is there; root.pem comes from the authority itself
openssl ts -verify -data MANIFEST.sha256 -in timestamps/*.tsr -CAfile root.pem
openssl x509 -in root.pem -outform DER | sha256sum    # for --tsa-fingerprint
"""


def verify_page(fingerprint: str, signoff: str) -> str:
    """What to run, with which tools, and what each of them proves."""
    whole = f"python3 verify.py evidence.zip --key-fingerprint {fingerprint}\n"
    whole += "# --expect-period START..END and --checkpoint NUMBER:HASH refuse an older pack\n"
    whole += f"# --signoff-fingerprint {signoff}\n" if signoff else ""
    again = "git checkout COMMIT\napiposture scan FOLDER --format json --fail-on none | sha256sum    # the name of its file in 'scans/'"
    key = f"openssl pkey -pubin -in pubkey.pem -outform DER | sha256sum\n# must print {fingerprint}"
    steps = (
        ("1. No byte was changed, added or taken away (sha256sum, or Get-FileHash in PowerShell)", BYTES),
        ("2. The key is the one that you were told of by another way (openssl)", key),
        ("3. The seal is that key's (openssl 3; Python only takes the envelope apart)", SEAL),
        ("4. An independent clock says since when it is there (openssl; RFC 3161)", TIME),
        ("5. All of it: bytes, seal, history, population, tables, figures, statuses (Python 3.11 or newer, nothing else)", whole),
        ("6. It can be done again: the same tool on the same commit gives the same report", again),
    )
    body = [joined(tag("h2", title), tag("pre", tag("code", text.strip()))) for title, text in steps]
    limits = joined(tag("h2", "What this can't prove"), tag("ul", *(tag("li", limit) for limit in LIMITS)))
    return page("How to verify this pack", joined(tag("h1", "How to verify this pack"), *body, limits))


def table_of(columns: Sequence[str], rows: Sequence[Sequence[str | Markup]]) -> Markup:
    """A table, or a word that there is nothing in it."""
    if not rows:
        return tag("p", "None.")
    head = tag("tr", *(tag("th", column.replace("_", " "), scope="col") for column in columns))
    body = tag("tbody", *(tag("tr", *(tag("td", cell) for cell in row)) for row in rows))
    return tag("div", tag("table", tag("thead", head), body), class_="wide")


def page(title: str, body: Markup) -> str:
    """A whole page, which loads nothing and runs nothing."""
    head = joined(
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width"),
        tag("meta", http_equiv="Content-Security-Policy", content="default-src 'none'; style-src 'unsafe-inline'"),
        tag("title", title),
        tag("style", verbatim(STYLE)),
    )
    return f"<!doctype html>\n{tag('html', tag('head', head), tag('body', body), lang='en')}\n"
