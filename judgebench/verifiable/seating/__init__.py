"""Order logic: five people in a row, a few clues, exactly one solution (brute force makes sure)."""

from __future__ import annotations

from judgebench.verifiable.seating import row

KINDS = (row.draw,)
