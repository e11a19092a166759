"""The systems that wrote the responses: does the judge rank them as people do?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from judgebench.errors import InputError
from judgebench.results import Run
from judgebench.score import estimates
from judgebench.score.analysis.finding import Finding, Row, column, fact, named, only, pairs_of, people, preferences
from judgebench.score.arrays import Floats
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
    run = only(runs, "systems")
    pairs, title = pairs_of(run), named(run)
    judged, human = preferences(pairs), people(pairs)
    usable = ~np.isnan(judged + human)
    usable &= [None not in label.authors and len(set(label.authors)) == 2 for label in pairs.labels]
    authors = [label.authors for label, kept in zip(pairs.labels, usable, strict=True) if kept]
    systems, flat = np.unique(np.array(authors, dtype=str), return_inverse=True)
    k, sides = len(systems), flat.reshape(-1, 2)
    if k < 3:
        raise InputError(f"{title}: a ranking takes responses of three named systems, here are {k}")
    clusters, tables = pairs.clusters[usable], [_wins(verdicts[usable], sides, k) for verdicts in (judged, human)]
    notes = [f"Only {k} systems: a rank correlation of so few rests on one or two swaps."] if k < FEW_SYSTEMS else []
    left = len(pairs) - int(usable.sum())
    if left:
        notes.append(f"Left out: {left:,} pairs without a verdict, a vote, or two named systems.")
    return [
        Finding(f"{title}: systems", _RATES, tuple(_rates(systems.tolist(), tables, clusters))),
        Finding(f"{title}: ranking", _AGREEMENT, column(_agreement(tables, clusters)), tuple(notes)),
    ]


def _wins(verdicts: Floats, sides: NDArray[np.intp], k: int) -> Floats:
    """(pairs, k, k): what each pair adds to the table of wins, row over column."""
    rows = np.zeros((len(verdicts), k, k))
    at = np.arange(len(verdicts))
    rows[at, sides[:, 0], sides[:, 1]] = (1 - verdicts) / 2
    rows[at, sides[:, 1], sides[:, 0]] = (1 + verdicts) / 2
    return rows


def _rates(systems: Sequence[str], tables: Sequence[Floats], clusters: NDArray[np.intp]) -> list[Row]:
    def rate(index: int) -> estimates.Statistic:
        return lambda wins: ranking.win_rates(wins)[..., index]

    strengths = [ranking.bradley_terry(table.sum(0), prior=_PRIOR) for table in tables]
    rows = []
    for index, system in enumerate(systems):
        numbers: dict[str, Estimate] = {}
        for who, table, strength in zip(("judge", "people"), tables, strengths, strict=True):
            wins = estimates.of_counts(f"win_rate_{who}", table, clusters, rate(index), reason="no games")
            elo = None if strength is None else float(ranking.elo(strength)[index])
            numbers[f"{who}: wins"] = wins
            numbers[f"{who}: Elo"] = fact(f"elo_{who}", elo, "see the win rate for how sure it is")
        rows.append(Row(system, numbers))
    return [rows[index] for index in estimates.best_first([row.numbers["people: wins"].value for row in rows])]


def _agreement(tables: Sequence[Floats], clusters: NDArray[np.intp]) -> dict[str, Estimate]:
    both = np.stack(tables, axis=1)

    def of_rates(name: str, compare: Callable[[Floats, Floats], Floats]) -> Estimate:
        def statistic(wins: Floats) -> Floats:
            rates = ranking.win_rates(wins)
            return compare(rates[..., 1, :], rates[..., 0, :])

        return estimates.of_counts(name, both, clusters, statistic, reason="a side does not tell any two systems apart")

    return {
        "Kendall's tau-b of win rates": of_rates("kendall_tau", ranking.kendall_tau_from_scores),
        "pairs of systems in the same order": of_rates("pairwise_accuracy", ranking.pairwise_accuracy_from_scores),
        "soft pairwise accuracy": fact(
            "soft_pairwise_accuracy", _soft(tables, clusters), "it is made of p-values", n=len(both)
        ),
    }


def _soft(tables: Sequence[Floats], clusters: NDArray[np.intp]) -> float | None:
    """With each system's score on a question what the question adds to its win rate beyond one half."""
    p_values = []
    for wins in tables:
        games = (wins + wins.transpose(0, 2, 1)).sum(2)
        shares = (wins.sum(2) - games / 2) / games.sum(0)
        rng = np.random.default_rng(estimates.SEED)
        p_values.append(ranking.pairwise_p_values(shares.T, clusters, rng=rng, resamples=estimates.RESAMPLES // 10))
    return ranking.soft_pairwise_accuracy(p_values[1], p_values[0])
