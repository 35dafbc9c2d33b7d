"""What does somebody look at who was sent a report? One page that needs nothing else: no network, no server, no script to be read."""

from base64 import b64encode
from collections import Counter
from hashlib import sha256

from msgspec.structs import replace

from apiposture import shipped
from apiposture.model.facts import POSTURES
from apiposture.model.finding import SEVERITIES, Finding
from apiposture.model.scan import Problem, Scan
from apiposture.reports.figures import figures, is_complete, listed, not_among, told
from apiposture.reports.findingpage import listing
from apiposture.reports.markup import Markup, joined, tag, verbatim
from apiposture.reports.matrix import matrix
from apiposture.reports.options import Options, is_blocking, shown

SIGN = r"<!doctype html>\n<html lang=\"en\">.*<title>ApiPosture"


def render(scan: Scan, options: Options) -> str:
    """The page. Accepted findings are in it, folded away by a filter."""
    findings = shown(scan.findings, replace(options, suppressed=True))
    style, script = asset("html.css"), asset("html.js")
    body = tag(
        "body",
        header(scan, findings, options),
        tag(
            "main",
            summary(scan, options),
            section("matrix", "Who may call what", matrix(scan, findings)),
            section("findings", "Findings", listing(findings, scan, options)),
            problems(scan),
        ),
        footer(scan),
        tag("script", script),
    )
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy(style, script)),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", f"ApiPosture: {scan.root}"),
        tag("style", style),
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def asset(name: str) -> Markup:
    """Our own style or script, which stands beside this module."""
    return verbatim(shipped.text(__package__, name))


def policy(style: str, script: str) -> str:
    """What the page may do: apply this style, run this script, and nothing else, whatever text it shows."""
    return (
        f"default-src 'none'; style-src '{digest(style)}'; script-src '{digest(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def digest(text: str) -> str:
    """How a policy names a text."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def section(name: str, title: str, *children: Markup | None) -> Markup:
    """A part of the page with its title."""
    return tag("section", tag("h2", title, id=f"{name}-title"), *children, id=name, aria_labelledby=f"{name}-title")


def header(scan: Scan, findings: list[Finding], options: Options) -> Markup:
    """What was scanned, and how it went."""
    blocking = sum(is_blocking(finding, options) for finding in findings)
    if blocking:
        kind, verdict = "bad", f"{blocking} finding{'s' * (blocking != 1)} block{'s' * (blocking == 1)}"
    elif not is_complete(scan):
        kind, verdict = "blind", "The scan is incomplete"
    else:
        kind, verdict = "good", "Nothing blocks"
    return tag(
        "header",
        tag("div", tag("p", "ApiPosture", class_="brand"), tag("h1", scan.root or "."), class_="titles"),
        tag("p", verdict, class_=f"verdict {kind}"),
        incomplete(scan),
    )


def incomplete(scan: Scan) -> Markup | None:
    """The warning that stands above everything else."""
    if is_complete(scan):
        return None
    link = tag("a", "See the problems.", href="#problems")
    return tag("p", "The scan is incomplete: there may be more than was found. ", link, class_="warning")


def summary(scan: Scan, options: Options) -> Markup:
    """The figures, with a bar for what adds up."""
    numbers = figures(scan)
    claims = Counter(told(scan))
    severities = [(word, claims[word], word) for word in SEVERITIES]
    hints, noun = claims["hint"] + claims["hints"], "hint" if claims["hint"] else "hints"
    seen = replace(options, suppressed=True)
    unseen = tag("p", f"{numbers.blocking} left something unseen", class_="sub") if numbers.blocking else None
    postures = [(word, numbers.endpoints.get(word, 0), word) for word in POSTURES]
    return section(
        "summary",
        "Summary",
        tag(
            "div",
            card("Findings", sum(claims.values()), bar([*severities, (noun, hints, "hint")]), beside(not_among(scan, seen))),
            card("Endpoints", sum(numbers.endpoints.values()), bar(postures)),
            card("Files", sum(numbers.files.values()), tag("p", listed(numbers.files).partition(": ")[2], class_="sub")),
            card("Problems", numbers.problems, unseen),
            class_="cards",
        ),
    )


def beside(notes: str) -> Markup | None:
    """What is not among them, or accepted."""
    return tag("p", f"({notes})", class_="sub") if notes else None


def card(title: str, number: int, *children: Markup | None) -> Markup:
    """One figure."""
    return tag("div", tag("p", f"{number:,}", class_="figure"), tag("p", title, class_="label"), *children, class_="card")


def bar(parts: list[tuple[str, int, str]]) -> Markup:
    """Shares of a whole as a drawn bar, and the same in words."""
    there = [part for part in parts if part[1]]
    whole = sum(count for _, count, _ in there)
    if not whole:
        return joined()
    drawn, at = [], 0.0
    for _, count, kind in there:
        wide = 100 * count / whole
        drawn.append(tag("rect", x=f"{at:.2f}", y="0", width=f"{wide:.2f}", height="8", class_=f"fill {kind}"))
        at += wide
    words = [tag("li", tag("span", "", class_=f"dot {kind}"), f"{count} {word}") for word, count, kind in there]
    picture = tag("svg", *drawn, viewBox="0 0 100 8", preserveAspectRatio="none", role="img", aria_hidden="true", class_="bar")
    return joined(picture, tag("ul", *words, class_="shares"))


def problems(scan: Scan) -> Markup | None:
    """What could not be handled."""
    return section("problems", "Problems", tag("ul", *map(problem, scan.problems), class_="problems")) if scan.problems else None


def problem(found: Problem) -> Markup:
    """One of them."""
    where = tag("span", f"{found.path}:{found.line}" if found.line else found.path, class_="path") if found.path else None
    return tag("li", tag("b", found.kind), " ", found.message, " ", where, class_="blocks" if found.blocks else None)


def footer(scan: Scan) -> Markup:
    """Who made the page of what."""
    frameworks = f" Frameworks: {', '.join(scan.frameworks)}." if scan.frameworks else ""
    made = f"ApiPosture {scan.version}, configuration {scan.configuration[:16]}.{frameworks} Nothing was sent anywhere."
    return tag("footer", tag("p", made))
