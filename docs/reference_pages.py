"""The reference, written from the code: commands, benchmarks, judges, prompts, metrics, rules, files, functions.

A Sphinx extension. Before every build it writes docs/reference/*.md, which git ignores, so that no page can say
anything but what the code does.
"""

from __future__ import annotations

import ast
import inspect
import pkgutil
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import click
from sphinx.application import Sphinx

import judgebench.stats
from judgebench import api, judges, prompts, resources, types
from judgebench.adapters.own import mapping
from judgebench.api import frames
from judgebench.cli import cli
from judgebench.report import listings, tables
from judgebench.report.tables import Table
from judgebench.score import catalogue, rules
from judgebench.types import Card, Source

FOLDER = Path(__file__).parent / "reference"
KINDS = {
    catalogue.PAIRS: "Two responses",
    catalogue.RATINGS: "One response, one number",
    catalogue.SETS: "The best of several",
    catalogue.CLASSES: "One response, one of several labels",
    catalogue.STEPS: "The first wrong step",
}
OUTSIDE = re.compile(r"\[[^\]]*\]\((?:\.\./)+([A-Za-z.]+\.md)(?:#[^)]*)?\)")
"""A link to a file that is in the repository and not on the site; tests/test_docs.py follows it."""
FILES = {
    "items.jsonl": ("Label", "One line an item, without its texts: `results/<benchmark>/items.jsonl`."),
    "judgments.jsonl": (
        "Judgment",
        "One line an answer, appended as it comes: `results/<benchmark>/<judge>/judgments.jsonl`. Of two lines with "
        "the same item, order and sample the later counts. `placebo.jsonl` beside it has the same form: answers to "
        "some of the trials with the words exchanged that a forced judge's options go by.",
    ),
    "manifest.json": ("Manifest", "What the answers of a folder are answers to."),
    "scores.json": (
        "Scores",
        "Everything that is said about one judge on one benchmark; recomputed by `judgebench score`.",
    ),
    "Estimate": ("Estimate", "A number wherever it stands in scores.json."),
    "HeadlineScore": ("HeadlineScore", "The headline of scores.json: an estimate with two fields more."),
    "Coverage": ("Coverage", "The coverage of scores.json."),
    "Usage": ("Usage", "The usage of a judgment."),
    "Verdict": ("Verdict", "A verdict, as gold, raters and judgments hold it: an array of one array of scores."),
    "card": ("Card", "`benchmarks/<id>.yaml`."),
    "Source": ("Source", "A pinned file in a card or a prompt."),
    "Headline": ("Headline", "The headline rule in a card."),
    "Anchor": ("Anchor", "Published numbers in a card."),
    "Erratum": ("Erratum", "A correction in a card."),
    "mapping": ("Layout", "`<file>.mapping.yaml`, beside a file of your own."),
    "Recording": ("Recording", "Judge outputs that upstream published, in a card."),
}


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("builder-inited", lambda _: write())
    app.connect("source-read", lambda _, __, source: source.__setitem__(0, OUTSIDE.sub(r"`\1`", source[0])))
    return {"parallel_read_safe": True}


def write() -> None:
    FOLDER.mkdir(exist_ok=True)
    for page, make in PAGES.items():
        text = "\n".join(make()).rstrip() + "\n"
        path = FOLDER / f"{page}.md"
        if not path.exists() or path.read_text(encoding="utf-8") != text:  # what has not changed is not built again
            path.write_text(text, encoding="utf-8")


def commands() -> Iterator[str]:
    yield "# Commands\n"
    yield "Exit codes: 0 done, 1 failed, 2 wrong usage or bad input, 3 below coverage or over the cost limit.\n"
    yield from _command(cli, "judgebench")


def _command(command: click.Command, name: str, level: int = 2) -> Iterator[str]:
    context = click.Context(command, info_name=name)
    yield f"{'#' * level} {name}\n"
    yield f"```text\n{' '.join([name, *command.collect_usage_pieces(context)])}\n```\n"
    yield _prose(command.help or "") + "\n"
    records = [record for record in (each.get_help_record(context) for each in command.get_params(context)) if record]
    yield _table(["option", "what it does"], ([f"`{option}`", what] for option, what in records))
    if isinstance(command, click.Group):
        for verb in command.list_commands(context):
            yield from _command(command.commands[verb], f"{name} {verb}", 2 if command is cli else 3)


