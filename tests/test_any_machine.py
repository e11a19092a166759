"""The verbs say and write the same on any machine: in another time zone, without a locale, with a strict umask, under
a path with spaces, with a home that cannot be written."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
RUNS = "out/verifiable-n=8"
VERBS = f"""
ls benchmarks
data check 'replies.csv'
run -b verifiable -B n=8 -j baseline:first -j baseline:longest --output-dir out
score {RUNS}/baseline-first
leaderboard --output-dir out --output out/leaderboard.md
report --output-dir out --output out/report.html
score out/absent
run -b verifiable -j replay:out/absent.csv --output-dir out
"""
DRIVER = """
import shlex, sys
from judgebench.cli import main
for line in sys.argv[1].strip().splitlines():
    print("$", line.partition(" ")[0], flush=True)
    try:
        main(shlex.split(line))
    except SystemExit as end:
        print("exit", end.code, flush=True)
"""
REPLIES = """question,response_a,response_b,winner,rater
Wie spät ist es?,Viertel vor drei – glaube ich,„Zeit ist relativ“,A,Jörg
Wie spät ist es?,Viertel vor drei – glaube ich,„Zeit ist relativ“,A,Zoë
何時ですか,三時です,わかりません,A,Jörg
何時ですか,三時です,わかりません,B,Zoë
"""
MADE = re.compile(rb',\["(?:asked|commit)","[^"]*"\]')
"""When a run was made and by which commit, as the page says it: not the machine's doing, and a copy has no commit."""
UTF8 = {"LC_ALL": "C.UTF-8", "TZ": "UTC"}


def run_verbs(
    folder: Path, *prefix: str, package: Path = CHECKOUT, umask: int = 0o022, **settings: str
) -> list[object]:
    """What all verbs print, with how they end, and the files that they write."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "replies.csv").write_text(REPLIES, encoding="utf-8")
    dropped = ("JUDGEBENCH_", "HF_", "PYTHON", "LC_", "LANG", "XDG_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    home = {"HOME": str(folder / "home"), "COLUMNS": "200", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [*prefix, sys.executable, "-c", DRIVER, VERBS],
        cwd=folder, env={**kept, **home, **UTF8, "PYTHONPATH": str(package), **settings}, umask=umask,
        capture_output=True, check=False,
    )  # fmt: skip
    errors = done.stderr.decode()
    assert "Traceback" not in errors, errors
    assert done.returncode == 0, errors
    written = [MADE.sub(b"", (folder / "out" / name).read_bytes()) for name in ("leaderboard.md", "report.html")]
    return [done.stdout.decode(), errors, *written]


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    shown = run_verbs(tmp_path_factory.mktemp("usual"))
    assert str(shown[0]).count("exit 0") == 6
    assert str(shown[0]).count("exit 2") == 2
    assert "–" in str(shown[0]), "there is something to lose"
    return shown


ASCII = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.mark.xdist_group("any machine")
@pytest.mark.parametrize(
    ("umask", "settings"),
    [(0o077, {"TZ": "Asia/Kolkata", "LC_ALL": "C", "LANG": "C"}), (0o022, {"TZ": "Pacific/Chatham", **ASCII})],
    ids=["half an hour, LANG=C, umask 077", "three quarters, ASCII"],
)
def test_another_time_zone_locale_and_umask(umask, settings, usual, tmp_path) -> None:
    assert run_verbs(tmp_path, umask=umask, **settings) == usual


@pytest.mark.xdist_group("any machine")
def test_a_checkout_under_a_path_with_spaces_and_an_umlaut(usual: list[object], tmp_path: Path) -> None:
    package = tmp_path / "a b ü" / "judge bench"
    for name in ("judgebench", "benchmarks", "prompts"):
        shutil.copytree(CHECKOUT / name, package / name, ignore=shutil.ignore_patterns("__pycache__"))
    assert run_verbs(tmp_path / "c d é", package=package) == usual


@pytest.mark.xdist_group("any machine")
def test_a_home_on_a_read_only_disk(usual: list[object], tmp_path: Path) -> None:
    """Mounted so: mode bits do not stop root."""
    home = tmp_path / "read only"
    home.mkdir()
    mount = 'mount -t tmpfs -o ro none "$HOME" && ! touch "$HOME/x" 2>/dev/null && exec "$@"'
    spaces = ("unshare", "--mount", *(() if os.geteuid() == 0 else ("--map-root-user",)), "sh", "-c", mount, "sh")
    if (
        shutil.which("unshare") is None
        or subprocess.run(
            [*spaces, "true"], env={**os.environ, "HOME": str(home)}, capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("this machine lets nobody mount anything here")
    assert run_verbs(tmp_path / "work", *spaces, HOME=str(home)) == usual
