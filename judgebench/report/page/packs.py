"""Items and verdicts as the item browser reads them: columns, each text stored once, then gzip.

Words are how a verdict is written in a narrow place: `1` or `2` for the better response, `=` for a tie, the number
itself for a rating, the label where the question has some, which steps are wrong, `2>1=3` for a ranking. Marks and
flags are `judgebench.score.figures`'.
"""

from __future__ import annotations

import base64
import gzip
from collections import defaultdict
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec

from judgebench.report.page.collect import Bench
from judgebench.score import figures
from judgebench.score.figures import FLAGS
from judgebench.score.standings import Entry
from judgebench.types import FIRST, PREFERENCE, SECOND, TIE, Item, Judgment, Kind, Label, Question, Verdict


class Strings(dict[str, int]):
    """Every text once, with its number."""

    def __call__(self, text: str | None) -> int | None:
        return None if text is None else self.setdefault(text, len(self))


def pack(value: Any) -> str:
    """JSON, gzip, base64; the same bytes every time."""
    return base64.b64encode(gzip.compress(msgspec.json.encode(value), 9, mtime=0)).decode()


def items(bench: Bench) -> dict[str, Any]:
    """All items with what every judge said of them, as one column a field."""
    strings, raters, asked = Strings(), Strings(), bench.card.question
    return {
        "ids": [label.id for label in bench.labels],
        "subset": [label.subset for label in bench.labels],
        "about": [_about(label) for label in bench.labels],
        "authors": [label.authors for label in bench.labels],
        "lengths": [label.lengths for label in bench.labels],
        "gold": [word(label.gold, asked) for label in bench.labels],
        "votes": [[[raters(who), word(vote, asked)] for who, vote in label.raters.items()] for label in bench.labels],
        "raters": list(raters),
        "split": [figures.people_disagree(label) for label in bench.labels],
        "said": [_said(bench, run) for run in bench.runs],
        "texts": [_texts(bench.texts.get(label.id), strings) for label in bench.labels] if bench.texts else None,
        "strings": list(strings),
    }


def trials(bench: Bench, run: Entry) -> dict[str, Any]:
    """Each item's judgments in one run, in the order of the words in `items`."""
    strings, grouped = Strings(), by_item(run)

    def answer(one: Judgment) -> list[Any]:
        first = [one.order, one.sample, str(one.status), _scores(one.verdict), strings(one.text), one.confidence]
        return [*first, strings(one.detail), one.attempt]

    return {"trials": [list(map(answer, grouped[label.id])) for label in bench.labels], "strings": list(strings)}


def by_item(run: Entry) -> dict[str, list[Judgment]]:
    """What counts of a run: the samples one after the other, each in the stored order first."""
    grouped: dict[str, list[Judgment]] = defaultdict(list)
    for judgment in run.run.judgments:
        if judgment.sample < run.scores.manifest.samples:
            grouped[judgment.item].append(judgment)
    for judgments in grouped.values():
        judgments.sort(key=lambda judgment: (judgment.sample, judgment.order))
    return grouped


def word(verdict: Verdict | None, question: Question = PREFERENCE) -> str:
    if verdict is None:
        return ""
    if question.labels:
        return "=".join(question.labels[index] for index in verdict.top)
    if question.each_step:
        wrong = [str(step) for step, number in enumerate(verdict.scores, 1) if number >= question.wrong_from]
        return f"{', '.join(wrong)} wrong" if wrong else "all right"
    if question.kind == Kind.RANKING:
        places = [(-score, f"{place}") for place, score in enumerate(verdict.scores, 1)]
        return ">".join("=".join(place for _, place in tied) for _, tied in groupby(sorted(places), itemgetter(0)))
    if len(verdict.scores) == 1:
        return f"{verdict.scores[0]:g}"
    return "=" if len(verdict.top) == len(verdict.scores) else "=".join(str(index + 1) for index in verdict.top)


def counts(columns: list[list[Any] | None]) -> dict[str, int]:
    """How many items have each flag."""
    return {name: sum(1 for one in columns if one and one[2] & bit) for name, bit in FLAGS.items()}


def _said(bench: Bench, run: Entry) -> list[list[Any] | None]:
    """[words, marks, flags] of every item; None for those that the run does not ask about."""
    manifest, grouped = run.scores.manifest, by_item(run)
    worth = dict(zip(map(id, run.run.judgments), figures.marks(run.run), strict=True))
    columns: list[list[Any] | None] = []
    part = {label.id for label in run.run.asked}
    for label in bench.labels:
        if label.id not in part:
            columns.append(None)
            continue
        judgments = grouped[label.id]
        words = [word(judgment.decision, bench.card.question) for judgment in judgments]
        marks = "".join(worth[id(judgment)] for judgment in judgments)
        columns.append([words, marks, figures.flags(label, judgments, marks, manifest)])
    return columns


def _scores(verdict: Verdict | None) -> tuple[float, ...] | None:
    """The numbers themselves, where the word does not say them all."""
    if verdict is None or len(verdict.scores) == 1 or verdict in (FIRST, SECOND, TIE):
        return None
    return verdict.scores


def _about(label: Label) -> list[list[str]]:
    """What else is known, as pairs of a name and a value."""
    named = {"scenario": label.scenario, "language": label.language, "question": label.cluster, **label.facets}
    return [[name, str(value)] for name, value in named.items() if value is not None]


def _texts(item: Item | None, strings: Strings) -> list[Any] | None:
    """[messages, responses, materials], each text by its number."""
    if item is None:
        return None
    return [
        [[message.role, strings(message.content)] for message in item.messages],
        [strings(response.text) for response in item.responses],
        [[name, strings(text)] for name, text in item.materials.items()],
    ]
