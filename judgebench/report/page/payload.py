"""What the page knows before any item is looked at: scores, figures, cards; as one JSON object."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from judgebench.report.page import figures, numbers, packs
from judgebench.report.page.collect import Bench, Run
from judgebench.score import anchors, glossary, rules
from judgebench.score.ranking import Ranks
from judgebench.types import Estimate, Scores

ORDERS = {
    "both": "both orders",
    "single": "stored order only",
    "merged": "both orders, merged upstream into one verdict",
}
_LABELS = {
    "human": "labels from people",
    "objective": "objective labels: right answers, not opinions",
    "model": "labels from a model: agreement is with that model, not with people",
}


def bench(found: Bench, number: int) -> tuple[dict[str, Any], dict[str, str]]:
    """One benchmark, and its packs by name."""
    columns = packs.items(found)
    as_pairs = [figures.of_run(found, run) for run in found.runs]
    names = {f"items-{number}": packs.pack(columns)}
    places = figures.ranks(found)
    runs = []
    for index, (run, pairs) in enumerate(zip(found.runs, as_pairs, strict=True)):
        name = f"trials-{number}-{index}"
        names[name] = packs.pack(packs.trials(found, run))
        runs.append(
            {
                **_run(found, run),
                "flags": packs.counts(columns["said"][index]),
                "rank": _rank(places[index]),
                "length": figures.length(pairs) if pairs else None,
                "confidence": figures.confidence(pairs) if pairs else None,
                "pack": name,
            }
        )
    card = found.card
    return {
        "id": found.id,
        "title": card.title,
        "description": card.description,
        "authors": f"{card.authors}, {card.year}",
        "version": card.version,
        "licence": card.licence,
        "homepage": card.homepage,
        "labels": _LABELS[card.label_source],
        "kind": rules.task(card.headline, found.labels),
        "rule": card.headline.rule,
        "gloss": card.headline.gloss,
        "warnings": card.warnings,
        "items": len(found.labels),
        "questions": len({label.cluster for label in found.labels}),
        "texts": len(found.texts),
        "split": sum(columns["split"]),
        "rated": any(label.raters for label in found.labels),
        "runs": runs,
        "matrix": figures.between_judges(found, as_pairs),
        "pack": f"items-{number}",
    }, names


def meanings(kinds: Iterable[str]) -> dict[str, Any]:
    """What every name in scores.json means, for the kinds of verdict on the page; of `cohen_kappa[A,B]` without the
    names."""
    return {
        "metrics": {kind: glossary.METRICS[kind] for kind in sorted(set(kinds))},
        "people": {name.partition("[")[0]: text for name, text in glossary.PEOPLE.items()},
        "effect": glossary.EFFECT,
    }


def _run(found: Bench, run: Run) -> dict[str, Any]:
    scores = run.scores
    return {
        "judge": run.judge,
        "baseline": run.is_baseline,
        "orders": ORDERS[scores.manifest.orders] if _has_orders(found) else "one response an item",
        "limit": scores.manifest.limit,
        "rule": scores.headline.rule,
        "headline": numbers.shown(scores.headline),
        "parts": numbers.table(scores.headline.parts),
        "metrics": numbers.table(scores.metrics),
        "human": numbers.table(scores.human),
        "people_score": numbers.shown(people_score(scores)),
        "subsets": {name: numbers.table(estimates) for name, estimates in scores.subsets.items()},
        "coverage": {
            "wanted": scores.coverage.wanted,
            "ok": scores.coverage.ok,
            "failures": {what: count for what, count in scores.coverage.failures.items() if count},
        },
        "warnings": scores.warnings[: len(scores.warnings) - len(found.card.warnings)],
        "published": _published(found, scores),
        "made": _made(run),
    }


def _rank(place: Ranks | None) -> list[Any] | None:
    """[text, best, of how many]."""
    return None if place is None else [str(place), place.low, place.of]


def _has_orders(found: Bench) -> bool:
    return any(len(label.lengths) > 1 for label in found.labels)


def _published(found: Bench, scores: Scores) -> list[list[Any]]:
    """[what, as printed, ours, whether ours rounds to it, where it was printed]."""
    rows = []
    for anchor in found.card.anchors:
        if anchor.judge != scores.judge:
            continue
        for key, value in anchor.values.items():
            ours = anchors.estimate(scores, anchor, key)
            lands = ours is not None and anchors.lands(anchor, key, ours)
            rows.append([key, f"{value:.{anchor.decimals}f}", numbers.shown(ours), lands, anchor.source])
    return rows


def _made(run: Run) -> list[list[str]]:
    """How the run was made, as pairs of a name and a value."""
    manifest = run.scores.manifest
    used = [judgment.usage for judgment in run.judgments if judgment.usage is not None]
    costs = [usage.cost for usage in used if usage.cost is not None]
    tokens = [(usage.prompt_tokens or 0) + (usage.completion_tokens or 0) for usage in used]
    rows = {
        "benchmark version": manifest.version,
        "orders": ORDERS[manifest.orders],
        "samples": str(manifest.samples),
        "limit": f"first {manifest.limit} items" if manifest.limit else "",
        **_flat("protocol", manifest.protocol),
        **_flat("", manifest.provenance),
        "tokens": f"{sum(tokens):,}" if any(tokens) else "",
        "cost": f"${sum(costs):,.4f} for {len(costs):,} of {len(run.judgments):,} answers" if costs else "",
        "items digest": manifest.items,
        **_flat("", manifest.versions),
    }
    return [[name, value] for name, value in rows.items() if value]


def _flat(prefix: str, values: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in values.items():
        full = f"{prefix} {name}".strip()
        found |= _flat(full, value) if isinstance(value, Mapping) else {full: str(value)}
    return found


def people_score(scores: Scores) -> Estimate | None:
    """The benchmark's own number for people against people, where its rule has one."""
    return scores.human.get(f"human_{scores.headline.name}")


def people(runs: Sequence[Run]) -> Scores | None:
    """Any run over all items that has numbers about people: they are the same in each."""
    return next((run.scores for run in runs if run.scores.human and run.scores.manifest.limit is None), None)
