"""Rules that hold a judge against people's votes: their majority, or each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any, NamedTuple

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
