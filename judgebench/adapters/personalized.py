"""What one person would choose (2406.11657), from a file that the user supplies: the originals hold people's own
data, and their repository has no licence. The schema is judgebench's own, one JSON object a line:

    {"id": "17", "prompt": "Name a colour.", "response_a": "Red.", "response_b": "Blue.", "choice": "A",
     "persona": "Lives by the sea; paints.", "person": "p-3", "set": "PRISM"}

    id, prompt, response_a, response_b, choice    required; choice is A, B or tie; prompt may be a list of turns
    persona                                       what a judge is told about the person
    person                                        optional id: items of one person are one cluster
    set                                           optional: a subset

The option `persona` is `shown` or `hidden` (the paper's ablation). A judge says how sure it is through its confidence.
"""

from __future__ import annotations

from collections.abc import Iterator

from judgebench import rows
from judgebench.adapters.items import Files, Options, conversation, materials, option
from judgebench.types import FIRST, SECOND, TIE, Item, Response, digest

_CHOICES = {"A": FIRST, "B": SECOND, "tie": TIE}


def items(files: Files, options: Options) -> Iterator[Item]:
    shown = option(options, "persona", ("shown", "hidden")) == "shown"
    for row in rows.read(files["choices"]):
        messages = conversation(row, "prompt")
        persona = row.optional_text("persona")
        yield Item(
            id=row.identifier("id"),
            messages=messages,
            responses=tuple(Response(text=row.text(f"response_{side}")) for side in "ab"),
            gold=row.choice("choice", _CHOICES),
            materials=materials(persona=persona if shown else None),
            subset=row.optional_text("set"),
            cluster=row.identifier("person") if row.has("person") else digest(messages),
            facets={"persona": digest(persona)} if persona else {},
        )
