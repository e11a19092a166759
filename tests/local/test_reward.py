"""Models that score: equal to the model asked by hand, each text once, and loud where a score would mean nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from judgebench.errors import InputError, JudgebenchError
from judgebench.judges import open_judge
from judgebench.types import Item, Judgment, Message, Response, Status, Trial

torch = pytest.importorskip("torch", reason="needs the extra: pip install 'judgebench-harness[local]'")
transformers = pytest.importorskip("transformers", reason="needs the extra: pip install 'judgebench-harness[local]'")

from judgebench.backends.local import memory  # noqa: E402
from judgebench.backends.local.packed import Reader  # noqa: E402
from judgebench.backends.reward import classifier  # noqa: E402

pytestmark = [
    pytest.mark.local,
    # DeBERTa's module in transformers says so of itself.
    pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning"),
]

Save = Callable[..., Path]
HEAD = {"head": "SequenceClassification", "num_labels": 1}
CPU = {"device": "cpu"}


def judged(judge: Any, trials: Sequence[Trial]) -> list[Judgment]:
    found = {judgment.key: judgment for judgment in judge.judge(iter(trials))}
    assert len(found) == len(trials)
    return [found[trial.key] for trial in trials]


def shown(judgment: Judgment) -> tuple[float, ...]:
    assert judgment.verdict is not None, judgment.detail
    return tuple(judgment.verdict.scores[slot] for slot in judgment.order)


def turns(trial: Trial, response: str | None) -> list[dict[str, str]]:
    asked = [{"role": message.role, "content": message.content} for message in trial.messages]
    return [*asked, {"role": "assistant", "content": response or ""}]


def by_hand(folder: Path, trial: Trial, **more: Any) -> list[float]:
    """Each response alone, through transformers' own classes."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder, **more)
    scores = []
    for response in trial.responses:
        encoded = tokenizer.apply_chat_template(turns(trial, response), return_tensors="pt", return_dict=True)
        with torch.inference_mode():
            scores.append(model(input_ids=encoded["input_ids"]).logits[0, 0].item())
    return scores


@pytest.mark.parametrize(
    ("family", "shape", "more"),
    [
        ("Llama", {}, {}),
        ("Qwen3", {"head_dim": 16}, {}),
        ("Gemma2", {"head_dim": 16}, {"attn_implementation": "eager"}),
        ("Llama", {"pad_token_id": 1}, {}),
    ],
    ids=["llama", "qwen3", "gemma2, padded", "the padding token also ends the text"],
)
def test_rewards_are_the_models_own(
    saved: Save, trials: list[Trial], family: str, shape: dict[str, Any], more: dict[str, Any]
) -> None:
    folder = saved(family, **HEAD, **shape)
    judge = open_judge(f"rm:{folder}", {**CPU, "selfcheck": "yes", "batch_tokens": "300"})
    for trial, judgment in list(zip(trials, judged(judge, trials), strict=True))[::3]:
        assert shown(judgment) == pytest.approx(by_hand(folder, trial, **more), abs=2e-5)


def test_what_is_equal_is_scored_once(saved: Save, trials: list[Trial], monkeypatch: pytest.MonkeyPatch) -> None:
    judge = open_judge(f"rm:{saved(**HEAD)}", CPU)
    asked: list[Any] = []
    score = type(judge.made.scorer).score  # type: ignore[attr-defined]
    monkeypatch.setattr(
        type(judge.made.scorer), "score", lambda self, cases: (asked.extend(cases), score(self, cases))[1]
    )  # type: ignore[attr-defined]
    first = judged(judge, trials)
    assert len(asked) == len({(trial.messages, text) for trial in trials for text in trial.responses}) < 2 * len(trials)
    again = judged(judge, trials)
    assert [judgment.verdict for judgment in again] == [judgment.verdict for judgment in first]
    assert len(asked) < 2 * len(trials)
    for one, other in zip(first[::2], first[1::2], strict=True):
        assert one.verdict == other.verdict
        assert other.usage is not None
        assert other.usage.prompt_tokens == 0  # the first to ask pays


