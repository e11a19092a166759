"""How fast models on this machine judge, through the code that users run, beside what upstream's scripts do.

    python bench/local.py                       # a tiny model on the CPU, real texts (JUDGEBENCH_MIRROR): some minutes
    python bench/local.py --gpu                 # LLaMA-7B's shape, random weights, 5,000 pairs: some minutes on one GPU
    python bench/local.py --gpu --pairs 500 --compile both --peers
    python bench/local.py --write-lengths       # renew bench/lengths.json from the mirror

The GPU part needs no data and no network: bench/lengths.json has the lengths of real texts, in characters, and the words
are drawn at random. Prints the tables of bench/README.md, "Local".
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers

from judgebench.backends.local.backend import LocalBackend
from judgebench.backends.local.loading import Checkpoint
from judgebench.backends.local.settings import Settings
from judgebench.types import Generation, Request

LENGTHS = Path(__file__).parent / "lengths.json"
HEAD, BETWEEN, TAIL = 22, 20, 180
"""Tokens of JudgeLM's prompt before the question, around each answer, and after."""
MEAN = {"pandalm": 436, "alpaca": 696}
"""Mean tokens of a JudgeLM prompt in LLaMA's tokens, as reference measurements have them."""
SCORES = 4
"""Tokens of two scores, a space between them."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--gpu", action="store_true", help="LLaMA-7B's shape on a GPU")
    options.add_argument("--pairs", type=int, default=5_000)
    options.add_argument("--lengths", choices=("pandalm", "alpaca", "all"), default="all")
    options.add_argument("--orders", choices=("one", "both", "all"), default="all")
    options.add_argument("--compile", choices=("no", "yes", "both"), default="no")
    options.add_argument("--batch-tokens", type=int, help="otherwise as the memory allows")
    options.add_argument("--layers", type=int, default=32, help="fewer, to try the script itself on a CPU")
    options.add_argument(
        "--peers", action="store_true", help="with --gpu: also transformers by itself, on a few prompts"
    )
    options.add_argument("--write-lengths", action="store_true")
    chosen = options.parse_args()
    if chosen.write_lengths:
        write_lengths()
        return
    print(f"{datetime.now(UTC):%Y-%m-%d}, {machine()}, `python {' '.join(sys.argv)}`\n", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        on_gpu(chosen, Path(folder)) if chosen.gpu else on_cpu(Path(folder))


def machine() -> str:
    versions = f"Python {platform.python_version()}, torch {torch.__version__}, transformers {transformers.__version__}"
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else f"load {os.getloadavg()[0]:.1f}"
    return f"{os.cpu_count()} cores ({platform.machine()}), {device}, {versions}"


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    start = time.perf_counter()
    done = work()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - start, done


# ---------------------------------------------------------------------------------------------- on a GPU


def on_gpu(chosen: argparse.Namespace, folder: Path) -> None:
    ceiling = matmul_ceiling() if torch.cuda.is_available() else 1e12
    print(f"bf16 matrix product, 8192 x 8192 x 8192, random data: {ceiling / 1e12:.0f} TFLOP/s\n", flush=True)
    save_shape(folder, chosen.layers)
    header = (
        "| lengths | orders | compiled | pairs | tokens asked | computed | seconds | pairs/s | tokens/s | MFU | goal |"
    )
    rows = []
    for compiled in {"no": [False], "yes": [True], "both": [False, True]}[chosen.compile]:
        settings = Settings(model=str(folder), batch_tokens=chosen.batch_tokens, compile=compiled)
        backend = LocalBackend(RandomWeights("local:bench", settings))
        seconds, engines = timed(lambda backend=backend: backend.engines)
        packed = engines.packed
        if packed is None:
            sys.exit("the model is not packed (see the warning above): these would be times of another path")
        print(f"loaded and probed in {seconds:.0f} s; {packed.budget}", flush=True)
        seconds, _ = timed(lambda: list(backend.complete(requests("pandalm", min(300, chosen.pairs), both=True, seed=1))))
        print(f"warmed up in {seconds:.0f} s (compiled: {compiled})", flush=True)
        for lengths in ("pandalm", "alpaca") if chosen.lengths == "all" else (chosen.lengths,):
            for both in {"one": [False], "both": [True], "all": [False, True]}[chosen.orders]:
                asked = list(requests(lengths, chosen.pairs, both=both))
                packed.counted.computed = packed.counted.asked = packed.counted.passes = 0
                seconds, answers = timed(lambda asked=asked: list(backend.complete(asked)))
                failed = sum(answer.text is None for _, answer in answers)
                counted = packed.counted
                flops = model_flops(backend.checkpoint.config, [len(request.text.split()) for request in asked])
                goal = {"pandalm": 125, "alpaca": 200}[lengths] * chosen.pairs / 5_000 if both else None
                rows.append(
                    f"| {lengths} | {'both' if both else 'one'} | {'yes' if compiled else 'no'} | {chosen.pairs:,} | "
                    f"{counted.asked:,} | {counted.computed / counted.asked:.1%} | {seconds:.1f} | "
                    f"{chosen.pairs / seconds:.1f} | {counted.asked / seconds:,.0f} | {flops / seconds / ceiling:.1%} | "
                    f"{f'{goal:.0f} s' if goal else ''} |"
                )
                print(
                    rows[-1],
                    f"({failed} failed, {counted.passes} passes, memory ran out {counted.ran_out} times)",
                    flush=True,
                )
        if chosen.peers:
            peers(engines.padded.model, list(requests("pandalm", min(200, chosen.pairs), both=True)))
        del backend, engines, packed
        torch.cuda.empty_cache()
    print(f"\n{header}\n|---|---|---|---|---|---|---|---|---|---|---|", *rows, sep="\n")


class RandomWeights(Checkpoint):
    """The product's checkpoint, but for where the weights come from: made on the device, not read from a disk."""

    def load(self, kind: Any, **_: Any) -> Any:
        torch.manual_seed(0)
        before = torch.get_default_dtype()
        torch.set_default_dtype(self.dtype)
        with torch.device(self.device):
            model = kind.from_config(self.config).eval()
        torch.set_default_dtype(before)
        if self.settings.compile:
            self._compile(model)  # noqa: SLF001
        return model


