"""Vision-language models of transformers with random weights, against their own processor, generate() and logits."""

from __future__ import annotations

import base64
import io
import json
import shutil
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from judgebench import cli, store
from judgebench.errors import InputError
from judgebench.types import Completion, Finish, Generation, Image, Judgment, Message, Request
from tests.backends.test_images import file
from tests.local.conftest import SHAPE, tokenizer

torch = pytest.importorskip("torch", reason="needs the extra: pip install 'judgebench-harness[local]'")
transformers = pytest.importorskip("transformers", reason="needs the extra: pip install 'judgebench-harness[local]'")

from PIL import Image as pictures  # noqa: E402, N813

from judgebench.backends.local.backend import LocalBackend  # noqa: E402
from judgebench.backends.local.loading import Checkpoint  # noqa: E402
from judgebench.backends.local.settings import Loading  # noqa: E402

pytestmark = pytest.mark.local

PARTS = (
    "{% for turn in messages %}<|{{ turn.role }}|>{% for part in turn.content %}"
    "{% if part.type == 'image' %}IMAGE{% else %}{{ part.text }}{% endif %}{% endfor %}</s>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
"""Of a model that sees: the special tokens at the beginning are the processor's to add."""
FIRST = (
    "{{ bos_token }}{% for turn in messages %}{{ turn.role | upper }}: "
    "{% for part in turn.content | selectattr('type', 'equalto', 'image') %}IMAGE\n{% endfor %}"
    "{% for part in turn.content | selectattr('type', 'equalto', 'text') %}{{ part.text }}{% endfor %} {% endfor %}"
    "{% if add_generation_prompt %}ASSISTANT:{% endif %}"
)
"""As LLaVA's, which shows all images of a turn first."""
TEXT = {**SHAPE, "vocab_size": 420, "max_position_embeddings": 16_384}
TOWER = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
FAMILIES = ("Llava", "Idefics3", "Gemma3", "Qwen2VL")
OLDEST_IDEFICS3 = 5, 22
"""transformers 5.14 asks for torchvision where Pillow processes this model's images, 5.22 does not."""


def widened(model: Any) -> Any:
    """With weights so large that what is seen changes what is said, by more than rounding."""
    torch.manual_seed(0)
    for parameter in model.parameters():
        if parameter.ndim > 1:
            torch.nn.init.normal_(parameter, std=0.3)
    return model


def parts(special: Sequence[str], template: str, mark: str, **named: str) -> Any:
    """The tokenizer of the other tests, with more special tokens, some of them by name, and the ids of these."""
    made = tokenizer()
    made.add_special_tokens({"additional_special_tokens": [*special, *named.values()]})
    roles = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}
    made = transformers.PreTrainedTokenizerFast(
        tokenizer_object=made.backend_tokenizer, **roles, extra_special_tokens=named
    )
    made.chat_template = template.replace("IMAGE", mark)
    return made, {name: made.convert_tokens_to_ids(token) for name, token in named.items()}


def llava(folder: Path) -> None:
    made, _ = parts(["<image>"], FIRST, "<image>")
    tower = {**TOWER, "model_type": "clip_vision_model", "image_size": 28, "patch_size": 14, "projection_dim": 32}
    config = transformers.LlavaConfig(
        vision_config=tower, text_config={**TEXT, "model_type": "llama"}, vision_feature_layer=-1,
        image_token_id=made.convert_tokens_to_ids("<image>"),
    )  # fmt: skip
    widened(transformers.LlavaForConditionalGeneration(config)).save_pretrained(folder)
    size = {"height": 28, "width": 28}
    transformers.LlavaProcessor(
        transformers.CLIPImageProcessorPil(size={"shortest_edge": 28}, crop_size=size), made, patch_size=14,
        vision_feature_select_strategy="default", num_additional_image_tokens=1, chat_template=made.chat_template,
    ).save_pretrained(folder)  # fmt: skip


def idefics3(folder: Path) -> None:
    grid = [f"<row_{row}_col_{column}>" for row in range(1, 4) for column in range(1, 4)]
    special = ["<image>", "<fake_token_around_image>", "<global-img>", *grid, "<end_of_utterance>"]
    made, _ = parts(special, PARTS, "<image>")
    config = transformers.Idefics3Config(
        vision_config={**TOWER, "image_size": 32, "patch_size": 8}, text_config={**TEXT, "model_type": "llama"},
        scale_factor=2, image_token_id=made.convert_tokens_to_ids("<image>"), pad_token_id=2,
    )  # fmt: skip
    widened(transformers.Idefics3ForConditionalGeneration(config)).save_pretrained(folder)
    images = transformers.Idefics3ImageProcessorPil(size={"longest_edge": 64}, max_image_size={"longest_edge": 32})
    transformers.Idefics3Processor(images, made, 4, chat_template=made.chat_template).save_pretrained(folder)


