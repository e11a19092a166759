"""Judges that do not think. A benchmark on which one of them does well has a fault that thinking judges may exploit."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from judgebench.errors import InputError, UnknownName
from judgebench.options import Option, whole
from judgebench.types import Judgment, Status, Trial

Rule = Callable[[Trial], Sequence[float]]


def open(name: str, options: Mapping[str, Any]) -> Baseline:  # noqa: A001  (the seam's name)
    if name not in _RULES:
        raise UnknownName("baseline", name, _RULES)
    _, rule = _RULES[name]
    if name != "random":
        return Baseline(f"baseline:{name}", rule, needs_texts=name in ("longest", "shortest"))
    seed = options["seed"]
    return Baseline(f"baseline:{name}", lambda trial: _random(trial, seed), protocol={"seed": seed})


@dataclass(frozen=True)
class Baseline:
    name: str
    rule: Rule
    needs_texts: bool = False
    protocol: Mapping[str, Any] = field(default_factory=dict)
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def judge(self, trials: Iterable[Trial]) -> Iterator[Judgment]:
        """A first trial in which there is nothing to choose is an InputError; a later one is a failed judgment."""
        answered = False
        for trial in trials:
            problem = self._nothing_to_choose(trial)
            if problem and not answered:
                raise InputError(problem)
            yield trial.fail(Status.FAILED, problem) if problem else trial.answer(self.rule(trial))
            answered = True

    def _nothing_to_choose(self, trial: Trial) -> str | None:
        if len(trial.order) > 1:
            return None
        labels, steps = trial.question.labels, _steps(trial)
        if (labels or steps) and self.name.partition(":")[2] not in ("tie", "longest", "shortest"):
            return None
        there_is, choices = "one response", ""
        if labels:
            there_is += f" with a label ({', '.join(labels)})"
            choices = "; of labels there are baseline:first, second and random"
        elif steps:
            there_is += f" with {steps} steps"
            choices = "; of steps there are baseline:first (none is wrong), second (all are) and random"
        return f"{self.name} chooses among responses, and item {trial.item} has {there_is}{choices}"


def _steps(trial: Trial) -> int:
    """How many are asked about."""
    return len(trial.steps) if trial.question.each_step else 0


def _only(trial: Trial, chosen: int) -> list[float]:
    """One of the responses; of a single one, one of its labels, or of what its steps may all be: right, wrong."""
    if steps := _steps(trial):
        return [(trial.question.scale or (0.0, 1.0))[chosen % 2]] * steps
    count = len(trial.question.labels) or len(trial.order)
    return [float(place == chosen % count) for place in range(count)]


def _longest(trial: Trial) -> list[float]:
    return [float(len(text or "")) for text in trial.responses]


def _random(trial: Trial, seed: int) -> list[float]:
    """A fresh coin per item, order and sample, and yet the same in every process: a resumed run must not re-toss. Of
    steps, one for each."""

    def tossed(more: str = "") -> list[float]:
        digest = hashlib.sha256(f"{seed}/{trial.item}/{trial.order}/{trial.sample}{more}".encode()).digest()
        return _only(trial, int.from_bytes(digest[:8]))

    return [tossed(f"/{step}")[0] for step in range(_steps(trial))] or tossed()


def options_of(name: str) -> tuple[Option, ...]:
    return (whole("seed", "another one tosses other coins", None, default=0),) if name == "random" else ()


_RULES: dict[str, tuple[str, Rule]] = {
    "first": ("always the response shown first", lambda trial: _only(trial, 0)),
    "second": ("always the response shown second", lambda trial: _only(trial, 1)),
    "random": ("a fair coin per trial; -J seed=N for another one", lambda trial: _random(trial, 0)),
    "tie": ("always a tie", lambda trial: [1 / len(trial.order)] * len(trial.order)),
    "longest": ("the response with more characters", _longest),
    "shortest": ("the response with fewer characters", lambda trial: [-length for length in _longest(trial)]),
}
CHOICES = {f"baseline:{name}": what for name, (what, _) in _RULES.items()}
