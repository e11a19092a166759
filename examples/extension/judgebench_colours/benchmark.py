"""`colours`: which of two words is a colour? Its card is `colours.yaml` beside this module, which is its adapter."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from judgebench.types import FIRST, SECOND, Item, Message, Response
from judgebench_colours import COLOURS, OTHERS


def items(files: Mapping[str, Path], options: Mapping[str, Any]) -> Iterator[Item]:
    """Nothing is downloaded: `files` is empty, for the card has no sources."""
    for number, (colour, other) in enumerate(zip(COLOURS, OTHERS, strict=True)):
        words = (colour, other) if number % 2 == 0 else (other, colour)
        yield Item(
            id=colour,
            messages=(Message(role="user", content=f"Name a colour. (question {number})"),),
            responses=tuple(Response(text=word) for word in words),
            gold=FIRST if number % 2 == 0 else SECOND,
            cluster=colour,
        )
