"""A rate that people would report, from few of their labels and the judge's verdicts on everything."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from judgebench.errors import InputError
from judgebench.results import Run
from judgebench.score import estimates
from judgebench.score.analysis.finding import Finding, Floats, Row, fact, named, pairs_of, preferences, sides
from judgebench.score.pairs import NO_GOLD, on_axis
from judgebench.stats import correction
from judgebench.types import Estimate

SAYS = (
    "How often is the first response (or the system asked for) better, ties half? The judge alone is biased by its "
    "errors, and its interval does not know it; labels alone are few. PPI++ holds where the labelled items are a "
    "random sample of all; Rogan-Gladen, here without ties, also where they are not, if the judge errs as often on "
    "both."
)


def analyze(
    runs: Sequence[Run], *, labelled: int | None = None, system: str | None = None, seed: int = estimates.SEED
) -> list[Finding]:
    """One run. Items without gold are the unlabelled ones; where all have gold, `labelled` of them, drawn by question,
    keep it and the others' is hidden, so that the truth can stand beside. `system` is an author of responses."""
    if len(runs) != 1:
        raise InputError("correction is about one run")
    pairs = pairs_of(runs[0])
    judged = preferences(pairs)
    gold = np.where(pairs.gold == NO_GOLD, np.nan, on_axis(np.maximum(pairs.gold, 0)))
    sign = np.full(len(pairs), -1.0) if system is None else sides(runs[0], pairs, system)
    known = ~np.isnan(judged) & (sign != 0)
    # A win is 1, a tie one half, of whichever response is asked about.
    truth, said = (1 + (gold * sign)[known]) / 2, (1 + (judged * sign)[known]) / 2
    clusters, has_gold = pairs.clusters[known], ~np.isnan(gold[known])
    shown, hidden = _split(runs[0], has_gold, clusters, labelled, seed)
    rows = _rows(truth, said, clusters, shown, hidden)
    failed = int((np.isnan(judged) & (sign != 0)).sum())
    notes = [f"Labelled: {int(shown.sum()):,} items; judged only: {int(hidden.sum()):,}."]
    if failed:
        notes.append(f"Left out: {failed:,} items without a verdict.")
    asked = system or "the first response"
    return [Finding(f"{named(runs[0])}: win rate of {asked}", SAYS, tuple(rows), tuple(notes))]


def _split(
    run: Run, has_gold: NDArray[np.bool_], clusters: NDArray[np.intp], labelled: int | None, seed: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """The labelled items and the others, which share no question."""
    if labelled is None:
        if has_gold.all():
            raise InputError(f"{named(run)}: every item has gold; --labelled N says how many of them to show")
        mixed = np.isin(clusters, clusters[has_gold])
        return has_gold, ~mixed
    order = np.random.default_rng(seed).permutation(np.unique(clusters[has_gold]))
    sizes = np.array([int((has_gold & (clusters == question)).sum()) for question in order])
    enough = int(np.searchsorted(np.cumsum(sizes), labelled)) + 1
    if labelled < 2 or enough >= len(order):
        raise InputError(
            f"--labelled is {labelled}; it must leave at least one of the {int(sizes.sum()):,} for the judge"
        )
    shown = has_gold & np.isin(clusters, order[:enough])
    return shown, ~np.isin(clusters, order[:enough])


def _rows(
    truth: Floats, said: Floats, clusters: NDArray[np.intp], shown: NDArray[np.bool_], hidden: NDArray[np.bool_]
) -> list[Row]:
    found: dict[str, Estimate] = {
        "the judge alone, on all": estimates.share("judge", said, clusters),
        "labels alone": estimates.share("labels", truth[shown], clusters[shown], empty="no labels"),
        "PPI++": _ppi(truth, said, clusters, shown, hidden),
        "Rogan-Gladen": _rogan_gladen(truth, said, shown),
    }
    if not np.isnan(truth).any():
        found["all labels, hidden ones too"] = estimates.share("truth", truth, clusters)
    return [Row(label, {"win rate": value}) for label, value in found.items()]


def _ppi(
    truth: Floats, said: Floats, clusters: NDArray[np.intp], shown: NDArray[np.bool_], hidden: NDArray[np.bool_]
) -> Estimate:
    result = correction.ppi(
        truth[shown], said[shown], said[hidden], clusters=clusters[shown], unlabelled_clusters=clusters[hidden]
    )
    if result is None:
        return fact("ppi", None, "it takes two labelled questions and two that the judge alone has seen")
    return Estimate(
        name="ppi",
        value=result.estimate,
        low=result.low,
        high=result.high,
        n=int(shown.sum() + hidden.sum()),
        n_clusters=len(np.unique(clusters)),
        method=f"PPI++, weight of the judge {result.weight:.2f}",
    )


def _rogan_gladen(truth: Floats, said: Floats, shown: NDArray[np.bool_]) -> Estimate:
    """Of decisive verdicts and labels: an error rate of a tie is not defined."""
    decided = (said != 0.5) & (np.isnan(truth) | (truth != 0.5))
    kept, said_first = shown & decided, said > 0.5
    positive, negative = kept & (truth > 0.5), kept & (truth < 0.5)
    m1, m0 = int(positive.sum()), int(negative.sum())
    if not m0 or not m1:
        return fact("rogan_gladen", None, "the labels are all of one kind")
    result = correction.rogan_gladen(
        float(said_first[decided].mean()),
        specificity=float((~said_first)[negative].mean()),
        sensitivity=float(said_first[positive].mean()),
        n=int(decided.sum()),
        m0=m0,
        m1=m1,
    )
    if result is None:
        return fact("rogan_gladen", None, "the judge is right no more often than wrong")
    flag = ", in conflict with its error rates" if result.conflict else ""
    return Estimate(
        name="rogan_gladen",
        value=result.estimate,
        low=result.low,
        high=result.high,
        n=int(decided.sum()),
        method=f"Lee et al. 2025, without ties, items independent{flag}",
    )