def benchmarks() -> Iterator[str]:
    cards = [resources.card(name) for name in resources.benchmarks()]
    yield "# Benchmarks\n"
    yield f"{len(cards)} cards. Licences are as stated upstream; `judgebench ls` says whether the data is at hand.\n"
    found = listings.benchmarks((), print)
    shown = [column for column in found.columns if column not in ("data", "licence", "from")]
    rows = [[row[found.columns.index(column)] for column in shown] for row in found.rows]
    yield tables.as_markdown(Table(columns=shown, rows=rows))
    for card in cards:
        yield from _card(card)


def _card(card: Card) -> Iterator[str]:
    yield f"## {card.id}\n"
    yield f"**{card.title}** ({card.authors}, {card.year}). {card.description}\n"
    facts = {
        "version": card.version,
        "headline": f"`{card.headline.rule}`: {card.headline.gloss}",
        "items": f"{card.items:,}" if card.items else "not known, or up to you",
        "labels": f"from {'people' if card.label_source == 'human' else card.label_source}"
        + (f"; {card.raters}" if card.raters else ""),
        "subsets": ", ".join(f"{name} ({n:,})" if n else name for name, n in card.subsets.items()),
        "licence": card.licence,
        "commercial use": card.commercial_use,
        "homepage": f"<{card.homepage}>" if card.homepage.startswith("http") else card.homepage,
        "published numbers": f"{len(card.anchors)} judges" if card.anchors else "",
        "recorded judges": ", ".join(recording.judge for recording in card.recordings),
    }
    yield _table(["", ""], ([f"**{name}**", value] for name, value in facts.items() if value))
    yield from (f"- {warning}" for warning in card.warnings)
    yield ""
    if card.sources:
        yield _table(["file", "sha256", "from"], ([f"`{s.name}`", _hash(s), _address(s)] for s in card.sources))
    yield f"```text\n{card.citation.strip()}\n```\n"


def _hash(source: Source) -> str:
    return f"`{source.sha256[:12]}…`" if source.sha256 else source.checksum or "not pinned"


def _address(source: Source) -> str:
    return f"<{source.url}>" if source.url.startswith("http") else source.url or "you supply it"


def kinds_of_judge() -> Iterator[str]:
    yield "# Judges\n"
    for kind in judges.kinds():
        described = judges.find(kind)
        yield f"## {kind}:\n"
        yield _prose(getattr(described, "about", described.__doc__)) + "\n"
        yield _table(["judge", "what it is"], ([f"`{name}`", what] for name, what in judges.choices(kind).items()))
        declared = {option.name: option for name in judges.choices(kind) for option in judges.options_of(name)}
        yield _table(
            ["-J", "what it sets", "another value is another judge"],
            (
                [f"`{name}=`", option.help, option.harmless and f"no: {option.harmless}"]
                for name, option in declared.items()
            ),
        )


def judge_prompts() -> Iterator[str]:
    yield "# Prompts\n"
    yield "Chosen with `-J prompt=NAME`. The hash is in every manifest, so that answers to two prompts never mix.\n"
    for prompt in map(prompts.load, prompts.names()):
        front = prompt.front
        yield f"## {prompt.id}\n"
        yield f"{front.title}.{' ' + front.note if front.note else ''}\n"
        facts = {
            "parser": f"`{front.parser}`",
            "shows": "all responses in one request" if front.shows == "together" else "each response in one of its own",
            "needs": ", ".join(front.needs),
            "shows beside": _beside(prompt),
            "options when forced": _forced(front),
            "settings": ", ".join(f"`-J {setting}=`" for setting in front.settings),
            "asked for": ", ".join(f"{key} {value}" for key, value in _given(front.generation).items()),
            "hash": f"`{prompt.hash}`",
        }
        yield _table(["", ""], ([f"**{name}**", value] for name, value in facts.items() if value))
        if front.sources:
            yield "Somebody else's, fetched and held to its hash:\n"
            yield _table(["file", "sha256", "from"], ([f"`{s.name}`", _hash(s), _address(s)] for s in front.sources))
        else:
            text = (resources.folder("prompts") / f"{prompt.id}.j2").read_text(encoding="utf-8")
            yield f"````jinja\n{text.split('---', 2)[2].strip()}\n````\n"


