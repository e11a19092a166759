"""The verbs as functions: what the command line does, for use from Python.

from judgebench import api
scores = api.evaluate("baseline:longest", "verifiable", results="results")
scores.metrics["agreement"].value, scores.metrics["agreement"].low
"""

from judgebench.api.analysis import analyze
from judgebench.api.benchmarks import (
    RESULTS,
    Benchmark,
    core_benchmarks,
    fetch_benchmark,
    open_benchmark,
    publish_labels,
    restriction,
    verify_benchmark,
)
from judgebench.api.checking import datasheet
from judgebench.api.grading import Graded, grade
from judgebench.api.importing import import_published, import_recorded
from judgebench.api.pairs import build_pairs
from judgebench.api.running import evaluate, options_for, preview, require_coverage, retry
from judgebench.api.scoring import check_scores, compare, plan, rescore, score
from judgebench.api.showing import export, leaderboard, report, report_card, write_text
from judgebench.api.submission import Submission, submit_check

__all__ = [
    "RESULTS",
    "Benchmark",
    "Graded",
    "Submission",
    "analyze",
    "build_pairs",
    "check_scores",
    "compare",
    "core_benchmarks",
    "datasheet",
    "evaluate",
    "export",
    "fetch_benchmark",
    "grade",
    "import_published",
    "import_recorded",
    "leaderboard",
    "open_benchmark",
    "options_for",
    "plan",
    "preview",
    "publish_labels",
    "report",
    "report_card",
    "require_coverage",
    "rescore",
    "restriction",
    "retry",
    "score",
    "submit_check",
    "verify_benchmark",
    "write_text",
]
