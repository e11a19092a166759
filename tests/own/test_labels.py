"""What columns and labels are taken for: guessed where it is clear, asked for where it is not."""

from __future__ import annotations

import pytest

from judgebench.errors import InputError, UnknownName
from tests.own.conftest import golds, opened, pairs

AB = ["first", "second", "tie"]
CLEAR: dict[str, tuple[dict, list]] = {
    "letters": ({"winner": ["A", "b ", "TIE"]}, AB),
    "model_a": ({"winner": ["model_a", "model_b", "tie (bothbad)"]}, AB),
    "columns": ({"preferred": ["response_a", "response_b", "both"]}, AB),
    "Response A": ({"Human Preference": ["Response A", "Response B", "no preference"]}, AB),
    "signs": ({"verdict": ["A>B", "B>>A", "A=B"]}, AB),
    "brackets": ({"label": ["[[A]]", "[[B]]", "[[C]]"]}, AB),
    "sentences": ({"choice": ["A is better", "Response B wins", "equal"]}, AB),
    "ordinals": ({"vote": ["first", "second", "draw"]}, AB),
    "one and two": ({"label": [1, 2, 1]}, ["first", "second", "first"]),
    "one and two as floats": ({"label": [1.0, 2.0, None]}, ["first", "second", None]),
    "authors": (
        {"model_a": "gpt", "model_b": "llama", "winner": ["gpt", "llama", "tie"]}, AB),
    "scores": ({"score_a": [1, 2, 3.5], "score_b": [0, 3, 3.5]}, [(1.0, 0.0), (2.0, 3.0), (3.5, 3.5)]),
    "gold beside raters": ({"gold": ["A", "B", "tie"], "rater_1": "A", "rater_2": "A"}, AB),
}  # fmt: skip


@pytest.mark.parametrize(("columns", "expected"), CLEAR.values(), ids=CLEAR)
def test_labels_that_are_clear_are_read(jsonl, columns, expected) -> None:
    assert [gold if gold != (1.0, 0.0) else "first" for gold in golds(jsonl(pairs(3, **columns)))] == [
        gold if gold != (1.0, 0.0) else "first" for gold in expected
    ]


UNCLEAR = {
    "0 and 1": [0, 1],
    "true and false": [True, False],
    "0, 1 and 2": [0, 1, 2],
    "-1, 0 and 1": [-1, 0, 1],
    "1 alone": [1],
    "A, B and 0": ["A", "B", 0],
    "a scale": [1, 5, 3, 4],
    "words": ["good", "bad"],
}


@pytest.mark.parametrize("labels", UNCLEAR.values(), ids=UNCLEAR)
def test_labels_that_could_mean_several_things_are_asked_for(jsonl, labels) -> None:
    path = jsonl(pairs(8, label=labels))
    with pytest.raises(InputError, match=r"the labels in label are .*; say what each means in .*my\.mapping\.yaml"):
        opened(path)


def test_numbers_in_the_columns_names_are_clear(jsonl) -> None:
    rows = [{"question": f"{n}", "output_0": "a", "output_1": f"b{n}", "winner": n % 2} for n in range(4)]
    assert golds(jsonl(rows)) == ["first", "second", "first", "second"]


def test_the_mapping_says_what_numbers_mean(jsonl) -> None:
    path = jsonl(pairs(3, label=[0, 1, 0.5]), values={0: "second", 1: "first", 0.5: "tie"})
    assert golds(path) == ["second", "first", "tie"]
    path = jsonl(pairs(3, label=["x", "y", "z"]), values={"x": "response_b", "Y": "none", "z": "tie"})
    assert golds(path) == ["second", None, "tie"]


def test_a_later_label_that_was_not_foreseen_is_an_error_and_no_guess(jsonl) -> None:
    rows = pairs(1200, label=["A", "B"])
    rows[1100]["label"] = "2"
    with pytest.raises(InputError, match=r"row 1101: label is one of a \(first\), b \(second\), not \"2\""):
        assert opened(jsonl(rows)).labels


