"""Does the judge know when it is right, and what remains if it may abstain?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from judgebench.errors import InputError
from judgebench.results import Run
from judgebench.score import estimates
from judgebench.score.analysis.finding import Finding, Floats, Row, fact, named, with_gold
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
    if len(runs) != 1:
        raise InputError("confidence is about one run")
    pairs = with_gold(runs[0])
    stated, source = _confidence(runs[0], pairs)
    sure = rounding.snapped(stated)
    given = (pairs.verdicts != FAILED) & ~np.isnan(sure)
    right, clusters = pairs.hits[given].astype(float), pairs.per_trial.reshape(pairs.verdicts.shape)[given]
    title, known = named(runs[0]), sure[given]
    without = int(given.size - given.sum())
    notes = (f"Confidence: {source}.", *([f"Left out: {without:,} trials without one."] if without else []))
    # The guarantee counts independent verdicts: one an item.
    first = given[:, 0, 0]
    guaranteed = (sure[first, 0, 0], pairs.hits[first, 0, 0].astype(float), pairs.clusters[first])
    return [
        Finding(f"{title}: calibration", _CALIBRATED, tuple(_calibration(known, right, clusters)), notes),
        Finding(f"{title}: by confidence", _GROUPED, _bins(known, right, clusters)),
        Finding(f"{title}: the surest verdicts", _ABSTAINING, tuple(_curve(known, right, clusters))),
        _guarantee(title, *guaranteed, target=target, delta=delta, seed=seed),
    ]


def _confidence(run: Run, pairs: Pairs) -> tuple[Floats, str]:
    """(items, orders, samples), NaN where there is none, and where it comes from."""
    if not np.isnan(pairs.confidence).all():
        return pairs.confidence, "as the judge stated it"
    verdicts = [judgment.verdict.scores for judgment in run.judgments if judgment.verdict is not None]
    plain = {(1.0, 0.0), (0.0, 1.0), (0.5, 0.5)}
    if all(tuple(scores) in plain for scores in verdicts):
        raise InputError(
            f"{named(run)}: the verdicts carry no confidence; it takes stated ones, soft preferences or reward scores"
        )
    if all(min(scores) >= 0 and abs(sum(scores) - 1) < 1e-6 for scores in verdicts):
        return (1 + np.abs(pairs.margins)) / 2, "the soft preference itself"
    return 1 / (1 + np.exp(-np.abs(pairs.margins))), "the margin of the two scores through the logistic function"


def _calibration(sure: Floats, right: Floats, clusters: NDArray[np.intp]) -> list[Row]:
    gaps = calibration.calibration_gaps(sure, right)
    null = calibration.calibration_null(sure, rng=np.random.default_rng(estimates.SEED))
    ends = [float(end) for end in np.quantile(null, [0.025, 0.975])]
    parts = calibration.brier(sure, right)
    values, rows = _by_confidence(sure, right)
    one_kind = "all verdicts are right, or all are wrong"

    def table(cells: Floats) -> Floats:
        return cells.reshape(*cells.shape[:-1], len(values), 2)

    numbers: dict[str, Estimate] = {
        "right": estimates.share("right", right, clusters),
        "mean confidence": estimates.mean("mean confidence", sure, clusters, empty="none"),
        "calibration error (ECE)": estimates.of_counts(
            "ece", gaps, clusters, calibration.expected_calibration_error_from_counts, reason="no verdicts"
        ),
        "  of a calibrated judge": Estimate(
            name="ece_null", value=float(null.mean()), low=ends[0], high=ends[1], n=len(sure), method="simulated"
        ),
        "Brier score": estimates.mean("brier", (sure - right) ** 2, clusters, empty="none"),
    }
    if parts is not None:
        for name, value in zip(parts._fields[1:], parts[1:], strict=True):
            numbers[f"  {name}"] = fact(name, value, "a part of the Brier score, see there", n=len(sure))
    numbers |= {
        "AUROC": estimates.of_counts(
            "auroc", rows, clusters, lambda cells: calibration.auroc_from_counts(table(cells)), reason=one_kind
        ),
        "risk over coverage (AURC)": estimates.of_counts(
            "aurc", rows, clusters, lambda cells: selective.aurc_from_counts(table(cells)), reason="no verdicts"
        ),
        "  beyond the best order": estimates.of_counts(
            "excess_aurc", rows, clusters, lambda cells: _excess(table(cells)), reason="no verdicts"
        ),
    }
    return [Row(label, {"value": estimate}) for label, estimate in numbers.items()]


def _by_confidence(sure: Floats, right: Floats) -> tuple[Floats, Floats]:
    """The distinct confidences, rising, and one row a verdict: a 1 in its cell of (confidence, wrong or right)."""
    values, cell = np.unique(sure, return_inverse=True)
    if len(values) > 200:  # beyond that a table of resamples is large and says no more
        edges = np.unique(np.quantile(sure, np.linspace(0, 1, 201)[1:-1]))
        cell = np.searchsorted(edges, sure)
        values = np.arange(len(edges) + 1, dtype=np.float64)
    return values, estimates.one_hot(cell * 2 + right.astype(int), 2 * len(values))


def _excess(tables: Floats) -> Floats:
    """AURC less that of the best order of the same verdicts: all wrong ones below all right ones."""
    wrong, right = tables.sum(-2)[..., 0], tables.sum(-2)[..., 1]
    best = np.stack([np.stack([wrong, 0 * wrong], -1), np.stack([0 * right, right], -1)], -2)
    found: Floats = selective.aurc_from_counts(tables) - selective.aurc_from_counts(best)
    return found


def _bins(sure: Floats, right: Floats, clusters: NDArray[np.intp]) -> tuple[Row, ...]:
    bins = calibration.reliability_table(sure, right)
    rows = []
    for index, (low, high) in enumerate(zip(bins.low, bins.high, strict=True), 1):
        inside = (sure >= low) & (sure <= high)
        ends = {1: ", least sure", len(bins.low): ", surest"}.get(index, "")
        label = f"{low:.2f}" if low == high else f"group {index} of {len(bins.low)}{ends}"
        rows.append(
            Row(
                label,
                {
                    "confidence": fact("confidence", float(sure[inside].mean()), "the group is of the sample's making"),
                    "right": estimates.share("right", right[inside], clusters[inside]),
                    "of all": estimates.share("of all", inside, clusters),
                },
            )
        )
    return tuple(rows)


def _curve(sure: Floats, right: Floats, clusters: NDArray[np.intp]) -> list[Row]:
    rows, seen = [], set()
    for coverage in COVERAGES:
        threshold = float(np.quantile(sure, 1 - coverage, method="inverted_cdf"))
        if threshold in seen:
            continue
        seen.add(threshold)
        kept = sure >= threshold
        numbers = {
            "kept": estimates.share("kept", kept, clusters),
            "right": estimates.share("right", right[kept], clusters[kept]),
        }
        rows.append(Row(f"the surest {coverage:.0%}", numbers))
    return rows


def _guarantee(
    title: str, sure: Floats, right: Floats, clusters: NDArray[np.intp], *, target: float, delta: float, seed: int
) -> Finding:
    questions = np.unique(clusters)
    chosen = np.random.default_rng(seed).permutation(questions)[: len(questions) // 2]
    half = np.isin(clusters, chosen)
    found = selective.fixed_sequence_threshold(sure[half], right[half], target=target, delta=delta)
    says = (
        f"A threshold chosen on half of the questions so that, with probability {1 - delta:.0%}, at most {target:.0%} "
        "of what it keeps is wrong, first answers in the stored order; tested on the other half."
    )
    if len(questions) < len(sure):
        says += " It takes items for independent, and here a question has several."
    if found is None:
        return Finding(
            f"{title}: threshold with a guarantee",
            f"{says} No threshold passes: the judge abstains.",
            (Row("threshold", {"value": fact("threshold", None, "no threshold passes")}),),
        )
    kept = ~half & (sure >= found.threshold)
    hits = int(right[kept].sum())
    exact = intervals.clopper_pearson(hits, int(kept.sum()))
    rows = {
        "threshold": fact("threshold", found.threshold, f"chosen on {int(half.sum()):,} verdicts"),
        "kept of the other half": estimates.share("kept", kept[~half], clusters[~half]),
        "right among them": fact("right", None, "it keeps nothing of the other half")
        if exact is None
        else Estimate(
            name="right",
            value=hits / int(kept.sum()),
            low=exact.low,
            high=exact.high,
            n=int(kept.sum()),
            n_clusters=len(np.unique(clusters[kept])),
            method="Clopper-Pearson",
        ),
    }
    return Finding(
        f"{title}: threshold with a guarantee",
        says,
        tuple(Row(label, {"value": value}) for label, value in rows.items()),
    )
