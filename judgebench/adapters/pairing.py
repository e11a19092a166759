"""Pairs recorded verdicts with the items that they are about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from judgebench.adapters import Recorded
from judgebench.errors import InputError
from judgebench.rows import Row
from judgebench.types import Flag, Item, Judgment, Key, Label, Message, Order, Response, Status, Verdict, in_item_order

AB: Order = (0, 1)
BA: Order = (1, 0)


@dataclass
class Pairing:
    """Collects recorded judgments, and the rows that belong to no item."""

    labels: Mapping[str, Label]
    judgments: list[Judgment] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    _answered: dict[Key, Row] = field(default_factory=dict)

    def add(
        self,
        row: Row,
        item: str,
        order: Order,
        verdict: Verdict | None,
        *,
        status: Status = Status.UNPARSED,
        text: str | None = None,
        detail: str | None = None,
        flags: tuple[Flag, ...] = (),
    ) -> None:
        """One judgment; `status` is what it is if there is no verdict. A trial that is answered twice is refused."""
        judgment = Judgment(
            item=item,
            order=order,
            status=status if verdict is None else Status.OK,
            verdict=verdict,
            text=text,
            detail=detail,
            flags=flags,
        )
        if before := self._answered.get(judgment.key):
            where = before.place + ("" if before.path == row.path else f" of {before.path}")
            raise row.bad(f"item {item!r} in order {list(order)} is judged in {where} already")
        self._answered[judgment.key] = row
        self.judgments.append(judgment)

    def miss(self, row: Row, why: str) -> None:
        self.unmatched.append(f"{row.path.name}, {row.place}: {why}")

    def recorded(self, orders: str) -> Recorded:
        answered = {judgment.item for judgment in self.judgments}
        if unanswered := [name for name in self.labels if name not in answered]:
            count = f"{len(unanswered):,} of {len(self.labels):,} items"
            self.unmatched.append(f"{count} have no row, the first of them {unanswered[0]!r}")
        return Recorded(self.judgments, orders, self.unmatched)


def only_path(paths: Sequence[Path], what: str) -> Path:
    if len(paths) != 1:
        raise InputError(f"{what} is one file, not {len(paths)}")
    return paths[0]


def as_shown(order: Order, scores: Iterable[float]) -> Verdict:
    """A verdict from scores in the order in which the responses were shown."""
    return Verdict(scores=in_item_order(order, scores))


def texts_digest(messages: tuple[Message, ...], responses: Iterable[str]) -> str:
    """The digest that the label of an item with these texts has."""
    texts = tuple(Response(text=text) for text in responses)
    return Item(id="", messages=messages, responses=texts, cluster="").label().digest


def by_digest(labels: Mapping[str, Label]) -> dict[str, str]:
    """From the digest of an item's texts to its id, without texts that several items share."""
    names: dict[str, str] = {}
    shared: set[str] = set()
    for name, label in labels.items():
        if label.digest in names:
            shared.add(label.digest)
        names[label.digest] = name
    return {key: name for key, name in names.items() if key not in shared}
