"""Which trials a run asks for, and what became of them: the same for every kind of verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from judgebench.types import Coverage, Judgment, Label, Manifest, Order, Status


def orders_asked(label: Label, manifest: Manifest) -> int:
    """In how many orders an item is shown: two with `both`, unless it has a single response."""
    return 2 if manifest.orders == "both" and len(label.lengths) > 1 else 1


def place(order: Order) -> int:
    """0 for the stored order, 1 for the other one."""
    return int(order[0] != 0)


def cost(judgments: Iterable[Judgment]) -> float | None:
    """In dollars, of the answers that count; None where no answer's cost is known."""
    known = [answer.usage.cost for answer in judgments if answer.usage is not None and answer.usage.cost is not None]
    return sum(known) if known else None


def coverage(labels: Sequence[Label], manifest: Manifest, judgments: Iterable[Judgment]) -> Coverage:
    """What became of every trial that the manifest asks for."""
    asked = {label.id: orders_asked(label, manifest) for label in labels}
    wanted = sum(asked.values()) * manifest.samples
    statuses = Counter(
        str(judgment.status)
        for judgment in judgments
        if place(judgment.order) < asked.get(judgment.item, 0) and judgment.sample < manifest.samples
    )
    ok = statuses.pop(Status.OK, 0)
    failures = {str(status): statuses.get(status, 0) for status in Status if status != Status.OK}
    failures["missing"] = wanted - ok - sum(failures.values())
    return Coverage(wanted=wanted, ok=ok, share=ok / wanted if wanted else 0.0, failures=failures)
