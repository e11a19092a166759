"""Every number that a card can show, under every change of a run whose effect on it is known.

The statistics themselves are tested in tests/stats. Here is tested what goes into them: which array, which order, which
sign. A change that treats both responses alike cannot tell a number from its mirror image: which of the two it is,
test_known_judges.py says.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import NamedTuple

import changed_runs as change
import known_changes as table
import msgspec
import numpy as np
import pytest
from cases import CASES
from made_up_runs import MadeUp
from sklearn.metrics import f1_score

from judgebench.results import Run
from judgebench.score import catalogue, estimates, figures, rules, score_run
from judgebench.score.rules.single import agr_credit
from judgebench.types import FIRST, Estimate, Scores, Status

NAMES = list(CASES)
EXACT = 1e-9
FEW_SUBSET_METRICS = ("agreement", "consistency", "tie_rate", "coverage")


@pytest.fixture(autouse=True, scope="module")
def few_resamples() -> Iterator[None]:
    """Whether an interval moves is seen with few resamples as well."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(estimates, "RESAMPLES", 200)
        _scored.cache_clear()
        yield
        _scored.cache_clear()


class Place(NamedTuple):
    """Where a number stands: `scope` is metrics, human, or rule; `subset` is empty for the whole."""

    scope: str
    subset: str
    name: str


def numbers(scores: Scores) -> dict[Place, Estimate]:
    found = {Place("rule", "", table.WHOLE): scores.headline}
    for scope, named in (("rule", scores.headline.parts), ("metrics", scores.metrics), ("human", scores.human)):
        found |= {Place(scope, "", name): estimate for name, estimate in named.items()}
    for subset, named in scores.subsets.items():
        for name, estimate in named.items():
            of_people = name.startswith("human_")
            scope = "metrics" if name in FEW_SUBSET_METRICS else "human" if of_people else "rule"
            found[Place(scope, subset, table.WHOLE if name == "headline" else name)] = estimate
    return found


def kind_of(run: MadeUp) -> str:
    return rules.task(run.card.headline, run.card.question, run.labels)


def row_of(run: MadeUp, place: Place) -> table.Row:
    """The table's row for a number; KeyError where it has none."""
    kind = kind_of(run)
    if place.scope == "metrics":
        name = "effect_<factor>" if place.name.startswith("effect_") else place.name
        return table.METRICS[kind][table._filled(name)]
    bare, bracket, names = place.name.partition("[")
    name = f"{bare}[{'A,B' if ',' in names else 'A'}]" if bracket else bare
    if place.scope == "human":
        return table.HUMAN[kind][name]
    rows = table.RULES[run.rule, kind]
    own = {label.subset for label in run.labels} | {label.language for label in run.labels}
    own |= set(rules.rewards.SECTIONS) | set(run.settings.get("groups", {}).values())
    own |= set(run.settings.get("domains", {}).values() if run.rule == "rm_bench" else ())
    return rows[table.SUBSET if name not in rows and name in own else name]


def near(found: Mapping[Place, Estimate], place: Place) -> dict[str, Estimate]:
    """What stands beside a number, and of a subset's rule the metrics too, which leave no room for a part so named."""
    scopes = {place.scope} | ({"metrics"} if place.subset else set())
    return {
        other.name: value for other, value in found.items() if other.scope in scopes and other.subset == place.subset
    }


_CHANGES: dict[str, Callable[[MadeUp], MadeUp]] = {
    name: getattr(change, name)
    for name in (
        "exchanged", "mirrored", "scale_reversed", "gold_reversed", "raters_renamed", "in_one_order",
        "in_the_other_order", "answered_twice", "items_twice", "shuffled", "without_failures_lines",
        "beyond_what_was_asked", "consistent", "beside_its_mirror",
    )
}  # fmt: skip


@cache
def _run(case: str, *steps: str, **fields: object) -> MadeUp:
    run = CASES[case](**fields)
    for step in steps:
        run = _CHANGES[step](run)
    return run


@cache
def _scored(case: str, *steps: str, **fields: object) -> dict[Place, Estimate]:
    return numbers(_run(case, *steps, **fields).scores())


