"""A benchmark's section of leaderboard.md: a row for a person, for every judge, and what the numbers mean."""

from __future__ import annotations

import re
from collections.abc import Sequence

from judgebench.report import tables
from judgebench.report.tables import NOTHING, Cell, Number, Table
from judgebench.score.ranking import Ranks
from judgebench.score.standings import Entry, Standings
from judgebench.types import Estimate

_PEOPLE = {"vs people": "human.judge_leave_one_out", "minus a person": "human.judge_minus_human"}
_METRICS = {"consistent": "consistency", "first slot": "first_slot_rate", "longer": "prefer_longer"}
_PERSON = {"score": "human.human_s1", "vs people": "human.human_leave_one_out"}
"""The numbers about people that stand in the columns of the judge's."""


def of_benchmark(field: Standings) -> str:
    """The heading, the table and its notes, as markdown."""
    shown = {name: made_of for name, made_of in (_PEOPLE | _METRICS).items() if _any(field, made_of)}
    costs = any(entry.run.cost is not None for entry in field.entries)
    own = [] if _is_agreement(field) else ["score"]
    columns = ("rank", "judge", "agreement", *own, *shown, "coverage", *(["cost"] if costs else []), "from")
    sources = list(dict.fromkeys(map(provenance, field.entries)))
    ranks, scores = field.ranks("agreement"), field.ranks("headline")
    rows: list[Sequence[Cell]] = []
    if person(field) is not None:
        rows.append(_person_row(field.entries[0], columns))
    for entry in field.entries:
        cells: dict[str, Cell] = {
            "rank": Number(_rank(ranks[entry.judge])),
            "judge": _name(entry),
            "agreement": _marked(entry, entry.agreement, ranks[entry.judge]),
            "score": _marked(entry, entry.scores.headline, scores[entry.judge]),
            **{name: entry.estimate(made_of) for name, made_of in shown.items()},
            "coverage": Number(f"{entry.scores.coverage.share:.1%}"),
            "cost": Number(dollars(entry.run.cost, entry.scores.coverage.ok)),
            "from": _letter(sources.index(provenance(entry))),
        }
        rows.append([cells[name] for name in columns])
    return tables.as_markdown(Table(columns=columns, rows=rows, title=field.benchmark, notes=_notes(field, sources)))


def person(field: Standings) -> Estimate | None:
    """One person against the others who rated the same items; the same of every judge."""
    return field.entries[0].scores.human.get("human_leave_one_out")


def provenance(entry: Entry) -> str:
    manifest = entry.scores.manifest
    note = manifest.provenance.get("note")
    if note:
        return re.sub(r"\b([0-9a-f]{12})[0-9a-f]{28}\b", r"\1", str(note))
    how = "run" if manifest.spec else "imported"
    return f"{how} with judgebench {manifest.versions.get('judgebench', '?')}"


def dollars(cost: float | None, verdicts: int) -> str:
    """Per 1,000 verdicts."""
    return NOTHING if cost is None or not verdicts else f"${1000 * cost / verdicts:,.2f}"


def anchor(title: str) -> str:
    """GitHub's anchor of a heading."""
    return "".join(letter for letter in title.lower().replace(" ", "-") if letter.isalnum() or letter in "-_")


def _any(field: Standings, made_of: str) -> bool:
    return any((found := entry.estimate(made_of)) is not None and found.value is not None for entry in field.entries)


def _person_row(entry: Entry, columns: Sequence[str]) -> Sequence[Cell]:
    cells: dict[str, Cell] = {"rank": Number(""), "judge": "**a person**", "from": "", "coverage": Number("")}
    return [cells.get(name, entry.estimate(_PERSON[name]) if name in _PERSON else None) for name in columns]


def _name(entry: Entry) -> str:
    name = f"*{entry.judge}*" if entry.is_baseline else entry.judge
    return f"{name} †" if entry.one_order else name


def _is_agreement(field: Standings) -> bool:
    """Whether the benchmark's own score is agreement under another name."""
    pairs = [(entry.agreement, entry.scores.headline) for entry in field.entries]
    return all((one.value, one.low, one.high) == (own.value, own.low, own.high) for one, own in pairs)


def _marked(entry: Entry, estimate: Estimate, ranks: Ranks | None) -> Number:
    return Number(estimate, strong=ranks is not None and ranks.may_be_best and not entry.is_baseline)


def _rank(ranks: Ranks | None) -> str:
    return NOTHING if ranks is None else str(ranks)


def _letter(number: int) -> str:
    """a, b, ..., z, aa, ab, ..."""
    before, place = divmod(number, 26)
    return (_letter(before - 1) if before else "") + chr(ord("a") + place)


def _notes(field: Standings, sources: Sequence[str]) -> list[str]:
    card = field.card
    covered = field.entries[0].scores.metrics["coverage"]
    own = "its own score, which is agreement here" if _is_agreement(field) else "**score**"
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
