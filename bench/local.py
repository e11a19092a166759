"""What packing saves on a CPU: a tiny model on real texts through `local:` and `rm:`, and what upstream's scripts do.

    python bench/local.py    # some minutes; needs the extra [local] and the texts (JUDGEBENCH_MIRROR, ../shared/data)

One thread, and CPU seconds instead of the clock's: other work on the machine does not show. Prints the first tables of
bench/README.md, "Local"; bench/local_gpu.py prints the others.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
import transformers

from judgebench import api
from judgebench.judges import open_judge
from judgebench.run import trials
from judgebench.types import Item, Trial

NEW = 5
"""Tokens generated: two scores and a newline."""
LONGEST = 2_048
"""What many a script pads everything to."""
PADDED = 12
"""Responses that are padded to it: enough to see how slow that is."""


def main() -> None:
    os.environ.setdefault("JUDGEBENCH_MIRROR", str(Path(__file__).resolve().parents[2] / "shared" / "data"))
    torch.set_num_threads(1)
    transformers.logging.disable_progress_bar()
    versions = f"Python {platform.python_version()}, torch {torch.__version__}, transformers {transformers.__version__}"
    print(f"{datetime.now(UTC):%Y-%m-%d}, one core of {os.cpu_count()} ({platform.machine()}), {versions}, ", end="")
    print(f"`python {' '.join(sys.argv)}`", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, items in (("pandalm", 100), ("scalerlab-judgebench", 20)):
            bench = api.open_benchmark(name)
            save_models(Path(folder) / name, [text for item in bench.items for text in texts_of(item)])
            asked = list(trials(bench.items[:items], "both", 1))
            generation(name, Path(folder) / name / "causal", asked)
            rewards(name, Path(folder) / name / "reward", asked)


class Table:
    """Rows as they are measured; the first is what the others are compared with."""

    def __init__(self, what: str, count: int, tokens: int) -> None:
        self.count, self.tokens, self.first = count, tokens, 0.0
        print(f"\n| {what} | per CPU second | against the first | tokens computed per token asked |\n|---|---|---|---|")

    def row(self, label: str, work: Callable[[], Any], computed: Callable[[Any], float], share: float = 1.0) -> None:
        """`share` is how much of the work is done, for what takes long."""
        start = time.process_time()
        done = work()
        seconds = (time.process_time() - start) / share
        self.first = self.first or seconds
        ratio = computed(done) / self.tokens
        print(f"| {label} | {self.count / seconds:.1f} | {self.first / seconds:.2f} | {ratio:.2f} |", flush=True)


def generation(name: str, folder: Path, asked: Sequence[Trial]) -> None:
    options = {"prompt": "judgelm", "device": "cpu", "max_tokens": str(NEW)}
    packed, padded = (open_judge(f"local:{folder}", {**options, **more}) for more in ({}, {"attn": "sdpa"}))
    backend = packed.backend  # type: ignore[attr-defined]
    model, engine = backend.engines.padded.model, backend.engines.packed
    padded.backend.engines  # type: ignore[attr-defined]  # noqa: B018  (loads)
    requests = packed.preview(asked)  # type: ignore[attr-defined]
    prompts = [one.tokens.tolist() for one in backend._encoder.encode(requests)]  # noqa: SLF001
    tokens = sum(map(len, prompts))
    eights = [prompts[start : start + 8] for start in range(0, len(prompts), 8)]
    arrived = sum(len(batch) * max(map(len, batch)) for batch in eights)
    by_length = sorted(map(len, prompts), reverse=True)

    table = Table(
        f"{name}: {len(prompts)} prompts in both orders, {tokens / len(prompts):.0f} tokens, {NEW} new ones",
        len(prompts),
        tokens,
    )
    table.row("transformers, one by one", lambda: [generate(model, [one]) for one in prompts], lambda _: tokens)
    table.row("transformers, eights as they come", lambda: [generate(model, one) for one in eights], lambda _: arrived)
    table.row(
        "`local:` with attn=sdpa (padded, like lengths together)",
        lambda: list(padded.judge(iter(asked))),
        lambda _: sum(by_length[start] * len(by_length[start : start + 14]) for start in range(0, len(prompts), 14)),
    )
    table.row("`local:`", lambda: list(packed.judge(iter(asked))), lambda _: engine.counted.computed)
    soft = open_judge(f"local:{folder}", {"device": "cpu", "prompt": "pandalm", "verdict": "logprobs"})
    first = soft.backend.engines.packed  # type: ignore[attr-defined]
    short = sum(len(one.tokens) for one in backend._encoder.encode(soft.preview(asked)))  # type: ignore[attr-defined]  # noqa: SLF001
    table.tokens = short
    table.row(
        f"`local:` with verdict=logprobs, PandaLM's prompt ({short / len(prompts):.0f} tokens)",
        lambda: list(soft.judge(iter(asked))),
        lambda _: first.counted.computed,
    )


@torch.inference_mode()
def generate(model: Any, batch: Sequence[Sequence[int]]) -> Any:
    width = max(map(len, batch))
    ids = torch.tensor([[0] * (width - len(one)) + list(one) for one in batch])
    mask = torch.tensor([[0] * (width - len(one)) + [1] * len(one) for one in batch])
    return model.generate(input_ids=ids, attention_mask=mask, max_new_tokens=NEW, do_sample=False, pad_token_id=0)


def rewards(name: str, folder: Path, asked: Sequence[Trial]) -> None:
    judge = open_judge(f"rm:{folder}", {"device": "cpu"})
    scorer = judge.scorer  # type: ignore[attr-defined]
    cases = [case for trial in asked for case in judge._cases(trial)]  # type: ignore[attr-defined]  # noqa: SLF001
    shown = [one.tokens for one in scorer._encoded(cases)]  # noqa: SLF001
    tokens = sum(map(len, shown))
    model, engine = scorer._model, scorer.packed  # noqa: SLF001

    @torch.inference_mode()
    def read(count: int, width: int) -> None:
        for one in shown[:count]:
            ids = torch.zeros(1, max(width, len(one)), dtype=torch.long)
            ids[0, : len(one)] = torch.from_numpy(one)
            model(input_ids=ids, attention_mask=(torch.arange(ids.shape[1]) < len(one))[None].long())

    table = Table(f"{name}: {len(cases)} responses shown, {tokens / len(cases):.0f} tokens", len(cases), tokens)
    table.row("transformers, one by one, as often as shown", lambda: read(len(shown), 0), lambda _: tokens)
    table.row(
        f"the same, padded to {LONGEST:,}",
        lambda: read(PADDED, LONGEST),
        lambda _: sum(max(LONGEST, len(one)) for one in shown),
        share=sum(max(LONGEST, len(one)) for one in shown[:PADDED]) / sum(max(LONGEST, len(one)) for one in shown),
    )
    table.row("`rm:`", lambda: list(judge.judge(iter(asked))), lambda _: engine.counted.computed)


def texts_of(item: Item) -> list[str]:
    return [*(message.content for message in item.messages), *(response.text or "" for response in item.responses)]


def save_models(folder: Path, texts: list[str]) -> None:
    """Two small Llamas with random weights, and a byte-level BPE trained on the texts."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

    pieces = Tokenizer(models.BPE())
    pieces.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    pieces.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    special = ["<s>", "</s>"]
    trainer = trainers.BpeTrainer(
        vocab_size=8_000, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    pieces.train_from_iterator(texts, trainer)
    pieces.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=pieces, bos_token=special[0], eos_token=special[1]
    )
    tokenizer.chat_template = "<s>{% for turn in messages %}{{ turn.role }}: {{ turn.content }}</s>{% endfor %}"
    config = transformers.LlamaConfig(
        vocab_size=8_000, hidden_size=512, intermediate_size=1_408, num_hidden_layers=4, num_attention_heads=8,
        max_position_embeddings=16_384, bos_token_id=0, eos_token_id=1, pad_token_id=1, num_labels=1,
    )  # fmt: skip
    kinds = {
        "causal": transformers.AutoModelForCausalLM,
        "reward": transformers.AutoModelForSequenceClassification,
    }
    torch.manual_seed(0)
    for name, kind in kinds.items():
        kind.from_config(config).save_pretrained(folder / name)
        tokenizer.save_pretrained(folder / name)


if __name__ == "__main__":
    main()
