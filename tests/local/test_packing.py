"""Which tokens are computed together and which only once. Needs no torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from judgebench.backends.local.packing import SHARED, Budget, Tokens, by_length, fill, in_common, pack, sort_key


@dataclass(frozen=True)
class Prompt:
    prompt: Tokens
    own: int = 1
    room: int = 0


def prompt(*tokens: int, own: int = 1, room: int = 0) -> Prompt:
    return Prompt(np.array(tokens, np.int64), own, room)


@st.composite
def families(draw: st.DrawFn) -> list[Prompt]:
    """Prompts that branch off from one another, at places of all kinds."""
    made = [draw(st.lists(st.integers(0, 3), min_size=1, max_size=60))]
    for _ in range(draw(st.integers(0, 12))):
        stem = draw(st.sampled_from(made))
        made.append([*stem[: draw(st.integers(0, len(stem)))], *draw(st.lists(st.integers(0, 3), max_size=40))] or [0])
    return sorted((Prompt(np.array(one, np.int64), own=draw(st.integers(1, len(one)))) for one in made), key=sort_key)


@given(families())
def test_a_prompt_is_what_stands_on_its_path(prompts: list[Prompt]) -> None:
    tree = pack(prompts)
    assert tree.prompts == len(prompts)
    assert tree.computed <= tree.asked == sum(len(one.prompt) for one in prompts)
    for number, one in enumerate(prompts):
        path = [tree.segments[index] for index in tree.path(tree.shared + number)]
        assert np.concatenate([segment.tokens for segment in path]).tolist() == one.prompt.tolist()
        assert len(path[-1].tokens) >= one.own
        assert [segment.first for segment in path] == [0, *np.cumsum([len(part.tokens) for part in path[:-1]])]
    for index, segment in enumerate(tree.segments):
        assert segment.parent is None or segment.parent < min(index, tree.shared)
        assert index >= tree.shared or len(segment.tokens) >= SHARED


@given(families(), st.integers(1, 200), st.integers(1, 200))
def test_packs_keep_to_the_budget(prompts: list[Prompt], computed: int, kept: int) -> None:
    packs = list(fill(prompts, Budget(computed, kept)))
    assert [one for members in packs for one in members] == prompts
    for members in packs:
        tree = pack(members)
        assert len(members) == 1 or (tree.computed <= computed and tree.asked <= kept)


def test_both_orders_of_an_item_share_its_question() -> None:
    head, question = list(range(SHARED)), [90] * SHARED
    prompts = [prompt(*head, *question, *one) for one in ([1, 2, 3], [3, 2, 1], [3, 2, 2])]
    prompts.append(prompt(*range(100, 120)))
    tree = pack(sorted(prompts, key=sort_key))
    assert tree.shared == 1
    assert tree.computed == 2 * SHARED + 3 * 3 + 20
    assert tree.asked == 3 * (2 * SHARED + 3) + 20


def test_what_is_ones_own_is_not_shared() -> None:
    one, other = prompt(*range(50), own=30), prompt(*range(50))
    assert in_common(one, other) == 20
    assert pack([one, other]).computed == 50 + 30


def test_running_out_of_memory_makes_the_next_packs_smaller() -> None:
    budget = Budget(40, 1_000)
    packs = fill([prompt(*range(start, start + 10)) for start in range(0, 2_000, 100)], budget)
    assert len(next(packs)) == 4
    budget.halve()
    assert len(next(packs)) == 2
    budget.halve()
    budget.halve()
    budget.halve()
    assert (budget.computed, len(next(packs))) == (2, 1)
    for _ in range(20):
        budget.halve()
    assert budget.computed == budget.kept == 1


@pytest.mark.parametrize(("computed", "expected"), [(1, 1), (9, 1), (20, 2), (1_000, 5)])
def test_padded_batches_take_the_longest_first(computed: int, expected: int) -> None:
    waiting = [prompt(*range(length)) for length in range(6, 11)]
    batch = by_length(waiting, Budget(computed, computed), lambda one: len(one.prompt))
    assert batch == waiting[-expected:]
