"""What a datasheet says. Shares are fractions."""

from __future__ import annotations

from judgebench.types import Estimate, Record


class Lengths(Record, frozen=True, kw_only=True, omit_defaults=False):
    """In characters, over all texts of a kind."""

    median: float
    mean: float
    longest: int


class Wrong(Record, frozen=True, kw_only=True, omit_defaults=False):
    """The wrong responses of items with a right one: how many there are, how many different texts, and how often the
    commonest; of how many models, and how often the commonest of them, which wrote `author_right` of the right ones."""

    responses: int
    texts: int | None
    top_text: int | None
    authors: int
    top_author: str | None = None
    top_author_share: float | None = None
    author_right: float | None = None


class Datasheet(Record, frozen=True, kw_only=True, omit_defaults=False):
    """`gold` counts what gold says: first, second, ... (the slot of the right response), tie, several, none; or the
    ratings, or the labels. `strategies` are shares of the items with a right response that a judge gets who reads
    nothing, `chance` what a fair coin gets. `duplicates` and `empty` count items."""

    name: str
    kind: str
    """`pairs`, `ratings` or `classes` (one response), or `sets` (anything else)."""
    items: int
    questions: int
    responses: dict[str, int]
    """Items by the number of their responses."""
    gold: dict[str, int]
    subsets: dict[str, int]
    raters: int
    ratings_each: tuple[int, int] | None
    """The fewest and the most on an item that somebody rated."""
    people: dict[str, Estimate]
    strategies: dict[str, Estimate]
    chance: float | None
    lengths: dict[str, Lengths]
    """Of `prompt` and `response`; of `right` and `wrong`."""
    length_gap: Estimate | None
    """Mean of the right response's length minus the wrong ones', in characters."""
    duplicates: dict[str, int]
    empty: dict[str, int]
    wrong: Wrong | None
    warnings: tuple[str, ...] = ()
