"""Any provider that litellm knows. litellm translates, counts and prices; retries, pace and timeouts are the
dispatcher's. It is imported when a judge needs it (it takes seconds), and kept from calling home."""

from __future__ import annotations

import errno
import os
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache, cached_property
from importlib.metadata import version
from time import monotonic
from typing import Any, Literal, NoReturn

from judgebench.backends import faults, wire
from judgebench.backends.dispatch import Send
from judgebench.backends.faults import Fault, Kind
from judgebench.backends.limits import Limits
from judgebench.backends.remote import SCHEMA, Remote
from judgebench.errors import InputError
from judgebench.types import Completion, Finish, Generation, Request, Usage

LONGEST_ANSWER = 8 << 20
"""Characters."""
NO_CONNECTION = (ConnectionRefusedError, socket.gaierror, ssl.SSLCertVerificationError)
NO_ROUTE = (errno.EHOSTUNREACH, errno.ENETUNREACH)
KEYLESS = frozenset(
    {"bedrock", "sagemaker", "vertex_ai", "vertex_ai_beta", "azure", "azure_ai", "watsonx", "databricks"}
)
"""Providers that know other ways to tell who asks (a profile, a role, a token file) than a key in the environment."""


class ApiBackend(Remote):
    """`extra` is passed to litellm with every request: api_base, reasoning_effort and the like, but no key."""

    def __init__(self, model: str, limits: Limits, *, extra: Mapping[str, Any] | None = None) -> None:
        self._litellm = load_litellm()
        self._model = model
        self._extra = dict(extra or {})
        super().__init__(f"api:{model}", limits)
        try:
            self._bare, self._provider = self._litellm.get_llm_provider(model, api_base=self._extra.get("api_base"))[:2]
        except self._litellm.exceptions.BadRequestError as error:
            raise InputError(
                f"{self.who}: litellm knows no such provider or model; both are named, as in api:openai/gpt-4o"
            ) from error
        missing = [name for name in self._missing() if name.endswith(("_KEY", "_TOKEN"))]
        if missing and self._provider not in KEYLESS:
            raise InputError(
                f"{self.who} needs {' or '.join(missing)} in the environment, or in a file named .env in this folder"
            )

    @property
    def provenance(self) -> dict[str, Any]:
        return {
            "model": self._model,
            "provider": self._provider,
            **({"url": self._extra["api_base"]} if "api_base" in self._extra else {}),
            "dollars_per_million_tokens": self._prices(),
            "litellm": version("litellm"),
        }

    def quote(self, request: Request) -> Usage:
        """The prompt as litellm counts it, and every token that is allowed for the answer."""
        prompt = int(self._litellm.token_counter(model=self._model, messages=wire.turns(request.messages)))
        answer = request.generation.max_tokens
        return self.limits.usage(prompt, answer, seconds=0.0, cost=self._price_of(prompt, answer))

    def require_form(self, who: str, form: Literal["chat", "text", "images"]) -> None:
        if form == "text":
            raise InputError(
                f"{who} takes chat messages, and this prompt is one raw text for a model that was trained on it: "
                "ask that model through server: or local:"
            )

    def require_options(self, who: str, asked: Request) -> int | None:
        """What litellm does not list for a model, it would leave out in silence. A label's tokens are those that
        litellm counts, which for some providers are another's."""
        candidates = super().require_options(who, asked)
        if not {"logprobs", "top_logprobs"} <= set(self._supported):
            raise InputError(f"{who}: litellm knows of no log-probabilities that its provider gives; use verdict=text")
        for spellings in asked.options:
            if all(self._litellm.token_counter(model=self._model, text=spelling) > 1 for spelling in spellings):
                raise InputError(
                    f"{who}: {spellings[0]!r} is more than a token, and a provider tells how likely the first one is; "
                    "use verdict=text, or a prompt whose options are single tokens"
                )
        return candidates

    @cached_property
    def _supported(self) -> tuple[str, ...]:
        return tuple(self._litellm.get_supported_openai_params(self._bare, self._provider) or ())

    def key_names(self) -> str:
        keys = [name for name in os.environ if name.startswith(self._provider.upper()) and name.endswith("_KEY")]
        return " or ".join(sorted(keys) or self._missing()) or f"the environment for {self._provider}"

    def _missing(self) -> list[str]:
        """Environment variables that the provider wants and that are not set."""
        keys = self._litellm.validate_environment(self._model, api_base=self._extra.get("api_base"))
        return [] if keys["keys_in_environment"] else list(keys["missing_keys"])

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Send]:
        try:
            yield self._send
        finally:
            # litellm keeps connections and a task on this event loop, which ends now.
            from litellm.litellm_core_utils.logging_worker import GLOBAL_LOGGING_WORKER
            from litellm.llms.custom_httpx import async_client_cleanup

            close: Any = async_client_cleanup.close_litellm_async_clients
            await close()
            self._litellm.in_memory_llm_clients_cache.flush_cache()
            await GLOBAL_LOGGING_WORKER.stop()

    async def _send(self, request: Request) -> Completion:
        if request.text is not None:
            self.require_form(self.who, "text")
        if request.schema is not None and SCHEMA not in self._supported:
            self.drop(SCHEMA)  # litellm would leave it out in silence
        settings = self.settings(request)
        sent = monotonic()
        try:
            answer = await self._litellm.acompletion(messages=wire.turns(request.messages), **settings)
        except Exception as error:  # noqa: BLE001  (litellm raises its own errors, its providers' and plain ones)
            self._without_answer(error, settings)
        return self._completion(request, answer, monotonic() - sent)

    def translated(self, generation: Generation, wanted: dict[str, Any], *, chat: bool) -> dict[str, Any]:  # noqa: ARG002
        # What litellm does not list for a provider it would leave out in silence; what is not OpenAI's it passes on.
        supported = (*self._supported, "top_k", "repetition_penalty")
        for name in [name for name in wanted if name not in supported]:
            self.drop(name)
            del wanted[name]
        if "top_logprobs" in wanted:
            wanted["logprobs"] = True
        if generation.stop:
            wanted["stop"] = list(generation.stop)
        # What keeps litellm from retrying and dropping by itself.
        ours = {"timeout": self.limits.timeout, "max_retries": 0, "num_retries": 0, "drop_params": False}
        return {"model": self._model, "max_tokens": generation.max_tokens, **wanted, **self._extra, **ours}

    def _completion(self, request: Request, answer: Any, seconds: float) -> Completion:
        if not answer.choices:
            raise Fault(Kind.BROKEN, "an answer without a choice")
        hidden = getattr(answer, "_hidden_params", None) or {}
        served = hidden.get("provider_response_model") or answer.model
        choice, message = answer.choices[0], answer.choices[0].message
        more = getattr(message, "provider_specific_fields", None) or {}
        refusal = getattr(message, "refusal", None) or more.get("refusal")
        thought = getattr(message, "reasoning_content", None)
        finish, text, detail = wire.ending(message.content, thought, refusal, choice.finish_reason)
        if len(text or "") > LONGEST_ANSWER:
            return self.completed(Finish.FAILED, detail=f"an answer of more than {LONGEST_ANSWER >> 20} MiB")
        tokens = getattr(getattr(choice, "logprobs", None), "content", None) or ()
        candidates = [(each.token, each.logprob) for token in tokens[:1] for each in token.top_logprobs or ()]
        usage = getattr(answer, "usage", None)
        # Where a provider says nothing, litellm says 0.
        prompt, answered = (
            (usage.prompt_tokens, usage.completion_tokens) if usage and usage.prompt_tokens else (None, None)
        )
        return self.completed(
            finish,
            text=text,
            detail=detail,
            served=str(served) if served else None,
            usage=self.limits.usage(prompt, answered, seconds=seconds, cost=hidden.get("response_cost")),
            options=wire.likelihoods(request.options, wire.added_up(candidates)),
        )

    def _without_answer(self, error: Exception, sent: Mapping[str, Any]) -> NoReturn:
        complaint = self.redact.message(faults.one_line(str(getattr(error, "message", None) or error)))
        if (reason := _unreachable(error)) is not None:
            raise Fault(Kind.UNREACHABLE, f"{self.who} cannot be reached: {reason}") from error
        own = self._litellm.exceptions
        kinds = {
            own.ContextWindowExceededError: Kind.TOO_LONG,
            own.ContentPolicyViolationError: Kind.CONTENT,
            own.UnsupportedParamsError: Kind.PARAMETER,
        }
        status = getattr(error, "status_code", None)
        by_status = faults.kind_of(status if isinstance(status, int) else 500, complaint)
        kind = next((kind for type_, kind in kinds.items() if isinstance(error, type_)), by_status)
        headers = getattr(getattr(error, "response", None), "headers", None)
        headers = headers or getattr(error, "litellm_response_headers", None) or {}
        self.unanswered(kind, complaint, sent, faults.retry_after(headers))

    def mend(self, named: str, complaint: str) -> bool:
        if named in self._extra:
            raise InputError(f"{self.who} does not take {named} ({complaint})")
        return False

    def _prices(self) -> list[float] | None:
        """For prompts and answers, None where they are not known."""
        if self.limits.price_in is not None and self.limits.price_out is not None:
            return [self.limits.price_in, self.limits.price_out]
        million = 1_000_000
        prompt, answer = self._price_of(million, 0), self._price_of(0, million)
        return None if prompt is None or answer is None else [prompt, answer]

    def _price_of(self, prompt_tokens: int, completion_tokens: int) -> float | None:
        try:
            parts = self._litellm.cost_per_token(
                model=self._model, prompt_tokens=prompt_tokens, completion_tokens=completion_tokens
            )
        except Exception:  # noqa: BLE001  (several, by version and provider; all mean that there is no price)
            return None
        return float(sum(parts)) or None


@cache
def load_litellm() -> Any:
    """The module, told to stay at home: no price list from GitHub, no .env that it finds, no word on the screen."""
    home = ("LITELLM_LOCAL_MODEL_COST_MAP", "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS", "LITELLM_LOCAL_BLOG_POSTS")
    settings = {**dict.fromkeys(home, "True"), "LITELLM_MODE": "PRODUCTION", "LITELLM_LOG": "ERROR"}
    for name, value in settings.items():
        os.environ.setdefault(name, value)
    import litellm

    litellm.telemetry = False
    litellm.suppress_debug_info = True
    return litellm


def _unreachable(error: BaseException) -> str | None:
    """Why there is no connection, if that is at the bottom of an error: in the system's words, where it has any."""
    causes = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None and cause not in causes:
        causes.append(cause)
    if not any(isinstance(cause, NO_CONNECTION) or getattr(cause, "errno", 0) in NO_ROUTE for cause in causes):
        return None
    words = [cause.strerror for cause in causes if isinstance(cause, OSError) and cause.strerror]
    return faults.one_line(words[-1] if words else str(error) or type(error).__name__)
