"""From a completion to an answer: status, scores, and why there are none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import exp, fsum, isclose, isfinite, isnan
from typing import Any

import msgspec

from judgebench import parsers
from judgebench.judges._settings import Settings
from judgebench.types import Completion, Finish, Status, Usage


class Answer(msgspec.Struct, frozen=True):
    """What one request came to. `mass`, `chosen` and `tie` are as in a judgment, `cut`, `dropped` and `served` as in
    the completion."""

    status: Status
    scores: tuple[float, ...]
    text: str | None
    detail: str | None
    confidence: float | None
    usage: Usage | None
    cut: bool = False
    dropped: tuple[str, ...] = ()
    served: str | None = None
    mass: float | None = None
    chosen: tuple[float, ...] | None = None
    tie: float | None = None


def read(
    chosen: Settings, completion: Completion, asked: parsers.Asked, text: str | None, usage: Usage | None
) -> tuple[Answer, bool]:
    """The answer of a completion to what was asked, and whether it holds nothing like a verdict. `text` and `usage` are
    of all attempts."""
    shown, labels = asked.responses, asked.labels

    def answer(status: Status, why: str | None, scores: tuple[float, ...] = (), sure: float | None = None) -> Answer:
        # With what the backend has to say, such as that it cut the prompt.
        detail = "; ".join(filter(None, (why, completion.detail))) or None
        how = (completion.cut, completion.dropped, completion.served)
        return Answer(status, scores, text, detail, sure, usage, *how)

    if completion.finish in (Finish.FAILED, Finish.REFUSED):
        status = Status(completion.finish.value)
        return answer(status, None if completion.detail else f"{status}, and nobody says why"), False
    if chosen.forced:
        said, verdict = _weighed(completion.options, chosen.voting(shown, labels), shares=completion.shares)
        if not verdict:
            return answer(Status.UNPARSED, f"{said}; it would begin with {text!r}" if text else said), False
        return msgspec.structs.replace(answer(Status.OK, said), **verdict), False
    cut = completion.finish == Finish.LENGTH
    parsed = parsers.parse(chosen.parser, text, replace(asked, cut=cut), json=chosen.json)
    confidence = parsers.confidence(text, json=chosen.json) if chosen.confidence else None
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
    options: Sequence[float | None], voting: Mapping[str, tuple[float, ...]], *, shares: bool
) -> tuple[str, dict[str, Any] | None]:
    """What is to be said, and the fields of an answer, of options with these log-probabilities, in the order of
    `voting`. The scores are theirs, weighed by their probabilities. One that did not come back weighs nothing, and then
    nobody knows the mass of all, nor how sure the verdict is. Nobody knows that mass either where they are `shares`."""
    known = {option: log for option, log in zip(voting, options) if log is not None and not isnan(log)}
    highest = max(known.values(), default=0.0)
    if not known:
        return "how likely the options are did not come back", None
    if not isfinite(highest):
        return "none of the options has any probability", None
    weights = [exp(log - highest) for log in known.values()]
    weighed = {option: weight / fsum(weights) for option, weight in zip(known, weights)}
    best = max(weighed.values())
    top = [voting[option] for option, share in weighed.items() if isclose(share, best, rel_tol=1e-9)]
    missing = [option for option in voting if option not in known]
    mass = None if missing or shares else min(1.0, fsum(weights) * exp(min(highest, 0.0)))
    rest = f"; not known of {', '.join(missing)}" if missing else "" if mass is None else f" of {mass:.3f}"
    verdict = {"scores": _mean([voting[option] for option in weighed], list(weighed.values())), "mass": mass}
    if len(top[0]) > 1:
        verdict |= {"chosen": _mean(top, [1 / len(top)] * len(top)), "confidence": None if missing else best}
        verdict["tie"] = next((share for option, share in weighed.items() if len(set(voting[option])) == 1), None)
    return ", ".join(f"{option} {share:.3f}" for option, share in weighed.items()) + rest, verdict


def _mean(rows: Sequence[tuple[float, ...]], weights: Sequence[float]) -> tuple[float, ...]:
    return tuple(fsum(weight * score for weight, score in zip(weights, column)) for column in zip(*rows, strict=True))


def summed(usages: Sequence[Usage | None]) -> Usage | None:
    """A sum of which one part is unknown is unknown."""
    if len(usages) == 1:
        return usages[0]
    names = Usage.__struct_fields__
    columns: list[list[Any]] = [[getattr(usage, name, None) for usage in usages] for name in names]
    total = Usage(**{name: None if None in column else sum(column) for name, column in zip(names, columns)})
    return None if total == Usage() else total
