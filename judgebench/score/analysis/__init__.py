"""What a reader may ask of a run beyond its report card: each analysis gives tables that say what they mean.

ties        one set of verdicts under every rule for ties, disagreeing orders and failures
settings    MT-Bench's S1 and S2, judge and people, beside agreement by chance
confidence  calibration, and what remains if the judge may abstain
correction  a rate from few labels and many verdicts: Rogan-Gladen and PPI++
robustness  what a perturbation changes beyond a rerun and a placebo
panel       several judges together, and how many independent ones they are worth
own         does a judge favour its own responses?
systems     the ranking of the systems that wrote the responses
"""

from __future__ import annotations

from collections.abc import Callable

from judgebench.score.analysis import confidence, correction, own, panel, robustness, settings, systems, ties
from judgebench.score.analysis.finding import Finding, Row

ANALYSES: dict[str, Callable[..., list[Finding]]] = {
    "ties": ties.analyze,
    "settings": settings.analyze,
    "confidence": confidence.analyze,
    "correction": correction.analyze,
    "robustness": robustness.analyze,
    "panel": panel.analyze,
    "own": own.analyze,
    "systems": systems.analyze,
}

__all__ = ["ANALYSES", "Finding", "Row"]
