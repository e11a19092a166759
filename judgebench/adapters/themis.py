"""Ratings in the manner of Themis (2502.02988), from a file that the user supplies: the paper's release could not be
found, so the schema is judgebench's own. One JSON object a line:

    {"id": "17", "prompt": "Name a colour.", "response": "Red.", "scenario": "Open QA", "ratings": [5, 4, 5],
     "model": "model-x", "reference": "Blue."}

    id, prompt, response    required; prompt may be a list of turns {role, content}
    scenario                one of the paper's ten (SCENARIOS below)
    ratings                 whole numbers from 1 to 5: a list, or an object from rater to rating
    question_id             optional: items that share a question; without it the prompt's text decides
    model, reference        optional

Gold is the rating that most raters gave; where no rating has the lead, their mean, rounded to the nearest whole number.
The option `reference` is `without` (the paper's SAG) or `with` (RGG): whether a judge is shown the reference.
`criteria` says by what a judge is told to rate: `ours` (criteria.yaml, by scenario), `none`, or a file of that form.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from judgebench import rows
from judgebench.adapters.items import Files, Options, conversation, majority, materials, middle, option
from judgebench.errors import InputError
from judgebench.types import Item, Record, Response, Verdict, digest

SCENARIOS = (
    "Close QA", "Open QA", "Math QA", "Creative writing", "Informative & professional writing", "Rewriting",
    "Translation", "Reading comprehension & extraction", "Role-playing", "Programming",
)  # fmt: skip
_SCENARIOS = {name: name for name in SCENARIOS}
_RATINGS = {rating: Verdict(scores=(rating,)) for rating in range(1, 6)}


def items(files: Files, options: Options) -> Iterator[Item]:
    with_reference = option(options, "reference", ("without", "with")) == "with"
    rubrics = criteria(str(options.get("criteria", "ours")))
    for row in rows.read(files["ratings"]):
        reference = row.optional_text("reference")
        if with_reference and reference is None:
            raise row.bad("reference is missing, and the option reference=with shows it")
        raters = _raters(row)
        messages = conversation(row, "prompt")
        scenario = row.choice("scenario", _SCENARIOS)
        yield Item(
            id=row.identifier("id"),
            messages=messages,
            responses=(Response(text=row.text("response"), author=row.optional_text("model")),),
            gold=majority(raters) or Verdict(scores=(middle([vote.scores[0] for vote in raters.values()]),)),
            raters=raters,
            materials=materials(reference=reference if with_reference else None, rubric=rubrics.get(scenario)),
            subset=scenario,
            scenario=scenario,
            cluster=row.identifier("question_id") if row.has("question_id") else digest(messages),
        )


class Scenario(Record, frozen=True, kw_only=True):
    """What a scenario is, and its criteria: from the name of each to what a judge should look at."""

    is_: str = msgspec.field(name="is")
    criteria: dict[str, str]


def criteria(chosen: str) -> dict[str, str]:
    """The criteria as a judge is shown them, by scenario. InputError where a file cannot be read or lacks one."""
    if chosen == "none":
        return {}
    path = Path(__file__).with_name("criteria.yaml") if chosen == "ours" else Path(chosen)
    try:
        scenarios = msgspec.yaml.decode(path.read_bytes(), type=dict[str, Scenario])
    except (OSError, ValueError) as error:
        raise InputError(f"criteria is ours, none or a file like criteria.yaml; {path}: {error}") from error
    if lacking := [name for name in SCENARIOS if name not in scenarios]:
        raise InputError(f"{path}: there is nothing on the scenario {lacking[0]}")
    return {name: _as_text(name, scenario) for name, scenario in scenarios.items()}


def _as_text(name: str, scenario: Scenario) -> str:
    lines = [f"- {criterion}: {what}" for criterion, what in scenario.criteria.items()]
    return "\n".join([f"{name}: {scenario.is_}.", *lines])


def _raters(row: rows.Row) -> dict[str, Verdict]:
    value = row.value("ratings")
    if isinstance(value, list):
        value = {f"rater{position}": rating for position, rating in enumerate(value, start=1)}
    ratings = row.within(value, "ratings")
    if not ratings.fields:
        raise row.bad("ratings is a list or an object of one rating or more")
    return {str(rater): ratings.choice(rater, _RATINGS) for rater in ratings.fields}
