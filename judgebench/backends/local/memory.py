"""How many tokens fit on a device, and what running out of memory looks like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from judgebench.backends.local.packing import Budget

ON_CPU = Budget(computed=2_048, kept=32_768)
"""Measured (bench/local.py): passes of 8,192 tokens share more, and cost more than that saves."""
MOST = 32_768
"""Tokens in one forward pass at most. A GPU is as fast with these as with more."""
IN_FLIGHT = 5
"""Packs to keep at a time: a score-first answer takes four or five passes, and each shall bring new prompts along."""


def fits(work: Callable[[], None], budget: Budget) -> bool:
    """Do the work. False if memory ran out: then the budget is half of what it was, and the work may be half done."""
    try:
        work()
    except RuntimeError as error:
        if not isinstance(error, torch.OutOfMemoryError) and "not enough memory" not in str(error):  # on a CPU
            raise
    else:
        return True
    # Not in the handler, where the error's frames still hold on to the tensors.
    budget.halve()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return False


def budget(model: Any, batch_tokens: int | None, *, logits: bool = False) -> Budget:
    """From the memory that the weights left free. `batch_tokens` sets the tokens of a forward pass by hand; `logits` is
    whether there are logits of all of them, and not only at the ends."""
    device = next(model.parameters()).device
    config = model.config.get_text_config()
    if device.type != "cuda":
        tokens = batch_tokens or ON_CPU.computed
        return Budget(tokens, max(ON_CPU.kept, 4 * tokens))
    width = torch.finfo(model.dtype).bits // 8
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    kept = 2 * width * config.num_hidden_layers * heads * head
    # A layer's own tensors come and go; these many are alive at its widest point, the norms' in float32.
    inner = getattr(config, "intermediate_size", None) or 4 * config.hidden_size
    computed = width * (8 * config.hidden_size + 4 * inner) + 4 * 4 * config.hidden_size
    computed += width * config.vocab_size * logits
    free = 0.85 * torch.cuda.mem_get_info(device)[0]
    tokens = batch_tokens or int(min(MOST, free / (computed + IN_FLIGHT * kept)))
    return Budget(tokens, max(tokens, int((free - tokens * computed) / kept) - tokens))
