"""Where a thought ends in what each family of models writes: real chat templates, made answers, the real way from
tokens to a verdict. Without a family's template (tests/local/fetch_templates.py) its tests say NOT RUN, by its name."""

from __future__ import annotations

import re
from collections.abc import Callable
from os.path import commonprefix
from pathlib import Path

import pytest

from judgebench import parsers, thoughts
from judgebench.judges._reading import Answer, read
from judgebench.judges._settings import settings
from judgebench.types import Generation, Message, Request, Status

from .fetch_templates import TEMPLATES

pytest.importorskip("torch", reason="needs the extra: pip install 'judgebench-harness[local]'")
transformers = pytest.importorskip("transformers", reason="needs the extra: pip install 'judgebench-harness[local]'")

from judgebench.backends.local.encoding import DATE, Encoder  # noqa: E402
from judgebench.backends.local.sampling import Choosing, Draft, Sampler  # noqa: E402

pytestmark = pytest.mark.local
Save = Callable[..., Path]
TEXTS = {family: TEMPLATES.text(family) for family in TEMPLATES.table["templates"]}
"""Looked for before the tests are given an empty cache."""
REAL, DESCRIBED = TEMPLATES.table["templates"], TEMPLATES.table["described"]
SWITCHES = [(family, on) for family, entry in REAL.items() for on in ((True, False) if "switch" in entry else (True,))]
ASKED = "Does A write <think> where B writes </think>? [THINK] End with your verdict."
A, B = (1.0, 0.0), (0.0, 1.0)


def encoder(saved: Save, family: str, *, on: bool = True) -> Encoder:
    """With the family's template, which finds its switch set as a user of transformers would set it."""
    template = TEXTS[family]
    if template is None:
        pytest.skip(f"NOT RUN {family}: template not fetched (tests/local/fetch_templates.py)")
    entry = REAL[family]
    tokenizer = transformers.AutoTokenizer.from_pretrained(saved())
    tokenizer.add_tokens(entry.get("special", []), special_tokens=True)
    switch = entry.get("switch")
    tokenizer.chat_template = f"{{% set {switch} = {str(on).lower()} %}}{template}" if switch else template
    return Encoder(tokenizer, family)


def answer(using: Encoder, written: str, *, tokens: int = 4_096) -> Answer:
    """What the model's tokens come to: at most so many, chosen here instead of by a model."""
    generation = Generation(max_tokens=tokens)
    messages = (Message(role="user", content=ASKED),)
    (prompt,) = using.encode([Request(messages=messages, generation=generation)])
    assert prompt.fits, prompt.detail
    tokenizer = using.tokenizer
    sampler = Sampler(tokenizer, Choosing(ends=frozenset({tokenizer.eos_token_id})))
    draft = Draft(0, prompt.tokens, generation, thought=prompt.thought)
    for token in [*tokenizer(written, add_special_tokens=False)["input_ids"], tokenizer.eos_token_id]:
        if not draft.finish:
            sampler.give(draft, token)
    completion = draft.completion()
    chosen = settings("test", {"prompt": "pairwise-cot"}, "pairwise", None)  # type: ignore[arg-type]
    return read(chosen, completion, parsers.Asked(accepts=()), completion.text, None)[0]


@pytest.mark.parametrize(("family", "on"), SWITCHES)
def test_the_template_s_end_says_whether_it_begins_the_thought(saved: Save, family: str, on: bool) -> None:
    using = encoder(saved, family, on=on)
    (prompt,) = using.encode(
        [Request(messages=(Message(role="user", content=ASKED),), generation=Generation(max_tokens=1))]
    )
    begun = prompt.thought is not None and prompt.thought.begun
    assert begun == ((on and REAL[family]["begun"]) or family == "Nemotron-Nano-v2")


@pytest.mark.parametrize("family", REAL)
def test_the_verdict_is_the_answer_s_and_not_the_thought_s(saved: Save, family: str) -> None:
    using = encoder(saved, family)
    opens, closes = REAL[family]["writes"]
    opens = "" if REAL[family]["begun"] else opens
    # A thought may mention another family's marks, and the draft of a verdict.
    draft = f"{opens}Is it <think> or [THINK] that A has?\nVerdict: A\nno, and so\n{closes}"
    assert answer(using, f"{draft}I compared.\nVerdict: B").scores == B
    assert answer(using, f"{draft}B").scores == B
    assert answer(using, f"{opens}{closes}Verdict: B").scores == B
    cut = f"{opens}so\nVerdict: A\n"
    length = len(using.tokenizer(cut, add_special_tokens=False)["input_ids"])
    ended = answer(using, f"{cut}and what follows is lost", tokens=length)
    assert (ended.status, ended.scores) == (Status.TRUNCATED, ())


