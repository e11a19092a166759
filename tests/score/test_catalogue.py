"""The catalogue: every number has one record, everything derives from it, and what stood in ten lists is right."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType

import msgspec
import numpy as np
import pytest

import judgebench.score
from judgebench import api, extensions, resources
from judgebench.cli import main
from judgebench.errors import InputError
from judgebench.report import card as cards
from judgebench.report import comparison as shown
from judgebench.report import leaderboard, numbers, paper, published, selection
from judgebench.report.page import collect, payload
from judgebench.report.page.collect import Bench
from judgebench.report.tables import Number
from judgebench.results import Run
from judgebench.score import addresses, catalogue, comparison, estimates, rules, score_run
from judgebench.score.added import Added
from judgebench.score.catalogue import CLASSES, METRICS, PAIRS, PARTS, PEOPLE, RATINGS, TASKS, Metric, Unit, Whose
from judgebench.score.pairs import Pairs
from judgebench.score.rules.ruling import Ruling
from judgebench.score.scored import Scored
from judgebench.score.standings import by_benchmark, enter
from judgebench.types import (
    PREFERENCE,
    BenchmarkRef,
    Card,
    Estimate,
    Headline,
    JudgeRef,
    Judgment,
    Kind,
    Label,
    Manifest,
    Question,
    Scores,
    Status,
    Verdict,
    digest_of,
)

ROOT = Path(__file__).parents[2]
PANDALM = ROOT / "results" / "pandalm"
PACKAGE = Path(judgebench.score.__file__).parents[1]


# ------------------------------------------------------------------------------------------------- made-up runs


def label(number: int, gold: Sequence[float], **fields: object) -> Label:
    made = {
        "id": f"i{number}",
        "gold": Verdict(scores=tuple(gold)),
        "cluster": f"q{number}",
        "authors": (None,) * len(gold),
        "lengths": (100, 200, 300, 400, 500, 600)[: len(gold)],
        "digest": "0" * 16,
    }
    return msgspec.convert({**msgspec.to_builtins(Label(**made)), **fields}, Label)  # type: ignore[arg-type]


def run_of(
    labels: Sequence[Label],
    judge: str,
    said: object,
    *,
    made: Card | None = None,
    samples: int = 1,
    orders: str = "both",
) -> Run:
    """`said` is a function of a label and the order's place that gives the scores in the item's order, None to fail."""
    refs = {"benchmark_ref": BenchmarkRef(id="b"), "judge_ref": JudgeRef(kind="python", called=judge)}
    manifest = Manifest(**refs, version="1", items=digest_of(labels), orders=orders, samples=samples)
    judgments = []
    for one in labels:
        width = len(one.lengths)
        places = [tuple(range(width)), tuple(reversed(range(width)))] if width > 1 and orders == "both" else [
            tuple(range(width))
        ]  # fmt: skip
        for place, order in enumerate(places):
            for sample in range(samples):
                scores = said(one, place)  # type: ignore[operator]
                verdict = None if scores is None else Verdict(scores=tuple(scores))
                status = Status.UNPARSED if scores is None else Status.OK
                detail = "nothing to read" if scores is None else None
                known = {"verdict": verdict, "detail": detail, "mass": None if scores is None else 0.9}
                judgments.append(Judgment(item=one.id, order=order, sample=sample, status=status, **known))
    return Run(made or card_of("agreement"), labels, manifest, judgments)


def card_of(rule: str, **fields: object) -> Card:
    """A card that names the rule, so that a rule is tested on any data."""
    headline = Headline(rule=rule, gloss="made up", settings=fields.pop("settings", {}))  # type: ignore[arg-type]
    return msgspec.structs.replace(
        resources.card("pandalm"), id="b", headline=headline, anchors=(), subsets={}, items=0, **fields
    )


def votes(number: int, people: int = 3) -> dict[str, object]:
    """Ratings of an item by so many people, who do not always agree."""
    return {f"p{person}": [[1.0, 0.0] if (number + person) % 3 else [0.0, 1.0]] for person in range(people)}


RULES_OF: dict[str, dict[str, object]] = {
    "rm_bench": {"settings": {"domains": {"a": "A", "b": "B"}}},
    "rewardbench2": {"settings": {"domains": ["a", "b"]}},
    "tie_rescue": {"settings": {"groups": {"a": "Group A", "b": "Group B"}}},
}


QUESTIONS = {
    "steps": Question(kind=Kind.STEP),
    CLASSES: Question(kind=Kind.CLASS, labels=("no", "yes"), ordered=True, positive="yes"),
}


def of_every_task() -> Iterator[tuple[str, Scores, str]]:
    """(rule, scores, task) for every rule on every kind of verdict that it takes."""
    rng = np.random.default_rng(4)
    for name, rule in rules.RULES.items():
        for task in rule.whole:
            asked = {
                **QUESTIONS,
                **({"steps": Question(kind=Kind.STEP, scale=(0, 1))} if name == "prmscore" else {}),
                **({"sets": Question(kind=Kind.RANKING)} if name == "agreement" else {}),
            }.get(task, PREFERENCE)
            made = card_of(
                name, question=asked, ties=True, factors=("style",) if task == PAIRS else (), **RULES_OF.get(name, {})
            )
            labels = []
            for number in range(36):
                facets: dict[str, object] = {
                    "right_style": number % 3, "wrong_style": number // 3 % 3, "generator": f"m{number % 3}",
                    "model": f"m{number % 3}", "model_slot": number % 2, "variant": "tied" if number % 2 else "ref",
                    "prompt": number // 2, "list": number % 2, "styles": "012345", "swap": bool(number % 2),
                }  # fmt: skip
                facets["improper"] = number % 5 == 0
                width = {PAIRS: 2, RATINGS: 1, CLASSES: 2, "steps": 1, "sets": 6 if name == "rm_bench" else 4}[task]
                gold = [float(number % 4)] if width == 1 else [0.0] * width
                if width > 1:
                    for slot in range(3 if width == 6 else 1):
                        gold[slot if width == 6 else (number + slot) % width] = 1.0
                    if task == PAIRS and number % 9 == 8:
                        gold = [0.5, 0.5]
                people = {f"p{p}": [[float((number + p) % 4)]] for p in range(3)} if width == 1 else votes(number)
                raters = people if width < 3 and task != CLASSES else {}
                known = {"facets": facets, "subset": "ab"[number % 2], "language": "de", "raters": raters}
                single = {"lengths": (100,), "authors": (None,)} if task == CLASSES else {}
                labels.append(label(number, gold, **known, **single))

            def said(one: Label, _: int, width: int = width) -> list[float] | None:
                if rng.random() < 0.05:
                    return None
                return [float(rng.integers(0, 4))] if width == 1 else [float(score) for score in rng.random(width)]

            run = run_of(labels, "j", said, made=made, samples=2)
            if width > 1:  # as if they were forced, and asked again with the words exchanged
                answers = [msgspec.structs.replace(one, chosen=one.verdict) for one in run.judgments]
                run = run._replace(judgments=answers, placebo=answers)
            yield name, score_run(run), task


# ------------------------------------------------------------------------------------------------- records


def test_every_number_that_can_leave_has_a_record_of_its_rule_and_kind() -> None:
    """`score_run` refuses a number without one; here every rule on every kind of verdict gives all it can."""
    seen: set[str] = set()
    for rule, scores, task in of_every_task():
        assert addresses.task(scores) == task, rule
        names = [*scores.metrics, *(f"headline.{name}" for name in scores.headline.parts)]
        names += [f"human.{name}" for name in scores.human]
        for address in names:
            assert addresses.record(address, rule, task) is not None, (rule, task, address)
        seen |= {f"{task}.{name}" for name in scores.metrics} | {f"human.{name.split('[')[0]}" for name in scores.human}
        seen |= {f"{rule}.{name}" for name in scores.headline.parts}
    # And no record is of a number that nobody gives.
    for task in TASKS:
        given = {name.removeprefix(f"{task}.") for name in seen}
        assert {name for name, metric in METRICS[task].items() if not metric.stem} - given == set()
        assert all(any(name.startswith(metric.stem) for name in given) for metric in METRICS[task].values())
    assert {f"human.{name.split('[')[0]}" for name in PEOPLE} - seen == set()
    parts = {f"{rule}.{name}" for rule, one in rules.RULES.items() for name, part in one.parts.items() if not part.stem}
    assert parts - seen == {
        "net_vote.pooled_single_order",  # published alone
        "mr_score.reason_accuracy",  # these take data of their own: grades, sections, more subsets
        "themis.agr_follows_gold",
        *(f"rewardbench2.{name}" for name in rules.best_of.OF_TIES),
        *(f"rewardbench_{kind}.overall_with_prior" for kind in ("generative", "classifier")),
    }


def test_a_number_without_a_record_does_not_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = [label(number, (1, 0)) for number in range(4)]
    run = run_of(labels, "j", lambda one, _: (1, 0))
    monkeypatch.delitem(METRICS[PAIRS], "tie_rate")
    with pytest.raises(InputError, match="tie_rate of b has no record: "):
        score_run(run)


def test_records_are_whole() -> None:
    with pytest.raises(ValueError, match="better of -1, 0 or 1"):
        Metric(name="x", meaning="y", better=2)
    for table in (*METRICS.values(), PEOPLE, PARTS, *(rule.parts for rule in rules.RULES.values())):
        for name, metric in table.items():
            assert name == metric.name
            assert not metric.meaning.startswith("likewise"), name
    with pytest.raises(InputError, match="mae: its unit is points elsewhere"):
        catalogue.know([Metric(name="mae", meaning="a share for once")])


def test_no_metric_is_named_in_the_report_but_in_its_selection() -> None:
    """A name is a string in one room, `report/selection.py`, whose names the catalogue knows."""
    known = {name for table in (*METRICS.values(), PEOPLE, PARTS) for name in table}
    # Words that are columns, table names and texts too.
    words = {"accuracy", "agreement", "coverage", "bias", "distance", "paper", "f1", "hard", "easy", "normal", "best",
             "code", "read", "both", "decisive", "margin", "exact", "micro", "equal", "raters"}  # fmt: skip
    for path in sorted((PACKAGE / "report").rglob("*.py")):
        if path.name == "selection.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                bare = node.value.removeprefix("human.").removeprefix("headline.")
                assert bare not in known - words, f"{path}:{node.lineno} names {node.value}"
    for path in sorted((PACKAGE / "report" / "page" / "assets").iterdir()):
        text = path.read_text(encoding="utf-8")
        found = [name for name in known - words if re.search(rf"[\"'.]{re.escape(name)}[\"'\s,;)?]", text)]
        assert found == [], f"{path} names {found}"


def test_the_selection_names_what_the_catalogue_knows() -> None:
    named = [*selection.SECTION, *selection.BIAS, *selection.HUMAN, *selection.OF_A_PERSON.values()]
    named += [*selection.IN_THE_MIDDLE, *(address for group in selection.PAGE.values() for address in group)]
    named += [f"human.{name}" for name in selection.DATASHEET]
    for part in (*selection.CARD, selection.SIGHT):
        named += [part.needs, *part.about, *(address for line in part.lines for address in (line.address, line.beside))]
    for address in filter(None, named):
        assert any(addresses.record(address, "agreement", task) for task in TASKS), address


def test_families_have_one_record() -> None:
    assert addresses.record("effect_style", "agreement", PAIRS) == METRICS[PAIRS]["effect_<factor>"]
    assert addresses.record("human.cohen_kappa[a,b]", "agreement", PAIRS) == PEOPLE["cohen_kappa[<one>,<other>]"]
    assert addresses.record("human.gwet_ac1", "agreement", PAIRS).whose == Whose.PEOPLE  # type: ignore[union-attr]
    assert addresses.record("gwet_ac1", "agreement", PAIRS).whose == Whose.JUDGE  # type: ignore[union-attr]
    assert addresses.record("human.nothing", "agreement", PAIRS) is None
    assert addresses.record("human.human_s1", "agreement", PAIRS) is None
    of_people = addresses.record("human.human_s1", "vote_agreement", PAIRS)
    assert of_people is not None
    assert of_people.whose == Whose.PEOPLE


# ------------------------------------------------------------------------------------------------- compare


def compared(metric: str, *names: str) -> comparison.Comparison:
    return api.compare([PANDALM / name for name in names or ("gpt-3.5-turbo", "baseline-tie")], metric=metric)


def test_the_judge_that_says_nothing_but_tie_is_not_the_better_one() -> None:
    """Finding 1: a person's advantage over the judge is small where the judge is good."""
    found = compared("human.alt_test_difference")
    assert [standing.judge for standing in found.standings] == ["gpt-3.5-turbo", "baseline:tie"]
    assert found.standings[0].rank_low == found.standings[0].rank_high == 1
    said = shown.reading(found.contests[0], found)
    assert said.startswith("gpt-3.5-turbo has 59.7 less human.alt_test_difference than baseline:tie, which is better")
    assert re.search(r"gpt-3.5-turbo +23\.76 +1\n", shown.render(found))


