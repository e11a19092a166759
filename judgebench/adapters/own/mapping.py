"""Which column of a user's file holds what: the keys of a small YAML file. Those that it leaves out are guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

import msgspec
import yaml

from judgebench.errors import InputError, UnknownName
from judgebench.types import Kind, Question, Record

SUFFIX = ".mapping.yaml"


class Layout(Record, frozen=True, kw_only=True):
    """The keys of a mapping. A value is a column's name, unless it says otherwise.

    Two responses and a label, or one right and one wrong response, or one response and ratings. Votes of several people
    are columns of their own (`raters`), or rows of their own (`rater` and `vote`)."""

    id: str | None = None
    """Without it, an item's id is made from its texts."""
    prompt: str | tuple[str, ...] | None = None
    """Several columns become several messages, empty ones left out. A cell is a text or a list of turns."""
    system: str | None = None

    responses: tuple[str, ...] = ()
    """Two columns or more, in the order in which they are stored."""
    chosen: str | None = None
    rejected: str | None = None
    """`chosen` and `rejected` take the place of `responses` and `label`. The item's id decides which comes first, each
    in half of the items. `rejected` may hold a list of texts: the chosen response is then the best of all."""
    response: str | None = None
    """A single response, which is rated, or has one of several labels."""

    label: str | None = None
    """Which response is better, or the rating or label of a single one. Without it gold is what most raters say."""
    question: Question | None = None
    """Of a single response with labels: {kind: class, labels: [fail, pass], positive: pass}; of several responses whose
    order is gold, {kind: ranking}, and a label is then as `B > A = C`. Other questions follow from the columns."""
    ranks: tuple[str, ...] = ()
    """Of a ranking, in place of `label`: a column with the rank of each response, of which 1 is the best."""
    scores: tuple[str, ...] = ()
    """Takes the place of `label`: a column with a number for each response."""
    raters: str | tuple[str, ...] = ()
    """A column for each rater; or one that holds a list of votes, or an object from rater to vote."""
    rater: str | None = None
    vote: str | None = None
    """For files in which a row is one vote: `vote` holds it and `rater` says whose it is."""
    values: dict[str, str] = {}  # noqa: RUF012  (msgspec copies it)
    """What a label means: first, second, tie, none, or the column of the better response."""
    no_majority: str = "none"
    """What gold is where raters are split evenly: `none` (the item has no gold) or `tie`."""
    scale: tuple[float, float] | None = None
    """The lowest and the highest rating; others are refused."""

    authors: tuple[str, ...] = ()
    """For each response, the column that names the model which wrote it."""
    cluster: str | None = None
    """Items with the same value share a question. Without it, items with the same prompt do."""
    subset: str | None = None
    scenario: str | None = None
    language: str | None = None
    reference: str | None = None
    rubric: str | None = None
    materials: dict[str, str] = {}  # noqa: RUF012
    """What else a judge is given, from its name to its column: {context: passage, persona: about_the_user}."""
    images: tuple[str, ...] = ()
    """Columns with pictures for the first turn of the question: a path below the file's folder, base64, or a list."""
    facets: tuple[str, ...] = ()

    separator: str | None = None
    encoding: str | None = None
    """Of a CSV or TSV file."""
    title: str | None = None
    licence: str | None = None
    label_source: str = "human"
    """`human`, `objective` or `model`."""

    @property
    def prompts(self) -> tuple[str, ...]:
        return (self.prompt,) if isinstance(self.prompt, str) else self.prompt or ()

    @property
    def rated(self) -> bool:
        """Whether the items are single responses with ratings."""
        return self.response is not None

    @property
    def ranked(self) -> bool:
        """Whether gold is an order of the responses."""
        return self.question is not None and self.question.kind == Kind.RANKING

    @property
    def labels(self) -> tuple[str, ...]:
        """Of single responses that have labels instead of ratings."""
        return self.question.labels if self.question else ()

    @property
    def answers(self) -> tuple[str, ...]:
        """The columns of the responses, in whichever way they are named."""
        if self.rated:
            return (str(self.response),)
        return self.responses or (str(self.chosen), str(self.rejected))

    @property
    def given(self) -> dict[str, str | None]:
        """The columns of all materials, by name."""
        return {"reference": self.reference, "rubric": self.rubric, **self.materials}

    @property
    def columns(self) -> Iterable[str]:
        """Every column that the layout names."""
        return named({key: getattr(self, key) for key in COLUMNS})


COLUMNS = (
    "id", "prompt", "system", "responses", "chosen", "rejected", "response", "label", "ranks", "scores", "raters",
    "rater", "vote", "authors", "cluster", "subset", "scenario", "language", "reference", "rubric", "materials",
    "images", "facets",
)  # fmt: skip
_LISTS = ("responses", "ranks", "scores", "authors", "images", "facets")
_OF_EVERY_ITEM = ("answer", "conversation", "turn", "image", "materials")
"""What prompts call what every item has; a material may not look like it."""
_CHOICES = {"no_majority": ("none", "tie"), "label_source": ("human", "objective", "model")}


def named(values: Mapping[str, Any]) -> Iterator[str]:
    """The columns that the keys of a mapping name."""
    for key in COLUMNS:
        value = values.get(key)
        yield from (value,) if isinstance(value, str) else value.values() if isinstance(value, Mapping) else value or ()


