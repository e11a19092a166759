"""Order logic: five people in a row, a few clues, exactly one solution. The slips: a clue is taken the other way round,
or the last clue strikes out the wrong line-up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import permutations
from random import Random

from judgebench.adapters.verifiable.writing import NAMES, Problem, Step, Voice, Working, cap, count, series

_SIZE = 5
_ORDERS = tuple(permutations(range(_SIZE)))
"""Every line-up: person by place."""
_Test = Callable[[Sequence[int], int, int], bool]
_TESTS: dict[str, _Test] = {  # the places of all, and the clue's two numbers
    "before": lambda at, a, b: at[a] < at[b],
    "right before": lambda at, a, b: at[a] + 1 == at[b],
    "two before": lambda at, a, b: at[a] + 2 == at[b],
    "at": lambda at, a, place: at[a] == place,
    "not at": lambda at, a, place: at[a] != place,
    "apart": lambda at, a, b: abs(at[a] - at[b]) > 1,
    "end": lambda at, a, _: at[a] in (0, _SIZE - 1),
    "inside": lambda at, a, _: 0 < at[a] < _SIZE - 1,
}
_DIRECTED = ("before", "right before", "two before")


@dataclass(frozen=True, order=True)
class Clue:
    kind: str
    a: int
    b: int = 0

    def holds(self) -> frozenset[int]:
        """The numbers of the line-ups in which it is true."""
        return _holds(self.kind, self.a, self.b)

    def turned(self) -> Clue:
        return replace(self, a=self.b, b=self.a)


@cache
def _holds(kind: str, a: int, b: int) -> frozenset[int]:
    places = ([order.index(person) for person in range(_SIZE)] for order in _ORDERS)
    return frozenset(number for number, at in enumerate(places) if _TESTS[kind](at, a, b))


def _left(clues: Sequence[Clue]) -> list[int]:
    left = frozenset(range(len(_ORDERS)))
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
    place: str
    ends: str


_SCENES = (
    Scene(
        "sit in a row of five seats, numbered 1 to 5 from left to right",
        "somewhere to the left of", "somewhere to the right of", "directly to the left of", "directly to the right of",
        "seat", "at one of the two ends of the row",
    ),
    Scene(
        "finished a race in places 1 to 5, with no ties",
        "somewhere ahead of", "somewhere behind", "directly ahead of", "directly behind",
        "place", "either in first or in last place",
    ),
    Scene(
        "live in a house with floors 1 to 5 (1 is the lowest), one on each floor",
        "somewhere below", "somewhere above", "directly below", "directly above",
        "floor", "either on the lowest or on the highest floor",
    ),
    Scene(
        "give a talk on the same morning, in slots 1 to 5",
        "at some time before", "at some time after", "immediately before", "immediately after",
        "slot", "either in the first or in the last slot",
    ),
)  # fmt: skip


def _say(scene: Scene, names: Sequence[str], clue: Clue, *, reverse: bool) -> str:
    """The clue in words; `reverse` says the same from the other person's side."""
    a = names[clue.a]
    if clue.kind in ("at", "not at"):
        return f"{a} is {'not ' if clue.kind == 'not at' else ''}in {scene.place} {clue.b + 1}"
    if clue.kind in ("end", "inside"):
        return f"{a} is {'not ' if clue.kind == 'inside' else ''}{scene.ends}"
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


def _draw(rng: Random) -> list[Clue] | None:
    """Clues that leave exactly the line-up with which they agree, none of them idle."""
    hidden = rng.randrange(len(_ORDERS))
    kinds = [rng.choice(_DIRECTED), rng.choice(_DIRECTED), *(rng.choice(sorted(_TESTS)) for _ in range(rng.choice((2, 3, 3))))]
    clues: list[Clue] = []
    for kind in kinds:
        fitting = [clue for clue in _all(kind) if hidden in clue.holds()]
        fresh = [clue for clue in fitting if {clue.a, clue.b} not in [{one.a, one.b} for one in clues if one.kind not in ("at", "end")]]
        if not fresh:
            return None
        clues.append(rng.choice(fresh))
    if len(_left(clues)) != 1 or any(len(_left([*clues[:k], *clues[k + 1 :]])) == 1 for k in range(len(clues))):
        return None
    rng.shuffle(clues)
    return clues


@cache
def _all(kind: str) -> tuple[Clue, ...]:
    if kind in ("at", "not at"):
        return tuple(Clue(kind, a, place) for a in range(_SIZE) for place in range(_SIZE))
    if kind in ("end", "inside"):
        return tuple(Clue(kind, a, a) for a in range(_SIZE))
    return tuple(Clue(kind, a, b) for a in range(_SIZE) for b in range(_SIZE) if a != b)


