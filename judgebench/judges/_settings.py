"""The -J options that belong to prompts, checked before anything is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from judgebench import parsers, prompts
from judgebench.errors import InputError
from judgebench.models import SAMPLING
from judgebench.options import Option, as_typed, listed, switch, whole, words
from judgebench.types import CANDIDATES, Backend, Generation, Question, Request

PLACEBO = 200


def _each(text: str) -> tuple[str, ...]:
    if text in ("letters", "own"):
        return tuple(prompts.LETTERS) if text == "letters" else ()
    return tuple(text.split("/") if "/" in text else text)


def _words(text: str) -> str:
    each = [word.casefold() for word in _each(text)]
    if not re.fullmatch(r"letters|own|[A-Z0-9]{2,}|[^\W_]+(/[^\W_]+)+", text) or len({*each, "tie"}) <= len(each):
        raise ValueError
    return text


def _items(text: str) -> int:
    return 0 if text == "no" else whole("placebo", "").reader(text)


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
        "logprobs",
        "with verdict=forced through server: or api:, look among that many candidates for the first token, also where "
        "the server could tell whole labels",
    ),
    Option(
        "words",
        "with verdict=forced, what the responses are called in shown order: BA exchanges the letters, first/second "
        "are none; of labels, letters calls them A, B, ... with their names beside, and own by their names alone",
        _words,
        "letters, own, different capital letters or digits (BA, 12), or different words but tie (first/second)",
    ),
    Option("letters", "the same as words", _words, "different capital letters or digits, as in BA or 12"),
    words("labels", "in which order the labels of a question are listed", ("given", "reversed")),
    Option(
        "placebo",
        "with verdict=forced, of how many items (200) the trials are asked once more with the words exchanged, or no",
        _items,
        "a number of items, or no",
        metavar="N",
        harmless="it is asked beside the run",
    ),
    Option("hide", "materials that are not shown, as in a,b", lambda text: ",".join(sorted(listed(text)))),
    words("map", "linear: puts a rating on the prompt's scale on that of gold", ("none", "linear")),
    switch("tie", "yes or no: whether a tie may be the verdict"),
    switch("confidence", "yes: ask for a confidence, for calibration and risk-coverage"),
    switch("explain", "yes: the answer may give its reasons"),
    *SAMPLING,
)
"""The -J options that belong to prompts; a backend takes the others."""


@dataclass(frozen=True)
class Settings:
    """What a judge is asked, and how its answer is read. `forced` takes the verdict from the probabilities of the
    prompt's options, which go by these `words`; of so many items a `placebo` asks again. `usual` is what each option
    would have been if it had not been given."""

    prompt: prompts.Prompt
    parser: str
    tie: bool
    confidence: bool
    forced: bool
    generation: Generation
    usual: Mapping[str, Any]
    words: prompts.Words
    placebo: int
    hide: Sequence[str] = ()
    mapped: bool = False
    """Whether a rating on the prompt's scale is put on that of the question."""
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
            **({"hide": self.hide} if self.hide else {}),
            **({"map": "linear"} if self.mapped else {}),
            **({} if self.words.words == self.prompt.usual_words else {"words": list(self.words.words)}),
            **({"labels": "reversed"} if self.words.reversed else {}),
            "generation": {"temperature": self.generation.temperature, **msgspec.to_builtins(self.generation)},
        }

    def on_scale(self, scores: Sequence[float], question: Question) -> Sequence[float]:
        """The scores, on the question's scale where they are to be put on it."""
        ours, theirs = self.prompt.front.scale, question.scale
        if not (self.mapped and ours and theirs):
            return scores
        return [theirs[0] + (score - ours[0]) * (theirs[1] - theirs[0]) / (ours[1] - ours[0]) for score in scores]

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

    def voting(self, shown: int, labels: tuple[str, ...] = ()) -> dict[str, tuple[float, ...]]:
        """What a forced verdict on so many responses, or with one of these labels, may be, and the scores that each
        option stands for."""
        if labels:
            called = self.words.of_labels(labels)
            return {word: tuple(float(label == other) for other in labels) for label, word in called.items()}
        called = dict(zip(prompts.LETTERS, self.words.of(shown)))
        options = {called.get(one, one): scores for one, scores in self.prompt.front.options(shown).items()}
        if self.tie or shown == 1:
            return options
        return {option: scores for option, scores in options.items() if len(set(scores)) > 1}

    def spelled(self, shown: int, labels: tuple[str, ...] = ()) -> dict[str, tuple[str, ...]]:
        """Those options, each in all its spellings."""
        return {option: self.prompt.front.spelled(option) for option in self.voting(shown, labels)}


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
    called = _called(judge, prompt, options, forced=forced)
    free = forced and called.words and prompt.takes(called)
    usual = front.explained if switched["explain"] and front.explained else front.generation
    if forced:  # one token, chosen by nobody: what is asked for is the distribution that it comes from
        usual = Generation(max_tokens=1, temperature=usual.temperature)
    sampling = {option.name: options[option.name] for option in SAMPLING if option.name in options}
    generation = msgspec.structs.replace(usual, **sampling)
    defaults = {option.name: getattr(usual, option.name) for option in SAMPLING}
    defaults |= {"prompt": default_prompt, "parser": front.parser, **switches}
    defaults["words"] = "letters" if prompt.usual_words else "own"
    json = options.get("verdict") == "json"
    placebo = options.get("placebo", PLACEBO) if free else 0
    if options.get("placebo") and not free:
        raise InputError(f"{judge}: a placebo goes with verdict=forced and words that mean nothing (words=letters)")
    chosen = Settings(
        prompt=prompt,
        parser=parser,
        tie=switched["tie"],
        confidence=switched["confidence"],
        forced=forced,
        json=json,
        generation=generation,
        usual=defaults,
        words=called,
        placebo=placebo,
        hide=listed(options.get("hide", "")),
        mapped=options.get("map") == "linear",
    )
    if json and not _in_json(chosen.prompt, parser):
        own = [name for name in prompts.names() if _in_json(made := prompts.load(name), made.front.parser)]
        raise InputError(
            f"{judge}: prompt {prompt.id} with parser {parser} asks for its authors' own form; verdict=json is for "
            f"prompts of your own and for {', '.join(own)}"
        )
    return _forced(judge, chosen, options, writer) if forced else chosen


