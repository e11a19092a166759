"""JudgeLM's table (judgelm/llm_judge/eval_model_judgement.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judgebench.score import estimates
from judgebench.score.pairs import FAILED, TIE, Pairs
from judgebench.score.rules.ruling import Ruling, needs_both, three_class_columns

_AXIS = np.array([-1, 1, 0, 0])
"""First, second, tie and failed, in response coordinates."""


def judgelm(pairs: Pairs, _: Mapping[str, Any]) -> Ruling:
    """Accuracy and macro P, R and F1 in the stored order; consistency and the biases to either slot over both orders.
    Items whose gold could not be read are out. What the judge's parser could not read counts as a tie, so a judge that
    never answers is perfectly consistent: look at the coverage. `delta_bias` has no sign. Macro means run over the
    labels that occur in gold or among the verdicts."""
    pairs = pairs.with_gold
    verdicts = np.where(pairs.verdicts == FAILED, TIE, pairs.verdicts)
    columns = three_class_columns(pairs.gold[:, None], verdicts[:, 0], pairs.per_sample)
    value = columns.pop("accuracy")
    if pairs.orders != "both":
        parts = {"consistency": needs_both("consistency", pairs), **columns}
        return Ruling(value, {"accuracy": value, **parts})
    lean = _AXIS[verdicts[:, 0]] - _AXIS[verdicts[:, 1]]  # below 0: the first slot's response gained
    found = {"consistency": lean == 0, "bias_first": lean < 0, "bias_second": lean > 0, "total_bias": lean != 0}
    clusters = pairs.per_sample
    parts = {name: estimates.share(name, hits.ravel(), clusters, empty="no items") for name, hits in found.items()}
    sides = np.stack([lean.ravel() < 0, lean.ravel() > 0, np.ones(lean.size)], axis=1).astype(np.float64)
    parts["delta_bias"] = estimates.of_counts("delta_bias", sides, clusters, _delta, reason="no items")
    return Ruling(value, {"accuracy": value, **columns, **parts})


def _delta(cells: NDArray[np.float64]) -> NDArray[Any]:
    found: NDArray[Any] = np.abs(cells[..., 0] - cells[..., 1]) / cells[..., 2]
    return found
