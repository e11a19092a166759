"""How fast `local:` judges on one GPU: LLaMA-7B's exact shape with random weights, so JudgeLM-7B's and PandaLM-7B's.

    python bench/local_gpu.py                          # 5,000 pairs in both orders, both lengths: 5 to 8 minutes
    python bench/local_gpu.py --pairs 500 --compile both --orders all --peers      # a look at everything: 3 minutes
    python bench/local_gpu.py --pairs 2 --layers 1     # does it run? on a CPU: some minutes
    python bench/local_gpu.py --write-lengths          # renew lengths.json from the mirror (no GPU needed)

Needs no data and no network: lengths.json has the lengths of real texts, in characters, and the words are drawn at
random. What is timed is LocalBackend.complete, from texts to answers. Prints the GPU's table of bench/README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers

from judgebench.backends.local.backend import LocalBackend
from judgebench.backends.local.loading import Checkpoint
from judgebench.backends.local.settings import Loading
from judgebench.types import Generation, Request

LENGTHS = Path(__file__).parent / "lengths.json"
HEAD, BETWEEN, TAIL = 22, 20, 180
"""Tokens of JudgeLM's prompt before the question, before each answer, and after them."""
MEAN = {"pandalm": 436, "alpaca": 696}
"""Mean tokens of a whole prompt, in LLaMA's tokens."""
GOAL = {"pandalm": 125, "alpaca": 200}
"""Seconds for 5,000 pairs in both orders."""
SCORES = 4
"""Tokens of an answer: two scores and what stands between them."""
VOCABULARY = 32_000


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--pairs", type=int, default=5_000)
    options.add_argument("--lengths", choices=(*MEAN, "all"), default="all")
    options.add_argument("--orders", choices=("one", "both", "all"), default="both")
    options.add_argument("--compile", choices=("no", "yes", "both"), default="no")
    options.add_argument("--batch-tokens", type=int, help="otherwise as the memory allows")
    options.add_argument("--peers", action="store_true", help="also transformers by itself, on a few prompts")
    options.add_argument("--layers", type=int, default=32, help="fewer, to try this script on a CPU")
    options.add_argument("--write-lengths", action="store_true")
    chosen = options.parse_args()
    if chosen.write_lengths:
        write_lengths()
        return
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else platform.machine()
    versions = f"torch {torch.__version__}, transformers {transformers.__version__}"
    print(f"{datetime.now(UTC):%Y-%m-%d}, {device}, {os.cpu_count()} cores, {versions}, `python {' '.join(sys.argv)}`")
    size = 8_192 if torch.cuda.is_available() else 512
    ceiling = matmul_ceiling(size)
    print(f"bf16 product of two {size:,} x {size:,} matrices, random data: {ceiling / 1e12:.3g} TFLOP/s\n", flush=True)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        save_shape(Path(folder), chosen.layers)
        settings = Loading(model=folder, batch_tokens=chosen.batch_tokens)
        for compiled in {"no": [False], "yes": [True], "both": [False, True]}[chosen.compile]:
            rows += measured(replace(settings, compile=compiled), chosen, ceiling)
    columns = "lengths", "orders", "compiled", "pairs", "tokens asked", "computed", "seconds", "pairs/s", "MFU", "goal"
    print(f"\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}", *rows, sep="\n")


def measured(settings: Loading, chosen: argparse.Namespace, ceiling: float) -> Iterator[str]:
    backend = LocalBackend(RandomWeights("local:bench", settings))
    start = now()
    engine = backend.engines.packed
    if engine is None:
        sys.exit("the model is not packed (the warning above says why): these would be times of another path")
    print(f"loaded and probed in {now() - start:.0f} s; {engine.budget}", flush=True)
    start = now()
    list(backend.complete(requests("pandalm", min(300, chosen.pairs), both=True, seed=1)))
    print(f"warmed up in {now() - start:.0f} s (compiled: {settings.compile})", flush=True)
    for lengths in MEAN if chosen.lengths == "all" else (chosen.lengths,):
        for both in {"one": [False], "both": [True], "all": [False, True]}[chosen.orders]:
            asked = list(requests(lengths, chosen.pairs, both=both))
            engine.counted = Counter()
            start = now()
            answers = list(backend.complete(asked))
            seconds, did = now() - start, engine.counted
            row = (
                lengths,
                "both" if both else "one",
                "yes" if settings.compile else "no",
                f"{chosen.pairs:,}",
                f"{did['asked']:,}",
                f"{did['computed'] / did['asked']:.1%}",
                f"{seconds:.1f}",
                f"{chosen.pairs / seconds:.1f}",
                f"{flops(backend.checkpoint.config, asked) / seconds / ceiling:.1%}",
                f"{GOAL[lengths] * chosen.pairs / 5_000:.0f} s" if both else "",
            )
            failed = sum(answer.text is None for _, answer in answers)
            print(f"{' '.join(row)}; {failed} failed, {did}", flush=True)
            yield f"| {' | '.join(row)} |"
    if chosen.peers and not settings.compile:
        peers(backend.engines.padded.model, list(requests("pandalm", min(200, chosen.pairs), both=True)))


