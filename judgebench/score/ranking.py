"""Which judges can a number tell apart? Paired by question, corrected for how many pairs of judges there are."""

from __future__ import annotations

from collections.abc import Sequence

from judgebench.score.samples import Sample, by_question
from judgebench.stats import compare
from judgebench.types import Record

ALPHA = 0.05


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
