"""How the numbers in tests/score/test_steps.py were made: upstream's own code beside ours, on made-up verdicts about
every real item.

    python tests/oracles/prmbench_upstream.py FOLDER

FOLDER holds mr_eval/ of ssmisya/PRMBench@a1ae4eab803e14c4c6316bf89d1679b0486faa8c (task.py of prmtest_classified with
its config.yaml and data/, and utils/), a module `box` with a class Box(dict) where python-box is not installed, and the
folder mr_eval/scripts/logs/generated. It prints the sha256 of the task.py that it ran, how far any number of ours is
from upstream's, where one of the two has none (upstream says -1), and the numbers that the test has."""

from __future__ import annotations

import hashlib
import importlib
import json
import sys
from pathlib import Path
from random import Random
from typing import Any

from judgebench import adapters, resources
from judgebench.score import estimates, rules, scored
from judgebench.types import BenchmarkRef, Item, JudgeRef, Judgment, Manifest, Status, Trial

JUDGES = {
    "none wrong": (0.0, 0.0, 0.0), "all wrong": (1.0, 1.0, 0.0), "a coin": (0.5, 0.5, 0.0), "blind": (0.1, 0.1, 0.0),
    "fair": (0.2, 0.6, 0.0), "good": (0.05, 0.9, 0.0), "failing": (0.2, 0.6, 0.1),
}  # fmt: skip
"""How often a right step is called wrong, how often a wrong one is, and how often the judge fails."""
PARTS = ("f1", "negative_f1", "total_step_acc", "correct_step_acc", "wrong_step_acc", "first_error_acc")


def verdicts(items: list[Item], judge: str) -> list[list[bool] | None]:
    """Whether each step is called wrong; None for a failure."""
    of_right, of_wrong, failing = JUDGES[judge]
    toss = Random(judge)
    return [
        None
        if toss.random() < failing
        else [toss.random() < (of_wrong if wrong else of_right) for wrong in (item.gold.scores if item.gold else ())]
        for item in items
    ]


def ours(items: list[Item], said: list[list[bool] | None], subset: str = "") -> dict[str, float | None]:
    """By name, `prmscore` and its parts: of all items, or of a subset."""
    card = resources.card("prmbench")
    manifest = Manifest(
        benchmark_ref=BenchmarkRef(id=card.id),
        judge_ref=JudgeRef(called="made up"),
        version="",
        items="",
        orders="single",
    )
    trials = [Trial.of(item, (0,), question=card.question) for item in items]
    judgments: list[Judgment] = [
        trial.fail(Status.UNPARSED, "made up") if steps is None else trial.answer(map(float, steps))
        for trial, steps in zip(trials, said, strict=True)
    ]
    arrays = scored.of_run([item.label() for item in items], manifest, judgments, card.question)
    arrays = arrays.where(arrays.subsets == subset) if subset else arrays
    found = rules.headline(card.headline, arrays, part=bool(subset))
    return {"prmscore": found.value, **{name: part.value for name, part in found.parts.items()}}


def upstreams(module: Any, meta: list[dict[str, Any]], said: dict[str, list[bool] | None]) -> dict[str, Any]:
    results = [
        {"idx": one["idx"], "validity": False, "scores": {}}
        if (steps := said[one["idx"]]) is None
        else {
            "idx": one["idx"],
            "validity": True,
            "scores": {"step_level_validity_labels": [not step for step in steps]},
        }
        for one in meta
    ]
    return dict(module.evaluate_function(results, meta))


def main(folder: Path) -> None:
    from accelerate import PartialState  # upstream's logger wants it

    PartialState()
    sys.path.insert(0, str(folder))
    module = importlib.import_module("mr_eval.tasks.prmtest_classified.task")
    print("task.py", hashlib.sha256(Path(str(module.__file__)).read_bytes()).hexdigest())
    estimates.RESAMPLES = 20
    items = adapters.load(resources.card("prmbench"))
    meta = module.load_data_function()
    by_id = {one["idx"]: one for one in meta}
    assert set(by_id) == {item.id for item in items}
    for item in items:
        one = by_id[item.id]
        assert item.steps == tuple(one["steps"])
        assert item.messages[0].content == one["question"]
        assert item.gold is not None
        inside = [step for step in one["error_steps"] if step <= len(item.steps)]
        assert [number for number, wrong in enumerate(item.gold.scores, 1) if wrong] == sorted(set(inside))
    print(len(items), "items are upstream's: ids, questions, steps, wrong steps")
    for judge in JUDGES:
        said = verdicts(items, judge)
        theirs = upstreams(module, meta, {item.id: steps for item, steps in zip(items, said, strict=True)})
        total, kinds = theirs["total_hallucination_results"], theirs["hallucination_type_results"]
        whole = ours(items, said)
        held = [(name, whole[name], total[name]) for name in PARTS]
        held.append(("prmscore", whole["prmscore"], (total["f1"] + total["negative_f1"]) / 2))
        held.append(("valid_rate", whole["valid_rate"], theirs["validitiy_rate"]))
        if total["similarity"] != -1:
            held.append(("similarity", whole["similarity"], 1 - total["similarity"]))
        for subset in sorted({str(item.subset) for item in items}):
            part = ours(items, said, subset)
            held += [(f"{subset}/{name}", part[name], kinds[name][subset]) for name in PARTS]
            f1, negative = kinds["f1"][subset], kinds["negative_f1"][subset]
            score = f1 if subset in {"multi_solutions", "correct"} else (f1 + negative) / 2
            held.append((f"{subset}/prmscore", part["prmscore"], -1 if -1 in {f1, score} else score))
        odd = [one for one in held if one[1] is None or one[2] == -1]
        off = max(abs(mine - upstream) for name, mine, upstream in held if mine is not None and upstream != -1)
        print(f"{judge}: {len(held)} numbers, at most {off} off; without a number:", odd)
        print(json.dumps({name: whole[name] for name in ("prmscore", *PARTS, "valid_rate", "similarity")}))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
