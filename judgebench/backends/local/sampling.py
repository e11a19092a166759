"""From logits to the next token, and from tokens to an answer that has ended."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor

from judgebench import thoughts
from judgebench.backends.local.packing import Tokens
from judgebench.types import Completion, Finish, Generation, Usage

ROOM = 128
TAIL = 16
"""A stop sequence is looked for in as many of the last tokens as it has characters, and this many more."""


@dataclass
class Draft:
    """A prompt, and what the model has written to it so far. `index` is the request's position."""

    index: int
    prompt: Tokens
    generation: Generation
    ids: list[int] = field(default_factory=list)
    text: str = ""
    finish: Finish | None = None
    detail: str | None = None
    cut: bool = False
    wanted: tuple[int, ...] = ()
    """Tokens of which it is asked how likely each is as the next; `found` are their log-probabilities."""
    found: list[float] = field(default_factory=list)
    reading: Any = None
    """What it is a part of, where several prompts are read for one request."""
    noise: torch.Generator | None = None
    value: Tensor | None = None
    """What it was read for, where that is a score."""
    thought: thoughts.Pair | None = None
    """As `encoding.Encoded` has it."""
    sight: Any = None
    """As `encoding.Encoded` has it."""
    own: int = 1
    """How many of the prompt's last tokens are not shared with another's; the logits are read at the first of them."""

    def fail(self, detail: str) -> Draft:
        self.finish, self.detail = Finish.FAILED, detail
        return self

    def restart(self) -> Draft:
        self.ids, self.found, self.noise, self.finish, self.value = [], [], None, None, None
        return self

    @property
    def room(self) -> int:
        """Tokens that it may go on for before what is kept of it is moved to where there is more room."""
        return min(ROOM, self.generation.max_tokens - 1)

    def completion(self, **more: Any) -> Completion:
        """`more` are other fields of Completion, by name."""
        text = None if self.finish == Finish.FAILED else self.text
        if text is not None and self.thought is not None:
            text = self.thought.in_ours(text)
        return Completion(
            finish=self.finish or Finish.FAILED,
            text=text,
            detail=self.detail,
            cut=self.cut,
            usage=Usage(prompt_tokens=len(self.prompt), completion_tokens=len(self.ids)),
            **more,
        )


@dataclass(frozen=True)
class Choosing:
    """How tokens are chosen, and which of them end an answer."""

    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = 0
    repetition_penalty: float = 1.0
    ends: frozenset[int] = frozenset()

    @classmethod
    def of(cls, config: Any, tokenizer: Any) -> Choosing:
        """What the model's own generation_config.json says, for where a request leaves it to the model."""
        ends = config.eos_token_id if isinstance(config.eos_token_id, list) else [config.eos_token_id]
        stated = {"temperature": 1.0, **cls._stated(config)}
        if not config.do_sample:
            stated |= {"temperature": 0.0, "top_k": 0}
        return cls(**stated, ends=frozenset({*ends, tokenizer.eos_token_id} - {None}))

    def asked(self, generation: Generation) -> Choosing:
        """With what a request itself says."""
        return replace(self, **self._stated(generation))

    @staticmethod
    def _stated(where: Any) -> dict[str, Any]:
        names = ("temperature", "top_p", "top_k", "repetition_penalty")
        return {name: value for name in names if (value := getattr(where, name, None)) is not None}


class Sampler:
    """Greedy at temperature 0. Above it each answer has noise of its own, seeded by its request, so that what it says
    does not depend on what it is batched with."""

    def __init__(self, tokenizer: Any, defaults: Choosing) -> None:
        self.tokenizer, self.defaults = tokenizer, defaults
        self._texts: dict[int, str] = {}
        self._choosing: dict[Generation, Choosing] = {}
        roles = (tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id, tokenizer.unk_token_id)
        self._unsaid = {*defaults.ends, *roles}

    def choosing(self, generation: Generation) -> Choosing:
        """What a request says, and the model's own where it says nothing."""
        if generation not in self._choosing:
            self._choosing[generation] = self.defaults.asked(generation)
        return self._choosing[generation]

    def take(self, answers: Sequence[Draft], logits: Tensor) -> None:
        """Give each answer its next token; there is one row of logits for each."""
        self.note_wanted(answers, logits)
        chosen = logits.argmax(-1).tolist()
        for row, answer in enumerate(answers):
            how = self.choosing(answer.generation)
            if how.temperature != 0 or how.repetition_penalty != 1:
                chosen[row] = _draw(answer, how, logits[row].float())
            self.give(answer, chosen[row])

    def note_wanted(self, answers: Sequence[Draft], logits: Tensor) -> None:
        """How likely the tokens are that an answer asks for as its first."""
        rows = [row for row, answer in enumerate(answers) if answer.wanted and not answer.ids]
        if not rows:
            return
        most = max(len(answers[row].wanted) for row in rows)
        wanted = [[*answers[row].wanted, *[0] * (most - len(answers[row].wanted))] for row in rows]
        read = torch.log_softmax(logits[rows].float(), -1).gather(-1, torch.tensor(wanted, device=logits.device))
        for row, found in zip(rows, read.tolist(), strict=True):
            answers[row].found = found[: len(answers[row].wanted)]

    def give(self, answer: Draft, token: int) -> None:
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
        """Whether a stop sequence has come to stand in the text with the last token. A look at that token's text spares
        most answers to be decoded at each step: half a character, or a space that decoding drops, may end any."""
        last = self._text(ids[-1]) if stops else ""
        if not any(stop[-1] in last or "\ufffd" in last or stop[-1] == " " for stop in stops):
            return False
        recent = self.decode(ids[-TAIL - max(map(len, stops)) :])
        return any(stop in recent for stop in stops)

    def _text(self, token: int) -> str:
        """One token's text, special ones too."""
        if token not in self._texts:
            self._texts[token] = self.tokenizer.decode([token])
        return self._texts[token]

    def decode(self, ids: Sequence[int]) -> str:
        """Without what begins, ends or fills a text. Other special tokens are kept: some stand around a thought."""
        said = [token for token in ids if token not in self._unsaid]
        text: str = self.tokenizer.decode(said, skip_special_tokens=False, clean_up_tokenization_spaces=False)
        return text


def _draw(answer: Draft, how: Choosing, logits: Tensor) -> int:
    if how.repetition_penalty != 1:
        written = torch.as_tensor([*answer.prompt.tolist(), *answer.ids], device=logits.device).unique()
        logits = logits.index_copy(0, written, penalized(logits[written], how.repetition_penalty))
    if how.temperature == 0:
        return int(logits.argmax())
    logits, order = (logits / how.temperature).sort(descending=True, stable=True)
    chance = logits.softmax(-1)
    chance[(chance.cumsum(-1) - chance) >= how.top_p] = 0
    if how.top_k > 0:
        chance[how.top_k :] = 0
    if answer.noise is None:
        seed = answer.generation.seed
        answer.noise = torch.Generator(logits.device).manual_seed(
            int.from_bytes(os.urandom(7)) if seed is None else seed
        )
    # The race of exponential clocks: the first to ring is a draw with these chances.
    clocks = torch.empty_like(chance).exponential_(generator=answer.noise)
    return int(order[(chance / clocks).argmax()])


def penalized(scores: Tensor, penalty: float) -> Tensor:
    """Of tokens that stand there already."""
    return torch.where(scores < 0, scores * penalty, scores / penalty)
