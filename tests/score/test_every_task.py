"""Every card end to end on made-up or real items: a judge runs, its run is scored, and all reports print it."""

from __future__ import annotations

import json
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from judgebench import adapters, api, fetch, resources, store
from judgebench.errors import InputError
from judgebench.judges import open_judge
from judgebench.report import card as report_card
from judgebench.report import latex, leaderboard, paper, tables
from judgebench.results import Run
from judgebench.run import orders_of, trials
from judgebench.score import comparison, ratings, rules, score_run, scored
from judgebench.score.standings import by_benchmark, enter
from judgebench.stats.ranking import kendall_tau
from judgebench.types import BenchmarkRef, Headline, Item, JudgeRef, Judgment, Label, Manifest, Scores, Status

SYNTHETIC = Path(__file__).parents[1] / "adapters" / "synthetic"
NAMES = sorted(path.stem for path in SYNTHETIC.glob("*.json"))


_items: dict[str, list[Item]] = {}


@pytest.fixture
def items(name: str, tmp_path: Path) -> list[Item]:
    """Of the card's made-up files, tables as JSON lines."""
    if name not in _items:
        card = resources.card(name)
        roles = {source.name: source.role for source in card.sources}
        files = {
            roles[file]: _put(tmp_path / file.replace("/", "_"), content)
            for file, content in json.loads((SYNTHETIC / f"{name}.json").read_text(encoding="utf-8")).items()
        }
        _items[name] = list(adapters.adapter(card.adapter).items(files, card.options))
    return _items[name]


def _put(path: Path, content: Any) -> Path:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for member, rows in content.items():
                archive.writestr(member, json.dumps(rows))
    elif path.suffix == ".json":
        path.write_text(json.dumps(content), encoding="utf-8")
    else:
        path = path.with_suffix(".jsonl")
        path.write_text("".join(f"{json.dumps(row)}\n" for row in content), encoding="utf-8")
    return path


def _manifest(benchmark: str, judge: str, **fields: Any) -> Manifest:
    refs = {"benchmark_ref": BenchmarkRef(id=benchmark), "judge_ref": JudgeRef(kind="python", called=judge)}
    return Manifest(**refs, **{"items": "", "orders": "both", **fields})


def scored_run(name: str, items: Sequence[Item], judgments: Sequence[Judgment], **fields: Any) -> Scores:
    card = resources.card(name)
    manifest = _manifest(name, "j", version=card.version, **fields)
    return score_run(Run(card, [item.label() for item in items], manifest, judgments))


def judged(judge: str, items: Sequence[Item]) -> list[Judgment]:
    """A baseline's answers; for single responses, which it refuses to choose among, the numbers of a made-up judge."""
    every, shift = list(trials(items, "both", 1)), int(judge == "baseline:random")
    if all(len(item.responses) > 1 for item in items):
        return list(open_judge(judge).judge(every))
    return [
        trial.answer([1.0 + (place + slot + shift) % 5 for slot in range(len(trial.order))])
        for place, trial in enumerate(every)
    ]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("judge", ["baseline:first", "baseline:random"])
def test_a_run_is_scored_and_reported(name: str, judge: str, items: list[Item]) -> None:
    scores = scored_run(name, items, judged(judge, items))
    assert scores.coverage.share == 1
    assert scores.headline.rule == resources.card(name).headline.rule
    for required in ("agreement", "coverage", "consistency", "first_slot_rate"):
        assert required in scores.metrics
    assert scores.metrics["agreement"].value is not None
    assert msgspec.json.decode(msgspec.json.encode(scores), type=Scores) == scores
    assert report_card.one_line(scores).startswith(f"{name}: ")
    shown = report_card.render(report_card.of(scores, resources.card(name)))
    assert max(map(len, shown.splitlines())) <= 80
    manifest, labels = scores.manifest, [item.label() for item in items]
    judgments = judged(judge, items)
    fields = by_benchmark([enter(Run(resources.card(name), labels, manifest, judgments))])
    assert name in leaderboard.render(fields)
    (table,) = paper.main(fields)
    for form in (tables.as_markdown, tables.as_csv, tables.as_html, latex.as_latex, tables.as_json):
        assert scores.judge in form(table)


@pytest.mark.parametrize("name", NAMES)
def test_a_judge_that_never_answers_is_counted_and_breaks_nothing(name: str, items: list[Item]) -> None:
    scores = scored_run(name, items, [])
    assert scores.coverage.ok == 0
    assert scores.coverage.failures["missing"] == scores.coverage.wanted > 0
    assert scores.metrics["agreement"].value == 0
    assert scores.metrics["coverage"].value == 0
    assert report_card.render(report_card.of(scores, resources.card(name)))
    for estimate in [scores.headline, *scores.headline.parts.values()]:
        assert (estimate.value is None) == (estimate.reason is not None)


