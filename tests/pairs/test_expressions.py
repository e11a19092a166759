"""Expressions, compared by value; in a worker that can be lost."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from judgebench.pairs import algebra
from judgebench.pairs.algebra import Algebra

sympy = pytest.importorskip("sympy", reason="needs the extra [pairs]")
from judgebench.pairs import expressions  # noqa: E402  (imports sympy)

EQUAL = [
    ("1/2", r"\frac{1}{2}"), (r"\frac12", "0.5"), (r"2\sqrt{3}", r"\sqrt{12}"), ("x^2-1", "(x-1)(x+1)"), ("5!", "120"),
    (r"\{1,2\}", r"\{2,1\}"), ("[0,1)", "[0, 1)"), ("1,2", "2,1"), (r"\pm 2", "2,-2"), ("x=5", "5"), ("f(x)=2x", "2x"),
    (r"\sin^2 x+\cos^2 x", "1"), (r"3\frac{1}{2}", "7/2"), (r"\log_2 8", "3"), (r"\ln e", "1"), (r"e^{i\pi}", "-1"),
    (r"\sqrt[3]{27}", "3"), ("1,000", "1000"), (r"90^\circ", "90"), (r"\frac{\pi}{4}", "pi/4"), (r"10\text{ cm}", "10"),
    (r"1 \pm \sqrt{2}", r"1+\sqrt2, 1-\sqrt2"), (r"(-\infty,3]\cup[5,\infty)", r"[5,\infty)\cup(-\infty,3]"),
    ("2^{10}", "1024"), ("-3^2", "-9"), ("a_1+b", "b+a_1"), (r"\left(\frac{1}{2},3\right)", "(0.5,3)"), ("12.", "12"),
    (r"n(n+1)/2", r"\frac{n^2+n}{2}"), (r"x \in [1,2]", "[1,2]"), (r"\log(x^2)", r"2\log x"), ("25\\%", "25"),
]  # fmt: skip
DIFFERENT = [
    ("(1,2)", "(2,1)"), ("(1,2)", r"\{1,2\}"), ("[0,1)", "(0,1)"), (r"2\pi", "6.283"), ("|x|", "x"), ("x+y=1", "x+y=2"),
    ("x", "y"), ("1/3", "0.333"),
    ("1,2", "1,3"), ("1,2", "1"), (r"\infty", "5"), ("x^2", "x^3"), (r"\{1,1\}", r"\{1,2\}"),
]  # fmt: skip
UNREADABLE = [
    "__import__('os')", "x.__class__", "hello world", "1/0", r"\begin{pmatrix}1\end{pmatrix}", "(" * 500, "1+", "",
    "exec(1)", "lambda: 1", "9" * 3000, r"\frac{1}{2", "a if b else c",
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_equal(one: str, other: str) -> None:
    assert expressions.equal(expressions.read(one), expressions.read(other))
    assert expressions.equal(expressions.read(other), expressions.read(one))


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different(one: str, other: str) -> None:
    assert not expressions.equal(expressions.read(one), expressions.read(other))


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_is_not_understood_is_not_guessed(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        expressions.read(text)


@pytest.fixture(params=["sympy", "math-verify"])
def worker(request: pytest.FixtureRequest) -> Iterator[Algebra]:
    if request.param == "math-verify":
        pytest.importorskip("math_verify", reason="needs the extra [pairs]")
    with Algebra(request.param) as opened:
        yield opened


def test_the_worker_where_the_python_it_needs_is_below_the_current_folder(
    worker: Algebra, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(sys.prefix).parent)
    assert worker.compare("42", r"$\boxed{41}$", "41") == (False, "")


def test_the_worker(worker: Algebra, monkeypatch: pytest.MonkeyPatch) -> None:
    assert worker.compare(r"\frac{\sqrt2}{2}", r"so $\boxed{1/\sqrt{2}}$", r"1/\sqrt{2}") == (True, "")
    assert worker.compare("42", "Answer: 41", "41") == (False, "")
    equal, why = worker.compare("42", "Answer: ???", "???")
    assert (equal, bool(why)) == (None, True)
    process = worker._worker.pid
    monkeypatch.setattr(algebra, "SECONDS", 1.0)
    assert worker.compare("3", r"$\boxed{9^{9^{9^{9}}}}$", "9^{9^{9^{9}}}") == (None, "not compared after 1 seconds")
    monkeypatch.setattr(algebra, "SECONDS", 20.0)
    assert worker.compare("1/2", r"$\boxed{\frac12}$", r"\frac12") == (True, "")  # by its successor
    assert worker._worker.pid != process


DIFFERENT = [
    ("2^{100}", "1267650600228229401496703205377"),
    ("25!", "15511210043330985984000001"),
    ("10^{30}+\\sqrt{2}", "10^{30}+\\sqrt{3}"),
    ("\\frac{1}{3}", "0.333333333333333333333333"),
    ("10^{-30}", "2\\cdot 10^{-30}"),
    ("x+10^{-25}", "x"),
    ("\\pi", "3.14159265358979323846264338327950288419716939937510"),
]
ALIKE = [
    ("2^{100}", "1267650600228229401496703205376"),
    ("25!", "15511210043330985984000000"),
    ("\\sqrt{8}", "2\\sqrt{2}"),
    ("\\frac{1}{\\sqrt{2}}", "\\frac{\\sqrt{2}}{2}"),
    ("\\sin^2(x)+\\cos^2(x)", "1"),
    ("10^{30}+\\sqrt{8}", "2\\sqrt{2}+10^{30}"),
    ("0.5", "\\frac{1}{2}"),
    ("(x+1)^2", "x^2+2x+1"),
]


@pytest.mark.parametrize(("one", "other", "alike"), [(*p, False) for p in DIFFERENT] + [(*p, True) for p in ALIKE])
def test_exact_numbers_are_compared_exactly(one: str, other: str, alike: bool) -> None:
    assert expressions.equal(expressions.read(one), expressions.read(other)) is alike
