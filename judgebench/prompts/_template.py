"""Renders trials as requests, and keeps the texts in them from being taken for anything but texts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import jinja2
import jinja2.sandbox

from judgebench import resources
from judgebench.characters import INVISIBLE
from judgebench.errors import InputError
from judgebench.prompts._front import LETTERS, MATERIALS, Prompt, Words, load, names
from judgebench.types import Generation, Kind, Message, Request, Trial, Truncation

_ASKED = {
    None: "a preference or a number", "class": "one of the labels", "steps": "a verdict on each step",
    "ranking": "an order of the responses",
}  # fmt: skip
"""In words, by what a prompt `asks`; the built-in prompt that asks for something has its name."""
_SANDBOX = jinja2.sandbox.SandboxedEnvironment(
    loader=jinja2.DictLoader({}),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


class Template:
    """Renders trials. `texts` are the pinned files by role; `words` may be set; `by_step` says that each step of a
    solution has a request of its own. InputError where they do not make a prompt."""

    def __init__(
        self,
        prompt: Prompt,
        texts: Mapping[str, str],
        *,
        tie: bool,
        confidence: bool = False,
        by_step: bool = False,
    ) -> None:
        self.prompt, self.tie, self.confidence = prompt, tie, confidence
        self.by_step = by_step and prompt.front.asks == "steps"
        self.words = Words(prompt.usual_words)
        front = prompt.front
        self._excerpts = {
            name: texts[excerpt.role].encode()[excerpt.start : excerpt.end].decode()
            for name, excerpt in front.excerpts.items()
        }
        system = texts.get("system", "") if tie else texts.get("system-notie", texts.get("system", ""))
        user = texts["user"] if front.sources else prompt.body
        try:
            # A file ends with a newline, which is no part of the prompt; upstream's own is in `after`.
            self._user = _SANDBOX.from_string(user.removesuffix("\n"))
            self._system = _SANDBOX.from_string(system.removesuffix("\n")) if system else None
        except jinja2.TemplateError as error:
            raise InputError(f"prompt {prompt.id}: {error}") from error
        self.accepts = tuple(sorted({*front.accepts, *(["C"] if "[[C]]" in user + system else [])}))
        """What the parser takes because the prompt asks for it."""

    def misfit(self, trial: Trial) -> str | None:
        """Why this trial cannot be shown with this prompt."""
        if unasked := self._unasked(trial):
            return unasked
        fewest, most = self.prompt.front.responses
        if not fewest <= len(trial.responses) <= most:
            allowed = f"{fewest} responses" if fewest == most else f"{fewest} to {most} responses"
            return f"prompt {self.prompt.id} shows {allowed}, and item {trial.item} has {len(trial.responses)}"
        labels = len(trial.question.labels)
        count = labels or (len(trial.responses) if self.prompt.front.shows == "together" else 1)
        if 0 < len(self.words.words) < count:
            words, what = "/".join(self.words.words), "labels" if labels else "responses"
            return f"{words} are {len(self.words.words)} words, and item {trial.item} has {count} {what}"
        lacking = [need for need in self.prompt.front.needs if not trial.materials.get(need)]
        if lacking:
            return f"prompt {self.prompt.id} needs a {lacking[0]}, and item {trial.item} has none"
        if None in trial.responses:
            return f"item {trial.item} has labels only, no texts"
        return None

    def problems(self, trials: Sequence[Trial], *, mapped: bool = False) -> Iterator[tuple[str, str]]:
        """What is wrong with asking about such trials, and what helps beside another prompt. `mapped` says that ratings
        are put on gold's scale."""
        if trials and (misfit := self.misfit(trials[0])):  # a later one would be a failed judgment
            yield misfit, ""
        scale, beside = self.prompt.front.scale, "materials" in self.prompt.named
        for trial in trials:
            lost = sorted(trial.has - self.prompt.named - (trial.materials.keys() if beside else set()))
            if lost:
                what = f"prompt {self.prompt.id} does not show the {', '.join(lost)} of item {trial.item}"
                yield what, f", or leave it out: -J hide={','.join(lost)}"
            gold = trial.question.scale if trial.question.kind == Kind.SCORE else None
            if scale and gold and scale != gold and not mapped:
                ours, theirs = (f"{low:g} to {high:g}" for low, high in (scale, gold))
                what = f"prompt {self.prompt.id} rates from {ours}, and the question's scale is {theirs}"
                yield what, ", or map the one to the other: -J map=linear"

    def _unasked(self, trial: Trial) -> str | None:
        """Why what the prompt asks for is no answer to the trial's question."""
        of_kinds = {Kind.CLASS: "class", Kind.RANKING: "ranking"}
        asks = self.prompt.front.asks
        wanted = "steps" if trial.question.each_step else of_kinds.get(trial.question.kind)
        if asks != wanted:
            asked = ", ".join(trial.question.labels) or (_ASKED[wanted] if wanted else f"a {trial.question.kind}")
            hint = f" (-J prompt={wanted} asks for that)" if wanted else ""
            return (
                f"prompt {self.prompt.id} asks for {_ASKED[asks]}, and the question of item {trial.item} is "
                f"{asked}{hint}"
            )
        if asks == "steps" and not (trial.steps and trial.question.scale == self.prompt.front.scale):
            low, high = self.prompt.front.scale or (0, 1)
            return (
                f"prompt {self.prompt.id} gives each step a number from {low:g} to {high:g}, and item {trial.item} "
                + ("has another scale" if trial.steps else "does not say what its steps are")
            )
        return None

    def requests(self, trial: Trial, generation: Generation) -> list[Request]:
        """One request, or one for each response in shown order, or one for each step."""
        texts = [self._cleaned(text or "") for text in trial.responses]
        if self.by_step:
            return [self._request(trial, texts, generation, step) for step in range(1, len(trial.steps) + 1)]
        groups = [[text] for text in texts] if self.prompt.front.shows == "one" else [texts]
        return [self._request(trial, group, generation) for group in groups]

    def _request(self, trial: Trial, responses: list[str], generation: Generation, step: int = 0) -> Request:
        front = self.prompt.front
        try:
            text, truncation = self._rendered(trial, responses, step)
            system = self._system.render() if self._system else self._excerpts.get("system")
        except jinja2.TemplateError as error:
            raise InputError(f"prompt {self.prompt.id}: {error}") from error
        if front.form == "text":
            return Request(text=text, truncation=truncation, generation=generation)
        messages = [Message(role="system", content=system)] if system else []
        images = tuple(image for turn in trial.messages for image in turn.images)
        messages.append(Message(role="user", content=text, images=images))
        return Request(messages=tuple(messages), generation=generation)

    def _rendered(self, trial: Trial, responses: list[str], step: int) -> tuple[str, Truncation | None]:
        front = self.prompt.front
        variables = {**self._variables(trial, responses), "steps": trial.steps, "step": step}
        if front.truncate is None:
            return front.before + self._user.render(self._named(variables)) + front.after, None
        # To know where the responses stand, each is first replaced by a character that occurs nowhere else.
        elsewhere = "".join((variables["question"], *trial.materials.values(), *responses))
        unused = (chr(point) for point in range(0xE000, 0xF8FF) if chr(point) not in elsewhere)
        holes = [next(unused) for _ in responses]
        with_holes = self._user.render(self._named({**variables, **_response_variables(holes, self.words)}))
        hole, spans = f"([{''.join(holes)}])", []
        whole, frame = front.before, front.before + re.sub(hole, "", with_holes)
        for piece in re.split(hole, with_holes):
            start = len(whole)
            whole += responses[holes.index(piece)] if piece in holes else piece
            if piece in holes:
                spans.append((start, len(whole)))
        cut = front.truncate
        return whole + front.after, Truncation(side=cut.side, context=cut.context, frame=frame, spans=tuple(spans))

    def _variables(self, trial: Trial, responses: list[str]) -> dict[str, Any]:
        # What the item has, else what upstream puts in its place, else nothing.
        known = {name: trial.materials.get(name) or self._excerpts.get(name, "") for name in MATERIALS}
        texts = [*(turn.content for turn in trial.messages), *responses, *known.values(), *trial.materials.values()]
        called = self.words.of_labels(trial.question.labels)
        return {
            **known,
            "materials": {
                name: text for name, text in trial.materials.items() if text and name not in self.prompt.named
            },
            "turns": [{"role": re.sub(r"\W+", "-", turn.role), "text": turn.content} for turn in trial.messages],
            "question": _conversation(trial.messages),
            "labels": [label if word == label else f"{word} ({label})" for label, word in called.items()],
            "choices": list(called.values()),
            "called": self.words.called,
            "ordered": trial.question.ordered and not self.words.reversed,
            "tie": self.tie,
            "confidence": self.confidence,
            # Another author's file has its own tags.
            "mark": "" if self.prompt.front.sources else mark(texts, trial.materials),
            **_response_variables(responses, self.words),
        }

    def _named(self, variables: dict[str, Any]) -> dict[str, Any]:
        names = self.prompt.front.variables
        return {name: variables[ours] for name, ours in names.items() if ours in variables} if names else variables

    def _cleaned(self, text: str) -> str:
        if self.prompt.front.strip:
            text = text.strip()
        for string in self.prompt.front.remove:
            text = text.replace(string, "")
        return text.strip() if self.prompt.front.strip else text


