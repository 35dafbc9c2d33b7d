"""Does any text give a module, however it is cut, nested or made up?"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apiposture.languages import lower, source_of
from apiposture.model.ir import Call, Module, Node
from apiposture.model.source import end_of, start_of

SAMPLE = r'''
global using System; using static System.Math; using J = System.Text.Json; [assembly: A("b")]
namespace N.M;
[ApiController, Route("a/[controller]")] public sealed partial class C<T>(IDb db) : B<T>(db), I where T : class, new()
{
    public const int K = 1; private readonly List<int?>[] _a = new(); public event H? E { add { } remove { } }
    [Key] public string? P { get; private set; } = "x"; public int Q => _a.Length; int this[int i] { get => i; set { f(value); } }
    static C() { } public C(int a) : this(a, 2) { } ~C() { } public static C<T> operator +(C<T> a, C<T> b) => a;
    #if DEBUG
    void D() { Log(); }
    #else
    void D() { }
    #endif
    public async Task<IActionResult> Get([FromRoute] int id, CancellationToken ct = default)
    {
        var o = await db.Orders.Where(x => x.Id == id && x.UserId == User.Id).Include("a\tb").FirstOrDefaultAsync(ct);
        if (o is null || o is not { Open: true, Lines.Count: > 0 and < 9 } p || p.Kind is Kind.A or Kind.B) return NotFound();
        var (k, v) = (1, 2); if (int.TryParse("1", out int n)) { _logger.LogInformation($"x {n:N2} {{{o?.Name!.First}}}", n); }
        foreach (var (a, b) in map) { try { g(a); } catch (X e) when (e.Y) { throw; } finally { h(); } }
        for (int i = 0; i < 3; i++) { if (i == 1) continue; } while (q) do { q = false; } while (q); using var s = Open();
        var r = from a in xs join b in ys on a.Id equals b.Id into bs let c = a.D where c > 1 orderby a.N descending select new { a.Id, c };
        switch (o) { case 1: case 2: f(); break; case Foo f when f.A: return Ok(); default: goto end; }
        var z = o switch { (1, _) => [1, ..xs], { } y => y with { A = 1 }, [1, .., 2] => default(int), _ => throw new E() };
        lock (this) { checked { x++; } unsafe { fixed (int* t = &x) { *t = 1; } } } x ??= @"a""b" + $@"{c}" + '\n';
        f(delegate (int a) { }, static (ref int a, params int[] b) => -1, new int[] { 1 }, new() { ["k"] = 2, B = { 1 } });
        int Local<U>(U a) { yield return a; } end: return Ok(new Dto { Id = o.Id, Raw = """{"a":1}""" }); // done
    }
    record R([property: X] int A, string B = "c") : Base(A); enum F : byte { A = 1, B = A << 2 } delegate void G<in V>(V v);
}
'''


def values(module: Module) -> Iterator[msgspec.Struct]:
    waiting: list[object] = [module]
    while waiting:
        item = waiting.pop()
        if isinstance(item, tuple):
            waiting.extend(item)
        elif isinstance(item, msgspec.Struct):
            yield item
            waiting.extend(getattr(item, name) for name in item.__struct_fields__)


def check(text: str) -> Module:
    """Lower the text and see that what comes out holds together."""
    module = lower(source_of("A.cs", text))
    assert module.lines[0] == 0
    assert list(module.lines) == sorted(set(module.lines))
    for item in values(module):
        for field in ("span", "name_span"):
            place = getattr(item, field, None)
            if place is not None:
                assert 0 <= start_of(place) <= end_of(place) <= len(text)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(module), type=Module) == module
    assert lower(source_of("A.cs", text)) == module
    return module


def test_the_sample_is_understood() -> None:
    module = check(SAMPLE)
    assert not module.faults
    assert module.nodes > 250
    assert module.opaque == 0


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_any_text_gives_a_module(text: str) -> None:
    check(text)


@given(st.text("{}()[]<>;:,.=!?&|+-*/\"'$@#\\\n abAB1_é😀", max_size=120))
def test_any_punctuation_gives_a_module(text: str) -> None:
    check(text)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(SAMPLE)), st.integers(0, 60), st.sampled_from(["", "{", "}", "(", '"', "é", "#if X\n", ".. ", " is null ", "\0"]))
def test_any_damage_gives_a_module(start: int, length: int, put: str) -> None:
    check(SAMPLE[:start] + put + SAMPLE[start + length :])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, len(SAMPLE)))
def test_any_part_gives_a_module(cut: int) -> None:
    check(SAMPLE[:cut])
    check(SAMPLE[cut:])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(SAMPLE.split()), max_size=60))
def test_any_shuffle_gives_a_module(words: list[str]) -> None:
    check(" ".join(words))


def within(statement: str) -> str:
    return f"class A {{ void M() {{ {statement} }} }}"


N = 10_000
DEEP = {
    "parentheses": within("x = " + "(" * N + "1" + ")" * N + ";"),
    "open parentheses": "(" * N,
    "open brackets": "[" * N,
    "blocks": within("{" * N + "}" * N),
    "sums": within("x = a" + " + b" * N + ";"),
    "mixed operators": within("x = a" + " - b * c" * N + ";"),
    "else if": within("if (a) {} " + "else if (b) { f(); } " * N),
    "method chain": within("x = a" + ".B(1)" * N + ";"),
    "null-safe chain": within("x = a" + "?.B(1)" * N + ";"),
    "conditions": within("x = " + "a ? b : " * N + "c;"),
    "coalescing": within("x = " + "a ?? " * N + "c;"),
    "cases": within("switch (x) { " + "".join(f"case {i}: f(); break; " for i in range(3000)) + "default: g(); break; }"),
    "arms": within("x = y switch { " + "".join(f"{i} => {i}, " for i in range(3000)) + "_ => 0 };"),
    "switches of switches": within("x = y " + "switch { 1 => a, 2 => b, _ => c } " * 200 + ";"),
    "alternatives": within("b = x is " + " or ".join(map(str, range(N))) + ";"),
    "negations": within("b = " + "!" * N + "x is " + "not " * N + "null;"),
    "lambdas": within("f = " + "x => " * 2000 + "1;"),
    "type arguments": within("List<" * 2000 + "int" + ">" * 2000 + " x;"),
    "arrays": within("int" + "[]" * N + " x;"),
    "classes": "class A { " * 2000 + "}" * 2000,
    "namespaces": "namespace A { " * 2000 + "}" * 2000,
    "properties": within("b = x is " + "{ A: " * 1000 + "1" + "}" * 1000 + ";"),
    "directives": "#if X\n" * 2000 + "#endif\n" * 2000,
    "initialisers": within("x = " + "new A { B = " * 2000 + "1" + "}" * 2000 + ";"),
    "assignments": within("a = " * N + "1;"),
    "lets": within("x = from a in b " + "let c = a " * 500 + " select c;"),
    "quotes": '"' * N,
}


@pytest.mark.parametrize("name", DEEP)
def test_depth_is_no_danger(name: str) -> None:
    module = check(DEEP[name])
    assert nesting(module) < 250


def nesting(module: Module) -> int:
    deepest = 0
    waiting: list[tuple[object, int]] = [(module, 0)]
    while waiting:
        item, depth = waiting.pop()
        deepest = max(deepest, depth)
        if isinstance(item, tuple):
            waiting.extend((inner, depth) for inner in item)
        elif isinstance(item, msgspec.Struct):
            waiting.extend((getattr(item, name), depth + 1) for name in item.__struct_fields__)
    return deepest


def test_a_long_chain_keeps_all_operands() -> None:
    module = check(within("x = " + " + ".join(f"f{i}()" for i in range(500)) + ";"))
    assert sum(isinstance(item, Call) for item in values(module)) == 500


def test_a_long_chain_of_calls_is_no_fault() -> None:
    module = check(within("x = text.Trim()" + "".join(f'.Replace("{i}", with)' for i in range(700)) + ".ToLower();"))
    assert not module.faults
    assert {"Trim", "Replace", "ToLower"} <= set(module.calls)
    nested = check(within("x = text" + ".Map(a => { return f(a); })" * 700 + ";"))
    assert nested.faults


def test_a_large_file_is_read() -> None:
    method = "    public int M(int a) { if (a > 1) { return Other(a, \"text\"); } return a; }\n"
    module = lower(source_of("A.cs", "class A {\n" + method * 10_000 + "}\n"))
    assert len(module.types[0].functions) == 10_000
    assert not module.faults
    assert sum(isinstance(item, Node) for item in values(module)) == module.nodes


def test_the_stack_is_left_as_it_was() -> None:
    limit = sys.getrecursionlimit()
    lower(source_of("A.cs", DEEP["lambdas"]))
    assert sys.getrecursionlimit() == limit
