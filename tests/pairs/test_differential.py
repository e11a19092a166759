"""Right code is never called wrong: our own solutions of many styles and a mutant of each, beside plain Python."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from judgebench.pairs import sandbox

sys.path.insert(0, str(Path(__file__).parent))

import differential

PARTS = 12
CASES = differential.ours()


def test_there_are_enough_of_many_styles() -> None:
    assert len(CASES) >= 150
    assert len({case.name for case in CASES}) == len({case.code for case in CASES}) == len(CASES)
    kinds = {type(node) for case in CASES for node in ast.walk(ast.parse(case.code))}
    assert {ast.ClassDef, ast.Yield, ast.AsyncFunctionDef, ast.Lambda, ast.Match, ast.Raise, ast.With} <= kinds


@pytest.mark.parametrize("part", range(PARTS))
def test_right_code_is_not_called_wrong(part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "CLOCK", 30)  # other tests run beside this one
    cases = CASES[part::PARTS]
    seen = differential.seen([*cases, *(mutant for case in cases for mutant in case.mutants(1))])
    assert [row.case.name for row in seen[: len(cases)] if not row.plain] == []
    assert [(row.case.name, row.why) for row in seen if row.plain and row.outcome == "failed"] == []
    assert [row.case.name for row in seen if not row.plain and row.outcome == "passed"] == []
    assert [row.case.name for row in seen if row.outcome == "unusable" and not row.why] == []
    assert sum(row.outcome == "passed" for row in seen[: len(cases)]) >= len(cases) // 3
    assert sum(row.outcome == "failed" for row in seen[len(cases) :]) >= len(cases) // 2


LEAKS = {
    # What a question gives is the tests' in its own words, whatever the code makes of it.
    "a helper of the question's": (
        "def poly(xs, x): return 0.0\ndef find_zero(xs): return 7",
        "def check(candidate):\n    assert abs(poly([-2, 1], candidate([-2, 1]))) < 1e-4",
        "find_zero",
        "def poly(xs, x):\n    return sum(c * x ** k for k, c in enumerate(xs))\n\ndef find_zero(xs):\n    '''...'''\n",
        "failed",
    ),
    "a helper that nobody gives": (
        "def poly(xs, x): return 0.0\ndef find_zero(xs): return 7",
        "def check(candidate):\n    assert abs(poly([-2, 1], candidate([-2, 1]))) < 1e-4",
        "find_zero",
        "Find a zero of the polynomial.",
        "unusable",
    ),
    "a module that the tests forgot": (
        "class Fake:\n    def __getattr__(self, name): return lambda *_: True\nmath = Fake()\ndef f(x): return 0",
        "assert math.isclose(f(2), 4)",
        None,
        "",
        "unusable",
    ),
    "the same by its usual short name": (
        "class Fake:\n    def __getattr__(self, name): return lambda *_: True\nnp = Fake()\ndef f(x): return 0",
        "assert np.allclose(f(2), 4)",
        None,
        "",
        "unusable",
    ),
}


@pytest.mark.parametrize("name", LEAKS)
def test_names_of_the_code_are_not_the_tests(name: str) -> None:
    code, tests, entry, prompt, expected = LEAKS[name]
    outcome, why = differential.Case(name, code, tests, entry, prompt).graded
    assert outcome == expected, why
