"""Any server that speaks OpenAI's HTTP API (vLLM, SGLang, Ollama, TGI, llama.cpp, transformers serve), directly.

Chat messages go to /chat/completions, raw text to /completions. A setting that a server does not know is left out after
its first complaint, and said so with every answer; one that the prompt cannot do without ends the run.
"""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import version
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from judgebench.backends import faults, wire
from judgebench.backends.credentials import Redactor
from judgebench.backends.dispatch import Send, stream
from judgebench.backends.faults import Fault, Kind
from judgebench.backends.limits import Limits
from judgebench.backends.pacing import Pace
from judgebench.errors import InputError, JudgebenchError
from judgebench.types import Completion, Finish, Generation, Request, Usage

if TYPE_CHECKING:
    import aiohttp

LARGEST_ANSWER = 8 << 20
"""Bytes. A judgment is some kilobytes; log-probabilities of thousands of tokens are some megabytes."""
CONNECT_SECONDS = 30.0
KEPT_SECONDS = 75.0
"""An idle connection is closed after that: servers commonly close theirs a little later or much earlier."""
PREFILLS: dict[str, dict[str, Any]] = {
    "extras": {"continue_final_message": True, "add_generation_prompt": False},
    "message": {},
}
"""How a server is told to go on with a last message of the assistant's: in vLLM's and SGLang's words, or by itself."""
OPTIONAL = ("temperature", "top_p", "top_k", "repetition_penalty", "seed", "top_logprobs")
"""Settings that a server may lack."""


class ServerBackend:
    """`key_env` names the environment variable that holds the key, if the server wants one; `extra_body` is added to
    every request as it is."""

    def __init__(
        self,
        url: str,
        model: str,
        limits: Limits,
        *,
        key_env: str = "OPENAI_API_KEY",
        prefill: str = "extras",
        extra_body: Mapping[str, Any] | None = None,
    ) -> None:
        self._url = url
        self._model = model
        self._limits = limits
        self._pace = Pace(limits)
        self._key_env = key_env
        self._prefill = prefill
        self._extra = dict(extra_body or {})
        self._redact = Redactor()
        self._max_tokens = "max_tokens"
        self._dropped: set[str] = set()
        self._served: set[str] = set()
        self._settings: dict[bool, tuple[Generation, dict[str, Any]]] = {}

    @property
    def provenance(self) -> dict[str, Any]:
        """Grows: what the server calls its model and which settings it did not take is known when it has answered."""
        return {
            "url": self._url,
            "model": self._model,
            "served": sorted(self._served),
            "dropped": sorted(self._dropped),
            "aiohttp": version("aiohttp"),
        }

    def complete(self, requests: Iterable[Request]) -> Iterator[tuple[int, Completion]]:
        return stream(requests, self._connect, self._limits, self._pace)

    def quote(self, request: Request) -> Usage:
        """The most that a request may take, before it is sent: a server does not say how it counts tokens."""
        return Usage(completion_tokens=request.generation.max_tokens)

    @asynccontextmanager
    async def _connect(self) -> AsyncIterator[Send]:
        import aiohttp
        from yarl import URL

        urls = {path: URL(address(self._url, path)) for path in ("chat/completions", "completions")}
        proxy = proxy_for(self._url)
        async with aiohttp.ClientSession(
            # How many requests there are and how long they may take is the dispatcher's business.
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEPT_SECONDS),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Content-Type": "application/json", "Accept-Encoding": "identity", **authorization(self._key_env)},
        ) as session:

            async def send(request: Request) -> Completion:
                path, body = self._body(request)
                sent = monotonic()
                try:
                    async with session.post(
                        urls[path], data=wire.encode(body), proxy=proxy, allow_redirects=False
                    ) as response:
                        data = await _read(response)
                except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
                    raise Fault(Kind.UNREACHABLE, f"{self._url} cannot be reached: {_reason(error)}") from error
                except (aiohttp.ClientError, OSError) as error:
                    raise Fault(Kind.BROKEN, f"the connection broke: {_reason(error)}") from error
                if data is None:
                    return self._failed(f"the answer is larger than {LARGEST_ANSWER >> 20} MiB")
                if response.status == 200:
                    return self._completion(request, data, monotonic() - sent)
                return self._without_answer(response.status, response.headers, data, body)

            yield send

    def _body(self, request: Request) -> tuple[str, dict[str, Any]]:
        chat = request.text is None
        known = self._settings.get(chat)
        if known is None or known[0] is not request.generation:
            known = self._settings[chat] = (request.generation, self._settings_for(request.generation, chat=chat))
        body = dict(known[1])
        if not chat:
            body["prompt"] = f"{request.text}{request.prefill}"
            return "completions", body
        body["messages"] = request.messages
        if request.prefill:
            body["messages"] = (*request.messages, {"role": "assistant", "content": request.prefill})
            body.update(PREFILLS[self._prefill])
        return "chat/completions", body

    def _settings_for(self, generation: Generation, *, chat: bool) -> dict[str, Any]:
        if generation.num_beams is not None:
            self._dropped.add("num_beams")  # there is no word for it in this API
        settings = {name: getattr(generation, name) for name in OPTIONAL if name not in self._dropped}
        settings = {name: value for name, value in settings.items() if value is not None}
        if "top_logprobs" in settings:
            settings["logprobs"] = True if chat else settings.pop("top_logprobs")
        if generation.stop:
            settings["stop"] = generation.stop
        return {"model": self._model, self._max_tokens: generation.max_tokens, **settings, **self._extra}

    def _completion(self, request: Request, data: bytes, seconds: float) -> Completion:
        try:
            answer = wire.decode(data)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            what = self._redact.message(str(error))
            raise Fault(Kind.BROKEN, f"the answer is not what it should be: {what}") from error
        if not answer.choices:
            status = answer.error.get("code") if isinstance(answer.error, dict) else None
            return self._without_answer(status if isinstance(status, int) and status >= 400 else 502, {}, data, {})
        if answer.model is not None:
            self._served.add(answer.model)
        choice = answer.choices[0]
        if choice.finish_reason in wire.BROKEN_OFF:
            raise Fault(Kind.BROKEN, f"the server ended its answer with {choice.finish_reason}")
        finish, text, detail = wire.said(*wire.parts_of(choice), choice.finish_reason)
        tokens = answer.usage or wire.Tokens()
        return Completion(
            finish=finish,
            text=None if text is None else self._redact.answer(text),
            usage=self._limits.usage(tokens.prompt_tokens, tokens.completion_tokens, seconds=seconds),
            detail=detail,
            first_token=wire.first_token(choice.logprobs) if request.generation.top_logprobs else {},
            dropped=tuple(sorted(self._dropped)),
        )

    def _without_answer(
        self, status: int, headers: Mapping[str, str], data: bytes, body: Mapping[str, Any]
    ) -> Completion:
        """What a status other than 200 means: a completion that failed, or an exception (see faults)."""
        text = self._redact.message(faults.message_in(data))
        said = f"{status}: {text}" if text else f"status {status}, without a word"
        if 300 <= status < 400:
            raise InputError(f"{self._url} redirects to {headers.get('location', 'elsewhere')}; give that address")
        match faults.kind_of(status, text):
            case Kind.CREDENTIALS:
                known = "refuses the key in" if os.environ.get(self._key_env) else "wants a key, and there is none in"
                raise InputError(f"{self._url} {known} {self._key_env} ({said})")
            case Kind.QUOTA:
                raise JudgebenchError(f"{self._url}: the account has no credit left ({said})")
            case Kind.MODEL:
                raise InputError(f"{self._url} does not serve {self._model!r} ({said})")
            case Kind.TOO_LONG:
                return self._failed(f"the prompt is too long for the model ({said})")
            case Kind.CONTENT:
                return Completion(finish=Finish.REFUSED, detail=said, dropped=tuple(sorted(self._dropped)))
            case Kind.PARAMETER if (named := faults.named_setting(text, body)) is not None:
                self._do_without(named, text)
                raise Fault(Kind.CHANGED, said)
            case Kind.PARAMETER:
                raise Fault(Kind.REJECTED, said)
            case kind:
                raise Fault(kind, said, retry_after=faults.retry_after(headers))

    def _do_without(self, named: str, text: str) -> None:
        """Mend what an error message complains of, or InputError. (It may speak of a request that left before an
        earlier complaint was heard; there is nothing more to mend then.)"""
        self._settings.clear()
        setting = "top_logprobs" if named == "logprobs" else named
        if named == "max_tokens" and "max_completion_tokens" in text:
            self._max_tokens = "max_completion_tokens"
        elif setting in OPTIONAL and named not in self._extra:
            self._dropped.add(setting)
        else:
            hint = "; -J prefill=message may do" if named in PREFILLS["extras"] else ""
            raise InputError(f"{self._url} does not take the setting {named} ({text}){hint}")

    def _failed(self, detail: str) -> Completion:
        return Completion(finish=Finish.FAILED, detail=detail, dropped=tuple(sorted(self._dropped)))