def _beside(prompt: prompts.Prompt) -> str:
    return "all materials" if "materials" in prompt.named else ", ".join(sorted(prompt.named - {"images"}))


def _forced(front: prompts.Front) -> str:
    options = ", ".join(front.options(1 if front.shows == "one" else front.responses[0]))
    return f"{options} after `{front.lead}`" if options and front.lead else options


def _given(generation: types.Generation) -> dict[str, Any]:
    return {
        name: value for name in generation.__struct_fields__ if (value := getattr(generation, name)) not in (None, ())
    }


def metrics() -> Iterator[str]:
    yield "# Metrics\n"
    yield (
        "Names in scores.json, in exports and on the report page. Values are fractions there and per cent on the "
        "screen; coefficients, log-odds and points are as they are. Undefined is null with a reason.\n"
    )
    for kind, records in catalogue.METRICS.items():
        yield f"## {KINDS[kind]}\n"
        yield _records(records)
    yield "## People\n"
    yield _records(catalogue.PEOPLE)


def _records(records: catalogue.Records) -> str:
    sides = {1: "more is better", -1: "less is better", 0: "neither side"}
    return _table(
        ["name", "meaning", "unit", "whose", "better"],
        (
            [f"`{name}`", metric.meaning, metric.unit, metric.whose, sides[metric.better]]
            for name, metric in records.items()
            if not metric.replaced_by
        ),
    )


def headline_rules() -> Iterator[str]:
    yield "# Headline rules\n"
    yield "Each benchmark's own number, by its own rule, as its card names it.\n"
    by_rule: dict[str, list[str]] = {}
    for card in map(resources.card, resources.benchmarks()):
        by_rule.setdefault(card.headline.rule, []).append(card.id)
    for name, rule in rules.RULES.items():
        yield f"## {name}\n"
        for kind, function in rule.whole.items():
            yield f"{KINDS[kind]}. {_prose(function.__doc__ or '')}\n"
        if rule.parts:
            yield "Beside it:\n"
            yield _records(rule.parts)
        used = ", ".join(f"[{each}](benchmarks.md#{each})" for each in by_rule.get(name, ()))
        yield f"Used by {used}.\n" if used else ""


def files() -> Iterator[str]:
    yield "# Files\n"
    yield (
        "JSON, UTF-8. A field that has its default is left out of items, judgments and manifests. A field that is not "
        "known is refused in a card, and passed over in what a run wrote: a newer judgebench may have written it.\n"
    )
    described = _structs(Path(inspect.getfile(types))) | _structs(Path(inspect.getfile(mapping)))
    for title, (name, what) in FILES.items():
        doc, fields = described[name]
        yield f"## {title}\n"
        yield f"{what}\n\n{_prose(doc)}\n" if doc else f"{what}\n"
        yield _table(["field", "type", "default", "meaning"], fields)


def _structs(path: Path) -> dict[str, tuple[str, list[list[str]]]]:
    """Docstring and fields of every class of a module; a field's meaning is the string below it. A private class is
    part of those that are made of it."""
    classes = {
        node.name: node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.ClassDef)
    }
    found = {}
    for name, node in classes.items():
        private = [base.id for base in node.bases if isinstance(base, ast.Name) and base.id.startswith("_")]
        fields = [field for base in private for field in found[base][1]]
        for here, below in zip(node.body, [*node.body[1:], None]):
            if not isinstance(here, ast.AnnAssign):
                continue
            text = below.value.value if _is_text(below) else ""
            default = f"`{ast.unparse(here.value)}`" if here.value is not None else ""
            fields.append([f"`{ast.unparse(here.target)}`", f"`{ast.unparse(here.annotation)}`", default, _flat(text)])
        found[name] = (ast.get_docstring(node) or "", fields)
    return found


