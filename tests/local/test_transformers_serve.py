"""`server:` against a real server: `transformers serve` with a tiny model of random weights."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from judgebench.backends.limits import Limits
from judgebench.backends.server import ServerBackend
from judgebench.types import Finish, Generation, Message, Request

pytestmark = pytest.mark.local

LIMITS = Limits(max_connections=2, start=2, timeout=120.0)


@pytest.fixture(scope="module")
def server(saved: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """(its address, its model)."""
    for package in ("fastapi", "uvicorn", "openai"):
        pytest.importorskip(package, reason="needs the group local: make test-local")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("serve") / "log"
    command = [str(Path(sys.executable).with_name("transformers")), "serve", "--host", "127.0.0.1", "--port", str(port)]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    with log.open("wb") as screen, subprocess.Popen(command, stdout=screen, stderr=screen, env=environment) as process:
        deadline = time.monotonic() + 120
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"transformers serve does not start: {log.read_text(encoding='utf-8')[-500:]}")
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}/v1", str(saved())
        process.kill()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def chat(**generation: object) -> Request:
    asked = Generation(max_tokens=5, **generation)  # type: ignore[arg-type]
    return Request(messages=(Message(role="user", content="Which answer is better?"),), generation=asked)


def test_it_answers_and_is_counted(server: tuple[str, str]) -> None:
    answers = dict(ServerBackend(*server, LIMITS).complete([chat(seed=1), chat(seed=1), chat(seed=1)]))
    assert len({completion.text for completion in answers.values()}) == 1
    for completion in answers.values():
        assert completion.finish is Finish.LENGTH
        assert completion.usage is not None
        assert completion.usage.completion_tokens == 5
        assert (completion.usage.prompt_tokens or 0) > 5


def test_it_goes_on_with_a_raw_text(server: tuple[str, str]) -> None:
    request = Request(text="Which answer is better, A or B?", generation=Generation(max_tokens=5))
    ((_, completion),) = ServerBackend(*server, LIMITS).complete([request])
    assert completion.text
    assert completion.usage is not None
    assert completion.usage.completion_tokens == 5


def test_what_it_does_not_know_is_dropped_and_said(server: tuple[str, str]) -> None:
    """It complains: Unexpected fields in the request: {'top_k'}."""
    backend = ServerBackend(*server, LIMITS)
    answers = dict(backend.complete([chat(top_k=5, seed=1) for _ in range(4)]))
    assert {completion.dropped for completion in answers.values()} == {("top_k",)}
    assert all(completion.text for completion in answers.values())
