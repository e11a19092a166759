"""How likely options are, read off a real vLLM: what it was asked and what it answered is in vllm-0.32.0.json, which

    python tests/backends/test_scoring.py SMOLLM TINY    # the addresses, up to /v1, of two servers of vLLM 0.32.0

writes anew: the first serves SmolLM2-135M-Instruct as `smol` (make test-real says how), the second a Qwen3 of random
weights with its tokenizer as `tiny`, since /v1/systemone answers for Qwen3 and not for Llama. A request that differs
from all that were recorded is answered with 500."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import exp, inf, log
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from judgebench import http
from judgebench.backends import scoring, wire
from judgebench.backends.limits import Limits
from judgebench.backends.server import ServerBackend
from judgebench.errors import InputError
from judgebench.judges import _reading, open_judge
from judgebench.types import Completion, Finish, Generation, Item, Message, Request, Response, Status, Trial

RECORDED = Path(__file__).with_name("vllm-0.32.0.json")
ONE = Generation(max_tokens=1)
CHAT = (
    Message(role="system", content="You compare answers."),
    Message(role="user", content="What is 2+2?\n\nAnswer A:\n4\n\nAnswer B:\n5\n\nWhich is right? Say A, B or tie."),
)
LETTERS = (("A", " A"), ("B", " B"), ("tie", " tie", "Tie", " Tie"))
NUMBERS = tuple((str(number), f" {number}") for number in range(1, 11))
WORDS = (("correct", " correct"), ("incorrect", " incorrect"))
ASKED = {
    "letters": Request(messages=CHAT, generation=ONE, options=LETTERS),
    "numbers": Request(messages=CHAT, generation=ONE, options=NUMBERS, lead="Rating:"),
    "words": Request(text="2+2=4, which is", generation=ONE, options=WORDS),
    "long": Request(text="word " * 9_000, generation=ONE, options=WORDS),
}
READ = ("letters", "numbers", "words")
CANDIDATES = Request(messages=CHAT, options=LETTERS, generation=Generation(max_tokens=1, top_logprobs=20))
LIMITS = Limits(max_connections=1, start=1, attempts=1)


def answered(url: str, asked: Request) -> Completion:
    backend = ServerBackend(url, "smol", LIMITS)
    if asked.generation.top_logprobs is None:
        assert backend.require_options("the judge", asked) is None
        assert backend.provenance["options"] == "logprob_token_ids"
    ((_, completion),) = backend.complete([asked])
    return completion


def whole(url: str, asked: Request) -> list[float]:
    """The same by another way: the server's log-probability of every token of the prompt with each label after it."""
    backend = ServerBackend(url, "smol", LIMITS)
    backend.require_options("the judge", asked)
    list(backend.complete([asked]))
    assert backend._scoring is not None
    ((_, (lead, found)),) = backend._scoring._known.items()
    text = {"prompt": asked.text} if asked.text is not None else {"messages": asked.messages}

    async def ask(path: str, body: Any) -> Any:
        async with http.Connections(url, {"Content-Type": "application/json"}) as connections:
            reply = await connections.ask(
                "POST", f"{url.removesuffix('/v1')}/{path}", wire.encode({"model": "smol", **body})
            )
            assert reply.status == 200, reply.body
            return json.loads(reply.body)

    prompt = http.finished(ask("tokenize", text))["tokens"] + lead
    body = {"prompt": [[*prompt, *ids] for ids in found], "max_tokens": 1, "temperature": 0, "prompt_logprobs": 0}
    choices = http.finished(ask("v1/completions", body))["choices"]
    likely = {}
    for ids, choice in zip(found, choices, strict=True):
        rows = choice["prompt_logprobs"][len(prompt) :]
        likely[ids] = exp(sum(row[str(token)]["logprob"] for row, token in zip(rows, ids, strict=True)))
    sums = [0.0] * len(asked.options)
    for ids, option in found.items():
        longer = [likely[other] for other in found if other[:-1] == ids]
        sums[option] += likely[ids] - sum(longer)
    return sums


