"""How hard a provider may be worked: the -J options that `api:` and `server:` share, and that change no answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from judgebench.errors import InputError
from judgebench.options import amount, whole
from judgebench.types import Usage

_PACE: dict[str, Any] = {"harmless": "changes when a question is asked, not the question"}
_PRICE: dict[str, Any] = {"harmless": "says what an answer costs, not what it is"}
LIMIT_OPTIONS = (
    whole("max_connections", "requests at once", **_PACE),
    amount("rpm", "requests a minute at most", zero=False, **_PACE),
    amount("tpm", "tokens a minute at most", zero=False, **_PACE),
    whole("attempts", "at a request, the first included, where the server or the network fails", **_PACE),
    amount("timeout", "seconds for one request", zero=False, **_PACE),
    amount("backoff", "seconds before the second attempt; then twice as many, and so on", **_PACE),
    amount(
        "price_in", "dollars per million tokens of the prompt, where the price is not known; with price_out", **_PRICE
    ),
    amount("price_out", "dollars per million tokens of the answer; with price_in", **_PRICE),
)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """As LIMIT_OPTIONS say; `start` is how many requests there are at once in the beginning."""

    max_connections: int
    start: int
    rpm: float | None = None
    tpm: float | None = None
    attempts: int = 6
    timeout: float = 600.0
    backoff: float = 1.0
    price_in: float | None = None
    price_out: float | None = None

    @classmethod
    def of(cls, judge: str, options: Mapping[str, Any], *, max_connections: int, start: int) -> Limits:
        """The limits among the values of options; InputError for one price without the other."""
        values = {option.name: options[option.name] for option in LIMIT_OPTIONS if option.name in options}
        if ("price_in" in values) != ("price_out" in values):
            raise InputError(f"{judge}: price_in and price_out are given together (dollars per million tokens)")
        most = values.setdefault("max_connections", max_connections)
        return cls(**values, start=min(start, most))

    def usage(
        self, prompt_tokens: int | None, completion_tokens: int | None, *, seconds: float, cost: float | None = None
    ) -> Usage:
        """A price the user gave stands; otherwise the provider's. A price of nothing is an unknown one."""
        cost = cost or None
        if not (self.price_in is None or self.price_out is None or prompt_tokens is None or completion_tokens is None):
            cost = (prompt_tokens * self.price_in + completion_tokens * self.price_out) / 1e6
        return Usage(
            prompt_tokens=prompt_tokens, completion_tokens=completion_tokens, cost=cost, seconds=round(seconds, 3)
        )
