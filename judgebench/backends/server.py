"""Any server that speaks OpenAI's HTTP API (vLLM, SGLang, Ollama, TGI, llama.cpp, transformers serve), directly. Chat
messages go to /chat/completions, raw text to /completions. How likely options are is read as the server allows
(judgebench.backends.scoring), or else from its candidates for the first token; or a decision API is asked instead."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import msgspec

from judgebench.backends import faults, scoring, wire
from judgebench.backends.credentials import Redactor
from judgebench.backends.dispatch import Ended, Send, estimated_tokens
from judgebench.backends.faults import Fault, Kind
from judgebench.backends.limits import Limits
from judgebench.backends.remote import Remote
from judgebench.errors import InputError, JudgebenchError
from judgebench.types import Completion, Finish, Generation, Request, Usage

if TYPE_CHECKING:
    from judgebench import http


OF_TEXTS = "how likely options are is read of texts alone; -J logprobs=20 looks at candidates, after images too"


class ServerBackend(Remote):
    """`key_env` names the environment variable that holds the key, if the server wants one; `extra_body` is added to
    every request as it is. `decides` is one of scoring.DECISIONS, where that is asked instead of the model's chat."""

    def __init__(
        self,
        url: str,
        model: str,
        limits: Limits,
        *,
        key_env: str = "OPENAI_API_KEY",
        extra_body: Mapping[str, Any] | None = None,
        decides: str | None = None,
    ) -> None:
        super().__init__(f"server:{url}#{model}", limits)
        self.provenance: dict[str, Any] = {"url": url, "model": model}
        """With how options are read, once that is known."""
        self._decides = decides
        self._scoring: scoring.Scoring | None = None
        self._url, self._model, self._key_env = url, model, key_env
        self._extra = dict(extra_body or {})
        self._max_tokens = "max_tokens"

    def quote(self, request: Request) -> Usage:
        """The prompt as it is estimated: a server does not say how it counts one before it has answered it."""
        return self.limits.usage(estimated_tokens(request), request.generation.max_tokens, seconds=0.0)

    def key_names(self) -> str:
        return self._key_env if os.environ.get(self._key_env) else f"{self._key_env}, which is not set"

    def require_options(self, who: str, asked: Request) -> int | None:
        """As types.Backend has it: whole labels, unless `logprobs` wants candidates looked at."""
        plain = asked.generation.top_logprobs is None and not self._decides and self._extra.keys() <= scoring.TEMPLATE
        with suppress(JudgebenchError):  # who describes nothing is asked as all are; who is not there, says so then
            if plain and scoring.readable(_get(self._url, "/openapi.json", self._key_env).body):
                self._scoring = scoring.Scoring(self._model, self._extra)
                self.provenance["options"] = scoring.NAMED
                return None
        self.provenance["options"] = scoring.DECISIONS.get(self._decides or "", "top_logprobs")
        candidates = super().require_options(who, asked)
        return None if self._decides else candidates

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Send]:
        from judgebench import http

        headers = {"Content-Type": "application/json", **authorization(self._key_env)}
        async with http.Connections(self._url, headers) as connections:

            async def post(path: str, body: Mapping[str, Any]) -> bytes:
                try:
                    answer = await connections.ask("POST", address(self._url, path), wire.encode(body))
                except http.Unreachable as error:
                    detail = f"{self.who} cannot be reached: {self.redact.message(str(error))}"
                    raise Fault(Kind.UNREACHABLE, detail) from error
                except http.Broken as error:
                    raise Fault(Kind.BROKEN, f"the connection broke: {self.redact.message(str(error))}") from error
                except http.TooLarge as error:
                    raise Ended(self.completed(Finish.FAILED, detail=str(error))) from error
                if answer.status != 200:
                    self._without_answer(answer.status, answer.headers, answer.body, body)
                return answer.body

            yield partial(self._answer, post)

    async def _answer(self, post: scoring.Post, request: Request) -> Completion:
        sent = monotonic()
        if self._of_texts and any(message.images for message in request.messages):
            return self.completed(Finish.FAILED, detail=OF_TEXTS)
        if self._decides:
            body = scoring.decision(self._decides, self._model, request) | self._extra
            data = await post(self._decides, body)
            with self._understood():
                fields = scoring.decided(request, data)
            usage = self.limits.usage(*fields.pop("tokens"), seconds=monotonic() - sent)
            return self.completed(**fields, usage=usage)
        if request.options and self._scoring:
            with self._understood():
                data, options = await self._scoring.read(request, post)
            return self._completion(request, data, monotonic() - sent, options)
        body = self.settings(request)
        if request.text is None:
            path, body["messages"] = "chat/completions", wire.turns(request.messages)
        else:
            path, body["prompt"] = "completions", request.text
        return self._completion(request, await post(path, body), monotonic() - sent)

    def translated(self, generation: Generation, wanted: dict[str, Any], *, chat: bool) -> dict[str, Any]:
        if "top_logprobs" in wanted:
            wanted["logprobs"] = True if chat else wanted.pop("top_logprobs")
        if generation.stop:
            wanted["stop"] = generation.stop
        return {"model": self._model, self._max_tokens: generation.max_tokens, **wanted, **self._extra}

    def mend(self, named: str, complaint: str) -> bool:
        if named in self._extra:
            raise InputError(f"{self.who} does not take {named} from -J extra_body ({complaint})")
        if named == "max_tokens" and "max_completion_tokens" in complaint:
            self._max_tokens = "max_completion_tokens"
            return True
        return False

    def require_form(self, who: str, form: Literal["chat", "text", "images"]) -> None:
        if form == "images" and self._of_texts:
            raise InputError(f"{who}: {OF_TEXTS}")

    @property
    def _of_texts(self) -> bool:
        return bool(self._decides or self._scoring)

    @contextmanager
    def _understood(self) -> Iterator[None]:
        try:
            yield
        except wire.NOT_SO as error:
            what = self.redact.message(str(error))
            raise Fault(Kind.BROKEN, f"the answer is not what it should be: {what}") from error

    def _completion(
        self, request: Request, data: bytes, seconds: float, options: tuple[float | None, ...] | None = None
    ) -> Completion:
        """`options` where they are known already."""
        with self._understood():
            answer = wire.decode(data)
        if not answer.choices:
            # Some gateways say 200 and mean the status inside.
            status = answer.error.get("code") if isinstance(answer.error, dict) else None
            self._without_answer(status if isinstance(status, int) and status >= 400 else 502, {}, data, {})
        choice = answer.choices[0]
        if choice.finish_reason in wire.BROKEN_OFF:
            raise Fault(Kind.BROKEN, f"the server ended its answer with {choice.finish_reason}")
        finish, text, detail = wire.ending(*wire.parts_of(choice), choice.finish_reason)
        tokens = answer.usage or wire.Counts()
        return self.completed(
            finish,
            text=text,
            detail=detail,
            served=answer.model,
            usage=self.limits.usage(tokens.prompt_tokens, tokens.completion_tokens, seconds=seconds),
            options=options or wire.likelihoods(request.options, wire.first_token(choice.logprobs)),
        )

    def _without_answer(
        self, status: int, headers: Mapping[str, str], data: bytes, sent: Mapping[str, Any]
    ) -> NoReturn:
        if 300 <= status < 400:
            elsewhere = self.redact.message(headers.get("location", "elsewhere"))
            raise InputError(f"{self.who} redirects to {elsewhere}; give that address")
        text = self.redact.message(faults.message_in(data))
        if self._decides and status in (404, 405, 501):
            raise InputError(
                f"{self.who} has no /{self._decides} for this model ({status}: {text}); without -J api={self._decides} "
                "a forced verdict is read from its log-probabilities"
            )
        complaint = f"{status}: {text}" if text else f"status {status}, without a word"
        if status == 404 and "/v1" not in self._url:
            complaint += "; addresses usually end in /v1"
        self.unanswered(faults.kind_of(status, text), complaint, sent, faults.retry_after(headers))


