"""What adapters share on the way from options and rows to items: messages, the order of responses, and votes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from judgebench.errors import UnknownName
from judgebench.rows import Row, finite_numbers, shown
from judgebench.types import FIRST, SECOND, TIE, Message, Verdict, digest

K = TypeVar("K")
T = TypeVar("T")
Files = Mapping[str, Path]
"""From the role of a card's source to its path."""
Options = Mapping[str, Any]
"""Of a benchmark: the card's, with the user's -B options in place of its defaults."""


def option(options: Mapping[str, Any], name: str, choices: Sequence[str]) -> str:
    """The value of an option; the first choice is the default."""
    value: str = options.get(name, choices[0])
    if value not in choices:
        raise UnknownName(f"value of {name}", str(value), choices)
    return value


def refuse_options(options: Mapping[str, Any], *allowed: str) -> None:
    """UnknownName for an option that is not one of these."""
    if unknown := sorted(set(options) - set(allowed)):
        raise UnknownName("option", unknown[0], allowed)


def placed(name: str, right: T, wrong: T) -> tuple[tuple[T, T], Verdict]:
    """A pair of which upstream always lists the right one first, in the order that it has here, and its gold. The name
    alone decides the order, with even chances, so that no judge is right by naming a slot."""
    if int(digest(name)[0], 16) % 2:
        return (right, wrong), FIRST
    return (wrong, right), SECOND


def shuffled(name: str, count: int) -> list[int]:
    """The numbers 0 to count - 1 in an order that depends on the name alone."""
    return sorted(range(count), key=lambda index: digest([name, index]))


def materials(**texts: str | None) -> dict[str, str]:
    """Those that there are."""
    return {name: text for name, text in texts.items() if text is not None}


def user(*texts: str) -> tuple[Message, ...]:
    return tuple(Message(role="user", content=text) for text in texts)


def conversation(row: Row, column: str) -> tuple[Message, ...]:
    """A text as one user message, or a list of {role, content}."""
    value = row.value(column)
    if isinstance(value, str):
        return user(value)
    turns = [row.within(turn, f"a turn of {column}") for turn in row.sequence(column)]
    if not turns:
        raise row.bad(f"{column} is a text or a list of turns, not an empty list")
    return tuple(Message(role=turn.text("role"), content=turn.text("content")) for turn in turns)


def dialogue(turns: Sequence[Message]) -> str:
    """Turns as one text, each below the name of its role if there are several."""
    return turns[0].content if len(turns) == 1 else "\n\n".join(f"[{turn.role}]\n{turn.content}" for turn in turns)


def majority(votes: Mapping[str, Verdict]) -> Verdict | None:
    """The verdict that most raters chose; None where two verdicts share the lead."""
    ranked = Counter(verdict.scores for verdict in votes.values()).most_common(2)
    return None if len(ranked) == 2 and ranked[0][1] == ranked[1][1] else Verdict(scores=ranked[0][0])


def middle(ratings: Sequence[float]) -> float:
    """The mean; where all ratings are whole, the nearest whole number, halves going up."""
    mean = sum(ratings) / len(ratings)
    return float(int(mean + 0.5)) if mean >= 0 and all(rating == int(rating) for rating in ratings) else mean


def by_item(
    votes: Iterable[Row], key: Callable[[Row], K], vote: Callable[[Row], tuple[str, Verdict]]
) -> dict[K, tuple[Row, dict[str, Verdict]]]:
    """Rows of one vote each, grouped by item: the item's first row, and its votes by rater. Further votes of a rater on
    the same item are kept under the rater's id with #2, #3, ..."""
    items: dict[K, tuple[Row, dict[str, Verdict]]] = {}
    for row in votes:
        _, raters = items.setdefault(key(row), (row, {}))
        (rater, verdict), count = vote(row), 1
        while (name := rater if count == 1 else f"{rater}#{count}") in raters:
            count += 1
        raters[name] = verdict
    return items


def preference(row: Row, column: str) -> Verdict:
    """1 or 2 for the better response, 1.5 or 0 for a draw, as a number."""
    numbers = finite_numbers([row.value(column)], 1)
    verdicts = {1.0: FIRST, 2.0: SECOND, 1.5: TIE, 0.0: TIE}
    if numbers is None or numbers[0] not in verdicts:
        raise row.bad(f"{column} is 1, 2, or 1.5 or 0 for a draw, not {shown(row.value(column))}")
    return verdicts[numbers[0]]