def served_models(url: str, key_env: str) -> list[str]:
    """What the server lists at /models. InputError or JudgebenchError where it lists nothing."""
    request = urllib.request.Request(address(url, "models"), headers=authorization(key_env))  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=CONNECT_SECONDS) as response:  # noqa: S310  (http is checked)
            listed = msgspec.json.decode(response.read(LARGEST_ANSWER))
        return [str(model["id"]) for model in listed["data"]]
    except urllib.error.HTTPError as error:
        hint = f"; is {key_env} set and right?" if error.code in (401, 403) else ""
        raise InputError(f"{url}/models answers {error.code}{hint} Name the model: server:{url}#MODEL") from error
    except OSError as error:
        raise JudgebenchError(f"{url} cannot be reached: {getattr(error, 'reason', error)}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise InputError(f"{url}/models lists no models; name one: server:{url}#MODEL") from error


def address(url: str, path: str) -> str:
    """A path below a URL that may have a query (?api-version=...)."""
    base, mark, query = url.partition("?")
    return f"{base.rstrip('/')}/{path}{mark}{query}"


def authorization(key_env: str) -> dict[str, str]:
    key = os.environ.get(key_env, "").strip()
    return {"Authorization": f"Bearer {key}"} if key else {}


def proxy_for(url: str) -> str | None:
    """The proxy that the environment names for an address; none for this machine's own."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host in ("localhost", "::1") or host.startswith("127.") or urllib.request.proxy_bypass(host):
        return None
    return urllib.request.getproxies().get(parts.scheme)


async def _read(response: aiohttp.ClientResponse) -> bytes | None:
    """The body; None where it is too large to be an answer, whatever size it claims."""
    if response.content_length is not None and response.content_length <= LARGEST_ANSWER:
        return await response.read()
    chunks: list[bytes] = []
    size = response.content_length or 0
    while size <= LARGEST_ANSWER:
        chunk = await response.content.readany()
        if not chunk:
            return b"".join(chunks)
        chunks.append(chunk)
        size += len(chunk)
    response.close()
    return None


def _reason(error: BaseException) -> str:
    return str(error) or type(error).__name__
