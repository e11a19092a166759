"""The seam between a judge and many connections: what is pulled, what comes back, and how it ends."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from judgebench.backends import dispatch
from judgebench.backends.server import ServerBackend
from judgebench.errors import InputError, JudgebenchError
from judgebench.types import Completion, Finish, Request

from .conftest import MakeLimits, Questions, Serve


@pytest.fixture(params=["uvloop", "asyncio"])
def _either_loop(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "asyncio":
        monkeypatch.setattr(dispatch, "_fast_loop", lambda: asyncio.new_event_loop)
    else:
        pytest.importorskip("uvloop")


def test_every_request_has_one_answer(serve: Serve, questions: Questions, limits: MakeLimits) -> None:
    server = serve(say=lambda body: body["messages"][-1]["content"], latency=0.01)
    backend = ServerBackend(server.url, "tiny", limits())
    answers = list(backend.complete(questions(300)))
    assert sorted(index for index, _ in answers) == list(range(300))
    assert all(completion.text == f"question {index}" for index, completion in answers)
    assert server.requests == 300
    assert 2 <= server.peak <= 16


def test_requests_are_pulled_as_there_is_room(serve: Serve, questions: Questions, limits: MakeLimits) -> None:
    pulled = yielded = 0
    ahead: list[int] = []

    def source() -> Iterator[Request]:
        nonlocal pulled
        for request in questions(100):
            pulled += 1
            ahead.append(pulled - yielded)
            yield request

    for _ in ServerBackend(serve().url, "tiny", limits(max_connections=8)).complete(source()):
        yielded += 1
    assert (pulled, yielded) == (100, 100)
    assert max(ahead) == 8


def test_no_request_is_no_trouble(limits: MakeLimits) -> None:
    assert list(ServerBackend("http://127.0.0.1:9/v1", "tiny", limits()).complete([])) == []


def test_who_stops_listening_stops_the_requests(serve: Serve, questions: Questions, limits: MakeLimits) -> None:
    server = serve(lambda number, same, body: "ok" if number < 10 else "hang")
    stream = ServerBackend(server.url, "tiny", limits()).complete(questions(200))
    take_five_and_stop(stream)
    assert left(server) == 0
    assert server.requests < 40


def take_five_and_stop(stream: Any) -> None:
    for _ in range(5):
        next(stream)
    stream.close()


def left(server: Any) -> int:
    """Requests that the server still has to answer, when it has had the time to see who is gone."""
    deadline = time.monotonic() + 2
    while server.connections and time.monotonic() < deadline:
        time.sleep(0.01)
    return int(server.connections)


@pytest.mark.usefixtures("_either_loop")
def test_ctrl_c_stops_the_requests(serve: Serve, questions: Questions, limits: MakeLimits) -> None:
    """A real one, while all wait for a server that does not answer."""
    server = serve(lambda number, same, body: "ok" if number < 20 else "hang")
    began = time.monotonic()
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    answers, error = until_it_ends(ServerBackend(server.url, "tiny", limits()).complete(questions(200)))
    assert isinstance(error, KeyboardInterrupt)
    assert time.monotonic() - began < 5
    assert len(answers) == 20
    assert left(server) == 0


def test_what_is_under_way_arrives_before_the_askers_error(
    serve: Serve, questions: Questions, limits: MakeLimits
) -> None:
    def source() -> Iterator[Request]:
        yield from questions(10)
        raise InputError("item 11 can't be shown")

    server = serve("slow=0.1")
    answers, error = until_it_ends(ServerBackend(server.url, "tiny", limits()).complete(source()))
    assert str(error) == "item 11 can't be shown"
    assert len(answers) == server.answered.total() == 10


def until_it_ends(stream: Iterator[tuple[int, Completion]]) -> tuple[list[Completion], BaseException | None]:
    answers = []
    try:
        for _, completion in stream:
            answers.append(completion)
    except BaseException as error:  # noqa: BLE001
        return answers, error
    return answers, None


def test_it_works_where_a_loop_runs_already(serve: Serve, questions: Questions, limits: MakeLimits) -> None:
    """As in a notebook."""

    server = serve(lambda number, same, body: "ok" if number < 10 else "hang")

    async def notebook() -> None:
        backend = ServerBackend(server.url, "tiny", limits())
        assert len(list(backend.complete(questions(3)))) == 3
        take_five_and_stop(backend.complete(questions(200)))

    asyncio.run(notebook())
    assert left(server) == 0
    assert not [thread for thread in threading.enumerate() if "judgebench" in thread.name]


def test_a_notebook_s_cell_can_be_interrupted(serve: Serve, questions: Questions, limits: MakeLimits) -> None:
    async def notebook() -> None:
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
        list(ServerBackend(serve(lambda *_: "hang").url, "tiny", limits()).complete(questions(3)))

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        drive(notebook())
    assert time.monotonic() - began < 5
    assert not [thread for thread in threading.enumerate() if "judgebench" in thread.name]


def drive(coroutine: Any) -> None:
    """As a notebook's kernel does: with Ctrl-C as Python has it. (asyncio.run has its own way with it.)"""
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(coroutine)
    finally:
        loop.close()