def assert_lawful(
    run: MadeUp, before: dict[Place, Estimate], after: dict[Place, Estimate], law_of: Callable[[table.Row], table.Law]
) -> int:
    """Each number is what its row's law makes of it; how many laws spoke."""
    assert set(after) == set(before)
    spoke, broken = 0, []
    for place, old in before.items():
        law, new = law_of(row_of(run, place)), after[place].value
        if law == table.GONE or (law.value is not None and old.value is None):
            wanted = None
        elif law.value is None:
            continue
        else:
            wanted = law.value(old.value, near(before, place))
        spoke += 1
        if new != pytest.approx(wanted, abs=EXACT):
            broken.append(f"{place} {law.words}: {wanted}, not {new}; it was {old.value}")
    assert not broken
    return spoke


def assert_intervals(before: dict[Place, Estimate], after: dict[Place, Estimate]) -> None:
    """Of the numbers that did not move, neither did the ends: but for those that are drawn, which a last digit of a
    sum may draw anew."""
    for place, old in before.items():
        new = after[place]
        if old.value is None or new.value is None or abs(new.value - old.value) > EXACT or "spearman" in place.name:
            continue
        assert (new.low is None, new.high is None) == (old.low is None, old.high is None), place
        if old.low is None or old.high is None:
            continue
        within = (old.high - old.low) / 2 if "bootstrap" in old.method else EXACT
        ends, were = (new.low, new.high), (old.low, old.high)
        assert ends == pytest.approx(were, abs=within), f"{place} is known better or worse"


# ------------------------------------------------------------------------------------------------- completeness


def _asked(case: str) -> list[dict[str, object]]:
    """What only several samples have is of pairs."""
    return [{}, {"samples": 2}] if case == "pairs" else [{}]


def test_every_number_of_every_run_has_a_row() -> None:
    absent = []
    for case in NAMES:
        for fields in _asked(case):
            for place in _scored(case, **fields):
                try:
                    row_of(_run(case, **fields), place)
                except KeyError as error:
                    absent.append((case, place, error))
    assert not absent


def test_every_declared_name_has_a_row_and_every_row_a_number() -> None:
    declared = table.listed()
    metrics = set().union(*table.METRICS.values())
    for (scope, _), names in declared.items():
        if scope == "metrics":
            assert names <= metrics
    assert declared["human", "any"] <= set(table.PEOPLE_OF_PAIRS) | set(table.PEOPLE_OF_RATINGS)
    assert declared["rules", "any"] == {rule for rule, _ in table.RULES}
    printed_only = {"pooled_single_order"}  # of two splits together: a number of the paper's, which no run has
    assert declared["parts", "any"] - printed_only <= set().union(*table.RULES.values())
    met = set()
    for case in NAMES:
        for fields in _asked(case):
            run = _run(case, **fields)
            for place, estimate in _scored(case, **fields).items():
                if estimate.value is not None or row_of(run, place) is table._NEVER:
                    scope = (run.rule,) if place.scope == "rule" else ()
                    met.add((place.scope, *scope, kind_of(run), id(row_of(run, place)), place.name))
    for kind, rows in table.METRICS.items():
        for name in rows:
            assert any(
                entry[:2] == ("metrics", kind) and entry[-1].startswith(re.split(r"<|\bA", name)[0]) for entry in met
            ), name
    for kind, rows in table.HUMAN.items():
        for name in rows:
            assert any(
                entry[:2] == ("human", kind) and entry[-1].split("[")[0] == name.split("[")[0] for entry in met
            ), name
    for (rule, kind), rows in table.RULES.items():
        seen = {entry[-1] for entry in met if entry[:3] == ("rule", rule, kind)}
        seen |= {f"{name.split('[')[0]}[A]" for name in seen if "[" in name}
        assert set(rows) - {table.SUBSET} <= seen, (rule, kind)


# ------------------------------------------------------------------------------------------------------ the laws


@pytest.mark.parametrize("case", NAMES)
@pytest.mark.parametrize("step", ["shuffled", "without_failures_lines", "beyond_what_was_asked"])
def test_what_is_no_matter_changes_nothing(case: str, step: str) -> None:
    before, after = _scored(case), _scored(case, step)
    assert assert_lawful(_run(case), before, after, lambda _: table.SAME)
    assert_intervals(before, after)
    assert {place: estimate.n for place, estimate in before.items()} == {
        place: estimate.n for place, estimate in after.items()
    }


