"""LLMBar and the sets it carries: princeton-nlp/LLMBar@900616bff90b6c6c8e1681f7d079250637c55992, Dataset/**.

Each set is a JSON list. A row made up in that schema (label 1 or 2, never a tie):

    {"input": "Name a colour, in one word.", "output_1": "Red", "output_2": "I like red best.", "label": 1}

A card's sources are its sets; a source's role is the set's name, and an item's id is that name and the row's index,
counted from 0: `Natural/17`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from judgebench import rows
from judgebench.adapters import Recorded
from judgebench.adapters.items import Files, Options, option, refuse_options, user
from judgebench.adapters.pairing import AB, BA, Pairing, by_digest, texts_digest
from judgebench.types import FIRST, SECOND, Item, Label, Message, Response, Status, Verdict, digest

_LABELS = {1: FIRST, 2: SECOND}
_WINNERS: Mapping[str | None, Verdict | None] = {"1": FIRST, "2": SECOND, None: None}
_SWAPS = {"swap = False": AB, "swap = True": BA}
_FAILURES = {"content management policy": Status.REFUSED, "length": Status.TRUNCATED}


def items(files: Files, options: Options) -> Iterator[Item]:
    for subset, path in files.items():
        for row in rows.read(path):
            question, texts = _texts(row)
            yield Item(
                id=f"{subset}/{row.number - 1}",
                messages=question,
                responses=tuple(Response(text=text) for text in texts),
                gold=row.choice("label", _LABELS),
                subset=subset,
                language="en",
                cluster=digest(question),
            )


def recorded(paths: Sequence[Path], labels: Mapping[str, Label], options: Mapping[str, str]) -> Recorded:
    """Reads evaluators' result.json, one for each set: the set's rows, each with `results`. Rows are matched by their
    texts, so that neither a file's name nor its order matters.

    `results` may begin with lists, which the judge wrote for its own use (metrics, a reference answer). Then come
    verdicts, as objects with one winner for each order shown, named by response and not by slot: a single one, or in
    the swap-and-synthesise strategies a second, asked for where the orders had disagreed. The option `verdict`:

        final    the last verdict, as upstream scores it (the default)
        first    the first one, before any synthesis: the raw position bias
        scores   the two ratings themselves, for the strategies that rate each response alone

    A null winner is unparsed, or refused or truncated where the finish reason says so. With equal ratings upstream
    chooses the response shown second, and with ratings that it cannot read the one shown first, so that one order is
    right and one wrong. `final` keeps that and says so in the judgment's detail; in `scores` equal ratings are ties,
    and unreadable ones failures.
    """
    refuse_options(options, "verdict")
    which = option(options, "verdict", ("final", "first", "scores"))
    pairing = Pairing(labels)
    ids = by_digest(labels)
    for path in paths:
        for row in rows.read(path):
            results = row.sequence("results")
            answers = [row.within(result, "a result") for result in results if not isinstance(result, list)]
            if not answers:
                raise row.bad("results has no object with the winners")
            item = ids.get(texts_digest(*_texts(row)))
            if item is None:
                pairing.miss(row, "no item has its texts, or several have")
            elif which == "scores":
                _add_ratings(pairing, row, item, answers[-1])
            else:
                _add_winners(pairing, row, item, answers[0 if which == "first" else -1])
    return pairing.recorded("single" if which == "scores" else "both")


def _add_winners(pairing: Pairing, row: rows.Row, item: str, answer: rows.Row) -> None:
    rated = "score_1" in answer.fields
    scores, ratings_text, _ = _ratings(answer) if rated else (None, None, "")
    for swap, order in _SWAPS.items():
        game = row.within(answer.value(swap), swap)
        winner = game.choice("winner", _WINNERS)
        text, finish = (ratings_text, "") if rated else _completion(game, "completion")
        if not rated:
            detail = _ended(finish)
        elif scores is None:
            detail = "no two ratings; upstream: the response shown first wins"
        else:
            detail = "equal ratings; upstream: the response shown second wins" if scores[0] == scores[1] else None
        status = _FAILURES.get(finish, Status.UNPARSED)
        pairing.add(row, item, order, winner, status=status, text=text, detail=detail)


def _add_ratings(pairing: Pairing, row: rows.Row, item: str, answer: rows.Row) -> None:
    scores, text, finish = _ratings(answer)
    verdict = None if scores is None else Verdict(scores=scores)
    status = _FAILURES.get(finish, Status.UNPARSED)
    pairing.add(row, item, AB, verdict, status=status, text=text, detail=_ended(finish))


def _ratings(answer: rows.Row) -> tuple[tuple[float, ...] | None, str, str]:
    """The two ratings (None unless both are whole numbers, as upstream reads them), the judge's words, and the finish
    reason of the first answer that did not end normally."""
    texts, finishes = zip(*(_completion(answer, column) for column in ("score_1", "score_2")), strict=True)
    try:
        scores = rows.finite_numbers([int(text) for text in texts], 2)
    except ValueError:
        scores = None
    return scores, "\n".join(texts), next((finish for finish in finishes if _ended(finish)), "")


def _completion(row: rows.Row, column: str) -> tuple[str, str]:
    """What the judge wrote, and the finish reason (empty where there was none)."""
    value = row.sequence(column)
    if len(value) != 2 or not all(isinstance(part, str) for part in value):
        raise row.bad(f"{column} is a list of the completion and the finish reason")
    return value[0], value[1]


def _ended(finish: str) -> str | None:
    return None if finish in ("stop", "") else f"finish reason: {finish}"


def _texts(row: rows.Row) -> tuple[tuple[Message, ...], tuple[str, str]]:
    question = user(row.text("input"))
    return question, (row.text("output_1"), row.text("output_2"))
