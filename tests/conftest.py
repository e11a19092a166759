"""What every test relies on: no setting of the machine leaks in, and upstream's files, where they are at hand."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

from judgebench.api.scoring import finished
from judgebench.score.standings import Standings
from judgebench.types import Scores

# How long an example takes says more about the machine's other work than about the code.
settings.register_profile("judgebench", deadline=None)
settings.load_profile("judgebench")

# A shell's background job ignores Ctrl-C, and so would every process that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

# What `make test` sets is for these tests; the programs that they start would print warnings of other packages.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.pop("PYTHONWARNDEFAULTENCODING", None)

MIRROR = Path(os.environ.get("JUDGEBENCH_MIRROR") or Path(__file__).resolve().parents[2] / "shared" / "data")
"""Looked up before any test runs, because the tests themselves run without the variable."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew instead of comparing")


SHARED = ("all_results", "frames", "imported")
"""Fixtures of a session that take long: with several workers, one of them has all the tests that use it."""


@pytest.hookimpl(tryfirst=True)  # before xdist looks for groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if "mirror" in fixtures:
            item.add_marker(pytest.mark.mirror)
        for name in SHARED:
            if name in fixtures:
                item.add_marker(pytest.mark.xdist_group(name))
    # The long ones first: begun last, they would leave the other workers idle.
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session")
def all_results() -> tuple[list[Standings], dict[Path, Scores]]:
    """All that is in results/, scored anew, by benchmark; and what scores.json files should be where they differ."""
    differs: dict[Path, Scores] = {}
    return finished(Path(__file__).parents[1] / "results", differs=differs)[0], differs


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("JUDGEBENCH_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("JUDGEBENCH_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of copied upstream files, with JUDGEBENCH_MIRROR set to it and the home folder empty."""
    if not MIRROR.is_dir():
        pytest.skip(f"the upstream files are not at hand: {MIRROR} is absent and JUDGEBENCH_MIRROR is not set")
    monkeypatch.setenv("JUDGEBENCH_MIRROR", str(MIRROR))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home" / ".cache"))
    return MIRROR
