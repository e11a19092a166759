"""How a verdict is written in a narrow place of the page."""

from __future__ import annotations

import pytest

from judgebench.report.page.packs import word
from judgebench.types import PREFERENCE, Kind, Question, Verdict

STEPS = Question(kind=Kind.STEP, scale=(0, 1))
RANKING = Question(kind=Kind.RANKING)


@pytest.mark.parametrize(
    ("scores", "question", "expected"),
    [
        ((1, 0), PREFERENCE, "1"),
        ((0.5, 0.5), PREFERENCE, "="),
        ((7,), PREFERENCE, "7"),
        ((0, 1), Question(kind=Kind.CLASS, labels=("fail", "pass")), "pass"),
        ((0.1, 0.5, 0.9), STEPS, "2, 3 wrong"),
        ((0.1, 0.2), STEPS, "all right"),
        ((0, 6), Question(kind=Kind.STEP, scale=(0, 10)), "2 wrong"),
        ((3,), Question(kind=Kind.STEP), "3"),
        ((-2, -1, -2), RANKING, "2>1=3"),
        ((-3, -2, -1), RANKING, "3>2>1"),
        ((-1, -1), RANKING, "1=2"),
    ],
)
def test_a_verdict_in_a_word(scores: tuple[float, ...], question: Question, expected: str) -> None:
    assert word(Verdict(scores=scores), question) == expected


def test_no_verdict_is_no_word() -> None:
    assert word(None, STEPS) == ""
