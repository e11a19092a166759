"""What the arrays of every run have, pairs or not, and the shares that most rules are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from judgebench.score import estimates
from judgebench.types import Estimate, Label

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class ItemArrays:
    """The first axis of every array is the items: `gold` is (items, ...), `verdicts` (items, orders, samples, ...), and
    `clusters` (items,). `orders` is as in the manifest. `scores` are the numbers of the verdicts, (items, orders,
    samples, numbers), beside what was decided. `mass`, `ties` and `confidence` are (items, orders, samples): of a
    forced verdict, how much probability its options had, and how much of theirs a tie, which its scores share out; and
    how sure the judge is. NaN where there is none."""

    labels: Sequence[Label]
    orders: str
    gold: NDArray[Any]
    verdicts: NDArray[Any]
    clusters: NDArray[Any]
    scores: Floats
    mass: Floats
    ties: Floats
    confidence: Floats

    def __len__(self) -> int:
        return len(self.labels)

    def where(self, mask: NDArray[Any]) -> Self:
        kept = np.asarray(mask, dtype=np.bool_)
        labels = [label for label, keep in zip(self.labels, kept, strict=True) if keep]
        by_item: dict[str, Any] = {
            name: value[kept] for name, value in vars(self).items() if isinstance(value, np.ndarray)
        }
        return replace(self, labels=labels, **by_item)

    @property
    def has_gold(self) -> Mask:
        raise NotImplementedError

    @property
    def with_gold(self) -> Self:
        return self.where(self.has_gold)

    @property
    def per_sample(self) -> NDArray[Any]:
        """The clusters of (items, samples), flattened."""
        return np.repeat(self.clusters, self.verdicts.shape[2])

    @property
    def subsets(self) -> NDArray[Any]:
        return np.array([label.subset for label in self.labels], dtype=object)

    def facet(self, name: str) -> NDArray[Any]:
        return np.array([label.facets.get(name) for label in self.labels], dtype=object)


def item_share(name: str, judged: ItemArrays, credit: NDArray[Any], *, n: int | None = None) -> Estimate:
    """`credit` is (items, samples)."""
    return estimates.share(name, credit.ravel(), judged.per_sample, empty=estimates.NO_GOLD, n=n)
