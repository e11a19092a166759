"""Putting things in order where ties need a rule: a league table, runners, shared places, a shelf of words."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from judgebench.adapters.verifiable.lexicon import WORDS
from judgebench.adapters.verifiable.writing import NAMES, Problem, Step, Voice, Working, series, slip, twin

_TEAMS = ("Ash", "Birch", "Cedar", "Elm", "Fir", "Hazel", "Juniper", "Larch", "Maple", "Oak", "Pine", "Rowan", "Willow", "Yew")
_MEASURES = (("goal difference", "number of wins"), ("number of goals", "number of wins"), ("fairness score", "goal difference"))
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def _groups(values: Sequence[int]) -> list[tuple[int, list[int]]]:
    """Indices by value, the highest value first; the order within a group is that of the question."""
    return [(value, [at for at, one in enumerate(values) if one == value]) for value in sorted(set(values), reverse=True)]


def league(rng: Random) -> Problem | None:
    """The premise: which of two tie-breakers comes first."""
    teams = rng.sample(_TEAMS, rng.choice((6, 7)))
    levels = rng.sample(range(11, 35), 3)
    points = [rng.choice(levels) for _ in teams]
    measures = rng.choice(_MEASURES)
    extra = ([rng.randrange(3, 14) for _ in teams], [rng.randrange(3, 14) for _ in teams])
    true, read = rng.sample((0, 1), 2)

    def ranked(first: int) -> list[int]:
        return sorted(range(len(teams)), key=lambda at: (points[at], extra[first][at], extra[1 - first][at]), reverse=True)

    keys = {(points[at], extra[0][at], extra[1][at]) for at in range(len(teams))}
    differ = [at for at, (one, other) in enumerate(zip(ranked(0), ranked(1))) if one != other]
    if len(keys) < len(teams) or not differ:
        return None
    place = rng.choice(differ) if rng.random() < 0.5 else None
    asked = (
        f"ties are broken by the {measures[true]}, and if that is equal too, by the {measures[1 - true]}",
        f"among teams with equal points the {measures[true]} decides, and only then the {measures[1 - true]}",
    )
    listing = "\n".join(
        f"{team}: {points[at]} points, {measures[0]} {extra[0][at]}, {measures[1]} {extra[1][at]}" for at, team in enumerate(teams)
    )
    wanted = "List all teams from first to last." if place is None else f"Which team comes {_ORDINALS[place]}?"
    question = (
        f"{len(teams)} teams finished a season with these results:\n\n{listing}\n\nMore points are better; {rng.choice(asked)}. In "
        f"both of these a higher number is better. {wanted}"
    )

    def solve(v: Voice, told: int, done: int) -> Working:
        order = ranked(done)
        names = [teams[at] for at in order]
        tied = [(value, sorted(group, key=order.index)) for value, group in _groups(points)]
        lines = [
            f"{value} points: {teams[group[0]]} alone"
            if len(group) == 1
            else f"{value} points: "
            + ", ".join(f"{teams[at]} ({measures[done]} {extra[done][at]}, {measures[1 - done]} {extra[1 - done][at]})" for at in group)
            for value, group in tied
        ]
        blocks = "; ".join(f"{value}: {', '.join(teams[at] for at in group)}" for value, group in _groups(points))
        answer = ", ".join(names) if place is None else names[place]
        rule = v.pick(
            f"equal points are settled by the {measures[told]} before anything else",
            f"the {measures[told]} is the first thing to look at when points are equal",
        )
        return Working(
            task=v.pick(
                f"The table is ordered by points, and {rule}.", f"We need the final order of {len(teams)} teams; {rule}."
            ),
            plan=v.pick(
                "I form the groups with equal points and then order each of them.",
                "Points come first, and then every tie is looked at separately.",
            ),
            steps=(
                Step(
                    "group the teams by points",
                    f"by points: {blocks}",
                    f"Sorted by points alone, the groups are: {blocks}.",
                ),
                Step(
                    "settle the ties",
                    "with the ties settled: " + "; ".join(", ".join(teams[at] for at in group) for _, group in tied),
                    v.rows("Inside the groups the order is:", lines),
                ),
                *(
                    ()
                    if place is None
                    else (
                        Step(
                            "read off the place",
                            f"{_ORDINALS[place]} is {names[place]}",
                            f"The whole order is {', '.join(names)}, so {_ORDINALS[place]} is {names[place]}.",
                        ),
                    )
                ),
            ),
            check=v.pick(
                f"Read from the bottom, the order is {', '.join(reversed(names))}, and the points never fall on the way up.",
                f"All {len(teams)} teams appear once, with points {', '.join(str(points[at]) for at in order)} from top to bottom.",
            ),
            closing="The order is {}." if place is None else f"{{}} comes {_ORDINALS[place]}.",
            answer=answer,
        )

    return twin(rng, question, "tie_rule", solve, true, read)


def runners(rng: Random) -> Problem | None:
    """The premise: equal times favour the older or the younger runner."""
    names = rng.sample(NAMES, rng.choice((6, 7, 8)))
    pool = rng.sample(range(1185, 1300), len(names) - rng.choice((2, 3)))
    times = [*pool, *(rng.choice(pool) for _ in range(len(names) - len(pool)))]
    rng.shuffle(times)
    ages = rng.sample(range(17, 60), len(names))
    true, read = rng.sample((1, -1), 2)

    def ranked(sign: int) -> list[int]:
        return sorted(range(len(names)), key=lambda at: (times[at], sign * ages[at]))

    differ = [at for at, (one, other) in enumerate(zip(ranked(1), ranked(-1))) if one != other]
    place = rng.choice(differ) if rng.random() < 0.5 else None
    asked = {
        1: ("the younger runner is placed ahead", "the younger of them gets the better place"),
        -1: ("the older runner is placed ahead", "the older of them gets the better place"),
    }[true]
    listing = "\n".join(f"{name}, aged {ages[at]}: {times[at] // 60} min {times[at] % 60:02d} s" for at, name in enumerate(names))
    wanted = (
        "Give the full order from first to last." if place is None else f"Who is in {_ORDINALS[place]} place?"
    )
    question = (
        f"These are the times of a five-kilometre run:\n\n{listing}\n\nThe shorter time wins. Where times are equal, "
        f"{rng.choice(asked)}. {wanted}"
    )

    def solve(v: Voice, told: int, done: int) -> Working:
        order = ranked(done)
        full = [names[at] for at in order]
        equal = sorted({time for time in times if times.count(time) > 1})
        ties = [
            f"{time // 60}:{time % 60:02d}: " + ", then ".join(f"{names[at]} ({ages[at]})" for at in order if times[at] == time)
            for time in equal
        ]
        rule = {
            1: ("age counts against a runner when times are equal", "with equal times, fewer years are better"),
            -1: ("age counts in a runner's favour when times are equal", "with equal times, more years are better"),
        }[told]
        listed = ", ".join(f"{names[at]} {times[at] // 60}:{times[at] % 60:02d}" for at in order)
        return Working(
            task=v.pick(
                f"We order {len(names)} runners by time; {v.pick(*rule)}.", f"The times decide first, and {v.pick(*rule)}."
            ),
            plan=v.pick("I look for equal times, settle them, and write down the list.", "Ties come first, then the full list."),
            steps=(
                Step(
                    "settle the equal times",
                    "equal times: " + "; ".join(ties),
                    v.rows(v.pick("These times occur more than once, with the order that follows:", "The ties, in order:"), ties),
                ),
                Step("write down the order", f"order: {listed}", f"Merging this with the other times, we get {listed}."),
                *(
                    ()
                    if place is None
                    else (
                        Step(
                            "find the place",
                            f"{full[place]} is {_ORDINALS[place]}",
                            f"Counting from the front, {_ORDINALS[place]} place goes to {full[place]}.",
                        ),
                    )
                ),
            ),
            check=v.pick(
                f"The list has {len(names)} names, nobody twice, and the times in it never get shorter.",
                f"From the winner {full[0]} to {full[-1]} the times only stay equal or grow, and all {len(names)} runners are there.",
            ),
            closing="The order is {}." if place is None else f"{{}} is in {_ORDINALS[place]} place.",
            answer=", ".join(full) if place is None else full[place],
        )

    return twin(rng, question, "tie_rule", solve, true, read)


_CONTESTS = (("quiz", "points"), ("archery contest", "rings"), ("dance competition", "marks"), ("chess tournament", "points"))


def places(rng: Random) -> Problem | None:
    """The premise: after a shared place the next places are left out, or not."""
    contest, unit = rng.choice(_CONTESTS)
    names = rng.sample(NAMES, rng.choice((8, 9, 10)))
    pool = rng.sample(range(41, 98), len(names) - rng.choice((3, 4)))
    scores = [*pool, *(rng.choice(pool) for _ in range(len(names) - len(pool)))]
    rng.shuffle(scores)
    true, read = rng.sample(("skip", "dense"), 2)

    def place(at: int, rule: str) -> int:
        better = [score for score in scores if score > scores[at]]
        return 1 + (len(better) if rule == "skip" else len(set(better)))

    differ = [at for at in range(len(names)) if place(at, "skip") != place(at, "dense")]
    if not differ:
        return None
    who = rng.choice(differ)
    asked = {
        "skip": (
            "the places that would follow are left out, so two in first place are followed by third place",
            "as many places are skipped as there are extra people on the shared one (1, 2, 2, 4)",
        ),
        "dense": (
            "no place is left out, so two in first place are followed by second place",
            "the next result simply gets the next number (1, 2, 2, 3)",
        ),
    }[true]
    question = (
        f"Results of a {contest}: "
        + ", ".join(f"{name} {scores[at]}" for at, name in enumerate(names))
        + f". More {unit} are better. Equal results share a place, and after a shared place {rng.choice(asked)}. Which place does "
        f"{names[who]} get?"
    )

    def solve(v: Voice, told: str, done: str) -> Working:
        better = sorted((at for at in range(len(names)) if scores[at] > scores[who]), key=lambda at: -scores[at])
        ahead = sorted({scores[at] for at in better}, reverse=True)
        answer = place(who, done)
        number = {
            "skip": f"{len(better)} people are ahead",
            "dense": f"{len(ahead)} different results are ahead",
        }[done]
        rule = {
            "skip": ("a tie uses up several places", "everyone ahead takes up a place"),
            "dense": ("a tie uses up a single place", "every result ahead takes up one place"),
        }[told]
        listed = ", ".join(f"{names[at]} {scores[at]}" for at in better)
        return Working(
            task=v.pick(
                f"{names[who]} has {scores[who]} {unit}; we need the place, where {v.pick(*rule)}.",
                f"We look for the place of {names[who]} with {scores[who]} {unit}, and {v.pick(*rule)}.",
            ),
            plan=v.pick(f"I list everyone above {scores[who]} and count.", "Only the better results matter, so I collect those."),
            steps=(
                Step(
                    "collect the better results",
                    f"ahead of {names[who]}: {listed}",
                    f"More than {scores[who]} {unit} have: {listed}.",
                ),
                Step(
                    "count what is ahead",
                    number,
                    v.pick(
                        f"These are {len(better)} people with {len(ahead)} different results ({series(ahead)}). For the place it "
                        f"matters that {number}.",
                        f"Their results are {series(ahead)}, and we note that {number}.",
                    ),
                ),
                Step("add one", f"{answer - 1} + 1 = {answer}", f"The place is one more than that: {answer - 1} + 1 = {answer}."),
            ),
            check=v.pick(
                f"From the top, the results run {', '.join(str(scores[at]) for at in better)}, and then {scores[who]} in place {answer}.",
                f"Going down from first place with {max(scores)} {unit}, one reaches {scores[who]} at place {answer}.",
            ),
            closing=f"{names[who]} gets place {{}}.",
            answer=str(answer),
        )

    return twin(rng, question, "tie_rule", solve, true, read)


def shelf(rng: Random) -> Problem | None:
    """The premise: words of equal length go from A to Z or from Z to A. Or two neighbours end up the wrong way round."""
    words = rng.sample(WORDS, rng.choice((7, 8, 9)))
    if len({len(word) for word in words}) > len(words) - 3:
        return None
    true, read = rng.sample((False, True), 2)
    by_length = rng.choice((1, -1))

    def ordered(backwards: bool) -> list[str]:
        alphabetical = sorted(words, reverse=backwards)
        return sorted(alphabetical, key=lambda word: by_length * len(word))

    asked = {
        False: ("words of the same length go in alphabetical order", "words of equal length are ordered from A to Z"),
        True: ("words of the same length go in reverse alphabetical order", "words of equal length are ordered from Z to A"),
    }[true]
    lengths = "shorter words come before longer ones" if by_length == 1 else "longer words come before shorter ones"
    question = (
        f"Put these words in order: {', '.join(words)}. The rule is that {lengths}, and {rng.choice(asked)}. What is the resulting "
        "list?"
    )

    def solve(v: Voice, told: bool, done: tuple[bool, int | None]) -> Working:
        result = ordered(done[0])
        if done[1] is not None:
            result[done[1] : done[1] + 2] = reversed(result[done[1] : done[1] + 2])
        sizes = list(dict.fromkeys(len(word) for word in result))
        groups = [(size, [word for word in result if len(word) == size]) for size in sizes]
        rule = {
            False: ("ties are resolved as in a dictionary", "within a length the dictionary order holds"),
            True: ("ties are resolved against the dictionary", "within a length the dictionary order is turned round"),
        }[told]
        return Working(
            task=v.pick(f"We sort {len(words)} words by length, and {v.pick(*rule)}.", f"Length decides first; {v.pick(*rule)}."),
            plan=v.pick("I collect the words of each length and order them.", "Grouping by length makes this easy."),
            steps=(
                Step(
                    "group by length",
                    "; ".join(f"{size} letters: {', '.join(group)}" for size, group in groups),
                    v.rows(
                        "Ordered within each length, the groups are:",
                        [f"{size} letters: {', '.join(group)}" for size, group in groups],
                    ),
                ),
                Step(
                    "join the groups",
                    f"{len(result)} words in all, from {result[0]} to {result[-1]}",
                    f"One after the other they form the list, which starts with {result[0]} and ends with {result[-1]}.",
                ),
            ),
            check=v.pick(
                f"The lengths along the list are {', '.join(str(len(word)) for word in result)}, as the rule wants it, and there are "
                f"{len(words)} words as in the question.",
                f"{' + '.join(str(len(group)) for _, group in groups)} = {len(words)} words, so none is missing.",
            ),
            closing="The list is {}.",
            answer=", ".join(result),
        )

    if rng.random() < 0.5:
        told = rng.choice((true, read))
        return Problem(
            question,
            "tie_rule",
            right=lambda v: solve(v, true, (true, None)),
            wrong=lambda v: solve(v, told, (read, None)),
        )
    right = ordered(true)
    pairs = [at for at in range(len(right) - 1) if len(right[at]) == len(right[at + 1])]
    at = rng.choice(pairs)
    return slip(question, "misplaced", lambda v, made: solve(v, true, (true, made)), None, at)


KINDS = (league, runners, places, shelf)
