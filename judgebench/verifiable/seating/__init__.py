"""Logic puzzles: five people in a row, a few clues, and exactly one solution, which brute force checks."""

from __future__ import annotations

from judgebench.verifiable.seating import row

KINDS = (row.draw,)
