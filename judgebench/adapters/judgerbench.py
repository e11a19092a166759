"""JudgerBench A and B: judgerbench.zip of OpenCompass (its md5 is stated in opencompass@a5acc4bba3b6,
utils/datasets_info.py); the fields are those that opencompass/datasets/subjective/judgerbench.py reads. The option
`part` is `a` or `b`.

Rows made up in that schema, of judgerbench_A_cn.json and _en.json, and of judgerbench_B.json, a JSON list each:

    {"conversation_a": [{"role": "user", "content": "Name a colour."}, {"role": "assistant", "content": "Red."}],
     "conversation_b": [{"role": "user", "content": "Name a colour."}, {"role": "assistant", "content": "Soup."}],
     "model_a": "model-x", "model_b": "model-y", "winner": "model_a", "category": "Chat", "turn": 1}
    {"dataset_name": "arenahard", "question": "Name a colour.", "prediction": "Red.",
     "others": {"ref": "Soup.", "model": "model-x", "swap": false}, "gpt4o_pred": "My verdict is [[A>>B]]."}

A's gold is people's; a dialogue of several turns is shown as one response that quotes the user's later turns. B's gold
is GPT-4o's verdict, read with upstream's patterns: much better is (1, 0), slightly better (.75, .25); FoFo rates a
single response 0 or 1; an item whose gold cannot be read has none, and the rule leaves it out. With `swap` the response
shown second is the one of `model`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from judgebench import rows
from judgebench.adapters.items import Files, Options, conversation, dialogue, materials, option, user
from judgebench.types import FIRST, SECOND, TIE, Item, Kind, Message, Question, Response, Verdict, digest

_ARENA = {"en": "judgerbench_A_en.json", "cn": "judgerbench_A_cn.json"}
_LANGUAGES = {"en": "en", "cn": "zh"}
_WINNERS = {"model_a": FIRST, "model_b": SECOND}
_SLIGHTLY_FIRST, _SLIGHTLY_SECOND = Verdict(scores=(0.75, 0.25)), Verdict(scores=(0.25, 0.75))
_ARENA_HARD = {"A>>B": FIRST, "A>B": _SLIGHTLY_FIRST, "A=B": TIE, "B>A": _SLIGHTLY_SECOND, "B>>A": SECOND}
_WILDBENCH = {"A++": FIRST, "A+": _SLIGHTLY_FIRST, "A=B": TIE, "B++": SECOND, "B+": _SLIGHTLY_SECOND}
_FORMAT = Question(kind=Kind.SCORE, scale=(0, 1))
_CORRECTNESS = {0: Verdict(scores=(0,)), 1: Verdict(scores=(1,))}


def items(files: Files, options: Options) -> Iterator[Item]:
    part = option(options, "part", ("a", "b"))
    yield from _arena(files["zip"]) if part == "a" else _benchmark(files["zip"])


def _arena(path: Path) -> Iterator[Item]:
    for part, member in _ARENA.items():
        for row in rows.read(path, member):
            question = _turns(row, "conversation_a")[0].content
            yield Item(
                id=f"{part}/{row.number - 1}",
                messages=user(question),
                responses=tuple(
                    Response(text=_dialogue(row, f"conversation_{side}"), author=row.text(f"model_{side}"))
                    for side in "ab"
                ),
                gold=row.choice("winner", _WINNERS),
                subset=part,
                scenario=row.text("category"),
                language=_LANGUAGES[part],
                cluster=digest(question),
                facets={"turn": row.identifier("turn")},
            )


def _turns(row: rows.Row, column: str) -> tuple[Message, ...]:
    turns = conversation(row, column)
    roles = ["user" if index % 2 == 0 else "assistant" for index in range(len(turns))]
    if len(turns) < 2 or [turn.role for turn in turns] != roles:
        raise row.bad(f"{column} is a list of turns, user and assistant by turns, beginning with the user")
    return turns


def _dialogue(row: rows.Row, column: str) -> str:
    """What the assistant said; of several turns, with the user's turns between them."""
    return dialogue(_turns(row, column)[1:])


def _benchmark(path: Path) -> Iterator[Item]:
    for row in rows.read(path, "judgerbench_B.json"):
        subset = row.text("dataset_name")
        if subset not in _READERS:
            raise row.bad(f"dataset_name is one of {', '.join(_READERS)}, not {subset[:40]!r}")
        others = row.within(row.value("others"), "others")
        swap = bool(others.fields.get("swap"))
        model, pointwise = others.text("model"), subset.startswith("fofo")
        texts = [row.text("prediction"), *([] if pointwise else [others.text("ref")])]
        messages = conversation(row, "conversation" if subset == "wildbench" else "question")
        yield Item(
            id=str(row.number - 1),
            messages=messages,
            responses=tuple(
                Response(text=text, author=model if slot == int(swap and not pointwise) else None)
                for slot, text in enumerate(texts)
            ),
            gold=_READERS[subset](row.text("gpt4o_pred")),
            materials=materials(rubric=_checklist(others)),
            question=_FORMAT if pointwise else None,
            subset=subset,
            language="zh" if subset in ("alignment_bench_v1_1", "fofo_test_prompts_cn") else "en",
            cluster=digest(messages),
            facets={"model": model, "swap": swap},
        )


def _checklist(others: rows.Row) -> str | None:
    value = others.fields.get("checklist")
    if isinstance(value, list) and all(isinstance(point, str) for point in value):
        return "\n".join(value) or None
    return value if isinstance(value, str) and value else None


def _side(text: str) -> Verdict | None:
    return FIRST if "[[A]]" in text else SECOND if "[[B]]" in text else None


def _letter(text: str) -> Verdict | None:
    return {"m": FIRST, "M": SECOND}.get(text[:1])


def _correctness(text: str) -> Verdict | None:
    match = re.search(r"[\"']format_correctness[\"']:\s*([0-1]+)", text)
    return _CORRECTNESS.get(int(match[1][:9])) if match else None


def _choice(text: str) -> Verdict | None:
    match = re.search(r"\"choice\": \"(.*?)\"", text)
    return _first_of(_WILDBENCH, match[1]) if match else None


def _five_way(text: str) -> Verdict | None:
    match = re.search(r"\[\[([AB<>=]+)\]\]", text)
    return _first_of(_ARENA_HARD, match[1]) if match else None


def _first_of(choices: Mapping[str, Verdict], text: str) -> Verdict | None:
    return next((verdict for choice, verdict in choices.items() if choice in text), None)


_READERS: Mapping[str, Callable[[str], Verdict | None]] = {
    "alignment_bench_v1_1": _side,
    "alpaca_eval": _letter,
    "arenahard": _five_way,
    "wildbench": _choice,
    "fofo_test_prompts": _correctness,
    "fofo_test_prompts_cn": _correctness,
}
