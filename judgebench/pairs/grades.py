"""What a grader says of a response."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Protocol

from judgebench.pairs.questions import Question
from judgebench.types import Record


class Outcome(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    UNREADABLE = "unreadable"


class Grade(Record, frozen=True, kw_only=True):
    """`said` is the answer as the grader read it; `why` says why it could read none, or what failed."""

    outcome: Outcome
    said: str | None = None
    why: str = ""


class Grader(Protocol):
    """`check` raises a BadRow for a question that it cannot grade; `grade` yields a grade for each case, in order."""

    @property
    def id(self) -> str: ...

    def check(self, question: Question) -> None: ...

    def grade(self, cases: Sequence[tuple[Question, str]]) -> Iterator[Grade]: ...


def unreadable(why: str) -> Grade:
    return Grade(outcome=Outcome.UNREADABLE, why=why)


def graded(*, right: bool, said: str | None = None, why: str = "") -> Grade:
    return Grade(outcome=Outcome.RIGHT if right else Outcome.WRONG, said=said, why=why)
