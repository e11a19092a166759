"""Rules that hold a judge against people's votes: their majority, or each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judgebench.score import estimates, human
from judgebench.score.pairs import FAILED, TIE, Pairs, code
from judgebench.score.rules.ruling import Ruling, merged, three_class_columns


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


def vote_agreement(pairs: Pairs, settings: Mapping[str, Any]) -> Ruling:
    """MT-Bench: the judge's one verdict against every human vote on the pair (FastChat's compute_agreement.py). The
    two orders make one verdict: theirs if they agree, a tie if not. S1 counts every vote, S2 only pairs of votes of
    which neither is a tie. `raters` restricts the people to ids that begin with it."""
    one = merged(pairs)
    prefix = settings.get("raters", "")
    judge, people, rows = [], [], []
    for index, label in enumerate(pairs.labels):
        for rater, verdict in label.raters.items():
            if rater.startswith(prefix) and one[index] != FAILED:
                judge.append(one[index])
                people.append(code(verdict))
                rows.append(index)
    return _s1_s2(pairs, np.array(judge, dtype=int), np.array(people, dtype=int), np.array(rows, dtype=int))


def human_vote_agreement(pairs: Pairs, settings: Mapping[str, Any]) -> Ruling:
    """The same between people: every unordered pair of votes on an item."""
    prefix = settings.get("raters", "")
    one, other, rows = [], [], []
    for index, label in enumerate(pairs.labels):
        votes = [code(verdict) for rater, verdict in label.raters.items() if rater.startswith(prefix)]
        for position, vote in enumerate(votes):
            for second in votes[position + 1 :]:
                one.append(vote)
                other.append(second)
                rows.append(index)
    return _s1_s2(pairs, np.array(one, dtype=int), np.array(other, dtype=int), np.array(rows, dtype=int))


def _s1_s2(pairs: Pairs, one: NDArray[Any], other: NDArray[Any], rows: NDArray[Any]) -> Ruling:
    clusters = pairs.clusters[rows]
    equal, decisive = one == other, (one != TIE) & (other != TIE)
    s1 = estimates.share("s1", equal, clusters, empty="no votes")
    s2 = estimates.share("s2", equal[decisive], clusters[decisive], empty="no decisive votes")
    return Ruling(s1, {"s1": s1, "s2": s2})
