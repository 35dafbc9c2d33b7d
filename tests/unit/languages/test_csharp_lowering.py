"""What does the C# frontend make of the constructs that are easily read wrong? The page `csharp.md` shows the rest."""

from __future__ import annotations

import pytest

from apiposture.languages import language_of, lower, source_of
from apiposture.languages.show import show
from apiposture.model.ir import Module
from apiposture.model.source import SourceFile, end_of, start_of


def module_of(text: str) -> Module:
    return lower(source_of("A.cs", text))


def shown(text: str) -> list[str]:
    return show(module_of(text)).split("\n")


@pytest.mark.parametrize(
    ("path", "language"),
    [("src/A.cs", "csharp"), ("A.CS", "csharp"), ("a.py.txt", ""), ("cs", ""), (".cs", "csharp"), ("a.cs/b", "")],
)
def test_a_language_is_known_by_its_suffix(path: str, language: str) -> None:
    assert language_of(path) == language


def test_text_of_no_language_is_an_empty_module() -> None:
    module = lower(SourceFile("notes.txt", "", "class A {}", "0"))
    assert (module.types, module.nodes, module.language) == ((), 0, "")


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("r = x is null && y;", "(r = ((x == null) && y))"),
        ("r = a && x is null || b;", "(r = ((a && (x == null)) || b))"),
        ("r = x is not null && x.A == b && c || d;", "(r = (((!(x == null) && (x.A == b)) && c) || d))"),
        ("r = q || x is null && y is not null && z == 1;", "(r = (q || (((x == null) && !(y == null)) && (z == 1))))"),
        ("r = x is 1 or 2 && y;", "(r = (((x == 1) || (x == 2)) && y))"),
        ("r = x is > 3 && y;", "(r = ((x > 3) && y))"),
        ("r = x is null || y is A.B or A.C;", "(r = ((x == null) || ((y == A.B) || (y == A.C))))"),
        ("r = x is A.B ? c : d;", "(r = ((x == A.B) ? c : d))"),
        ("r = (x is A).B;", "(r = (x is A).B)"),
        ("r = x is not Foo && y;", "(r = (!(x is Foo) && y))"),
        ("r = a == b is false;", "(r = (a == (b == false)))"),
        ("r = a ?? b ?? c;", "(r = (a ?? (b ?? c)))"),
        ("r = a + b * c - d > e && f == g;", "(r = ((((a + (b * c)) - d) > e) && (f == g)))"),
        ("r = x is { };", "(r = (x != null))"),
        ("r = x is var y;", "(r = (y = x))"),
        ("r = (a, b) is (1, _);", "(r = (a == 1))"),
        ("r = x is [1, .., 2];", "(r = ((x[0] == 1) && (x[-1] == 2)))"),
        ("r = x is { A.B: 1 } y;", "(r = ((x.A.B == 1) && (y = x)))"),
    ],
)
def test_patterns_and_operators_nest_as_the_language_says(source: str, line: str) -> None:
    assert shown(source) == [line]


def test_a_large_subject_is_evaluated_once() -> None:
    subject = "Find(a.B.C, d.E.F, g.H.I, j.K.L)"
    [line] = shown(f"r = {subject} switch {{ 1 => a, 2 => b, _ => c }};")
    assert line.count("Find(") == 1
    assert line.count("$subject1") == 3


def test_a_break_within_a_case_stays_and_the_last_one_falls_away() -> None:
    assert shown("switch (x) { case 1: if (y) break; f(); break; }") == ["if (x == 1)", "  if y", "    break", "  f()"]


def test_a_constant_of_flags_in_a_case_is_one_value() -> None:
    assert shown("switch (x) { case F.A | F.B: g(); break; }") == ["if (x == (F.A | F.B))", "  g()"]


