"""What a judge is asked about an item, and what the numbers of a verdict are therefore."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """What a judge is asked about an item, and so what the numbers of a verdict are."""

    PREFERENCE = "preference"
    """Which response is best: a number for each."""
    CLASS = "class"
    """Which of several labels a response has: a number for each label, and the greatest one names it."""
    SCORE = "score"
    """A number on a scale."""
    RANKING = "ranking"
    """The order of the responses: minus the rank of each."""
    STEP = "step"
    """What is wrong in a worked solution: the number of its first wrong step, 0 where all are right; or, where the
    question has a scale, a number for each step, how likely it is wrong."""


class Question(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is asked about an item. A benchmark's card declares it; an item says it where it has another one."""

    kind: Kind = Kind.PREFERENCE
    labels: tuple[str, ...] = ()
    """Of a class: what may be said, in the order in which a verdict has its numbers."""
    ordered: bool = False
    """Whether the labels rise in that order, so that a neighbour is less wrong than another."""
    positive: str | None = None
    """The label that sensitivity is about."""
    scale: tuple[float, float] | None = None
    """Both ends of what a number may be; None where that is not known."""

    def __post_init__(self) -> None:
        folded = {label.strip().casefold() for label in self.labels}
        if (self.kind == Kind.CLASS) != bool(self.labels):
            raise ValueError(f"a question of kind class has labels, and no other has; this one is {self.kind}")
        if self.labels and (len(folded) != len(self.labels) or len(folded) < 2 or "" in folded):
            raise ValueError(f"a class has two labels or more, none of them twice or empty, not {list(self.labels)}")
        if any(sign in label for label in self.labels for sign in ",[]\n"):
            raise ValueError(f"a label has no comma, bracket or line end, for it names numbers: {list(self.labels)}")
        if "none" in folded:
            raise ValueError("a label is not called none, which says that there is no gold")
        if self.positive is not None and self.positive not in self.labels:
            raise ValueError(f"positive is one of {', '.join(self.labels) or 'the labels'}, not {self.positive!r}")
        if self.ordered and not self.labels:
            raise ValueError("only the labels of a class are ordered")
        if self.scale is not None and not self.scale[0] < self.scale[1]:
            raise ValueError(f"a scale is its lowest and its highest number, not {list(self.scale)}")

    @property
    def each_step(self) -> bool:
        """Whether a verdict has a number for each step of the solution."""
        return self.kind == Kind.STEP and self.scale is not None

    @property
    def wrong_from(self) -> float:
        """From here on a number about a step calls it wrong: the middle of the scale."""
        return sum(self.scale or (0, 1)) / 2

    def problem(self, count: int, responses: int, steps: int = 0) -> str | None:
        """What is wrong with a verdict of so many numbers on so many responses, or on a solution with so many steps (0
        where nobody knows how many); None where nothing is."""
        if self.kind == Kind.CLASS:
            wanted, of = len(self.labels), "labels"
        elif self.each_step:
            wanted, of = steps or count, "steps"
        else:
            wanted, of = responses, "responses"
        return None if count == wanted else f"{count} scores for {wanted} {of}"


PREFERENCE = Question()
