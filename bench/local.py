"""What packing saves on a CPU: a tiny model on real texts through `local:` and `rm:`, and what upstream's scripts do.

    python bench/local.py    # some minutes; needs the extra [local] and the texts (JUDGEBENCH_MIRROR, ../shared/data)

One thread, and CPU seconds instead of the clock's: other work on the machine does not show. Prints the CPU's
tables of bench/README.md; bench/local_gpu.py prints the GPU's.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
import transformers

from judgebench import api
from judgebench.backends.local import padded as padding
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
    print(f"{datetime.now(UTC):%Y-%m-%d}, one core of {os.cpu_count()} ({platform.machine()}), ", end="")
    print(f"load {os.getloadavg()[0]:.1f}, {versions}, `python {' '.join(sys.argv)}`", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, items in (("pandalm", 60), ("scalerlab-judgebench", 8)):
            bench = api.open_benchmark(name)
            save_models(Path(folder) / name, [text for item in bench.items for text in texts_of(item)])
            asked = list(trials(bench.items[:items], "both", 1))
            generation(name, Path(folder) / name / "causal", asked)
            rewards(name, Path(folder) / name / "reward", asked)


class Table:
    """Rows as they are measured; the first is what the others are compared with. `prompts` are those asked for."""

    def __init__(self, what: str, prompts: Sequence[Sequence[int]]) -> None:
        self.count, self.tokens, self.first = len(prompts), sum(map(len, prompts)), 0.0
        self.different = different_tokens(prompts)
        print(f"\n| {what} | per CPU second | against the first | padding | computed twice |\n|---|---|---|---|---|")

    def row(
        self,
        label: str,
        work: Callable[[], Any],
        *,
        padded: Callable[[], int] | None = None,
        packed: Any = None,
        share: float = 1.0,
    ) -> None:
        """Shares of all tokens computed: padding, and those computed before with all that stands in front of them.
        `padded` counts tokens with the padding, `packed` is the engine that counted them; neither: the prompts'.
        `share` is how much of the work is done, for what takes long."""
        start = time.process_time()
        work()
        seconds = (time.process_time() - start) / share
        self.first = self.first or seconds
        computed = packed.counted["computed"] if packed else padded() if padded else self.tokens
        own = computed if packed else self.tokens
        shares = f"{(computed - own) / computed:.1%} | {(own - self.different) / computed:.1%}"
        print(f"| {label} | {self.count / seconds:.1f} | {self.first / seconds:.2f} | {shares} |", flush=True)


def different_tokens(prompts: Sequence[Sequence[int]]) -> int:
    """Those that have to be computed at all: each once for all prompts that begin alike up to it."""
    ordered = sorted(map(list, prompts))
    common = sum(
        next((at for at, (a, b) in enumerate(zip(one, other)) if a != b), min(len(one), len(other)))
        for one, other in pairwise(ordered)
    )
    return sum(map(len, ordered)) - common


def generation(name: str, folder: Path, asked: Sequence[Trial]) -> None:
    options = {"prompt": "judgelm", "device": "cpu", "max_tokens": str(NEW)}
    packed, padded = (open_judge(f"local:{folder}", {**options, **more}) for more in ({}, {"attn": "sdpa"}))
    backend = packed.made.asked.writer  # type: ignore[attr-defined]
    model, engine = backend.engines.padded.model, backend.engines.packed
    prompts = encoded(packed, asked)
    eights = [prompts[start : start + 8] for start in range(0, len(prompts), 8)]
    laid_out = counting()

    table = Table(f"{name}: {len(prompts)} prompts in both orders, {mean(prompts)} tokens, {NEW} new ones", prompts)
    table.row("transformers, one by one", lambda: [generate(model, [one]) for one in prompts])
    table.row(
        "transformers, eights as they come",
        lambda: [generate(model, one) for one in eights],
        padded=lambda: sum(len(batch) * max(map(len, batch)) for batch in eights),
    )
    table.row(
        "`local:` with attn=sdpa (padded, like lengths together)",
        lambda: list(padded.judge(iter(asked))),
        padded=lambda: sum(laid_out),
    )
    table.row("`local:`", lambda: list(packed.judge(iter(asked))), packed=engine)

    soft = open_judge(f"local:{folder}", {"device": "cpu", "prompt": "pandalm", "verdict": "forced"})
    short = encoded(soft, asked)
    table = Table(f"{name}: PandaLM's prompt, {mean(short)} tokens, the verdict from the first token", short)
    table.row("transformers, one by one, one new token", lambda: [generate(model, [one], new=1) for one in short])
    first = soft.made.asked.writer.engines.packed  # type: ignore[attr-defined]
    table.row("`local:` with verdict=forced", lambda: list(soft.judge(iter(asked))), packed=first)


def encoded(judge: Any, asked: Sequence[Trial]) -> list[list[int]]:
    encoder = judge.made.asked.writer._encoder  # noqa: SLF001
    return [one.tokens.tolist() for one in encoder.encode(judge.made.preview(asked))]


def mean(prompts: Sequence[Sequence[int]]) -> int:
    return round(sum(map(len, prompts)) / len(prompts))


def counting() -> list[int]:
    """Gets the size of each batch that is laid out."""
    sizes: list[int] = []
    lay_out = padding.laid_out

    def noted(*batch: Any, **how: Any) -> Any:
        tokens, mask = lay_out(*batch, **how)
        sizes.append(tokens.numel())
        return tokens, mask

    padding.laid_out = noted
    return sizes


@torch.inference_mode()
def generate(model: Any, batch: Sequence[Sequence[int]], new: int = NEW) -> Any:
    width = max(map(len, batch))
    ids = torch.tensor([[0] * (width - len(one)) + list(one) for one in batch])
    mask = torch.tensor([[0] * (width - len(one)) + [1] * len(one) for one in batch])
    return model.generate(input_ids=ids, attention_mask=mask, max_new_tokens=new, do_sample=False, pad_token_id=0)


def rewards(name: str, folder: Path, asked: Sequence[Trial]) -> None:
    judge = open_judge(f"rm:{folder}", {"device": "cpu"})
    scorer = judge.made.scorer  # type: ignore[attr-defined]
    cases = [case for trial in asked for case in judge.made._cases(trial)]  # type: ignore[attr-defined]  # noqa: SLF001
    shown = [one.tokens for one in scorer._encoded(cases)]  # noqa: SLF001
    padded = sum(max(LONGEST, len(one)) for one in shown)
    model, engine = scorer._model, scorer.packed  # noqa: SLF001

    @torch.inference_mode()
    def read(count: int, width: int) -> None:
        for one in shown[:count]:
            ids = torch.zeros(1, max(width, len(one)), dtype=torch.long)
            ids[0, : len(one)] = torch.from_numpy(one)
            model(input_ids=ids, attention_mask=(torch.arange(ids.shape[1]) < len(one))[None].long())

    table = Table(f"{name}: {len(cases)} responses shown, {mean(shown)} tokens", shown)
    table.row("transformers, one by one, as often as shown", lambda: read(len(shown), 0))
    table.row(
        f"the same, padded to {LONGEST:,}",
        lambda: read(PADDED, LONGEST),
        padded=lambda: padded,
        share=sum(max(LONGEST, len(one)) for one in shown[:PADDED]) / padded,
    )
    table.row("`rm:`", lambda: list(judge.judge(iter(asked))), packed=engine)


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
