"""Do the rules claim what the facts support, once for each cause, in an order that depends on nothing else?"""

from msgspec.structs import replace

from apiposture import rules
from apiposture.model.facts import (
    Access,
    Check,
    Declaration,
    Endpoint,
    Exposure,
    Facts,
    Flow,
    Need,
    Ownership,
    Posture,
    Remedy,
    Secret,
)
from apiposture.model.finding import Finding, Step
from apiposture.model.source import Place

LOGIN = Posture("authenticated", "'[Authorize]' asks for a login", Place("src/OrderController.cs", 20, 5))
OPEN = Posture("anonymous", "'[AllowAnonymous]' lets everybody in", Place("src/OrderController.cs", 20, 5))
NOTHING = Posture("public", "nothing is declared")


def endpoint(posture: Posture = LOGIN, method: str = "GET", route: str = "/api/orders/{id}", **more: object) -> Endpoint:
    values = {
        "framework": "aspnet",
        "handler": "OrderController.GetOrder",
        "place": Place("src/OrderController.cs", 21, 5),
        "changes_state": method != "GET",
    } | more
    return Endpoint(method=method, route=route, posture=posture, **values)  # type: ignore[arg-type]


def access(index: int = 0, **more: object) -> Access:
    values = {
        "entity": "Order",
        "operation": "read",
        "key": "id",
        "key_source": "route",
        "place": Place("src/OrderController.cs", 24, 37),
        "call": "_db.Orders.FindAsync(id)",
        "function": "OrderController.GetOrder",
        "trace": (Step(Place("src/OrderController.cs", 21, 43), "the caller chooses this value", "source"),),
        "checks": (),
        "certainty": "high",
    } | more
    return Access(endpoint=index, **values)  # type: ignore[arg-type]


OWNED = Ownership("Order", True, ("UserId",), "it has a 'UserId'", "high")


def bola(*accesses: Access, endpoints: tuple[Endpoint, ...] = (), ownerships: tuple[Ownership, ...] = (OWNED,)) -> Facts:
    return Facts(endpoints=endpoints or (endpoint(),), accesses=accesses or (access(),), ownerships=ownerships)


def found(facts: Facts, *wanted: str) -> tuple[Finding, ...]:
    findings, problems = rules.run(facts, wanted or None)
    assert problems == ()
    return findings


def ids(facts: Facts) -> list[str]:
    return [finding.rule for finding in found(facts)]


def test_the_article_case_says_the_sentence_that_the_product_is_known_by() -> None:
    (finding,) = found(bola())
    assert finding.message == "Possible BOLA in OrderController.cs:24. Missing ownership check for 'id'."
    assert (finding.rule, finding.severity, finding.certainty) == ("AP101", "critical", "high")
    assert (finding.cwe, finding.owasp, finding.soc2[0]) == (("CWE-639",), ("API1:2023",), "CC6.1")
    assert [step.part for step in finding.trace] == ["declaration", "source", "sink"]
    assert "'Order.UserId' is never compared" in finding.trace[-1].note
    assert "'Order.UserId' in the query's condition, compared with the caller" in finding.looked_for


def test_bola_is_not_claimed_where_the_object_is_tied_or_nobodys() -> None:
    tied = access(checks=(Check("predicate", Place("src/OrderController.cs", 24), "o.UserId == userId"),))
    for facts in (
        bola(tied),
        bola(access(operation="create")),
        bola(access(operation="exists")),
        bola(access(key="", key_source="")),
        bola(ownerships=(replace(OWNED, owned=False),)),
        bola(ownerships=()),
        bola(endpoints=(endpoint(OPEN),)),
    ):
        assert "AP101" not in ids(facts)


def test_an_anonymous_deletion_is_claimed_all_the_same() -> None:
    facts = bola(access(operation="delete"), endpoints=(endpoint(OPEN, "DELETE"),))
    assert ids(facts) == ["AP101", "AP002"]


def gate(level: str, *needs: Need) -> Facts:
    return bola(endpoints=(endpoint(Posture(level, "a gate", needs=needs)),))