def test_shared_beginnings_are_read_once(saved: Save, trials: list[Trial]) -> None:
    judge = open_judge(f"rm:{saved(**HEAD)}", CPU)
    read: list[int] = []
    whole = classifier.Head.read

    def counting(self: Any, plan: Any, rows: Any, tokens: Any, positions: Any) -> Any:
        read.append(len(tokens))
        return whole(self, plan, rows, tokens, positions)

    assert judge.made.scorer.packed  # type: ignore[attr-defined]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(classifier.Head, "read", counting)
        judgments = judged(judge, trials)
    assert sum(read) < sum(judgment.usage.prompt_tokens or 0 for judgment in judgments if judgment.usage)


def test_equal_scores_are_a_tie(saved: Save) -> None:
    same = Response(text="The same")
    item = Item(id="1", messages=(Message(role="user", content="?"),), responses=(same, same), cluster="1")
    (judgment,) = judged(open_judge(f"rm:{saved(**HEAD)}", CPU), [Trial.of(item, (0, 1))])
    assert judgment.verdict is not None
    assert judgment.verdict.best is None
    assert judgment.confidence == 0.5


def test_one_response_and_many_are_scored_too(saved: Save) -> None:
    texts = ("one", "two", "three", "four")
    ask = (Message(role="user", content="Which?"),)
    for count in (1, 4):
        responses = tuple(Response(text=text) for text in texts[:count])
        item = Item(id=str(count), messages=ask, responses=responses, cluster="1")
        order = tuple(range(count))[::-1]
        (judgment,) = judged(open_judge(f"rm:{saved(**HEAD)}", CPU), [Trial.of(item, order)])
        assert judgment.verdict is not None
        assert len(judgment.verdict.scores) == count
        assert judgment.confidence is None


def test_a_model_without_a_head_is_refused(saved: Save, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="without a classification head: one would be newly initialized"):
        open_judge(f"rm:{saved()}", CPU)
    # A checkpoint may claim a head that it does not have.
    folder = Path(shutil.copytree(saved(), tmp_path / "headless"))
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    claim = {"architectures": ["LlamaForSequenceClassification"], "id2label": {"0": "reward"}}
    (folder / "config.json").write_text(json.dumps(config | claim), encoding="utf-8")
    judge = open_judge(f"rm:{folder}", CPU)
    with pytest.raises(InputError, match=r"no weights for score\.weight: they would be newly initialized"):
        judged(judge, [Trial.of(_item(), (0, 1))])


def _item() -> Item:
    return Item(
        id="1",
        messages=(Message(role="user", content="Which?"),),
        responses=(Response(text="this"), Response(text="that, rather")),
        cluster="1",
    )


def test_of_several_outputs_one_is_chosen(saved: Save) -> None:
    folder = saved(head="SequenceClassification", num_labels=3)
    with pytest.raises(InputError, match="one of its 3 outputs with -J label=NUMBER: 0 LABEL_0, 1 LABEL_1, 2 LABEL_2"):
        open_judge(f"rm:{folder}", CPU)
    found = {
        label: judged(open_judge(f"rm:{folder}", {**CPU, "label": label}), [Trial.of(_item(), (0, 1))])[0].verdict
        for label in "012"
    }
    assert len({verdict.scores for verdict in found.values() if verdict}) == 3


def test_question_and_response_may_be_joined_by_the_tokenizer(saved: Save) -> None:
    folder = saved(template=None, **HEAD)
    trial = Trial.of(_item(), (0, 1))
    with pytest.raises(InputError, match="no chat template; -J template=pair"):
        open_judge(f"rm:{folder}", CPU)
    (judgment,) = judged(open_judge(f"rm:{folder}", {**CPU, "template": "pair"}), [trial])
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder)
    ids = tokenizer("Which?", "this", return_tensors="pt")["input_ids"]
    assert tokenizer.decode(ids[0]) == "<s>Which?</s>this"
    assert shown(judgment)[0] == pytest.approx(model(input_ids=ids).logits.item(), abs=1e-5)


