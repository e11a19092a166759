"""A number is rounded once, when it is printed; and what stands on a half is printed alike whatever its last bit."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench.report import leaderboard, numbers
from judgebench.score.samples import Sample
from judgebench.score.standings import Entry, Standings
from judgebench.types import Estimate, Scores

ROOT = Path(__file__).parents[2]


def neighbours(value: float) -> Iterator[float]:
    for steps in (-2, -1, 0, 1, 2):
        moved = value
        for _ in range(abs(steps)):
            moved = math.nextafter(moved, math.copysign(math.inf, steps))
        yield moved


def by_hand(value: Fraction, decimals: int) -> str:
    """Halves away from zero, in whole numbers."""
    size = math.floor(abs(value) * 10**decimals + Fraction(1, 2))
    digits = f"{size:0{decimals + 1}d}"
    text = f"{digits[: len(digits) - decimals]}.{digits[len(digits) - decimals :]}" if decimals else digits
    return f"-{text}" if value < 0 else text


@given(st.integers(-2000, 2000), st.integers(1, 2000), st.integers(0, 4))
def test_a_share_of_whole_numbers_is_printed_as_by_hand(k: int, n: int, decimals: int) -> None:
    for value in neighbours(100 * (k / n)):
        assert numbers.rounded(value, decimals) == by_hand(Fraction(100 * k, n), decimals)


@pytest.mark.parametrize("n", [8, 32, 80, 160, 200, 400, 480, 800])
def test_every_half_is_printed_in_one_way(n: int) -> None:
    halves = 0
    for k in range(n + 1):
        for decimals in (0, 1, 2):
            halves += (Fraction(100 * k, n) * 10**decimals).denominator == 2
            ways = (100 * (k / n), 100 * k / n, k / (n / 100), 100 * (1 - (n - k) / n), 100.0 - 100 * ((n - k) / n))
            assert {numbers.rounded(value, decimals) for value in ways} == {by_hand(Fraction(100 * k, n), decimals)}
    assert halves


def test_zero_has_no_sign_unless_it_is_a_small_number() -> None:
    assert {numbers.rounded(value, 2) for value in (0.0, -0.0, 1e-17, -1e-17, -1e-12)} == {"0.00"}
    assert numbers.rounded(-0.004, 2) == "-0.00"


@given(st.floats(1e-300, 1e6), st.integers(1, 6))
def test_significant_digits_are_those_of_the_format(value: float, digits: int) -> None:
    texts = {numbers.significant(moved, digits) for moved in neighbours(value)}
    assert len(texts) == 1
    assert float(texts.pop()) == pytest.approx(value, rel=0.5001 * 10.0 ** (1 - digits))


@given(st.floats(-1e4, 1e4), st.integers(0, 4))
def test_a_number_that_is_no_half_is_printed_as_ever(value: float, decimals: int) -> None:
    far = abs(abs(value) * 10**decimals % 1 - 0.5) > 1e-3
    if far and abs(value) > 1e-9:
        assert numbers.rounded(value, decimals) == f"{value:.{decimals}f}"


# --------------------------------------------------------------------------------------------- all of results/, nudged


def nudged(value: float | None, rng: np.random.Generator) -> float | None:
    return value if value is None else float(np.nextafter(value, rng.choice([-np.inf, value, np.inf])))


def moved(scores: Any, rng: np.random.Generator) -> Any:
    """Everything that is computed, one bit up, one bit down, or as it is."""
    if isinstance(scores, Estimate):
        parts = {"value": nudged(scores.value, rng), "low": nudged(scores.low, rng), "high": nudged(scores.high, rng)}
        more = {"parts": moved(scores.parts, rng)} if hasattr(scores, "parts") else {}
        return msgspec.structs.replace(scores, **parts, **more)
    if isinstance(scores, Mapping):
        return {name: moved(value, rng) for name, value in scores.items()}
    if isinstance(scores, Scores):
        fields = {name: moved(getattr(scores, name), rng) for name in ("headline", "metrics", "subsets", "human")}
        return msgspec.structs.replace(scores, **fields)
    if isinstance(scores, Sample):
        counts = np.nextafter(scores.counts, rng.choice([-np.inf, 0, np.inf], size=scores.counts.shape))
        return replace(scores, counts=counts, value=nudged(scores.value, rng))
    return scores


@pytest.mark.parametrize("seed", [1, 2])
def test_a_last_bit_of_any_number_changes_nothing_on_the_leaderboard(
    all_results: tuple[list[Standings], Any], seed: int
) -> None:
    rng = np.random.default_rng(seed)

    def other(entry: Entry) -> Entry:
        return replace(entry, scores=moved(entry.scores, rng), made_of=moved(entry.made_of, rng))

    fields = [replace(field, entries=[other(entry) for entry in field.entries]) for field in all_results[0]]
    assert leaderboard.render(fields) == (ROOT / "leaderboard.md").read_text(encoding="utf-8")


def test_a_last_bit_changes_no_rank_by_any_number(all_results: tuple[list[Standings], Any]) -> None:
    rng = np.random.default_rng(3)
    compared = 0
    for field in all_results[0]:
        names = [name for subset, name in field.entries[0].made_of if not subset]
        other = replace(field, entries=[replace(each, made_of=moved(each.made_of, rng)) for each in field.entries])
        for name in names:
            assert other.ranks(name) == field.ranks(name), f"{field.benchmark} {name}"
            compared += 1
    assert compared > 100
