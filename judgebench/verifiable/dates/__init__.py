"""Calendar sums: the weekday of a far date, the days of a span, working days, the nth weekday of a month."""

from __future__ import annotations

from judgebench.verifiable.dates import nth, span, weekday, workdays

KINDS = (
    weekday.draw,
    span.draw,
    workdays.draw,
    nth.draw,
)
