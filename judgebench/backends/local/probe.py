"""Whether packs give what the model gives by itself: asked of the model, since no configuration says so.

Recurrent layers, positions counted from a mask, biases or caps in the attention: each would make an answer depend on
what it is packed with. Two prompts with one beginning are read and continued in a pack, then each by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from judgebench.backends.local.packed import Packed, Reader
from judgebench.backends.local.packing import SHARED, Budget, Tokens
from judgebench.backends.local.plan import Unpackable
from judgebench.backends.local.sampling import Answer
from judgebench.types import Finish, Generation

CLOSE = {torch.float32: 1e-3}
CLOSE_IN_HALF = 0.1
"""Rounding differs by a percent or two between kernels; a row that sees another prompt differs by its whole size."""


@dataclass
class _Scribe:
    """Keeps the logits of each answer and gives it the next of its tokens."""

    given: dict[int, list[int]]
    seen: dict[int, list[Tensor]] = field(default_factory=dict)

    def take(self, answers: Sequence[Answer], logits: Tensor) -> None:
        for answer, row in zip(answers, logits, strict=True):
            self.seen.setdefault(answer.index, []).append(row.float())
            answer.ids.append(self.given[answer.index][len(answer.ids)])
            answer.finish = Finish.LENGTH if len(answer.ids) == answer.generation.max_tokens else None


def misfit(reader: Callable[[], Reader], alone: Callable[[Tokens], Tensor], generated: int) -> str | None:
    """Why packs are not for this model; None if they are. `alone` gives logits at each token of a prompt, or one row of
    them at its end, with the model's own attention; `generated` is how many tokens the prompts go on for."""
    generation = Generation(max_tokens=generated)
    try:
        made = reader()
        prompts = trial_prompts(made.model.config.get_text_config().vocab_size)
        scribe = _Scribe({index: prompt[-generated:].tolist() for index, prompt in enumerate(prompts)})
        engine = Packed(made, scribe, Budget(10_000, 10_000))
        list(engine.run([[Answer(index, prompt, generation) for index, prompt in enumerate(prompts)]]))
    except (Unpackable, RuntimeError, TypeError, ValueError, AttributeError, LookupError) as error:
        return f"{type(error).__name__}: {error}"
    for index, prompt in enumerate(prompts):
        expected = alone(np.concatenate([prompt, prompt[-generated:-1]]))[-generated:].float()
        difference = relative(torch.stack(scribe.seen[index]), expected)
        if not difference < CLOSE.get(made.model.dtype, CLOSE_IN_HALF):
            return f"what it says in a pack differs from what it says alone by {difference:.1%}"
    return None


def trial_prompts(vocabulary: int) -> list[Tokens]:
    """Two that share a beginning. Special tokens, which models treat specially, stand at either end of a vocabulary."""
    tokens = np.random.default_rng(0).integers(vocabulary // 4, vocabulary // 2, 5 * SHARED)
    return [tokens[: 4 * SHARED], np.concatenate([tokens[: 2 * SHARED], tokens[3 * SHARED :], tokens[:5]])]


@torch.inference_mode()
def by_itself(model: Any, tokens: Tokens) -> Tensor:
    """Logits at each token; of a classifier, those at the end."""
    device = model.get_input_embeddings().weight.device
    logits: Tensor = model(input_ids=torch.from_numpy(tokens).to(device)[None], use_cache=False).logits
    return logits[0] if logits.ndim == 3 else logits


def relative(one: Tensor, other: Tensor) -> float:
    return float((one - other).norm() / other.norm())
