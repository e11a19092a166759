"""A day of sessions. The premise: whether a break also follows the last session."""

from __future__ import annotations

from random import Random

from judgebench.verifiable.writing import Problem, Step, Voice, Working, clock, duration, twin

_EVENTS = (
    ("workshop", "session"),
    ("training day", "unit"),
    ("tournament", "round"),
    ("conference", "talk"),
    ("exam day", "paper"),
)


def draw(rng: Random) -> Problem:
    event, unit = rng.choice(_EVENTS)
    number, each, rest = rng.randrange(4, 9), rng.choice((25, 35, 40, 45, 50, 55, 65)), rng.choice((8, 10, 12, 15, 20))
    start, lunch = rng.randrange(94, 117) * 5, rng.choice((35, 40, 45, 50, 55, 70, 75))
    true, misread = rng.sample(("between", "every"), 2)
    wordings = {
        "between": (
            f"There is a break of {rest} minutes between one {unit} and the next, and none at the end",
            f"Two {unit}s in a row are separated by a break of {rest} minutes; nothing follows the last {unit}",
        ),
        "every": (
            f"A break of {rest} minutes follows each {unit}, the last one included",
            (
                f"Every {unit}, also the last, is followed by a break of {rest} minutes, which still belongs to the "
                "programme"
            ),
        ),
    }[true]
    after = rng.randrange(2, number - 1)
    question = (
        f"A {event} starts at {clock(start)} and consists of {number} {unit}s of {each} minutes each. "
        f"{rng.choice(wordings)}. On top of that, {lunch} minutes are kept free for lunch after {unit} {after}. At "
        "what time is the programme over?"
    )

    def solve(v: Voice, stated: str, applied: str) -> Working:
        breaks = number - 1 if applied == "between" else number
        total = number * each + breaks * rest + lunch
        rule = {
            "between": (f"there are fewer breaks than {unit}s", f"the breaks are one fewer than the {unit}s"),
            "every": (f"there are as many breaks as {unit}s", f"the breaks are equal in number to the {unit}s"),
        }[stated]
        return Working(
            task=v.pick(
                f"The {event} has {number} {unit}s and a lunch; {v.pick(*rule)}. We want its end.",
                f"We need the end of a {event} with {number} {unit}s, where {v.pick(*rule)}.",
                f"The programme has three parts: the {unit}s, the breaks and lunch.",
                f"We want to know when a {event} of {number} {unit}s ends that starts at {clock(start)}.",
            ),
            plan=v.pick(
                "I add up all the minutes and then move the clock on.", "Adding the parts in minutes is the safest way."
            ),
            steps=(
                Step(
                    f"add up the {unit}s",
                    f"{unit}s: {number} × {each} = {number * each} min",
                    f"{number} {unit}s of {each} minutes take {number} × {each} = {number * each} minutes.",
                ),
                Step(
                    "add up the breaks",
                    f"breaks: {breaks} × {rest} = {breaks * rest} min",
                    f"There are {breaks} breaks of {rest} minutes, {breaks} × {rest} = {breaks * rest} minutes.",
                ),
                Step(
                    "add lunch",
                    f"with lunch {number * each} + {breaks * rest} + {lunch} = {total} min",
                    f"Together with lunch the programme takes {number * each} + {breaks * rest} + {lunch} = {total} "
                    f"minutes, or {duration(total)}.",
                ),
                Step(
                    "move the clock on",
                    f"{clock(start)} + {duration(total)} = {clock(start + total)}",
                    f"{clock(start)} plus {duration(total)} is {clock(start + total)}.",
                ),
            ),
            check=v.pick(
                f"From {clock(start)} to {clock(start + total)} it is {duration(total)}; taking off {lunch} minutes "
                f"of lunch and {number * each} minutes of {unit}s leaves {breaks * rest} minutes, which is {breaks} "
                "breaks.",
                f"Without lunch and breaks the end would be {clock(start + number * each)}. The extra {lunch} + "
                f"{breaks * rest} = {lunch + breaks * rest} minutes move it to {clock(start + total)}.",
            ),
            closing=v.pick("The programme is over at {}.", f"The {event} ends at {{}}."),
            answer=clock(start + total),
        )

    return twin(rng, question, "boundary", solve, true, misread)