def served_models(url: str, key_env: str) -> list[str]:
    """What the server lists at /models. InputError or JudgebenchError where it lists nothing."""
    answer = _get(url, "models", key_env)
    if answer.status != 200:
        hint = f"; is {key_env} set and right?" if answer.status in (401, 403) else ""
        raise InputError(f"{url}/models answers {answer.status}{hint} Name the model: server:{url}#MODEL")
    try:
        listed = msgspec.json.decode(answer.body)
        return [str(model["id"]) for model in listed["data"]]
    except wire.NOT_SO as error:
        raise InputError(f"{url}/models lists no models; name one: server:{url}#MODEL") from error


def _get(url: str, path: str, key_env: str) -> http.Reply:
    from judgebench import http

    try:
        return http.get(address(url, path), authorization(key_env))
    except (http.Unreachable, http.Broken) as error:
        raise JudgebenchError(f"{url} cannot be reached: {Redactor().message(str(error))}") from error
    except http.TooLarge as error:
        raise InputError(f"{url}/{path} says too much; name the model: server:{url}#MODEL") from error


def address(url: str, path: str) -> str:
    """A path below a URL that may have a query (?api-version=...); one that begins with / is below the server's root,
    as its /v1 is."""
    base, mark, query = url.partition("?")
    base = base.rstrip("/").removesuffix("/v1" if path.startswith("/") else "")
    return f"{base}/{path.removeprefix('/')}{mark}{query}"


def authorization(key_env: str) -> dict[str, str]:
    key = os.environ.get(key_env, "").strip()
    if not (key.isascii() and key.isprintable()):
        raise InputError(f"the key in {key_env} holds a line break or another character that no key has")
    return {"Authorization": f"Bearer {key}"} if key else {}
