"""The -J options that belong to prompts, checked before anything is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

import msgspec

from judgebench import parsers, prompts
from judgebench.errors import InputError
from judgebench.types import Generation


def _amount(text: str) -> float:
    number = float(text)
    if not isfinite(number) or number < 0:
        raise ValueError
    return number


def _count(text: str) -> int:
    number = _whole(text)
    if number < 1:
        raise ValueError
    return number


def _whole(text: str) -> int:
    if len(text) > 18:
        raise ValueError
    return int(text)


_READERS: dict[str, tuple[Callable[[str], float], str]] = {
    "temperature": (_amount, "a number from 0"),
    "top_p": (_amount, "a number from 0"),
    "top_k": (_count, "a whole number from 1"),
    "max_tokens": (_count, "a whole number from 1"),
    "num_beams": (_count, "a whole number from 1"),
    "repetition_penalty": (_amount, "a number from 0"),
    "seed": (_whole, "a whole number"),
    "logprobs": (_count, "a whole number from 1"),
}
_SAMPLING = tuple(name for name in _READERS if name != "logprobs")
PROMPT_OPTIONS = {
    "prompt": "the prompt's name: `judgebench ls prompts`",
    "parser": "how the answer is read; otherwise as the prompt says",
    "verdict": "text, or logprobs: a soft verdict from the first token's probabilities",
    "tie": "yes or no: whether a tie may be the verdict",
    "confidence": "yes: ask for a confidence, for calibration and risk-coverage",
    "explain": "yes: the answer may give its reasons",
    "temperature": "0 unless the prompt says otherwise; none leaves it to the model",
    "top_p": "nucleus sampling",
    "top_k": "sampling among the likeliest tokens",
    "max_tokens": "of an answer",
    "num_beams": "beam search, where the backend has it",
    "repetition_penalty": "above 1 repeats less",
    "seed": "for sampling",
    "logprobs": "with verdict=logprobs: how many candidates for the first token to look at",
}
"""The -J options that belong to prompts; a backend takes the others."""
_CANDIDATES = 20


@dataclass(frozen=True)
class Settings:
    """What a judge is asked, and how its answer is read. `soft` takes the verdict from the first token's
    probabilities. `changed` is what the user wants otherwise than the prompt, in the words of the options."""

    prompt: prompts.Prompt
    parser: str
    tie: bool
    confidence: bool
    soft: bool
    generation: Generation
    changed: Mapping[str, str]

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


def settings(judge: str, options: Mapping[str, str], default_prompt: str) -> Settings:
    """What the options make of the prompt. InputError names the judge, the option and what it may be."""
    prompt = prompts.load(options.get("prompt", default_prompt))
    front = prompt.front
    parser = options.get("parser", front.parser)
    parsers.parser(parser)
    switches = {"tie": front.tie, "confidence": False, "explain": False}
    switched = {name: _switch(judge, prompt, options, name, default) for name, default in switches.items()}
    soft = _soft(judge, prompt, options)
    candidates = _read(judge, options, "logprobs") if "logprobs" in options else _CANDIDATES

    usual = front.explained if switched["explain"] and front.explained else front.generation
    if soft:  # one token, no beams: what is asked for is the distribution it comes from
        usual = msgspec.structs.replace(usual, max_tokens=1, num_beams=None, stop=())
    sampling = {name: _read(judge, options, name) for name in _SAMPLING if name in options}
    generation = msgspec.structs.replace(usual, **sampling, top_logprobs=candidates if soft else None)

    compared = (
        ("prompt", options.get("prompt", default_prompt), default_prompt),
        ("parser", parser, front.parser),
        ("verdict", "logprobs" if soft else "text", "text"),
        ("logprobs", candidates, _CANDIDATES),
        *((name, switched[name], switches[name]) for name in switches),
        *((name, getattr(generation, name), getattr(usual, name)) for name in _SAMPLING),
    )
    changed = {name: _words(chosen) for name, chosen, default in compared if chosen != default}
    return Settings(prompt, parser, switched["tie"], switched["confidence"], soft, generation, changed)


def _soft(judge: str, prompt: prompts.Prompt, options: Mapping[str, str]) -> bool:
    verdict = options.get("verdict", "text")
    if verdict not in ("text", "logprobs"):
        raise InputError(f"{judge}: verdict is text or logprobs, not {verdict!r}")
    if verdict == "text" and "logprobs" in options:
        raise InputError(f"{judge}: logprobs says how many tokens to look at, and goes with verdict=logprobs")
    if verdict == "logprobs" and not prompt.front.tokens:
        raise InputError(
            f"{judge}: prompt {prompt.id} doesn't have the answer begin with the verdict; use verdict=text"
        )
    return verdict == "logprobs"


def _switch(judge: str, prompt: prompts.Prompt, options: Mapping[str, str], name: str, default: bool) -> bool:  # noqa: FBT001
    words = {"yes": True, "true": True, "no": False, "false": False}
    typed = options.get(name, _words(default)).lower()
    if typed not in words:
        raise InputError(f"{judge}: {name} is yes or no, not {options[name]!r}")
    if words[typed] != default and name not in prompt.front.settings:
        raise InputError(f"{judge}: prompt {prompt.id} has {name}={_words(default)}, and no other")
    return words[typed]


def _read(judge: str, options: Mapping[str, str], name: str) -> Any:
    read, what = _READERS[name]
    may_be_none = name not in ("max_tokens", "logprobs")
    if may_be_none and options[name].lower() == "none":
        return None
    try:
        return read(options[name])
    except ValueError as error:
        choice = f"{what}, or none to leave it to the model" if may_be_none else what
        raise InputError(f"{judge}: {name} is {choice}, not {options[name]!r}") from error


def _words(setting: Any) -> str:
    if setting is None:
        return "none"
    if isinstance(setting, bool):
        return "yes" if setting else "no"
    return str(setting).removesuffix(".0")
