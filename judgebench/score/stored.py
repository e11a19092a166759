"""Is a scores.json what its judgments give? The one comparison that every verb asks.

Numbers may differ by what rounding on another machine explains, and nothing else may differ: not a name, a count, a
reason, a warning, nor which numbers there are. What is computed from closed forms, and by resampling with a fixed seed,
agrees to 1e-9, what is fitted by iteration to 1e-7; of 1, or of the number itself where that is larger. p-values are
held to 1e-9 of themselves as well, so that a tiny one stays tiny. How the file is laid out does not matter.
"""

from __future__ import annotations

from typing import Any

import msgspec

from judgebench.score.metrics import FITTED
from judgebench.types import Scores

CLOSED, ITERATED = 1e-9, 1e-7
NUMBERS = ("value", "low", "high", "share")
"""The fields that are computed in floating point; every other one is compared exactly."""


def first_difference(stored: bytes, scores: Scores) -> str | None:
    """In words where a scores.json first differs from the scores; None where it is what they say."""
    try:
        there = msgspec.json.decode(stored)
    except msgspec.MsgspecError as error:
        return f"it cannot be read: {error}"
    return _differs(there, msgspec.json.decode(msgspec.json.encode(scores)), "", CLOSED)


def _differs(there: Any, right: Any, at: str, tolerance: float) -> str | None:
    if isinstance(there, dict) and isinstance(right, dict):
        for name in [*right, *there]:
            if (name in there) != (name in right):
                return f"{_within(at, name)} is {'missing' if name in right else 'not among its numbers'}"
        tolerance = ITERATED if right.get("name") in FITTED else CLOSED
        differences = (_differs(there[name], right[name], _within(at, name), tolerance) for name in right)
        return next((words for words in differences if words is not None), None)
    if isinstance(there, float) and isinstance(right, float) and at.rpartition(".")[2] in NUMBERS:
        same = abs(there - right) <= tolerance * max(1.0, abs(right))
        if same and at.endswith("_p.value"):
            same = abs(there - right) <= tolerance * abs(right)
    else:
        same = type(there) is type(right) and there == right
    return None if same else f"{at} is {_short(there)}, and should be {_short(right)}"


def _within(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _short(value: Any) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= 60 else f"{text[:57]}..."
