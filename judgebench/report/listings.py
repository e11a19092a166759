"""What there is: benchmarks, judges, runs, published numbers."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

from judgebench import fetch, judges, prompts, resources, store
from judgebench.report import published
from judgebench.report.tables import NOTHING, Cell, Table
from judgebench.types import Anchor, Card


def benchmarks(names: Sequence[str] = (), *, widest_licence: int | None = None) -> Table:
    """Of all, or of those named. `widest_licence` cuts the licences short, in characters."""
    return Table(
        columns=("benchmark", "items", "labels", "raters", "headline rule", "data", "commercial use", "licence"),
        rows=[
            (
                card.id,
                card.items or None,
                card.label_source,
                card.raters,
                card.headline.rule,
                _at_hand(card),
                card.commercial_use,
                _short(card.licence, widest_licence) if widest_licence else card.licence,
            )
            for card in map(resources.card, names or resources.benchmarks())
        ],
    )


def benchmarks_in(width: int, names: Sequence[str] = ()) -> str:
    """The same for a terminal so many columns wide: two lines a benchmark."""
    cards = [resources.card(name) for name in names or resources.benchmarks()]
    columns = [
        (card.id, f"{card.items:,}" if card.items else NOTHING, card.headline.rule, _at_hand(card)) for card in cards
    ]
    head = ("benchmark", "items", "headline rule", "data")
    wide = [max(map(len, column)) for column in zip(head, *columns, strict=True)]

    def line(cells: Sequence[str]) -> str:
        name, items, rule, data = cells
        return f"{name:{wide[0]}}  {items:>{wide[1]}}  {rule:{wide[2]}}  {data}".rstrip()

    lines = [line(head), "    labels, raters; licence", "-" * min(width, sum(wide) + 2 * 3)]
    for card, cells in zip(cards, columns, strict=True):
        labels = ", ".join(filter(None, (card.label_source, card.raters)))
        use = "" if card.commercial_use == "allowed" else f"[commercial use {card.commercial_use}] "
        lines += [line(cells), _short(f"    {labels}; {use}{card.licence}", width)]
    return "\n".join(lines) + "\n"


def _short(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 4].rstrip()} ..."


def judge_kinds() -> Table:
    rows = [(name, what) for kind in judges.kinds() for name, what in judges.choices(kind).items()]
    return Table(columns=("judge", "what it does"), rows=rows)


def prompt_files() -> Table:
    return Table(
        columns=("prompt", "what it asks", "parser", "text", "hash"),
        rows=[
            (
                prompt.id,
                prompt.front.title,
                prompt.front.parser,
                "pinned upstream" if prompt.sources else "ours",
                prompt.hash,
            )
            for prompt in map(prompts.load, prompts.names())
        ],
    )


def runs(results: Path) -> Table:
    rows = []
    for folder in store.runs(results):
        manifest = store.read_manifest(folder)
        answered = store.read_judgments(folder)
        limit = manifest.limit if manifest.limit is not None else "all"
        rows.append((manifest.benchmark, manifest.judge, manifest.orders, limit, len(answered), str(folder)))
    return Table(columns=("benchmark", "judge", "orders", "items", "answers", "folder"), rows=rows)


def anchors(names: Sequence[str] = ()) -> Table:
    """Published numbers with all that one needs to know before comparing one's own with them."""
    return Table(
        columns=("benchmark", "judge", "metric", "per cent", "n", "orders", "status", "source", "protocol"),
        rows=[
            (
                card.id,
                anchor.judge,
                metric,
                value,
                anchor.n.get(metric) if isinstance(anchor.n, dict) else anchor.n,
                anchor.orders,
                published.status(anchor),
                anchor.source,
                anchor.disputed or anchor.protocol,
            )
            for card in map(resources.card, names or resources.benchmarks())
            for anchor in card.anchors
            for metric, value in anchor.values.items()
        ],
    )


def anchors_in(width: int, names: Sequence[str] = ()) -> str:
    """The same for a terminal: by benchmark, where figures stand and what they mean, then a line a judge."""
    lines: list[str] = []
    for card in map(resources.card, names or resources.benchmarks()):
        if not card.anchors:
            continue
        lines += ["", card.id, "-" * len(card.id)]
        places: dict[str, list[Anchor]] = {}
        for anchor in card.anchors:
            about = f"{anchor.source}; {anchor.orders} order{'s' if anchor.orders == 'both' else ''}; {anchor.protocol}"
            places.setdefault(about, []).append(anchor)
        for about, anchor in ((about, anchor) for about, anchors in places.items() for anchor in anchors):
            if anchor is places[about][0]:
                lines += textwrap.wrap(f"[{about}]", width)
            mark = "" if published.status(anchor) == "quoted" else f" ({published.status(anchor)})"
            figures = ", ".join(
                f"{metric} {value:.{anchor.decimals}f}{_of(anchor, metric)}" for metric, value in anchor.values.items()
            )
            for text in filter(None, (f"{anchor.judge}{mark}: {figures}", anchor.disputed and f"! {anchor.disputed}")):
                lines += textwrap.wrap(text, width, initial_indent="  ", subsequent_indent="      ")
    return "\n".join(lines[1:]) + "\n"


def _of(anchor: Anchor, metric: str) -> str:
    n = anchor.n.get(metric) if isinstance(anchor.n, dict) else anchor.n
    return f" of {n:,}" if n is not None else ""


def whereabouts(names: Sequence[str] = (), *, recordings: bool = False) -> Table:
    """Where each file of benchmarks, or of upstream prompts, comes from on this machine; of one that is absent, the
    place that it would have."""
    rows: list[Sequence[Cell]] = []
    for benchmark, owner in ((name, owner) for name in names or resources.benchmarks() for owner in _owners(name)):
        for source in fetch.every_source(owner) if recordings else owner.sources:
            places = fetch.places(owner, source)
            origin, path = next(((origin, path) for origin, path in places if path.is_file()), (None, places[-1][1]))
            if origin is None:
                state, size = "to fetch" if source.url else "you supply it", source.bytes
            else:
                state, size = fetch.hash_state(owner, path, source), path.stat().st_size
            rows.append((benchmark, origin, size, state, str(path)))
    return Table(columns=("benchmark", "from", "bytes", "hash", "file"), rows=rows)


def _owners(name: str) -> list[fetch.Pinned]:
    """What has pinned files under that name: a benchmark, an upstream prompt, or one of each."""
    found: list[fetch.Pinned] = [resources.card(name)] if name in resources.benchmarks() else []
    found += [prompts.load(name)] if name in prompts.names() else []
    return found or [resources.card(name)]  # which says what names there are


def _at_hand(card: Card) -> str:
    """`here`, `to fetch`, `user-supplied` (nobody offers the file), or how many of its files are here."""
    if not card.sources:
        return "built in"
    here = sum(fetch.where(card, source) is not None for source in card.sources)
    if here == len(card.sources):
        return "here"
    if not any(source.url for source in card.sources):
        return "user-supplied"
    return f"{here} of {len(card.sources)} files here" if here else "to fetch"
