"""The description of a small function: words, code in a few styles, and what that code returns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

Arguments = tuple[Any, ...]


@dataclass(frozen=True)
class Spec:
    """`in_question` and `in_response` have wordings of the rule that may be taken the other way, by option: those of
    the question and those of a response. `code` gives the function's body for an option, in several styles; `run`
    returns what that code would; `telling` is whether a result is worth showing as an example."""

    names: tuple[str, ...]
    parameters: str
    purpose: str
    goal: str
    summary: str
    in_question: dict[str, tuple[str, ...]]
    in_response: dict[str, tuple[str, ...]]
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
