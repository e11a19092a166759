"""Reward models with a sequence classification head: each case is read once, in packs where the model allows it. And
those with `get_score` of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import AutoModel, AutoModelForSequenceClassification

from judgebench.backends.local import memory, probe
from judgebench.backends.local.encoding import Encoded, Encoder
from judgebench.backends.local.loading import Checkpoint
from judgebench.backends.local.packed import Packed, Reader, device_of
from judgebench.backends.local.packing import Budget, Tokens
from judgebench.backends.local.padded import batches, laid_out
from judgebench.backends.local.plan import ForwardPass, Unpackable
from judgebench.backends.local.sampling import Draft
from judgebench.backends.reward import Case, Reads, Score
from judgebench.errors import InputError, JudgebenchError
from judgebench.types import Finish, Generation

READ = Generation(max_tokens=1)
CHECKED = 8
"""Cases that -J selfcheck=yes scores in three ways."""
CLOSE_IN_HALF = 0.03
"""By how much of itself a score may differ in float16 or bfloat16."""


class Head(Reader):
    """A base model that reads packs, and a linear head on what it makes of the last token."""

    def __init__(self, model: Any) -> None:
        self.model = model
        base, head = getattr(model, model.base_model_prefix, None), getattr(model, "score", None)
        if base is None or head is None:
            raise Unpackable("its head is not a layer named `score`")
        self.base, self.head = base, head
        self.device = device_of(model)

    def read(self, plan: ForwardPass, rows: Sequence[int], tokens: Tokens, positions: Tokens) -> Tensor:
        return self._headed(self.base, self.head, plan, rows, tokens, positions)


def keep(answers: Sequence[Draft], rows: Tensor) -> None:
    """Each answer's row of numbers, and nothing more is wanted of it."""
    for answer, row in zip(answers, rows.double().cpu(), strict=True):
        answer.value, answer.finish = row, Finish.STOP


class Classifier:
    """`template` is `chat`, or `pair` where the tokenizer joins question and response; `label` is the output to take
    of a model with several."""

    reads: Reads = "each"

    def __init__(self, checkpoint: Checkpoint, *, template: str, label: int | None, selfcheck: bool) -> None:
        self.checkpoint, self.template, self.selfcheck = checkpoint, template, selfcheck
        self._encoder = Encoder(checkpoint.tokenizer, checkpoint.settings.model, checkpoint.context)
        if template == "chat":
            instead = "-J template=pair joins question and response by its tokenizer"
            self._encoder.need_template(checkpoint.judge, instead, ("user", "assistant"))
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
        self._pad: int | None = checkpoint.config.get_text_config().pad_token_id

    def score(self, cases: Sequence[Case]) -> Iterator[tuple[int, Score]]:
        encoded = self._encoded(cases)
        for index, one in enumerate(encoded):
            if not one.fits:
                yield index, Score(None, None, one.detail)
        answers = [self._answer(index, one) for index, one in enumerate(encoded) if one.fits]
        if self.selfcheck:
            self._check(answers[:CHECKED])
            self.selfcheck = False
        for answer in self._run(answers):
            values = None if answer.value is None else (answer.value[self.label].item(),)
            yield answer.index, Score(values, len(answer.prompt), answer.detail, answer.cut and values is not None)

    def _encoded(self, cases: Sequence[Case]) -> list[Encoded]:
        if self.template == "pair":
            questions = ["\n\n".join(message.content for message in case.messages) for case in cases]
            ids = self.checkpoint.tokenizer(questions, [case.responses[0] for case in cases])["input_ids"]
            return [self._encoder.cut(np.array(one, np.int64)) for one in ids]
        texts = [self._encoder.rendered(case.turns, answered=True) for case in cases]
        return [self._encoder.cut(tokens) for tokens in self._encoder.tokens(texts, [False] * len(texts))]

    def _answer(self, index: int, encoded: Encoded) -> Draft:
        """The score is read where the model itself reads it: at the last token that is not its padding token, which in
        some models also ends the text."""
        tokens = encoded.tokens
        last = len(tokens) - 1 if self._pad is None else np.flatnonzero(tokens != self._pad)[-1]
        return Draft(index, tokens, READ, detail=encoded.detail, cut=encoded.cut, own=len(tokens) - int(last))

    def _run(self, answers: Sequence[Draft]) -> Iterator[Draft]:
        if self.packed:
            return self.packed.run([answers])
        # A padding token tells such a model where a text ends. Code of somebody else's may not know about padding.
        alone = self._pad is None or self.checkpoint.settings.trust_remote_code
        cost = (lambda _: self._budget.computed) if alone else (lambda answer: len(answer.prompt))
        return batches(answers, self._budget, cost, self._padded)

    @torch.inference_mode()
    def _padded(self, batch: Sequence[Draft]) -> None:
        tokens, mask = laid_out(batch, device_of(self._model), fill=self._pad or 0)
        out = self._model(input_ids=tokens, attention_mask=mask)
        scores = getattr(out, "score", None)
        keep(batch, out.logits if scores is None else scores.reshape(len(batch), -1))

    @cached_property
    def _model(self) -> Any:
        return self.checkpoint.load(AutoModelForSequenceClassification)

    @cached_property
    def packed(self) -> Packed | None:
        """The engine, if the model can be packed. Loads the weights."""
        packable = probe.packable(self.checkpoint, self._model, Head, 1, otherwise="run in padded batches")
        return Packed(Head(self._model), keep, self._budget) if packable else None

    @cached_property
    def _budget(self) -> Budget:
        return memory.budget(self._model, self.checkpoint.settings.batch_tokens)

    def _check(self, answers: Sequence[Draft]) -> None:
        """That a score depends on its case alone, not on what it is batched with or how it is padded."""
        ways: list[list[Tensor | None]] = []

        def note() -> None:
            ways.append([answer.value for answer in answers])
            for answer in answers:
                answer.restart()

        for answer in answers:
            self._padded([answer])
        note()
        list(self._run(answers))
        note()
        if self._pad is not None:
            self._padded(answers)
            note()
        for rows in zip(*ways, strict=True):
            alone, *batched = (row[self.label].item() for row in rows if row is not None)
            close = probe.CLOSE.get(self._model.dtype, CLOSE_IN_HALF) * max(1.0, abs(alone))
            if not all(abs(score - alone) <= close for score in batched):
                raise JudgebenchError(
                    f"{self.checkpoint.judge}: selfcheck failed: the same text scores {alone:.4g} alone and "
                    f"{' or '.join(f'{score:.4g}' for score in batched)} in a batch (packed, padded on the right), and "
                    f"may differ by {close:.2g}; try -J dtype=float32 or -J attn=eager"
                )


class Custom:
    """A model whose repository has code of its own with `get_score(tokenizer, conversation)`, as InternLM2's has. It is
    asked one by one: that code pads as it likes."""

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
