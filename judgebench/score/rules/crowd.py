"""Rules that hold a judge against people who did the same work: each left out in turn, their majority, or each vote."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from judgebench.adapters.alpacaeval_human import SEVERAL
from judgebench.score import estimates, human
from judgebench.score.arrays import Floats
from judgebench.score.pairs import FAILED, FIRST, SECOND, TIE, Pairs, code, on_axis
from judgebench.score.ratings import pearson_along
from judgebench.score.rules.ruling import Ruling, merged, three_class_columns
from judgebench.score.scored import Scored, ratings_of
from judgebench.stats import human as people
from judgebench.stats import length, rounding
from judgebench.types import Estimate

_PREFERENCE = np.array([1.0, 2.0, 1.5, np.nan])
"""AlpacaEval's numbers for first, second, tie and failed."""
FEWEST = 100
"""People's votes that a model must have more of to be ranked, as upstream wants it."""


def cross_annotations(pairs: Pairs, _: Mapping[str, Any]) -> Ruling:
    """AlpacaEval's evaluator table. Agreement: each of the judge's annotations (its orders and samples) against the
    mode of the people's, half for a draw; failures are left out, so look at the coverage. Where two preferences share
    the mode upstream's fixed seed always takes the second response; `agreement_expected` splits the credit instead.
    `bias`: 1 - agreement of the two modes. `variance`: 1 - agreement of one annotation of the judge with the mode of
    its others. `prefer_longer`: of the decisive first annotations whose responses differ by more than 30 characters;
    `prefer_lists`: of those of which just one holds a list. `spearman`, `pearson`: of the models' win rates by the
    judge and by people, where the items name the models (alpaca_eval/analyze.py)."""
    runs = [row[~np.isnan(row)] for row in _PREFERENCE[pairs.verdicts.reshape(len(pairs), -1)]]
    votes, empty = _votes(pairs), "no item has both votes and verdicts"
    values: defaultdict[str, list[tuple[float, int]]] = defaultdict(list)
    for preferences, ratings, cluster in zip(runs, votes, pairs.clusters, strict=True):
        if not len(preferences) or not len(ratings):
            continue
        modes = _modes(ratings)
        for preference in preferences:
            values["cross_annotations"].append((1 - abs(preference - modes[-1]), cluster))
            values["agreement_expected"].append((1 - np.abs(preference - modes).mean(), cluster))
        values["bias"].append((abs(_modes(preferences)[-1] - modes[-1]), cluster))
        values["variance"] += [(distance, cluster) for distance in _from_the_others(preferences)]
    agreement = _share("cross_annotations", values["cross_annotations"], empty)
    parts = {name: _share(name, values[name], empty) for name in ("agreement_expected", "bias")}
    parts["variance"] = _share(
        "variance", values["variance"], "needs two annotations of an item: both orders, or samples"
    )
    first, clusters = pairs.verdicts[:, 0, 0], pairs.clusters
    parts["prefer_longer"] = _prefer_longer(pairs, first)
    parts |= _prefer_lists(pairs, first) | _by_model(pairs, runs, votes)
    read = first != FAILED
    parts["prefer_first"] = estimates.share("prefer_first", 2 - _PREFERENCE[first[read]], clusters[read], empty=empty)
    parts["decisive"] = estimates.share("decisive", np.isin(first, (FIRST, SECOND)), clusters, empty=empty)
    return Ruling(agreement, parts)


def human_cross_annotations(pairs: Pairs, _: Mapping[str, Any]) -> Ruling:
    """The people's row of the table: one against the mode of the others."""
    values = [
        (1 - distance, cluster)
        for ratings, cluster in zip(_votes(pairs), pairs.clusters, strict=True)
        for distance in _from_the_others(ratings)
    ]
    agreement = _share("cross_annotations", values, "no item has two ratings")
    return Ruling(agreement, {"cross_annotations": agreement})


def _votes(pairs: Pairs) -> list[Floats]:
    return [_PREFERENCE[[code(verdict) for verdict in label.raters.values()]] for label in pairs.labels]


def _modes(values: Floats) -> Floats:
    numbers, counts = np.unique(values, return_counts=True)
    return numbers[counts == counts.max()]


