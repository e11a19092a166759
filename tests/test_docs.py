"""The documents: their commands run and print what is shown, their examples hold, and their links lead somewhere.

A `console` block is run: lines that begin with `$ ` are commands, the rest is what they print; `...` stands for lines
left out. `make golden` writes what is printed now. A block below `<!-- file: NAME -->` is a file that they read. An
`sh` block needs a network, a model or a key: its commands are looked up and not run.
"""

from __future__ import annotations

import doctest
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from judgebench.cli import main

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [path for path in sorted(DOCS.rglob("*.md")) if path.parent != DOCS / "reference"]
DOCUMENTS = [*PAGES, *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "leaderboard.md"))]
BLOCK = re.compile(
    r"(?:^<!-- file: (?P<file>\S+) -->\n\n?)?^```(?P<kind>[\w-]+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
LEFT_OUT = "...\n"


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the committed results, 80 columns wide."""
    shutil.copytree(ROOT / "results", tmp_path / "results")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


def transcript(text: str) -> Iterator[tuple[str, str]]:
    """(command, what is shown below it) for each command of a block."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, shown = re.match(r"((?:[^\n]*\\\n)*[^\n]*\n)(.*)", part, re.DOTALL).groups()  # type: ignore[union-attr]
        yield command, shown


def fits(shown: str, printed: str) -> bool:
    if LEFT_OUT not in shown:
        return shown == printed
    begin, _, end = shown.partition(LEFT_OUT)
    return printed.startswith(begin) and printed.endswith(end) and len(begin) + len(end) < len(printed)


def shortened(printed: str, shown: str) -> str:
    """What is printed now, with as many lines left in at both ends as were shown."""
    if LEFT_OUT not in shown:
        return printed
    begin, _, end = (part.count("\n") for part in shown.partition(LEFT_OUT))
    lines = printed.splitlines(keepends=True)
    return "".join([*lines[:begin], LEFT_OUT, *lines[len(lines) - end :]])


@pytest.mark.parametrize("page", [page for page in PAGES if "```console\n" in page.read_text("utf-8")], ids=named)
def test_commands_print_what_is_shown(
    page: Path, workplace: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    text = renewed = page.read_text(encoding="utf-8")
    for block in BLOCK.finditer(text):
        if block["file"]:
            (workplace / block["file"]).write_text(block["text"], encoding="utf-8")
        if block["kind"] != "console":
            continue
        said = ""
        for command, shown in transcript(block["text"]):
            words = shlex.split(command)
            assert words[0] == "judgebench", f"{page.name} has a command that is not ours: {command}"
            with pytest.raises(SystemExit) as stop:
                main(words[1:])
            said_by_it = capsys.readouterr()
            assert stop.value.code == 0, f"{page.name}: {command}ends with\n{said_by_it.err}"
            printed = said_by_it.out.rstrip("\n") + "\n"
            if not request.config.getoption("--update-golden"):
                assert fits(shown, printed), f"{page.name}: {command}prints\n{printed}"
            said += f"$ {command}{shortened(printed, shown)}"
        renewed = renewed.replace(block["text"], said, 1)
    if request.config.getoption("--update-golden"):
        page.write_text(renewed, encoding="utf-8")


@pytest.mark.parametrize("page", [page for page in PAGES if ">>> " in page.read_text("utf-8")], ids=named)
def test_examples_hold(page: Path, workplace: Path) -> None:
    """With what the page's `python` blocks define."""
    blocks = list(BLOCK.finditer(page.read_text(encoding="utf-8")))
    names: dict[str, object] = {"__name__": "example"}
    for block in blocks:
        if block["kind"] == "python":
            exec(compile(block["text"], str(page), "exec"), names)
    examples = "\n".join(block["text"] for block in blocks if block["kind"] == "pycon")
    example = doctest.DocTestParser().get_doctest(examples, names, page.name, str(page), 0)
    assert example.examples
    result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE).run(example)
    assert result.failed == 0


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_links_lead_somewhere(document: Path) -> None:
    """To files, and to headings in them; `make docs` checks the pages that are written from the code as well."""
    text = re.sub(r"^```.*?^```$", "", document.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"`[^`\n]*`", "", text)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = (document.parent / name).resolve() if name else document
        if path.parent == DOCS / "reference":
            continue
        assert path.exists(), f"{named(document)} links to {target}"
        if anchor:
            assert anchor in anchors(path), f"{named(document)} links to {target}"


def anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
