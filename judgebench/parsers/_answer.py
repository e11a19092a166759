"""What a parser receives and returns. And a verdict in a JSON object: how it is asked for with -J verdict=json, and how
it is found in an answer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any, NoReturn

MOST = 64
"""Places at which an object might begin that are looked at; a verdict behind them is not read."""
_START = re.compile(r'\{\s{0,256}"')
_SPARE_COMMA = re.compile(r",(?=\s{0,256}[}\]])")


@dataclass(frozen=True)
class Asked:
    """What the prompt asked for: a verdict over how many responses (or steps), ratings on which scale (both ends
    included), or one of which labels. `cut` says that the text ends at the token limit, so that its last word may be
    incomplete; `accepts` is as a prompt's front matter has it."""

    responses: int = 2
    scale: tuple[float, float] | None = None
    cut: bool = False
    labels: tuple[str, ...] = ()
    accepts: tuple[str, ...] = ("answer", "boxed")

    @property
    def numbers(self) -> int:
        """How many a verdict has."""
        return len(self.labels) or self.responses


@dataclass(frozen=True)
class Parsed:
    """Scores in shown order, or None and the reason. `said` is the verdict in the judge's words; where there are no
    scores, it is what stood in the verdict's place, or None where nothing did."""

    scores: tuple[float, ...] | None
    said: str | None = None
    reason: str | None = None


Parser = Callable[[str, Asked], Parsed]


def unread(reason: str, said: str | None = None) -> Parsed:
    return Parsed(None, said, reason)


def chosen(slot: int, asked: Asked, said: str) -> Parsed:
    """The response in that slot is the best one, or the label in that place is the right one."""
    return Parsed(tuple(float(index == slot) for index in range(asked.numbers)), said)


def tied(asked: Asked, said: str) -> Parsed:
    return Parsed((1 / asked.responses,) * asked.responses, said)


@dataclass(frozen=True)
class Field:
    """What stands for the verdict: its key, the JSON schema of its value, and the same in words for the prompt."""

    key: str
    schema: Mapping[str, Any]
    words: str


def field(parser: str, asked: Asked, *, tie: bool = True) -> Field | None:
    """For what a parser reads; None where it reads no form of which this is known."""
    low, high = asked.scale or (0.0, 1.0)
    number, words = {"type": "number", "minimum": low, "maximum": high}, f"a number from {low:g} to {high:g}"
    pair = {"type": "array", "items": number, "minItems": 2, "maxItems": 2}
    each: dict[str, Any] = {"type": "array", "items": {"type": "string", "enum": ["right", "wrong"]}}
    ties = (["tie"], ["A=B"]) if tie else ([], [])
    rating, graded = Field("rating", number, words), _choice("verdict", ["A>>B", "A>B", *ties[1], "B>A", "B>>A"])
    return {
        "verdict": _choice("verdict", [*ascii_uppercase[: asked.responses], *ties[0]]),
        "five-way": graded,
        "label": _choice("label", asked.labels),
        "rating": rating,
        "two-scores": Field("scores", pair, f"[{words}, {words}]"),
        "error-step": Field("first_wrong_step", {"type": "integer", "minimum": 0}, "the number of that step, or 0"),
        "steps": Field("steps", each, '["right" or "wrong", for each step in turn]'),
        "ranking": Field(
            "ranking", {"type": "string"}, '"the letters from the best to the worst, > or = between them"'
        ),
        "judgerbench-b": rating if asked.responses == 1 else graded,
    }.get(parser)


def _choice(key: str, options: Sequence[str]) -> Field:
    return Field(key, {"type": "string", "enum": list(options)}, " or ".join(map(json.dumps, options)))


def value_in(text: str, key: str) -> tuple[str, str]:
    """What that key has in the objects of a text, as a text of its own, and what follows the last of them. LookupError
    where no object has it; ValueError says why it cannot be told what it has."""
    text = _SPARE_COMMA.sub("", text)
    values, between, end = [], [], 0
    for start in [match.start() for match in _START.finditer(text)][:MOST]:
        if start < end:
            continue
        try:
            made, stop = _DECODER.raw_decode(text, start)
        except json.JSONDecodeError:  # braces of another kind, unless the key stands behind them
            continue
        except RecursionError:
            raise ValueError("the JSON object is nested too deeply") from None
        between.append(text[end:start])
        end = stop
        if key in made:
            values.append(made[key])
    rest = text[end:]
    if re.search(rf'"{key}"\s{{0,256}}:', "\n".join((*between, rest))):
        raise ValueError(f"a JSON object with {key} cannot be read")
    if not values:
        raise LookupError(f"no JSON object with {key} found")
    if any(value != values[0] for value in values):
        raise ValueError(f"JSON objects with different {key}: {' and '.join(map(repr, values[:3]))}")
    parts = values[0] if isinstance(values[0], list) else [values[0]]
    if not parts or not all(isinstance(part, str) for part in parts):
        raise ValueError(f"{key} is neither a text, a number nor a list of them")
    by_line = key == "steps"  # whose parser reads a line for each
    lines = (f"Step {number}: {part}\n" for number, part in enumerate(parts, 1))
    return "".join(lines) if by_line else " ".join(parts), rest


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a JSON object has a key twice")
    return made


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} in a JSON object is no number")


# Numbers stay as they are written: the prompt's parser reads them.
_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_no_number, parse_int=str, parse_float=str)