def _called(judge: str, prompt: prompts.Prompt, options: Mapping[str, Any], *, forced: bool) -> prompts.Words:
    """What the options go by. InputError where the prompt does not have that."""
    if "letters" in options and "words" in options:
        raise InputError(f"{judge}: letters and words say the same; give one of them")
    typed = options.get("words", options.get("letters"))
    each = prompt.usual_words if typed is None else _each(typed)
    called = prompts.Words(each, reversed=options.get("labels") == "reversed")
    if called.reversed and prompt.front.asks != "class":
        raise InputError(f"{judge}: labels go with a prompt that lists them, as class")
    if each != prompt.usual_words and not (forced and prompt.takes(called)):
        raise InputError(f"{judge}: words go with verdict=forced and a prompt that names none itself, as pairwise")
    return called


def _in_json(prompt: prompts.Prompt, parser: str) -> bool:
    """Whether a prompt can be asked for an object in place of its own form. One by other authors stays as it is."""
    return not prompt.sources and prompt.front.form == "chat" and parsers.field(parser, parsers.Asked()) is not None


def _forced(judge: str, chosen: Settings, options: Mapping[str, Any], writer: Backend) -> Settings:
    """With what a forced verdict is looked for among. InputError where it cannot be forced."""
    front, labelled = chosen.prompt.front, chosen.prompt.front.asks == "class"
    # Labels are known when the first trial comes; with words of their own they stand for any two.
    spelled = chosen.spelled(chosen.fewest, ("no", "yes") if labelled and chosen.words.words else ())
    if not spelled and not labelled:
        raise InputError(f"{judge}: prompt {chosen.prompt.id} doesn't say what its verdict may be; use verdict=text")
    theirs = {name: usual for name, usual in chosen.usual.items() if name not in ("prompt", "tie", "words")}
    idle = [name for name, usual in theirs.items() if options.get(name, usual) not in (None, usual)]
    if idle:
        raise InputError(f"{judge}: verdict=forced has nothing written or drawn; leave out {', '.join(idle)}")
    generation = msgspec.structs.replace(chosen.generation, top_logprobs=options.get("logprobs"))
    asked = Request(generation=generation, options=tuple(spelled.values()), lead=front.lead)
    generation = msgspec.structs.replace(generation, top_logprobs=writer.require_options(judge, asked))
    return replace(chosen, generation=generation, usual={**chosen.usual, "logprobs": CANDIDATES})
