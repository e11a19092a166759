"""The single edits: what they do, and the words for them in a question and in a response."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from judgebench.verifiable.lexicon import ORDINALS
from judgebench.verifiable.writing import Voice


@dataclass(frozen=True)
class Edit:
    """An edit. Its siblings differ from it in `side` alone; `at` is a position, from 1, or a number of entries."""

    kind: str
    side: str
    at: int = 1
    old: str = ""
    new: str = ""


SIDES = {
    "rotate": ("left", "right"),
    "delete": ("front", "back"),
    "replace": ("first", "last", "every"),
    "insert": ("before", "after"),
    "reverse": ("first", "last"),
    "double": ("front", "back"),
    "swap": ("front", "back"),
}
CHANGE = {"delete": -1, "insert": 1, "double": 1}


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
        result = (
            result[:at][::-1] + result[at:] if edit.side == "first" else result[: size - at] + result[size - at :][::-1]
        )
    elif edit.kind == "double":
        result.insert(place, result[place])
    else:
        neighbour = place + 1 if edit.side == "front" else place - 1
        result[place], result[neighbour] = result[neighbour], result[place]
    return result


def _replaced(edit: Edit, tokens: list[str]) -> list[str]:
    places = [at for at, token in enumerate(tokens) if token == edit.old]
    chosen = {"first": places[:1], "last": places[-1:], "every": places}[edit.side]
    return [edit.new if at in chosen else token for at, token in enumerate(tokens)]


def draw(rng: Random, kind: str, tokens: Sequence[str], fresh: Sequence[str]) -> Edit | None:
    size, side = len(tokens), rng.choice(SIDES[kind])
    if kind == "replace":
        repeated = sorted({token for token in tokens if tokens.count(token) > 1})
        return Edit(kind, side, old=rng.choice(repeated), new=rng.choice(fresh)) if repeated else None
    if kind == "reverse":
        return Edit(kind, side, at=rng.randrange(3, size - 1))
    if kind == "rotate":
        return Edit(kind, side, at=rng.randrange(2, 4))
    return Edit(kind, side, at=rng.randrange(2, size - 2), new=rng.choice(fresh) if kind == "insert" else "")


def asked(edit: Edit, singular: str, plural: str, quote: str) -> str:
    nth = ORDINALS[edit.at - 1]
    old, new = f"{quote}{edit.old}{quote}", f"{quote}{edit.new}{quote}"
    return {
        ("rotate", "left"): f"Move the first {edit.at} {plural} to the end, keeping their order.",
        ("rotate", "right"): f"Move the last {edit.at} {plural} to the beginning, keeping their order.",
        ("delete", "front"): f"Delete the {nth} {singular}, counted from the left.",
        ("delete", "back"): f"Delete the {nth} {singular}, counted from the right.",
        ("replace", "first"): f"Replace the first {old} by {new}.",
        ("replace", "last"): f"Replace the last {old} by {new}.",
        ("replace", "every"): f"Replace each {old} by {new}.",
        ("insert", "before"): f"Insert {new} directly before the {nth} {singular}.",
        ("insert", "after"): f"Insert {new} directly after the {nth} {singular}.",
        ("reverse", "first"): f"Reverse the order of the first {edit.at} {plural}.",
        ("reverse", "last"): f"Reverse the order of the last {edit.at} {plural}.",
        ("double", "front"): f"Write the {nth} {singular} from the left twice in a row.",
        ("double", "back"): f"Write the {nth} {singular} from the right twice in a row.",
        ("swap", "front"): f"Swap the {nth} {singular} from the left with its right neighbour.",
        ("swap", "back"): f"Swap the {nth} {singular} from the right with its left neighbour.",
    }[edit.kind, edit.side]


def stated(v: Voice, edit: Edit) -> str:
    """The edit in the shorter words of a response."""
    n, old, new = edit.at, v.lit(edit.old), v.lit(edit.new)
    return {
        ("rotate", "left"): f"take {n} from the front to the back",
        ("rotate", "right"): f"take {n} from the back to the front",
        ("delete", "front"): f"drop number {n} from the front",
        ("delete", "back"): f"drop number {n} from the back",
        ("replace", "first"): f"turn the leftmost {old} into {new}",
        ("replace", "last"): f"turn the rightmost {old} into {new}",
        ("replace", "every"): f"turn all of the {old} into {new}",
        ("insert", "before"): f"put {new} in front of number {n}",
        ("insert", "after"): f"put {new} behind number {n}",
        ("reverse", "first"): f"turn the front {n} round",
        ("reverse", "last"): f"turn the back {n} round",
        ("double", "front"): f"repeat number {n} from the front",
        ("double", "back"): f"repeat number {n} from the back",
        ("swap", "front"): f"exchange numbers {n} and {n + 1} from the front",
        ("swap", "back"): f"exchange numbers {n} and {n + 1} from the back",
    }[edit.kind, edit.side]