@pytest.mark.parametrize("case", NAMES)
def test_the_responses_exchanged_and_the_slots_kept(case: str) -> None:
    run = _run(case)
    if kind_of(run) == rules.STEPS:
        pytest.skip("a solution has no other end")
    step = "scale_reversed" if kind_of(run) == rules.RATINGS else "mirrored"
    assert assert_lawful(run, _scored(case), _scored(case, step), lambda row: row.mirror)
    back = _scored(case, step, step)
    assert assert_lawful(run, _scored(case), back, lambda _: table.SAME)


@pytest.mark.parametrize("case", [name for name in NAMES if "pairs" in name or "sets" in name or name in rules.RULES])
def test_the_same_judging_stored_the_other_way_round(case: str) -> None:
    run = _run(case)
    if run.orders != "both" or kind_of(run) in (rules.RATINGS, rules.STEPS):
        pytest.skip("one order")
    after = _scored(case, "exchanged")
    assert assert_lawful(run, _scored(case), after, lambda row: row.exchange)
    kept = {place: estimate for place, estimate in _scored(case).items() if row_of(run, place).exchange == table.SAME}
    assert_intervals(kept, after)
    alone = _scored(case, "exchanged", "in_one_order")
    for place, estimate in after.items():
        if row_of(run, place).exchange == table.STORED:
            assert estimate.value == pytest.approx(alone[place].value, abs=EXACT), place


def _of_pairs(case: str) -> bool:
    return kind_of(_run(case)) == rules.PAIRS and _run(case).orders == "both"


@pytest.mark.parametrize("case", [name for name in NAMES if _of_pairs(name) or kind_of(_run(name)) == rules.RATINGS])
def test_gold_reversed(case: str) -> None:
    """Of pairs, in a run without ties and failures whose slots are gold, and chosen, equally often."""
    steps: tuple[str, ...] = ()
    fields: dict[str, object] = {}
    if _of_pairs(case):
        fields = {"failures": 0.0, "unlabelled": 0.0, "ties": False}
        steps = ("beside_its_mirror",)
    run = _run(case, *steps, **fields)
    before, after = _scored(case, *steps, **fields), _scored(case, *steps, "gold_reversed", **fields)
    assert_lawful(run, before, after, lambda row: row.gold)
    people = [place for place in before if place.scope == "human" and before[place].value is not None]
    assert all(after[place] == before[place] for place in people), "people are not held against gold"


@pytest.mark.parametrize("case", [name for name in NAMES if any(label.raters for label in _run(name).labels)])
def test_people_by_other_names(case: str) -> None:
    run, before, after = _run(case), _scored(case), _scored(case, "raters_renamed")

    def renamed(place: Place) -> Place:
        bare, bracket, names = place.name.partition("[")
        if not bracket or place.scope == "metrics":
            return place
        new = sorted(change.NEW_NAMES[name] for name in names.rstrip("]").split(","))
        return place._replace(name=f"{bare}[{','.join(new)}]")

    moved = {renamed(place): estimate for place, estimate in before.items()}
    assert assert_lawful(run, moved, after, lambda _: table.SAME)
    assert_intervals(moved, after)


def _has_two_orders(case: str) -> bool:
    """And so has every item: of a single response one order is all there is, which both orders count once."""
    return _run(case).orders == "both" and all(len(label.lengths) > 1 for label in _run(case).labels)


SEVERAL = (
    "pairs",
    "sets",
    "judgelm",
    "majority_gold_macro_f1",
    "cross_annotations",
    "ratings",
    "steps",
    "classes",
    "rm_bench, sets",
)
"""Cases that are also looked at with two samples."""


