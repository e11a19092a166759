"""Models that score: a number for a response to a conversation, or for the responses to it side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from judgebench.types import Message


@dataclass(frozen=True)
class Case:
    """What is scored at once: a response to a conversation, or several that are read together."""

    messages: tuple[Message, ...]
    responses: tuple[str, ...]

    @property
    def turns(self) -> tuple[Message, ...]:
        """The conversation with its (first) response as the last turn."""
        return (*self.messages, Message(role="assistant", content=self.responses[0]))


@dataclass(frozen=True)
class Score:
    """One number for each response of the case; None if there are none. `detail` says why, or what was `cut`."""

    values: tuple[float, ...] | None
    tokens: int | None = None
    detail: str | None = None
    cut: bool = False


Reads = Literal["each", "set", "shown"]
"""Each response by itself, all of a question's whatever their order, or all in the order in which they are shown."""


class Scorer(Protocol):
    @property
    def reads(self) -> Reads: ...

    def score(self, cases: Sequence[Case]) -> Iterator[tuple[int, Score]]:
        """(position, score) as they finish, one for each case."""
