"""What a reader may ask of a run beyond its report card: each analysis gives tables that say what they mean."""

from __future__ import annotations

from collections.abc import Callable

from judgebench.score.analysis import confidence, correction, panel, robustness, systems, ties
from judgebench.score.analysis.finding import Finding, Row

ANALYSES: dict[str, Callable[..., list[Finding]]] = {
    "ties": ties.analyze,
    "settings": ties.settings,
    "confidence": confidence.analyze,
    "correction": correction.analyze,
    "robustness": robustness.analyze,
    "panel": panel.analyze,
    "own": robustness.own,
    "systems": systems.analyze,
}

__all__ = ["ANALYSES", "Finding", "Row"]
