"""Comparing judges and planning for it, on the results that stand in this repository and on rows made by hand."""

from __future__ import annotations

import json
import math
from pathlib import Path

import msgspec
import numpy as np
import pytest

from judgebench import api
from judgebench.cli import main
from judgebench.errors import InputError, UnknownName
from judgebench.report import comparison as shown
from judgebench.results import read
from judgebench.score import samples
from judgebench.score.pairs import of_run
from judgebench.stats import compare
from judgebench.stats.intervals import cluster_se

RESULTS = Path(__file__).parents[2] / "results"
VANILLA, SWAP = RESULTS / "llmbar" / "GPT-4+Vanilla", RESULTS / "llmbar" / "GPT-4+Swap"
LONGEST = RESULTS / "llmbar" / "baseline-longest"


def item_agreement(folder: Path) -> dict[str, float]:
    """Canonical agreement item by item, straight from the files: the other route to every number below."""
    gold = {label["id"]: label["gold"] for label in _lines(folder.parent / "items.jsonl")}
    right: dict[str, list[float]] = {name: [] for name in gold}
    for judgment in _lines(folder / "judgments.jsonl"):
        right[judgment["item"]].append(float(judgment.get("verdict") == gold[judgment["item"]]))
    return {name: sum(hits) / 2 for name, hits in right.items()}


def _lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def test_the_difference_is_the_mean_over_the_same_items() -> None:
    found = api.compare([VANILLA, SWAP])
    one, other = item_agreement(VANILLA), item_agreement(SWAP)
    difference = np.array([one[name] - other[name] for name in one])
    contest = found.contests[0]
    assert contest.difference.value == pytest.approx(difference.mean())
    clusters = [label["cluster"] for label in _lines(RESULTS / "llmbar" / "items.jsonl")]
    assert contest.detectable == pytest.approx(2.8016 * cluster_se(difference, clusters), rel=1e-4)
    assert found.items == 419


def test_the_order_of_the_runs_changes_signs_and_nothing_else() -> None:
    one, other = api.compare([VANILLA, LONGEST]), api.compare([LONGEST, VANILLA])
    assert one.standings == other.standings
    assert one.contests[0].difference.value == -other.contests[0].difference.value
    assert one.contests[0].p_value == pytest.approx(other.contests[0].p_value)


def test_more_than_chance_hangs_on_no_last_bit() -> None:
    """A p-value at the bar: the sentence says what the ranks say."""
    found = api.compare([VANILLA, LONGEST])
    for p_value in (math.nextafter(samples.ALPHA, 0), samples.ALPHA, math.nextafter(samples.ALPHA, 1)):
        contest = msgspec.structs.replace(found.contests[0], adjusted=p_value)
        assert "more than chance" in shown.reading(contest, found)
        sets = compare.rank_sets([[0, 0.1], [-0.1, 0]], [[1, p_value], [p_value, 1]], alpha=samples.ALPHA)
        assert sets.tolist() == [[1, 1], [2, 2]]


def test_ranks_leave_open_what_the_tests_leave_open() -> None:
    found = api.compare([VANILLA, SWAP, LONGEST])
    ranks = {standing.judge: (standing.rank_low, standing.rank_high) for standing in found.standings}
    assert ranks == {"GPT-4+Vanilla": (1, 2), "GPT-4+Swap": (1, 2), "baseline:longest": (3, 3)}
    for contest in found.contests:
        assert contest.adjusted >= contest.p_value
    text = " ".join(shown.render(found).split())
    assert "1-2" in text
    assert "cannot tell from no difference; it would have seen one of" in text


def test_runs_over_other_items_are_refused() -> None:
    with pytest.raises(InputError, match="judged different items"):
        api.compare([VANILLA, RESULTS / "pandalm" / "gpt-3.5-turbo"])


def test_one_order_against_two_is_compared_on_the_stored_one() -> None:
    found = api.compare([RESULTS / "pandalm" / "gpt-3.5-turbo", RESULTS / "pandalm" / "baseline-longest"])
    assert found.notes == ("on the stored order alone, since not all runs have both",)
    assert found.items == 999
    assert found.clusters == 170


