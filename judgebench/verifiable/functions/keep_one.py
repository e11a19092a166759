"""A list without repeats: does the first or the last copy stay?"""

from __future__ import annotations

from random import Random

from judgebench.verifiable.functions.spec import Spec, block, few


def spec(rng: Random) -> Spec:
    x = rng.choice(("items", "values", "entries"))

    def code(option: str) -> tuple[str, ...]:
        if option == "first":
            return (
                (
                    block(
                        "result = []",
                        f"for item in {x}:",
                        "    if item not in result:",
                        "        result.append(item)",
                        "return result",
                    )
                ),
                f"return [item for place, item in enumerate({x}) if item not in {x}[:place]]",
            )
        return (
            (
                block(
                    "result = []",
                    f"for item in {x}:",
                    "    if item in result:",
                    "        result.remove(item)",
                    "    result.append(item)",
                    "return result",
                )
            ),
            f"return [item for place, item in enumerate({x}) if item not in {x}[place + 1:]]",
        )

    def run(option: str, items: list[int]) -> list[int]:
        return list(dict.fromkeys(items)) if option == "first" else list(dict.fromkeys(items[::-1]))[::-1]

    return Spec(
        names=("keep_one", "without_repeats", "unique"),
        parameters=x,
        purpose=f"returns a new list with every different entry of the list `{x}` exactly once",
        goal="drop repeated entries from a list",
        summary=f"return the different entries of {x}, each once",
        in_question={
            "first": ("of equal entries the first one stays where it is and the later ones are dropped",),
            "last": ("of equal entries the last one stays where it is and the earlier ones are dropped",),
        },
        in_response={
            "first": ("an entry keeps the place where it turns up for the first time", "the earliest copy survives"),
            "last": ("an entry keeps the place where it turns up for the last time", "the latest copy survives"),
        },
        steps=(
            (
                "look at each entry in turn",
                "the entries are looked at in turn",
                "We visit the entries from left to right.",
            ),
            (
                "decide which copy stays",
                "of several copies one stays",
                "For each entry we see whether another copy makes it superfluous.",
            ),
        ),
        code=code,
        run=run,
        draw=lambda rng: (few(rng, 1, 6, 6),),
        error="tie_rule",
        note="The order of the remaining entries does not change.",
    )
