"""The files under prompts/, and what is said of one that is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from judgebench import parsers, prompts
from judgebench.errors import InputError, UnknownName
from judgebench.judges import open_judge
from judgebench.types import Trial

from .conftest import trial

GOLDEN = Path(__file__).parent / "golden" / "hashes.json"
OURS = (
    "answer-check",
    "class",
    "error-step",
    "five-way",
    "judgerbench-b",
    "pairwise",
    "pairwise-cot",
    "pairwise-reference",
    "personalized",
    "rating-1-10",
    "rating-rubric-1-5",
    "same-reason",
    "ranking",
    "scenario-rating-1-5",
    "steps",
    "two-scores",
)
PINNED = ("arena-hard", "autoj", "judgelm", "pandalm", "prometheus2", "skywork-critic", "vanilla")
FRONT = "---\ntitle: t\nparser: verdict\ngeneration: {max_tokens: 9}\n"


def rendered(text: str, of: Trial | None = None) -> str:
    template = prompts.Template(prompts.read("mine", text), {}, tie=True)
    return template.requests(of or trial(), template.prompt.front.generation)[0].messages[-1].content


def test_what_there_is() -> None:
    assert prompts.names() == tuple(sorted((*OURS, *PINNED)))


@pytest.mark.parametrize("name", OURS + PINNED)
def test_a_prompt_has_what_it_needs(name: str) -> None:
    prompt = prompts.load(name)
    assert prompt.front.parser in parsers.PARSERS
    assert bool(prompt.sources) == (name in PINNED)
    assert all(source.url.endswith(source.name) and len(source.sha256) == 64 for source in prompt.sources)
    assert all("/e2c52c284e735e139b3daa61c206ee208f36c461/" in source.url for source in prompt.sources)
    assert prompt.mirror == ("scalerlab-judgebench" if prompt.sources else None)


def test_hashes(request: pytest.FixtureRequest) -> None:
    """A changed prompt is another protocol: old answers stay apart from new ones. Update the file if that is meant."""
    hashes = {name: prompts.load(name).hash for name in prompts.names()}
    if request.config.getoption("--update-golden"):
        GOLDEN.write_text(json.dumps(hashes, indent=1) + "\n", encoding="utf-8")
    assert hashes == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_what_changes_the_hash() -> None:
    first = prompts.read("mine", FRONT + "---\n{{ question }}")
    assert prompts.read("other", FRONT + "note: n\n---\n{{ question }}").hash == first.hash
    for changed in (FRONT + "---\n{{ question }}!", FRONT + "tie: false\n---\n{{ question }}"):
        assert prompts.read("mine", changed).hash != first.hash
    assert "excellent" in prompts.read("mine", FRONT + '---\n{% include "_scale.j2" %}').body


def test_a_prompt_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "strict.j2"
    path.write_text(FRONT + '---\n{% include "_criteria.j2" %}\nA: {{ answer_a }}\n', encoding="utf-8")
    prompt = prompts.load(str(path))
    assert (prompt.id, prompt.mirror, prompt.sources) == ("strict", None, ())
    with pytest.raises(InputError, match="No such file"):
        prompts.load(str(tmp_path / "absent.j2"))


def test_unknown_name() -> None:
    with pytest.raises(UnknownName, match=r"no prompt named 'pairwise-cots' \(did you mean pairwise-cot\?\)"):
        prompts.load("pairwise-cots")
    with pytest.raises(UnknownName):
        prompts.load("_criteria")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{{ question }}", "begins with its front matter"),
        ("---\ntitle: t\n---\nx", "missing required field"),
        (FRONT + "colour: red\n---\nx", "unknown field `colour`"),
        (FRONT + "shows: both\n---\nx", "Invalid enum value 'both'"),
        (FRONT + "tie: perhaps\n---\nx", "Expected `bool`"),
        (FRONT + "note: !!python/object/apply:os.getcwd []\n---\nx", "could not determine a constructor"),
        (FRONT + '---\n{% include "/etc/passwd" %}', "includes parts of the others"),
        (FRONT + "---\n{%- include question %}", "includes parts of the others"),
        (FRONT + '---\n{% import "_scale.j2" as s %}', "includes parts of the others"),
        (FRONT + '---\n{% include "_absent.j2" %}', "No such file"),
        (FRONT + "---\n", "sources or a template"),
        (FRONT + "sources: [{role: user, name: n, url: u, sha256: s}]\n---\nx", "sources or a template"),
        (FRONT + "sources: [{role: system, name: n, url: u, sha256: s}]\n---\n", "has the role user"),
        (FRONT + "excerpts: {rubric: {role: code, start: 1, end: 2}}\n---\nx", "is of code, which is no source"),
        (FRONT + "tokens: {A: [1, 0], B: [1]}\n---\nx", "equally many scores"),
        (FRONT + "form: text\nretry: {attempts: 2, turn: go on}\n---\nx", "only a chat"),
    ],
)
def test_what_is_wrong_is_said(text: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.j2"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=problem) as caught:
        prompts.load(str(path))
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize(
    "body",
    ["{{ question", "{{ gold }}", "{{ answer_c }}", "{{ ''.__class__.__mro__ }}", "{{ turns[0].text.__globals__ }}"],
)
def test_a_template_sees_what_it_is_given_and_no_more(body: str) -> None:
    with pytest.raises(InputError, match="prompt mine: "):
        rendered(f"{FRONT}---\n{body}")


@pytest.mark.parametrize("name", ["../../../../.ssh/id_ed25519", "/etc/passwd"])
def test_a_prompt_reads_no_file_outside_the_cache(name: str, tmp_path: Path) -> None:
    path = tmp_path / "friendly.j2"
    source = f"{{role: user, name: {name}, url: 'http://127.0.0.1:9/x', sha256: '{64 * '0'}'}}"
    front = FRONT.removeprefix("---\n") + f"sources: [{source}]\n"
    path.write_text(f"---\n{front}---\n", encoding="utf-8")
    with pytest.raises(InputError, match="leads elsewhere"):
        open_judge("server:http://127.0.0.1:9/v1#m", {"prompt": str(path)})
