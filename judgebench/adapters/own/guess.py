"""Guesses which column holds what, from names and first rows. A guess is shown, and the user's mapping comes first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from judgebench.adapters.own.mapping import named
from judgebench.errors import InputError

ID = ("id", "item_id", "item", "pair_id", "uid", "uuid", "example_id", "sample_id", "comparison_id", "idx")
PROMPT = (
    "prompt", "question", "instruction", "query", "user_prompt", "user_query", "user_input", "post", "source_text",
    "conversation", "messages", "history", "context", "article", "input",
)  # fmt: skip
SYSTEM = ("system", "system_prompt")
RESPONSE = (
    "response", "answer", "output", "completion", "candidate", "model_output", "model_response", "reply", "generation",
    "summary", "translation", "conversation", "assistant", "text", "ref", "human_ref",
)  # fmt: skip
"""Stems of the columns of responses, the likeliest first."""
CHOSEN = (
    ("chosen", "rejected"), ("chosen_response", "rejected_response"), ("response_chosen", "response_rejected"),
    ("preferred", "dispreferred"), ("preferred", "rejected"), ("preferred_response", "dispreferred_response"),
    ("accepted", "rejected"), ("better", "worse"), ("better_response", "worse_response"),
    ("good", "bad"), ("positive", "negative"), ("winner_response", "loser_response"), ("correct", "incorrect"),
)  # fmt: skip
LABEL = (
    "label", "winner", "preference", "preferred", "verdict", "choice", "gold", "gold_label", "human_preference",
    "human_label", "preferred_response", "better_response", "better", "chosen", "decision", "vote", "annotation",
    "majority", "labels", "ground_truth",
)  # fmt: skip
RATING = (
    "rating", "score", "human_rating", "human_score", "overall", "overall_rating", "overall_score", "quality", "label",
    "gold", "grade", "stars", "vote", "helpfulness",
)  # fmt: skip
RATER = (
    "rater", "rater_id", "annotator", "annotator_id", "worker", "worker_id", "labeler", "labeler_id", "labeller",
    "evaluator", "evaluator_id", "voter", "voter_id", "reviewer", "reviewer_id", "participant", "participant_id",
    "judge", "judge_id", "expert", "expert_id",
)  # fmt: skip
VOTES = ("raters", "annotators", "annotations", "votes", "ratings", "labels")
"""Names of a single column that holds every vote on the item."""
_PEOPLE = r"(?:rater|annotator|annotation|labell?er|evaluator|reviewer|voter)_?\w+"
_NUMBERED = r"(?:worker|expert|human|judge|vote|label|preference|person|user)_?(?:\d+|[a-z])"
_RATINGS = r"(?:rating|score|grade|stars)_?(?:\d+|[a-z])"
_ABOUT_PEOPLE = re.compile(r"(?:^|_)(?:id|ids|name|time|comment|comments|reason|rationale|count|agreement)$")
_LONGEST_VOTE = 40
_AUTHORS = ("model", "author", "model_name", "model_id", "generator", "system", "response_model")
_AUTHORS_OF_CHOSEN = (
    ("chosen_model", "rejected_model"), ("model_chosen", "model_rejected"), ("chosen_author", "rejected_author"),
)  # fmt: skip
_SIDES = ("abcdefgh", "01234567", "12345678", ("first", "second"), ("left", "right"), "xy")
"""What tells the columns of responses apart; the first two of one of these are there, and maybe more."""
OTHERS: Mapping[str, tuple[str, ...]] = {
    "cluster": ("cluster", "question_id", "prompt_id", "query_id", "instruction_id", "group", "doc_id"),
    "subset": ("subset", "category", "domain", "section", "dataset", "source", "task", "topic"),
    "scenario": ("scenario",),
    "language": ("language", "lang"),
    "reference": ("reference", "reference_answer", "ref_answer", "gold_answer"),
    "rubric": ("rubric", "criteria", "criterion", "guideline", "guidelines"),
}

MATERIALS = ("context", "persona")
"""Taken where they stand beside a prompt."""
IMAGES = ("image", "images", "image_path", "image_paths", "image_file", "picture")


def layout(columns: Sequence[str], sample: Sequence[Mapping[str, Any]], user_keys: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of a mapping: the user's, and a guess at the others. A key that the user set to null stays empty."""
    keys = dict(user_keys)
    table = _Columns(columns, named(user_keys))
    if not any(keys.get(key) for key in ("responses", "response", "chosen")):
        keys |= _responses(table)
    pair, rated = bool(keys.get("responses")), bool(keys.get("response"))
    if keys.get("responses") and "authors" not in keys:
        keys["authors"] = _beside(table, keys["responses"], _AUTHORS)
    if keys.get("chosen") and "authors" not in keys:
        keys["authors"] = table.both(_AUTHORS_OF_CHOSEN)
    if pair and not {"scores", "label", "ranks", "vote", "raters"} & user_keys.keys():
        keys["scores"] = _beside(table, keys["responses"], ("score", "rating", "reward", "grade"))
    if "raters" not in keys and "rater" not in keys:
        keys["raters"] = table.votes(sample, rated=rated)
    if not (keys.get("chosen") or keys.get("ranks")):
        keys |= _labels(table, keys, rated=rated)
    for key, names in (("id", ID), ("system", SYSTEM), *OTHERS.items()):
        if key not in keys:
            keys[key] = table.take(names)
    if "prompt" not in keys:
        keys["prompt"] = table.both([("instruction", "input")]) or table.take(PROMPT)
    if "images" not in keys:
        keys["images"] = tuple(filter(None, [table.take(IMAGES)]))
    if "materials" not in keys:
        keys["materials"] = {name: column for name in MATERIALS if (column := table.take((name,)))}
    return {key: value for key, value in keys.items() if value not in (None, (), [], {})}


