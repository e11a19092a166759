"""Every metric, once: what it means, in which unit, which side is better, whose number it is, and its heading.

Tables, cards, the page, comparisons, ranks, the docs and the checks of published numbers all read it here. The
functions that compute the numbers are in the other modules; `score_run` lets no number out that has no record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from judgebench.errors import InputError
from judgebench.types import Estimate, Record

PAIRS, RATINGS, SETS, STEPS = "pairs", "ratings", "sets", "steps"
"""Kinds of verdict (`rules.task`): a name may mean another thing for another kind."""
TASKS = (PAIRS, RATINGS, SETS, STEPS)


class Unit(StrEnum):
    """How a value is to be read. scores.json holds a share as a fraction; people read it in per cent."""

    SHARE = "share"
    COEFFICIENT = "coefficient"
    """From -1 to 1, or from 0: an agreement beyond chance, a correlation."""
    POINTS = "points"
    """On the scale of the ratings, or another scale of its own."""
    LOG_ODDS = "log-odds"
    P = "p"
    COUNT = "count"


class Whose(StrEnum):
    """Whose property a number is. What is not the judge's is the same for every judge."""

    JUDGE = "judge"
    PEOPLE = "people"
    BENCHMARK = "benchmark"


class Metric(Record, frozen=True, kw_only=True):
    """`better` is +1 where more is better for its owner, -1 where less is, 0 where the best lies in between or nowhere.
    A name with a parameter in angle brackets, as in `effect_<factor>`, is a family: all names that begin like it.

    `answers` tells whether a printed figure must be k/n: 1 where a value is a share of right ones among n, 2 where each
    of the n counts two answers, 0 where no whole number of right ones makes the value (means of sections, macro means).
    `replaced_by` names the metric that came after this one: its value stays in scores.json for one format version, and
    is shown nowhere."""

    name: str
    meaning: str
    unit: Unit = Unit.SHARE
    better: int = 1
    whose: Whose = Whose.JUDGE
    heading: str = ""
    answers: int = 0
    replaced_by: str = ""

    def __post_init__(self) -> None:
        if self.better not in (-1, 0, 1) or self.answers < 0 or not self.name or not self.meaning:
            raise ValueError(
                f"{self.name!r}: a metric has a name, a meaning, better of -1, 0 or 1, answers of 0 or more"
            )

    @property
    def title(self) -> str:
        """What stands over its column."""
        return self.heading or self.name.partition("[")[0].replace("_", " ")

    @property
    def ranks_judges(self) -> bool:
        """Whether one judge can be better by it than another."""
        return self.better != 0 and self.whose == Whose.JUDGE

    @property
    def stem(self) -> str:
        """Of a family, how its names begin; empty for a single metric."""
        stem, parameter, _ = self.name.partition("<")
        return stem if parameter else ""


Table = Mapping[str, Metric]
_J, _P, _B = Whose.JUDGE, Whose.PEOPLE, Whose.BENCHMARK


def _share(name: str, meaning: str, better: int = 1, whose: Whose = _J, heading: str = "", answers: int = 0) -> Metric:
    return Metric(name=name, meaning=meaning, better=better, whose=whose, heading=heading, answers=answers)


def _coefficient(name: str, meaning: str, better: int = 1, whose: Whose = _J) -> Metric:
    return Metric(name=name, meaning=meaning, unit=Unit.COEFFICIENT, better=better, whose=whose)


def _points(name: str, meaning: str, better: int, whose: Whose = _J, heading: str = "") -> Metric:
    return Metric(name=name, meaning=meaning, unit=Unit.POINTS, better=better, whose=whose, heading=heading)


def by_name(*metrics: Metric) -> dict[str, Metric]:
    """InputError where two have one name."""
    table = {metric.name: metric for metric in metrics}
    if len(table) < len(metrics):
        raise InputError(f"two metrics have one name among {', '.join(metric.name for metric in metrics)}")
    return table


_OF_EVERY_TASK = (
    _share("agreement", "share of verdicts equal to gold, mean over both orders, a failure counting as wrong"),
    _share("agreement_mde", "smallest change of agreement that so many questions show four times in five", 0),
    _share("consistency", "share of pairs with the same verdict in both orders, pairs with a failure left out",
           heading="consistent", answers=1),
    _share("first_slot_rate", "share of decisive verdicts for the response shown first; one half is fair", 0,
           heading="first slot"),
    _share("coverage", "share of trials with a verdict"),
)  # fmt: skip
_ACCURACY = _share("accuracy", "share of verdicts equal to gold, without the failures", answers=1)
_AGREEMENT_OF_SETS = _share(
    "agreement",
    "share of the responses rated best that are right (a pair or a rating: equal to gold), mean over both orders, a "
    "failure counting as wrong",
)

