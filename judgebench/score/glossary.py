"""What every metric's name means, in the words of the module that computes it: for tables, the page and the docs.

A name may mean another thing for another kind of verdict (`rules.task`), so the glossary is by kind.
"""

from __future__ import annotations

from judgebench.score import human, length, metrics, ratings, rules, sets, steps

METRICS: dict[str, dict[str, str]] = {
    rules.PAIRS: metrics.METRICS | length.LENGTH,
    rules.RATINGS: metrics.METRICS | ratings.METRICS,
    rules.SETS: metrics.METRICS | sets.METRICS,
    rules.STEPS: metrics.METRICS | steps.METRICS,
}
"""Of `metrics` in scores.json, by kind of verdict."""
PEOPLE: dict[str, str] = human.HUMAN | ratings.HUMAN
"""Of `human` in scores.json. `cohen_kappa[A,B]` stands for every two people."""

EFFECT = "accuracy where the right response has the factor minus accuracy where the wrong one has it"
"""Of `effect_<factor>`, on a benchmark that crosses a factor with right and wrong."""

PARTS: dict[str, str] = {
    "accuracy": "share of verdicts equal to gold, a failure counting as upstream counts it",
    "macro_precision": "precision, mean over the classes, failures likewise",
    "macro_recall": "recall, mean over the classes, failures likewise",
    "macro_f1": "F1, mean over the classes, failures likewise",
    "consistency": "share of pairs with the same verdict in both orders, a failure counting as upstream counts it",
    "correct_original": "share right in the stored order",
    "correct_swapped": "share right with the responses swapped",
    "both": "share right in both orders",
    "equal": "share of pairs with the same answer in both orders, two failures being the same",
    "single_order": "share right in the stored order alone",
    "run_1": "share right in the stored order",
    "run_2": "share right with the responses swapped",
    "bias_first": "share of pairs on which the first slot gains when the responses swap places, a failure being a tie",
    "bias_second": "the same for the second slot",
    "total_bias": "share of pairs whose verdict changes when the responses swap places, a failure being a tie",
    "delta_bias": "distance of the two biases from each other",
    "s1": "share of people's votes that the judge shares, ties included",
    "s2": "the same without votes and verdicts that are ties",
    "agr_valid": "the score over valid answers alone",
    "valid_rate": "share of answers that hold a rating",
    "agr_follows_gold": "correlation over scenarios of the score with the mean gold rating",
    "without_ties": "the score over pairs whose gold is no tie",
}
"""Of `headline.parts` in scores.json, where a rule's other numbers are not named after a metric or a subset."""


def part(name: str) -> str:
    """What a part of a benchmark's own score means; empty where it is a metric's name or speaks for itself."""
    return PARTS.get(name, "")


def meaning(name: str, kind: str = rules.PAIRS) -> str:
    """What a name in scores.json means; empty where nothing is known of it. Where a kind has no such name, another's is
    taken.

    >>> meaning("coverage")
    'share of trials with a verdict'
    >>> meaning("cohen_kappa[ann,bob]")
    "Cohen's kappa of two people, where they are few enough to be named"
    """
    bare = name.partition("[")[0]
    if bare != name:
        return next((text for known, text in PEOPLE.items() if known.partition("[")[0] == bare), "")
    if name.startswith("effect_"):
        return EFFECT
    known = [METRICS[kind], PEOPLE, *METRICS.values()]
    return next((texts[name] for texts in known if name in texts), "")
