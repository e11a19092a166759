"""When the next request may leave, and how many may be under way. It knows times and counts, no network and no clock,
and is read at the moment of release: a limit that each worker kept for itself would be many limits.

Requests at once: a slow start (one more for each answer, so that the number doubles in a round trip) up to the limit;
halved where more than a quarter of the answers say that the server is overloaded, and then one more per round trip.

Requests a second: unlimited until the first 429. What left in the second before the refused request is the estimate of
the server's limit, and the rate drops to a little less. An estimate that rests on an even flow is trusted: the rate
grows as TCP CUBIC's window does, back to the estimate within twenty seconds, flat around it, then ever faster, in case
the limit was raised. Any other (what a volley met may be a bucket that had filled up) is felt out: the rate doubles
every four seconds until the next 429.

A 429 pauses all connections for as long as the server wishes, unless the rate had been taken for a while: then it has
grown too far or was uneven, all slow down, and only the refused request rests. Requests that had left before a cut are
no news about the rate after it.
"""

from __future__ import annotations

from collections import deque
from math import exp2, inf

from judgebench.backends.faults import LONGEST_PAUSE
from judgebench.backends.limits import Limits

SECOND = 1.0
"""The span over which a server is taken to count."""
GLANCE = 0.025
"""Seconds. The first answers show whether the first volley was too much; the second waits for them that long."""
CUT = 0.96
CUT_AGAIN = 0.8
"""Where a 429 comes within SOON seconds of a cut, what was taken may have been saved up: the next estimate is lower."""
SOON = 5.0
DOUBLING = 4.0
GROWTH_SECONDS, GROWTH_REQUESTS = 60.0, 200
"""The longer of the two sets the pace of growth, so that a slow limit is not probed with every other request."""
TO_ESTIMATE = float((1 - CUT) ** (1 / 3))
HANDFUL = 5
"""Fewer say little about a limit."""
PROVEN = 20
"""So many answers after a cut show that the rate is taken."""
BREATH = 0.1
"""Seconds of pause where no more is needed."""
SLOWEST = 1 / 60
LATENESS = 0.1
"""Seconds that timers may be late without the rate suffering: so much, and two requests at most, is caught up."""
STRAIN_STEP, STRAINED = 1 / 16, 0.25
REMEMBERED = 4096
"""Releases that are remembered, for 429s that come late."""


class Pace:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._most = limits.rpm / 60 if limits.rpm else inf
        self._tokens_per_second = limits.tpm / 60 if limits.tpm else inf
        self._next = self._tokens_free = -inf
        self._tickets = 0
        # Requests at once.
        self._window = float(limits.start)
        self._slow_start = True
        self._glanced = False
        self._strain = 0.0
        self._narrowed = self._held = -1
        # Requests a second.
        self._left: deque[tuple[int, float]] = deque(maxlen=REMEMBERED)
        self._estimate = self._ceiling = inf
        self._even = self._trusted = False
        self._counted = range(0)
        self._taken = 0
        # Since the last cut: the last ticket before it, when the pause after it ended, answers, cuts without any.
        self._cut = -1
        self._resumed = -inf
        self._answers = 1
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
        if not self._trusted:
            doublings = min(since / max(DOUBLING, 2 / self._estimate), 20.0)
            return min(self._most, self._estimate * CUT * exp2(doublings))
        distance = since / max(GROWTH_SECONDS, GROWTH_REQUESTS / self._estimate) - TO_ESTIMATE
        return min(self._most, self._estimate * (1 + distance * distance * distance))

    def wait(self, now: float) -> float:
        """Seconds until the next request may leave; 0 if it may leave now."""
        return max(0.0, self._next - now, self._tokens_free - now)

    def released(self, now: float, tokens: int) -> int:
        """A request has left that may take so many tokens. Its ticket: they are numbered as they leave."""
        ticket = self._tickets
        self._tickets += 1
        self._left.append((ticket, now))
        rate = self.rate(now)
        if rate < inf:
            self._next = max(self._next, now - min(LATENESS, 2 / rate)) + 1 / rate
        self._spend(now, tokens)
        return ticket

    def answered(self, ticket: int, now: float, reserved: int, tokens: int | None) -> None:
        """A request was answered; of the tokens `reserved` for it, it took `tokens`."""
        if ticket > self._cut:
            self._answers += 1
        self._strain *= 1 - STRAIN_STEP
        if not self._glanced:
            self._glanced = True
            self._next = max(self._next, now + GLANCE)
        if self._window < self._limits.max_connections:
            self._window += 1 if self._slow_start else 1 / self._window
            self._window = min(self._window, self._limits.max_connections)
        if tokens is not None:
            self._spend(now, tokens - reserved)

    def refused(self, ticket: int, now: float, retry_after: float | None) -> float:
        """A 429. The seconds that this request rests by itself; 0 where all others do."""
        self._glanced = True
        if ticket <= self._cut:
            if ticket in self._counted:
                self._taken -= 1
                self._set_estimate()
            return 0.0 if now < self._resumed else retry_after or SECOND
        rate, soon = self.rate(now), now - self._resumed < SOON
        answers, self._answers = self._answers, 0
        self._setbacks = 0 if answers else self._setbacks + 1
        self._even = self._estimate < inf
        left = dict(self._left)
        # The requests that left in the second before that one did.
        before = [other for other, time in left.items() if time > left.get(ticket, inf) - SECOND]
        self._counted = range(min(before, default=ticket), ticket)
        self._taken = len(self._counted)
        self._ceiling = rate * CUT_AGAIN if self._trusted and soon else rate
        self._cut = self._tickets - 1
        self._set_estimate()
        if answers >= PROVEN and rate < inf and (retry_after or 0.0) <= SOON:
            self._pause(now, BREATH)
            return retry_after or SECOND
        self._pause(now, retry_after or SECOND * exp2(self._setbacks))
        return 0.0

    def overloaded(self, ticket: int, now: float, retry_after: float | None) -> None:
        """A 503 or its like."""
        if retry_after is not None and ticket > self._held:
            self._held = self._tickets - 1
            self._next = max(self._next, now + min(retry_after, LONGEST_PAUSE))
        self._strain += (1 - self._strain) * STRAIN_STEP
        if self._strain > STRAINED and ticket > self._narrowed:
            self._window = max(1.0, self._window / 2)
            self._slow_start = False
            self._narrowed, self._strain = self._tickets - 1, 0.0

    def _set_estimate(self) -> None:
        self._estimate = max(min(max(self._taken, 1) / SECOND, self._ceiling), SLOWEST)
        self._trusted = self._even and HANDFUL <= self._taken <= self._ceiling

    def _pause(self, now: float, seconds: float) -> None:
        self._resumed = self._next = max(self._next, now + min(seconds, LONGEST_PAUSE))

    def _spend(self, now: float, tokens: float) -> None:
        """Tokens may be overdrawn by one request, and are saved up for a second at most."""
        if self._tokens_per_second < inf:
            self._tokens_free = max(self._tokens_free, now - SECOND) + tokens / self._tokens_per_second
