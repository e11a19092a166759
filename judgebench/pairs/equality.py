"""Whether two answers that `expressions` read are the same. For the worker process alone, as that is."""

from __future__ import annotations

from random import Random
from typing import Any

import sympy

from judgebench.pairs.expressions import Answer

_POINTS = 6
_ALIKE = ({"list", "set"}, {"list", "tuple"})
"""A bare list says neither that its order counts nor that it doesn't; all other kinds differ."""


def equal(one: Answer, other: Answer) -> bool:
    """Part by part; in any order for sets and bare lists."""
    kinds = {one.kind, other.kind}
    if len(one.parts) != len(other.parts) or (len(kinds) == 2 and kinds not in _ALIKE):
        return False
    if kinds == {"union"}:
        return all(map(equal, one.parts, other.parts))
    if not kinds <= {"list", "set"}:
        return all(map(same, one.parts, other.parts))
    left = list(other.parts)
    for part in one.parts:
        match = next((there for there in left if same(part, there)), None)
        if match is None:
            return False
        left.remove(match)
    return True


def same(a: Any, b: Any) -> bool:
    """Whether two expressions have the same value at random points, to 20 digits: at positive ones, and at negative
    ones where both are real."""
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