def _from_the_others(values: Floats) -> list[float]:
    """How far each is from the mode of the others; none where it is alone."""
    return [abs(one - _modes(np.delete(values, place))[-1]) for place, one in enumerate(values) if len(values) > 1]


def _share(name: str, values: Sequence[tuple[float, int]], empty: str) -> Estimate:
    """Of values with their clusters."""
    credit, clusters = np.array(values, dtype=np.float64).reshape(-1, 2).T
    return estimates.share(name, credit, clusters, empty=empty)


def _prefer_lists(pairs: Pairs, verdicts: NDArray[Any]) -> dict[str, Estimate]:
    """Empty where no item says whether a response holds a list."""
    slots = pairs.facet("list")
    if all(slot is None for slot in slots):
        return {}
    where = np.array([{0: FIRST, 1: SECOND}.get(slot, FAILED) for slot in slots])
    counted = np.isin(verdicts, (FIRST, SECOND)) & (where != FAILED)
    hits = verdicts[counted] == where[counted]
    empty = "no decisive verdict on responses of which just one holds a list"
    return {"prefer_lists": estimates.share("prefer_lists", hits, pairs.clusters[counted], empty=empty)}


def _prefer_longer(pairs: Pairs, verdicts: NDArray[Any]) -> Estimate:
    lengths = np.array([label.lengths for label in pairs.labels], dtype=np.float64).reshape(-1, 2)
    has_lengths = ~np.isnan(lengths).any(1)
    if not has_lengths.any():
        return estimates.undefined("prefer_longer", "the lengths of the responses are not known")
    counts = length.longer_counts(on_axis(verdicts[has_lengths]), lengths[has_lengths])
    reason = "no decisive verdict on responses whose lengths differ by more than 30 characters"
    return estimates.of_counts("prefer_longer", counts, pairs.clusters[has_lengths], estimates.ratio, reason=reason)


def _by_model(pairs: Pairs, runs: Sequence[Floats], votes: Sequence[Floats]) -> dict[str, Estimate]:
    """Spearman's and Pearson's correlation over models of their win rates by the judge and by people. Only the items of
    the split `eval` count, where the items name splits, and models with more than 100 votes (estimate_correlations).
    Empty where the items name no models."""
    if not any(pairs.facet("generator")):
        return {}
    counts, named = Counter[str](), []
    for label, ratings in zip(pairs.labels, votes, strict=True):
        inside = label.facets.get("datasplit", "eval") == "eval" and label.facets.get("generator")
        named.append(str(label.facets["generator"]).split(SEVERAL) if inside else [])
        for model in named[-1]:
            counts[model] += len(ratings)
    models = {model: index for index, model in enumerate(name for name, count in counts.items() if count > FEWEST)}
    if len(models) < 3:
        why = f"needs three models with more than {FEWEST} votes, there are {len(models)}"
        return {name: estimates.undefined(name, why) for name in ("spearman", "pearson")}
    rows = np.zeros((len(pairs), len(models), 4))
    for row, names, preferences, ratings in zip(rows, named, runs, votes, strict=True):
        at = [models[name] for name in names if name in models]
        row[at] = preferences.sum(), len(preferences), ratings.sum(), len(ratings)

    def correlation(rank: Any) -> estimates.Statistic:
        def statistic(sums: Floats) -> Floats:
            judge, human = (sums[..., i] / sums[..., i + 1] - 1 for i in (0, 2))  # a model's outputs are the second
            return pearson_along(rank(judge), rank(human))

        return statistic

    reason = "a model has no verdicts, or all have the same win rate"
    forms = {"spearman": correlation(rounding.mid_ranks), "pearson": correlation(np.asarray)}
    return estimates.of_each(forms, rows, pairs.clusters, reason=reason, n=len(models))


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


