"""The sentences of a card: true of the numbers beside them, whichever of these there are."""

from __future__ import annotations

import itertools
import math

import pytest
from cases import CASES

from judgebench.report import card as report_card
from judgebench.report import readings, selection
from judgebench.report.card import content
from judgebench.score import addresses, estimates
from judgebench.types import Estimate, Scores

IN_WORDS_ALONE = ("human.ceiling_low", "human.ceiling_high")


def number(value: float | None, low: float | None = None, high: float | None = None) -> Estimate:
    return Estimate(name="some", value=value, low=low, high=high, reason=None if value is not None else "why not")


SOME = (None, number(None), number(0.25), number(0.25, -0.5, 0.75), number(0.25, 0.125, 0.5))
"""A number that a run does not have, one without a value, without an interval, with one around 0 and one beyond."""


@pytest.mark.parametrize("part", [*selection.CARD, selection.SIGHT], ids=lambda part: part.title)
def test_a_sentence_is_made_of_whatever_numbers_there_are(part: selection.Part) -> None:
    for about in itertools.product(SOME, repeat=len(part.about)):
        words = part.words(*about)
        assert "None" not in words
        assert not words or words.endswith("."), words


def test_the_gap_to_people_is_told_as_its_interval_lies() -> None:
    judge, human = number(0.6), number(0.7)
    for low, high in ((None, None), (None, 0.1), (-0.1, None)):
        assert "the gap is 10 points." in readings.people(judge, human, number(-0.1, low, high), None, None)
    for low, high in ((-0.2, 0.0), (0.0, 0.2), (-0.2, 0.2)):
        assert "cannot tell the two apart" in readings.people(judge, human, number(0.1, low, high), None, None)
    assert "in the judge's favour" in readings.people(judge, human, number(0.1, 0.05, 0.2), None, None)
    assert "favour" not in readings.people(judge, human, number(-0.1, -0.2, -0.05), None, None)


def test_a_lean_and_a_rerun_are_told_where_they_are_known() -> None:
    steady, lean, p_value = number(0.75), number(0.125), number(0.001)
    assert "asked the same again, in 50 %" in readings.position(steady, lean, p_value, number(0.5))
    for rerun in (None, number(None)):
        assert "asked the same again" not in readings.position(steady, lean, p_value, rerun)
    assert "leans to the second slot" in readings.position(steady, lean, p_value, None)
    assert "leans to the first slot" in readings.position(steady, number(-0.125), p_value, None)
    assert "no lean" in readings.position(steady, lean, number(0.5), None)


def test_length_pulls_where_its_interval_says_so() -> None:
    for low, high in ((None, None), (-0.5, 0.5), (0.0, 0.5), (-0.5, 0.0)):
        assert "no pull of length" in readings.length(number(0.25, low, high), None)
    assert "favours the longer" in readings.length(number(0.25, 0.125, 0.5), None)
    assert "favours the shorter" in readings.length(number(-0.25, -0.5, -0.125), None)
    assert readings.length(number(None), number(0.5)) == ""


def test_no_sentence_hangs_on_a_last_bit() -> None:
    def around(value: float) -> tuple[float, ...]:
        return math.nextafter(value, -1), value, math.nextafter(value, 1)

    for end in (-1e-16, 0.0, 1e-16):
        for low, high in ((end, 0.2), (-0.2, end)):
            words = readings.people(number(0.6), number(0.7), number(0.1, low, high), None, None)
            assert "cannot tell the two apart" in words
            assert "no pull of length" in readings.length(number(0.1, low, high), None)
    for p_value in around(0.05):
        assert "leans to the second slot" in readings.position(number(0.75), number(0.125), number(p_value), None)
    for omega in around(0.5):
        assert "it passes" in readings.replaceability(number(omega))


def scores_of(case: str) -> Scores:
    """Pairs in one order."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(estimates, "RESAMPLES", 100)
        return CASES[case](**({"orders": "single"} if case == "pairs" else {})).scores()


def test_what_a_sentence_rests_on_stands_above_it() -> None:
    for part in selection.CARD:
        lines = {address for say in part.lines for address in (say.address, say.beside)}
        assert set(part.about) - set(IN_WORDS_ALONE) <= lines, part.title


@pytest.mark.parametrize("case", ["pairs", "ratings", "sets", "steps"])
def test_a_number_without_a_value_stands_on_the_card_with_its_reason(case: str) -> None:
    """Agreement, people and consistency are what a reader looks for: that they are not known is news."""
    scores = scores_of(case)
    text = " ".join(report_card.render(report_card.of(scores, CASES[case]().card)).split())
    for part in selection.CARD:
        for say in part.lines:
            found = addresses.estimate(scores, say.address)
            needed = not part.needs or content._value(scores, part.needs)
            if found is None or found.value is not None or say.defined or not needed:
                continue
            if addresses.task(scores) in say.tasks and found.reason:
                assert " ".join(found.reason.split()) in text, say.address
    if case == "pairs":
        assert "needs both orders" in scores.metrics["consistency"].reason
        assert "needs both orders" in text
