"""MT-Bench human judgments: the labels of lmsys/mt_bench_human_judgments, as kept without conversations by
aliabbas-muhammadi/judgelab@afdf0eaa55fdee9617bbc4d1821e5424b18f33ff, and the questions of
lm-sys/FastChat@0e6d3e4beaab66f4d3f93db72541a4abab8af28d.

Votes and verdicts are one object a line; winner is model_a, model_b or tie. A row made up in that schema:

    {"judge": "expert_99", "model_a": "model-y", "model_b": "model-x", "question_id": 81, "turn": 1, "winner": "tie"}

An item is a question, a pair of models and a turn, with the models in alphabetical order: half of the rows name them
the other way round. Raters are the people who voted; one of them voted twice on one item, and the second vote is kept
under the id with `#2`. Upstream has no gold label. Gold here is a third party's: the plurality of all votes, experts'
and authors' alike, and a tie where two verdicts share the lead (judgelab, mtbench_agreement.py). The paper's own
numbers compare votes and need no gold.

Responses have no text in this snapshot. The messages are the user's turns up to the one judged; the answers between
them are missing, so an item cannot be shown to a judge.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from judgebench import rows
from judgebench.adapters import Recorded
from judgebench.adapters.items import Files, Options, by_item, majority, refuse_options, user
from judgebench.adapters.pairing import AB, Pairing
from judgebench.types import FIRST, SECOND, TIE, Flag, Item, Label, Response, Verdict

_TURNS = {1: "turn-1", 2: "turn-2"}


def items(files: Files, options: Options) -> Iterator[Item]:
    questions = {row.whole("question_id"): row for row in rows.read(files["questions"])}
    for name, (row, votes) in by_item(rows.read(files["votes"]), _key, _vote).items():
        number = row.whole("question_id")
        if number not in questions:
            raise row.bad(f"question_id {number} is not one of the {len(questions)} questions")
        question = questions[number]
        turns = question.sequence("turns")[: row.whole("turn")]
        if len(turns) < row.whole("turn") or not all(isinstance(turn, str) for turn in turns):
            raise question.bad("turns is a list of two texts")
        yield Item(
            id=name,
            messages=user(*turns),
            responses=tuple(Response(author=model) for model in _models(row)),
            gold=majority(votes) or TIE,
            raters=votes,
            subset=row.choice("turn", _TURNS),
            scenario=question.text("category"),
            language="en",
            cluster=str(number),
        )


def recorded(paths: Sequence[Path], labels: Mapping[str, Label], options: Mapping[str, str]) -> Recorded:
    """Verdicts in the votes' schema, one for each item, which upstream made from both orders and merged: where they
    disagreed it says "tie (inconsistent)". Upstream's rules count that as a tie, but the judge never chose one, so it
    is flagged. Verdicts on pairs that nobody voted on are unmatched."""
    refuse_options(options)
    pairing = Pairing(labels)
    for path in paths:
        for row in rows.read(path):
            name = _key(row)
            verdict = _winner(row, {"tie": TIE, "tie (inconsistent)": TIE})
            if name in labels:
                flags = (Flag.INCONSISTENT,) if row.text("winner") == "tie (inconsistent)" else ()
                pairing.add(row, name, AB, verdict, detail=flags[0].value if flags else None, flags=flags)
            else:
                pairing.miss(row, f"nobody voted on {name}")
    return pairing.recorded("merged")


def _key(row: rows.Row) -> str:
    first, second = _models(row)
    return f"{row.whole('question_id')}/{first}-vs-{second}/{row.choice('turn', _TURNS)}"


def _vote(row: rows.Row) -> tuple[str, Verdict]:
    return row.text("judge"), _winner(row, {"tie": TIE})


def _models(row: rows.Row) -> tuple[str, str]:
    first, second = sorted((row.text("model_a"), row.text("model_b")))
    if first == second:
        raise row.bad(f"model_a and model_b are both {first!r}")
    return first, second


def _winner(row: rows.Row, ties: Mapping[str, Verdict]) -> Verdict:
    in_order = row.text("model_a") < row.text("model_b")
    models = {"model_a": FIRST, "model_b": SECOND} if in_order else {"model_a": SECOND, "model_b": FIRST}
    return row.choice("winner", {**models, **ties})
