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
    shares(4 * chosen.samples, rng, say)
    differences(4 * chosen.samples, rng, say)
    coefficients(chosen.samples, rng, say)
    minutes = (time.perf_counter() - started) / 60
    where = f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, numpy {np.__version__}"
    command = f"`python bench/coverage.py {' '.join(sys.argv[1:])}`"
    say(f"\n{datetime.now(UTC):%Y-%m-%d}, {where}, {command}, {minutes:.0f} minutes on one core at low priority.")
    error = np.sqrt(0.95 * 0.05 / chosen.samples)
    say(f"The standard error of 0.95 is {error / 2:.4f} in the first two tables and {error:.4f} in the third.")
    if chosen.write:
        kept = DOC.read_text(encoding="utf-8").split(MARK)[0]
        DOC.write_text(f"{kept}{MARK}\n\n" + "\n".join(lines) + "\n", encoding="utf-8")


# -------------------------------------------------------------------------------------------- shares and means


def shares(samples: int, rng: np.random.Generator, say: Callable[[str], None]) -> None:
    """A share of independent or clustered 0s and 1s."""
    methods = {
        "wilson": lambda x, _: intervals.wilson(float(x.sum()), len(x)),
        "clopper_pearson": lambda x, _: intervals.clopper_pearson(int(x.sum()), len(x)),
        "cluster_wilson": intervals.cluster_wilson,
        "t_interval": intervals.t_interval,
    }
    say("### Shares: accuracy, consistency, coverage\n")
    columns = [f"{name} {rate}" for name, rate in itertools.product(methods, RATES)]
    say(f"| questions | items | {' | '.join(columns)} |")
    say(f"|---|---|{'---|' * len(columns)}")
    for kind, n in itertools.product(CLUSTERS, SIZES):
        tallies = {rate: Tally(methods) for rate in RATES}
        for rate, _ in itertools.product(RATES, range(samples)):
            clusters, cells = draw(np.array([1 - rate, rate]), n, kind, rng)
            tallies[rate].add(rate, cells.astype(float), clusters)
        shown = [tallies[rate].cell(name) for name, rate in itertools.product(methods, RATES)]
        say(f"| {kind} | {n:,} | {' | '.join(shown)} |")


def differences(samples: int, rng: np.random.Generator, say: Callable[[str], None]) -> None:
    """A mean of -1, 0 and +1: what one judge gets right and another does not."""
    laws = {"25 in 100 differ": (0.10, 0.75, 0.15), "3 in 100 differ": (0.01, 0.97, 0.02)}
    say("\n### Means and paired differences: t_interval\n")
    say(f"| questions | items | {' | '.join(laws)} |\n|---|---|{'---|' * len(laws)}")
    for kind, n in itertools.product(CLUSTERS, SIZES):
        shown = []
        for law in laws.values():
            tally = Tally({"t": intervals.t_interval})
            for _ in range(samples):
                clusters, cells = draw(np.array(law), n, kind, rng)
                tally.add(law[2] - law[0], cells - 1.0, clusters)
            shown.append(tally.cell("t"))
        say(f"| {kind} | {n:,} | {' | '.join(shown)} |")


class Tally:
    """How often each method's interval held the truth, and how often there was none."""

    def __init__(self, methods: dict[str, Callable]) -> None:
        self.methods = methods
        self.hits = dict.fromkeys(methods, 0)
        self.nothing = dict.fromkeys(methods, 0)
        self.samples = 0

    def add(self, truth: float, *sample: object) -> None:
        self.samples += 1
        for name, method in self.methods.items():
            found = method(*sample)
            self.nothing[name] += found is None
            self.hits[name] += found is not None and found[0] <= truth <= found[1]

    def cell(self, name: str) -> str:
        """The share that held the truth, bold below 0.93; and how many gave no interval, if one in a hundred did."""
        covered, without = self.hits[name] / self.samples, self.nothing[name] / self.samples
        text = f"**{covered:.3f}**" if covered < 0.93 else f"{covered:.3f}"
        return f"{text} ({without:.0%} none)" if without >= 0.01 else text


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
            methods = {
                method: lambda rows, clusters, m=method, s=statistic: bootstrap(rows, clusters, s, rng, m)
                for method in ("percentile", "bca")
            }
            tally = Tally(methods)
            for _ in range(samples):
                clusters, drawn = draw(law_cells, n, kind, rng)
                tally.add(truth, rows[drawn], clusters)
            shown.append(" / ".join(tally.cell(method) for method in methods))
        say(f"| {kind} | {n:,} | {law} | {' | '.join(shown)} |")


def two_raters(prior: tuple[float, ...], right: float) -> np.ndarray:
    """Gold by verdict, 9 cells; a wrong verdict is either other label."""
    says = np.full((3, 3), (1 - right) / 2) + np.eye(3) * (right - (1 - right) / 2)
    return (np.array(prior)[:, None] * says).ravel()


def three_raters(prior: tuple[float, ...], right: float) -> np.ndarray:
    """27 patterns of three raters who err independently."""
    says = np.full((3, 3), (1 - right) / 2) + np.eye(3) * (right - (1 - right) / 2)
    return np.einsum("t,ta,tb,tc->abc", prior, says, says, says).ravel()


def two_orders(_: tuple[float, ...], right: float) -> np.ndarray:
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


def alone(_: int, __: np.random.Generator) -> None:
    return None


def fives(n: int, _: np.random.Generator) -> np.ndarray:
    return np.arange(n) // 5


def twenties(n: int, _: np.random.Generator) -> np.ndarray:
    return np.arange(n) // 20


def uneven(n: int, rng: np.random.Generator) -> np.ndarray:
    """Questions of 1 to about 30 items, geometric."""
    sizes = rng.geometric(0.2, size=n)
    return np.repeat(np.arange(n), sizes)[:n]


CLUSTERS = {"each item": alone, "5 items each": fives, "20 items each": twenties, "5 on average": uneven}
COEFFICIENT_CLUSTERS = ("each item", "5 items each")


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


if __name__ == "__main__":
    main()