@pytest.mark.parametrize(
    ("source", "value"),
    [
        (r'"\x41\u0042\U00000043\0"', "ABC\0"),
        ('@"a""b\\"', 'a"b\\'),
        ('"""a "b" c"""', 'a "b" c'),
        ('"""\r\n    x\r\n      y\r\n    """', "x\n  y"),
        ("'\\n'", "\n"),
        ("0b1010", 10),
        ("0xFFUL", 255),
        ("9223372036854775807", 9223372036854775807),
        ("9223372036854775808", "9223372036854775808"),
        ("1e3", 1000.0),
        (".5f", 0.5),
        ('$"plain"', "plain"),
        ('$""', ""),
        ('"é😀"', "é😀"),
        ("nameof(A.B<int>.C)", "C"),
        ("nameof(List<string>)", "List"),
    ],
)
def test_literals_have_their_value(source: str, value: object) -> None:
    module = module_of(f"f({source});")
    assert module.body[0].value.args[0].value.value == value  # type: ignore[union-attr]


def test_spans_count_code_points_after_a_mark_and_foreign_text() -> None:
    text = '\ufeffclass Größe { string ä = "😀é"; void M() { Ü(ä); } }'
    module = module_of(text)
    declared = module.types[0]
    assert text[start_of(declared.name_span) : end_of(declared.name_span)] == declared.name == "Größe"
    call = declared.functions[0].body[0].value  # type: ignore[index,union-attr]
    assert text[start_of(call.span) : end_of(call.span)] == "Ü(ä)"
    assert declared.fields[0].value.value == "😀é"  # type: ignore[union-attr]
    assert not module.faults


@pytest.mark.parametrize(
    ("text", "lines"),
    [("", (0,)), ("a", (0,)), ("a\n", (0, 2)), ("a\r\nb\rc\n\nd", (0, 3, 5, 7, 8))],
)
def test_lines_start_where_editors_say(text: str, lines: tuple[int, ...]) -> None:
    assert module_of(text).lines == lines


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ('f($@"x = ""{a}""");', ['f(template("x = \\"", a, "\\""))']),
        ('f($"{{{string.Join(",", a)}}}");', ['f(template("{", string.Join(",", a), "}"))']),
        ("x = [type];", ["(x = list[type])"]),
        ("a?.B.C = 1;", ["(a.B.C = 1)"]),
        ("if (x is [1, .. var r]) { }", ["if ((x[0] == 1) && (r = x[1]))"]),
        ("extension(a);\nif (b) { }", ["extension(a)", "if b"]),
        ("if (b) { extension(a); } extension(c);", ["if b", "  extension(a)", "extension(c)"]),
        ('f("{ extension(a) {");', ['f("{ extension(a) {")']),
        (
            "static class A\n{\n  extension(\n    (int, int) both)\n  { int F(int x) => x; }\n"
            "  extension<T> (List<T>) where T : new() { static T G() => h(); }\n}",
            [
                "static class A",
                "  static fn F(this both: (int, int), x: int) -> int",
                "    return x",
                "  static fn G<T>() -> T",
                "    return h()",
            ],
        ),
        ("class A { int F(int x) =>\n#if DEBUG\n 1 +\n#endif\n x;\n}", ["class A", "  fn F(x: int) -> int", "    return (1 + x)"]),
    ],
)
def test_text_that_only_the_grammar_cannot_read_is_read(source: str, lines: list[str]) -> None:
    assert shown(source) == lines
    assert not module_of(source).faults


def test_what_stands_around_unreadable_text_survives() -> None:
    text = "class A { void M() { f(1); g( ; h(2); } int P { get; } void N() { x = = 3; k(); } }"
    lines = shown(text)
    for kept in ("    f(1)", "    h(2)", "  property P: int", "  fn N() -> void", "    k()"):
        assert kept in lines
    assert module_of(text).faults


def test_a_type_whose_end_is_missing_keeps_its_members() -> None:
    lines = shown("namespace N;\nclass A : B { int x; void M() { f(); } void O() {")
    assert "class A : B" in lines
    assert "  fn M() -> void" in lines


def test_declarations_in_expressions_stand_before_their_statement() -> None:
    assert shown("if (int.TryParse(s, out int n)) { f(out Guid g); }") == [
        "var n: int",
        "if int.TryParse(s, out n)",
        "  var g: Guid",
        "  f(out g)",
    ]


def test_calls_are_told_by_name() -> None:
    assert set(module_of("a.B(C()); d?.E<int>(); var q = from x in y where x.Z select x.W;").calls) >= {"B", "C", "E", "Where"}


