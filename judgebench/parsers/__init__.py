"""From what a judge wrote to scores in shown order. A parser belongs to its prompt and reads what the judge wrote
outside its thoughts. It never raises: for what it cannot read it returns no scores, and the reason."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, wraps

from judgebench import extensions, thoughts
from judgebench.characters import plain
from judgebench.parsers import ours, upstream
from judgebench.parsers._answer import Asked, Field, Parsed, Parser, chosen, field, tied, unread, value_in

__all__ = [
    "NAMES", "PARSERS", "Asked", "Field", "Parsed", "Parser", "chosen", "confidence", "field", "parse", "parser",
    "plain", "tied", "unread",
]  # fmt: skip

PARSERS: dict[str, Parser] = {
    "verdict": ours.verdict,
    "five-way": ours.five_way,
    "label": ours.label,
    "rating": ours.rating,
    "two-scores": ours.two_scores,
    "result": ours.result,
    "brackets": ours.brackets,
    "error-step": ours.error_step,
    "steps": ours.steps,
    "ranking": ours.ranking,
    "judgerbench-b": ours.graded_or_rated,
    "arena-hard": upstream.arena_hard,
    "judgelm": upstream.judgelm,
    "pandalm": upstream.pandalm,
    "autoj": upstream.autoj,
    "vanilla": upstream.vanilla,
    "skywork-critic": upstream.first_of_a_b,
    "judgerbench-a": upstream.first_of_a_b,
    "prometheus2": upstream.prometheus2,
    "compassjudger": upstream.compassjudger,
    "llmbar": upstream.llmbar,
    "llmbar-cot": upstream.llmbar_cot,
    "llmbar-rating": upstream.llmbar_rating,
}


NAMES = extensions.Names("parsers", PARSERS.keys)


@cache
def parser(name: str) -> Parser:
    provider = NAMES.find(name)
    if provider is None:
        return PARSERS[name]
    shape = "a function of an answer and what was asked, which returns judgebench.parsers.Parsed"
    read = provider.load(callable, shape)

    @wraps(read)
    def checked(answer: str, asked: Asked) -> Parsed:
        with provider.running():
            parsed = read(answer, asked)
        if not isinstance(parsed, Parsed) or len(parsed.scores or ()) not in (0, asked.numbers):
            raise provider.error(f"returned {parsed!r}, which is no Parsed with {asked.numbers} scores or none")
        return parsed

    return checked


def parse(name: str, text: str | None, asked: Asked, *, json: bool = False) -> Parsed:
    """What the parser of that name reads in an answer, after thoughts are removed. With `json` that is what stands for
    the verdict in the answer's JSON object; an answer that is such an object is read so in any case."""
    read = parser(name)
    answer = thoughts.outside(text or "")
    if not answer.strip():
        return unread("nothing but thoughts" if text and text.strip() else "the answer is empty")
    place = field(name, asked)
    if place is None or not (json or answer.strip("` \n").removeprefix("json").lstrip().startswith("{")):
        return read(answer, asked)
    try:
        said, rest = value_in(answer, place.key)
    except (LookupError, ValueError) as error:
        return read(answer, asked) if isinstance(error, LookupError) and not json else unread(error.args[0])
    rest = rest.strip("` \n")
    parsed = read(said, replace(asked, cut=False))
    if rest and (asked.cut or read(rest, asked).said not in (None, parsed.said)):
        parsed = unread(f"goes on after the JSON object, with another {place.key} or cut off", said)
    nothing = (parsed.scores, parsed.said) == (None, None)
    return unread(f"the {place.key} cannot be read: {said!r}", said) if nothing else parsed


def confidence(text: str | None, *, json: bool = False) -> float | None:
    """`Confidence: 80`, in per cent, as a fraction; None where there is no such line outside the judge's thoughts."""
    answer = thoughts.outside(text or "")
    if json:
        try:
            answer = f"Confidence: {value_in(answer, 'confidence')[0]}"
        except (LookupError, ValueError):
            return None
    return ours.confidence(answer)
