"""`api:PROVIDER/MODEL`: a model behind any API that litellm knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from judgebench.backends.api import ApiBackend
from judgebench.backends.credentials import load_dotenv
from judgebench.backends.limits import LIMIT_OPTIONS, Limits
from judgebench.errors import InputError
from judgebench.models import Model
from judgebench.models.server import check_address, more_fields
from judgebench.options import Option, json_object

OPTIONS = (
    Option("api_version", "where the provider asks for one"),
    Option("reasoning_effort", "low, medium, high, ... as the provider has it"),
    json_object("extra_body", "JSON: more fields of the request", typed=True),
    Option(
        "api_base",
        "another address of the provider's API",
        harmless="says where the model is asked; what answers there is compared when a run goes on",
        typed=True,
    ),
    *LIMIT_OPTIONS,
)
CHOICES = {
    "api:PROVIDER/MODEL": "a model behind any API that litellm knows, as in api:openai/gpt-4o; the key is in the "
    "provider's environment variable, or in a file named .env",
}


def open(name: str, options: Mapping[str, Any]) -> Model:  # noqa: A001  (the seam's name)
    load_dotenv()
    judge = f"api:{name}"
    # Providers count: a few requests at once in the beginning, and more with every answer.
    limits = Limits.of(judge, options, max_connections=32, start=8)
    if "api_base" in options:
        check_address(judge, options["api_base"])
    extra = more_fields(judge, options)
    if reserved := RESERVED & set(extra):
        raise InputError(f"{judge}: extra_body may not set {', '.join(sorted(reserved))}")
    taken = {option: options[option] for option in ("api_base", "api_version", "reasoning_effort") if option in options}
    sent = {**taken, **extra}
    writer = ApiBackend(name, limits, extra=sent)
    identity = {option: value for option, value in sent.items() if option != "api_base"}
    return Model(judge, name, {"model": name, **identity}, writer.provenance, writer)


RESERVED = frozenset(
    {"model", "messages", "api_key", "stream", "n", "timeout", "max_retries", "num_retries", "api_base", "base_url"}
)
"""What extra_body may not set, because it is set otherwise: the question, who pays, and where it goes."""
