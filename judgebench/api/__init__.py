"""The verbs as functions: what the command line does, for use from Python.

>>> from tempfile import TemporaryDirectory
>>> from judgebench import api
>>> with TemporaryDirectory() as results:
...     run = api.evaluate("baseline:longest", "verifiable", benchmark_options={"n": 80}, results=results)
>>> run.scores.metrics["agreement"].value, run.outcome.wanted
(0.5, 160)
"""

from judgebench.api.benchmarks import (
    Benchmark,
    Fetched,
    Verified,
    core_benchmarks,
    datasheet,
    fetch_benchmark,
    open_benchmark,
    publish_labels,
    verify_benchmark,
)
from judgebench.api.grading import Graded, grade
from judgebench.api.importing import import_published, import_recorded
from judgebench.api.pairs import build_pairs
from judgebench.api.running import Evaluated, evaluate, options_for, pairings, preview, require_coverage, retry
from judgebench.api.scoring import analyze, check_scores, compare, plan, rescore, score
from judgebench.api.showing import Leaderboard, export, leaderboard, report, report_card, write_text
from judgebench.api.submission import Submission, submit_check
from judgebench.options import RESULTS
from judgebench.run import Preview

__all__ = [
    "RESULTS", "Benchmark", "Evaluated", "Fetched", "Graded", "Leaderboard", "Preview", "Submission", "Verified",
    "analyze", "build_pairs", "check_scores", "compare", "core_benchmarks", "datasheet", "evaluate", "export",
    "fetch_benchmark", "grade", "import_published", "import_recorded", "leaderboard", "open_benchmark",
    "options_for", "pairings", "plan", "preview", "publish_labels", "report", "report_card", "require_coverage",
    "rescore", "retry", "score", "submit_check", "verify_benchmark", "write_text",
]  # fmt: skip
