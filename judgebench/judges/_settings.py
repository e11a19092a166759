"""The -J options that belong to prompts, checked before anything is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from judgebench import parsers, prompts
from judgebench.errors import InputError
from judgebench.models import SAMPLING
from judgebench.options import Option, as_typed, switch, whole, words
from judgebench.types import CANDIDATES, Backend, Generation, Request


def _letters(text: str) -> str:
    if len(text) < 2 or len(set(text)) < len(text) or not set(text) <= set(prompts.LETTERS):
        raise ValueError
    return text


PROMPT_OPTIONS = (
    Option("prompt", "the prompt's name: `judgebench ls prompts`"),
    Option("parser", "how the answer is read; otherwise as the prompt says"),
    words(
        "verdict",
        "text; json, an object by a schema, which the provider is sent too; or forced: from how likely each of the "
        "prompt's options is where the verdict stands (logprobs is an older word for it)",
        ("text", "json", "forced"),
        {"logprobs": "forced"},
    ),
    whole(
        "logprobs", "with verdict=forced through server: or api:, how many candidates for the first token to ask for"
    ),
    Option(
        "letters",
        "with verdict=forced, what the responses are called in shown order: BA exchanges the letters",
        _letters,
        "different capital letters, as in BA or XY",
        default=prompts.LETTERS,
    ),
    switch("tie", "yes or no: whether a tie may be the verdict"),
    switch("confidence", "yes: ask for a confidence, for calibration and risk-coverage"),
    switch("explain", "yes: the answer may give its reasons"),
    *SAMPLING,
)
"""The -J options that belong to prompts; a backend takes the others."""


@dataclass(frozen=True)
class Settings:
    """What a judge is asked, and how its answer is read. `forced` takes the verdict from the probabilities of the
    prompt's options. `usual` is what each option would have been if it had not been given."""

    prompt: prompts.Prompt
    parser: str
    tie: bool
    confidence: bool
    forced: bool
    generation: Generation
    usual: Mapping[str, Any]
    letters: str = prompts.LETTERS
    json: bool = False

    @property
    def protocol(self) -> dict[str, Any]:
        options = {option: list(spellings) for option, spellings in self.spelled(self.fewest).items()}
        return {
            "prompt": self.prompt.id,
            "prompt_hash": self.prompt.hash,
            "parser": self.parser,
            "tie": self.tie,
            "confidence": self.confidence,
            "verdict": "forced" if self.forced else "json" if self.json else "text",
            **({"asks": self.object(parsers.Asked(self.fewest, self.prompt.front.scale))[0]} if self.json else {}),
            **({"options": options, "lead": self.prompt.front.lead} if self.forced else {}),
            **({} if self.letters == prompts.LETTERS else {"letters": self.letters}),
            "generation": {"temperature": self.generation.temperature, **msgspec.to_builtins(self.generation)},
        }

    @property
    def fewest(self) -> int:
        """The fewest responses that one request may show."""
        return 1 if self.prompt.front.shows == "one" else self.prompt.front.responses[0]

    def object(self, asked: parsers.Asked) -> tuple[str, dict[str, Any]]:
        """What is put behind the prompt with verdict=json, and the schema of the object that it asks for."""
        verdict = parsers.field(self.parser, asked, tie=self.tie)
        reason = parsers.Field("reason", {"type": "string"}, '"the work in the order above, and what decides"')
        sure = parsers.Field("confidence", {"type": "integer", "minimum": 0, "maximum": 100}, "N")
        wanted = [*([reason] if self.prompt.front.reasons else []), *([sure] if self.confidence else []), verdict]
        fields = [field for field in wanted if field is not None]
        sentence = prompts.in_json({field.key: field.words for field in fields})
        properties = {field.key: dict(field.schema) for field in fields}
        closed = {"required": list(properties), "additionalProperties": False}
        return sentence, {"type": "object", "properties": properties, **closed}

    def voting(self, shown: int) -> dict[str, tuple[float, ...]]:
        """What a forced verdict on so many responses may be, and the scores that each option stands for."""
        options = self.prompt.front.options(shown)
        if self.letters != prompts.LETTERS:
            called = dict(zip(prompts.LETTERS, self.letters))
            options = {called.get(option, option): scores for option, scores in options.items()}
        if self.tie or shown == 1:
            return options
        return {option: scores for option, scores in options.items() if len(set(scores)) > 1}

    def spelled(self, shown: int) -> dict[str, tuple[str, ...]]:
        """Those options, each in all its spellings."""
        return {option: self.prompt.front.spelled(option) for option in self.voting(shown)}