def _alt_test(ratings: Floats, judge: Floats, clusters: NDArray[Any], settings: Mapping[str, Any]) -> Ruling:
    options = {"epsilon": 0.2, "scoring": "accuracy", "min_units": 30}
    chosen = {name: settings.get(name, value) for name, value in options.items()}
    test = people.alternative_annotator_test(ratings, judge, **chosen) if ratings.size else None
    if test is None:
        return Ruling(estimates.undefined("alt_test", "no person shares enough items with others", n=ratings.shape[1]))
    gap = test.difference_by_unit
    tested = ~np.isnan(gap)
    methods = {"alt_test": f"{len(test.raters)} t-tests, Benjamini-Yekutieli", "rho": "mean over people of shares"}

    def number(name: str, value: float, method: str) -> Estimate:
        return Estimate(name=name, value=value, n=int(tested.sum()), method=f"none: {methods[method]}")

    parts = {
        "rho": number("rho", test.rho, "rho"),
        "rho_human": number("rho_human", test.rho_human, "rho"),
        "advantage_gap": estimates.mean(
            "advantage_gap", gap[tested], clusters[tested], empty="no item has two ratings"
        ),
    }
    return Ruling(number("alt_test", test.omega, "alt_test"), parts)


# ------------------------------------------------------------------------------------- majorities, and single votes


def majority_gold_macro_f1(pairs: Pairs, _: Mapping[str, Any]) -> Ruling:
    """PandaLM: macro F1 over first, second and tie against the majority of the annotators, in the stored order alone;
    whatever upstream's parser could not read counts as a tie (pandalm/utils/pandalm_inference.py)."""
    pairs = pairs.with_gold
    verdicts = pairs.verdicts[:, 0]
    read_as_upstream = np.where(verdicts == FAILED, TIE, verdicts)
    parts = three_class_columns(pairs.gold[:, None], read_as_upstream, pairs.per_sample)
    compared = human.compute(replace(pairs, orders="single", verdicts=read_as_upstream[:, None]))
    parts |= {name: compared[name] for name in compared if name.startswith("judge_")}
    return Ruling(parts["macro_f1"], parts)


class Votes(NamedTuple):
    """Pairs of votes, codes of `judgebench.score.pairs`, and the item that both are about; all (votes,)."""

    one: NDArray[np.int64]
    other: NDArray[np.int64]
    item: NDArray[np.int64]

    def where(self, kept: NDArray[np.bool_]) -> Votes:
        return Votes(self.one[kept], self.other[kept], self.item[kept])


def judge_votes(pairs: Pairs, prefix: str = "") -> Votes:
    """The judge's one verdict (`merged`) with the vote of each person whose id begins with `prefix`; failures are left
    out."""
    one = merged(pairs)
    return _columns([(one[item], vote, item) for item, votes in _of_items(pairs, prefix) for vote in votes
                     if one[item] != FAILED])  # fmt: skip


def people_votes(pairs: Pairs, prefix: str = "") -> Votes:
    """Every unordered pair of people's votes on an item."""
    return _columns([(*both, item) for item, votes in _of_items(pairs, prefix) for both in combinations(votes, 2)])


def _of_items(pairs: Pairs, prefix: str) -> Iterator[tuple[int, list[int]]]:
    for item, label in enumerate(pairs.labels):
        yield item, [code(verdict) for rater, verdict in label.raters.items() if rater.startswith(prefix)]


def vote_agreement(pairs: Pairs, settings: Mapping[str, Any]) -> Ruling:
    """MT-Bench: the judge's one verdict against every human vote on the pair (FastChat's compute_agreement.py). The
    two orders make one verdict: theirs if they agree, a tie if not. S1 counts every vote, S2 only pairs of votes of
    which neither is a tie. `raters` restricts the people to ids that begin with it."""
    return _s1_s2(pairs, judge_votes(pairs, settings.get("raters", "")))


def human_vote_agreement(pairs: Pairs, settings: Mapping[str, Any]) -> Ruling:
    """The same between people: every unordered pair of votes on an item."""
    return _s1_s2(pairs, people_votes(pairs, settings.get("raters", "")))


def _columns(rows: Sequence[tuple[int, int, int]]) -> Votes:
    one, other, item = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return Votes(one, other, item)


def _s1_s2(pairs: Pairs, votes: Votes) -> Ruling:
    clusters = pairs.clusters[votes.item]
    equal, decisive = votes.one == votes.other, (votes.one != TIE) & (votes.other != TIE)
    s1 = estimates.share("s1", equal, clusters, empty="no votes")
    s2 = estimates.share("s2", equal[decisive], clusters[decisive], empty="no decisive votes")
    return Ruling(s1, {"s1": s1, "s2": s2})