@pytest.mark.parametrize("name", NAMES)
def test_runs_of_every_task_can_be_compared(name: str, items: list[Item]) -> None:
    """By agreement and by the default, the benchmark's own score where that is made of items."""
    card, labels, runs, scores = resources.card(name), [item.label() for item in items], [], []
    for judge in ("baseline:first", "baseline:random"):
        manifest = _manifest(name, judge, version=card.version)
        runs.append(Run(card, labels, manifest, judged(judge, items)))
        scores.append(score_run(runs[-1]))
    if len({label.cluster for label in labels if label.gold is not None}) < 2:
        with pytest.raises(InputError, match="two questions or more"):
            comparison.compare(runs)
        return
    for metric in ("agreement", None):
        found = comparison.compare(runs, metric)
        numbers = [one.headline if found.metric == "headline" else one.metrics["agreement"] for one in scores]
        values = {run.manifest.judge: number.value for run, number in zip(runs, numbers, strict=True)}
        assert {standing.judge: standing.value for standing in found.standings} == pytest.approx(values)


@pytest.mark.parametrize("name", NAMES)
def test_a_limited_run_in_one_order_says_so(name: str, items: list[Item]) -> None:
    scores = scored_run(name, items, [], orders="single", limit=1)
    assert scores.coverage.wanted == 1
    assert any(warning.startswith(f"only the first 1 of {len(items)} items") for warning in scores.warnings)
    one_response = len(items[0].responses) == 1
    assert any("one order only" in warning for warning in scores.warnings) != one_response


@pytest.mark.parametrize("name", [name for name in NAMES if name != "mr-ben"])
def test_gold_itself_as_the_judge_scores_one(name: str, items: list[Item]) -> None:
    """But for MR-Ben, whose reasons nobody graded."""
    items = [item for item in items if item.gold is not None]
    judgments = [
        Judgment(item=item.id, order=order, status=Status.OK, verdict=item.gold, confidence=1.0)
        for item in items
        for order in orders_of(item, "both")
    ]
    scores = scored_run(name, items, judgments)
    assert scores.metrics["agreement"].value == 1
    if name == "rewardbench2":
        ties = scores.subsets["Ties"]["headline"].value
        assert ties == pytest.approx(1.01), "upstream's weights sum to that"
        assert scores.headline.value == pytest.approx((5 + ties) / 6)
    else:
        assert scores.headline.value == pytest.approx(1)


def test_loading_all_that_is_at_hand_takes_seconds(mirror: Path) -> None:
    began = time.monotonic()
    loaded = 0
    for name in resources.benchmarks():
        card = resources.card(name)
        if card.sources and all(fetch.where(card, source) for source in card.sources):
            loaded += len(adapters.load(card))
    assert loaded > 15_000
    assert time.monotonic() - began < 20, "under 10 s on a machine that does nothing else"


def test_a_rating_task_from_its_files_to_its_report_card(mirror: Path, tmp_path: Path) -> None:
    """AltTest's prompts; test_published lands on the 36 numbers of the three sets."""
    for _, scores, unmatched in api.import_published("alttest-10k-prompts", results=tmp_path, judge="gpt-4o"):
        assert unmatched == []
        assert f"{scores.headline.value:.2f}" == "0.69"
        assert f"{scores.headline.parts['rho'].value:.2f}" == "0.76"
        assert "mean distance from gold, in points" in report_card.render(
            report_card.of(scores, resources.card("alttest-10k-prompts"))
        )
    assert len(store.runs(tmp_path)) == 1


def test_tau_b_of_a_table_is_tau_b_of_the_ratings() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.integers(1, 6, 60), rng.integers(1, 6, 60)
    table = np.zeros((5, 5))
    np.add.at(table, (x - 1, y - 1), 1)
    assert float(ratings.tau_b(table)) == pytest.approx(kendall_tau(x, y))


def test_pearson_of_moments_is_pearson_s() -> None:
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=30), rng.normal(size=30)
    sums = np.array([30, x.sum(), y.sum(), (x * x).sum(), (y * y).sum(), (x * y).sum()])
    assert float(ratings.pearson_of_moments(sums)) == pytest.approx(np.corrcoef(x, y)[0, 1])
    assert np.isnan(ratings.pearson_of_moments(np.array([3, 3, 6, 3, 14, 6])))


def test_a_rule_for_another_kind_of_verdict_says_so() -> None:
    label = Label(id="0", cluster="0", authors=(None,), lengths=(None,), digest="")
    run = scored.of_run(
        [label],
        Manifest(
            benchmark_ref=BenchmarkRef(id="b"),
            version="",
            items="",
            judge_ref=JudgeRef(kind="python", called="j"),
            orders="single",
        ),
        [],
    )
    with pytest.raises(InputError, match="the rule net_vote scores pairs, and these items are ratings"):
        rules.headline(Headline(rule="net_vote", gloss=""), run)
