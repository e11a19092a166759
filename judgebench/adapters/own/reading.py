"""From rows to items, one at a time: nothing here holds the texts of more than one row.

A file in which a row is one vote is read twice: once for all votes, and once for the items, each at the place of its
first row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from itertools import islice
from math import isfinite
from typing import Any

from judgebench.adapters.items import dialogue, majority, materials, middle, placed, shuffled, user
from judgebench.adapters.own.mapping import Layout, normal
from judgebench.adapters.own.meanings import MISSING, NONE, TIE, Meanings
from judgebench.adapters.own.pictures import PLACE, images, numbered, parts
from judgebench.errors import BadRow
from judgebench.parsers import Asked, parse
from judgebench.rows import Row, Table, shown
from judgebench.types import Item, Message, Response, Verdict, digest, imprint

Votes = dict[str, dict[str, tuple[Verdict | None, int]]]
"""Item -> rater -> (vote, row)."""

_ROLES = {"human": "user", "gpt": "assistant", "chatgpt": "assistant", "bot": "assistant", "prompter": "user"}
_SPOKEN = re.compile(r"\n\n(Human|Assistant):")
_NAMED_ROWS = 5
_REMEMBERED = 4096


@dataclass(frozen=True)
class ItemReader:
    """Reads a table's items as the layout says. Every pass over `items` begins anew."""

    table: Table
    layout: Layout
    meanings: Meanings
    _votes: Votes = field(default_factory=dict)
    _equal_votes: dict[Any, dict[str, Verdict]] = field(default_factory=dict)

    def items(self, *, every_fault: bool = False) -> Iterator[Item]:
        """Items in the order of their first rows. A BadRow names the first row that cannot be read. With `every_fault`
        it is raised after all rows were tried, and says which other rows cannot be read."""
        if self.layout.rater is not None and self.layout.vote is not None and not self._votes:
            self._collect_votes(self.layout.rater, self.layout.vote)
        faults: list[BadRow] = []
        seen: set[int] = set()
        repeats: dict[int, int] = {}
        for row in self.table.rows():
            try:
                item = self._item(row)
                mark = _mark(item.id)
                if mark in seen:
                    if self.layout.rater is not None:
                        continue
                    if self.layout.id is not None:
                        raise self._duplicate(row, item.id)
                    repeats[mark] = repeats.get(mark, 1) + 1
                    item = self._item(row, repeat=repeats[mark])
            except BadRow as error:
                if not every_fault:
                    raise
                faults.append(error)
                continue
            seen.add(mark)
            if not faults:
                yield item
        if faults:
            raise _combined(faults)

    # ------------------------------------------------------------------------------------------------ one row

    def _item(self, row: Row, repeat: int = 1) -> Item:
        """The item of a row. `repeat` counts from 1 the items with the same texts that no id column tells apart."""
        layout = self.layout
        messages, texts = self._texts(row)
        authors = self._authors(row, len(texts))
        name = self._name(row, messages, texts) + (f"#{repeat}" if repeat > 1 else "")
        gold: Verdict | None
        if layout.chosen is not None:
            places = _places(name, len(texts))
            if len(texts) > 2 and (layout.raters or layout.rater):
                raise row.bad(f"{layout.rejected} holds several texts here, and votes are between two")
            raters = {who: _permuted(vote, places) for who, vote in self._raters(row, name, authors).items()}
            gold = _permuted(_winner(0, len(texts)), places)
            texts = [texts[place] for place in places]
            authors = [authors[place] for place in places]
        else:
            raters = self._raters(row, name, authors)
            gold = self._gold(row, raters, authors)
        return Item(
            id=name,
            messages=messages,
            responses=tuple(Response(text=text, author=author) for text, author in zip(texts, authors, strict=True)),
            gold=gold,
            raters=raters,
            materials=materials(**{name: self._optional(row, of) for name, of in layout.given.items()}),
            subset=self._optional(row, layout.subset),
            scenario=self._optional(row, layout.scenario),
            language=self._optional(row, layout.language),
            cluster=self._optional(row, layout.cluster) or digest(imprint(messages)),
            facets={column: value for column in layout.facets if (value := self._facet(row, column)) is not None},
        )

    def _texts(self, row: Row) -> tuple[tuple[Message, ...], list[str]]:
        """The question and the responses, in stored order; for chosen and rejected, the right one first."""
        layout = self.layout
        question = [turn for column in layout.prompts for turn in _conversation(row, column)]
        if len(layout.prompts) > 1:
            question = [turn for turn in question if turn.content]
        if layout.rejected is not None:
            wrong = row.value(layout.rejected)
            several = isinstance(wrong, list) and all(isinstance(text, str) for text in wrong) and wrong
            answers = [_answer(row, str(layout.chosen), row.value(str(layout.chosen)), spoken=not question)]
            answers += [_answer(row, layout.rejected, text, spoken=not question) for text in (several or [wrong])]
        else:
            answers = [_answer(row, column, row.value(column), spoken=not question) for column in layout.answers]
        shared = _shared(answers)
        if not question:
            if not shared:
                raise row.bad("there is no prompt, and the responses do not begin with the same turns")
            question = list(shared)
        if pictures := [image for column in layout.images for image in images(row, column, row.fields.get(column))]:
            asked = question[0]
            words = "\n".join([*[PLACE] * len(pictures), asked.content])
            question[0] = Message(role=asked.role, content=words, images=(*pictures, *asked.images))
        if (system := self._optional(row, layout.system)) is not None:
            question.insert(0, Message(role="system", content=system))
        if any(turn.images for answer in answers for turn in answer[len(shared) :]):
            raise row.bad("a response has an image, and only the question may have some")
        return numbered(question), [dialogue(answer[len(shared) :]) for answer in answers]

    def _authors(self, row: Row, count: int) -> list[str | None]:
        authors = [self._optional(row, column) for column in self.layout.authors]
        return authors if len(authors) == count else [None] * count

    def _name(self, row: Row, messages: tuple[Message, ...], texts: Sequence[str]) -> str:
        if self.layout.id is not None:
            return row.identifier(self.layout.id)
        # All votes on the same responses are about one item, in whichever order raters were shown them.
        return digest((imprint(messages), sorted(texts) if self.layout.rater is not None else texts))

    # ------------------------------------------------------------------------------------------------ labels

    def _gold(self, row: Row, raters: Mapping[str, Verdict], authors: Sequence[str | None]) -> Verdict | None:
        layout = self.layout
        if layout.scores or layout.ranks:
            better = -1 if layout.ranks else 1
            cells = [(column, row.value(column)) for column in layout.scores or layout.ranks]
            scores = tuple(better * self._in_scale(row, *cell) for cell in cells if not _is_missing(cell[1]))
            return Verdict(scores=scores) if len(scores) == len(cells) else None
        if layout.label is not None:
            return self._verdict(row, layout.label, row.value(layout.label), authors)
        if not raters:
            return None
        if (most := majority(raters)) is not None:
            return most
        if layout.rated and not layout.labels:
            return _verdict_of((middle([vote.scores[0] for vote in raters.values()]),))
        return _tie(self.width) if layout.no_majority == "tie" and not layout.labels else None

    @property
    def width(self) -> int:
        return len(self.meanings.responses)

    def _raters(self, row: Row, name: str, authors: Sequence[str | None]) -> dict[str, Verdict]:
        layout, cells = self.layout, dict[str, Any]()
        if layout.rater is not None:
            votes = self._votes.get(name, {})
            return self._shared_votes({rater: vote for rater, (vote, _) in votes.items() if vote is not None})
        if isinstance(layout.raters, str):
            cell = row.value(layout.raters)
            if isinstance(cell, Mapping):
                cells = {str(rater): vote for rater, vote in cell.items()}
            elif isinstance(cell, list):
                cells = {f"rater_{position}": vote for position, vote in enumerate(cell, start=1)}
            elif not _is_missing(cell):
                raise row.bad(f"{layout.raters} is a list of votes, or an object from rater to vote, not {shown(cell)}")
        else:
            cells = {column: row.value(column) for column in layout.raters}
        verdicts = {who: self._verdict(row, who, vote, authors) for who, vote in cells.items()}
        return self._shared_votes({who: vote for who, vote in verdicts.items() if vote is not None})

    def _shared_votes(self, votes: dict[str, Verdict]) -> dict[str, Verdict]:
        """The same object for equal votes: a large file has few different ones, and nobody changes an item."""
        if len(self._equal_votes) > _REMEMBERED:
            self._equal_votes.clear()
        return self._equal_votes.setdefault(tuple((who, vote.scores) for who, vote in votes.items()), votes)

    def _verdict(self, row: Row, column: str, value: Any, authors: Sequence[str | None]) -> Verdict | None:
        """A label or vote; None where the cell is empty."""
        if _is_missing(value):
            return None
        label, labels = normal(value), [normal(label) for label in self.layout.labels]
        if labels and label not in labels:
            raise row.bad(f"{column} is one of {', '.join(self.layout.labels)}, not {shown(value)}")
        if labels:
            return _winner(labels.index(label), len(labels))
        if self.layout.ranked:
            ranking = parse("ranking", str(value), Asked(responses=self.width))
            if ranking.scores is None:
                raise row.bad(f"{column} is an order such as B > A = C: {ranking.reason}")
            return Verdict(scores=ranking.scores)
        if self.layout.rated:
            return _verdict_of((self._in_scale(row, column, value),))
        meaning = self.meanings.of(label, authors)
        if meaning is None:
            raise row.bad(
                f"{column} is one of {self.meanings.choices}, not {shown(value)}; another label needs a meaning in the "
                "mapping's values"
            )
        if meaning == NONE:
            return None
        return _tie(self.width) if meaning == TIE else _winner(meaning, self.width)

    def _collect_votes(self, rater_column: str, vote_column: str) -> None:
        """Collects all votes. A row with the two responses of an item in the other order is a vote on the same item."""
        first_seen: dict[str, tuple[int, int]] = {}
        faults: list[BadRow] = []
        for row in self.table.rows():
            try:
                messages, texts = self._texts(row)
                name, mark = self._name(row, messages, texts), _mark((imprint(messages), texts))
                first_mark, first_row = first_seen.setdefault(name, (mark, row.number))
                turned = mark != first_mark
                if turned and (len(texts) != 2 or _mark((imprint(messages), texts[::-1])) != first_mark):
                    raise row.bad(f"item {name!r} has other texts here than in row {first_row}")
                vote = self._verdict(row, vote_column, row.value(vote_column), self._authors(row, len(texts)))
                if turned and vote is not None:
                    vote = _permuted(vote, (1, 0))
                rater = row.identifier(rater_column)
                votes = self._votes.setdefault(name, {})
                if rater in votes:
                    raise row.bad(f"{rater} votes on item {name!r} again, after row {votes[rater][1]}")
                votes[rater] = (vote, row.number)
            except BadRow as error:
                faults.append(error)
        if faults:
            self._votes.clear()
            raise _combined(faults)

    # ------------------------------------------------------------------------------------------------ cells

    def _in_scale(self, row: Row, column: str, value: Any) -> float:
        return row.number_in(value, column, *(self.layout.scale or ()))

    def _optional(self, row: Row, column: str | None) -> str | None:
        if column is None or _is_missing(row.fields.get(column)):
            return None
        value = row.fields[column]
        if isinstance(value, float) and isfinite(value) and value == int(value):
            return str(int(value))  # pandas turns whole numbers into floats where a column has gaps
        if isinstance(value, str | int | float):
            return str(value)
        raise row.bad(f"{column} is a text or a number, not {shown(value)}")

    def _facet(self, row: Row, column: str) -> str | int | float | bool | None:
        value = row.fields.get(column)
        if _is_missing(value):
            return None
        if isinstance(value, str | int | float | bool):
            return value
        raise row.bad(f"{column} is a text, a number or a yes or no, not {shown(value)}")

    def _duplicate(self, row: Row, name: str) -> BadRow:
        """The error for an id that an earlier row has. That row is looked for only now, so that no list is kept."""
        first = next(before.place for before in self.table.rows() if self._is_called(before, name))
        return row.bad(
            f"the id {name!r} stands in {first} already; if a row is one vote, name its columns in the mapping: "
            "rater and vote. To go by the texts instead: `id: null`"
        )

    def _is_called(self, row: Row, name: str) -> bool:
        try:
            return row.identifier(str(self.layout.id)) == name
        except BadRow:
            return False


