"""The judge made of a prompt, a parser and a backend: every status, out of order, no more in flight than need be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from math import inf, log
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judgebench.errors import DataUnavailable, InputError
from judgebench.judges._prompted import BETWEEN, Prompted, prompted
from judgebench.judges._settings import PROMPT_OPTIONS
from judgebench.models import Model
from judgebench.options import identity, read
from judgebench.types import (
    FIRST,
    SECOND,
    TIE,
    Backend,
    Completion,
    Finish,
    JudgeRef,
    Judgment,
    Kind,
    Question,
    Request,
    Status,
    Trial,
    Usage,
    Verdict,
    digest,
)

from .conftest import Scripted, said, shown, trial

BOTH = (trial(), trial(swapped=True))


def judge(backend: Backend, prompt: str = "pairwise-cot", **options: str) -> Prompted:
    return opened(options, backend, prompt)


def opened(options: dict[str, str], backend: Any, prompt: str = "pairwise-cot") -> Prompted:
    values = read("api:m", PROMPT_OPTIONS, options)
    model = Model(
        spec="api:m", model="m", identity={"model": "m"}, provenance=backend.provenance, writer=backend, prompt=prompt
    )
    return prompted(model, values)


def name_of(options: dict[str, str], made: Prompted) -> str:
    changed = identity(PROMPT_OPTIONS, read("api:m", PROMPT_OPTIONS, options), made.usual)
    return JudgeRef(kind="api", model="m", options=changed).name


def judgments(
    backend: Backend, trials: Iterable[Trial] = BOTH, prompt: str = "pairwise-cot", **options: str
) -> list[Judgment]:
    return sorted(judge(backend, prompt, **options).judge(trials), key=lambda judgment: judgment.key)


def always(completion: Completion) -> Scripted:
    return Scripted(lambda request: completion)


# ------------------------------------------------------------------------------------------------- one answer a trial


def test_a_verdict_is_in_the_item_s_order() -> None:
    backend = always(said("A is right.\n\nVerdict: A"))
    first, second = judgments(backend)
    assert (first.verdict, second.verdict) == (FIRST, SECOND)
    assert (first.status, first.detail, first.text) == (Status.OK, "A", "A is right.\n\nVerdict: A")
    assert first.usage == Usage(prompt_tokens=10, completion_tokens=2, cost=0.5, seconds=1.0)
    assert [len(request.messages) for request in backend.asked] == [1, 1]


RIGHT_OR_WRONG = Question(kind=Kind.CLASS, labels=("incorrect", "correct"))


def test_a_label_is_a_number_for_each() -> None:
    asked = [trial("Four.", question=RIGHT_OR_WRONG), trial("Five.", item="q2", question=RIGHT_OR_WRONG)]
    right, unread = judgments(
        Scripted(lambda request: said("Correct." if "Four." in shown(request) else "maybe")), asked, "class"
    )
    assert (right.verdict, right.detail) == (SECOND, "correct")
    assert (unread.status, unread.detail) == (Status.UNPARSED, "no label found")


def test_a_prompt_asks_for_what_the_question_is() -> None:
    backend = always(said("Rating: 1"))
    labelled = [trial("Four.", question=RIGHT_OR_WRONG)]
    wants = r"asks for a preference or a number, and the question of item q1 is incorrect, correct \(-J prompt=class"
    with pytest.raises(InputError, match=f"prompt rating-1-10 {wants}"):
        judgments(backend, labelled, "rating-1-10")
    with pytest.raises(InputError, match="prompt class asks for one of the labels, and the question of item q1 is"):
        judgments(backend, [trial()], "class")
    assert not backend.asked
    (other,) = judgments(backend, labelled, "class", parser="rating")
    assert (other.status, other.detail) == (Status.UNPARSED, "1 scores for 2 labels: 1")


EACH_STEP = Question(kind=Kind.STEP, scale=(0, 1))


def stepped(*steps: str, **more: Any) -> Trial:
    return trial("\n\n".join(steps), steps=steps, **{"question": EACH_STEP, **more})


def test_a_verdict_on_steps_is_a_number_for_each() -> None:
    asked = [stepped("Add.", "It is 5.", "So 5."), stepped("Add.", item="q2")]
    several = always(said("Step 1: right\nStep 2: wrong\nStep 3: right"))
    one, unread = judgments(several, asked, "steps")
    assert (one.verdict, one.detail, len(several.asked)) == (Verdict(scores=(0, 1, 0)), "wrong: 2", 2)
    assert (unread.status, unread.detail) == (Status.UNPARSED, "a verdict on step 2 of 1")


def test_steps_that_are_forced_have_a_request_each() -> None:
    def how_likely(request: Request) -> Completion:
        wrong = 0.3 if "Is step 2 " in shown(request) else 0.1
        return Completion(finish=Finish.STOP, text="r", options=(log(0.4 - wrong), log(wrong)))

    backend = Scripted(how_likely)
    (judgment,) = judgments(backend, [stepped("Add.", "It is 5.", "So 5.")], "steps", verdict="forced")
    assert judgment.verdict is not None
    assert judgment.verdict.scores == pytest.approx((0.25, 0.75, 0.25))
    assert (judgment.mass, judgment.confidence, len(backend.asked)) == (pytest.approx(0.4), None, 3)
    assert {request.options for request in backend.asked} == {
        (("right", " right", "Right", " Right"), ("wrong", " wrong", "Wrong", " Wrong"))
    }
    silent = Scripted(lambda request: how_likely(request) if "Is step 1 " in shown(request) else said("?"))
    (failed,) = judgments(silent, [stepped("Add.", "It is 5.")], "steps", verdict="forced")
    assert failed.status == Status.UNPARSED


def test_what_cannot_be_asked_step_by_step() -> None:
    backend = always(said("Step 1: right"))
    for asked, prompt, problem in (
        (trial("a", question=EACH_STEP), "steps", "item q1 does not say what its steps are"),
        (stepped("a", question=Question(kind=Kind.STEP, scale=(-1, 1))), "steps", "item q1 has another scale"),
        (stepped("a"), "error-step", r"is a verdict on each step \(-J prompt=steps asks for that\)"),
        (stepped("a", question=Question(kind=Kind.STEP)), "steps", "and the question of item q1 is a step"),
        (trial(), "steps", "prompt steps asks for a verdict on each step, and the question of item q1 is a preference"),
        (trial("a", "b", question=Question(kind=Kind.RANKING)), "pairwise", "is an order of the responses"),
    ):
        with pytest.raises(InputError, match=problem):
            judgments(backend, [asked], prompt)
    assert not backend.asked


def test_a_ranking_is_minus_the_rank_and_cannot_be_forced() -> None:
    ranked = [trial("a", "b", "c", swapped=True, question=Question(kind=Kind.RANKING))]
    (judgment,) = judgments(always(said("Ranking: A > B = C")), ranked, "ranking")
    assert judgment.verdict == Verdict(scores=(-2, -2, -1)), "A is the third response"
    with pytest.raises(InputError, match="prompt ranking doesn't say what its verdict may be; use verdict=text"):
        judgments(always(said("A")), ranked, "ranking", verdict="forced")


@pytest.mark.parametrize(
    ("completion", "status", "detail"),
    [
        (said("Verdict: B"), Status.OK, "B"),
        (said("Verdict: tie"), Status.OK, "tie"),
        (said("Verdict: B\n", Finish.LENGTH), Status.OK, "B"),
        (said("Verdict: B\n\nThat is beca", Finish.LENGTH), Status.TRUNCATED, "may be cut off or taken back: 'B'"),
        (said("B is wrong because", Finish.LENGTH), Status.TRUNCATED, "cut off at 4096 tokens"),
        (said("<think>Verdict: A", Finish.LENGTH), Status.TRUNCATED, "nothing but thoughts"),
        (said(None, Finish.LENGTH), Status.TRUNCATED, "the answer is empty"),
        (said("I can't help with that."), Status.UNPARSED, "no verdict found"),
        (said("Verdict: neither"), Status.UNPARSED, "the last verdict cannot be read: 'neither'"),
        (said(""), Status.UNPARSED, "the answer is empty"),
        (said(None), Status.UNPARSED, "the answer is empty"),
        (said("Verdict: A", Finish.REFUSED, detail="content filter"), Status.REFUSED, "content filter"),
        (said(None, Finish.REFUSED), Status.REFUSED, "refused, and nobody says why"),
        (said("Verdict: A", Finish.FAILED, detail="429 after 5 attempts"), Status.FAILED, "429 after 5 attempts"),
        (Completion(finish=Finish.FAILED), Status.FAILED, "failed, and nobody says why"),
    ],
)
def test_statuses(completion: Completion, status: Status, detail: str) -> None:
    for judgment in judgments(always(completion)):
        assert judgment.status == status
        assert detail in (judgment.detail or "")
        assert judgment.text == completion.text
        assert judgment.usage == completion.usage


def test_what_the_backend_says_of_the_prompt_is_kept() -> None:
    cut = "cut on the left: 12 and 0 tokens"
    assert judgments(always(said("Verdict: A", detail=cut)))[0].detail == f"A; {cut}"
    assert judgments(always(said("hm", detail=cut)))[0].detail == f"no verdict found; {cut}"


def test_a_tie_that_was_not_on_offer_is_no_verdict() -> None:
    judgment = judgments(always(said("Verdict: tie")), tie="no")[0]
    assert (judgment.status, judgment.detail) == (Status.UNPARSED, "a tie, which was not on offer: tie")
    scores = judgments(always(said("Scores: 7 7")), prompt="two-scores", tie="no")[0]
    assert scores.status == Status.UNPARSED
    assert judgments(always(said("Scores: 7 7")), prompt="two-scores")[0].verdict == Verdict(scores=(7, 7))


def test_a_parser_of_another_shape_reads_nothing() -> None:
    judgment = judgments(always(said("Rating: 7")), parser="rating")[0]
    assert (judgment.status, judgment.detail) == (Status.UNPARSED, "1 scores for 2 responses: 7")


def test_confidence() -> None:
    judgment = judgments(always(said("Confidence: 85\nVerdict: A")), confidence="yes")[0]
    assert (judgment.status, judgment.confidence) == (Status.OK, 0.85)
    assert judgments(always(said("Confidence: 85\nVerdict: A")))[0].confidence is None


@settings(deadline=None)
@given(
    st.sampled_from(["pairwise", "pairwise-cot", "five-way", "two-scores", "rating-1-10"]),
    st.builds(
        Completion,
        finish=st.sampled_from(Finish),
        text=st.none() | st.text() | st.sampled_from(["Verdict: A", "Scores: 8 7", "Rating: 7", "Verdict: A>B"]),
        options=st.lists(st.none() | st.floats()).map(tuple),
        detail=st.none() | st.text(),
    ),
    st.booleans(),
)
def test_no_answer_raises(prompt: str, completion: Completion, forced: bool) -> None:
    options = {"verdict": "forced"} if forced and prompt in ("pairwise", "rating-1-10") else {}
    found = judgments(always(completion), prompt=prompt, **options)
    assert [judgment.key for judgment in found] == [of.key for of in BOTH]


# --------------------------------------------------------------------------------------------- an answer per response


def rated(request: Request) -> Completion:
    return said(f"Rating: {9 if 'Four' in shown(request) else 2}")


def test_ratings_are_asked_once_for_both_orders() -> None:
    for room in (1, 8):  # answered before the other order comes, and still in flight
        backend = Scripted(rated, room=room)
        first, second = judgments(backend, prompt="rating-1-10")
        assert first.verdict == second.verdict == Verdict(scores=(9, 2))
        assert first.text == f"Rating: 9{BETWEEN}Rating: 2"
        assert second.text == f"Rating: 2{BETWEEN}Rating: 9"
        assert len(backend.asked) == 2
        spent = [judgment.usage for judgment in (first, second) if judgment.usage]
        assert sum(usage.cost or 0 for usage in spent) == 1.0
        assert sum(usage.prompt_tokens or 0 for usage in spent) == 20


def test_what_is_not_bound_to_be_equal_is_asked_again() -> None:
    for options, samples in (({"temperature": "0.7"}, (0,)), ({"temperature": "none"}, (0,)), ({}, (0, 1))):
        backend = Scripted(rated)
        trials = [trial(swapped=swapped, sample=sample) for sample in samples for swapped in (False, True)]
        found = judgments(backend, trials, prompt="rating-1-10", **options)
        assert all(judgment.verdict == Verdict(scores=(9, 2)) for judgment in found)
        assert len(backend.asked) == 4


def test_equal_responses_are_one_request() -> None:
    backend = Scripted(rated)
    (judgment,) = judgments(backend, [trial("Four.", "Four.")], prompt="rating-1-10")
    assert (judgment.verdict, len(backend.asked)) == (Verdict(scores=(9, 9)), 1)


def test_one_bad_answer_fails_the_trial_and_all_texts_are_kept() -> None:
    cases = {
        Finish.FAILED: Status.FAILED,
        Finish.REFUSED: Status.REFUSED,
        Finish.LENGTH: Status.TRUNCATED,
        Finish.STOP: Status.UNPARSED,
    }
    for finish, status in cases.items():

        def answer(request: Request, finish: Finish = finish) -> Completion:
            return rated(request) if "Four" in shown(request) else said("hm", finish)

        found = judgments(Scripted(answer), prompt="rating-1-10")
        assert [judgment.status for judgment in found] == [status, status]
        assert found[0].text == f"Rating: 9{BETWEEN}hm"
        assert found[0].usage is not None


def test_a_failed_request_is_not_remembered() -> None:
    outcomes = iter([said(None, Finish.FAILED), said("Rating: 5"), said("Rating: 6")])
    backend = Scripted(lambda request: next(outcomes), room=1)
    first, second = judgments(backend, [trial("Four."), trial("Four.", item="q2")], prompt="rating-1-10")
    assert (first.status, second.status) == (Status.FAILED, Status.OK)


def test_an_unknown_part_makes_the_sum_unknown() -> None:
    def answer(request: Request) -> Completion:
        usage = Usage(prompt_tokens=3, cost=0.1) if "Four" in shown(request) else Usage(prompt_tokens=4)
        return Completion(finish=Finish.STOP, text="Rating: 5", usage=usage)

    (judgment,) = judgments(Scripted(answer), [trial()], prompt="rating-1-10")
    assert judgment.usage == Usage(prompt_tokens=7)
    (judgment,) = judgments(always(Completion(finish=Finish.STOP, text="Rating: 5")), [trial()], prompt="rating-1-10")
    assert judgment.usage is None


# ----------------------------------------------------------------------------------------------------- soft preferences


def forced(*options: float | None, prompt: str = "pairwise", **more: str) -> Judgment:
    """Of the swapped trial, where the options are so likely."""
    logs = tuple(None if chance is None else log(chance) if chance > 0 else -inf for chance in options)
    completion = said("The", Finish.LENGTH, options=logs)
    return judgments(always(completion), prompt=prompt, verdict="forced", **more)[1]


def test_a_forced_verdict_weighs_the_options() -> None:
    judgment = forced(0.6, 0.2, 0.1)
    assert judgment.status == Status.OK
    assert judgment.verdict is not None
    assert judgment.verdict.scores == pytest.approx((0.25 / 0.9, 0.65 / 0.9))
    assert judgment.confidence == pytest.approx(0.6 / 0.9)
    assert judgment.mass == pytest.approx(0.9)
    assert (judgment.chosen, judgment.decision) == (SECOND, SECOND)
    assert judgment.detail == "A 0.667, B 0.222, tie 0.111 of 0.900"
    assert judgment.text == "The"


def test_a_forced_verdict_is_none_the_less_one_where_something_else_is_likelier() -> None:
    judgment = forced(1e-30, 3e-30, 0.0)
    assert judgment.verdict is not None
    assert judgment.verdict.scores == pytest.approx((0.75, 0.25))
    assert judgment.mass == pytest.approx(4e-30)
    assert judgment.decision == FIRST


def test_the_likeliest_option_is_chosen_though_a_tie_is_shared_out() -> None:
    judgment = forced(0.3, 0.2, 0.4)
    assert judgment.chosen == TIE
    assert judgment.verdict is not None
    assert judgment.verdict.best == 1
    assert forced(0.3, 0.3, 0.2).chosen == TIE  # of two that are equally likely, neither


def test_a_forced_verdict_without_ties() -> None:
    judgment = forced(0.6, 0.2, tie="no")
    assert judgment.verdict is not None
    assert judgment.verdict.scores == pytest.approx((0.25, 0.75))
    assert forced(0.4, 0.4, tie="no").status == Status.OK


def test_what_did_not_come_back_leaves_the_mass_unknown() -> None:
    judgment = forced(0.6, 0.2, None)
    assert judgment.verdict is not None
    assert judgment.verdict.scores == pytest.approx((0.25, 0.75))
    assert (judgment.mass, judgment.confidence, judgment.chosen) == (None, None, SECOND)
    assert judgment.detail == "A 0.750, B 0.250; not known of tie"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ((), "how likely the options are did not come back; it would begin with 'The'"),
        ((None, None, None), "how likely the options are did not come back"),
        ((0.0, 0.0, 0.0), "none of the options has any probability"),
    ],
)
def test_no_forced_verdict(options: tuple[float | None, ...], reason: str) -> None:
    judgment = forced(*options)
    assert (judgment.status, judgment.mass, judgment.chosen) == (Status.UNPARSED, None, None)
    assert reason in (judgment.detail or "")


def test_a_forced_rating_is_its_expectation() -> None:
    judgment = forced(*[0.0] * 6, 0.2, 0.0, 0.1, 0.1, prompt="rating-1-10")
    assert judgment.verdict is not None
    assert judgment.verdict.scores == pytest.approx((8.25, 8.25))
    assert (judgment.mass, judgment.chosen, judgment.confidence) == (pytest.approx(0.4), None, None)


def test_what_a_forced_verdict_asks() -> None:
    backend = always(said("A", options=(0.0, 0.0, 0.0)))
    judgments(backend, prompt="pairwise", verdict="forced", logprobs="5")
    (asked, _) = backend.asked
    assert (asked.generation.max_tokens, asked.generation.top_logprobs, asked.lead) == (1, 5, "")
    assert asked.options == (("A", " A"), ("B", " B"), ("tie", " tie", "Tie", " Tie"))
    (rated, _) = judge(backend, "rating-1-10", verdict="forced").preview([trial()])
    assert (rated.lead, rated.options[0], rated.options[9]) == ("Rating:", ("1", " 1"), ("10", " 10"))
    (of_three,) = judge(backend, "pairwise", verdict="forced").preview([trial("1", "2", "3")])
    assert [spellings[0] for spellings in of_three.options] == ["A", "B", "C", "tie"]


def test_responses_may_have_other_letters() -> None:
    for letters, prompt in (("BA", "pairwise"), ("XYZ", "pairwise-cot")):
        backend = always(said("The", options=(log(0.6), log(0.2), log(0.1))))
        judgment = judgments(backend, prompt=prompt, verdict="forced", letters=letters)[0]
        (asked, _) = backend.asked
        first, second = letters[:2]
        assert f"<answer_{first.lower()}>\nFour.\n" in shown(asked)
        assert f"{first} or {second}" in shown(asked)
        assert asked.options == ((first, f" {first}"), (second, f" {second}"), ("tie", " tie", "Tie", " Tie"))
        assert judgment.decision == FIRST  # the first of the options is the letter of what was shown first
        made = judge(backend, prompt, verdict="forced", letters=letters)
        assert made.protocol["words"] == list(letters)
        assert name_of({"verdict": "forced", "letters": letters, "prompt": prompt}, made).endswith(
            f"verdict=forced,letters={letters}]"
        )
    with pytest.raises(InputError, match="B/A are 2 words, and item q1 has 3 responses"):
        judge(backend, "pairwise", verdict="forced", letters="BA").preview([trial("1", "2", "3")])


def test_a_forced_judge_says_what_it_is_forced_to() -> None:
    made = judge(always(said("A")), "pairwise-cot", verdict="logprobs", tie="no")
    assert made.protocol["verdict"] == "forced"
    assert (made.protocol["options"], made.protocol["lead"]) == ({"A": ["A", " A"], "B": ["B", " B"]}, "Verdict:")
    assert made.protocol["generation"] == {"temperature": 0.0, "max_tokens": 1, "top_logprobs": 20}
    assert made.protocol["prompt_hash"] == judge(always(said("A")), "pairwise-cot").protocol["prompt_hash"]


# ------------------------------------------------------------------------------------------------------ second attempts


@pytest.fixture
def arena(mirror: Any) -> Callable[[Scripted], list[Judgment]]:
    return lambda backend: judgments(backend, prompt="arena-hard")


def test_arena_hard_goes_on_where_nothing_was_said(arena: Callable[[Scripted], list[Judgment]]) -> None:
    def answer(request: Request) -> Completion:
        return said("My own answer is four.") if len(request.messages) == 2 else said("[[A>>B]]")

    backend = Scripted(answer)
    first, second = arena(backend)
    assert (first.verdict, second.verdict) == (FIRST, SECOND)
    assert first.text == "My own answer is four.\n[[A>>B]]"
    assert first.usage == Usage(prompt_tokens=20, completion_tokens=4, cost=1.0, seconds=2.0)
    follow_up = backend.asked[-1].messages
    assert [turn.role for turn in follow_up] == ["system", "user", "assistant", "user"]
    assert follow_up[2].content == "My own answer is four."
    assert backend.rounds == 2


@pytest.mark.parametrize(
    ("completion", "status", "requests"),
    [
        (said("hm"), Status.UNPARSED, 4),
        (said("hm", Finish.LENGTH), Status.TRUNCATED, 4),
        (said("[[A>B]] or [[B>A]]"), Status.UNPARSED, 2),
        (said(None), Status.UNPARSED, 2),
        (said("hm", Finish.REFUSED), Status.REFUSED, 2),
        (said("hm", Finish.FAILED), Status.FAILED, 2),
    ],
)
def test_arena_hard_gives_up(
    arena: Callable[[Scripted], list[Judgment]], completion: Completion, status: Status, requests: int
) -> None:
    backend = always(completion)
    assert {judgment.status for judgment in arena(backend)} == {status}
    assert len(backend.asked) == requests


def test_a_second_attempt_does_not_wait_for_the_last_trial(mirror: Any) -> None:
    backend = Scripted(lambda request: said("hm" if len(request.messages) == 2 else "[[A>B]]"), room=4)
    trials = [trial(item=f"q{number}") for number in range(50)]
    assert {judgment.status for judgment in judgments(backend, trials, prompt="arena-hard")} == {Status.OK}
    attempts = [len(request.messages) for request in backend.asked]
    assert attempts.index(4) < 10
    assert Counter(attempts) == {2: 50, 4: 50}


# ------------------------------------------------------------------------------------------------------------ streaming


def test_no_more_is_held_than_is_in_flight() -> None:
    pulled = given_out = most = 0

    def trials() -> Iterator[Trial]:
        nonlocal pulled
        for number in range(10_000):
            for of in BOTH:
                pulled += 1
                yield Trial(item=str(number), order=of.order, messages=of.messages, responses=of.responses)

    backend = Scripted(lambda request: said("A"), room=16)
    backend.asked = _Forgetful()
    for judgment in judge(backend, "pairwise").judge(trials()):
        given_out += 1
        most = max(most, pulled - given_out)
        assert judgment.status == Status.OK
    assert given_out == 20_000
    assert most <= 16 + 1


class _Forgetful(list[Request]):
    def append(self, _: Request) -> None:
        pass


def test_no_trials() -> None:
    backend = always(said("A"))
    assert judgments(backend, []) == []
    assert backend.rounds == 0


def test_the_first_trial_must_fit_and_a_later_one_may_fail() -> None:
    backend = always(said("Verdict: A"))
    with pytest.raises(InputError, match="needs a reference"):
        judgments(backend, BOTH, prompt="pairwise-reference")
    assert backend.asked == []
    trials = [trial(reference="4"), trial(item="q2")]
    fine, misfit = judgments(backend, trials, prompt="pairwise-reference")
    assert fine.status == Status.OK
    assert (misfit.status, misfit.detail) == (
        Status.FAILED,
        "prompt pairwise-reference needs a reference, and item q2 has none",
    )


# ------------------------------------------------------------------------------------------- names, options, provenance


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({}, "api:m"),
        ({"prompt": "pairwise-cot", "temperature": "0", "tie": "yes", "verdict": "text"}, "api:m"),
        ({"prompt": "five-way"}, "api:m[prompt=five-way]"),
        ({"tie": "no", "temperature": "0.70"}, "api:m[tie=no,temperature=0.7]"),
        ({"temperature": "none", "max_tokens": "99", "seed": "3"}, "api:m[temperature=none,max_tokens=99,seed=3]"),
        ({"temperature": "1", "parser": "brackets"}, "api:m[parser=brackets,temperature=1]"),
        ({"prompt": "pairwise", "verdict": "forced"}, "api:m[prompt=pairwise,verdict=forced]"),
        ({"prompt": "pairwise", "verdict": "logprobs"}, "api:m[prompt=pairwise,verdict=forced]"),
        ({"prompt": "pairwise", "verdict": "forced", "logprobs": "20"}, "api:m[prompt=pairwise,verdict=forced]"),
        (
            {"prompt": "pairwise", "verdict": "forced", "logprobs": "5"},
            "api:m[prompt=pairwise,verdict=forced,logprobs=5]",
        ),
    ],
)
def test_two_prompts_are_two_judges(options: dict[str, str], name: str) -> None:
    assert name_of(options, opened(options, always(said("")))) == name


def test_protocol_is_what_changes_the_answers() -> None:
    plain, hot = judge(always(said(""))), judge(always(said("")), temperature="0.7", max_tokens="9")
    assert plain.protocol == {
        "model": "m",
        "prompt": "pairwise-cot",
        "prompt_hash": plain.settings.prompt.hash,
        "parser": "verdict",
        "tie": True,
        "confidence": False,
        "verdict": "text",
        "generation": {"temperature": 0.0, "max_tokens": 4096},
    }
    assert hot.protocol["generation"] == {"temperature": 0.7, "max_tokens": 9}
    assert plain.provenance == {"model": "script"}
    assert plain.needs_texts


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"prompt": "pairwse"}, "no prompt named 'pairwse'"),
        ({"parser": "verdikt"}, "no parser named 'verdikt'"),
        ({"tie": "maybe"}, "api:m: tie is yes or no, not 'maybe'"),
        ({"explain": "yes"}, "prompt pairwise-cot has explain=no, and no other"),
        ({"prompt": "rating-1-10", "tie": "no"}, "prompt rating-1-10 has tie=yes, and no other"),
        ({"temperature": "hot"}, "temperature is a number from 0, or none to leave it to the model, not 'hot'"),
        ({"temperature": "-1"}, "temperature is a number from 0"),
        ({"temperature": "nan"}, "temperature is a number from 0"),
        ({"max_tokens": "0"}, "max_tokens is a whole number from 1, not '0'"),
        ({"max_tokens": "none"}, "max_tokens is a whole number from 1, not 'none'"),
        ({"seed": "9" * 30}, "seed is a whole number"),
        ({"verdict": "soft"}, "verdict is text, json or forced, not 'soft'"),
        ({"verdict": "forced", "prompt": "five-way"}, "prompt five-way doesn't say what its verdict may be"),
        ({"logprobs": "5"}, "goes with verdict=forced"),
        (
            {"prompt": "pairwise", "verdict": "forced", "letters": "AA"},
            "letters is different capital letters or digits, as in BA",
        ),
        ({"prompt": "pairwise", "letters": "BA"}, "words go with verdict=forced and a prompt that names none itself"),
        ({"prompt": "personalized", "verdict": "forced", "letters": "BA"}, "words go with verdict=forced"),
        ({"prompt": "rating-1-10", "verdict": "forced", "letters": "BA"}, "words go with verdict=forced"),
        ({"prompt": "pairwise", "verdict": "forced", "logprobs": "few"}, "logprobs is a whole number from 1"),
        (
            {"verdict": "forced", "confidence": "yes", "top_p": "0.9"},
            "nothing written or drawn; leave out top_p, confidence",
        ),
    ],
)
def test_what_is_wrong_with_options_is_said(options: dict[str, str], problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        opened(options, always(said("")))


def test_every_option_belongs_to_prompts() -> None:
    assert {option.name for option in PROMPT_OPTIONS} >= {
        "prompt",
        "tie",
        "temperature",
        "top_p",
        "max_tokens",
        "seed",
        "logprobs",
        "verdict",
    }


def test_a_seed_is_another_one_for_each_sample() -> None:
    backend = always(said("Verdict: A"))
    judgments(backend, [trial(sample=sample) for sample in (0, 1)], seed="5", temperature="1")
    assert sorted(request.generation.seed or 0 for request in backend.asked) == [5, 6]


def test_preview_asks_nothing() -> None:
    backend = always(said("Verdict: A"))
    requests = judge(backend, "rating-1-10").preview(BOTH)
    assert len(requests) == 4
    assert digest(requests[0]) == digest(requests[3])
    assert backend.asked == []


def test_explaining_takes_more_tokens(mirror: Any) -> None:
    fast, slow = judge(always(said("8 7")), "judgelm"), judge(always(said("8 7")), "judgelm", explain="yes")
    assert fast.preview(BOTH[:1])[0].generation.stop == ("\n",)
    assert slow.preview(BOTH[:1])[0].generation.stop == ()
    assert name_of({"explain": "yes"}, slow) == "api:m[explain=yes]"


def test_a_pinned_prompt_that_differs_is_refused(mirror: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "utils/templates/judgelm_prompt.jinja2"
    copy = tmp_path / "mirror" / "scalerlab-judgebench" / name
    copy.parent.mkdir(parents=True)
    copy.write_bytes((mirror / "scalerlab-judgebench" / name).read_bytes() + b" ")
    monkeypatch.setenv("JUDGEBENCH_MIRROR", str(tmp_path / "mirror"))
    with pytest.raises(InputError, match="is not the pinned file"):
        judge(always(said("8 7")), "judgelm")
    monkeypatch.setenv("JUDGEBENCH_OFFLINE", "1")
    with pytest.raises(DataUnavailable, match=r"pandalm: .* JUDGEBENCH_OFFLINE=1 forbids to download it"):
        judge(always(said("1")), "pandalm")


# ------------------------------------------------------------------------------------------------ labels by force

THREE = Question(kind=Kind.CLASS, labels=("incorrect", "not attempted", "correct"), ordered=True)
CHANCES = tuple(map(log, (0.5, 0.2, 0.1)))


def labelled(**options: str) -> tuple[Prompted, Request, Judgment]:
    """The judge, what it asked about one answer, and its judgment where the options as listed are so likely."""
    backend = always(said("The", Finish.LENGTH, options=CHANCES))
    made = judge(backend, "class", verdict="forced", **options)
    (judgment,) = made.judge([trial("Four.", question=THREE)])
    return made, backend.asked[0], judgment


@pytest.mark.parametrize(
    ("options", "listed", "answers", "scores"),
    [
        ({}, "incorrect, not attempted, correct", "incorrect or not attempted or correct", (5, 2, 1)),
        (
            {"labels": "reversed"},
            "correct, not attempted, incorrect",
            "correct or not attempted or incorrect",
            (1, 2, 5),
        ),
        ({"words": "letters"}, "A (incorrect), B (not attempted), C (correct)", "A or B or C", (5, 2, 1)),
        ({"words": "CBA"}, "C (incorrect), B (not attempted), A (correct)", "C or B or A", (5, 2, 1)),
        ({"words": "x/y/z"}, "x (incorrect), y (not attempted), z (correct)", "x or y or z", (5, 2, 1)),
        (
            {"words": "letters", "labels": "reversed"},
            "A (correct), B (not attempted), C (incorrect)",
            "A or B or C",
            (1, 2, 5),
        ),
    ],
)
def test_a_forced_label_goes_by_its_name_or_by_a_word(
    options: dict[str, str], listed: str, answers: str, scores: tuple[int, ...]
) -> None:
    made, asked, judgment = labelled(**options)
    assert f": {listed}." in shown(asked)
    assert f"Reply with one of these ({answers}), and with nothing else." in shown(asked)
    assert [spellings[0] for spellings in asked.options] == answers.split(" or ")
    assert judgment.verdict is not None
    assert judgment.verdict.scores == pytest.approx([score / 8 for score in scores])
    assert judgment.chosen is not None
    assert judgment.chosen.best == scores.index(5)
    assert (judgment.mass, judgment.confidence, judgment.tie) == (pytest.approx(0.8), pytest.approx(5 / 8), None)
    assert ("lowest to the highest" in shown(asked)) == ("labels" not in options)
    plain, _, _ = labelled()
    assert (made.protocol == plain.protocol) == (not options)
    name = name_of({"verdict": "forced", "prompt": "class", **options}, made)
    assert all(f"{option}={value}" in name for option, value in options.items())


def test_what_a_forced_label_is_asked_again() -> None:
    for options in ({}, {"labels": "reversed"}, {"words": "own"}):
        assert labelled(**options)[0].placebo is None, "names mean something"
    made, _, judgment = labelled(words="letters")
    assert made.placebo is not None
    other, items = made.placebo
    assert items == 200
    (again,) = other.preview([trial("Four.", question=THREE)])
    assert ": C (incorrect), B (not attempted), A (correct)." in shown(again)
    assert [spellings[0] for spellings in again.options] == ["C", "B", "A"]
    (beside,) = other.judge([trial("Four.", question=THREE)])
    assert beside.verdict == judgment.verdict, "in the question's order, whatever the labels are called"
    assert ": A (incorrect), B (not attempted), C (correct)." in shown(
        made.preview([trial("Four.", question=THREE)])[0]
    )
    assert labelled(words="letters", placebo="no")[0].placebo is None


def test_what_it_would_be_asked_with_too_few_words_is_said() -> None:
    backend = always(said("A", options=CHANCES))
    with pytest.raises(InputError, match="X/Y are 2 words, and item q1 has 3 labels"):
        list(judge(backend, "class", verdict="forced", words="XY").judge([trial("Four.", question=THREE)]))
    assert not backend.asked


def test_options_that_a_backend_cannot_read_are_refused_before_anything_is_asked() -> None:
    """Which labels there are is only known when the first trial comes."""

    class SingleTokens(Scripted):
        def require_options(self, who: str, asked: Request) -> int | None:
            if any(" " in spellings[0] for spellings in asked.options):
                raise InputError(f"{who}: more than a token")
            return super().require_options(who, asked)

    backend = SingleTokens(lambda request: said("A", options=CHANCES))
    made = opened({"verdict": "forced"}, backend, "class")
    with pytest.raises(InputError, match="more than a token"):
        list(made.judge([trial("Four.", question=THREE)]))
    assert not backend.asked
    (judgment,) = opened({"verdict": "forced", "words": "letters"}, backend, "class").judge(
        [trial("Four.", question=THREE)]
    )
    assert judgment.status == Status.OK


@pytest.mark.parametrize(
    ("words", "prompt", "kind", "shown_as"),
    [
        ("12", "pairwise", "number", "1 or 2"),
        ("XY", "pairwise", "letter", "X or Y"),
        ("first/second", "pairwise", "name", "first or second"),
        ("first/second", "pairwise-cot", "name", "first or second"),
    ],
)
def test_responses_go_by_words(words: str, prompt: str, kind: str, shown_as: str) -> None:
    backend = always(said("The", options=(log(0.6), log(0.2), log(0.1))))
    made = judge(backend, prompt, verdict="forced", words=words)
    (judgment,) = made.judge([trial()])
    (asked,) = backend.asked
    assert f"{shown_as}" in shown(asked)
    assert f"its {kind} ({shown_as})" in shown(asked) or f"{shown_as}, the {kind} of the better answer" in shown(asked)
    assert judgment.decision == FIRST
    assert judgment.tie == pytest.approx(0.1 / 0.9)
    assert made.placebo is not None
    (again,) = made.placebo[0].preview([trial()])
    assert " or ".join(shown_as.split(" or ")[::-1]) in shown(again)
    assert [spellings[0] for spellings in again.options] == [*shown_as.split(" or ")[::-1], "tie"]


def test_a_prompt_that_names_its_responses_itself_has_no_placebo() -> None:
    backend = always(said("A", options=(log(0.6), log(0.2), log(0.1))))
    for prompt in ("personalized", "rating-1-10"):
        assert judge(backend, prompt, verdict="forced").placebo is None
    assert judge(backend, "pairwise").placebo is None
