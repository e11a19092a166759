"""Results as pandas frames: `judgebench.load("results")`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from judgebench.results import Run, read_all
from judgebench.results import texts as texts_of
from judgebench.types import Estimate, Item, Label, Scores

if TYPE_CHECKING:
    import pandas as pd

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


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
        confidence  float64;  cost  float64;  seconds  float64
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
    return Frames(
        _frame(items, ("benchmark", "subset", "scenario", "language"), ("people",)),
        _frame(
            answers,
            ("benchmark", "judge", "order", "status"),
            ("sample", "attempt", "prompt_tokens", "completion_tokens"),
        ),
        _frame(numbers, ("benchmark", "judge", "part", "subset"), ("n", "questions")),
    )


def _items(benchmark: str, labels: Iterable[Label], texts: Mapping[str, Item] | None) -> list[dict[str, Any]]:
    rows = []
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
        rows.append(row)
    return rows


def _answers(run: Run) -> list[dict[str, Any]]:
    from judgebench.score import rightness

    manifest, judgments, right = run.manifest, run.judgments, rightness(run)
    rows = []
    for judgment, hit in zip(judgments, right, strict=True):
        usage = judgment.usage
        rows.append(
            {
                "benchmark": manifest.benchmark,
                "judge": manifest.judge,
                "item": judgment.item,
                "order": "".join(_LETTERS[slot] for slot in judgment.order),
                "sample": judgment.sample,
                "attempt": judgment.attempt,
                "status": str(judgment.status),
                "verdict": judgment.verdict.scores if judgment.verdict is not None else None,
                "right": hit,
                "confidence": judgment.confidence,
                "cost": usage.cost if usage is not None else None,
                "seconds": usage.seconds if usage is not None else None,
                "prompt_tokens": usage.prompt_tokens if usage is not None else None,
                "completion_tokens": usage.completion_tokens if usage is not None else None,
                "detail": judgment.detail,
                "text": judgment.text,
            }
        )
    return rows


def _numbers(scores: Scores) -> list[dict[str, Any]]:
    parts: dict[tuple[str, str | None], Mapping[str, Estimate]] = {
        ("headline", None): {scores.headline.rule: scores.headline},
        ("headline.parts", None): scores.headline.parts,
        ("metrics", None): scores.metrics,
        ("human", None): scores.human,
        **{("subset", subset): found for subset, found in scores.subsets.items()},
    }
    return [
        {
            "benchmark": scores.benchmark,
            "judge": scores.judge,
            "part": part,
            "subset": subset,
            "name": name,
            "value": estimate.value,
            "low": estimate.low,
            "high": estimate.high,
            "level": estimate.level,
            "n": estimate.n,
            "questions": estimate.n_clusters,
            "method": estimate.method,
            "reason": estimate.reason,
        }
        for (part, subset), estimates in parts.items()
        for name, estimate in estimates.items()
    ]


_TEXTS = ("item", "question", "prompt", "detail", "text", "name", "method", "reason")
_NUMBERS = ("right", "confidence", "cost", "seconds", "value", "low", "high", "level")


def _frame(rows: Sequence[Mapping[str, Any]], categories: Sequence[str], whole: Sequence[str]) -> pd.DataFrame:
    """Columns have their types whatever the rows hold: a column of nothing but None is still one of numbers."""
    import pandas as pd

    frame = pd.DataFrame(rows)
    kinds = dict.fromkeys(categories, "category") | dict.fromkeys(whole, "Int64")
    kinds |= {name: "float64" for name in _NUMBERS if name in frame} | {
        name: "string" for name in _TEXTS if name in frame
    }
    return frame.astype(kinds)
