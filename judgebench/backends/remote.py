"""What `api:` and `server:` have in common: the settings that a provider may lack, and what its refusals mean."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, NoReturn

from judgebench.backends import faults
from judgebench.backends.credentials import Redactor
from judgebench.backends.dispatch import Ended, Send, stream
from judgebench.backends.faults import Fault, Kind
from judgebench.backends.limits import Limits
from judgebench.backends.pacing import Pace
from judgebench.errors import InputError, JudgebenchError
from judgebench.types import CANDIDATES, Completion, Finish, Generation, Request

OPTIONAL = ("temperature", "top_p", "top_k", "repetition_penalty", "seed", "top_logprobs")
"""Settings that a provider may lack: they are left out after its first complaint, which is said with every answer. One
that the prompt cannot do without ends the run instead."""

SCHEMA = "response_format"
"""As optional, and sent with a request that has a schema."""


class Remote(ABC):
    """A backend at the other end of a connection. `who` is what messages call it."""

    def __init__(self, who: str, limits: Limits) -> None:
        self.who = who
        self.limits = limits
        self.redact = Redactor()
        self._pace = Pace(limits)
        self._dropped: tuple[str, ...] = ()

    def complete(self, requests: Iterable[Request]) -> Iterator[tuple[int, Completion]]:
        return stream(requests, self.connect, self.limits, self._pace)

    @abstractmethod
    def connect(self) -> AbstractAsyncContextManager[Send]:
        """Connections for the event loop that runs now."""

    def require_options(self, who: str, asked: Request) -> int | None:
        """As types.Backend has it: options are looked for among the candidates for the first token."""
        if asked.lead:
            raise InputError(
                f"{who} writes its answer from the beginning, and this prompt's verdict stands after {asked.lead!r}: "
                "use verdict=text, a prompt that is answered in one word (pairwise), or local:"
            )
        return asked.generation.top_logprobs or CANDIDATES

    @abstractmethod
    def translated(self, generation: Generation, wanted: dict[str, Any], *, chat: bool) -> dict[str, Any]:
        """All that is sent beside the question, from the settings in OPTIONAL that are wanted and were not dropped."""

    @abstractmethod
    def key_names(self) -> str:
        """Which environment variables hold the key, in words."""

    def settings(self, request: Request) -> dict[str, Any]:
        """What is sent beside the question."""
        generation = request.generation
        if generation.num_beams is not None:
            self.drop("num_beams")  # no API has a word for it
        wanted = {name: getattr(generation, name) for name in OPTIONAL if name not in self._dropped}
        wanted = {name: value for name, value in wanted.items() if value is not None}
        settings = self.translated(generation, wanted, chat=request.text is None)
        if request.schema is not None and SCHEMA not in self._dropped:
            schema = {"name": "verdict", "strict": True, "schema": request.schema}
            settings.setdefault(SCHEMA, {"type": "json_schema", "json_schema": schema})
        return settings

    def drop(self, setting: str) -> None:
        if setting not in self._dropped:
            self._dropped = tuple(sorted((*self._dropped, setting)))

    def completed(self, finish: Finish, *, text: str | None = None, **more: Any) -> Completion:
        """With what holds for every answer. `more` are other fields of Completion, by name."""
        text = None if text is None else self.redact.answer(text)
        return Completion(finish=finish, text=text, dropped=self._dropped, **more)

    def unanswered(
        self, kind: Kind, complaint: str, sent: Mapping[str, Any], retry_after: float | None = None
    ) -> NoReturn:
        """What it means that there is no answer to the settings sent."""
        about_it = SCHEMA in sent and re.search("response_format|schema|grammar", complaint)
        if kind in (Kind.REJECTED, Kind.PARAMETER) and about_it:
            kind, complaint = Kind.PARAMETER, f"{SCHEMA}: {complaint}"
        match kind:
            case Kind.CREDENTIALS:
                raise InputError(f"{self.who} does not accept the key in {self.key_names()} ({complaint})")
            case Kind.QUOTA:
                raise JudgebenchError(f"{self.who}: the account has no credit left ({complaint})")
            case Kind.MODEL:
                raise InputError(f"{self.who}: there is no such model at this address ({complaint})")
            case Kind.TOO_LONG:
                raise Ended(self.completed(Finish.FAILED, detail=f"the prompt is too long for the model ({complaint})"))
            case Kind.CONTENT:
                raise Ended(self.completed(Finish.REFUSED, detail=complaint))
            case Kind.PARAMETER if (named := faults.named_setting(complaint, sent)) is not None:
                # It may be about a request that left before an earlier complaint was heard: nothing is left to mend.
                setting = "top_logprobs" if named == "logprobs" else named
                if not self.mend(named, complaint):
                    if setting not in (*OPTIONAL, SCHEMA):
                        raise InputError(f"{self.who} does not take the setting {named} ({complaint})")
                    self.drop(setting)
                raise Fault(Kind.CHANGED, complaint)
            case Kind.PARAMETER:
                raise Fault(Kind.REJECTED, complaint)
            case _:
                raise Fault(kind, complaint, retry_after=retry_after)

    def mend(self, named: str, complaint: str) -> bool:  # noqa: ARG002
        """Whether the setting can be sent in another way, which is then done."""
        return False