def test_administration_is_no_bola_and_a_role_of_everybody_is_no_administration() -> None:
    assert ids(gate("role", Need("role", "OrderAdministrator"))) == []
    assert ids(gate("policy", Need("permission", "orders.manage"))) == []
    assert ids(gate("policy", Need("scope", "orders.read"))) == ["AP101"]
    assert ids(gate("policy")) == ["AP101"]
    (finding,) = found(gate("role", Need("role", "Customer")))
    assert (finding.rule, finding.certainty) == ("AP101", "medium")


def test_a_permission_on_one_model_guards_no_object_of_another() -> None:
    assert ids(gate("policy", Need("permission", "of the model Order", "Order"))) == []
    assert ids(gate("policy", Need("permission", "of the model Basket", "Basket"))) == ["AP101"]
    assert ids(gate("policy", Need("permission", "of the model Basket"))) == []  # the name is for people to read
    assert ids(gate("policy", Need("permission", "of the model Basket", "Basket"), Need("role", "OrderAdministrator"))) == []


def test_certainty_is_that_of_the_weakest_part_and_low_for_secret_keys() -> None:
    assert found(bola(access(certainty="medium")))[0].certainty == "medium"
    assert found(bola(ownerships=(replace(OWNED, certainty="low"),)))[0].certainty == "low"
    for key in ("shareToken", "token", "invitation_id"):
        assert found(bola(access(key=key)))[0].certainty == "low"
    assert found(bola(access(key="tokenizerId")))[0].certainty == "high"


def test_load_and_deletion_of_one_object_are_one_missing_check() -> None:
    load = access()
    removal = access(operation="delete", place=Place("src/OrderController.cs", 25, 9), call="_db.Orders.Remove(order)")
    (finding,) = found(bola(removal, load))
    assert finding.place.line == 24
    assert "'Order' is deleted here" in [step.note for step in finding.trace]


def test_siblings_are_counted_and_cited() -> None:
    check = Check("predicate", Place("src/OrderController.cs", 41, 9), "o.UserId == me")
    others = tuple(endpoint(route=f"/api/orders/{{id}}/{n}", handler=f"OrderController.Get{n}") for n in range(5))
    tied = [access(n + 1, checks=(check,)) for n in range(4)]
    facts = bola(access(), *tied, access(5, key_source=""), endpoints=(endpoint(), *others))
    (finding,) = found(facts)
    siblings = [step for step in finding.trace if step.part == "sibling"]
    assert siblings[0].note == "4 of 5 other endpoints on 'Order' filter by 'UserId'"
    assert len(siblings) == 4


def test_checks_that_do_not_count_are_named() -> None:
    weak = (Step(Place("src/OrderController.cs", 25, 9), "a null check ties nothing to the caller"),)
    (finding,) = found(bola(access(weak=weak)))
    assert "not counted, OrderController.cs:25: a null check ties nothing to the caller" in finding.looked_for


def test_the_remedy_is_the_frameworks_code_filled_in() -> None:
    rows = (
        Remedy("aspnet", "AP101", "AuthorizeAsync(User, {variable})"),
        Remedy("ef", "AP101", ".Where(o => { return o.Id == {key} && o.{owner} == me; })", "read"),
        Remedy("ef", "AP101", "wrong operation", "delete"),
        Remedy("ef", "AP102", "wrong rule", "read"),
    )
    (finding,) = found(replace(bola(), remedies=rows))
    assert finding.remedy == ".Where(o => { return o.Id == id && o.UserId == me; })"
    assert "'Order'" in found(bola())[0].remedy


def test_who_may_call_is_one_cause_and_the_most_specific_rule_says_it() -> None:
    write = endpoint(NOTHING, "DELETE", "/admin/orders/{id}", style="function")
    (finding,) = found(Facts(endpoints=(write,)))
    assert (finding.rule, finding.severity, finding.also) == ("AP004", "critical", ("AP007", "AP008"))
    (finding,) = found(Facts(endpoints=(endpoint(NOTHING, style="function"),)))
    assert (finding.rule, finding.also) == ("AP008", ("AP001",))
    assert ids(Facts(endpoints=(endpoint(NOTHING, style="function", grouped=True),))) == ["AP001"]
    assert ids(Facts(endpoints=(endpoint(NOTHING),))) == ["AP001"]
    assert [each.rule for each in found(Facts(endpoints=(write,)), "AP008")] == ["AP008"]


