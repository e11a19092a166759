"""Rank sets of any number that a table shows: against `compare`, against the bootstrap, and on what has no number."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from judgebench.results import Run, read_all
from judgebench.score import comparison, estimates, made_of, samples, score_run
from judgebench.stats import compare, intervals

RESULTS = Path(__file__).parents[2] / "results"
SEVERAL = ("pandalm", "scalerlab-judgebench", "mt-bench-human")


def runs(benchmark: str) -> list[Run]:
    return list(read_all(RESULTS, benchmarks=[benchmark]).values())


@pytest.mark.parametrize("benchmark", SEVERAL)
def test_what_is_kept_is_what_the_scores_say(benchmark: str) -> None:
    for run in runs(benchmark)[-2:]:
        scores, made = score_run(run), made_of(run)
        shown = {("", "headline"): scores.headline}
        shown |= {("", name): estimate for name, estimate in scores.metrics.items()}
        shown |= {("", f"headline.{name}"): estimate for name, estimate in scores.headline.parts.items()}
        shown |= {("", f"human.{name}"): estimate for name, estimate in scores.human.items()}
        shown |= {(subset, "headline"): found["headline"] for subset, found in scores.subsets.items()}
        checked = 0
        for key, sample in made.items():
            if key in shown:
                assert shown[key].value == pytest.approx(sample.value), key
                assert float(sample.statistic(sample.counts.sum(0))) == pytest.approx(sample.value), key
                checked += 1
        assert checked > 15
        assert ("", "headline") in made
        assert all((subset, "headline") in made for subset in scores.subsets)


@pytest.mark.parametrize("benchmark", ["scalerlab-judgebench", "verifiable"])
def test_ranks_of_agreement_are_those_of_compare(benchmark: str) -> None:
    """Where all runs have both orders the two ask the same question; `compare` asks it item by item."""
    found = runs(benchmark)
    ranks = samples.ranks([made_of(run)["", "agreement"] for run in found], 1)
    standings = {
        standing.judge: (standing.rank_low, standing.rank_high) for standing in comparison.compare(found).standings
    }
    assert {run.manifest.judge: (rank.low, rank.high) for run, rank in zip(found, ranks, strict=True)} == standings


def test_the_spread_of_a_mean_is_its_clustered_standard_error() -> None:
    rng = np.random.default_rng(5)
    hits, clusters = rng.integers(0, 2, 60).astype(float), rng.integers(0, 17, 60)
    with samples.kept() as kept:
        estimates.share("x", hits, clusters)
    values = kept["x"].by_question(np.unique(clusters))
    assert values.mean() == pytest.approx(hits.mean())
    assert intervals.cluster_se(values) == pytest.approx(intervals.cluster_se(hits, clusters), rel=1e-5)


def test_the_difference_of_two_f1s_varies_as_the_bootstrap_says() -> None:
    """No formula gives the standard error of a difference of macro F1s; drawing questions again does."""
    made = {run.manifest.judge: made_of(run)["", "headline"] for run in runs("pandalm")}
    one, other = made["gpt-3.5-turbo"], made["baseline:longest"]
    both = np.stack([sample.by_question(one.questions) for sample in (one, other)])
    questions = len(one.counts)
    times = np.random.default_rng(1).multinomial(questions, np.full(questions, 1 / questions), size=2000)
    drawn = [sample.statistic(times @ sample.counts) for sample in (one, other)]
    ours = compare.pairwise_differences(both).standard_error[0, 1]
    assert ours == pytest.approx(float((drawn[0] - drawn[1]).std()), rel=0.1)


def test_who_has_no_number_has_no_rank_and_less_may_be_better() -> None:
    ones, zeros = np.ones(40), np.zeros(40)
    ones[0], zeros[0] = 0, 1
    with samples.kept() as kept:
        estimates.share("high", ones, np.arange(40))
        estimates.share("low", zeros, np.arange(40))
        estimates.share("none", [], np.arange(0))
    three = [kept["high"], kept.get("none"), kept["low"]]
    assert [str(rank) for rank in samples.ranks(three, 1)] == ["1", "None", "2"]
    assert [str(rank) for rank in samples.ranks(three, -1)] == ["2", "None", "1"]
    assert samples.ranks(three, 0) == [None, None, None], "neither side is better"
    assert samples.ranks([None, None], 1) == [None, None]


def test_one_question_leaves_every_rank_open() -> None:
    with samples.kept() as kept:
        estimates.share("a", [1.0, 1.0], ["q", "q"])
        estimates.share("b", [0.0, 1.0], ["q", "q"])
    assert [str(rank) for rank in samples.ranks(list(kept.values()), 1)] == ["1–2", "1–2"]


def test_keeping_ends_with_its_block() -> None:
    with samples.kept():
        pass
    assert estimates.share("x", [1.0, 0.0], [1, 2]).low is not None
