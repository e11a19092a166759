"""Does the judge know when it is right, and what remains if it may abstain?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from judgebench.errors import InputError
from judgebench.results import Run
from judgebench.score import estimates
from judgebench.score.analysis.finding import Finding, Row, column, fact, named, only, with_gold
from judgebench.score.arrays import Floats
from judgebench.score.forced import combined
from judgebench.score.pairs import FAILED, Pairs
from judgebench.stats import calibration, intervals, rounding, selective
from judgebench.types import Estimate

COVERAGES = (1.0, 0.9, 0.8, 0.6, 0.4, 0.2)
_CALIBRATED = (
    "Confidence should be the share of verdicts that are right. The calibration error depends on bins and is never 0 "
    "in a small sample: compare it with that of a perfectly calibrated judge. AUROC is the chance that a right "
    "verdict is surer than a wrong one; 50 is no better than a coin."
)
_GROUPED = "Right verdicts among those of about equal confidence: the two should be the same."
_ABSTAINING = "If the judge answers only where it is surest, how often is it right?"


def analyze(
    runs: Sequence[Run], *, target: float = 0.1, delta: float = 0.1, seed: int = estimates.SEED
) -> list[Finding]:
    """One run with pairs, gold and a confidence. `target` is the error rate to stay below with probability
    1 - `delta`; `seed` halves the questions into those that choose the threshold and those that test it."""
    run = only(runs, "confidence")
    pairs, title = with_gold(run), named(run)
    if (once := combined(pairs)) is not None:
        pairs = once
    confidence, source = _confidence(run, pairs)
    source = source if once is None else "how likely the likeliest option is, by both orders' probabilities together"
    sure = rounding.snapped(confidence)
    stated = (pairs.verdicts != FAILED) & ~np.isnan(sure)
    verdicts = sure[stated], pairs.hits[stated].astype(float), pairs.per_trial.reshape(stated.shape)[stated]
    without = int(stated.size - stated.sum())
    notes = (f"Confidence: {source}.", *([f"Left out: {without:,} trials without one."] if without else []))
    # The guarantee counts independent verdicts: one an item.
    first = stated[:, 0, 0]
    guaranteed = (sure[first, 0, 0], pairs.hits[first, 0, 0].astype(float), pairs.clusters[first])
    return [
        Finding(f"{title}: calibration", _CALIBRATED, column(_calibration(*verdicts)), notes),
        Finding(f"{title}: by confidence", _GROUPED, _bins(*verdicts)),
        Finding(f"{title}: the surest verdicts", _ABSTAINING, _curve(*verdicts)),
        _guarantee(title, *guaranteed, target=target, delta=delta, seed=seed),
    ]


def _confidence(run: Run, pairs: Pairs) -> tuple[Floats, str]:
    """(items, orders, samples), NaN where there is none, and where it comes from."""
    if not np.isnan(pairs.confidence).all():
        low, high = float(np.nanmin(pairs.confidence)), float(np.nanmax(pairs.confidence))
        if not (estimates.reaches(low, 0) and estimates.reaches(1, high)):
            raise InputError(f"{named(run)}: confidences reach from {low:g} to {high:g}; they should be from 0 to 1")
        return pairs.confidence.clip(0, 1), "as the judge stated it"
    # Of a forced verdict without a mass nobody knows how sure it is.
    forced = run.manifest.protocol.get("verdict") == "forced" or not np.isnan(pairs.ties).all()
    scores = np.where(np.isnan(pairs.mass)[..., None] & forced, np.nan, pairs.scores)
    said, margins = scores[~np.isnan(scores[..., 0])], scores[..., 0] - scores[..., 1]
    soft = (said >= 0).all() and (np.abs(said.sum(-1) - 1) < 1e-6).all()
    if soft and np.isin(said, (0, 0.5, 1)).all():
        raise InputError(
            f"{named(run)}: the verdicts carry no confidence; it takes stated ones, soft preferences or reward scores"
        )
    if soft:
        return (1 + np.abs(margins)) / 2, "the soft preference itself"
    return 1 / (1 + np.exp(-np.abs(margins))), "the margin of the two scores through the logistic function"


def _calibration(sure: Floats, right: Floats, clusters: NDArray[np.intp]) -> dict[str, Estimate]:
    null = calibration.calibration_null(sure, rng=np.random.default_rng(estimates.SEED))
    low, high = map(float, np.quantile(null, [0.025, 0.975]))
    rows = _by_confidence(sure, right)
    parts = calibration.brier(sure, right)

    def of_table(name: str, statistic: estimates.Statistic, reason: str = "no verdicts") -> Estimate:
        return estimates.of_counts(name, rows, clusters, statistic, reason=reason)

    return {
        "right": estimates.share("right", right, clusters),
        "mean confidence": estimates.mean("mean confidence", sure, clusters, empty="none"),
        "calibration error (ECE)": estimates.of_counts(
            "ece",
            calibration.calibration_gaps(sure, right),
            clusters,
            calibration.expected_calibration_error_from_counts,
            reason="no verdicts",
        ),
        "  of a calibrated judge": Estimate(
            name="ece_null", value=float(null.mean()), low=low, high=high, n=len(sure), method="simulated"
        ),
        "Brier score": estimates.mean("brier", (sure - right) ** 2, clusters, empty="none"),
        **{
            f"  {name}": fact(name, value, "a part of the Brier score, see there", n=len(sure))
            for name, value in (list(parts._asdict().items())[1:] if parts else ())
        },
        "AUROC": of_table("auroc", calibration.auroc_from_counts, "all verdicts are right, or all are wrong"),
        "risk over coverage (AURC)": of_table("aurc", selective.aurc_from_counts),
        "  beyond the best order": of_table("excess_aurc", _excess),
    }


def _by_confidence(sure: Floats, right: Floats) -> Floats:
    """One row a verdict: a 1 in its cell of (confidence, wrong or right), the confidences rising."""
    values, cell = np.unique(sure, return_inverse=True)
    if len(values) > 200:  # beyond that a table of resamples is large and says no more
        values = np.unique(np.quantile(sure, np.linspace(0, 1, 201)[1:-1]))
        cell = np.searchsorted(values, sure)
    return estimates.crossed(cell, right.astype(int), (len(values) + 1, 2))


def _excess(tables: Floats) -> Floats:
    """AURC less that of the best order of the same verdicts: all wrong ones below all right ones."""
    wrong, right = tables.sum(-2)[..., 0], tables.sum(-2)[..., 1]
    best = np.stack([np.stack([wrong, 0 * wrong], -1), np.stack([0 * right, right], -1)], -2)
    return selective.aurc_from_counts(tables) - selective.aurc_from_counts(best)


def _bins(sure: Floats, right: Floats, clusters: NDArray[np.intp]) -> tuple[Row, ...]:
    bins = calibration.reliability_table(sure, right)
    rows = []
    for index, (low, high) in enumerate(zip(bins.low, bins.high, strict=True), 1):
        inside = (sure >= low) & (sure <= high)
        ends = {1: ", least sure", len(bins.low): ", surest"}.get(index, "")
        numbers = {
            "confidence": fact("confidence", float(sure[inside].mean()), "the group is of the sample's making"),
            "right": estimates.share("right", right[inside], clusters[inside]),
            "of all": estimates.share("of all", inside, clusters),
        }
        rows.append(Row(f"{low:.2f}" if low == high else f"group {index} of {len(bins.low)}{ends}", numbers))
    return tuple(rows)


def _curve(sure: Floats, right: Floats, clusters: NDArray[np.intp]) -> tuple[Row, ...]:
    thresholds: dict[float, float] = {}
    for coverage in COVERAGES:
        thresholds.setdefault(float(np.quantile(sure, 1 - coverage, method="inverted_cdf")), coverage)
    rows = []
    for threshold, coverage in thresholds.items():
        kept = sure >= threshold
        numbers = {
            "kept": estimates.share("kept", kept, clusters),
            "right": estimates.share("right", right[kept], clusters[kept]),
        }
        rows.append(Row(f"the surest {coverage:.0%}", numbers))
    return tuple(rows)


def _guarantee(
    title: str, sure: Floats, right: Floats, clusters: NDArray[np.intp], *, target: float, delta: float, seed: int
) -> Finding:
    questions = np.unique(clusters)
    half = np.isin(clusters, np.random.default_rng(seed).permutation(questions)[: len(questions) // 2])
    chosen = selective.fixed_sequence_threshold(sure[half], right[half], target=target, delta=delta)
    title = f"{title}: threshold with a guarantee"
    says = (
        f"A threshold chosen on half of the questions so that, with probability {1 - delta:.0%}, at most {target:.0%} "
        "of what it keeps is wrong, first answers in the stored order; tested on the other half."
    )
    if len(questions) < len(sure):
        says += " It takes items for independent, and here a question has several."
    if chosen is None:
        nothing = {"threshold": fact("threshold", None, "no threshold passes")}
        return Finding(title, f"{says} No threshold passes: the judge abstains.", column(nothing))
    kept = ~half & (sure >= chosen.threshold)
    hits, n = int(right[kept].sum()), int(kept.sum())
    exact = intervals.clopper_pearson(hits, n)
    numbers = {
        "threshold": fact("threshold", chosen.threshold, f"chosen on {int(half.sum()):,} verdicts"),
        "kept of the other half": estimates.share("kept", kept[~half], clusters[~half]),
        "right among them": fact("right", None, "it keeps nothing of the other half")
        if exact is None
        else estimates.with_interval("right", hits / n, exact, n=n, clusters=clusters[kept], method="Clopper-Pearson"),
    }
    return Finding(title, says, column(numbers))
