"""Real models: does the same judge say the same, whatever stands beside a question and whoever computes the answer?

    make test-real    # makes all that it needs; some minutes, most of them for vLLM
    python tests/real/flips.py MODEL [--vllm VENV | --server URL] [--items N]

MODEL is a folder with SmolLM2-135M-Instruct (`make smollm`), asked in bfloat16 about the first N items of `verifiable`
in both orders: through `local:` in other orders and batches, through `dpo:`, and through `server:` with a vLLM of its
own (tests/real/vllm.py), or the one that serves it as `smol` at URL, with one request at a time and many at once. A
verdict may only flip where the two likeliest options lie nearer than an epsilon; the flips are counted. What did not
run is named and says why. Exit code 1 where a verdict is missing or flips beyond the epsilon.
"""

from __future__ import annotations

import argparse
import logging
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import vllm

from judgebench import resources
from judgebench.adapters import load
from judgebench.errors import InputError
from judgebench.judges import open_judge
from judgebench.types import Judgment, Key, Status, Trial

NEAR = 0.05
"""Shares of options that are nearer than this may change places: bfloat16 has three digits, and every batch its own
order of sums."""
LOG_ODDS = 0.1
"""The same of `dpo:`, whose scores are log-probabilities of whole responses, averaged over their tokens."""
FORCED = {"prompt": "pairwise", "verdict": "forced"}
NUMBERS = {"prompt": "rating-1-10", "verdict": "forced"}
TEXT = {"prompt": "pairwise", "max_tokens": "12"}

Judgments = Mapping[Key, Judgment]


@dataclass
class Session:
    """What was seen, printed as it comes."""

    trials: Sequence[Trial]
    faults: list[str] = field(default_factory=list)

    def judge(self, spec: str, options: Mapping[str, str], trials: Sequence[Trial] | None = None) -> Judgments:
        judge = open_judge(spec, options)
        start = time.monotonic()
        answers = {judgment.key: judgment for judgment in judge.judge(iter(self.trials if trials is None else trials))}
        read = f", options by {judge.provenance['options']}" if "options" in judge.provenance else ""
        print(f"  {judge.name}{read}: {len(answers)} answers in {time.monotonic() - start:.0f} s", flush=True)
        return answers

    def complete(self, what: str, answers: Judgments) -> None:
        """Every trial has a verdict, and its options a part of all probability."""
        lacking = [key for key, one in answers.items() if one.status != Status.OK or not 0 < (one.mass or 0) < 1]
        self._expect(not lacking, f"{what}: {len(answers) - len(lacking)} of {len(answers)} have a verdict and a mass")

    def same(self, what: str, one: Judgments, other: Judgments, near: float = NEAR) -> None:
        """Verdicts flip only where the two likeliest options are near each other."""
        both = [(one[key], other[key]) for key in other if one[key].verdict and other[key].verdict]
        flips = [pair for pair in both if decided(pair[0]) != decided(pair[1])]
        far = [pair for pair in flips if min(map(margin, pair)) >= near]
        difference = max((apart(*pair) for pair in both), default=0.0)
        counted = f"{len(flips)} of {len(both)} verdicts flip, {len(far)} of them at a margin of {near} or more"
        self._expect(bool(both) and not far, f"{what}: {counted}; shares differ by {difference:.4f} at most")

    def shares(self, what: str, one: Judgments, other: Judgments) -> None:
        """Shares and masses are equal within NEAR."""
        apart_by = max(
            max(apart(one[key], other[key]), abs((one[key].mass or 0) - (other[key].mass or 0))) for key in other
        )
        self._expect(apart_by < NEAR, f"{what}: shares and masses differ by {apart_by:.4f} at most, of {NEAR}")

    def texts(self, what: str, one: Judgments, other: Judgments) -> None:
        """The same words; where they differ, so may the verdict, which is counted."""
        same = sum(one[key].text == other[key].text for key in other)
        flips = sum(decided(one[key]) != decided(other[key]) for key in other)
        self._expect(same >= len(other) * 0.8, f"{what}: {same} of {len(other)} texts are equal, {flips} verdicts flip")

    def _expect(self, holds: bool, what: str) -> None:
        print(f"{'ok  ' if holds else 'FAIL'}  {what}", flush=True)
        if not holds:
            self.faults.append(what)


def decided(judgment: Judgment) -> Any:
    return judgment.decision.top if judgment.decision else judgment.status


def listed(judgment: Judgment) -> list[float]:
    """The shares of the options, as the judgment says them; of a judge that says none, the responses' scores."""
    said = [float(share) for share in re.findall(r"(?<! of) (\d\.\d{3})\b", judgment.detail or "")]
    return said or list(judgment.verdict.scores if judgment.verdict else ())


def margin(judgment: Judgment) -> float:
    """Between the two likeliest options."""
    first, second, *_ = sorted([*listed(judgment), 0.0], reverse=True)
    return first - second


