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
