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
from collections.abc import Awaitable, Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass
from time import monotonic

import msgspec

from judgebench.backends.faults import TRANSIENT, Fault, Kind
from judgebench.backends.limits import Limits
from judgebench.backends.pacing import Pace
from judgebench.errors import JudgebenchError
from judgebench.types import Completion, Finish, Request

Send = Callable[[Request], Awaitable[Completion]]
"""One attempt. Fault: there is no completion. JudgebenchError: there can be none for anybody. Ended: there is one."""
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
    with loop.running():
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


class Ended(Exception):
    """There is a completion, although there is no answer, or none to all that was to be asked."""

    def __init__(self, completion: Completion) -> None:
        self.completion = completion


@dataclass(slots=True)
class _Job:
    index: int
    request: Request
    sent: int = 0
    counted: int = 0
    """Of the requests sent, those that count against the limit."""
    refused: int = 0


class _Loop:
    """The event loop, which runs while an answer is waited for, and what is under way on it: a task for each request,
    from its submission to its answer."""

    def __init__(self, connect: Connect, limits: Limits, pace: Pace) -> None:
        self._connect, self._limits, self._pace = connect, limits, pace
        self._news: deque[Placed | BaseException] = deque()
        self._turns: deque[tuple[asyncio.Future[int], int]] = deque()
        """Who waits to leave, to be told a ticket, and the tokens reserved for it."""
        self._taking = self._pumping = self._reached = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._submitted = self._under_way = self._answered = 0
        self._timer: asyncio.TimerHandle | None = None
        self._fruitless: list[Placed] = []
        self._fruitless_in_a_row = 0
        self._error: Exception | None = None

    @contextmanager
    def running(self) -> Iterator[None]:
        with asyncio.Runner(loop_factory=_fast_loop()) as runner:
            self._loop = runner.get_loop()
            opened = AsyncExitStack()
            try:
                self._send = self._loop.run_until_complete(opened.enter_async_context(self._connect()))
                opened.push_async_callback(self._cancel)
                yield
            finally:
                self._loop.run_until_complete(opened.aclose())

    def submit(self, index: int, request: Request) -> None:
        task = self._loop.create_task(self._ask(_Job(index, request)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._submitted += 1

    def take(self) -> Placed:
        """The next completion, waiting for it; raises what no request can succeed after."""
        if self._submitted >= HELD_BACK:
            self._submitted = 0
            self._loop.call_soon(self._loop.stop)
            self._loop.run_forever()
        while not self._news:
            self._submitted, self._taking = 0, True
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
                loop.call_soon_threadsafe(self._deliver, GeneratorExit())

    # What follows runs on the loop.

    def _deliver(self, news: Placed | BaseException) -> None:
        self._news.append(news)
        if self._taking:
            self._taking = False  # for uvloop, a second stop would be one of the next run
            self._loop.stop()

    async def _cancel(self) -> None:
        self._turns.clear()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _ask(self, job: _Job) -> None:
        """One attempt after the other."""
        try:
            while (rest := await self._attempt(job)) is not None:
                await asyncio.sleep(rest)
        except Exception as error:  # noqa: BLE001  (raised to the caller)
            self._end(error)

    async def _attempt(self, job: _Job) -> float | None:
        """The seconds after which there has to be another; None where there is nothing left to do."""
        # What providers reckon a request at before it is answered.
        reserved = estimated_tokens(job.request) + job.request.generation.max_tokens if self._limits.tpm else 0
        turn = self._loop.create_future()
        # Who was sent before stands first in the queue again: it is older than all others there.
        (self._turns.appendleft if job.sent else self._turns.append)((turn, reserved))
        self._pump()
        ticket: int = await turn
        job.sent += 1
        job.counted += 1
        before = self._answered
        try:
            async with asyncio.timeout(self._limits.timeout):
                completion = await self._send(job.request)
        except Ended as ended:
            completion = ended.completion
        except TimeoutError:
            broken = Fault(Kind.BROKEN, f"no answer within {self._limits.timeout:g} seconds")
            return self._faulty(job, broken, ticket, before)
        except Fault as fault:
            return self._faulty(job, fault, ticket, before)
        finally:
            self._under_way -= 1
            if not self._pumping:  # once per turn of the loop, after everything that came in together has been heard
                self._pumping = True
                self._loop.call_soon(self._pump)
        usage, tokens = completion.usage, None
        if usage is not None and usage.prompt_tokens is not None:
            tokens = usage.prompt_tokens + (usage.completion_tokens or 0)
        self._pace.answered(ticket, monotonic(), reserved, tokens)
        self._reached = True
        self._answered += 1
        self._fruitless_in_a_row = 0
        self._finish_fruitless()
        self._deliver((job.index, msgspec.structs.replace(completion, attempts=job.sent)))
        return None

    def _pump(self) -> None:
        """Let requests leave, as many as may leave now."""
        self._pumping = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        try:
            while self._turns and self._under_way < self._pace.window and self._error is None:
                now = monotonic()
                wait = self._pace.wait(now)
                if wait > 0:
                    self._timer = self._loop.call_later(wait, self._pump)
                    break
                turn, reserved = self._turns.popleft()
                self._under_way += 1
                turn.set_result(self._pace.released(now, reserved))
        except Exception as error:  # noqa: BLE001  (a fault of ours must end the run, not leave it waiting for ever)
            self._end(error)
        if self._error is not None and not self._under_way:
            self._deliver(self._error)

    def _faulty(self, job: _Job, fault: Fault, ticket: int, before: int) -> float | None:
        """As `_attempt` has it. `before` is how many had been answered when it left."""
        if fault.kind is Kind.UNREACHABLE and not self._reached:
            self._end(JudgebenchError(fault.detail))
            return None
        self._reached = self._reached or fault.kind is not Kind.UNREACHABLE
        now, rest = monotonic(), 0.0
        if fault.kind is Kind.RATE:
            rest = self._pace.refused(ticket, now, fault.retry_after)
            # A refusal for being too fast is held against a request only if nobody else got through meanwhile.
            job.refused += 1
            if self._answered > before and job.refused < self._limits.attempts * MOST_REFUSALS:
                job.counted -= 1
        elif fault.kind is Kind.CHANGED:
            job.counted -= 1
        else:
            if fault.kind is Kind.OVERLOAD:
                self._pace.overloaded(ticket, now, fault.retry_after)
            backoff = min(self._limits.backoff * 2 ** (job.counted - 1), LONGEST_BACKOFF)
            rest = max(backoff * random.uniform(0.5, 1.0), fault.retry_after or 0.0)
        if fault.kind in TRANSIENT and job.counted < self._limits.attempts:
            return rest
        self._give_up(job, fault)
        return None

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
        elif sum(not task.done() for task in self._tasks) == 1:
            # Nothing is left that could show whether it is the provider's fault: they count as these requests' own.
            self._finish_fruitless()

    def _finish_fruitless(self) -> None:
        for answer in self._fruitless:
            self._deliver(answer)
        self._fruitless.clear()

    def _end(self, error: Exception) -> None:
        """No request can succeed any more: none leaves, and what is under way, which may be paid for, is waited for."""
        if self._error is None:
            self._error = error
            self._loop.call_later(GRACE, self._deliver, error)
            self._loop.call_soon(self._pump)


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
