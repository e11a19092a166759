"""The report card: one judge on one benchmark, on one screen of 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from judgebench import resources
from judgebench.report.tables import NOTHING, percent
from judgebench.types import Card, Estimate, Scores

WIDTH = 80
_NO_PEOPLE = {
    "human": "One label an item, from people: there is no human baseline.",
    "objective": "The labels are objective: right answers, not opinions.",
    "model": "The labels are a model's: agreement is with that model, not with people.",
}
MOST_SUBSETS = 10
_LABEL, _VALUE = 46, 8
_BESIDE_AGREEMENT = {
    "cohen_kappa": "Cohen's kappa",
    "mae": "mean distance from gold, in points",
    "signed_bias": "rating minus gold, in points",
    "spearman": "rank correlation with gold",
    "detection": "solutions rightly called right or wrong",
    "step_accuracy": "first wrong steps found",
}
_ORDERS = {"both": "both orders", "single": "one order", "merged": "orders merged upstream"}


def render(scores: Scores) -> str:
    card = resources.card(scores.benchmark.partition("[")[0])
    lines = [
        textwrap.shorten(f"{scores.judge} on {scores.benchmark} {scores.manifest.version}", WIDTH),
        "=" * WIDTH,
        _size(scores),
        *_own_score(scores),
        *_sections(scores, card),
        *_coverage(scores),
        *_by_subset(scores),
        *_warnings(scores),
    ]
    return "\n".join(lines) + "\n"


def one_line(scores: Scores) -> str:
    headline, agreement = percent(scores.headline), percent(scores.metrics["agreement"])
    return (
        f"{scores.benchmark}: {scores.headline.rule} {headline}, agreement {agreement}, "
        f"coverage {scores.coverage.share:.1%}"
    )


def _size(scores: Scores) -> str:
    shown = scores.metrics["coverage"]
    items = scores.metrics["agreement"].n if scores.metrics["agreement"].value is not None else shown.n
    what = "pairs" if _is_pairs(scores) else "items"
    orders = _ORDERS[scores.manifest.orders]
    return f"{items:,} {what}, {shown.n_clusters:,} questions, {orders}; per cent, 95 % intervals"


def _own_score(scores: Scores) -> Iterator[str]:
    yield ""
    yield _row(f"Its own score ({scores.headline.rule})", scores.headline)
    for name, part in scores.headline.parts.items():
        if part.value != scores.headline.value and not name.startswith("judge_"):
            yield _row(f"  {name}", part)


def _sections(scores: Scores, card: Card) -> Iterator[str]:
    metrics, people = scores.metrics, scores.human
    yield _row("Agreement with gold, failures wrong", metrics["agreement"])
    for name, label in _BESIDE_AGREEMENT.items():
        if name in metrics:
            yield _row(f"  {label}", metrics[name])
    if people:
        yield _row("A held-out person against the other people", people["human_leave_one_out"])
        yield _row("  the judge against the same people", people["judge_leave_one_out"])
        yield _row("  judge minus human", people["judge_minus_human"])
        level = "nominal" if _is_pairs(scores) else "interval"
        yield _row(f"  people's own alpha (Krippendorff, {level})", people["krippendorff_alpha"])
    else:
        yield _NO_PEOPLE[card.label_source]
    if not _is_pairs(scores):
        if metrics["consistency"].value is not None:
            yield _row("Same best response in both orders", metrics["consistency"])
        return
    yield _row("Same verdict when the responses swap places", metrics["consistency"])
    if metrics["consistency"].value is not None and scores.manifest.orders == "both":
        yield _row("  leans to the first slot", metrics["first_bias"])
        yield _row("  leans to the second slot", metrics["second_bias"])
        yield _row("  decisive verdicts for the first slot", metrics["first_slot_rate"])
        p_value = metrics["position_p"].value
        shown = NOTHING if p_value is None else f"{p_value:.2g}"
        yield f"{'  p of first against second'.ljust(_LABEL)}{shown:>{_VALUE}}"
    yield _row("Verdicts that are ties", metrics["tie_rate"])
    for name, estimate in metrics.items():
        if name.startswith("effect_"):
            yield _row(f"Effect of {name.removeprefix('effect_')} on accuracy", estimate)


def _coverage(scores: Scores) -> Iterator[str]:
    failures = ", ".join(f"{count:,} {what}" for what, count in scores.coverage.failures.items() if count)
    yield _row("Trials with a verdict", scores.metrics["coverage"])
    if failures:
        yield f"  {failures} of {scores.coverage.wanted:,}"


def _by_subset(scores: Scores) -> Iterator[str]:
    if 1 < len(scores.subsets) <= MOST_SUBSETS:
        yield ""
        yield f"Its own score by subset ({'pairs' if _is_pairs(scores) else 'items'})"
        for name, found in scores.subsets.items():
            yield _row(f"  {name} ({found['agreement'].n:,})", found["headline"])


def _warnings(scores: Scores) -> Iterator[str]:
    if scores.warnings:
        yield ""
    for warning in scores.warnings:
        yield textwrap.fill(f"! {warning}", WIDTH, subsequent_indent="  ")


def _is_pairs(scores: Scores) -> bool:
    """Only pairs have ties, and so a metric of that name."""
    return "tie_rate" in scores.metrics


def _row(label: str, estimate: Estimate) -> str:
    if estimate.value is None:
        return textwrap.fill(
            f"{label.ljust(_LABEL)}{NOTHING:>{_VALUE}}  {estimate.reason}", WIDTH, subsequent_indent=" " * (_LABEL + 10)
        )
    value, _, interval = percent(estimate).partition(" ")
    return f"{label.ljust(_LABEL)}{value:>{_VALUE}}  {interval}".rstrip()
