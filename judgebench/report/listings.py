"""What there is: benchmarks, judges, prompts, parsers, rules, metrics, runs, published numbers.

What another distribution brings is listed with its name; what of it cannot be used is announced instead."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from judgebench import extensions, fetch, judges, parsers, prompts, resources
from judgebench.errors import ExtensionError, JudgebenchError
from judgebench.report import numbers, published
from judgebench.report.numbers import NOTHING
from judgebench.report.selection import AGREEMENT
from judgebench.report.tables import Cell, Number, Table, as_text, plain
from judgebench.results import each, folders, stored_scores
from judgebench.score import added, catalogue, rules
from judgebench.types import Anchor, Card, Coverage, Manifest

FINISHED = "finished"
REFUSED = "refused:"
"""Before what is wrong with a run that every verb refuses to read."""
BUILT_IN = "judgebench"
Announce = Callable[[str], None]


def usable(announce: Announce) -> list[str]:
    """The benchmarks whose cards can be read; the others are announced."""
    return [str(row[0]) for row in _rows(resources.BENCHMARKS, lambda name: [(resources.card(name).id,)], announce)]


def registry(what: str, announce: Announce) -> Table:
    """All `judges`, `prompts`, `parsers`, `rules` or `metrics`, each with what it is from."""
    names, columns, rows_of = _REGISTRIES[what]
    return Table((*columns, "from"), list(_rows(names, rows_of, announce)))


def _rows(
    names: extensions.Names, rows_of: Callable[[str], Iterable[Sequence[Cell]]], announce: Announce
) -> Iterator[Sequence[Cell]]:
    for name in names.every():
        try:
            origin = str(names.find(name) or BUILT_IN)
            yield from [(*row, origin) for row in rows_of(name)]
        except ExtensionError as error:
            announce(str(error))


def benchmarks(names: Sequence[str], announce: Announce) -> Table:
    """Of all, or of those named."""
    rows: list[Sequence[Cell]] = []
    for card in map(resources.card, names or usable(announce)):
        origin = str(resources.BENCHMARKS.find(card.id) or BUILT_IN)
        made_of = (card.id, card.items or None, card.label_source, card.raters, card.headline.rule)
        rows.append((*made_of, _at_hand(card), card.commercial_use, card.licence, origin))
    columns = ("benchmark", "items", "labels", "raters", "headline rule", "data", "commercial use", "licence", "from")
    return Table(columns, rows)


def benchmarks_in(width: int, names: Sequence[str], announce: Announce) -> str:
    """The same for a terminal so many columns wide: two lines a benchmark."""
    cards = [resources.card(name) for name in names or usable(announce)]
    rows = [(card.id, card.items or None, card.headline.rule, _at_hand(card)) for card in cards]
    head, rule, *lines = as_text(Table(("benchmark", "items", "headline rule", "data"), rows)).splitlines()
    text = [head, "    labels, raters; licence", "-" * min(width, len(rule))]
    for card, line in zip(cards, lines, strict=True):
        labels = ", ".join(filter(None, (card.label_source, card.raters)))
        labels += f"; from {brought}" if (brought := resources.BENCHMARKS.find(card.id)) else ""
        use = "" if card.commercial_use == "allowed" else f"[commercial use {card.commercial_use}] "
        text += [line, short(f"    {labels}; {use}{card.licence}", width)]
    return "\n".join(text) + "\n"


def terms(card: Card) -> str:
    """Of a benchmark whose files are to be fetched: what it is, and what may be done with it."""
    if not card.sources:
        return f"{card.id}: built in, nothing to fetch"
    return "\n".join(filter(None, [f"{card.title}; licence as stated upstream: {card.licence}", restriction(card)]))


def restriction(card: Card) -> str | None:
    """One line where the licence does not plainly allow commercial use; None where it does."""
    if card.commercial_use == "allowed":
        return None
    forbidden = card.commercial_use == "forbidden"
    says = "the licence forbids commercial use" if forbidden else "no licence that allows commercial use is known"
    return f"{card.id}: {says} ({card.licence})"


def short(text: str, width: int) -> str:
    if len(text) <= width:
        return text
    whole = text[: width - 3].rpartition(" ")[0]  # no word is cut in two
    return f"{whole or text[: width - 4]} ..."


def _rule(name: str) -> Iterator[Sequence[Cell]]:
    ways = rules.rule(name).whole
    yield name, ", ".join(ways), _first_sentence(next(iter(ways.values())).__doc__)


def _metric(name: str) -> Iterator[Sequence[Cell]]:
    """Of scores.json, by kind of verdict; those of other distributions are computed where a card names them."""
    kinds: dict[str, list[str]] = {}
    if added.NAMES.find(name):
        brought = added.added(name)
        kinds[brought.metric.meaning] = list(brought.compute)
    else:
        for kind, records in catalogue.METRICS.items():
            if name in records:
                kinds.setdefault(records[name].meaning, []).append(kind)
    yield from ((name, ", ".join(of), meaning) for meaning, of in kinds.items())


def _prompt(name: str) -> Iterator[Sequence[Cell]]:
    prompt = prompts.load(name)
    text = "pinned upstream" if prompt.sources else "ours"
    yield prompt.id, prompt.front.title, prompt.front.parser, text, prompt.hash


def _first_sentence(doc: str | None) -> str:
    return re.split(r"(?<=\.)\s", " ".join((doc or "").split()), maxsplit=1)[0].removesuffix(".")


_REGISTRIES: dict[str, tuple[extensions.Names, Sequence[str], Callable[[str], Iterable[Sequence[Cell]]]]] = {
    "judges": (judges.KINDS, ("judge", "what it does"), lambda kind: judges.choices(kind).items()),
    "prompts": (prompts.NAMES, ("prompt", "what it asks", "parser", "text", "hash"), _prompt),
    "parsers": (
        parsers.NAMES,
        ("parser", "what it reads"),
        lambda name: [(name, _first_sentence(parsers.parser(name).__doc__))],
    ),
    "rules": (rules.NAMES, ("rule", "of", "what it is"), _rule),
    "metrics": (added.NAMES, ("metric", "of", "what it is"), _metric),
}


def runs(results: Path) -> Table:
    """What there is and how far it is; numbers as scores.json has them, where it is of the answers there are now. Of a
    run that cannot be read, what is wrong with it."""
    rows: list[Sequence[Cell]] = []
    for folder, run in each(folders(results)):
        if isinstance(run, JudgebenchError):
            rows.append((folder.parent.name, folder.name, *([None] * 4), f"{REFUSED} {run}", None, str(folder)))
            continue
        scores, coverage = stored_scores(folder, run), run.coverage
        unit = rules.rule(run.card.headline.rule).value.unit
        own, agreement = (None, None) if scores is None else (scores.headline, scores.metrics[AGREEMENT])
        texts = numbers.text(own, interval=False, unit=unit), numbers.text(agreement, interval=False)
        measured = map(Number, (*texts, numbers.percent(coverage.share)))
        cost = None if run.cost is None else Number(f"${run.cost:,.2f}")
        state = _state(run.manifest, coverage, scored=scores is not None)
        rows.append((run.manifest.benchmark, run.manifest.judge, *measured, cost, state, _changed(folder), str(folder)))
    columns = ("benchmark", "judge", "score", "agreement", "coverage", "cost", "state", "changed", "folder")
    return Table(columns=columns, rows=rows)


def runs_in(width: int, results: Path) -> str:
    """The same for a terminal: a folder a benchmark, a line a run, below the folder's name."""
    table = runs(results)
    rows = [dict(zip(table.columns, map(plain, row), strict=True)) for row in table.rows]
    columns = ("score", "agreement", "coverage", "cost", "changed")
    wide = {name: max([len(name), *(len(row[name]) for row in rows)]) for name in columns}
    beside = {row["folder"]: "" if row["state"].startswith((FINISHED, REFUSED)) else row["state"] for row in rows}
    states = max(map(len, beside.values()), default=0)
    room = max(12, width - sum(size + 2 for size in wide.values()) - (states + 2 if states else 0))

    def line(name: str, cells: Mapping[str, str], state: str) -> str:
        texts = f"{short(name, room):{room}}" + "".join(f"  {cells[column]:>{wide[column]}}" for column in columns)
        return f"{texts}  {state}".rstrip()

    lines = [line("", dict(zip(columns, columns, strict=True)), "")]
    for place, group in groupby(rows, key=lambda row: str(Path(row["folder"]).parent)):
        lines.append(place)
        for row in group:
            lines.append(line(f"  {Path(row['folder']).name}", row, beside[row["folder"]]))
            if row["state"].startswith(REFUSED):
                lines += textwrap.wrap(row["state"], width, initial_indent="    ", subsequent_indent="    ")
    return "\n".join(lines) + "\n"


