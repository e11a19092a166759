"""The one place where a number is rounded: when it is printed, and never before.

Of two machines one has 84.45 and the other 84.44999999999999. Halves are rounded away from zero, and what is short of a
half by no more than a part in 10^12 is one: both print 84.5. What rounding left of zero is 0, without a sign.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

_SHORT_OF_A_HALF = Decimal("1.000000000001")
_NOTHING = 1e-9
_EXACT = Context(prec=800, rounding=ROUND_HALF_UP)


def fixed(value: float, decimals: int) -> str:
    """With so many decimals.

    >>> fixed(84.44999999999999, 1), fixed(0.125, 2), fixed(-1e-17, 2), fixed(-0.04, 1)
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
