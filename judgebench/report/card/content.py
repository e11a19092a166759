"""What stands on a report card, in the order in which a reader needs it: may the run be trusted at all, the benchmark's
own number, the number for comparison, people, chance, position, ties, length, replaceability, and what so many
questions can show."""

from __future__ import annotations

from collections.abc import Iterator

from judgebench.report.card import readings
from judgebench.score import added, estimates, glossary, rules
from judgebench.types import Card, Estimate, Record, Scores, digest

MOST_PARTS = 4
"""More of the other numbers that a benchmark's authors print stand in `--full` only."""
MOST_SUBSETS = 10

_ORDERS = {"both": "both orders", "single": "one order", "merged": "orders merged upstream"}
_OF_RATINGS = {
    "mae": "mean distance from gold, in points",
    "signed_bias": "rating minus gold, in points",
    "spearman": "rank correlation with gold",
    "detection": "solutions rightly called right or wrong",
    "step_accuracy": "first wrong steps found",
}


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


class Content(Record, frozen=True, omit_defaults=False):
    """`sections` in the order of the card; `details` are more tables, with `--full` every number there is."""

    title: str
    facts: tuple[str, ...]
    sections: tuple[Section, ...]
    details: tuple[Section, ...]
    warnings: tuple[str, ...]


def of(scores: Scores, card: Card, *, full: bool, cost: float | None) -> Content:
    sections = (
        _coverage(scores),
        _own_score(scores, full=full),
        _agreement(scores),
        _people(scores, card),
        _beyond_chance(scores),
        _position(scores),
        _ties(scores),
        _length(scores),
        _replaceability(scores),
        _factors(scores),
        _added(scores, card),
        _sight(scores),
    )
    return Content(
        title=f"{scores.judge} on {scores.benchmark} {scores.manifest.version}",
        facts=tuple(_facts(scores, cost)),
        sections=tuple(section for section in sections if section.lines or section.words),
        details=(*_by_subset(scores, full=full), *(_everything(scores, card) if full else ())),
        warnings=scores.warnings,
    )


def is_pairs(scores: Scores) -> bool:
    """Only pairs have ties, and so a metric of that name."""
    return "tie_rate" in scores.metrics


def _facts(scores: Scores, cost: float | None) -> Iterator[str]:
    manifest, shown = scores.manifest, scores.metrics["coverage"]
    items = scores.metrics["agreement"].n if scores.metrics["agreement"].value is not None else shown.n
    what = "pairs" if is_pairs(scores) else "items"
    repeats = f", {manifest.samples} answers each" if manifest.samples > 1 else ""
    size = f"{items:,} {what}, {shown.n_clusters:,} questions"
    yield f"{size}, {_ORDERS[manifest.orders]}{repeats}; per cent, 95 % intervals"
    yield f"protocol {digest(manifest.protocol)}, cost {'not known' if cost is None else f'${cost:,.2f}'}"


def _coverage(scores: Scores) -> Section:
    found = scores.coverage
    failures = ", ".join(f"{count:,} {what}" for what, count in found.failures.items() if count)
    words = f"Without one: {failures} of {found.wanted:,}." if failures else ""
    return Section("Coverage", (Line("Trials with a verdict", scores.metrics["coverage"]),), words)


def _own_score(scores: Scores, *, full: bool) -> Section:
    headline = scores.headline
    parts = [
        Line(name, part, 1)
        for name, part in headline.parts.items()
        if part.value != headline.value and not name.startswith("judge_")
    ]
    kept = parts if full else parts[:MOST_PARTS]
    return Section("Own score", (Line(f"Its own score ({headline.rule})", estimates.bare(headline)), *kept))


def _agreement(scores: Scores) -> Section:
    metrics = scores.metrics
    beside = [Line(label, metrics[name], 1) for name, label in _OF_RATINGS.items() if name in metrics]
    line = Line("Agreement with gold, failures wrong", metrics["agreement"])
    return Section("Agreement", (line, *beside), readings.agreement(metrics))


def _people(scores: Scores, card: Card) -> Section:
    people = scores.human
    if not people:
        return Section("People", words=readings.NO_PEOPLE[card.label_source])
    lines = (
        Line("A held-out person against the other people", people["human_leave_one_out"]),
        Line("the judge against the same people", people["judge_leave_one_out"], 1),
        Line("judge minus human", people["judge_minus_human"], 1),
    )
    return Section("People", lines, readings.people(people))


def _beyond_chance(scores: Scores) -> Section:
    lines = []
    if "cohen_kappa" in scores.metrics:
        lines.append(Line("Cohen's kappa of judge and gold", scores.metrics["cohen_kappa"]))
    level = "nominal" if is_pairs(scores) else "interval"
    for name, label in (
        ("krippendorff_alpha", f"Krippendorff's alpha of people, {level}"),
        ("gwet_ac1", "Gwet's AC1 of people"),
    ):
        if name in scores.human:
            lines.append(Line(label, scores.human[name], int(bool(lines))))
    return Section("Beyond chance", tuple(lines), readings.beyond_chance(scores.metrics, scores.human))


