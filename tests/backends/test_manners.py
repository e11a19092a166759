"""`server:` and `api:` alike, against the server with bad manners."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from judgebench.backends.limits import Limits
from judgebench.backends.server import ServerBackend
from judgebench.errors import InputError
from judgebench.types import Backend, Finish

from .conftest import MakeLimits, Questions, Serve, answers_in_order, through_litellm

pytestmark = pytest.mark.filterwarnings("ignore")  # litellm's modules warn about each other
Connect = Callable[[Any, Limits], Backend]


@pytest.fixture(params=["server", "api"])
def kind(request: pytest.FixtureRequest) -> str:
    if request.param == "api":
        request.getfixturevalue("_litellm_is_warm")
    return str(request.param)


@pytest.fixture
def connect(kind: str) -> Connect:
    if kind == "api":
        return through_litellm
    return lambda server, limits: ServerBackend(server.url, "tiny", limits)


TRANSIENT = ["500", "503", "503+0.1", "529", "drop", "half", "truncated", "latin1", "html", "error-in-200", "hang"]


@pytest.mark.parametrize("behaviour", TRANSIENT)
def test_a_passing_fault_is_tried_again(
    behaviour: str, connect: Connect, serve: Serve, questions: Questions, limits: MakeLimits
) -> None:
    server = serve(behaviour)
    answers = answers_in_order(connect(server, limits(timeout=1.0 if behaviour == "hang" else 20.0)), questions(3))
    assert [(answer.finish, answer.text, answer.attempts) for answer in answers] == [(Finish.STOP, "A", 2)] * 3
    assert server.requests == 6


FINAL = {
    "ok": (Finish.STOP, "A", ""),
    "slow=0.3": (Finish.STOP, "A", ""),
    "empty": (Finish.STOP, "", ""),
    "length": (Finish.LENGTH, None, ""),
    "thought": (Finish.STOP, "<think>Let me see.</think>\nA", ""),
    "think-length": (Finish.LENGTH, "<think>Let me", ""),
    "refusal": (Finish.REFUSED, "I can't help with that.", "the model refused"),
    "filter": (Finish.REFUSED, None, "content management policy"),
    "long": (Finish.FAILED, None, "the prompt is too long for the model"),
    "odd": (Finish.FAILED, None, "Conversation roles must alternate"),
    "huge": (Finish.FAILED, None, "an answer of more than 8 MiB"),
    "huge-chunked": (Finish.FAILED, None, "an answer of more than 8 MiB"),
}


@pytest.mark.parametrize("behaviour", FINAL)
def test_an_answer_is_final(
    behaviour: str, connect: Connect, serve: Serve, questions: Questions, limits: MakeLimits
) -> None:
    """Also one that is of no use: nothing is asked until it pleases."""
    server = serve(behaviour)
    (answer,) = answers_in_order(connect(server, limits()), questions(1))
    finish, text, detail = FINAL[behaviour]
    assert (answer.finish, answer.text, answer.attempts) == (finish, text, 1)
    assert detail in (answer.detail or "")
    assert bool(answer.detail) == bool(detail)
    assert server.requests == 1


@pytest.mark.parametrize("wish", ["1", None])
def test_a_rate_limit_loses_nothing_and_wastes_little(
    wish: str | None, connect: Connect, serve: Serve, questions: Questions, limits: MakeLimits
) -> None:
    server = serve(limit=50, limit_retry_after=wish, latency=0.05)
    began = time.monotonic()
    answers = answers_in_order(connect(server, limits(max_connections=64)), questions(100))
    seconds = time.monotonic() - began
    assert all(answer.text == "A" for answer in answers)
    # Of the first volley 14 are too many, and a loaded machine adds some; bench/server.py measures the share.
    assert server.requests <= 2 * 100
    assert seconds < 100 / 50 * 5


def test_the_first_token_has_its_candidates(
    connect: Connect, serve: Serve, questions: Questions, limits: MakeLimits
) -> None:
    server = serve()
    (answer,) = answers_in_order(connect(server, limits()), questions(1, top_logprobs=4))
    assert (server.bodies[-1]["logprobs"], server.bodies[-1]["top_logprobs"]) == (True, 4)
    assert answer.first_token == pytest.approx({"A": -0.1, " A": -3.0, "B": -2.5, "tie": -4.0})


def test_a_wrong_key_ends_the_run_in_one_line(
    connect: Connect, serve: Serve, questions: Questions, limits: MakeLimits, key: str
) -> None:
    server = serve(key="sk-another-key-0123456789")
    with pytest.raises(InputError, match="does not accept the key in OPENAI_API_KEY") as caught:
        answers_in_order(connect(server, limits()), questions(50))
    assert key not in str(caught.value)
    assert "sk-another" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert server.requests <= 16
