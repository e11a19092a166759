"""The judge made of a prompt, its parser and a model: what the kinds api:, server: and local: share.

Trials are pulled as the backend pulls requests, and a judgment leaves as soon as its last answer is there, so that no
more trials are held than are being answered. Where each response is rated by itself, an equal question at temperature 0
is asked once: the two orders of an item cost as much as one, and the first to ask pays.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

import msgspec

from judgebench import extensions, fetch, parsers, prompts
from judgebench.errors import InputError
from judgebench.judges._reading import Answer, read, summed
from judgebench.judges._settings import Settings, settings
from judgebench.models import Model
from judgebench.types import Backend, Completion, Flag, Judgment, Kind, Message, Request, Status, Trial, Usage, digest

BETWEEN = "\n\f\n"
"""What stands between the answers, where a judgment is made of several."""
UNRELATED = "nobody says how the judge's scale and gold's go together: MAE and agreement may compare unlike numbers"
_FREE = Usage(prompt_tokens=0, completion_tokens=0, cost=0.0, seconds=0.0)
_REMEMBERED = 4096
"""More than are in flight at once."""
_WORST_FIRST = (Status.FAILED, Status.REFUSED, Status.TRUNCATED, Status.UNPARSED)


def prompted(model: Model, options: Mapping[str, Any]) -> Prompted:
    """The judge of a model that writes; of the values of options, those in PROMPT_OPTIONS are looked at. A pinned
    prompt that is not at hand is downloaded. Distributions that brought prompt or parser are in the provenance, from
    where a manifest has them among its versions."""
    writer = model.require_writer()
    chosen = settings(model.spec, options, model.prompt or "pairwise", writer)
    prompt = chosen.prompt
    writer.require_form(model.spec, prompt.front.form)
    texts = {source.role: fetch.fetch(prompt, source).read_bytes().decode() for source in prompt.sources}
    brought = extensions.brought_by(prompt.extension, parsers.NAMES.find(chosen.parser))
    template = prompts.Template(prompt, texts, tie=chosen.tie, confidence=chosen.confidence, by_step=chosen.forced)
    template.words = chosen.words
    return Prompted(
        writer=writer,
        settings=chosen,
        template=template,
        name=model.spec,
        model=model.model,
        protocol={**model.identity, **chosen.protocol},
        provenance={**model.provenance, **({"extensions": brought} if brought else {})},
        usual=chosen.usual,
    )


@dataclass(frozen=True, kw_only=True)
class Prompted:
    """A judge that is asked with a prompt."""

    writer: Backend
    settings: Settings
    template: prompts.Template
    name: str
    model: str
    protocol: Mapping[str, Any]
    provenance: Mapping[str, Any]
    usual: Mapping[str, Any]
    needs_texts: bool = True

    def fit(self, trials: Sequence[Trial]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """What the protocol and the manifest say beside, of a judge that is asked about trials like these. InputError
        where they have what it would not show, or nothing that it is to hide or to map; with the choices."""
        prompt, hide, mapped = self.settings.prompt, self.settings.hide, self.settings.mapped
        has = frozenset[str]().union(*(trial.has for trial in trials))
        if idle := set(hide) - has:
            there_are = ", ".join(sorted(has)) or "no materials"
            raise InputError(f"there is no {min(idle)} to hide; the items have {there_are}")
        shown = [trial.without(hide) for trial in trials]
        for problem, instead in self.template.problems(shown, mapped=mapped):
            suited = ", ".join(prompts.fitting(shown)) or "none of ours"
            raise InputError(f"{problem}; prompts that suit it: {suited}{instead}")
        if mapped and not any(self.template.problems(shown)):
            raise InputError("map=linear is for ratings on another scale than the question's, and these are none")
        if "images" in has.difference(hide):
            self.writer.require_form(self.name, "images")
        rated = [trial.question.scale for trial in trials if trial.question.kind == Kind.SCORE]
        unknown = bool(rated) and None in (prompt.front.scale, *rated)
        record = {"not_shown": tuple(hide), "warnings": (UNRELATED,) if unknown else ()}
        beside = "materials" in prompt.named and not has <= {*hide, *prompt.named}
        return {"prompt_hash": prompt.hash_of(prompt.body)} if beside else {}, record

    def preview(self, trials: Iterable[Trial]) -> list[Request]:
        """What these trials would be asked. InputError where the prompt cannot show one of them."""
        return [request for trial in trials for request in self.render(trial)]

    @property
    def placebo(self) -> tuple[Prompted, int] | None:
        """As judges.Asking has it."""
        if not self.settings.placebo:
            return None
        template, name = copy(self.template), f"{self.name}, words exchanged"
        template.words = replace(self.settings.words, exchanged=True)
        settings = replace(self.settings, words=template.words)
        return replace(self, settings=settings, template=template, name=name), settings.placebo

    def quote(self, request: Request) -> Usage | None:
        """The most that it may take; None where that is not known."""
        return self.writer.quote(request)

    def judge(self, trials: Iterable[Trial]) -> Iterator[Judgment]:
        """Judgments as they finish. A first trial that the prompt cannot show is an InputError, before anything is
        asked; a later one is a failed judgment."""
        waiting = iter(trials)
        first = next(waiting, None)
        if first is None:
            return
        requests = self.render(first)
        if self.settings.forced and first.question.labels:  # of which nobody knew before what they are
            self.writer.require_options(self.name, requests[0])
        waiting = chain([first], waiting)
        desk = _Desk(self)
        while True:
            for position, completion in self.writer.complete(desk.requests(waiting)):
                desk.receive(position, completion)
                yield from desk.finished()
            yield from desk.finished()
            if not desk.again:
                return
            waiting = iter(())

    def render(self, trial: Trial) -> list[Request]:
        """The trial's requests. InputError where the prompt cannot show it."""
        trial, forced, options = trial.without(self.settings.hide), self.settings.forced, dict[str, tuple[str, ...]]()
        misfit = self.template.misfit(trial)
        if misfit is None and forced:
            options = self.settings.spelled(self.shown(trial), trial.question.labels)
        if misfit is None and forced and not options:
            misfit = f"verdict=forced with prompt {self.settings.prompt.id} is for {self.settings.fewest} responses"
        if misfit is not None:
            raise InputError(misfit)
        generation = self.settings.generation
        if generation.seed is not None:
            generation = msgspec.structs.replace(generation, seed=generation.seed + trial.sample)
        requests = self.template.requests(trial, generation)
        if self.settings.json:
            return [self._in_json(request, trial) for request in requests]
        if not forced:
            return requests
        more: dict[str, Any] = {"options": tuple(options.values()), "lead": self.settings.prompt.front.lead}
        return [msgspec.structs.replace(request, **more) for request in requests]

    def asked_for(self, trial: Trial) -> parsers.Asked:
        """What one request about the trial asks for."""
        scale, labels = self.settings.prompt.front.scale, trial.question.labels
        return parsers.Asked(self.shown(trial), scale, labels=labels, accepts=self.template.accepts)

    def _in_json(self, request: Request, trial: Trial) -> Request:
        sentence, schema = self.settings.object(self.asked_for(trial))
        *before, last = request.messages
        messages = (*before, msgspec.structs.replace(last, content=last.content + sentence))
        return msgspec.structs.replace(request, messages=messages, schema=schema)

    def shown(self, trial: Trial) -> int:
        """How many responses one request shows, or how many steps it asks about."""
        if self.settings.prompt.front.asks == "steps":
            return 1 if self.template.by_step else len(trial.steps)
        return 1 if self.settings.prompt.front.shows == "one" else len(trial.responses)


