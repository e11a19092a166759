"""PairRM and its kind: an encoder reads a question and two responses at once, and says how much better the first is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers import DebertaV2Model, DebertaV2PreTrainedModel

from judgebench.backends.local import memory
from judgebench.backends.local.encoding import CUT
from judgebench.backends.local.loading import Checkpoint
from judgebench.backends.local.packing import Budget, Tokens
from judgebench.backends.local.padded import batches, laid_out
from judgebench.backends.local.sampling import Draft
from judgebench.backends.reward import Case, Reads, Score
from judgebench.backends.reward.classifier import READ, keep
from judgebench.errors import InputError
from judgebench.types import Message

SOURCE, CANDIDATES = 1_224, 412
"""Tokens of the question at most, and of each response where the question is as long as that; a shorter question leaves
its room to the responses."""
MARKS = ("source_prefix_id", "cand1_prefix_id", "cand2_prefix_id")


class PairRanker(DebertaV2PreTrainedModel):
    """The published weights' own names: an encoder and a head that reads the marks before question and response."""

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.pretrained_model = DebertaV2Model(config)
        width = config.hidden_size
        self.head_layer = nn.Sequential(
            nn.Dropout(config.drop_out), nn.Linear(2 * width, width), nn.Tanh(), nn.Dropout(config.drop_out),
            nn.Linear(width, config.n_tasks),
        )  # fmt: skip
        self.post_init()

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """How much better the first response is, one row each."""
        read = self.pretrained_model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        source, first, second = (read[torch.where(input_ids == getattr(self.config, mark))] for mark in MARKS)
        ranks = (self.head_layer(torch.cat([source, one], -1)).mean(-1) for one in (first, second))
        better: Tensor = next(ranks) - next(ranks)
        return better[:, None]


class PairRM:
    """With `symmetric`, both orders are read and the difference counts, as its authors do: which order is shown is then
    of no consequence. Without, what is read is what is shown."""

    def __init__(self, checkpoint: Checkpoint, *, symmetric: bool) -> None:
        self.checkpoint, self.symmetric = checkpoint, symmetric
        self.reads: Reads = "set" if symmetric else "shown"
        lacking = [name for name in MARKS if not hasattr(checkpoint.config, name)]
        if lacking:
            raise InputError(f"{checkpoint.judge}: {checkpoint.settings.model} is no PairRM: it has no {lacking[0]}")

    def score(self, cases: Sequence[Case]) -> Iterator[tuple[int, Score]]:
        """Case i's answers are numbered 2i and, the other way round, 2i + 1."""
        answers = []
        for index, case in enumerate(cases):
            if len(case.responses) != 2:
                yield index, Score(None, None, f"it compares two responses, not {len(case.responses)}")
                continue
            for turn in range(1 + self.symmetric):
                tokens, cut = self._tokens(case.messages, case.responses[:: 1 - 2 * turn])
                answers.append(Draft(2 * index + turn, tokens, READ, detail=cut, cut=cut is not None))
        read: dict[int, list[Draft]] = {}
        for answer in batches(answers, self._budget, lambda one: len(one.prompt), self._read):
            both = read.setdefault(answer.index // 2, [])
            both.append(answer)
            if len(both) == 1 + self.symmetric:
                yield answer.index // 2, _score(read.pop(answer.index // 2))

    @torch.inference_mode()
    def _read(self, batch: Sequence[Draft]) -> None:
        keep(batch, self._model(*laid_out(batch, self._model.device)))

    def _tokens(self, messages: Sequence[Message], responses: Sequence[str]) -> tuple[Tokens, str | None]:
        """The three texts, each with special tokens of its own, and what was cut off their ends."""
        tokenizer, config = self.checkpoint.tokenizer, self.checkpoint.config
        marks = (tokenizer.convert_ids_to_tokens(getattr(config, name)) for name in MARKS)
        turns = [f"{message.role.upper()}: {message.content}" for message in messages]
        texts = (messages[0].content if len(messages) == 1 else "\n".join(turns), *responses)
        whole = [tokenizer(mark + text)["input_ids"] for mark, text in zip(marks, texts, strict=True)]
        source = whole[0] if len(whole[0]) <= SOURCE else [*whole[0][: SOURCE - 1], whole[0][-1]]
        most = (SOURCE + 2 * CANDIDATES - len(source)) // 2
        kept = [source, *(ids if len(ids) <= most else [*ids[: most - 1], ids[-1]] for ids in whole[1:])]
        lost = sum(map(len, whole)) - sum(map(len, kept))
        tokens = np.array([token for ids in kept for token in ids])
        return tokens, f"{CUT} right: {lost:,} tokens" if lost else None

    @cached_property
    def _budget(self) -> Budget:
        return memory.budget(self._model, self.checkpoint.settings.batch_tokens)

    @cached_property
    def _model(self) -> Any:
        return self.checkpoint.load(PairRanker)


def _score(read: list[Draft]) -> Score:
    """Half of the difference to each, since only the difference means something."""
    tokens = sum(len(answer.prompt) for answer in read)
    detail = next((answer.detail for answer in read if answer.detail), None)
    better = [answer.value.item() * (1 - 2 * (answer.index % 2)) for answer in read if answer.value is not None]
    if len(better) < len(read):
        return Score(None, tokens, detail)
    half = sum(better) / 2
    return Score((half, -half), tokens, detail, any(answer.cut for answer in read))
