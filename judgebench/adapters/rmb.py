"""RMB: Zhou-Zoey/RMB-Reward-Model-Benchmark@2be3180857f2190b7ffa929d43190835627f1f4d, RMB_dataset; one JSON list a
scenario, for pairs and for best-of-n. A source's role is the file's path.

Rows made up in that schema:

    {"pair_uid": "7", "category_path": "Pairwise_set/Helpfulness/Chat/Discussion",
     "conversation_input": [{"role": "user", "content": "Name a colour."}],
     "chosen": {"llm_name": "model-x", "answer": "Red."}, "reject": {"llm_name": "model-y", "answer": "Soup."}}
    {"bon_uid": "8", "category_path": "BoN_set/Harmlessness/S1",
     "conversation_input": [{"role": "user", "content": "Name a colour."}],
     "bon_best": {"llm_name": "model-x", "answer": "Red."},
     "loser_list": [{"llm_name": "model-y", "answer": "Soup."}, {"llm_name": "model-z", "answer": "No."}]}

Which response comes first depends on the id. An item's subset is its goal and kind, its scenario the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from judgebench import rows
from judgebench.adapters.items import Files, Options, conversation, shuffled
from judgebench.types import Item, Response, Verdict, digest

_KINDS = {"Pairwise_set": "pairs", "BoN_set": "best of n"}


def items(files: Files, options: Options) -> Iterator[Item]:
    for role, path in files.items():
        _, kind, goal, *scenario = role.removesuffix(".json").split("/")
        for row in rows.read(path):
            pairs = kind == "Pairwise_set"
            name = f"{_KINDS[kind]}/{row.identifier('pair_uid' if pairs else 'bon_uid')}"
            best = _response(row, row.value("chosen" if pairs else "bon_best"))
            worse = [
                _response(row, value) for value in ([row.value("reject")] if pairs else row.sequence("loser_list"))
            ]
            if not worse:
                raise row.bad("loser_list is a list of one response or more")
            order = shuffled(name, 1 + len(worse))
            messages = conversation(row, "conversation_input")
            yield Item(
                id=name,
                messages=messages,
                responses=tuple([best, *worse][slot] for slot in order),
                gold=Verdict(scores=tuple(float(slot == 0) for slot in order)),
                subset=f"{goal}, {_KINDS[kind]}",
                scenario="/".join(scenario),
                language="en",
                cluster=digest(messages),
            )


def _response(row: rows.Row, value: Any) -> Response:
    response = row.within(value, "a response")
    return Response(text=response.text("answer"), author=response.text("llm_name"))
