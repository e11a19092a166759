"""What a model says does not depend on what it is asked together with: packs against one prompt at a time."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from judgebench.errors import InputError
from judgebench.types import Completion, Finish, Generation, Message, Request

torch = pytest.importorskip("torch", reason="needs the extra: pip install 'judgebench-harness[local]'")
pytest.importorskip("transformers", reason="needs the extra: pip install 'judgebench-harness[local]'")

from judgebench.backends.local import plan, probe, spans  # noqa: E402
from judgebench.backends.local.backend import LocalBackend  # noqa: E402
from judgebench.backends.local.loading import Checkpoint  # noqa: E402
from judgebench.backends.local.packed import Reader  # noqa: E402
from judgebench.backends.local.packing import Budget  # noqa: E402
from judgebench.backends.local.settings import Loading  # noqa: E402

pytestmark = pytest.mark.local

Save = Callable[..., Path]
HEAD = "Read both, weigh them well, and say which one helps more: the first or the second? "
TEXTS = [HEAD + "A B " * (number % 5) + f"the {['first', 'second'][number % 2]} {number // 2}" for number in range(14)]
TEXTS += [TEXTS[0], TEXTS[1] + " tie", "A"]
"""With shared beginnings, one prompt twice, one that goes on where another ends, and one that shares nothing."""


def opened(folder: Path, **settings: Any) -> LocalBackend:
    return LocalBackend(Checkpoint("local:test", Loading(model=str(folder), device="cpu", **settings)))


def asked(texts: Sequence[str] = TEXTS, **generation: Any) -> list[Request]:
    return [Request(text=text, generation=Generation(**{"max_tokens": 6, **generation})) for text in texts]


def answers(backend: LocalBackend, requests: Sequence[Request]) -> list[Completion]:
    found = dict(backend.complete(iter(requests)))
    assert sorted(found) == list(range(len(requests)))
    return [found[index] for index in range(len(requests))]


def alone(backend: LocalBackend, requests: Sequence[Request], **more: Any) -> list[str]:
    """What transformers' own generate says to each request by itself."""
    model, tokenizer = backend.engines.padded.model, backend.checkpoint.tokenizer
    said = []
    for request in requests:
        ids = tokenizer(request.text, return_tensors="pt", return_token_type_ids=False)
        most = request.generation.max_tokens
        out = model.generate(**ids, **{"max_new_tokens": most, "do_sample": False, "pad_token_id": 2, **more})
        written = out[0, ids["input_ids"].shape[1] :].tolist()
        # What begins, ends and fills a text is no part of it; other special tokens may stand around a thought.
        roles = {tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id, tokenizer.unk_token_id, 1}
        said.append(tokenizer.decode([token for token in written if token not in roles]))
    return said


@pytest.mark.parametrize(
    ("family", "shape"),
    [
        ("Llama", {}),
        ("Llama", {"num_key_value_heads": 4, "attention_bias": True}),
        ("Mistral", {"sliding_window": 12}),
        ("Qwen2", {}),
        ("Qwen3", {"head_dim": 16}),
        ("Gemma3Text", {"head_dim": 16, "sliding_window": 12, "layer_types": ["sliding_attention", "full_attention"]}),
        ("Mixtral", {"num_local_experts": 4}),
        ("GPT2", {"bare": True, "vocab_size": 400, "n_embd": 64, "n_layer": 2, "n_head": 4, "initializer_range": 0.3,
                  "bos_token_id": 0, "eos_token_id": 1}),
    ],
)  # fmt: skip
def test_packed_answers_are_those_alone(saved: Save, family: str, shape: dict[str, Any]) -> None:
    backend = opened(saved(family, **shape), batch_tokens=200)
    requests = asked()
    assert [answer.text for answer in answers(backend, requests)] == alone(backend, requests)
    assert backend.engines.packed is not None
    counted = backend.engines.packed.counted
    assert counted["computed"] < counted["asked"]


