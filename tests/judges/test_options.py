"""-J options that are given for several judges at once."""

from __future__ import annotations

import pytest

from judgebench.errors import InputError, UnknownName
from judgebench.judges import choices, kinds, options_of, shared_out


def nothing(line: str) -> None:
    pytest.fail(line)


def test_each_judge_gets_the_options_that_it_has() -> None:
    asides: list[str] = []
    judges = ("baseline:random", "baseline:first", "server:http://host/v1#m")
    parts = shared_out(judges, {"seed": "3", "max_connections": "8"}, asides.append)
    assert parts == {
        "baseline:random": {"seed": "3"},
        "baseline:first": {},
        "server:http://host/v1#m": {"seed": "3", "max_connections": "8"},
    }
    assert asides == [
        "seed=3: not for baseline:first, which has no such option",
        "max_connections=8: not for baseline:random, baseline:first, which has no such option",
    ]


def test_what_all_have_is_not_worth_a_word() -> None:
    judges = ("server:http://host/v1#m", "api:openai/gpt-4o", "local:judgelm-7b")
    parts = shared_out(judges, {"temperature": "0.7", "prompt": "pairwise"}, nothing)
    assert list(parts) == list(judges)
    assert all(part == {"temperature": "0.7", "prompt": "pairwise"} for part in parts.values())


def test_what_none_has_is_refused_with_the_choices_of_all() -> None:
    with pytest.raises(UnknownName, match=r"option of baseline:first, baseline:random named 'sed' \(did you mean seed"):
        shared_out(["baseline:first", "baseline:random"], {"sed": "3"}, nothing)
    with pytest.raises(UnknownName, match="no option of baseline:first named 'seed'; there are: none"):
        shared_out(["baseline:first"], {"seed": "3"}, nothing)


@pytest.mark.parametrize("spec", ["basline:first", "baseline"])
def test_a_judge_that_is_none_is_refused_first(spec: str) -> None:
    with pytest.raises(InputError, match="kind"):
        shared_out([spec], {"seed": "3"}, nothing)


def test_every_kind_says_what_it_has() -> None:
    has_some = {kind for kind in kinds() if any(options_of(name) for name in choices(kind))}
    assert has_some == set(kinds()) - {"replay"}
