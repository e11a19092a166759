"""The Model: what judges, samplers and graders ask, opened by name."""

from __future__ import annotations

import pytest

from judgebench import models
from judgebench.backends.reward import Case, Score
from judgebench.errors import InputError
from judgebench.judges import asking, open_judge
from judgebench.models import SAMPLING, Model, open_model
from judgebench.types import Generation, Message, Request, Usage

ASKED = Request(messages=(Message(role="user", content="x" * 400),), generation=Generation(max_tokens=50))
PRICED = {"price_in": "1", "price_out": "2"}


class OnlyScores:
    """The length of a response."""

    def __init__(self) -> None:
        self.reads = "each"

    def score(self, cases: list[Case]):
        yield from enumerate(Score((float(len(case.responses[0])),)) for case in cases)


def test_a_model_that_scores_writes_nothing_and_says_which_do() -> None:
    model = Model(spec="rm:length", model="length", identity={}, provenance={"device": "a ruler"}, scorer=OnlyScores())
    assert model.scorer is not None
    ((position, score),) = model.scorer.score([Case((), ("four",))])
    assert (position, score.values, model.provenance) == (0, (4.0,), {"device": "a ruler"})
    with pytest.raises(InputError, match=r"rm:length writes no text; .* api:\.\.\., server:\.\.\. or local:"):
        model.require_writer()


def test_a_server_is_named_without_its_address() -> None:
    model, ref, options = open_model(
        "mine=server:http://127.0.0.1:9/v1#org/m", {"extra_body": '{"min_p": 0.1}', "seed": "3"}, SAMPLING
    )
    assert (ref.kind, ref.called, ref.model) == ("server", "mine", "org/m")
    assert model.identity == {"model": "org/m", "extra_body": {"min_p": 0.1}}
    assert options["seed"] == 3
    assert model.provenance["url"] == "http://127.0.0.1:9/v1"


def quoted(options: dict[str, str]) -> Usage | None:
    model, *_ = open_model("server:http://127.0.0.1:9/v1#m", options)
    return model.require_writer().quote(ASKED)


def test_what_is_paid_for_is_quoted_before_it_is_asked() -> None:
    quote = quoted(PRICED)
    assert quote is not None
    assert quote.completion_tokens == 50
    assert quote.cost == pytest.approx(((quote.prompt_tokens or 0) + 2 * 50) / 1e6)
    unpriced = quoted({})
    assert unpriced is not None
    assert unpriced.cost is None


@pytest.mark.parametrize("typed", ["baseline:tie", "replay:x.csv", "nothing", "api:", "table:x"])
def test_what_is_no_model_is_refused_in_one_line(typed: str) -> None:
    with pytest.raises(InputError, match=r"names no model; there are: api:\.\.\., dpo:") as caught:
        open_model(typed, {})
    assert "\n" not in str(caught.value)


def test_an_option_of_judges_is_none_of_models() -> None:
    with pytest.raises(InputError, match=r"option of server:http://127\.0\.0\.1:9/v1#m named 'prompt'"):
        open_model("server:http://127.0.0.1:9/v1#m", {"prompt": "pairwise"}, SAMPLING)


def test_every_kind_of_model_is_a_kind_of_judge() -> None:
    from judgebench import judges

    assert set(models.kinds()) <= set(judges.kinds())


def test_a_judge_that_asks_can_be_looked_at() -> None:
    judge = open_judge("server:http://127.0.0.1:9/v1#m", PRICED)
    asker = asking(judge)
    assert asker is not None
    assert asker.quote(ASKED) == quoted(PRICED)
    assert asking(open_judge("baseline:tie")) is None
    assert not hasattr(judge.made, "backend")
