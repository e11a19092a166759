"""A benchmark's section of leaderboard.md: a row for a person, for every judge, and what the numbers mean."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from judgebench.report import numbers, selection, tables
from judgebench.report.numbers import NOTHING
from judgebench.report.selection import AGREEMENT, COVERAGE, HELD_OUT
from judgebench.report.tables import Cell, Number, Table
from judgebench.score.addresses import HEADLINE
from judgebench.score.ranking import Ranks
from judgebench.score.standings import Entry, Standings
from judgebench.types import Estimate


def of_benchmark(field: Standings) -> str:
    """The heading, the table and its notes, as markdown."""
    addresses = {field.title(address): address for address in selection.SECTION if field.has(address)}
    costs = any(entry.run.cost is not None for entry in field.entries)
    own = [] if field.same(AGREEMENT, HEADLINE) else ["score"]
    columns = ("rank", "judge", "agreement", *own, *addresses, "coverage", *(["cost"] if costs else []), "from")
    sources = list(dict.fromkeys(map(provenance, field.entries)))
    ranks, scores = field.ranks(AGREEMENT), field.ranks(HEADLINE)
    rows: list[Sequence[Cell]] = []
    if person(field) is not None:
        rows.append(_person_row(field.entries[0], columns, {"score": HEADLINE, **addresses}))
    for entry in field.entries:
        cells: dict[str, Cell] = {
            "rank": Number(str(ranks[entry.judge] or NOTHING)),
            "judge": _name(entry),
            "agreement": _marked(entry, entry.agreement, ranks[entry.judge]),
            "score": _marked(entry, entry.scores.headline, scores[entry.judge]),
            **{name: entry.estimate(made_of) for name, made_of in addresses.items()},
            "coverage": Number(numbers.percent(entry.scores.coverage.share)),
            "cost": Number(dollars(entry.run.cost, entry.scores.coverage.ok)),
            "from": _letter(sources.index(provenance(entry))),
        }
        rows.append([cells[name] for name in columns])
    return tables.as_markdown(Table(columns=columns, rows=rows, title=field.benchmark, notes=_notes(field, sources)))


def person(field: Standings) -> Estimate | None:
    """One person against the others who rated the same items; the same of every judge."""
    return field.entries[0].estimate(HELD_OUT)


def provenance(entry: Entry) -> str:
    manifest = entry.scores.manifest
    note = manifest.provenance.get("note")
    if note:
        return re.sub(r"\b([0-9a-f]{12})[0-9a-f]{28}\b", r"\1", str(note))
    how = "imported" if manifest.judge_ref.is_recorded else "run"
    return f"{how} with judgebench {manifest.versions.get('judgebench', '?')}"


def dollars(cost: float | None, verdicts: int) -> str:
    """Per 1,000 verdicts."""
    return NOTHING if cost is None or not verdicts else f"${1000 * cost / verdicts:,.2f}"


def anchor(title: str) -> str:
    """GitHub's anchor of a heading."""
    return "".join(letter for letter in title.lower().replace(" ", "-") if letter.isalnum() or letter in "-_")


def _person_row(entry: Entry, columns: Sequence[str], addresses: Mapping[str, str]) -> Sequence[Cell]:
    cells: dict[str, Cell] = {"rank": Number(""), "judge": "**a person**", "from": "", "coverage": Number("")}
    beside = {name: selection.of_a_person(entry.scores, address) for name, address in addresses.items()}
    return [cells.get(name, beside.get(name)) for name in columns]


def _name(entry: Entry) -> str:
    name = f"*{entry.judge}*" if entry.is_baseline else entry.judge
    return f"{name} †" if entry.one_order else name


def _marked(entry: Entry, estimate: Estimate, ranks: Ranks | None) -> Number:
    return Number(estimate, strong=ranks is not None and ranks.may_be_best and not entry.is_baseline)


def _letter(number: int) -> str:
    """a, b, ..., z, aa, ab, ..."""
    before, place = divmod(number, 26)
    return (_letter(before - 1) if before else "") + chr(ord("a") + place)


def _notes(field: Standings, sources: Sequence[str]) -> list[str]:
    card = field.card
    covered = field.entries[0].scores.metrics[COVERAGE]
    own = "its own score, which is agreement here" if field.same(AGREEMENT, HEADLINE) else "**score**"
    source = f"; [source]({card.homepage})" if card.homepage else ""
    notes = [
        f"- {own}: `{card.headline.rule}`, {card.headline.gloss}",
        f"- {card.title} ({card.authors}, {card.year}): {card.items or covered.n:,} items from {covered.n_clusters:,} "
        f"questions, labels: {card.label_source}; licence: {card.licence}{source}.",
        *(f"- {warning}" for warning in card.warnings),
    ]
    if any(entry.one_order for entry in field.entries):
        notes.append("- †: shown one order only, so that position bias cannot be seen and is part of every number")
    origins = "; ".join(f"*{_letter(number)}* {source}" for number, source in enumerate(sources))
    return [*notes, f"- from: {origins}"]
