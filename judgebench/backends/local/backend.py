"""All of it as one Backend: requests are encoded, packed and answered, a window of them at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import islice
from typing import Any, Literal

from transformers import AutoModelForCausalLM, AutoModelForImageTextToText

from judgebench.backends.local import memory, probe
from judgebench.backends.local.encoding import Encoded, Encoder
from judgebench.backends.local.loading import Checkpoint
from judgebench.backends.local.options import Reading
from judgebench.backends.local.packed import Packed, Reader
from judgebench.backends.local.padded import Padded
from judgebench.backends.local.sampling import Choosing, Draft, Sampler
from judgebench.backends.local.sight import BLANK, Eyes
from judgebench.errors import InputError
from judgebench.types import Completion, Request, Usage

WINDOW = 2_048
"""Requests that are sorted together: enough that those which share a beginning meet. Of a model that sees a sixteenth:
images take long to read, and an answer is not to wait for all of them."""


@dataclass
class Engines:
    """What answers a loaded model's requests. Without `packed`, all of them are padded."""

    packed: Packed | None
    padded: Padded
    reach: int | None
    """Beyond as many tokens, positions depend on the longest text in the batch: such a text is answered alone."""

    def alone(self, answer: Draft) -> bool:
        return self.reach is not None and len(answer.prompt) + answer.generation.max_tokens > self.reach


class LocalBackend:
    """Opening it reads the model's configuration and tokenizer; its weights are loaded for the first request."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.checkpoint = checkpoint
        eyes = Eyes(checkpoint) if checkpoint.sees else None
        self._encoder = Encoder(checkpoint.tokenizer, checkpoint.settings.model, checkpoint.context, eyes)

    def require_form(self, who: str, form: Literal["chat", "text", "images"]) -> None:
        if form == "images" and self._encoder.eyes is None:
            instead = "ask server:, api:, or a vision-language model in local:"
            raise InputError(f"{who} reads texts alone, and the items have images: {instead}")
        if form == "images" and not (seen := self._encoder.encode([BLANK])[0]).fits:
            raise InputError(f"{who}: {seen.detail}")
        if form == "chat":
            self._encoder.need_template(who, "choose a prompt that is one text, with -J prompt=")

    def require_options(self, who: str, asked: Request) -> None:
        """As types.Backend has it: each option is computed, whatever it is."""
        if asked.generation.top_logprobs is not None:
            raise InputError(f"{who} computes how likely each option is: logprobs is for server: and api:")

    def quote(self, request: Request) -> Usage:
        """The prompt as the model's tokenizer counts it; nobody charges for it."""
        (encoded,) = self._encoder.encode([request])
        return Usage(prompt_tokens=len(encoded.tokens), completion_tokens=request.generation.max_tokens, cost=0.0)

    def complete(self, requests: Iterable[Request]) -> Iterator[tuple[int, Completion]]:
        for answer in self._answered(requests):
            completion = answer.reading.end() if answer.reading else answer.completion()
            if completion is not None:
                yield answer.index, completion

    def _answered(self, requests: Iterable[Request]) -> Iterator[Draft]:
        aside: list[Draft] = []
        windows = self._windows(requests, aside)
        apart = self._encoder.eyes or not self.engines.packed
        for part in ([window] for window in windows) if apart else (windows,):
            if self.engines.packed:
                yield from self.engines.packed.run(part)
            yield from self._padded(aside)
            aside.clear()

    def _windows(self, requests: Iterable[Request], aside: list[Draft]) -> Iterator[list[Draft]]:
        """What can be packed; what cannot, or is too long to be asked, is put aside."""
        numbered = enumerate(requests)
        while window := list(islice(numbered, WINDOW // 16 if self._encoder.eyes else WINDOW)):
            packable: list[Draft] = []
            encoded = self._encoder.encode([request for _, request in window])
            for (index, request), one in zip(window, encoded, strict=True):
                other = one.sight or (request.generation.num_beams or 1) > 1 or not self.engines.packed
                for answer in self._drafts(index, request, one):
                    apart = answer.finish or other or self.engines.alone(answer)
                    (aside if apart else packable).append(answer)
            yield packable

    @staticmethod
    def _drafts(index: int, request: Request, one: Encoded) -> Iterable[Draft]:
        said: dict[str, Any] = {"detail": one.detail, "cut": one.cut, "sight": one.sight}
        if one.fits and one.options:
            return Reading.of(index, request, one.tokens, one.options, **said).drafts.values()
        answer = Draft(index, one.tokens, request.generation, thought=one.thought, **said)
        return [answer if one.fits else answer.fail(one.detail or "")]

    def _padded(self, aside: list[Draft]) -> Iterator[Draft]:
        yield from (answer for answer in aside if answer.finish)
        for alone in (False, True):
            chosen = [answer for answer in aside if not answer.finish and self.engines.alone(answer) == alone]
            yield from self.engines.padded.run(chosen, together=not alone)

    @cached_property
    def engines(self) -> Engines:
        """Loads the weights."""
        model = self.checkpoint.load(AutoModelForImageTextToText if self.checkpoint.sees else AutoModelForCausalLM)
        sampler = Sampler(self.checkpoint.tokenizer, Choosing.of(model.generation_config, self.checkpoint.tokenizer))
        packs = probe.packable(self.checkpoint, model, Reader, 3, otherwise="run in padded batches")
        budget = partial(memory.budget, model, self.checkpoint.settings.batch_tokens)
        packed = Packed(Reader(model), sampler.take, budget()) if packs else None
        return Engines(packed, Padded(model, sampler, budget()), reach(model.config))


def reach(config: Any) -> int | None:
    """From how many tokens on the model's rotary positions change with the length of what it reads."""
    text = config.get_text_config()
    rope = getattr(text, "rope_parameters", None) or {}
    kinds = {rope.get("rope_type"), *(one.get("rope_type") for one in rope.values() if isinstance(one, dict))}
    if not kinds & {"dynamic", "longrope"}:
        return None
    made_for = rope.get("original_max_position_embeddings") or getattr(text, "original_max_position_embeddings", None)
    return int(made_for or text.max_position_embeddings)
