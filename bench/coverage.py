"""Do the intervals hold the truth as often as they say? Every interval we ship, by simulation.

    nice python bench/coverage.py            # prints the tables of docs/intervals.md
    nice python bench/coverage.py --write    # and puts them there

Items are drawn from a law with known cells, so that the true value of every coefficient is known. In clusters an
item copies its question's item with probability 0.7, else it is drawn afresh: the marginal law and the truth stay the
same, and two items of a question correlate at 0.49. A sample from which no interval can be had counts as a miss.
"""

from __future__ import annotations

import argparse
import itertools
import os
import platform
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from judgebench.stats import agreement, intervals, position

DOC = Path(__file__).parents[1] / "docs" / "intervals.md"
MARK = "<!-- What follows is written by bench/coverage.py -->"

SIZES = (50, 100, 200, 500, 1_000, 5_000)
COPIES = 0.7
RESAMPLES = 1_000

# (prior of first, tie, second; share of verdicts that are right)
LAWS = {
    "even": ((0.4, 0.2, 0.4), 0.7),
    "skewed": ((0.9, 0.05, 0.05), 0.85),
    "near 1": ((0.4, 0.2, 0.4), 0.98),
}
RATES = (0.5, 0.9, 0.98)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--samples", type=int, default=1000, help="simulated data sets per cell of the tables")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--write", action="store_true", help=f"replace the tables in {DOC.name}")
    chosen = options.parse_args()
    started, lines = time.perf_counter(), []

    def say(line: str) -> None:
        print(line, flush=True)
        lines.append(line)

    rng = np.random.default_rng(chosen.seed)
    for section in (shares, coefficients):
        section(chosen.samples, rng, say)
    minutes = (time.perf_counter() - started) / 60
    where = f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, numpy {np.__version__}"
    command = f"`python bench/coverage.py {' '.join(sys.argv[1:])}`"
    say(f"\n{datetime.now(UTC):%Y-%m-%d}, {where}, {command}, {minutes:.0f} minutes on one core. The standard error")
    say(
        f"of a share of 0.95 is {np.sqrt(0.95 * 0.05 / chosen.samples):.3f} here, of 0.90 {np.sqrt(0.09 / chosen.samples):.3f}."
    )
    if chosen.write:
        kept = DOC.read_text(encoding="utf-8").split(MARK)[0]
        DOC.write_text(f"{kept}{MARK}\n" + "\n".join(lines) + "\n", encoding="utf-8")


# -------------------------------------------------------------------------------------------------------- shares


def shares(samples: int, rng: np.random.Generator, say: Callable[[str], None]) -> None:
    """A share of independent or clustered 0s and 1s."""
    methods = {
        "wilson": lambda x, _: intervals.wilson(float(x.sum()), len(x)),
        "clopper_pearson": lambda x, _: intervals.clopper_pearson(int(x.sum()), len(x)),
        "cluster_wilson": intervals.cluster_wilson,
        "t_interval": intervals.t_interval,
        "percentile": lambda x, c: bootstrap(np.eye(2)[x.astype(int)], c, share, rng, "percentile"),
        "bca": lambda x, c: bootstrap(np.eye(2)[x.astype(int)], c, share, rng, "bca"),
    }
    say("\n### Shares: accuracy, consistency, coverage\n")
    say(f"| questions | items | true share | {' | '.join(methods)} |")
    say(f"|---|---|---|{'---|' * len(methods)}")
    for kind, n, rate in itertools.product(CLUSTERS, SIZES, RATES):
        hits = dict.fromkeys(methods, 0)
        nothing = dict.fromkeys(methods, 0)
        for _ in range(samples):
            clusters, cells = draw(np.array([1 - rate, rate]), n, kind, rng)
            for name, method in methods.items():
                found = method(cells.astype(float), clusters)
                nothing[name] += found is None
                hits[name] += found is not None and found[0] <= rate <= found[1]
        shown = [cell(hits[name], nothing[name], samples) for name in methods]
        say(f"| {kind} | {n:,} | {rate} | {' | '.join(shown)} |")


def share(cells: np.ndarray) -> np.ndarray:
    return cells[..., 1] / cells.sum(-1)


# -------------------------------------------------------------------------------------------------- coefficients


def coefficients(samples: int, rng: np.random.Generator, say: Callable[[str], None]) -> None:
    """Everything that needs a bootstrap: percentile and BCa."""
    say("\n### Coefficients: cluster bootstrap, percentile / BCa\n")
    say(f"| questions | items | law | {' | '.join(COEFFICIENTS)} |")
    say(f"|---|---|---|{'---|' * len(COEFFICIENTS)}")
    for kind, n, law in itertools.product(COEFFICIENT_CLUSTERS, SIZES, LAWS):
        shown = []
        for cells_of, rows_of, statistic in COEFFICIENTS.values():
            law_cells = cells_of(*LAWS[law])
            rows = rows_of(len(law_cells))
            truth = float(statistic(law_cells @ rows * 1e9))
            results = []
            for method in ("percentile", "bca"):
                hits = nothing = 0
                for _ in range(samples):
                    clusters, drawn = draw(law_cells, n, kind, rng)
                    found = bootstrap(rows[drawn], clusters, statistic, rng, method)
                    nothing += found is None
                    hits += found is not None and found[0] <= truth <= found[1]
                results.append(cell(hits, nothing, samples))
            shown.append(" / ".join(results))
        say(f"| {kind} | {n:,} | {law} | {' | '.join(shown)} |")