def _position(scores: Scores) -> Section:
    metrics = scores.metrics
    if not is_pairs(scores):
        known = metrics["consistency"].value is not None
        return Section(
            "Position", (Line("Same best response in both orders", metrics["consistency"]),) if known else ()
        )
    lines = [Line("Same verdict when the responses swap places", metrics["consistency"])]
    if metrics["delta_bias"].value is not None:
        p_value = metrics["position_p"].value
        exact = "" if p_value is None else f" (p = {p_value:.2g})"
        lines.append(Line(f"lean: second minus first slot{exact}", metrics["delta_bias"], 1))
    if "rerun_agreement" in metrics:
        lines.append(Line("same answer to the same trial", metrics["rerun_agreement"], 1))
    return Section("Position", tuple(lines), readings.position(metrics))


def _ties(scores: Scores) -> Section:
    metrics = scores.metrics
    if not is_pairs(scores):
        return Section("Ties")
    lines = [Line("Verdicts that are ties", metrics["tie_rate"])]
    if "gold_tie_rate" in metrics:
        lines.append(Line("gold that is a tie", metrics["gold_tie_rate"], 1))
    return Section("Ties", tuple(lines), readings.ties(metrics))


def _length(scores: Scores) -> Section:
    metrics = scores.metrics
    if "length_effect" not in metrics or metrics["length_effect"].value is None:
        return Section("Length")
    lines = [
        Line("Decisive verdicts for the longer response", metrics["prefer_longer"]),
        Line("length at equal gold, log-odds", metrics["length_effect"], 1),
    ]
    if metrics["human_length_effect"].value is not None:
        lines.append(Line("the same of people, log-odds", metrics["human_length_effect"], 1))
    return Section("Length", tuple(lines), readings.length(metrics))


def _replaceability(scores: Scores) -> Section:
    people = scores.human
    if not people or "alt_test_omega" not in people or people["alt_test_omega"].value is None:
        return Section("Replaceability")
    lines = (
        Line("People whose place it may take (omega)", people["alt_test_omega"]),
        Line("as good as a person (rho)", people["alt_test_rho"], 1),
        Line("a person as good as it", people["alt_test_rho_human"], 1),
        Line("the second minus the first", people["alt_test_difference"], 1),
    )
    return Section("Replaceability", lines, readings.replaceability(people))


def _factors(scores: Scores) -> Section:
    return Section(
        "Factors",
        tuple(
            Line(f"Effect of {name.removeprefix('effect_')} on accuracy", estimate)
            for name, estimate in scores.metrics.items()
            if name.startswith("effect_")
        ),
    )


def _added(scores: Scores, card: Card) -> Section:
    """The metrics of other distributions that the card names."""
    named = [name for name in card.metrics if name in scores.metrics]
    lines = (Line(added.added(name).metric.heading or name, scores.metrics[name]) for name in named)
    return Section("Of other distributions", tuple(lines))


def _sight(scores: Scores) -> Section:
    own, gap = scores.metrics.get("agreement_mde"), scores.human.get("judge_minus_human_mde")
    lines = []
    if gap is not None and gap.value is not None:
        lines.append(Line("Gap to people that this run can see (MDE)", gap))
    elif own is not None and own.value is not None:
        lines.append(Line("Change of agreement that it can see (MDE)", own))
    return Section("Sight", tuple(lines), readings.sight(lines[0].estimate) if lines else "")


def _by_subset(scores: Scores, *, full: bool) -> Iterator[Section]:
    if len(scores.subsets) > 1 and (full or len(scores.subsets) <= MOST_SUBSETS):
        what = "pairs" if is_pairs(scores) else "items"
        yield Section(
            f"Its own score by subset ({what})",
            tuple(
                Line(f"{name} ({found['agreement'].n:,})", found["headline"], 1)
                for name, found in scores.subsets.items()
            ),
        )


def _everything(scores: Scores, card: Card) -> Iterator[Section]:
    kind = rules.PAIRS if is_pairs(scores) else rules.SETS

    def line(name: str, estimate: Estimate, meaning: str) -> Line:
        return Line(name, estimate, 0, f"{meaning} [{estimate.method}, n = {estimate.n:,}]")

    others = {name: added.added(name).metric.meaning for name in card.metrics}
    metrics = (
        line(name, found, others.get(name) or glossary.meaning(name, kind)) for name, found in scores.metrics.items()
    )
    yield Section("All metrics", tuple(metrics))
    # A coefficient of the people bears the name of that of judge and gold.
    people = (
        line(name, found, glossary.PEOPLE.get(name) or glossary.meaning(name, kind))
        for name, found in scores.human.items()
    )
    if scores.human:
        yield Section("All about people", tuple(people))
