"""The form of an answer in OpenAI's API, as the many servers that speak it fill it in.

What a model thought before it answered (in `reasoning_content`, `reasoning`, `thinking`, or a part of the content) is
put before its answer as one <think> block, which is where models without such a field leave it, and parsers look.
"""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from judgebench.types import Finish, Message


class _Part(msgspec.Struct):
    type: str = "text"
    text: str | None = None
    thinking: str | list[_Part] | None = None


class _Message(msgspec.Struct):
    content: str | list[_Part] | None = None
    refusal: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    thinking: str | None = None


class Choice(msgspec.Struct):
    message: _Message | None = None
    text: str | None = None
    finish_reason: str | None = None
    logprobs: msgspec.Raw = msgspec.Raw(b"null")


class Counts(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class Body(msgspec.Struct):
    """The part of an answer that is read; whatever else a server says is skipped without being built."""

    choices: list[Choice] = []
    model: str | None = None
    usage: Counts | None = None
    error: Any = None
    """Some gateways say 200 and mean this."""


NOT_SO = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, LookupError, TypeError, AttributeError, ValueError)
"""What reading an answer of another form raises."""
decode = msgspec.json.Decoder(Body).decode
encode = msgspec.json.Encoder().encode

FINISHES = {
    "length": Finish.LENGTH,
    "max_tokens": Finish.LENGTH,
    "content_filter": Finish.REFUSED,
    "refusal": Finish.REFUSED,
    "safety": Finish.REFUSED,
}
BROKEN_OFF = frozenset({"abort", "error"})
"""What servers call the ends that are none; every other word (stop, eos, end_turn, ...) is a proper end."""


def turns(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """Messages as OpenAI's API has them: a text, or where there are images parts, of which they come last."""

    def content(message: Message) -> str | list[Any]:
        urls = [f"data:{image.media};base64,{b64encode(image.data).decode()}" for image in message.images]
        images = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
        return [{"type": "text", "text": message.content}, *images] if images else message.content

    return [{"role": message.role, "content": content(message)} for message in messages]


def ending(
    content: str | None, thought: str | None, refusal: str | None, finish_reason: str | None
) -> tuple[Finish, str | None, str | None]:
    """(finish, text, detail). A thought that was cut off stays open; where nothing at all was said before the end of
    the tokens or a refusal, the text is None."""
    if refusal:
        return Finish.REFUSED, refusal, "the model refused"
    finish = FINISHES.get((finish_reason or "").lower(), Finish.STOP)
    detail = f"the provider ended the answer with {finish_reason}" if finish is Finish.REFUSED else None
    text = content or ""
    if thought:
        text = f"<think>{thought}</think>\n{text}" if text else f"<think>{thought}"
    return finish, (text if finish is Finish.STOP else text or None), detail


def parts_of(choice: Choice) -> tuple[str, str, str | None]:
    """(answer, thought, refusal) of a choice."""
    message = choice.message
    if message is None:
        return choice.text or "", "", None
    answer, thought = _joined(message.content)
    return answer, message.reasoning_content or message.reasoning or message.thinking or thought, message.refusal


def _joined(content: str | list[_Part] | None) -> tuple[str, str]:
    """(answer, thought) of a message's content, which may come in parts."""
    if not isinstance(content, list):
        return content or "", ""
    answer, thought = "", ""
    for part in content:
        answer += part.text or ""
        thought += _joined(part.thinking)[0]
    return answer, thought


def first_token(raw: msgspec.Raw) -> dict[str, float]:
    """The candidates for the first token, in the form of /chat/completions or of /completions."""
    try:
        logprobs = msgspec.json.decode(raw)
        if content := logprobs.get("content"):
            return added_up((str(one["token"]), one.get("logprob")) for one in content[0]["top_logprobs"])
        return added_up(logprobs["top_logprobs"][0].items())
    except NOT_SO:  # none, or in a form of the server's own: a verdict that needs them will miss them
        return {}


def likelihoods(options: Sequence[Sequence[str]], candidates: Mapping[str, float]) -> tuple[float | None, ...]:
    """The log-probability of each option among these candidates for the first token. None where no spelling of it came
    back: it is unlikely, or more than a token. A spelling that a longer one of another option begins with ("1", "10")
    only counts where the longer one came back too: else its token may be the longer one's beginning."""
    # Tokenizers write a space before a word as \u2581 or \u0120.
    known = added_up((token.translate(_SPACES), logprob) for token, logprob in candidates.items())
    missing = {spelling for spellings in options for spelling in spellings if spelling not in known}

    def of(spellings: Sequence[str]) -> float | None:
        others = missing.difference(spellings)
        clear = (one for one in spellings if one in known and not any(other.startswith(one) for other in others))
        return added_up(("", known[one]) for one in clear).get("")

    return tuple(map(of, options))


_SPACES = str.maketrans("\u2581\u0120", "  ")


def added_up(candidates: Iterable[tuple[str, float | None]]) -> dict[str, float]:
    """Log-probabilities by token; tokens that read alike are one."""
    chances: dict[str, float] = {}
    for token, logprob in candidates:
        if logprob is not None and not math.isnan(logprob):
            chances[token] = chances.get(token, 0.0) + math.exp(min(logprob, 0.0))
    return {token: math.log(chance) for token, chance in chances.items() if chance > 0}
