"""What an estimate was made of, question by question: enough to hold one judge's number against another's.

An interval says how far a number may be off; whether two judges differ is another question, for they answered the same
items. It takes what each question did to the number. Every estimate is a statistic of counts that are summed by
question, so that is its derivative with respect to the question's weight: the infinitesimal jackknife.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judgebench.stats import compare
from judgebench.types import Record

Floats = NDArray[np.float64]
Statistic = Callable[[Floats], NDArray[Any]]

ALPHA = 0.05
_STEP = 1e-3
"""By how much a question's weight of 1 is moved to take a derivative; the error is of the order of its square."""


@dataclass(frozen=True)
class Sample:
    """`counts` is (questions, cells), one row for each of `questions`, in the numbering of the run's arrays. The
    `statistic` maps (..., cells) to (...); of the sum of counts it is the estimate."""

    value: float
    counts: Floats
    questions: NDArray[Any]
    statistic: Statistic

    def by_question(self, questions: NDArray[Any]) -> Floats:
        """(questions,), whose mean is the value and whose spread is its uncertainty: the value plus what each question
        pulls it by. One that the number does not rest on does not pull. Source: Jaeckel 1972; Efron 1982, section 6."""
        total = self.counts.sum(0)
        with np.errstate(divide="ignore", invalid="ignore"):
            up, down = (self.statistic(total + step * self.counts) for step in (_STEP, -_STEP))
        pull = np.zeros(len(questions))
        pull[np.searchsorted(questions, self.questions)] = np.nan_to_num(len(questions) * (up - down) / (2 * _STEP))
        return self.value + pull - pull.mean()


def by_question(samples: Sequence[Sample]) -> Floats:
    """(samples, questions), of all questions that any of them rests on; the means are the numbers."""
    questions = reduce(np.union1d, [sample.questions for sample in samples])
    return np.stack([sample.by_question(questions) for sample in samples])


_kept: ContextVar[dict[str, Sample] | None] = ContextVar("kept", default=None)


@contextmanager
def kept() -> Iterator[dict[str, Sample]]:
    """Inside, estimates come without intervals, which are what takes time, and what each is made of is kept under its
    name; of two with one name, the later."""
    samples: dict[str, Sample] = {}
    token = _kept.set(samples)
    try:
        yield samples
    finally:
        _kept.reset(token)


def keep(name: str, value: float, rows: NDArray[Any], clusters: NDArray[Any], statistic: Statistic) -> bool:
    """Whether estimates are kept; this one is then. `rows` is (observations, cells)."""
    samples = _kept.get()
    if samples is None:
        return False
    questions, codes = np.unique(clusters, return_inverse=True)
    counts = np.zeros((len(questions), rows.shape[1]))
    np.add.at(counts, codes, rows)
    samples[name] = Sample(value, counts, questions, statistic)
    return True


class Ranks(Record, frozen=True, kw_only=True, omit_defaults=False):
    """The ranks that the tests leave open to a judge among `of` judges. All judges' together hold with 95 %."""

    low: int
    high: int
    of: int

    @property
    def may_be_best(self) -> bool:
        return self.low == 1

    def __str__(self) -> str:
        return str(self.low) if self.low == self.high else f"{self.low}–{self.high}"


def ranks(samples: Sequence[Sample | None], better: int) -> list[Ranks | None]:
    """Of one number of several judges on the same benchmark, of which more (1) or less (-1) is better; where neither is
    (0), nobody has a rank, and neither has a judge without the number. The numbers are compared as they stand: where
    one judge was shown one order and another both, the difference is of just that.

    Paired t tests on what each question pulls the numbers by, Holm over all pairs, rank sets from these
    (`judgebench.stats.compare`). Of fewer than two questions every rank is open."""
    there = [sample for sample in samples if sample is not None]
    if not there or not better:
        return [None for _ in samples]
    table = compare.pairwise_differences(better * by_question(there))
    if table is None:
        open_to_all = Ranks(low=1, high=len(there), of=len(there))
        return [None if sample is None else open_to_all for sample in samples]
    sets = compare.rank_sets(table.difference, table.adjusted, alpha=ALPHA).tolist()
    of_those = iter([Ranks(low=low, high=high, of=len(there)) for low, high in sets])
    return [None if sample is None else next(of_those) for sample in samples]
