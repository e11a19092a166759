"""Plain agreement with gold: the rule of users' own data, whatever kind of verdict it wants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from judgebench.score import ratings, sets
from judgebench.score.pairs import TIE, Pairs
from judgebench.score.rules.ruling import Ruling, trial_share
from judgebench.score.scored import Scored


def pairs(run: Pairs, _: Mapping[str, Any]) -> Ruling:
    """Verdicts equal to gold, all orders alike, a failure wrong. Where gold has ties, `without_ties` leaves those pairs
    out; a judge's tie on the others is wrong."""
    judged = run.with_gold
    decisive = judged.gold != TIE
    parts = {}
    if not decisive.all():
        part = judged.where(decisive)
        parts["without_ties"] = trial_share("without_ties", part, part.hits)
    return Ruling(trial_share("agreement", judged, judged.hits), parts)


def one_rating(run: Scored, _: Mapping[str, Any]) -> Ruling:
    """Ratings that are gold's, a failure wrong; `within_one` is at most a point away."""
    found = {estimate.name: estimate for estimate in ratings.against_gold(run.with_gold)}
    return Ruling(found["agreement"], {"within_one": found["within_one"]})


def best_of(run: Scored, _: Mapping[str, Any]) -> Ruling:
    """Of the responses that the judge puts at the top, the share that gold does too, a failure earning nothing."""
    return Ruling(sets.against_gold(run)[0])