NAMES: dict[str, tuple[dict, dict]] = {
    "alpaca": (
        {"instruction": "Do", "input": "this", "output_1": "a", "output_2": "b", "preference": "1"},
        {"prompt": ("instruction", "input"), "responses": ("output_1", "output_2"), "label": "preference"}),
    "camel case": (
        {"userPrompt": "q", "responseA": "a", "responseB": "b", "Winner": "A"},
        {"prompt": "userPrompt", "responses": ("responseA", "responseB"), "label": "Winner"}),
    "everything": (
        {"item_id": "1", "question": "q", "Answer 1": "a", "Answer 2": "b", "winner": "tie", "question_id": 7,
         "category": "c", "language": "de", "reference_answer": "r", "rubric": "u", "system_prompt": "s",
         "model_1": "m", "model_2": "n", "Unnamed: 0": 1},
        {"id": "item_id", "prompt": "question", "responses": ("Answer 1", "Answer 2"), "label": "winner",
         "cluster": "question_id", "subset": "category", "language": "language", "reference": "reference_answer",
         "rubric": "rubric", "system": "system_prompt", "authors": ("model_1", "model_2")}),
    "three responses": (
        {"prompt": "q", "response_a": "a", "response_b": "b", "response_c": "c", "label": "C"},
        {"responses": ("response_a", "response_b", "response_c")}),
    "rated": (
        {"prompt": "q", "response": "a", "rating_1": 4, "rating_2": 5},
        {"response": "response", "raters": ("rating_1", "rating_2")}),
    "rated once": ({"question": "q", "answer": "a", "score": 4}, {"response": "answer", "label": "score"}),
    "preferred and dispreferred": (
        {"query": "q", "preferred": "a", "dispreferred": "b"}, {"chosen": "preferred", "rejected": "dispreferred"}),
    "named raters": (
        {"prompt": "q", "response_a": "a", "response_b": "b", "annotator_ann": "A", "annotator_ben": "B",
         "annotator_id": "x"},
        {"raters": ("annotator_ann", "annotator_ben")}),
}  # fmt: skip


@pytest.mark.parametrize(("row", "expected"), NAMES.values(), ids=NAMES)
def test_columns_are_known_by_common_names(jsonl, row, expected) -> None:
    layout = opened(jsonl([row, {**row, **({"preference": "2"} if "preference" in row else {})}])).layout
    assert {key: getattr(layout, key) for key in expected} == expected


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"prompt": "q", "x": "a", "y": "b"}, "no column is known to hold the responses; there are: prompt, x, y"),
        ({"x": "q", "chosen": "a", "rejected": "b"}, "no column is known to hold the prompt; there are: x, chosen"),
        ({"prompt": "q", "response_a": "a", "response_b": "b"}, "no column is known to hold the labels"),
    ],
)
def test_what_cannot_be_guessed_is_asked_for(jsonl, row, message) -> None:
    with pytest.raises(InputError, match=message) as caught:
        opened(jsonl([row]))
    assert "my.mapping.yaml" in str(caught.value)


def test_the_right_response_is_first_in_half_of_chosen_and_rejected(jsonl) -> None:
    rows = [{"prompt": f"{n}", "chosen": f"right {n}", "rejected": f"wrong {n}"} for n in range(400)]
    items = list(opened(jsonl(rows)).items)
    first = sum(item.gold.scores == (1.0, 0.0) for item in items)
    assert 160 < first < 240
    for item in items:
        assert item.gold is not None
        assert item.responses[item.gold.best].text.startswith("right")
    assert items == list(opened(jsonl(rows, "again.jsonl")).items)


def test_several_rejected_are_the_best_of_so_many(jsonl) -> None:
    rows = [{"prompt": f"{n}", "chosen": "right", "rejected": ["x", "y", f"{n}"]} for n in range(40)]
    items = list(opened(jsonl(rows)).items)
    assert all(item.responses[item.gold.best].text == "right" for item in items)
    assert len({item.gold.best for item in items}) == 4
    assert opened(jsonl(rows)).card.ties is False


def test_conversations_share_their_first_turns(jsonl) -> None:
    def talk(*said: str) -> list[dict]:
        return [{"role": ("user", "assistant")[n % 2], "content": text} for n, text in enumerate(said)]

    rows = [
        {
            "chosen": talk("Hi", "Hello", "Name a colour", "Blue"),
            "rejected": talk("Hi", "Hello", "Name a colour", "No"),
        },
        {"chosen": talk("Hi", "Hello", "Why", "So"), "rejected": talk("Hi", "Go away", "Why", "No")},
    ]
    one, other = opened(jsonl(rows)).items
    assert [turn.content for turn in one.messages] == ["Hi", "Hello", "Name a colour"]
    assert sorted(response.text for response in one.responses) == ["Blue", "No"]
    assert [turn.content for turn in other.messages] == ["Hi"]
    assert "[user]\nWhy" in (other.responses[0].text or "")
    shared = [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]
    rows = [{"prompt": shared, "response_a": "a", "response_b": "b", "winner": "A"}]
    assert [turn.role for turn in next(iter(opened(jsonl(rows)).items)).messages] == ["user", "assistant"]


