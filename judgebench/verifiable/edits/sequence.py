"""A sequence of edits to a string or to a list. The slip: one edit is carried out as its sibling (left for right, the
first for the last, before for after)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from random import Random

from judgebench.verifiable.edits import operations
from judgebench.verifiable.edits.operations import Edit
from judgebench.verifiable.lexicon import WORDS
from judgebench.verifiable.writing import Problem, Step, Voice, Working, count


def _run(edits: Sequence[Edit], tokens: Sequence[str]) -> list[list[str]]:
    states = [list(tokens)]
    for edit in edits:
        states.append(operations.apply(edit, states[-1]))
    return states


def _edits(rng: Random, tokens: Sequence[str], fresh: Sequence[str], number: int) -> list[Edit] | None:
    edits: list[Edit] = []
    state = list(tokens)
    kinds = rng.sample(sorted(operations.SIDES), number)
    for kind in kinds:
        edit = operations.draw(rng, kind, state, fresh)
        if edit is None:
            return None
        edits.append(edit)
        state = operations.apply(edit, state)
    return edits


def _sequence(rng: Random, tokens: Sequence[str], fresh: Sequence[str], *, letters: bool) -> Problem | None:
    edits = _edits(rng, tokens, fresh, rng.choice((4, 5, 5, 6)))
    if edits is None:
        return None
    what, singular, plural, glue, quote = (
        ("string", "letter", "letters", "", '"') if letters else ("list", "entry", "entries", ", ", "")
    )
    at = rng.randrange(len(edits))
    sides = [side for side in operations.SIDES[edits[at].kind] if side != edits[at].side]
    sibling = replace(edits[at], side=rng.choice(sides))
    slipped = [*edits[:at], sibling, *edits[at + 1 :]]
    stated = [slipped, edits][rng.randrange(2)]
    right, wrong = _run(edits, tokens), _run(slipped, tokens)
    # Where a state is the same after as before, or both ways end alike, the slip would not show.
    if right[-1] == wrong[-1] or any(a == b for states in (right, wrong) for a, b in pairwise(states)):
        return None
    orders = "\n".join(
        f"({number}) {operations.asked(edit, singular, plural, quote)}" for number, edit in enumerate(edits, 1)
    )
    start = glue.join(tokens)
    question = (
        f"Start with the {what} {quote}{start}{quote} and carry out these steps one after the other, each on the "
        f"result of the one before:\n\n{orders}\n\nWhich {what} do you get?"
    )

    def solve(v: Voice, stated: Sequence[Edit], states: Sequence[Sequence[str]]) -> Working:
        quoted = [v.lit(glue.join(state)) for state in states]
        sizes = [len(state) for state in states]
        moves = [operations.CHANGE.get(edit.kind, 0) for edit in stated]
        steps = [
            Step(
                operations.stated(v, edit),
                f"{operations.stated(v, edit)}: {after}",
                v.pick(f"{before} becomes {after}", f"From {before} we get {after}")
                + f" ({count(size, singular, plural)}).",
                titled=True,
            )
            for edit, before, after, size in zip(stated, quoted, quoted[1:], sizes[1:])
        ]
        change = " + ".join(str(move) for move in moves if move).replace("+ -", "- ") or "0"
        return Working(
            task=v.pick(
                f"We carry out {len(stated)} steps on {quoted[0]}.",
                f"The {what} {quoted[0]} goes through {len(stated)} changes in turn.",
            ),
            plan=v.pick(
                "I write down the result after each of them.", "Each line starts from the result of the line before."
            ),
            steps=tuple(steps),
            check=v.pick(
                f"The {what} starts with {sizes[0]} {plural} and ends with {sizes[-1]}; the steps change the length by "
                f"{change}, which agrees.",
                f"The lengths along the way are {', '.join(str(size) for size in sizes)}, and that fits: only "
                "dropping, putting in and repeating change them.",
            ),
            closing=v.pick(f"The final {what} is {{}}.", "We end up with {}."),
            answer=glue.join(states[-1]),
            literal=True,
        )

    return Problem(
        question,
        "position" if edits[at].kind != "replace" else "premise",
        right=lambda v: solve(v, edits, right),
        wrong=lambda v: solve(v, stated, wrong),
    )


def string(rng: Random) -> Problem | None:
    long_words = [word for word in WORDS if len(word) >= 7]
    drawn = "".join(rng.choice("abcdeghkmnoprstu") for _ in range(rng.randrange(7, 11)))
    word = rng.choice((rng.choice(long_words), drawn))
    return _sequence(rng, list(word), "vwxyzq", letters=True)


_COLOURS = ("amber", "black", "coral", "green", "ivory", "lilac", "olive", "pink", "red", "teal")


def listed(rng: Random) -> Problem | None:
    if rng.random() < 0.5:
        tokens = [str(rng.randrange(1, 10)) for _ in range(rng.randrange(7, 10))]
        return _sequence(rng, tokens, [str(number) for number in range(11, 30)], letters=False)
    tokens = [rng.choice(_COLOURS) for _ in range(rng.randrange(6, 9))]
    return _sequence(rng, tokens, ("white", "grey", "navy", "gold"), letters=False)
