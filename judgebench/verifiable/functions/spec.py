"""What a small function is described by: words, code in a few styles, and what that code returns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

Arguments = tuple[Any, ...]


@dataclass(frozen=True)
class Spec:
    """`asked` and `told` hold the rule that may be taken the other way, by option, in the question's words and in a
    response's. `code` gives the body for an option in several styles; `run` returns what that code would."""

    names: tuple[str, ...]
    parameters: str
    purpose: str
    goal: str
    summary: str
    asked: dict[str, tuple[str, ...]]
    told: dict[str, tuple[str, ...]]
    steps: tuple[tuple[str, str, str], ...]
    code: Callable[[str], tuple[str, ...]]
    run: Callable[..., Any]
    draw: Callable[[Random], Arguments]
    error: str = "boundary"
    note: str = ""
    telling: Callable[[Any], bool] = lambda result: result not in (0, None, -1, [], "")


def few(rng: Random, low: int = 1, high: int = 10, size: int = 7) -> list[int]:
    """A short list with repeats."""
    return [rng.randrange(low, high) for _ in range(rng.randrange(size - 2, size + 2))]


def block(*lines: str) -> str:
    return "\n".join(lines)
