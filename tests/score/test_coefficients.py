"""Scores and ordered classes beside the libraries that people use: kappa, alpha, correlations."""

from __future__ import annotations

import krippendorff
import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import cohen_kappa_score

from judgebench.score import classes, ratings, scored
from judgebench.types import BenchmarkRef, JudgeRef, Judgment, Kind, Label, Manifest, Question, Status, Verdict

GRADES = Question(kind=Kind.CLASS, labels=("poor", "fair", "good", "best"), ordered=True)
NAMES = Question(kind=Kind.CLASS, labels=("a", "b", "c", "d"))
SCORE = Question(kind=Kind.SCORE, scale=(1, 5))


def arrays(question: Question, gold: list[tuple[float, ...]], said: list[tuple[float, ...] | None]) -> scored.Scored:
    labels = [
        Label(id=str(row), gold=Verdict(scores=scores), cluster=str(row // 2), authors=(None,), lengths=(1,), digest="")
        for row, scores in enumerate(gold)
    ]
    judgments = [
        Judgment(item=str(row), order=(0,), status=Status.UNPARSED)
        if scores is None
        else Judgment(item=str(row), order=(0,), status=Status.OK, verdict=Verdict(scores=scores))
        for row, scores in enumerate(said)
    ]
    manifest = Manifest(
        benchmark_ref=BenchmarkRef(id="b"), judge_ref=JudgeRef(called="j"), version="", items="", orders="single"
    )
    return scored.of_run(labels, manifest, judgments, question)


def same(mine: float | None, theirs: float) -> bool:
    return np.isnan(theirs) if mine is None else mine == pytest.approx(theirs, abs=1e-9)


@pytest.fixture(autouse=True)
def _few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("judgebench.score.estimates.RESAMPLES", 2)


@pytest.mark.parametrize("whole", [True, False])
def test_scores_are_those_of_the_libraries(whole: bool) -> None:
    """Of whole numbers, where kappa can be had from sklearn as well, and of any."""
    toss = np.random.default_rng(3)
    for _ in range(60):
        gold = toss.integers(1, 6, size=40).astype(float)
        rating = toss.integers(1, 6, size=40).astype(float) if whole else (gold + toss.normal(size=40)).round(3)
        failed = toss.random(40) < 0.1
        said = [None if fails else (number,) for number, fails in zip(rating.tolist(), failed, strict=True)]
        made = ratings.against_gold(arrays(SCORE, [(number,) for number in gold.tolist()], said))
        numbers = {one.name: one.value for one in made}
        x, y = gold[~failed], rating[~failed]
        alpha = krippendorff.alpha(np.stack([x, y]), level_of_measurement="interval")
        assert same(numbers["alpha_with_gold"], alpha)
        assert same(numbers["spearman"], stats.spearmanr(x, y).statistic)
        assert same(numbers["kendall_tau"], stats.kendalltau(x, y).statistic)
        apart, at_random = np.abs(x - y), np.abs(np.subtract.outer(x, y))
        assert same(numbers["weighted_kappa_linear"], 1 - apart.mean() / at_random.mean())
        assert same(numbers["weighted_kappa"], 1 - (apart**2).mean() / (at_random**2).mean())
        if whole:
            for name, weights in (("weighted_kappa_linear", "linear"), ("weighted_kappa", "quadratic")):
                assert same(numbers[name], cohen_kappa_score(x, y, labels=[1, 2, 3, 4, 5], weights=weights)), name


@pytest.mark.parametrize("question", [GRADES, NAMES], ids=["ordered", "nominal"])
def test_classes_are_those_of_the_libraries(question: Question) -> None:
    toss = np.random.default_rng(4)
    for _ in range(60):
        gold = toss.integers(0, 4, size=40)
        likely = toss.dirichlet(np.ones(4), size=40)
        failed = toss.random(40) < 0.1
        one_hot = [tuple(row) for row in np.eye(4)[gold].tolist()]
        said = [None if fails else tuple(row) for row, fails in zip(likely.tolist(), failed, strict=True)]
        numbers = {one.name: one.value for one in classes.against_gold(arrays(question, one_hot, said))}
        x, y, expected = gold[~failed], likely[~failed].argmax(1), likely[~failed] @ np.arange(4)
        level = "ordinal" if question.ordered else "nominal"
        domain = {"value_domain": [0, 1, 2, 3]} if not question.ordered else {}
        assert same(
            numbers["alpha_with_gold"], krippendorff.alpha(np.stack([x, y]), level_of_measurement=level, **domain)
        )
        assert same(numbers["cohen_kappa"], cohen_kappa_score(x, y))
        if not question.ordered:
            assert not {"weighted_kappa", "weighted_kappa_linear", "spearman", "mae"} & numbers.keys()
            continue
        assert same(numbers["weighted_kappa"], cohen_kappa_score(x, y, labels=[0, 1, 2, 3], weights="quadratic"))
        assert same(numbers["weighted_kappa_linear"], cohen_kappa_score(x, y, labels=[0, 1, 2, 3], weights="linear"))
        assert same(numbers["spearman"], stats.spearmanr(x, expected).statistic)
        assert same(numbers["kendall_tau"], stats.kendalltau(x, expected).statistic)
        assert same(numbers["mae"], np.abs(x - expected).mean())
        assert same(numbers["signed_bias"], (expected - x).mean())


def test_numbers_that_cannot_be_probabilities_say_their_own_place() -> None:
    numbers = np.array([[-3.0, -1.0, -2.0], [0.0, 0.0, 0.0], [0.2, 0.2, 0.1], [np.nan, np.nan, np.nan]])
    place = classes.expected_place(numbers)
    assert place[:3].tolist() == [1.0, 0.0, pytest.approx(0.8)]
    assert np.isnan(place[3])


def test_a_judge_that_says_one_thing_only_has_no_coefficient() -> None:
    made = ratings.against_gold(arrays(SCORE, [(1.0,), (2.0,), (3.0,)], [(3.0,)] * 3))
    numbers = {one.name: one for one in made}
    assert numbers["weighted_kappa_linear"].value is None
    assert numbers["spearman"].reason == "gold or the judge gives one rating only"
    assert numbers["weighted_kappa"].value == pytest.approx(0)
    both = {one.name: one.value for one in ratings.against_gold(arrays(SCORE, [(0.1,)] * 3, [(0.1,)] * 3))}
    assert (both["weighted_kappa"], both["alpha_with_gold"]) == (None, None)