def _is_text(node: ast.stmt | None) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def python() -> Iterator[str]:
    yield "# From Python\n"
    yield "The verbs of the command line as functions, in `judgebench.api`.\n"
    yield from _functions(api, 2, api.__all__)
    yield "## judgebench.load\n"
    yield f"```python\n{_signature('load', frames.load)}\n```\n"
    yield f"{_prose(frames.load.__doc__ or '')}\n\n{_prose(frames.Frames.__doc__ or '')}\n"


def statistics() -> Iterator[str]:
    yield "# Statistics\n"
    yield _prose(judgebench.stats.__doc__ or "") + "\n"
    for module in pkgutil.iter_modules(judgebench.stats.__path__):
        if not module.name.startswith("_"):
            found = import_module(f"judgebench.stats.{module.name}")
            yield f"## {found.__name__}\n"
            yield _prose(found.__doc__ or "") + "\n"
            yield from _functions(found, 3)


def _functions(module: Any, level: int, names: Sequence[str] | None = None) -> Iterator[str]:
    own = names or [name for name, what in vars(module).items() if getattr(what, "__module__", "") == module.__name__]
    for name in own:
        what = getattr(module, name)
        if name.startswith("_") or not (inspect.isfunction(what) or inspect.isclass(what)):
            continue
        yield f"{'#' * level} {name}\n"
        if inspect.isfunction(what):
            yield f"```python\n{_signature(name, what)}\n```\n"
        yield _prose(inspect.getdoc(what) or "") + "\n"


def _signature(name: str, function: Callable[..., Any]) -> str:
    plain = inspect.signature(function)
    given = [_parameter(each) for each in plain.parameters.values()]
    first = next((i for i, each in enumerate(plain.parameters.values()) if each.kind is each.KEYWORD_ONLY), None)
    if first is not None and not any(each.kind is each.VAR_POSITIONAL for each in plain.parameters.values()):
        given.insert(first, "*")
    returned = "" if plain.return_annotation is plain.empty else f" -> {plain.return_annotation}"
    line = f"{name}({', '.join(given)}){returned}"
    return line if len(line) <= 90 else "\n".join([f"{name}(", *(f"    {each}," for each in given), f"){returned}"])


def _parameter(parameter: inspect.Parameter) -> str:
    stars = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
    annotation = "" if parameter.annotation is parameter.empty else f": {parameter.annotation}"
    default = "" if parameter.default is parameter.empty else f" = {parameter.default!r}".replace("PosixPath", "Path")
    return f"{stars}{parameter.name}{annotation}{default}"


def _prose(text: str) -> str:
    """A docstring as Markdown: examples and indented passages as they stand, the rest as paragraphs."""
    parts = []
    for block in re.split(r"\n\s*\n", inspect.cleandoc(text.replace("\b", ""))):
        if block.startswith(">>>"):
            parts.append(f"```pycon\n{block}\n```")
        elif block.startswith("    ") or any(line.startswith("   ") for line in block.splitlines()):
            parts.append(f"```text\n{textwrap.dedent(block)}\n```")
        else:
            parts.append(_escaped(block))
    return "\n\n".join(parts)


def _escaped(text: str) -> str:
    """Outside backticks nothing is markup."""
    pieces = re.split(r"(`[^`\n]*`)", text)
    return "".join(
        piece if piece.startswith("`") else re.sub(r"([\\*_<>\[\]|~$#])", r"\\\1", piece) for piece in pieces
    )


def _flat(text: str) -> str:
    return " ".join(inspect.cleandoc(text).split())


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = [[str(cell).replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    if not lines:
        return ""
    return "\n".join(f"| {' | '.join(row)} |" for row in [list(head), ["---"] * len(head), *lines]) + "\n"


PAGES: Mapping[str, Callable[[], Iterator[str]]] = {
    "commands": commands,
    "benchmarks": benchmarks,
    "judges": kinds_of_judge,
    "prompts": judge_prompts,
    "metrics": metrics,
    "rules": headline_rules,
    "files": files,
    "python": python,
    "statistics": statistics,
}
