"""Times of day: flights between time zones, a day of sessions and breaks, catching a bus, shared working hours."""

from __future__ import annotations

from random import Random

from judgebench.adapters.verifiable.dates import WEEKDAYS
from judgebench.adapters.verifiable.writing import NAMES, Problem, Step, Voice, Working, clock, count, duration, slip, twin

TOWNS = ("Aldmere", "Brisk", "Corvale", "Dunholm", "Eastmoor", "Farrow", "Glenby", "Hartwell", "Ivydale", "Norvale", "Osterby")
_DAY = 24 * 60


def _moment(minutes: int) -> str:
    """Minutes since Monday midnight."""
    return f"{WEEKDAYS[minutes // _DAY % 7]}, {clock(minutes)}"


def _ahead(rng: Random, a: str, b: str, hours: str, *, ahead: bool) -> str:
    """Clocks in b against those in a, said from either side."""
    return rng.choice(
        (f"Clocks in {b} are {hours} ahead of those in {a}", f"Clocks in {a} are {hours} behind those in {b}")
        if ahead
        else (f"Clocks in {b} are {hours} behind those in {a}", f"Clocks in {a} are {hours} ahead of those in {b}")
    )


def _earlier(v: Voice, a: str, b: str, *, ahead: bool) -> str:
    return v.pick(f"it is later in {b} than in {a}", f"{b} has the later time") if ahead else v.pick(
        f"it is earlier in {b} than in {a}", f"{b} has the earlier time"
    )  # fmt: skip