def two_raters(prior: tuple[float, ...], right: float) -> np.ndarray:
    """Gold by verdict, 9 cells; a wrong verdict is either other label."""
    says = np.full((3, 3), (1 - right) / 2) + np.eye(3) * (right - (1 - right) / 2)
    return (np.array(prior)[:, None] * says).ravel()


def three_raters(prior: tuple[float, ...], right: float) -> np.ndarray:
    """27 patterns of three raters who err independently."""
    says = np.full((3, 3), (1 - right) / 2) + np.eye(3) * (right - (1 - right) / 2)
    return np.einsum("t,ta,tb,tc->abc", prior, says, says, says).ravel()


def two_orders(prior: tuple[float, ...], right: float) -> np.ndarray:
    """Consistent, primacy, recency, failed."""
    return np.array([0.98 * right, 0.98 * (1 - right) * 0.6, 0.98 * (1 - right) * 0.4, 0.02])


def coincidence_rows(cells: int) -> np.ndarray:
    patterns = np.array(list(itertools.product(range(3), repeat=3)))
    counts = (patterns[:, :, None] == np.arange(3)).sum(1)
    return agreement.coincidences(counts).reshape(cells, 9)


def square(statistic: Callable) -> Callable:
    return lambda cells: statistic(cells.reshape(*cells.shape[:-1], 3, 3))


COEFFICIENTS = {
    "kappa": (two_raters, np.eye, square(agreement.cohen_kappa_from_counts)),
    "macro F1": (two_raters, np.eye, square(lambda t: agreement.precision_recall_f1_from_counts(t)[..., 2])),
    "AC1": (two_raters, np.eye, square(agreement.gwet_ac1_from_counts)),
    "alpha, 3 raters": (
        three_raters,
        coincidence_rows,
        square(lambda t: agreement.krippendorff_alpha_from_counts(t, [0, 1, 2])),
    ),
    "consistency": (two_orders, np.eye, position.consistency_from_counts),
}


# ------------------------------------------------------------------------------------------------------- sampling


def alone(n: int, _: np.random.Generator) -> None:
    return None


def fives(n: int, _: np.random.Generator) -> np.ndarray:
    return np.arange(n) // 5


def twenties(n: int, _: np.random.Generator) -> np.ndarray:
    return np.arange(n) // 20


def uneven(n: int, rng: np.random.Generator) -> np.ndarray:
    """Questions of 1 to about 20 items, five on average."""
    sizes = rng.geometric(0.2, size=n)
    return np.repeat(np.arange(n), sizes)[:n]


CLUSTERS = {"each item": alone, "of 5": fives, "of 20": twenties, "uneven": uneven}
COEFFICIENT_CLUSTERS = ("each item", "of 5")


def draw(law: np.ndarray, n: int, kind: str, rng: np.random.Generator) -> tuple[np.ndarray | None, np.ndarray]:
    clusters = CLUSTERS[kind](n, rng)
    edges = np.cumsum(law)[:-1]
    cells = np.searchsorted(edges, rng.random(n), side="right")
    if clusters is not None:
        themes = np.searchsorted(edges, rng.random(int(clusters.max()) + 1), side="right")
        cells = np.where(rng.random(n) < COPIES, themes[clusters], cells)
    return clusters, cells


def bootstrap(
    rows: np.ndarray, clusters: np.ndarray | None, statistic: Callable, rng: np.random.Generator, method: str
) -> tuple[float, float] | None:
    if clusters is not None:
        # cluster_sums, for clusters that are numbered already.
        sums = np.zeros((int(clusters.max()) + 1, rows.shape[1]))
        np.add.at(sums, clusters, rows)
        rows = sums
    found = intervals.bootstrap(rows, statistic, rng=rng, resamples=RESAMPLES, method=method)
    return None if found.low is None else (found.low, found.high)


def cell(hits: int, nothing: int, samples: int) -> str:
    """The share that held the truth; bold below 0.93; how many gave no interval, where that is one in a hundred."""
    covered = hits / samples
    text = f"**{covered:.3f}**" if covered < 0.93 else f"{covered:.3f}"
    return f"{text} ({nothing / samples:.0%} none)" if nothing >= samples / 100 else text


if __name__ == "__main__":
    main()
