"""Where build-pairs asks a model: for responses to its questions, and as a second grader.

Both go through the run loop and the store of `judgebench run`, so that answers are on disk as they arrive and a killed
call goes on where it was: a sampled response is kept as a judgment whose text is the response and whose verdict, (1,),
says no more than that there is one; a response that was cut off, refused or failed has none and is no response.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from judgebench import extensions, store
from judgebench import run as run_loop
from judgebench.errors import BelowCoverage
from judgebench.judges import Opened, open_judge
from judgebench.models import SAMPLING, Model, open_model
from judgebench.pairs.answers import final_of
from judgebench.pairs.questions import LETTERS, Candidate, Grade, Question, graded, unreadable
from judgebench.types import (
    BenchmarkRef,
    Finish,
    Generation,
    Item,
    JudgeRef,
    Judgment,
    Manifest,
    Message,
    Request,
    Response,
    Status,
    Trial,
    digest,
)

Ask = Callable[..., run_loop.Outcome]
"""`judgebench.run.ask`, with the cost limit and the progress line of the command."""
_STATUS = {Finish.LENGTH: Status.TRUNCATED, Finish.REFUSED: Status.REFUSED, Finish.FAILED: Status.FAILED}


@dataclass(frozen=True)
class Respondent:
    """A model that answers the question itself, in the place of a judge. Sample n has the seed + n, if one is given."""

    ref: JudgeRef
    model: Model
    generation: Generation
    needs_texts: bool = False

    @property
    def name(self) -> str:
        return self.ref.name

    @property
    def author(self) -> str:
        """Whose responses they are, as the benchmark says."""
        model = self.model.identity["model"]
        return model if isinstance(model, str) else self.model.model

    @property
    def protocol(self) -> Mapping[str, Any]:
        return {**self.model.identity, "generation": msgspec.to_builtins(self.generation)}

    @property
    def provenance(self) -> Mapping[str, Any]:
        return self.model.provenance

    def request(self, trial: Trial) -> Request:
        seed = self.generation.seed
        seeded = self.generation if seed is None else msgspec.structs.replace(self.generation, seed=seed + trial.sample)
        return Request(messages=trial.messages, generation=seeded)

    def judge(self, trials: Iterable[Trial]) -> Iterator[Judgment]:
        waiting: dict[int, Trial] = {}

        def requests() -> Iterator[Request]:
            for number, trial in enumerate(trials):
                waiting[number] = trial
                yield self.request(trial)

        for number, completion in self.model.require_writer().complete(requests()):
            trial = waiting.pop(number)
            served = (completion.served,) if completion.served else ()
            record: Any = {"text": completion.text, "usage": completion.usage, "dropped": completion.dropped}
            if completion.finish is Finish.STOP and (completion.text or "").strip():
                yield trial.answer((1,), served=served, **record)
            else:
                status = _STATUS.get(completion.finish, Status.UNPARSED)
                yield trial.fail(status, completion.detail or "", served=served, **record)


def open_respondent(typed: str, options: Mapping[str, str]) -> Respondent:
    """The model that was typed, with its -J options and those of sampling. InputError for one that writes no text."""
    model, ref, values = open_model(typed, {"temperature": "1.0", "max_tokens": "4096", **options}, SAMPLING)
    model.require_writer().require_form(model.spec, "chat")
    sampling = {option.name: values[option.name] for option in SAMPLING if option.name in values}
    return Respondent(ref, model, Generation(**sampling))


def sample_items(questions: Sequence[Question]) -> list[Item]:
    """A question is known by its text, so that a file may grow and be sampled again; equal questions share samples."""
    items = {}
    for question in questions:
        messages, name = (Message(role="user", content=question.prompt),), digest(question.prompt)
        items[name] = Item(id=name, messages=messages, responses=(Response(text=""),), cluster=question.id)
    return list(items.values())


def sample(questions: Sequence[Question], respondent: Respondent, folder: Path, k: int, ask: Ask) -> dict[str, int]:
    """Give every question k responses of the model, asking for those that `folder` does not hold yet. Returns how many
    answers are no response, by status. BelowCoverage where the cost limit stopped that."""
    items = sample_items(questions)
    manifest = _manifest("samples", respondent, k)
    with store.Run(store.folder_of(folder, manifest), manifest) as run:
        outcome = ask(items, respondent, run)
        answered = {key: judgment for key, judgment in run.answered.items() if key.sample < k}
    _require_all(outcome, "responses")
    texts: dict[str, list[str]] = {item.id: [] for item in items}
    failures: Counter[str] = Counter()
    for key in sorted(key for key in answered if key.item in texts):  # other questions are not in the file any more
        judgment = answered[key]
        if judgment.status is Status.OK and judgment.text is not None:
            texts[key.item].append(judgment.text)
        else:
            failures[judgment.status.value] += 1
    for question in questions:
        question.responses += [Candidate(text, respondent.author) for text in texts[digest(question.prompt)]]
    return dict(failures)


class ModelGrader:
    """A model that is shown the question, the right answer and one response, with the prompt answer-check."""

    def __init__(self, spec: str, options: Mapping[str, str], folder: Path, ask: Ask) -> None:
        self._judge = open_judge(spec, {"prompt": "answer-check", **options})
        self.id = self._judge.name
        self._folder, self._ask = folder, ask

    def check(self, question: Question) -> None:
        if not _reference(question):
            raise question.row.bad("no answer, which a model as second grader is shown")

    def grade(self, cases: Sequence[tuple[Question, str]]) -> Iterator[Grade]:
        items = [_check_item(question, text) for question, text in cases]
        once = list({item.id: item for item in items}.values())
        judge = self._judge.fitted([Trial.of(item, (0,)) for item in once[:1]])
        manifest = _manifest("checks", judge, 1)
        with store.Run(store.folder_of(self._folder, manifest), manifest) as run:
            outcome = self._ask(once, judge, run)
            answered = {key.item: judgment for key, judgment in run.answered.items()}
        _require_all(outcome, "second grades")
        for item in items:
            judgment = answered[item.id]
            if judgment.verdict is None:
                yield unreadable(f"{judgment.status.value}: {judgment.detail}")
            else:
                yield graded(right=judgment.verdict.scores[0] == 1)


def _reference(question: Question) -> str:
    if question.answer_index is not None and question.answer is None and question.choices:
        return question.choices[question.answer_index]
    letter = (question.answer or "").strip(" ().")
    if len(letter) == 1 and letter in LETTERS[: len(question.choices)]:
        return f"({letter}) {question.choices[LETTERS.index(letter)]}"
    return final_of(question.answer or "")


def _check_item(question: Question, text: str) -> Item:
    messages, reference = (Message(role="user", content=question.prompt),), _reference(question)
    name, responses = digest((messages, reference, text)), (Response(text=text),)
    given = {"reference": reference}
    return Item(id=name, messages=messages, responses=responses, materials=given, cluster=question.id)


def _manifest(what: str, judge: Opened | Respondent, samples: int) -> Manifest:
    """What is asked stands in the ids of the items, which are digests: a longer file extends the run."""
    return Manifest(
        benchmark_ref=BenchmarkRef(id=what),
        version="1",
        items="by digest",
        judge_ref=judge.ref,
        protocol=dict(judge.protocol),
        orders="single",
        samples=samples,
        provenance=dict(judge.provenance),
        addresses=tuple(filter(None, [judge.provenance.get("url")])),
        versions=extensions.versions(),
    )


def _require_all(outcome: run_loop.Outcome, what: str) -> None:
    if outcome.missing:
        raise BelowCoverage(
            f"the cost limit is reached after ${outcome.spent:.2f}: {outcome.missing:,} {what} are missing; what there "
            "is is kept, and the same command goes on from there"
        )


def preview(questions: Sequence[Question], respondent: Respondent, folder: Path, k: int) -> run_loop.Preview:
    """What `sample` would ask; nothing is asked."""
    items = sample_items(questions)
    path = store.folder_of(folder, _manifest("samples", respondent, k))
    answered = {judgment.key for judgment in store.read_judgments(path)}
    still = [trial for trial in run_loop.trials(items, "single", k) if trial.key not in answered]
    requests = list(map(respondent.request, still[:: max(1, len(still) // 200)]))
    quote = run_loop.scaled(list(map(respondent.model.require_writer().quote, requests)), len(still)) if still else None
    return run_loop.Preview(respondent.name, "samples", path, len(items) * k, len(still), requests[:1], quote)
