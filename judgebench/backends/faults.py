"""What a provider's refusal means: try again, slow down, change the request, give this one up, or give the run up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum, auto

import msgspec

LONGEST_PAUSE = 60.0
"""Seconds. A provider that asks for more is asked again after this."""
LONGEST_MESSAGE = 400


class Kind(Enum):
    RATE = auto()
    """429: too many requests or tokens; all connections slow down."""
    OVERLOAD = auto()
    """503, 529: the server cannot keep up; fewer requests at once."""
    BROKEN = auto()
    """500, 502, 504, a dropped connection, a timeout, half an answer: this request again, a little later."""
    UNREACHABLE = auto()
    """No such host, or nobody listens there: like BROKEN, but hopeless where nothing was ever answered."""
    CHANGED = auto()
    """The request was mended: the same one again at once."""
    REJECTED = auto()
    """A 4xx that says nothing about the others: this request has failed, unless they all do."""
    TOO_LONG = auto()
    """The prompt does not fit the model."""
    CONTENT = auto()
    """Refused for what it says."""
    PARAMETER = auto()
    """A setting is not known there."""
    CREDENTIALS = auto()
    QUOTA = auto()
    MODEL = auto()


TRANSIENT = frozenset({Kind.RATE, Kind.OVERLOAD, Kind.BROKEN, Kind.UNREACHABLE, Kind.CHANGED})


class Fault(Exception):
    """One request was not answered. `retry_after` is the provider's wish in seconds, None if it has none."""

    def __init__(self, kind: Kind, detail: str, *, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.retry_after = retry_after


_TOO_LONG = re.compile(
    r"context[_ ](?:length|window)|maximum (?:context|sequence|model) length|max_model_len|prompt is too long"
    r"|input (?:is )?too long|too many (?:input )?tokens|`inputs` tokens|exceeds? the (?:model'?s )?(?:max|context)"
    r"|string_above_max_length|request too large|reduce the length",
    re.IGNORECASE,
)
_CONTENT = re.compile(
    r"content[_ ](?:filter|policy|management)|content_policy|safety|moderation|flagged|responsible ?ai|usage polic",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(
    r"unknown|unrecogni[sz]ed|unsupported|not supported|n't support|not support|unexpected|extra (?:inputs|fields)"
    r"|extra_forbidden|not permitted|not allowed|cannot find field",
    re.IGNORECASE,
)
_QUOTA = re.compile(r"insufficient[_ ](?:quota|balance|credit|fund)|exceeded your current quota|billing", re.IGNORECASE)


def kind_of(status: int, text: str) -> Kind:
    """What an HTTP status and the words that came with it mean."""
    if status == 429 and "request too large" in text.lower():
        return Kind.TOO_LONG
    if status == 429 and _QUOTA.search(text):
        return Kind.QUOTA
    if status in (400, 413, 422) or (status == 403 and _CONTENT.search(text)):
        # A refused setting first: "max_tokens is not supported" speaks of tokens, but not of too many.
        meanings = ((Kind.PARAMETER, _UNKNOWN), (Kind.TOO_LONG, _TOO_LONG), (Kind.CONTENT, _CONTENT))
        otherwise = Kind.TOO_LONG if status == 413 else Kind.REJECTED
        return next((kind for kind, pattern in meanings if pattern.search(text)), otherwise)
    return _BY_STATUS.get(status, Kind.BROKEN if status >= 500 else Kind.REJECTED)


_BY_STATUS = {
    **dict.fromkeys((401, 403), Kind.CREDENTIALS),
    **dict.fromkeys((408, 409, 425), Kind.BROKEN),
    **dict.fromkeys((503, 529), Kind.OVERLOAD),
    402: Kind.QUOTA,
    404: Kind.MODEL,
    429: Kind.RATE,
}


def named_setting(text: str, candidates: Iterable[str]) -> str | None:
    """Which of the settings sent an error message is about: the one it names first."""
    places = {
        name: match.start()
        for name in candidates
        if (match := re.search(rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])", text))
    }
    return min(places, key=lambda name: places[name]) if places else None


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds to wait, from `retry-after-ms` or `Retry-After` (seconds or an HTTP date); never more than a minute."""
    seconds = _seconds(headers.get("retry-after-ms"), 1000)
    if seconds is None:
        wish = headers.get("retry-after")
        seconds = _seconds(wish, 1)
        if seconds is None and wish:
            try:
                then = parsedate_to_datetime(wish)
            except ValueError:
                return None
            then = then if then.tzinfo else then.replace(tzinfo=UTC)
            seconds = (then - (now or datetime.now(UTC))).total_seconds()
    return None if seconds is None else min(max(seconds, 0.0), LONGEST_PAUSE)


def _seconds(text: str | None, per_second: float) -> float | None:
    try:
        seconds = float(text or "") / per_second
    except ValueError:
        return None
    return seconds if seconds == seconds else None  # noqa: PLR0124  (NaN is not a wish)


def message_in(body: bytes) -> str:
    """The provider's own words in the body of an error: the forms of OpenAI, FastAPI, TGI and Ollama, or plain text."""
    text = body[: 64 * LONGEST_MESSAGE].decode("utf-8", errors="replace")
    try:
        reply = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return one_line(re.sub(r"<[^>]*>", " ", text))
    return one_line(_words(reply) or text)


def _words(part: object) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, list):
        return "; ".join(filter(None, map(_words, part)))
    if not isinstance(part, dict):
        return ""
    if isinstance(part.get("loc"), list):  # FastAPI: which field, and what is wrong with it
        return f"{'.'.join(map(str, part['loc']))}: {part.get('msg', '')} ({part.get('type', '')})"
    text = next((words for key in ("error", "message", "detail", "msg") if (words := _words(part.get(key)))), "")
    marks = [str(part[key]) for key in ("code", "param", "type") if isinstance(part.get(key), str)]
    return f"{text} ({', '.join(marks)})" if text and marks else text


def one_line(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_MESSAGE else f"{text[: LONGEST_MESSAGE - 1]}…"
