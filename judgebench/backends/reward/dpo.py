"""The reward that a policy trained by DPO implies: log p(response) under the policy, less that under its reference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor
from transformers import AutoModelForCausalLM

from judgebench.backends.local import memory, probe
from judgebench.backends.local.encoding import Encoded, Encoder
from judgebench.backends.local.loading import Checkpoint
from judgebench.backends.local.packed import Packed, Reader
from judgebench.backends.local.packing import Tokens, beginning
from judgebench.backends.local.padded import batches
from judgebench.backends.local.plan import ForwardPass
from judgebench.backends.local.sampling import Draft
from judgebench.backends.reward import Case, Reads, Score
from judgebench.backends.reward.classifier import READ, keep
from judgebench.errors import InputError

AT_A_TIME = 64
"""Responses after which their scores are handed on: what is not handed on is lost where a run is killed."""
ROWS = 1_024
"""Rows of logits that are made into probabilities at a time: they are wide, and float32 doubles them."""


def likelihood(logits: Tensor, following: Tokens, ends: Sequence[int]) -> Tensor:
    """Log-probabilities of the tokens that follow the rows, summed up to each of the `ends`; one row for each."""
    chosen = []
    for rows, tokens in zip(logits.split(ROWS), torch.from_numpy(following).to(logits.device).split(ROWS), strict=True):
        chosen.append(torch.log_softmax(rows.float(), -1).gather(1, tokens[:, None])[:, 0])
    # In float64: these sums are large, and only their differences matter.
    sums = torch.cat(chosen).double().cumsum(0)[torch.tensor(ends, device=logits.device) - 1]
    return sums.diff(prepend=sums.new_zeros(1))[:, None]


class Likelihood(Reader):
    """Reads packs, and gives each prompt the log-probability of its own tokens but the first."""

    def read(self, plan: ForwardPass, rows: Sequence[int], tokens: Tokens, positions: Tokens) -> Tensor:
        assert plan.prompts is not None  # noqa: S101  (nothing is generated, so there is nothing else to read)
        spans = [np.arange(row, end - 1) for row, end in zip(rows, plan.prompts.ends, strict=True)]
        wanted = np.concatenate(spans)
        logits = super().read(plan, wanted.tolist(), tokens, positions)
        with torch.inference_mode():
            return likelihood(logits, tokens[wanted + 1], np.cumsum([len(span) for span in spans]).tolist())


class Likelihoods:
    """Of one of the two models."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.model = checkpoint.load(AutoModelForCausalLM)
        self._packs = probe.packable(checkpoint, self.model, Reader, 3, otherwise="asked one by one")
        self._budget = memory.budget(self.model, checkpoint.settings.batch_tokens, logits=True)

    def of(self, answers: Sequence[Draft]) -> list[Tensor | None]:
        """The log-likelihood of each answer's own tokens; None for those it ran out of memory for."""
        again = [answer.restart() for answer in answers]
        if self._packs:
            list(Packed(Likelihood(self.model), keep, self._budget).run([again]))
        else:
            list(batches(again, self._budget, lambda _: self._budget.computed, self._alone))
        return [answer.value for answer in answers]

    @torch.inference_mode()
    def _alone(self, batch: Sequence[Draft]) -> None:
        for answer in batch:
            rows = probe.by_itself(self.model, answer.prompt)[len(answer.prompt) - answer.own : -1]
            keep([answer], likelihood(rows, answer.prompt[1 - answer.own :], [len(rows)]))


class DPO:
    """`average` divides by the response's tokens. Without a reference, the reward is the policy's likelihood."""

    reads: Reads = "each"

    def __init__(self, policy: Checkpoint, reference: Checkpoint | None, *, average: bool) -> None:
        self.policy, self.reference, self.average = policy, reference, average
        self._models: list[Likelihoods] = []
        contexts = [one.context for one in (policy, reference) if one and one.context]
        self._encoder = Encoder(policy.tokenizer, policy.settings.model, min(contexts, default=None))
        instead = "its log-likelihoods would be those of texts that it never saw"
        self._encoder.need_template(policy.judge, instead, ("user", "assistant"))
        if reference:
            ours, theirs = policy.tokenizer.get_vocab(), reference.tokenizer.get_vocab()
            if any(theirs.get(token, number) != number for token, number in ours.items()):
                raise InputError(f"{policy.judge}: {reference.settings.model} has other tokens, and cannot be compared")

    def score(self, cases: Sequence[Case]) -> Iterator[tuple[int, Score]]:
        answers, raw = [], [False] * len(cases)
        questions = self._encoder.tokens([self._encoder.rendered(case.messages) for case in cases], raw)
        wholes = self._encoder.tokens([self._encoder.rendered(case.turns, answered=True) for case in cases], raw)
        for index, (question, whole) in enumerate(zip(questions, wholes, strict=True)):
            if isinstance(question, Encoded):
                yield index, Score(None, None, question.detail)
                continue
            if isinstance(whole, Encoded):
                yield index, Score(None, None, whole.detail)
                continue
            # A token may span the seam: what differs from the question alone belongs to the response.
            seam = beginning(question, whole)
            kept = self._encoder.cut(whole)
            own = min(len(kept.tokens), len(whole) - seam + 1)
            answers.append(Draft(index, kept.tokens, READ, detail=kept.detail, cut=kept.cut, own=own))
        self._models = self._models or [Likelihoods(one) for one in (self.policy, self.reference) if one]
        for start in range(0, len(answers), AT_A_TIME):
            yield from self._scored(answers[start : start + AT_A_TIME])

    def _scored(self, answers: Sequence[Draft]) -> Iterator[tuple[int, Score]]:
        for answer, *rows in zip(answers, *(model.of(answers) for model in self._models), strict=True):
            values = [row.item() for row in rows if row is not None]
            count = len(answer.prompt)
            if len(values) < len(rows):
                yield answer.index, Score(None, count, answer.detail)
            else:
                reward = values[0] - sum(values[1:])
                reward /= answer.own - 1 if self.average else 1
                yield answer.index, Score((reward,), count, answer.detail, answer.cut)
