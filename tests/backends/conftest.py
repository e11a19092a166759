"""The server with bad manners, and requests to it."""

from __future__ import annotations

import importlib.util
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from judgebench.backends.api import ApiBackend
from judgebench.backends.limits import Limits
from judgebench.types import Backend, Completion, Generation, Message, Request

KEY = "sk-judgebench-test-0123456789abcdef"
"""Tests look for it in everything that is written or printed."""


def _load() -> ModuleType:
    path = Path(__file__).with_name("bad_server.py")
    spec = importlib.util.spec_from_file_location("bad_server", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["bad_server"] = module
    spec.loader.exec_module(module)
    return module


bad_server = _load()
Serve = Callable[..., Any]
Questions = Callable[..., list[Request]]
MakeLimits = Callable[..., Limits]


def answers_in_order(backend: Backend, requests: list[Request]) -> list[Completion]:
    answers = dict(backend.complete(requests))
    return [answers[index] for index in range(len(requests))]


def through_litellm(server: Any, limits: Limits, model: str = "openai/gpt-4o", **extra: Any) -> ApiBackend:
    return ApiBackend(model, limits, extra={"api_base": server.url, **extra})


@pytest.fixture(scope="session")
def _litellm_is_warm() -> None:
    """The first call imports more of litellm than the import does; no test should pay for it with its timeout."""
    before = os.environ.get("OPENAI_API_KEY")
    os.environ["OPENAI_API_KEY"] = KEY
    request = Request(messages=(Message(role="user", content="x"),), generation=Generation(max_tokens=1))
    with bad_server.BadServer() as server, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # litellm's modules warn when they are imported, and about each other
        assert answers_in_order(through_litellm(server, Limits(max_connections=1, start=1)), [request])
    del os.environ["OPENAI_API_KEY"]
    if before is not None:
        os.environ["OPENAI_API_KEY"] = before


@pytest.fixture
def serve() -> Iterator[Callable[..., Any]]:
    """`serve("429+1", "ok", latency=0.01)`: each question meets these behaviours in turn, and then all is well;
    `serve(plan)` for anything else."""
    with ExitStack() as stack:

        def start(*behaviours: Any, **settings: Any) -> Any:
            plan = behaviours[0] if behaviours and callable(behaviours[0]) else bad_server.in_turn(*behaviours)
            return stack.enter_context(bad_server.BadServer(plan, **settings))

        yield start


@pytest.fixture(autouse=True)
def _the_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def key() -> str:
    return KEY


@pytest.fixture
def questions() -> Callable[..., list[Request]]:
    def ask(count: int, **generation: Any) -> list[Request]:
        asked = Generation(max_tokens=16, **generation)
        return [
            Request(messages=(Message(role="user", content=f"question {number}"),), generation=asked)
            for number in range(count)
        ]

    return ask


@pytest.fixture
def limits() -> Callable[..., Limits]:
    """Those of a hurry: pauses of some milliseconds."""

    def make(**changed: Any) -> Limits:
        most = changed.pop("max_connections", 16)
        return Limits(**{"max_connections": most, "start": most, "timeout": 20.0, "backoff": 0.01, **changed})

    return make
