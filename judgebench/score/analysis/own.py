"""Self-preference: does a judge favour the responses of its own model beyond what people and another judge do?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from judgebench.errors import InputError
from judgebench.results import Run
from judgebench.score.analysis.finding import Finding, column, difference, named, pairs_of, people, preferences, sides
from judgebench.score.comparison import require_same_items
from judgebench.stats.robustness import self_preference

SAYS = (
    "On the pairs of which one response is its own: how much more often it picks that one than people do, the same of "
    "another judge, and the difference. Only the difference can be called self-preference; the rest may be what "
    "machines like and people do not."
)


def analyze(runs: Sequence[Run], *, author: str) -> list[Finding]:
    """The judge's run, a reference judge's over the same items, and `author`, the name that the judge's own
    responses bear in the benchmark."""
    if len(runs) != 2:
        raise InputError("own takes the judge's run and that of another judge")
    require_same_items(runs)
    judge, reference = (pairs_of(run) for run in runs)
    own = sides(runs[0], judge, author)
    judge, reference, own = judge.where(own != 0), reference.where(own != 0), own[own != 0]
    preference = self_preference(
        np.sign(preferences(judge)), people(judge), np.sign(preferences(reference)), own, judge.clusters
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
    return [Finding(title, SAYS, column(numbers, "points"))]
