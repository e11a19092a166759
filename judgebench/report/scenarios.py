"""Themis' Table 4: by scenario, how many answers, and Agr without and with the reference, a pair of columns a judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from judgebench.errors import InputError
from judgebench.report.tables import Cell, Table
from judgebench.score.standings import Entry, Standings
from judgebench.types import Estimate

RULE = "themis"
"""The rule of the benchmarks whose table this is."""
ALL = "All"
_NAMES = {"overall": ALL}
_WITH = "[reference=with]"


def tables(fields: Sequence[Standings]) -> list[Table]:
    """A table for each benchmark of ratings by scenario among them. The runs with a reference are those of
    `NAME[reference=with]`; a run that was not made leaves its column empty. The published columns are for show: they
    are comparable where the file holds the paper's items, which the counts tell."""
    by_name = {field.benchmark: field for field in fields}
    names = dict.fromkeys(name.removesuffix(_WITH) for name in by_name)
    pairs = [(name, by_name.get(name), by_name.get(name + _WITH)) for name in names]
    made = [_table(*pair) for pair in pairs if any(field and field.card.headline.rule == RULE for field in pair[1:])]
    if not made:
        raise InputError("of these benchmarks none has ratings by scenario: themis-alignbench or themis-synui has")
    return made


def _table(name: str, plain: Standings | None, referenced: Standings | None) -> Table:
    fields = [field for field in (plain, referenced) if field is not None]
    judges = dict.fromkeys(entry.judge for field in fields for entry in field.entries)
    sizes = {name: estimate.n for name, estimate in _scores(fields[0].entries[0]).items()}
    columns: dict[str, Mapping[str, Cell]] = {"n": sizes}
    for judge in judges:
        columns |= {f"{judge} {what}": _agr(field, judge) for what, field in (("SAG", plain), ("RGG", referenced))}
    printed = [anchor for anchor in fields[0].card.anchors if isinstance(anchor.n, dict)]
    for anchor in printed:
        columns[f"{anchor.judge}, published"] = {_NAMES.get(name, name): value for name, value in anchor.values.items()}
    scenarios = [ALL, *sorted(set().union(*columns.values()) - {ALL})]
    sources = ", ".join(dict.fromkeys(anchor.source for anchor in printed))
    return Table(
        columns=("scenario", *columns),
        rows=[(scenario, *(cells.get(scenario) for cells in columns.values())) for scenario in scenarios],
        title=name,
        notes=[f"Agr(2,2); the published columns are of {sources}, not measured here."] if printed else [],
    )


def _agr(field: Standings | None, judge: str) -> dict[str, Estimate]:
    return next((_scores(entry) for entry in field.entries if entry.judge == judge), {}) if field else {}


def _scores(entry: Entry) -> dict[str, Estimate]:
    subsets = {name: parts["headline"] for name, parts in entry.scores.subsets.items()}
    return {ALL: entry.scores.headline, **subsets}