def test_any_number_that_all_runs_have_can_be_compared() -> None:
    """Consistency of the two, paired by question: the cluster-robust difference of what either did."""
    found = api.compare([VANILLA, SWAP], metric="consistency")
    steady = [np.array([one == two for one, two in pairs_by_item(folder)], dtype=float) for folder in (VANILLA, SWAP)]
    contest = found.contests[0]
    assert contest.difference.value == pytest.approx(steady[0].mean() - steady[1].mean())
    clusters = [label["cluster"] for label in _lines(RESULTS / "llmbar" / "items.jsonl")]
    error = cluster_se(steady[0] - steady[1], clusters)
    assert contest.detectable == pytest.approx(2.8016 * error, rel=1e-3)
    assert "of consistency" in shown.reading(contest, found) or "more consistency" in shown.reading(contest, found)
    with pytest.raises(UnknownName, match="cohen_kappa"):
        api.compare([VANILLA, SWAP], metric="kappa")


def pairs_by_item(folder: Path) -> list[tuple[object, object]]:
    said: dict[str, dict[tuple[int, ...], object]] = {}
    for judgment in _lines(folder / "judgments.jsonl"):
        said.setdefault(judgment["item"], {})[tuple(judgment["order"])] = judgment.get("verdict")
    return [(orders[0, 1], orders[1, 0]) for orders in said.values()]


def test_judges_that_hardly_differ_get_a_word_of_warning() -> None:
    first, second = LONGEST.with_name("baseline-first"), LONGEST.with_name("baseline-second")
    found = api.compare([first, second])
    assert found.contests[0].differing == 0
    assert " is 0.0 points ahead of " in shown.reading(found.contests[0], found)
    assert "They differ on 0 of 418 questions" in shown.render(found)
    assert "They differ on" not in shown.render(api.compare([VANILLA, SWAP]))


def test_ratings_are_compared_by_any_of_their_numbers(tmp_path: Path, mirror: Path) -> None:
    """10k_prompts: ratings of 1 to 5 by 13 people; the nearer judge is the better one."""
    runs = []
    for judge in ("gpt-4o", "mistral-v03"):
        assert list(api.import_published("alttest-10k-prompts", results=tmp_path, judge=judge))
        runs.append(tmp_path / "alttest-10k-prompts" / judge)
    values = {run.name: api.rescore(run).metrics["mae"].value for run in runs}
    found = api.compare(runs, metric="mae")
    assert {standing.judge: standing.value for standing in found.standings} == pytest.approx(values)
    assert found.standings[0].judge == min(values, key=values.get)
    assert api.compare(runs).metric == "agreement"  # its own score is a test's, and not made of items


def test_a_limited_run_is_compared_on_what_it_has(tmp_path: Path) -> None:
    api.evaluate("baseline:first", "verifiable", results=tmp_path, limit=40)
    api.evaluate("baseline:longest", "verifiable", results=tmp_path)
    found = api.compare([tmp_path / "verifiable" / "baseline-first", tmp_path / "verifiable" / "baseline-longest"])
    assert found.items == 40
    assert found.notes == ("on 40 of 240 items, which all runs have",)


def test_one_run_or_the_same_twice_is_no_comparison(capsys: pytest.CaptureFixture[str]) -> None:
    for runs, problem in (([VANILLA], "two runs or more"), ([VANILLA, VANILLA], "given 2 times")):
        with pytest.raises(SystemExit) as stopped:
            main(["compare", *map(str, runs)])
        assert stopped.value.code == 2
        assert problem in capsys.readouterr().err


def test_a_plan_from_a_pilot_scales_its_own_standard_error() -> None:
    """Twice the difference needs a quarter of the pairs, and one more order never makes it harder."""
    coarse, fine = api.plan([VANILLA, SWAP], delta=0.06), api.plan([VANILLA, SWAP], delta=0.03)
    both = {plan.orders: plan for plan in fine}
    assert both["both"].pairs <= both["single"].pairs
    assert fine[0].pairs == pytest.approx(4 * coarse[0].pairs, abs=4)
    assert both["both"].calls == 2 * both["both"].pairs
    run = read(VANILLA)
    pairs = of_run(run.labels, run.manifest, run.judgments)
    error = cluster_se(pairs.hits.mean(axis=(1, 2)), pairs.clusters)
    within = {plan.orders: plan.pairs for plan in api.plan([VANILLA], margin=0.02)}
    assert within["both"] == pytest.approx(419 * (1.95996 * error / 0.02) ** 2, abs=1)


def test_a_plan_from_rates_is_the_textbook_one() -> None:
    assert [plan.pairs for plan in api.plan(delta=0.05, discordant=0.2)] == [626]
    assert [plan.pairs for plan in api.plan(margin=0.03)] == [1068]
    with pytest.raises(InputError, match="--discordant"):
        api.plan(delta=0.05)
    with pytest.raises(InputError, match="two runs and --delta"):
        api.plan([VANILLA], delta=0.05)
