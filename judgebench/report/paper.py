"""Tables for a paper: one benchmark as its own authors would print it, or judges by benchmarks.

Bold is what the data cannot tell from the best of its column: paired tests by question, Holm over all judges shown.
Every number has its interval; footnotes say what each column means, over how many items, and what was not answered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from judgebench.errors import InputError
from judgebench.report import numbers, selection, tables
from judgebench.report.comparison import CONTEST_COLUMNS, decided
from judgebench.report.latex import as_latex
from judgebench.report.numbers import Intervals
from judgebench.report.selection import AGAINST_PEOPLE, AGREEMENT, COVERAGE
from judgebench.report.tables import Cell, Number, Table
from judgebench.score import catalogue, comparison
from judgebench.score.addresses import HEADLINE
from judgebench.score.standings import Entry, Standings
from judgebench.types import Estimate

INTERVALS = "Per cent, with 95 % intervals clustered by question."
T = TypeVar("T")
_FULL = 0.9995
"""A coverage that is printed as 100 %."""
THEMIS = "themis"
"""The rule of the benchmarks that have a table of scenarios."""
ALL = "All"
_NAMES = {"overall": ALL}
_WITH = "[reference=with]"


def main(fields: Sequence[Standings]) -> list[Table]:
    """One benchmark: its own columns, agreement, people, coverage and n. Several: the own score of each."""
    if len(fields) > 1:
        return [_matrix(fields)]
    return [_table(field, "main", _own_columns(field), counted=True) for field in fields]


def bias(fields: Sequence[Standings]) -> list[Table]:
    """Position and length: what moves a verdict that should not."""
    return [_table(field, "bias", selection.BIAS) for field in fields]


def human(fields: Sequence[Standings]) -> list[Table]:
    """Judges and a person against the same people."""
    rated = [field for field in fields if field.entries[0].scores.human]
    lacking = "of these benchmarks none has several people's ratings of an item, which a human table takes"
    return [_table(field, "human", selection.HUMAN) for field in _some(rated, lacking)]


def subsets(fields: Sequence[Standings]) -> list[Table]:
    """The benchmark's own score by subset (category, scenario), and over all."""
    divided = [field for field in fields if any(entry.scores.subsets for entry in field.entries)]
    return [_by_subset(field) for field in _some(divided, "of these benchmarks none has subsets")]


def compare(fields: Sequence[Standings]) -> list[Table]:
    """Every two judges, on the trials that all of them have."""
    several = [field for field in fields if len(field.entries) > 1]
    lacking = "a comparison takes two finished runs on a benchmark, or more"
    return [_contests(field) for field in _some(several, lacking)]


def scenarios(fields: Sequence[Standings]) -> list[Table]:
    """Themis' Table 4: by scenario, how many answers, and Agr without and with the reference, a pair of columns a
    judge. A table for each benchmark of ratings by scenario among them. The runs with a reference are those of
    `NAME[reference=with]`; a run that was not made leaves its column empty. The published columns are for show: they
    are comparable where the file holds the paper's items, which the counts tell."""
    by_name = {field.benchmark: field for field in fields}
    names = dict.fromkeys(name.removesuffix(_WITH) for name in by_name)
    pairs = [(name, by_name.get(name), by_name.get(name + _WITH)) for name in names]
    rated = [pair for pair in pairs if any(field and field.card.headline.rule == THEMIS for field in pair[1:])]
    lacking = "of these benchmarks none has ratings by scenario: themis-alignbench or themis-synui has"
    return [_of_scenarios(*pair) for pair in _some(rated, lacking)]


def _some(several: Sequence[T], lacking: str) -> Sequence[T]:
    if not several:
        raise InputError(lacking)
    return several


KINDS: dict[str, Callable[[Sequence[Standings]], list[Table]]] = {
    "main": main,
    "bias": bias,
    "human": human,
    "subsets": subsets,
    "scenarios": scenarios,
    "compare": compare,
}


def merged(several: Sequence[Table]) -> Table:
    """One table of several, for programs: a first column says which benchmark, and what one does not have is empty."""
    columns = list(dict.fromkeys(name for table in several for name in table.columns))
    named = ((table.about, dict(zip(table.columns, row, strict=True))) for table in several for row in table.rows)
    rows = [(about, *map(cells.get, columns)) for about, cells in named]
    return Table(columns=("benchmark", *columns), rows=rows)