def now() -> float:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter()


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
            self._compile(model)
        return model


def save_shape(folder: Path, layers: int) -> None:
    """LLaMA-7B's configuration, and a tokenizer for which each word is a token."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    config = transformers.LlamaConfig(
        vocab_size=VOCABULARY, hidden_size=4_096, intermediate_size=11_008, num_hidden_layers=layers,
        num_attention_heads=32, max_position_embeddings=2_048, dtype="bfloat16", architectures=["LlamaForCausalLM"],
        bos_token_id=1, eos_token_id=2, pad_token_id=0,
    )  # fmt: skip
    config.save_pretrained(folder)
    vocabulary = {"<unk>": 0, "<s>": 1, "</s>": 2, **{f"w{number}": number for number in range(3, VOCABULARY)}}
    words = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    transformers.PreTrainedTokenizerFast(tokenizer_object=words, unk_token="<unk>").save_pretrained(folder)


def requests(lengths: str, pairs: int, *, both: bool, seed: int = 0) -> Iterator[Request]:
    """Prompts built like JudgeLM's, of random words: a common head, a question that no other pair has, two answers, a
    common tail."""
    random = np.random.default_rng(seed)

    def words(count: int) -> str:
        return " ".join(f"w{number}" for number in random.integers(3, VOCABULARY, count))

    head, before, tail = words(HEAD), words(BETWEEN), words(TAIL)
    for question, first, second in token_lengths(lengths, pairs, random):
        asked, answers = words(question), (words(first), words(second))
        for one, other in (answers, answers[::-1])[: 1 + both]:
            text = f"{head} {asked} {before} {one} {before} {other} {tail}"
            yield Request(text=text, generation=Generation(max_tokens=SCORES))


def token_lengths(lengths: str, pairs: int, random: np.random.Generator) -> Any:
    """Question and answers of each pair, in tokens. PandaLM's are drawn from its test set and scaled to the mean of its
    prompts; AlpacaEval's texts are not at hand, so its are log-normal around the mean of its prompts."""
    rest = MEAN[lengths] - HEAD - 2 * BETWEEN - TAIL
    if lengths == "pandalm":
        characters = np.array(json.loads(LENGTHS.read_text(encoding="utf-8"))["pandalm"], float)
        drawn = characters[random.integers(0, len(characters), pairs)] * rest / characters.sum(1).mean()
    else:
        means, spread = np.array([40, (rest - 40) / 2, (rest - 40) / 2]), 0.8
        drawn = random.lognormal(np.log(means) - spread**2 / 2, spread, (pairs, 3))
    return np.clip(np.round(drawn), 1, 850).astype(int)


def flops(config: Any, asked: Sequence[Request]) -> float:
    """Of what is asked, each token by itself, whether or not two prompts share it: products with weights, causal
    attention, and the head once for each generated token."""
    width, layers = config.hidden_size, config.num_hidden_layers
    weights = layers * (4 * width**2 + 3 * width * config.intermediate_size)
    tokens = np.array([(request.text or "").count(" ") + 1 for request in asked], float)
    attention = 4 * layers * width * (tokens * (tokens + 1) / 2).sum()
    head = 2 * width * config.vocab_size * SCORES * len(tokens)
    return float(2 * weights * (tokens + SCORES - 1).sum() + attention + head)


def matmul_ceiling(size: int) -> float:
    device = "cuda" if torch.cuda.is_available() else "cpu"
    one, other = (torch.randn(size, size, device=device, dtype=torch.bfloat16) for _ in range(2))
    seconds = []
    for _ in range(23):
        start = now()
        one @ other
        seconds.append(now() - start)
    return 2 * size**3 / float(np.median(seconds[3:]))


@torch.inference_mode()
def peers(model: Any, asked: Sequence[Request]) -> None:
    """transformers by itself: one by one, as JudgeLM's script does, and in padded batches as they come."""
    prompts = [[int(word[1:]) for word in (request.text or "").split()] for request in asked]
    for size, count in ((1, 50), (32, 400)):
        taken = prompts[:count]
        start = now()
        for first in range(0, len(taken), size):
            batch = taken[first : first + size]
            width = max(map(len, batch))
            ids = torch.tensor([[0] * (width - len(one)) + one for one in batch], device=model.device)
            mask = torch.tensor([[0] * (width - len(one)) + [1] * len(one) for one in batch], device=model.device)
            limits = {"max_new_tokens": SCORES, "min_new_tokens": SCORES, "do_sample": False, "pad_token_id": 0}
            model.generate(input_ids=ids, attention_mask=mask, **limits)
        print(f"transformers' generate in batches of {size}: {len(taken) / (now() - start):.1f} prompts/s", flush=True)


def write_lengths() -> None:
    """Question, first and second response of PandaLM's test set, in characters."""
    from judgebench import api

    rows = [
        [sum(len(turn.content) for turn in item.messages), *(len(response.text or "") for response in item.responses)]
        for item in api.open_benchmark("pandalm").items
    ]
    LENGTHS.write_text(json.dumps({"pandalm": rows}, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
