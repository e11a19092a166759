"""How many items a comparison needs, and what a sample of a given size could have seen.

Sizes are numbers of *independent* items: round up, and with several items to a question multiply by the design
effect of a pilot run. Repeating a question K times shrinks only the noise within it, never the spread between
questions. Two orders of one pair are two repeats. Differences of 0, negative variances and errors, and alpha, power or
level outside (0, 1) raise ValueError.
"""

from __future__ import annotations

import math
from statistics import NormalDist

from judgebench.stats import _arrays as arrays


def sample_size(
    delta: float,
    *,
    variance: float,
    within: tuple[float, float] = (0.0, 0.0),
    repeats: tuple[float, float] = (1, 1),
    alpha: float = 0.05,
    power: float = 0.8,
    design_effect: float = 1.0,
) -> float:
    """Questions needed to see a paired difference `delta` of two judges' mean scores.

    `variance` is that of the difference of the two judges' *expected* scores between questions, `within` the
    variance of each judge's answers to one question, `repeats` how often each answers it (infinity allowed).
    When all that is known is the variance of observed differences, give it and no `within`.
    Source: Miller 2024 (arXiv 2411.00640), the section on power.

    >>> round(sample_size(0.03, variance=1 / 9, within=(1 / 6, 1 / 6)))
    3876
    >>> round(sample_size(0.03, variance=1 / 9, within=(1 / 6, 1 / 6), repeats=(10, 10)))
    1260
    """
    if min(variance, *within) < 0 or min(repeats) < 1:
        values = f"variance is {variance}, within is {within}, repeats is {repeats}"
        raise ValueError(f"{values}; variances must not be negative and repeats at least 1")
    spread = variance + within[0] / repeats[0] + within[1] / repeats[1]
    return _positive(design_effect, "design_effect") * _quantiles(alpha, power) ** 2 * spread / _effect(delta) ** 2


def sample_size_mcnemar(
    delta: float, *, discordant: float, alpha: float = 0.05, power: float = 0.8, design_effect: float = 1.0
) -> float:
    """Pairs needed to see a difference `delta` of two judges' accuracies by McNemar's test.

    `discordant` is the share, in (0, 1], of units that exactly one of the two gets right: at least |delta|, or
    ValueError. Source: Connor 1987.

    >>> round(sample_size_mcnemar(0.05, discordant=0.2))
    626
    """
    if not abs(_effect(delta)) <= discordant <= 1:
        raise ValueError(f"discordant is {discordant} and delta {delta}; |delta| <= discordant <= 1 must hold")
    half, reach = _one_quantile(1 - alpha / 2, alpha, "alpha"), _one_quantile(power, power, "power")
    root = half * math.sqrt(discordant) + reach * math.sqrt(discordant - delta**2)
    return _positive(design_effect, "design_effect") * root**2 / delta**2


def sample_size_for_margin(
    margin: float, *, variance: float = 0.25, level: float = 0.95, design_effect: float = 1.0
) -> float:
    """Items needed to put a mean score within plus or minus `margin`.

    The variance of a share p is p (1 - p), at most the 0.25 of the default.

    >>> round(sample_size_for_margin(0.03))
    1067
    """
    if variance < 0:
        raise ValueError(f"variance is {variance}; it must not be negative")
    quantile = _one_quantile((1 + level) / 2, level, "level")
    return _positive(design_effect, "design_effect") * quantile**2 * variance / _effect(margin) ** 2


def minimum_detectable_effect(standard_error: float, *, alpha: float = 0.05, power: float = 0.8) -> float:
    """The true difference that a test at level `alpha` sees with probability `power`: 2.80 standard errors.

    In the units of the standard error, which is that of the (paired, clustered) difference. Source: Bloom 1995.

    >>> round(minimum_detectable_effect(0.0257), 3)
    0.072
    """
    if standard_error < 0:
        raise ValueError(f"standard_error is {standard_error}; it must not be negative")
    return _quantiles(alpha, power) * standard_error


def _quantiles(alpha: float, power: float) -> float:
    return _one_quantile(1 - alpha / 2, alpha, "alpha") + _one_quantile(power, power, "power")


def _one_quantile(probability: float, value: float, name: str) -> float:
    arrays.inside(value, name)
    return NormalDist().inv_cdf(probability)


def _effect(delta: float) -> float:
    if delta == 0:
        raise ValueError("no sample size sees a difference of 0")
    return delta


def _positive(value: float, name: str) -> float:
    if value <= 0:
        raise ValueError(f"{name} is {value}; it must be above 0")
    return value
