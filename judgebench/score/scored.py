"""Arrays for verdicts that are not pairs: a rating, the best of n, a set with several right responses, an error step,
or a mixture of these. Scores are as given, in response coordinates; NaN stands for what is not there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judgebench.errors import InputError
from judgebench.results import orders_asked, place
from judgebench.score.arrays import Floats, ItemArrays, Mask
from judgebench.stats import rounding
from judgebench.types import GRADES, PREFERENCE, Judgment, Label, Manifest, Question, Verdict, question_of


@dataclass(frozen=True)
class Scored(ItemArrays):
    """`gold` is (items, numbers) and `verdicts` (items, orders, samples, numbers), NaN beyond the numbers of an item's
    verdict (mostly one for each response), without gold, and where a judge failed. Rules that decide take `verdicts`,
    which are the option chosen where one was; those that weigh take `scores`. `asked` is (items, orders): an item with
    one response has one order.
    `grades` is (items, orders, samples): Flag.RIGHT_REASON or WRONG_REASON, None where a reason was not graded."""

    asked: Mask
    grades: NDArray[Any]
    question: Question = PREFERENCE

    @property
    def has_gold(self) -> Mask:
        return ~np.isnan(self.gold[:, 0])

    @property
    def read(self) -> Mask:
        """(items, orders, samples): there is a verdict."""
        return ~np.isnan(self.verdicts[..., 0])

    @property
    def trials(self) -> Mask:
        """(items, orders, samples): the trial is asked for."""
        return np.broadcast_to(self.asked[:, :, None], self.verdicts.shape[:3])

    @property
    def per_trial(self) -> NDArray[Any]:
        """The clusters of the trials asked for, in the order in which `flat` gives their values."""
        return self.flat(self.by_trial(self.clusters))

    @property
    def widths(self) -> NDArray[np.int64]:
        """(items,): how many responses."""
        return np.array([len(label.lengths) for label in self.labels], dtype=np.int64)

    def by_trial(self, values: NDArray[Any]) -> NDArray[Any]:
        """(items, orders, samples) of (items,)."""
        return np.broadcast_to(values[:, None, None], self.verdicts.shape[:3])

    def flat(self, values: NDArray[Any]) -> NDArray[Any]:
        """(items, orders, samples), of the trials asked for."""
        return values[self.trials]

    def number(self, values: Floats) -> Floats:
        """(...) of (..., numbers), of single responses: the one number of a verdict; where it has one for each step,
        which is the first wrong one (0: none)."""
        if not self.question.each_step:
            return values[..., 0]
        wrong = self.is_wrong(values)
        first = np.where(wrong.any(-1), wrong.argmax(-1) + 1.0, 0.0)
        return np.where(np.isnan(values[..., 0]), np.nan, first)

    def is_wrong(self, values: Floats) -> Mask:
        """Of numbers about steps: whether each calls its step wrong."""
        return rounding.at_least(values, self.question.wrong_from)

    def gold_and_numbers(self) -> tuple[Floats, Floats]:
        """Of single responses: gold's number and the judge's, `flat`."""
        return self.flat(self.by_trial(self.number(self.gold))), self.flat(self.number(self.verdicts))


def of_run(
    labels: Sequence[Label], manifest: Manifest, judgments: Sequence[Judgment], question: Question = PREFERENCE
) -> Scored:
    """Arrays of one run of a benchmark that declares this question. A trial without a judgment is a failure here;
    `Run.coverage` tells the two apart."""
    row = {label.id: index for index, label in enumerate(labels)}
    asked = np.array([[True, orders_asked(label, manifest) > 1] for label in labels], dtype=np.bool_)
    asked = asked.reshape(-1, 2)
    orders = 2 if manifest.orders == "both" and (asked[:, 1].any() or not labels) else 1
    every = [one.verdict for one in judgments if one.item in row] + [label.gold for label in labels]
    widest = max([1, *(len(label.lengths) for label in labels), *(len(one.scores) for one in every if one)])
    verdicts = np.full((len(labels), orders, manifest.samples, widest), np.nan)
    scores = verdicts.copy()
    mass, ties, confidence = (np.full(verdicts.shape[:3], np.nan) for _ in range(3))
    grades = np.full(mass.shape, None, dtype=object)
    for judgment in judgments:
        index, order = row.get(judgment.item), place(judgment.order)
        if index is None or judgment.sample >= manifest.samples or not asked[index, order]:
            continue  # beyond --limit, or an order or sample that this manifest does not ask for
        cell = (index, order, judgment.sample)
        grades[cell] = next((flag for flag in judgment.flags if flag in GRADES), None)
        if judgment.mass is not None:
            mass[cell] = judgment.mass
        if judgment.confidence is not None:
            confidence[cell] = judgment.confidence
        if judgment.verdict is not None:
            asked_for, count = question_of(labels[index], question), len(judgment.verdict.scores)
            if problem := asked_for.problem(count, len(judgment.order), labels[index].steps):
                raise InputError(f"item {judgment.item!r}: {problem}")
            scores[cell][:count] = judgment.verdict.scores
            verdicts[cell][:count] = (judgment.chosen or judgment.verdict).scores
            if judgment.chosen is not None:
                ties[cell] = judgment.tie or 0.0
    _, clusters = np.unique([label.cluster for label in labels], return_inverse=True)
    gold = np.full((len(labels), widest), np.nan)
    for row_of_gold, label in zip(gold, labels, strict=True):
        if label.gold is not None:
            row_of_gold[: len(label.gold.scores)] = label.gold.scores
    shared = (labels, manifest.orders, gold, verdicts, clusters, scores, mass, ties, confidence)
    return Scored(*shared, asked[:, :orders], grades, question)


def ratings_of(
    labels: Sequence[Label], number: Callable[[Verdict], float] = lambda verdict: verdict.scores[0]
) -> tuple[list[str], Floats]:
    """The people, and (raters, items) of the numbers that they gave, NaN where a person did not rate an item."""
    raters = sorted({rater for label in labels for rater in label.raters})
    row = {rater: index for index, rater in enumerate(raters)}
    ratings = np.full((len(raters), len(labels)), np.nan)
    for column, label in enumerate(labels):
        for rater, verdict in label.raters.items():
            ratings[row[rater], column] = number(verdict)
    return raters, ratings
