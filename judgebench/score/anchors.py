"""Published numbers beside measured ones: which of our estimates a printed figure is to be compared with."""

from __future__ import annotations

from judgebench.types import Anchor, Estimate, Scores


def estimate(scores: Scores, anchor: Anchor, key: str) -> Estimate | None:
    """What we have for one of the anchor's values: the headline, a subset's, a metric, or a number about people."""
    of_people = "human_" if anchor.judge == "human" else ""
    if key in ("overall", "headline"):
        return _named(scores, anchor.metric)
    subset, slash, metric = key.partition("/")
    if subset in scores.subsets:
        return scores.subsets[subset].get(of_people + (metric if slash else anchor.metric))
    return _named(scores, of_people + key) or _named(scores, key)


def lands(anchor: Anchor, key: str, found: Estimate) -> bool:
    """Whether the estimate rounds to what was printed."""
    if found.value is None:
        return False
    return abs(100 * found.value - anchor.values[key]) <= 0.5 * float(10**-anchor.decimals) + 1e-9


def _named(scores: Scores, metric: str) -> Estimate | None:
    if metric == "headline":
        return scores.headline
    return scores.headline.parts.get(metric) or scores.metrics.get(metric) or scores.human.get(metric)
