"""What a parser receives and returns, and how the answer is separated from a model's thoughts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Asked:
    """What the prompt asked for: a verdict over how many responses (or steps), ratings on which scale (both ends
    included), or one of which labels. `cut` says that the text ends at the token limit, so that its last word may be
    incomplete."""

    responses: int = 2
    scale: tuple[float, float] | None = None
    cut: bool = False
    labels: tuple[str, ...] = ()

    @property
    def numbers(self) -> int:
        """How many a verdict has."""
        return len(self.labels) or self.responses


@dataclass(frozen=True)
class Parsed:
    """Scores in shown order, or None and the reason. `said` is the verdict in the judge's words; where there are no
    scores, it is what stood in the verdict's place, or None where nothing did."""

    scores: tuple[float, ...] | None
    said: str | None = None
    reason: str | None = None


Parser = Callable[[str, Asked], Parsed]


def unread(reason: str, said: str | None = None) -> Parsed:
    return Parsed(None, said, reason)


def chosen(slot: int, asked: Asked, said: str) -> Parsed:
    """The response in that slot is the best one, or the label in that place is the right one."""
    return Parsed(tuple(float(index == slot) for index in range(asked.numbers)), said)


def tied(asked: Asked, said: str) -> Parsed:
    return Parsed((1 / asked.responses,) * asked.responses, said)


_TAGS = "think|thinking|thought|reasoning|scratchpad"
_THOUGHT = re.compile(
    rf"""(?P<open>  ^[ \t]{{0,16}} (?: <(?:seed:)?(?:{_TAGS})> | \[think\] | ◁think▷ | <\|begin_of_thought\|> ) )
       | (?P<close> </(?:seed:)?(?:{_TAGS})> | \[/think\] | ◁/think▷ | <\|end_of_thought\|> )""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_CHANNEL = re.compile(r"<\|channel\|>\s{0,8}(\w{0,32})[^<]{0,64}<\|message\|>")


def without_thoughts(text: str) -> str:
    """The text without <think> blocks and the like, and without any channel but the final one.

    A thought that never ends reaches to the end of the text. One that ends without having begun was begun by the chat
    template, and reaches back to the beginning. A thought can begin only at the start of a line: elsewhere, the text
    merely mentions the tag.
    """
    channels = list(_CHANNEL.finditer(text))
    if channels:
        return text[channels[-1].end() :].split("<|", 1)[0] if channels[-1][1] == "final" else ""
    if text.startswith("analysis") and "assistantfinal" in text:  # channels again, decoded without their special tokens
        return text.rpartition("assistantfinal")[2]
    kept: list[str] = []
    start, inside = 0, False
    for mark in _THOUGHT.finditer(text):
        if mark["close"]:
            if not inside:
                kept.clear()
            start, inside = mark.end(), False
        elif not inside:
            kept.append(text[start : mark.start()])
            inside = True
    if not inside:
        kept.append(text[start:])
    return "".join(kept)


_INVISIBLE = (
    *(0xAD, 0x34F, 0x61C, 0x180E, 0xFEFF), *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070),
    *range(0xFE00, 0xFE10), *range(0xE0000, 0xE0080),
)  # fmt: skip
_LOOK_ALIKES: dict[int, str | None] = {
    **dict.fromkeys(_INVISIBLE),
    **{wide: chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F)},
    **{ord(wide): narrow for wide, narrow in zip("【】〔〕『』「」《》。\u3000", '[][]"""""". ', strict=True)},
    ord("≫"): ">>",
    ord("≪"): "<<",
    **dict.fromkeys((ord("\r"), 0x85, 0x2028, 0x2029), "\n"),
}
"""Characters that change how a verdict looks but not what it says, with what takes their place."""


def plain(text: str) -> str:
    """Without zero-width characters; full-width letters and brackets as their ASCII twins; lines end at newlines."""
    return text.replace("\r\n", "\n").translate(_LOOK_ALIKES)
