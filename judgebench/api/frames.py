"""Results as pandas frames: `judgebench.load("results")`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any, NamedTuple

from judgebench.results import Run, read_all
from judgebench.results import texts as texts_of
from judgebench.types import Estimate, Item, Label, Scores, Usage

if TYPE_CHECKING:
    import pandas as pd


class Frames(NamedTuple):
    """Three frames that join on `benchmark`, `judge` and `item`. Shares are fractions, costs US dollars, times seconds,
    lengths characters. A tuple has one number or name per response, in the item's order: (1, 0) prefers the first,
    (0.5, 0.5) is a tie, (7,) a rating.

    items      one row an item
        benchmark, item, subset, scenario, language    category or string
        question    string; items of one question share it, and intervals go by it
        gold        tuple of float, None where there is no gold
        raters      dict of a person's name to a tuple;  people  Int64, how many
        authors     tuple of string or None;  lengths  tuple of int or None
        facets      dict
        prompt, responses    with texts=True: string and tuple of string, None where the data are not at hand
    judgments  one row an answer that counts (the last attempt)
        benchmark, judge, item    category or string
        order       category: AB as stored, BA swapped, and so on;  sample, attempt  Int64
        status      category: ok, unparsed, refused, truncated, failed
        verdict     tuple of float in the item's order, whatever the order shown; None unless ok
        right       float64: 1 where it is gold's, 0 where not or where the judge failed (a share where several
                    responses are right); NaN without gold. Its mean is agreement
        flags       tuple of string: cut (the judge saw a text that was cut to fit), inconsistent (upstream merged two
                    verdicts that disagree), right reason, wrong reason
        confidence, mass  float64 (how much probability a forced verdict's options had);  cost, seconds  float64
        prompt_tokens, completion_tokens    Int64
        detail, text    string: why it failed, and the judge's words where they were kept
    scores     one row a number, as scores.json has it
        benchmark, judge    category
        part        category: headline (its own score), headline.parts, metrics, human, subset
        subset      category;  name  string
        value, low, high, level    float64, NaN where undefined
        n, questions    Int64;  method, reason  string
    """

    items: pd.DataFrame
    judgments: pd.DataFrame
    scores: pd.DataFrame


def load(
    results: Path | str = "results", *, benchmarks: Sequence[str] = (), judges: Sequence[str] = (), texts: bool = False
) -> Frames:
    """All runs below a folder of results, or those of these benchmarks and judges, as pandas frames; unfinished and
    limited ones too (`coverage` in scores tells). With `texts` the items' own, where their data are on this machine and
    are those that were judged; elsewhere they are None, for results hold labels only. InputError where there are no
    runs or no such names; where scores.json is missing or of fewer answers, what it should hold is computed."""
    from judgebench.score import scores_of

    items: list[dict[str, Any]] = []
    answers: list[dict[str, Any]] = []
    numbers: list[dict[str, Any]] = []
    benchmark = None
    for folder, run in read_all(Path(results), benchmarks=benchmarks, judges=judges).items():
        if folder.parent != benchmark:
            benchmark = folder.parent
            items += _items(run.manifest.benchmark, run.labels, texts_of(run) if texts else None)
        answers += _answers(run)
        numbers += _numbers(scores_of(folder, run))
    return Frames(_frame(items), _frame(answers), _frame(numbers))


def _items(benchmark: str, labels: Iterable[Label], texts: Mapping[str, Item] | None) -> Iterator[dict[str, Any]]:
    for label in labels:
        row = {
            "benchmark": benchmark,
            "item": label.id,
            **_fields(label, "subset", "scenario", "language"),
            "question": label.cluster,
            "gold": label.gold.scores if label.gold is not None else None,
            "raters": {rater: verdict.scores for rater, verdict in label.raters.items()},
            "people": len(label.raters),
            **_fields(label, "authors", "lengths", "facets"),
        }
        if texts is not None:
            item = texts.get(label.id)
            row["prompt"] = None if item is None else "\n\n".join(message.content for message in item.messages)
            row["responses"] = None if item is None else tuple(response.text for response in item.responses)
        yield row


def _answers(run: Run) -> Iterator[dict[str, Any]]:
    from judgebench.score import rightness

    for judgment, right in zip(run.judgments, rightness(run), strict=True):
        yield {
            "benchmark": run.manifest.benchmark,
            "judge": run.manifest.judge,
            "item": judgment.item,
            "order": "".join(ascii_uppercase[slot] for slot in judgment.order),
            **_fields(judgment, "sample", "attempt"),
            "status": str(judgment.status),
            "verdict": judgment.verdict.scores if judgment.verdict is not None else None,
            "right": right,
            "confidence": judgment.confidence,
            "mass": judgment.mass,
            "flags": tuple(map(str, judgment.flags)),
            **_fields(judgment.usage or Usage(), "cost", "seconds", "prompt_tokens", "completion_tokens"),
            **_fields(judgment, "detail", "text"),
        }


def _numbers(scores: Scores) -> Iterator[dict[str, Any]]:
    parts: dict[tuple[str, str | None], Mapping[str, Estimate]] = {
        ("headline", None): {scores.headline.rule: scores.headline},
        ("headline.parts", None): scores.headline.parts,
        ("metrics", None): scores.metrics,
        ("human", None): scores.human,
        **{("subset", subset): estimates for subset, estimates in scores.subsets.items()},
    }
    for (part, subset), estimates in parts.items():
        for name, estimate in estimates.items():
            yield {
                **_fields(scores, "benchmark", "judge"),
                "part": part,
                "subset": subset,
                "name": name,
                **_fields(estimate, "value", "low", "high", "level", "n"),
                "questions": estimate.n_clusters,
                **_fields(estimate, "method", "reason"),
            }


def _fields(record: object, *names: str) -> dict[str, Any]:
    return {name: getattr(record, name) for name in names}


_KINDS = {
    "category": ("benchmark", "judge", "subset", "scenario", "language", "order", "status", "part"),
    "Int64": ("people", "sample", "attempt", "prompt_tokens", "completion_tokens", "n", "questions"),
    "float64": ("right", "confidence", "mass", "cost", "seconds", "value", "low", "high", "level"),
    "string": ("item", "question", "prompt", "detail", "text", "name", "method", "reason"),
}
"""Columns by their type; the others hold tuples and dicts."""


def _frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Columns have their types whatever the rows hold: a column of nothing but None is still one of numbers."""
    import pandas as pd

    frame = pd.DataFrame(rows)
    return frame.astype({name: kind for kind, names in _KINDS.items() for name in names if name in frame})
