"""Reward models whose repository has code of its own with `get_score(tokenizer, conversation)`, as InternLM2's have.
They are asked one by one: that code pads as it likes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import torch
from transformers import AutoModel

from judgebench.backends.local.loading import Checkpoint
from judgebench.backends.reward import Case, Reads, Score
from judgebench.errors import InputError


class Custom:
    reads: Reads = "each"

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.checkpoint = checkpoint

    @torch.inference_mode()
    def score(self, cases: Sequence[Case]) -> Iterator[tuple[int, Score]]:
        for index, case in enumerate(cases):
            turns = [{"role": turn.role, "content": turn.content} for turn in case.turns]
            yield index, Score((float(self._model.get_score(self.checkpoint.tokenizer, turns)),))

    @cached_property
    def _model(self) -> Any:
        model = self.checkpoint.load(AutoModel)
        if not hasattr(model, "get_score"):
            kind = type(model).__name__
            raise InputError(f"{self.checkpoint.judge}: {kind} has neither a classification head nor get_score")
        return model
