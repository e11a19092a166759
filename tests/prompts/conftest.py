"""Trials to render, and a backend that answers from a script."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from judgebench import fetch, prompts
from judgebench.types import CANDIDATES, Completion, Finish, Message, Request, Trial, Usage

Answer = Callable[[Request], Completion]


def trial(*responses: str, item: str = "q1", swapped: bool = False, **more: Any) -> Trial:
    shown = responses or ("Four.", "Five.")
    order = tuple(range(len(shown)))
    given = {name: more.pop(name) for name in ("reference", "rubric", "context", "persona") if name in more}
    return Trial(
        item=item,
        order=order[::-1] if swapped else order,
        messages=more.pop("messages", (Message(role="user", content="What is two plus two?"),)),
        responses=shown[::-1] if swapped else shown,
        materials={**given, **more.pop("materials", {})},
        **more,
    )


def said(text: str | None, finish: Finish = Finish.STOP, **more: Any) -> Completion:
    return Completion(
        finish=finish, text=text, usage=Usage(prompt_tokens=10, completion_tokens=2, cost=0.5, seconds=1.0), **more
    )


@dataclass
class Scripted:
    """A backend with room for so many requests at a time, which answers them in a random order."""

    answer: Answer
    room: int = 8
    provenance: Mapping[str, Any] = field(default_factory=lambda: {"model": "script"})
    asked: list[Request] = field(default_factory=list)
    rounds: int = 0

    def require_form(self, who: str, form: str) -> None:
        """Any."""

    def require_options(self, who: str, asked: Request) -> int | None:
        return asked.generation.top_logprobs or CANDIDATES

    def quote(self, request: Request) -> Usage | None:
        return None

    def complete(self, requests: Iterable[Request]) -> Iterator[tuple[int, Completion]]:
        self.rounds += 1
        dice = random.Random(7)
        waiting: list[tuple[int, Request]] = []
        incoming = enumerate(requests)
        while True:
            while len(waiting) < self.room and (pulled := next(incoming, None)):
                waiting.append(pulled)
                self.asked.append(pulled[1])
            if not waiting:
                return
            position, request = waiting.pop(dice.randrange(len(waiting)))
            yield position, self.answer(request)


def shown(request: Request) -> str:
    """The text of a request."""
    return request.text if request.text is not None else request.messages[-1].content


@pytest.fixture
def pinned(mirror: Any) -> Callable[[str], dict[str, str]]:
    """The files of a pinned prompt by role; skips where one is not in the mirror."""

    def texts(name: str) -> dict[str, str]:
        prompt = prompts.load(name)
        absent = [source.name for source in prompt.sources if fetch.where(prompt, source) is None]
        if absent:
            pytest.skip(f"{absent[0]} is not in the mirror")
        return {source.role: fetch.locate(prompt, source).read_bytes().decode() for source in prompt.sources}

    return texts
