"""Preference Proxy Evaluations (2410.14872), from the Hugging Face hub. The option `part`:

    preference     lmarena-ai/PPE-Human-Preference-V1, votes on pairs. Its columns were not seen; these are the usual
                   ones of the arena's releases, and a file with others is refused with their names:
                   {"question_id": "q", "model_a": "x", "model_b": "y", "winner": "model_a", "language": "English",
                    "prompt": "Name a colour.", "response_1": "Red.", "response_2": "Soup."}
    correctness    the five lmarena-ai/PPE-*-Best-of-K, one file a set; a source's role is the set:
                   {"question_id": "q", "model_name": "x", "prompt": "What is 2 + 2?", "scores": [true, false, ...],
                    "mean_score": 0.5, "response_1": "4", ..., "response_32": "5"}

winner is model_a, model_b, tie or tie (bothbad). In the second, gold has a 1 for every right sample; the samples stand
in the order of their numbers, which has nothing to do with being right. With the option `form=pairs` an item is one of
the pairs of a right and a wrong sample that upstream drew for its accuracy (sampled_conflict_pairs, a list of pairs of
indices from 0).
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from judgebench import rows
from judgebench.adapters.items import Files, Options, conversation, option
from judgebench.types import FIRST, SECOND, TIE, Item, Response, Verdict, digest

_WINNERS = {"model_a": FIRST, "model_b": SECOND, "tie": TIE, "tie (bothbad)": TIE}


def items(files: Files, options: Options) -> Iterator[Item]:
    part = option(options, "part", ("preference", "correctness"))
    form = option(options, "form", ("sets", "pairs"))
    for role, path in files.items():
        for row in rows.read(path):
            if part == "preference":
                yield _pair(row)
            elif form == "sets":
                yield _samples(row, role)
            else:
                yield from _drawn_pairs(row, role)


def _pair(row: rows.Row) -> Item:
    messages = conversation(row, "prompt")
    return Item(
        id=row.identifier("question_id"),
        messages=messages,
        responses=tuple(
            Response(text=row.text(f"response_{number}"), author=row.text(f"model_{side}"))
            for number, side in ((1, "a"), (2, "b"))
        ),
        gold=row.choice("winner", _WINNERS),
        language=row.optional_text("language"),
        cluster=digest(messages),
    )


def _drawn_pairs(row: rows.Row, role: str) -> Iterator[Item]:
    """An item for each drawn pair, with the samples in the order of the pair."""
    whole = _samples(row, role)
    right = whole.gold.scores if whole.gold else ()
    for number, drawn in enumerate(row.sequence("sampled_conflict_pairs")):
        is_pair = isinstance(drawn, list) and len(drawn) == 2 and all(index in range(len(right)) for index in drawn)
        if not is_pair or right[drawn[0]] == right[drawn[1]]:
            raise row.bad(f"pair {number} of sampled_conflict_pairs is the indices of a right and a wrong sample")
        yield msgspec.structs.replace(
            whole,
            id=f"{whole.id}/{number}",
            responses=tuple(whole.responses[index] for index in drawn),
            gold=FIRST if right[drawn[0]] else SECOND,
        )


def _samples(row: rows.Row, role: str) -> Item:
    right = row.sequence("scores")
    if len(right) < 2 or not all(isinstance(score, bool) or score in (0, 1) for score in right):
        raise row.bad("scores is a list of true and false, one for each response")
    model = row.text("model_name")
    return Item(
        id=f"{role}/{row.identifier('question_id')}/{model}",
        messages=conversation(row, "prompt"),
        responses=tuple(
            Response(text=row.text(f"response_{number}"), author=model) for number in range(1, len(right) + 1)
        ),
        gold=Verdict(scores=tuple(float(score) for score in right)),
        subset=role,
        language="en",
        cluster=f"{role}/{row.identifier('question_id')}",
    )
