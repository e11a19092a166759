"""ScalerLab's JudgeBench: ScalerLab/JudgeBench@e2c52c284e735e139b3daa61c206ee208f36c461, data/*.jsonl.

One object a line. A row made up in that schema:

    {"pair_id": "00000000-0000-5000-8000-000000000001", "original_id": null, "source": "livebench-math",
     "question": "What is 2 + 2?", "response_model": "model-x", "response_A": "4", "response_B": "5", "label": "A>B"}

Labels come from checking the answers, not from people. `original_id` is null for LiveBench and LiveCodeBench rows, so
the cluster is the question's text. The two splits (GPT-4o's and Claude's responses) are two cards, never pooled: they
share 91 questions, and published numbers are about one of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from judgebench import rows
from judgebench.adapters import Recorded
from judgebench.adapters.items import Files, Options, refuse_options, user
from judgebench.adapters.pairing import AB, BA, Pairing, as_shown, texts_digest
from judgebench.types import FIRST, SECOND, Item, Label, Message, Response, Status, digest

_CATEGORIES = {
    "mmlu-pro": "Knowledge", "livebench-reasoning": "Reasoning", "livebench-math": "Math", "livecodebench": "Coding",
}  # fmt: skip
_FIRST, _SECOND = (1.0, 0.0), (0.0, 1.0)
_SHOWN = {"A>B": _FIRST, "A>>B": _FIRST, "B>A": _SECOND, "B>>A": _SECOND, "A=B": (0.5, 0.5), None: None}
_TEXTS = ("question", "response_A", "response_B")


def items(files: Files, options: Options) -> Iterator[Item]:
    for row in rows.read(files["pairs"]):
        source, model = row.text("source"), row.text("response_model")
        question, texts = _texts(row)
        yield Item(
            id=row.text("pair_id"),
            messages=question,
            responses=tuple(Response(text=text, author=model) for text in texts),
            gold=row.choice("label", {"A>B": FIRST, "B>A": SECOND}),
            subset=_category(row, source),
            language="en",
            cluster=digest(row.text("question")),
            facets={"source": source},
        )


def recorded(paths: Sequence[Path], labels: Mapping[str, Label], options: Mapping[str, str]) -> Recorded:
    """Reads files of `outputs/`: the pair's row and `judgments`, one for the stored order and, unless it was a single
    game, one for the swapped order, whose decision is in the order shown. Rows are matched by pair_id; texts that a row
    repeats, as upstream's do, must be the item's.

    A null decision is unparsed, a null judgment failed. Where the file has raw scores (reward models), they are the
    verdict: upstream turns equal scores into B>A in both orders, which makes a tie look like a change of mind.
    Either reading gives the same sum over the two orders, and so the same published number.
    """
    refuse_options(options)
    pairing = Pairing(labels)
    games: dict[int, rows.Row] = {}
    for path in paths:
        for row in rows.read(path):
            item = row.text("pair_id")
            judgments = row.sequence("judgments")
            if len(judgments) not in (1, 2):
                raise row.bad(f"judgments are one for each order shown, one or two, not {len(judgments)}")
            if item not in labels:
                pairing.miss(row, f"no item has the pair_id {item}")
                continue
            if row.has(*_TEXTS) and texts_digest(*_texts(row)) != labels[item].digest:
                pairing.miss(row, f"its texts are not those of item {item}")
                continue
            games.setdefault(len(judgments), row)
            if len(games) > 1:
                count, first = next(iter(games.items()))
                raise row.bad(f"judgments has length {len(judgments)}, but {count} in {first.place}")
            for order, judgment in zip((AB, BA), judgments, strict=False):
                _add(pairing, row, item, order, judgment)
    return pairing.recorded("single" if 1 in games else "both")


def _add(pairing: Pairing, row: rows.Row, item: str, order: tuple[int, ...], judgment: Any) -> None:
    game = row.within({"decision": None} if judgment is None else judgment, "a judgment")
    decision = game.choice("decision", _SHOWN)
    record = game.fields.get("judgment")
    if record is None and decision is None:
        pairing.add(row, item, order, None, status=Status.FAILED, detail="upstream recorded no judgment")
        return
    answer = row.within(record or {}, "judgment")
    text, detail = answer.fields.get("response"), None
    scores: tuple[float, ...] | None = decision
    if decision is None:
        detail = "upstream: null"
    elif (raw := answer.fields.get("scores")) is not None:
        scores = rows.finite_numbers(raw, 2)
        if scores is None:
            raise row.bad("scores are two finite numbers, in the order shown")
        if scores[0] == scores[1]:
            detail = f"equal scores; upstream: {game.text('decision')}"
        elif (scores[0] > scores[1]) != (decision[0] > decision[1]):
            raise row.bad(f"scores {list(scores)} contradict the decision {game.text('decision')}")
    verdict = None if scores is None else as_shown(order, scores)
    pairing.add(row, item, order, verdict, text=text if isinstance(text, str) and text else None, detail=detail)


def _texts(row: rows.Row) -> tuple[tuple[Message, ...], tuple[str, str]]:
    question = user(row.text("question"))
    return question, (row.text("response_A"), row.text("response_B"))


def _category(row: rows.Row, source: str) -> str:
    for prefix, category in _CATEGORIES.items():
        if source.startswith(prefix):
            return category
    raise row.bad(f"source begins with one of {', '.join(_CATEGORIES)}, not {source!r}")
