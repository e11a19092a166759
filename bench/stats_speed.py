"""How fast the statistics are, beside scipy's bootstrap over the usual libraries' metrics.

    python bench/stats_speed.py            # everything in full: minutes, nearly all of them the libraries'
    python bench/stats_speed.py --scale 20 # the libraries with a twentieth of the resamples, times scaled up

Prints the two tables of bench/README.md. Needs the test dependencies (scikit-learn, krippendorff). Not called
statistics.py: a script's folder comes first on the path, and the standard library has a module of that name.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np

from judgebench.stats import agreement, compare, intervals, position

ITEMS = 5_000
RESAMPLES = 10_000
JUDGES = 100
QUESTIONS = 1_000
AXIS = np.array([-1, 0, 1])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--scale", type=int, default=1, help="run the libraries with RESAMPLES / SCALE resamples")
    options.add_argument("--only", choices=("bootstrap", "leaderboard"), help=argparse.SUPPRESS)
    options.add_argument("--clusters", type=int, default=ITEMS, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.only == "leaderboard":
        leaderboard(chosen.clusters)
        return
    print(f"{datetime.now(UTC):%Y-%m-%d}, {machine()}, `python {' '.join(sys.argv)}`\n")
    if chosen.only is None:
        print(
            f"| {JUDGES} judges, {ITEMS:,} items, {RESAMPLES:,} resamples | seconds | peak memory |\n|---|---|---|",
            flush=True,
        )
        for clusters in (ITEMS, QUESTIONS):
            # In a process of its own, and before this one grows: a child starts with its parent's peak.
            command = [sys.executable, __file__, "--only", "leaderboard", "--clusters", str(clusters)]
            subprocess.run(command, check=True)
        print()
    bootstraps(chosen.scale)


def machine() -> str:
    versions = f"Python {platform.python_version()}, numpy {np.__version__}"
    return f"{os.cpu_count()} cores ({platform.machine()}), load {os.getloadavg()[0]:.1f}, {versions}"


# ---------------------------------------------------------------------------------------------- one bootstrap


def bootstraps(scale: int) -> None:
    import krippendorff
    from scipy import stats
    from sklearn import metrics

    rng = np.random.default_rng(0)
    gold = rng.integers(0, 3, ITEMS)
    first, second, third = (np.where(rng.random(ITEMS) < 0.7, gold, rng.integers(0, 3, ITEMS)) for _ in range(3))
    counts = agreement.category_counts([first, second, third], [0, 1, 2])

    def table() -> np.ndarray:
        return agreement.confusion(gold, first, [0, 1, 2]).ravel()

    def coincidences() -> np.ndarray:
        found = agreement.category_counts([first, second, third], [0, 1, 2])
        return agreement.coincidences(found).reshape(ITEMS, 9)

    def alpha(cells: np.ndarray) -> np.ndarray:
        return agreement.krippendorff_alpha_from_counts(square(cells), [0, 1, 2])

    def library_alpha(units: np.ndarray) -> float:
        return krippendorff.alpha(value_counts=counts[units], level_of_measurement="nominal")

    def library_f1(a: np.ndarray, b: np.ndarray) -> float:
        return metrics.f1_score(a, b, average="macro")

    # From labels to an interval on our side; the library for alpha is given counts, which is its faster way.
    rows: dict[str, tuple[Callable, Callable, tuple, Callable, str]] = {
        "Cohen's kappa": (table, kappa, (gold, first), metrics.cohen_kappa_score, "percentile"),
        "Cohen's kappa, BCa": (table, kappa, (gold, first), metrics.cohen_kappa_score, "bca"),
        "macro F1": (table, macro_f1, (gold, first), library_f1, "percentile"),
        "Krippendorff's alpha, 3 raters": (coincidences, alpha, (np.arange(ITEMS),), library_alpha, "percentile"),
        "consistency": (
            lambda: position.outcomes(AXIS[first], AXIS[second]).sum(0),
            position.consistency_from_counts,
            (first, second),
            metrics.accuracy_score,
            "percentile",
        ),
    }
    print(f"| bootstrap, {ITEMS:,} items, {RESAMPLES:,} resamples | library, s | judgebench, ms | ratio | intervals |")
    print("|---|---|---|---|---|")
    for name, (tabulate, statistic, data, metric, method) in rows.items():
        quick = min(
            timed(lambda c=tabulate, s=statistic, m=method: intervals.bootstrap(c(), s, rng=rng, method=m))[0]
            for _ in range(5)
        )
        ours = intervals.bootstrap(tabulate(), statistic, rng=rng, method=method)
        slow, theirs = timed(
            lambda d=data, f=metric, m=method: (
                stats.bootstrap(
                    d, f, paired=True, vectorized=False, n_resamples=RESAMPLES // scale, method=m, rng=rng
                ).confidence_interval
            )
        )
        slow *= scale if method == "percentile" else 1
        mark = " (scaled)" if scale > 1 and method == "percentile" else ""
        print(
            f"| {name} | {slow:.1f}{mark} | {1000 * quick:.1f} | {slow / quick:,.0f} "
            f"| {theirs.low:.4f} {theirs.high:.4f} / {ours.low:.4f} {ours.high:.4f} |",
            flush=True,
        )


# --------------------------------------------------------------------------------------------- a leaderboard


def leaderboard(questions: int) -> None:
    """Accuracy, consistency, kappa and macro F1 of 100 judges with intervals; all pairs tested by clustered t, Holm
    over the pairs, sets of ranks."""
    rng = np.random.default_rng(1)
    gold = rng.integers(0, 3, ITEMS)
    skill = rng.uniform(0.4, 0.9, JUDGES)
    runs = [
        np.where(rng.random((JUDGES, ITEMS)) < skill[:, None], gold, rng.integers(0, 3, (JUDGES, ITEMS))) for _ in "ab"
    ]
    clusters = np.arange(ITEMS) % questions
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds, ranks = timed(lambda: rank(gold, runs, clusters, rng))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    kind = "each item a question" if questions == ITEMS else f"{questions:,} questions"
    work = f"4 metrics with intervals, {len(ranks) * (len(ranks) - 1) // 2:,} pairs tested, Holm, rank sets"
    print(f"| {kind}: {work} | {seconds:.1f} | {peak / 1024:.0f} MB ({before / 1024:.0f} before) |", flush=True)


def rank(gold: np.ndarray, runs: list[np.ndarray], clusters: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    right = (runs[0] == gold).astype(float)
    for own, first, second in zip(right, *runs, strict=True):
        intervals.cluster_wilson(own, clusters)
        intervals.cluster_wilson(first == second, clusters)
    for run in runs[0]:
        counts = intervals.cluster_sums(np.eye(9)[3 * gold + run], clusters)
        state = rng.bit_generator.state
        intervals.bootstrap(counts, kappa, rng=rng, resamples=RESAMPLES)
        rng.bit_generator.state = state  # as judgebench does: both are of the same resamples
        intervals.bootstrap(counts, macro_f1, rng=rng, resamples=RESAMPLES)
    tests = compare.pairwise_differences(right, clusters)
    return compare.rank_sets(tests.difference, tests.adjusted)


def kappa(cells: np.ndarray) -> np.ndarray:
    return agreement.cohen_kappa_from_counts(square(cells))


def macro_f1(cells: np.ndarray) -> np.ndarray:
    return agreement.precision_recall_f1_from_counts(square(cells))[..., 2]


def square(cells: np.ndarray) -> np.ndarray:
    return cells.reshape(*cells.shape[:-1], 3, 3)


def timed(call: Callable) -> tuple[float, object]:
    start = time.perf_counter()
    result = call()
    return time.perf_counter() - start, result


if __name__ == "__main__":
    main()