@dataclass
class _Case:
    """A trial with the answers that are there."""

    trial: Trial
    answers: list[Answer | None]

    def judgment(self, answers: Sequence[Answer], asked: Settings) -> Judgment:
        texts = [answer.text for answer in answers]
        more: dict[str, Any] = {
            "text": None if texts == [None] * len(texts) else BETWEEN.join(text or "" for text in texts),
            "usage": summed([answer.usage for answer in answers]),
            "flags": (Flag.CUT,) if any(answer.cut for answer in answers) else (),
            "dropped": tuple(sorted({name for answer in answers for name in answer.dropped})),
            "served": tuple(dict.fromkeys(answer.served for answer in answers if answer.served)),
        }
        failures = [answer for answer in answers if answer.status != Status.OK]
        if failures:
            worst = min(failures, key=lambda answer: _WORST_FIRST.index(answer.status))
            return self.trial.fail(worst.status, worst.detail or "", **more)
        first, alone = answers[0], len(answers) == 1
        masses = [answer.mass for answer in answers if answer.mass is not None]
        more["mass"] = sum(masses) / len(masses) if len(masses) == len(answers) else None
        if alone:
            more |= {"confidence": first.confidence, "chosen": first.chosen, "tie": first.tie}
        detail = "; ".join(answer.detail for answer in answers if answer.detail) or None
        scores = [score for answer in answers for score in answer.scores]
        return self.trial.answer(asked.on_scale(scores, self.trial.question), detail=detail, **more)