def flight(rng: Random) -> Problem:
    """The slips: the difference is taken in the wrong direction, or a full hour is lost or gained in a sum."""
    a, b, via = rng.sample(TOWNS, 3)
    leave = rng.randrange(1, 6) * _DAY + rng.randrange(6 * 12, 23 * 12) * 5
    first, wait, second = rng.randrange(17, 130) * 5, rng.randrange(9, 46) * 5, rng.randrange(13, 110) * 5
    zone = rng.randrange(4, 24) * 30
    zone_text = duration(zone).replace(" min", " minutes").replace(" h", " hours") if zone % 60 else f"{zone // 60} hours"
    ahead = rng.random() < 0.5
    question = (
        f"A traveller leaves {a} at {clock(leave)} on {WEEKDAYS[leave // _DAY % 7]}, local time. The flight to {via} takes "
        f"{duration(first)}, the stop there {duration(wait)}, and the second flight, to {b}, {duration(second)}. "
        f"{_ahead(rng, a, b, zone_text, ahead=ahead)}. What are the local weekday and time in {b} on arrival?"
    )

    def solve(v: Voice, told: tuple[bool, int], done: tuple[bool, int]) -> Working:
        travel = first + wait + second + done[1]
        home = leave + travel
        there = home + zone if done[0] else home - zone
        verb = "add" if done[0] else "subtract"
        sign = "+" if done[0] else "-"
        hours = (first // 60 + wait // 60 + second // 60, first % 60 + wait % 60 + second % 60)
        return Working(
            task=v.pick(
                f"The journey from {a} to {b} has two flights and a stop, and {_earlier(v, a, b, ahead=told[0])}.",
                f"We follow the traveller on the clock of {a} and change to that of {b} at the end, where "
                f"{_earlier(v, a, b, ahead=told[0])}.",
            ),
            plan=v.pick(
                "I add up the travel time, find the arrival on the old clock, and then convert.",
                "Total travel time first, time zones last.",
            ),
            steps=(
                Step(
                    "add up the travel time",
                    f"travel time: {duration(first)} + {duration(wait)} + {duration(second)} = {duration(travel)}",
                    f"The parts are {duration(first)}, {duration(wait)} and {duration(second)}. The full hours make {hours[0]} h "
                    f"and the minutes {hours[1]} min, so the whole journey takes {duration(travel)}.",
                ),
                Step(
                    f"find the arrival on the clock of {a}",
                    f"arrival by {a} time: {_moment(home)}",
                    f"{clock(leave)} on {WEEKDAYS[leave // _DAY % 7]} plus {duration(travel)} is {_moment(home)} in {a}.",
                ),
                Step(
                    f"convert to the time of {b}",
                    f"{_moment(home)} {sign} {duration(zone)} = {_moment(there)}",
                    f"For the time in {b} we {verb} {duration(zone)}: {_moment(home)} becomes {_moment(there)}.",
                ),
            ),
            check=v.pick(
                f"Seen from {b}, the journey starts at {_moment(leave + there - home)} local time; {duration(travel)} later it is "
                f"{_moment(there)}.",
                f"Between the two local times, {_moment(leave)} and {_moment(there)}, the clock moves on by "
                f"{duration(there - leave) if there >= leave else '-' + duration(leave - there)}, which is {duration(travel)} "
                f"{sign} {duration(zone)}.",
            ),
            closing=v.pick(f"In {b} it is {{}} on arrival.", "The traveller arrives on {} local time."),
            answer=_moment(there),
        )

    if rng.random() < 0.5:
        return twin(rng, question, "direction", solve, (ahead, 0), (not ahead, 0))
    hour = rng.choice((60, -60))
    return slip(question, "calculation", lambda v, off: solve(v, (ahead, 0), (ahead, off)), 0, hour)


_EVENTS = (("workshop", "session"), ("training day", "unit"), ("tournament", "round"), ("conference", "talk"), ("exam day", "paper"))


def sessions(rng: Random) -> Problem:
    """The premise: a break also follows the last session, or it does not."""
    event, one = rng.choice(_EVENTS)
    number, each, rest = rng.randrange(4, 9), rng.choice((25, 35, 40, 45, 50, 55, 65)), rng.choice((8, 10, 12, 15, 20))
    start, lunch = rng.randrange(94, 117) * 5, rng.choice((35, 40, 45, 50, 55, 70, 75))
    true, read = rng.sample(("between", "every"), 2)
    asked = {
        "between": (
            f"There is a break of {rest} minutes between one {one} and the next, and none at the end",
            f"Two {one}s in a row are separated by a break of {rest} minutes; nothing follows the last {one}",
        ),
        "every": (
            f"A break of {rest} minutes follows each {one}, the last one included",
            f"Every {one}, also the last, is followed by a break of {rest} minutes, which still belongs to the programme",
        ),
    }[true]
    after = rng.randrange(2, number - 1)
    question = (
        f"A {event} starts at {clock(start)} and consists of {number} {one}s of {each} minutes each. {rng.choice(asked)}. On top "
        f"of that, {lunch} minutes are kept free for lunch after {one} {after}. At what time is the programme over?"
    )

    def solve(v: Voice, told: str, done: str) -> Working:
        breaks = number - 1 if done == "between" else number
        total = number * each + breaks * rest + lunch
        rule = {
            "between": ("a break separates neighbours only", "no break follows at the very end"),
            "every": ("a break belongs to each of them", "the programme closes with a break"),
        }[told]
        return Working(
            task=v.pick(
                f"The {event} has {number} {one}s and a lunch; {v.pick(*rule)}. We want its end.",
                f"We need the end of a {event} with {number} {one}s, where {v.pick(*rule)}.",
            ),
            plan=v.pick("I add up all the minutes and then move the clock on.", "Adding the parts in minutes is the safest way."),
            steps=(
                Step(
                    f"add up the {one}s",
                    f"{one}s: {number} × {each} = {number * each} min",
                    f"{number} {one}s of {each} minutes take {number} × {each} = {number * each} minutes.",
                ),
                Step(
                    "add up the breaks",
                    f"breaks: {breaks} × {rest} = {breaks * rest} min",
                    f"There are {breaks} breaks of {rest} minutes, {breaks} × {rest} = {breaks * rest} minutes.",
                ),
                Step(
                    "add lunch",
                    f"with lunch {number * each} + {breaks * rest} + {lunch} = {total} min",
                    f"Together with lunch the programme takes {number * each} + {breaks * rest} + {lunch} = {total} minutes, or "
                    f"{duration(total)}.",
                ),
                Step(
                    "move the clock on",
                    f"{clock(start)} + {duration(total)} = {clock(start + total)}",
                    f"{clock(start)} plus {duration(total)} is {clock(start + total)}.",
                ),
            ),
            check=v.pick(
                f"From {clock(start)} to {clock(start + total)} it is {duration(total)}; taking off {lunch} minutes of lunch and "
                f"{number * each} minutes of {one}s leaves {breaks * rest} minutes, which is {breaks} breaks.",
                f"Without lunch and breaks the end would be {clock(start + number * each)}. The extra {lunch} + {breaks * rest} = "
                f"{lunch + breaks * rest} minutes move it to {clock(start + total)}.",
            ),
            closing=v.pick("The programme is over at {}.", f"The {event} ends at {{}}."),
            answer=clock(start + total),
        )

    return twin(rng, question, "boundary", solve, true, read)


_LINES = (("bus", "stop"), ("ferry", "pier"), ("tram", "stop"), ("train", "platform"), ("cable car", "lower station"))


def bus(rng: Random) -> Problem:
    """The traveller is there at the very minute of a departure; the premise is whether that is in time."""
    vehicle, place = rng.choice(_LINES)
    name, town = rng.choice(NAMES), rng.choice(TOWNS)
    opening, every = rng.randrange(66, 84) * 5 + rng.choice((0, 1, 2, 3, 4)), rng.choice((12, 14, 16, 17, 18, 22, 24, 25, 35))
    which, walk, ride, foot = rng.randrange(8, 24), rng.randrange(6, 29), rng.randrange(14, 59), rng.randrange(3, 14)
    there = opening + which * every
    true, read = rng.sample(("caught", "missed"), 2)
    asked = {
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
        f"From {clock(opening)} on, a {vehicle} leaves for {town} every {every} minutes. {name} sets out at {clock(there - walk)} "
        f"and needs {walk} minutes to reach the {place}. {rng.choice(asked)}. The ride takes {ride} minutes, and from there it is "
        f"another {foot} minutes on foot. When does {name} arrive?"
    )

    def solve(v: Voice, told: str, done: str) -> Working:
        nth = which if done == "caught" else which + 1
        leave = opening + nth * every
        end = leave + ride + foot
        rule = {
            "caught": ("arriving on the dot is enough", "the exact minute is good enough"),
            "missed": ("arriving on the dot is not enough", "one has to be there before the exact minute"),
        }[told]
        return Working(
            task=v.pick(
                f"We have to find the {vehicle} that {name} takes, where {v.pick(*rule)}, and add the rest of the way.",
                f"The question is which {vehicle} {name} gets; {v.pick(*rule)}.",
            ),
            plan=v.pick(
                "I follow the way step by step on the clock.", f"First the time at the {place}, then the timetable, then the ride."
            ),
            steps=(
                Step(
                    f"find the time at the {place}",
                    f"at the {place}: {clock(there - walk)} + {walk} min = {clock(there)}",
                    f"{name} leaves at {clock(there - walk)}, walks {walk} minutes and is at the {place} at {clock(there)}.",
                ),
                Step(
                    f"find the {vehicle}",
                    f"{vehicle} taken: {clock(opening)} + {nth} × {every} min = {clock(leave)}",
                    f"Departures around that time are {clock(there - every)}, {clock(there)} and {clock(there + every)}. {name} takes "
                    f"the one at {clock(leave)}, which is {nth} × {every} = {nth * every} minutes after {clock(opening)}.",
                ),
                Step(
                    "add the ride and the walk",
                    f"{clock(leave)} + {ride} min + {foot} min = {clock(end)}",
                    f"{ride} minutes of riding lead to {clock(leave + ride)}, and {foot} minutes on foot to {clock(end)}.",
                ),
            ),
            check=v.pick(
                f"From setting out to arriving it takes {duration(end - there + walk)}: {walk} min walking, "
                f"{count(leave - there, 'minute')} waiting, {ride} min riding and {foot} min walking.",
                f"Backwards from {clock(end)}: {foot} and {ride} minutes earlier it is {clock(leave)}, a time in the timetable since "
                f"{leave - opening} minutes are {nth} intervals of {every}.",
            ),
            closing=f"{name} arrives at {{}}.",
            answer=clock(end),
        )

    return twin(rng, question, "boundary", solve, true, read)


def overlap(rng: Random) -> Problem | None:
    a, b = rng.sample(NAMES, 2)
    hours = [rng.randrange(7 * 12, 10 * 12) * 5, rng.randrange(15 * 12, 19 * 12) * 5]
    theirs = [rng.randrange(7 * 12, 11 * 12) * 5, rng.randrange(15 * 12, 20 * 12) * 5]
    zone = rng.choice((60, 90, 120, 150, 180, 210, 240))
    zone_text = f"{zone // 60} hours" if zone % 120 == 0 or zone == 180 else duration(zone)
    zone_text = "one hour" if zone == 60 else zone_text
    ahead = rng.random() < 0.5

    def shared(*, ahead: bool) -> tuple[int, int, int]:
        move = -zone if ahead else zone
        start, end = max(hours[0], theirs[0] + move), min(hours[1], theirs[1] + move)
        return start, end, end - start

    if min(shared(ahead=True)[2], shared(ahead=False)[2]) < 30 or shared(ahead=True)[2] == shared(ahead=False)[2]:
        return None
    relation = rng.choice(
        (f"{b}'s clock is {zone_text} ahead of {a}'s", f"{a}'s clock is {zone_text} behind {b}'s")
        if ahead
        else (f"{b}'s clock is {zone_text} behind {a}'s", f"{a}'s clock is {zone_text} ahead of {b}'s")
    )
    question = (
        f"{a} works from {clock(hours[0])} to {clock(hours[1])} and {b} from {clock(theirs[0])} to {clock(theirs[1])}, each by the "
        f"local clock. {relation}. For how long are both of them at work at the same time on a normal day?"
    )

    def solve(v: Voice, told: bool, done: bool) -> Working:
        move = -zone if done else zone
        moved = (theirs[0] + move, theirs[1] + move)
        start, end, length = shared(ahead=done)
        sign = "-" if done else "+"
        verb = "subtract" if done else "add"
        rule = (
            v.pick(f"it is later where {b} works", f"{a} has the earlier clock")
            if told
            else v.pick(f"it is earlier where {b} works", f"{a} has the later clock")
        )
        return Working(
            task=v.pick(
                f"We compare the two working days on one clock, knowing that {rule}.",
                f"We want the time that the two working days share, and {rule}.",
            ),
            plan=v.pick(f"I write {b}'s hours in {a}'s time and then compare.", f"Everything is put on {a}'s clock first."),
            steps=(
                Step(
                    f"put {b}'s hours on {a}'s clock",
                    f"{b}'s hours {sign} {duration(zone)}: {clock(moved[0])} to {clock(moved[1])} for {a}",
                    f"To get from {b}'s clock to {a}'s we {verb} {duration(zone)}: {clock(theirs[0])} becomes {clock(moved[0])} and "
                    f"{clock(theirs[1])} becomes {clock(moved[1])}.",
                ),
                Step(
                    "find the common part",
                    f"common part: {clock(start)} to {clock(end)}",
                    f"The later of the two beginnings, {clock(hours[0])} and {clock(moved[0])}, is {clock(start)}; the earlier of the "
                    f"two ends, {clock(hours[1])} and {clock(moved[1])}, is {clock(end)}.",
                ),
                Step(
                    "measure it",
                    f"that is {duration(length)}",
                    f"From {clock(start)} to {clock(end)} it is {duration(length)}.",
                ),
            ),
            check=v.pick(
                f"On {b}'s clock the common part runs from {clock(start - move)} to {clock(end - move)}, again {duration(length)}, and "
                f"lies within {clock(theirs[0])} to {clock(theirs[1])}.",
                f"The common part, {clock(start)} to {clock(end)}, lies within {clock(hours[0])} to {clock(hours[1])} as well as within "
                f"{clock(moved[0])} to {clock(moved[1])}.",
            ),
            closing=v.pick("They share {} a day.", "Both are at work for {} at the same time."),
            answer=duration(length),
        )

    return twin(rng, question, "direction", solve, ahead, not ahead)


KINDS = (flight, sessions, bus, overlap)
