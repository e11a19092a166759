"""How hard a provider may be worked: the -J options that `api:` and `server:` share, and that change no answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from judgebench.errors import InputError
from judgebench.types import Usage

LIMIT_OPTIONS = {
    "max_connections": "requests at once",
    "rpm": "requests a minute at most",
    "tpm": "tokens a minute at most",
    "attempts": "at a request, the first included, where the server or the network fails",
    "timeout": "seconds for one request",
    "backoff": "seconds before the second attempt; then twice as many, and so on",
    "price_in": "dollars per million tokens of the prompt, where the price is not known; with price_out",
    "price_out": "dollars per million tokens of the answer; with price_in",
}


@dataclass(frozen=True, kw_only=True)
class Limits:
    """`max_connections` requests at once, beginning with `start`; at most `rpm` requests and `tpm` tokens a minute;
    `attempts` at a request, `timeout` seconds each, the first pause between two `backoff` seconds and then doubling;
    prices in dollars per million tokens where the provider's are not known."""

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
    def of(cls, judge: str, options: Mapping[str, str], *, max_connections: int, start: int) -> Limits:
        """The limits in `options`; InputError for one that is no number, or not a positive one."""
        given: dict[str, Any] = {
            name: _number(judge, name, options[name], int if name in ("max_connections", "attempts") else float)
            for name in LIMIT_OPTIONS
            if name in options
        }
        if ("price_in" in given) != ("price_out" in given):
            raise InputError(f"{judge}: price_in and price_out are given together (dollars per million tokens)")
        most = given.setdefault("max_connections", max_connections)
        return cls(**given, start=min(start, most))

    def cost(self, prompt_tokens: int | None, completion_tokens: int | None) -> float | None:
        if self.price_in is None or self.price_out is None or prompt_tokens is None or completion_tokens is None:
            return None
        return (prompt_tokens * self.price_in + completion_tokens * self.price_out) / 1e6

    def usage(
        self, prompt_tokens: int | None, completion_tokens: int | None, *, seconds: float, cost: float | None = None
    ) -> Usage:
        """A price the user gave stands; otherwise the provider's. A price of nothing is an unknown one."""
        given = self.cost(prompt_tokens, completion_tokens)
        return Usage(
            prompt_tokens=prompt_tokens,
            completion_tokens=completion_tokens,
            cost=(cost or None) if given is None else given,
            seconds=round(seconds, 3),
        )


def _number(judge: str, name: str, text: str, kind: Callable[[str], float]) -> float:
    try:
        number = kind(text)
    except ValueError:
        number = -1.0
    least = 1 if kind is int else 0
    if not least <= number < float("inf") or (number == 0 and name not in ("backoff", "price_in", "price_out")):
        raise InputError(f"{judge}: {name} is a {'whole ' if kind is int else ''}number above 0, not {text!r}")
    return number