def decided(url: str, model: str) -> list[Any]:
    item = Item(id="1", cluster="1", messages=CHAT[1:], responses=(Response(text="4"), Response(text="5")))
    options = {"api": "systemone", "verdict": "forced", "prompt": "pairwise", "attempts": "1"}
    return list(open_judge(f"server:{url}#{model}", options).judge([Trial.of(item, (0, 1))]))


def key(path: str, body: str) -> str:
    """Under which an answer is kept: path and body, or a digest of a long one. A decision's question is a prompt of
    judgebench's own, which may change."""
    if path == "/v1/systemone":
        return f"{path} {json.loads(body)['model']}"
    return f"{path} {body if len(body) < 4_000 else hashlib.sha256(body.encode()).hexdigest()}"


def record(smol: str, tiny: str) -> None:
    kept: dict[str, Any] = {}
    post = http.Connections.post

    async def noted(self: http.Connections, url: str, body: bytes) -> http.Reply:
        reply = await post(self, url, body)
        path = url.partition("//")[2].partition("/")[2]
        kept[key(f"/{path}", body.decode())] = [reply.status, json.loads(reply.body)]
        return reply

    http.Connections.post = noted  # type: ignore[method-assign]
    described = json.loads(http.get(smol.removesuffix("/v1") + "/openapi.json", {}).body)
    schema = described["components"]["schemas"]["CompletionRequest"]
    names = {"title": schema["title"], "properties": {name: {} for name in schema["properties"]}}
    paths: dict[str, Any] = {path: {} for path in described["paths"]}
    short = {"paths": paths, "components": {"schemas": {"CompletionRequest": names}}}
    for name, asked in ASKED.items():
        answered(smol, asked)
        if name in READ:
            whole(smol, asked)
    answered(smol, CANDIDATES)
    decided(tiny, "tiny")
    try:
        decided(smol, "smol")
    except InputError as error:
        print(error)
    lines = ",\n".join(f"{json.dumps(asked)}: {json.dumps(answer)}" for asked, answer in kept.items())
    RECORDED.write_text(f'{{"described": {json.dumps(short)},\n"answers": {{\n{lines}}}}}\n', encoding="utf-8")


@dataclass
class Replay:
    """A server that answers what was recorded."""

    described: dict[str, Any]
    answers: dict[str, Any]
    asked: list[str] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def replay() -> Iterator[Replay]:
    made = Replay(**json.loads(RECORDED.read_text(encoding="utf-8")))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.say(200 if made.described else 404, made.described)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            made.asked.append(self.path)
            self.say(*made.answers.get(key(self.path, body), [500, {"error": {"message": f"not recorded: {body}"}}]))

        def say(self, status: int, body: Any) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        made.url = f"http://127.0.0.1:{server.server_port}/v1"
        yield made
        server.shutdown()


def chances(url: str, asked: Request) -> list[float | None]:
    completion = answered(url, asked)
    assert completion.finish is not Finish.FAILED, completion.detail
    return [None if log is None else exp(log) for log in completion.options]


@pytest.mark.parametrize("name", READ)
def test_it_is_the_probability_of_the_whole_label(name: str, replay: Replay) -> None:
    read = chances(replay.url, ASKED[name])
    assert read == pytest.approx(whole(replay.url, ASKED[name]), rel=0.1, abs=1e-6)  # bfloat16, in other batches
    assert all(chance and chance > 0 for chance in read)
    assert sum(chance or 0 for chance in read) <= 1 + 1e-9


def test_candidates_are_a_part_of_the_labels(replay: Replay) -> None:
    labels, candidates = chances(replay.url, ASKED["letters"]), chances(replay.url, CANDIDATES)
    for exact, seen in zip(labels, candidates, strict=True):
        assert seen is None or seen <= (exact or 0) * 1.02
    assert any(seen is not None for seen in candidates)


