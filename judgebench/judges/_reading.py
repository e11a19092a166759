"""From a completion to an answer: status, scores, and why there are none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp
from typing import Any

import msgspec

from judgebench import parsers
from judgebench.judges._settings import Settings
from judgebench.types import Completion, Finish, Status, Usage


class Answer(msgspec.Struct, frozen=True):
    """What one request came to. `cut`, `dropped` and `served` are as in the completion."""

    status: Status
    scores: tuple[float, ...]
    text: str | None
    detail: str | None
    confidence: float | None
    usage: Usage | None
    cut: bool = False
    dropped: tuple[str, ...] = ()
    served: str | None = None


def read(
    chosen: Settings, completion: Completion, shown: int, labels: tuple[str, ...], text: str | None, usage: Usage | None
) -> tuple[Answer, bool]:
    """The answer of a completion that showed so many responses (and asked for one of these labels, if any), and whether
    it holds nothing like a verdict. `text` and `usage` are of all attempts."""

    def answer(status: Status, why: str | None, scores: tuple[float, ...] = (), sure: float | None = None) -> Answer:
        # With what the backend has to say, such as that it cut the prompt.
        detail = "; ".join(filter(None, (why, completion.detail))) or None
        how = (completion.cut, completion.dropped, completion.served)
        return Answer(status, scores, text, detail, sure, usage, *how)

    if completion.finish in (Finish.FAILED, Finish.REFUSED):
        status = Status(completion.finish.value)
        return answer(status, None if completion.detail else f"{status}, and nobody says why"), False
    cut = completion.finish == Finish.LENGTH and not chosen.soft
    if chosen.soft:
        words = chosen.prompt.front.tokens
        voting = words if chosen.tie else {word: scores for word, scores in words.items() if len(set(scores)) > 1}
        parsed, confidence = _weighed(completion.first_token, voting)
    else:
        asked = parsers.Asked(responses=shown, scale=chosen.prompt.front.scale, cut=cut, labels=labels)
        parsed = parsers.parse(chosen.parser, text, asked)
        confidence = parsers.confidence(text) if chosen.confidence else None
    reason = parsed.reason
    if parsed.scores is not None:
        if len(parsed.scores) != (len(labels) or shown):
            wanted = f"{len(labels)} labels" if labels else f"{shown} responses"
            reason = f"{len(parsed.scores)} scores for {wanted}: {parsed.said}"
        elif not chosen.tie and shown > 1 and len(set(parsed.scores)) == 1:
            reason = f"a tie, which was not on offer: {parsed.said}"
        else:
            return answer(Status.OK, parsed.said, parsed.scores, confidence), False
    if cut:
        reason = f"cut off at {chosen.generation.max_tokens} tokens (-J max_tokens allows more): {reason}"
    return answer(Status.TRUNCATED if cut else Status.UNPARSED, reason), parsed.said is None


def _weighed(
    first_token: Mapping[str, float], voting: Mapping[str, Sequence[float]]
) -> tuple[parsers.Parsed, float | None]:
    """The verdicts that the first token may be, weighed by its probabilities; and the probability of the likeliest.
    None where the model would begin with something else: its second thoughts are not a verdict."""
    if not first_token:
        return parsers.Parsed(None, None, "no log-probabilities came back"), None
    shares = dict.fromkeys(voting, 0.0)
    for token, logarithm in first_token.items():
        if (verdict := _verdict(token, voting)) is not None:
            shares[verdict] += exp(min(logarithm, 0.0))
    total = sum(shares.values())
    likeliest = max(first_token, key=lambda token: first_token[token])
    if _verdict(likeliest, voting) is None or not total > 0:
        return parsers.Parsed(None, likeliest, f"would begin with {likeliest!r}, which is no verdict"), None
    weighed = [share / total for share in shares.values()]
    columns = zip(*voting.values(), strict=True)
    scores = tuple(sum(share * score for share, score in zip(weighed, column, strict=True)) for column in columns)
    votes = ", ".join(f"{verdict} {share:.3f}" for verdict, share in zip(shares, weighed, strict=True))
    return parsers.Parsed(scores, f"{votes} of {total:.3f}"), max(weighed)


def _verdict(token: str, voting: Mapping[str, Sequence[float]]) -> str | None:
    """Which verdict a token is; tokenizers write a space before it as ▁ or Ġ."""
    word = token.strip(" \t\n▁Ġ")
    return next(
        (verdict for verdict in voting if word == verdict or (len(word) > 1 and word.lower() == verdict.lower())), None
    )


def summed(usages: Sequence[Usage | None]) -> Usage | None:
    """A sum of which one part is unknown is unknown."""
    if len(usages) == 1:
        return usages[0]
    names = Usage.__struct_fields__
    columns: list[list[Any]] = [[getattr(usage, name, None) for usage in usages] for name in names]
    total = Usage(**{name: None if None in column else sum(column) for name, column in zip(names, columns)})
    return None if total == Usage() else total
