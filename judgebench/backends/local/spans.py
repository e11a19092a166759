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
        self._triangles: dict[tuple[int | None, torch.dtype, torch.device], Tensor] = {}

    def attend(self, query: Tensor, key: Tensor, value: Tensor, scale: float, window: int | None) -> Tensor:
        """Rows x heads x width in and out. `window` is how many tokens a row sees, itself among them."""
        if flash_serves(query):
            return self._flash(query, key, value, scale, window)
        texts = [
            _alone(query[rows], key[keys], value[keys], scale, self._mask(rows, keys, window, query))
            for rows, keys in self._slices
        ]
        return torch.cat(texts) if len(texts) > 1 else texts[0]

    def _mask(self, rows: slice, keys: slice, window: int | None, query: Tensor) -> Tensor | None:
        """What is added to the scores of a text whose rows see neither all keys nor those up to their own place: a part
        of one triangle, which is made once for all texts and layers."""
        count, seen = rows.stop - rows.start, keys.stop - keys.start
        if not (1 < count < seen or (window is not None and window < seen)):
            return None
        which = window, query.dtype, query.device
        if which not in self._triangles:
            self._triangles[which] = _triangle(self._widest[1], *which)
        return self._triangles[which][seen - count : seen, :seen]

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


def _triangle(size: int, window: int | None, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Size x size: nothing where a row sees a key, and infinitely little elsewhere."""
    hidden = torch.full((size, size), -torch.inf, dtype=dtype, device=device).triu(1)
    return hidden if window is None else hidden + torch.full_like(hidden, -torch.inf).tril(-window)


def _alone(query: Tensor, key: Tensor, value: Tensor, scale: float, seen: Tensor | None) -> Tensor:
    """One text. Grouped heads are spread out by hand: with `enable_gqa`, a CPU leaves its fast path."""
    repeat = query.shape[1] // key.shape[1]
    q, k, v = (part.transpose(0, 1)[None] for part in (query, key, value))
    if repeat > 1:
        k, v = k.repeat_interleave(repeat, dim=1), v.repeat_interleave(repeat, dim=1)
    causal = seen is None and len(query) > 1
    out = scaled_dot_product_attention(q, k, v, attn_mask=seen, is_causal=causal, scale=scale)
    return out[0].transpose(0, 1)
