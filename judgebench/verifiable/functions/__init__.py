"""Small Python functions written to a specification. The slip: one rule of the specification is taken the other way, so
that the code agrees with it on the example but not everywhere.

The `run` of a function's spec computes what the code returns; generated code is never executed here.
"""

from __future__ import annotations

from judgebench.verifiable.functions import (
    between,
    chunks,
    first_over,
    keep_one,
    longest_run,
    merge,
    middle,
    moving_sums,
    problem,
    ranking,
    rotate,
    second_largest,
    shift_letters,
    streak,
    tiers,
    to_multiple,
)

KINDS = tuple(
    problem.kind(each.spec)
    for each in (
        between,
        keep_one,
        longest_run,
        chunks,
        rotate,
        moving_sums,
        second_largest,
        middle,
        ranking,
        tiers,
        shift_letters,
        merge,
        streak,
        first_over,
        to_multiple,
    )
)
