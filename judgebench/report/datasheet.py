"""A datasheet on a terminal of 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from judgebench.report import numbers
from judgebench.report.card import LABEL, VALUE, WIDTH, row, value_of
from judgebench.report.selection import DATASHEET
from judgebench.score.datasheet import Datasheet

MOST_SUBSETS = 12
_KINDS = {
    "pairs": "pairs", "ratings": "rated responses", "classes": "responses with labels", "steps": "worked solutions",
    "sets": "items",
}  # fmt: skip
_STRATEGIES = {"first": "the response stored first"} | {one: f"the {one} response" for one in ("longest", "shortest")}
_DUPLICATES = {
    "prompts": "Items whose prompt came before",
    "items": "Items whose texts all came before",
    "swapped": "  the same, with the responses swapped",
    "contrary": "  equal texts, opposite labels",
    "same_responses": "Items with equal responses",
}


def render(sheet: Datasheet) -> str:
    lines = [
        textwrap.shorten(f"{sheet.name}: {sheet.items:,} {_KINDS[sheet.kind]}, {sheet.questions:,} questions", WIDTH),
        "=" * WIDTH,
        *_gold(sheet),
        *_people(sheet),
        *_strategies(sheet),
        *_lengths(sheet),
        *_texts(sheet),
        *_wrong(sheet),
        *_subsets(sheet),
        *_warnings(sheet),
    ]
    return "\n".join(lines) + "\n"


def _gold(sheet: Datasheet) -> Iterator[str]:
    yield "Gold"
    for label, count in sheet.gold.items():
        name = {"tie": "tie", "none": "no gold label", "several": "several are right"}.get(label)
        if sheet.kind in ("ratings", "classes") and label != "none":
            name = label
        if sheet.kind == "steps" and label != "none":
            name = "no step is wrong" if label == "0" else "a step is wrong"
        name = name or f"the {label} is right"
        yield row(f"  {name}", f"{count:,}", numbers.percent(count / sheet.items))
    if set(sheet.responses) != {"1"} and set(sheet.responses) != {"2"}:
        counts = ", ".join(f"{count:,} of {width}" for width, count in sheet.responses.items())
        yield f"  responses an item: {counts}"


def _people(sheet: Datasheet) -> Iterator[str]:
    if not sheet.ratings_each:
        yield "No raters: there will be no human baseline."
        return
    low, high = sheet.ratings_each
    each = f"{low}" if low == high else f"{low} to {high}"
    yield f"{sheet.raters:,} raters, {each} ratings an item; per cent, 95 % intervals"
    if not sheet.people:
        yield "  no item has two: how far people agree cannot be known"
    for name, label in DATASHEET.items():
        if name in sheet.people:
            yield row(label, *value_of(sheet.people[name]))


def _strategies(sheet: Datasheet) -> Iterator[str]:
    if not sheet.strategies:
        return
    chance = "" if sheet.chance is None else f" (a coin: {numbers.percent(sheet.chance)})"
    ties = " that are no ties" if sheet.gold.get("tie") else ""
    yield f"Right without reading, of the items with gold{ties}{chance}"
    for name, estimate in sheet.strategies.items():
        yield row(f"  {_STRATEGIES.get(name, name)}", *value_of(estimate))


def _lengths(sheet: Datasheet) -> Iterator[str]:
    if not sheet.lengths:
        return
    yield row("Characters", "median", f"{'mean':>{VALUE}}  {'longest':>{VALUE}}")
    for what, lengths in sheet.lengths.items():
        name = {"prompt": "prompt", "response": "response"}.get(what, f"{what} response")
        yield row(f"  {name}", f"{lengths.median:,.0f}", f"{lengths.mean:>{VALUE},.0f}  {lengths.longest:>{VALUE},}")
    gap = sheet.length_gap
    if gap is not None and gap.value is not None:
        interval = "" if gap.low is None or gap.high is None else f"[{gap.low:+,.0f}, {gap.high:+,.0f}]"
        yield row("  right minus wrong, mean", f"{gap.value:+,.0f}", interval)


def _texts(sheet: Datasheet) -> Iterator[str]:
    for what, label in _DUPLICATES.items():
        if what in sheet.duplicates:
            yield row(label, f"{sheet.duplicates[what]:,}")
    for what, count in sheet.empty.items():
        yield row(f"Items with an empty {what.removesuffix('s')}", f"{count:,}")
    if not sheet.duplicates and not sheet.empty:
        yield "No duplicates, no empty texts."


def _wrong(sheet: Datasheet) -> Iterator[str]:
    wrong = sheet.wrong
    if wrong is None:
        return
    if wrong.texts is not None:
        yield row("Different texts among the wrong responses", f"{wrong.texts:,}", f"of {wrong.responses:,}")
    if wrong.authors and wrong.top_author_share is not None:
        yield row("Models that wrote a wrong response", f"{wrong.authors:,}")
        author = textwrap.shorten(str(wrong.top_author), 30, placeholder="...")
        yield row(f"  {author}: of the wrong ones", numbers.rounded(100 * wrong.top_author_share, 1))
        yield row("    of the right ones", numbers.rounded(100 * (wrong.author_right or 0), 1))


def _subsets(sheet: Datasheet) -> Iterator[str]:
    if sheet.subsets:
        yield f"Subsets ({len(sheet.subsets):,})"
    for name, count in list(sheet.subsets.items())[:MOST_SUBSETS]:
        yield row(f"  {textwrap.shorten(name, LABEL - 4, placeholder='...')}", f"{count:,}")
    if len(sheet.subsets) > MOST_SUBSETS:
        yield f"  and {len(sheet.subsets) - MOST_SUBSETS:,} more"


def _warnings(sheet: Datasheet) -> Iterator[str]:
    if sheet.warnings:
        yield ""
    for warning in sheet.warnings:
        yield textwrap.fill(f"! {warning}", WIDTH, subsequent_indent="  ")
