"""Where a number stands in scores.json: `headline`, `headline.<part>`, `human.<name>`, or a metric's name alone."""

from __future__ import annotations

from judgebench.score import added, catalogue
from judgebench.score.catalogue import Metric
from judgebench.score.rules import rule as rule_of
from judgebench.types import Estimate, Scores

HEADLINE, HUMAN = "headline", "human"


def record(address: str, rule: str, task: str) -> Metric | None:
    """The record of a number of a run that is scored by this rule and gives verdicts of this kind; None where no such
    run has it."""
    group, name = _split(address)
    if group == HEADLINE:
        return rule_of(rule).of_part(name) if name else rule_of(rule).value
    if group == HUMAN:
        return catalogue.find(catalogue.PEOPLE, name) or rule_of(rule).of_people(name)
    return catalogue.find(catalogue.METRICS[task], name) or added.record(name)


def estimate(scores: Scores, address: str, subset: str = "") -> Estimate | None:
    """The number itself, of the whole or of a subset; None where the run lacks it or another has replaced it."""
    group, name = _split(address)
    metric = record(address, scores.headline.rule, task(scores))
    if metric is not None and metric.replaced_by:
        return None
    if subset:
        return scores.subsets.get(subset, {}).get(address)
    if group == HEADLINE:
        return scores.headline.parts.get(name) if name else scores.headline
    return (scores.human if group == HUMAN else scores.metrics).get(name)


def task(scores: Scores) -> str:
    """The kind of verdict of a run, by the names of its metrics."""
    return max(catalogue.TASKS, key=lambda one: sum(name in catalogue.METRICS[one] for name in scores.metrics))


def _split(address: str) -> tuple[str, str]:
    group, _, name = address.partition(".")
    return (group, name) if group in (HEADLINE, HUMAN) else ("", address)
