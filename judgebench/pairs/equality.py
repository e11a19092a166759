"""Whether two answers that `expressions` read are the same. Only the worker process imports this, as it does that."""

from __future__ import annotations

from random import Random
from typing import Any

import sympy

from judgebench.pairs.expressions import MathObject

_POINTS = 6
_ALIKE = ({"list", "set"}, {"list", "tuple"})
"""Kinds that may be equal: a bare list does not say whether its order counts. All other kinds differ."""


def equal(first: MathObject, second: MathObject) -> bool:
    """Whether all parts are the same, in any order for sets and bare lists."""
    kinds = {first.kind, second.kind}
    if len(first.parts) != len(second.parts) or (len(kinds) == 2 and kinds not in _ALIKE):
        return False
    if kinds == {"union"}:
        return all(map(equal, first.parts, second.parts))
    if not kinds <= {"list", "set"}:
        return all(map(same, first.parts, second.parts))
    unmatched = list(second.parts)
    for part in first.parts:
        match = next((candidate for candidate in unmatched if same(part, candidate)), None)
        if match is None:
            return False
        unmatched.remove(match)
    return True


def same(a: Any, b: Any) -> bool:
    """Whether two expressions have the same value, to 20 digits, at random points: positive ones, and negative ones at
    which both are real."""
    if a == b:
        return True
    symbols = sorted(a.free_symbols | b.free_symbols, key=str)
    if sympy.oo in (a, b) or -sympy.oo in (a, b):
        return False
    points, seen = Random(0), 0
    for number in range(_POINTS if symbols else 1):
        sign = 1 if number % 2 == 0 else -1
        at = {symbol: sympy.Rational(sign * points.randint(1, 10**6), points.randint(1, 10**6)) for symbol in symbols}
        x, y = (expression.subs(at).evalf(30, maxn=500) for expression in (a, b))
        if not (x.is_number and y.is_number) or {sympy.nan, sympy.zoo} & {x, y}:
            continue
        if sign < 0 and not (x.is_real and y.is_real):  # another branch of a root or a logarithm
            continue
        seen += 1
        if abs(x - y) > sympy.Float("1e-20", 30) * (1 + abs(y)):
            return False
    if not seen:
        raise ValueError("has no value at any point tried")
    return True
