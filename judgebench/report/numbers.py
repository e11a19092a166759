"""A number as it is printed: the one place where a value is rounded, in every form, by the unit in the catalogue.

A share is printed in per cent, a coefficient between -1 and 1, points and log-odds as they are, a count as a count.
Of two machines one has 84.45 and the other 84.44999999999999. Halves are rounded away from zero, and what is short of a
half by no more than a part in 10^12 is one: both print 84.5. What rounding left of zero is 0, without a sign."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from judgebench.score import catalogue
from judgebench.score.catalogue import Unit
from judgebench.types import Estimate

NOTHING = "–"
_LARGE = 100
"""From here on points have no decimals."""
_SMALLEST_P = 0.001
_SHORT_OF_A_HALF = Decimal("1.000000000001")
_NOTHING = 1e-9
_EXACT = Context(prec=800, rounding=ROUND_HALF_UP)


class Intervals(StrEnum):
    """How an interval is shown beside its value."""

    BRACKETS = "brackets"
    SUBSCRIPT = "subscript"
    PM = "pm"
    NONE = "none"


class Printed(NamedTuple):
    """A value and the two ends of its interval, each empty where there is none; a dash for an undefined value."""

    value: str
    low: str
    high: str


def rounded(value: float, decimals: int) -> str:
    """With so many decimals: every number that is printed is rounded here, once.

    >>> rounded(84.44999999999999, 1), rounded(0.125, 2), rounded(-1e-17, 2), rounded(-0.04, 1)
    ('84.5', '0.13', '0.00', '-0.0')
    """
    number = Decimal(0 if abs(value) < _NOTHING else value)
    return f"{_EXACT.quantize(_EXACT.multiply(number, _SHORT_OF_A_HALF), Decimal(1).scaleb(-decimals)):f}"


def significant(value: float, digits: int) -> str:
    """With so many digits that count, as `f"{value:.3g}"` has them.

    >>> significant(0.012499999999999999, 2), significant(5.0, 3), significant(1.25e-9, 2)
    ('0.013', '5', '1.3e-09')
    """
    number = _EXACT.multiply(Decimal(value), _SHORT_OF_A_HALF)
    return f"{float(Context(prec=digits, rounding=ROUND_HALF_UP).plus(number)):.{digits}g}"


def percent(fraction: float) -> str:
    """`97.5%`, of a fraction that is no estimate."""
    return f"{rounded(100 * fraction, 1)}%"


def number(value: float, unit: Unit, decimals: int = 2, *, end: bool = False) -> str:
    """A bare value of this unit. `decimals` are a share's, in per cent; the `end` of an interval has one less."""
    fewer = max(0, decimals - 1) if end else decimals
    match unit:
        case Unit.SHARE:
            return rounded(100 * value, fewer)
        case Unit.COEFFICIENT:
            return rounded(value, fewer + 1)
        case Unit.P:
            return f"< {_SMALLEST_P}" if value < _SMALLEST_P else significant(value, 2)
        case Unit.COUNT if value == int(value):
            return f"{value:,.0f}"
    return rounded(value, 0 if abs(value) >= _LARGE else decimals)


def printed(estimate: Estimate | None, decimals: int = 2, unit: Unit | None = None) -> Printed:
    """`unit` where the estimate does not bear the metric's name, as a difference of two judges' numbers does not."""
    if estimate is None or estimate.value is None:
        return Printed(NOTHING, "", "")
    unit = unit or catalogue.unit(estimate.name)
    low, high = ("" if end is None else number(end, unit, decimals, end=True) for end in (estimate.low, estimate.high))
    return Printed(number(estimate.value, unit, decimals), low, high)


def text(estimate: Estimate | None, *, interval: bool = True, decimals: int = 2, unit: Unit | None = None) -> str:
    """`71.07 [66.9, 74.9]`."""
    value, low, high = printed(estimate, decimals, unit)
    return f"{value} [{low}, {high}]" if interval and low and high else value


def half_width(estimate: Estimate, decimals: int = 2) -> str:
    """The longer of the interval's two sides, for a plus-minus."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return ""
    side = max(estimate.value - estimate.low, estimate.high - estimate.value)
    return number(side, catalogue.unit(estimate.name), decimals, end=True)


def in_style(estimate: Estimate, style: Intervals, decimals: int, sub: tuple[str, str]) -> str:
    """For forms that can set subscripts, between the two given marks."""
    value, low, high = printed(estimate, decimals)
    if not low or not high or style == Intervals.NONE:
        return value
    if style == Intervals.PM:
        return f"{value} ± {half_width(estimate, decimals)}"
    return f"{value}{sub[0]}[{low}, {high}]{sub[1]}" if style == Intervals.SUBSCRIPT else f"{value} [{low}, {high}]"


def in_latex(estimate: Estimate, style: Intervals, decimals: int, *, strong: bool = False) -> str:
    value, low, high = printed(estimate, decimals)
    main = "--" if value == NOTHING else f"${value}$" if value[0] in "-<" else value
    main = rf"\textbf{{{main}}}" if strong else main
    if not low or not high or style == Intervals.NONE:
        return main
    if style == Intervals.PM:
        return rf"{main}{{\scriptsize$\,\pm\,{half_width(estimate, decimals)}$}}"
    if style == Intervals.SUBSCRIPT:
        return rf"{main}$_{{[{low},\,{high}]}}$"
    return rf"{main}\,{{\scriptsize[${low}$, ${high}$]}}"


OnPage = list[Any]
"""[text, low text, high text, value, low, high, n, questions, level, method, reason, scale], as `num` in
page/assets/dom.js reads it. A number is drawn at `scale` times its value."""


def on_page(estimate: Estimate | None) -> OnPage | None:
    """The page shows these strings and computes none of its own."""
    if estimate is None:
        return None
    texts = [part.replace("-", "\N{MINUS SIGN}") or None for part in printed(estimate)]
    drawn = [None if end is None else round(end, 5) for end in (estimate.low, estimate.high)]
    of = (estimate.n, estimate.n_clusters, estimate.level, estimate.method, estimate.reason)
    value = texts if estimate.value is not None else [None, None, None]
    return [*value, estimate.value, *drawn, *of, 100 if catalogue.unit(estimate.name) == Unit.SHARE else 1]
