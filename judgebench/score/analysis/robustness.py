"""What a change that should not matter does to the verdicts, beyond what asking again does (CALM's rates); and
self-preference: does a judge favour the responses of its own model beyond what people and another judge do?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from judgebench.errors import InputError
from judgebench.results import Run
from judgebench.score import estimates
from judgebench.score.analysis.finding import Finding, column, difference, named, pairs_of, people, preferences, sides
from judgebench.score.arrays import Floats
from judgebench.score.comparison import require_same_items
from judgebench.score.pairs import Pairs, on_axis
from judgebench.stats import robustness
from judgebench.types import Estimate

SAYS = (
    "How many verdicts stay when the trial is asked again, and how many when it is perturbed. The perturbation is "
    "charged with the difference only: asked again, a judge changes its mind too. Kept verdicts are not right ones."
)
OWN = (
    "On the pairs of which one response is its own: how much more often it picks that one than people do, the same of "
    "another judge, and the difference. Only the difference can be called self-preference; the rest may be what "
    "machines like and people do not."
)


def analyze(runs: Sequence[Run], *, placebo: bool = False) -> list[Finding]:
    """A run, the same asked again (or a run with two samples and nothing in its place), the perturbed one and, where
    `placebo` says so, one whose change is neutral. They are matched by item and order; the items may differ in
    their texts and, but for the ids, in everything."""
    base = pairs_of(runs[0])
    wanted = 3 + placebo
    if len(runs) == wanted - 1 and base.verdicts.shape[2] > 1:
        others = [base.verdicts[:, :, 1], *(_matched(runs[0], base, run) for run in runs[1:])]
    elif len(runs) == wanted:
        others = [_matched(runs[0], base, run) for run in runs[1:]]
    else:
        raise InputError(
            "robustness takes a run, the same run again (or --samples 2 in the first) and the perturbed one"
        )
    flat = [on_axis(codes).ravel() for codes in (base.verdicts[:, :, 0], *others)]
    clusters = np.repeat(base.clusters, base.verdicts.shape[1])
    result = robustness.robustness(flat[0], flat[1], flat[2], flat[3] if placebo else None, clusters)
    if result is None:
        raise InputError(f"{named(runs[0])}: no trial has a verdict in all of the runs")
    whole = ~np.isnan(np.stack(flat)).any(0)
    changes = ("asked again (CALM's CR)", "perturbed (CALM's RR)", "neutral change (placebo)")
    numbers = {
        f"same verdict, {name}": estimates.share("same", (flat[0] == other)[whole], clusters[whole])
        for name, other in zip(changes, flat[1:], strict=False)
    }
    numbers["changed by the perturbation beyond that"] = difference(result.beyond_rerun)
    if result.placebo is not None:
        numbers["and beyond the placebo"] = difference(result.beyond_placebo)
    numbers["moved towards the wrong response"] = _direction(base, flat[0], flat[2])
    notes = (f"{result.units:,} trials with a verdict in every run; left out: {result.failed:,}.",)
    return [Finding(f"{named(runs[0])}: robustness", SAYS, column(numbers, "share"), notes)]


def _matched(first: Run, base: Pairs, run: Run) -> NDArray[np.int8]:
    """(items, orders) of the base's items, in its order."""
    other = pairs_of(run)
    place = {label.id: index for index, label in enumerate(other.labels)}
    missing = [label.id for label in base.labels if label.id not in place]
    if missing or other.verdicts.shape[1] != base.verdicts.shape[1]:
        why = f"lacks item {missing[0]}" if missing else f"has {other.orders} orders, not {base.orders}"
        raise InputError(f"{named(run)} {why}: it cannot be matched with {named(first)}")
    return other.verdicts[[place[label.id] for label in base.labels], :, 0]


def _direction(base: Pairs, before: Floats, after: Floats) -> Estimate:
    """Of the verdicts that moved, where gold is decisive: the share that moved to the losing side."""
    orders = base.verdicts.shape[1]
    moved = np.nan_to_num((before - after) * np.repeat(on_axis(base.gold), orders))  # above 0: to the losing side
    changed, clusters = moved != 0, np.repeat(base.clusters, orders)
    empty = "no verdict with decisive gold moved"
    return estimates.share("toward", moved[changed] > 0, clusters[changed], empty=empty)


def own(runs: Sequence[Run], *, author: str) -> list[Finding]:
    """The judge's run, a reference judge's over the same items, and `author`, the name that the judge's own
    responses bear in the benchmark."""
    if len(runs) != 2:
        raise InputError("own takes the judge's run and that of another judge")
    require_same_items(runs)
    judge, reference = (pairs_of(run) for run in runs)
    mine = sides(runs[0], judge, author)
    judge, reference, mine = judge.where(mine != 0), reference.where(mine != 0), mine[mine != 0]
    preference = robustness.self_preference(
        np.sign(preferences(judge)), people(judge), np.sign(preferences(reference)), mine, judge.clusters
    )
    if preference is None:
        raise InputError(f"{named(runs[0])}: it takes two questions with verdicts of both judges and of people")
    name, other = (run.manifest.judge for run in runs)
    numbers = {
        f"{name}, own picks beyond people's": difference(preference.judge),
        f"{other}, the same picks beyond people's": difference(preference.reference),
        "the first beyond the second": difference(preference.difference),
    }
    title = f"{runs[0].manifest.benchmark}: does {name} favour {author}?"
    return [Finding(title, OWN, column(numbers, "points"))]