def test_unknown_posture_claims_nothing_about_who_may_call() -> None:
    unknown = Posture("unknown", "a policy from another assembly")
    both = (endpoint(unknown, style="function", route="/admin"), endpoint(unknown, "POST"))
    assert ids(Facts(endpoints=both)) == []


def test_known_public_routes_are_lowered_and_listed() -> None:
    (finding,) = found(Facts(endpoints=(endpoint(OPEN, "POST", "/api/v1/auth/login"),)))
    assert (finding.rule, finding.severity) == ("AP002", "low")
    assert "a login can't ask for a login" in finding.message
    cases = {
        ("POST", "/connect/token"): "low",
        ("POST", "/api/accounts/forgot-password"): "low",
        ("POST", "/v{version}/auth/login"): "low",
        ("POST", "/login/login"): "low",
        ("POST", "/api/Registrations"): "low",
        ("POST", "/api/password-resets"): "low",
        ("POST", "/users/{userId}/authenticate"): "low",
        ("POST", "/orders/{userId}/authenticate"): "high",
        ("PUT", "/api/password-resets"): "high",
        ("POST", "/forgot"): "low",
        ("POST", "/{tenant_slug}/login"): "low",
        ("POST", "/{room}/login"): "high",
        ("POST", "/reset/{token}"): "low",
        ("POST", "/reset"): "high",
        ("POST", "/accounts/login/two_factor/totp/"): "low",
        ("POST", "/ldap/login"): "low",
        ("POST", "/auth/google"): "low",
        ("POST", "/calendars/google"): "high",
        ("POST", "/api/webhooks/stripe"): "medium",
        ("DELETE", "/api/auth/login"): "high",
        ("POST", "/devices/{id}/register"): "high",
        ("POST", "/api/login-history"): "high",
        ("POST", "/users/{id}/token"): "high",
    }
    for (method, route), severity in cases.items():
        assert found(Facts(endpoints=(endpoint(OPEN, method, route),)))[0].severity == severity, route
    assert found(Facts(endpoints=(endpoint(NOTHING, route="/health"),)))[0].severity == "low"
    assert found(Facts(endpoints=(endpoint(NOTHING, route="/.well-known/jwks.json"),)))[0].severity == "low"


def test_another_route_of_the_same_login_is_a_login() -> None:
    first, second = endpoint(NOTHING, "POST", "/login"), endpoint(NOTHING, "POST", "/login/{confirmed}")
    other = endpoint(NOTHING, "POST", "/login/{confirmed}", handler="OtherController.Post", place=Place("src/OtherController.cs", 9, 5))
    assert {finding.severity for finding in found(Facts(endpoints=(first, second)))} == {"low"}
    assert {finding.severity for finding in found(Facts(endpoints=(first, other)))} == {"low", "critical"}
    wiping = endpoint(NOTHING, "POST", "/admin/wipe")
    assert "critical" in {finding.severity for finding in found(Facts(endpoints=(first, wiping)))}


PROOF = Check("shared-secret", Place("src/Hook.cs", 9), "whoever calls must share a secret")


def test_a_signature_check_lowers_an_anonymous_webhook() -> None:
    guarded = endpoint(OPEN, "POST", "/stripe", proof=PROOF)
    (finding,) = found(Facts(endpoints=(guarded,)))
    assert (finding.rule, finding.severity) == ("AP002", "low")


def test_an_undeclared_webhook_that_asks_for_a_proof_says_where() -> None:
    guarded = endpoint(NOTHING, "POST", "/stripe", proof=PROOF)
    (finding,) = found(Facts(endpoints=(guarded,)))
    assert (finding.rule, finding.severity) == ("AP004", "low")
    assert "nothing but a proof in its code guards it (Hook.cs:9)" in finding.message
    assert [step.part for step in finding.trace] == ["sink", "step"]


