"""A rate that people would report, from few of their labels and the judge's verdicts on everything."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from judgebench.errors import InputError
from judgebench.results import Run
from judgebench.score import estimates
from judgebench.score.analysis.finding import Finding, column, fact, named, only, pairs_of, preferences, sides
from judgebench.score.arrays import Floats
from judgebench.score.pairs import on_axis
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
    run = only(runs, "correction")
    pairs = pairs_of(run)
    judged = preferences(pairs)
    gold = on_axis(pairs.gold)
    sign = np.full(len(pairs), -1.0) if system is None else sides(run, pairs, system)
    usable = ~np.isnan(judged) & (sign != 0)
    # A win is 1, a tie one half, of whichever response is asked about.
    truth, verdicts = (1 + (gold * sign)[usable]) / 2, (1 + (judged * sign)[usable]) / 2
    clusters = pairs.clusters[usable]
    shown, hidden = _split(run, ~np.isnan(truth), clusters, labelled, seed)
    numbers = {
        "the judge alone, on all": estimates.share("judge", verdicts, clusters),
        "labels alone": estimates.share("labels", truth[shown], clusters[shown], empty="no labels"),
        "PPI++": _ppi(truth, verdicts, clusters, shown, hidden),
        "Rogan-Gladen": _rogan_gladen(truth, verdicts, shown),
    }
    if not np.isnan(truth).any():
        numbers["all labels, hidden ones too"] = estimates.share("truth", truth, clusters)
    failed = int((np.isnan(judged) & (sign != 0)).sum())
    notes = [f"Labelled: {int(shown.sum()):,} items; judged only: {int(hidden.sum()):,}."]
    if failed:
        notes.append(f"Left out: {failed:,} items without a verdict.")
    title = f"{named(run)}: win rate of {system or 'the first response'}"
    return [Finding(title, SAYS, column(numbers, "win rate"), tuple(notes))]


def _split(
    run: Run, has_gold: NDArray[np.bool_], clusters: NDArray[np.intp], labelled: int | None, seed: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """The labelled items and the others, which share no question."""
    if labelled is None:
        if has_gold.all():
            raise InputError(f"{named(run)}: every item has gold; --labelled N says how many of them to show")
        return has_gold, ~np.isin(clusters, clusters[has_gold])
    order = np.random.default_rng(seed).permutation(np.unique(clusters[has_gold]))
    sizes = np.array([int((has_gold & (clusters == question)).sum()) for question in order])
    enough = int(np.searchsorted(np.cumsum(sizes), labelled)) + 1
    if labelled < 2 or enough >= len(order):
        raise InputError(
            f"--labelled is {labelled}; it must leave at least one of the {int(sizes.sum()):,} for the judge"
        )
    shown = has_gold & np.isin(clusters, order[:enough])
    return shown, ~np.isin(clusters, order[:enough])


def _ppi(
    truth: Floats, verdicts: Floats, clusters: NDArray[np.intp], shown: NDArray[np.bool_], hidden: NDArray[np.bool_]
) -> Estimate:
    result = correction.ppi(
        truth[shown], verdicts[shown], verdicts[hidden], clusters=clusters[shown], unlabelled_clusters=clusters[hidden]
    )
    if result is None:
        return fact("ppi", None, "it takes two labelled questions and two that the judge alone has seen")
    method = f"PPI++, weight of the judge {result.weight:.2f}"
    return _corrected("ppi", result, method, n=int(shown.sum() + hidden.sum()), n_clusters=len(np.unique(clusters)))


def _rogan_gladen(truth: Floats, verdicts: Floats, shown: NDArray[np.bool_]) -> Estimate:
    """Of decisive verdicts and labels: an error rate of a tie is not defined."""
    decided = (verdicts != 0.5) & (truth != 0.5)
    kept, for_it = shown & decided, verdicts > 0.5
    positive, negative = kept & (truth > 0.5), kept & (truth < 0.5)
    m1, m0 = int(positive.sum()), int(negative.sum())
    if not m0 or not m1:
        return fact("rogan_gladen", None, "the labels are all of one kind")
    result = correction.rogan_gladen(
        float(for_it[decided].mean()),
        specificity=float((~for_it)[negative].mean()),
        sensitivity=float(for_it[positive].mean()),
        n=int(decided.sum()),
        m0=m0,
        m1=m1,
    )
    if result is None:
        return fact("rogan_gladen", None, "the judge is right no more often than wrong")
    flag = ", in conflict with its error rates" if result.conflict else ""
    method = f"Lee et al. 2025, without ties, items independent{flag}"
    return _corrected("rogan_gladen", result, method, n=int(decided.sum()))


def _corrected(
    name: str, made: correction.Ppi | correction.RoganGladen, method: str, *, n: int, n_clusters: int = 0
) -> Estimate:
    value, low, high = made[:3]
    return Estimate(name=name, value=value, low=low, high=high, n=n, n_clusters=n_clusters, method=method)
