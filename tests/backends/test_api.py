"""`api:`: litellm itself, against the server with bad manners."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from judgebench.backends.api import ApiBackend
from judgebench.errors import InputError, JudgebenchError
from judgebench.judges import open_judge
from judgebench.types import Generation, Request

from .conftest import MakeLimits, Questions, Serve, answers_in_order, through_litellm

# litellm's modules warn when they are imported, and about each other.
pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.usefixtures("_litellm_is_warm")]


def test_cost_is_litellms_or_the_users_or_unknown(serve: Serve, questions: Questions, limits: MakeLimits) -> None:
    server = serve()
    backend = through_litellm(server, limits())
    prices = backend.provenance["dollars_per_million_tokens"]
    ((_, answer),) = backend.complete(questions(1))
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (100, 10)
    assert answer.usage.cost == pytest.approx((100 * prices[0] + 10 * prices[1]) / 1e6)

    unknown = through_litellm(server, limits(), "openai/a-model-of-ours")
    ((_, answer),) = unknown.complete(questions(1))
    assert answer.usage is not None
    assert answer.usage.cost is None
    assert unknown.provenance["dollars_per_million_tokens"] is None

    (answer,) = answers_in_order(
        through_litellm(server, limits(price_in=1.0, price_out=1.0), "openai/a-model-of-ours"), questions(1)
    )
    assert answer.usage is not None
    assert answer.usage.cost == pytest.approx(110e-6)


def test_a_quote_counts_and_prices_without_asking(serve: Serve, questions: Questions, limits: MakeLimits) -> None:
    server = serve()
    quote = through_litellm(server, limits()).quote(questions(1)[0])
    assert 5 <= (quote.prompt_tokens or 0) <= 20
    assert quote.completion_tokens == 16
    assert (quote.cost or 0) > 0
    assert server.requests == 0


def test_a_setting_that_the_provider_lacks_is_dropped_and_said(
    serve: Serve, questions: Questions, limits: MakeLimits
) -> None:
    server = serve(unknown=("top_k",))
    backend = through_litellm(server, limits(), "openai/o3")
    answers = dict(backend.complete(questions(5, temperature=0.0, seed=1, top_k=5, top_logprobs=5, num_beams=2)))
    assert {answer.dropped for answer in answers.values()} == {("num_beams", "temperature", "top_k", "top_logprobs")}
    assert server.bodies[-1]["seed"] == 1
    assert not {"temperature", "top_k", "top_logprobs", "logprobs"} & set(server.bodies[-1])


@pytest.mark.parametrize(
    ("model", "options", "lead", "words"),
    [
        ("openai/o3", (("A",),), "", "api:openai/o3: litellm knows of no log-probabilities that its provider gives"),
        ("openai/gpt-4o", (("A",), ("undecidedness",)), "", "'undecidedness' is more than a token"),
        ("openai/gpt-4o", (("1",),), "Rating:", "this prompt's verdict stands after 'Rating:'"),
    ],
)
def test_what_cannot_be_forced_is_said_before_anything_is_asked(
    serve: Serve, limits: MakeLimits, model: str, options: Any, lead: str, words: str
) -> None:
    server = serve()
    asked = Request(generation=Generation(max_tokens=1), options=options, lead=lead)
    with pytest.raises(InputError) as caught:
        through_litellm(server, limits(), model).require_options(f"api:{model}", asked)
    assert words in str(caught.value)
    fits = Request(generation=Generation(max_tokens=1), options=(("A", " A"), ("B",), ("tie",)))
    assert through_litellm(server, limits()).require_options("api:openai/gpt-4o", fits) == 20
    assert server.requests == 0


def test_a_key_is_asked_for_before_anything_is_sent(limits: MakeLimits, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(InputError, match=r"^api:openai/gpt-4o needs OPENAI_API_KEY in the environment, or in .* \.env"):
        ApiBackend("openai/gpt-4o", limits())
    monkeypatch.setenv("ANTHROPIC_API_KEY", "")
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    with pytest.raises(InputError, match="needs ANTHROPIC_API_KEY"):
        ApiBackend("anthropic/claude-sonnet-4-5", limits())
    with pytest.raises(InputError, match="litellm knows no such provider or model"):
        ApiBackend("nobody/nothing", limits())


def test_nothing_to_be_had_ends_the_run(serve: Serve, questions: Questions, limits: MakeLimits) -> None:
    with pytest.raises(InputError, match="there is no such model at this address"):
        answers_in_order(through_litellm(serve("404", "404"), limits()), questions(5))
    backend = ApiBackend("openai/gpt-4o", limits(), extra={"api_base": "http://127.0.0.1:9/v1"})
    with pytest.raises(JudgebenchError, match=r"^api:openai/gpt-4o cannot be reached: Connect call failed"):
        list(backend.complete(questions(5)))


def test_raw_text_is_for_other_kinds(limits: MakeLimits) -> None:
    with pytest.raises(InputError, match="ask that model through server: or local:"):
        open_judge("api:openai/gpt-4o", {"prompt": "pandalm"})
    backend = ApiBackend("openai/gpt-4o", limits())
    with pytest.raises(InputError, match="ask that model through server: or local:"):
        list(backend.complete([Request(text="x", generation=Generation(max_tokens=1))]))


@pytest.mark.parametrize("module", ["judgebench.models.api", "judgebench.cli"])
def test_litellm_is_imported_only_when_used(module: str) -> None:
    code = f"import sys, {module}; print('litellm' in sys.modules, 'aiohttp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True).stdout == (
        "False False\n"
    )


def test_litellm_stays_at_home(serve: Serve, tmp_path: Path, key: str) -> None:
    """A whole call, in a process that notes every address it looks up or connects to, and every file it writes."""
    server = serve()
    code = textwrap.dedent(f"""
        import sys
        seen, written = set(), set()
        def note(event, args):
            if event == "socket.getaddrinfo":
                seen.add(str(args[0]))
            elif event == "socket.connect" and isinstance(args[1], tuple):
                seen.add(args[1][0])
            elif event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+"):
                written.add(str(args[0]))
        sys.addaudithook(note)
        from judgebench.backends.api import ApiBackend
        from judgebench.backends.limits import Limits
        from judgebench.types import Generation, Message, Request
        backend = ApiBackend("openai/gpt-4o", Limits(max_connections=1, start=1), extra={{"api_base": "{server.url}"}})
        request = Request(messages=(Message(role="user", content="hello"),), generation=Generation(max_tokens=4))
        backend.quote(request)
        print([completion.text for _, completion in backend.complete([request])], sorted(seen), sorted(written))
    """)
    # Some versions of litellm open files of their own in the locale's encoding, which is not what is looked at here.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONWARNDEFAULTENCODING"}
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True, cwd=tmp_path, env=environment
    )
    assert ran.stdout.strip() == "['A'] ['127.0.0.1'] []"
    assert key not in ran.stdout + ran.stderr
    assert ran.stderr == ""
