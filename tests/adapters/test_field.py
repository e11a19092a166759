"""What each of the further adapters makes of its rows; the contract that all share is in test_cards."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec
import pytest

from judgebench import adapters, resources
from judgebench.adapters import adapter, lints, themis
from judgebench.adapters.items import majority, placed, shuffled
from judgebench.errors import BadRow, InputError, UnknownName
from judgebench.types import FIRST, SECOND, TIE, Verdict


def read(name, files, **options):
    card = resources.card(name)
    return list(adapter(card.adapter).items(files, {**card.options, **options}))


def scores(*values: float) -> Verdict:
    return Verdict(scores=values)


# ------------------------------------------------------------------------------------------------- shared pieces


def test_which_response_comes_first_depends_on_the_name_alone_and_evenly() -> None:
    sides = Counter(placed(f"item-{i}", "right", "wrong")[0] for i in range(1000))
    assert 430 < sides["right", "wrong"] < 570
    for i in range(20):
        (one, _), gold = placed(f"item-{i}", "right", "wrong")
        assert gold == (FIRST if one == "right" else SECOND)
    tops = Counter(shuffled(f"item-{i}", 4)[0] for i in range(1000))
    assert sorted(tops) == [0, 1, 2, 3]
    assert min(tops.values()) > 190


def test_a_set_whose_right_response_never_moves_is_refused(bench) -> None:
    loaded = bench("rewardbench2")
    four = [item for item in loaded.items if len(item.responses) == 4]
    fixed = [msgspec.structs.replace(item, gold=scores(1, 0, 0, 0)) for item in four]
    with pytest.raises(InputError, match="always in slot 0; a constant judge would be perfect"):
        lints.require(loaded.card, fixed, as_published=False)


def test_majority() -> None:
    assert majority({"a": FIRST}) == FIRST
    assert majority({"a": FIRST, "b": TIE}) is None
    assert majority({"a": FIRST, "b": TIE, "c": TIE}) == TIE


# ----------------------------------------------------------------------------------------------------- JudgeLM


def test_judgelm_gold_is_what_upstream_s_reader_reads(made_up) -> None:
    items = read("judgelm-val", made_up("judgelm-val"))
    assert [item.gold for item in items] == [scores(9, 2), scores(5, 5), scores(2, 8), None]
    assert items[0].materials.get("reference") is None
    assert items[0].cluster == items[1].cluster != items[2].cluster
    assert lints.label_counts(items) == {"first": 1, "tie": 1, "second": 1, "none": 1}


def test_judgelm_with_references(made_up) -> None:
    items = read("judgelm-val", made_up("judgelm-val"), reference="with")
    assert [item.gold for item in items] == [scores(8, 3), None, scores(7, 7), scores(1, 9)]
    assert {item.materials.get("reference") for item in items} == {"Any colour."}
    with pytest.raises(UnknownName, match="without"):
        read("judgelm-val", made_up("judgelm-val"), reference="maybe")


@pytest.mark.parametrize(
    ("text", "gold"),
    [("8 7\nx", (8, 7)), ("8,7", (8, 7)), ("8, 7", None), ("8  7", None), ("Scores: 8 7", None), ("8.5 7", (8.5, 7)),
     ("-1 5", None), ("nan 5", None), ("", None)],
)  # fmt: skip
def test_judgelm_reads_scores_as_its_golden_rows_have_it(text, gold, made_up, write) -> None:
    files = made_up("judgelm-val") | {"gpt4": write("g.jsonl", [{"question_id": i, "text": text} for i in range(4)])}
    assert read("judgelm-val", files)[0].gold == (None if gold is None else scores(*gold))


def test_judgelm_names_a_question_without_a_judgement(made_up, write) -> None:
    files = made_up("judgelm-val") | {"gpt4": write("g.jsonl", [{"question_id": 0, "text": "8 7"}])}
    with pytest.raises(BadRow, match=r"row 2: question_id 1 has no judgement in g\.jsonl"):
        read("judgelm-val", files)
    files["gpt4"] = write("h.jsonl", [{"question_id": 0, "text": "8 7"}] * 2)
    with pytest.raises(BadRow, match=r"h\.jsonl, row 2: question_id 0 stands in row 1 already"):
        read("judgelm-val", files)


# ---------------------------------------------------------------------------------------------------- rewards


def test_rewardbench_marks_long_conversations(write) -> None:
    row = {"id": 1, "chosen": "a", "rejected": "b", "subset": "donotanswer", "chosen_model": None, "rejected_model": ""}
    turns = [{"role": "user" if i % 2 == 0 else "assistant", "content": str(i)} for i in range(5)]
    (long,) = read("rewardbench", {"pairs": write("a.jsonl", [{**row, "prompt": turns}])})
    (short,) = read("rewardbench", {"pairs": write("b.jsonl", [{**row, "prompt": turns[:3]}])})
    assert (long.facets, short.facets) == ({"long": True}, {})
    assert [message.role for message in short.messages] == ["user", "assistant", "user"]
    assert {response.text for response in short.responses} == {"a", "b"}


def test_rewardbench2_pairs_the_two_variants_of_a_ties_prompt(made_up) -> None:
    items = {item.id: item for item in read("rewardbench2", made_up("rewardbench2"))}
    tied, ref = items["Ties/tied:1"], items["Ties/ref:1"]
    assert tied.facets == {"variant": "tied", "prompt": 1}
    assert tied.cluster == ref.cluster != items["Ties/ref:0"].cluster
    assert (sum(tied.gold.scores), sum(ref.gold.scores)) == (3, 1)
    right = {response.text for response, score in zip(tied.responses, tied.gold.scores, strict=True) if score}
    assert right == {"Red.", "Blue.", "Green."}
    assert all(item.gold.best is not None for name, item in items.items() if not name.startswith("Ties/tied"))


@pytest.mark.parametrize(
    ("change", "message"),
    [({"num_correct": 2}, "num_correct is 2, and chosen has 1 texts"), ({"chosen": []}, "chosen is a list of texts"),
     ({"subset": "Ties"}, "an id is tied: or ref: and a number"),
     ({"subset": "Ties", "id": "tied:²"}, "an id is tied: or ref:")],
)  # fmt: skip
def test_rewardbench2_refuses(change, message, write) -> None:
    row = {"id": "1", "prompt": "Q", "chosen": ["a"], "rejected": ["b"], "num_correct": 1, "subset": "Math", **change}
    with pytest.raises(BadRow, match=message):
        read("rewardbench2", {"sets": write("s.jsonl", [row])})


def test_rm_bench_real_files_in_both_forms(mirror: Path) -> None:
    """Chat and safety-response, as they are upstream."""
    folder = mirror / "rm_bench_partial"
    files = {domain: folder / f"{domain}_filtered.json" for domain in ("chat", "safety-response")}
    pairs, sets = read("rm-bench", files), read("rm-bench", files, form="sets")
    assert (len(sets), len(pairs)) == (129 + 157, 9 * (129 + 157))
    assert Counter(item.subset for item in sets) == {"chat": 129, "safety-response": 157}
    assert {item.cluster for item in pairs} == {item.id for item in sets}
    golds = lints.label_counts(pairs)
    assert 0.45 < golds["first"] / len(pairs) < 0.55
    for item in sets[:20]:
        styles = [int(slot) for slot in item.facets["styles"]]
        assert [item.gold.scores[slot] for slot in styles] == [1, 1, 1, 0, 0, 0]
        nine = [pair for pair in pairs if pair.cluster == item.id]
        for pair in nine:
            right, wrong = sorted(pair.responses, key=lambda r: pair.gold.scores[pair.responses.index(r)], reverse=True)
            assert right == item.responses[styles[pair.facets["right_style"]]]
            assert wrong == item.responses[styles[3 + pair.facets["wrong_style"]]]


def test_m_rewardbench_has_sections_for_subsets(bench) -> None:
    loaded = bench("m-rewardbench")
    assert {item.subset for item in loaded.items} == {"Chat", "Reasoning"}
    assert len({item.language for item in loaded.items}) == 23


def test_ppe_correctness_keeps_the_samples_in_their_order(made_up) -> None:
    items = read("ppe-correctness", made_up("ppe-correctness"))
    assert items[0].gold == scores(1, 0, 1, 0)
    assert [response.text for response in items[0].responses] == ["1", "2", "3", "4"]


# ------------------------------------------------------------------------------------------------ ratings and steps


def test_themis_gold_is_the_majority_or_the_rounded_mean(made_up) -> None:
    items = read("themis-alignbench", made_up("themis-alignbench"))
    assert [item.gold.scores[0] for item in items] == [5, 2, 3, 5, 1]
    assert items[0].raters == {"rater1": scores(5), "rater2": scores(4), "rater3": scores(5)}
    assert items[0].subset == items[0].scenario == "Open QA"
    assert items[0].materials.get("reference") is None
    assert (
        read("themis-alignbench", made_up("themis-alignbench"), reference="with")[0].materials.get("reference")
        == "Any colour."
    )
    named = read("themis-synui", made_up("themis-synui"))
    assert list(named[0].raters) == ["ann-1", "ann-2", "ann-3"]
    assert [item.gold for item in named] == [item.gold for item in items]


@pytest.mark.parametrize(
    ("ratings", "gold"),
    [([1, 1, 5], 1), ([1, 2, 4], 2), ([1, 3, 4], 3), ([1, 2], 2), ([4], 4), ([1, 2, 3, 4], 3)],
)
def test_rounded_means(ratings, gold, write) -> None:
    row = {"id": "1", "prompt": "Q", "response": "A", "scenario": "Translation", "ratings": ratings}
    assert read("themis-synui", {"ratings": write("r.jsonl", [row])})[0].gold == scores(gold)


@pytest.mark.parametrize(
    ("change", "message"),
    [({"ratings": [0, 1, 2]}, "rater1 is one of 1, 2, 3, 4, 5, not 0"), ({"ratings": []}, "one rating or more"),
     ({"ratings": [True]}, "not true"), ({"scenario": "Chess"}, "scenario is one of"), ({"id": ""}, "id is an id")],
)  # fmt: skip
def test_themis_refuses(change, message, write) -> None:
    row = {"id": "1", "prompt": "Q", "response": "A", "scenario": "Translation", "ratings": [1, 2, 3], **change}
    with pytest.raises(BadRow, match=rf"r\.jsonl, row 1: .*{message}"):
        read("themis-synui", {"ratings": write("r.jsonl", [row])})


def test_mr_ben_counts_steps_and_lines(made_up) -> None:
    items = {item.id: item for item in read("mr-ben", made_up("mr-ben"))}
    assert items["physics/u-0/0"].gold == scores(2)
    assert items["physics/u-0/1"].gold == scores(0)
    assert items["physics/u-0/0"].cluster == items["physics/u-0/1"].cluster
    assert items["coding/u-0/0"].gold == scores(2), "the second line"
    assert items["coding/u-0/0"].facets == {"steps": 2}
    assert len(items["physics/u-0/0"].responses) == 1


def test_mr_ben_names_the_solution_that_is_wrong(write) -> None:
    solution = {
        "Question": "Q", "Sampled_Model": "m", "Model_Solution_Steps": ["Step 1"],
        "Model_Solution_Correctness": "incorrect", "Model_Solution_First_Error_Step": "N/A",
    }  # fmt: skip
    path = write("physics.json", {"u": [{**solution, "Model_Solution_First_Error_Step": "1"}], "v": [solution]})
    with pytest.raises(BadRow, match=r"physics\.json, row 2: Model_Solution_First_Error_Step is the number of a step"):
        read("mr-ben", {"physics": path})


# -------------------------------------------------------------------------------------------------- JudgerBench


def test_judgerbench_a_shows_a_dialogue_as_one_response(made_up) -> None:
    items = {item.id: item for item in read("judgerbench-a", made_up("judgerbench-a"))}
    assert Counter(item.subset for item in items.values()) == {"en": 4, "cn": 2}
    assert items["en/0"].responses[0].text == "Red."
    assert items["en/3"].responses[1].text == "[assistant]\nSoup.\n\n[user]\nAnother.\n\n[assistant]\nBread."
    assert [items[f"en/{i}"].gold for i in range(2)] == [FIRST, SECOND]
    assert (items["cn/0"].language, items["en/3"].scenario) == ("zh", "Creation")


def test_judgerbench_b_reads_gold_in_every_set_s_own_form(made_up) -> None:
    items = read("judgerbench-b", made_up("judgerbench-b"))
    expected = [FIRST, scores(0.25, 0.75), None, SECOND, FIRST, scores(1), scores(0), SECOND, scores(0.75, 0.25)]
    assert [item.gold for item in items] == expected
    assert [len(item.responses) for item in items] == [2, 2, 2, 2, 2, 1, 1, 2, 2]
    assert items[1].facets == {"model": "model-yy", "swap": True}
    assert [response.author for response in items[1].responses] == [None, "model-yy"]
    assert items[7].materials.get("rubric") == "Is it a colour?\nOne word?"
    assert len(items[7].messages) == 3


def test_judgerbench_v2_knows_where_the_model_s_response_is(made_up) -> None:
    items = read("judgerbench-v2", made_up("judgerbench-v2"))
    assert len(items) == 40
    for item in items:
        assert item.responses[item.facets["model_slot"]].author == item.facets["model"]


# --------------------------------------------------------------------------------------------------------- people


def test_alpacaeval_gathers_the_votes_on_an_item(made_up) -> None:
    first, second, third = read("alpacaeval-human", made_up("alpacaeval-human"))
    assert (first.gold, second.gold, third.gold) == (FIRST, SECOND, None)
    assert list(first.raters) == ["0", "1", "2", "3"]
    assert second.raters == {"0": FIRST, "1": SECOND, "2": SECOND, "2#2": TIE}
    assert first.facets["generator"] == "model-x|model-y"
    assert first.facets["datasplit"] == "eval"


def test_alpacaeval_knows_a_list_when_upstream_does(write) -> None:
    def facets(*outputs: str) -> dict[str, object]:
        row = {
            "instruction": "Q",
            "output_1": outputs[0],
            "output_2": outputs[1],
            "preference": 1,
            "annotator_index": 0,
        }
        files = {"annotations": write("a.json", [row]), "generators": write("g.json", [])}
        return read("alpacaeval-human", files)[0].facets

    for listed in ("* one", "•one", "- one", "1. one", "2) one", "a) one", "well-known", "So. Then"):
        assert facets("plain words", listed) == {"list": 1}, listed
        assert facets(listed, "plain words") == {"list": 0}
        assert facets(listed, "1. x") == {}
    assert facets("plain, words!", "others (too)") == {}


def test_codejudgebench_reads_the_generators_that_are_asked_for() -> None:
    card = resources.card("codejudgebench")
    assert len(adapters.sources(card)) == 13
    few = adapters.sources(card, {"tasks": "codegen", "generators": "claude_4_opus,qwen3_235b"})
    assert [source.role for source in few] == ["codegen/claude_4_opus", "codegen/qwen3_235b"]
    with pytest.raises(UnknownName, match=r"no generator of codejudgebench named 'gpt'.*claude_4_opus"):
        adapters.sources(card, {"generators": "gpt"})
    with pytest.raises(UnknownName, match="no generator of testgen named 'qwen3_235b'"):
        adapters.sources(card, {"tasks": "testgen", "generators": "qwen3_235b"})


def test_href_shows_the_reference(made_up) -> None:
    first, *_ = read("href", made_up("href"))
    assert (first.materials.get("reference"), first.gold, first.subset) == ("Blue.", FIRST, "Open QA")


def test_faireval_is_its_80_questions(bench) -> None:
    loaded = bench("faireval")
    assert lints.label_counts(loaded.items) == {"first": 41, "second": 25, "tie": 14}
    assert {response.author for item in loaded.items for response in item.responses[:1]} == {"gpt-3.5-turbo:20230327"}
    others = {item.messages[0].content for item in bench("llmbar-faireval").items}
    decided = {item.messages[0].content for item in loaded.items if item.gold != TIE}
    assert others <= decided | {text.strip() for text in decided}
    assert len(decided) == 66


def test_faireval_wants_a_label_for_each_question(mirror, write, tmp_path) -> None:
    folder = mirror / "faireval"
    files = {
        "questions": folder / "question.jsonl",
        "chatgpt": folder / "answer_gpt35.jsonl",
        "vicuna": folder / "answer_vicuna-13b.jsonl",
        "labels": tmp_path / "labels.txt",
    }
    files["labels"].write_text("CHATGPT\r\n" * 79, encoding="utf-8")
    with pytest.raises(InputError, match="79 labels for 80 questions"):
        read("faireval", files)
    files["labels"].write_text("CHATGPT\n" * 79 + "chatgpt", encoding="utf-8")
    with pytest.raises(BadRow, match=r"labels\.txt, row 80: line is one of \"CHATGPT\", \"VICUNA13B\", \"TIE\", not"):
        read("faireval", files)


def test_llmeval2_is_the_counts_of_its_readme(bench) -> None:
    assert lints.label_counts(bench("llmeval2").items) == {"first": 1050, "second": 1021, "tie": 482}
    nameless = [item for item in bench("llmeval2").items if not item.messages]
    assert {item.subset for item in nameless} == {"mt-bench"}
    assert len({item.cluster for item in nameless}) == len(nameless) == 275


def test_alttest_votes_are_those_of_the_mt_bench_snapshot(bench) -> None:
    """Its 246 votes are in the other snapshot, one for one, which names the models in the order of their names."""
    other = {}
    for item in bench("mt-bench-human").items:
        question, models, turn = item.id.split("/")
        other[question, models, turn] = item.raters
    votes = 0
    for item in bench("alttest-mtbench").items:
        question, one, two, turn = item.id.split("__")
        raters = other[question, "-vs-".join(sorted((one, two))), f"turn-{turn}"]
        for rater, vote in item.raters.items():
            theirs = [raters[name] for name in raters if name.split("#")[0] == rater]
            ours = vote if one < two else scores(*vote.scores[::-1])
            assert ours in theirs
            votes += 1
        whole = "[user]" in item.responses[0].text
        assert (len(item.messages), whole) in {(1, False), (1, True), (3, False)}, "a shared first answer is a message"
        assert turn == "2" or (len(item.messages), whole) == (1, False)
    assert votes == 246


def test_alttest_ratings_come_as_numbers_or_texts(write) -> None:
    path = write("p.json", {"a": {"i": "3", "j": 4}, "b": {"i": 3, "j": 5}})
    items = read("alttest-10k-prompts", {"people": path})
    assert [item.gold for item in items] == [scores(3), None]
    for wrong in ("n/a", 0, 6, None, "³"):
        with pytest.raises(BadRow, match=r"p\.json, row 1: i is a number from 1 to 5"):
            read("alttest-10k-prompts", {"people": write("p.json", {"a": {"i": wrong}})})


def test_personalized_shows_or_hides_the_persona(made_up) -> None:
    shown, hidden = (read("personalized", made_up("personalized"), persona=how) for how in ("shown", "hidden"))
    assert shown[0].materials.get("persona") == "Lives by the sea (0)."
    assert hidden[0].materials == {}
    assert [item.gold for item in shown] == [FIRST, SECOND, TIE, FIRST]
    assert len({item.cluster for item in shown}) == 2


# ----------------------------------------------------------------------------------------------------------- pairs


def test_the_others_place_the_right_response_by_name(bench) -> None:
    right = {
        "contextual-judgebench": "positive", "reasoning-judgebench": "positive", "codejudgebench": "a + b",
        "mm-eval": "A chair", "rewardbench": "A chair",
    }  # fmt: skip
    for name in right:
        golds = lints.label_counts(bench(name).items)
        assert set(golds) == {"first", "second"}, name
    for item in bench("codejudgebench").items:
        assert item.responses[item.gold.best].text == "a + b"
    for item in bench("contextual-judgebench").items:
        assert not item.responses[item.gold.best].text.startswith("A chair")
        assert len(item.messages) == (1 if item.subset.endswith("summ") else 2)
    assert [item.gold for item in bench("judgebench-pro").items] == [FIRST, SECOND, FIRST]
    assert [item.gold for item in bench("ppe-preference").items] == [FIRST, SECOND, TIE, TIE]


# --------------------------------------------------------------------------------------------------------- Themis


def test_themis_items_carry_the_criteria_of_their_scenario(made_up, tmp_path) -> None:
    files = made_up("themis-synui")
    items = read("themis-synui", files)
    assert all(item.materials["rubric"].startswith(f"{item.scenario}: ") for item in items)
    assert set(themis.criteria("ours")) == set(themis.SCENARIOS)
    assert {item.materials.get("rubric") for item in read("themis-synui", files, criteria="none")} == {None}
    mine = tmp_path / "mine.yaml"
    mine.write_text(
        "".join(f"{name}: {{is: x, criteria: {{good: y}}}}\n" for name in themis.SCENARIOS), encoding="utf-8"
    )
    assert read("themis-synui", files, criteria=str(mine))[0].materials["rubric"].endswith(": x.\n- good: y")
    mine.write_text("Close QA: {is: x, criteria: {good: y}}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"mine\.yaml: there is nothing on the scenario Open QA"):
        read("themis-synui", files, criteria=str(mine))
    with pytest.raises(InputError, match=r"criteria is ours, none or a file like criteria\.yaml"):
        read("themis-synui", files, criteria="absent.yaml")


def test_rmb_reads_pairs_and_sets(write) -> None:
    def said(name: str) -> dict[str, str]:
        return {"llm_name": name, "answer": name}

    asked = {"conversation_input": [{"role": "user", "content": "Q"}], "category_path": "p"}
    pair = {"pair_uid": "1", "chosen": said("best"), "reject": said("worse"), **asked}
    several = {"bon_uid": "1", "bon_best": said("best"), "loser_list": [said("w1"), said("w2"), said("w3")], **asked}
    roles = "RMB_dataset/Pairwise_set/Helpfulness/Chat/Discussion.json", "RMB_dataset/BoN_set/Harmlessness/S1.json"
    items = read("rmb", dict(zip(roles, (write("a.json", [pair]), write("b.json", [several])), strict=True)))
    assert [(item.id, item.subset, item.scenario) for item in items] == [
        ("pairs/1", "Helpfulness, pairs", "Chat/Discussion"),
        ("best of n/1", "Harmlessness, best of n", "S1"),
    ]
    for item in items:
        assert item.responses[item.gold.best].text == "best"
    assert items[0].cluster == items[1].cluster
    with pytest.raises(BadRow, match=r"b\.json, row 1: loser_list is a list of one response or more"):
        read("rmb", {roles[1]: write("b.json", [{**several, "loser_list": []}])})


def test_ppe_in_pairs_is_what_upstream_drew(made_up, write) -> None:
    files = made_up("ppe-correctness")
    pairs = read("ppe-correctness", files, form="pairs")
    sets = {item.id: item for item in read("ppe-correctness", files)}
    assert {item.gold for item in pairs} == {FIRST, SECOND}
    for item in pairs:
        whole = sets[item.id.rpartition("/")[0]]
        best = whole.responses.index(item.responses[item.gold.best])
        assert whole.gold.scores[best] == 1
        assert item.cluster == whole.cluster
    row = {"question_id": "q", "model_name": "x", "prompt": "Q", "scores": [True, True], "response_1": "1"}
    row |= {"response_2": "2", "sampled_conflict_pairs": [[0, 1]]}
    with pytest.raises(BadRow, match="pair 0 of sampled_conflict_pairs is the indices of a right and a wrong sample"):
        read("ppe-correctness", {"GPQA": write("p.jsonl", [row])}, form="pairs")
