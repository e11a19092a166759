"""Paper tables: the shape of the papers' own tables, what is bold, and LaTeX that a real TeX compiles."""

from __future__ import annotations

import csv
import io
import random
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pytest

from judgebench import api, resources, store
from judgebench.errors import InputError
from judgebench.report import latex, paper, tables
from judgebench.report.tables import Intervals, Number, Table
from judgebench.results import Run, read
from judgebench.score.standings import Standings, by_benchmark, enter
from judgebench.types import (
    BenchmarkRef,
    Estimate,
    JudgeRef,
    Judgment,
    Label,
    Manifest,
    Scores,
    Status,
    Verdict,
    digest_of_items,
)

RESULTS = Path(__file__).parents[2] / "results"
GOLDEN = Path(__file__).parent / "golden"
SCENARIOS = sorted(
    {name for anchor in resources.card("themis-synui").anchors for name in anchor.values if name[0].isupper()}
)
"""Of the paper's Table 4."""
TRICKY = r"a_b & 50% $x$ #1 {y} ~^\ <i> |z| \input{/etc/passwd} --x-- “q” 中文 é ß “ 'single' \"double\" `tick` ﬁ 😀"


@cache
def standings(benchmark: str) -> Standings:
    """Of PandaLM two runs, which take a second each."""
    runs = [folder for folder in store.runs(RESULTS) if folder.parent.name == benchmark]
    folders = [
        folder for folder in runs if benchmark != "pandalm" or folder.name in ("gpt-3.5-turbo", "baseline-longest")
    ]
    (found,) = by_benchmark(enter(read(folder)) for folder in folders)
    return found


def made_up(benchmark: str, labels: Sequence[Label], judges: Sequence[str]) -> Standings:
    """Judges that are right more or less often, on labels of a benchmark whose data are not at hand."""
    card, entries = resources.card(benchmark), []
    for place, judge in enumerate(judges):
        draw = random.Random(judge)
        pairs = len(labels[0].lengths) == 2
        manifest = Manifest(
            benchmark_ref=BenchmarkRef(id=benchmark),
            version=card.version,
            items=digest_of_items(labels),
            judge_ref=JudgeRef(kind="python", called=judge),
            orders="both" if pairs else "single",
        )
        judgments = [
            _judgment(label, order, draw, 0.4 + 0.25 * place)
            for label in labels
            for order in ([(0, 1), (1, 0)] if pairs else [(0,)])
        ]
        entries.append(enter(Run(card, labels, manifest, judgments)))
    return by_benchmark(entries)[0]


def _judgment(label: Label, order: tuple[int, ...], draw: random.Random, skill: float) -> Judgment:
    if draw.random() < 0.02:
        return Judgment(item=label.id, order=order, status=Status.UNPARSED, detail="nothing to read")
    choices = [(1.0, 0.0), (0.0, 1.0), (0.5, 0.5)] if len(order) == 2 else [(float(rating),) for rating in range(1, 6)]
    scores = label.gold.scores if draw.random() < skill else draw.choice(choices)
    return Judgment(item=label.id, order=order, status=Status.OK, verdict=Verdict(scores=scores))


def label(number: int, gold: tuple[float, ...], subset: str | None = None) -> Label:
    sizes = (100,) * len(gold)
    return Label(
        id=f"i{number}",
        gold=Verdict(scores=gold),
        subset=subset,
        cluster=f"q{number}",
        authors=(None,) * len(gold),
        lengths=sizes,
        digest="0" * 16,
    )


@cache
def judgelm() -> Standings:
    """Three labels, a tie among them, both orders."""
    draw = random.Random("judgelm")
    gold = [draw.choice([(1.0, 0.0), (0.0, 1.0), (0.5, 0.5)]) for _ in range(120)]
    return made_up("judgelm-val", [label(i, scores) for i, scores in enumerate(gold)], ["GPT-3.5", "judgelm-7b"])


@cache
def themis() -> Standings:
    """Ratings from 1 to 5 in Themis' ten scenarios."""
    draw = random.Random("themis")
    labels = [label(i, (float(draw.randint(1, 5)),), SCENARIOS[i % len(SCENARIOS)]) for i in range(300)]
    return made_up("themis-synui", labels, ["Qwen-14B", "Themis-14B"])


