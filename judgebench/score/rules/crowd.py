"""Rules that compare a judge with several people who did the same work, each left out in turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judgebench.score import estimates, human
from judgebench.score.pairs import FAILED, FIRST, SECOND, Pairs, code, on_axis
from judgebench.score.rules import models
from judgebench.score.rules.ruling import Ruling, merged
from judgebench.score.scored import Scored, ratings_of
from judgebench.stats import human as people
from judgebench.stats import length
from judgebench.types import Estimate

Floats = NDArray[np.float64]
_PREFERENCE = np.array([1.0, 2.0, 1.5, np.nan])
"""AlpacaEval's numbers for first, second, tie and failed."""


def cross_annotations(pairs: Pairs, _: Mapping[str, Any]) -> Ruling:
    """AlpacaEval's evaluator table. Agreement: each of the judge's annotations (its orders and samples) against the
    mode of the people's, half for a draw; failures are left out, so look at the coverage. Where two preferences share
    the mode upstream's fixed seed always takes the second response; `agreement_expected` splits the credit instead.
    `bias`: 1 - agreement of the two modes. `variance`: 1 - agreement of one annotation of the judge with the mode of
    its others. `prefer_longer`: of the decisive first annotations whose responses differ by more than 30 characters;
    `prefer_lists`: of those of which just one holds a list. `spearman`, `pearson`: of the models' win rates by the
    judge and by people, where the items name the models (alpaca_eval/analyze.py)."""
    runs = _PREFERENCE[pairs.verdicts.reshape(len(pairs), -1)]
    votes = [_PREFERENCE[[code(verdict) for verdict in label.raters.values()]] for label in pairs.labels]
    found: dict[str, tuple[list[float], list[Any]]] = {
        name: ([], []) for name in ("cross_annotations", "agreement_expected", "bias", "variance")
    }

    def add(name: str, value: float, cluster: Any) -> None:
        found[name][0].append(value)
        found[name][1].append(cluster)

    for said, given, cluster in zip(runs, votes, pairs.clusters, strict=True):
        known = said[~np.isnan(said)]
        if not len(given) or not len(known):
            continue
        modes = _modes(given)
        for preference in known:
            add("cross_annotations", 1 - abs(preference - modes[-1]), cluster)
            add("agreement_expected", 1 - float(np.abs(preference - modes).mean()), cluster)
        add("bias", abs(_modes(known)[-1] - modes[-1]), cluster)
        for left_out in range(len(known) if len(known) > 1 else 0):
            others = np.delete(known, left_out)
            add("variance", abs(known[left_out] - _modes(others)[-1]), cluster)
    empty = "no item has both votes and verdicts"
    parts = {
        name: estimates.share(name, values, np.array(clusters), empty=empty)
        for name, (values, clusters) in found.items()
    }
    if not found["variance"][0]:
        parts["variance"] = estimates.undefined("variance", "needs two annotations of an item: both orders, or samples")
    first = pairs.verdicts[:, 0, 0]
    parts["prefer_longer"] = _prefer_longer(pairs, first)
    parts |= _prefer_lists(pairs, first) | models.correlations(pairs, runs, votes)
    decisive = (first == FIRST) | (first == SECOND)
    parts["prefer_first"] = estimates.share(
        "prefer_first", 2 - _PREFERENCE[first[first != FAILED]], pairs.clusters[first != FAILED], empty=empty
    )
    parts["decisive"] = estimates.share("decisive", decisive, pairs.clusters, empty=empty)
    return Ruling(parts.pop("cross_annotations"), parts)


def human_cross_annotations(pairs: Pairs, _: Mapping[str, Any]) -> Ruling:
    """The people's row of the table: one against the mode of the others."""
    values, clusters = [], []
    for label, cluster in zip(pairs.labels, pairs.clusters, strict=True):
        given = _PREFERENCE[[code(verdict) for verdict in label.raters.values()]]
        for left_out in range(len(given) if len(given) > 1 else 0):
            values.append(1 - abs(given[left_out] - _modes(np.delete(given, left_out))[-1]))
            clusters.append(cluster)
    agreement = estimates.share("cross_annotations", values, np.array(clusters), empty="no item has two ratings")
    return Ruling(agreement, {"cross_annotations": agreement})


