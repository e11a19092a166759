"""transformers' own `generate`, for what packs are not made for: beams, images, and models whose attention or positions
are their own. Batches of like length, padded on the left, with a budget of tokens; out of memory halves the budget."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from transformers import LogitsProcessor, LogitsProcessorList, StoppingCriteria, StoppingCriteriaList

from judgebench.backends.local import memory
from judgebench.backends.local.packed import device_of
from judgebench.backends.local.packing import Budget, by_length
from judgebench.backends.local.sampling import Draft, Sampler, penalized


def laid_out(
    batch: Sequence[Draft], device: torch.device, *, fill: int = 0, side: str = "right"
) -> tuple[Tensor, Tensor]:
    """Prompts as rows of one width, and the mask that says which tokens are theirs."""
    prompts = [torch.from_numpy(answer.prompt) for answer in batch]
    tokens = pad_sequence(prompts, batch_first=True, padding_value=fill, padding_side=side)
    mask = pad_sequence([torch.ones_like(prompt) for prompt in prompts], batch_first=True, padding_side=side)
    return tokens.to(device), mask.to(device)


def batches(
    answers: Iterable[Draft], budget: Budget, cost: Callable[[Draft], int], work: Callable[[list[Draft]], None]
) -> Iterator[Draft]:
    """Have batches of like length worked on, the longest first, so that it shows at once if they do not fit."""
    waiting = sorted(answers, key=lambda answer: len(answer.prompt))
    while waiting:
        batch = by_length(waiting, budget, cost)
        if memory.fits(partial(work, batch), budget):
            del waiting[-len(batch) :]
            yield from batch
        elif len(batch) == 1:
            waiting.pop()
            batch[0].fail(f"out of memory with {len(batch[0].prompt):,} tokens")
            yield batch[0]


@dataclass
class Padded:
    model: Any
    sampler: Sampler
    budget: Budget

    def run(self, answers: Iterable[Draft], *, together: bool = True) -> Iterator[Draft]:
        """`together` is whether answers may be batched at all. Samples never are: in a batch they share their noise, so
        that each would depend on the others."""
        for _, group in groupby(sorted(answers, key=_asked), key=_asked):
            alike = list(group)
            generation = alike[0].generation
            beams = generation.num_beams or 1
            alone = not together or self.sampler.choosing(generation).temperature > 0
            cost = partial(_width, beams) if not alone else lambda _: self.budget.computed
            yield from batches(alike, self.budget, cost, self._generate if together else self._generate_afresh)

    @torch.inference_mode()
    def _generate_afresh(self, batch: list[Draft]) -> None:
        # Where positions depend on lengths, transformers remembers the longest text so far until it reads a short one.
        self.model(input_ids=torch.zeros(1, 1, dtype=torch.long, device=self.model.device), use_cache=False)
        self._generate(batch)

    @torch.inference_mode()
    def _generate(self, batch: list[Draft]) -> None:
        for answer in batch:
            answer.restart()
        generation, how = batch[0].generation, self.sampler.choosing(batch[0].generation)
        device, sight = device_of(self.model), batch[0].sight
        if sight:
            given = sight.eyes.inputs(batch).to(device, self.model.dtype)
        else:
            given = dict(zip(("input_ids", "attention_mask"), laid_out(batch, device, side="left"), strict=True))
        width, mask = given["input_ids"].shape[1], given["attention_mask"]
        beams, ends = generation.num_beams or 1, sorted(how.ends)
        out = self.model.generate(
            **given,
            max_new_tokens=generation.max_tokens,
            num_beams=beams,
            early_stopping=beams > 1,
            do_sample=how.temperature > 0,
            pad_token_id=ends[0] if ends else 0,
            eos_token_id=ends or None,
            # The model's own generation_config.json must not come back in by the side: what it says has been read.
            temperature=how.temperature or None,
            top_p=how.top_p if how.temperature else None,
            top_k=how.top_k if how.temperature else None,
            repetition_penalty=1.0,
            logits_processor=LogitsProcessorList([_Penalty(how.repetition_penalty, mask, beams)]),
            stopping_criteria=StoppingCriteriaList([_Stops(self.sampler, generation.stop, width)]),
            return_dict_in_generate=True,
            output_logits=any(answer.wanted for answer in batch),
        )
        if out.logits:
            self.sampler.note_wanted(batch, out.logits[0][::beams])
        for row, answer in enumerate(batch):
            for token in out.sequences[row, width:].tolist():
                if not answer.finish:
                    self.sampler.give(answer, token)


def _width(beams: int, answer: Draft) -> int:
    return beams * (len(answer.prompt) + answer.generation.max_tokens)


def _asked(answer: Draft) -> str:
    return repr((answer.generation, answer.sight and len(answer.prompt) - len(answer.sight.tokens)))


class _Penalty(LogitsProcessor):
    """transformers' repetition penalty, but for the padding: its own counts that too, and so an answer would depend
    on what it is batched with."""

    def __init__(self, penalty: float, mask: Tensor, beams: int) -> None:
        self._penalty, self._padding = penalty, (mask == 0).repeat_interleave(beams, 0)

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        if self._penalty == 1:
            return scores
        written = torch.zeros_like(scores, dtype=torch.bool)
        # Padding counts as the row's last token, which stands there in any case.
        own = input_ids.clone()
        width = self._padding.shape[1]
        own[:, :width] = torch.where(self._padding, input_ids[:, -1:], input_ids[:, :width])
        written.scatter_(1, own, True)  # noqa: FBT003
        return torch.where(written, penalized(scores, self._penalty), scores)


class _Stops(StoppingCriteria):
    def __init__(self, sampler: Sampler, stops: Sequence[str], width: int) -> None:
        self._sampler, self._stops, self._width = sampler, stops, width

    def __call__(self, input_ids: Tensor, scores: Tensor, **_: Any) -> Tensor:  # noqa: ARG002  (transformers' names)
        rows = input_ids[:, self._width :].tolist() if self._stops else [[]] * len(input_ids)
        return torch.tensor([self._sampler.stopped(row, self._stops) for row in rows], device=input_ids.device)
