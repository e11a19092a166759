"""Clues about five people in a row: their meaning, their words, and sets of clues with exactly one solution."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import permutations
from random import Random

SIZE = 5
ORDERS = tuple(permutations(range(SIZE)))
"""Every line-up, as the person in each place."""
_Test = Callable[[Sequence[int], int, int], bool]
_TESTS: dict[str, _Test] = {  # a test gets the place of each person, and the clue's two numbers
    "before": lambda at, a, b: at[a] < at[b],
    "right before": lambda at, a, b: at[a] + 1 == at[b],
    "two before": lambda at, a, b: at[a] + 2 == at[b],
    "at": lambda at, a, place: at[a] == place,
    "not at": lambda at, a, place: at[a] != place,
    "apart": lambda at, a, b: abs(at[a] - at[b]) > 1,
    "end": lambda at, a, _: at[a] in (0, SIZE - 1),
    "inside": lambda at, a, _: 0 < at[a] < SIZE - 1,
}
DIRECTED = ("before", "right before", "two before")


@dataclass(frozen=True, order=True)
class Clue:
    kind: str
    a: int
    b: int = 0

    def holds(self) -> frozenset[int]:
        """The indices in ORDERS of the line-ups in which the clue is true."""
        return _holds(self.kind, self.a, self.b)

    def turned(self) -> Clue:
        return replace(self, a=self.b, b=self.a)


@cache
def _holds(kind: str, a: int, b: int) -> frozenset[int]:
    places = ([order.index(person) for person in range(SIZE)] for order in ORDERS)
    return frozenset(number for number, at in enumerate(places) if _TESTS[kind](at, a, b))


def remaining(clues: Sequence[Clue]) -> list[int]:
    left = frozenset(range(len(ORDERS)))
    for clue in clues:
        left &= clue.holds()
    return sorted(left)


@dataclass(frozen=True)
class Scene:
    """The words for one kind of row."""

    setting: str
    before: str
    after: str
    right_before: str
    right_after: str
    where: str
    place: str
    end: str
    inside: str


SCENES = (
    Scene(
        "sit in a row of five seats, numbered 1 to 5 from left to right",
        "somewhere to the left of", "somewhere to the right of", "directly to the left of", "directly to the right of",
        "in", "seat", "at one of the two ends of the row", "at neither end of the row",
    ),
    Scene(
        "finished a race in places 1 to 5, with no ties",
        "somewhere ahead of", "somewhere behind", "directly ahead of", "directly behind",
        "in", "place", "either in first or in last place", "neither in first nor in last place",
    ),
    Scene(
        "live in a house with floors 1 to 5 (1 is the lowest), one on each floor",
        "somewhere below", "somewhere above", "directly below", "directly above",
        "on", "floor", "either on the lowest or on the highest floor", "neither on the lowest nor on the highest floor",
    ),
    Scene(
        "give a talk on the same morning, in slots 1 to 5",
        "at some time before", "at some time after", "immediately before", "immediately after",
        "in", "slot", "either in the first or in the last slot", "neither in the first nor in the last slot",
    ),
)  # fmt: skip


def say(scene: Scene, names: Sequence[str], clue: Clue, *, reverse: bool) -> str:
    """The clue in words; `reverse` states the same from the other person's side."""
    a = names[clue.a]
    if clue.kind in ("at", "not at"):
        return f"{a} is {'not ' if clue.kind == 'not at' else ''}{scene.where} {scene.place} {clue.b + 1}"
    if clue.kind in ("end", "inside"):
        return f"{a} is {scene.end if clue.kind == 'end' else scene.inside}"
    b = names[clue.b]
    if reverse:
        a, b = b, a
    if clue.kind == "apart":
        return f"{a} and {b} are not next to each other"
    if clue.kind == "before":
        return f"{a} is {scene.after if reverse else scene.before} {b}"
    if clue.kind == "right before":
        return f"{a} is {scene.right_after if reverse else scene.right_before} {b}"
    return f"the {scene.place} number of {a} is two {'higher' if reverse else 'lower'} than that of {b}"


def draw_clues(rng: Random) -> list[Clue] | None:
    """Clues with which exactly one line-up agrees, and of which none can be left out."""
    hidden = rng.randrange(len(ORDERS))
    kinds = [
        rng.choice(DIRECTED),
        rng.choice(DIRECTED),
        *(rng.choice(sorted(_TESTS)) for _ in range(rng.choice((2, 3, 3)))),
    ]
    clues: list[Clue] = []
    for kind in kinds:
        fitting = [clue for clue in _all(kind) if hidden in clue.holds()]
        fresh = [
            clue
            for clue in fitting
            if {clue.a, clue.b}
            not in [{earlier.a, earlier.b} for earlier in clues if earlier.kind not in ("at", "end")]
        ]
        if not fresh:
            return None
        clues.append(rng.choice(fresh))
    if len(remaining(clues)) != 1 or any(len(remaining([*clues[:k], *clues[k + 1 :]])) == 1 for k in range(len(clues))):
        return None
    rng.shuffle(clues)
    return clues


@cache
def _all(kind: str) -> tuple[Clue, ...]:
    if kind in ("at", "not at"):
        return tuple(Clue(kind, a, place) for a in range(SIZE) for place in range(SIZE))
    if kind in ("end", "inside"):
        return tuple(Clue(kind, a, a) for a in range(SIZE))
    return tuple(Clue(kind, a, b) for a in range(SIZE) for b in range(SIZE) if a != b)
