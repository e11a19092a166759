"""Whether packs give what the model gives by itself: asked of the model, since no configuration says so.

Recurrent layers, positions counted from a mask, biases or caps in the attention: each would make an answer depend on
what it is packed with. Two prompts with one beginning are read and continued in a pack, then each by itself.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from judgebench.backends.local.loading import Checkpoint
from judgebench.backends.local.packed import Packed, Reader, device_of
from judgebench.backends.local.packing import SHARED, Budget, Tokens
from judgebench.backends.local.plan import Unpackable
from judgebench.backends.local.sampling import Draft
from judgebench.types import Finish, Generation

log = logging.getLogger(__name__)

CLOSE = {torch.float32: 1e-3}
CLOSE_IN_HALF = 0.1
"""Rounding differs by a percent or two between kernels; a row that sees another prompt differs by its whole size."""


def packable(checkpoint: Checkpoint, model: Any, reader: type[Reader], generated: int, *, otherwise: str) -> bool:
    """Whether packs are for the loaded model. Where they are not, a warning says why, and what is done instead."""
    attn = checkpoint.settings.attn
    why = f"-J attn={attn}" if attn else misfit(model, reader, generated)
    if why:
        log.warning("%s is %s: %s", checkpoint.settings.model, otherwise, why)
    return not why


def misfit(model: Any, reader: type[Reader], generated: int) -> str | None:
    """Why packs are not for this model; None if they are. `generated` is how many tokens the prompts go on for."""
    generation = Generation(max_tokens=generated)
    # Special tokens, which models treat specially, stand at either end of a vocabulary.
    vocabulary = model.config.get_text_config().vocab_size
    tokens = np.random.default_rng(0).integers(vocabulary // 4, vocabulary // 2, 5 * SHARED)
    prompts = [tokens[: 4 * SHARED], np.concatenate([tokens[: 2 * SHARED], tokens[3 * SHARED :], tokens[:5]])]
    seen: list[list[Tensor]] = [[] for _ in prompts]

    def take(answers: Sequence[Draft], logits: Tensor) -> None:
        """Note the logits of each answer, and give it the next of its tokens."""
        for answer, row in zip(answers, logits, strict=True):
            seen[answer.index].append(row.float())
            answer.ids.append(int(answer.prompt[len(answer.ids) - generated]))
            answer.finish = Finish.LENGTH if len(answer.ids) == generated else None

    try:
        engine = Packed(reader(model), take, Budget(10_000, 10_000))
        list(engine.run([[Draft(index, prompt, generation) for index, prompt in enumerate(prompts)]]))
    except (Unpackable, RuntimeError, TypeError, ValueError, AttributeError, LookupError) as error:
        return f"{type(error).__name__}: {error}"
    for prompt, rows in zip(prompts, seen, strict=True):
        expected = by_itself(model, np.concatenate([prompt, prompt[-generated:-1]]))[-generated:].float()
        difference = float((torch.stack(rows) - expected).norm() / expected.norm())
        if not difference < CLOSE.get(model.dtype, CLOSE_IN_HALF):
            return f"what it says in a pack differs from what it says alone by {difference:.1%}"
    return None


@torch.inference_mode()
def by_itself(model: Any, tokens: Tokens) -> Tensor:
    """Logits at each token; of a classifier, those at the end."""
    logits: Tensor = model(input_ids=torch.from_numpy(tokens).to(device_of(model))[None], use_cache=False).logits
    return logits[0] if logits.ndim == 3 else logits