def _modes(values: Floats) -> Floats:
    found, counts = np.unique(values, return_counts=True)
    modes: Floats = found[counts == counts.max()]
    return modes


def _prefer_lists(pairs: Pairs, verdicts: NDArray[Any]) -> dict[str, Estimate]:
    """Empty where no item says whether a response holds a list."""
    slots = [label.facets.get("list") for label in pairs.labels]
    if all(slot is None for slot in slots):
        return {}
    where = np.array([{0: FIRST, 1: SECOND}.get(slot, FAILED) for slot in slots])  # type: ignore[arg-type]
    counted = ((verdicts == FIRST) | (verdicts == SECOND)) & (where != FAILED)
    hits = verdicts[counted] == where[counted]
    empty = "no decisive verdict on responses of which just one holds a list"
    return {"prefer_lists": estimates.share("prefer_lists", hits, pairs.clusters[counted], empty=empty)}


def _prefer_longer(pairs: Pairs, verdicts: NDArray[Any]) -> Estimate:
    lengths = np.array([[np.nan if size is None else size for size in label.lengths] for label in pairs.labels])
    known = ~np.isnan(lengths.reshape(-1, 2)).any(1)
    if not known.any():
        return estimates.undefined("prefer_longer", "the lengths of the responses are not known")
    counts = length.longer_counts(on_axis(verdicts[known]), lengths[known])

    reason = "no decisive verdict on responses whose lengths differ by more than 30 characters"
    return estimates.of_counts("prefer_longer", counts, pairs.clusters[known], estimates.ratio, reason=reason)


# --------------------------------------------------------------------------------------------------------- alt-test


def alt_test_pairs(pairs: Pairs, settings: Mapping[str, Any]) -> Ruling:
    """The alternative annotator test (nitaytech/AltTest): omega, the share of people against whom the judge does well
    enough, is the value; 0.5 passes. `rho` is how often the judge does at least as well as a person. Two orders make
    one verdict: theirs if they agree, a tie if not. Agreement is all or nothing."""
    _, ratings = human.matrix(pairs.labels)
    return _alt_test(ratings, on_axis(merged(pairs)), pairs.clusters, settings)


def alt_test_ratings(scored: Scored, settings: Mapping[str, Any]) -> Ruling:
    """The same of ratings; agreement is minus the root mean squared distance where `scoring` is neg_rmse."""
    _, ratings = ratings_of(scored.labels)
    return _alt_test(ratings, scored.verdicts[:, 0, 0, 0], scored.clusters, settings)


def _alt_test(
    ratings: Floats, judge: Floats, clusters: Sequence[Any] | NDArray[Any], settings: Mapping[str, Any]
) -> Ruling:
    n = ratings.shape[1]
    found = None
    if ratings.size:
        found = people.alternative_annotator_test(
            ratings,
            judge,
            epsilon=settings.get("epsilon", 0.2),
            scoring=settings.get("scoring", "accuracy"),
            min_units=settings.get("min_units", 30),
        )
    if found is None:
        return Ruling(estimates.undefined("alt_test", "no person shares enough items with others", n=n))
    by_unit = found.difference_by_unit
    known = ~np.isnan(by_unit)
    tested = f"{len(found.raters)} t-tests, Benjamini-Yekutieli"
    advantage = Estimate(name="rho", value=found.rho, n=int(known.sum()), method="none: mean over people of shares")
    return Ruling(
        Estimate(name="alt_test", value=found.omega, n=int(known.sum()), method=f"none: {tested}"),
        {
            "rho": advantage,
            "rho_human": Estimate(
                name="rho_human", value=found.rho_human, n=int(known.sum()), method="none: mean over people of shares"
            ),
            "advantage_gap": estimates.mean(
                "advantage_gap", by_unit[known], np.asarray(clusters)[known], empty="no item has two ratings"
            ),
        },
    )