def _labels(table: _Columns, settled: Mapping[str, Any], *, rated: bool) -> dict[str, Any]:
    """The column of the gold label; or, where a column says who voted, that one and the column of the vote."""
    keys: dict[str, Any] = {}
    names = RATING if rated else LABEL
    if "rater" not in settled and not settled.get("raters"):
        rater = table.find(RATER)
        vote = settled.get("vote") or (table.find(("vote", *names)) if rater else None)
        if rater and vote and not settled.get("label"):
            table.used |= {rater, vote}
            return {"rater": rater, "vote": vote, "label": settled.get("label"), "scores": settled.get("scores")}
    if "label" not in settled and not settled.get("scores") and not settled.get("vote"):
        keys["label"] = table.take(names)
    return keys


def missing(columns: Sequence[str], what: str, where: str, mapping: str, example: str) -> InputError:
    there_are = f"no column is known to hold {what}; there are: {', '.join(columns) or 'none'}"
    return InputError(f"{where}: {there_are}. Name it in {mapping}: {example}")


class _Columns:
    """The columns by plain names (`Response A` and `responseA` are both response_a), and which of them are used."""

    def __init__(self, columns: Sequence[str], used: Iterable[str]) -> None:
        self.plain = {column: plain(column) for column in columns}
        self.used = set(used)

    def free(self) -> dict[str, str]:
        return {column: name for column, name in self.plain.items() if column not in self.used}

    def find(self, names: Sequence[str]) -> str | None:
        free = {name: column for column, name in reversed(self.free().items())}
        return next((free[name] for name in names if name in free), None)

    def take(self, names: Sequence[str]) -> str | None:
        column = self.find(names)
        self.used |= {column} if column is not None else set()
        return column

    def both(self, names: Sequence[tuple[str, str]]) -> tuple[str, ...]:
        """The columns of the first pair of names of which both are there; empty where there is no such pair."""
        for pair in names:
            first, second = (self.find((name,)) for name in pair)
            if first is not None and second is not None:
                self.used |= {first, second}
                return first, second
        return ()

    def sides(self, stems: Sequence[str]) -> tuple[str, ...]:
        """Two columns or more whose names differ in the side alone: response_a and response_b, output1 and output2."""
        for stem in stems:
            by_side = {side: column for column, name in self.free().items() if (side := _side(name, stem)) is not None}
            for sides in _SIDES:
                if set(sides[:2]) <= by_side.keys():
                    return tuple(by_side[side] for side in sides if side in by_side)
        return ()

    def votes(self, sample: Sequence[Mapping[str, Any]], *, rated: bool) -> Any:
        """Columns such as rater_1, rater_2 or annotator_ann, annotator_ben; or one with lists or objects of votes."""
        for pattern in (_PEOPLE, _NUMBERED, _RATINGS)[: 3 if rated else 2]:
            several = [column for column, name in self.free().items() if re.fullmatch(pattern, name)]
            several = [column for column in several if not _ABOUT_PEOPLE.search(self.plain[column])]
            if len(several) > 1 and all(_is_short(row.get(column)) for row in sample for column in several):
                self.used |= set(several)
                return tuple(several)
        for name in VOTES:
            column = self.find((name,))
            values = [row.get(column) for row in sample if column is not None and row.get(column) is not None]
            if column is not None and values and all(isinstance(value, list | Mapping) for value in values):
                self.used.add(column)
                return column
        return None


def _is_short(vote: Any) -> bool:
    return vote is None or (isinstance(vote, str | int | float) and len(str(vote)) <= _LONGEST_VOTE)


def plain(column: str) -> str:
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", column)
    return re.sub(r"\W+|_+", "_", spaced).strip("_").lower()


def _side(name: str, stem: str) -> str | None:
    """The side that a column's name says: `a` for response_a, responsea, a_response, response_a_text and
    model_a_response, where the stem is response."""
    side = r"(a|b|c|d|e|f|g|h|[0-8]|first|second|left|right|x|y)"
    patterns = [rf"{stem}_?{side}", rf"{side}_{stem}", rf"{stem}_{side}_(?:text|content)", rf"\w+_{side}_{stem}"]
    matches = (re.fullmatch(pattern, name) for pattern in patterns)
    return next((match[1] for match in matches if match), None)


def _responses(table: _Columns) -> dict[str, Any]:
    if both := table.both(CHOSEN):
        return {"chosen": both[0], "rejected": both[1]}
    if responses := table.sides(RESPONSE):
        table.used |= set(responses)
        return {"responses": responses}
    single = table.take(("response", "answer", "output", "completion", "generation", "summary", "translation", "reply"))
    return {"response": single} if single else {}


def _beside(table: _Columns, responses: Sequence[str], stems: Sequence[str]) -> tuple[str, ...]:
    """Columns like model_a and model_b that go with response_a and response_b."""
    columns = table.sides(stems)
    if len(columns) != len(responses):
        return ()
    table.used |= set(columns)
    return columns
