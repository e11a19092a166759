"""What the rows of one forward pass are, layer by layer: new prompts to read, and texts to go on with. Attention over
them is a function that transformers has registered: so one serves every architecture that asks for it, and models
stay as they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import AttentionInterface

from judgebench.backends.local.packing import Pack
from judgebench.backends.local.spans import Everywhere, Spans

NAME = "judgebench_packed"
ROUND = 2_048
"""Rows of kept keys come in multiples of this: like sizes let the allocator use its memory again."""


class Unpackable(Exception):
    """The model's attention is more than scaled dot products within a causal or sliding window."""


class Kept:
    """Keys and values of a pack's prompts, layer by layer, with room for the tokens that they go on with."""

    def __init__(self, starts: list[int], lengths: list[int], room: int) -> None:
        self.starts, self.lengths, self.room = starts, lengths, room
        self.keys: list[Tensor] = []
        self.values: list[Tensor] = []
        self.whole = True
        """False if a move was broken off: then some layers are laid out otherwise than the rest."""

    @property
    def held(self) -> int:
        """Tokens there is memory for."""
        if not self.keys:
            raise Unpackable("it has no attention that could be replaced")
        return len(self.keys[0])

    def open(self) -> None:
        """Make ready for one more token of each text. May be called again where the forward pass failed."""
        if self.room == 0:
            self._move(room=max(1, sum(self.lengths) // len(self.lengths) // 2))
        ends = [start + length for start, length in zip(self.starts, self.lengths, strict=True)]
        self._slots = Everywhere(ends, torch.long)
        self._spans = Spans(range(len(ends) + 1), self.starts, [length + 1 for length in self.lengths])

    def step(self, layer: int, query: Tensor, key: Tensor, value: Tensor, scale: float, window: int | None) -> Tensor:
        keys, values, slots = self.keys[layer], self.values[layer], self._slots.on(key.device)
        keys.index_copy_(0, slots, key)
        values.index_copy_(0, slots, value)
        return self._spans.attend(query, keys, values, scale, window)

    def close(self) -> None:
        """The tokens are in their place."""
        self.room -= 1
        self.lengths = [length + 1 for length in self.lengths]

    def keep(self, going_on: Sequence[int]) -> None:
        """Of the texts, only those in `going_on` need another token."""
        self.starts = [self.starts[index] for index in going_on]
        self.lengths = [self.lengths[index] for index in going_on]
        if self.lengths and 2 * (sum(self.lengths) + self.room * len(self.lengths)) < self.held:
            self._move(self.room)

    def _move(self, room: int) -> None:
        """Lay the texts out anew: those that ended are dropped, and the others get the room."""
        index = [
            np.concatenate([np.arange(start, start + length), np.zeros(room, np.int64)])
            for start, length in zip(self.starts, self.lengths, strict=True)
        ]
        where = Everywhere(np.concatenate(index), torch.long)
        self.whole = False
        for store in (self.keys, self.values):
            for layer, tensor in enumerate(store):
                store[layer] = tensor.index_select(0, where.on(tensor.device))
        self.room = room
        self.starts = np.cumsum([0, *(length + room for length in self.lengths[:-1])]).tolist()
        self.whole = True


class Prompts:
    """The rows of a pack: what is computed for its segments, and what is kept of its prompts."""

    def __init__(self, pack: Pack, own: Sequence[int], room: int | None) -> None:
        """`own` is how many last tokens of each prompt are not shared. `room` is how many tokens the prompts may go on
        for before what is kept of them is moved; None keeps nothing."""
        rows = np.cumsum([0, *(len(segment.tokens) for segment in pack.segments)]).tolist()
        seen = [segment.end for segment in pack.segments]
        self.count = rows[-1]
        self.tokens = np.concatenate([segment.tokens for segment in pack.segments])
        self.positions = np.concatenate([np.arange(segment.first, segment.end) for segment in pack.segments])
        self.ends = rows[pack.shared + 1 :]
        """Where each prompt's rows end."""
        self.own = [end - count for end, count in zip(self.ends, own, strict=True)]
        """The first row of each prompt's own tokens: for one that goes on, its last token's."""
        self.kept: Kept | None = None
        self._gather: Everywhere | None = None
        if room is None and not pack.shared:
            self._spans = Spans(rows, rows[:-1], seen)
            return
        rooms = [0] * pack.shared + [room or 0] * pack.prompts
        index = []
        for number, space in enumerate(rooms):
            index += [np.arange(rows[part], rows[part + 1]) for part in pack.path(number)]
            index.append(np.zeros(space, np.int64))
        starts = np.cumsum([0, *(length + space for length, space in zip(seen, rooms, strict=True))]).tolist()
        if room is not None:
            index.append(np.zeros(-starts[-1] % ROUND, np.int64))
        self._gather = Everywhere(np.concatenate(index), torch.long)
        self._spans = Spans(rows, starts[:-1], seen)
        if room is not None:
            self._leaves = starts[pack.shared]
            own = [start - self._leaves for start in starts[pack.shared : -1]]
            self.kept = Kept(own, seen[pack.shared :], room)

    def step(self, query: Tensor, key: Tensor, value: Tensor, scale: float, window: int | None) -> Tensor:
        if self._gather is not None:
            gather = self._gather.on(key.device)
            key, value = key.index_select(0, gather), value.index_select(0, gather)
        if self.kept is not None:
            self.kept.keys.append(key[self._leaves :])
            self.kept.values.append(value[self._leaves :])
        return self._spans.attend(query, key, value, scale, window)


@dataclass
class ForwardPass:
    """What the rows of one forward pass are: a pack's prompts, then one row for each text that goes on."""

    prompts: Prompts | None
    going_on: Sequence[Kept] = ()
    layer: int = 0

    def step(self, query: Tensor, key: Tensor, value: Tensor, scale: float, window: int | None) -> Tensor:
        parts, row = [], 0
        if self.prompts is not None:
            row = self.prompts.count
            parts.append(self.prompts.step(query[:row], key[:row], value[:row], scale, window))
        for kept in self.going_on:
            own = slice(row, row + len(kept.lengths))
            parts.append(kept.step(self.layer, query[own], key[own], value[own], scale, window))
            row = own.stop
        self.layer += 1
        return torch.cat(parts) if len(parts) > 1 else parts[0]

    @contextmanager
    def active(self) -> Iterator[None]:
        token = PLAN.set(self)
        try:
            yield
        finally:
            PLAN.reset(token)


PLAN: ContextVar[ForwardPass] = ContextVar("plan")
"""Not an argument: a model hands keyword arguments down to its attention only if it likes to."""


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
