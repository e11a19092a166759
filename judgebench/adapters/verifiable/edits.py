"""A sequence of edits to a string or to a list. The slip: one edit is carried out as its sibling (left for right, the
first for the last, before for after)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from judgebench.adapters.verifiable.lexicon import WORDS
from judgebench.adapters.verifiable.writing import Problem, Step, Voice, Working, cap, count

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


@dataclass(frozen=True)
class Edit:
    """`side` is what its siblings differ in; `at` is a position or a number, counted from 1."""

    kind: str
    side: str
    at: int = 1
    old: str = ""
    new: str = ""


_SIDES = {
    "rotate": ("left", "right"),
    "delete": ("front", "back"),
    "replace": ("first", "last", "every"),
    "insert": ("before", "after"),
    "reverse": ("first", "last"),
    "double": ("front", "back"),
    "swap": ("front", "back"),
}
_CHANGE = {"delete": -1, "insert": 1, "double": 1}


def apply(edit: Edit, tokens: Sequence[str]) -> list[str]:
    size, at = len(tokens), edit.at
    place = at - 1 if edit.side in ("front", "before", "after", "first", "left") else size - at
    result = list(tokens)
    if edit.kind == "rotate":
        cut = at if edit.side == "left" else size - at
        result = result[cut:] + result[:cut]
    elif edit.kind == "delete":
        del result[place]
    elif edit.kind == "replace":
        result = _replaced(edit, result)
    elif edit.kind == "insert":
        result.insert(at - 1 if edit.side == "before" else at, edit.new)
    elif edit.kind == "reverse":
        result = result[:at][::-1] + result[at:] if edit.side == "first" else result[: size - at] + result[size - at :][::-1]
    elif edit.kind == "double":
        result.insert(place, result[place])
    else:
        other = place + 1 if edit.side == "front" else place - 1
        result[place], result[other] = result[other], result[place]
    return result


def _replaced(edit: Edit, tokens: list[str]) -> list[str]:
    places = [at for at, token in enumerate(tokens) if token == edit.old]
    chosen = {"first": places[:1], "last": places[-1:], "every": places}[edit.side]
    return [edit.new if at in chosen else token for at, token in enumerate(tokens)]


def _draw(rng: Random, kind: str, tokens: Sequence[str], fresh: Sequence[str]) -> Edit | None:
    size, side = len(tokens), rng.choice(_SIDES[kind])
    if kind == "replace":
        repeated = sorted({token for token in tokens if tokens.count(token) > 1})
        return Edit(kind, side, old=rng.choice(repeated), new=rng.choice(fresh)) if repeated else None
    if kind == "reverse":
        return Edit(kind, side, at=rng.randrange(3, size - 1))
    if kind == "rotate":
        return Edit(kind, side, at=rng.randrange(2, 4))
    return Edit(kind, side, at=rng.randrange(2, size - 2), new=rng.choice(fresh) if kind == "insert" else "")


def _asked(edit: Edit, one: str, quote: str) -> str:
    nth = _ORDINALS[edit.at - 1]
    old, new = f"{quote}{edit.old}{quote}", f"{quote}{edit.new}{quote}"
    return {
        ("rotate", "left"): f"Move the first {edit.at} {one}s to the end, keeping their order.",
        ("rotate", "right"): f"Move the last {edit.at} {one}s to the beginning, keeping their order.",
        ("delete", "front"): f"Delete the {nth} {one}, counted from the left.",
        ("delete", "back"): f"Delete the {nth} {one}, counted from the right.",
        ("replace", "first"): f"Replace the first {old} by {new}.",
        ("replace", "last"): f"Replace the last {old} by {new}.",
        ("replace", "every"): f"Replace each {old} by {new}.",
        ("insert", "before"): f"Insert {new} directly before the {nth} {one}.",
        ("insert", "after"): f"Insert {new} directly after the {nth} {one}.",
        ("reverse", "first"): f"Reverse the order of the first {edit.at} {one}s.",
        ("reverse", "last"): f"Reverse the order of the last {edit.at} {one}s.",
        ("double", "front"): f"Write the {nth} {one} from the left twice in a row.",
        ("double", "back"): f"Write the {nth} {one} from the right twice in a row.",
        ("swap", "front"): f"Swap the {nth} {one} from the left with its right neighbour.",
        ("swap", "back"): f"Swap the {nth} {one} from the right with its left neighbour.",
    }[edit.kind, edit.side]


def _told(v: Voice, edit: Edit) -> str:
    """The same in the response's words, shorter."""
    n, old, new = edit.at, v.lit(edit.old), v.lit(edit.new)
    return {
        ("rotate", "left"): f"front {n} to the back",
        ("rotate", "right"): f"back {n} to the front",
        ("delete", "front"): f"number {n} from the front removed",
        ("delete", "back"): f"number {n} from the back removed",
        ("replace", "first"): f"foremost {old} turned into {new}",
        ("replace", "last"): f"hindmost {old} turned into {new}",
        ("replace", "every"): f"all {old} turned into {new}",
        ("insert", "before"): f"{new} put in front of number {n}",
        ("insert", "after"): f"{new} put behind number {n}",
        ("reverse", "first"): f"front {n} turned round",
        ("reverse", "last"): f"back {n} turned round",
        ("double", "front"): f"number {n} from the front doubled",
        ("double", "back"): f"number {n} from the back doubled",
        ("swap", "front"): f"numbers {n} and {n + 1} from the front exchanged",
        ("swap", "back"): f"numbers {n} and {n + 1} from the back exchanged",
    }[edit.kind, edit.side]