def test_ten_is_not_one(replay: Replay) -> None:
    """Computed here once more from what the server said: "1" and " 1" where no "0" goes on, "10" and " 10"."""
    read = chances(replay.url, ASKED["numbers"])
    (asked,) = [one for one in replay.answers if one.startswith("/v1/completions") and "logprob_token_ids" in one
                and len(json.loads(one.partition(" ")[2])["prompt"]) == 4]  # fmt: skip
    prompts = json.loads(asked.partition(" ")[2])["prompt"]
    choices = replay.answers[asked][1]["choices"]
    likely = {
        tuple(prompt[len(prompts[0]) :]): {int(name[9:]): exp(log) for name, log in row.items()}
        for prompt, row in zip(prompts, (choice["logprobs"]["top_logprobs"][0] for choice in choices), strict=True)
    }
    space, one, nought = 216, 33, 32
    ones = {(one,): likely[()][one], (space, one): likely[()][space] * likely[(space,)][one]}
    tens = {start: chance * likely[start][nought] for start, chance in ones.items()}
    assert read[9] == pytest.approx(sum(tens.values()))
    assert read[0] == pytest.approx(sum(ones.values()) - sum(tens.values()))
    assert (read[9] or 0) > 0.05 * (read[0] or 1)


def test_labels_are_written_once_for_all_prompts_that_end_alike(replay: Replay) -> None:
    backend = ServerBackend(replay.url, "smol", LIMITS)
    backend.require_options("the judge", ASKED["letters"])
    answers = dict(backend.complete([ASKED["letters"]] * 3))
    assert len({completion.options for completion in answers.values()}) == 1
    assert replay.asked.count("/detokenize") == 1
    assert replay.asked.count("/v1/completions") == 3


def test_a_prompt_that_is_too_long_fails_alone(replay: Replay) -> None:
    completion = answered(replay.url, ASKED["long"])
    assert completion.finish is Finish.FAILED
    assert "too long for the model" in (completion.detail or "")


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (lambda described: described.clear(), "no description"),
        (lambda described: described["paths"].pop("/tokenize"), "no tokenizer"),
        (lambda described: described["components"]["schemas"].clear(), "no schema"),
    ],
)
def test_other_servers_are_asked_for_candidates(change: Callable[..., Any], left: str, replay: Replay) -> None:
    change(replay.described)
    backend = ServerBackend(replay.url, "smol", LIMITS)
    assert backend.require_options("the judge", ASKED["letters"]) == 20
    assert backend.provenance["options"] == "top_logprobs"
    with pytest.raises(InputError, match="this prompt's verdict stands after 'Rating:'"):
        backend.require_options("the judge", ASKED["numbers"])


def test_who_names_candidates_gets_them(replay: Replay) -> None:
    asked = Request(messages=CHAT, options=LETTERS, generation=Generation(max_tokens=1, top_logprobs=5))
    assert ServerBackend(replay.url, "smol", LIMITS).require_options("the judge", asked) == 5


def test_fields_of_the_users_own_may_change_what_is_said(replay: Replay) -> None:
    more = ServerBackend(replay.url, "smol", LIMITS, extra_body={"min_p": 0.1})
    assert more.require_options("the judge", ASKED["letters"]) == 20
    template = ServerBackend(
        replay.url, "smol", LIMITS, extra_body={"chat_template_kwargs": {"enable_thinking": False}}
    )
    assert template.require_options("the judge", ASKED["letters"]) is None


def test_what_a_server_leaves_out_is_no_verdict(replay: Replay) -> None:
    for asked, (_, answer) in replay.answers.items():
        if asked.startswith("/v1/completions"):
            for choice in answer.get("choices", ()):
                choice["logprobs"] = choice["prompt_logprobs"] = None
    assert answered(replay.url, ASKED["letters"]).options == (None, None, None)