def _own_columns(field: Standings) -> list[str]:
    """The parts of the benchmark's own score, and the score itself unless it is one of them; agreement; people."""
    names = dict.fromkeys(name for entry in field.entries for name in entry.scores.headline.parts)
    parts = [name for name in names if catalogue.find(catalogue.PEOPLE, name) is None]
    first = field.entries[0].scores.headline
    whole = [] if first.name in parts else [HEADLINE]
    agreement = [] if field.same(AGREEMENT, HEADLINE) else [AGREEMENT]
    people = [AGAINST_PEOPLE] if field.entries[0].scores.human else []
    return [*(f"headline.{name}" for name in parts), *whole, *agreement, *people]


def _table(field: Standings, kind: str, names: Iterable[str], *, counted: bool = False) -> Table:
    defined = list(filter(field.has, names))
    columns = ["judge", *map(field.title, defined), *(["coverage", "n"] if counted else [])]
    cells = {name: _column(field, name) for name in defined}
    rows: list[Sequence[Cell]] = []
    person = [selection.of_a_person(field.entries[0].scores, name) for name in defined]
    if any(person):
        rows.append(["a person", *person, *([None, None] if counted else [])])
    breaks = (len(rows),) if rows else ()
    for entry in field.entries:
        n = entry.scores.headline.n or entry.agreement.n
        tail: list[Cell] = [Number(numbers.percent(entry.scores.coverage.share)), n] if counted else []
        rows.append([_judge(entry), *(cells[name][entry.judge] for name in defined), *tail])
    notes = [_size(field), _bold(field), INTERVALS, *_meanings(field, defined), *_caveats(field.entries)]
    return _finished(field, kind, Table(columns, rows, notes=notes, breaks=breaks))


def _by_subset(field: Standings) -> Table:
    names = list(dict.fromkeys(name for entry in field.entries for name in entry.scores.subsets))
    columns = [*(_column(field, HEADLINE, name) for name in names), _column(field, HEADLINE)]
    rows = [[_judge(entry), *(column[entry.judge] for column in columns)] for entry in field.entries]
    sizes = {name: entry.scores.subsets[name][HEADLINE].n for entry in field.entries for name in entry.scores.subsets}
    counts = "; ".join(f"{name} {n:,}" for name, n in sizes.items())
    about = [*_meanings(field, [HEADLINE]), *_caveats(field.entries)]
    notes = [f"{_size(field)} {counts}.", _bold(field), INTERVALS, *about]
    return _finished(field, "subsets", Table(["judge", *names, "overall"], rows, notes=notes))


def _matrix(fields: Sequence[Standings]) -> Table:
    baselines = {entry.judge: entry.is_baseline for field in fields for entry in field.entries}
    ordered = sorted(baselines, key=lambda judge: baselines[judge])
    columns = {field.benchmark: _column(field, HEADLINE) for field in fields}
    daggered = {entry.judge for field in fields for entry in field.entries if entry.one_order}
    rows: list[Sequence[Cell]] = [
        [f"{judge} †" if judge in daggered else judge, *(columns[field.benchmark].get(judge) for field in fields)]
        for judge in ordered
    ]
    glosses = [f"{field.benchmark}, {_size(field)} {_sentence(field.card.headline.gloss)}" for field in fields]
    notes = ["Each benchmark's own score.", _bold(*fields), INTERVALS, *glosses]
    notes += _caveats([entry for field in fields for entry in field.entries])
    names = [field.benchmark for field in fields]
    breaks = [i for i in range(1, len(ordered)) if baselines[ordered[i]] and not baselines[ordered[i - 1]]]
    return Table(["judge", *names], rows, "Judges by benchmarks", notes, "tab:judgebench-main", breaks=breaks)


def _of_scenarios(name: str, plain: Standings | None, referenced: Standings | None) -> Table:
    fields = [field for field in (plain, referenced) if field is not None]
    judges = dict.fromkeys(entry.judge for field in fields for entry in field.entries)
    sizes = {name: estimate.n for name, estimate in _by_scenario(fields[0].entries[0]).items()}
    columns: dict[str, Mapping[str, Cell]] = {"n": sizes}
    for judge in judges:
        columns |= {f"{judge} {what}": _agr(field, judge) for what, field in (("SAG", plain), ("RGG", referenced))}
    printed = [anchor for anchor in fields[0].card.anchors if isinstance(anchor.n, dict)]
    for anchor in printed:
        columns[f"{anchor.judge}, published"] = {_NAMES.get(name, name): value for name, value in anchor.values.items()}
    named = [ALL, *sorted(set().union(*columns.values()) - {ALL})]
    sources = ", ".join(dict.fromkeys(anchor.source for anchor in printed))
    return Table(
        columns=("scenario", *columns),
        rows=[(scenario, *(cells.get(scenario) for cells in columns.values())) for scenario in named],
        title=name,
        notes=[f"Agr(2,2); the published columns are of {sources}, not measured here."] if printed else [],
    )


