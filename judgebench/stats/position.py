"""Position: what a judge says when the same two responses swap places.

Every function takes two equally long sequences, `original` and `swapped`: the verdicts on each pair in the
two orders, both *in the item's order* (the swap undone), on the axis -1 = the item's first response, 0 = tie,
+1 = its second, NaN or None where the judge failed. Different lengths and other codes (a tie coded 2 or 3 would pass
for a win) raise ValueError.

A pair is consistent when both verdicts agree, shows *primacy* when the disagreement leans to the slot shown
first (first and first, first and tie), *recency* when it leans to the slot shown second, and failed when a
verdict is missing. Shares leave failed pairs out, and are None when no pair has both verdicts; their source is Shi et
al. 2024 (arXiv 2406.07791), section 3. JudgeLM's bias toward the first and second response are primacy and recency, its
delta bias is |preference fairness|, and LLMBar's positional agreement is consistency, but for how failures count.

Functions that end in ``_from_counts`` take counts of `outcomes` or `slot_wins`, (..., cells), and return (...), NaN
where undefined, as `judgebench.stats.intervals.bootstrap` calls them. The mean of a column of `outcomes` needs none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from judgebench.stats import _arrays as arrays
from judgebench.stats._arrays import Floats
from judgebench.stats.compare import mcnemar_from_counts

Counts = NDArray[np.int64]


def outcomes(original: ArrayLike, swapped: ArrayLike) -> Counts:
    """One row per pair with a single 1 under consistent, primacy, recency or failed: shape (pairs, 4).

    >>> outcomes([-1, -1, 1, 0], [-1, 1, 0, None])
    array([[1, 0, 0, 0],
           [0, 1, 0, 0],
           [0, 0, 1, 0],
           [0, 0, 0, 1]])
    """
    first, second = _verdicts(original, swapped)
    # In slots the swapped verdict is -second, so first + (-second) < 0 leans to what was shown first.
    rows = [first == second, first < second, first > second, np.isnan(first) | np.isnan(second)]
    return np.stack(rows, axis=1).astype(np.int64)


def slot_wins(original: ArrayLike, swapped: ArrayLike) -> Counts:
    """How many of each pair's two verdicts went to the slot shown first and second, ties to neither: (pairs, 2).

    >>> slot_wins([-1, -1, 1, 0], [-1, 1, 0, None])
    array([[1, 1],
           [2, 0],
           [0, 1],
           [0, 0]])
    """
    first, second = _verdicts(original, swapped)
    return np.stack([np.add(first == s, second == -s, dtype=np.int64) for s in (-1, 1)], axis=1)


def consistency(original: ArrayLike, swapped: ArrayLike) -> float | None:
    """Share of pairs with the same verdict in both orders, in [0, 1]; their PC.

    Rerunning the same order also changes verdicts: compare with that, not with 1.

    >>> consistency([-1, -1, 1, 0], [-1, 1, 0, None])
    0.3333333333333333
    """
    return arrays.number(consistency_from_counts(outcomes(original, swapped).sum(0)))


def consistency_from_counts(counts: ArrayLike) -> Floats:
    """`consistency` of counts of `outcomes` (..., 4)."""
    return _share(counts, 0)


def primacy(original: ArrayLike, swapped: ArrayLike) -> float | None:
    """Share of pairs that lean to the slot shown first, in [0, 1]: consistency + primacy + recency = 1.

    >>> primacy([-1, -1, 1, 0], [-1, 1, 0, None])
    0.3333333333333333
    """
    return arrays.number(_share(outcomes(original, swapped).sum(0), 1))


def recency(original: ArrayLike, swapped: ArrayLike) -> float | None:
    """Share of pairs that lean to the slot shown second, in [0, 1].

    >>> recency([-1, -1, 1, 0], [-1, 1, 0, None])
    0.3333333333333333
    """
    return arrays.number(_share(outcomes(original, swapped).sum(0), 2))


def preference_fairness(original: ArrayLike, swapped: ArrayLike) -> float | None:
    """(recency pairs - primacy pairs) / all pairs, in [-1, 1]: below 0 favours the slot shown first.

    Failed pairs stay in the denominator, as in the authors' code. None when there are no pairs. It is their PF, whose
    n2 irr - n1 ipr scaled by n is this difference.

    >>> preference_fairness([-1, -1, 1, 0], [-1, 1, -1, None])
    0.0
    """
    counts = outcomes(original, swapped).sum(0)
    return arrays.number(arrays.ratio(counts[2] - counts[1], counts.sum()))


def first_slot_rate_from_counts(counts: ArrayLike) -> Floats:
    """Share of decisive verdicts that went to the slot shown first, of counts of `slot_wins` (..., 2), in [0, 1].

    With one order only, give NaN for the other; the rate then depends on where the better responses stood.

    >>> first_slot_rate_from_counts([[3, 1], [0, 0]])
    array([0.75,  nan])
    """
    tables = arrays.tables(counts, 2)
    return arrays.ratio(tables[..., 0], tables.sum(-1))


def position_bias_p_value(original: ArrayLike, swapped: ArrayLike) -> float | None:
    """Exact two-sided binomial p of as many primacy against recency pairs, if either were as likely.

    1 when all pairs are consistent. It takes pairs for independent: with several pairs to a question, give an interval
    of `preference_fairness` beside it.

    >>> position_bias_p_value([-1, -1, -1, -1, 1], [1, 1, 1, 1, 1])
    0.125
    """
    consistent, first, second, _ = outcomes(original, swapped).sum(0)
    return float(mcnemar_from_counts([first, second])) if consistent + first + second else None


def repetition_stability(answers: Iterable[Sequence[Hashable]]) -> float | None:
    """Mean over queries of the share of repeats that gave the most frequent answer, in [0, 1].

    Repeats are reruns in one and the same order. None and NaN are failed repeats: they count, and never as the
    frequent answer. Queries without repeats take no part. None when there are no others. It is their RS.

    >>> round(repetition_stability(["AAB", "BBB", "AC"]), 4)
    0.7222
    """
    shares = [
        max(Counter(answer for answer in repeats if not arrays.absent(answer)).values(), default=0) / len(repeats)
        for repeats in answers
        if len(repeats)
    ]
    return float(np.mean(shares)) if shares else None


def _share(counts: ArrayLike, column: int) -> Floats:
    tables = arrays.tables(counts, 4)
    return arrays.ratio(tables[..., column], tables[..., :3].sum(-1))


def _verdicts(original: ArrayLike, swapped: ArrayLike) -> tuple[Floats, Floats]:
    first, second = arrays.preferences(original, "original"), arrays.preferences(swapped, "swapped")
    arrays.equally_long(original=first, swapped=second)
    return first, second