def row(rng: Random) -> Problem | None:
    clues = _draw(rng)
    if clues is None:
        return None
    names, scene = rng.sample(NAMES, _SIZE), rng.choice(_SCENES)
    place = rng.choice((None, None, 0, 1, 2, 3, 4))
    ranked = sorted(range(len(clues)), key=lambda k: (len(clues[k].holds()), k))
    listing = "\n".join(
        f"({number}) {cap(_say(scene, names, clue, reverse=rng.random() < 0.5))}." for number, clue in enumerate(clues, 1)
    )
    wanted = f"List all five, from {scene.place} 1 to {scene.place} 5." if place is None else f"Who is in {scene.place} {place + 1}?"
    question = f"{series(sorted(names))} {scene.setting}. The following is known:\n\n{listing}\n\n{wanted}"

    def solve(v: Voice, told: Sequence[Clue], done: tuple[Sequence[Clue], int]) -> Working:
        stages = _stages(ranked, done[0], done[1])
        final = _ORDERS[stages[-1][1][0]]
        at = {person: spot for spot, person in enumerate(final)}
        full = [names[person] for person in final]
        said = [_say(scene, names, clue, reverse=v.rng.random() < 0.5) for clue in told]
        people = [sorted({clue.a, *([clue.b] if clue.kind in (*_DIRECTED, "apart") else [])}) for clue in told]
        spots = [" and ".join(f"{names[person]} {at[person] + 1}" for person in pair) for pair in people]
        return Working(
            task=v.pick(
                f"We have to put {series(names)} into the {scene.place}s 1 to 5 so that all {len(clues)} statements hold.",
                f"There are 120 ways to put five people into five {scene.place}s, and the {len(clues)} statements single out one.",
            ),
            plan=v.pick(
                "I begin with the statements that restrict most and strike out line-ups with the others.",
                "The strongest statements go first; the others then sort out what is left.",
            ),
            steps=tuple(_step(v, names, said, used, left) for used, left in stages),
            check=v.pick(
                f"The {scene.place}s statement by statement: "
                + "; ".join(f"({number}) {spot}" for number, spot in enumerate(spots, 1))
                + ". All of this is as it should be.",
                f"In the line-up {series(full)} everyone occurs once, and going through ({1}) to ({len(clues)}) finds no conflict.",
            ),
            closing="From 1 to 5 the order is {}." if place is None else f"In {scene.place} {place + 1} we find {{}}.",
            answer=", ".join(full) if place is None else full[place],
        )

    def answer(number: int) -> tuple[int, ...]:
        return _ORDERS[number] if place is None else (_ORDERS[number][place],)

    solution = _left(clues)[0]
    if rng.random() < 0.6:
        turnable = [k for k, clue in enumerate(clues) if clue.kind in _DIRECTED]
        k = rng.choice(turnable)
        turned = [*clues[:k], clues[k].turned(), *clues[k + 1 :]]
        other = _left(turned)
        if len(other) != 1 or answer(other[0]) == answer(solution):
            return None
        told = [clues, turned][rng.randrange(2)]
        return Problem(
            question,
            "premise",
            right=lambda v: solve(v, clues, (clues, solution)),
            wrong=lambda v: solve(v, told, (turned, other[0])),
        )
    spared = [one for one in _left([clues[k] for k in ranked[:-1]]) if answer(one) != answer(solution)]
    if not spared:
        return None
    kept = rng.choice(spared)
    return Problem(
        question,
        "elimination",
        right=lambda v: solve(v, clues, (clues, solution)),
        wrong=lambda v: solve(v, clues, (clues, kept)),
    )


def _stages(ranked: Sequence[int], clues: Sequence[Clue], final: int) -> list[tuple[list[int], list[int]]]:
    """Which clues are used at a time, and the line-ups left after them. What the last one leaves is given."""
    used: list[int] = []
    while len(_left([clues[k] for k in used])) > 6 and len(used) < len(ranked) - 1:
        used.append(ranked[len(used)])
    stages = [(used, _left([clues[k] for k in used]))]
    for done in range(len(used) + 1, len(ranked)):
        stages.append(([ranked[done - 1]], _left([clues[k] for k in ranked[:done]])))
    return [*stages, ([ranked[-1]], [final])]


def _step(v: Voice, names: Sequence[str], said: Sequence[str], used: Sequence[int], left: Sequence[int]) -> Step:
    numbers = series([f"({k + 1})" for k in used])
    verb = "leaves" if len(used) == 1 else "leave"
    line_ups = ["-".join(names[person] for person in _ORDERS[number]) for number in left]
    reading = "; ".join(f"({k + 1}) says that {said[k]}" for k in used)
    if len(left) == 1:
        full = f"{cap(reading)}. Only {line_ups[0]} is left."
    elif len(left) <= 12:
        full = v.rows(f"{cap(reading)}. From left to right, these {len(left)} line-ups remain:", line_ups)
    else:
        full = f"{cap(reading)}. That leaves {len(left)} line-ups, too many to list yet."
    few = "; ".join(line_ups) if len(left) <= 6 else count(len(left), "line-up")
    return Step(f"use {numbers}", f"{numbers} {verb} {few}", full)


KINDS = (row,)
