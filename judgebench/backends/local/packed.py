"""Generation over packs: each forward pass reads new prompts and gives every answer under way one more token.

So a device never runs for a few lonely rows while prompts are waiting, and nothing is padded: the prompts lie end to
end, and the answers have one row each.
"""

from __future__ import annotations

import inspect
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from judgebench.backends.local import memory
from judgebench.backends.local.packing import Budget, Tokens, fill, pack, sort_key
from judgebench.backends.local.plan import ForwardPass, Kept, Prompts, Unpackable, own_attention
from judgebench.backends.local.sampling import Draft


def device_of(model: Any) -> torch.device:
    """Where tokens enter a model, which may be spread over several."""
    device: torch.device = model.get_input_embeddings().weight.device
    return device


class Reader:
    """A causal language model that reads packs."""

    def __init__(self, model: Any) -> None:
        if "logits_to_keep" not in inspect.signature(model.forward).parameters:
            raise Unpackable("its forward has no logits_to_keep")
        self.model = model
        self.device = device_of(model)
        self.spread = len(set(getattr(model, "hf_device_map", {}).values())) > 1

    def read(self, plan: ForwardPass, rows: Sequence[int], tokens: Tokens, positions: Tokens) -> Tensor:
        """Logits of the token after each of the `rows`."""
        if not self.spread:
            return self._forward(self.model, plan, tokens, positions, logits_to_keep=self._put(rows)).logits[0]
        # Spread over devices, a model does not bring `logits_to_keep` to where its last layer is.
        return self._headed(self.model.get_decoder(), self.model.get_output_embeddings(), plan, rows, tokens, positions)

    @torch.inference_mode()
    def _headed(self, base: Any, head: Any, plan: ForwardPass, rows: Sequence[int], *read: Tokens) -> Tensor:
        hidden = self._forward(base, plan, *read).last_hidden_state[0]
        scores: Tensor = head(hidden[self._put(rows).to(hidden.device)])
        return scores

    @torch.inference_mode()
    def _forward(self, model: Any, plan: ForwardPass, tokens: Tokens, positions: Tokens, **more: Any) -> Any:
        with plan.active():
            return model(
                input_ids=self._put(tokens)[None], position_ids=self._put(positions)[None], use_cache=False, **more
            )

    def _put(self, numbers: Any) -> Tensor:
        return torch.as_tensor(numbers, dtype=torch.long).to(self.device)


Take = Callable[[Sequence[Draft], Tensor], None]
"""Makes something of the logits: a sampler's, or what reads a score off them. An answer that needs no more tokens gets
its `finish`."""


@dataclass
class Batch:
    """Prompts that are read together. `taken` is whether they have their first token, and are a group."""

    answers: list[Draft]
    taken: bool = False

    def __post_init__(self) -> None:
        self.tree = pack(self.answers)
        self.room = max(answer.room for answer in self.answers)
        self.prompts = Prompts(self.tree, [answer.own for answer in self.answers], self.room or None)

    @property
    def held(self) -> int:
        """Tokens that there must be memory for after it is read."""
        return self.tree.asked + self.room * len(self.answers) if self.room else 0


@dataclass
class Group:
    """Answers whose prompts were read together, and what is kept of them."""

    answers: list[Draft]
    kept: Kept

    @property
    def sound(self) -> bool:
        """Whether all go on, and all their tokens but the last are kept: a failed pass may leave it torn."""
        had = [len(one.prompt) + len(one.ids) - 1 for one in self.answers if not one.finish]
        return self.kept.whole and self.kept.lengths == had