def settings(judge: str, options: Mapping[str, Any], default_prompt: str, writer: Backend) -> Settings:
    """What the values of the options make of the prompt, for who writes. InputError names the judge, and which option
    does not go with it."""
    prompt = prompts.load(options.get("prompt", default_prompt))
    front = prompt.front
    parser = options.get("parser", front.parser)
    parsers.parser(parser)
    switches = {"tie": front.tie, "confidence": False, "explain": False}
    switched = {name: bool(options.get(name, usual)) for name, usual in switches.items()}
    for name, wanted in switched.items():
        if wanted != switches[name] and name not in front.settings:
            raise InputError(f"{judge}: prompt {prompt.id} has {name}={as_typed(switches[name])}, and no other")
    forced = options.get("verdict") == "forced"
    if not forced and "logprobs" in options:
        raise InputError(f"{judge}: logprobs says how many tokens to look at, and goes with verdict=forced")
    letters = options.get("letters", prompts.LETTERS)
    if letters != prompts.LETTERS and not (forced and prompt.has_free_letters):
        raise InputError(f"{judge}: letters go with verdict=forced and a prompt that names none itself, as pairwise")
    usual = front.explained if switched["explain"] and front.explained else front.generation
    if forced:  # one token, chosen by nobody: what is asked for is the distribution that it comes from
        usual = Generation(max_tokens=1, temperature=usual.temperature)
    sampling = {option.name: options[option.name] for option in SAMPLING if option.name in options}
    generation = msgspec.structs.replace(usual, **sampling)
    defaults = {option.name: getattr(usual, option.name) for option in SAMPLING}
    defaults |= {"prompt": default_prompt, "parser": front.parser, **switches}
    tie, confidence, json = switched["tie"], switched["confidence"], options.get("verdict") == "json"
    chosen = Settings(prompt, parser, tie, confidence, forced, generation, defaults, letters, json)
    if json and not _in_json(chosen.prompt, parser):
        own = [name for name in prompts.names() if _in_json(made := prompts.load(name), made.front.parser)]
        raise InputError(
            f"{judge}: prompt {prompt.id} with parser {parser} asks for its authors' own form; verdict=json is for "
            f"prompts of your own and for {', '.join(own)}"
        )
    return _forced(judge, chosen, options, writer) if forced else chosen


def _in_json(prompt: prompts.Prompt, parser: str) -> bool:
    """Whether a prompt can be asked for an object in place of its own form. One by other authors stays as it is."""
    return not prompt.sources and prompt.front.form == "chat" and parsers.field(parser, parsers.Asked()) is not None


def _forced(judge: str, chosen: Settings, options: Mapping[str, Any], writer: Backend) -> Settings:
    """With what a forced verdict is looked for among. InputError where it cannot be forced."""
    front, spelled = chosen.prompt.front, chosen.spelled(chosen.fewest)
    if not spelled:
        raise InputError(f"{judge}: prompt {chosen.prompt.id} doesn't say what its verdict may be; use verdict=text")
    theirs = {name: usual for name, usual in chosen.usual.items() if name not in ("prompt", "tie")}
    idle = [name for name, usual in theirs.items() if options.get(name, usual) not in (None, usual)]
    if idle:
        raise InputError(f"{judge}: verdict=forced has nothing written or drawn; leave out {', '.join(idle)}")
    generation = msgspec.structs.replace(chosen.generation, top_logprobs=options.get("logprobs"))
    asked = Request(generation=generation, options=tuple(spelled.values()), lead=front.lead)
    generation = msgspec.structs.replace(generation, top_logprobs=writer.require_options(judge, asked))
    return replace(chosen, generation=generation, usual={**chosen.usual, "logprobs": CANDIDATES})
