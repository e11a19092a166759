"""Reward models with a sequence classification head: each case is read once, in packs where the model allows it."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import AutoModelForSequenceClassification

from judgebench.backends.local import memory, probe
from judgebench.backends.local.encoding import Encoded, Encoder
from judgebench.backends.local.loading import Checkpoint
from judgebench.backends.local.packed import Packed, Reader
from judgebench.backends.local.packing import Budget, Tokens
from judgebench.backends.local.padded import batches
from judgebench.backends.local.plan import Plan, Unpackable
from judgebench.backends.local.sampling import Answer
from judgebench.backends.reward import Case, Reads, Score
from judgebench.errors import InputError, JudgebenchError
from judgebench.types import Finish, Generation

log = logging.getLogger(__name__)

READ = Generation(max_tokens=1)
CHECKED = 8
"""Cases that -J selfcheck=yes scores in three ways."""
CLOSE = {torch.float32: 1e-3}
CLOSE_IN_HALF = 0.03


class Head(Reader):
    """A base model that reads packs, and a linear head on what it makes of the last token."""

    def __init__(self, model: Any) -> None:
        self.model = model
        base, head = getattr(model, model.base_model_prefix, None), getattr(model, "score", None)
        if base is None or head is None:
            raise Unpackable("its head is not a layer named `score`")
        self.base, self.head = base, head
        self.device = model.get_input_embeddings().weight.device

    def read(self, plan: Plan, rows: Sequence[int], tokens: Tokens, positions: Tokens) -> Tensor:
        hidden = self._forward(self.base, plan, tokens, positions).last_hidden_state[0]
        with torch.inference_mode():
            scores: Tensor = self.head(hidden[self._put(rows).to(hidden.device)])
        return scores


class Values(dict[int, Tensor]):
    """Takes a row of scores for each answer."""

    def take(self, answers: Sequence[Answer], logits: Tensor) -> None:
        for answer, row in zip(answers, logits.double().cpu(), strict=True):
            self[answer.index], answer.finish = row, Finish.STOP


class Classifier:
    """`template` is `chat`, or `pair` where the tokenizer joins question and response; `label` is the output to take
    of a model with several."""

    reads: Reads = "each"

    def __init__(self, checkpoint: Checkpoint, *, template: str, label: int | None, selfcheck: bool) -> None:
        self.checkpoint, self.template, self.selfcheck = checkpoint, template, selfcheck
        self._encoder = Encoder(checkpoint.tokenizer, checkpoint.settings.model, checkpoint.context)
        if template == "chat":
            self._encoder.need_template(
                checkpoint.judge, "-J template=pair joins question and response by its tokenizer"
            )
        if checkpoint.architecture.endswith(("ForCausalLM", "LMHeadModel", "ForConditionalGeneration")):
            raise InputError(
                f"{checkpoint.judge}: {checkpoint.settings.model} is stored as {checkpoint.architecture}, without a "
                "classification head: one would be newly initialized, which is to say random"
            )
        outputs = checkpoint.config.num_labels
        if (label is None and outputs != 1) or (label or 0) >= outputs:
            names = ", ".join(f"{number} {name}" for number, name in sorted(checkpoint.config.id2label.items()))
            raise InputError(f"{checkpoint.judge}: choose one of its {outputs} outputs with -J label=NUMBER: {names}")
        self.label = label or 0
        self._values = Values()

    @property
    def identity(self) -> Mapping[str, Any]:
        return {**self.checkpoint.identity, "template": self.template, "label": self.label}

    @property
    def provenance(self) -> Mapping[str, Any]:
        return self.checkpoint.provenance

    def score(self, cases: Sequence[Case]) -> Iterator[tuple[int, Score]]:
        encoded = self._encoded(cases)
        for index, one in enumerate(encoded):
            if not one.fits:
                yield index, Score(None, None, one.detail)
        answers = [self._answer(index, one.tokens) for index, one in enumerate(encoded) if one.fits]
        if self.selfcheck:
            self._check(answers[:CHECKED])
            self.selfcheck = False
        for answer in self._run(answers):
            detail = answer.detail or encoded[answer.index].detail
            if answer.finish == Finish.FAILED:
                yield answer.index, Score(None, len(answer.prompt), detail)
            else:
                value = self._values.pop(answer.index)[self.label].item()
                yield answer.index, Score((value,), len(answer.prompt), detail, encoded[answer.index].cut)

    def _encoded(self, cases: Sequence[Case]) -> list[Encoded]:
        if self.template == "pair":
            questions = ["\n\n".join(message.content for message in case.messages) for case in cases]
            ids = self.checkpoint.tokenizer(questions, [case.responses[0] for case in cases])["input_ids"]
            return [self._encoder.cut(np.array(one, np.int64)) for one in ids]
        texts = [self._encoder.rendered(case.turns, answered=True) for case in cases]
        return [self._encoder.cut(tokens) for tokens in self._encoder.tokens(texts, [False] * len(texts))]

    def _answer(self, index: int, tokens: Tokens) -> Answer:
        """The score is read where the model itself reads it: at the last token that is not its padding token, which in
        some models also ends the text."""
        last = len(tokens) - 1 if self._pad is None else np.flatnonzero(tokens != self._pad)[-1]
        return Answer(index, tokens, READ, own=len(tokens) - int(last))

    def _run(self, answers: Sequence[Answer]) -> Iterator[Answer]:
        if self.packed:
            yield from self.packed.run([answers])
            return
        # A padding token tells such a model where a text ends. Code of somebody else's may not know about padding.
        alone = self._pad is None or self.checkpoint.settings.trust_remote_code
        budget = self._budget
        cost = (lambda _: budget.computed) if alone else (lambda answer: len(answer.prompt))
        yield from batches(answers, budget, cost, partial(self._padded, values=self._values))

    @torch.inference_mode()
    def _padded(self, batch: list[Answer], values: Values) -> None:
        width = max(len(answer.prompt) for answer in batch)
        tokens = torch.full((len(batch), width), self._pad or 0)
        mask = torch.zeros_like(tokens)
        for row, answer in enumerate(batch):
            tokens[row, : len(answer.prompt)] = torch.from_numpy(answer.prompt)
            mask[row, : len(answer.prompt)] = 1
        device = self._model.get_input_embeddings().weight.device
        out = self._model(input_ids=tokens.to(device), attention_mask=mask.to(device))
        scores = getattr(out, "score", None)
        values.take(batch, out.logits if scores is None else scores.reshape(len(batch), -1))

    @cached_property
    def _model(self) -> Any:
        return self.checkpoint.load(AutoModelForSequenceClassification)

    @cached_property
    def packed(self) -> Packed | None:
        """The engine, if the model can be packed. Loads the weights."""
        settings = self.checkpoint.settings
        misfit = f"-J attn={settings.attn}"
        if settings.attn is None:
            misfit = probe.misfit(partial(Head, self._model), partial(probe.by_itself, self._model), generated=1) or ""
        if misfit:
            log.warning("%s is run in padded batches: %s", settings.model, misfit)
        return None if misfit else Packed(Head(self._model), self._values, self._budget)

    @cached_property
    def _budget(self) -> Budget:
        return memory.budget(self._model, self.checkpoint.settings.batch_tokens)

    @property
    def _pad(self) -> int | None:
        token: int | None = self.checkpoint.config.get_text_config().pad_token_id
        return token

    def _check(self, answers: Sequence[Answer]) -> None:
        """That a score depends on its case alone, not on what it is batched with or how it is padded."""
        ways = [Values(), Values(), Values()]
        for answer in answers:
            self._padded([answer], ways[0])
        list(self._run([answer.restart() for answer in answers]))
        ways[1].update(self._values)
        self._values.clear()
        if self._pad is not None:
            self._padded([answer.restart() for answer in answers], ways[2])
        for answer in answers:
            alone, *batched = (values[answer.index][self.label].item() for values in ways if values)
            close = CLOSE.get(self._model.dtype, CLOSE_IN_HALF) * max(1.0, abs(alone))
            if not all(abs(score - alone) <= close for score in batched):
                raise JudgebenchError(
                    f"{self.checkpoint.judge}: selfcheck failed: the same text scores {alone:.4g} alone and "
                    f"{' or '.join(f'{score:.4g}' for score in batched)} in a batch (packed, padded on the right), and "
                    f"may differ by {close:.2g}; try -J dtype=float32 or -J attn=eager"
                )
            answer.restart()
