"""Grading the reasons of a run on a benchmark of error steps: whether a judge says of an error what is known of it.

The judge has found the step or not; a grader, another model, only compares its explanation with people's. The grade is
appended to the run as a further attempt of the same judgment, with the same verdict and the grade among its flags, so
nothing is lost and the score can be made anew by anyone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from judgebench import adapters, fetch, resources, store
from judgebench.api.benchmarks import open_benchmark
from judgebench.api.scoring import score_and_keep
from judgebench.errors import InputError
from judgebench.judges import open_judge
from judgebench.score.rules.single import wants_grade
from judgebench.types import Flag, Scores, Status, Trial

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
    name = manifest.benchmark_ref.id
    card = resources.card(name)
    reader = adapters.adapter(card.adapter)
    if not hasattr(reader, "references"):
        raise InputError(f"{folder}: nothing is known about the reasons on {name}, so they cannot be graded")
    bench = open_benchmark(name, None, folder.parent.parent)
    references = reader.references({source.role: fetch.locate(card, source) for source in adapters.sources(card)})
    judge = open_judge(grader, {"prompt": PROMPT, **(options or {})})
    items = {item.id: item for item in bench.items}
    with store.Run(folder, manifest) as run:
        open_ones = {
            judgment.key: judgment
            for judgment in run.answered.values()
            if judgment.item in references and wants_grade(judgment, items[judgment.item])
        }
        if mute := [judgment for judgment in open_ones.values() if not judgment.text]:
            raise InputError(
                f"{folder}: item {mute[0].item} was judged without keeping the judge's words (--no-text), so there is "
                "no reason to grade"
            )
        trials = [
            Trial(
                item=judgment.item,
                order=judgment.order,
                sample=judgment.sample,
                messages=items[judgment.item].messages,
                responses=(judgment.text,),
                materials={"reference": references[judgment.item]},
            )
            for judgment in open_ones.values()
        ]
        counts: Counter[Flag | None] = Counter()
        for answer in judge.fitted(trials[:1]).judge(trials):
            grade = None
            if answer.status == Status.OK and answer.verdict is not None:
                grade = Flag.RIGHT_REASON if answer.verdict.scores[0] > 0.5 else Flag.WRONG_REASON
                graded = open_ones[answer.key]
                flags = (*graded.flags, grade)
                run.append(msgspec.structs.replace(graded, flags=flags, attempt=graded.attempt + 1))
            counts[grade] += 1
        outcome = Graded(len(trials), counts[Flag.RIGHT_REASON], counts[Flag.WRONG_REASON], counts[None])
        return score_and_keep(run, bench), outcome
