"""A digit in a range of numbers. The premise: whether its occurrences are counted, or the numbers that contain it."""

from __future__ import annotations

from random import Random

from judgebench.verifiable.writing import Problem, Step, Voice, Working, count, series, twin

_DIGIT_GOALS = {
    "written": (
        "a number with two of them counts twice",
        "each single occurrence counts",
    ),
    "containing": (
        "a number with two of them counts like a number with one",
        "each number counts at most once",
    ),
}


def draw(rng: Random) -> Problem | None:
    low = rng.randrange(1, 420)
    high = low + rng.randrange(90, 340)
    digit = rng.randrange(1, 10)
    numbers = range(low, high + 1)
    places = [sum(number // unit % 10 == digit for number in numbers) for unit in (1, 10, 100)]
    written, containing = sum(places), sum(str(digit) in str(number) for number in numbers)
    if written == containing:
        return None
    true, misread = rng.sample(("written", "containing"), 2)
    question = {
        "written": (
            f"All whole numbers from {low} to {high} are written down. How often is the digit {digit} written?",
            (
                f"Someone writes out the numbers {low} to {high}, both included. How many times does the digit "
                f"{digit} get written?"
            ),
        ),
        "containing": (
            f"All whole numbers from {low} to {high} are written down. How many of them contain the digit {digit}?",
            (
                f"Someone writes out the numbers {low} to {high}, both included. How many of these numbers have a "
                f"digit {digit} in them?"
            ),
        ),
    }[true]

    def solve(v: Voice, stated: str, applied: str) -> Working:
        answer = written if applied == "written" else containing
        repeated = [number for number in numbers if str(number).count(str(digit)) > 1]
        goal = v.pick(*_DIGIT_GOALS[stated])
        off = written - containing
        treat = {
            "written": f"Repeats are meant to count here, so the total stays {written}.",
            "containing": f"Repeats are meant to count once here, which takes off {off}: {written} - {off} = {answer}.",
        }[applied]
        blocks = [range(max(low, start), min(high, start + 99) + 1) for start in range(low // 100 * 100, high + 1, 100)]
        shares = [
            sum(min(str(number).count(str(digit)), 9 if applied == "written" else 1) for number in block)
            for block in blocks
        ]
        return Working(
            task=v.pick(
                f"We go through {low} to {high} and look for the digit {digit}; {goal}.",
                f"There are {high - low + 1} numbers to look at for the digit {digit}, and {goal}.",
                f"The digit {digit} has to be tracked through the numbers {low} to {high}.",
                f"We look for the digit {digit} in {high - low + 1} numbers.",
            ),
            plan=v.pick(
                "I count place by place and then deal with numbers that have the digit in two places.",
                "Units, tens and hundreds are counted separately; repeats are dealt with at the end.",
            ),
            steps=(
                Step(
                    "count place by place",
                    f"units {places[0]}, tens {places[1]}, hundreds {places[2]}, sum {written}",
                    v.rows(
                        v.pick(f"Numbers with a {digit}, by place:", f"The digit {digit} stands:"),
                        [
                            f"in the units place: {places[0]}",
                            f"in the tens place: {places[1]}",
                            f"in the hundreds place: {places[2]}",
                        ],
                    )
                    + f"\n\nThe sum is {written}.",
                ),
                Step(
                    "deal with repeats",
                    f"{count(len(repeated), 'number')} with more than one {digit}: {answer}",
                    f"More than one {digit} is found in {series(repeated)}. {treat}",
                ),
            ),
            check=v.pick(
                "Counted by hundreds instead: "
                + "; ".join(f"{block[0]} to {block[-1]}: {share}" for block, share in zip(blocks, shares))
                + f". That is {answer} in all.",
                f"{places[0]} + {places[1]} + {places[2]} = {written} from the places, and with "
                f"{count(len(repeated), 'number')} having repeats treated as above we get {answer}.",
            ),
            closing=v.pick("The number asked for is {}.", "That gives {} in all."),
            answer=str(answer),
        )

    return twin(rng, rng.choice(question), "double_count", solve, true, misread)