def _combined(faults: Sequence[BadRow]) -> BadRow:
    """The first fault, and which other rows have one."""
    first, *further = faults
    if further:
        numbers = [str(fault.row) for fault in islice(further, _NAMED_ROWS)] + ["..."] * (len(further) > _NAMED_ROWS)
        count = "1 more row" if len(further) == 1 else f"{len(further):,} more rows"
        return BadRow(first.path, first.row, f"{first.problem} ({count} cannot be read: {', '.join(numbers)})")
    return first


def _mark(value: Any) -> int:
    """64 bits of a hash, so that the items seen take few bytes. Among a million items, the probability that any two are
    taken for one is 3e-8."""
    data = value.encode() if isinstance(value, str) else digest(value).encode()
    return int.from_bytes(blake2b(data, digest_size=8).digest())


def _is_missing(value: Any) -> bool:
    if isinstance(value, str):
        return value.strip().lower() in MISSING
    return value is None or (isinstance(value, float) and value != value)  # noqa: PLR0124  (NaN)


def _text(row: Row, column: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if value is None or value != value:  # noqa: PLR0124  (NaN)
        raise row.bad(f"{column} has no text here; an empty one is written as an empty text")
    raise row.bad(f"{column} is a text, not {shown(value)}")


def _conversation(row: Row, column: str) -> list[Message]:
    value = row.value(column)
    return _turns(row, column, value) if isinstance(value, list) else [*user(_text(row, column, value))]


def _answer(row: Row, column: str, value: Any, *, spoken: bool) -> list[Message]:
    """A response as turns: a single one, unless the cell holds a conversation. With `spoken`, a text may be a whole
    conversation, in which Human and Assistant speak by turns."""
    if isinstance(value, list):
        return _turns(row, column, value)
    text = _text(row, column, value)
    if spoken and len(parts := _SPOKEN.split(text)) > 2 and not parts[0].strip():
        roles = {"Human": "user", "Assistant": "assistant"}
        turns = zip(parts[1::2], parts[2::2], strict=True)
        return [Message(role=roles[speaker], content=content.strip()) for speaker, content in turns]
    return [Message(role="assistant", content=text)]


def _turns(row: Row, column: str, value: Sequence[Any]) -> list[Message]:
    if not value:
        raise row.bad(f"{column} is a text or a list of turns, not an empty list")
    messages = []
    for turn in value:
        entry = row.within(turn, f"a turn of {column}")
        role, content = ("role", "content") if "role" in entry.fields else ("from", "value")
        speaker = entry.text(role)
        value = entry.value(content)
        said, seen = parts(entry, content, value) if isinstance(value, list) else (entry.text(content), ())
        messages.append(Message(role=_ROLES.get(speaker, speaker), content=said, images=seen))
    return messages


def _shared(answers: Sequence[Sequence[Message]]) -> tuple[Message, ...]:
    """The turns with which all answers begin. The last turn of an answer is never among them."""
    shared = []
    for turns in zip(*(answer[:-1] for answer in answers)):
        if any(turn != turns[0] for turn in turns):
            break
        shared.append(turns[0])
    return tuple(shared)


def _places(name: str, count: int) -> Sequence[int]:
    """For each slot, the response that stands in it; response 0 is the right one. The item's name decides, evenly."""
    if count == 2:
        (first, second), _ = placed(name, 0, 1)
        return first, second
    return shuffled(name, count)


def _permuted(vote: Verdict, places: Sequence[int]) -> Verdict:
    return _verdict_of(tuple(vote.scores[place] for place in places))


@lru_cache(maxsize=_REMEMBERED)
def _verdict_of(scores: tuple[float, ...]) -> Verdict:
    """The same object for equal scores, to save memory: a million labels share a few verdicts."""
    return Verdict(scores=scores)


def _winner(index: int, width: int) -> Verdict:
    return _verdict_of(tuple(float(index == place) for place in range(width)))


def _tie(width: int) -> Verdict:
    return _verdict_of((1 / width,) * width)
