"""What the page knows before any item is looked at: scores, figures, cards; as one JSON object."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from judgebench.report import published, selection
from judgebench.report.numbers import OnPage, on_page
from judgebench.report.page import packs
from judgebench.report.page.collect import Bench
from judgebench.score import addresses, anchors, catalogue, figures, rules
from judgebench.score.pairs import Pairs
from judgebench.score.standings import Entry, Standings
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


def described(bench: Bench, number: int) -> tuple[dict[str, Any], dict[str, str]]:
    """One benchmark, and its packs by name."""
    columns, card = packs.items(bench), bench.card
    as_pairs = [figures.pairs_of(run.run) for run in bench.runs]
    whole = [run for run in bench.runs if run.scores.manifest.limit is None]
    ranks = Standings(bench.id, whole).ranks(addresses.HEADLINE) if whole else {}
    packed = {f"items-{number}": packs.pack(columns)}
    runs = []
    for index, (run, pairs) in enumerate(zip(bench.runs, as_pairs, strict=True)):
        name = f"trials-{number}-{index}"
        place = ranks.get(run.judge) if run.scores.manifest.limit is None else None
        packed[name] = packs.pack(packs.trials(bench, run))
        runs.append(
            {
                **_run(bench, run),
                "flags": packs.counts(columns["said"][index]),
                "rank": None if place is None else [str(place), place.low, place.of],
                "length": _drawn(figures.by_length(pairs)) if pairs else None,
                "confidence": _drawn(figures.confidence(pairs)) if pairs else None,
                "pack": name,
            }
        )
    return {
        "id": bench.id,
        **{name: getattr(card, name) for name in ("title", "description", "version", "licence", "homepage")},
        "authors": f"{card.authors}, {card.year}",
        "labels": _LABELS[card.label_source],
        "kind": rules.task(card.headline, card.question, bench.labels),
        "classes": card.question.labels,
        "records": _records(bench),
        "rule": card.headline.rule,
        "gloss": card.headline.gloss,
        "warnings": card.warnings,
        "items": len(bench.labels),
        "questions": len({label.cluster for label in bench.labels}),
        "texts": len(bench.texts),
        "split": sum(columns["split"]),
        "rated": any(label.raters for label in bench.labels),
        "runs": runs,
        "matrix": _between_judges(bench, as_pairs),
        "pack": f"items-{number}",
    }, packed


def glossary(kinds: Iterable[str]) -> dict[str, Any]:
    """What every name in scores.json means, for the kinds of verdict on the page."""

    def listed(table: catalogue.Records) -> list[list[str]]:
        return [[metric.name, metric.meaning] for metric in table.values() if not metric.replaced_by]

    return {
        "metrics": {kind: listed(catalogue.METRICS[kind]) for kind in sorted(set(kinds))},
        "people": listed(catalogue.PEOPLE),
    }


def layout() -> dict[str, Any]:
    """Which numbers stand where, by address, and what stands beside a judge's number for a person."""
    person = {address: selection.OF_A_PERSON.get(address) for group in selection.PAGE.values() for address in group}
    return {**selection.PAGE, "person": person}


def _records(bench: Bench) -> dict[str, list[Any]]:
    """By address: [heading, meaning, the better side], of every number of the benchmark's runs."""
    card = bench.card
    rule, kind = card.headline.rule, rules.task(card.headline, card.question, bench.labels)
    records: dict[str, list[Any]] = {}
    for scores in (run.scores for run in bench.runs):
        names = [addresses.HEADLINE, *scores.metrics, *(f"human.{name}" for name in scores.human)]
        for address in [*names, *(f"{addresses.HEADLINE}.{name}" for name in scores.headline.parts)]:
            if address not in records and (record := addresses.record(address, rule, kind)) is not None:
                records[address] = [record.title, record.meaning, record.better]
    return records


def _table(estimates: Mapping[str, Estimate]) -> dict[str, OnPage | None]:
    return {name: on_page(estimate) for name, estimate in estimates.items()}