def test_contradicting_declarations() -> None:
    method = Declaration("endpoint", "Get", Place("a.cs", 9), "[AllowAnonymous]", opens=True)
    owner = Declaration("type", "OrderController", Place("a.cs", 3), "[Authorize]")
    posture = Posture("anonymous", "declared", method.place, declarations=(method, owner))
    (finding,) = found(Facts(endpoints=(endpoint(posture),)))
    assert finding.rule == "AP003"
    assert "'[AllowAnonymous]' at the endpoint overrides '[Authorize]' at the type" in finding.message
    (finding,) = found(Facts(endpoints=(endpoint(posture, "POST"),)))
    assert (finding.rule, finding.also) == ("AP002", ("AP003",))
    application = replace(owner, level="application")
    assert ids(Facts(endpoints=(endpoint(replace(posture, declarations=(method, application))),))) == []
    assert ids(Facts(endpoints=(endpoint(replace(posture, level="authenticated")),))) == []


def test_roles_are_reported_once_for_each_line_that_names_them() -> None:
    line = Place("src/OrderController.cs", 3, 1)
    posture = Posture("role", "roles", line, tuple(Need("role", name) for name in ("A1", "B2", "C3", "D4")))
    pair = (endpoint(posture), endpoint(posture, route="/b", place=Place("src/OrderController.cs", 40)))
    (finding,) = found(Facts(endpoints=pair))
    assert (finding.rule, finding.place.line) == ("AP005", 21)
    assert "so does 1 other endpoint" in [step.note for step in finding.trace]
    assert ids(Facts(endpoints=(endpoint(replace(posture, needs=posture.needs[:3])),))) == []


def test_a_role_name_that_says_nothing_is_the_auditors_matter() -> None:
    def role(name: str) -> Facts:
        return Facts(endpoints=(endpoint(Posture("role", "roles", needs=(Need("role", name),))),))

    (finding,) = found(role("Admin"))
    assert (finding.rule, finding.severity, finding.persona) == ("AP006", "low", "auditor")
    assert ids(role("InvoiceApprover")) == []
    assert ids(role("AdminOfInvoices")) == []


def test_sensitive_routes_are_compared_by_whole_words() -> None:
    for route in ("/api/admin/users", "/debug", "/api/orders/exportAll", "/internal/x"):
        assert ids(Facts(endpoints=(endpoint(OPEN, route=route),))) == ["AP007"], route
    for route in ("/api/administrivia", "/catalog", "/api/{admin}", "/configurator"):
        assert ids(Facts(endpoints=(endpoint(OPEN, route=route),))) == [], route


def flow(**more: object) -> Flow:
    values = {
        "kind": "sql",
        "endpoint": 0,
        "source": "q",
        "source_kind": "query",
        "sink": "_db.Database.ExecuteSqlRaw($\"SELECT '{q}'\")",
        "place": Place("src/Logs.cs", 12, 9),
        "function": "Logs.Find",
        "trace": (),
        "certainty": "high",
    } | more
    return Flow(**values)  # type: ignore[arg-type]


def test_each_kind_of_flow_has_its_own_words_cwe_and_severity() -> None:
    expected = {
        "sql": ("CWE-89", "critical"),
        "nosql": ("CWE-943", "critical"),
        "command": ("CWE-78", "critical"),
        "code": ("CWE-94", "critical"),
        "template": ("CWE-1336", "critical"),
        "ldap": ("CWE-90", "critical"),
        "xpath": ("CWE-643", "high"),
        "path": ("CWE-22", "critical"),
        "archive": ("CWE-22", "high"),
        "ssrf": ("CWE-918", "critical"),
        "deserialization": ("CWE-502", "critical"),
        "xxe": ("CWE-611", "high"),
        "reflection": ("CWE-470", "high"),
        "log": ("CWE-117", "low"),
        "header": ("CWE-113", "medium"),
        "redirect": ("CWE-601", "medium"),
    }
    titles = set()
    for kind, (cwe, severity) in expected.items():
        facts = Facts(endpoints=(endpoint(),), flows=(flow(kind=kind),))
        finding = next(each for each in found(facts) if each.rule == "AP103")
        assert finding.cwe == (cwe,)
        assert finding.severity == severity or kind == "reflection"
        titles.add(finding.message.split(" in ")[0])
    assert len(titles) == len(expected)


