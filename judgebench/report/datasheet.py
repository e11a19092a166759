"""A datasheet on a terminal of 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from judgebench.report import numbers
from judgebench.report.selection import DATASHEET
from judgebench.score.datasheet import Datasheet
from judgebench.types import Estimate

WIDTH = 80
MOST_SUBSETS = 12
_LABEL, _VALUE = 46, 8
_KINDS = {"pairs": "pairs", "ratings": "rated responses", "sets": "items"}
_STRATEGIES = {
    "first": "the response stored first",
    "longest": "the longest response",
    "shortest": "the shortest response",
}
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
    for said, count in sheet.gold.items():
        name = {"tie": "tie", "none": "no gold label", "several": "several are right"}.get(said)
        if name is None:
            name = said if sheet.kind == "ratings" else f"the {said} is right"
        yield _row(f"  {name}", f"{count:,}", numbers.percent(count / sheet.items))
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
            yield _share(label, sheet.people[name])


def _strategies(sheet: Datasheet) -> Iterator[str]:
    if not sheet.strategies:
        return
    chance = "" if sheet.chance is None else f" (a coin: {numbers.percent(sheet.chance)})"
    ties = " that are no ties" if sheet.gold.get("tie") else ""
    yield f"Right without reading, of the items with gold{ties}{chance}"
    for name, estimate in sheet.strategies.items():
        yield _share(f"  {_STRATEGIES.get(name, name)}", estimate)


def _lengths(sheet: Datasheet) -> Iterator[str]:
    if not sheet.lengths:
        return
    yield f"{'Characters'.ljust(_LABEL)}{'median':>{_VALUE}}  {'mean':>{_VALUE}}  {'longest':>{_VALUE}}"
    for what, found in sheet.lengths.items():
        name = {"prompt": "prompt", "response": "response"}.get(what, f"{what} response")
        yield (
            f"  {name}".ljust(_LABEL)
            + f"{found.median:>{_VALUE},.0f}  {found.mean:>{_VALUE},.0f}  {found.longest:>{_VALUE},}"
        )
    gap = sheet.length_gap
    if gap is not None and gap.value is not None:
        interval = "" if gap.low is None or gap.high is None else f"[{gap.low:+,.0f}, {gap.high:+,.0f}]"
        yield _row("  right minus wrong, mean", f"{gap.value:+,.0f}", interval)


def _texts(sheet: Datasheet) -> Iterator[str]:
    for what, label in _DUPLICATES.items():
        if what in sheet.duplicates:
            yield _row(label, f"{sheet.duplicates[what]:,}")
    for what, count in sheet.empty.items():
        yield _row(f"Items with an empty {what.removesuffix('s')}", f"{count:,}")
    if not sheet.duplicates and not sheet.empty:
        yield "No duplicates, no empty texts."


def _wrong(sheet: Datasheet) -> Iterator[str]:
    wrong = sheet.wrong
    if wrong is None:
        return
    if wrong.texts is not None:
        yield _row("Different texts among the wrong responses", f"{wrong.texts:,}", f"of {wrong.responses:,}")
    if wrong.authors and wrong.top_author_share is not None:
        yield _row("Models that wrote a wrong response", f"{wrong.authors:,}")
        author = textwrap.shorten(str(wrong.top_author), 30, placeholder="...")
        yield _row(f"  {author}: of the wrong ones", numbers.rounded(100 * wrong.top_author_share, 1))
        yield _row("    of the right ones", numbers.rounded(100 * (wrong.author_right or 0), 1))


def _subsets(sheet: Datasheet) -> Iterator[str]:
    if sheet.subsets:
        yield f"Subsets ({len(sheet.subsets):,})"
    for name, count in list(sheet.subsets.items())[:MOST_SUBSETS]:
        yield _row(f"  {textwrap.shorten(name, _LABEL - 4, placeholder='...')}", f"{count:,}")
    if len(sheet.subsets) > MOST_SUBSETS:
        yield f"  and {len(sheet.subsets) - MOST_SUBSETS:,} more"


def _warnings(sheet: Datasheet) -> Iterator[str]:
    if sheet.warnings:
        yield ""
    for warning in sheet.warnings:
        yield textwrap.fill(f"! {warning}", WIDTH, subsequent_indent="  ")


def _share(label: str, estimate: Estimate) -> str:
    if estimate.value is None:
        return _row(label, "–", str(estimate.reason))
    value, _, interval = numbers.text(estimate).partition(" ")
    return _row(label, value, interval)


def _row(label: str, value: str, more: str = "") -> str:
    return f"{label.ljust(_LABEL)}{value:>{_VALUE}}  {more}".rstrip()
