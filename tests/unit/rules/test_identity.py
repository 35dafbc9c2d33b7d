"""Does a fingerprint stay with its finding, and only with it?"""

from msgspec.structs import replace

from apiposture.model.finding import Finding
from apiposture.model.source import Place
from apiposture.rules.identity import shape_of, with_fingerprints

FINDING = Finding("AP103", "n", "high", "high", "m", Place("a.cs", 3), identity=("sql", "Logs.Find", "FromSqlRaw"))


def prints(*findings: Finding) -> list[str]:
    return [finding.fingerprint for finding in with_fingerprints(findings)]


def test_it_is_sixteen_hexadecimal_digits_of_rule_and_identity() -> None:
    (one,) = prints(FINDING)
    assert len(one) == 16
    assert int(one, 16) >= 0
    assert prints(replace(FINDING, place=Place("a.cs", 90, 7), message="other", severity="low")) == [one]
    assert prints(replace(FINDING, rule="AP102")) != [one]
    assert prints(replace(FINDING, identity=("sql", "Logs.Find", "ExecuteSqlRaw"))) != [one]


def test_parts_do_not_run_into_each_other() -> None:
    assert prints(replace(FINDING, identity=("ab", "c"))) != prints(replace(FINDING, identity=("a", "bc")))
    assert prints(replace(FINDING, identity=("a", ""))) != prints(replace(FINDING, identity=("a",)))


def test_equals_are_counted_down_the_file_and_the_first_keeps_its_own() -> None:
    second = replace(FINDING, place=Place("a.cs", 9))
    assert prints(second, FINDING) == prints(FINDING, second)
    assert prints(FINDING, second)[0] == prints(FINDING)[0]
    assert len(set(prints(FINDING, second))) == 2


def test_a_calls_shape_forgets_layout_comments_and_locals() -> None:
    shape = shape_of("_db.Logs.FromSqlRaw($\"SELECT * FROM Logs WHERE C = '{input}'\")")
    assert shape == "FromSqlRaw|SELECT * FROM Logs WHERE C = '{}'"
    assert shape_of("ctx .Logs\n  .FromSqlRaw( // note\n $\"SELECT * FROM Logs WHERE C = '{value}'\" )") == shape
    assert shape_of("_db.Orders.FindAsync(id)") == shape_of("context.Orders.FindAsync(orderId)") == "FindAsync"
    assert shape_of("Set<Order>().Find(id)") == "Set|Find"
    assert shape_of("db.Users.ExecuteSqlRaw") == "ExecuteSqlRaw"
    assert shape_of("") == ""
