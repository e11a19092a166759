"""The judge made of a model that scores, as the kinds rm:, dpo: and pairrm: are. What is equal is scored once,
however many pairs and orders show it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from math import exp, isfinite
from typing import Any

from judgebench.backends.reward import Case, Score, Scorer
from judgebench.types import Flag, Judgment, Status, Trial, Usage, digest

WINDOW = 1_024
"""Trials that are looked at together."""


@dataclass
class _Asker:
    """A trial, by their keys the scores that it takes, and those of them that were made for it."""

    trial: Trial
    keys: list[str]
    paid: set[str] = field(default_factory=set)
    done: bool = False


@dataclass(frozen=True)
class ByScores:
    """A response's score is its verdict. Where there are two, `confidence` is the probability that the better one is
    preferred if scores are log-odds: so Bradley and Terry have it, and so most reward models are trained."""

    scorer: Scorer
    name: str
    model: str
    protocol: Mapping[str, Any]
    provenance: Mapping[str, Any]
    needs_texts: bool = True
    _scores: dict[str, Score] = field(default_factory=dict)

    def judge(self, trials: Iterable[Trial]) -> Iterator[Judgment]:
        waiting = iter(trials)
        while window := list(islice(waiting, WINDOW)):
            yield from self._judged(window)

    def _judged(self, trials: Sequence[Trial]) -> Iterator[Judgment]:
        everyone: list[_Asker] = []
        fresh: dict[str, Case] = {}
        askers: dict[str, list[_Asker]] = {}
        for trial in trials:
            if None in trial.responses:
                yield trial.fail(Status.FAILED, f"item {trial.item} has labels only, no texts")
                continue
            keyed = [(digest((case.messages, case.responses)), case) for case in self._cases(trial)]
            asker = _Asker(trial, [key for key, _ in keyed])
            everyone.append(asker)
            for key, case in keyed:
                askers.setdefault(key, []).append(asker)
                if key not in self._scores and key not in fresh:
                    fresh[key] = case
                    asker.paid.add(key)
        yield from self._finished(everyone)
        keys = list(fresh)
        for position, score in self.scorer.score(list(fresh.values())):
            self._scores[keys[position]] = score
            yield from self._finished(askers[keys[position]])

    def _cases(self, trial: Trial) -> list[Case]:
        shown = tuple(response or "" for response in trial.responses)
        if self.scorer.reads == "each":
            return [Case(trial.messages, (response,)) for response in shown]
        if self.scorer.reads == "shown":
            return [Case(trial.messages, shown)]
        return [Case(trial.messages, tuple(shown[trial.order.index(slot)] for slot in range(len(shown))))]

    def _finished(self, askers: Iterable[_Asker]) -> Iterator[Judgment]:
        for asker in askers:
            if not asker.done and all(key in self._scores for key in asker.keys):
                asker.done = True
                yield self._judgment(asker)

    def _judgment(self, asker: _Asker) -> Judgment:
        trial, scores = asker.trial, [self._scores[key] for key in asker.keys]
        tokens = [self._scores[key].tokens for key in asker.paid]
        usage = Usage(prompt_tokens=None if None in tokens else sum(filter(None, tokens)), completion_tokens=0)
        details = [f"response {slot}: {score.detail}" for slot, score in enumerate(scores, 1) if score.detail]
        detail = "; ".join(details) or None
        flags = (Flag.CUT,) if any(score.cut for score in scores) else ()
        values = [value for score in scores for value in score.values or ()]
        if any(score.values is None for score in scores):
            return trial.fail(Status.FAILED, detail or "the model gave no score", usage=usage)
        if not all(map(isfinite, values)):
            return trial.fail(Status.FAILED, f"the scores are {values}; another dtype may mend that", usage=usage)
        if self.scorer.reads == "set":
            values = [values[slot] for slot in trial.order]
        sure = 1 / (1 + exp(-abs(values[0] - values[1]))) if len(values) == 2 else None
        return trial.answer(values, confidence=sure, usage=usage, detail=detail, flags=flags)