@pytest.mark.parametrize("path", ["/tokenize", "/detokenize"])
@pytest.mark.parametrize("said", [{}, [], {"tokens": None, "prompt": None}, {"tokens": 5, "prompt": 7}])
def test_an_answer_of_another_form_is_a_failure(path: str, said: Any, replay: Replay) -> None:
    for asked in replay.answers:
        if asked.startswith(f"{path} "):
            replay.answers[asked] = [200, said]
    completion = answered(replay.url, ASKED["letters"])
    assert completion.finish is Finish.FAILED
    assert "the answer is not what it should be" in (completion.detail or "")


def test_a_decision_api_says_how_likely_each_option_is(replay: Replay) -> None:
    (judgment,) = decided(replay.url, "tiny")
    said = replay.answers["/v1/systemone tiny"][1]
    shares = said["answers"]["verdict"]["probabilities"]
    assert judgment.status == Status.OK
    assert judgment.verdict.scores[0] == pytest.approx(shares["A"] + shares["tie"] / 2)
    assert judgment.mass == pytest.approx(said["diagnostics"]["verdict"]["label_mass"])
    assert judgment.confidence == pytest.approx(max(shares.values()))


def test_a_model_without_it_is_one_clear_line(replay: Replay) -> None:
    with pytest.raises(InputError, match=r"has no /systemone for this model \(501: .*\); without -J api=systemone a"):
        decided(replay.url, "smol")
    with pytest.raises(InputError, match="writes no text; add -J verdict=forced"):
        open_judge(f"server:{replay.url}#smol", {"api": "systemone"})


def test_openais_decisions_are_as_its_own_types_have_them() -> None:
    """No server with them was met: the types of OpenAI's own client say what is sent and what comes back."""
    reply = pytest.importorskip("openai.types.decision", reason="an older openai has no Decisions API")
    sent = pytest.importorskip("openai.types.decision_create_params")
    from pydantic import TypeAdapter

    asked = scoring.decision("decisions", "gpt-6-luna", ASKED["letters"])
    strict = TypeAdapter(sent.QuestionQuestionParamChoice)
    assert set(asked["questions"][0]) <= set(sent.QuestionQuestionParamChoice.__annotations__)
    assert list(strict.validate_python(asked["questions"][0])["choices"]) == [
        {"value": one} for one in ("A", "B", "tie")
    ]
    assert set(asked) <= set(sent.DecisionCreateParams.__annotations__)
    assert asked["input"] == "\n\n".join(message.content for message in CHAT)
    tokens = {"input_tokens": 9, "input_tokens_details": {"cache_write_tokens": 0, "cached_tokens": 0}}
    tokens |= {"output_tokens": 0, "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 9}
    shares = [
        {"value": "tie", "probability": 0.0},
        {"value": "B", "probability": 0.25},
        {"value": "A", "probability": 0.75},
    ]
    choice = {"type": "choice", "name": "verdict", "choice": "A", "confidence": 0.6, "probabilities": shares}
    for answer, expected in (
        (choice, {"finish": Finish.STOP, "options": (log(0.75), log(0.25), -inf), "shares": True}),
        ({"type": "refusal", "name": "verdict"}, {"finish": Finish.REFUSED, "detail": "the model refused"}),
    ):
        made = reply.Decision.model_validate({"answers": [answer], "model": "gpt-6-luna", "usage": tokens}, strict=True)
        read = scoring.decided(ASKED["letters"], made.model_dump_json().encode())
        assert read == {**expected, "served": "gpt-6-luna", "tokens": (9, 0)}


def test_shares_of_one_have_a_confidence_and_no_mass() -> None:
    said, verdict = _reading._weighed((log(0.75), log(0.25)), {"A": (1.0, 0.0), "B": (0.0, 1.0)}, shares=True)
    assert said == "A 0.750, B 0.250"
    assert verdict is not None
    assert (verdict["mass"], verdict["chosen"]) == (None, (1.0, 0.0))
    assert (*verdict["scores"], verdict["confidence"]) == pytest.approx((0.75, 0.25, 0.75))


if __name__ == "__main__":
    record(*sys.argv[1:])