@dataclass
class _Call:
    """A request in flight, and who waits for its answer: (case, number of the answer)."""

    request: Request
    asked: parsers.Asked
    key: str | None
    askers: list[tuple[_Case, int]]
    texts: list[str] = field(default_factory=list)
    usages: list[Usage | None] = field(default_factory=list)


class _Desk:
    """What is in flight."""

    def __init__(self, judge: Prompted) -> None:
        self.again: deque[_Call] = deque()
        self._judge = judge
        self._calls: dict[int, _Call] = {}
        self._known: dict[str, _Call | Answer] = {}
        """What may be asked again, in flight or answered."""
        self._done: deque[Judgment] = deque()

    def requests(self, trials: Iterator[Trial]) -> Iterator[Request]:
        """One round: calls to go on with first, then the trials."""
        for position, call in enumerate(self._to_ask(trials)):
            self._calls[position] = call
            yield call.request

    def finished(self) -> Iterator[Judgment]:
        while self._done:
            yield self._done.popleft()

    def receive(self, position: int, completion: Completion) -> None:
        call = self._calls.pop(position)
        call.usages.append(completion.usage)
        if completion.text:
            call.texts.append(completion.text)
        text = "\n".join(call.texts) if call.texts else completion.text
        answer, nothing_said = read(self._judge.settings, completion, call.asked, text, summed(call.usages))
        if nothing_said and completion.text and self._goes_on(call, completion.text):
            return
        free = msgspec.structs.replace(answer, usage=_FREE)
        if call.key is not None:
            self._known.pop(call.key, None)
            if answer.status != Status.FAILED:
                self._known[call.key] = free
            if len(self._known) > _REMEMBERED:
                del self._known[next(iter(self._known))]
        for place, (case, number) in enumerate(call.askers):
            self._file(case, number, free if place else answer)

    def _to_ask(self, trials: Iterator[Trial]) -> Iterator[_Call]:
        while True:
            while self.again:
                yield self.again.popleft()
            trial = next(trials, None)
            if trial is None:
                return
            try:
                requests = self._judge.render(trial)
            except InputError as error:
                self._done.append(trial.fail(Status.FAILED, str(error)))
                continue
            case = _Case(trial, [None] * len(requests))
            for number, request in enumerate(requests):
                call = self._call(request, case, number)
                if call is not None:
                    yield call

    def _call(self, request: Request, case: _Case, number: int) -> _Call | None:
        """A call to make, or None where an equal one is in flight or was answered a moment ago."""
        asked = self._judge.asked_for(case.trial)
        settings = self._judge.settings
        if settings.prompt.front.shows != "one" or settings.generation.temperature != 0:
            return _Call(request, asked, None, [(case, number)])
        key = digest((request, case.trial.sample))
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = _Call(request, asked, key, [(case, number)])
            return known
        if isinstance(known, Answer):
            self._file(case, number, known)
        else:
            known.askers.append((case, number))
        return None

    def _file(self, case: _Case, number: int, answer: Answer) -> None:
        case.answers[number] = answer
        answers = [answer for answer in case.answers if answer is not None]
        if len(answers) == len(case.answers):
            self._done.append(case.judgment(answers, self._judge.settings))

    def _goes_on(self, call: _Call, text: str) -> bool:
        rule = self._judge.settings.prompt.front.retry
        if rule is None or len(call.usages) >= rule.attempts:
            return False
        turns = (Message(role="assistant", content=text), Message(role="user", content=rule.turn))
        call.request = msgspec.structs.replace(call.request, messages=(*call.request.messages, *turns))
        self.again.append(call)
        return True
