"""Our attention in transformers' place: it lets a model's be any registered function, so that one serves every
architecture that asks for it, and the model itself stays untouched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from transformers import AttentionInterface

from judgebench.backends.local.plan import PLAN, Unpackable

NAME = "judgebench_packed"


def attention(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    sliding_window: int | None = None,
    **more: Any,
) -> tuple[Tensor, None]:
    """What transformers calls: 1 x heads x rows x width in, 1 x rows x heads x width out."""
    refused = [name for name in ("softcap", "s_aux", "position_bias") if more.get(name) is not None]
    causal = more.get("is_causal", getattr(module, "is_causal", True)) is not False
    if refused or attention_mask is not None or not causal:
        raise Unpackable(", ".join(refused) or "a mask of its own")
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    query, key, value = (part[0].transpose(0, 1) for part in (query, key, value))
    return PLAN.get().step(query, key, value, scale, sliding_window)[None], None


# Its rows change from pass to pass: a compiler must leave it alone, and may have what stands around it.
AttentionInterface.register(NAME, torch.compiler.disable(attention))


@contextmanager
def own_attention(model: Any) -> Iterator[None]:
    """The model with the attention of packs in place of its own."""
    before = model.config._attn_implementation  # noqa: SLF001  (there is no public getter)
    try:
        model.set_attn_implementation(NAME)
        if model.config._attn_implementation != NAME:  # noqa: SLF001
            raise Unpackable("its attention cannot be replaced")
        yield
    finally:
        model.set_attn_implementation(before)