METRICS: dict[str, dict[str, Metric]] = {
    PAIRS: by_name(
        *_OF_EVERY_TASK,
        _ACCURACY,
        _share("macro_precision", "precision, mean over gold's classes, a failure counting as wrong",
               heading="precision"),
        _share("macro_recall", "recall, mean over gold's classes, a failure counting as wrong", heading="recall"),
        _share("macro_f1", "F1, mean over gold's classes, a failure counting as wrong", heading="F1"),
        _coefficient("cohen_kappa", "Cohen's kappa of verdict and gold over first, second and tie, without failures"),
        _coefficient("scott_pi", "Scott's pi of verdict and gold, without failures"),
        _coefficient("gwet_ac1", "Gwet's AC1 of verdict and gold (three declared categories), without failures"),
        _coefficient("consistency_kappa",
                     "Cohen's kappa of the verdicts in the two orders: consistency beyond that of chance"),
        _share("rerun_agreement",
               "share of equal pairs of answers to the same trial: what consistency is to be held against"),
        _share("repetition_stability", "share of the most frequent answer among the answers to the same trial"),
        _share("both_correct", "share of pairs judged right in both orders"),
        _share("first_bias", "primacy: share of pairs whose verdict leans to the first slot when the responses swap "
               "places", -1),
        _share("second_bias", "recency: share of pairs whose verdict leans to the second slot when the responses swap "
               "places", -1),
        _share("delta_bias", "recency minus primacy, over all pairs; negative favours the first slot", 0),
        Metric(name="position_p", meaning="exact two-sided binomial p of primacy against recency", unit=Unit.P,
               better=0),
        _share("tie_rate", "share of verdicts that are ties", 0),
        _share("gold_tie_rate", "share of items whose gold is a tie", 0, _B),
        _share("prefer_longer",
               "share of decisive verdicts for the longer response, where lengths differ by over 30 characters", 0,
               heading="longer"),
        Metric(name="length_effect", unit=Unit.LOG_ODDS, better=0,
               meaning="log-odds of choosing the longer response at equal gold, per step of tanh(length difference / "
               "sd)"),
        Metric(name="human_length_effect", unit=Unit.LOG_ODDS, better=0, whose=_P,
               meaning="the length effect of each person against the other people, mean over people"),
        _share("effect_<factor>",
               "accuracy where the right response has the factor minus accuracy where the wrong one has it", 0),
    ),
    RATINGS: by_name(
        *_OF_EVERY_TASK,
        _share("exact", "share of ratings equal to gold's, a failure counting as wrong", answers=1),
        _share("within_one", "share at most one point from gold's, a failure counting as wrong", answers=1),
        _share("agr_2_2", "credit 1 for gold's rating, 1/4 for one point off, else 0; a failure earns nothing"),
        _points("mae", "mean distance from gold's rating in points, without failures", -1, heading="MAE"),
        _points("signed_bias", "mean of rating minus gold's in points, without failures; positive is lenient", 0),
        _coefficient("pearson", "correlation with gold over all items together, without failures"),
        _coefficient("spearman", "rank correlation with gold over all items together, without failures"),
        _coefficient("kendall_tau", "Kendall's tau-b with gold over all items together, without failures"),
    ),
    SETS: {
        **by_name(
            *_OF_EVERY_TASK,
            _ACCURACY,
            _share("top_tie_rate", "share of verdicts with more than one response at the top", 0),
        ),
        "agreement": _AGREEMENT_OF_SETS,
    },
    STEPS: by_name(
        *_OF_EVERY_TASK,
        _ACCURACY,
        _share("detection", "share of solutions rightly called right or wrong, a failure counting as wrong"),
        _share("step_accuracy",
               "share of the wrong solutions whose first wrong step is found, a failure counting as wrong"),
    ),
}  # fmt: skip
"""Of `metrics` in scores.json, by kind of verdict."""

