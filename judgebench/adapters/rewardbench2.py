"""RewardBench 2: allenai/reward-bench-2 on the Hugging Face hub, split `test`. The columns are those that
allenai/reward-bench@05a9005efb60 reads.

Rows made up in that schema:

    {"id": "11", "prompt": "Name a colour.", "chosen": ["Red."], "rejected": ["A chair.", "Soup.", "No."],
     "num_correct": 1, "total_completions": 4, "models": ["a", "b", "c", "d"], "subset": "Focus"}
    {"id": "tied:3", "prompt": "Name a colour.", "chosen": ["Red.", "Blue."], "rejected": ["Soup."],
     "num_correct": 2, "total_completions": 3, "models": ["a", "b", "c"], "subset": "Ties"}

Gold has a 1 for every right completion. Upstream lists the right ones first; here the item's id decides the order. In
Ties, `tied:K` has several right completions and `ref:K` one, to the same kind of question: facets `variant` and
`prompt`, and one cluster.
"""

from __future__ import annotations

from collections.abc import Iterator

from judgebench import rows
from judgebench.adapters.items import Files, Options, shuffled, user
from judgebench.types import Item, Response, Verdict, digest

_TIES = "Ties"


def items(files: Files, options: Options) -> Iterator[Item]:
    for row in rows.read(files["sets"]):
        right, wrong = row.texts("chosen"), row.texts("rejected")
        if row.has("num_correct") and row.whole("num_correct") != len(right):
            raise row.bad(f"num_correct is {row.whole('num_correct')}, and chosen has {len(right)} texts")
        subset, prompt = row.text("subset"), row.text("prompt")
        name = f"{subset}/{row.identifier('id')}"
        variant = _variant(row) if subset == _TIES else {}
        order = shuffled(name, len(right) + len(wrong))
        texts = [*right, *wrong]
        yield Item(
            id=name,
            messages=user(prompt),
            responses=tuple(Response(text=texts[index]) for index in order),
            gold=Verdict(scores=tuple(float(index < len(right)) for index in order)),
            subset=subset,
            language="en",
            cluster=f"{_TIES}/{variant['prompt']}" if variant else digest(prompt),
            facets=variant,
        )


def _variant(row: rows.Row) -> dict[str, str | int | float | bool]:
    variant, colon, number = row.identifier("id").partition(":")
    if variant not in ("tied", "ref") or not colon or not (number.isascii() and number.isdigit() and len(number) < 19):
        raise row.bad(f"in {_TIES} an id is tied: or ref: and a number, not {row.identifier('id')[:40]!r}")
    return {"variant": variant, "prompt": int(number)}
