"""Lines of judgebench/*.py by room, and the two sums that a closing note gives: `make lines`.

A room is a package or module directly below judgebench. Question families (verifiable) are counted apart wherever they
lie, and so are the rooms that a growing field may fill without making the harness larger; JavaScript and CSS are not
Python and have a line of their own.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "judgebench"
APART = ("verifiable", "procedures", "training", "probes", "label")
LIMITS = {(): 30_700, ("adapters",): 26_400}
"""At most so many lines without APART, and without these rooms too."""
SCRIPTS = (".js", ".mjs", ".css")


def room(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return next((part for part in parts if part in APART), parts[0])


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def main() -> None:
    rooms: Counter[str] = Counter()
    for path in PACKAGE.rglob("*.py"):
        rooms[room(path)] += lines(path)
    for name, count in rooms.most_common():
        print(f"{name:<12} {count:>7,}" + ("   apart" if name in APART else ""))
    print(f"{'all':<12} {sum(rooms.values()):>7,}")
    for without, limit in LIMITS.items():
        total = sum(count for name, count in rooms.items() if name not in (*APART, *without))
        print(f"without {', '.join((*APART, *without))}: {total:,} (at most {limit:,})")
    scripts = [path for path in PACKAGE.rglob("*") if path.suffix in SCRIPTS and ".min." not in path.name]
    print(f"JavaScript and CSS, apart, as written here: {sum(map(lines, scripts)):,}")


if __name__ == "__main__":
    main()