PEOPLE: dict[str, Metric] = by_name(
    Metric(name="raters", meaning="people who rated at least one item", unit=Unit.COUNT, better=0, whose=_P),
    _share("human_agreement", "share of equal pairs of ratings of the same item by two people", 1, _P),
    _share("judge_human_agreement",
           "share of equal pairs of the judge's verdict and one person's, failures agree with none",
           heading="agreement with one"),
    _share("human_leave_one_out", "one person against the mode of the others, mean over people", 1, _P,
           heading="a person"),
    _share("judge_leave_one_out",
           "the judge, and one person at a time, against the mode of the other people on an item", heading="vs people"),
    _share("judge_minus_human", "the judge's number against people minus a person's, item by item",
           heading="minus a person"),
    _share("judge_minus_human_mde", "smallest such difference that so many questions show four times in five", 0),
    _share("human_leave_one_out[<rater>]", "the same of one person, where they are few enough to be named", 1, _P),
    _share("judge_leave_one_out[<rater>]", "the judge against the others than this person", 1),
    _coefficient("fleiss_kappa", "Fleiss' kappa of the people, where all items have equally many ratings", 1, _P),
    _coefficient("krippendorff_alpha",
                 "Krippendorff's alpha of the people: nominal of preferences, interval of ratings", 1, _P),
    _coefficient("gwet_ac1", "Gwet's AC1 of the people (three declared categories)", 1, _P),
    _coefficient("cohen_kappa[<one>,<other>]",
                 "Cohen's kappa of two people, where they are few enough to be named", 1, _P),
    _share("alt_test_omega",
           "share of the people whose place the judge may take (alternative annotator test; 0.5 passes)",
           heading="winning rate"),
    _share("alt_test_rho", "probability that the judge does as well as a person or better; ties count for both",
           heading="advantage"),
    _share("alt_test_rho_human",
           "probability that a person does as well as the judge or better; ties count for both", -1),
    _share("alt_test_difference",
           "a person's probability of doing as well as the judge or better minus the judge's, mean over items: at most "
           "the price of a person where it passes", -1),
    _share("ceiling_low", "lower bound of the best possible agreement with one random person", 0, _P),
    _share("ceiling_high", "upper bound of the best possible agreement with one random person", 0, _P),
    _points("human_mae", "mean distance of two people's ratings of the same item, in points", -1, _P),
    _points("judge_human_mae", "mean distance of the judge's rating from each person's, in points", -1),
)  # fmt: skip
"""Of `human` in scores.json; a rule that has a number for people against people adds it (`rules.metric`)."""