def beside(path: Path) -> Path:
    """Where a file's mapping is looked for: data/my.csv has data/my.mapping.yaml."""
    return path.with_name(path.stem + SUFFIX)


def read(path: Path) -> dict[str, Any]:
    """The keys that a mapping file sets. InputError names the file, the key and the choices."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InputError(f"{path}: the mapping cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not YAML: {error}") from error
    return keys(content or {}, str(path))


def keys(content: Any, where: str) -> dict[str, Any]:
    """The keys that a mapping sets, checked one by one; `where` is named in errors."""
    if not isinstance(content, Mapping):
        raise InputError(f"{where}: a mapping is lines of `key: column`, not {type(content).__name__}")
    checked: dict[str, Any] = {}
    for key, value in content.items():
        if key not in Layout.__struct_fields__:
            raise UnknownName(f"key of a mapping ({where})", str(key), Layout.__struct_fields__)
        if key in _CHOICES and value not in (None, *_CHOICES[key]):
            raise InputError(f"{where}: {key} is {' or '.join(_CHOICES[key])}, not {value!r}")
        if key == "values" and isinstance(value, Mapping):
            checked[key] = {normal(label): str(meaning) for label, meaning in value.items()}
        else:
            checked[key] = [value] if key in _LISTS and isinstance(value, str) else value
    built({key: value for key, value in checked.items() if value is not None}, where)
    return checked


def built(values: Mapping[str, Any], where: str) -> Layout:
    try:
        return msgspec.convert(dict(values), Layout)
    except msgspec.ValidationError as error:
        raise InputError(f"{where}: {error}") from error


def require(layout: Layout, columns: Sequence[str], where: str) -> None:
    """InputError unless the layout makes sense and its columns are there."""
    for column in layout.columns:
        if column not in columns:
            raise UnknownName(f"column (the mapping of {where} names it)", column, columns)
    ways = {
        "responses": bool(layout.responses),
        "chosen and rejected": layout.chosen is not None or layout.rejected is not None,
        "response": layout.rated,
    }
    ways_used = [way for way, is_used in ways.items() if is_used]
    if len(ways_used) != 1:
        way = f"a mapping names the responses in one way of {', '.join(ways)}"
        raise InputError(f"{where}: {way}; this one has {' and '.join(ways_used) or 'none'}")
    problems = (
        (layout.responses and len(layout.responses) < 2, "responses are two columns or more (one alone is `response`)"),
        ((layout.chosen is None) != (layout.rejected is None), "chosen and rejected are named together"),
        ((layout.rater is None) != (layout.vote is None), "rater and vote (a row is one vote) are named together"),
        (layout.rater is not None and layout.raters, "raters are columns (raters) or rows (rater and vote), not both"),
        (sum(map(bool, (layout.label, layout.scores, layout.ranks))) > 1, "gold is in one of label, scores and ranks"),
        (layout.ranks and not layout.ranked, "ranks are gold of a ranking (question: {kind: ranking})"),
        (layout.ranks and len(layout.ranks) != len(layout.responses), "ranks has one column for each response"),
        (layout.scores and len(layout.scores) != len(layout.responses), "scores has one column for each response"),
        (layout.authors and len(layout.authors) != len(layout.answers), "authors has one column for each response"),
        (layout.chosen is not None and (layout.label or layout.scores), "chosen says what is right: label must go"),
        (
            layout.question and not (layout.labels or layout.ranked),
            "question is of kind class or ranking; others follow from the columns",
        ),
        (layout.labels and not layout.rated, "a question of kind class is about a single response (response)"),
        (layout.ranked and not layout.responses, "a question of kind ranking is about several responses (responses)"),
        (layout.question and (layout.scale or layout.values), "labels and orders have neither a scale nor values"),
        ({"reference", "rubric"} & layout.materials.keys(), "reference and rubric are keys of their own"),
        (layout.scale is not None and layout.scale[0] >= layout.scale[1], "scale is [lowest, highest]"),
    )
    for wrong, problem in problems:
        if wrong:
            raise InputError(f"{where}: {problem}")
    for name in layout.materials:
        if re.fullmatch(r"[a-z][a-z0-9_]*", name) is None or name.startswith(_OF_EVERY_ITEM):
            raise InputError(f"{where}: a material is named in small letters, digits and _, and not {name!r}")


def as_yaml(layout: Layout) -> str:
    """The layout as the text of a YAML file."""
    set_keys = {key: value for key, value in msgspec.to_builtins(layout).items() if value not in (None, (), [], {})}
    lines = []
    for key, value in set_keys.items():
        text: str = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, default_flow_style=True, width=10_000)
        lines.append(f"{key}: {text.removesuffix('...' + chr(10)).strip()}")
    return "\n".join(lines)


def normal(value: Any) -> str:
    """A label in the form in which labels are compared: case, surrounding space, and 1 or 1.0, make no difference."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        text = value.strip().lower()
        try:
            number = float(text) if text[:1] in "+-.0123456789" else None
        except ValueError:
            number = None
        value = text if number is None else number
    if isinstance(value, float):
        return str(int(value)) if isfinite(value) and value == int(value) else str(value)
    return "" if value is None else str(value)
