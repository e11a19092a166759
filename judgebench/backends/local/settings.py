"""-J options of every kind of judge that loads a model. No torch here: they can be listed and checked without it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from judgebench.errors import InputError, JudgebenchError
from judgebench.extensions import install

OPTIONS = {
    "revision": "a branch, tag or commit of the model's repository",
    "dtype": "bfloat16, float16 or float32; otherwise as the weights are stored",
    "device": "cuda, cuda:1, cpu, mps; otherwise the first GPU, or the CPU",
    "device_map": "auto, balanced, ... or JSON: spread the model over devices",
    "quantization": "4bit, 8bit (bitsandbytes), or transformers' quantization_config as JSON",
    "attn": "sdpa, eager, flash_attention_2, ...: transformers' own batches with that attention, in place of packs",
    "batch_tokens": "tokens in one forward pass at most; otherwise as memory allows",
    "context": "tokens of prompt and answer at most; otherwise what the model was made for",
    "compile": "yes: compile the model's layers first (a minute, once; for long runs on a GPU)",
    "trust_remote_code": "yes: run the code in the model's repository",
    "pickle": "yes: load weights that are not safetensors",
}
DTYPES = ("bfloat16", "float16", "float32")


@dataclass(frozen=True)
class Settings:
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
    def of(cls, judge: str, model: str, options: Mapping[str, str]) -> Settings:
        """From -J options; the ones that are not about loading are left alone."""
        given: dict[str, Any] = {name: value for name, value in options.items() if name in OPTIONS}
        for name in ("compile", "trust_remote_code", "pickle"):
            if name in given:
                given[name] = yes(judge, name, given[name])
        for name in ("batch_tokens", "context"):
            if name in given:
                given[name] = whole(judge, name, given[name])
        if given.get("dtype", DTYPES[0]) not in DTYPES:
            raise InputError(f"{judge}: dtype is one of {', '.join(DTYPES)}, not {given['dtype']!r}")
        if "device" in given and "device_map" in given:
            raise InputError(f"{judge}: give device or device_map, not both")
        if given.get("quantization", "4bit") not in ("4bit", "8bit"):
            need_json(judge, "quantization", given["quantization"], "4bit, 8bit or a JSON object")
        if given.get("device_map", "").startswith("{"):
            need_json(judge, "device_map", given["device_map"], "a word or a JSON object")
        return cls(model=model, **given)


def yes(judge: str, name: str, text: str) -> bool:
    if text.lower() not in ("yes", "no", "true", "false"):
        raise InputError(f"{judge}: {name} is yes or no, not {text!r}")
    return text.lower() in ("yes", "true")


def whole(judge: str, name: str, text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise InputError(f"{judge}: {name} is a whole number from 1 on, not {text!r}")
    return int(text)


def need_json(judge: str, name: str, text: str, what: str) -> None:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise InputError(f"{judge}: {name} is {what}, not {text!r}")


def need_extra(judge: str) -> None:
    """Say what to install where torch is missing."""
    if not (installed("torch") and installed("transformers")):
        raise JudgebenchError(f"{judge} needs torch and transformers: {install('local')}")


def installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
