"""What stands on a report card, in the order in which a reader needs it: may the run be trusted at all, the benchmark's
own number, the number for comparison, people, chance, position, ties, length, replaceability, and what so many
questions can show. Which numbers these are is in `judgebench.report.selection`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from judgebench.report import numbers, readings, selection
from judgebench.report.selection import AGREEMENT, COVERAGE, Part, Say
from judgebench.score import added, addresses, catalogue, estimates, rules
from judgebench.types import Card, Estimate, Record, Scores, digest

MOST_PARTS = 4
"""More of the other numbers that a benchmark's authors print stand in `--full` only."""
MOST_SUBSETS = 10

_ORDERS = {"both": "both orders", "single": "one order", "merged": "orders merged upstream"}


class Line(Record, frozen=True, omit_defaults=False):
    """A number and what it is called. `depth` 1 explains the line above; `meaning` says how it is computed."""

    label: str
    estimate: Estimate
    depth: int = 0
    meaning: str = ""


class Section(Record, frozen=True, omit_defaults=False):
    """Lines that belong together, and what they say in plain words."""

    title: str
    lines: tuple[Line, ...] = ()
    words: str = ""


class Matrix(Section, frozen=True, omit_defaults=False):
    """A section that is a table."""

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str | int | Estimate | None, ...], ...] = ()


class Content(Record, frozen=True, omit_defaults=False):
    """`sections` in the order of the card; `details` are more tables, with `--full` every number there is."""

    title: str
    facts: tuple[str, ...]
    sections: tuple[Section, ...]
    details: tuple[Section, ...]
    warnings: tuple[str, ...]


def of(scores: Scores, card: Card, *, full: bool = False, cost: float | None = None) -> Content:
    """One screen; with `full`, every number there is, each with what it means. `cost` is in dollars, where known."""
    rules.rule(scores.headline.rule)  # one of another distribution says with it in which units its numbers are
    sections = (
        _coverage(scores),
        _own_score(scores, full=full),
        *(_section(part, scores, card) for part in selection.CARD),
        _factors(scores),
        _added(scores, card),
        _section(selection.SIGHT, scores, card),
    )
    return Content(
        title=f"{scores.judge} on {scores.benchmark} {scores.manifest.version}",
        facts=tuple(_facts(scores, cost)),
        sections=tuple(section for section in sections if section.lines or section.words),
        details=(*_by_label(scores, card), *_by_subset(scores, full=full), *(_everything(scores) if full else ())),
        warnings=scores.warnings,
    )


def _what(scores: Scores) -> str:
    return "pairs" if addresses.task(scores) == catalogue.PAIRS else "items"


def _facts(scores: Scores, cost: float | None) -> Iterator[str]:
    manifest, covered, agreement = scores.manifest, scores.metrics[COVERAGE], scores.metrics[AGREEMENT]
    asked = agreement if agreement.value is not None else covered
    repeats = f", {manifest.samples} answers each" if manifest.samples > 1 else ""
    size = f"{asked.n:,} {_what(scores)}, {asked.n_clusters:,} questions"
    single = addresses.task(scores) in catalogue.SINGLE
    yield f"{size}, {'one response each' if single else _ORDERS[manifest.orders]}{repeats}; per cent, 95 % intervals"
    yield f"protocol {digest(manifest.protocol)}, cost {'not known' if cost is None else f'${cost:,.2f}'}"
    if manifest.served:
        version, commit = (manifest.versions.get(name) for name in ("judgebench", "commit"))
        how = f"judgebench {version}" + (f" ({commit})" if commit else "")
        yield f"answered by {', '.join(manifest.served)} from {manifest.started} to {manifest.ended}, {how}"
    if manifest.not_shown:
        yield f"not shown: {', '.join(manifest.not_shown)}"
    if manifest.dropped:
        yield f"not sent, since the provider does not take it: {', '.join(manifest.dropped)}"


def _coverage(scores: Scores) -> Section:
    failures = ", ".join(f"{count:,} {what}" for what, count in scores.coverage.failures.items() if count)
    words = f"Without one: {failures} of {scores.coverage.wanted:,}." if failures else ""
    forced = (
        Line(say.label, scores.metrics[say.address], 1)
        for say in (() if scores.metrics.keys().isdisjoint(selection.ONLY_FORCED) else selection.FORCED)
        if say.address in scores.metrics
    )
    return Section("Coverage", (Line("Trials with a verdict", scores.metrics[COVERAGE]), *forced), words)


