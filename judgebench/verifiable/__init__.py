"""`verifiable`: questions that are generated from a seed, whose right answers a program knows.

This room knows nothing of judges, items or scores, and imports nothing but the standard library: `questions` yields
plain records, and `judgebench.adapters.verifiable` makes a benchmark of them.

Each record is a question with two worked responses. One is right; the other makes a single realistic slip and carries
it through to a wrong answer. Many judges reward long or well-formatted answers, so these are not left to chance: one
response is long and the other short, one is markdown and the other plain text, and both factors are crossed with being
right and with the slot in which the right one is to stand (2 x 2 x 2 = 8 cells, with the same number of questions in
each, within each of the ten families). Whatever a judge gains when the right response is the long one is then an
estimate of its bias, and no rule about length, format or slot scores better than a coin.

For that, nothing but the content may tell the right response from the wrong one:

- Both use the same words and layouts, drawn independently of correctness (`writing`).
- Most slips take one premise of the question the other way (inclusive for exclusive, ahead for behind, one tie rule
  for another), and the premise itself is drawn evenly. So a wrong response to one question is, word for word, as likely
  as a right response to its sibling. The other slips (a sum that is ten off, an element lost or added) go up or down
  with even chances, from starting points drawn so that neither end is the rarer one.
- A wrong response checks its result just as a right one does.
- A premise is restated in other words than the question's, or not at all, so that quoting it is no cue either.

From very many items, only facts could still be learnt: that April does not have 31 days, how many letters a word has.

The plan assigns families and cells in turn, so that any n is balanced to within one, and a smaller n with the same seed
gives the first questions of a larger one. A question depends on its seed, family, number, kind and cell alone (and on
earlier ones if its text would repeat one of theirs). It is drawn by random.Random seeded with a string, which is the
same on every platform and Python version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from judgebench.verifiable import (
    arithmetic,
    clocks,
    counting,
    dates,
    edits,
    functions,
    ranking,
    seating,
    sets,
    tables,
)
from judgebench.verifiable.writing import Problem, respond

QuestionKind = Callable[[Random], Problem | None]
"""Draws a problem of its kind; None where the draw does not make one."""

FAMILIES: dict[str, tuple[QuestionKind, ...]] = {
    "arithmetic": arithmetic.KINDS,
    "dates": dates.KINDS,
    "clocks": clocks.KINDS,
    "ranking": ranking.KINDS,
    "tables": tables.KINDS,
    "counting": counting.KINDS,
    "edits": edits.KINDS,
    "sets": sets.KINDS,
    "seating": seating.KINDS,
    "functions": functions.KINDS,
}
LONGER = 1.5
"""The long response has at least this many times as many characters as the short one."""
_ATTEMPTS = 2000


@dataclass(frozen=True)
class Cell:
    right_long: bool
    right_markdown: bool
    right_first: bool


_ORDER = (0b000, 0b111, 0b011, 0b100, 0b101, 0b010, 0b110, 0b001)
"""In this order each pair of neighbours is opposite in every factor, and so do the even and the odd places balance each
factor: in any run of questions, and of one family's questions, the right response is long, markdown or first in about
half."""
_CELLS = tuple(Cell(bool(bits & 4), bool(bits & 2), bool(bits & 1)) for bits in _ORDER)


@dataclass(frozen=True)
class Slot:
    """One line of the plan."""

    family: str
    number: int
    cell: Cell
    kind: QuestionKind


@dataclass(frozen=True)
class Question:
    """A question with a right response and a wrong one. `answer` is the right answer alone, `error` the name of the
    slip that the wrong response makes, `cell` the place in the design that both fill."""

    name: str
    family: str
    cell: Cell
    text: str
    right: str
    wrong: str
    answer: str
    error: str


def questions(n: int, seed: int) -> Iterator[Question]:
    """`n` questions, no two alike. A multiple of 80 is balanced exactly, any other number to within one. ValueError
    where a family has no new question left."""
    texts: set[str] = set()
    for slot in plan(n, seed):
        question = _question(slot, seed, texts)
        texts.add(question.text)
        yield question


def plan(n: int, seed: int) -> Iterator[Slot]:
    """Families take turns. Cells take turns too, but swap places within their pairs in every other round of 40, since a
    family meets only every other place in one round: after 80 items every family has had every cell once."""
    names = list(FAMILIES)
    for index in range(n):
        number, which = divmod(index, len(names))
        cell = _CELLS[(index % 8) ^ (index // 40 % 2)]
        yield Slot(names[which], number, cell, _kind(names[which], number, seed))


def _kind(family: str, number: int, seed: int) -> QuestionKind:
    """The kind of a family's question with this number. Each round has every kind once, in random order."""
    kinds = FAMILIES[family]
    deal, place = divmod(number, len(kinds))
    deck = list(kinds)
    Random(f"verifiable/{seed}/{family}/deck/{deal}").shuffle(deck)
    return deck[place]


def _question(slot: Slot, seed: int, texts: set[str]) -> Question:
    """Draws until there is a problem on which the slip changes the answer, whose question is new and whose responses
    differ enough in length. None of these conditions depends on which response is right."""
    for attempt in range(_ATTEMPTS):
        source = f"verifiable/{seed}/{slot.family}/{slot.number}/{attempt}"
        problem = slot.kind(Random(source))
        if problem is None or problem.question in texts:
            continue
        question = _answered(slot, problem, source)
        lengths = sorted((len(question.right), len(question.wrong)))
        if lengths[1] >= LONGER * lengths[0]:
            return question
    raise ValueError(f"no new question of the family {slot.family} was found; ask for fewer items")


def _answered(slot: Slot, problem: Problem, source: str) -> Question:
    cell = slot.cell
    right, answer = respond(
        problem.right, long=cell.right_long, markdown=cell.right_markdown, rng=Random(f"{source}/one")
    )
    wrong, wrong_answer = respond(
        problem.wrong, long=not cell.right_long, markdown=not cell.right_markdown, rng=Random(f"{source}/two")
    )
    if answer == wrong_answer:
        raise AssertionError(f"{source}: the slip does not change the answer {answer!r}")
    return Question(
        name=f"{slot.family}-{slot.number:03d}",
        family=slot.family,
        cell=cell,
        text=problem.question,
        right=right,
        wrong=wrong,
        answer=answer,
        error=problem.error,
    )