def _drawn(value: Any) -> Any:
    """A figure for the page: estimates as they are printed, other numbers to five decimals."""
    if isinstance(value, Estimate):
        return on_page(value)
    if isinstance(value, Mapping):
        return {name: _drawn(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_drawn(one) for one in value]
    return round(value, 5) if isinstance(value, float) else value


def _between_judges(bench: Bench, as_pairs: Sequence[Pairs | None]) -> dict[str, Any] | None:
    whole = [
        (run.judge, pairs)
        for run, pairs in zip(bench.runs, as_pairs, strict=True)
        if pairs is not None and run.scores.manifest.limit is None
    ][: figures.MOST_JUDGES]
    if len(whole) < 2:
        return None
    cells = figures.between_judges([pairs for _, pairs in whole])
    return {"judges": [judge for judge, _ in whole], "cells": _drawn(cells)}


def _run(bench: Bench, run: Entry) -> dict[str, Any]:
    scores, several = run.scores, any(len(label.lengths) > 1 for label in bench.labels)
    return {
        "judge": run.judge,
        "baseline": run.is_baseline,
        "orders": ORDERS[scores.manifest.orders] if several else "one response an item",
        "limit": scores.manifest.part or None,
        "rule": scores.headline.rule,
        "headline": on_page(scores.headline),
        "parts": _table(scores.headline.parts),
        "metrics": _table(catalogue.current(catalogue.METRICS[addresses.task(scores)], scores.metrics)),
        "human": _table(catalogue.current(catalogue.PEOPLE, scores.human)),
        "people_score": on_page(selection.of_a_person(scores, addresses.HEADLINE)),
        "subsets": {name: _table(estimates) for name, estimates in scores.subsets.items()},
        "coverage": {
            "wanted": scores.coverage.wanted,
            "ok": scores.coverage.ok,
            "failures": {what: count for what, count in scores.coverage.failures.items() if count},
        },
        "warnings": scores.warnings[: len(scores.warnings) - len(bench.card.warnings)],
        "published": _published(bench, scores),
        "made": _made(run),
    }


def _published(bench: Bench, scores: Scores) -> list[list[Any]]:
    """[what, as printed, ours, whether ours rounds to it, where it was printed]."""
    rows = []
    for anchor in (anchor for anchor in bench.card.anchors if anchor.judge == scores.judge):
        for key in anchor.values:
            ours = anchors.estimate(scores, anchor, key)
            lands = ours is not None and anchors.lands(anchor, key, ours)
            rows.append([key, published.figure(bench.card, anchor, key), on_page(ours), lands, anchor.source])
    return rows


def _made(run: Entry) -> list[list[str]]:
    """How the run was made, as pairs of a name and a value."""
    manifest = run.scores.manifest
    used = [judgment.usage for judgment in run.run.judgments if judgment.usage is not None]
    costs = [usage.cost for usage in used if usage.cost is not None]
    tokens = [(usage.prompt_tokens or 0) + (usage.completion_tokens or 0) for usage in used]
    rows = {
        "benchmark version": manifest.version,
        "orders": ORDERS[manifest.orders],
        "samples": str(manifest.samples),
        "limit": manifest.part,
        **_flat("protocol", manifest.protocol),
        **_flat("", manifest.provenance),
        "answered by": ", ".join(manifest.served),
        "not sent, since the provider does not take it": ", ".join(manifest.dropped),
        "asked": f"{manifest.started} to {manifest.ended}" if manifest.started else "",
        "tokens": f"{sum(tokens):,}" if any(tokens) else "",
        "cost": f"${sum(costs):,.4f} for {len(costs):,} of {len(run.run.judgments):,} answers" if costs else "",
        "items digest": manifest.items,
        **_flat("", manifest.versions),
    }
    return [[name, value] for name, value in rows.items() if value]


def _flat(prefix: str, values: Mapping[str, Any]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for name, value in values.items():
        full = f"{prefix} {name}".strip()
        texts |= _flat(full, value) if isinstance(value, Mapping) else {full: str(value)}
    return texts


def people(runs: Sequence[Entry]) -> Scores | None:
    """Any run over all items that has numbers about people: they are the same in each."""
    return next((run.scores for run in runs if run.scores.human and run.scores.manifest.limit is None), None)
