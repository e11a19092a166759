"""Estimates as they are printed. The page shows these strings, so that it cannot disagree with scores.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from judgebench.types import Estimate

_COEFFICIENTS = ("kappa", "alpha", "gwet_ac1", "scott_pi", "spearman", "pearson", "kendall", "length_effect")
_PLAIN = ("raters", "mae", "signed_bias", "_p")

Shown = list[Any]
"""[text, low text, high text, value, low, high, n, questions, level, method, reason, scale], as `num` in assets/dom.js
reads it. A number is printed and drawn as `scale` times its value: 100 for shares, 1 for what is no share."""


def shown(estimate: Estimate | None) -> Shown | None:
    """Shares in per cent; coefficients, log-odds, points and counts as they are."""
    if estimate is None:
        return None
    scale = _scale(estimate.name)
    return [
        _printed(estimate.name, estimate.value, 2),
        _printed(estimate.name, estimate.low, 1),
        _printed(estimate.name, estimate.high, 1),
        estimate.value,
        _rounded(estimate.low),
        _rounded(estimate.high),
        estimate.n,
        estimate.n_clusters,
        estimate.level,
        estimate.method,
        estimate.reason,
        scale,
    ]


def table(estimates: Mapping[str, Estimate]) -> dict[str, Shown | None]:
    return {name: shown(estimate) for name, estimate in estimates.items()}


def _printed(name: str, value: float | None, decimals: int) -> str | None:
    if value is None:
        return None
    if name.endswith(_PLAIN):
        text = f"{value:.3g}"
    elif _scale(name) == 1:
        text = f"{value:.{decimals + 1}f}"
    else:
        text = f"{100 * value:.{decimals}f}"
    return text.replace("-", "\N{MINUS SIGN}")


def _scale(name: str) -> int:
    return 1 if name.endswith(_PLAIN) or any(part in name for part in _COEFFICIENTS) else 100


def _rounded(value: float | None) -> float | None:
    """Where an interval ends in a drawing; what is printed of it was printed above."""
    return None if value is None else round(value, 5)