PARTS: dict[str, Metric] = by_name(
    _share("accuracy", "share of verdicts equal to gold, a failure counting as upstream counts it", answers=1),
    _share("macro_precision", "precision, mean over the classes, a failure counting as upstream counts it",
           heading="precision"),
    _share("macro_recall", "recall, mean over the classes, a failure counting as upstream counts it",
           heading="recall"),
    _share("macro_f1", "F1, mean over the classes, a failure counting as upstream counts it", heading="F1"),
    _coefficient("cohen_kappa", "Cohen's kappa of verdict and gold over first, second and tie, without failures"),
    _share("consistency",
           "share of pairs with the same verdict in both orders, a failure counting as upstream counts it", answers=1),
    _share("correct_original", "share right in the stored order", answers=1),
    _share("correct_swapped", "share right with the responses swapped", answers=1),
    _share("both", "share right in both orders", answers=1),
    _share("equal", "share of pairs with the same answer in both orders, two failures being the same", answers=1),
    _share("single_order", "share right in the stored order alone", answers=1),
    _share("pooled_single_order", "share right in the stored order alone, of this split and another together",
           answers=1),
    _share("run_1", "share right in the stored order", answers=1),
    _share("run_2", "share right with the responses swapped", answers=1),
    _share("bias_first",
           "share of pairs on which the first slot gains when the responses swap places, a failure being a tie", -1),
    _share("bias_second",
           "share of pairs on which the second slot gains when the responses swap places, a failure being a tie", -1),
    _share("total_bias",
           "share of pairs whose verdict changes when the responses swap places, a failure being a tie", -1),
    _share("delta_bias", "distance of the two biases from each other", -1),
    _share("s1", "share of people's votes that the judge shares, ties included", answers=1),
    _share("s2", "share of people's votes that the judge shares, without votes and verdicts that are ties", answers=1),
    _share("without_ties", "the score over pairs whose gold is no tie"),
    _share("within_one", "share at most one point from gold's, a failure counting as wrong"),
    _share("micro", "share right over all items together, in the stored order"),
    _share("overall_with_prior", "the score with the prior sets at half a section's weight"),
    *(_share(name, f"the score over pairs in which {what}") for name, what in (
        ("hard", "the wrong response has the fancier style"),
        ("normal", "both responses have the same style"),
        ("easy", "the right response has the fancier style"),
    )),
    _share("accuracy_tied", "share of prompts with several right responses that all stand above the wrong ones"),
    _share("accuracy_ref", "share of prompts with one right response that stands above the wrong ones"),
    _share("preferred", "share of prompts whose gap from right to wrong is wider than that among the right ones"),
    _share("preferred_hard", "the same, also of the variant with one right response"),
    _share("margin", "by how much the gap from right to wrong is wider than that among the right ones, through tanh"),
    _share("best", "share of questions whose top response is right"),
    _coefficient("correlation", "correlation over models of the summed verdicts with gold's, mean over sets"),
    _share("distance", "mean distance of the models' ranks and scores from gold's", -1),
    _share("paper", "accuracy minus distance"),
    _share("code", "half of accuracy minus distance plus one, as upstream computes it"),
    _share("agreement_expected", "agreement with the people's mode, credit shared where several are the mode"),
    _share("bias", "one minus the agreement of the judge's mode with the people's", -1),
    _share("variance", "one minus the agreement of one annotation of the judge with the mode of its others", -1),
    _share("prefer_longer",
           "share of decisive verdicts for the longer response, where lengths differ by over 30 characters", 0,
           heading="longer"),
    _share("prefer_lists", "share of decisive verdicts for the response with a list, where just one has one", 0),
    _share("prefer_first", "share of verdicts for the response shown first, a tie being half", 0),
    _share("decisive", "share of items whose first verdict is no tie", 0),
    _coefficient("spearman", "rank correlation over models of the win rates by the judge and by people"),
    _coefficient("pearson", "correlation over models of the win rates by the judge and by people"),
    _share("rho", "how often the judge does at least as well as a person"),
    _share("rho_human", "how often a person does at least as well as the judge", -1),
    _share("advantage_gap", "a person's share of doing at least as well as the judge minus the judge's", -1),
    _points("mae", "mean distance from gold's rating in points, without failures", -1, heading="MAE"),
    _share("exact", "share of ratings equal to gold's, a failure counting as wrong", answers=1),
    _share("agr_valid", "the score over valid answers alone"),
    _share("valid_rate", "share of answers that hold a rating"),
    _coefficient("agr_follows_gold", "correlation over scenarios of the score with the mean gold rating", 0),
    _coefficient("mcc", "Matthews' correlation of telling right from wrong solutions, mean over subjects"),
    _share("step_accuracy", "share of the wrong solutions whose first wrong step is found, mean over subjects"),
    _share("reason_accuracy", "share of the wrong solutions whose error is explained rightly, mean over subjects"),
    _share("high_accuracy", "accuracy where the judge says that it is certain"),
    _share("low_accuracy", "accuracy where the judge does not say that it is certain"),
    _share("high_coverage", "share of the answers read that the judge says it is certain of", 0),
    _share("read", "share of answers that could be read"),
)  # fmt: skip
"""Of `headline.parts` in scores.json, of which every rule declares its own."""

ANALYSES: dict[str, Metric] = by_name(
    _points("elo_judge", "a system's strength by the judge, in points of Elo", 0),
    _points("elo_people", "a system's strength by people, in points of Elo", 0),
    _points("threshold", "the confidence from which on a verdict is kept", 0),
    Metric(name="effective_judges", meaning="how many independent judges several are worth", unit=Unit.COUNT, better=0),
)
"""Of `judgebench analyze`, what is no share."""

_KNOWN: dict[str, Metric] = {}


def know(metrics: Iterable[Metric]) -> None:
    """Takes up records under whose names numbers are printed. InputError where a name has another unit already: a
    number bears its name alone wherever it goes."""
    for metric in metrics:
        if (other := _KNOWN.setdefault(metric.name, metric)).unit != metric.unit:
            raise InputError(f"{metric.name}: its unit is {other.unit} elsewhere and cannot be {metric.unit} here")


def unit(name: str) -> Unit:
    """Of an estimate, by its name. A name without a record is a subset's, a language's or a group's: it bears a share.

    >>> str(unit("cohen_kappa[ann,bob]")), str(unit("Chat Hard"))
    ('coefficient', 'share')
    """
    metric = find(_KNOWN, name)
    return Unit.SHARE if metric is None else metric.unit


def find(table: Table, name: str) -> Metric | None:
    """The record of a name, or that of its family."""
    if name in table:
        return table[name]
    return next((metric for metric in table.values() if metric.stem and name.startswith(metric.stem)), None)


def current(table: Table, estimates: Mapping[str, Estimate]) -> dict[str, Estimate]:
    """The estimates that are shown: those that nothing has replaced."""
    return {
        name: estimate
        for name, estimate in estimates.items()
        if (metric := find(table, name)) is None or not metric.replaced_by
    }


for _table in (*METRICS.values(), PEOPLE, PARTS, ANALYSES):
    know(_table.values())
