"""Analyses on demand: on recorded runs, against the statistics and libraries, and on runs made to know the answer."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner
from sklearn import metrics as sk

from judgebench import resources
from judgebench.api import analyze
from judgebench.cli import cli
from judgebench.errors import InputError, UnknownName
from judgebench.report import findings
from judgebench.results import Run, read
from judgebench.score import estimates
from judgebench.score.analysis import ANALYSES, Finding, confidence, panel
from judgebench.score.pairs import FIRST, SECOND, TIE, of_run, on_axis
from judgebench.stats import calibration, ranking, selective
from judgebench.types import BenchmarkRef, Estimate, JudgeRef, Judgment, Label, Manifest, Trial, Verdict, digest

RESULTS = Path(__file__).parents[2] / "results"
O1_MINI = RESULTS / "scalerlab-judgebench" / "o1-mini-2024-09-12+arena-hard"
SKYWORK = RESULTS / "scalerlab-judgebench" / "Skywork-Reward-Gemma-2-27B"
GPT_4 = RESULTS / "mt-bench-human" / "gpt-4"
PANDALM = RESULTS / "pandalm" / "gpt-3.5-turbo"
LLMBAR = [RESULTS / "llmbar" / name for name in ("GPT-4+Vanilla", "GPT-4+Rating", "GPT-4+CoT", "ChatGPT+Vanilla")]
SCORES = {FIRST: (1.0, 0.0), SECOND: (0.0, 1.0), TIE: (0.5, 0.5)}


@pytest.fixture(scope="module", autouse=True)
def few_resamples() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(estimates, "RESAMPLES", 1000)
        yield


def value(found: Finding, label: str, column: str) -> Estimate:
    return next(row for row in found.rows if row.label == label).numbers[column]


def run_of(gold: Sequence[int], verdicts: Sequence[Sequence[float]], **about: object) -> Run:
    """A run in one order; a verdict is the pair of scores."""
    authors = about.get("authors", [(None, None)] * len(gold))
    labels = [
        Label(
            id=str(i),
            gold=Verdict(scores=SCORES[said]),
            raters={},
            cluster=str(i),
            authors=authors[i],
            lengths=(None, None),
            digest="",
        )
        for i, said in enumerate(gold)
    ]
    manifest = Manifest(
        benchmark_ref=BenchmarkRef(id="b"),
        version="1",
        items=digest(labels),
        judge_ref=JudgeRef(kind="python", called=str(about.get("judge", "j"))),
        orders="single",
    )
    judgments: list[Judgment] = [
        Trial(item=str(i), order=(0, 1), responses=("", "")).answer(list(scores)) for i, scores in enumerate(verdicts)
    ]
    return Run(resources.card("llmbar"), labels, manifest, judgments)


# ------------------------------------------------------------------------------------------------- recorded runs


def test_the_five_numbers_of_one_file() -> None:
    """o1-mini on JudgeBench: the scores that five rules make of the same verdicts (statistics.md, decision 3)."""
    [found] = analyze("ties", [O1_MINI])
    printed = {
        "right in both orders": 58.0,
        "net vote, more right than wrong": 65.7,
        "mean of orders, ties and failures wrong": 72.7,
        "net vote, even is half right": 77.3,
        "consistent and decisive only": 86.4,
    }
    for policy, number in printed.items():
        score = value(found, policy, "score")
        assert round(100 * score.value, 1) == number
        assert score.low < score.value < score.high
    assert round(100 * value(found, "consistent and decisive only", "rests on").value) == 67


def test_a_rule_of_two_orders_says_so_of_one() -> None:
    [found] = analyze("ties", [PANDALM])
    assert "needs both orders" in value(found, "right in both orders", "score").reason
    assert value(found, "mean of orders, ties and failures wrong", "score").value is not None


def test_both_settings_of_mt_bench() -> None:
    """Table 5: GPT-4 pair and people agree on 66 % and 85 % of the first turn with experts; here with all people."""
    [found] = analyze("settings", [GPT_4])
    s1, s2 = value(found, "turn-1: judge, S1", "agreement"), value(found, "turn-1: judge, S2", "agreement")
    assert (round(100 * s1.value), round(100 * s2.value)) == (67, 86)
    assert "rests on" not in next(row for row in found.rows if row.label == "judge, S1").numbers
    assert 0.6 < value(found, "judge, S2", "rests on").value < 0.7
    assert value(found, "judge, S2", "chance").value == pytest.approx(0.5, abs=0.01)
    with pytest.raises(InputError, match="people's votes"):
        analyze("settings", [O1_MINI])


def test_confidence_of_a_reward_model_against_scikit_learn() -> None:
    table, groups, curve, guarantee = analyze("confidence", [SKYWORK], target=0.3)
    sure, right = margins(SKYWORK)
    assert value(table, "AUROC", "value").value == pytest.approx(sk.roc_auc_score(right, sure), abs=0.003)
    assert value(table, "Brier score", "value").value == pytest.approx(sk.brier_score_loss(right, sure))
    ece = calibration.expected_calibration_error(sure, right)
    assert value(table, "calibration error (ECE)", "value").value == pytest.approx(ece)
    assert value(table, "risk over coverage (AURC)", "value").value == pytest.approx(
        selective.aurc(sure, right), abs=0.003
    )
    assert value(table, "  of a calibrated judge", "value").high < ece
    assert sum(row.numbers["of all"].value for row in groups.rows) == pytest.approx(1)
    rising = [row.numbers["right"].value for row in curve.rows]
    assert rising[0] == pytest.approx(right.mean())
    assert rising[-1] > rising[0] + 0.1
    kept = value(guarantee, "right among them", "value")
    assert kept.method == "Clopper-Pearson"
    assert kept.high > 0.7


def margins(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    run = read(folder)
    pairs = of_run(run.labels, run.manifest, run.judgments)
    return 1 / (1 + np.exp(-np.abs(pairs.margins.ravel()))), pairs.hits.ravel().astype(float)


def test_a_threshold_that_nothing_passes_is_no_threshold() -> None:
    guarantee = analyze("confidence", [SKYWORK], target=0.01)[-1]
    assert "abstains" in guarantee.says
    assert value(guarantee, "threshold", "value").reason == "no threshold passes"


def test_verdicts_without_a_confidence_are_refused() -> None:
    with pytest.raises(InputError, match="no confidence"):
        analyze("confidence", [O1_MINI])


def test_a_corrected_rate_lies_nearer_to_the_truth_than_the_judge() -> None:
    """GPT-4 prefers its own answers more often than people do; 200 labels mend most of that."""
    [found] = analyze("correction", [GPT_4], labelled=200, system="gpt-4")
    truth = value(found, "all labels, hidden ones too", "win rate")
    judge, labels, ppi = (value(found, row, "win rate") for row in ("the judge alone, on all", "labels alone", "PPI++"))
    assert judge.value - truth.value > 0.1
    assert not judge.low <= truth.value <= judge.high
    assert ppi.low <= truth.value <= ppi.high
    assert ppi.high - ppi.low < labels.high - labels.low
    with pytest.raises(InputError, match="--labelled N"):
        analyze("correction", [PANDALM])
    with pytest.raises(InputError, match="authors: alpaca-13b, claude-v1"):
        analyze("correction", [GPT_4], labelled=200, system="gpt4")


def test_a_panel_against_the_statistics() -> None:
    [found] = analyze("panel", LLMBAR)
    assert value(found, "GPT-4+Vanilla", "agreement").value == pytest.approx(0.8449, abs=1e-4)
    worth = value(found, "independent judges that they are worth", "number")
    assert 1 < worth.low < worth.value < worth.high < 4
    assert "GPT-4+Vanilla and GPT-4+CoT" in found.notes[0]
    weighted, plain = (value(found, f"panel: {name}", "agreement") for name in ("weighted by accuracy", "majority"))
    assert weighted.value > plain.value


def test_what_a_panel_is_worth_is_the_effective_number_of_judges() -> None:
    rng = np.random.default_rng(0)
    shared = rng.random(300) < 0.2
    wrong = np.stack([np.where(rng.random(300) < 0.5, shared, rng.random(300) < 0.2) for _ in range(4)]).astype(float)
    found = panel._worth(wrong, np.arange(300))
    related = np.corrcoef(wrong)[np.triu_indices(4, 1)].mean()  # the design effect of Kish 1965
    assert found.value == pytest.approx(4 / (1 + 3 * related))


def test_the_ranking_of_systems_against_the_statistics() -> None:
    rates, order = analyze("systems", [GPT_4])
    assert [row.label for row in rates.rows][:2] == ["gpt-4", "claude-v1"]
    elo = [row.numbers["people: Elo"].value for row in rates.rows]
    assert elo == sorted(elo, reverse=True)
    assert np.mean(elo) == pytest.approx(1000)
    judge, people = ([row.numbers[f"{who}: wins"].value for row in rates.rows] for who in ("judge", "people"))
    assert value(order, "Kendall's tau-b of win rates", "value").value == ranking.kendall_tau(judge, people) == 1
    assert 0.9 < value(order, "soft pairwise accuracy", "value").value <= 1
    assert "Only 6 systems" in order.notes[0]
    with pytest.raises(InputError, match="three named systems"):
        analyze("systems", [SKYWORK])


def test_self_preference_needs_people_and_another_judge() -> None:
    reference = GPT_4.with_name("baseline-tie")
    [found] = analyze("own", [GPT_4, reference], author="gpt-4")
    beyond, neutral, both = (row.numbers["points"] for row in found.rows)
    assert beyond.low > 0 > neutral.high
    assert both.value == pytest.approx(beyond.value - neutral.value)
    with pytest.raises(InputError, match="another judge"):
        analyze("own", [GPT_4], author="gpt-4")
    with pytest.raises(InputError, match="different items"):
        analyze("own", [GPT_4, O1_MINI], author="gpt-4")


# ----------------------------------------------------------------------------------------------------- made runs


def test_a_perturbation_is_charged_only_with_what_a_rerun_does_not_do() -> None:
    """Of 40 verdicts the rerun changes 4 and the perturbation 16, 14 of them to the losing side."""
    gold = [FIRST] * 40
    base = [SCORES[FIRST]] * 38 + [SCORES[SECOND]] * 2
    rerun = [SCORES[SECOND]] * 4 + base[4:]
    perturbed = [SCORES[SECOND]] * 14 + base[14:38] + [SCORES[FIRST]] * 2
    runs = [run_of(gold, verdicts) for verdicts in (base, rerun, perturbed)]
    [found] = ANALYSES["robustness"](runs)
    assert value(found, "same verdict, asked again (CALM's CR)", "share").value == pytest.approx(36 / 40)
    assert value(found, "same verdict, perturbed (CALM's RR)", "share").value == pytest.approx(24 / 40)
    assert value(found, "changed by the perturbation beyond that", "share").value == pytest.approx(12 / 40)
    assert value(found, "moved towards the wrong response", "share").value == pytest.approx(14 / 16)
    [four] = ANALYSES["robustness"]([*runs, runs[1]], placebo=True)
    assert value(four, "and beyond the placebo", "share").value == pytest.approx(12 / 40)
    with pytest.raises(InputError, match="the perturbed one"):
        ANALYSES["robustness"](runs[:2])
    with pytest.raises(InputError, match="lacks item 39"):
        ANALYSES["robustness"]([*runs[:2], run_of(gold[:39], perturbed[:39])])


def test_soft_preferences_are_confidences_as_they_stand() -> None:
    rng = np.random.default_rng(1)
    sure = rng.uniform(0.5, 1, 400).round(2)
    said = np.where(rng.random(400) < sure, FIRST, SECOND)
    run = run_of(
        [FIRST] * 400, [(c, 1 - c) if side == FIRST else (1 - c, c) for c, side in zip(sure, said, strict=True)]
    )
    table = ANALYSES["confidence"]([run])[0]
    assert table.notes == ("Confidence: the soft preference itself.",)
    assert value(table, "mean confidence", "value").value == pytest.approx(sure.mean())
    null = value(table, "  of a calibrated judge", "value")
    assert value(table, "calibration error (ECE)", "value").value < null.high + 0.02


def test_stated_confidences_are_probabilities() -> None:
    rng = np.random.default_rng(5)
    run = run_of([FIRST] * 50, [SCORES[FIRST if right else SECOND] for right in rng.random(50) < 0.8])
    lines = [msgspec.structs.replace(line, confidence=80.0) for line in run.judgments]
    with pytest.raises(InputError, match="confidences reach from 80 to 80; they should be from 0 to 1"):
        ANALYSES["confidence"]([run._replace(judgments=lines)])
    lines = [msgspec.structs.replace(line, confidence=math.nextafter(1, 2)) for line in run.judgments]
    table = ANALYSES["confidence"]([run._replace(judgments=lines)])[0]
    assert value(table, "mean confidence", "value").value == 1


def test_many_different_confidences_are_grouped_and_say_the_same() -> None:
    rng = np.random.default_rng(2)
    sure = rng.random(3000)
    right = (rng.random(3000) < sure).astype(float)
    table = confidence._by_confidence(sure, right).sum(0).reshape(-1, 2)
    assert len(table) == 200
    assert float(selective.aurc_from_counts(table)) == pytest.approx(selective.aurc(sure, right), abs=0.002)


def test_unlabelled_items_are_those_without_gold() -> None:
    rng = np.random.default_rng(3)
    truth = rng.random(600) < 0.7
    said = np.where(rng.random(600) < 0.85, truth, ~truth)
    run = run_of([FIRST if one else SECOND for one in truth], [SCORES[FIRST if one else SECOND] for one in said])
    labels = [label if i < 200 else Label(**{**fields(label), "gold": None}) for i, label in enumerate(run.labels)]
    [found] = ANALYSES["correction"]([run._replace(labels=labels)])
    assert found.notes[0] == "Labelled: 200 items; judged only: 400."
    for name in ("PPI++", "Rogan-Gladen"):
        corrected = value(found, name, "win rate")
        assert corrected.low < truth.mean() < corrected.high
    assert value(found, "PPI++", "win rate").n == 600, "labelled or not"
    assert all("hidden" not in row.label for row in found.rows)
    assert on_axis(of_run(labels, run.manifest, run.judgments).verdicts).shape == (600, 1, 1)


def fields(label: Label) -> dict[str, object]:
    return {name: getattr(label, name) for name in Label.__struct_fields__}


def test_a_trial_that_failed_in_any_run_is_left_out_of_robustness() -> None:
    gold, right = [FIRST] * 40, [SCORES[FIRST]] * 40
    runs = [run_of(gold, right) for _ in range(3)]
    runs[1] = runs[1]._replace(judgments=runs[1].judgments[4:])
    runs[2] = runs[2]._replace(judgments=runs[2].judgments[:-6])
    [found] = ANALYSES["robustness"](runs)
    assert found.notes == ("30 trials with a verdict in every run; left out: 10.",)
    for row in found.rows[:2]:
        assert (row.numbers["share"].value, row.numbers["share"].n) == (1, 30), row.label


def test_a_panel_of_runs_is_about_the_items_that_all_have() -> None:
    gold, sides = [FIRST, SECOND] * 30, (SCORES[FIRST], SCORES[SECOND])
    verdicts = [[sides[i % k == 0] for i in range(60)] for k in (2, 3, 5)]
    runs = [run_of(gold, said, judge=f"j{k}") for k, said in enumerate(verdicts)]
    runs[0] = runs[0]._replace(
        manifest=msgspec.structs.replace(runs[0].manifest, limit=20), judgments=runs[0].judgments[:20]
    )
    [found] = ANALYSES["panel"](runs)
    [short] = ANALYSES["panel"]([run_of(gold[:20], said[:20], judge=f"j{k}") for k, said in enumerate(verdicts)])
    assert found.rows == short.rows


def test_three_systems_are_enough_to_rank_and_pairs_without_two_are_told() -> None:
    names = [("a", "b"), ("b", "c"), ("a", "c"), (None, "c")] * 10
    run = run_of([FIRST] * 40, [SCORES[FIRST]] * 40, authors=names)
    vote = {"ann": Verdict(scores=SCORES[FIRST])}
    labels = [Label(**{**fields(label), "raters": vote}) for label in run.labels]
    rates, ranking_found = ANALYSES["systems"]([run._replace(labels=labels)])
    assert {row.label for row in rates.rows} == {"a", "b", "c"}
    assert any(note.startswith("Left out: 10 pairs") for note in ranking_found.notes)
    two = run_of([FIRST] * 40, [SCORES[FIRST]] * 40, authors=[("a", "b")] * 40)
    with pytest.raises(InputError, match="three named systems, here are"):
        ANALYSES["systems"]([two])


# -------------------------------------------------------------------------------------------------- the command line

COMMANDS = {
    "ties": ["ties", str(O1_MINI)],
    "settings": ["settings", str(GPT_4)],
    "confidence": ["confidence", str(SKYWORK), "--target", "0.3"],
    "correction": ["correction", str(PANDALM), "--labelled", "200"],
    "robustness": ["robustness", str(LLMBAR[0]), "--rerun", str(LLMBAR[1]), "--perturbed", str(LLMBAR[3])],
    "panel": ["panel", *map(str, LLMBAR)],
    "own": ["own", str(GPT_4), "--author", "gpt-4", "--reference", str(GPT_4.with_name("baseline-tie"))],
    "systems": ["systems", str(GPT_4)],
}


@pytest.mark.parametrize("what", ANALYSES)
def test_every_analysis_has_a_command_that_fits_the_screen(what: str) -> None:
    shown = CliRunner().invoke(cli, ["analyze", *COMMANDS[what]], catch_exceptions=False)
    assert shown.exit_code == 0
    assert max(map(len, shown.output.splitlines())) <= findings.WIDTH, shown.output
    read = json.loads(CliRunner().invoke(cli, ["analyze", *COMMANDS[what], "--json"], catch_exceptions=False).output)
    for table in read:
        assert table["says"]
        for row in table["rows"]:
            for number in row["numbers"].values():
                has_interval = number["low"] is not None
                assert (number["value"] is None) == (number["reason"] is not None)
                assert has_interval or number["reason"] or number["method"].startswith("none")


def test_an_unknown_analysis_lists_the_choices() -> None:
    with pytest.raises(UnknownName, match="panel"):
        analyze("panels", [GPT_4])
