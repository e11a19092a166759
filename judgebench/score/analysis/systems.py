"""The systems that wrote the responses: does the judge rank them as people do?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from judgebench.errors import InputError
from judgebench.results import Run
from judgebench.score import estimates
from judgebench.score.analysis.finding import Finding, Floats, Row, fact, named, pairs_of, people, preferences
from judgebench.stats import ranking
from judgebench.types import Estimate

FEW_SYSTEMS = 10
_PRIOR = 0.5
_RATES = (
    "How often each system is preferred, ties half, and its strength against all others (Bradley-Terry, as Elo, with "
    "half a win of each over each other)."
)
_AGREEMENT = (
    "Judge and people on the order of the systems. A judge may get single verdicts wrong and the order right, and the "
    "other way round. Soft accuracy forgives a wrong order of two systems that people cannot tell apart either."
)


def analyze(runs: Sequence[Run]) -> list[Finding]:
    """One run of pairs whose responses have named authors."""
    if len(runs) != 1:
        raise InputError("systems is about one run")
    pairs = pairs_of(runs[0])
    judged, human = preferences(pairs), people(pairs)
    authors = [label.authors for label in pairs.labels]
    known = np.array([one is not None and two is not None and one != two for one, two in authors], dtype=np.bool_)
    known &= ~np.isnan(judged + human)
    systems = sorted({author for pair, kept in zip(authors, known, strict=True) if kept for author in pair if author})
    if len(systems) < 3:
        raise InputError(f"{named(runs[0])}: a ranking takes responses of three named systems, here are {len(systems)}")
    place = {system: index for index, system in enumerate(systems)}
    sides = np.array([[place[str(one)], place[str(two)]] for (one, two), kept in zip(authors, known) if kept])
    clusters, k = pairs.clusters[known], len(systems)
    tables = [_wins(verdicts[known], sides, k) for verdicts in (judged, human)]
    notes = []
    if k < FEW_SYSTEMS:
        notes.append(f"Only {k} systems: a rank correlation of so few rests on one or two swaps.")
    left = len(pairs) - int(known.sum())
    if left:
        notes.append(f"Left out: {left:,} pairs without a verdict, a vote, or two named systems.")
    title = named(runs[0])
    return [
        Finding(f"{title}: systems", _RATES, tuple(_rates(systems, tables, clusters))),
        Finding(f"{title}: ranking", _AGREEMENT, tuple(_agreement(tables, clusters, k)), tuple(notes)),
    ]


def _wins(verdicts: Floats, sides: NDArray[np.intp], k: int) -> Floats:
    """(pairs, k * k): what each pair adds to the table of wins, row over column."""
    rows = np.zeros((len(verdicts), k, k))
    at = np.arange(len(verdicts))
    rows[at, sides[:, 0], sides[:, 1]] = (1 - verdicts) / 2
    rows[at, sides[:, 1], sides[:, 0]] = (1 + verdicts) / 2
    return rows.reshape(len(verdicts), k * k)


def _rates(systems: Sequence[str], tables: Sequence[Floats], clusters: NDArray[np.intp]) -> list[Row]:
    k = len(systems)

    def rate(index: int) -> estimates.Statistic:
        return lambda cells: ranking.win_rates(cells.reshape(*cells.shape[:-1], k, k))[..., index]

    rows = []
    strengths = [ranking.bradley_terry(table.sum(0).reshape(k, k), prior=_PRIOR) for table in tables]
    for index, system in enumerate(systems):
        numbers: dict[str, Estimate] = {}
        for who, table, strength in zip(("judge", "people"), tables, strengths, strict=True):
            numbers[f"{who}: wins"] = estimates.of_counts(
                f"win_rate_{who}", table, clusters, rate(index), reason="no games"
            )
            value = None if strength is None else float(ranking.elo(strength)[index])
            numbers[f"{who}: Elo"] = fact(f"elo_{who}", value, "see the win rate for how sure it is")
        rows.append(Row(system, numbers))
    return [rows[index] for index in estimates.best_first([row.numbers["people: wins"].value for row in rows])]


def _agreement(tables: Sequence[Floats], clusters: NDArray[np.intp], k: int) -> list[Row]:
    both = np.concatenate(tables, axis=1)

    def of_rates(compare: Callable[[Floats, Floats], Floats]) -> estimates.Statistic:
        def statistic(cells: Floats) -> Floats:
            shaped = cells.reshape(*cells.shape[:-1], 2, k, k)
            rates = ranking.win_rates(shaped)
            return compare(rates[..., 1, :], rates[..., 0, :])

        return statistic

    same = "a side does not tell any two systems apart"
    found = {
        "Kendall's tau-b of win rates": estimates.of_counts(
            "kendall_tau", both, clusters, of_rates(ranking.kendall_tau_from_scores), reason=same
        ),
        "pairs of systems in the same order": estimates.of_counts(
            "pairwise_accuracy", both, clusters, of_rates(ranking.pairwise_accuracy_from_scores), reason=same
        ),
        "soft pairwise accuracy": fact(
            "soft_pairwise_accuracy", _soft(tables, clusters, k), "it is made of p-values", n=len(both)
        ),
    }
    return [Row(label, {"value": value}) for label, value in found.items()]


def _soft(tables: Sequence[Floats], clusters: NDArray[np.intp], k: int) -> float | None:
    """With each system's score on a question what the question adds to its win rate beyond one half."""
    p_values = []
    for table in tables:
        wins = table.reshape(len(table), k, k)
        games = (wins + wins.transpose(0, 2, 1)).sum(2)
        shares = (wins.sum(2) - games / 2) / games.sum(0)
        rng = np.random.default_rng(estimates.SEED)
        p_values.append(ranking.pairwise_p_values(shares.T, clusters, rng=rng, resamples=estimates.RESAMPLES // 10))
    return ranking.soft_pairwise_accuracy(p_values[1], p_values[0])
