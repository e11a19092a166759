"""When the next request may leave, and how many may be under way. It knows times and counts, no network and no clock,
and is read at the moment of release: a limit that each worker kept for itself would be many limits.

Requests at once: a slow start (one more for each answer, so that the number doubles in a round trip) up to the limit;
halved where more than a quarter of the answers say that the server is overloaded, and then one more per round trip.

Requests a second: unlimited until the first 429. What the server took in the second before is the estimate of its
limit; the rate drops to 95 % of it and then grows as TCP CUBIC's window does: back to the estimate within some twenty
seconds, flat around it, then ever faster, in case the limit was raised. A 429 pauses all connections for as long as the
server wishes. It is news only about the rate at which it was sent, so those that left before a cut cause no other.
"""

from __future__ import annotations

from collections import deque
from math import inf

from judgebench.backends.faults import LONGEST_PAUSE
from judgebench.backends.limits import Limits

SECOND = 1.0
"""The span over which a server is taken to count."""
CUT = 0.95
GROWTH_SECONDS = 60.0
_TO_ESTIMATE = GROWTH_SECONDS * (1 - CUT) ** (1 / 3)
_LONG_EPOCH = 15.0
_SLOWEST = 1 / 60
_LATENESS = 0.1
"""Seconds that timers may be late without the rate suffering: so much is caught up."""
_STRAIN_STEP, _STRAINED = 1 / 16, 0.25


class Pace:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._window = float(limits.start)
        self._slow_start = True
        self._strain = 0.0
        self._narrowed = -inf
        self._most = limits.rpm / 60 if limits.rpm else inf
        self._estimate = inf
        self._cut = -inf
        self._resumed = -inf
        self._left: deque[float] = deque()
        self._left_since_cut = 0
        self._lost = 0
        self._answered_since_cut = True
        self._setback = 0
        self._next = -inf
        self._tokens_per_second = limits.tpm / 60 if limits.tpm else inf
        self._tokens_free_at = -inf
        self._tokens_expected = 0.0

    @property
    def window(self) -> int:
        """How many requests may be under way."""
        return int(self._window)

    def rate(self, now: float) -> float:
        """Requests a second that may leave now; infinite where nothing limits them."""
        if self._estimate == inf:
            return self._most
        grown = ((max(now - self._resumed, 0.0) - _TO_ESTIMATE) / GROWTH_SECONDS) ** 3
        return min(self._most, max(self._estimate * (1 + grown), _SLOWEST))

    def wait(self, now: float) -> float:
        """Seconds until the next request may leave; 0 if it may leave now."""
        return max(0.0, self._next - now, self._resumed - now, self._tokens_free_at - now)

    def released(self, now: float) -> None:
        self._left.append(now)
        self._left_since_cut += 1
        while self._left[0] <= now - SECOND:
            self._left.popleft()
        rate = self.rate(now)
        if rate < inf:
            self._next = max(self._next, now - min(_LATENESS, 2 / rate)) + 1 / rate
        if self._tokens_per_second < inf:
            self._spend(now, self._tokens_expected)

    def answered(self, released: float, now: float, tokens: int | None = None) -> None:
        self._strain *= 1 - _STRAIN_STEP
        if released > self._cut:
            self._answered_since_cut = True
        if self._window < self._limits.max_connections:
            self._window += 1 if self._slow_start else 1 / self._window
            self._window = min(self._window, self._limits.max_connections)
        if self._tokens_per_second < inf and tokens is not None:
            # The bill corrects the expectation, both this request's and the next one's.
            self._spend(now, tokens - self._tokens_expected)
            known = self._tokens_expected
            self._tokens_expected = tokens if known == 0 else known + (tokens - known) / 8

    def refused(self, released: float, now: float, retry_after: float | None) -> None:
        """A 429 for the request that left at `released`."""
        if released <= self._cut:
            if self._setback == 0:
                self._lost += 1
                self._set_estimate()
            return
        self._setback = 0 if self._answered_since_cut else self._setback + 1
        first = self._estimate == inf
        before = self._estimate
        taken, span = float(len([left for left in self._left if left > now - SECOND])), SECOND
        if not first and now - self._cut < _LONG_EPOCH:
            # Shortly after a cut the last second may have lived on what the pause saved up.
            taken, span = float(self._left_since_cut), max(now - self._cut, SECOND)
        self._taken, self._span, self._ceiling = taken, span, before if self._setback == 0 else before / 2
        self._lost = 1
        self._cut, self._left_since_cut, self._answered_since_cut = now, 0, False
        self._set_estimate()
        if retry_after is None:
            backoff = SECOND if first else 2 / max(self._estimate, _SLOWEST)
            retry_after = min(max(backoff, 2.0**self._setback if self._setback else 0.0), LONGEST_PAUSE)
        self._resumed = max(self._resumed, now + retry_after)
        self._next = self._resumed

    def overloaded(self, released: float, now: float, retry_after: float | None) -> None:
        """A 503 or its like for the request that left at `released`."""
        if retry_after is not None and released > self._resumed:
            self._next = max(self._next, now + min(retry_after, LONGEST_PAUSE))
        self._strain += (1 - self._strain) * _STRAIN_STEP
        if self._strain > _STRAINED and released > self._narrowed:
            self._window = max(1.0, self._window / 2)
            self._slow_start = False
            self._narrowed, self._strain = now, 0.0

    def _set_estimate(self) -> None:
        taken = self._taken - self._lost
        seen = taken / self._span if taken >= 5 else max(self._taken, 1.0) / self._span / 2
        self._estimate = max(min(seen, self._ceiling), _SLOWEST)

    def _spend(self, now: float, tokens: float) -> None:
        """Tokens may be overdrawn by what is under way, never saved up for longer than a second."""
        self._tokens_free_at = max(self._tokens_free_at, now - SECOND) + tokens / self._tokens_per_second
