"""`replay:PATH`: verdicts recorded before, by judgebench (a run's folder or its judgments.jsonl) or by anyone.

The plain format, for anyone's own verdicts, is a table with a header (CSV, TSV, parquet) or objects (a JSONL with one a
line, a JSON list):

    item        the item's id, as `judgebench data items BENCHMARK` lists them (required)
    order       AB as stored (the default) or BA swapped
    verdict     which response of the item is better, whatever was shown first: A, B or tie, or one score a response
                ("8 7", [8, 7]); the label, where the benchmark asks for one; empty where the judge gave none
    slot        instead of verdict: which was better as shown, first, second or tie
    sample      0, 1, ... where a judge was asked repeatedly
    status      unparsed, refused, truncated or failed, where there is no verdict (the default there: unparsed)
    confidence, text, detail    kept as they are
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from reprlib import repr as brief
from typing import Any

from judgebench import formats, rows
from judgebench.errors import InputError
from judgebench.fetch import sha256
from judgebench.rows import Row
from judgebench.types import PREFERENCE, Judgment, Key, Kind, Order, Question, Status, Trial, in_item_order

COLUMNS = ("item", "order", "verdict", "slot", "sample", "status", "confidence", "text", "detail")
_ANSWERS = frozenset({"verdict", "slot", "status"})
CHOICES = {"replay:PATH": "verdicts recorded before: a run's folder, or a CSV or JSONL with item, order and verdict"}
OPTIONS = ()


def open(name: str, options: Mapping[str, Any]) -> Replay:  # noqa: A001, ARG001  (the seam's names)
    path = Path(name)
    if path.is_dir():
        path /= "judgments.jsonl"
    if not path.is_file():
        raise InputError(f"replay:{name}: there is no such file, nor a run's folder")
    answers = {judgment.key: judgment for judgment in read(path)}
    return Replay(f"replay:{name}", answers, {"recording": sha256(path)[:16]})


@dataclass(frozen=True)
class Replay:
    name: str
    recorded: Mapping[Key, Judgment]
    protocol: Mapping[str, Any]
    provenance: Mapping[str, Any] = field(default_factory=dict)
    needs_texts: bool = False

    def judge(self, trials: Iterable[Trial]) -> Iterator[Judgment]:
        for trial in trials:
            yield self.recorded.get(trial.key) or trial.fail(Status.FAILED, "not in the recording")


def read(path: Path) -> Iterator[Judgment]:
    """The judgments of a file in judgebench's own or the plain format. BadRow names the row and what is allowed."""
    return (judgment for _, judgment in recorded(path))


def recorded(path: Path, question: Question = PREFERENCE) -> Iterator[tuple[Row, Judgment]]:
    """The same, each with the row that it stands in, whose fields are let go; `question` is what the benchmark asks."""
    latest: dict[Key, tuple[Row, Judgment]] = {}
    # A table has no way to say null but an empty cell.
    null = "" if path.suffix.lower() in rows.SEPARATED else None
    for row in rows.read(path):
        try:
            judgment = _judgment({name: None if cell == null else cell for name, cell in row.fields.items()}, question)
        except ValueError as error:  # msgspec's errors are ValueErrors
            raise row.bad(str(error)) from error
        before = latest.get(judgment.key)
        if before is not None and judgment.attempt <= before[1].attempt:
            raise row.bad(f"item {judgment.item!r} is judged in order {row.fields.get('order', 'AB')} already")
        latest[judgment.key] = row.without_fields(), judgment
    yield from latest.values()


def _judgment(row: Mapping[str, Any], question: Question) -> Judgment:
    import msgspec

    if isinstance(row.get("order"), list) and "status" in row and "slot" not in row:
        if unknown := sorted(set(row) - set(Judgment.__struct_fields__)):
            raise ValueError(f"unknown field `{unknown[0]}`; there are: {', '.join(Judgment.__struct_fields__)}")
        judgment = formats.judgment(msgspec.convert(row, Judgment))
        if not judgment.order:
            raise ValueError("an order is a permutation of 0..n-1, not []")
        _whole("sample", judgment.sample)
        _whole("attempt", judgment.attempt)
        return judgment
    if unknown := sorted(set(row) - set(COLUMNS)):
        raise ValueError(f"no column named {unknown[0]!r}; there are: {', '.join(COLUMNS)}")
    if _ANSWERS.isdisjoint(row):
        raise ValueError("the column verdict (or slot, or status) is missing")
    if row.get("item") in (None, ""):
        raise ValueError("the column item is missing or empty")
    if not isinstance(row["item"], str | int | float) or isinstance(row["item"], bool):
        raise ValueError(f"item is a text or a number, not {brief(row['item'])}")  # noqa: TRY004
    if row.get("verdict") is not None and row.get("slot") is not None:
        raise ValueError("give verdict (which response) or slot (which as shown), not both")
    single = question.kind in (Kind.CLASS, Kind.STEP)
    order = _order(("A" if single else "AB") if row.get("order") is None else row["order"])
    if row.get("slot") is not None:
        scores: tuple[float, ...] | None = _shown(row["slot"], order)
    else:
        verdict = row.get("verdict")
        of_steps = len(_listed(verdict)) if question.each_step else len(order)
        scores = _labelled(verdict, question.labels) if question.labels else _scores(verdict, of_steps)
    return msgspec.convert(
        {
            "item": str(row["item"]),
            "order": order,
            "sample": 0 if row.get("sample") is None else _whole("sample", row["sample"]),
            "status": _status(row.get("status"), has_verdict=scores is not None),
            "verdict": None if scores is None else [scores],
            "confidence": _confidence(row.get("confidence")),
            "text": row.get("text"),
            "detail": row.get("detail"),
        },
        Judgment,
    )


