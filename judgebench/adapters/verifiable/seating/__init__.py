"""Order logic: five people in a row, a few clues, exactly one solution (brute force makes sure)."""

from __future__ import annotations

from judgebench.adapters.verifiable.seating import row

KINDS = (row.draw,)
