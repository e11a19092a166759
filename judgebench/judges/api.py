"""`api:PROVIDER/MODEL`: a model behind any API that litellm knows, asked with a prompt."""

from __future__ import annotations

from collections.abc import Mapping

from judgebench.backends.api import ApiBackend
from judgebench.backends.credentials import load_dotenv
from judgebench.backends.limits import LIMIT_OPTIONS, Limits
from judgebench.errors import InputError
from judgebench.judges import refuse_unknown
from judgebench.judges._prompted import PROMPT_OPTIONS, Prompted, prompted
from judgebench.judges.server import check_address, json_option

CONNECTIONS = 32
START = 8
"""Providers count: a few requests at once in the beginning, and more with every answer."""
OPTIONS = {
    "api_base": "another address of the provider's API",
    "api_version": "where the provider asks for one",
    "reasoning_effort": "low, medium, high, ... as the provider has it",
    "extra_body": "JSON: more fields of the request",
}
CHOICES = {
    "api:PROVIDER/MODEL": "a model behind any API that litellm knows, as in api:openai/gpt-4o; the key is in the "
    "provider's environment variable, or in a file named .env",
}


def open(name: str, options: Mapping[str, str]) -> Prompted:  # noqa: A001  (the seam's name)
    load_dotenv()
    judge = f"api:{name}"
    refuse_unknown(judge, options, (*OPTIONS, *LIMIT_OPTIONS, *PROMPT_OPTIONS))
    limits = Limits.of(judge, options, max_connections=CONNECTIONS, start=START)
    if "api_base" in options:
        check_address(judge, options["api_base"])
    extra = {option: options[option] for option in OPTIONS if option in options and option != "extra_body"}
    extra |= json_option(judge, "extra_body", options)
    if reserved := RESERVED & set(extra):
        raise InputError(f"{judge}: extra_body may not set {', '.join(sorted(reserved))}")
    changed = ",".join(
        f"{option}={options[option]}" for option in ("reasoning_effort", "extra_body") if option in options
    )
    return prompted(
        f"{judge}[{changed}]" if changed else judge,
        {option: value for option, value in options.items() if option in PROMPT_OPTIONS},
        ApiBackend(name, limits, extra=extra),
        default_prompt="pairwise",
        protocol={"model": name, **extra},
    )


RESERVED = frozenset({"model", "messages", "api_key", "stream", "n", "timeout", "max_retries", "num_retries"})
