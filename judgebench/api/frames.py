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
    results: Path | str = "results",
    *,
    benchmarks: Sequence[str] = (),
    judges: Sequence[str] = (),
    texts: bool = False,
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
            "subset": label.subset,
            "scenario": label.scenario,
            "language": label.language,
            "question": label.cluster,
            "gold": label.gold.scores if label.gold is not None else None,
            "raters": {rater: verdict.scores for rater, verdict in label.raters.items()},
            "people": len(label.raters),
            "authors": label.authors,
            "lengths": label.lengths,
            "facets": label.facets,
        }
        if texts is not None:
            item = texts.get(label.id)
            row["prompt"] = None if item is None else "\n\n".join(message.content for message in item.messages)
            row["responses"] = None if item is None else tuple(response.text for response in item.responses)
        yield row


def _answers(run: Run) -> Iterator[dict[str, Any]]:
    from judgebench.score import rightness

    for judgment, right in zip(run.judgments, rightness(run), strict=True):
        usage = judgment.usage or Usage()
        yield {
            "benchmark": run.manifest.benchmark,
            "judge": run.manifest.judge,
            "item": judgment.item,
            "order": "".join(ascii_uppercase[slot] for slot in judgment.order),
            "sample": judgment.sample,
            "attempt": judgment.attempt,
            "status": str(judgment.status),
            "verdict": judgment.verdict.scores if judgment.verdict is not None else None,
            "right": right,
            "confidence": judgment.confidence,
            "mass": judgment.mass,
            "flags": tuple(map(str, judgment.flags)),
            "cost": usage.cost,
            "seconds": usage.seconds,
            "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens,
            "detail": judgment.detail,
            "text": judgment.text,
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
            where = {"benchmark": scores.benchmark, "judge": scores.judge, "part": part, "subset": subset, "name": name}
            yield where | {column: getattr(estimate, field) for column, field in _OF_AN_ESTIMATE.items()}


_OF_AN_ESTIMATE = {name: name for name in ("value", "low", "high", "level", "n")}
_OF_AN_ESTIMATE |= {"questions": "n_clusters", "method": "method", "reason": "reason"}
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