@pytest.mark.parametrize(
    ("metric", "why"),
    [
        ("tie_rate", "has no better side"),
        ("prefer_longer", "has no better side"),
        ("first_slot_rate", "has no better side"),
        ("delta_bias", "has no better side"),
        ("gold_tie_rate", "is the benchmark's, not the judge's"),
        ("human.krippendorff_alpha", "is the people's, not the judge's"),
        ("human.human_agreement", "is the people's, not the judge's"),
        ("human.human_leave_one_out", "is the people's, not the judge's"),
        ("human.cohen_kappa[annotator1,annotator2]", "is the people's, not the judge's"),
    ],
)
def test_what_makes_no_judge_the_better_one_is_refused(
    metric: str, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two orders in both runs, so that the judges have all of these numbers."""
    folders = [str(PANDALM / name) for name in ("baseline-tie", "baseline-longest")]
    with pytest.raises(SystemExit) as ended:
        main(["compare", *folders, "--metric", metric])
    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert f"{metric} {why}" in line
    choices = line.partition("by these they can: ")[2].split(", ")
    assert {"agreement", "consistency", "human.alt_test_difference"} <= set(choices)
    assert metric not in choices


def ratings(distance: dict[str, int], made: Card | None = None) -> list[Run]:
    labels = [
        label(number, (3.0,), raters={"a": [[3.0]], "b": [[3.0 + number % 2]]}, subset=None) for number in range(60)
    ]
    return [
        run_of(labels, judge, lambda one, _, far=far: (3.0 + (far if int(one.id[1:]) % 4 else 0),), made=made)
        for judge, far in distance.items()
    ]


@pytest.mark.parametrize("metric", ["human.judge_human_mae", "mae"])
def test_distances_are_points_and_less_is_better(metric: str) -> None:
    far, near = ratings({"far": 4, "near": 1})
    found = comparison.compare([far, near], metric)
    assert [(one.judge, one.rank_low) for one in found.standings] == [("near", 1), ("far", 2)]
    assert found.unit == Unit.POINTS
    assert found.standings[1].value > 2
    text = shown.render(found)
    assert re.search(rf"far +{found.standings[1].value:.2f} ", text)
    assert "less" in text
    (contest,) = found.contests
    assert f"{abs(contest.difference.value or 0):.2f}" in text


def cross_annotated(right: dict[str, int], made: Card) -> list[Run]:
    labels = [label(number, (1, 0), raters={f"p{p}": [[1.0, 0.0]] for p in range(4)}) for number in range(80)]
    return [
        run_of(
            labels,
            judge,
            lambda one, place, of=of: (1, 0) if (int(one.id[1:]) + 5 * place) % 10 < of else (0, 1),
            made=made,
        )
        for judge, of in right.items()
    ]


@pytest.mark.parametrize("metric", ["headline.bias", "headline.variance"])
def test_bias_and_variance_are_better_small(metric: str) -> None:
    made = card_of("cross_annotations")
    coin, better = cross_annotated({"coin": 5, "better": 9}, made)
    found = comparison.compare([coin, better], metric)
    assert found.standings[0].judge == "better"
    (field,) = by_benchmark(enter(run) for run in (coin, better))
    (table,) = paper.main([field])
    column = table.columns.index(metric.removeprefix("headline."))
    strong = {row[0]: row[column].strong for row in table.rows if isinstance(row[column], Number)}
    assert strong == {"coin": False, "better": True}


@pytest.mark.parametrize(
    ("rule", "part", "better"),
    [
        ("judgelm", "delta_bias", -1),
        ("judgelm", "total_bias", -1),
        ("judgerbench_v2", "distance", -1),
        ("alt_test", "rho_human", -1),
        ("alt_test", "advantage_gap", -1),
        ("themis", "mae", -1),
        ("themis", "agr_follows_gold", 0),
        ("cross_annotations", "prefer_lists", 0),
        ("cross_annotations", "decisive", 0),
        ("personalized", "high_coverage", 0),
    ],
)
def test_the_better_side_of_a_paper_s_columns(rule: str, part: str, better: int) -> None:
    metric = rules.RULES[rule].of_part(part)
    assert metric is not None
    assert metric.better == better


def test_a_number_that_is_best_in_between_has_no_ranks_and_is_never_bold() -> None:
    labels = [label(number, (1, 0)) for number in range(40)]
    runs = [
        run_of(labels, "steady", lambda one, _: (1, 0)),
        run_of(labels, "first slot", lambda one, place: (1, 0) if place == 0 else (0, 1)),
    ]
    (field,) = by_benchmark(enter(run) for run in runs)
    for name in ("first_slot_rate", "delta_bias", "position_p", "tie_rate"):
        assert set(field.ranks(name).values()) == {None}, name
    assert [str(rank) for rank in field.ranks("first_bias").values()] == ["1", "2"]


# ------------------------------------------------------------------------------------------------- one scale


def test_a_coefficient_has_one_scale_everywhere() -> None:
    scores, card = api.rescore(PANDALM / "gpt-3.5-turbo"), resources.card("pandalm")
    kappa = scores.metrics["cohen_kappa"]
    assert kappa.value == pytest.approx(0.4929, abs=1e-4)
    text = cards.render(cards.of(scores, card))
    assert re.search(r"Cohen's kappa of judge and gold +0\.493 ", text)
    assert re.search(r"Gwet's AC1 of people +0\.\d{3} ", text)
    assert "it reaches 0.49; people, among themselves, 0.86." in " ".join(text.split())
    assert numbers.text(kappa).startswith("0.493 [")
    assert numbers.in_latex(kappa, numbers.Intervals.NONE, 2) == "0.493"
    assert (numbers.on_page(kappa) or [])[0] == "0.493"
    full = cards.render(cards.of(scores, card, full=True))
    assert re.search(r"^raters +3$", full, re.MULTILINE)
    for name in ("scott_pi", "gwet_ac1", "krippendorff_alpha", "fleiss_kappa", "cohen_kappa[annotator1,annotator2]"):
        assert re.search(rf"^{re.escape(name)} +-?0\.\d{{3}}\b", full, re.MULTILINE), name
    assert re.search(r"^agreement +\d\d\.\d\d ", full, re.MULTILINE)


@pytest.mark.parametrize(
    ("name", "value", "printed"),
    [
        ("agreement", 0.71071, "71.07 [70.5, 71.2]"),
        ("cohen_kappa", 0.71071, "0.711 [0.71, 0.71]"),
        ("agr_follows_gold", 0.71071, "0.711 [0.71, 0.71]"),
        ("mae", 0.71071, "0.71 [0.71, 0.71]"),
        ("judge_human_mae", 0.71071, "0.71 [0.71, 0.71]"),
        ("length_effect", 0.71071, "0.71 [0.71, 0.71]"),
        ("elo_judge", 1016.4, "1016 [0.71, 0.71]"),
        ("Chat Hard", 0.71071, "71.07 [70.5, 71.2]"),
        ("human_s1", 0.71071, "71.07 [70.5, 71.2]"),
    ],
)
def test_every_unit_is_printed_in_its_way(name: str, value: float, printed: str) -> None:
    estimate = Estimate(name=name, value=value, low=0.7051, high=0.7119, n=9, method="m")
    assert numbers.text(estimate) == printed


def test_counts_and_p_values() -> None:
    assert numbers.number(3.0, Unit.COUNT) == "3"
    assert numbers.number(1234.0, Unit.COUNT) == "1,234"
    assert numbers.number(2.347, Unit.COUNT) == "2.35"
    assert numbers.number(0.0123, Unit.P) == "0.012"
    assert numbers.number(1e-9, Unit.P) == "< 0.001"


def test_published_figures_stand_in_the_unit_of_ours_and_the_best_first() -> None:
    """Themis prints a mean absolute error of 0.756; the card holds all its figures in per cent."""
    table = published.table(resources.card("themis-alignbench"), [])
    assert table is not None
    rows = [row for row in table.rows if row[1] == "mae"]
    assert [row[2] for row in rows] == sorted((row[2] for row in rows), key=float)
    assert rows[0][2] == "0.685"
    spearman = published.table(resources.card("alpacaeval-human"), [])
    assert spearman is not None
    assert next(row[2] for row in spearman.rows if row[1] == "spearman" and row[0] == "gpt4") == "0.8833"


# ------------------------------------------------------------------------------------------------- what comes after


def installed(monkeypatch: pytest.MonkeyPatch, **things: object) -> None:
    """As if a distribution brought these: `rules` and `metrics` by name, one entry point each."""
    module = ModuleType("elsewhere")
    monkeypatch.setitem(sys.modules, "elsewhere", module)
    points = []
    for name, thing in things.items():
        setattr(module, name, thing)
        group = "rules" if isinstance(thing, rules.Rule) else "metrics"
        points.append(extensions.Extension(group, name, f"elsewhere:{name}", "elsewhere", "1"))
    monkeypatch.setattr(extensions, "listed", lambda group: tuple(point for point in points if point.group == group))
    monkeypatch.setattr(catalogue, "_KNOWN", dict(catalogue._KNOWN))


@pytest.fixture
def mean_margin(monkeypatch: pytest.MonkeyPatch) -> Card:
    """A metric from elsewhere, in points, that the card names."""
    metric = Metric(name="mean_margin", meaning="mean lead of the right response, in points", unit=Unit.POINTS)

    def lead(run: Pairs) -> Estimate:
        return estimates.mean("mean_margin", run.margins[:, 0, 0], run.clusters, empty="")

    installed(monkeypatch, mean_margin=Added(metric, {PAIRS: lead}))
    return card_of("agreement", metrics=("mean_margin",))


def test_a_metric_of_another_distribution_is_printed_ranked_and_explained(mean_margin: Card) -> None:
    """In its own unit everywhere: a lead of 9.3 points was printed as 930.00 where a list of names did not have it."""
    labels = [label(number, (1, 0)) for number in range(12)]
    runs = [
        run_of(labels, f"by {lead}", lambda one, _, lead=lead: (lead + int(one.id[1:]) % 3, 0), made=mean_margin)
        for lead in (2.3, 8.3)
    ]
    scores = [score_run(run) for run in runs]
    assert scores[1].metrics["mean_margin"].value == pytest.approx(9.3)
    assert numbers.text(scores[1].metrics["mean_margin"], interval=False) == "9.30"
    full = cards.render(cards.of(scores[1], mean_margin, full=True))
    assert re.search(r"^mean margin +9\.30 ", full, re.MULTILINE)
    assert "mean lead of the right response" in full
    found = comparison.compare(runs, "mean_margin")
    assert [standing.judge for standing in found.standings] == ["by 8.3", "by 2.3"]
    shown_runs = list(map(enter, runs))
    described, _ = payload.described(Bench("b", mean_margin, labels, {}, shown_runs), 0)
    assert described["runs"][1]["metrics"]["mean_margin"][0] == "9.30"
    assert described["records"]["mean_margin"][1].startswith("mean lead")


def test_one_name_has_one_unit_wherever_it_is_from(monkeypatch: pytest.MonkeyPatch) -> None:
    clash = rules.Rule(Metric(name="mae", meaning="a share for once"), {PAIRS: rules.orders.net_vote})
    installed(monkeypatch, clash=clash)
    with pytest.raises(InputError, match="mae: its unit is points elsewhere and cannot be share here"):
        rules.rule("clash")


def test_what_was_replaced_stays_in_scores_json_and_is_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if agreement had been given another estimand, and so another name, in this version."""
    for task in (PAIRS, RATINGS):
        old = msgspec.structs.replace(METRICS[task]["consistency"], replaced_by="agreement")
        monkeypatch.setitem(METRICS[task], "consistency", old)
    labels = [label(number, (1, 0)) for number in range(12)]
    runs = [run_of(labels, judge, lambda one, _: (1, 0)) for judge in ("j", "k")]
    scores = score_run(runs[0])
    assert scores.metrics["consistency"].value == 1
    for text in (cards.render(cards.of(scores, runs[0].card, full=True)), cards.render(cards.of(scores, runs[0].card))):
        assert not re.search(r"^ *consistency +100", text, re.MULTILINE)
        assert "Same verdict when the responses swap places" not in text
    described, _ = payload.described(Bench("b", runs[0].card, labels, {}, [enter(runs[0])]), 0)
    assert "agreement" in described["runs"][0]["metrics"]
    assert "consistency" not in described["runs"][0]["metrics"]
    assert "consistency" not in [name for name, _ in payload.glossary([PAIRS])["metrics"][PAIRS]]
    (field,) = by_benchmark(map(enter, runs))
    for table in (*paper.main([field]), *paper.bias([field])):
        assert "consistent" not in table.columns
    assert "consistent" not in leaderboard.of_benchmark(field)
    for metric in ("tie_rate", "consistency"):
        with pytest.raises(InputError) as refused:
            comparison.compare(runs, metric)
        assert "consistency," not in str(refused.value)


def test_a_rule_of_another_distribution_is_scored_shown_and_ranked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its number is a distance in points: less is better in ranks, in comparisons and on the page."""

    def off(scored: Scored, _: object) -> Ruling:
        far = np.abs(scored.verdicts[:, 0, 0, 0] - scored.gold[:, 0])
        return Ruling(estimates.mean("points_off", far, scored.clusters, empty="nothing"))

    value = Metric(name="points_off", meaning="mean distance", unit=Unit.POINTS, better=-1)
    installed(monkeypatch, points_off=rules.Rule(value, {RATINGS: off}))
    made = card_of("points_off")
    far, near = ratings({"far": 4, "near": 1}, made)
    assert [one.judge for one in comparison.compare([far, near], "headline").standings] == ["near", "far"]
    (field,) = by_benchmark(enter(run) for run in (far, near))
    assert {judge: str(rank) for judge, rank in field.ranks("headline").items()} == {"near": "1", "far": "2"}
    assert numbers.text(score_run(far).headline, interval=False) == "3.00"
    runs = list(map(enter, (far, near)))
    described, _ = payload.described(Bench("b", made, far.labels, {}, runs), 0)
    assert [run["rank"][0] for run in described["runs"]] == ["2", "1"]
    by_folder = {tmp_path / "far": far, tmp_path / "near": near}
    assert [run.judge for run in collect._bench(by_folder, texts=False).runs] == ["near", "far"]
    assert described["records"]["headline"][2] == -1
