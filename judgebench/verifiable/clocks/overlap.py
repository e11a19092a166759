"""Shared working hours in two time zones. The premise: whose clock is ahead."""

from __future__ import annotations

from random import Random

from judgebench.verifiable.lexicon import NAMES
from judgebench.verifiable.writing import Problem, Step, Voice, Working, clock, duration, twin


def draw(rng: Random) -> Problem | None:
    a, b = rng.sample(NAMES, 2)
    hours = [rng.randrange(7 * 12, 10 * 12) * 5, rng.randrange(15 * 12, 19 * 12) * 5]
    theirs = [rng.randrange(7 * 12, 11 * 12) * 5, rng.randrange(15 * 12, 20 * 12) * 5]
    zone = rng.choice((60, 90, 120, 150, 180, 210, 240))
    zone_text = f"{zone // 60} hours" if zone % 120 == 0 or zone == 180 else duration(zone)
    zone_text = "one hour" if zone == 60 else zone_text
    true, misread = rng.sample(("ahead", "behind"), 2)  # where b's clock is

    def shared(side: str) -> tuple[int, int, int]:
        move = -zone if side == "ahead" else zone
        start, end = max(hours[0], theirs[0] + move), min(hours[1], theirs[1] + move)
        return start, end, end - start

    common = [shared(side)[2] for side in (true, misread)]
    if min(common) < 30 or common[0] == common[1]:
        return None
    relation = rng.choice(
        (f"{b}'s clock is {zone_text} ahead of {a}'s", f"{a}'s clock is {zone_text} behind {b}'s")
        if true == "ahead"
        else (f"{b}'s clock is {zone_text} behind {a}'s", f"{a}'s clock is {zone_text} ahead of {b}'s")
    )
    question = (
        f"{a} works from {clock(hours[0])} to {clock(hours[1])} and {b} from {clock(theirs[0])} to "
        f"{clock(theirs[1])}, each by the local clock. {relation}. For how long are both of them at work at the same "
        "time on a normal day?"
    )

    def solve(v: Voice, stated: str, applied: str) -> Working:
        move = -zone if applied == "ahead" else zone
        moved = (theirs[0] + move, theirs[1] + move)
        start, end, length = shared(applied)
        sign, verb = ("-", "subtract") if applied == "ahead" else ("+", "add")
        rule = (
            v.pick(f"it is later where {b} works", f"{a} has the earlier clock")
            if stated == "ahead"
            else v.pick(f"it is earlier where {b} works", f"{a} has the later clock")
        )
        return Working(
            task=v.pick(
                f"We compare the two working days on one clock, knowing that {rule}.",
                f"We want the time that the two working days share, and {rule}.",
                f"{a} and {b} work by different clocks, {duration(zone)} apart.",
                "We want the time that the two working days share.",
            ),
            plan=v.pick(
                f"I write {b}'s hours in {a}'s time and then compare.", f"Everything is put on {a}'s clock first."
            ),
            steps=(
                Step(
                    f"put {b}'s hours on {a}'s clock",
                    f"{b}'s hours {sign} {duration(zone)}: {clock(moved[0])} to {clock(moved[1])} for {a}",
                    f"To get from {b}'s clock to {a}'s we {verb} {duration(zone)}: {clock(theirs[0])} becomes "
                    f"{clock(moved[0])} and {clock(theirs[1])} becomes {clock(moved[1])}.",
                ),
                Step(
                    "find the common part",
                    f"common part: {clock(start)} to {clock(end)}",
                    f"The later of the two beginnings, {clock(hours[0])} and {clock(moved[0])}, is {clock(start)}; "
                    f"the earlier of the two ends, {clock(hours[1])} and {clock(moved[1])}, is {clock(end)}.",
                ),
                Step(
                    "measure it",
                    f"that is {duration(length)}",
                    f"From {clock(start)} to {clock(end)} it is {duration(length)}.",
                ),
            ),
            check=v.pick(
                f"On {b}'s clock the common part runs from {clock(start - move)} to {clock(end - move)}, again "
                f"{duration(length)}, and lies within {clock(theirs[0])} to {clock(theirs[1])}.",
                f"The common part, {clock(start)} to {clock(end)}, lies within {clock(hours[0])} to {clock(hours[1])} "
                f"as well as within {clock(moved[0])} to {clock(moved[1])}.",
            ),
            closing=v.pick("They share {} a day.", "Both are at work for {} at the same time."),
            answer=duration(length),
        )

    return twin(rng, question, "direction", solve, true, misread)
