"""Renders trials as requests, and keeps the texts in them from being taken for anything but texts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import jinja2
import jinja2.sandbox

from judgebench import resources
from judgebench.characters import INVISIBLE
from judgebench.errors import InputError
from judgebench.prompts._front import LETTERS, Prompt
from judgebench.types import Generation, Kind, Message, Request, Trial, Truncation

_SANDBOX = jinja2.sandbox.SandboxedEnvironment(
    loader=jinja2.DictLoader({}),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


class Template:
    """Renders trials. `texts` are the pinned files by role; `letters` are what responses are called, in shown order.
    InputError where they do not make a prompt."""

    def __init__(
        self, prompt: Prompt, texts: Mapping[str, str], *, tie: bool, confidence: bool = False, letters: str = LETTERS
    ) -> None:
        self.prompt, self.tie, self.confidence, self.letters = prompt, tie, confidence, letters
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
        if (self.prompt.front.asks == "class") != (trial.question.kind == Kind.CLASS):
            wants = "one of the labels" if self.prompt.front.asks == "class" else "a preference or a number"
            asked = ", ".join(trial.question.labels) or f"a {trial.question.kind}"
            hint = "" if self.prompt.front.asks == "class" else " (-J prompt=class asks for that)"
            return f"prompt {self.prompt.id} asks for {wants}, and the question of item {trial.item} is {asked}{hint}"
        fewest, most = self.prompt.front.responses
        if not fewest <= len(trial.responses) <= most:
            allowed = f"{fewest} responses" if fewest == most else f"{fewest} to {most} responses"
            return f"prompt {self.prompt.id} shows {allowed}, and item {trial.item} has {len(trial.responses)}"
        count = len(trial.responses)
        if self.prompt.front.shows == "together" and count > len(self.letters):
            return f"letters={self.letters} are {len(self.letters)}, and item {trial.item} has {count} responses"
        lacking = [need for need in self.prompt.front.needs if not getattr(trial, need)]
        if lacking:
            return f"prompt {self.prompt.id} needs a {lacking[0]}, and item {trial.item} has none"
        if None in trial.responses:
            return f"item {trial.item} has labels only, no texts"
        return None

    def requests(self, trial: Trial, generation: Generation) -> list[Request]:
        """One request, or one for each response in shown order."""
        texts = [self._cleaned(text or "") for text in trial.responses]
        groups = [[text] for text in texts] if self.prompt.front.shows == "one" else [texts]
        return [self._request(trial, group, generation) for group in groups]

    def _request(self, trial: Trial, responses: list[str], generation: Generation) -> Request:
        front = self.prompt.front
        try:
            text, truncation = self._rendered(trial, responses)
            system = self._system.render() if self._system else self._excerpts.get("system")
        except jinja2.TemplateError as error:
            raise InputError(f"prompt {self.prompt.id}: {error}") from error
        if front.form == "text":
            return Request(text=text, truncation=truncation, generation=generation)
        messages = [Message(role="system", content=system)] if system else []
        return Request(messages=(*messages, Message(role="user", content=text)), generation=generation)

    def _rendered(self, trial: Trial, responses: list[str]) -> tuple[str, Truncation | None]:
        front = self.prompt.front
        variables = self._variables(trial, responses)
        if front.truncate is None:
            return front.before + self._user.render(self._named(variables)) + front.after, None
        # To know where the responses stand, each is first replaced by a character that occurs nowhere else.
        elsewhere = "".join((variables["question"], variables["reference"], variables["rubric"], *responses))
        unused = (chr(point) for point in range(0xE000, 0xF8FF) if chr(point) not in elsewhere)
        holes = [next(unused) for _ in responses]
        with_holes = self._user.render(self._named({**variables, **_response_variables(holes, self.letters)}))
        spans: list[tuple[int, int]] = []
        whole = frame = front.before
        for piece in re.split(f"([{''.join(holes)}])", with_holes):
            if piece in holes:
                filling = responses[holes.index(piece)]
                spans.append((len(whole), len(whole) + len(filling)))
                whole += filling
            else:
                whole += piece
                frame += piece
        cut = front.truncate
        return whole + front.after, Truncation(side=cut.side, context=cut.context, frame=frame, spans=tuple(spans))

    def _variables(self, trial: Trial, responses: list[str]) -> dict[str, Any]:
        rubric = trial.rubric or self._excerpts.get("rubric", "")
        texts = [*(turn.content for turn in trial.messages), *responses, trial.reference or "", rubric]
        return {
            "turns": [{"role": re.sub(r"\W+", "-", turn.role), "text": turn.content} for turn in trial.messages],
            "question": _conversation(trial.messages),
            "reference": trial.reference or "",
            "rubric": rubric,
            "labels": trial.question.labels,
            "ordered": trial.question.ordered,
            "tie": self.tie,
            "confidence": self.confidence,
            "mark": "" if self.prompt.front.sources else mark(texts),  # another author's file has its own tags
            **_response_variables(responses, self.letters),
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


def mark(texts: Iterable[str]) -> str:
    """What the tags around these texts end in: nothing, or `-2`, `-3`, ... where a text contains such a tag already."""
    taken = {tag for text in texts if any(sign in text for sign in "<﹤＜") for tag in _TAG.findall(_folded(text))}
    marks = ("", *(f"-{number}" for number in range(2, len(taken) + 3)))
    return next(mark for mark in marks if not any(tag.endswith(mark) for tag in taken))


_TAG = re.compile(r"<\s{0,8}/?\s{0,8}(?:conversation|turn|answer|reference|rubric)[\w-]{0,64}", re.IGNORECASE)


def _folded(text: str) -> str:
    """The text as a reader sees it: full-width brackets as ASCII, without characters that have no width."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text).translate(INVISIBLE)


def _response_variables(responses: list[str], letters: str) -> dict[str, Any]:
    answers = [{"letter": letter, "text": text} for letter, text in zip(letters, responses)]
    named = {f"answer_{letter.lower()}": text for letter, text in zip(LETTERS, responses)}
    return {"answers": answers, "answer": responses[0], **named}


def _conversation(turns: tuple[Message, ...]) -> str:
    if len(turns) == 1 and turns[0].role == "user":
        return turns[0].content
    return "\n\n".join(f"{turn.role.capitalize()}: {turn.content}" for turn in turns)
