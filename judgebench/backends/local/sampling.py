"""From logits to the next token, and from tokens to an answer that has ended."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from judgebench.backends.local.packing import Tokens
from judgebench.types import Completion, Finish, Generation, Usage

ROOM = 128
TAIL = 16
"""A stop sequence is looked for in as many of the last tokens as it has characters, and this many more."""


@dataclass
class Answer:
    """A prompt, and what the model has said to it so far. `index` is the request's position."""

    index: int
    prompt: Tokens
    generation: Generation
    ids: list[int] = field(default_factory=list)
    text: str = ""
    finish: Finish | None = None
    detail: str | None = None
    cut: bool = False
    first_token: dict[str, float] = field(default_factory=dict)
    noise: torch.Generator | None = None
    own: int = 1
    """How many of the prompt's last tokens are not shared with another's; the logits are read at the first of them."""

    def fail(self, detail: str) -> Answer:
        self.finish, self.detail = Finish.FAILED, detail
        return self

    def restart(self) -> Answer:
        self.ids, self.noise, self.finish = [], None, None
        return self

    @property
    def room(self) -> int:
        """Tokens that it may go on for before what is kept of it is moved to where there is more room."""
        return min(ROOM, self.generation.max_tokens - 1)

    def completion(self) -> Completion:
        failed = self.finish == Finish.FAILED
        return Completion(
            finish=self.finish or Finish.FAILED,
            text=None if failed else self.text,
            detail=self.detail,
            cut=self.cut,
            first_token=self.first_token,
            usage=Usage(prompt_tokens=len(self.prompt), completion_tokens=len(self.ids)),
        )


@dataclass(frozen=True)
class Defaults:
    """What the model's own generation_config.json says where a request leaves it to the model."""

    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = 0
    repetition_penalty: float = 1.0
    ends: frozenset[int] = frozenset()

    @classmethod
    def of(cls, config: Any, tokenizer: Any) -> Defaults:
        ends = config.eos_token_id if isinstance(config.eos_token_id, list) else [config.eos_token_id]
        return cls(
            temperature=_said(config, "temperature", 1.0) if config.do_sample else 0.0,
            top_p=_said(config, "top_p", 1.0),
            top_k=int(_said(config, "top_k", 0)) if config.do_sample else 0,
            repetition_penalty=_said(config, "repetition_penalty", 1.0),
            ends=frozenset({*ends, tokenizer.eos_token_id} - {None}),
        )

    def temperature_of(self, generation: Generation) -> float:
        return self.temperature if generation.temperature is None else generation.temperature

    def penalty_of(self, generation: Generation) -> float:
        given = generation.repetition_penalty
        return self.repetition_penalty if given is None else given


def _said(config: Any, name: str, default: float) -> float:
    found: float | None = getattr(config, name, None)
    return default if found is None else found


class Sampler:
    """Greedy at temperature 0. Above it each answer has noise of its own, seeded by its request, so that what it says
    does not depend on what it is batched with."""

    def __init__(self, tokenizer: Any, defaults: Defaults) -> None:
        self.tokenizer, self.defaults = tokenizer, defaults
        self._texts: dict[int, str] = {}

    def take(self, answers: Sequence[Answer], logits: Tensor) -> None:
        """Give each answer its next token; there is one row of logits for each."""
        self.note_candidates(answers, logits)
        chosen = logits.argmax(-1).tolist()
        for row, answer in enumerate(answers):
            if not self._plain(answer.generation):
                chosen[row] = self._draw(answer, logits[row].float())
            self.give(answer, chosen[row])

    def note_candidates(self, answers: Sequence[Answer], logits: Tensor) -> None:
        """For first tokens, where that is asked: the likeliest as text, with log-probabilities. Those that read alike
        are one candidate."""
        rows = [row for row, answer in enumerate(answers) if answer.generation.top_logprobs and not answer.ids]
        if not rows:
            return
        most = max(answers[row].generation.top_logprobs or 0 for row in rows)
        best = torch.log_softmax(logits[rows].float(), -1).topk(min(most, logits.shape[-1]))
        for row, tokens, logprobs in zip(rows, best.indices.tolist(), best.values.tolist(), strict=True):
            found: dict[str, float] = {}
            for token, logprob in zip(tokens[: answers[row].generation.top_logprobs], logprobs):
                text = self._text(token)
                found[text] = float(np.logaddexp(found.get(text, -np.inf), logprob))
            answers[row].first_token = found

    def give(self, answer: Answer, token: int) -> None:
        """Add the token, and see whether the answer ends with it."""
        generation = answer.generation
        answer.ids.append(token)
        if token in self.defaults.ends:
            answer.finish, answer.text = Finish.STOP, self.decode(answer.ids)
        elif self.stopped(answer.ids, generation.stop):
            text = self.decode(answer.ids)
            first = min((text.find(stop) for stop in generation.stop if stop in text), default=len(text))
            answer.finish, answer.text = Finish.STOP, text[:first]
        elif len(answer.ids) >= generation.max_tokens:
            answer.finish, answer.text = Finish.LENGTH, self.decode(answer.ids)

    def stopped(self, ids: Sequence[int], stops: Sequence[str]) -> bool:
        """Whether a stop sequence has come to stand in the text with the last token."""
        if not any(self._may_end(ids[-1], stop) for stop in stops):
            return False
        recent = self.decode(ids[-TAIL - max(map(len, stops)) :])
        return any(stop in recent for stop in stops)

    def _may_end(self, token: int, stop: str) -> bool:
        """By a look at one token's text, which spares most answers to be decoded at each step."""
        text = self._text(token)
        return stop[-1] in text or "\ufffd" in text or stop[-1] == " "  # half a character; a space that decoding drops

    def _text(self, token: int) -> str:
        """One token's text, special ones too."""
        if token not in self._texts:
            self._texts[token] = self.tokenizer.decode([token])
        return self._texts[token]

    def decode(self, ids: Sequence[int]) -> str:
        text: str = self.tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return text

    def _plain(self, generation: Generation) -> bool:
        return self.defaults.temperature_of(generation) == 0 and self.defaults.penalty_of(generation) == 1

    def _draw(self, answer: Answer, logits: Tensor) -> int:
        generation, defaults = answer.generation, self.defaults
        penalty, temperature = defaults.penalty_of(generation), defaults.temperature_of(generation)
        if penalty != 1:
            said = torch.as_tensor([*answer.prompt.tolist(), *answer.ids], device=logits.device).unique()
            scores = logits[said]
            logits = logits.index_copy(0, said, torch.where(scores < 0, scores * penalty, scores / penalty))
        if temperature == 0:
            return int(logits.argmax())
        top_k = defaults.top_k if generation.top_k is None else generation.top_k
        top_p = defaults.top_p if generation.top_p is None else generation.top_p
        logits, order = (logits / temperature).sort(descending=True, stable=True)
        chance = logits.softmax(-1)
        chance[(chance.cumsum(-1) - chance) >= top_p] = 0
        if top_k > 0:
            chance[top_k:] = 0
        if answer.noise is None:
            seed = int.from_bytes(os.urandom(7)) if generation.seed is None else generation.seed
            answer.noise = torch.Generator(logits.device).manual_seed(seed)
        # The race of exponential clocks: the first to ring is a draw with these chances.
        clocks = torch.empty_like(chance).exponential_(generator=answer.noise)
        return int(order[(chance / clocks).argmax()])