@cache
def _json() -> jinja2.Template:
    return _SANDBOX.from_string(
        (resources.folder("prompts") / "_json.j2").read_text(encoding="utf-8").removesuffix("\n")
    )


def in_json(fields: Mapping[str, str]) -> str:
    """What is put behind a prompt whose answer is to be a JSON object: the words for each of its keys."""
    return _json().render(fields=fields)


@cache
def _ours() -> list[Template]:
    """Of the prompts in our own words."""
    return [Template(prompt, {}, tie=prompt.front.tie) for prompt in map(load, names()) if not prompt.sources]


def fitting(trials: Sequence[Trial]) -> list[str]:
    """The prompts in our own words that suit what is asked in such trials and show all that they have."""
    asked = trials[0].question
    rates = {Kind.SCORE: True, Kind.STEP: asked.each_step}.get(asked.kind)
    ours = (one for one in _ours() if rates in (None, bool(one.prompt.front.scale)))
    return [one.prompt.id for one in ours if not any(one.problems(trials))]


def mark(texts: Iterable[str], names: Iterable[str] = ()) -> str:
    """What the tags around these texts end in: nothing, or `-2`, `-3`, ... where a text contains such a tag already.
    `names` are tags that not every prompt has."""
    tag = re.compile(_TAG % "|".join((*_TAGS, *names)), re.IGNORECASE)
    taken = {found for text in texts if any(sign in text for sign in "<﹤＜") for found in tag.findall(_folded(text))}
    marks = ("", *(f"-{number}" for number in range(2, len(taken) + 3)))
    return next(mark for mark in marks if not any(tag.endswith(mark) for tag in taken))


_TAG = r"<\s{0,8}/?\s{0,8}(?:%s)[\w-]{0,64}"
_TAGS = ("conversation", "turn", "answer", "reference", "rubric")


def _folded(text: str) -> str:
    """The text as a reader sees it: full-width brackets as ASCII, without characters that have no width."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text).translate(INVISIBLE)


def _response_variables(responses: list[str], words: Words) -> dict[str, Any]:
    letters = words.of(len(responses)) or LETTERS
    answers = [{"letter": letter, "text": text} for letter, text in zip(letters, responses)]
    named = {f"answer_{letter.lower()}": text for letter, text in zip(LETTERS, responses)}
    return {"answers": answers, "answer": responses[0], **named}


def _conversation(turns: tuple[Message, ...]) -> str:
    if len(turns) == 1 and turns[0].role == "user":
        return turns[0].content
    return "\n\n".join(f"{turn.role.capitalize()}: {turn.content}" for turn in turns)
