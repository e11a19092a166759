"""When the next request may leave, and how many may be under way. It knows times and counts, no network and no clock,
and is read at the moment of release: a limit that each worker kept for itself would be many limits.

Requests at once: a slow start (one more for each answer, so that the number doubles in a round trip) up to the limit;
halved where more than a quarter of the answers say that the server is overloaded, and then one more per round trip.

Requests a second: unlimited until the first 429. What left in the second before the refused request is the estimate of
the server's limit. The rate drops to a little less and then grows as TCP CUBIC's window does: back to the estimate
within twenty seconds, flat around it, then ever faster, in case the limit was raised. Where hardly anything was taken
there is no estimate: the rate begins low and doubles until the next 429.

A 429 pauses all connections for as long as the server wishes. One that comes after a while at a rate that was taken
tells that the rate has grown too far, or was uneven: then all slow down, and only the refused request rests. Requests
that left before a cut are no news about the rate after it.
"""

from __future__ import annotations

from collections import deque
from math import inf

from judgebench.backends.faults import LONGEST_PAUSE
from judgebench.backends.limits import Limits

SECOND = 1.0
"""The span over which a server is taken to count."""
GLANCE = 0.025
"""Seconds. The first answers show whether the first volley was too much; the second waits for them that long."""
CUT = 0.96
AGAIN = 0.7
"""Where a cut was not enough, the next estimate is at most that share of the last."""
GROWTH_SECONDS, GROWTH_REQUESTS = 60.0, 200
"""The longer of the two sets the pace of growth, so that a slow limit is not probed with every other request."""
TO_ESTIMATE = float((1 - CUT) ** (1 / 3))
ESTABLISHED = 5.0
"""Seconds without a 429 after which a rate counts as one that the server takes."""
HANDFUL = 5
REMEMBERED = 4096
"""Releases that are remembered, for 429s that come late."""
SLOWEST = 1 / 60
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
        self._glanced = False
        self._strain = 0.0
        self._narrowed = self._held = -inf
        # Requests a second, since the last cut.
        self._estimate = self._ceiling = inf
        self._sure = False
        self._cut = self._resumed = -inf
        self._left: deque[float] = deque(maxlen=REMEMBERED)
        self._anchor = -inf
        self._taken = 0
        self._answered = True
        self._setbacks = 0

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
        rate = self.rate(now)
        if rate < inf:
            self._next = max(self._next, now - min(LATENESS, 2 / rate)) + 1 / rate
        self._spend(now, tokens)

    def answered(self, released: float, now: float, reserved: int, tokens: int | None) -> None:
        """The request that left at `released` was answered; of the tokens `reserved` for it, it took `tokens`."""
        if released > self._cut:
            self._answered = True
        self._strain *= 1 - STRAIN_STEP
        if not self._glanced:
            self._glanced = True
            self._next = max(self._next, now + GLANCE)
        if self._window < self._limits.max_connections:
            self._window += 1 if self._slow_start else 1 / self._window
            self._window = min(self._window, self._limits.max_connections)
        if tokens is not None:
            self._spend(now, tokens - reserved)

    def refused(self, released: float, now: float, retry_after: float | None) -> float:
        """A 429 for the request that left at `released`. How long this request has to rest by itself; 0 where all do."""
        self._glanced = True
        if released <= self._cut:
            if self._anchor - SECOND < released < self._anchor:
                self._taken -= 1
                self._set_estimate()
            return 0.0 if now < self._resumed else retry_after or SECOND
        before, first = self.rate(now), self._estimate == inf
        established = self._sure and now - self._resumed > ESTABLISHED
        self._setbacks = 0 if self._answered else self._setbacks + 1
        self._anchor, self._taken = released, sum(released - SECOND < left < released for left in self._left)
        self._ceiling = before if first or established else before * AGAIN
        self._cut, self._answered = now, False
        self._set_estimate()
        self._resumed = now
        if established and (retry_after or 0.0) <= ESTABLISHED:
            return retry_after or SECOND
        pause = min(retry_after or SECOND * 2.0**self._setbacks, LONGEST_PAUSE)
        self._resumed = self._next = max(self._next, now + pause)
        return 0.0

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
        self._sure = self._taken >= HANDFUL
        self._estimate = max(min(max(self._taken, 1) / SECOND, self._ceiling), SLOWEST)

    def _spend(self, now: float, tokens: float) -> None:
        """Tokens may be overdrawn by one request, and are saved up for a second at most."""
        if self._tokens_per_second < inf:
            self._tokens_free = max(self._tokens_free, now - SECOND) + tokens / self._tokens_per_second
