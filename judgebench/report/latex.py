"""A table as LaTeX that compiles: with booktabs and graphicx, and with nothing in it that TeX would read as its own."""

from __future__ import annotations

from collections.abc import Sequence

from judgebench.report import numbers
from judgebench.report.numbers import NOTHING, Intervals
from judgebench.report.tables import Cell, Number, Table, bare, numeric, plain
from judgebench.types import Estimate

_SPECIAL = str.maketrans(
    {
        "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
        "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
        "|": r"\textbar{}", '"': r"\textquotedblright{}", "`": r"\textquoteleft{}",
        "–": r"\textendash{}", "—": r"\textemdash{}", "−": r"$-$", "±": r"$\pm$", "×": r"$\times$", "²": r"$^2$",
        "α": r"$\alpha$", "κ": r"$\kappa$", "≥": r"$\geq$", "≤": r"$\leq$", "†": r"\textdagger{}",
        "‡": r"\textdaggerdbl{}", "·": r"$\cdot$", "…": r"\ldots{}", "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    }
)  # fmt: skip


_WIDE = 6
"""Of more columns than this a table spans both columns of a page, in small print."""
_LATIN = range(0xC0, 0x100)
_NO_LATIN = "ÐÞðþ×÷"
"""Letters with accents are made of two; these the oldest fonts do not have."""


def as_latex(table: Table, *, intervals: Intervals = Intervals.SUBSCRIPT, decimals: int = 2) -> str:
    """A table float; the document needs \\usepackage{booktabs,graphicx}. A wide one is shrunk to the width there is."""
    right = numeric(table)
    body: list[str] = []
    for index, row in enumerate(table.rows):
        body += [r"\midrule"] if index in table.breaks else []
        body.append(_line([_cell(cell, intervals, decimals) for cell in row]))
    title = [r"\caption{" + escaped(table.title) + "}"] if table.title else []
    label = [r"\label{" + "".join(c for c in table.label if c.isalnum() or c in "-:") + "}"] if table.label else []
    notes = [escaped(note) + r"\par" for note in table.notes]
    if notes:
        notes = [r"\par\smallskip", r"\begin{minipage}{\linewidth}\footnotesize", *notes, r"\end{minipage}"]
    wide = len(table.columns) > _WIDE
    float_ = "table*" if wide else "table"
    lines = [
        rf"\begin{{{float_}}}[t]",
        r"\centering",
        *title,
        *label,
        r"\footnotesize" if wide else r"\small",
        r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%",
        r"\begin{tabular}{@{}" + "".join("r" if to_the_right else "l" for to_the_right in right) + "@{}}",
        r"\toprule",
        _line([escaped(name) for name in table.columns]),
        r"\midrule",
        *body,
        r"\bottomrule",
        r"\end{tabular}}",
        *notes,
        rf"\end{{{float_}}}",
    ]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Text that TeX prints as it is. What pdfTeX's fonts have no letter for is written as its number, U+4E2D."""
    printable = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    letters = (
        letter if ord(letter) < 128 or (ord(letter) in _LATIN and letter not in _NO_LATIN) else f"[U+{ord(letter):04X}]"
        for letter in printable.translate(_SPECIAL)
    )
    return "".join(letters).replace("--", "-{}-").replace("--", "-{}-")


def _line(cells: Sequence[str]) -> str:
    return " & ".join(cells) + r" \\"


def _cell(cell: Cell, intervals: Intervals, decimals: int) -> str:
    strong = isinstance(cell, Number) and cell.strong
    estimate = bare(cell)
    if isinstance(estimate, Estimate):
        return numbers.in_latex(estimate, intervals, decimals, strong=strong)
    text = plain(estimate)
    text = "--" if text == NOTHING else escaped(text)
    return rf"\textbf{{{text}}}" if strong else text