def gemma3(folder: Path) -> None:
    named = {"image_token": "<image_soft_token>", "boi_token": "<start_of_image>", "eoi_token": "<end_of_image>"}
    made, ids = parts([], "{{ bos_token }}" + PARTS, "<start_of_image>", **named)
    config = transformers.Gemma3Config(
        vision_config={**TOWER, "image_size": 28, "patch_size": 7},
        text_config={**TEXT, "head_dim": 16, "sliding_window": 64, "tie_word_embeddings": False,
                     "layer_types": ["sliding_attention", "full_attention"]},
        mm_tokens_per_image=4, tie_word_embeddings=False, **{f"{name}_index": number for name, number in ids.items()},
    )  # fmt: skip
    widened(transformers.Gemma3ForConditionalGeneration(config)).save_pretrained(folder)
    made.save_pretrained(folder)
    size = {"height": 28, "width": 28}
    transformers.Gemma3ImageProcessorPil(size=size).save_pretrained(folder)
    written(folder, "processor_config.json", processor_class="Gemma3Processor", image_seq_length=4)


def qwen2vl(folder: Path) -> None:
    """Its processor takes videos too, for which transformers asks for torchvision."""
    special = ["<|image_pad|>", "<|video_pad|>", "<|vision_start|>", "<|vision_end|>"]
    made, _ = parts(special, PARTS, "<|vision_start|><|image_pad|><|vision_end|>")
    image, video, start, end = made.convert_tokens_to_ids(special)
    tower = {"depth": 2, "embed_dim": 32, "num_heads": 2, "hidden_size": 64, "mlp_ratio": 2}
    rope = {"rope_type": "default", "rope_theta": 10_000.0, "mrope_section": [2, 3, 3]}
    config = transformers.Qwen2VLConfig(
        vision_config=tower, text_config={**TEXT, "rope_parameters": rope}, image_token_id=image, video_token_id=video,
        vision_start_token_id=start, vision_end_token_id=end,
    )  # fmt: skip
    widened(transformers.Qwen2VLForConditionalGeneration(config)).save_pretrained(folder)
    made.save_pretrained(folder)
    limits = {"min_pixels": 28 * 28, "max_pixels": 28 * 28 * 9}
    written(folder, "preprocessor_config.json", processor_class="Qwen2VLProcessor",
            image_processor_type="Qwen2VLImageProcessor", **limits)  # fmt: skip


def written(folder: Path, name: str, **values: Any) -> None:
    (folder / name).write_text(json.dumps(values), encoding="utf-8")


