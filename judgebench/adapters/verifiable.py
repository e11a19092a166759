"""The built-in benchmark `verifiable`: the questions of `judgebench.verifiable` as items. It has no files. The options
n and seed, whose defaults the card sets, make another benchmark of it."""

from __future__ import annotations

from collections.abc import Iterator

from judgebench import verifiable
from judgebench.adapters.items import Files, Options
from judgebench.errors import InputError
from judgebench.options import whole
from judgebench.types import FIRST, SECOND, Item, Message, Response

OPTIONS = (
    whole("n", "how many items; a multiple of 80 is balanced exactly"),
    whole("seed", "which questions are made", least=None),
)


def items(files: Files, options: Options) -> Iterator[Item]:
    try:
        yield from map(_item, verifiable.questions(options["n"], options["seed"]))
    except ValueError as error:
        raise InputError(f"verifiable: {error}") from error


def _item(question: verifiable.Question) -> Item:
    cell = question.cell
    texts = (question.right, question.wrong) if cell.right_first else (question.wrong, question.right)
    return Item(
        id=question.name,
        messages=(Message(role="user", content=question.text),),
        responses=tuple(Response(text=text) for text in texts),
        gold=FIRST if cell.right_first else SECOND,
        subset=question.family,
        language="en",
        cluster=question.name,
        facets={
            "family": question.family,
            "right_length": "long" if cell.right_long else "short",
            "right_format": "markdown" if cell.right_markdown else "plain",
            "right_slot": "first" if cell.right_first else "second",
            "error": question.error,
            "answer": question.answer,
        },
    )