@pytest.mark.parametrize("family", REAL)
def test_without_a_thought_all_of_it_is_the_answer(saved: Save, family: str) -> None:
    using = encoder(saved, family, on=False)
    said = answer(using, "I compared.\nVerdict: B")
    begun = REAL[family]["begun"] and "switch" not in REAL[family]
    assert (said.status, said.scores) == ((Status.UNPARSED, ()) if begun else (Status.OK, B))


@pytest.mark.parametrize("family", REAL)
def test_a_thought_that_the_template_writes_stands_between_these_marks(saved: Save, family: str) -> None:
    """Where a template shows the thought of an answer that it is given, the marks around it are those in the table."""
    using = encoder(saved, family)
    told = dict.fromkeys(("reasoning_content", "reasoning", "thinking"), "a thought")
    turns = [Message(role="user", content="asked"), Message(role="assistant", content="an answer")]
    asked, whole = using._applied(turns[:1], answered=False), using._applied(turns, answered=True, **told)
    if not re.search("a thought.*an answer", whole, re.DOTALL):
        pytest.skip(f"{family}: its template does not show thoughts")
    written = whole[len(commonprefix([asked, whole])) :]  # noqa: RUF071
    assert thoughts.outside(written).strip() == "an answer"


@pytest.mark.parametrize("family", REAL)
def test_it_shows_what_it_is_given(saved: Save, family: str) -> None:
    using = encoder(saved, family)
    using.need_template(f"rm:{family}", "choose another", ("user", "assistant"))
    turns = (Message(role="system", content="S-text"), Message(role="user", content="U-text"))
    text = using.rendered(turns)
    assert isinstance(text, str)
    assert "S-text" in text
    assert "U-text" in text
    if "strftime_now" in (TEXTS[family] or ""):
        assert {*re.findall(r"20\d\d-\d\d-\d\d", text)} <= {str(DATE)}


@pytest.mark.parametrize("family", [*REAL, *DESCRIBED])
def test_a_server_s_text_is_read_alike(family: str) -> None:
    opens, closes = (REAL | DESCRIBED)[family]["writes"]
    begun = not opens
    for written in (
        f"{opens}A is.\nVerdict: A\nno.\n{closes}Verdict: B",
        f"A is.\nVerdict: A\nno.\n{closes}Verdict: B",
    ):
        assert parsers.parse("verdict", written, parsers.Asked()).scores == B
    cut = parsers.parse("verdict", f"{opens}A is.\nVerdict: A\nno, si", parsers.Asked(cut=True))
    assert cut.scores is None
    if not (begun or opens.startswith("Here")):  # those have no mark that could not be an answer's own words
        assert parsers.parse("verdict", f"{opens}A is.\nVerdict: A", parsers.Asked()).scores is None


def test_marks_that_no_table_has_are_the_template_s_own(saved: Save) -> None:
    template = (
        "{% for turn in messages %}<|{{ turn.role }}|>"
        "{% if turn.reasoning_content %}<|mull|>{{ turn.reasoning_content }}<|/mull|>{% endif %}"
        "{{ turn.content }}</s>{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
    )
    tokenizer = transformers.AutoTokenizer.from_pretrained(saved())
    tokenizer.add_tokens(["<|mull|>", "<|/mull|>"], special_tokens=True)
    for begins in (False, True):
        tokenizer.chat_template = template.replace("<|assistant|>", "<|assistant|><|mull|>") if begins else template
        using, opens = Encoder(tokenizer, "a model"), "" if begins else "<|mull|>"
        said = answer(using, f"{opens}so\nVerdict: A\nno<|/mull|>Verdict: B")
        assert (said.scores, said.text) == (B, "<think>so\nVerdict: A\nno</think>Verdict: B")
        assert answer(using, f"{opens}so\nVerdict: A\n").status == Status.UNPARSED
        assert answer(using, f"{opens}so\nVerdict: A\nno, rather", tokens=20).status == Status.TRUNCATED


def test_the_documentation_says_which_families_were_met() -> None:
    page = (Path(__file__).parents[2] / "docs/how-to/add-a-judge.md").read_text(encoding="utf-8")
    assert f"| a real chat template, tested with made answers | {', '.join(REAL)} |" in page
    assert f"| described only: nothing real was met | {', '.join(DESCRIBED)} |" in page
