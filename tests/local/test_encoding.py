"""What the model sees: special tokens once, templates once, cuts counted in tokens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from judgebench.errors import InputError
from judgebench.models import open_model
from judgebench.types import Generation, Message, Request, Truncation

pytest.importorskip("torch", reason="needs the extra: pip install 'judgebench-harness[local]'")
transformers = pytest.importorskip("transformers", reason="needs the extra: pip install 'judgebench-harness[local]'")

from judgebench.backends.local.encoding import Encoder  # noqa: E402

pytestmark = pytest.mark.local

Save = Callable[..., Path]
ONCE = Generation(max_tokens=4)
SYSTEM, USER = Message(role="system", content="You judge."), Message(role="user", content="Which answer is better?")


def encoder(saved: Save, template: str | None = "unchanged", context: int | None = None) -> Encoder:
    tokenizer = transformers.AutoTokenizer.from_pretrained(saved())
    if template != "unchanged":
        tokenizer.chat_template = template
    return Encoder(tokenizer, "a model", context)


def seen(using: Encoder, request: Request) -> str:
    (encoded,) = using.encode([request])
    assert encoded.fits, encoded.detail
    text: str = using.tokenizer.decode(encoded.tokens)
    return text


def test_a_raw_text_begins_with_one_bos(saved: Save) -> None:
    using = encoder(saved)
    assert seen(using, Request(text="A or B?", generation=ONCE)) == "<s>A or B?"
    assert seen(using, Request(text="<s>A or B?", generation=ONCE)) == "<s>A or B?"


def test_a_chat_template_is_applied_once_and_brings_its_own_bos(saved: Save) -> None:
    using = encoder(saved)
    request = Request(messages=(SYSTEM, USER), generation=ONCE)
    assert seen(using, request) == "<s><|system|>You judge.</s><|user|>Which answer is better?</s><|assistant|>"
    ids = using.tokenizer.apply_chat_template(
        [{"role": turn.role, "content": turn.content} for turn in (SYSTEM, USER)], add_generation_prompt=True
    )["input_ids"]
    assert using.encode([Request(messages=(SYSTEM, USER), generation=ONCE)])[0].tokens.tolist() == ids


@pytest.mark.parametrize(
    "template",
    [
        "{% if messages[0].role == 'system' %}{{ raise_exception('no') }}{% endif %}[{{ messages[0].content }}]",
        "{% for turn in messages if turn.role != 'system' %}[{{ turn.content }}]{% endfor %}",
    ],
    ids=["refuses it", "leaves it out"],
)
def test_without_a_place_for_it_the_system_message_stands_before_the_first_turn(saved: Save, template: str) -> None:
    request = Request(messages=(SYSTEM, USER), generation=ONCE)
    assert seen(encoder(saved, template), request) == "[You judge.\n\nWhich answer is better?]"


def test_a_conversation_that_the_template_refuses_fails_by_itself(saved: Save) -> None:
    template = (
        "{% if messages | length > 1 %}{{ raise_exception('one turn only') }}{% endif %}[{{ messages[0].content }}]"
    )
    requests = [Request(messages=turns, generation=ONCE) for turns in ((USER,), (USER, USER, USER), (USER,))]
    encoded = encoder(saved, template).encode(requests)
    assert [one.fits for one in encoded] == [True, False, True]
    assert "one turn only" in (encoded[1].detail or "")


LISTED = (
    "{% for turn in messages %}<|{{ turn.role }}|>{% for part in turn.content %}{% if part.type == 'text' %}"
    "{{ part.text }}{% endif %}{% endfor %}</s>{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def test_a_template_that_takes_parts_is_given_parts(saved: Save) -> None:
    """Of a string it would loop over the characters, and show nothing."""
    using = encoder(saved, LISTED)
    request = Request(messages=(SYSTEM, USER), generation=ONCE)
    assert seen(using, request) == "<|system|>You judge.</s><|user|>Which answer is better?</s><|assistant|>"
    using.need_template("rm:it", "choose another", ("user", "assistant"))


@pytest.mark.parametrize(
    "template",
    [
        "[{{ messages[0].content }}]",
        "{% for turn in messages if turn.role == 'user' %}[{{ turn.content }}]{% endfor %}",
        "{% for turn in messages %}{{ turn.role }}{% endfor %}",
        # Parts of the user, and strings of the assistant: neither way shows both.
        "{% for turn in messages %}{% if turn.role == 'user' %}{{ turn.content[0].text }}{% else %}{{ turn.content }}"
        "{% endif %}{% endfor %}",
    ],
    ids=["the first turn only", "the user's turns only", "nothing", "a mixture"],
)
def test_a_template_that_leaves_texts_out_is_refused(saved: Save, template: str) -> None:
    using = encoder(saved, template)
    with pytest.raises(
        InputError, match="rm:it: the chat template of a model leaves out a part of such a conversation"
    ):
        using.need_template("rm:it", "choose another", ("user", "assistant"))
    answered = (USER, Message(role="assistant", content="A"))
    (conversation,) = using.encode([Request(messages=(*answered, USER), generation=ONCE)])
    assert not conversation.fits


def test_a_template_that_shows_the_first_turn_only_is_asked_with_one(saved: Save) -> None:
    request = Request(messages=(SYSTEM, USER), generation=ONCE)
    assert seen(encoder(saved, "[{{ messages[0].content }}]"), request) == "[You judge.\n\nWhich answer is better?]"


def test_whatever_a_template_raises_is_one_line(saved: Save) -> None:
    for template in ("{{ messages[0].content + none }}", "{{ 1 // 0 }}", "{% for turn in messages %}"):
        with pytest.raises(InputError, match="local:it: the chat template of a model does not take this conversation"):
            encoder(saved, template).need_template("local:it", "choose another")


@pytest.mark.parametrize(
    ("asks", "told"),
    [
        ("{{ strftime_now('%Y-%m-%d %H:%M:%S') }}", "2025-01-01 00:00:00"),
        ("{% if strftime_now is defined %}{{ strftime_now('%d %b %Y') }}{% endif %}", "01 Jan 2025"),
        ("{% macro day() %}{{ strftime_now('%A') }}{% endmacro %}{{ day() }}", "Wednesday"),
    ],
)
def test_a_template_s_clock_stands_still(saved: Save, asks: str, told: str) -> None:
    """Llama 3.2's and gpt-oss' ask what day it is: answers would change overnight."""
    using = encoder(saved, f"\n{asks}|{{{{ messages[0].content }}}}")
    assert seen(using, Request(messages=(USER,), generation=ONCE)) == f"\n{told}|Which answer is better?"


def test_the_date_is_a_part_of_what_a_judge_is_where_its_template_asks_for_it(saved: Save) -> None:
    dated = open_model(f"local:{saved(template='{{ strftime_now(1) }}{{ messages[0].content }}')}", {})[0]
    assert dated.identity["model"]["template_date"] == "2025-01-01"
    assert "template_date" not in open_model(f"local:{saved()}", {})[0].identity["model"]


def test_a_thought_that_the_template_begins_is_known_whatever_the_question_says(saved: Save) -> None:
    template = (
        "{% for turn in messages %}{{ turn.content | replace('/think', '') | trim }}{% endfor %}"
        "{% if add_generation_prompt %}<|assistant|><think>\n{% endif %}"
    )
    using = encoder(saved, template)
    for question in ("Is <think> a tag?", "/think about it </think>", "<think>\n", " A "):
        (encoded,) = using.encode([Request(messages=(Message(role="user", content=question),), generation=ONCE)])
        assert encoded.thought is not None
        assert encoded.thought.begun
    using = encoder(saved, template.replace("<think>\n", "<think></think>"))
    assert using.encode([Request(messages=(USER,), generation=ONCE)])[0].thought is None


def test_a_model_without_a_template_says_so_at_once(saved: Save) -> None:
    with pytest.raises(InputError, match="local:it: a model has no chat template; choose"):
        encoder(saved, None).need_template("local:it", "choose another prompt")


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("letters", ["A B ", "B té → "])
def test_responses_are_cut_to_the_token(saved: Save, side: str, letters: str) -> None:
    using = encoder(saved)
    first, second = f"start {letters * 40}end", "short"
    text = f"<1>{first}<2>{second}<3>"
    spans = ((3, 3 + len(first)), (6 + len(first), 6 + len(first) + len(second)))
    cut = Truncation(side=side, context=100, frame="<1><2><3>", spans=spans)
    encoded = using.encode([Request(text=text, truncation=cut, generation=Generation(max_tokens=10))])[0]
    most = (100 - 10 - len(using.tokenizer("<1><2><3>")["input_ids"])) // 2 - 2
    ids = using.tokenizer(first, add_special_tokens=False)["input_ids"]
    kept = using.tokenizer.decode(ids[-most:] if side == "left" else ids[:most])
    assert using.tokenizer.decode(encoded.tokens) == f"<s><1>{kept}<2>{second}<3>"
    assert encoded.detail == f"cut on the {side}: {len(ids) - most} tokens"
    assert len(encoded.tokens) + 10 <= 100


def test_what_fits_is_left_as_it_is(saved: Save) -> None:
    using = encoder(saved)
    calls: list[Any] = []
    tokenizer = using.tokenizer
    using.tokenizer = type("Counting", (), {
        "__call__": lambda _, *given, **named: (calls.append(given), tokenizer(*given, **named))[1],
        "__getattr__": lambda _, name: getattr(tokenizer, name),
    })()  # fmt: skip
    cut = Truncation(side="left", context=200, frame="<1><2>", spans=((3, 8),))
    encoded = using.encode([Request(text="<1>A B A<2>", truncation=cut, generation=ONCE)])[0]
    assert encoded.detail is None
    assert len(calls) == 1  # encoded, and not counted before


def test_tokenizers_of_the_first_judges_read_as_sentencepiece_does(tmp_path: Path) -> None:
    """JudgeLM's and PandaLM's repositories have no tokenizer.json, only sentencepiece's own file."""
    pieces = pytest.importorskip("sentencepiece", reason="needs the extra: pip install 'judgebench-harness[local]'")
    pytest.importorskip("google.protobuf", reason="needs the extra: pip install 'judgebench-harness[local]'")
    texts = tmp_path / "texts.txt"
    texts.write_text(
        "Which answer is better?\n### Response:8 7\nThe first, the second, or neither 1 2 3 4\n" * 20, encoding="utf-8"
    )
    pieces.SentencePieceTrainer.train(
        input=str(texts), model_prefix=str(tmp_path / "tokenizer"), vocab_size=330, model_type="bpe",
        byte_fallback=True, split_digits=True, normalization_rule_name="identity", unk_id=0, bos_id=1, eos_id=2,
        hard_vocab_limit=False, remove_extra_whitespaces=False, minloglevel=2,
    )  # fmt: skip
    (tmp_path / "config.json").write_text('{"model_type": "llama"}', encoding="utf-8")
    settings = '{"tokenizer_class": "LlamaTokenizer", "add_bos_token": true, "bos_token": "<s>", "eos_token": "</s>"}'
    (tmp_path / "tokenizer_config.json").write_text(settings, encoding="utf-8")
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path)
    text = "### Response:8 7\nThe  second: déjà\n"
    expected = [1, *pieces.SentencePieceProcessor(model_file=str(tmp_path / "tokenizer.model")).encode(text)]
    assert Encoder(tokenizer, "it").encode([Request(text=text, generation=ONCE)])[0].tokens.tolist() == expected
    assert tokenizer.decode(tokenizer(text)["input_ids"][1:]) == text


def test_scores_are_read_at_the_end_so_the_beginning_is_cut(saved: Save) -> None:
    using = encoder(saved, context=6)
    (tokens,) = using.tokens(["A B A B A B A B tie"], [True])
    encoded = using.cut(tokens)
    assert encoded.tokens.tolist() == [0, *tokens[-5:]]
    assert encoded.detail == f"cut on the left: {len(tokens) - 6} tokens"
