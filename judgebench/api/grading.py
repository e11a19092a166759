"""Grading the reasons of a run on a benchmark of error steps: whether a judge says of an error what is known of it.

The judge has found the step or not; a grader, another model, only compares its explanation with people's. The grade is
appended to the run as a further attempt of the same judgment, with the same verdict and `reason: right` or `reason:
wrong` as its detail, so nothing is lost and the score can be made anew by anyone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from judgebench import adapters, fetch, resources, store
from judgebench.api.benchmarks import open_benchmark
from judgebench.api.scoring import score_and_keep
from judgebench.errors import InputError
from judgebench.judges import open_judge
from judgebench.score.rules.mr_ben import RIGHT_REASON, WRONG_REASON, wants_grade
from judgebench.types import Judgment, Message, Scores, Status, Trial

PROMPT = "same-reason"


@dataclass(frozen=True)
class Graded:
    """How many reasons were to be graded, found right, found wrong, and could not be graded."""

    wanted: int
    right: int
    wrong: int
    failed: int


def grade(folder: Path, grader: str, options: Mapping[str, str] | None = None) -> tuple[Scores, Graded]:
    """Have the reasons of a run graded that have no grade yet. Safe to interrupt: what is graded stays graded."""
    manifest = store.read_manifest(folder)
    name = manifest.benchmark.partition("[")[0]
    card = resources.card(name)
    reader = adapters.adapter(card.adapter)
    if not hasattr(reader, "references"):
        raise InputError(f"{folder}: nothing is known about the reasons on {name}, so they cannot be graded")
    bench = open_benchmark(name, None, folder.parent.parent)
    known = reader.references({source.role: fetch.locate(card, source) for source in adapters.sources(card)})
    judge = open_judge(grader, {"prompt": PROMPT, **(options or {})})
    items = {item.id: item for item in bench.items}
    with store.Run(folder, manifest) as run:
        open_ones = {
            judgment.key: judgment
            for judgment in run.answered.values()
            if judgment.item in known and wants_grade(judgment, items[judgment.item])
        }
        if mute := [judgment for judgment in open_ones.values() if not judgment.text]:
            raise InputError(
                f"{folder}: item {mute[0].item} was judged without keeping the judge's words (--no-text), so there is "
                "no reason to grade"
            )
        trials = [_trial(judgment, items[judgment.item].messages, known) for judgment in open_ones.values()]
        counts = {RIGHT_REASON: 0, WRONG_REASON: 0, "": 0}
        for answer in judge.judge(trials):
            detail = ""
            if answer.status == Status.OK and answer.verdict is not None:
                detail = RIGHT_REASON if answer.verdict.scores[0] > 0.5 else WRONG_REASON
                graded = open_ones[answer.key]
                run.append(msgspec.structs.replace(graded, detail=detail, attempt=graded.attempt + 1))
            counts[detail] += 1
        outcome = Graded(len(trials), counts[RIGHT_REASON], counts[WRONG_REASON], counts[""])
        return score_and_keep(run, bench), outcome


def _trial(judgment: Judgment, messages: tuple[Message, ...], known: Mapping[str, str]) -> Trial:
    return Trial(
        item=judgment.item,
        order=judgment.order,
        sample=judgment.sample,
        messages=messages,
        responses=(judgment.text,),
        reference=known[judgment.item],
    )
