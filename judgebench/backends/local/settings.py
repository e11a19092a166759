"""-J options of every kind of judge that loads a model. No torch here: they can be listed and checked without it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from judgebench.errors import InputError, JudgebenchError
from judgebench.extensions import install
from judgebench.options import Option, json_object, switch, whole, words

DTYPES = ("bfloat16", "float16", "float32")


def _spread(text: str) -> str:
    if text.startswith("{") and not isinstance(json.loads(text), dict):
        raise ValueError
    return text


_PLACE: dict[str, Any] = {"harmless": "where and how it is computed, which is recorded; the weights are the same"}
_SIZE: dict[str, Any] = {"harmless": "how much is computed at once"}
_TRUST: dict[str, Any] = {"harmless": "lets the weights load; which they are is in the protocol", "typed": True}
OPTIONS = (
    Option("revision", "a branch, tag or commit of the model's repository"),
    words("dtype", "bfloat16, float16 or float32; otherwise as the weights are stored", DTYPES, default=None),
    json_object(
        "quantization", "4bit, 8bit (bitsandbytes), or transformers' quantization_config as JSON", "4bit", "8bit"
    ),
    whole("context", "tokens of prompt and answer at most; otherwise what the model was made for"),
    Option("device", "cuda, cuda:1, cpu, mps; otherwise the first GPU, or the CPU", **_PLACE),
    Option(
        "device_map",
        "auto, balanced, ... or JSON: spread the model over devices",
        _spread,
        "a word or a JSON object",
        **_PLACE,
    ),
    Option(
        "attn",
        "sdpa, eager, flash_attention_2, ...: transformers' own batches with that attention, in place of packs",
        **_PLACE,
    ),
    whole("batch_tokens", "tokens in one forward pass at most; otherwise as memory allows", **_SIZE),
    switch("compile", "yes: compile the model's layers first (a minute, once; for long runs on a GPU)", **_PLACE),
    switch("trust_remote_code", "yes: run the code in the model's repository", **_TRUST),
    switch("pickle", "yes: load weights that are not safetensors", **_TRUST),
)


@dataclass(frozen=True)
class Loading:
    model: str
    revision: str | None = None
    dtype: str | None = None
    device: str | None = None
    device_map: str | None = None
    quantization: str | None = None
    attn: str | None = None
    batch_tokens: int | None = None
    context: int | None = None
    compile: bool = False
    trust_remote_code: bool = False
    pickle: bool = False

    @classmethod
    def of(cls, judge: str, model: str, options: Mapping[str, Any]) -> Loading:
        """From the values of -J options; the ones that are not about loading are left alone."""
        if "device" in options and "device_map" in options:
            raise InputError(f"{judge}: give device or device_map, not both")
        return cls(model=model, **{option.name: options[option.name] for option in OPTIONS if option.name in options})


def need_extra(judge: str) -> None:
    """Say what to install where torch is missing."""
    if not (installed("torch") and installed("transformers")):
        raise JudgebenchError(f"{judge} needs torch and transformers: {install('local')}")


def installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