def test_twenty_ways_to_one_sink_are_one_finding() -> None:
    endpoints = tuple(endpoint(route=f"/r{n}", handler=f"H.M{n}") for n in range(3))
    flows = tuple(flow(endpoint=n) for n in range(3))
    (finding,) = found(Facts(endpoints=endpoints, flows=flows))
    assert "2 other endpoints reach the same call" in [step.note for step in finding.trace]
    assert finding.fingerprint == found(Facts(endpoints=endpoints, flows=flows[2:]))[0].fingerprint


def test_an_inherently_unsafe_call_needs_no_source() -> None:
    unsafe = flow(kind="deserialization", source="", source_kind="", endpoint=-1, inherent=True, sink="f.Deserialize(s)")
    (finding,) = found(Facts(flows=(unsafe,)))
    assert finding.message == "Unsafe deserialization in Logs.cs:12. 'Deserialize' is unsafe whatever it reads."
    assert finding.handler == "Logs.Find"


def exposure(**more: object) -> Exposure:
    values = {
        "endpoint": -1,
        "kinds": ("credential", "payment-card"),
        "what": ("Password", "CreditCard"),
        "type": "User",
        "sink": '_logger.LogInformation("Processing user: {User}", userObject)',
        "place": Place("src/UserService.cs", 31, 9),
        "function": "UserService.Run",
        "trace": (),
        "certainty": "high",
        "destinations": ("Splunk",),
    } | more
    return Exposure(**values)  # type: ignore[arg-type]


def test_a_logged_object_names_its_members_and_where_the_log_goes() -> None:
    (finding,) = found(Facts(exposures=(exposure(),)))
    assert finding.message == (
        "Sensitive data in logs in UserService.cs:31. 'Password', 'CreditCard' of 'User' (credential, payment-card) "
        "reach 'LogInformation'. The log goes to Splunk."
    )
    assert finding.cwe[0] == "CWE-532"


def test_two_values_in_one_log_call_are_one_finding() -> None:
    pair = (exposure(), exposure(what=("SSN",), kinds=("national-id",)))
    (finding,) = found(Facts(exposures=pair))
    assert "'SSN'" in finding.message
    assert "'Password'" in finding.message


def test_a_secret_is_named_by_its_mask() -> None:
    secret = Secret("aws", "AWS access key", Place("src/S3.cs", 4, 20), "AKIA****", "f00d", "high", "medium", "AccessKey")
    (finding,) = found(Facts(secrets=(secret,)))
    assert finding.message == "AWS access key in S3.cs:4. The literal 'AKIA****' in 'AccessKey' is a credential."
    assert (finding.severity, finding.certainty) == ("high", "medium")


def test_a_rule_that_crashes_is_a_problem_and_the_others_go_on() -> None:
    broken = replace(bola(), flows=(flow(kind="no-such-kind"),))
    findings, problems = rules.run(broken)
    assert [finding.rule for finding in findings] == ["AP101"]
    assert [(problem.kind, problem.blocks) for problem in problems] == [("rule-crashed", True)]
    assert "'AP103'" in problems[0].message


def test_the_order_of_the_facts_does_not_matter() -> None:
    endpoints = (endpoint(NOTHING, "POST", "/a"), endpoint(NOTHING, route="/b", place=Place("a.cs", 2)))
    flows = (flow(), flow(place=Place("src/Logs.cs", 30, 9)))
    one = found(Facts(endpoints=endpoints, flows=flows))
    other = found(Facts(endpoints=endpoints, flows=flows[::-1]))
    assert one == other
    assert [finding.severity for finding in one] == sorted((f.severity for f in one), key=["critical", "high"].index)