@dataclass
class Packed:
    """The engine: prompts in, ended answers out, in the order in which they end."""

    reader: Reader
    take: Take
    budget: Budget
    counted: Counter[str] = field(default_factory=Counter)
    """What was done: forward `passes`, tokens `computed` in them for prompts, tokens that the prompts have (`asked`),
    tokens `generated`, and how often memory `ran_out`."""
    _queue: deque[Batch] = field(default_factory=deque)
    _groups: list[Group] = field(default_factory=list)
    _ended: list[Draft] = field(default_factory=list)
    _draining: bool = False

    def run(self, windows: Iterable[Iterable[Draft]]) -> Iterator[Draft]:
        """Answers as they end. A window is what is sorted together; the next is asked for while the device works."""
        self._queue, self._groups, self._ended = deque(), [], []  # a run may have been broken off
        packs = (Batch(members) for window in windows for members in fill(sorted(window, key=sort_key), self.budget))
        with own_attention(self.reader.model):
            while (batch := self._admit(packs)) or self._groups:
                if not memory.fits(partial(self._pass, batch, packs), self.budget):
                    self._make_do(batch)
                ended, self._ended = self._ended, []
                yield from ended

    def _prepare(self, packs: Iterator[Batch]) -> None:
        if not self._queue and (batch := next(packs, None)):
            self._queue.append(batch)

    def _admit(self, packs: Iterator[Batch]) -> Batch | None:
        """The next pack, if there is one, and room to keep it."""
        self._prepare(packs)
        self._draining = self._draining and bool(self._groups)
        if not self._queue or self._draining:
            return None
        held = sum(group.kept.held for group in self._groups)
        return None if held and held + self._queue[0].held > self.budget.kept else self._queue.popleft()

    def _pass(self, batch: Batch | None, packs: Iterator[Batch]) -> None:
        logits = self._read(batch)
        self._prepare(packs)  # while the device is at work
        self._take(batch, logits)

    def _read(self, batch: Batch | None) -> Tensor:
        kept = [group.kept for group in self._groups]
        for one in kept:
            one.open()
        prompts = batch.prompts if batch else None
        first, read = (prompts.count, prompts.own) if prompts else (0, [])
        tokens = np.array([answer.ids[-1] for group in self._groups for answer in group.answers], np.int64)
        positions = np.array([length for one in kept for length in one.lengths], np.int64)
        self.counted["passes"] += 1
        if batch:
            self.counted["computed"] += batch.tree.computed
            self.counted["asked"] += batch.tree.asked
        return self.reader.read(
            ForwardPass(prompts, kept),
            [*read, *range(first, first + len(tokens))],
            np.concatenate([prompts.tokens, tokens]) if prompts else tokens,
            np.concatenate([prompts.positions, positions]) if prompts else positions,
        )

    def _take(self, batch: Batch | None, logits: Tensor) -> None:
        """Give everyone the next token, and let go of those that have ended."""
        for group in self._groups:
            group.kept.close()
        fresh = batch.answers if batch else []
        everyone = [*fresh, *(answer for group in self._groups for answer in group.answers)]
        self.take(everyone, logits)
        self._ended += [answer for answer in everyone if answer.finish]
        self.counted["generated"] += len(everyone)
        if batch:
            batch.taken = True
            if batch.prompts.kept:
                self._groups.append(Group(fresh, batch.prompts.kept))
        going_on = []
        for group in self._groups:
            going_on.append([place for place, answer in enumerate(group.answers) if not answer.finish])
            group.answers = [group.answers[place] for place in going_on[-1]]
        for group, places in zip(self._groups, going_on, strict=True):
            group.kept.keep(places)
        self._groups = [group for group in self._groups if group.answers]

    def _make_do(self, batch: Batch | None) -> None:
        """Memory ran out: what was under way is asked again, half as much at a time."""
        self.counted["ran_out"] += 1
        fresh = [] if batch is None or batch.taken else batch.answers
        alone = len(fresh) + sum(len(group.answers) for group in self._groups) == 1
        torn = [group for group in self._groups if not group.sound]
        self._groups = [group for group in self._groups if group.sound]
        if not fresh and not torn and self._groups:
            torn.append(self._groups.pop())
        ended = set(map(id, self._ended))
        for part in (fresh, *(group.answers for group in torn)):
            answers = [answer for answer in part if id(answer) not in ended]
            if alone and answers:
                tokens = len(answers[0].prompt) + len(answers[0].ids)
                self._ended.append(answers[0].fail(f"out of memory with {tokens:,} tokens"))
            elif answers:
                self._draining = bool(self._groups)
                middle = (len(answers) + 1) // 2
                for half in filter(None, (answers[middle:], answers[:middle])):
                    self._queue.appendleft(Batch([answer.restart() for answer in half]))