@pytest.mark.parametrize(
    ("samples", "case"),
    [
        (samples, name)
        for name in NAMES
        if _has_two_orders(name)
        for samples in (1, 2)
        if samples == 1 or name in SEVERAL
    ],
)
def test_an_order_dropped(samples: int, case: str) -> None:
    """What both orders give follows from what each gives alone; what takes both has no value, with a reason."""
    fields = {"samples": samples}
    run = _run(case, **fields)
    both = _scored(case, **fields)
    one, other = (_scored(case, step, **fields) for step in ("in_one_order", "in_the_other_order"))
    for place, estimate in both.items():
        row = row_of(run, place)
        if row.orders == table.NEEDS_BOTH:
            for alone in (one, other):
                assert place not in alone or (alone[place].value is None and alone[place].reason), place
            continue
        if row.orders == table.OTHER_ALONE:
            assert place not in one, f"{place} is of an order that was not asked"
            partner = {"run_2": "run_1", "correct_swapped": "correct_original"}[place.name]
            assert estimate.value == pytest.approx(other[place._replace(name=partner)].value, abs=EXACT), place
            continue
        if estimate.value is None or row.orders == table.NO_ORDER:
            continue
        first, second = one[place], other[place]
        assert first.value is not None, place
        if row.orders == table.FIRST_ALONE:
            assert estimate.value == pytest.approx(first.value, abs=EXACT), place
            continue
        assert second.value is not None, place
        if row.orders == table.PEOPLE:
            assert (first.value, second.value) == pytest.approx((estimate.value,) * 2, abs=EXACT), place
        elif row.orders == table.MEAN:
            assert estimate.value == pytest.approx((first.value + second.value) / 2, abs=EXACT), place
        elif row.orders == table.WEIGHTED:
            total = first.n * first.value + second.n * second.value
            assert estimate.n == first.n + second.n, place
            assert estimate.value == pytest.approx(total / estimate.n, abs=EXACT), place
        else:
            assert row.orders == table.BETWEEN
            assert min(first.value, second.value) <= estimate.value <= max(first.value, second.value), place


@pytest.mark.parametrize("case", [name for name in NAMES if _of_pairs(name)])
def test_a_second_order_that_says_the_same_is_nothing_new(case: str) -> None:
    """Nor is it in a run that is its own mirror image, where each slot has as many of everything."""
    steps = ("consistent", "beside_its_mirror")
    run, both, one = _run(case, *steps), _scored(case, *steps), _scored(case, *steps, "in_one_order")
    kept = {
        place: estimate
        for place, estimate in both.items()
        if place in one
        and row_of(run, place).orders != table.NEEDS_BOTH
        and estimate.value is not None
        and place.name != "variance"  # of the judge's annotations of an item, of which there is one now
    }
    assert assert_lawful(run, kept, {place: one[place] for place in kept}, lambda _: table.SAME)


@pytest.mark.parametrize(
    ("samples", "case"),
    [
        (samples, name)
        for name in NAMES
        if name != "merged pairs"
        for samples in (1, 2)
        if samples == 1 or name in SEVERAL
    ],
)
def test_every_answer_given_twice(samples: int, case: str) -> None:
    """Says nothing new: values stay, and what is known better is no more than Wilson's small correction."""
    fields = {"samples": samples} | ({"failures": 0.0} if samples > 1 else {})
    run, before, after = _run(case, **fields), _scored(case, **fields), _scored(case, "answered_twice", **fields)
    new = {Place("metrics", "", name) for name in ("rerun_agreement", "repetition_stability")} & set(after)
    if samples == 1:
        assert all(after.pop(place).value == 1 for place in new), "the second answer is the first"
    assert assert_lawful(run, before, after, lambda row: row.again)
    for place, estimate in before.items():
        row = row_of(run, place)
        if estimate.value is None or row.again.value is None:
            continue
        counts = row.counts
        doubled = {"items": [1], "answers": [2], "other answers": [1], "other": [1]}.get(counts, [1, 2])
        if place.scope != "rule":
            assert after[place].n in [factor * estimate.n for factor in doubled], f"{place}: n"
        assert after[place].n_clusters == estimate.n_clusters, f"{place}: questions"


@pytest.mark.parametrize("case", NAMES)
def test_every_item_there_twice(case: str) -> None:
    """In the same question it is no new evidence."""
    run, before, after = _run(case), _scored(case), _scored(case, "items_twice")
    assert assert_lawful(run, before, after, lambda row: row.twice)
    for place, estimate in before.items():
        row, new = row_of(run, place), after[place]
        if estimate.value is None or new.value is None:
            continue
        if row.twice == table._ALPHA:
            pairable = sum(len(label.raters) for label in run.labels if len(label.raters) > 1)
            if place.name == "alpha_with_gold":
                graded = {label.id for label in run.labels if label.gold is not None}
                said = [one.verdict for one in run.judgments if one.verdict is not None and one.item in graded]
                pairable = 2 * sum(len(verdict.scores) == 1 or verdict.best is not None for verdict in said)
            growth = (pairable - 0.5) / (pairable - 1)
            assert 1 - new.value == pytest.approx((1 - estimate.value) * growth, abs=EXACT), place
        assert new.n == estimate.n * (1 if "other" in row.counts and place.scope == "rule" else 2), f"{place}: n"
        assert new.n_clusters == estimate.n_clusters, f"{place}: questions"


