"""The report card: one judge on one benchmark, on one screen of 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from judgebench import resources
from judgebench.report.tables import NOTHING, percent
from judgebench.score import glossary, rules
from judgebench.types import Card, Estimate, Scores

WIDTH = 80
_NO_PEOPLE = {
    "human": "One label an item, from people: there is no human baseline.",
    "objective": "The labels are objective: right answers, not opinions.",
    "model": "The labels are a model's: agreement is with that model, not with people.",
}
_NOT_PER_CENT = ("raters", "position_p", "length_effect", "human_length_effect")
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


def render(scores: Scores, *, full: bool = False) -> str:
    """One screen; with `full`, every number there is, each with what it means."""
    card = resources.card(scores.benchmark.partition("[")[0])
    lines = [
        textwrap.shorten(f"{scores.judge} on {scores.benchmark} {scores.manifest.version}", WIDTH),
        "=" * WIDTH,
        _size(scores),
        *_own_score(scores),
        *_sections(scores, card),
        *_coverage(scores),
        *_by_subset(scores),
        *(_everything(scores) if full else ()),
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
        yield from _reading(people)
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
    if "length_effect" in metrics and metrics["length_effect"].value is not None:
        yield _row("Decisive verdicts for the longer response", metrics["prefer_longer"])
        yield _plain("  length at equal gold (log-odds)", metrics["length_effect"])
        if metrics["human_length_effect"].value is not None:
            yield _plain("  the same of people", metrics["human_length_effect"])
    if people and people["alt_test_omega"].value is not None:
        yield _row("People whose place it may take (alt-test)", people["alt_test_omega"])
        yield _row("  as good as a person (rho)", people["alt_test_rho"])
        yield _row("  a person as good as it", people["alt_test_rho_human"])
    for name, estimate in metrics.items():
        if name.startswith("effect_"):
            yield _row(f"Effect of {name.removeprefix('effect_')} on accuracy", estimate)


def _reading(people: dict[str, Estimate]) -> Iterator[str]:
    """The human comparison in a sentence."""
    gap, judge, human = (people[name] for name in ("judge_minus_human", "judge_leave_one_out", "human_leave_one_out"))
    if gap.value is None or judge.value is None or human.value is None or gap.low is None or gap.high is None:
        return
    low, high = sorted((abs(gap.low), abs(gap.high)))
    if gap.low <= 0 <= gap.high:
        verdict = f"which this sample cannot tell apart ({100 * gap.low:+.0f} to {100 * gap.high:+.0f} points)"
    else:
        side = "below" if gap.value < 0 else "above"
        verdict = f"{100 * abs(gap.value):.0f} points {side} (95 % interval {100 * low:.0f} to {100 * high:.0f})"
    text = (
        f"It agrees with people {judge.value:.0%} of the time, a person with the others {human.value:.0%}: {verdict}."
    )
    yield textwrap.fill(text, WIDTH, initial_indent="  ", subsequent_indent="  ")


def _everything(scores: Scores) -> Iterator[str]:
    kind = rules.PAIRS if _is_pairs(scores) else rules.SETS
    for title, estimates in (("All metrics", scores.metrics), ("All about people", scores.human)):
        if estimates:
            yield ""
            yield title
        for name, estimate in estimates.items():
            show = _plain if name in _NOT_PER_CENT else _row
            yield show(name, estimate)
            meaning = f"{glossary.meaning(name, kind)} [{estimate.method}, n = {estimate.n:,}]"
            yield textwrap.fill(meaning, WIDTH, initial_indent="    ", subsequent_indent="    ")


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


def _plain(label: str, estimate: Estimate) -> str:
    """A number that is no share."""
    if estimate.value is None:
        return _row(label, estimate)
    interval = "" if estimate.low is None or estimate.high is None else f"[{estimate.low:.2f}, {estimate.high:.2f}]"
    return f"{label.ljust(_LABEL)}{estimate.value:>{_VALUE}.2f}  {interval}".rstrip()


def _row(label: str, estimate: Estimate) -> str:
    if estimate.value is None:
        return textwrap.fill(
            f"{label.ljust(_LABEL)}{NOTHING:>{_VALUE}}  {estimate.reason}", WIDTH, subsequent_indent=" " * (_LABEL + 10)
        )
    value, _, interval = percent(estimate).partition(" ")
    return f"{label.ljust(_LABEL)}{value:>{_VALUE}}  {interval}".rstrip()
