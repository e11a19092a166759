"""A filtered sum. The premise: whether a row at the bound itself is included. Or the slip: a row is left out, or one of
another sort is included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from judgebench.verifiable.lexicon import TOWNS
from judgebench.verifiable.tables.layout import plus, table
from judgebench.verifiable.writing import Problem, Step, Voice, Working, count, slip

_TRIES = 300
_THEMES = (
    ("deliveries of a wholesaler", "crates", ("apples", "pears", "plums")),
    ("orders of a paper mill", "rolls", ("white", "brown", "grey")),
    ("sales of a seed merchant", "sacks", ("barley", "oats", "rye")),
    ("shipments of a tile maker", "pallets", ("red", "blue", "green")),
    ("stocks of a wool dealer", "bales", ("merino", "alpaca", "mohair")),
)


@dataclass(frozen=True)
class _Table:
    rows: Sequence[tuple[str, str, int]]
    sort: str
    bound: int
    above: bool

    def chosen(self, rule: str) -> list[int]:
        return [at for at, row in enumerate(self.rows) if row[1] == self.sort and self._fits(row[2], rule)]

    def others(self) -> list[int]:
        """The rows that would qualify but for their sort."""
        return [at for at, row in enumerate(self.rows) if row[1] != self.sort and self._fits(row[2], "without")]

    def _fits(self, amount: int, rule: str) -> bool:
        inside = amount > self.bound if self.above else amount < self.bound
        return inside or (rule == "with" and amount == self.bound)


def _draw_table(rng: Random, sorts: Sequence[str]) -> _Table | None:
    rows = [(rng.choice(TOWNS), rng.choice(sorts), rng.randrange(14, 96)) for _ in range(rng.randrange(10, 15))]
    sort, above, at = rng.choice(sorts), rng.random() < 0.6, rng.choice((1, 2))
    amounts = sorted((row[2] for row in rows if row[1] == sort), reverse=not above)
    if len(amounts) < 5:
        return None
    drawn = _Table(rows, sort, amounts[at], above)
    return drawn if len(drawn.chosen("without")) > 1 and drawn.others() else None


def _draw_sized(rng: Random, sorts: Sequence[str], rule: str, size: int) -> _Table | None:
    for _ in range(_TRIES):
        drawn = _draw_table(rng, sorts)
        if drawn is not None and len(drawn.chosen(rule)) == size:
            return drawn
    return None


def draw(rng: Random) -> Problem | None:
    theme, unit, sorts = rng.choice(_THEMES)
    true, misread = rng.sample(("with", "without"), 2)
    kind = rng.choice(("boundary", "boundary", "lost_element", "extra_element"))
    if kind == "boundary":
        drawn = _draw_table(rng, sorts)
    else:
        # With the size drawn evenly, a selection with one row too few or too many is as frequent as the right one.
        size = rng.randrange(3, 7)
        if not 3 <= size + (1 if kind == "extra_element" else -1) <= 6:
            return None
        drawn = _draw_sized(rng, sorts, true, size)
    if drawn is None:
        return None
    rows, sort, bound, above, chosen, others = (
        drawn.rows, drawn.sort, drawn.bound, drawn.above, drawn.chosen, drawn.others(),
    )  # fmt: skip
    limit = {
        (True, "with"): (f"at least {bound} {unit}", f"{bound} {unit} or more"),
        (True, "without"): (f"more than {bound} {unit}", f"over {bound} {unit}"),
        (False, "with"): (f"at most {bound} {unit}", f"{bound} {unit} or fewer"),
        (False, "without"): (f"fewer than {bound} {unit}", f"under {bound} {unit}"),
    }[above, true]
    listing = table(("town", "sort", unit), rows)
    question = (
        f"The {theme}:\n\n{listing}\n\nTake only the rows of the sort {sort} with {rng.choice(limit)}. How many "
        f"{unit} is that in total?"
    )

    def solve(v: Voice, stated: str, applied: Sequence[int]) -> Working:
        amounts = [rows[at][2] for at in applied]
        total = sum(amounts)
        rule = {
            "with": (f"exactly {bound} still qualifies", f"{bound} itself is within the limit"),
            "without": (f"exactly {bound} no longer qualifies", f"{bound} itself is outside the limit"),
        }[stated]
        halves = (sum(amounts[: len(amounts) // 2]), sum(amounts[len(amounts) // 2 :]))
        side = "upper" if above else "lower"
        return Working(
            task=v.pick(
                f"We filter the table by the sort {sort} and by size, where {v.pick(*rule)}, and add up what is left.",
                f"Two conditions have to hold, the sort {sort} and the {side} range of sizes, where {v.pick(*rule)}.",
                f"We need the total over those {sort} rows that are in the {side} range of sizes.",
                f"The table has to be filtered by the sort {sort} and by size.",
            ),
            plan=v.pick(
                "I go down the table, keep the rows that qualify, and sum them.", "First the rows, then the sum."
            ),
            steps=(
                Step(
                    "select the rows",
                    "rows: " + ", ".join(f"{rows[at][0]} {rows[at][2]}" for at in applied),
                    v.rows(
                        v.pick("These rows meet both conditions:", "Going down the table, I keep:"),
                        [f"{rows[at][0]}, {rows[at][2]} {unit}" for at in applied],
                    ),
                ),
                Step(
                    "add them up",
                    f"{plus(amounts)} = {total}",
                    f"That is {count(len(applied), 'row')}, and the sum is {plus(amounts)} = {total}.",
                ),
            ),
            check=v.pick(
                f"In two parts the sum is {halves[0]} + {halves[1]} = {total}, the same as before.",
                "Running totals down the list: "
                f"{', '.join(str(sum(amounts[:k])) for k in range(1, len(applied) + 1))}.",
            ),
            closing=v.pick(f"In total that is {{}} {unit}.", f"The selected rows hold {{}} {unit}."),
            answer=str(total),
        )

    if kind == "boundary":
        stated = rng.choice((true, misread))
        return Problem(
            question,
            kind,
            right=lambda v: solve(v, true, chosen(true)),
            wrong=lambda v: solve(v, stated, chosen(misread)),
        )
    right = chosen(true)
    # A row at the bound is never the one that is left out, since that would look like the slip in the premise.
    changed = rng.choice(chosen("without") if kind == "lost_element" else others)
    wrong = sorted({*right} ^ {changed})
    return slip(question, kind, lambda v, applied: solve(v, true, applied), right, wrong)