def _run(edits: Sequence[Edit], tokens: Sequence[str]) -> list[list[str]]:
    states = [list(tokens)]
    for edit in edits:
        states.append(apply(edit, states[-1]))
    return states


def _edits(rng: Random, tokens: Sequence[str], fresh: Sequence[str], number: int) -> list[Edit] | None:
    edits: list[Edit] = []
    state = list(tokens)
    kinds = rng.sample(sorted(_SIDES), number)
    for kind in kinds:
        edit = _draw(rng, kind, state, fresh)
        if edit is None:
            return None
        edits.append(edit)
        state = apply(edit, state)
    return edits


def _problem(rng: Random, tokens: Sequence[str], fresh: Sequence[str], *, letters: bool) -> Problem | None:
    edits = _edits(rng, tokens, fresh, rng.choice((4, 5, 5, 6)))
    if edits is None:
        return None
    one, glue, quote = ("letter", "", '"') if letters else ("entry", ", ", "")
    what = "string" if letters else "list"
    at = rng.randrange(len(edits))
    sides = [side for side in _SIDES[edits[at].kind] if side != edits[at].side]
    sibling = replace(edits[at], side=rng.choice(sides))
    slipped = [*edits[:at], sibling, *edits[at + 1 :]]
    told = [slipped, edits][rng.randrange(2)]
    right, wrong = _run(edits, tokens), _run(slipped, tokens)
    # Where a state is the same after as before, or both ways end alike, the slip would not show.
    if right[-1] == wrong[-1] or any(a == b for states in (right, wrong) for a, b in zip(states, states[1:])):
        return None
    orders = "\n".join(f"({number}) {_asked(edit, one, quote)}" for number, edit in enumerate(edits, 1)).replace("entrys", "entries")
    start = glue.join(tokens)
    question = (
        f'Start with the {what} {quote}{start}{quote} and carry out these steps one after the other, each on the result of the one '
        f"before:\n\n{orders}\n\nWhich {what} do you get?"
    )

    def solve(v: Voice, told: Sequence[Edit], states: Sequence[Sequence[str]]) -> Working:
        shown = [v.lit(glue.join(state)) for state in states]
        sizes = [len(state) for state in states]
        moves = [_CHANGE.get(edit.kind, 0) for edit in told]
        steps = [
            Step(
                f"carry out number {number}",
                f"({number}) {_told(v, edit)}: {after}",
                f"{cap(_told(v, edit))}: {before} becomes {after}, with {count(size, one).replace('entrys', 'entries')}.",
            )
            for number, (edit, before, after, size) in enumerate(zip(told, shown, shown[1:], sizes[1:]), 1)
        ]
        change = " + ".join(str(move) for move in moves if move).replace("+ -", "- ") or "0"
        return Working(
            task=v.pick(
                f"We carry out {len(told)} steps on {shown[0]}.", f"The {what} {shown[0]} goes through {len(told)} changes in turn."
            ),
            plan=v.pick("I write down the result after each of them.", "Each line starts from the result of the line before."),
            steps=tuple(steps),
            check=v.pick(
                f"The {what} starts with {sizes[0]} {one}s and ends with {sizes[-1]}; the steps change the length by {change}, which "
                "agrees.",
                f"The way runs {', '.join(shown)}, and the lengths along it are {', '.join(str(size) for size in sizes)}, as the kinds of "
                "step require.",
            ).replace("entrys", "entries"),
            closing=v.pick(f"The final {what} is {{}}.", f"We end up with {{}}."),
            answer=glue.join(states[-1]),
            literal=True,
        )

    return Problem(
        question,
        "position" if edits[at].kind != "replace" else "premise",
        right=lambda v: solve(v, edits, right),
        wrong=lambda v: solve(v, told, wrong),
    )


def string(rng: Random) -> Problem | None:
    long_words = [word for word in WORDS if len(word) >= 7]
    drawn = "".join(rng.choice("abcdeghkmnoprstu") for _ in range(rng.randrange(7, 11)))
    word = rng.choice((rng.choice(long_words), drawn))
    return _problem(rng, list(word), "vwxyzq", letters=True)


_COLOURS = ("amber", "black", "coral", "green", "ivory", "lilac", "olive", "pink", "red", "teal")


def listed(rng: Random) -> Problem | None:
    if rng.random() < 0.5:
        tokens = [str(rng.randrange(1, 10)) for _ in range(rng.randrange(7, 10))]
        return _problem(rng, tokens, [str(number) for number in range(11, 30)], letters=False)
    tokens = [rng.choice(_COLOURS) for _ in range(rng.randrange(6, 9))]
    return _problem(rng, tokens, ("white", "grey", "navy", "gold"), letters=False)


KINDS = (string, listed)