def _own_score(scores: Scores, *, full: bool) -> Section:
    headline = scores.headline
    parts = [
        Line(name, part, 1)
        for name, part in headline.parts.items()
        if not estimates.same(part.value, headline.value) and catalogue.find(catalogue.PEOPLE, name) is None
    ]
    kept = parts if full else parts[:MOST_PARTS]
    return Section("Own score", (Line(f"Its own score ({headline.rule})", estimates.bare(headline)), *kept))


def _section(part: Part, scores: Scores, card: Card) -> Section:
    if part.title == selection.PEOPLE and not scores.human:
        return Section(part.title, words=readings.NO_PEOPLE[card.label_source])
    if part.needs and not _value(scores, part.needs):
        return Section(part.title)
    lines: list[Line] = []
    for say in part.lines:
        estimate = addresses.estimate(scores, say.address)
        if (
            estimate is not None
            and (estimate.value is not None or not say.defined)
            and addresses.task(scores) in say.tasks
        ):
            lines.append(Line(_label(say, scores), estimate, int(bool(lines))))
    about = (addresses.estimate(scores, address) for address in part.about)
    return Section(part.title, tuple(lines[:1] if part.either else lines), part.words(*about))


def _value(scores: Scores, address: str) -> bool:
    estimate = addresses.estimate(scores, address)
    return estimate is not None and estimate.value is not None


def _label(say: Say, scores: Scores) -> str:
    beside = addresses.estimate(scores, say.beside) if say.beside else None
    if beside is None or beside.value is None:
        return say.label
    p_value = numbers.text(beside)
    return f"{say.label} (p {p_value if p_value[0] == '<' else f'= {p_value}'})"


def _factors(scores: Scores) -> Section:
    effects = {name: estimate for name, estimate in scores.metrics.items() if name.startswith(selection.EFFECT)}
    names = (f"Effect of {name.removeprefix(selection.EFFECT)} on accuracy" for name in effects)
    return Section("Factors", tuple(map(Line, names, effects.values())))


def _added(scores: Scores, card: Card) -> Section:
    """The metrics of other distributions that the card names."""
    named = [name for name in card.metrics if name in scores.metrics]
    lines = (Line(added.added(name).metric.title, scores.metrics[name]) for name in named)
    return Section("Of other distributions", tuple(lines))


def _by_label(scores: Scores, card: Card) -> Iterator[Matrix]:
    labels = card.question.labels
    if not labels or addresses.task(scores) != catalogue.CLASSES:
        return

    def row(label: str) -> Iterator[str | int | Estimate | None]:
        yield label
        for said in (*labels, ""):
            count = scores.metrics[f"confusion[{label},{said}]"].value
            yield None if count is None else round(count)
        yield from (scores.metrics[f"{name}[{label}]"] for name in ("precision", "recall", "f1"))

    columns = ("gold", *(f"says {label}" for label in labels), "no label", "precision", "recall", "F1")
    title = "What gold says and what the judge says (trials)"
    yield Matrix(title=title, columns=columns, rows=tuple(tuple(row(label)) for label in labels))


def _by_subset(scores: Scores, *, full: bool) -> Iterator[Section]:
    if len(scores.subsets) > 1 and (full or len(scores.subsets) <= MOST_SUBSETS):
        sizes = {f"{name} ({estimates[AGREEMENT].n:,})": estimates for name, estimates in scores.subsets.items()}
        lines = (Line(label, estimates[addresses.HEADLINE], 1) for label, estimates in sizes.items())
        yield Section(f"Its own score by subset ({_what(scores)})", tuple(lines))


def _everything(scores: Scores) -> Iterator[Section]:
    task = addresses.task(scores)

    def lines(prefix: str, by_name: Mapping[str, Estimate]) -> Iterator[Line]:
        for name, estimate in by_name.items():
            record = addresses.record(f"{prefix}{name}", scores.headline.rule, task)
            meaning = record.meaning if record else ""
            yield Line(name, estimate, 0, f"{meaning} [{estimate.method}, n = {estimate.n:,}]")

    yield Section("All metrics", tuple(lines("", catalogue.current(catalogue.METRICS[task], scores.metrics))))
    if scores.human:
        yield Section("All about people", tuple(lines("human.", catalogue.current(catalogue.PEOPLE, scores.human))))