def test_who_takes_long_over_an_answer_loses_none(serve: Serve, questions: Questions, limits: MakeLimits) -> None:
    server = serve(latency=0.01)
    texts = []
    for index, completion in ServerBackend(server.url, "tiny", limits(max_connections=4)).complete(questions(20)):
        texts.append(completion.text)
        if index == 2:
            time.sleep(0.5)
    assert texts == ["A"] * 20
    assert server.requests == 20


def test_a_backend_can_be_asked_again(serve: Serve, questions: Questions, limits: MakeLimits) -> None:
    backend = ServerBackend(serve().url, "tiny", limits())
    for _ in range(3):
        assert len(list(backend.complete(questions(5)))) == 5


def test_a_fault_is_tried_again_and_counted(serve: Serve, questions: Questions, limits: MakeLimits) -> None:
    server = serve("500", "drop", "503", "truncated", "hang")
    # One at a time: had another request taken its connection meanwhile, it would have met the drop on a new one.
    backend = ServerBackend(server.url, "tiny", limits(timeout=1.0, max_connections=1))
    answers = dict(backend.complete(questions(4)))
    # The connection was kept after the 500, and ended when it was used again: that is no attempt.
    assert [answers[index].attempts for index in range(4)] == [5] * 4
    assert server.requests == 4 * 6
    assert all(completion.text == "A" for completion in answers.values())


def test_what_never_works_fails_in_the_end(serve: Serve, questions: Questions, limits: MakeLimits) -> None:
    server = serve(lambda number, same, body: "500" if body["messages"][-1]["content"] == "question 3" else "ok")
    answers = dict(ServerBackend(server.url, "tiny", limits(attempts=3)).complete(questions(20)))
    failed = {index: completion for index, completion in answers.items() if completion.finish is Finish.FAILED}
    assert list(failed) == [3]
    assert failed[3].attempts == 3
    assert failed[3].text is None
    assert failed[3].detail == "500: Internal error (invalid_request_error) (after 3 attempts)"


def test_a_server_that_answers_nobody_ends_the_run(serve: Serve, questions: Questions, limits: MakeLimits) -> None:
    server = serve(lambda number, same, body: "ok" if number < 30 else "500")
    answers, error = until_it_ends(ServerBackend(server.url, "tiny", limits(attempts=2)).complete(questions(200)))
    assert isinstance(error, JudgebenchError)
    assert str(error).startswith("5 requests in a row were not answered, the last one with: 500: Internal error")
    assert [completion.finish for completion in answers] == [Finish.STOP] * 30


def test_what_is_under_way_is_waited_for_when_the_run_ends(
    serve: Serve, questions: Questions, limits: MakeLimits
) -> None:
    server = serve(lambda number, same, body: "401" if number == 12 else "slow=0.3")
    answers, error = until_it_ends(ServerBackend(server.url, "tiny", limits(max_connections=8)).complete(questions(50)))
    assert isinstance(error, InputError)
    assert len(answers) == server.answered.total() >= 8


def test_the_last_requests_may_fail_by_themselves(serve: Serve, questions: Questions, limits: MakeLimits) -> None:
    """Nothing is left that could show that the provider answers others."""
    server = serve(lambda number, same, body: "500")
    answers = dict(ServerBackend(server.url, "tiny", limits(attempts=2)).complete(questions(3)))
    assert [answers[index].finish for index in range(3)] == [Finish.FAILED] * 3


def test_a_hundred_connections_cannot_hide_a_bug_of_ours(
    serve: Serve, questions: Questions, limits: MakeLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ServerBackend, "_completion", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        list(ServerBackend(serve().url, "tiny", limits()).complete(questions(50)))
