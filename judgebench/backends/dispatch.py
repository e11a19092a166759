"""The one dispatcher: every request waits in one queue, and leaves it when the pace allows.

`stream` is the seam between a judge, which is plain synchronous code, and a backend, which talks to many connections at
once: an event loop of its own that runs while somebody waits for the next completion, fed with requests as there is
room for them. There is one thread: two would fight over the interpreter's lock at every answer, which costs a third of
the CPU time of a run. Whoever stops listening (an error, Ctrl-C, a generator that is closed) stops it: what is under
way is cancelled and nothing is left behind.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from time import monotonic

import msgspec

from judgebench.backends.faults import TRANSIENT, Fault, Kind
from judgebench.backends.limits import Limits
from judgebench.backends.pacing import Pace
from judgebench.errors import JudgebenchError
from judgebench.types import Completion, Finish, Request

Send = Callable[[Request], Awaitable[Completion]]
"""One attempt. Fault: there is no completion. JudgebenchError: there can be none for anybody."""
Connect = Callable[[], AbstractAsyncContextManager[Send]]
Placed = tuple[int, Completion]

FRUITLESS = 5
"""So many failures in a row without one answer are the provider's, not the requests'."""
MOST_REFUSALS = 5
"""Times the attempts: that often a request may be refused for being too fast while others get through."""
LONGEST_BACKOFF = 60.0
GRACE = 30.0
"""Seconds in which requests under way may still be answered after one of them showed that no other can be."""
CHARACTERS_PER_TOKEN = 4
IMAGE_TOKENS = 1_000
"""About as many as providers count for a picture of a million pixels."""
HELD_BACK = 4
"""So many requests wait for the loop at most. Answers come in crowds, and if all of one were read before the next
requests left, these would leave, and their answers come, in a crowd again."""


def stream(requests: Iterable[Request], connect: Connect, limits: Limits, pace: Pace) -> Iterator[Placed]:
    """(position, completion) as they finish; what the pace learns outlives the stream. At most
    `limits.max_connections` requests are pulled and not yet yielded: what a process that dies has to ask again."""
    loop = _Loop(connect, limits, pace)
    answers = _answers(requests, loop, limits.max_connections)
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return answers
    return _stepped_elsewhere(answers, loop.interrupt)


def _answers(requests: Iterable[Request], loop: _Loop, most: int) -> Generator[Placed]:
    source = enumerate(requests)
    outstanding, more = 0, True
    failure: Exception | None = None
    with loop:
        while True:
            while more and outstanding < most:
                try:
                    index, request = next(source)
                except StopIteration:
                    more = False
                except Exception as error:  # noqa: BLE001  (raised below: what is under way is paid for, and comes first)
                    more, failure = False, error
                else:
                    loop.submit(index, request)
                    outstanding += 1
            if not outstanding:
                break
            answer = loop.take()
            outstanding -= 1
            yield answer
    if failure is not None:
        raise failure


def _stepped_elsewhere(answers: Generator[Placed], interrupt: Callable[[], None]) -> Generator[Placed]:
    """The same in a thread of its own, a step at a time: for a notebook, whose thread has a loop that runs already."""
    with ThreadPoolExecutor(1, "judgebench-requests") as thread:
        try:
            while (answer := thread.submit(next, answers, None).result()) is not None:
                yield answer
        finally:
            interrupt()
            thread.submit(answers.close).result()


@dataclass(slots=True)
class _Job:
    index: int
    request: Request
    sent: int = 0
    counted: int = 0
    """Of the requests sent, those that count against the limit."""
    refused: int = 0
    answered_before: int = 0
    """How many had been answered when it last left."""


class _Loop:
    """The event loop, which runs while an answer is waited for, and what is under way on it."""

    def __init__(self, connect: Connect, limits: Limits, pace: Pace) -> None:
        self._connect, self._limits, self._pace = connect, limits, pace
        self._send: Send | None = None
        self._submitted: deque[_Job] = deque()
        self._queue: deque[_Job] = deque()
        self._news: deque[Placed | BaseException] = deque()
        self._taking = self._pumping = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._under_way = self._resting = self._answered = 0
        self._timer: asyncio.TimerHandle | None = None
        self._finished: list[Placed] = []
        self._reached = False
        self._fruitless: list[Placed] = []
        self._fruitless_in_a_row = 0
        self._error: Exception | None = None
        self._over = False

    def __enter__(self) -> _Loop:
        self._runner = asyncio.Runner(loop_factory=_fast_loop())
        self._loop = self._runner.get_loop()
        self._left = asyncio.Event()
        self._open = self._loop.create_task(self._keep_open())
        self._open.add_done_callback(self._fail)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.remove_done_callback(self._fail)
        self._left.set()
        with self._runner:
            if not self._open.done():
                self._loop.run_until_complete(self._open)

    def submit(self, index: int, request: Request) -> None:
        self._submitted.append(_Job(index, request))

    def take(self) -> Placed:
        """The next completion, waiting for it; raises what no request can succeed after."""
        if self._submitted:
            self._loop.call_soon(self._look)
        if len(self._submitted) >= HELD_BACK:
            self._loop.call_soon(self._loop.stop)
            self._loop.run_forever()
        while not self._news:
            self._taking = True
            try:
                self._loop.run_forever()
            finally:
                self._taking = False
        news = self._news.popleft()
        if isinstance(news, BaseException):
            raise news
        return news

    def interrupt(self) -> None:
        """End the wait in `take`, from another thread."""
        if (loop := getattr(self, "_loop", None)) is not None:
            with suppress(RuntimeError):  # it is closed
                loop.call_soon_threadsafe(self._deliver, [GeneratorExit()])

    # What follows runs on the loop.

    async def _keep_open(self) -> None:
        async with self._connect() as self._send:
            try:
                self._look()
                await self._left.wait()
            finally:
                self._over = True
                self._finished.clear()
                for task in self._tasks:
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)

    def _fail(self, opened: asyncio.Task[None]) -> None:
        """There was no way to connect at all."""
        error = None if opened.cancelled() else opened.exception()
        self._deliver([error or RuntimeError("the event loop was ended from outside")])

    def _deliver(self, news: Sequence[Placed | BaseException]) -> None:
        self._news.extend(news)
        if self._taking:
            self._taking = False  # for uvloop, a second stop would be one of the next run
            self._loop.stop()

    def _look(self) -> None:
        if self._send is not None:
            self._queue.extend(self._submitted)
            self._submitted.clear()
            self._pump()

    def _pump(self) -> None:
        """Let requests leave, as many as may leave now."""
        self._pumping = False
        try:
            self._release()
        except Exception as error:  # noqa: BLE001  (a fault of ours must end the run, not leave it waiting for ever)
            self._end(error)
        if self._error is not None and not self._under_way:
            self._stop()

    def _release(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._queue and self._under_way < self._pace.window and self._error is None:
            now = monotonic()
            wait = self._pace.wait(now)
            if wait > 0:
                self._timer = self._loop.call_later(wait, self._pump)
                return
            job = self._queue.popleft()
            # What providers reckon a request at before it is answered.
            reserved = estimated_tokens(job.request) + job.request.generation.max_tokens if self._limits.tpm else 0
            ticket = self._pace.released(now, reserved)
            self._under_way += 1
            task = self._loop.create_task(self._attempt(job, ticket, reserved))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _attempt(self, job: _Job, ticket: int, reserved: int) -> None:
        job.sent += 1
        job.counted += 1
        job.answered_before = self._answered
        try:
            try:
                answer = await self._answer(job)
            finally:
                self._under_way -= 1
            if isinstance(answer, Fault):
                self._faulty(job, answer, ticket)
            else:
                self._settle(job, answer, ticket, reserved)
        except Exception as error:  # noqa: BLE001  (raised to the caller)
            self._end(error)
        if not self._pumping:  # once per turn of the loop, after everything that came in together has been heard
            self._pumping = True
            self._loop.call_soon(self._pump)

    async def _answer(self, job: _Job) -> Completion | Fault:
        assert self._send is not None  # noqa: S101  (nothing is released before)
        try:
            async with asyncio.timeout(self._limits.timeout):
                return await self._send(job.request)
        except TimeoutError:
            return Fault(Kind.BROKEN, f"no answer within {self._limits.timeout:g} seconds")
        except Fault as fault:
            return fault

    def _settle(self, job: _Job, completion: Completion, ticket: int, reserved: int) -> None:
        usage, tokens = completion.usage, None
        if usage is not None and usage.prompt_tokens is not None:
            tokens = usage.prompt_tokens + (usage.completion_tokens or 0)
        self._pace.answered(ticket, monotonic(), reserved, tokens)
        self._reached = True
        self._answered += 1
        self._fruitless_in_a_row = 0
        self._finish_fruitless()
        self._finish((job.index, msgspec.structs.replace(completion, attempts=job.sent)))

    def _faulty(self, job: _Job, fault: Fault, ticket: int) -> None:
        if fault.kind is Kind.UNREACHABLE and not self._reached:
            self._end(JudgebenchError(fault.detail))
            return
        self._reached = self._reached or fault.kind is not Kind.UNREACHABLE
        now, rest = monotonic(), 0.0
        if fault.kind is Kind.RATE:
            rest = self._pace.refused(ticket, now, fault.retry_after)
            # A refusal for being too fast is held against a request only if nobody else got through meanwhile.
            job.refused += 1
            if self._answered > job.answered_before and job.refused < self._limits.attempts * MOST_REFUSALS:
                job.counted -= 1
        elif fault.kind is Kind.CHANGED:
            job.counted -= 1
        else:
            if fault.kind is Kind.OVERLOAD:
                self._pace.overloaded(ticket, now, fault.retry_after)
            backoff = min(self._limits.backoff * 2 ** (job.counted - 1), LONGEST_BACKOFF)
            rest = max(backoff * random.uniform(0.5, 1.0), fault.retry_after or 0.0)
        if fault.kind not in TRANSIENT or job.counted >= self._limits.attempts:
            self._give_up(job, fault)
        elif rest:
            self._resting += 1
            self._loop.call_later(rest, self._back, job)
        else:
            self._queue.appendleft(job)

    def _back(self, job: _Job) -> None:
        """After its rest a request stands first in the queue again: it is older than all others there."""
        self._resting -= 1
        self._queue.appendleft(job)
        self._pump()

    def _give_up(self, job: _Job, fault: Fault) -> None:
        tried = f" (after {job.sent} attempts)" if job.sent > 1 else ""
        completion = Completion(finish=Finish.FAILED, detail=f"{fault.detail}{tried}", attempts=job.sent)
        self._fruitless.append((job.index, completion))
        self._fruitless_in_a_row += 1
        if self._fruitless_in_a_row >= FRUITLESS:
            self._end(
                JudgebenchError(
                    f"{FRUITLESS} requests in a row were not answered, the last one with: {fault.detail}{tried}; "
                    "they are not recorded, and the same command asks them again"
                )
            )
        elif not (self._queue or self._resting or self._under_way):
            # Nothing is left that could show whether it is the provider's fault: they count as these requests' own.
            self._finish_fruitless()

    def _finish_fruitless(self) -> None:
        for answer in self._fruitless:
            self._finish(answer)
        self._fruitless.clear()

    def _finish(self, answer: Placed) -> None:
        if self._over:
            return
        if not self._finished:
            self._loop.call_soon(self._hand_over)
        self._finished.append(answer)

    def _hand_over(self) -> None:
        """All that finished in one turn of the loop together."""
        if self._finished:
            self._deliver(self._finished)
            self._finished = []

    def _end(self, error: Exception) -> None:
        """No request can succeed any more: none leaves, and what is under way, which may be paid for, is waited for."""
        if self._error is None:
            self._error = error
            self._loop.call_later(GRACE, self._stop)

    def _stop(self) -> None:
        if not self._over and self._error is not None:
            self._over = True
            self._hand_over()
            self._deliver([self._error])


def estimated_tokens(request: Request) -> int:
    """Of the prompt, where nobody counts them."""
    characters = len(request.text or "") + sum(len(message.content) for message in request.messages)
    return characters // CHARACTERS_PER_TOKEN + IMAGE_TOKENS * sum(len(message.images) for message in request.messages)


def _fast_loop() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop
    except ImportError:  # a little more CPU time, and no less throughput
        return asyncio.new_event_loop
    return uvloop.new_event_loop  # type: ignore[no-any-return,unused-ignore]
