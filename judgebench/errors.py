"""What can go wrong, as a tree. The command line prints the message as one line and exits with `exit_code`.

JudgebenchError            1  something failed that the user may be able to mend and run again
├── InputError             2  wrong usage or bad input; the message names the place and the choices
│   ├── UnknownName        2  no such benchmark, judge, metric, ...; lists what there is
│   ├── BadRow             2  a row of a file cannot be read; names file, row and column
│   └── DataUnavailable    2  a pinned file is neither in the mirror, nor cached, nor downloadable
├── StoreError             1  judgments could not be read or written; says what is safe on disk
│   ├── StoreBusy          1  another process is writing the same run
│   └── ManifestMismatch   2  the answers on disk are to other questions, or were asked for in another way
├── ExtensionError         1  what another distribution brings cannot be used; names the distribution
└── BelowCoverage          3  the run finished, but too many answers are missing or failed
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


class JudgebenchError(Exception):
    exit_code = 1


class InputError(JudgebenchError):
    exit_code = 2


class UnknownName(InputError):
    """`UnknownName("benchmark", "padalm", ["pandalm", ...])` lists the choices, the nearest one first."""

    def __init__(self, kind: str, name: str, choices: Iterable[str]) -> None:
        ordered = sorted(choices)
        near = difflib.get_close_matches(name, ordered, n=1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        super().__init__(f"no {kind} named {name!r}{hint}; there are: {', '.join(ordered) or 'none'}")


class BadRow(InputError):
    def __init__(self, path: Path | str, row: int, problem: str, line: int | None = None) -> None:
        """`row` counts from 1, and `line` is where the row begins in a file of lines (judgebench.rows.Row)."""
        self.path, self.row, self.problem, self.line = path, row, problem, line
        super().__init__(f"{path}, {place(row, line)}: {problem}")


def place(row: int, line: int | None = None) -> str:
    """`row 3`, or `row 3 (line 4)` where the line has another number."""
    return f"row {row}" if line in (None, row) else f"row {row} (line {line})"


class DataUnavailable(InputError):
    pass


class StoreError(JudgebenchError):
    pass


class StoreBusy(StoreError):
    pass


class ManifestMismatch(StoreError, InputError):
    exit_code = 2


class ExtensionError(JudgebenchError):
    pass


class BelowCoverage(JudgebenchError):
    exit_code = 3


@contextmanager
def explained(explain: Callable[[Exception], JudgebenchError]) -> Iterator[None]:
    """A context for calls of a library that uses a network, a file format or a model: whatever it raises becomes an
    error of judgebench's own. A list of its errors would not stay complete, since what it uses inside (an HTTP client,
    a parser) changes with its version. Errors that are judgebench's own already pass unchanged."""
    try:
        yield
    except JudgebenchError:
        raise
    except Exception as error:
        raise explain(error) from error
