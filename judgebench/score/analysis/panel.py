"""Several judges together: does a panel beat its best member, and how many independent judges is it worth?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from judgebench.errors import InputError
from judgebench.results import Run, in_common
from judgebench.score import estimates
from judgebench.score.analysis.finding import Finding, Row, preferences, with_gold
from judgebench.score.arrays import Floats
from judgebench.score.comparison import require_same_items
from judgebench.score.pairs import CLASSES, on_axis
from judgebench.stats import aggregation
from judgebench.types import Estimate

SAYS = (
    "Each judge casts one vote an item, the sign of its verdicts in all orders; a tie of votes earns half where gold "
    "is decisive. Weights are learned on half of the questions and used on the other. Dawid-Skene assumes that "
    "judges err independently; the last line says how far that is from true."
)


def analyze(runs: Sequence[Run]) -> list[Finding]:
    """Two runs or more over the same items, pairs with gold."""
    if len(runs) < 2:
        raise InputError("a panel takes two runs or more")
    require_same_items(runs)
    members = [with_gold(run) for run in in_common(runs)]
    votes = np.sign(np.stack([preferences(member) for member in members]))
    gold, clusters = on_axis(members[0].gold), members[0].clusters
    rows = [
        Row(run.manifest.judge, {"agreement": _score(run.manifest.judge, vote, gold, clusters)})
        for run, vote in zip(runs, votes, strict=True)
    ]
    fit = aggregation.dawid_skene(votes)
    for name, panel in (
        ("majority", aggregation.majority(votes)),
        ("weighted by accuracy", _weighted(votes, gold, clusters)),
        ("Dawid-Skene", np.full(len(gold), np.nan) if fit is None else fit.label),
    ):
        # A panel that is split says tie.
        split = np.isnan(panel) & ~np.isnan(votes).all(0)
        rows.append(Row(f"panel: {name}", {"agreement": _score(name, np.where(split, 0.0, panel), gold, clusters)}))
    wrong = np.where(np.isnan(votes), np.nan, votes != gold)
    rows.append(Row("independent judges that they are worth", {"number": _worth(wrong, clusters)}))
    title = f"{runs[0].manifest.benchmark}: a panel of {len(runs)}"
    return [Finding(title, SAYS, tuple(rows), _alike(runs, wrong))]


def _score(name: str, votes: Floats, gold: Floats, clusters: NDArray[np.intp]) -> Estimate:
    """Half for a tie where gold is decisive, or the other way round; nothing for no vote."""
    return estimates.share(name, np.nan_to_num(1 - np.abs(votes - gold) / 2), clusters)


def _weighted(votes: Floats, gold: Floats, clusters: NDArray[np.intp]) -> Floats:
    order = np.random.default_rng(estimates.SEED).permutation(np.unique(clusters))
    half = np.isin(clusters, order[: len(order) // 2])
    panel = np.full(len(gold), np.nan)
    for learn, use in ((half, ~half), (~half, half)):
        voted = ~np.isnan(votes[:, learn])
        right = (votes[:, learn] == gold[learn]).sum(1)
        weights = aggregation.log_odds_weights(right, np.maximum(voted.sum(1), 1), labels=CLASSES)
        panel[use] = aggregation.majority(votes[:, use], weights)
    return panel


def _worth(wrong: Floats, clusters: NDArray[np.intp]) -> Estimate:
    """k / (1 + (k - 1) mean correlation of errors), on items on which all have voted: Kish's design effect (1965). The
    correlation is the mean over the pairs of judges of which both vary; it comes from the moments of their errors."""
    whole = ~np.isnan(wrong).any(0)
    errors, k = wrong[:, whole].T, len(wrong)
    both = (errors[:, :, None] * errors[:, None, :]).reshape(-1, k * k)
    above = np.triu_indices(k, 1)

    def worth(cells: Floats) -> Floats:
        n, both = cells[..., :1, None], cells[..., 1:].reshape(*cells.shape[:-1], k, k)
        sums = np.diagonal(both, axis1=-2, axis2=-1)  # an error is 0 or 1, and so its own square
        joint = n * both - sums[..., :, None] * sums[..., None, :]
        spread = np.diagonal(joint, axis1=-2, axis2=-1)
        related = (joint / np.sqrt(spread[..., :, None] * spread[..., None, :]))[..., above[0], above[1]]
        return k / (1 + (k - 1) * np.nanmean(related, axis=-1))

    reason = "no two judges are both right and wrong on items that all have judged"
    rows = np.column_stack([np.ones(len(errors)), both])
    return estimates.of_counts("effective_judges", rows, clusters[whole], worth, reason=reason)


def _alike(runs: Sequence[Run], wrong: Floats) -> tuple[str, ...]:
    """The two that err together most often."""
    varying = [index for index, row in enumerate(wrong) if np.nanmin(row) < np.nanmax(row)]
    whole = ~np.isnan(wrong).any(0)
    if len(varying) < 2 or whole.sum() < 2:
        return ()
    related = np.asarray(np.corrcoef(wrong[varying][:, whole]))
    related[np.tril_indices(len(related))] = -np.inf
    one, other = np.unravel_index(int(related.argmax()), related.shape)
    names = [runs[index].manifest.judge for index in varying]
    return (f"Most alike in error: {names[one]} and {names[other]}, correlation {related[one, other]:.2f}.",)