@pytest.mark.parametrize("case", NAMES)
def test_a_subset_is_a_run_of_its_items(case: str) -> None:
    run = _run(case)
    whole = run.scores()
    assert whole.subsets
    for subset, named in whole.subsets.items():
        alone = change.only(run, subset).scores()
        for name in FEW_SUBSET_METRICS:
            if name in named:
                assert _bare(named[name]) == _bare(alone.metrics[name]), (subset, name)
        people = {name: estimate for name, estimate in named.items() if name.startswith("human_")}
        assert people == {name: alone.human[name] for name in people}


def _bare(estimate: Estimate) -> tuple[object, ...]:
    return estimate.value, estimate.low, estimate.high, estimate.n, estimate.n_clusters


# ------------------------------------------------------------------------------------------ what is said beside a value


@pytest.mark.parametrize("case", NAMES)
def test_the_method_says_whether_there_is_an_interval(case: str) -> None:
    of_intervals = ("Wilson", "t on clustered SE", "cluster bootstrap", "logistic regression")
    for place, estimate in _scored(case).items():
        if estimate.low is not None:
            assert "none" not in estimate.method, place
        elif estimate.value is not None:
            assert not estimate.method.startswith(of_intervals), place
        else:
            assert estimate.reason, place


@pytest.mark.parametrize("case", ["ratings", "steps", "sets of one and two"])
def test_single_responses_have_no_order(case: str) -> None:
    """Of the whole run and of a subset, whatever the run's other items are."""
    run = CASES[case]()
    labels = [msgspec.structs.replace(label, subset=f"of {len(label.lengths)}") for label in run.labels]
    reasons = {
        name: numbers["consistency"].reason
        for name, numbers in {"whole": run.scores().metrics, **run.of(labels=labels).scores().subsets}.items()
    }
    single = "a single response has no order"
    wanted = {"whole": None, "of 1": single, "of 2": None} if "two" in case else {"whole": single, "of 1": single}
    assert reasons == wanted


@pytest.mark.parametrize("case", NAMES)
def test_a_run_without_gold_is_scored_and_says_why_it_has_no_score(case: str) -> None:
    run = CASES[case]()
    scores = run.of(labels=[msgspec.structs.replace(label, gold=None) for label in run.labels]).scores()
    assert scores.metrics["agreement"].reason == "no items with gold"
    people_alone = case.startswith(("vote_agreement", "cross_annotations", "alt_test"))
    assert (scores.headline.value is None) != people_alone
    assert scores.headline.reason or people_alone


def test_the_first_items_of_a_mixture_may_all_be_pairs() -> None:
    made = CASES["sets of one and two"]()
    labels = sorted(made.labels, key=lambda label: -len(label.lengths))
    pairs = sum(len(label.lengths) == 2 for label in labels)
    run = Run(made.card, labels, msgspec.structs.replace(made.manifest, limit=pairs), made.judgments)
    scores = score_run(run)
    assert scores.metrics["agreement"].n == sum(label.gold is not None for label in labels[:pairs])
    assert scores.headline.value == pytest.approx(scores.metrics["agreement"].value)
    assert scores.metrics["consistency"].value is not None


@pytest.mark.parametrize(("stated", "bins"), [(math.nextafter(1, 2), 1), (80.0, 0)])
def test_confidences_are_probabilities_but_for_a_last_bit(stated: float, bins: int) -> None:
    made = CASES["pairs"]()
    sure = [msgspec.structs.replace(line, confidence=stated) for line in made.judgments]
    pairs = figures.pairs_of(Run(made.card, made.labels, made.manifest, sure))
    assert pairs is not None
    shown = figures.confidence(pairs)
    assert shown is not None
    assert (len(shown["bins"]), len(shown["curve"])) == (bins, 1)