def _agr(field: Standings | None, judge: str) -> dict[str, Estimate]:
    return next((_by_scenario(entry) for entry in field.entries if entry.judge == judge), {}) if field else {}


def _by_scenario(entry: Entry) -> dict[str, Estimate]:
    subsets = {name: parts["headline"] for name, parts in entry.scores.subsets.items()}
    return {ALL: entry.scores.headline, **subsets}


def _contests(field: Standings) -> Table:
    compared = comparison.compare([entry.run for entry in field.entries], AGREEMENT)
    rows: list[Sequence[Cell]] = []
    for contest in compared.contests:
        tests = (None if text is None else Number(text) for text in decided(contest, compared.unit))
        rows.append([contest.first, contest.second, contest.difference, *tests])
    notes = [
        f"Difference of agreement with gold, first minus second, over {compared.items:,} items from "
        f"{compared.clusters:,} questions; paired t tests with questions as clusters. p (Holm): corrected for all "
        "pairs shown. Could see: the true difference in points that this sample shows four times in five.",
        INTERVALS,
        *(f"Compared {note}." for note in compared.notes),
    ]
    return _finished(field, "compare", Table(CONTEST_COLUMNS, rows, notes=notes))


def _finished(field: Standings, kind: str, table: Table) -> Table:
    what = {"main": "judges", "bias": "position and length", "human": "judges and people", "subsets": "by subset"}
    title, label = what.get(kind, "judges compared"), f"tab:judgebench-{field.benchmark}-{kind}"
    named = replace(table, title=f"{field.card.title}: {title}", label=label, about=field.benchmark)
    return replace(named, notes=list(filter(None, table.notes)))


def _column(field: Standings, name: str, subset: str = "") -> dict[str, Cell]:
    """Bold where the judge may be the best, of two or more."""
    ranks = field.ranks(name, subset)
    best = {judge for judge, place in ranks.items() if place and place.of > 1 and place.may_be_best}
    return {entry.judge: Number(entry.estimate(name, subset), strong=entry.judge in best) for entry in field.entries}


def _judge(entry: Entry) -> str:
    return f"{entry.judge} †" if entry.one_order else entry.judge


def _size(field: Standings) -> str:
    covered = field.entries[0].scores.metrics[COVERAGE]
    items = field.card.items or field.entries[0].agreement.n or covered.n
    return f"n = {items:,} items from {covered.n_clusters:,} questions."


def _bold(*fields: Standings) -> str:
    if all(len(field.entries) < 2 for field in fields):
        return ""
    return "Bold: cannot be told from the best of its column (paired t tests by question, Holm over all judges, 5 %)."


def written(made: Sequence[Table], form: str, intervals: str | None = None, decimals: int = 2) -> str:
    """The tables as `markdown`, `html`, `latex`, `csv` or `json`. csv and json hold both ends of every interval, the
    others show it in one of `numbers.Intervals`."""
    if form in ("csv", "json"):
        whole = made[0] if len(made) == 1 else merged(made)
        return tables.as_csv(whole) if form == "csv" else tables.as_json(whole)
    style = Intervals(intervals or ("subscript" if form == "latex" else "brackets"))
    show = {"markdown": tables.as_markdown, "html": tables.as_html, "latex": as_latex}[form]
    return "\n".join(show(in_style(table, style), intervals=style, decimals=decimals) for table in made)


def in_style(table: Table, style: Intervals) -> Table:
    """The table with a footnote that says what of its intervals is shown."""
    told = {Intervals.NONE: "Per cent.", Intervals.PM: f"{INTERVALS[:-1]}, ± the longer of the two sides."}
    notes = [told.get(style, note) if note == INTERVALS else note for note in table.notes]
    return replace(table, notes=notes)


def _meanings(field: Standings, names: Sequence[str]) -> list[str]:
    """A sentence per column, in the words of the module that computes it."""
    texts = []
    for name in names:
        record = field.record(name)
        own = name in (HEADLINE, f"{HEADLINE}.{field.entries[0].scores.headline.name}")
        meaning = field.card.headline.gloss if own else record.meaning if record else ""
        if meaning:
            texts.append(_sentence(f"{field.title(name)}: {meaning}"))
    return [" ".join(texts)] if texts else []


def _caveats(entries: Sequence[Entry]) -> list[str]:
    dagger = "† shown one order only: position bias is part of its numbers."
    notes = [dagger] if any(entry.one_order for entry in entries) else []
    shares = ((entry.judge, entry.scores.coverage.share) for entry in entries)
    short = [f"{judge} {numbers.percent(share)}" for judge, share in shares if share < _FULL]
    if short:
        notes.append(f"Trials with a verdict, where not all have one: {', '.join(dict.fromkeys(short))}.")
    return notes


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."
