"""How many tokens fit on a device, and what running out of memory looks like."""

from __future__ import annotations

from typing import Any

import torch

from judgebench.backends.local.packing import Budget

ON_CPU = Budget(computed=8_192, kept=32_768)
MOST = 32_768
"""Tokens in one forward pass at most. A GPU is as fast with these as with more."""


def ran_out(error: BaseException) -> bool:
    """Whether an error says that memory ran out: a CPU has no error class of its own for it."""
    return isinstance(error, torch.OutOfMemoryError) or (
        isinstance(error, RuntimeError) and "not enough memory" in str(error)
    )


def budget(model: Any, batch_tokens: int | None) -> Budget:
    """From the memory that the weights left free; `batch_tokens` sets the tokens of a forward pass by hand."""
    device = next(model.parameters()).device
    if device.type != "cuda":
        computed = batch_tokens or ON_CPU.computed
        return Budget(computed, max(ON_CPU.kept, 4 * computed))
    config = model.config.get_text_config()
    width = torch.finfo(model.dtype).bits // 8
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    kept = 2 * width * config.num_hidden_layers * heads * head
    # A layer's own tensors come and go; these many are alive at its widest point, the norms' in float32.
    inner = getattr(config, "intermediate_size", None) or 4 * config.hidden_size
    computed = width * (8 * config.hidden_size + 4 * inner) + 4 * 4 * config.hidden_size
    free = 0.85 * torch.cuda.mem_get_info(device)[0]
    tokens = batch_tokens or int(min(MOST, free / (computed + 3 * kept)))
    return Budget(tokens, max(tokens, int((free - tokens * computed) / kept) - tokens))


def release() -> None:
    """Give back what a failed pass left in the allocator's hands."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
