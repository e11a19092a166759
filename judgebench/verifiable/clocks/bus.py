"""Catching a bus. The traveller arrives at the exact minute of a departure; the premise is whether that is in time."""

from __future__ import annotations

from random import Random

from judgebench.verifiable.lexicon import NAMES, TOWNS
from judgebench.verifiable.writing import Problem, Step, Voice, Working, clock, count, duration, twin

_LINES = (("bus", "stop"), ("ferry", "pier"), ("tram", "stop"), ("train", "platform"), ("cable car", "lower station"))


def draw(rng: Random) -> Problem:
    vehicle, place = rng.choice(_LINES)
    name, town = rng.choice(NAMES), rng.choice(TOWNS)
    opening, every = (
        rng.randrange(66, 84) * 5 + rng.choice((0, 1, 2, 3, 4)),
        rng.choice((12, 14, 16, 17, 18, 22, 24, 25, 35)),
    )
    which, walk, ride, foot = rng.randrange(8, 24), rng.randrange(6, 29), rng.randrange(14, 59), rng.randrange(3, 14)
    there = opening + which * every
    true, misread = rng.sample(("caught", "missed"), 2)
    wordings = {
        "caught": (
            f"Whoever is at the {place} at the minute of departure still gets on",
            "Being there at the exact minute of departure is early enough",
        ),
        "missed": (
            f"Whoever is at the {place} only at the minute of departure no longer gets on",
            "Being there at the exact minute of departure is too late",
        ),
    }[true]
    question = (
        f"From {clock(opening)} on, a {vehicle} leaves for {town} every {every} minutes. {name} sets out at "
        f"{clock(there - walk)} and needs {walk} minutes to reach the {place}. {rng.choice(wordings)}. The ride takes "
        f"{ride} minutes, and from there it is another {foot} minutes on foot. When does {name} arrive?"
    )

    def solve(v: Voice, stated: str, applied: str) -> Working:
        nth = which if applied == "caught" else which + 1
        leave = opening + nth * every
        end = leave + ride + foot
        rule = {
            "caught": ("arriving on the dot is enough", "the exact minute is good enough"),
            "missed": ("arriving on the dot is not enough", "one has to be there before the exact minute"),
        }[stated]
        return Working(
            task=v.pick(
                f"We have to find the {vehicle} that {name} takes, where {v.pick(*rule)}, and add the rest of the way.",
                f"The question is which {vehicle} {name} gets; {v.pick(*rule)}.",
                f"{name} walks, takes a {vehicle} and walks again; we want the time at the end.",
                f"We need to find the {vehicle} that {name} takes and add the rest of the way.",
            ),
            plan=v.pick(
                "I follow the way step by step on the clock.",
                f"First the time at the {place}, then the timetable, then the ride.",
            ),
            steps=(
                Step(
                    f"find the time at the {place}",
                    f"at the {place}: {clock(there - walk)} + {walk} min = {clock(there)}",
                    (
                        f"{name} leaves at {clock(there - walk)}, walks {walk} minutes and is at the {place} at "
                        f"{clock(there)}."
                    ),
                ),
                Step(
                    f"find the {vehicle}",
                    f"{vehicle} taken: {clock(opening)} + {nth} × {every} min = {clock(leave)}",
                    f"Departures around that time are {clock(there - every)}, {clock(there)} and "
                    f"{clock(there + every)}. {name} takes the one at {clock(leave)}, which is {nth} × {every} = "
                    f"{nth * every} minutes after {clock(opening)}.",
                ),
                Step(
                    "add the ride and the walk",
                    f"{clock(leave)} + {ride} min + {foot} min = {clock(end)}",
                    (
                        f"{ride} minutes of riding lead to {clock(leave + ride)}, and {foot} minutes on foot to "
                        f"{clock(end)}."
                    ),
                ),
            ),
            check=v.pick(
                f"From setting out to arriving it takes {duration(end - there + walk)}: {walk} min walking, "
                f"{count(leave - there, 'minute')} waiting, {ride} min riding and {foot} min walking.",
                f"Backwards from {clock(end)}: {foot} and {ride} minutes earlier it is {clock(leave)}, a time in the "
                f"timetable since {leave - opening} minutes are {nth} intervals of {every}.",
            ),
            closing=f"{name} arrives at {{}}.",
            answer=clock(end),
        )

    return twin(rng, question, "boundary", solve, true, misread)
