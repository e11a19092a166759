"""Attention over texts that lie end to end: each row sees its own text up to itself, without padding or masks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

# What torch.nn.attention.varlen calls. Its own signature changes from release to release, and where it lacks
# `seqused_k`, no room for tokens to come can stand between the keys of two texts.
flash = torch.ops.aten._flash_attention_forward  # noqa: SLF001


def flash_serves(query: Tensor) -> bool:
    """Whether the flash kernels take these rows; if not, texts are attended to one by one."""
    return (
        query.is_cuda
        and query.dtype in (torch.float16, torch.bfloat16)
        and query.shape[-1] <= 256
        and query.shape[-1] % 8 == 0
        and torch.backends.cuda.is_flash_attention_available()
        and torch.cuda.get_device_capability(query.device) >= (8, 0)
    )


class Everywhere:
    """Integers on every device that asks for them: a model may be spread over several."""

    def __init__(self, numbers: Any, dtype: torch.dtype) -> None:
        self._here = torch.as_tensor(numbers, dtype=dtype)
        self._there: dict[torch.device, Tensor] = {}

    def on(self, device: torch.device) -> Tensor:
        if device not in self._there:
            self._there[device] = self._here.to(device)
        return self._there[device]


class Spans:
    """Rows and the keys they see: rows `rows[i]:rows[i + 1]` are the last ones of a text that has `seen[i]` keys, from
    `keys[i]` on."""

    def __init__(self, rows: Sequence[int], keys: Sequence[int], seen: Sequence[int]) -> None:
        self._slices = [
            (slice(row, end), slice(key, key + count))
            for row, end, key, count in zip(rows, rows[1:], keys, seen, strict=False)
        ]
        self._rows, self._keys, self._seen = (Everywhere(x, torch.int32) for x in (rows, [*keys, 0], seen))
        self._widest = int(np.diff(rows).max()), max(seen)

    def attend(self, query: Tensor, key: Tensor, value: Tensor, scale: float, window: int | None) -> Tensor:
        """Rows x heads x width in and out. `window` is how many tokens a row sees, itself among them."""
        if flash_serves(query):
            return self._flash(query, key, value, scale, window)
        repeat = query.shape[1] // key.shape[1]
        texts = [_alone(query[rows], key[keys], value[keys], scale, window, repeat) for rows, keys in self._slices]
        return torch.cat(texts) if len(texts) > 1 else texts[0]

    def _flash(self, query: Tensor, key: Tensor, value: Tensor, scale: float, window: int | None) -> Tensor:
        causal = self._widest[0] > 1
        left, right = (-1, 0 if causal else -1) if window is None else (window - 1, 0)
        rows, keys, seen = (numbers.on(query.device) for numbers in (self._rows, self._keys, self._seen))
        out: Tensor = flash(
            query,
            key,
            value,
            rows,
            keys,
            *self._widest,
            0.0,  # dropout
            causal and window is None,  # the last row is aligned with the last key
            False,  # noqa: FBT003  (no debug mask)
            scale=scale,
            window_size_left=left,
            window_size_right=right,
            seqused_k=seen,
        )[0]
        return out


def _alone(query: Tensor, key: Tensor, value: Tensor, scale: float, window: int | None, repeat: int) -> Tensor:
    """One text. Grouped heads are spread out by hand: with `enable_gqa`, a CPU leaves its fast path."""
    rows, seen = len(query), len(key)
    q, k, v = (part.transpose(0, 1)[None] for part in (query, key, value))
    if repeat > 1:
        k, v = k.repeat_interleave(repeat, dim=1), v.repeat_interleave(repeat, dim=1)
    mask = None
    if 1 < rows < seen or (window is not None and window < seen):
        distance = torch.arange(seen - rows, seen, device=q.device)[:, None] - torch.arange(seen, device=q.device)
        mask = distance >= 0 if window is None else (distance >= 0) & (distance < window)
    out = scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=mask is None and rows > 1, scale=scale)
    return out[0].transpose(0, 1)