def _state(manifest: Manifest, coverage: Coverage, *, scored: bool) -> str:
    """FINISHED, or why not."""
    if coverage.failures["missing"]:
        return f"{coverage.failures['missing']:,} open"
    if not scored:
        return "to be scored"
    return manifest.part or FINISHED


def _changed(folder: Path) -> str:
    """The day of the last answer, as the file system has it; UTC."""
    path = folder / "judgments.jsonl"
    if not path.exists():
        return NOTHING
    return datetime.fromtimestamp(path.stat().st_mtime, tz=UTC).date().isoformat()


def anchors(names: Sequence[str], announce: Announce) -> Table:
    """Published numbers with all that one needs to know before comparing one's own with them."""
    rows: list[Sequence[Cell]] = []
    for card in map(resources.card, names or usable(announce)):
        for anchor in card.anchors:
            about = (anchor.orders, published.status(anchor), anchor.source, anchor.disputed or anchor.protocol)
            for metric, value in anchor.values.items():
                rows.append((card.id, anchor.judge, metric, value, published.size(anchor, metric), *about))
    return Table(("benchmark", "judge", "metric", "per cent", "n", "orders", "status", "source", "protocol"), rows)


def anchors_in(width: int, names: Sequence[str], announce: Announce) -> str:
    """The same for a terminal: by benchmark, where figures stand and what they mean, then a line a judge."""
    lines: list[str] = []
    for card in map(resources.card, names or usable(announce)):
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
            sizes = {metric: published.size(anchor, metric) for metric in anchor.values}
            figures = ", ".join(
                f"{metric} {published.figure(card, anchor, metric)}" + (f" of {n:,}" if n is not None else "")
                for metric, n in sizes.items()
            )
            for text in filter(None, (f"{anchor.judge}{mark}: {figures}", anchor.disputed and f"! {anchor.disputed}")):
                lines += textwrap.wrap(text, width, initial_indent="  ", subsequent_indent="      ")
    return "\n".join(lines[1:]) + "\n"


def whereabouts(names: Sequence[str], announce: Announce, *, recordings: bool = False) -> Table:
    """Where each file of benchmarks, or of upstream prompts, comes from on this machine; of one that is absent, the
    place that it would have."""
    rows: list[Sequence[Cell]] = []
    every = names or usable(announce)
    for benchmark, owner in ((name, owner) for name in every for owner in _owners(name)):
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
    owners: list[fetch.Pinned] = [resources.card(name)] if name in resources.BENCHMARKS.every() else []
    owners += [prompts.load(name)] if name in prompts.NAMES.every() else []
    return owners or [resources.card(name)]  # which says what names there are


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
