"""How the answers to `which-colour` are read, and two numbers of a run: a headline rule and a metric."""

import re
from collections.abc import Mapping
from typing import Any

from judgebench.parsers import Asked, Parsed, chosen, unread
from judgebench.score import estimates
from judgebench.score.added import Added
from judgebench.score.catalogue import Metric
from judgebench.score.pairs import FAILED, TIE, Pairs
from judgebench.score.rules import PAIRS, Rule
from judgebench.score.rules.ruling import Ruling
from judgebench.types import Estimate


def colour_tag(answer: str, asked: Asked) -> Parsed:
    """The last letter between <colour> and </colour>."""
    letters = re.findall(r"<colour>\s*([A-Z])\s*</colour>", answer)
    slot = ord(letters[-1]) - ord("A") if letters else asked.responses
    return chosen(slot, asked, letters[-1]) if slot < asked.responses else unread("there is no letter in a colour tag")


def sure(pairs: Pairs, settings: Mapping[str, Any]) -> Ruling:
    """Right in both orders, among the pairs with the same verdict in both."""
    judged = pairs.with_gold
    steady = (judged.verdicts == judged.verdicts[:, :1]).all(axis=1) & (judged.verdicts[:, 0] != FAILED)
    right = judged.hits.all(axis=1)[steady]
    return Ruling(estimates.share("sure", right, judged.per_sample[steady.ravel()], empty="no verdict is steady"))


SURE = Rule(Metric(name="sure", meaning="share right in both orders, of the pairs judged alike in both"), {PAIRS: sure})


def decisive_rate(pairs: Pairs) -> Estimate:
    given = pairs.verdicts.ravel() != FAILED
    decisive = pairs.verdicts.ravel()[given] != TIE
    return estimates.share("decisive_rate", decisive, pairs.per_trial[given])


DECISIVE_RATE = Added(
    Metric(
        name="decisive_rate",
        meaning="share of verdicts that are no tie",
        better=0,
        heading="verdicts that decide",
    ),
    {PAIRS: decisive_rate},
)