def test_coverage_at_the_bar_warns_of_nothing() -> None:
    """95 of 100: a mean may end in another last bit."""
    run = CASES["pairs"](orders="single", items=100)
    lines = [
        msgspec.structs.replace(line, status=Status.OK, verdict=FIRST)
        if place >= 5
        else msgspec.structs.replace(line, status=Status.FAILED, verdict=None)
        for place, line in enumerate(run.judgments)
    ]
    for count, due in ((100, False), (99, True)):
        shown = run.of(judgments=lines[:count]).scores()
        assert any("have no verdict" in warning for warning in shown.warnings) == due


def test_the_parts_of_a_rule_are_those_that_it_declares() -> None:
    """Each of its own rule: that another has a part of the same name is no reason to be without it."""
    shown: dict[str, set[str]] = {}
    for case in NAMES:
        run = _run(case)
        shown.setdefault(run.rule, set()).update(run.scores().headline.parts)
    for name, parts in shown.items():
        rule = rules.RULES[name]
        assert all(rule.of_part(part) or catalogue.find(catalogue.PEOPLE, part) for part in parts), (name, parts)


@pytest.mark.parametrize("ties", [True, False])
def test_macro_f1_is_over_the_classes_that_gold_may_be(ties: bool) -> None:
    """A failure is a wrong verdict, and where gold has no ties there is no class of them to average over."""
    run = _run("pairs", ties=ties)
    gold = {label.id: label.gold.top for label in run.labels if label.gold is not None}
    asked = [(gold[answer.item], answer.verdict) for answer in run.judgments if answer.item in gold]
    codes = {(0,): 0, (1,): 1, (0, 1): 2}
    right = [codes[top] for top, _ in asked]
    said = [3 if verdict is None else codes[verdict.top] for _, verdict in asked]
    wanted = f1_score(right, said, labels=sorted(set(right)), average="macro")
    assert len(set(right)) == 2 + ties
    assert _scored("pairs", ties=ties)[Place("metrics", "", "macro_f1")].value == pytest.approx(wanted)


def test_agr_follows_gold_is_the_correlation_of_the_scenarios_means() -> None:
    run = _run("themis")
    gold = {label.id: (label.subset, label.gold.scores[0]) for label in run.labels if label.gold is not None}
    rows: dict[str, list[tuple[float, float]]] = {}
    for answer in run.judgments:
        if answer.item in gold:
            subset, right = gold[answer.item]
            said = None if answer.verdict is None else answer.verdict.scores[0]
            alone = np.array([right]), np.array([np.nan if said is None else said])
            rows.setdefault(subset, []).append((float(agr_credit(*alone)[0]), right))
    means = np.array([np.mean(pairs, axis=0) for pairs in rows.values()])
    wanted = np.corrcoef(means.T)[0, 1]
    assert _scored("themis")[Place("rule", "", "agr_follows_gold")].value == pytest.approx(wanted)


def test_the_longer_response_is_right_as_often_as_gold_says() -> None:
    run = _run("pairs")
    longer_right = [
        label
        for label in run.labels
        if label.gold is not None and label.gold.top == (int(label.lengths[1] > label.lengths[0]),)
    ]
    for labels, step, wanted in ((longer_right, [], 1.0), (longer_right, ["gold_reversed"], 0.0)):
        made = run.of(labels=labels)
        for name in step:
            made = _CHANGES[name](made)
        drawn = figures.by_length(figures.pairs_of(made.as_read()))
        assert drawn["right_is_longer"].value == wanted
        of_bins = {name: estimate.n for name, estimate in drawn["bins"]}
        assert sum(of_bins.values()) == len(labels)
        assert list(of_bins) == [name for _, name in figures.LENGTH_BINS]
        away = ("under half as long", "shorter") if wanted else ("longer", "over twice as long")
        assert not any(of_bins[name] for name in away), of_bins
    nobody = [change.Changed(label, lengths=(None, None)) for label in run.labels]
    assert figures.by_length(figures.pairs_of(run.of(labels=nobody).as_read())) is None


@pytest.mark.parametrize("case", ["pairs", "ratings"])
def test_an_item_that_one_person_rated_hides_nobody_s_numbers(case: str) -> None:
    run = _run(case)
    name, vote = next(iter(run.labels[0].raters.items()))
    labels = [change.Changed(run.labels[0], raters={name: vote}), *run.labels[1:]]
    here = {place.name for place, estimate in numbers(run.of(labels=labels).scores()).items() if place.scope == "human"}
    assert here == {place.name for place in _scored(case) if place.scope == "human"} != set()
