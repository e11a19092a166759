"""Agreement between two or more raters on categories, ranks or ratings.

Every coefficient has two forms. The plain one takes labels and returns ``float | None``. The one that ends in
``_from_counts`` takes tables ``(..., k, k)``, any number of them at once, and returns an array ``(...)``, NaN where
undefined: it is what `judgebench.stats.intervals.bootstrap` calls on all resamples together.
In this order: labels to tables, against a gold label, two raters, any number of raters.

Trap: preferences are ordered first < tie < second, but data sets code a tie as 0 or 3. Weighted, ordinal and
interval statistics need the axis first = -1, tie = 0, second = +1 (or categories listed in that order). With
the raw codes 0 = tie, 1, 2 they return a number too, and it is wrong.

Different lengths, labels outside `categories` and other shapes raise ValueError. A verdict of None or NaN is a failure.
Without units every coefficient is None.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence, Sized
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from judgebench.stats import _arrays as arrays
from judgebench.stats._arrays import Clusters as Labels
from judgebench.stats._arrays import Floats

Index = dict[Hashable, int]
Counts = NDArray[np.int64]
Weights = Literal["linear", "quadratic"]
Level = Literal["nominal", "ordinal", "interval", "ratio"]

# Expected agreement is a ratio of sums; below this distance from 1 only rounding separates the two.
_ONE_CATEGORY = 1e-12


class MacroScores(NamedTuple):
    """Unweighted means over the classes, each in [0, 1] or None when undefined."""

    precision: float | None
    recall: float | None
    f1: float | None


def confusion(gold: Labels, verdict: Labels, categories: Labels) -> Counts:
    """Table of how often gold category i met verdict category j, shape (k, k), in the order of `categories`.

    Empty input gives zeros. A failed verdict needs a category of its own here.

    >>> confusion("AAB", "ABB", categories="AB")
    array([[1, 1],
           [0, 1]])
    """
    return _crossed(gold, verdict, categories, ("gold", "verdict"))


def category_counts(ratings: Sequence[Labels] | NDArray[Any], categories: Labels) -> Counts:
    """How many raters put each unit in each category: (raters, units) labels to (units, k) counts.

    None and NaN are missing ratings (unless `categories` lists them).

    >>> category_counts([["A", "B", None], ["A", "A", "B"]], categories="AB")
    array([[2, 0],
           [1, 1],
           [0, 1]])
    """
    index = _index(categories)
    rows = [_codes(row, index, f"ratings[{i}]", missing=True) for i, row in enumerate(ratings)]
    if len({len(row) for row in rows}) > 1:
        lengths = [len(row) for row in rows]
        raise ValueError(f"ratings has rows of lengths {lengths}; every rater needs one entry per unit")
    counts = np.zeros((len(rows[0]) if rows else 0, len(index)), dtype=np.int64)
    for row in rows:
        rated = np.flatnonzero(row >= 0)
        counts[rated, row[rated]] += 1
    return counts


def coincidences(counts: ArrayLike) -> Floats:
    """Krippendorff's coincidences, unit by unit: (units, k) category counts to (units, k, k).

    Unit u adds n_uc (n_uk - [c = k]) / (m_u - 1) to cell (c, k): each of its m_u ratings weighs one. A unit with fewer
    than two adds nothing. Summed over units, the table feeds `krippendorff_alpha_from_counts` and, when all units have
    equally many ratings, `scott_pi_from_counts`, which is then Fleiss' kappa. ValueError for negative counts.
    Source: Krippendorff 2011, "Computing Krippendorff's alpha-reliability", section C.

    >>> coincidences([[2, 1], [0, 1]]).tolist()
    [[[1.0, 1.0], [1.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]]
    """
    table = _unit_counts(counts)
    return arrays.ratio(_ordered_pairs(table), np.maximum(table.sum(1) - 1, 0)[:, None, None], undefined=0.0)


def pair_shares(counts: ArrayLike) -> Floats:
    """Shares of each unit's pairs of ratings, unit by unit: (units, k) category counts to (units, k, k + 1).

    Each unit weighs one, however many ratings it has, as Gwet's coefficients want. A unit with one rating has no pair
    but counts in the prevalence: it stands in the last column. Summed over units, the table feeds
    `gwet_ac1_from_counts`. Source: Gwet 2014, "Handbook of inter-rater reliability" (missing ratings).

    >>> pair_shares([[2, 0], [0, 1]]).tolist()
    [[[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]], [[0.0, 0.0, 0.0], [0.0, 0.0, 1.0]]]
    """
    table = _unit_counts(counts)
    size = table.sum(1)
    pairs = arrays.ratio(_ordered_pairs(table), (size * (size - 1))[:, None, None], undefined=0.0)
    alone = np.where(size == 1, 1.0, 0.0)[:, None] * table
    return np.concatenate([pairs, alone[:, :, None]], axis=2)


def accuracy(gold: Labels, verdict: Labels) -> float | None:
    """Share of units whose verdict equals gold, in [0, 1]; a failure is wrong. ValueError for a missing gold label.

    >>> accuracy(["A", "B", "A", "B"], ["A", "B", "B", None])
    0.5
    """
    golds, verdicts = arrays.labels(gold, "gold"), arrays.labels(verdict, "verdict")
    _same_length(golds, verdicts, "gold", "verdict")
    if any(arrays.absent(label) for label in golds):
        raise ValueError("gold holds a missing label; drop those units first")
    if not golds:
        return None
    return sum(bool(a == b) for a, b in zip(golds, verdicts, strict=True)) / len(golds)


def accuracy_from_counts(table: ArrayLike) -> Floats:
    """`accuracy` of tables (..., k, m), m >= k: gold in rows, verdicts in columns, failures past column k."""
    tables = _tables(table, extra=True)
    return arrays.ratio(np.einsum("...ii->...", tables[..., : tables.shape[-2]]), tables.sum((-2, -1)))


def precision_recall_f1(gold: Labels, verdict: Labels, categories: Labels) -> MacroScores:
    """Macro-averaged precision, recall and F1; F1 is the mean of the classes' F1, as in scikit-learn.

    A class that is neither in gold nor in the verdicts takes no part; one that is never predicted has precision 0. A
    failure is wrong for its gold class, and counted for no other.

    >>> precision_recall_f1("AABB", ["A", "B", "B", None], categories="AB")
    MacroScores(precision=0.75, recall=0.5, f1=0.5833333333333333)
    """
    table = _crossed(gold, verdict, categories, ("gold", "verdict"), failures=True)
    return MacroScores(*(arrays.number(value) for value in precision_recall_f1_from_counts(table)))


def precision_recall_f1_from_counts(table: ArrayLike) -> Floats:
    """`precision_recall_f1` of tables (..., k, m), m >= k, as an array (..., 3); failures in columns past k."""
    scores = class_scores_from_counts(table)
    classes = (~np.isnan(scores[..., 2])).sum(-1)
    return np.stack([arrays.ratio(np.nansum(scores[..., which], axis=-1), classes) for which in range(3)], axis=-1)


def class_scores_from_counts(table: ArrayLike) -> Floats:
    """Precision, recall and F1 of each class, (..., k, 3), of tables (..., k, m), m >= k; failures in columns past k.

    Precision is NaN for a class that is never predicted, recall for one that gold never has, F1 where both hold. A
    failure is wrong for its gold class, and counted for no other.

    >>> class_scores_from_counts([[1, 1], [0, 2]]).round(3).tolist()
    [[1.0, 0.5, 0.667], [0.667, 1.0, 0.8]]
    """
    tables = _tables(table, extra=True)
    k = tables.shape[-2]
    hits = np.einsum("...ii->...i", tables[..., :k])
    gold, predicted = np.einsum("...ij->...i", tables), np.einsum("...ij->...j", tables)[..., :k]
    by_class = (arrays.ratio(hits, predicted), arrays.ratio(hits, gold), arrays.ratio(2 * hits, gold + predicted))
    return np.stack(by_class, axis=-1)


def matthews_correlation(gold: Labels, verdict: Labels, categories: Labels) -> float | None:
    """Matthews' correlation of gold and verdict, in [-1, 1]; of two categories it is phi.

    A failure counts as a category of its own that gold never has. None also when gold or the verdicts are all one
    category. Source: Gorodkin 2004, equation 8 (R_K).

    >>> round(matthews_correlation("AAABBB", "AABABB", categories="AB"), 4)
    0.3333
    """
    table = _crossed(gold, verdict, categories, ("gold", "verdict"), failures=True)
    return arrays.number(matthews_correlation_from_counts(table))


def matthews_correlation_from_counts(table: ArrayLike) -> Floats:
    """`matthews_correlation` of tables (..., k, m), m >= k: gold in rows, verdicts in columns, failures past column k.

    >>> matthews_correlation_from_counts([[[3, 0], [0, 2]], [[2, 0], [2, 0]]])
    array([ 1., nan])
    """
    tables = _tables(table, extra=True)
    k = tables.shape[-2]
    gold, verdicts = np.einsum("...ij->...i", tables), np.einsum("...ij->...j", tables)
    total, hits = gold.sum(-1), np.einsum("...ii->...", tables[..., :k])
    together = hits * total - np.einsum("...i,...i->...", gold, verdicts[..., :k])
    spread = [total**2 - np.einsum("...i,...i->...", margin, margin) for margin in (gold, verdicts)]
    return arrays.ratio(together, np.sqrt(spread[0]) * np.sqrt(spread[1]))


def cohen_kappa(a: Labels, b: Labels, categories: Labels, weights: Weights | None = None) -> float | None:
    """Cohen's kappa of two raters, at most 1; 0 is the agreement expected from their own marginals.

    `weights` gives credit by the distance of *positions* in `categories`, not of values: list them in their order,
    which for preferences is first, tie, second (see the trap at the top of this module). None also when both raters
    use one and the same category throughout. Source: Cohen 1960, equation 1; Cohen 1968 (weighted).

    >>> round(cohen_kappa("AAAABBBCCC", "AAABBBCCCA", categories="ABC"), 4)
    0.5455
    >>> round(cohen_kappa([1, 1, 2], [1, 2, 2], [1, 0, 2], weights="quadratic"), 4)  # 0 = tie, in between
    0.4
    """
    return arrays.number(cohen_kappa_from_counts(_crossed(a, b, categories, ("a", "b")), weights))


def cohen_kappa_from_counts(table: ArrayLike, weights: Weights | None = None) -> Floats:
    """`cohen_kappa` of tables (..., k, k): first rater in rows, second in columns.

    >>> cohen_kappa_from_counts([[[2, 0], [0, 2]], [[1, 1], [1, 1]], [[4, 0], [0, 0]]])
    array([ 1.,  0., nan])
    """
    tables = _tables(table)
    credit = _credit(tables.shape[-1], weights)
    rows, columns = np.einsum("...ij->...i", tables), np.einsum("...ij->...j", tables)
    total = rows.sum(-1)
    observed = arrays.ratio(np.einsum("...ij,ij->...", tables, credit), total)
    expected = arrays.ratio(np.einsum("...i,...i->...", rows @ credit, columns), total**2)
    return _chance_corrected(observed, expected)


def scott_pi(a: Labels, b: Labels, categories: Labels) -> float | None:
    """Scott's pi of two raters: like kappa, with the chance agreement of their pooled marginals.

    None also when only one category was used. Source: Scott 1955.

    >>> scott_pi("AABB", "ABBB", categories="AB")
    0.4666666666666667
    """
    return arrays.number(scott_pi_from_counts(_crossed(a, b, categories, ("a", "b"))))


def scott_pi_from_counts(table: ArrayLike) -> Floats:
    """`scott_pi` of tables (..., k, k); of summed `coincidences` it is Fleiss' kappa."""
    tables = _tables(table)
    total = tables.sum((-2, -1))
    observed = arrays.ratio(np.einsum("...ii->...", tables), total)
    pooled = np.einsum("...ij->...i", tables) + np.einsum("...ij->...j", tables)
    return _chance_corrected(observed, arrays.ratio(np.einsum("...i,...i->...", pooled, pooled), 4 * total**2))


def gwet_ac1(ratings: Sequence[Labels] | NDArray[Any], categories: Labels) -> float | None:
    """Gwet's AC1 of two or more raters, ratings (raters, units), None or NaN where missing.

    It depends on the *declared* categories: the same votes give 0.676 with two and 0.780 with a third that nobody used,
    so pass what the raters could have said. None when no unit has two ratings or there are fewer than two categories.
    Source: Gwet 2008; Gwet 2014 for missing ratings.

    >>> round(gwet_ac1(["AABB", "ABBB"], categories="AB"), 4)
    0.5294
    >>> round(gwet_ac1(["AABB", "ABBB"], categories="ABC"), 4)
    0.6735
    """
    return arrays.number(gwet_ac1_from_counts(pair_shares(category_counts(ratings, categories)).sum(0)))


def gwet_ac1_from_counts(table: ArrayLike) -> Floats:
    """`gwet_ac1` of two raters' tables (..., k, k), or of summed `pair_shares` (..., k, k + 1)."""
    tables = _tables(table, extra=True)
    k, columns = tables.shape[-2:]
    if columns > k + 1:
        raise ValueError(f"table has the shape {tables.shape}; AC1 needs (..., k, k) or (..., k, k + 1)")
    square, alone = tables[..., :k], tables[..., k:].sum(-1)
    observed = arrays.ratio(np.einsum("...ii->...", square), square.sum((-2, -1)))
    rated = (np.einsum("...ij->...i", square) + np.einsum("...ij->...j", square)) / 2 + alone
    prevalence = arrays.ratio(rated, rated.sum(-1, keepdims=True))
    return _chance_corrected(observed, arrays.ratio((prevalence * (1 - prevalence)).sum(-1), np.float64(k - 1)))


def fleiss_kappa(counts: ArrayLike) -> float | None:
    """Fleiss' kappa of (units, k) category counts with equally many ratings per unit (see `category_counts`).

    None also with one rating per unit, or one category in use. ValueError when the number of ratings differs between
    units: use `krippendorff_alpha` there. Source: Fleiss 1971.

    >>> round(fleiss_kappa([[3, 0], [0, 3], [2, 1]]), 4)
    0.55
    """
    table = _unit_counts(counts)
    sizes = np.unique(table.sum(1))
    if len(sizes) > 1:
        several = f"between {sizes[0]:g} and {sizes[-1]:g} ratings per unit"
        raise ValueError(f"counts has {several}; Fleiss' kappa needs equally many")
    return arrays.number(scott_pi_from_counts(_coincidence_sum(table)))


def krippendorff_alpha(ratings: ArrayLike, *, level: Level = "nominal") -> float | None:
    """Krippendorff's alpha of numeric ratings (raters, units), NaN where missing.

    At the level "nominal" the numbers only name categories; at "ordinal" their order counts, at "interval" and "ratio"
    their size. Preferences must be -1, 0, +1 for anything but "nominal" (see the trap at the top of this module). Units
    with fewer than two ratings take no part. None when no unit has two or all paired ratings are equal. ValueError for
    infinite ratings (ratio: negative ones). Source: Krippendorff 2011, as for `coincidences`, sections C and D.

    >>> nan = float("nan")
    >>> round(krippendorff_alpha([[1, 2, 3, nan], [1, 2, 4, 4], [nan, 2, 3, 4]], level="ordinal"), 4)
    0.9274
    """
    matrix = arrays.table(ratings, "ratings", "(raters, units)", missing=True)
    values = np.unique(matrix[~np.isnan(matrix)])
    if not values.size:
        return None
    table = _coincidence_sum(category_counts(matrix, values).astype(np.float64))
    return arrays.number(krippendorff_alpha_from_counts(table, values, level))


def krippendorff_alpha_from_counts(table: ArrayLike, values: ArrayLike, level: Level = "nominal") -> Floats:
    """`krippendorff_alpha` of summed `coincidences` (..., k, k); the k categories are the rising `values`.

    >>> krippendorff_alpha_from_counts([[[4, 0], [0, 2]], [[0, 3], [3, 0]]], [-1, 1], "interval").round(3)
    array([ 1.   , -0.667])
    """
    tables, axis = _tables(table), np.asarray(values, dtype=np.float64)
    if axis.shape != tables.shape[-1:] or (np.diff(axis) <= 0).any():
        raise ValueError(f"values is {axis.tolist()}; it must be {tables.shape[-1]} rising numbers")
    margin = np.einsum("...ij->...i", tables)
    distance = _squared_distance(level, axis, margin)
    observed = np.einsum("...ij,...ij->...", tables, distance)
    expected = np.einsum("...i,...ij,...j->...", margin, distance, margin)
    return 1 - arrays.ratio((margin.sum(-1) - 1) * observed, expected)


def _squared_distance(level: Level, values: Floats, margin: Floats) -> Floats:
    if level == "nominal":
        return 1 - np.eye(len(values))
    if level == "ordinal":
        # Krippendorff's sum of the ranks between two categories is the distance of their mid-ranks.
        position = np.cumsum(margin, axis=-1) - margin / 2
        steps: Floats = position[..., :, None] - position[..., None, :]
        return steps * steps
    gap = values[:, None] - values[None, :]
    if level == "interval":
        return gap**2
    if level == "ratio":
        if (values < 0).any():
            raise ValueError(f"ratings at the ratio level must not be negative; got {values.min():g}")
        relative: Floats = arrays.ratio(gap, values[:, None] + values[None, :], undefined=0.0) ** 2
        return relative
    raise ValueError(f"level is {level!r}; it must be 'nominal', 'ordinal', 'interval' or 'ratio'")


def _credit(k: int, weights: Weights | None) -> Floats:
    gap = np.abs(np.subtract.outer(np.arange(k), np.arange(k))) / max(k - 1, 1)
    if weights is None:
        return np.eye(k)
    if weights == "linear":
        return 1 - gap
    if weights == "quadratic":
        return 1 - gap**2
    raise ValueError(f"weights is {weights!r}; it must be None, 'linear' or 'quadratic'")


def _chance_corrected(observed: Floats, expected: Floats) -> Floats:
    room = 1 - expected
    return arrays.ratio(observed - expected, np.where(room > _ONE_CATEGORY, room, 0.0))


def _ordered_pairs(counts: Floats) -> Floats:
    return counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(counts.shape[1])


def _coincidence_sum(counts: Floats) -> Floats:
    """`coincidences(counts).sum(0)` without its (units, k, k) array, too large for many distinct ratings."""
    paired = counts[counts.sum(1) > 1]
    weighted = paired / (paired.sum(1, keepdims=True) - 1)
    table: Floats = weighted.T @ paired - np.diag(weighted.sum(0))
    return table


def _unit_counts(counts: ArrayLike) -> Floats:
    table = np.asarray(counts, dtype=np.float64)
    if table.ndim != 2:
        raise ValueError(f"counts has the shape {table.shape}; it must be (units, categories)")
    if not (np.isfinite(table).all() and (table >= 0).all() and (table == np.floor(table)).all()):
        raise ValueError("counts must be whole numbers that are not negative")
    return table


def _tables(table: ArrayLike, *, extra: bool = False) -> Floats:
    tables = np.asarray(table, dtype=np.float64)
    fits = tables.ndim >= 2 and tables.shape[-2] > 0 and tables.shape[-2] <= tables.shape[-1]
    if not fits or (not extra and tables.shape[-2] != tables.shape[-1]):
        last = "m >= k" if extra else "k"
        raise ValueError(f"table has the shape {tables.shape}; it must be (..., k, {last})")
    return tables


def _crossed(
    first: Labels, second: Labels, categories: Labels, names: tuple[str, str], *, failures: bool = False
) -> Counts:
    """How often category i of the first met j of the second, (k, k); `failures`: missing seconds in a column k."""
    index = _index(categories)
    rows, columns = _codes(first, index, names[0]), _codes(second, index, names[1], missing=failures)
    _same_length(rows, columns, *names)
    k, width = len(index), len(index) + failures
    cells = np.bincount(rows * width + np.where(columns < 0, k, columns), minlength=k * width)
    return cells.reshape(k, width).astype(np.int64)


def _same_length(a: Sized, b: Sized, first: str, second: str) -> None:
    if len(a) != len(b):
        raise ValueError(f"{first} has {len(a)} labels and {second} has {len(b)}; they must be equally many")


def _index(categories: Labels) -> Index:
    listed = arrays.labels(categories, "categories")
    index = {category: i for i, category in enumerate(listed)}
    if not index or len(index) != len(listed):
        raise ValueError(f"categories is {listed!r}; it must hold at least one label and none twice")
    return index


def _codes(labels: Labels, index: Index, name: str, *, missing: bool = False) -> NDArray[np.intp]:
    """The position of each label in the categories; -1 for a missing one, where that is allowed."""
    listed = arrays.labels(labels, name)
    codes = [index.get(label, -1) for label in listed]
    if -1 in codes:
        for label, code in zip(listed, codes, strict=True):
            if code < 0 and not (missing and arrays.absent(label)):
                raise ValueError(f"{name} holds {label!r}, which is not among the categories {list(index)!r}")
    return np.array(codes, dtype=np.intp)
