"""`server:` against a server with bad manners."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from judgebench.backends.limits import Limits
from judgebench.backends.server import ServerBackend, address, served_models
from judgebench.errors import InputError, JudgebenchError
from judgebench.types import Completion, Generation, Message, Request

from .conftest import MakeLimits, Questions, Serve, answers_in_order


def ask(server: Any, requests: list[Request], limits: Limits, **settings: Any) -> list[Completion]:
    return answers_in_order(ServerBackend(server.url, "tiny", limits, **settings), requests)


def test_a_429_pauses_everybody(serve: Serve, questions: Questions, limits: MakeLimits) -> None:
    server = serve(lambda number, same, body: "429+0.5" if number == 5 else "ok", latency=0.02)
    answers = ask(server, questions(16), limits(max_connections=4))
    assert all(answer.text == "A" for answer in answers)
    assert server.requests == 17
    gaps = [later - earlier for earlier, later in zip(server.times, server.times[1:])]
    assert max(gaps) > 0.45


def test_usage_is_counted_and_priced_only_at_a_known_price(
    serve: Serve, questions: Questions, limits: MakeLimits
) -> None:
    (answer,) = ask(serve(), questions(1), limits())
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.cost) == (100, 10, None)
    assert answer.usage.seconds is not None
    (answer,) = ask(serve(), questions(1), limits(price_in=2.0, price_out=10.0))
    assert answer.usage is not None
    assert answer.usage.cost == pytest.approx(100 * 2e-6 + 10 * 10e-6)


def test_all_settings_are_sent(serve: Serve, limits: MakeLimits) -> None:
    server = serve()
    generation = Generation(
        max_tokens=7, temperature=0.5, top_p=0.9, top_k=40, repetition_penalty=1.1, stop=("\n", "#"), seed=3
    )
    request = Request(
        messages=(Message(role="system", content="s"), Message(role="user", content="u")), generation=generation
    )
    (answer,) = ask(server, [request], limits(), extra_body={"min_p": 0.1})
    assert server.bodies[-1] == {
        "model": "tiny",
        "messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}],
        "max_tokens": 7,
        "temperature": 0.5,
        "top_p": 0.9,
        "top_k": 40,
        "repetition_penalty": 1.1,
        "stop": ["\n", "#"],
        "seed": 3,
        "min_p": 0.1,
    }
    assert answer.dropped == ()


def test_none_leaves_a_setting_to_the_model(serve: Serve, questions: Questions, limits: MakeLimits) -> None:
    server = serve()
    ask(server, questions(1, temperature=None), limits())
    assert set(server.bodies[-1]) == {"model", "messages", "max_tokens"}


def test_raw_text_goes_to_completions(serve: Serve, limits: MakeLimits) -> None:
    server = serve()
    generation = Generation(max_tokens=4, top_logprobs=5)
    (answer,) = ask(server, [Request(text="### Question", generation=generation, options=(("A",),))], limits())
    assert server.paths == {"/v1/completions": 1}
    body = server.bodies[-1]
    assert (body["prompt"], body["logprobs"]) == ("### Question", 5)
    assert "top_logprobs" not in body
    assert answer.text == "A"
    assert answer.options == (pytest.approx(-0.1),)


COMPLAINTS = [
    "Unrecognized request argument supplied: {name}",
    "body.{name}: Extra inputs are not permitted",
    "Unsupported value: '{name}' does not support 0 with this model.",
]


@pytest.mark.parametrize("complaint", COMPLAINTS)
def test_an_unknown_setting_is_dropped_and_said(
    complaint: str, serve: Serve, questions: Questions, limits: MakeLimits
) -> None:
    server = serve(unknown=("seed", "top_k"), complaint=complaint)
    backend = ServerBackend(server.url, "tiny", limits(max_connections=4))
    answers = dict(backend.complete(questions(40, seed=1, top_k=5)))
    assert all(answer.text == "A" for answer in answers.values())
    assert {answer.dropped for answer in answers.values()} == {("seed", "top_k")}
    assert server.requests <= 40 + 2 * 4
    assert "seed" not in server.bodies[-1]


def test_logprobs_are_dropped_together(serve: Serve, questions: Questions, limits: MakeLimits) -> None:
    server = serve(unknown=("logprobs",))
    (answer,) = ask(server, questions(1, top_logprobs=5), limits())
    assert answer.dropped == ("top_logprobs",)
    assert not {"logprobs", "top_logprobs"} & set(server.bodies[-1])


def test_there_is_no_word_for_beams(serve: Serve, questions: Questions, limits: MakeLimits) -> None:
    (answer,) = ask(serve(), questions(1, num_beams=4), limits())
    assert answer.dropped == ("num_beams",)


def test_what_the_prompt_cannot_do_without_ends_the_run(serve: Serve, questions: Questions, limits: MakeLimits) -> None:
    with pytest.raises(InputError, match="does not take the setting stop"):
        ask(serve(unknown=("stop",)), questions(3, stop=("#",)), limits())
    with pytest.raises(InputError, match="does not take min_p from -J extra_body"):
        ask(serve(unknown=("min_p",)), questions(3), limits(), extra_body={"min_p": 0.1})


def test_a_setting_may_have_a_new_name(serve: Serve, questions: Questions, limits: MakeLimits) -> None:
    server = serve(
        unknown=("max_tokens",),
        complaint="Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens'.",
    )
    (answer,) = ask(server, questions(1), limits())
    assert (answer.text, answer.dropped) == ("A", ())
    assert server.bodies[-1]["max_completion_tokens"] == 16


def test_the_key_s_variable_may_be_another(
    serve: Serve, questions: Questions, limits: MakeLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(key="sk-another-key-0123456789")
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(InputError, match="OPENAI_API_KEY, which is not set"):
        ask(server, questions(1), limits())
    monkeypatch.setenv("MY_KEY", "sk-another-key-0123456789")
    (answer,) = ask(server, questions(1), limits(), key_env="MY_KEY")
    assert answer.text == "A"


def test_a_key_that_a_server_repeats_is_blanked(
    serve: Serve, questions: Questions, limits: MakeLimits, key: str
) -> None:
    (answer,) = ask(serve(say=lambda body: f"Your key is {key}."), questions(1), limits())
    assert answer.text == "Your key is [key]."


def test_nothing_to_be_had_ends_the_run(serve: Serve, questions: Questions, limits: MakeLimits) -> None:
    with pytest.raises(InputError, match=r"there is no such model at this address \(404: The model"):
        ask(serve("404", "404"), questions(5), limits())
    # Systems word both in their own ways.
    refused, unknown = "refused|Connect call failed", "not known|resolution|No address"
    for url, why in (("http://127.0.0.1:9/v1", refused), ("http://nosuchhost.invalid/v1", unknown)):
        with pytest.raises(JudgebenchError, match=f"cannot be reached: .*({why})"):
            list(ServerBackend(url, "tiny", limits()).complete(questions(5)))


def test_models_are_listed(serve: Serve) -> None:
    assert served_models(serve(models=("a", "b")).url, "OPENAI_API_KEY") == ["a", "b"]
    with pytest.raises(JudgebenchError, match="cannot be reached"):
        served_models("http://127.0.0.1:9/v1", "OPENAI_API_KEY")


def test_the_served_model_is_recorded(serve: Serve, questions: Questions, limits: MakeLimits) -> None:
    backend = ServerBackend(serve(served=lambda body: "tiny-2026").url, "tiny", limits())
    assert [answer.served for _, answer in backend.complete(questions(2))] == ["tiny-2026"] * 2


def test_addresses_keep_their_query(serve: Serve, questions: Questions, limits: MakeLimits) -> None:
    assert address("https://x/v1/?api-version=2", "models") == "https://x/v1/models?api-version=2"
    server = serve()
    list(ServerBackend(f"{server.url}?api-version=2", "tiny", limits()).complete(questions(1)))
    assert server.paths == {"/v1/chat/completions?api-version=2": 1}


SCHEMA = {"type": "object", "properties": {"verdict": {"type": "string", "enum": ["A", "B"]}}}


def in_json(questions: Questions, count: int) -> list[Request]:
    return [msgspec.structs.replace(request, schema=SCHEMA) for request in questions(count)]


def test_a_schema_is_sent_as_the_response_format(serve: Serve, questions: Questions, limits: MakeLimits) -> None:
    server = serve()
    (answer,) = ask(server, in_json(questions, 1), limits())
    sent = {"type": "json_schema", "json_schema": {"name": "verdict", "strict": True, "schema": SCHEMA}}
    assert server.bodies[-1]["response_format"] == sent
    assert answer.dropped == ()
    ask(server, in_json(questions, 1), limits(), extra_body={"response_format": {"type": "json_object"}})
    assert server.bodies[-1]["response_format"] == {"type": "json_object"}
    ask(server, questions(1), limits())
    assert "response_format" not in server.bodies[-1]


@pytest.mark.parametrize(
    "complaint",
    [
        "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
        "This response_format type is unavailable now",
        "response_format.type : value is not one of the allowed values ['text','json_object']",
        "The provided JSON schema contains features not supported by xgrammar.",
        "Failed to initialize samplers: failed to parse grammar",
    ],
)
def test_a_provider_that_takes_no_schema_is_asked_without(
    serve: Serve, questions: Questions, limits: MakeLimits, complaint: str
) -> None:
    server = serve(unknown=("response_format",), complaint=complaint)
    answers = ask(server, in_json(questions, 6), limits(max_connections=1))
    assert [(answer.text, answer.dropped) for answer in answers] == [("A", ("response_format",))] * 6
    assert server.requests == 7
