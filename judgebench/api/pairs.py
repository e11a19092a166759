"""Building a benchmark of pairs from questions whose answers a program can check."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from judgebench import extensions, fetch, rows, run, store
from judgebench.errors import InputError
from judgebench.pairs import asking, building, graders, questions, sandbox
from judgebench.pairs.building import Built, Choices, Origin, PairsCard
from judgebench.pairs.questions import Grader, Question
from judgebench.pairs.unit_tests import Tests


@dataclass(frozen=True)
class PairsResult:
    """`path` is what `judgebench run -b` takes."""

    path: Path
    card: PairsCard


def build_pairs(
    source: Path | str,
    output: Path | str,
    *,
    grader: str | None = None,
    second_grader: str | None = None,
    responses: Sequence[Path | str] = (),
    columns: Mapping[str, str] | None = None,
    sample: str | None = None,
    k: int = 8,
    sample_options: Mapping[str, str] | None = None,
    grader_options: Mapping[str, str] | None = None,
    instruction: str = "",
    tolerance: float = 0.0,
    limits: sandbox.CodeLimits | None = None,
    sandbox_floor: str = "isolated",
    choices: Choices | None = None,
    title: str | None = None,
    licence: str = "not stated",
    cost_limit: float | None = None,
    progress: bool = False,
    announce: Callable[[str], None] = lambda _: None,
) -> PairsResult:
    """Grade the responses to the questions in `source`, and write pairs of a right and a wrong one below `output`.

    `source` and `responses` are files or data sets of the hub (hf:owner/name). `grader` is one of
    judgebench.pairs.graders.NAMES; a row may name its own. `second_grader` must agree, or the response is dropped; None
    takes the usual one. `limits` allows to run code, which the grader `tests` does, in a sandbox that is at least
    `sandbox_floor`, one of judgebench.pairs.sandbox.LEVELS. `sample` asks a model (api:, server:, local:) for k
    responses a question. InputError says what is wrong before a model is asked or code is run;
    BelowCoverage that the cost limit, in dollars, is reached."""
    names = [str(name) for name in (source, *responses)]
    pool = _read(names[0], columns, instruction)
    for name in names[1:]:
        questions.add_responses(pool, name, columns)
    names_of_first, second_name = _graders(pool, grader, second_grader)
    opened = partial(graders.open_grader, tolerance=Fraction(str(tolerance)), limits=limits)
    first = {name: opened(name) for name in names_of_first}
    folder = Path(output)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file; the pairs go into a folder")
    ask = partial(run.ask, cost_limit=cost_limit, progress=progress)
    second: Grader | None = None
    if second_name.startswith(graders.MODELS):
        second = asking.ModelGrader(second_name, grader_options or {}, folder, ask)
    elif second_name != "none":
        second = opened(second_name)
    respondent = asking.open_respondent(sample, sample_options or {}) if sample else None
    for question in pool:
        first[str(question.grader)].check(question)
        if second is not None:
            second.check(question)
    runs_code = next((one for one in first.values() if isinstance(one, Tests)), None)
    held = sandbox.protections() if runs_code else None
    refused: dict[str, str] = {}
    if runs_code is not None and held is not None:
        sandbox.demand(sandbox_floor, held)
        missing = sandbox.missing(held)
        without = f"; NOT to be had on this machine: {', '.join(missing)}" if missing else ""
        announce(f"code runs in a sandbox with {', '.join(held)}{without}")
        refused = runs_code.refused([question for question in pool if question.grader == "tests"])
        for question in pool:
            if question.id in refused:
                announce(f"{question.row.place}: left out: {refused[question.id]}")
        pool = [question for question in pool if question.id not in refused]
    sampling: dict[str, Any] | None = None
    if respondent is not None:
        failures = asking.sample(pool, respondent, folder, k, ask)
        sampling = {**respondent.protocol, "k": k, "instruction": instruction, "failures": failures}
    unchecked = sum(question.grader == "tests" and not question.reference for question in pool)
    chosen = choices or Choices()
    built = building.build(pool, first, second, chosen, announce, len(refused))
    data = msgspec.json.Encoder().encode_lines(map(building.row, built.pairs))
    stem, read = store.slug(folder.resolve().name), Path(names[0]).name
    card = PairsCard(
        id=stem,
        title=title or f"{stem}: pairs built from {read}",
        licence=licence,
        description=f"A right and a wrong response to each of {len({pair.question.id for pair in built.pairs}):,} "
        f"questions of {read}; which is right was decided by a program.",
        label_source="objective",
        data=Origin(name=f"{stem}.jsonl", sha256=hashlib.sha256(data).hexdigest()),
        sources=tuple(map(_source, names)),
        models=dict(Counter(one.model or "not stated" for pair in built.pairs for one in (pair.right, pair.wrong))),
        sampling=sampling,
        grader=tuple(one.id for one in first.values()),
        second_grader=second.id if second is not None else None,
        protections=None if held is None else tuple(held),
        settings=vars(chosen),
        counts=built.counts,
        subsets=built.subsets,
        length=built.gap,
        right_first=built.right_first,
        judgebench=extensions.VERSION,
        warnings=tuple(_warnings(built, second, chosen, unchecked)),
    )
    building.write(folder, stem, built, data, card)
    return PairsResult(folder / f"{stem}.jsonl", card)


def preview_sampling(
    source: Path | str,
    output: Path | str,
    *,
    sample: str,
    k: int = 8,
    columns: Mapping[str, str] | None = None,
    sample_options: Mapping[str, str] | None = None,
    instruction: str = "",
) -> run.Preview:
    """What `build_pairs` would ask the model. Nothing is asked and nothing is written."""
    pool = _read(str(source), columns, instruction)
    return asking.preview(pool, asking.open_respondent(sample, sample_options or {}), Path(output), k)


def _graders(pool: Sequence[Question], grader: str | None, second: str | None) -> tuple[list[str], str]:
    """The names of the first graders and of the second. A question that names none gets the one for all rows."""
    if grader is not None:
        graders.check_name(grader)
    for question in pool:
        if question.grader is None and grader is None:
            raise question.row.bad(f"no grader: name one for all rows with --grader ({', '.join(graders.NAMES)})")
        if question.grader is not None and question.grader not in graders.NAMES:
            raise question.row.bad(f"no grader named {question.grader!r}; there are: {', '.join(graders.NAMES)}")
        question.grader = question.grader or grader
    names = list(dict.fromkeys(str(question.grader) for question in pool))
    chosen = second or graders.usual_second(names)
    graders.check_name(chosen, second=True)
    if chosen in names:
        raise InputError(f"--second-grader {chosen} is the first grader too; a second opinion comes from another one")
    return names, chosen


def _read(source: str, columns: Mapping[str, str] | None, instruction: str) -> list[Question]:
    pool = questions.read(source, columns)
    for question in pool if instruction else ():
        question.prompt = f"{question.prompt}\n\n{instruction}"
    return pool


def _source(name: str) -> Origin:
    """What identifies a source: the file's hash, or the data set's revision."""
    if rows.is_dataset(name):
        return Origin(name=name, **rows.open_table(name).provenance)
    return Origin(name=Path(name).name, sha256=fetch.sha256(Path(name)))


def _warnings(built: Built, second: Grader | None, choices: Choices, unchecked: int) -> list[str]:
    """`unchecked` is how many questions have tests and no solution that is known to be right."""
    warnings = []
    if unchecked:
        warnings.append(
            f"{unchecked:,} questions have no reference solution (a column reference_solution): nobody has checked "
            "that right code passes their tests"
        )
    if second is None:
        warnings.append("one grader alone decided which response is right; nothing checked it")
    if choices.per_subset is not None:
        short = [f"{name or 'the rest'} {n:,}" for name, n in built.subsets.items() if n < choices.per_subset]
        if short:
            warnings.append(f"subsets with fewer than {choices.per_subset:,} pairs: {', '.join(short)}")
    longer = built.gap.right_longer
    if built.counts.pairs >= 20 and abs(longer - 0.5) > 0.1:
        warnings.append(
            f"the right response is the longer one in {longer:.0%} of the pairs: baseline:longest shows what that is "
            "worth, and --match-length makes it less"
        )
    return warnings
