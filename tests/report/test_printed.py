"""A printed number is the value in its unit wherever it is printed: on the card, in every form of a table, on the page,
in a comparison. Held against what comes out, not against any list of names inside."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache

import pytest
from cases import CASES
from made_up_runs import MadeUp

from judgebench.errors import InputError
from judgebench.report import card as report_card
from judgebench.report import comparison as report_comparison
from judgebench.report import latex, numbers, tables
from judgebench.report.page import collect, payload
from judgebench.score import comparison, estimates
from judgebench.score.standings import enter
from judgebench.types import Estimate, Scores

COEFFICIENTS = (
    "cohen_kappa", "scott_pi", "gwet_ac1", "consistency_kappa", "pearson", "spearman", "kendall_tau", "fleiss_kappa",
    "krippendorff_alpha", "correlation", "agr_follows_gold", "mcc", "kappa_minus_phi", "weighted_kappa",
    "weighted_kappa_linear", "alpha_with_gold",
)  # fmt: skip
AS_THEY_ARE = (
    "mae", "signed_bias", "human_mae", "judge_human_mae",  # points of the scale
    "length_effect", "human_length_effect",  # log-odds
    "position_p",
    "raters", "confusion",
)  # fmt: skip
WHOLE = ("raters", "position_p", "confusion")
"""May be printed without decimals, or as less than a bound."""

_NUMBER = r"(?:[-−]|< )?\d[\d,]*(?:\.\d+)?(?:e-?\d+)?"


def scale(name: str) -> int:
    """What a value is multiplied by: shares are read in per cent."""
    return 1 if name.partition("[")[0] in (*COEFFICIENTS, *AS_THEY_ARE) else 100


def _whole(name: str) -> bool:
    return name.partition("[")[0] in WHOLE


def assert_printed(text: str | None, value: float | None, name: str, where: str, *, least: int = 1) -> None:
    """`least` decimals, up to half a unit of the last."""
    if value is None:
        assert text in (None, "", numbers.NOTHING, "--"), f"{where}: {name} has no value and shows {text}"
        return
    assert text is not None, f"{where}: {name} is {value} and shows nothing"
    bare = text.replace("−", "-").replace(",", "")
    if bare.startswith("<"):
        assert _whole(name), f"{where}: {name} shows {text}"
        assert value < float(bare[1:]), f"{where}: {name} is {value}, not {text}"
        return
    number = Decimal(bare)
    decimals = -int(number.as_tuple().exponent)
    wanted = scale(name) * value
    assert abs(float(number) - wanted) <= 0.5 * 10.0**-decimals * (1 + 1e-6), f"{where}: {name} is {wanted}, not {text}"
    assert decimals >= least or _whole(name) or abs(wanted) >= 100, f"{where}: {name} shows too little: {text}"


@cache
def _scores(case: str) -> Scores:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(estimates, "RESAMPLES", 100)
        return CASES[case](**({} if case == "merged pairs" else {"samples": 2})).scores()


def _named(case: str) -> Iterator[tuple[str, Estimate]]:
    """All numbers of a run; of the headline its parts, under the names that they bear there."""
    scores = _scores(case)
    yield from scores.metrics.items()
    yield from scores.human.items()
    yield from ((part.name, part) for part in scores.headline.parts.values())


@pytest.mark.parametrize("case", list(CASES))
def test_on_the_card(case: str) -> None:
    """With every number there is."""
    scores = _scores(case)
    text = report_card.render(report_card.of(scores, CASES[case]().card, full=True))
    for title, named in (("All metrics", scores.metrics), ("All about people", scores.human)):
        lines = text.partition(f"\n{title}\n")[2].splitlines()
        for name, estimate in named.items():
            line = next(line for line in lines if line.startswith(f"{name} "))
            found = re.match(rf"({_NUMBER}|–)(?:  \[({_NUMBER}), ({_NUMBER})\])?", line.removeprefix(name).strip())
            assert found, line
            assert_printed(found[1], estimate.value, name, "card")
            if found[2] is not None:
                assert_printed(found[2], estimate.low, name, "card, low")
                assert_printed(found[3], estimate.high, name, "card, high")


FORMS = {
    "text": tables.as_text,
    "markdown": tables.as_markdown,
    "html": tables.as_html,
    "latex": latex.as_latex,
}


@pytest.mark.parametrize("case", list(CASES))
def test_in_a_table(case: str) -> None:
    for name, estimate in _named(case):
        if estimate.value is None:
            continue
        table = tables.Table(columns=("judge", "here"), rows=[("someone", estimate)])
        for form, render in FORMS.items():
            row = next(line for line in render(table).splitlines() if "someone" in line)
            shown = re.sub(r"\\[a-z]+|[${}\\]|<[^>]*>|\xa0", " ", row.partition("someone")[2])
            shown = html.unescape(shown)
            printed = re.findall(_NUMBER, shown)
            assert_printed(printed[0], estimate.value, name, form)
            if len(printed) == 3:
                assert_printed(printed[1], estimate.low, name, f"{form}, low")
                assert_printed(printed[2], estimate.high, name, f"{form}, high")
            else:
                assert len(printed) == 1, f"{form}: {shown}"
                assert estimate.low is None or _whole(name), f"{form}: {shown}"


@pytest.mark.parametrize("style", list(tables.Intervals))
@pytest.mark.parametrize("form", ["markdown", "html", "latex"])
def test_every_style_of_interval_shows_the_same_number(form: str, style: tables.Intervals) -> None:
    estimate = Estimate(name="agreement", value=0.71071, low=0.68, high=0.75, level=0.95, n=9, n_clusters=9, method="m")
    table = tables.Table(columns=("judge", "here"), rows=[("someone", estimate)], title="The title")
    text = FORMS[form](table, intervals=style)
    assert text.count("The title") == 1
    assert "The title" not in FORMS[form](tables.Table(columns=table.columns, rows=table.rows), intervals=style)
    row = next(line for line in text.splitlines() if "someone" in line)
    shown = html.unescape(re.sub(r"\\[a-z]+|[${}\\]|<[^>]*>|\xa0", " ", row.partition("someone")[2]))
    printed = re.findall(_NUMBER, shown)
    wanted = {"none": ["71.07"], "pm": ["71.07", "3.9"]}.get(style.value, ["71.07", "68.0", "75.0"])
    assert printed == wanted, row


@pytest.mark.parametrize("case", list(CASES))
def test_on_the_page(case: str) -> None:
    """What the page is given to show; and where it draws a number, the scale is that of the text."""
    made = CASES[case]()
    run = enter(made.as_read(), _scores(case))
    bench = collect.Bench(id="pandalm", card=made.card, labels=made.labels, texts={}, runs=[run])
    (shown,) = payload.described(bench, 0)[0]["runs"]
    scores = run.scores
    own = {part: estimate.name for part, estimate in scores.headline.parts.items()}
    places = [("metrics", scores.metrics, {}), ("human", scores.human, {}), ("parts", scores.headline.parts, own)]
    for place, named, names in places:
        assert set(shown[place]) == set(named)
        for name, estimate in named.items():
            bears, cell = names.get(name, name), shown[place][name]
            assert_printed(cell[0], estimate.value, bears, place)
            assert cell[3] == estimate.value
            for text, end in ((cell[1], estimate.low), (cell[2], estimate.high)):
                if end is not None or text is not None:
                    assert_printed(text, end, bears, f"{place}, end")
            assert cell[-1] == scale(bears), f"{name} is drawn at {cell[-1]}"
    for subset, named in scores.subsets.items():
        for name, estimate in named.items():
            assert_printed(shown["subsets"][subset][name][0], estimate.value, estimate.name, f"{subset}")


def _two(case: str) -> tuple[MadeUp, MadeUp]:
    """Two judges of the same items."""
    one = CASES[case]()
    other = one.of(judge="another", judgments=[answer for answer in one.judgments if answer.item.endswith(("1", "3"))])
    return one.of(judge="someone"), other


@pytest.mark.parametrize("case", ["pairs", "ratings", "judgelm", "themis", "three_way", "cross_annotations"])
def test_in_a_comparison(case: str) -> None:
    runs = [made.as_read() for made in _two(case)]
    scores = _two(case)[0].scores()
    named = {**scores.metrics, **{f"human.{name}": value for name, value in scores.human.items()}}
    named |= {f"headline.{name}": value for name, value in scores.headline.parts.items()}
    met = 0
    for name in named:
        try:
            found = comparison.compare(runs, name)
        except InputError:  # not every number is a judge's, or made of items
            continue
        text = report_comparison.render(found)
        for standing in found.standings:
            row = next(line for line in text.splitlines() if line.startswith(f"{standing.judge} "))
            bare = name.rpartition(".")[2]
            assert_printed(row.removeprefix(standing.judge).split()[0], standing.value, bare, "compare")
        met += 1
    assert met > 2
