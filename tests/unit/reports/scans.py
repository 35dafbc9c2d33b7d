"""Which scans are the reports tried on?"""

from apiposture.model.facts import Endpoint, Posture
from apiposture.model.finding import Finding, Rule, Step, Suppression
from apiposture.model.scan import FileRecord, Problem, Scan
from apiposture.model.source import Place

PATH = "src/OrderController.cs"
CODE = {
    20: "    [Authorize]",
    21: "    public async Task<IActionResult> GetOrder(int id)",
    24: "        var order = await _db.Orders.FindAsync(id);",
    25: "        return Ok(order);",
}
RULES = (
    Rule("AP101", "BrokenError object-level authorization", "critical", ("CWE-639",), ("API1:2023",), ("CC6.1", "CC6.3")),
    Rule("AP102", "Sensitive data in logs", "high", ("CWE-532",), ("A09:2025",), ("CC8.1",)),
)


def bola() -> Finding:
    return Finding(
        rule="AP101",
        name="BrokenError object-level authorization",
        severity="critical",
        certainty="high",
        message="Possible BOLA in OrderController.cs:24. Missing ownership check for 'id'.",
        place=Place(PATH, 24, 38, 24, 51),
        method="GET",
        route="/api/orders/{id}",
        handler="OrderController.GetOrder",
        trace=(
            Step(Place(PATH, 20, 5, 20, 16), "proves who calls, not whose order it is", "declaration"),
            Step(Place(PATH, 21, 47, 21, 53), "the caller chooses this value", "source"),
            Step(Place(PATH, 24, 38, 24, 51), "it reaches the data; 'Order.UserId' is never compared", "sink"),
            Step(Place(PATH, 25), "the object leaves in the response", "step"),
            Step(Place(PATH, 41), "4 of 5 other endpoints on 'Order' filter by 'UserId'", "sibling"),
            Step(Place(PATH, 57), "DELETE /api/orders/{id}", "sibling"),
        ),
        looked_for=("'Order.UserId' in the query's condition",),
        remedy=".Where(o => o.Id == id && o.UserId == User.FindFirstValue(ClaimTypes.NameIdentifier))",
        cwe=("CWE-639",),
        owasp=("API1:2023",),
        soc2=("CC6.1",),
        identity=("OrderController.GetOrder", "GET"),
        fingerprint="7f3a19c2d4e5f607",
    )


def accepted() -> Finding:
    return Finding(
        rule="AP102",
        name="Sensitive data in logs",
        severity="high",
        certainty="medium",
        message="Sensitive data in logs in Log.cs:3. 'Password' reaches 'LogInformation'.",
        place=Place("src/Log.cs", 3, 5, 3, 12),
        cwe=("CWE-532",),
        owasp=("A09:2025",),
        soc2=("CC8.1",),
        fingerprint="00112233aabbccdd",
        suppressed_by=Suppression("AP102", "test data only", Place("src/Log.cs", 2), "2027-03-31", "kim", "SEC-7"),
    )


AUTHENTICATED, PUBLIC = Posture("authenticated", ""), Posture("public", "")
HANDLER = "OrderController.GetOrder"


def scan(*findings: Finding, problems: tuple[Problem, ...] = (), snippets: dict[str, dict[int, str]] | None = None) -> Scan:
    return Scan(
        version="0.1.0",
        root=".",
        files=(
            FileRecord(PATH, "csharp", "a" * 64, 60, "parsed"),
            FileRecord("src/Log.cs", "csharp", "b" * 64, 9, "partial"),
            FileRecord("appsettings.json", "", "c" * 64, 12, "searched"),
        ),
        endpoints=(
            Endpoint("GET", "/api/orders/{id}", "aspnet", HANDLER, Place(PATH, 21), AUTHENTICATED),
            Endpoint("GET", "/health", "aspnet", "Program", Place("src/Program.cs", 3), PUBLIC),
        ),
        accesses=(),
        findings=findings,
        problems=problems,
        rules=RULES,
        frameworks=("aspnet",),
        configuration="d" * 64,
        snippets={PATH: CODE} if snippets is None else snippets,
        nodes=100,
        opaque=1,
    )


HOSTILE = "[red]x[/red] \x1b[31mred\x1b[0m\x07 </script> `tick` ```\n@org/team | \u202eevil\u2066 [a](http://e.example) \x9b2J"
HOSTILE_PATH = "src/a b\n[bold]\x1b[2J#1?%/\u202e:\udcff.cs"


def hostile() -> Scan:
    """A finding whose every text was written by somebody who wants to be obeyed."""
    place = Place(HOSTILE_PATH, 3, 2, 3, 8)
    steps = tuple(Step(place, HOSTILE, part) for part in ("declaration", "source", "step", "sink", "sibling"))
    finding = Finding(
        rule="AP101",
        name=HOSTILE,
        severity="critical",
        certainty="high",
        message=HOSTILE,
        place=place,
        method="GET",
        route=HOSTILE,
        handler=HOSTILE,
        trace=steps,
        looked_for=(HOSTILE,),
        remedy=HOSTILE,
        fingerprint="ffffffffffffffff",
        suppressed_by=Suppression("AP101", HOSTILE, place),
    )
    problem = Problem("unparsed", HOSTILE, HOSTILE_PATH, 2)
    return scan(finding, problems=(problem,), snippets={HOSTILE_PATH: {3: "\t" + HOSTILE + " ``````"}})
