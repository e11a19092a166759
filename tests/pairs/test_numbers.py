"""Numbers as people write them: whatever way one is written, it is read as itself."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench.pairs import number

wholes = st.integers(-(10**15), 10**15)
before = st.sampled_from(["", "$", "\\(", "about ", "x = ", "It costs ", "6 * 7 = ", "**"])
after = st.sampled_from(["", ".", "$", "\\)", " km", " apples.", "°", "**", " m^2", " \\text{ cm}"])


def ways(value: int) -> list[str]:
    """Of writing a whole number."""
    grouped = f"{value:,}"
    thin = grouped.replace(",", "\u202f")
    return [str(value), grouped, thin, grouped.replace(",", "{,}"), str(value).replace("-", "−"), f"{value}.0"]


@given(wholes, st.data(), before, after)
def test_whole_numbers(value: int, data: st.DataObject, lead: str, trail: str) -> None:
    text = lead + data.draw(st.sampled_from(ways(value))) + trail
    assert number.read(text) == {Fraction(value)}


@given(st.integers(-(10**6), 10**6), st.integers(1, 10**6), before)
def test_fractions(top: int, bottom: int, lead: str) -> None:
    exact = {Fraction(top, bottom)}
    assert number.read(f"{lead}{top}/{bottom}") == exact
    assert number.read(f"{lead}\\frac{{{top}}}{{{bottom}}}") == exact
    sign = "-" if top < 0 else ""
    assert number.read(f"{lead}{sign}\\dfrac{{{abs(top)}}}{{{bottom}}}") == exact


@given(st.integers(0, 999), st.integers(1, 99), st.integers(2, 99))
def test_mixed_numbers(whole: int, top: int, bottom: int) -> None:
    exact = {whole + Fraction(top, bottom)}
    assert number.read(f"{whole} {top}/{bottom}") == exact
    assert number.read(f"{whole}\\frac{{{top}}}{{{bottom}}}") == exact


@given(st.decimals(-1000, 1000, places=4, allow_nan=False), st.integers(-30, 30), before)
def test_decimals_and_powers_of_ten(value: object, power: int, lead: str) -> None:
    exact = {Fraction(str(value)) * Fraction(10) ** power}
    assert number.read(f"{lead}{value}e{power}") == exact
    assert number.read(f"{lead}{value} × 10^{power}") == exact
    assert number.read(f"{lead}{value} \\times 10^{{{power}}}") == exact


@given(st.integers(-1000, 1000))
def test_a_percentage_is_itself_and_its_hundredth(value: int) -> None:
    for text in (f"{value}%", f"{value} \\%", f"{value} percent"):
        assert number.read(text) == {Fraction(value), Fraction(value, 100)}


@given(wholes, wholes, st.sampled_from([" and ", " to ", ", ", " or ", ":", "^", " - ", "-", "; "]))
def test_two_numbers_are_none(one: int, other: int, between: str) -> None:
    read = number.read(f"{one}{between}{abs(other)}")
    if between in ("-", " - ", "^", ":"):
        assert read is None
    else:
        assert read is None or between == ", "  # 1,234 could be one number; "1, 234" is none
    assert number.read(f"{one}, {other}") is None


@given(st.text(max_size=60))
def test_any_text_is_read_or_not(text: str) -> None:
    read = number.read(text)
    assert read is None or all(isinstance(value, Fraction) for value in read)


NONE = [
    "", "none", "√2", "\\sqrt{2}", "2\\pi", "π", "3x", "2n + 1", "12:30", "1/0", "3.0.1", "2^10", "2**10", "1 234",
    "1,23",
    "between 3 and 4", "\\infty", "5 (since 2 + 3)", "3 ± 1", "\\frac{1}{0}", "9" * 1000,
    # Another numeral, sign or word beside it changes the value.
    "10⁶", "2⁴", "10⁻³", "1½", "½ 3", "5‰", "5‱", "2.5M", "2.5k", "5bn", "5 bn", "3 dozen", "sqrt(9)",
    "log 3", "ln 3", "3 squared", "3 cubed", "the square root of 3", "x≠3", "x ≠ 3", "≤ 3", "> 3", "not 3", "minus 3",
    "0.\\overline{3}", "0.3\u0305", "0,001", "1.e3", "5!", "5 !", "∛8", "3⅓", "Ⅷ 3", "3 ÷", "÷ 3", "3 over", "twice 3",
    "more than 3", "at least 3", "3 hundred", "3 lakh", "1 in ten thousandths", "\\log 3", "\\sqrt[3]{8}", "\\neg 3",
    "3\\degree\\prime",
    "①3", "3\u20e3\u0332", "∞ 3", "∑ 3", "|x| 3∥", "3‴", "3 × ", "f 3 ↦", "mod 3", "3 modulo",
]  # fmt: skip


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_number(text: str) -> None:
    assert number.read(text) is None


EQUAL = [
    ("－5", -5), ("５", 5), ("5 km/h", 5), ("5kg", 5), ("5 apples, in all", 5), ("Die Antwort ist 5", 5),
    ("90°", 90), ("90^\\circ", 90), ("• 5", 5), ("5…", 5), ("1,000", 1000),
    ("$1.5 million", 1_500_000), ("£3", 3), ("-$3", -3), ("10^{5}", 100_000), ("$\\$18$", 18), (".5", 0.5),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), EQUAL)
def test_what_is_one(text: str, value: Fraction) -> None:
    assert number.read(text) == {Fraction(value)}


@given(st.integers(1, 10**6), st.integers(0, 10**4))
def test_the_tolerance_is_a_share_of_the_right_value(gold: int, thousandths: int) -> None:
    said = frozenset({Fraction(gold) + Fraction(gold * thousandths, 1000)})
    right = frozenset({Fraction(gold)})
    assert number.same(said, right, Fraction(1, 100)) == (thousandths <= 10)
    assert number.same(said, right, Fraction(0)) == (thousandths == 0)
