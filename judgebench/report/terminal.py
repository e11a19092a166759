"""Tables on a terminal that is narrower than they are."""

from __future__ import annotations

import re
from itertools import accumulate, zip_longest

NARROWEST = 12
"""Characters: no column of text is made narrower."""
_GAP = 2


def narrowed(text: str, width: int) -> str:
    """A table as `tables.as_text` writes it, with its widest columns broken into lines so that no line is longer than
    `width`, as far as that is possible. Text that is no table comes back as it is."""
    lines = text.splitlines()
    rule = next((index for index, line in enumerate(lines) if re.fullmatch(r"-+(?:  -+)*", line)), None)
    if rule is None or max(map(len, lines)) <= width:
        return text
    widths = [len(dashes) for dashes in lines[rule].split(" " * _GAP)]
    starts = list(accumulate((size + _GAP for size in widths), initial=0))[:-1]
    shown = list(widths)
    while sum(shown) + _GAP * (len(shown) - 1) > width and max(shown) > NARROWEST:
        shown[shown.index(max(shown))] -= 1
    found = []
    for number, line in enumerate(lines):
        if number == rule:
            found.append((" " * _GAP).join("-" * size for size in shown))
        elif number < rule - 1 or not line.strip():
            found.append(line)
        else:
            cells = [line[start : start + size] for start, size in zip(starts, widths, strict=True)]
            broken = [_broken(cell, room) for cell, room in zip(cells, shown, strict=True)]
            for parts in zip_longest(*broken, fillvalue=""):
                padded = (part.ljust(size) for part, size in zip(parts, shown, strict=True))
                found.append((" " * _GAP).join(padded).rstrip())
    return "\n".join(found) + "\n"


def _broken(cell: str, width: int) -> list[str]:
    """At spaces, and after the signs that names and paths are made of; a cell that fits stays as it is, aligned."""
    if len(cell) <= width or len(cell.strip()) <= width:
        return [cell[:width] if not cell[width:].strip() else cell.strip().rjust(width)]
    lines = [""]
    for piece in re.split(r"(?<=[-_/ .,])", cell.strip()):
        rest = piece
        while len(lines[-1]) + len(rest.rstrip()) > width:
            room = width - len(lines[-1]) if len(rest.rstrip()) > width else 0
            lines[-1] += rest[:room]
            lines.append("")
            rest = rest[room:]
        lines[-1] += rest
    return [line.strip() for line in lines]
