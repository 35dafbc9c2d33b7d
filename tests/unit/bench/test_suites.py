"""Does each suite's loader read the labels that are in its files? All inputs are made up."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from bench import suites
from bench.cases import Case, Tree
from bench.suites import (
    Covered,
    detect_secrets,
    gitleaks,
    leaky_repo,
    owasp_benchmark_python,
    pairs,
    roslyn_security_tests,
    security_code_scan,
    semgrep_rules,
    sonar_python,
    twins,
)
from bench.suites._annotations import span


def written(top: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(text, "utf-8")
    return top


def loaded(module: suites.Suite, tmp_path: Path, files: dict[str, str]) -> list[Tree]:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return list(module.trees(written(tmp_path / "corpus", files), scratch))


@pytest.mark.parametrize("name", suites.names())
def test_a_suite_says_what_it_is_and_where(name: str) -> None:
    suite = suites.suite(name)
    assert isinstance(suite.CORPUS, str)
    assert (suite.__doc__ or "").split("\n")[0].endswith((".", ":"))


@pytest.mark.parametrize("file", sorted(suites.HERE.glob("*.toml")), ids=lambda file: file.stem)
def test_what_is_covered_and_what_is_left_out_never_meet_and_has_a_reason(file: Path) -> None:
    data = tomllib.loads(file.read_text("utf-8"))
    covered = [rule for row in data["covered"] for rule in row["rules"]]
    left_out = [rule for row in data["left_out"] for rule in row.get("rules", ())]
    assert not set(covered) & set(left_out)
    assert len(set(left_out)) == len(left_out)
    assert all(len(row["reason"]) > 20 for row in data["left_out"])


def test_owasp_cases_are_lines_of_the_expected_results() -> None:
    text = "# test name, category, real vulnerability, cwe\nTest1,sqli,true,89\nTest2,pathtraver,false,22\nTest3,weakrand,true,330\n"
    found = list(owasp_benchmark_python.cases(text))
    assert [(c.file, c.flawed, c.weakness) for c in found] == [
        ("testcode/Test1.py", True, "CWE-89"),
        ("testcode/Test2.py", False, "CWE-22"),
    ]


def test_semgrep_marks_speak_of_the_code_below_them() -> None:
    text = (
        "def a(request):\n    # ruleid: user-eval\n    eval(\n        request.GET['x']\n    )\n\n"
        "# ok: user-eval\ndef b(request):\n    eval('1')\n    return 1\n\n"
        "# todoruleid: user-eval\neval(x)\nexec(y)  # ruleid: user-exec\n# ruleid: no-rule-of-ours\nz()\n"
    )
    found = list(semgrep_rules.cases(text, "a.py", "Python", Covered("semgrep_rules")))
    assert [(c.flawed, c.lines, c.weakness) for c in found] == [
        (True, (3, 5), "CWE-94"),
        (False, (8, 10), "CWE-94"),
        (True, (14, 14), "CWE-94"),
    ]


def test_semgrep_views_get_routes_and_names_of_their_own(tmp_path: Path) -> None:
    view = "def a(request):\n    # ruleid: user-eval\n    eval(request.GET['x'])\n\n\ndef a(request, kind):\n    return 1\n"
    (tree,) = loaded(
        semgrep_rules, tmp_path, {"python/django/x.py": view, "python/aws-lambda/security/x.py": view, "csharp/y.cs": "class A {}"}
    )
    assert [case.file for case in tree.cases] == ["views.py"]
    assert "def a_2(request, kind):" in (tree.folder / "views.py").read_text("utf-8")
    routes = (tree.folder / "urls.py").read_text("utf-8")
    assert 'path("a/", views.a)' in routes
    assert 'path("a_2/<kind>/", views.a_2)' in routes


def test_a_span_ends_with_its_statement_or_its_block() -> None:
    code = ["[Authorize]", "public class A", "{", "    int b;", "}", "", "call(", "  1,", ");", "x = 1"]
    assert span(code, 0) == (1, 5)
    assert span(code, 6) == (7, 9)
    assert span(code, 9) == (10, 10)


def test_sonar_marks_speak_of_their_line_or_of_one_beside_it() -> None:
    text = 'a = "x1"  # Noncompliant {{why}}\nb = ""  # OK\n# Noncompliant@+1 {{why}}\nc = f(\n  "y")\n# Noncompliant\n# OK so far\n'
    found = [(c.flawed, c.lines) for c in sonar_python.cases(text, "a.py", "AP201", "")]
    assert found == [(True, (1, 1)), (False, (2, 2)), (True, (4, 5))]


SCAN_TEST = '''
class LdapTests {
    [DataRow("new Searcher(input)", "SCS0031")]
    [DataRow("new Searcher(\\"fixed\\")")]
    public async Task Ldap(string sink, string warning = null) {
        var program = $@"class A {{ void Run(string input) {{ var a = {sink}; }} }} // """"";
        if (warning != null)
            await VerifyCSharpDiagnostic(program, expected).ConfigureAwait(false);
        else
            await VerifyCSharpDiagnostic(program).ConfigureAwait(false);
    }
    public async Task Configured() {
        await VerifyCSharpDiagnostic(@"class B { }", expected, optionsWithConfig);
    }
}
'''


def test_programs_in_strings_are_filled_in_and_judged_row_by_row(tmp_path: Path) -> None:
    trees = loaded(security_code_scan, tmp_path, {"SecurityCodeScan.Test/Tests/Taint/LdapTests.cs": SCAN_TEST})
    assert [[(case.flawed, case.weakness) for case in tree.cases] for tree in trees] == [[(True, "CWE-90")], [(False, "CWE-90")]]
    assert (trees[1].folder / "Program.cs").read_text(
        "utf-8"
    ) == 'class A { void Run(string input) { var a = new Searcher("fixed"); } } // ""'


ROSLYN_TEST = """
public class ReviewCodeForSqlInjectionVulnerabilitiesTests {
    [Fact] public async Task Flawed() {
        await VerifyCSharpWithDependenciesAsync(@"
class A { }", GetCSharpResultAt(2, 5, 1, 3, "sink"), GetCSharpResultAt(7, 1, 1, 3, "sink"));
    }
    [Fact] public async Task Sound() { await VerifyCSharpWithDependenciesAsync(@"class B { }"); }
    [Fact] public async Task Own() { await VerifyCSharpWithDependenciesAsync(@"class C { }", (".editorconfig", "x")); }
}
"""


def test_expected_lines_are_cases(tmp_path: Path) -> None:
    empty = {f"{roslyn_security_tests.FOLDER}/{name}Tests.cs": "" for name in Covered("roslyn_security_tests").rules}
    files = empty | {f"{roslyn_security_tests.FOLDER}/ReviewCodeForSqlInjectionVulnerabilitiesTests.cs": ROSLYN_TEST}
    trees = loaded(roslyn_security_tests, tmp_path, files)
    assert [[(case.flawed, case.lines) for case in tree.cases] for tree in trees] == [[(True, (2, 2)), (True, (7, 7))], [(False, None)]]


WAYS = """
func GenerateSampleSecrets(identifier string, secret string) []string {
	samples := map[string]string{
		"ini - quoted": "{i}Token=\\"{s}\\"",
		"C#":           `string {i}Token = "{s}";`,
		// TODO: "other": "{s}",
	}
}
"""
RULES = """
func Shop() *config.Rule {
	r := config.Rule{
		RuleID: "shop-token",
	}
	tps := utils.GenerateSampleSecrets("shop", "sh_"+secrets.NewSecret(utils.Hex("12")))
	tps = append(tps, `key = `+fmt.Sprintf("%s-%s", "a7", "b9"), unknown(1), "at = sh_aaaaaaaaaaaa")
	fps := []string{
		"sh_none", // too short
		other("x"),
	}
	return utils.Validate(r, tps, fps)
}
"""


def test_samples_in_go_become_files_by_their_language(tmp_path: Path) -> None:
    patterns = "func Hex(size string) string {\n\treturn fmt.Sprintf(`[a-f0-9]{%s}`, size)\n}\n"
    files = {"utils/generate.go": WAYS, "utils/patterns.go": patterns, "rules/shop.go": RULES}
    (tree,) = loaded(gitleaks, tmp_path, {f"{gitleaks.FOLDER}/{path}": text for path, text in files.items()})
    texts = {case.file.rpartition("/")[2]: (tree.folder / case.file).read_text("utf-8") for case in tree.cases if case.flawed}
    assert set(texts) == {"settings.ini", "Main.cs", "settings.conf"}
    assert texts["settings.conf"] == "key = a7-b9"
    assert texts["Main.cs"].startswith('string shopToken = "sh_')
    assert len(texts["settings.ini"]) == len('shopToken="sh_"') + 12
    assert [(tree.folder / case.file).read_text("utf-8") for case in tree.cases if not case.flawed] == ["sh_none"]


def test_rows_of_parametrized_tests_are_lines_with_their_truth() -> None:
    text = (
        "@pytest.mark.parametrize('payload, should_flag', [('a = \"k9\"', True), ('b', False), (made_up(), True), ('xxxxxxxx', True)])\n"
        "def test_one(): ...\n\n@pytest.mark.parametrize('line', ['c', ('d'), ])\ndef test_two(): ...\n"
    )
    assert list(detect_secrets.rows(text)) == [('a = "k9"', True), ("b", False), ("c", True), ("d", True)]


def test_leaky_files_count_their_lines() -> None:
    found = list(leaky_repo.cases("# name,risk,informative\n\n.env,6,4\nid.pub,0,1\n"))
    assert [(case.file, case.most) for case in found] == [(".env", 10), ("id.pub", 1)]


def test_a_pair_is_flawed_before_and_sound_after() -> None:
    target = {"file": "A.cs", "symbol": "A.Get", "before": [1, 5], "after": [1, 9]}
    pair = {"id": "p", "lang": "C#", "rule": "BOLA", "level": "H", "targets": [target, {**target, "expect": "silent in both"}]}
    before, after = list(pairs.cases(pair, "before")), list(pairs.cases(pair, "after"))
    assert [(case.flawed, case.lines, case.group) for case in before] == [(True, (1, 5), "level H"), (False, (1, 5), "level H")]
    assert [(case.flawed, case.lines) for case in after] == [(False, (1, 9)), (False, (1, 9))]


def test_twins_name_functions_of_trees_that_are_there(tmp_path: Path) -> None:
    target = '{"file": "a.py", "symbol": "a", "lines": [1, 2], "rule": "AP001", "flawed": true}'
    listed = written(
        tmp_path, {"twins.jsonl": f'{{"tree": "shop", "targets": [{target}]}}\n{{"tree": "gone", "targets": []}}\n', "shop/a.py": ""}
    )
    (tree,) = twins.trees(tmp_path, tmp_path, listed / "twins.jsonl")
    (case,) = tree.cases
    assert isinstance(case, Case)
    assert (case.language, case.flawed, "AP004" in case.rules) == ("Python", True, True)