def _number(cell: Any) -> float | None:
    """None where it is none."""
    try:
        return float(cell)
    except (ValueError, TypeError, OverflowError):
        return None


def _order(cell: Any) -> Order:
    if isinstance(cell, str) and cell and sorted(cell.upper()) == [chr(65 + slot) for slot in range(len(cell))]:
        return tuple(ord(letter) - 65 for letter in cell.upper())
    raise ValueError(f"order is AB (as stored) or BA (swapped), not {brief(cell)}")


def _scores(cell: Any, count: int) -> tuple[float, ...] | None:
    if cell in (None, ""):
        return None
    letters = [chr(65 + slot) for slot in range(count)]
    if isinstance(cell, str):
        word = cell.strip().upper()
        if word == "TIE":
            return (1 / count,) * count
        if word in letters:
            return tuple(float(word == letter) for letter in letters)
    scores = _listed(cell)
    numbers = tuple(number for number in map(_number, scores) if number is not None)
    if len(numbers) != count or len(scores) != count:
        some = "1 score" if count == 1 else f"{count} scores"
        raise ValueError(f"verdict is {', '.join(letters)}, tie or {some}, not {brief(cell)}")
    return numbers


def _listed(cell: Any) -> list[Any]:
    """What stands in a cell of several numbers."""
    return cell if isinstance(cell, list) else cell.replace(",", " ").split() if isinstance(cell, str) else [cell]


def _labelled(cell: Any, labels: Sequence[str]) -> tuple[float, ...] | None:
    """One of the labels, or a number for each of them."""
    if cell in (None, ""):
        return None
    said, folded = str(cell).strip().casefold(), [label.casefold() for label in labels]
    if said in folded:
        return tuple(float(label == said) for label in folded)
    numbers = [number for number in map(_number, cell if isinstance(cell, list) else ()) if number is not None]
    if len(numbers) != len(labels) or len(cell) != len(labels):
        raise ValueError(f"verdict is {', '.join(labels)} or a number for each of them, not {brief(cell)}")
    return tuple(numbers)


def _shown(cell: Any, order: Order) -> tuple[float, ...]:
    words = {"first": (1.0, 0.0), "second": (0.0, 1.0), "tie": (0.5, 0.5)}
    if not isinstance(cell, str) or cell.strip().lower() not in words or len(order) != 2:
        raise ValueError(f"slot is first, second or tie, not {brief(cell)}")
    return in_item_order(order, words[cell.strip().lower()])


def _status(cell: Any, *, has_verdict: bool) -> Status:
    if cell is None:
        return Status.OK if has_verdict else Status.UNPARSED
    if cell not in list(Status):
        raise ValueError(f"status is one of {', '.join(Status)}, not {brief(cell)}")
    return Status(cell)


def _whole(column: str, cell: Any) -> int:
    number = _number(cell)
    if number is None or not 0 <= number < 2**31 or number != int(number):
        raise ValueError(f"{column} is 0, 1, 2, ..., not {brief(cell)}")
    return int(number)


def _confidence(cell: Any) -> float | None:
    if cell in (None, ""):
        return None
    number = _number(cell)
    if number is None or not isfinite(number):
        raise ValueError(f"confidence is a number, not {brief(cell)}")
    return number


def is_plain(path: Path) -> bool:
    """Whether the first row has an item and an answer, in the plain format's words or in judgebench's own. What else it
    has does not matter here: `read` refuses other columns by name."""
    try:
        row = next(rows.read(path))
    except (StopIteration, InputError):
        return False
    return row.has("item") and not _ANSWERS.isdisjoint(row.fields)