def test_dialogues_in_one_text_are_taken_apart(jsonl) -> None:
    begin = "\n\nHuman: Hi\n\nAssistant: Hello\n\nHuman: Name a colour\n\nAssistant: "
    item = next(iter(opened(jsonl([{"chosen": begin + "Blue", "rejected": begin + "No"}])).items))
    assert [turn.content for turn in item.messages] == ["Hi", "Hello", "Name a colour"]
    assert sorted(response.text or "" for response in item.responses) == ["Blue", "No"]


def test_the_mapping_comes_before_the_guess(jsonl) -> None:
    rows = [{**row, "system_b": "s", "topic": "t", "x": "mine"} for row in pairs(2, winner="B", label="A")]
    layout = opened(jsonl(rows, prompt="x", label="label", subset=None)).layout
    assert (layout.prompt, layout.label, layout.subset) == ("x", "label", None)


BAD_MAPPINGS: dict[str, tuple[str, str]] = {
    "an unknown key": ("promt: x", "no key of a mapping .* named 'promt' \\(did you mean prompt\\?\\)"),
    "an unknown column": ("prompt: promt", "no column .* named 'promt' \\(did you mean prompt\\?\\); there are: "),
    "no mapping": ("- prompt", "a mapping is lines of `key: column`, not list"),
    "no YAML": ("prompt: [", "not YAML"),
    "code": ("prompt: !!python/object/apply:os.system [true]", "not YAML"),
    "a wrong meaning": ("values: {a: better}", "in values, a means one of first, second, response_a, response_b, tie"),
    "a wrong choice": ("no_majority: half", "no_majority is none or tie, not 'half'"),
    "a wrong type": ("label: [a, b]", "Expected `str | null`, got `array`"),
    "two ways": ("chosen: response_a\nrejected: response_b\nresponses: [response_a, response_b]", "in one way of"),
    "half a way": ("chosen: response_a", "chosen and rejected are named together"),
    "one response": ("responses: response_a", "responses are two columns or more"),
    "half of long form": ("rater: winner", "rater and vote .* are named together"),
    "a separator": ("separator: ';'", "separator is for CSV and TSV files"),
    "a scale": ("scale: [5, 1]", "scale is \\[lowest, highest\\]"),
}


@pytest.mark.parametrize(("text", "message"), BAD_MAPPINGS.values(), ids=BAD_MAPPINGS)
def test_a_wrong_mapping_is_refused(jsonl, text, message) -> None:
    path = jsonl(pairs(2, winner="A"))
    path.with_name("my.mapping.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        assert opened(path).labels


def test_a_mapping_may_be_named_and_other_options_are_unknown(jsonl, tmp_path) -> None:
    path = jsonl(pairs(2, label=[0, 1]))
    (tmp_path / "other.yaml").write_text("values: {0: second, 1: first}", encoding="utf-8")
    assert [item.gold.best for item in opened(path, mapping=str(tmp_path / "other.yaml")).items] == [1, 0]
    with pytest.raises(UnknownName, match=r"no option of .* named 'n'; there are: mapping"):
        opened(path, n=3)
    with pytest.raises(InputError, match="the mapping cannot be read: No such file"):
        opened(path, mapping="nowhere.yaml")


def test_what_is_shown_is_a_mapping_that_says_the_same(jsonl, tmp_path) -> None:
    path = jsonl(pairs(4, winner=["A", "B", "tie", "model_a"], category="c"))
    data = opened(path)
    shown = [line for line in data.notes if line.startswith("  ") and not line.strip().startswith("(")]
    (tmp_path / "my.mapping.yaml").write_text("\n".join(shown), encoding="utf-8")
    again = opened(path)
    assert again.layout == data.layout
    assert again.card.version == data.card.version
    assert "my.mapping.yaml says" in again.notes[0]
