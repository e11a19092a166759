"""The -J options that belong to prompts, checked before anything is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from judgebench import parsers, prompts
from judgebench.errors import InputError
from judgebench.models import SAMPLING
from judgebench.options import Option, as_typed, switch, whole, words
from judgebench.types import Generation

PROMPT_OPTIONS = (
    Option("prompt", "the prompt's name: `judgebench ls prompts`"),
    Option("parser", "how the answer is read; otherwise as the prompt says"),
    words("verdict", "text, or logprobs: a soft verdict from the first token's probabilities", ("text", "logprobs")),
    whole("logprobs", "with verdict=logprobs: how many candidates for the first token to look at"),
    switch("tie", "yes or no: whether a tie may be the verdict"),
    switch("confidence", "yes: ask for a confidence, for calibration and risk-coverage"),
    switch("explain", "yes: the answer may give its reasons"),
    *SAMPLING,
)
"""The -J options that belong to prompts; a backend takes the others."""
_CANDIDATES = 20


@dataclass(frozen=True)
class Settings:
    """What a judge is asked, and how its answer is read. `soft` takes the verdict from the first token's
    probabilities. `usual` is what each option would have been if it had not been given."""

    prompt: prompts.Prompt
    parser: str
    tie: bool
    confidence: bool
    soft: bool
    generation: Generation
    usual: Mapping[str, Any]

    @property
    def protocol(self) -> dict[str, Any]:
        return {
            "prompt": self.prompt.id,
            "prompt_hash": self.prompt.hash,
            "parser": self.parser,
            "tie": self.tie,
            "confidence": self.confidence,
            "verdict": "logprobs" if self.soft else "text",
            "generation": {"temperature": self.generation.temperature, **msgspec.to_builtins(self.generation)},
        }


def settings(judge: str, options: Mapping[str, Any], default_prompt: str) -> Settings:
    """What the values of the options make of the prompt. InputError names the judge, and which option does not go with
    it."""
    prompt = prompts.load(options.get("prompt", default_prompt))
    front = prompt.front
    parser = options.get("parser", front.parser)
    parsers.parser(parser)
    switches = {"tie": front.tie, "confidence": False, "explain": False}
    switched = {name: bool(options.get(name, usual)) for name, usual in switches.items()}
    for name, wanted in switched.items():
        if wanted != switches[name] and name not in front.settings:
            raise InputError(f"{judge}: prompt {prompt.id} has {name}={as_typed(switches[name])}, and no other")
    soft = options.get("verdict") == "logprobs"
    if not soft and "logprobs" in options:
        raise InputError(f"{judge}: logprobs says how many tokens to look at, and goes with verdict=logprobs")
    if soft and not front.tokens:
        raise InputError(
            f"{judge}: prompt {prompt.id} doesn't have the answer begin with the verdict; use verdict=text"
        )
    usual = front.explained if switched["explain"] and front.explained else front.generation
    if soft:  # one token, no beams: what is asked for is the distribution it comes from
        usual = msgspec.structs.replace(usual, max_tokens=1, num_beams=None, stop=())
    sampling = {option.name: options[option.name] for option in SAMPLING if option.name in options}
    candidates = options.get("logprobs", _CANDIDATES) if soft else None
    generation = msgspec.structs.replace(usual, **sampling, top_logprobs=candidates)
    defaults = {option.name: getattr(usual, option.name) for option in SAMPLING}
    defaults |= {"prompt": default_prompt, "parser": front.parser, "logprobs": _CANDIDATES, **switches}
    return Settings(prompt, parser, switched["tie"], switched["confidence"], soft, generation, defaults)
