"""`judgebench build-pairs` from a file to a benchmark that judges run on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from judgebench import api, store
from judgebench.cli import main
from judgebench.errors import BelowCoverage, InputError
from judgebench.pairs import sandbox
from judgebench.pairs.building import Choices

Write = Callable[..., Path]
PROGRAM = [sys.executable, "-m", "judgebench"]
WRONG = "I carried wrongly, but the sum is clear.\nAnswer: {}"


def sums(count: int) -> list[dict[str, Any]]:
    """Questions with two right, two wrong and one response without an answer each; subsets of unequal size."""
    return [
        {
            "id": f"q{n}",
            "question": f"What is {n} + {n}?",
            "answer": 2 * n,
            "subset": "small" if n % 3 else "large",
            "responses": [
                {"text": f"Answer: {2 * n}", "model": "m1"},
                {"text": f"{n} + {n} = {2 * n}.\nAnswer: {2 * n}", "model": "m2"},
                {"text": WRONG.format(2 * n + 1), "model": "m1"},
                {"text": f"Answer: {2 * n - 1}", "model": "m2"},
                {"text": "Who knows?", "model": "m2"},
            ],
        }
        for n in range(1, count + 1)
    ]


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def run(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as stop:
        main([str(argument) for argument in arguments])
    assert isinstance(stop.value.code, int)
    return stop.value.code


def test_from_a_file_to_scores(
    jsonl: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    source = jsonl(sums(9))
    assert run("build-pairs", source, "-o", "sums", "-g", "number") == 0
    assert "sums: 9 pairs, graded by number/2" in capsys.readouterr().out
    pairs = rows(tmp_path / "sums" / "sums.jsonl")
    for pair in pairs:
        right = str(2 * int(pair["cluster"][1:]))
        states = [pair[slot].rpartition(" ")[2] == right for slot in ("response_a", "response_b")]
        assert states == [pair["label"] == "A", pair["label"] == "B"]
    # A judge that knows the answers by heart, replayed, is right everywhere; slots are worth nothing.
    scores, _ = api.evaluate("baseline:first", str(tmp_path / "sums" / "sums.jsonl"), results=tmp_path / "results")
    assert scores.metrics["agreement"].value == 0.5
    bench = api.open_benchmark(str(tmp_path / "sums" / "sums.jsonl"))
    assert bench.card.label_source == "objective"
    assert api.open_benchmark(str(tmp_path / "sums")).id == bench.id  # the folder will do
    assert {(label.subset, label.cluster, label.authors) for label in bench.labels} == {
        (pair["subset"], pair["cluster"], (pair["model_a"], pair["model_b"])) for pair in pairs
    }
    verdicts = tmp_path / "verdicts.jsonl"
    verdicts.write_text(
        "".join(json.dumps({"item": pair["id"], "order": "AB", "verdict": pair["label"]}) + "\n" for pair in pairs),
        encoding="utf-8",
    )
    known, unmatched = api.import_recorded("knows", bench, [verdicts], results=tmp_path / "results")
    assert (known.metrics["agreement"].value, unmatched) == (1.0, [])


def test_the_card_says_what_was_done(jsonl: Write, tmp_path: Path) -> None:
    written = sums(9)
    written.append({"id": "easy", "question": "1?", "answer": 1, "responses": ["Answer: 1", "Answer:  1\n"]})
    written.append({"id": "hard", "question": "2?", "answer": 2, "responses": ["Answer: 3", "Answer: 4"]})
    written.append({"id": "mute", "question": "3?", "answer": 3, "responses": ["Hm.", "Answer: 3\nor 4"]})
    result = api.build_pairs(jsonl(written), tmp_path / "out", grader="number")
    counts = result.card.counts
    assert (counts.questions, counts.all_right, counts.all_wrong, counts.without_responses, counts.mixed) == (
        12,
        1,
        1,
        1,
        9,
    )
    assert (counts.responses, counts.duplicates, counts.unreadable, counts.disagree) == (51, 1, 10, 1)
    assert counts.responses == sum(
        (counts.duplicates, counts.unreadable, counts.unreadable_second, counts.disagree, counts.right, counts.wrong)
    )
    said = yaml.safe_load((tmp_path / "out" / "out.card.yaml").read_text(encoding="utf-8"))
    assert said["counts"]["pairs"] == 9
    assert (said["grader"], said["second_grader"]) == (["number/2"], "last-line/2")
    assert sum(said["models"].values()) == 18
    assert (
        said["data"]["sha256"]
        == subprocess.run(
            ["sha256sum", result.path], capture_output=True, encoding="utf-8", check=True
        ).stdout.partition(" ")[0]
    )
    assert [source["name"] for source in said["sources"]] == ["questions.jsonl"]
    graded = rows(tmp_path / "out" / "graded.jsonl")
    assert Counter(row["kept"] for row in graded) == {True: counts.right + counts.wrong, False: 11}
    assert {row["first"]["outcome"] for row in graded} == {"right", "wrong", "unreadable"}


def test_the_seed_decides_everything(jsonl: Write, tmp_path: Path) -> None:
    source = jsonl(sums(20))
    made = [
        api.build_pairs(source, tmp_path / f"out{n}", grader="number", choices=Choices(seed=seed)).path.read_bytes()
        for n, seed in enumerate((1, 1, 2))
    ]
    assert made[0] == made[1] != made[2]


@pytest.mark.parametrize("per_subset", [None, 1, 5])
@pytest.mark.parametrize("per_question", [1, 3])
def test_balance(jsonl: Write, tmp_path: Path, per_subset: int | None, per_question: int) -> None:
    choices = Choices(pairs_per_question=per_question, per_subset=per_subset)
    result = api.build_pairs(jsonl(sums(12)), tmp_path / "out", grader="number", choices=choices)
    pairs = rows(result.path)
    sizes = Counter(pair["subset"] for pair in pairs)
    whole = {"small": 8 * per_question, "large": 4 * per_question}
    assert sizes == {name: min(size, per_subset or size) for name, size in whole.items()}
    for name in sizes:
        first = sum(pair["label"] == "A" for pair in pairs if pair["subset"] == name)
        assert abs(2 * first - sizes[name]) <= 1
    assert abs(2 * sum(pair["label"] == "A" for pair in pairs) - len(pairs)) <= 1
    assert len({pair["id"] for pair in pairs}) == len(pairs)
    if per_subset in (None, 5) and per_question == 3:  # of two right and two wrong, the first two pairs share nothing
        for cluster in {pair["cluster"] for pair in pairs}:
            texts = [
                pair[slot] for pair in pairs if pair["cluster"] == cluster for slot in ("response_a", "response_b")
            ]
            assert len(set(texts)) >= min(4, len(texts))


def test_length_matching(jsonl: Write, tmp_path: Path) -> None:
    source = jsonl(sums(12))
    loose, tight = (
        api.build_pairs(source, tmp_path / "out", grader="number", choices=Choices(match_length=match)).card.length
        for match in (False, True)
    )
    assert abs(tight.ratio - 1) < 0.1 < abs(loose.ratio - 1)


def test_responses_in_files_of_their_own_and_mapped_columns(jsonl: Write, tmp_path: Path) -> None:
    source = jsonl([{"problem_no": n, "problem": f"{n}?", "target": n} for n in (1, 2)])
    one = jsonl([{"problem_no": n, "response": "Answer: 1", "model": "a"} for n in (1, 2)], "one.jsonl")
    two = jsonl([{"problem_no": n, "responses": ["Answer: 2"]} for n in (1, 2)], "two.jsonl")
    columns = {"id": "problem_no"}
    result = api.build_pairs(source, tmp_path / "out", grader="exact", responses=[one, two], columns=columns)
    assert result.card.counts.pairs == 2
    assert result.card.models == {"a": 2, "not stated": 2}
    assert [source.name for source in result.card.sources] == ["questions.jsonl", "one.jsonl", "two.jsonl"]


def test_a_grader_for_each_row(jsonl: Write, tmp_path: Path) -> None:
    source = jsonl(
        [
            {"question": "1?", "answer": 1, "grader": "number", "responses": ["Answer: 1.0", "Answer: 2"]},
            {"question": "?", "answer": "B", "choices": ["x", "y"], "responses": ["Answer: B", "Answer: A"]},
        ]
    )
    result = api.build_pairs(source, tmp_path / "out", grader="choice")
    assert (result.card.grader, result.card.counts.pairs) == (("number/2", "choice/2"), 2)


CODE = "```python\ndef add(a, b):\n    return a {} b\n```"


def test_a_question_whose_own_solution_fails_is_left_out(jsonl: Write, tmp_path: Path) -> None:
    right, wrong = "```python\ndef double(x):\n    return 2 * x\n```", "```python\ndef double(x):\n    return x\n```"
    row = {
        "question": "Double.",
        "tests": "assert double(2) == 4",
        "entry_point": "double",
        "responses": [right, wrong],
    }
    solved = "def double(x): return x + x"
    elsewhere = "```python\nimport nowhere\ndef double(x): pass\n```"
    source = jsonl(
        [
            {**row, "id": "good", "canonical_solution": solved},
            {**row, "id": "bad", "tests": "assert double(2) == 5", "canonical_solution": solved},
            {**row, "id": "nothing known"},
            {**row, "id": "not so here", "responses": [right, wrong, elsewhere]},
        ]
    )
    heard: list[str] = []
    how: Any = {"limits": sandbox.CodeLimits(), "sandbox_floor": "limited", "announce": heard.append}
    made = api.build_pairs(source, tmp_path / "out", grader="tests", **how)
    counts = made.card.counts
    assert (counts.questions, counts.refused, counts.mixed, counts.pairs) == (4, 1, 3, 3)
    (line,) = [line for line in heard if "left out" in line]
    assert line.endswith("row 2: left out: its own reference solution does not pass its tests (a test failed)")
    assert counts.why_unreadable == {"ModuleNotFoundError: No module named 'nowhere'": 1}
    assert any(warning.startswith("2 questions have no reference solution") for warning in made.card.warnings)


ALLOWED = ("--allow-code-execution", "--time-limit", "5", "--sandbox", "limited")


def test_code(
    jsonl: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    responses = [CODE.format("+"), CODE.format("-"), "import sys; sys.exit(0)"]
    source = jsonl([{"question": "Add.", "tests": "assert add(2, 3) == 5", "responses": responses}])
    assert run("build-pairs", source, "-o", "code", "-g", "tests") == 2
    assert "--allow-code-execution" in capsys.readouterr().err
    assert not (tmp_path / "code").exists()
    assert run("build-pairs", source, "-o", "code", "-g", "tests", *ALLOWED) == 0
    printed = capsys.readouterr()
    assert "code runs in a sandbox with " in printed.err
    assert "! one grader alone decided" in printed.out
    card = yaml.safe_load((tmp_path / "code" / "code.card.yaml").read_text(encoding="utf-8"))
    assert "limits" in card["protections"]
    assert (card["counts"]["right"], card["counts"]["wrong"], card["counts"]["pairs"]) == (1, 2, 1)


def test_a_weaker_sandbox_than_asked_for_stops_it(
    jsonl: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sandbox, "protections", lambda: ["Landlock", "limits", "no network calls", "no other process"])
    source = jsonl([{"question": "Add.", "tests": "assert add(2, 3) == 5", "responses": [CODE.format("+"), "x = 1"]}])
    command = ("build-pairs", source, "-o", "code", "-g", "tests", "--allow-code-execution")
    assert run(*command) == 2
    said = capsys.readouterr().err
    assert "in a sandbox that is `confined` only, without namespaces, no network, own files" in said
    assert "--sandbox confined accepts that" in said
    assert not (tmp_path / "code").exists()
    assert run(*command, "--sandbox", "none") == 2
    assert "isolated, confined, limited" in capsys.readouterr().err.replace("'", "")


def test_doctor(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "sk-12345678901234567890")
    monkeypatch.setattr(sandbox, "protections", lambda: ["limits"])
    assert run("doctor") == 0
    said = capsys.readouterr().out
    assert "SOME_API_KEY" in said
    assert "sk-1234" not in said
    assert "`limited`: limits; NOT to be had: namespaces" in said
    assert "extra [pairs]" in said
    assert run("doctor", "--json") == 0
    assert json.loads(capsys.readouterr().out)["sandbox for code"].startswith("`limited`")


WRONG_INPUT: dict[str, tuple[list[dict[str, Any]], tuple[str, ...], str]] = {
    "no grader": (
        [{"question": "?", "answer": 1}],
        (),
        "row 1: no grader: name one for all rows with --grader (choice, ",
    ),
    "grader": ([{"question": "?"}], ("-g", "chioce"), "no grader named 'chioce' (did you mean choice?)"),
    "row's grader": ([{"question": "?", "grader": "x"}], (), "row 1: no grader named 'x'; there are: choice, number,"),
    "the same twice": ([{"question": "?"}], ("-g", "number", "--second-grader", "number"), "is the first grader too"),
    "no question": ([{"answer": 1}], ("-g", "number"), "row 1: no question: none of question, prompt, "),
    "empty question": ([{"question": " "}], ("-g", "number"), "row 1: no question"),
    "no answer": ([{"question": "?"}], ("-g", "number"), "row 1: no answer, which this grader compares"),
    "column": (
        [{"question": "?"}],
        ("-g", "number", "-M", "answer=key"),
        "row 1: no column 'key'; there are: question",
    ),
    "field": (
        [{"question": "?"}],
        ("-g", "number", "-M", "anser=key"),
        "no field to map named 'anser' (did you mean answer?",
    ),
    "id twice": (
        [{"id": 1, "question": "?"}, {"id": 1, "question": "!"}],
        ("-g", "exact"),
        "row 2: the id '1' is that of row 1",
    ),
    "response": (
        [{"question": "?", "answer": 1, "responses": [1]}],
        ("-g", "number"),
        "row 1: a response is a text, or ",
    ),
    "no responses": (
        [{"question": "?", "answer": 1}],
        ("-g", "number"),
        "no question has a response: give them in a column",
    ),
    "nothing mixed": (
        [{"question": "?", "answer": 1, "responses": ["Answer: 1"]}],
        ("-g", "number"),
        "no pair can be made: of 1 questions 1 have only right responses, 0 only wrong ones",
    ),
    "dry run of nothing": ([{"question": "?"}], ("-g", "exact", "--dry-run"), "about a model that is sampled"),
    "sampled baseline": ([{"question": "?", "answer": 1}], ("-g", "exact", "--sample", "baseline:tie"), "baseline:tie"),
}


@pytest.mark.parametrize("name", WRONG_INPUT)
def test_wrong_input_is_one_line(name: str, jsonl: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written, arguments, problem = WRONG_INPUT[name]
    assert run("build-pairs", jsonl(written), "-o", tmp_path / "out", *arguments) == 2
    complaint = capsys.readouterr().err.splitlines()[-1]
    assert complaint.startswith("judgebench: ")
    assert problem in complaint
    assert not (tmp_path / "out").exists()


def test_wrong_files(jsonl: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("build-pairs", tmp_path / "none.jsonl", "-o", tmp_path / "out", "-g", "exact") == 2
    assert "none.jsonl: there is no such file" in capsys.readouterr().err
    source = jsonl(sums(2))
    assert run("build-pairs", source, "-o", source, "-g", "number") == 2
    assert "is a file; the pairs go into a folder" in capsys.readouterr().err
    stray = jsonl([{"id": "q9", "response": "x"}], "stray.jsonl")
    assert run("build-pairs", source, "-o", tmp_path / "out", "-g", "number", "--responses", stray) == 2
    assert "stray.jsonl, row 1: no question has the id 'q9'" in capsys.readouterr().err


# ------------------------------------------------------------------------------------------- with a model on loopback


def _bad_server() -> ModuleType:
    import importlib.util

    path = Path(__file__).parents[1] / "backends" / "bad_server.py"
    spec = importlib.util.spec_from_file_location("bad_server_of_pairs", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def serve() -> Iterator[Callable[..., Any]]:
    from contextlib import ExitStack

    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(_bad_server().BadServer(**settings))


class Student:
    """Answers `What is n + n?`, every other time wrongly; and, asked with answer-check, compares what it is shown."""

    def __init__(self) -> None:
        self.said: Counter[str] = Counter()

    def __call__(self, body: dict[str, Any]) -> str:
        question = body["messages"][-1]["content"]
        if "<reference" in question:
            reference = question.partition("<reference>\n")[2].partition("\n")[0]
            answer = question.partition("<answer>\n")[2].partition("\n</answer>")[0]
            return f"Rating: {int(answer.endswith(f' {reference}'))}"
        n = int(question.split()[2])
        self.said[question] += 1
        return f"Try {self.said[question]}.\nAnswer: {2 * n + self.said[question] % 2}"


def questions(count: int) -> list[dict[str, Any]]:
    return [{"question": f"What is {n} + {n}?", "answer": 2 * n} for n in range(1, count + 1)]


def test_sampled_and_checked_by_a_model(jsonl: Write, tmp_path: Path, serve: Callable[..., Any]) -> None:
    server = serve(say=Student())
    spec, source, out = f"server:{server.url}#tiny", jsonl(questions(3)), tmp_path / "out"

    def build(k: int) -> Any:
        return api.build_pairs(
            source, out, grader="number", second_grader=spec, sample=spec, k=k, instruction="End with `Answer: N`."
        )

    result = build(4)
    assert (result.card.counts.right, result.card.counts.wrong, result.card.counts.pairs) == (6, 6, 3)
    assert server.requests == 12 + 12
    assert result.card.models == {"tiny": 6}
    assert result.card.sampling["k"] == 4
    assert result.card.sampling["generation"]["temperature"] == 1.0
    assert result.card.second_grader == "server:tiny[prompt=answer-check]"
    assert {body["temperature"] for body in server.bodies} == {1.0, 0.0}
    assert all(row["prompt"].endswith("?\n\nEnd with `Answer: N`.") for row in rows(result.path))
    before = result.path.read_bytes()
    assert build(4).path.read_bytes() == before
    assert server.requests == 24, "what was answered is asked again"
    build(6)
    assert server.requests == 24 + 6 + 6, "only what is new is asked"


def test_a_model_that_disagrees_drops_the_response(jsonl: Write, tmp_path: Path, serve: Callable[..., Any]) -> None:
    server = serve(say=lambda body: "Rating: 1" if "q1" not in str(body) else "no idea")
    with pytest.raises(InputError, match=r"no pair can be made: .* 8 not confirmed by the second grader"):
        api.build_pairs(jsonl(sums(4)), tmp_path / "out", grader="number", second_grader=f"server:{server.url}#tiny")


def test_answers_that_are_none(jsonl: Write, tmp_path: Path, serve: Callable[..., Any]) -> None:
    plan = lambda number, same, body: ["ok", "ok", "length", "refusal"][same % 4]  # noqa: E731
    server = serve(plan=plan, say=Student())
    result = api.build_pairs(
        jsonl(questions(2)), tmp_path / "out", grader="number", sample=f"server:{server.url}#tiny", k=4
    )
    assert result.card.sampling["failures"] == {"truncated": 2, "refused": 2}
    assert result.card.counts.responses == 4


def test_a_dry_run_asks_nothing(
    jsonl: Write, tmp_path: Path, serve: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    server = serve(say=Student())
    spec = f"server:{server.url}#tiny"
    assert (
        run("build-pairs", jsonl(questions(3)), "-o", tmp_path / "out", "--sample", spec, "-k", "5", "--dry-run") == 0
    )
    printed = capsys.readouterr().out
    assert "15 of 15 responses to sample" in printed
    assert "What is 1 + 1?" in printed
    assert (server.requests, (tmp_path / "out").exists()) == (0, False)


def test_the_cost_limit(jsonl: Write, tmp_path: Path, serve: Callable[..., Any]) -> None:
    server = serve(say=Student())
    prices = {"price_in": "1000000", "price_out": "0", "max_connections": "1"}

    def build(limit: float | None) -> Any:
        spec = f"server:{server.url}#tiny"
        return api.build_pairs(
            jsonl(questions(5)),
            tmp_path / "out",
            grader="number",
            sample=spec,
            k=2,
            sample_options=prices,
            cost_limit=limit,
        )

    with pytest.raises(BelowCoverage, match=r"the cost limit is reached after \$\d.*responses are missing"):
        build(0.5)
    assert 0 < server.requests < 10
    build(None)
    assert server.requests == 10


def test_killed_at_any_time_nothing_is_paid_twice(jsonl: Write, tmp_path: Path, serve: Callable[..., Any]) -> None:
    student = Student()
    server = serve(say=student, latency=0.03)
    spec, out, total = f"server:{server.url}#tiny", tmp_path / "out", 12 * 4
    arguments = ["build-pairs", jsonl(questions(12)), "-o", out, "-g", "number", "--sample", spec, "-k", "4"]
    command = [*PROGRAM, *map(str, arguments), "-J", "max_connections=4"]
    path = store.run_folder(out, "samples", "server:tiny") / "judgments.jsonl"
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    end = time.monotonic() + 60
    while not path.exists() or path.read_bytes().count(b"\n") < 10:
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    time.sleep(0.3)  # what was under way arrives at nobody
    kept, paid = path.read_bytes().count(b"\n"), server.requests
    assert 10 <= kept < total
    assert paid - kept <= 4 + 1, "more was under way than there are connections"
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, server.requests - paid) == (0, total - kept), done.stderr
