"""What a page draws beyond scores.json, from the same arrays and by the same functions that make scores.json."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from judgebench.results import Run, orders_asked
from judgebench.score import estimates, rightness
from judgebench.score.forced import combined
from judgebench.score.pairs import FAILED, FIRST, SECOND, Pairs, of_run, trial_share
from judgebench.stats import calibration, rounding, selective
from judgebench.types import Estimate, Flag, Judgment, Label, Manifest, Verdict

LENGTH_BINS = (
    (-1.0, "under half as long"),
    (-0.5, "shorter"),
    (-0.1, "about as long (±10 %)"),
    (0.1, "longer"),
    (0.5, "over twice as long"),
)
"""The right response against the wrong one: where a bin begins, in (right - wrong) / the longer, and its name."""
MOST_JUDGES = 40
RIGHT, WRONG, NO_VERDICT, OPEN = "r", "w", "f", "-"
"""What a verdict is worth; open where gold says nothing."""
FLAGS = {"wrong": 1, "changed": 2, "failed": 4}
"""Of an item under one judge, as bits: some verdict is not gold; the orders' verdicts differ; some trial has none."""


def pairs_of(run: Run) -> Pairs | None:
    """The run as arrays; None where the benchmark's items are not pairs."""
    if any(len(label.lengths) != 2 for label in run.asked):
        return None
    return of_run(run.asked, run.manifest, run.judgments)


def by_length(pairs: Pairs) -> dict[str, Any] | None:
    """Agreement by how the right response's length compares with the wrong one's (`bins`), and how often the longer one
    is picked, and is right. None where no pair has both lengths and one right response."""
    has_lengths = np.array([None not in label.lengths and any(label.lengths) for label in pairs.labels], dtype=np.bool_)
    pairs = pairs.where(has_lengths & np.isin(pairs.gold, (FIRST, SECOND)))
    if not len(pairs):
        return None
    sizes = np.array([label.lengths for label in pairs.labels], dtype=np.float64)
    gap = (sizes[:, 0] - sizes[:, 1]) / sizes.max(axis=1)
    right_longer = np.where(pairs.gold == FIRST, gap, -gap)
    where = np.digitize(right_longer, [edge for edge, _ in LENGTH_BINS[1:]])
    bins = [
        (name, trial_share(name, pairs.where(where == index), empty="no such pair"))
        for index, (_, name) in enumerate(LENGTH_BINS)
    ]
    uneven, longer = pairs.where(gap != 0), np.where(gap > 0, FIRST, SECOND)[gap != 0]
    picks, decisive = uneven.verdicts == longer[:, None, None], np.isin(uneven.verdicts, (FIRST, SECOND))
    clusters = uneven.per_trial[decisive.ravel()]
    picked = estimates.share("picks_longer", picks[decisive], clusters, empty="no decisive verdict")
    right = estimates.share("right_is_longer", right_longer[gap != 0] > 0, uneven.clusters)
    return {"bins": bins, "picks_longer": picked, "right_is_longer": right}


def confidence(pairs: Pairs) -> dict[str, Any] | None:
    """Over the `n` trials that have a confidence and a gold, `of` all verdicts; None where none has. `bins` are (mean
    confidence, accuracy), where confidences are probabilities; `curve` is (share kept, share of these wrong)."""
    once = combined(pairs)
    pairs = (pairs if once is None else once).with_gold
    read, confidence = pairs.verdicts.ravel() != FAILED, rounding.snapped(pairs.confidence.ravel())
    stated = read & np.isfinite(confidence)
    values, hits, groups = (array[stated] for array in (confidence, pairs.hits.ravel(), pairs.per_trial))
    if not len(values):
        return None
    curve = selective.risk_coverage(values, hits)
    keep = np.unique(np.linspace(0, len(curve.units) - 1, 200).astype(int))
    bins = []
    if estimates.reaches(values.min(), 0) and estimates.reaches(1, values.max()):
        values = values.clip(0, 1)
        table = calibration.reliability_table(values, hits)
        for low, high, mean in zip(table.low, table.high, table.confidence, strict=True):
            inside = (values >= low) & (values <= high)
            bins.append((float(mean), estimates.share("accuracy", hits[inside], groups[inside])))
    points = [(float(curve.coverage[i]), float(curve.risk[i])) for i in keep]
    return {"n": len(values), "of": int(read.sum()), "bins": bins, "curve": points}


def between_judges(runs: Sequence[Pairs]) -> list[list[Estimate]]:
    """The lower triangle of how often two judges give the same verdict on the same trial, a failure agreeing with
    nothing. Trials that both were asked: both orders where both runs have them, else the stored order; first samples.
    """

    def same(one: Pairs, other: Pairs) -> Estimate:
        width = min(one.verdicts.shape[1], other.verdicts.shape[1])
        ours, theirs = one.verdicts[:, :width, 0], other.verdicts[:, :width, 0]
        equal = (ours == theirs) & (ours != FAILED)
        return estimates.share("same_verdict", equal.ravel(), np.repeat(one.clusters, width), n=len(one))

    return [[same(one, other) for other in runs[: index + 1]] for index, one in enumerate(runs)]


def marks(run: Run) -> list[str]:
    """What each judgment is worth, as agreement counts: right where its whole credit is earned."""
    return [
        NO_VERDICT if judgment.verdict is None else OPEN if np.isnan(credit) else RIGHT if credit == 1 else WRONG
        for judgment, credit in zip(run.judgments, rightness(run), strict=True)
    ]


def flags(label: Label, judgments: Sequence[Judgment], worth: str, manifest: Manifest) -> int:
    """FLAGS of one item under one judge, whose judgments are `worth` these marks."""
    choices: dict[int, set[tuple[float, ...]]] = defaultdict(set)
    for judgment in judgments:
        if judgment.verdict is not None:
            choices[judgment.sample].add(_choice(judgment.decision or judgment.verdict))
    merged = manifest.orders == "merged" and any(Flag.INCONSISTENT in judgment.flags for judgment in judgments)
    changed = merged or any(len(several) > 1 for several in choices.values())
    failed = NO_VERDICT in worth or len(judgments) < manifest.samples * orders_asked(label, manifest)
    return FLAGS["wrong"] * (WRONG in worth) + FLAGS["changed"] * changed + FLAGS["failed"] * failed


def people_disagree(label: Label) -> bool:
    return len({_choice(vote) for vote in label.raters.values()}) > 1


def _choice(verdict: Verdict) -> tuple[float, ...]:
    """The responses at the top, or the number of a single one."""
    return verdict.top if len(verdict.scores) > 1 else verdict.scores
