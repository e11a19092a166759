"""Auto-J's pairwise test set: GAIR-NLP/auto-j@2ae17a3965d933232e9cd50302aa0f176249c83b, file
data/test/testdata_pairwise.jsonl.

One object a line; labels are 0 (first), 1 (second), 2 (tie), and two field names have a space. A row made up in that
schema:

    {"scenario": "chitchat", "label": 2, "prompt": "Hello!", "response 1": "Hi.", "response 2": "Hello to you."}

58 scenarios of 24 rows each, in the eight groups that upstream's codes/leaderboard/utils_constants.py forms. There
are no ids: an item's id is its row's index, counted from 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from judgebench import rows
from judgebench.adapters import Recorded
from judgebench.adapters.items import Files, Options, refuse_options, user
from judgebench.adapters.pairing import AB, BA, Pairing, as_shown
from judgebench.errors import InputError
from judgebench.types import FIRST, SECOND, TIE, Item, Label, Response, digest

_LABELS = {0: FIRST, 1: SECOND, 2: TIE}
_SHOWN = {0: (1.0, 0.0), 1: (0.0, 1.0), 2: (0.5, 0.5)}

GROUPS = {
    "Summarization": "post_summarization text_summarization note_summarization",
    "Exam Questions": "math_reasoning solving_exam_question_with_math solving_exam_question_without_math",
    "Code": "code_simplification code_generation explaining_code code_correction_rewriting code_to_code_translation",
    "Rewriting": "text_simplification language_polishing instructional_rewriting text_correction paraphrasing",
    "Creative Writing": "writing_song_lyrics writing_social_media_post writing_blog_post writing_personal_essay "
    "creative_writing writing_advertisement writing_marketing_materials writing_presentation_script counterfactual",
    "Functional Writing": "writing_product_description writing_job_application writing_news_article writing_biography "
    "writing_email writing_legal_document writing_technical_document writing_scientific_paper functional_writing "
    "writing_cooking_recipe",
    "General Communication": "asking_how_to_question open_question analyzing_general explaining_general seeking_advice "
    "recommendation value_judgement verifying_fact chitchat roleplay planning brainstorming",
    "NLP Tasks": "ranking text_to_text_translation data_analysis classification_identification title_generation "
    "question_generation reading_comprehension keywords_extraction information_extraction topic_modeling others",
}
_GROUP = {scenario: group for group, scenarios in GROUPS.items() for scenario in scenarios.split()}


def items(files: Files, options: Options) -> Iterator[Item]:
    for row in rows.read(files["testset"]):
        question = user(row.text("prompt"))
        yield Item(
            id=str(row.number - 1),
            messages=question,
            responses=tuple(Response(text=row.text(f"response {number}")) for number in (1, 2)),
            gold=row.choice("label", _LABELS),
            subset=row.choice("scenario", _GROUP),
            scenario=row.text("scenario"),
            language="en",
            cluster=digest(question),
        )


def recorded(paths: Sequence[Path], labels: Mapping[str, Label], options: Mapping[str, str]) -> Recorded:
    """Reads the verdicts on the stored order and, in a second file, those on the exchanged order: JSON lines of
    {"output": 0, 1 or 2}, where 0 means the first *as shown*. Rows can be matched by their place alone, so each file
    must have as many rows as there are items, and the file of the exchanged order must come second."""
    refuse_options(options)
    if len(paths) not in (1, 2):
        wanted = "one file for the stored order and one for the exchanged"
        raise InputError(f"Auto-J verdicts are {wanted}, not {len(paths)}")
    if len(paths) == 2 and "exchange" in paths[0].name and "exchange" not in paths[1].name:
        raise InputError(f"the verdicts on the stored order come first, then {paths[0].name}")
    pairing = Pairing(labels)
    for path, order in zip(paths, (AB, BA), strict=False):
        verdicts = list(rows.read(path))
        if len(verdicts) != len(labels):
            counts = f"{len(verdicts):,} rows cannot be matched by their place to {len(labels):,} items"
            raise InputError(f"{path}: {counts}")
        for index, row in enumerate(verdicts):
            verdict = as_shown(order, row.choice("output", _SHOWN))
            if str(index) in labels:
                pairing.add(row, str(index), order, verdict)
            else:
                pairing.miss(row, f"no item has the id {index}")
    return pairing.recorded("both" if len(paths) == 2 else "single")
