"""`server:URL#MODEL`: a model behind any server with OpenAI's HTTP API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from judgebench.backends import scoring
from judgebench.backends.credentials import Redactor, load_dotenv
from judgebench.backends.limits import LIMIT_OPTIONS, Limits
from judgebench.backends.server import ServerBackend, served_models
from judgebench.errors import InputError
from judgebench.models import Model
from judgebench.options import Option, json_object, words

OPTIONS = (
    words(
        "api",
        "chat: messages or text; with verdict=forced also a decision API, which puts the prompt into a question of its "
        "own: systemone (as vLLM 0.32 has it), or decisions (OpenAI's; written from its types and met on no server)",
        ("chat", *scoring.DECISIONS),
    ),
    json_object("extra_body", "JSON: more fields of the request"),
    Option(
        "key_env",
        "the environment variable that holds the key; otherwise OPENAI_API_KEY",
        default="OPENAI_API_KEY",
        harmless="says who asks, not what is asked",
        typed=True,
    ),
    *LIMIT_OPTIONS,
)
PLACE = "server:URL#"
CHOICES = {
    "server:URL#MODEL": "a model behind any OpenAI-compatible server (vLLM, SGLang, Ollama, TGI); where there is only "
    "one, #MODEL may be left out; the key is in OPENAI_API_KEY, or -J key_env=NAME",
}


def open(name: str, options: Mapping[str, Any]) -> Model:  # noqa: A001  (the seam's name)
    load_dotenv()
    url, _, model = name.partition("#")
    check_address("server:", url)
    judge = f"server:{name}"
    key_env = options["key_env"]
    extra_body = more_fields(judge, options)
    # A server of one's own keeps requests waiting rather than refusing them: all connections begin at once.
    limits = Limits.of(judge, options, max_connections=64, start=64)
    url = url.rstrip("/")
    if not model:
        models = served_models(url, key_env)
        if len(models) != 1:
            listed = f"there are: {', '.join(models[:20])}" if models else "the server lists none"
            raise InputError(f"server:{url}: which model? Name it, as in server:{url}#MODEL; {listed}")
        model = models[0]
    decides = options["api"] if options.get("api", "chat") != "chat" else None
    if decides and options.get("verdict") != "forced":
        raise InputError(f"{judge}: /{decides} answers with probabilities and writes no text; add -J verdict=forced")
    writer = ServerBackend(url, model, limits, key_env=key_env, extra_body=extra_body, decides=decides)
    identity: dict[str, Any] = {"model": model, **({"extra_body": extra_body} if extra_body else {})}
    if decides:
        identity |= {"api": decides, "instructions": scoring.INSTRUCTIONS}
    return Model(judge, model, identity, writer.provenance, writer)


def more_fields(judge: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Of the option extra_body. InputError where it holds a key."""
    typed = options.get("extra_body", "{}")
    if Redactor().message(typed) != typed:
        raise InputError(f"{judge}: extra_body holds a key, and would be recorded; keys belong into the environment")
    fields: dict[str, Any] = msgspec.json.decode(typed)
    return fields


def check_address(judge: str, url: str) -> None:
    """An address is part of what is recorded with every result: no password may be in it."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        sound = parts.scheme in ("http", "https") and port != 0 and bool(host.encode("idna"))
    except ValueError:  # half an IPv6 address, a port that is none, a host with an empty or an endless label
        sound = False
    if not sound or any(sign.isspace() or not sign.isprintable() for sign in url):
        raise InputError(f"{judge} a server is named by its address, as in http://localhost:8000/v1, not {url!r}")
    query = " ".join(name for name, _ in parse_qsl(parts.query, keep_blank_values=True)).lower()
    if "@" in parts.netloc or any(word in query for word in ("key", "token", "secret", "password", "sig")):
        raise InputError(
            f"{judge} the address {parts.scheme}://{parts.hostname} is recorded with the results, so it may hold no "
            "password or key; put that into an environment variable"
        )
