"""The pace, against servers that are simulated: hours of theirs take milliseconds of ours."""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from judgebench.backends.limits import Limits
from judgebench.backends.pacing import GLANCE, Pace


@dataclass
class Window:
    """Takes `limit` requests in any `span` seconds."""

    limit: int
    span: float = 1.0
    wish: float | None = None
    taken: deque[float] = field(default_factory=deque)

    def takes(self, now: float) -> bool:
        while self.taken and self.taken[0] <= now - self.span:
            self.taken.popleft()
        if len(self.taken) >= self.limit:
            return False
        self.taken.append(now)
        return True


@dataclass
class Bucket:
    """Holds `size` requests and gains `rate` a second."""

    rate: float
    size: float
    wish: float | None = None
    level: float | None = None
    seen: float = 0.0

    def takes(self, now: float) -> bool:
        level = min(self.size, (self.size if self.level is None else self.level) + (now - self.seen) * self.rate)
        self.level, self.seen = level, now
        if level < 1:
            return False
        self.level -= 1
        return True


@dataclass
class Outcome:
    seconds: float
    sent: int
    answered: int


def run(
    limits: Limits, server: Window | Bucket, count: int, latency: Callable[[], float], *, refusal: float = 0.02
) -> Outcome:
    """What the dispatcher does, with a clock that jumps."""
    pace, now, sent, answered, under_way = Pace(limits), 0.0, 0, 0, 0
    waiting, events, ticket = count, [], 0
    while answered < count:
        while waiting and under_way < pace.window and pace.wait(now) <= 0:
            waiting, under_way, sent, ticket = waiting - 1, under_way + 1, sent + 1, ticket + 1
            released = pace.released(now, 0)
            arrives = now + refusal / 2
            taken = server.takes(arrives)
            heapq.heappush(
                events, (now + (latency() if taken else refusal), ticket, released, "ok" if taken else "429")
            )
        wake = now + pace.wait(now) if waiting and under_way < pace.window else float("inf")
        if events and events[0][0] <= wake:
            now, _, released, what = heapq.heappop(events)
            if what == "back":
                waiting += 1
                continue
            under_way -= 1
            if what == "ok":
                answered += 1
                pace.answered(released, now, 0, None)
            elif rest := pace.refused(released, now, server.wish):
                ticket += 1
                heapq.heappush(events, (now + rest, ticket, 0, "back"))
            else:
                waiting += 1
        else:
            now = wake
    return Outcome(now, sent, answered)


def limits(connections: int = 64, **changed: float) -> Limits:
    return Limits(max_connections=connections, start=min(64, connections), **changed)


SERVERS = {
    "fifty in any second, Retry-After 1": (lambda: Window(50, wish=1.0), 0.95),
    "fifty in any second, no Retry-After": (lambda: Window(50), 0.95),
    "a bucket of fifty": (lambda: Bucket(50, 50, wish=1.0), 0.95),
    "a bucket of three hundred": (lambda: Bucket(50, 300, wish=1.0), 1.0),
    "a bucket of ten, short Retry-After": (lambda: Bucket(50, 10, wish=0.05), 0.9),
}
"""And the share of the limit to be used, the start included."""


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("connections", [10, 64, 256])
@pytest.mark.parametrize("seconds", [0.05, 1.0])
def test_a_limit_is_found_and_used_with_few_refusals(server: str, connections: int, seconds: float) -> None:
    chance = random.Random(7)
    count = 3000
    make, share = SERVERS[server]
    outcome = run(limits(connections), make(), count, lambda: seconds * chance.uniform(0.9, 1.1))
    assert outcome.sent <= 1.1 * count
    assert count / outcome.seconds >= share * min(50.0, connections / seconds)


def test_a_slow_limit_is_found_too() -> None:
    outcome = run(limits(16), Window(60, span=60.0, wish=20.0), 240, lambda: 1.0)
    assert outcome.sent <= 1.5 * 240
    assert outcome.seconds <= 240 * 1.6


def test_without_a_limit_nothing_is_held_back() -> None:
    outcome = run(limits(64), Window(10**9), 6400, lambda: 0.05)
    assert outcome.seconds == pytest.approx(6400 / 64 * 0.05 + GLANCE, rel=0.05)


def test_the_start_is_slow_and_doubles() -> None:
    pace = Pace(Limits(max_connections=64, start=4))
    assert pace.window == 4
    for _ in range(4):
        pace.answered(0, 1.0, 0, None)
    assert pace.window == 8
    for _ in range(100):
        pace.answered(0, 1.0, 0, None)
    assert pace.window == 64


def test_requests_a_minute_are_spread_out() -> None:
    outcome = run(limits(64, rpm=120), Window(10**9), 100, lambda: 0.1)
    assert outcome.seconds == pytest.approx(50, rel=0.03)


def test_tokens_a_minute_are_kept() -> None:
    pace, now, spent = Pace(limits(64, tpm=60_000)), 0.0, 0
    while now < 60:
        now += pace.wait(now) + 1e-9
        ticket = pace.released(now, 2_000)  # expected
        spent += 500  # billed
        pace.answered(ticket, now, 2_000, 500)
    assert spent == pytest.approx(60_000, rel=0.05)


def test_an_overloaded_server_gets_fewer_requests_and_then_more_again() -> None:
    pace = Pace(limits(64))
    for moment in range(20):
        pace.overloaded(pace.released(moment, 0), moment, None)
    low = pace.window
    assert low <= 16
    for moment in range(20, 2000):
        pace.answered(pace.released(moment, 0), moment, 0, None)
    assert pace.window > low


def test_a_few_errors_are_no_overload() -> None:
    pace = Pace(limits(64))
    for moment in range(1000):
        ticket = pace.released(moment, 0)
        if moment % 12 == 0:
            pace.overloaded(ticket, moment, None)
        else:
            pace.answered(ticket, moment, 0, None)
    assert pace.window == 64


def test_a_wish_to_wait_holds_all_back_but_not_for_ever() -> None:
    pace = Pace(limits(64))
    pace.refused(pace.released(0.0, 0), 0.1, 3600.0)
    assert pace.wait(0.1) == pytest.approx(60.0)


def test_one_volley_of_refusals_is_one_cut() -> None:
    pace = Pace(limits(64))
    volley = [pace.released(0.0, 0) for _ in range(64)]
    for ticket in reversed(volley[50:]):  # in whatever order they arrive
        pace.refused(ticket, 0.1, 1.0)
    assert pace.rate(1.1) == pytest.approx(0.96 * 50, rel=0.01)
    assert pace.wait(0.1) == pytest.approx(1.0)
