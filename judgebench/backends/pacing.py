"""When the next request may leave, and how many may be under way. It knows times and counts, no network and no clock,
and is read at the moment of release: a limit that each worker kept for itself would be many limits.

Requests at once: a slow start (one more for each answer, so that the number doubles in a round trip) up to the limit;
halved where more than a quarter of the answers say that the server is overloaded, and then one more per round trip.

Requests a second: unlimited until the first 429. What the server took in the second before is the estimate of its
limit; the rate drops to 95 % of it and then grows as TCP CUBIC's window does: back to the estimate within some twenty
seconds, flat around it, then ever faster, in case the limit was raised. Where hardly anything was taken there is no
estimate: the rate begins there and doubles until the next 429. A 429 pauses all connections for as long as the
server wishes. It is news only about the rate at which it was sent: those that left before a cut cause no other.
"""

from __future__ import annotations

from collections import deque
from math import inf

from judgebench.backends.faults import LONGEST_PAUSE
from judgebench.backends.limits import Limits

SECOND = 1.0
"""The span over which a server is taken to count."""
CUT = 0.95
GROWTH_SECONDS, GROWTH_REQUESTS = 60.0, 200
"""The longer of the two sets the pace of growth, so that a slow limit is not probed with every other request."""
TO_ESTIMATE = float((1 - CUT) ** (1 / 3))
LONG_EPOCH = 15.0
SLOWEST = 1 / 60
HANDFUL = 5
LATENESS = 0.1
"""Seconds that timers may be late without the rate suffering: so much is caught up."""
STRAIN_STEP, STRAINED = 1 / 16, 0.25


class Pace:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._most = limits.rpm / 60 if limits.rpm else inf
        self._tokens_per_second = limits.tpm / 60 if limits.tpm else inf
        self._next = self._tokens_free = -inf
        # Requests at once.
        self._window = float(limits.start)
        self._slow_start = True
        self._strain = 0.0
        self._narrowed = self._held = -inf
        # Requests a second. An epoch lasts from one cut to the next.
        self._estimate = inf
        self._sure = False
        self._cut = self._resumed = -inf
        self._left: deque[float] = deque()
        self._left_in_epoch = 0
        self._answered_in_epoch = True
        self._setbacks = 0
        self._taken, self._span, self._ceiling = 0.0, SECOND, inf

    @property
    def window(self) -> int:
        """How many requests may be under way."""
        return int(self._window)

    def rate(self, now: float) -> float:
        """Requests a second that may leave now; infinite where nothing limits them."""
        if self._estimate == inf:
            return self._most
        since = max(now - self._resumed, 0.0)
        if not self._sure:
            doublings = min(since / max(SECOND, 2 / self._estimate), 20.0)
            return min(self._most, self._estimate * 2.0**doublings)
        distance = since / max(GROWTH_SECONDS, GROWTH_REQUESTS / self._estimate) - TO_ESTIMATE
        return min(self._most, self._estimate * (1 + distance * distance * distance))

    def wait(self, now: float) -> float:
        """Seconds until the next request may leave; 0 if it may leave now."""
        return max(0.0, self._next - now, self._tokens_free - now)

    def released(self, now: float, tokens: int) -> None:
        """A request has left that may take so many tokens."""
        self._left.append(now)
        self._left_in_epoch += 1
        while self._left[0] <= now - SECOND:
            self._left.popleft()
        rate = self.rate(now)
        if rate < inf:
            self._next = max(self._next, now - min(LATENESS, 2 / rate)) + 1 / rate
        self._spend(now, tokens)

    def answered(self, released: float, now: float, reserved: int, tokens: int | None) -> None:
        """The request that left at `released` was answered; of the tokens `reserved` for it, it took `tokens`."""
        if released > self._cut:
            self._answered_in_epoch = True
        self._strain *= 1 - STRAIN_STEP
        if self._window < self._limits.max_connections:
            self._window += 1 if self._slow_start else 1 / self._window
            self._window = min(self._window, self._limits.max_connections)
        if tokens is not None:
            self._spend(now, tokens - reserved)

    def refused(self, released: float, now: float, retry_after: float | None) -> None:
        """A 429 for the request that left at `released`."""
        if released <= self._cut:
            self._taken -= 1
            self._set_estimate()
            return
        self._setbacks = 0 if self._answered_in_epoch else self._setbacks + 1
        first = self._estimate == inf
        before = self.rate(now)
        if not first and now - self._cut < LONG_EPOCH:
            # Soon after a cut the last second may have lived on what the pause saved up: take the whole epoch.
            self._taken, self._span = float(self._left_in_epoch), max(now - self._cut, SECOND)
        else:
            self._taken, self._span = float(sum(left > now - SECOND for left in self._left)), SECOND
        self._taken -= 1
        self._ceiling = before / 2 if self._setbacks else before
        self._cut, self._left_in_epoch, self._answered_in_epoch = now, 0, False
        self._set_estimate()
        if retry_after is None:
            retry_after = 2.0**self._setbacks if first or self._setbacks else 2 / self._estimate
        self._resumed = self._next = max(self._next, now + min(retry_after, LONGEST_PAUSE))

    def overloaded(self, released: float, now: float, retry_after: float | None) -> None:
        """A 503 or its like for the request that left at `released`."""
        if retry_after is not None and released > self._held:
            self._held = now
            self._next = max(self._next, now + min(retry_after, LONGEST_PAUSE))
        self._strain += (1 - self._strain) * STRAIN_STEP
        if self._strain > STRAINED and released > self._narrowed:
            self._window = max(1.0, self._window / 2)
            self._slow_start = False
            self._narrowed, self._strain = now, 0.0

    def _set_estimate(self) -> None:
        """From what was taken in the span; fewer than a handful say little about a limit."""
        self._sure = self._taken >= HANDFUL
        self._estimate = max(min(max(self._taken, 1.0) / self._span, self._ceiling), SLOWEST)

    def _spend(self, now: float, tokens: float) -> None:
        """Tokens may be overdrawn by one request, and are saved up for a second at most."""
        if self._tokens_per_second < inf:
            self._tokens_free = max(self._tokens_free, now - SECOND) + tokens / self._tokens_per_second
