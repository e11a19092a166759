"""The cards whose files were out of reach when they were written: what the hub really sends. Needs the internet."""

from __future__ import annotations

import socket

import pytest

from judgebench import adapters, fetch, resources, rows
from judgebench.adapters import lints

CARDS = [resources.card(name) for name in resources.benchmarks()]
HUB = [card for card in CARDS if any(source.url and not source.sha256 for source in card.sources)]


@pytest.fixture
def _online() -> None:
    try:
        socket.create_connection(("huggingface.co", 443), timeout=3).close()
    except OSError:
        pytest.skip("there is no network here")


@pytest.mark.network
@pytest.mark.slow
@pytest.mark.usefixtures("_online")
@pytest.mark.parametrize("card", HUB, ids=lambda card: card.id)
def test_the_real_files_have_the_hash_the_columns_and_the_counts_that_the_card_says(card) -> None:
    """`load` holds items, labels and subsets to the card's. A failure here says what to mend in the card."""
    for source in card.sources:
        fetch.fetch(card, source)
    items = adapters.load(card)
    assert len(items) > 100
    assert all(item.has_texts for item in items)
    assert lints.label_counts(items)
    for source in card.sources:
        if source.rows is not None and source.name.endswith(".parquet"):
            assert sum(1 for _ in rows.read(fetch.locate(card, source))) == source.rows


def test_there_are_such_cards() -> None:
    assert {"judgelm-val", "rewardbench", "rewardbench2", "judgerbench-a", "rm-bench"} <= {card.id for card in HUB}
