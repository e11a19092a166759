"""Real models with random weights and a real tokenizer, built on the fly, saved, and loaded by path as a user's are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from judgebench.types import Item, Message, Response, Trial

TEMPLATE = (
    "{{ bos_token }}{% for turn in messages %}<|{{ turn.role }}|>{{ turn.content }}</s>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
SHAPE: dict[str, Any] = {
    "vocab_size": 400,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 2_048,
    # Wide enough for logits that stand apart: with the usual 0.02, rounding decides between near ties.
    "initializer_range": 0.3,
    "bos_token_id": 0,
    "eos_token_id": 1,
    "pad_token_id": 2,
}
Save = Callable[..., Path]


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Save:
    """saved("Llama", num_key_value_heads=4) is the folder of such a model; of equal ones, the same."""
    reason = "needs the extra: pip install 'judgebench-harness[local]'"
    torch = pytest.importorskip("torch", reason=reason)
    transformers = pytest.importorskip("transformers", reason=reason)
    # The machine's cores are shared with other tests.
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    made: dict[str, Path] = {}

    def save(family: str = "Llama", *, head: str = "CausalLM", template: str | None = TEMPLATE, **shape: Any) -> Path:
        key = repr((family, head, template, sorted(shape.items())))
        if key not in made:
            seed = shape.pop("seed", 0)
            bare = shape.pop("bare", False)
            config = getattr(transformers, f"{family}Config")(**({} if bare else SHAPE) | shape)
            torch.manual_seed(seed)
            folder = tmp_path_factory.mktemp(family)
            getattr(transformers, f"AutoModelFor{head}").from_config(config).save_pretrained(folder)
            tokenizer(template).save_pretrained(folder)
            made[key] = folder
        return made[key]

    return save


def tokenizer(template: str | None = TEMPLATE) -> Any:
    """Byte-level BPE that adds a BOS to raw texts, as Llama's does."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    pieces = Tokenizer(models.BPE())
    pieces.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    pieces.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    special = ["<s>", "</s>", "<pad>", "<|source|>", "<|candidate1|>", "<|candidate2|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=380, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    pieces.train_from_iterator(["Which answer is better, the first or the second? A B tie 1 2 3 4 5"] * 4, trainer)
    pieces.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A </s> $B", special_tokens=[("<s>", 0), ("</s>", 1)]
    )
    fast = PreTrainedTokenizerFast(tokenizer_object=pieces, bos_token="<s>", eos_token="</s>", pad_token="<pad>")
    fast.chat_template = template
    return fast


@pytest.fixture(scope="session")
def trials() -> list[Trial]:
    """Eight pairs in both orders. They have four questions, an answer that another has too, and an empty one."""
    return [Trial.of(_pair(index), order) for index in range(8) for order in ((0, 1), (1, 0))]


def _pair(index: int) -> Item:
    question = "Which answer is better, " * (1 + index % 3) + f"number {index % 4}?"
    texts = (f"The first, since {index} is so" if index != 5 else "", "The second " * (1 + index % 4))
    return Item(
        id=str(index),
        messages=(Message(role="user", content=question),),
        responses=tuple(Response(text=text) for text in texts),
        cluster=str(index % 4),
    )
