"""The files of a folder of results in whatever format they were written, as what they are today.

Format 1 has `format` in manifest.json, scores.json and card.yaml; the manifest's speaks for all of its run's folder, so
that judgments.jsonl and items.jsonl need no header and stay one record a line. Format 0, of judgebench 0.1, has none: a
manifest there names benchmark and judge by their names alone, with the judge as it was typed in `spec`; what a program
must know about a judgment stands in its detail, in words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from judgebench.options import with_options
from judgebench.resources import require_known
from judgebench.types import (
    BenchmarkRef,
    Flag,
    JudgeRef,
    Judgment,
    Label,
    Manifest,
    Scores,
    Stored,
    digest_of,
    digest_of_items,
)

_WORDS = {"inconsistent": Flag.INCONSISTENT, "reason: right": Flag.RIGHT_REASON, "reason: wrong": Flag.WRONG_REASON}
_CUT = "cut on the "


class _Manifest0(Stored, frozen=True, kw_only=True):
    """manifest.json in format 0."""

    benchmark: str
    version: str
    items: str
    judge: str
    protocol: dict[str, Any] = msgspec.field(default_factory=dict)
    orders: str
    samples: int = 1
    limit: int | None = None
    spec: str = ""
    options: dict[str, str] = msgspec.field(default_factory=dict)
    provenance: dict[str, Any] = msgspec.field(default_factory=dict)
    versions: dict[str, str] = msgspec.field(default_factory=dict)

    def current(self) -> Manifest:
        benchmark, options = _apart(self.benchmark)
        judge, settings = _judge_of_0(self)
        protocol = {name: value for name, value in self.protocol.items() if name != "api_base"}
        address = self.protocol.get("api_base") or self.provenance.get("url")
        same = ("version", "items", "orders", "samples", "limit", "provenance", "versions")
        return Manifest(
            benchmark_ref=BenchmarkRef(id=benchmark, options=options),
            judge_ref=judge,
            protocol=protocol,
            settings=settings,
            addresses=(str(address),) if address else (),
            **{name: getattr(self, name) for name in same},
        )


def manifest(data: bytes, path: Path, labels: Callable[[], Iterable[Label]]) -> Manifest:
    """`labels` are the benchmark's; a manifest of format 0 has a digest of all of their fields."""
    if _number(data, path):
        return msgspec.json.decode(data, type=Manifest)
    made = msgspec.json.decode(data, type=_Manifest0).current()
    beside = list(labels())
    if beside and digest_of(beside) == made.items:
        return msgspec.structs.replace(made, items=digest_of_items(beside))
    return made


def scores(data: bytes, path: Path) -> Scores:
    if _number(data, path):
        return msgspec.json.decode(data, type=Scores)
    fields = msgspec.json.decode(data, type=dict[str, Any])
    made = msgspec.convert(fields.get("manifest"), _Manifest0).current()
    return msgspec.convert(
        {**fields, "manifest": msgspec.to_builtins(made), "benchmark": made.benchmark, "judge": made.judge}, Scores
    )


def judgment(row: Judgment) -> Judgment:
    """A row of format 0 has no flags, and says in its detail what they say now."""
    if row.flags or row.detail is None:
        return row
    flag = _WORDS.get(row.detail) or (Flag.CUT if _CUT in row.detail else None)
    return msgspec.structs.replace(row, flags=(flag,)) if flag else row


class _Header(Stored, frozen=True):
    format: Any = 0


def _number(data: bytes, path: Path) -> int:
    """Of the file's format; 0 where it has none."""
    return require_known(msgspec.json.decode(data, type=_Header).format, path)


def _judge_of_0(old: _Manifest0) -> tuple[JudgeRef, dict[str, str]]:
    """The judge, and the options that do not stand in its name, which change no answer."""
    if not old.spec:
        return JudgeRef(called=old.judge), {}
    kind, colon, _ = old.spec.partition(":")
    if not colon:  # a judge of the user's own, in Python
        return JudgeRef(kind="python", model=old.judge, called=old.judge), {}
    # The name of a server's judge had an address in it, which may have brackets of its own before the model.
    bare, options = _apart(old.judge.rpartition("#")[2] if kind == "server" else old.judge.removeprefix(f"{kind}:"))
    model = str(old.protocol.get("model", bare)) if kind == "server" else bare
    settings = {option: value for option, value in old.options.items() if option not in options}
    return JudgeRef(kind=kind, model=model, options=options), settings


def _apart(name: str) -> tuple[str, dict[str, str]]:
    """What a name of format 0 was made of: `NAME[option=value,option=value]`, in two pairs of brackets where the judge
    had options of two sorts."""
    brackets = name.endswith("]") and "=" in name.partition("[")[2]
    return with_options(name.replace("][", ",")) if brackets else (name, {})