SHAPES: dict[str, Callable[[], Table]] = {
    "pandalm": lambda: paper.main([standings("pandalm")])[0],
    "judgelm": lambda: paper.main([judgelm()])[0],
    "judgebench": lambda: paper.subsets([standings("scalerlab-judgebench")])[0],
    "themis": lambda: paper.subsets([themis()])[0],
}
COLUMNS = {
    "pandalm": ["accuracy", "precision", "recall", "F1"],
    "judgelm": ["accuracy", "precision", "recall", "F1", "consistency", "bias first", "bias second", "delta bias"],
    "judgebench": ["Knowledge", "Reasoning", "Math", "Coding", "overall"],
    "themis": [*SCENARIOS, "overall"],
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_paper_s_table_has_its_columns_and_every_column_its_meaning(shape: str) -> None:
    table = SHAPES[shape]()
    places = [table.columns.index(name) for name in COLUMNS[shape]]
    assert places == sorted(places)
    notes = " ".join(table.notes).lower()
    named = {"judge", "coverage", "n", *COLUMNS["judgebench"], *COLUMNS["themis"]}
    assert [name for name in table.columns if name not in named and f"{name.lower()}: " not in notes] == []
    assert re.search(r"n = [\d,]+ items from [\d,]+ questions", " ".join(table.notes))


@pytest.mark.parametrize("shape", SHAPES)
def test_golden_tables(shape: str, request: pytest.FixtureRequest) -> None:
    made, path = latex.as_latex(SHAPES[shape]()), GOLDEN / f"{shape}.tex"
    if request.config.getoption("--update-golden"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(made, encoding="utf-8")
    assert made == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("shape", "judge", "printed"),
    [
        ("pandalm", "gpt-3.5-turbo †", ["71.07", "58.79", "57.36", "57.55"]),
        ("judgebench", "o1-mini-2024-09-12+arena-hard", ["58.44", "62.24", "82.14", "78.57", "65.71"]),
        ("judgebench", "Skywork-Reward-Gemma-2-27B", ["59.74", "66.33", "83.93", "50.00", "64.29"]),
        ("judgebench", "internlm2-7b-reward", ["56.49", "61.22", "71.43", "50.00", "59.43"]),
    ],
)
def test_the_published_figures_stand_in_the_paper_s_columns(shape: str, judge: str, printed: list[str]) -> None:
    """PandaLM's README at 6fdac727; JudgeBench (2410.12784), tables 2 and 3."""
    table = SHAPES[shape]()
    row = next(row for row in table.rows if row[0] == judge)
    cells = [row[table.columns.index(name)] for name in COLUMNS[shape]]
    assert [tables.in_form(cell, Intervals.NONE, 2, ("", "")) for cell in cells[: len(printed)]] == printed


def test_bold_is_what_cannot_be_told_from_the_best() -> None:
    table = SHAPES["judgebench"]()
    strong = {row[0] for row in table.rows if isinstance(row[-1], Number) and row[-1].strong}
    assert strong == {"o1-mini-2024-09-12+arena-hard", "Skywork-Reward-Gemma-2-27B", "internlm2-7b-reward"}
    overall = [row[-1].value.value for row in table.rows if row[0] in strong]
    assert min(overall) < max(overall) - 0.05, "a difference of six points, and not beyond chance"


def test_alone_nothing_is_bold() -> None:
    field = standings("pandalm")
    table = paper.main([Standings(field.benchmark, field.entries[:1])])[0]
    assert not any(isinstance(cell, Number) and cell.strong for row in table.rows for cell in row)
    assert "Bold" not in " ".join(table.notes)


def test_a_number_of_which_neither_more_nor_less_is_better_is_never_bold() -> None:
    table = paper.bias([standings("scalerlab-judgebench")])[0]
    for name in ("delta bias", "first slot", "tie rate"):
        place = table.columns.index(name)
        assert not any(isinstance(row[place], Number) and row[place].strong for row in table.rows)
    place = table.columns.index("first bias")
    least = min((row[place].value.value, row[0]) for row in table.rows)
    assert next(row[place].strong for row in table.rows if row[0] == least[1]), "less bias is better"


def test_a_person_stands_above_the_judges() -> None:
    table = paper.human([standings("pandalm")])[0]
    assert table.rows[0][0] == "a person"
    assert tables.in_form(table.rows[0][1], Intervals.NONE, 2, ("", "")) == "91.99"


def test_several_benchmarks_are_one_matrix() -> None:
    fields = [standings("pandalm"), standings("scalerlab-judgebench")]
    (table,) = paper.main(fields)
    assert table.columns == ["judge", "pandalm", "scalerlab-judgebench"]
    row = next(row for row in table.rows if row[0] == "gpt-3.5-turbo †")
    assert row[2] is None
    assert table.rows[-1][0].startswith("baseline:")


def test_compare_holds_every_two_judges() -> None:
    (table,) = paper.compare([standings("scalerlab-judgebench")])
    assert len(table.rows) == 9 * 8 // 2
    with pytest.raises(InputError, match="two finished runs"):
        paper.compare([Standings("pandalm", standings("pandalm").entries[:1])])


def test_what_a_benchmark_has_not_is_said() -> None:
    with pytest.raises(InputError, match="several people"):
        paper.human([standings("scalerlab-judgebench")])
    with pytest.raises(InputError, match="subsets"):
        paper.subsets([standings("pandalm")])


def test_programs_get_one_table_of_several_benchmarks() -> None:
    merged = paper.merged(paper.bias([standings("pandalm"), standings("scalerlab-judgebench")]))
    rows = list(csv.DictReader(io.StringIO(tables.as_csv(merged))))
    assert {row["benchmark"] for row in rows} == {"pandalm", "scalerlab-judgebench"}
    assert all(0 <= float(row["tie rate"]) <= 1 for row in rows)


def test_plus_minus_is_the_longer_side() -> None:
    estimate = Estimate(name="x", value=0.70, low=0.60, high=0.72, n=9)
    assert tables.in_form(estimate, Intervals.PM, 2, ("", "")) == "70.00 ± 10.0"
    assert r"\pm\,10.0" in latex.as_latex(Table(["x"], [[estimate]]), intervals=Intervals.PM)


def test_a_footnote_says_what_is_shown_of_the_intervals() -> None:
    table = SHAPES["judgebench"]()
    shown = {style: latex.as_latex(paper.in_style(table, style), intervals=style) for style in Intervals}
    assert "intervals" in shown[Intervals.BRACKETS]
    assert "intervals" not in shown[Intervals.NONE]
    assert "longer of the two sides" in shown[Intervals.PM]


def test_html_shows_hostile_names_as_text() -> None:
    text = tables.as_html(
        Table(["judge", "x"], [["<script>alert(1)</script>", Number("1–2", strong=True)]], title="<b>")
    )
    assert "<script>" not in text
    assert "<b>" not in text
    assert "<strong>1–2</strong>" in text


@pytest.fixture(scope="module")
def tex(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    program = shutil.which("pdflatex") or shutil.which("tectonic")
    if program is None:
        pytest.skip("no TeX here (apt install texlive-latex-base texlive-latex-recommended)")

    def compile_(body: str) -> Path:
        folder = tmp_path_factory.mktemp("tex")
        head = (
            "\\documentclass{article}\n\\usepackage{booktabs,graphicx}\n\\usepackage[margin=1cm,landscape]{geometry}\n"
        )
        (folder / "t.tex").write_text(f"{head}\\begin{{document}}\n{body}\\end{{document}}\n", encoding="utf-8")
        flags = ["-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape"] if "pdflatex" in program else []
        done = subprocess.run([program, *flags, "t.tex"], cwd=folder, capture_output=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout.decode(errors="replace")[-3000:]
        return folder / "t.pdf"

    return compile_


def test_every_table_compiles(tex: Callable[[str], Path]) -> None:
    fields = [standings("pandalm"), standings("scalerlab-judgebench")]
    kinds = ("main", "bias", "human", "subsets", "compare")
    made = [table for kind in kinds for table in paper.KINDS[kind](fields)]
    made += [paper.main([field])[0] for field in fields] + [judgelm_table() for judgelm_table in SHAPES.values()]
    parts = [latex.as_latex(table, intervals=style) for table in made for style in Intervals]
    pdf = tex("\\clearpage\n".join(parts))
    assert pdf.read_bytes().startswith(b"%PDF")


def test_no_name_is_read_by_tex(tex: Callable[[str], Path]) -> None:
    letters = "".join(map(chr, range(32, 0x180)))
    rows = [[TRICKY, Number(TRICKY, strong=True)], [letters, "\x00\x07\u202e\u2028"]]
    pdf = tex(latex.as_latex(Table([TRICKY, "x\ny"], rows, title=TRICKY, notes=[TRICKY], label=TRICKY)))
    if shutil.which("pdftotext"):
        text = subprocess.run(["pdftotext", pdf, "-"], capture_output=True, encoding="utf-8", check=True).stdout
        assert r"\input{/etc/passwd}" in text.replace("\n", "")
        assert "root:" not in text
        assert "--x--" in text
        assert "[U+4E2D]" in text


def test_export_is_these_tables(tmp_path: Path) -> None:
    made = api.export("subsets", results=RESULTS, benchmarks=["scalerlab-judgebench"])
    assert paper.written(made, "latex") == latex.as_latex(SHAPES["judgebench"]())
    with pytest.raises(InputError, match="finished"):
        api.export(results=_unfinished(tmp_path))


def _unfinished(tmp_path: Path) -> Path:
    scores: Scores = api.evaluate("baseline:first", "verifiable", results=tmp_path, limit=5)[0]
    assert scores.manifest.limit == 5
    return tmp_path
