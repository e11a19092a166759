"""Small tables: a filtered sum, a mean with missing entries, the difference between two groups."""

from __future__ import annotations

from judgebench.verifiable.tables import filtered, gap, mean

KINDS = (
    filtered.draw,
    mean.draw,
    gap.draw,
)
