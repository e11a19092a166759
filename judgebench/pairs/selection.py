"""From graded responses to pairs of a right and a wrong response to one question. The seed alone decides which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from random import Random

from judgebench.pairs.questions import Question, Response
from judgebench.types import digest


@dataclass(frozen=True)
class Pair:
    """`place` counts the pairs of its question from 0."""

    question: Question
    right: Response
    wrong: Response
    place: int
    right_first: bool = False

    @property
    def id(self) -> str:
        return f"{self.question.id}#{digest((self.right.text, self.wrong.text))[:8]}"

    @property
    def length_ratio(self) -> float:
        """The logarithm of the right response's length over the wrong one's: 0 where both are equally long."""
        return log((len(self.right.text) + 1) / (len(self.wrong.text) + 1))


def of_question(
    question: Question,
    right: Sequence[Response],
    wrong: Sequence[Response],
    *,
    most: int,
    seed: int,
    match_length: bool,
) -> list[Pair]:
    """Up to `most` pairs. Responses that are in fewer pairs already are preferred, so that all are used before one is
    used twice. `match_length` takes pairs with similar lengths first, instead of any."""
    rng = Random(f"{seed}:{question.id}")
    open_pairs = [Pair(question, r, w, 0) for r in right for w in wrong]
    rng.shuffle(open_pairs)
    if match_length:
        open_pairs.sort(key=lambda pair: abs(pair.length_ratio))
    chosen: list[Pair] = []
    used: dict[str, int] = defaultdict(int)
    while open_pairs and len(chosen) < most:
        best = min(open_pairs, key=lambda pair: used[pair.right.text] + used[pair.wrong.text])
        open_pairs.remove(best)
        for response in (best.right, best.wrong):
            used[response.text] += 1
        chosen.append(Pair(question, best.right, best.wrong, len(chosen)))
    return chosen


def balanced(pairs: Sequence[Pair], *, per_subset: int | None, seed: int) -> list[Pair]:
    """At most `per_subset` pairs of each subset, a question's first pair before any question's second one. The right
    response comes first in every other pair of a subset."""
    by_subset: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        by_subset[pair.question.subset].append(pair)
    kept: dict[str, Pair] = {}
    first = Random(f"{seed}:slots").random() < 0.5
    for subset, members in sorted(by_subset.items()):
        Random(f"{seed}:{subset}").shuffle(members)
        members.sort(key=lambda pair: pair.place)
        for pair in members[:per_subset]:
            kept[pair.id] = Pair(pair.question, pair.right, pair.wrong, pair.place, right_first=first)
            first = not first
    return [kept[pair.id] for pair in pairs if pair.id in kept]