def test_what_is_cut_off_is_counted(saved: Save, trials: list[Trial]) -> None:
    (judgment,) = judged(open_judge(f"rm:{saved(**HEAD)}", {**CPU, "context": "20"}), trials[:1])
    assert judgment.status == Status.OK
    assert (judgment.detail or "").startswith("response 1: cut on the left: ")
    assert judgment.usage is not None
    assert judgment.usage.prompt_tokens == 40


def test_selfcheck_finds_scores_that_depend_on_the_batch(
    saved: Save, trials: list[Trial], monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = open_judge(f"rm:{saved(**HEAD)}", {**CPU, "selfcheck": "yes"})
    whole = classifier.Head.read

    def leaking(self: Any, plan: Any, rows: Any, tokens: Any, positions: Any) -> Any:
        return whole(self, plan, rows, tokens, positions) + 0.1 * (len(rows) - 2)  # the probe reads two

    monkeypatch.setattr(classifier.Head, "read", leaking)
    with pytest.raises(JudgebenchError, match=r"selfcheck failed: the same text scores .* alone and .* in a batch"):
        judged(judge, trials)


def test_scores_that_are_no_numbers_are_failures(
    saved: Save, trials: list[Trial], monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = open_judge(f"rm:{saved(**HEAD)}", CPU)
    assert judge.made.scorer.packed  # type: ignore[attr-defined]
    monkeypatch.setattr(classifier.Head, "read", lambda *given: torch.full((len(given[2]), 1), float("nan")))
    assert {judgment.status for judgment in judged(judge, trials)} == {Status.FAILED}


def test_out_of_memory_halves_the_batch(saved: Save, trials: list[Trial], monkeypatch: pytest.MonkeyPatch) -> None:
    folder = saved(**HEAD)
    expected = judged(open_judge(f"rm:{folder}", CPU), trials)
    whole = classifier.Head.read
    refused = []

    def cramped(self: Any, plan: Any, rows: Any, tokens: Any, positions: Any) -> Any:
        if len(tokens) > 130:
            refused.append(len(tokens))
            raise torch.OutOfMemoryError
        return whole(self, plan, rows, tokens, positions)

    judge = open_judge(f"rm:{folder}", CPU)
    assert judge.made.scorer.packed  # type: ignore[attr-defined]
    monkeypatch.setattr(classifier.Head, "read", cramped)
    for one, other in zip(judged(judge, trials), expected, strict=True):
        assert shown(one) == pytest.approx(shown(other), abs=1e-5)
    assert refused


OWN = """
import torch
from transformers import LlamaConfig, LlamaPreTrainedModel, LlamaModel

class OwnConfig(LlamaConfig):
    model_type = "judgebench-own"

class OwnReward(LlamaPreTrainedModel):
    config_class = OwnConfig

    def __init__(self, config):
        super().__init__(config)
        self.model = LlamaModel(config)
        self.v_head = torch.nn.Linear(config.hidden_size, 1, bias=False)
        self.post_init()

    def get_score(self, tokenizer, conversation):
        ids = tokenizer.apply_chat_template(conversation, return_tensors="pt", return_dict=True)["input_ids"]
        return self.v_head(self.model(input_ids=ids).last_hidden_state[0, -1]).item()
"""


def test_a_model_with_code_of_its_own_scores_with_it(saved: Save, tmp_path: Path, trials: list[Trial]) -> None:
    from safetensors.torch import load_file, save_file

    folder = Path(shutil.copytree(saved(**HEAD), tmp_path / "own"))
    weights = load_file(folder / "model.safetensors")
    weights["v_head.weight"] = weights.pop("score.weight")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    own = {"model_type": "judgebench-own", "architectures": ["OwnReward"]}
    own["auto_map"] = {"AutoConfig": "own.OwnConfig", "AutoModel": "own.OwnReward"}  # type: ignore[assignment]
    (folder / "config.json").write_text(json.dumps(config | own), encoding="utf-8")
    (folder / "own.py").write_text(OWN, encoding="utf-8")
    with pytest.raises(InputError, match="-J trust_remote_code=yes"):
        open_judge(f"rm:{folder}", CPU)
    judge = open_judge(f"rm:{folder}", {**CPU, "trust_remote_code": "yes"})
    for trial, judgment in zip(trials[:4], judged(judge, trials[:4]), strict=True):
        assert shown(judgment) == pytest.approx(by_hand(saved(**HEAD), trial), abs=2e-5)


# ---------------------------------------------------------------------------------------------- dpo:


def likelihood(folder: Path, trial: Trial, response: str | None) -> tuple[float, int]:
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForCausalLM.from_pretrained(folder)
    whole = tokenizer.apply_chat_template(turns(trial, response), return_dict=True)["input_ids"]
    question = tokenizer.apply_chat_template(turns(trial, "")[:-1], add_generation_prompt=True, return_dict=True)[
        "input_ids"
    ]
    assert whole[: len(question)] == question
    with torch.inference_mode():
        logs = model(input_ids=torch.tensor([whole])).logits[0].double().log_softmax(-1)
    return sum(logs[at - 1, whole[at]].item() for at in range(len(question), len(whole))), len(whole) - len(question)


@pytest.mark.parametrize("family", ["Llama", "Gemma2"], ids=["packed", "one by one"])
def test_dpo_is_the_log_ratio_of_policy_and_reference(saved: Save, trials: list[Trial], family: str) -> None:
    shape = {"head_dim": 16, "attn_logit_softcapping": 1e6} if family == "Gemma2" else {}
    policy, reference = saved(family, **shape), saved(family, seed=1, **shape)
    judge = open_judge(f"dpo:{policy}", {**CPU, "reference": str(reference), "batch_tokens": "200"})
    assert judge.name == f"dpo:{policy}[reference={reference}]"
    for trial, judgment in list(zip(trials, judged(judge, trials), strict=True))[::5]:
        expected = [
            likelihood(policy, trial, text)[0] - likelihood(reference, trial, text)[0] for text in trial.responses
        ]
        assert shown(judgment) == pytest.approx(expected, abs=2e-3)


def test_dpo_without_a_reference_and_per_token(saved: Save, trials: list[Trial]) -> None:
    judge = open_judge(f"dpo:{saved()}", {**CPU, "reference": "none", "average": "yes"})
    (judgment,) = judged(judge, trials[:1])
    expected = [likelihood(saved(), trials[0], text) for text in trials[0].responses]
    assert shown(judgment) == pytest.approx([total / count for total, count in expected], abs=1e-4)


def test_a_reference_with_other_tokens_is_refused(saved: Save, tmp_path: Path) -> None:
    other = Path(shutil.copytree(saved(seed=1), tmp_path / "other"))
    tokenizer = json.loads((other / "tokenizer.json").read_text(encoding="utf-8"))
    vocabulary = tokenizer["model"]["vocab"]
    one, two = sorted(vocabulary)[-2:]
    vocabulary[one], vocabulary[two] = vocabulary[two], vocabulary[one]
    (other / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    with pytest.raises(InputError, match="has other tokens"):
        open_judge(f"dpo:{saved()}", {**CPU, "reference": str(other)})


# ---------------------------------------------------------------------------------------------- pairrm:


@pytest.fixture(scope="session")
def ranker(saved: Save, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from judgebench.backends.reward.pairrm import PairRanker

    folder = tmp_path_factory.mktemp("pairrm")
    shutil.copytree(saved(), folder, dirs_exist_ok=True)
    torch.manual_seed(0)
    config = transformers.DebertaV2Config(
        vocab_size=400, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
        initializer_range=0.3, relative_attention=True, position_buckets=16, pos_att_type=["p2c", "c2p"], n_tasks=2,
        drop_out=0.05, max_position_embeddings=2_048, source_prefix_id=3, cand1_prefix_id=4, cand2_prefix_id=5,
        pad_token_id=2, type_vocab_size=0,
    )  # fmt: skip
    PairRanker(config).save_pretrained(folder)
    return folder


def compared(folder: Path, question: str, first: str, second: str) -> float:
    """The head on the marks of question and answers, put together by hand."""
    from judgebench.backends.reward.pairrm import PairRanker

    model, tokenizer = PairRanker.from_pretrained(folder), transformers.AutoTokenizer.from_pretrained(folder)
    parts = zip(("<|source|>", "<|candidate1|>", "<|candidate2|>"), (question, first, second))
    ids = [token for mark, text in parts for token in tokenizer(mark + text)["input_ids"]]
    with torch.inference_mode():
        read = model.pretrained_model(input_ids=torch.tensor([ids])).last_hidden_state[0]
        source, one, other = (read[ids.index(mark)] for mark in (3, 4, 5))
        ranks = [model.head_layer(torch.cat([source, part])) for part in (one, other)]
    return float((ranks[0] - ranks[1]).mean())


def test_pairrm_reads_both_orders_and_has_none(ranker: Path, trials: list[Trial]) -> None:
    judge = open_judge(f"pairrm:{ranker}", {**CPU, "batch_tokens": "200"})
    judgments = judged(judge, trials)
    for one, other in zip(judgments[::2], judgments[1::2], strict=True):
        assert one.verdict == other.verdict
    trial = trials[0]
    first, second = (text or "" for text in trial.responses)
    question = trial.messages[0].content
    better = compared(ranker, question, first, second) - compared(ranker, question, second, first)
    assert shown(judgments[0]) == pytest.approx((better / 2, -better / 2), abs=1e-4)


def test_pairrm_may_read_what_is_shown(ranker: Path, trials: list[Trial]) -> None:
    judgments = judged(open_judge(f"pairrm:{ranker}", {**CPU, "symmetric": "no"}), trials)
    assert any(one.verdict != other.verdict for one, other in zip(judgments[::2], judgments[1::2], strict=True))
    first, second = (text or "" for text in trials[1].responses)
    better = compared(ranker, trials[1].messages[0].content, first, second)
    assert shown(judgments[1]) == pytest.approx((better / 2, -better / 2), abs=1e-4)


def test_pairrm_cuts_long_texts_and_says_so(ranker: Path) -> None:
    texts = tuple(Response(text="word " * count) for count in (2_000, 10))
    item = Item(id="1", messages=(Message(role="user", content="?"),), responses=texts, cluster="1")
    (judgment,) = judged(open_judge(f"pairrm:{ranker}", CPU), [Trial.of(item, (0, 1))])
    assert judgment.status == Status.OK
    assert "cut on the right" in (judgment.detail or "")


def test_pairrm_compares_two_and_only_pairrms_do(ranker: Path, saved: Save) -> None:
    three = Item(id="1", responses=tuple(Response(text=text) for text in "abc"), cluster="1")
    (judgment,) = judged(open_judge(f"pairrm:{ranker}", CPU), [Trial.of(three, (0, 1, 2))])
    assert judgment.status == Status.FAILED
    assert "compares two responses, not 3" in (judgment.detail or "")
    with pytest.raises(InputError, match="is no PairRM"):
        open_judge(f"pairrm:{saved()}", CPU)


def test_memory_decides_how_much_is_read_at_once(saved: Save) -> None:
    model = Reader(transformers.AutoModelForCausalLM.from_pretrained(saved())).model
    assert memory.budget(model, None) == memory.ON_CPU
    assert memory.budget(model, 100).computed == 100
    assert memory.budget(model, None, logits=True) == memory.ON_CPU