def save_shape(folder: Path, layers: int) -> None:
    """JudgeLM-7B's configuration, and a tokenizer for which each word is a token."""
    config = transformers.LlamaConfig(
        vocab_size=32_000, hidden_size=4_096, intermediate_size=11_008, num_hidden_layers=layers, num_attention_heads=32,
        max_position_embeddings=2_048, dtype="bfloat16", architectures=["LlamaForCausalLM"],
        bos_token_id=1, eos_token_id=2, pad_token_id=0,
    )  # fmt: skip
    config.save_pretrained(folder)
    word_tokenizer(32_000).save_pretrained(folder)


def word_tokenizer(size: int) -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers

    vocabulary = {"<unk>": 0, "<s>": 1, "</s>": 2, **{f"w{number}": number for number in range(3, size)}}
    words = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))  # noqa: S106
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return transformers.PreTrainedTokenizerFast(tokenizer_object=words, unk_token="<unk>", eos_token="</s>")  # noqa: S106


def requests(lengths: str, pairs: int, *, both: bool, seed: int = 0) -> Iterator[Request]:
    """JudgeLM-like prompts of random words: a common head, the question, two answers, a common tail. Every question is
    asked of one pair only. Answers end after as many tokens as two scores have."""
    random = np.random.default_rng(seed)

    def words(count: int) -> str:
        return " ".join(f"w{number}" for number in random.integers(3, 32_000, count))

    head, around, tail = words(HEAD), words(BETWEEN), words(TAIL)
    for question, first, second in token_lengths(lengths, pairs, random):
        asked, answers = words(question), [words(first), words(second)]
        for one, other in [answers, answers[::-1]][: 1 + both]:
            text = f"{head} {asked} {around} {one} {around} {other} {tail}"
            yield Request(text=text, generation=Generation(max_tokens=SCORES))


def token_lengths(lengths: str, pairs: int, random: np.random.Generator) -> Any:
    """Question and answers of each pair, in tokens. PandaLM's are drawn from its test set and scaled to the mean of its
    prompts; AlpacaEval's texts are not at hand, so its are log-normal around its mean."""
    frame = HEAD + 2 * BETWEEN + TAIL
    if lengths == "pandalm":
        characters = np.array(json.loads(LENGTHS.read_text())["pandalm"], float)
        drawn = characters[random.integers(0, len(characters), pairs)]
        per_token = characters.sum(1).mean() / (MEAN[lengths] - frame)
        return np.maximum(1, np.round(drawn / per_token)).astype(int)
    means = np.array([40.0, 1.0, 1.0])
    means[1:] = (MEAN[lengths] - frame - means[0]) / 2
    drawn = random.lognormal(np.log(means) - 0.32, 0.8, (pairs, 3))
    return np.clip(np.round(drawn), 1, 850).astype(int)


