"""What a parser receives and returns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Asked:
    """What the prompt asked for: a verdict over how many responses (or steps), ratings on which scale (both ends
    included), or one of which labels. `cut` says that the text ends at the token limit, so that its last word may be
    incomplete; `accepts` is as a prompt's front matter has it."""

    responses: int = 2
    scale: tuple[float, float] | None = None
    cut: bool = False
    labels: tuple[str, ...] = ()
    accepts: tuple[str, ...] = ("answer", "boxed")

    @property
    def numbers(self) -> int:
        """How many a verdict has."""
        return len(self.labels) or self.responses


@dataclass(frozen=True)
class Parsed:
    """Scores in shown order, or None and the reason. `said` is the verdict in the judge's words; where there are no
    scores, it is what stood in the verdict's place, or None where nothing did."""

    scores: tuple[float, ...] | None
    said: str | None = None
    reason: str | None = None


Parser = Callable[[str, Asked], Parsed]


def unread(reason: str, said: str | None = None) -> Parsed:
    return Parsed(None, said, reason)


def chosen(slot: int, asked: Asked, said: str) -> Parsed:
    """The response in that slot is the best one, or the label in that place is the right one."""
    return Parsed(tuple(float(index == slot) for index in range(asked.numbers)), said)


def tied(asked: Asked, said: str) -> Parsed:
    return Parsed((1 / asked.responses,) * asked.responses, said)