@pytest.fixture(scope="session")
def seeing(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """seeing("Llava") is the folder of such a model."""
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    made: dict[str, Path] = {}

    def save(family: str) -> Path:
        if family == "Idefics3" and tuple(map(int, transformers.__version__.split(".")[:2])) < OLDEST_IDEFICS3:
            pytest.skip(f"transformers {transformers.__version__} asks for torchvision")
        if family not in made:
            folder = tmp_path_factory.mktemp(family)
            {"Llava": llava, "Idefics3": idefics3, "Gemma3": gemma3, "Qwen2VL": qwen2vl}[family](folder)
            made[family] = folder
        return made[family]

    return save


def opened(folder: Path, **settings: Any) -> LocalBackend:
    return LocalBackend(Checkpoint("local:eye", Loading(model=str(folder), device="cpu", **settings)))


def picture(width: int, height: int, shade: int) -> Image:
    """Neither plain nor like another."""
    made = pictures.new("RGB", (width, height))
    made.putdata([(shade, (x * 7 + shade) % 256, (y * 11) % 256) for y in range(height) for x in range(width)])
    file = io.BytesIO()
    made.save(file, "PNG")
    return Image(media="image/png", data=file.getvalue())


SHOWN = [
    (picture(40, 40, 10),),
    (picture(90, 30, 60), picture(30, 70, 200)),
    (picture(64, 64, 120), picture(20, 20, 5), picture(33, 57, 250)),
    (),
    (picture(40, 40, 240),),
]
"""Of other sizes, other numbers, none, and one that differs in its colours alone from the first."""


def asked(images: Sequence[tuple[Image, ...]] = tuple(SHOWN), **more: Any) -> list[Request]:
    return [
        Request(
            messages=(Message(role="user", content="Which is better? " * (1 + place % 3) + "A B", images=seen),),
            generation=Generation(max_tokens=6),
            **more,
        )
        for place, seen in enumerate(images)
    ]


def answers(backend: LocalBackend, requests: Sequence[Request]) -> list[Completion]:
    found = dict(backend.complete(iter(requests)))
    assert sorted(found) == list(range(len(requests)))
    return [found[index] for index in range(len(requests))]


def by_hand(backend: LocalBackend, request: Request) -> tuple[Any, Any]:
    """What transformers' own processor makes of one conversation, and the model, loaded apart."""
    processor = backend.checkpoint.processor
    conversation = [
        {"role": message.role, "content": [{"type": "text", "text": message.content}, *(
            {"type": "image", "base64": base64.b64encode(image.data).decode()} for image in message.images)]}
        for message in request.messages
    ]  # fmt: skip
    given = processor.apply_chat_template(
        conversation, tokenize=True, return_dict=True, return_tensors="pt", add_generation_prompt=True
    )
    return given, itself(backend.checkpoint.settings.model)


@cache
def itself(folder: str) -> Any:
    return transformers.AutoModelForImageTextToText.from_pretrained(folder).eval()


def said(backend: LocalBackend, request: Request) -> str:
    given, model = by_hand(backend, request)
    out = model.generate(**given, max_new_tokens=6, do_sample=False, pad_token_id=2)
    written = out[0, given["input_ids"].shape[1] :].tolist()
    return str(backend.checkpoint.tokenizer.decode([token for token in written if token not in (0, 1, 2)]))


@pytest.mark.parametrize("family", FAMILIES)
def test_answers_are_those_of_the_model_by_itself(family: str, seeing: Callable[[str], Path]) -> None:
    backend = opened(seeing(family))
    backend.require_form("local:eye", "images")
    expected = [said(backend, request) for request in asked()]
    assert len(set(expected)) == len(SHOWN), "what is seen changes what is said"
    assert [one.text for one in answers(backend, asked())] == expected
    for request, text in zip(asked(), expected, strict=True):
        (alone,) = answers(backend, [request])
        assert alone.text == text
        assert alone.usage.prompt_tokens == by_hand(backend, request)[0]["input_ids"].shape[1]
        assert backend.quote(request).prompt_tokens == alone.usage.prompt_tokens


def test_images_are_batched(seeing: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    backend, sizes = opened(seeing("Idefics3")), []
    generate = backend.engines.padded.model.generate
    monkeypatch.setattr(
        backend.engines.padded.model,
        "generate",
        lambda **more: sizes.append(len(more["input_ids"])) or generate(**more),
    )
    answers(backend, asked())
    assert sorted(sizes) in ([4], [1, 4]), "text may be packed"


LABELS = (("A", " A"), ("tie", " tie"), ("10",), ("undecided",))


@pytest.mark.parametrize("family", FAMILIES)
def test_options_are_as_likely_as_the_logits_say(family: str, seeing: Callable[[str], Path]) -> None:
    backend = opened(seeing(family))
    got = answers(backend, asked(options=LABELS))
    for request, one in zip(asked(), got, strict=True):
        given, model = by_hand(backend, request)
        for spellings, found in zip(LABELS, one.options, strict=True):
            expected = torch.logsumexp(torch.tensor([spelled(backend, given, model, text) for text in spellings]), 0)
            assert found == pytest.approx(float(expected), abs=1e-3)


def spelled(backend: LocalBackend, given: Any, model: Any, text: str) -> float:
    """The log-probability of a spelling's tokens after a conversation."""
    ids = torch.tensor([backend.checkpoint.tokenizer(text, add_special_tokens=False)["input_ids"]])
    length = given["input_ids"].shape
    more = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    whole = {
        name: torch.cat([value, more.get(name, torch.zeros_like(ids))], 1) if value.shape == length else value
        for name, value in given.items()
    }
    with torch.inference_mode():
        likely = torch.log_softmax(model(**whole).logits[0, length[1] - 1 : -1].float(), -1)
    return float(likely.gather(-1, ids[0][:, None]).sum())


@pytest.mark.parametrize("family", FAMILIES)
def test_beams_and_other_numbers_see_the_same(family: str, seeing: Callable[[str], Path]) -> None:
    request = asked()[1]
    for more, how in (({"num_beams": 3}, {}), ({}, {"dtype": "bfloat16"})):
        backend = opened(seeing(family), **how)
        given, model = by_hand(backend, request)
        if how:
            model = transformers.AutoModelForImageTextToText.from_pretrained(seeing(family), dtype=torch.bfloat16)
            given = given.to("cpu", torch.bfloat16)
        out = model.generate(
            **given, **more, early_stopping=bool(more), max_new_tokens=4, do_sample=False, pad_token_id=2
        )
        written = out[0, given["input_ids"].shape[1] :].tolist()
        expected = backend.checkpoint.tokenizer.decode([token for token in written if token not in (0, 1, 2)])
        generation = Generation(max_tokens=4, **more)
        (one,) = answers(backend, [Request(messages=request.messages, generation=generation)])
        assert one.text == expected


@pytest.mark.parametrize(
    ("form", "mode"), [("JPEG", "RGB"), ("GIF", "P"), ("WEBP", "RGB"), ("PNG", "RGBA"), ("PNG", "L"), ("PNG", "1")]
)
def test_every_form_of_picture_is_read(form: str, mode: str, seeing: Callable[[str], Path]) -> None:
    made, file = pictures.open(io.BytesIO(SHOWN[1][0].data)).convert(mode), io.BytesIO()
    turned = pictures.Exif()
    turned[0x0112] = 6  # the camera lay on its side
    made.save(file, form, **({"exif": turned} if form == "JPEG" else {}))
    (request,) = asked([(Image(media=f"image/{form.lower()}", data=file.getvalue()),)])
    backend = opened(seeing("Llava"))
    (one,) = answers(backend, [request])
    assert one.text == said(backend, request)


def test_an_image_that_is_none_fails_alone(seeing: Callable[[str], Path]) -> None:
    broken = Image(media="image/png", data=b"\x89PNG\r\n\x1a\nand nothing more")
    backend, seen = opened(seeing("Llava")), [SHOWN[0], (broken,), SHOWN[1], (SHOWN[0][0], broken)]
    for requests in (asked(seen), asked(seen, options=LABELS)):
        found = answers(backend, requests)
        assert [one.finish == Finish.FAILED for one in found] == [False, True, False, True]
        assert "cannot be shown the images: Truncated File Read" in found[1].detail


def test_words_that_stand_for_an_image_do_not_make_one(seeing: Callable[[str], Path]) -> None:
    """A response may hold any words: the model would look for a second image."""
    words = Message(role="user", content="Is <image> better?", images=SHOWN[0])
    request = Request(messages=(words,), generation=Generation(max_tokens=2))
    (one,) = answers(opened(seeing("Llava")), [request])
    assert one.finish == Finish.FAILED
    assert "cannot be shown the images: there are 1, and 2 places for them" in one.detail


def changed(folder: Path, tmp_path: Path, name: str, text: str | None) -> Path:
    """A copy with another file of that name, or without it."""
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    (copy / name).unlink() if text is None else (copy / name).write_text(text, encoding="utf-8")
    return copy


def test_without_its_processor_a_model_reads_texts_alone(seeing: Callable[[str], Path], tmp_path: Path) -> None:
    backend = opened(changed(seeing("Llava"), tmp_path, "processor_config.json", None))
    with pytest.raises(InputError, match=r"local:eye.*cannot load .*copy: ") as refused:
        backend.require_form("local:eye", "images")
    assert "\n" not in str(refused.value)
    assert "engines" not in vars(backend), "its weights are not loaded for that"
    backend.require_form("local:eye", "chat")
    assert [one.text for one in answers(backend, asked([()]))] == [said(opened(seeing("Llava")), asked([()])[0])]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_template_that_shows_no_images_is_refused(family: str, seeing: Callable[[str], Path], tmp_path: Path) -> None:
    texts = (
        "{{ bos_token }}{% for turn in messages %}{% for part in turn.content %}{{ part.text }}{% endfor %}{% endfor %}"
    )
    backend = opened(changed(seeing(family), tmp_path, "chat_template.jinja", texts))
    with pytest.raises(InputError, match=r"local:eye: .*copy cannot be shown the images: there are 1, and 0 places"):
        backend.require_form("local:eye", "images")


def test_a_template_that_takes_no_parts_is_refused(seeing: Callable[[str], Path], tmp_path: Path) -> None:
    texts = "{% for turn in messages %}{{ turn.content | upper }}{% endfor %}"
    backend = opened(changed(seeing("Llava"), tmp_path, "chat_template.jinja", texts))
    with pytest.raises(InputError, match=r"local:eye: the chat template of .*copy "):
        backend.require_form("local:eye", "images")


def test_a_template_may_stand_with_the_processor_alone(seeing: Callable[[str], Path], tmp_path: Path) -> None:
    """As in the files of older repositories."""
    copy = changed(seeing("Llava"), tmp_path, "chat_template.jinja", None)
    written(copy, "chat_template.json", chat_template=opened(seeing("Llava")).checkpoint.tokenizer.chat_template)
    backend = opened(copy)
    backend.require_form("local:eye", "images")
    assert [one.text for one in answers(backend, asked())] == [said(opened(seeing("Llava")), one) for one in asked()]


def test_images_count_where_they_do_not_fit(seeing: Callable[[str], Path]) -> None:
    short = opened(seeing("Idefics3"), context=100)
    short.require_form("local:eye", "images")
    (one,) = answers(short, asked([SHOWN[2]]))
    assert one.finish == Finish.FAILED
    assert "the model's context is 100" in one.detail
    with pytest.raises(InputError, match=r"local:eye: the prompt has .* and the model's context is 9"):
        opened(seeing("Idefics3"), context=9).require_form("local:eye", "images")


def test_without_pillow_one_line_says_so(seeing: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    with pytest.raises(InputError, match=r"local:eye: .* cannot be shown the images: .*PIL"):
        opened(seeing("Llava")).require_form("local:eye", "images")


def run(capsys: Any, data: Path, judge: str, *words: str, code: int = 0) -> str:
    there = ["--output-dir", str(data.parent / "results"), "--min-coverage", "0"]
    with pytest.raises(SystemExit) as ended:
        cli.main(["run", "-b", str(data), "-j", judge, "-J", "prompt=pairwise", *words, *there])
    told = capsys.readouterr()
    assert ended.value.code == code, told.err
    return str(told.out + told.err)


def judged(tmp_path: Path) -> dict[tuple[str, tuple[int, ...]], Judgment]:
    (folder,) = store.runs(tmp_path / "results")
    return {(one.item, one.order): one for one in store.read_judgments(folder)}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_run_in_both_orders(family: str, seeing: Callable[[str], Path], tmp_path: Path, capsys: Any) -> None:
    judge = f"local:{seeing(family)}"
    said = run(capsys, file(tmp_path), judge, "-J", "verdict=forced", "-J", "placebo=no")
    assert "not shown" not in said
    found = judged(tmp_path)
    assert {one.status for one in found.values()} == {"ok"}
    assert sorted(found) == [(item, order) for item in ("none", "path", "two") for order in ((0, 1), (1, 0))]
    (folder,) = store.runs(tmp_path / "results")
    manifest = store.read_manifest(folder)
    assert manifest.not_shown == ()
    assert manifest.provenance["packages"]["pillow"]
    shutil.rmtree(tmp_path / "results")
    run(capsys, tmp_path / "seen.jsonl", judge, "-J", "verdict=forced", "-J", "placebo=no", "-J", "hide=images")
    blind = judged(tmp_path)
    moved = {key: abs(blind[key].verdict.scores[0] - found[key].verdict.scores[0]) for key in found}
    assert {item for (item, _), much in moved.items() if much > 1e-3} == {"path", "two"}


def test_a_run_that_reads_answers(seeing: Callable[[str], Path], tmp_path: Path, capsys: Any) -> None:
    run(capsys, file(tmp_path), f"local:{seeing('Gemma3')}", "-J", "max_tokens=5")
    found = judged(tmp_path)
    assert len(found) == 6
    assert all(one.text and one.usage.completion_tokens for one in found.values())


@pytest.mark.parametrize(
    ("image", "problem"),
    [
        (base64.b64encode(b"hello").decode(), "image is no PNG, JPEG, GIF or WebP (5 bytes)"),
        ("absent.png", "there is no file 'absent.png'"),
        ("data:image/png;base64," + "iVBO" * 7_000_000, "image has a picture of more than 20 MiB"),
    ],
    ids=["no image", "no file", "large"],
)
def test_wrong_files_are_one_line(
    image: str, problem: str, seeing: Callable[[str], Path], tmp_path: Path, capsys: Any
) -> None:
    data = file(tmp_path)
    row = {"id": "bad", "question": "?", "response_a": "A dot.", "response_b": "A cat.", "winner": "A", "image": image}
    data.write_text(data.read_text(encoding="utf-8") + json.dumps(row) + "\n", encoding="utf-8")
    said = run(capsys, data, f"local:{seeing('Llava')}", code=2)
    (line,) = [line for line in said.splitlines() if line.startswith("judgebench: ")]
    assert problem in line
    assert "row 4" in line
    assert len(line) < 400
    assert not (tmp_path / "results").exists()