def model_flops(config: Any, lengths: Sequence[int]) -> float:
    """Of what is asked, whether or not it is computed: products with weights, causal attention, and the head once for
    each generated token."""
    width, layers = config.hidden_size, config.num_hidden_layers
    weights = layers * (4 * width**2 + 3 * width * config.intermediate_size)
    tokens = np.asarray(lengths, float)
    attention = 4 * layers * width * (tokens * (tokens + 1) / 2).sum()
    return float(
        2 * weights * (tokens + SCORES - 1).sum() + attention + 2 * width * config.vocab_size * SCORES * len(tokens)
    )


def matmul_ceiling() -> float:
    one, other = (torch.randn(8_192, 8_192, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    for _ in range(3):
        one @ other
    seconds = [timed(lambda: one @ other)[0] for _ in range(20)]
    return 2 * 8_192**3 / float(np.median(seconds))


def peers(model: Any, asked: list[Request]) -> None:
    """transformers by itself: one by one, as JudgeLM's script does, and in padded batches in arrival order."""
    tokens = [[int(word[1:]) for word in request.text.split()] for request in asked]
    for size, count in ((1, 50), (32, 400)):
        batches = [tokens[start : start + size] for start in range(0, min(count, len(tokens)), size)]
        done = sum(map(len, batches))
        seconds, _ = timed(lambda batches=batches: [generated(model, batch) for batch in batches])
        print(f"transformers' generate, batches of {size}: {done / seconds:.1f} samples/s ({done} samples)", flush=True)


@torch.inference_mode()
def generated(model: Any, batch: Sequence[Sequence[int]], new: int = SCORES) -> Any:
    width = max(map(len, batch))
    ids = torch.tensor([[0] * (width - len(one)) + list(one) for one in batch], device=model.device)
    mask = torch.tensor([[0] * (width - len(one)) + [1] * len(one) for one in batch], device=model.device)
    return model.generate(
        input_ids=ids, attention_mask=mask, max_new_tokens=new, min_new_tokens=new, do_sample=False, pad_token_id=0
    )


# ---------------------------------------------------------------------------------------------- on the CPU


def on_cpu(folder: Path) -> None:
    from judgebench import api
    from judgebench.judges import open_judge
    from judgebench.run import trials

    os.environ.setdefault("JUDGEBENCH_MIRROR", str(Path(__file__).resolve().parents[2] / "shared" / "data"))
    for name, items in (("pandalm", 150), ("scalerlab-judgebench", 60)):
        bench = api.open_benchmark(name)
        asked = list(trials(bench.items[:items], "both", 1))
        save_tiny(folder / name, [text for item in bench.items for text in texts_of(item)])
        options = {"prompt": "judgelm", "device": "cpu"}
        judge = open_judge(f"local:{folder / name / 'causal'}", options)
        shown = judge.preview(asked)
        encoder = judge.backend._encoder  # noqa: SLF001  (to give the peer the very same tokens)
        prompts = [one.tokens for one in encoder.encode(shown)]
        model = judge.backend.engines.padded.model
        total = sum(map(len, prompts))
        new = 5
        print(
            f"\n{name}, {len(prompts)} prompts of {total / len(prompts):.0f} tokens on average, both orders, "
            f"{new} new tokens\n\n| | samples/s | against one by one | tokens computed per token asked |\n|---|---|---|---|"
        )
        alone, _ = timed(lambda: [generated(model, [prompt.tolist()], new) for prompt in prompts])
        row("transformers, one by one", len(prompts), alone, alone, 1.0)
        eights = [prompts[start : start + 8] for start in range(0, len(prompts), 8)]
        padded = sum(len(batch) * max(map(len, batch)) for batch in eights)
        seconds, _ = timed(lambda: [generated(model, [one.tolist() for one in batch], new) for batch in eights])
        row("transformers, batches of 8 in arrival order", len(prompts), seconds, alone, padded / total)
        for label, more in (
            ("local:, packed", {}),
            ("local:, transformers' batches (attn=sdpa)", {"attn": "sdpa"}),
        ):
            ours = open_judge(f"local:{folder / name / 'causal'}", {**options, **more, "max_tokens": str(new)})
            engines = ours.backend.engines
            seconds, _ = timed(lambda ours=ours: list(ours.judge(iter(asked))))
            counted = engines.packed.counted if engines.packed else None
            row(label, len(prompts), seconds, alone, counted.computed / counted.asked if counted else None)
        first = open_judge(
            f"local:{folder / name / 'causal'}", {"device": "cpu", "prompt": "pandalm", "verdict": "logprobs"}
        )
        first.backend.engines  # noqa: B018  (loads)
        seconds, _ = timed(lambda: list(first.judge(iter(asked))))
        counted = first.backend.engines.packed.counted
        row(
            "local:, verdict=logprobs (PandaLM's prompt)",
            len(prompts),
            seconds,
            alone,
            counted.computed / counted.asked,
        )
        rewards(folder / name / "reward", asked)


def row(label: str, count: int, seconds: float, alone: float, computed: float | None) -> None:
    share = "" if computed is None else f"{computed:.2f}"
    print(f"| {label} | {count / seconds:.1f} | {alone / seconds:.2f} | {share} |", flush=True)


def rewards(folder: Path, asked: Sequence[Any]) -> None:
    """Responses scored as often as pairs and orders show them, one by one and padded to 2,048; and by `rm:`."""
    from judgebench.judges import open_judge

    judge = open_judge(f"rm:{folder}", {"device": "cpu"})
    model, encoder = judge.scorer._model, judge.scorer._encoder  # noqa: SLF001
    cases = [case for trial in asked for case in judge._cases(trial)]  # noqa: SLF001
    texts = [encoder.rendered(case.turns, answered=True) for case in cases]
    tokens = [encoder.cut(one).tokens for one in encoder.tokens(texts, [False] * len(texts))]
    total = sum(map(len, tokens))
    print("\n| reward model | responses/s | against one by one | tokens computed per token asked |\n|---|---|---|---|")

    @torch.inference_mode()
    def one_by_one() -> None:
        for one in tokens:
            model(input_ids=torch.from_numpy(one)[None])

    @torch.inference_mode()
    def to_the_longest(count: int) -> None:
        for one in tokens[:count]:
            ids, mask = torch.zeros(1, 2_048, dtype=torch.long), torch.zeros(1, 2_048, dtype=torch.long)
            ids[0, : len(one)], mask[0, : len(one)] = torch.from_numpy(one), 1
            model(input_ids=ids, attention_mask=mask)

    alone, _ = timed(one_by_one)
    row("one by one, as often as shown", len(cases), alone, alone, 1.0)
    seconds, _ = timed(lambda: to_the_longest(40))
    row(
        "padded to 2,048, as often as shown", len(cases), seconds * len(tokens) / 40, alone, 2_048 * len(tokens) / total
    )
    judge.scorer._packs  # noqa: B018, SLF001  (probes)
    seconds, done = timed(lambda: list(judge.judge(iter(asked))))
    read = sum(judgment.usage.prompt_tokens for judgment in done)
    row("rm:", len(cases), seconds, alone, None)
    print(f"rm: read {read / total:.1%} of the tokens asked, before shared beginnings", flush=True)


def texts_of(item: Any) -> list[str]:
    return [*(message.content for message in item.messages), *(response.text or "" for response in item.responses)]


def save_tiny(folder: Path, texts: list[str]) -> None:
    """Two small Llamas with random weights, and a byte-level BPE trained on the texts."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

    pieces = Tokenizer(models.BPE())
    pieces.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    pieces.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=8_000, special_tokens=["<s>", "</s>"], initial_alphabet=alphabet)
    pieces.train_from_iterator(texts, trainer)
    pieces.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=pieces, bos_token="<s>", eos_token="</s>")  # noqa: S106
    tokenizer.chat_template = "<s>{% for turn in messages %}{{ turn.role }}: {{ turn.content }}</s>{% endfor %}"
    torch.manual_seed(0)
    config = transformers.LlamaConfig(
        vocab_size=8_000, hidden_size=512, intermediate_size=1_408, num_hidden_layers=4, num_attention_heads=8,
        max_position_embeddings=8_192, bos_token_id=0, eos_token_id=1, pad_token_id=1, num_labels=1,
    )  # fmt: skip
    for name, kind in (
        ("causal", transformers.AutoModelForCausalLM),
        ("reward", transformers.AutoModelForSequenceClassification),
    ):
        kind.from_config(config).save_pretrained(folder / name)
        tokenizer.save_pretrained(folder / name)


def write_lengths() -> None:
    """Question, first and second response of PandaLM's test set, in characters."""
    from judgebench import api

    items = api.open_benchmark("pandalm").items
    rows = [
        [sum(len(turn.content) for turn in item.messages), *(len(r.text or "") for r in item.responses)]
        for item in items
    ]
    LENGTHS.write_text(json.dumps({"pandalm": rows}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
