"""What a datasheet says, shares as fractions; and what of it should worry its reader, and what to do about that."""

from __future__ import annotations

from collections.abc import Iterator

from judgebench.score import FEW_CLUSTERS
from judgebench.score.estimates import covers, reaches
from judgebench.stats.rounding import above
from judgebench.types import Estimate, Record

LOPSIDED, TIES, NO_GOLD = 0.6, 0.3, 0.05
FEW_TEXTS, COMMON_TEXT, COMMON_AUTHOR = 0.5, 0.05, 0.8
POOR_ALPHA, TENTATIVE = 0.4, 0.667
"""Below the first people themselves agree little, where the interval does not reach the second: Krippendorff's least
for tentative conclusions."""


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


def warnings_of(sheet: Datasheet) -> Iterator[str]:
    yield from _gold(sheet)
    yield from _cheap(sheet)
    yield from _wrong(sheet)
    yield from _texts(sheet)
    yield from _people(sheet)
    if sheet.questions < FEW_CLUSTERS:
        yield f"only {sheet.questions} different questions: intervals will be wide; add questions, not answers"
    elif sheet.questions < sheet.items / 2:
        yield (
            f"{sheet.items:,} items come from {sheet.questions:,} questions: intervals go by questions, so more "
            "answers to the same ones narrow them little"
        )


def _gold(sheet: Datasheet) -> Iterator[str]:
    none, ties = sheet.gold.get("none", 0), sheet.gold.get("tie", 0)
    if above(none, NO_GOLD * sheet.items):
        yield f"{none:,} of {sheet.items:,} items have no gold label: nothing that needs one counts them"
    if above(ties, TIES * sheet.items):
        yield (
            f"{ties:,} of {sheet.items:,} pairs are ties: a judge that never ties scores at most "
            f"{1 - ties / sheet.items:.0%}; look at `without_ties` as well"
        )
    golds = [what for what in sheet.gold if what != "none"]
    if sheet.items > 1 and len(golds) == 1:
        yield f"every gold label is {golds[0]!r}: a judge that always says so is right every time"


def _cheap(sheet: Datasheet) -> Iterator[str]:
    chance = sheet.chance or 0.0
    beyond = {"classes": "kappa", "steps": "the wrong steps found"}.get(sheet.kind, "correlations")
    for name, estimate in sheet.strategies.items():
        value, low = estimate.value, estimate.low
        if value is None or low is None or estimate.high is None:
            continue
        if sheet.kind in ("ratings", "classes", "steps"):
            if reaches(value, LOPSIDED):
                yield f"a judge that says {name} is right on {value:.0%}: look at {beyond}, not at agreement alone"
        elif name == "first" and reaches(max(value, 1 - value), LOPSIDED) and not covers(estimate, chance):
            yield (
                f"the right response stands first in {value:.0%}: show both orders (--swap both, the default), or a "
                "judge's position bias passes for skill"
            )
        elif name != "first" and above(low, chance):
            yield (
                f"the {name} response is right in {value:.0%}, by chance it would be {chance:.0%}: length alone is "
                f"worth that much here; hold judges against baseline:{name}, or balance the lengths"
            )


def _wrong(sheet: Datasheet) -> Iterator[str]:
    wrong = sheet.wrong
    if wrong is None:
        return
    texts, top = wrong.texts or wrong.responses, wrong.top_text or 1
    few, common = FEW_TEXTS * wrong.responses, max(2, COMMON_TEXT * wrong.responses)
    if wrong.responses > 3 and (above(few, texts) or above(top, common)):
        yield (
            f"{wrong.responses:,} wrong responses are {texts:,} different texts, one of them {top:,} times: who has "
            "seen it once knows it again, and scores too high (a published 95 % was made of 523 items with one and the "
            "same wrong text); draw a wrong response for each question"
        )
    share, right = wrong.top_author_share, wrong.author_right or 0.0
    if share is not None and reaches(share, COMMON_AUTHOR) and reaches(1 - COMMON_AUTHOR, right):
        yield (
            f"{wrong.top_author} wrote {share:.0%} of the wrong responses and {right:.0%} of the right ones: to know "
            "its style is to know the answer; take right and wrong responses from the same models"
        )


def _texts(sheet: Datasheet) -> Iterator[str]:
    sentences = {
        "contrary": "items have the same texts as another and the opposite label: one of the two is wrong; find them "
        "and decide",
        "same_responses": "items have equal responses: nobody can tell them apart; drop them",
        "items": "items repeat another's prompt and responses: they count twice; drop them",
        "swapped": "items repeat another's responses the other way round: both orders are shown anyway; drop them",
    }
    for what, sentence in sentences.items():
        if count := sheet.duplicates.get(what):
            yield f"{count:,} {sentence}"
    for what, count in sheet.empty.items():
        yield f"{count:,} items have an empty {what.removesuffix('s')}: is it the right column, is a text missing?"


def _people(sheet: Datasheet) -> Iterator[str]:
    alpha = sheet.people.get("krippendorff_alpha")
    if alpha is None or alpha.value is None:
        return
    if above(POOR_ALPHA, alpha.value) and (alpha.high is None or above(TENTATIVE, alpha.high)):
        yield (
            f"people agree little (alpha {alpha.value:.2f}): much of what a judge seems to get wrong is noise in the "
            "labels; compare it with a person (vs people), not with 100 %"
        )