@pytest.mark.parametrize(
    ("family", "shape"),
    [
        ("Gemma2", {"head_dim": 16}),
        ("Falcon", {"bare": True, "vocab_size": 400, "hidden_size": 64, "num_hidden_layers": 2,
                    "num_attention_heads": 4, "initializer_range": 0.3, "bos_token_id": 0, "eos_token_id": 1}),
        ("Mamba", {"bare": True, "vocab_size": 400, "hidden_size": 64, "num_hidden_layers": 2, "bos_token_id": 0,
                   "eos_token_id": 1}),
    ],
)  # fmt: skip
def test_models_that_cannot_be_packed_are_padded(
    saved: Save, family: str, shape: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    backend = opened(saved(family, **shape), batch_tokens=200)
    requests = asked(TEXTS[:8])
    assert [answer.text for answer in answers(backend, requests)] == alone(backend, requests)
    assert backend.engines.packed is None
    assert "is run in padded batches" in caplog.text


@pytest.mark.parametrize("batch_tokens", [1, 60, 10_000])
def test_answers_do_not_depend_on_the_batch(saved: Save, batch_tokens: int) -> None:
    backend = opened(saved(), batch_tokens=batch_tokens)
    mixed = [
        Request(text=text, generation=Generation(max_tokens=1 + 5 * (number % 4))) for number, text in enumerate(TEXTS)
    ]
    assert [answer.text for answer in answers(backend, mixed)] == alone(backend, mixed)


def test_a_model_spread_over_devices_is_packed_too(saved: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = opened(saved(), batch_tokens=200)
    monkeypatch.setattr(backend.engines.packed.reader, "spread", True)  # type: ignore[union-attr]
    assert [answer.text for answer in answers(backend, asked())] == alone(backend, asked())


def test_long_answers_outgrow_their_room(saved: Save) -> None:
    backend = opened(saved(), batch_tokens=300)
    requests = asked(TEXTS[:6], max_tokens=180)
    got = answers(backend, requests)
    assert [answer.text for answer in got] == alone(backend, requests)
    assert max(answer.usage.completion_tokens for answer in got if answer.usage) > plan.ROUND // 16


def test_an_answer_ends_at_a_stop_the_end_token_or_the_limit(saved: Save) -> None:
    backend = opened(saved())
    free = answers(backend, asked(max_tokens=8))
    assert {answer.finish for answer in free} <= {Finish.STOP, Finish.LENGTH}
    stop = next(
        letter for answer in free for letter in (answer.text or "")[2:] if letter.isascii() and letter.isalnum()
    )
    for answer, before in zip(answers(backend, asked(max_tokens=8, stop=(stop, "never said"))), free, strict=True):
        assert answer.text == (before.text or "").split(stop)[0]
        assert answer.finish == (Finish.STOP if stop in (before.text or "") else before.finish)


LABELS = (("A", " A"), ("tie", " tie"), ("1",), ("10",), ("undecided", " Undecided"))
"""Some are one token of the tiny tokenizer, some are several, and one begins as another does."""


def forced(texts: Sequence[str] = TEXTS, **more: Any) -> list[Request]:
    return [Request(text=text, options=LABELS, generation=Generation(max_tokens=1), **more) for text in texts]


def by_hand(backend: LocalBackend, text: str, label: str) -> float:
    """The probability that the model goes on with the label, token by token, from its own logits."""
    model, tokenizer = backend.engines.padded.model, backend.checkpoint.tokenizer
    before = tokenizer(text)["input_ids"]
    whole = tokenizer(text + label)["input_ids"]
    assert whole[: len(before)] == before
    with torch.inference_mode():
        shares = torch.softmax(model(torch.tensor([whole])).logits[0].float(), -1)
    return float(np.prod([float(shares[place - 1, whole[place]]) for place in range(len(before), len(whole))]))


@pytest.mark.parametrize("padded", [False, True])
def test_an_option_is_as_likely_as_its_whole_label(saved: Save, padded: bool) -> None:
    backend = opened(saved(), **({"attn": "eager"} if padded else {"batch_tokens": 300}))
    got = answers(backend, forced())
    assert (backend.engines.packed is None) == padded
    for text, answer in zip(TEXTS[::4], got[::4], strict=True):
        chances = [sum(by_hand(backend, text, spelling) for spelling in spellings) for spellings in LABELS]
        chances[2] -= chances[3]  # what goes on as "10" is not "1"
        assert [np.exp(option) for option in answer.options if option is not None] == pytest.approx(chances, rel=1e-3)
        assert sum(chances) < 1
    counts = {(answer.finish, answer.usage.completion_tokens) for answer in got if answer.usage}
    assert counts == {(Finish.LENGTH, 1)}
    assert [answer.text for answer in got] == alone(backend, asked(max_tokens=1))


def test_options_do_not_depend_on_what_else_is_asked(saved: Save) -> None:
    backend = opened(saved(), batch_tokens=300)
    together = answers(backend, forced())
    for one, other in zip(together, reversed(answers(backend, forced(TEXTS[::-1]))), strict=True):
        assert one.options == pytest.approx(other.options, abs=1e-3)
    whole = opened(saved())
    answers(whole, forced())
    assert whole.engines.packed is not None
    counted = whole.engines.packed.counted
    assert counted["computed"] < counted["asked"] / 3  # the tails of longer labels, and not their prompts again


def test_a_forced_answer_begins_with_its_lead(saved: Save) -> None:
    backend = opened(saved())
    message = Message(role="user", content="Rate it.")
    (led,) = answers(backend, [Request(messages=(message,), lead="Rating:", **vars_of(forced(["x"])[0]))])
    text = backend.checkpoint.tokenizer.apply_chat_template(
        [{"role": "user", "content": "Rate it."}], tokenize=False, add_generation_prompt=True
    )
    (said,) = answers(backend, forced([text.removeprefix("<s>") + "Rating:"]))
    assert led.options == pytest.approx(said.options, abs=1e-4)


def vars_of(request: Request) -> dict[str, Any]:
    return {"options": request.options, "generation": request.generation}


def test_options_that_the_tokenizer_writes_alike_are_refused(saved: Save) -> None:
    request = Request(text="x", options=(("A",), ("B", "A")), generation=Generation(max_tokens=1))
    with pytest.raises(InputError, match="writes 'B' as it writes 'A'"):
        list(opened(saved()).complete([request]))


def test_what_does_not_fit_with_its_longest_option_fails(saved: Save) -> None:
    backend = opened(saved(), context=40)
    got = answers(backend, forced(["A", HEAD * 3]))
    assert [answer.finish == Finish.FAILED for answer in got] == [False, True]


def test_repetition_is_punished_as_transformers_does(saved: Save) -> None:
    backend = opened(saved())
    requests = asked(repetition_penalty=1.5, max_tokens=12)
    got = [answer.text for answer in answers(backend, requests)]
    assert got == alone(backend, requests, repetition_penalty=1.5)
    assert got != alone(backend, requests)


def test_beams_are_those_alone(saved: Save) -> None:
    """PandaLM's settings. The padding of a batch must count neither as text nor as said."""
    backend = opened(saved(pad_token_id=1), batch_tokens=2_000)
    requests = asked(TEXTS[:8], num_beams=3, repetition_penalty=1.2)
    expected = alone(backend, requests, num_beams=3, repetition_penalty=1.2, early_stopping=True)
    assert [answer.text for answer in answers(backend, requests)] == expected


def test_samples_are_repeatable_and_differ_by_seed(saved: Save) -> None:
    backend = opened(saved())
    hot = [answer.text for answer in answers(backend, asked(temperature=1.5, seed=7, top_p=0.9, top_k=50))]
    again = answers(backend, list(reversed(asked(temperature=1.5, seed=7, top_p=0.9, top_k=50))))
    assert hot == [answer.text for answer in reversed(again)]
    assert hot != [answer.text for answer in answers(backend, asked(temperature=1.5, seed=8, top_p=0.9, top_k=50))]
    assert [answer.text for answer in answers(backend, asked(temperature=1.5, seed=7, top_k=1))] == [
        answer.text for answer in answers(backend, asked())
    ]


def test_samples_follow_their_distribution(saved: Save) -> None:
    backend = opened(saved())
    draws = [Request(text=TEXTS[0], generation=Generation(max_tokens=1, temperature=1.0, seed=n)) for n in range(400)]
    said = [answer.text for answer in answers(backend, draws)]
    for text in {one for one in said if one.isascii() and one.isalnum()}:
        (answer,) = answers(backend, [msgspec.structs.replace(forced(TEXTS[:1])[0], options=((text,),))])
        assert said.count(text) / len(said) == pytest.approx(np.exp(answer.options[0]), abs=0.09)
    assert backend.engines.packed is not None
    assert backend.engines.packed.counted["computed"] < 2_000  # one prompt, read once, and 400 last tokens


def test_the_models_own_settings_hold_where_a_request_leaves_them_open(saved: Save, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(saved(), tmp_path / "model"))
    settings = folder / "generation_config.json"
    settings.write_text(
        json.dumps(
            json.loads(settings.read_text(encoding="utf-8")) | {"repetition_penalty": 1.5, "eos_token_id": [1, 7]}
        ),
        encoding="utf-8",
    )
    backend = opened(folder)
    requests = asked(max_tokens=12)
    expected = alone(backend, requests)  # transformers reads the same file
    assert [answer.text for answer in answers(backend, requests)] == expected
    assert expected != alone(opened(saved()), requests)


def test_too_long_a_prompt_fails_by_itself(saved: Save) -> None:
    backend = opened(saved(), context=40)
    got = answers(backend, asked(["A", HEAD * 3, "B"]))
    assert [answer.finish == Finish.FAILED for answer in got] == [False, True, False]
    assert "the model's context is 40" in (got[1].detail or "")


# ---------------------------------------------------------------------------------------------- memory


@pytest.fixture
def cramped(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, int]]:
    """Memory for so many rows of a forward pass; the passes that asked for more are counted."""
    limit = {"rows": 100, "refused": 0}
    read = Reader.read

    def cramped_read(self: Reader, given: Any, rows: Any, tokens: Any, positions: Any) -> Any:
        if len(tokens) > limit["rows"]:
            limit["refused"] += 1
            raise torch.OutOfMemoryError(f"no room for {len(tokens)} rows")
        return read(self, given, rows, tokens, positions)

    monkeypatch.setattr(Reader, "read", cramped_read)
    yield limit
    assert limit["refused"]


def test_out_of_memory_halves_the_batch_and_goes_on(saved: Save, cramped: dict[str, int]) -> None:
    backend = opened(saved(), batch_tokens=1_000)
    requests = asked()
    cramped["rows"] = 1_000  # for the probe
    assert backend.engines.packed is not None
    cramped["rows"] = 100
    assert [answer.text for answer in answers(backend, requests)] == alone(backend, requests)
    assert backend.engines.packed.counted["ran_out"] == cramped["refused"]
    assert backend.engines.packed.budget.computed <= 500


def test_a_prompt_that_never_fits_fails_by_itself(saved: Save, cramped: dict[str, int]) -> None:
    backend = opened(saved(), batch_tokens=1_000)
    cramped["rows"] = 1_000  # for the probe
    assert backend.engines.packed is not None
    cramped["rows"] = 100
    requests = asked([*TEXTS, "A B tie 1 2 3 " * 40])
    got = answers(backend, requests)
    assert got[-1].finish == Finish.FAILED
    assert (got[-1].detail or "").startswith("out of memory with ")
    assert [answer.text for answer in got[:-1]] == alone(backend, requests[:-1])


@pytest.mark.parametrize(("broken", "every"), [("in the attention", 17), ("while moving", 67), ("while sampling", 17)])
def test_memory_that_runs_out_halfway_loses_nothing(
    saved: Save, monkeypatch: pytest.MonkeyPatch, broken: str, every: int
) -> None:
    backend = opened(saved(), batch_tokens=70)
    packed = backend.engines.packed
    assert packed is not None
    place, name = {
        "in the attention": (spans.Spans, "attend"),
        "while moving": (spans.Everywhere, "on"),
        "while sampling": (type(backend.engines.padded.sampler), "give"),
    }[broken]
    whole, calls = getattr(place, name), {"count": 0}

    def failing(self: Any, *arguments: Any) -> Any:
        calls["count"] += 1
        if calls["count"] % every == every // 2 and calls["count"] < 12 * every:
            raise RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 1 bytes")
        return whole(self, *arguments)

    requests = asked(max_tokens=9)
    expected = alone(backend, requests)
    monkeypatch.setattr(place, name, failing)
    monkeypatch.setattr(Budget, "halve", lambda _: None)  # or the prompts would soon be alone, and rightly fail
    got = answers(backend, requests)
    lost = [answer.detail or "" for answer in got if answer.finish == Finish.FAILED]
    assert len(lost) <= 1
    assert all(detail.startswith("out of memory") for detail in lost)
    assert all(answer.text in (said, None) for answer, said in zip(got, expected, strict=True))
    assert packed.counted["ran_out"] > 1


def test_padded_batches_halve_too(saved: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = opened(saved(), batch_tokens=1_000)
    model = backend.engines.padded.model
    generate, sizes = model.generate, []

    def cramped_generate(**given: Any) -> Any:
        sizes.append(len(given["input_ids"]))
        if sizes[-1] > 2:
            raise torch.OutOfMemoryError
        return generate(**given)

    requests = asked(num_beams=2)
    expected = alone(backend, requests, num_beams=2, early_stopping=True)
    monkeypatch.setattr(model, "generate", cramped_generate)
    assert [answer.text for answer in answers(backend, requests)] == expected
    assert max(sizes) > 2 >= sizes[-1]


def test_other_errors_are_not_taken_for_want_of_memory(saved: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = opened(saved())
    assert backend.engines.packed is not None

    def failing(*_: Any) -> Any:
        raise RuntimeError("device-side assert triggered")

    monkeypatch.setattr(Reader, "read", failing)
    with pytest.raises(RuntimeError, match="device-side"):
        answers(backend, asked())


# ---------------------------------------------------------------------------------------------- kernels


def flash_on_paper(
    query: Any, key: Any, value: Any, rows: Any, keys: Any, most_rows: int, most_seen: int, dropout: float,
    causal: bool, debug: bool, *, scale: float, window_size_left: int, window_size_right: int, seqused_k: Any,
) -> tuple[Any, ...]:  # fmt: skip
    """What the flash kernels are documented to compute: a text's last row is aligned with the last of its `seqused_k`
    keys, which may begin anywhere."""
    assert rows.dtype == keys.dtype == seqused_k.dtype == torch.int32
    assert len(rows) == len(keys) == len(seqused_k) + 1
    out = torch.full_like(query, float("nan"))
    for text in range(len(seqused_k)):
        first, end, start, seen = (int(x) for x in (rows[text], rows[text + 1], keys[text], seqused_k[text]))
        assert 0 < end - first <= most_rows
        assert seen <= most_seen
        distance = torch.arange(seen - (end - first), seen)[:, None] - torch.arange(seen)
        mask = torch.ones_like(distance, dtype=torch.bool)
        if causal or window_size_right >= 0:
            mask &= distance >= 0
        if window_size_left >= 0:
            mask &= distance <= window_size_left
        repeat = query.shape[1] // key.shape[1]
        k, v = (part[start : start + seen].repeat_interleave(repeat, 1).transpose(0, 1) for part in (key, value))
        weights = query[first:end].transpose(0, 1) @ k.transpose(1, 2) * scale
        out[first:end] = (weights.masked_fill(~mask, -torch.inf).softmax(-1) @ v).transpose(0, 1)
    return (out,)


@pytest.mark.parametrize(("family", "shape"), [("Llama", {}), ("Mistral", {"sliding_window": 12})])
def test_the_flash_kernels_are_called_as_they_want_to_be(
    saved: Save, family: str, shape: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernels need a GPU; what they are given does not."""
    monkeypatch.setattr(spans, "flash_serves", lambda _: True)
    monkeypatch.setattr(spans, "flash", flash_on_paper)
    backend = opened(saved(family, **shape), batch_tokens=150)
    requests = asked(max_tokens=10)
    assert [answer.text for answer in answers(backend, requests)] == alone(backend, requests)
    assert backend.engines.packed is not None


@pytest.mark.parametrize("window", [None, 16])
@pytest.mark.parametrize("rows", [[0, 40, 100], [0, 1, 2]])
def test_the_flash_operator_takes_what_it_is_given(rows: list[int], window: int | None) -> None:
    """On a device without memory, where torch checks the call and computes nothing."""
    query = torch.empty(100, 8, 64, device="meta", dtype=torch.bfloat16)
    key = torch.empty(300, 2, 64, device="meta", dtype=torch.bfloat16)
    texts = spans.Spans(rows, [0, 120], [60, 70])
    assert texts._flash(query[: rows[-1]], key, key, 0.125, window).shape == (rows[-1], 8, 64)


def test_the_probe_finds_what_packs_would_spoil(saved: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = opened(saved())
    model = backend.engines.padded.model

    def misfit() -> str | None:
        return probe.misfit(model, Reader, generated=3)

    assert misfit() is None
    forward = model.model.forward

    def positions_of_its_own(*given: Any, **named: Any) -> Any:
        return forward(*given, **{**named, "position_ids": None})

    monkeypatch.setattr(model.model, "forward", positions_of_its_own)
    assert "differs from what it says alone" in (misfit() or "")


def test_positions_that_depend_on_the_longest_text_are_not_batched(saved: Save) -> None:
    rope = {"rope_type": "dynamic", "rope_theta": 10_000.0, "factor": 4.0}
    backend = opened(saved(max_position_embeddings=100, rope_parameters=rope), context=2_000)
    requests = asked([text * times for text in TEXTS[:5] for times in (1, 2, 3)])
    assert backend.engines.reach == 100
    lengths = [len(backend.checkpoint.tokenizer(request.text)["input_ids"]) + 6 for request in requests]
    assert min(lengths) < 100 < max(lengths)
    got = [answer.text for answer in answers(backend, requests)]
    short = asked(TEXTS[:1])  # after which transformers forgets the longest text so far
    assert got == [alone(backend, [*short, request])[1] for request in requests]
