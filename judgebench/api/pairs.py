"""Building a benchmark of pairs from questions whose answers a program can check."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from judgebench import extensions, fetch, rows, store
from judgebench.errors import InputError
from judgebench.pairs import asking, building, graders, questions, sandbox, writing
from judgebench.pairs.building import Built, Choices
from judgebench.pairs.grades import Grader
from judgebench.pairs.questions import Question
from judgebench.pairs.writing import PairsCard, Source


@dataclass(frozen=True)
class PairsResult:
    """`path` is what `judgebench run -b` takes."""

    path: Path
    card: PairsCard
    built: Built


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
    limits: sandbox.Limits | None = None,
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
    takes the usual one. `limits` allows to run code, which the grader `tests` does. `sample` asks a model (api:,
    server:, local:) for k responses a question. InputError says what is wrong before a model is asked or code is run;
    BelowCoverage that the cost limit, in dollars, is reached."""
    names = [str(name) for name in (source, *responses)]
    found = _read(names[0], columns, instruction)
    for name in names[1:]:
        questions.add_responses(found, name, columns)
    plan = _plan(found, grader, second_grader, Fraction(str(tolerance)), limits)
    folder = Path(output)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file; the pairs go into a folder")
    second = plan.second
    if second is None and plan.second_name != "none":
        second = asking.ModelGrader(
            plan.second_name, grader_options or {}, folder, cost_limit=cost_limit, progress=progress
        )
    respondent = asking.open_respondent(sample, sample_options or {}) if sample else None
    building.check(found, plan.first, plan.default, second)
    held = sandbox.protections() if "tests" in plan.first else None
    for line in _walls(held):
        announce(line)
    sampling: dict[str, Any] | None = None
    if respondent is not None:
        asked = asking.sample(found, respondent, folder, k, cost_limit=cost_limit, progress=progress)
        sampling = {**respondent.protocol, "k": k, "instruction": instruction, "failures": asked.failures}
    chosen = choices or Choices()
    built = building.build(found, plan.first, plan.default, second, chosen, announce)
    data = writing.lines(writing.rows(built))
    stem, read = store.slug(folder.resolve().name), Path(names[0]).name
    card = PairsCard(
        id=stem,
        title=title or f"{stem}: pairs built from {read}",
        licence=licence,
        description=f"A right and a wrong response to each of {len({pair.question.id for pair in built.pairs}):,} "
        f"questions of {read}; which is right was decided by a program.",
        label_source="objective",
        data=Source(name=f"{stem}.jsonl", sha256=hashlib.sha256(data).hexdigest()),
        sources=tuple(map(_source, names)),
        models=dict(Counter(one.model or "not stated" for pair in built.pairs for one in (pair.right, pair.wrong))),
        sampling=sampling,
        grader=tuple(one.id for one in plan.first.values()),
        second_grader=second.id if second is not None else None,
        protections=None if held is None else tuple(held),
        settings=vars(chosen),
        counts=built.counts,
        subsets=built.subsets,
        length=built.gap,
        right_first=built.right_first,
        judgebench=extensions.VERSION,
        warnings=tuple(_warnings(built, second, chosen)),
    )
    writing.write(folder, stem, built, data, card)
    return PairsResult(folder / f"{stem}.jsonl", card, built)


def preview_sampling(
    source: Path | str,
    output: Path | str,
    *,
    sample: str,
    k: int = 8,
    columns: Mapping[str, str] | None = None,
    sample_options: Mapping[str, str] | None = None,
    instruction: str = "",
) -> asking.Preview:
    """What `build_pairs` would ask the model. Nothing is asked and nothing is written."""
    found = _read(str(source), columns, instruction)
    return asking.preview(found, asking.open_respondent(sample, sample_options or {}), Path(output), k)


@dataclass(frozen=True)
class _Plan:
    """The graders. `second` is None where there is none, or where it is a model, which `second_name` is then."""

    first: dict[str, Grader]
    default: str
    second: Grader | None
    second_name: str


def _plan(
    found: Sequence[Question],
    grader: str | None,
    second: str | None,
    tolerance: Fraction,
    limits: sandbox.Limits | None,
) -> _Plan:
    if grader is not None:
        graders.check_name(grader)
    for question in found:
        if question.grader is None and grader is None:
            raise question.bad(f"no grader: name one for all rows with --grader ({', '.join(graders.NAMES)})")
        if question.grader is not None and question.grader not in graders.NAMES:
            raise question.bad(f"no grader named {question.grader!r}; there are: {', '.join(graders.NAMES)}")
    names = list(dict.fromkeys(question.grader or str(grader) for question in found))
    chosen = second or graders.usual_second(names)
    graders.check_name(chosen, second=True)
    if chosen in names:
        raise InputError(f"--second-grader {chosen} is the first grader too; a second opinion comes from another one")
    first = {name: graders.open_grader(name, tolerance=tolerance, limits=limits) for name in names}
    asks = chosen == "none" or chosen.startswith(graders.MODELS)
    checks = None if asks else graders.open_grader(chosen, tolerance=tolerance, limits=limits)
    return _Plan(first, grader or names[0], checks, chosen)


def _read(source: str, columns: Mapping[str, str] | None, instruction: str) -> list[Question]:
    found = questions.read(source, columns)
    for question in found if instruction else ():
        question.prompt = f"{question.prompt}\n\n{instruction}"
    return found


def _source(name: str) -> Source:
    """What identifies a source: the file's hash, or the data set's revision."""
    if rows.is_dataset(name):
        return Source(name=name, **rows.open_table(name).provenance)
    return Source(name=Path(name).name, sha256=fetch.sha256(Path(name)))


def _walls(held: Sequence[str] | None) -> list[str]:
    if held is None:
        return []
    missing = sandbox.missing(held)
    without = f"; NOT to be had on this machine: {', '.join(missing)}" if missing else ""
    return [f"code runs in a sandbox with {', '.join(held)}{without}"]


def _warnings(built: Built, second: Grader | None, choices: Choices) -> list[str]:
    found = []
    if second is None:
        found.append("one grader alone decided which response is right; nothing checked it")
    if choices.per_subset is not None:
        short = [f"{name or 'the rest'} {n:,}" for name, n in built.subsets.items() if n < choices.per_subset]
        if short:
            found.append(f"subsets with fewer than {choices.per_subset:,} pairs: {', '.join(short)}")
    longer = built.gap.right_longer
    if built.counts.pairs >= 20 and abs(longer - 0.5) > 0.1:
        found.append(
            f"the right response is the longer one in {longer:.0%} of the pairs: baseline:longest shows what that is "
            "worth, and --match-length makes it less"
        )
    return found
