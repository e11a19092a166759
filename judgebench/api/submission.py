"""Is a folder of results fit for a pull request? Everything that is wrong with it, not just the first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from judgebench import adapters, resources, rows, store
from judgebench.api.scoring import differs_from_stored
from judgebench.errors import DataUnavailable, InputError, JudgebenchError
from judgebench.results import LABELS, Run, labels_changed
from judgebench.types import Card, Judgment, Key, Label, Manifest, Status, digest_of

RUN_FILES = ("manifest.json", "judgments.jsonl", "scores.json")
LEAST_COVERAGE = 0.95
_LOCK = ".judgebench.lock"
_SECRETS = {
    "a key of OpenAI or Anthropic": rb"\bsk-[A-Za-z0-9_-]{16,}",
    "a token of Hugging Face": rb"\bhf_[A-Za-z0-9]{16,}",
    "a key of Google": rb"\bAIza[A-Za-z0-9_-]{30,}",
    "a token of GitHub": rb"\b(?:gh[pousr]_|github_pat_)[A-Za-z0-9_]{20,}",
    "a key of AWS": rb"\bAKIA[0-9A-Z]{16}\b",
    "a token in a header": rb"(?i)\bbearer\s+[a-z0-9._-]{16,}",
    "a password in an address": rb"\b[a-z]+://[^/\s:@\"]+:[^/\s:@\"]+@",
}
_PRIVATE = rb'"(?:/home/|/Users/|/root/|[A-Z]:\\\\Users)[^"]*"'


class Fault(NamedTuple):
    """What is wrong, in which file, in which rows (numbered from 1; none where it is about the whole file)."""

    path: Path
    rows: tuple[int, ...]
    problem: str

    def __str__(self) -> str:
        if not self.rows:
            return f"{self.path}: {self.problem}"
        first = ", ".join(f"{row:,}" for row in self.rows[:3])
        more = f" and {len(self.rows) - 3:,} more" if len(self.rows) > 3 else ""
        return f"{self.path}, row{'s' if len(self.rows) > 1 else ''} {first}{more}: {self.problem}"


class Submission(NamedTuple):
    """`faults` keep it out; `remarks` are for whoever reads the pull request."""

    runs: int
    faults: Sequence[Fault]
    remarks: Sequence[str]


def submit_check(folder: Path, *, known: Path | None = None) -> Submission:
    """Check a run's folder, a benchmark's, or a whole folder of results; InputError where there is no run. `known` has
    the labels that hold where a benchmark's own data are not at hand; in the repository it is `results`."""
    depths = ("manifest.json", "*/manifest.json", "*/*/manifest.json")
    runs = sorted(path.parent for depth in depths for path in folder.glob(depth))
    if not runs:
        raise InputError(f"{folder} holds no run: none of the folders in it has a manifest.json")
    faults: list[Fault] = []
    remarks: list[str] = []
    for run in runs:
        faults += _of_run(run, known, remarks)
    for labels_file in sorted({run.parent / LABELS for run in runs}):
        faults += _private(labels_file)
    return Submission(len(runs), faults, remarks)


def _of_run(run: Path, known: Path | None, remarks: list[str]) -> Iterator[Fault]:
    beside = [store.PLACEBO] if (run / store.PLACEBO).exists() else []
    for path in sorted(run.iterdir()):
        if path.name not in (*RUN_FILES, *beside, _LOCK):
            yield Fault(path, (), f"does not belong to a run; there are: {', '.join(RUN_FILES)}")
    for name in (*RUN_FILES, *beside):
        yield from _private(run / name)
    try:
        manifest = store.read_manifest(run)
        card = resources.card(manifest.benchmark_ref.id)
    except JudgebenchError as error:
        yield Fault(run / "manifest.json", (), str(error).removeprefix(f"{run / 'manifest.json'}: "))
        return
    yield from (Fault(run / "manifest.json", (), problem) for problem in _problems_of_manifest(run, manifest, card))
    labels, faults = _labels(run, manifest, card, known, remarks)
    yield from faults
    if labels is None:
        return
    broken = [fault for name in (store.JUDGMENTS, *beside) for fault in _judgments(run / name, manifest, labels)]
    yield from broken or _scores(run, manifest, card, labels, remarks)


def _private(path: Path) -> Iterator[Fault]:
    """What must not be passed on, without repeating it."""
    if not path.exists():
        yield Fault(path, (), "is missing")
        return
    lines = path.read_bytes().split(b"\n")
    for what, pattern in {**_SECRETS, "a path of somebody's machine": _PRIVATE}.items():
        numbers = tuple(number for number, line in enumerate(lines, start=1) if re.search(pattern, line))
        if numbers:
            yield Fault(path, numbers, f"holds what looks like {what}; take it out, and withdraw it if it is a secret")


