"""The data sets of the alternative annotator test: nitaytech/AltTest@18428b1f4f34ac61c4978bc180263b90111e7337,
data/<set>/human_annotations.json (one object: annotator -> item -> label) and llm_annotations.json (model -> item ->
label). The option `set`:

    mtbench        winners (model_a, model_b, tie) by question, pair of models and turn; prompts.json has the dialogues
    summeval       ratings from 1 to 5 of four qualities of machine summaries; no texts here
    10k_prompts    ratings from 1 to 5 of prompts; no texts here

Files made up in that schema:

    {"author_0": {"82__model-x__model-y__1": "model_b"}}
    {"82__model-x__model-y__1": {"text_id": "82__model-x__model-y__1", "conversation_a": "[{'content': 'Q', 'role':
     'user'}, {'content': 'A', 'role': 'assistant'}]", "conversation_b": "..."}}

Annotators keep their ids as raters. Gold is the label that most of them gave; an item on which the lead is shared has
none. Ratings come as numbers or as texts.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from judgebench import rows
from judgebench.adapters import Recorded
from judgebench.adapters.items import Files, Options, dialogue, majority, option, refuse_options
from judgebench.adapters.pairing import AB, Pairing, only_path
from judgebench.types import FIRST, SECOND, TIE, Item, Label, Message, Response, Verdict

_SETS = ("mtbench", "summeval", "10k_prompts")
_WINNERS = {"model_a": FIRST, "model_b": SECOND, "tie": TIE}
_LOWEST, _HIGHEST = 1, 5


def items(files: Files, options: Options) -> Iterator[Item]:
    name = option(options, "set", _SETS)
    votes: dict[str, dict[str, Verdict]] = {}
    for annotator, item, verdict in _labels(files["people"], name):
        votes.setdefault(item, {})[annotator] = verdict
    prompts = rows.read_object(files["prompts"]) if name == "mtbench" else None
    for item, raters in votes.items():
        yield _pair(item, raters, prompts) if prompts else _rating(item, raters, name)


def recorded(paths: Sequence[Path], labels: Mapping[str, Label], options: Mapping[str, str]) -> Recorded:
    """Reads llm_annotations.json. The option `model` picks one of its models, by default the first. The items decide
    whether labels are winners or ratings."""
    refuse_options(options, "model")
    pairing = Pairing(labels)
    path = only_path(paths, "a file of model annotations")
    whole = rows.read_object(path)
    model = options.get("model") or next(iter(whole.fields), "")
    row = whole.within(whole.value(model), f"the annotations of {model[:40]}")
    for name in row.fields:
        if name not in labels:
            pairing.miss(row, f"no item is called {name[:60]}")
            continue
        pairs = len(labels[name].lengths) == 2
        pairing.add(row, name, AB if pairs else (0,), _verdict(row, name, pairs=pairs))
    return pairing.recorded("single")


def _labels(path: Path, name: str) -> Iterator[tuple[str, str, Verdict]]:
    whole = rows.read_object(path)
    for annotator in whole.fields:
        row = whole.within(whole.value(annotator), f"the annotations of {annotator[:40]}")
        for item in row.fields:
            yield annotator, item, _verdict(row, item, pairs=name == "mtbench")


def _verdict(row: rows.Row, item: str, *, pairs: bool) -> Verdict:
    if pairs:
        return row.choice(item, _WINNERS)
    return Verdict(scores=(row.number_in(row.value(item), item[:60], _LOWEST, _HIGHEST),))


def _pair(item: str, raters: dict[str, Verdict], prompts: rows.Row) -> Item:
    row = prompts.within(prompts.value(item), f"the prompt of {item[:60]}")
    parts = item.split("__")
    if len(parts) != 4:
        raise row.bad(f"an item is question, two models and turn, joined by __, not {item[:60]!r}")
    question, *models, turn = parts
    if turn not in ("1", "2"):
        raise row.bad(f"the turn is 1 or 2, not {turn[:20]!r}")
    sides = [_conversation(row, f"conversation_{side}", int(turn)) for side in "ab"]
    shared, texts = tuple(sides[0][:-1]), [side[-1].content for side in sides]
    if sides[0][:-1] != sides[1][:-1]:  # the second turns belong to different dialogues, so each is shown whole
        shared = tuple(sides[0][:1])
        texts = [dialogue(side[1:]) for side in sides]
    return Item(
        id=item,
        messages=shared,
        responses=tuple(Response(text=text, author=model) for text, model in zip(texts, models, strict=True)),
        gold=majority(raters),
        raters=raters,
        subset=f"turn-{turn}",
        language="en",
        cluster=question,
    )


def _conversation(row: rows.Row, column: str, upto: int) -> list[Message]:
    """The messages up to the judged turn. Upstream stores a conversation as the text of a Python list."""
    try:
        turns = ast.literal_eval(row.text(column))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise row.bad(f"{column} is the text of a list of turns: {type(error).__name__}") from error
    if not isinstance(turns, list) or len(turns) < 2 * upto:
        raise row.bad(f"{column} is the text of a list of {2 * upto} messages or more")
    read = [row.within(turn, f"a turn of {column}") for turn in turns[: 2 * upto]]
    return [Message(role=turn.text("role"), content=turn.text("content")) for turn in read]


def _rating(item: str, raters: dict[str, Verdict], name: str) -> Item:
    parts = item.split("__")
    return Item(
        id=item,
        responses=(Response(author=parts[1] if len(parts) == 3 else None),),
        gold=majority(raters),
        raters=raters,
        subset=parts[2] if len(parts) == 3 else name,
        language="en",
        cluster=parts[0],
    )