def apart(one: Judgment, other: Judgment) -> float:
    """The greatest difference between shares; between scores, where one of them knows fewer shares."""
    first, second = listed(one), listed(other)
    if len(first) != len(second) and one.verdict and other.verdict:
        first, second = list(one.verdict.scores), list(other.verdict.scores)
    return max(abs(a - b) for a, b in zip(first, second, strict=True))


def local(session: Session, model: Path) -> tuple[Judgments, Judgments, Judgments]:
    """The forced verdicts, those on numbers (of a few trials), and the texts."""
    base, spec = {"device": "cpu", "dtype": "bfloat16"}, f"local:{model}"
    backwards, few = session.trials[::-1], session.trials[:2]
    forced = session.judge(spec, {**base, **FORCED})
    session.complete("local: forced", forced)
    session.same("local: in the other order", forced, session.judge(spec, {**base, **FORCED}, backwards))
    session.same("local: small batches", forced, session.judge(spec, {**base, **FORCED, "batch_tokens": "1024"}))
    session.same("local: padded", forced, session.judge(spec, {**base, **FORCED, "attn": "sdpa"}))
    numbers = session.judge(spec, {**base, **NUMBERS}, few)
    session.complete("local: 1 to 10, of which 10 is two tokens", numbers)
    said = session.judge(spec, {**base, **TEXT})
    session.texts("local: text in the other order", said, session.judge(spec, {**base, **TEXT}, backwards))
    by_odds = {"device": "cpu", "dtype": "bfloat16", "reference": "none", "average": "yes"}
    scores = session.judge(f"dpo:{model}", by_odds)
    session.same("dpo: in the other order", scores, session.judge(f"dpo:{model}", by_odds, backwards), LOG_ODDS)
    return forced, numbers, said


def served(session: Session, url: str, forced: Judgments, numbers: Judgments, said: Judgments) -> None:
    spec, alone, many = f"server:{url}#smol", {"max_connections": "1"}, {"max_connections": "16"}
    backwards, few = session.trials[::-1], session.trials[:2]
    one = session.judge(spec, {**FORCED, **alone})
    session.complete("vLLM: forced", one)
    session.shares("vLLM beside local", forced, one)
    session.same("vLLM beside local", forced, one)
    session.same("vLLM: 16 at once, in the other order", one, session.judge(spec, {**FORCED, **many}, backwards))
    session.same("vLLM: the first 20 candidates", one, session.judge(spec, {**FORCED, **many, "logprobs": "20"}), 1.0)
    session.shares("vLLM beside local, 1 to 10", numbers, session.judge(spec, {**NUMBERS, **many}, few))
    texts = session.judge(spec, {**TEXT, **alone})
    session.texts("vLLM: text, 16 at once, in the other order", texts, session.judge(spec, {**TEXT, **many}, backwards))
    same = sum(said[key].text == texts[key].text for key in texts)
    print(f"      vLLM and local say the same {len(texts)} texts {same} times")
    try:
        schema = session.judge(spec, {"prompt": "pairwise", "verdict": "json", **alone})
    except InputError as error:
        print(f"NOT RUN  verdict=json: {error}")
    else:
        ended = sum(judgment.status == Status.OK for judgment in schema.values())
        session._expect(ended == len(schema), f"vLLM: verdict=json: {ended} of {len(schema)} have a verdict")
        again = session.judge(spec, {"prompt": "pairwise", "verdict": "json", **many}, backwards)
        session.texts("vLLM: verdict=json, 16 at once, in the other order", schema, again)


@contextmanager
def server(chosen: argparse.Namespace) -> Iterator[str | None]:
    """Its address; None where there is none, which is said."""
    if chosen.server:
        yield chosen.server
    elif not chosen.vllm:
        print("NOT RUN  vLLM: none was asked for (make test-real)")
        yield None
    elif not (chosen.vllm / "bin" / "vllm").is_file():
        print(f"NOT RUN  vLLM: {chosen.vllm} has none; python tests/real/vllm.py {chosen.vllm} installs it")
        yield None
    else:
        log_file = Path(tempfile.gettempdir()) / "judgebench-vllm.log"
        with vllm.serving(chosen.vllm, chosen.model, log_file) as url:
            yield url


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("--vllm", type=Path)
    parser.add_argument("--server")
    parser.add_argument("--items", type=int, default=6)
    chosen = parser.parse_args()
    logging.disable(logging.WARNING)
    import transformers

    transformers.logging.disable_progress_bar()
    items = load(resources.card("verifiable"))[: chosen.items]
    session = Session([Trial.of(item, order) for item in items for order in ((0, 1), (1, 0))])
    found = local(session, chosen.model)
    with server(chosen) as url:
        if url:
            served(session, url, *found)
    print(f"{len(session.faults)} faults")
    sys.exit(bool(session.faults))


if __name__ == "__main__":
    main()