def _problems_of_manifest(run: Path, manifest: Manifest, card: Card) -> Iterator[str]:
    ref = manifest.judge_ref
    for what, name, folder in (("benchmark", manifest.benchmark, run.parent.name), ("judge", manifest.judge, run.name)):
        if folder != store.slug(name):
            yield f"its {what} is {name!r}, whose folder is {store.slug(name)}, not {folder}"
    if not card.publish_labels:
        yield f"the labels of {card.id} may not be passed on (licence: {card.licence})"
    if manifest.version != card.version:
        yield f"is of {card.id} {manifest.version!r}; the card is of {card.version!r}"
    if manifest.limit is not None:
        yield f"is of the {manifest.part}; a submission is of all items"
    if manifest.orders == "single" and not ref.is_recorded:
        yield "was shown one order only; run it with --swap both, which goes on from what is there"
    if not manifest.protocol and not ref.is_baseline:
        yield "says nothing of the protocol: which prompt, parser and settings made these answers"
    if "judgebench" not in manifest.versions:
        yield "does not say which version of judgebench wrote it"
    if not manifest.provenance and not ref.is_baseline:
        yield "says nothing of where the answers come from: provenance is empty"


def _labels(
    run: Path, manifest: Manifest, card: Card, known: Path | None, remarks: list[str]
) -> tuple[list[Label] | None, list[Fault]]:
    path = run.parent / LABELS
    if not path.exists():
        return None, []  # which _private says
    records = list(rows.each_record(path.read_bytes(), Label))
    faults = [Fault(path, (number,), str(row)) for number, row in records if isinstance(row, Exception)]
    labels = [row for _, row in records if not isinstance(row, Exception)]
    if faults:
        return None, faults
    if problem := labels_changed(run.name, labels, manifest):
        faults.append(Fault(path, (), problem))
    right = _known_digest(card, manifest, known)
    if right is None:
        remarks.append(f"{path}: the data of {card.id} are not at hand, so only the counts of its labels were checked")
    elif right != digest_of(labels):
        problem = f"are not the items of {manifest.benchmark} {card.version}, whose digest is {right}"
        faults.append(Fault(path, (), problem))
    if card.items and len(labels) != card.items and not manifest.benchmark_ref.options:
        faults.append(Fault(path, (), f"holds {len(labels):,} items; {card.id} has {card.items:,}"))
    return labels, faults


def _known_digest(card: Card, manifest: Manifest, known: Path | None) -> str | None:
    with suppress(DataUnavailable):
        return digest_of([item.label() for item in adapters.load(card, manifest.benchmark_ref.options)])
    path = None if known is None else known / store.slug(manifest.benchmark) / LABELS
    return digest_of(store.read_labels(path)) if path is not None and path.exists() else None


def _judgments(path: Path, manifest: Manifest, labels: Sequence[Label]) -> Iterator[Fault]:
    if not path.exists():
        return
    widths = {label.id: len(label.lengths) for label in labels}
    problems: dict[str, list[int]] = {}
    attempts: dict[Key, int] = {}
    for number, row in rows.each_record(path.read_bytes(), Judgment):
        for problem in [str(row)] if isinstance(row, Exception) else _of_row(row, widths, manifest, attempts):
            problems.setdefault(problem, []).append(number)
    yield from (Fault(path, tuple(numbers), problem) for problem, numbers in problems.items())


def _of_row(row: Judgment, widths: dict[str, int], manifest: Manifest, attempts: dict[Key, int]) -> Iterator[str]:
    if row.item not in widths:
        yield f"there is no item {row.item!r} in items.jsonl"
    elif len(row.order) != widths[row.item]:
        yield f"item {row.item!r} has {widths[row.item]} responses, and the order is of {len(row.order)}"
    if row.sample >= manifest.samples:
        yield f"sample {row.sample}; the manifest has {manifest.samples} of each trial"
    if row.attempt <= attempts.get(row.key, -1):
        yield "answers a trial that an earlier row answers"
    attempts[row.key] = row.attempt
    if row.text is not None:
        yield "holds the judge's words, which may quote texts that may not be passed on; run or import with --no-text"
    if row.status != Status.OK and not row.detail:
        yield f"is {row.status}, and does not say why"


def _scores(run: Path, manifest: Manifest, card: Card, labels: Sequence[Label], remarks: list[str]) -> Iterator[Fault]:
    from judgebench.score import score_run

    scores = score_run(Run.of(card, labels, manifest, run))
    missing, wanted = scores.coverage.failures["missing"], scores.coverage.wanted
    if missing:
        yield Fault(run / "judgments.jsonl", (), f"lacks {missing:,} of {wanted:,} trials; the same command goes on")
    path = run / "scores.json"
    if path.exists() and (difference := differs_from_stored(run, scores)) is not None:
        yield Fault(path, (), f"is not what the judgments give: {difference}; `judgebench score {run}` recomputes it")
    if scores.coverage.share < LEAST_COVERAGE:
        remarks.append(f"{run}: {scores.coverage.share:.1%} of the trials have a verdict")
    if manifest.orders == "single" and manifest.judge_ref.is_recorded:
        remarks.append(f"{run}: recorded elsewhere in one order, so that position bias cannot be seen")
