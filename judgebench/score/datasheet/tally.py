"""One pass over items. Of each item a few numbers are kept and no text, so that a file of any size can be looked at."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from judgebench.score import estimates, people
from judgebench.score.datasheet import warnings
from judgebench.score.datasheet.sheet import Datasheet, Lengths, Wrong
from judgebench.types import Estimate, Item, Verdict

MOST_RATINGS = 24
"""Different ratings, from which on people's alpha is not resampled."""
STRATEGIES = ("first", "longest", "shortest")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


def gather(name: str, items: Iterable[Item]) -> Datasheet:
    """`items` is read once."""
    tally = _Tally()
    for item in items:
        tally.add(item)
    sheet = tally.sheet(name)
    return msgspec.structs.replace(sheet, warnings=tuple(warnings.of(sheet)))


class _Tally:
    def __init__(self) -> None:
        self.clusters = array("Q")
        self.prompts, self.texts, self.unordered = array("Q"), array("Q"), array("Q")
        self.said = array("b")
        """Which of a pair's texts is right, in an order that does not depend on the slots; 0 where neither is."""
        self.rating = array("d")
        """Gold's number, of single responses."""
        self.decided = array("I")
        """Items with a right response; the next arrays hold one entry for each of these."""
        self.hits = {strategy: array("b") for strategy in STRATEGIES}
        self.chance, self.right_length, self.wrong_length = array("d"), array("d"), array("d")
        self.wrong_texts = array("Q")
        self.prompt_lengths, self.response_lengths = array("I"), array("I")
        self.responses, self.gold, self.subsets = Counter[int](), Counter[str](), Counter[str]()
        self.right_authors, self.wrong_authors, self.empty = Counter[str](), Counter[str](), Counter[str]()
        self.same_responses = self.without_text = 0
        self.raters: set[str] = set()
        self.votes = (array("I"), array("H"))
        """(item, code of what was said) of every rating."""
        self.codes: dict[tuple[float, ...], int] = {}

    def add(self, item: Item) -> None:
        number = len(self.clusters)
        self.clusters.append(_hash(item.cluster))
        self.responses[len(item.responses)] += 1
        if item.subset is not None:
            self.subsets[item.subset] += 1
        self._votes(number, item)
        self.gold[_said(item.gold)] += 1
        if len(item.responses) == 1:
            self.rating.append(np.nan if item.gold is None else item.gold.scores[0])
        lengths = [response.length if response.text is None else len(response.text) for response in item.responses]
        self._texts(item)
        best = _best(item.gold)
        if len(item.responses) > 1 and best and len(best) < len(item.responses):
            self._decided(number, item, best, lengths)

    def _texts(self, item: Item) -> None:
        texts = [response.text for response in item.responses]
        known = [text for text in texts if text is not None]
        self.prompt_lengths.append(sum(len(message.content) for message in item.messages))
        self.response_lengths.extend(map(len, known))
        self.empty["prompts"] += not any(message.content.strip() for message in item.messages)
        self.empty["responses"] += any(not text.strip() for text in known)
        if len(known) < len(texts):
            self.without_text += 1
            return
        asked = _hash("\x1e".join(f"{message.role}\x1f{message.content}" for message in item.messages))
        marks = [_hash(text) for text in known]
        self.prompts.append(asked)
        self.texts.append(_hash(f"{asked} {marks}"))
        self.unordered.append(_hash(f"{asked} {sorted(marks)}"))
        self.same_responses += len(set(marks)) < len(marks)
        best = _best(item.gold)
        decisive = len(marks) == 2 and len(best) == 1 and marks[0] != marks[1]
        self.said.append((1 if marks[best[0]] == min(marks) else -1) if decisive else 0)
        if len(marks) > 1 and 0 < len(best) < len(marks):
            self.wrong_texts.extend(mark for index, mark in enumerate(marks) if index not in best)

    def _decided(self, number: int, item: Item, best: list[int], lengths: list[int | None]) -> None:
        self.decided.append(number)
        known = [-1 if length is None else length for length in lengths]
        top, low = max(known), min(known)
        self.hits["first"].append(0 in best)
        self.hits["longest"].append(-1 not in known and known.count(top) == 1 and known.index(top) in best)
        self.hits["shortest"].append(-1 not in known and known.count(low) == 1 and known.index(low) in best)
        self.chance.append(len(best) / len(known))
        others = [index for index in range(len(known)) if index not in best]
        missing = -1 in known
        self.right_length.append(np.nan if missing else sum(known[index] for index in best) / len(best))
        self.wrong_length.append(np.nan if missing else sum(known[index] for index in others) / len(others))
        for index, response in enumerate(item.responses):
            if response.author is not None:
                (self.right_authors if index in best else self.wrong_authors)[response.author] += 1

    def _votes(self, number: int, item: Item) -> None:
        for rater, vote in item.raters.items():
            self.raters.add(rater)
            said = vote.scores
            if len(said) > 1:
                said = tuple(float(score == max(said)) for score in said)
            self.votes[0].append(number)
            self.votes[1].append(self.codes.setdefault(said, len(self.codes)))

    # ------------------------------------------------------------------------------------------------ the sheet

    def sheet(self, name: str) -> Datasheet:
        clusters = np.asarray(self.clusters)
        widths = set(self.responses)
        kind = "pairs" if widths == {2} else "ratings" if widths == {1} else "sets"
        where = clusters[np.asarray(self.decided, dtype=np.intp)] if len(self.decided) else clusters[:0]
        people, each = self._people(clusters, rated=kind == "ratings")
        return Datasheet(
            name=name,
            kind=kind,
            items=len(clusters),
            questions=len(np.unique(clusters)),
            responses={str(width): self.responses[width] for width in sorted(widths)},
            gold=_ordered(self.gold),
            subsets=dict(self.subsets.most_common()),
            raters=len(self.raters),
            ratings_each=each,
            people=people,
            strategies=self._strategies(clusters, where, rated=kind == "ratings"),
            chance=float(np.mean(self.chance)) if self.chance else None,
            lengths=self._lengths(),
            length_gap=self._gap(where),
            duplicates=self._duplicates(),
            empty={what: count for what, count in self.empty.items() if count},
            wrong=self._wrong(),
        )

    def _strategies(self, clusters: NDArray[Any], where: NDArray[Any], *, rated: bool) -> dict[str, Estimate]:
        if rated:
            gold = np.asarray(self.rating)
            known = ~np.isnan(gold)
            if not known.any():
                return {}
            values, counts = np.unique(gold[known], return_counts=True)
            most = values[counts.argmax()]
            name = f"always {most:g}"
            return {name: estimates.share(name, gold[known] == most, clusters[known])}
        if not len(where):
            return {}
        no_lengths = bool(np.isnan(np.asarray(self.right_length)).any())
        return {
            name: estimates.undefined(name, "the lengths are not at hand")
            if no_lengths and name != "first"
            else estimates.share(name, np.asarray(hits), where)
            for name, hits in self.hits.items()
        }

    def _lengths(self) -> dict[str, Lengths]:
        of = {
            "prompt": self.prompt_lengths,
            "response": self.response_lengths,
            "right": self.right_length,
            "wrong": self.wrong_length,
        }
        found = {}
        for what, values in of.items():
            numbers = np.asarray(values, dtype=np.float64)
            if numbers.size and not np.isnan(numbers).any():
                found[what] = Lengths(
                    median=float(np.median(numbers)), mean=float(numbers.mean()), longest=int(numbers.max())
                )
        return found

    def _gap(self, where: NDArray[Any]) -> Estimate | None:
        gaps = np.asarray(self.right_length) - np.asarray(self.wrong_length)
        if not gaps.size or np.isnan(gaps).any():
            return None
        return estimates.mean("length_gap", gaps, where, empty="no item has a right response")

    def _duplicates(self) -> dict[str, int]:
        prompts, texts, unordered = (np.asarray(marks) for marks in (self.prompts, self.texts, self.unordered))
        if not len(texts):
            return {}
        _, group = np.unique(unordered, return_inverse=True)
        said: NDArray[np.int8] = np.asarray(self.said, dtype=np.int8)
        both = np.zeros((2, group.max() + 1), dtype=np.bool_)
        both[0, group[said > 0]], both[1, group[said < 0]] = True, True
        contrary = (both[0] & both[1])[group] & (said != 0)
        same_texts = len(texts) - len(np.unique(texts))
        found = {
            "prompts": len(prompts) - len(np.unique(prompts)),
            "items": same_texts,
            "swapped": len(unordered) - len(np.unique(unordered)) - same_texts,
            "contrary": int(contrary.sum()),
            "same_responses": self.same_responses,
        }
        return {what: count for what, count in found.items() if count}

    def _wrong(self) -> Wrong | None:
        if not self.decided:
            return None
        texts: int | None = None
        top: int | None = None
        if self.wrong_texts and not self.without_text:
            counts = np.unique(np.asarray(self.wrong_texts), return_counts=True)[1]
            texts, top = len(counts), int(counts.max())
        total = sum(self.wrong_authors.values())
        author, times = next(iter(self.wrong_authors.most_common(1)), (None, 0))
        right = sum(self.right_authors.values())
        return Wrong(
            responses=len(self.wrong_texts) or len(self.decided),
            texts=texts,
            top_text=top,
            authors=len(self.wrong_authors),
            top_author=author,
            top_author_share=times / total if total else None,
            author_right=self.right_authors[author] / right if author is not None and right else None,
        )

    def _people(self, clusters: NDArray[Any], *, rated: bool) -> tuple[dict[str, Estimate], tuple[int, int] | None]:
        if not self.codes:
            return {}, None
        at = np.asarray(self.votes[0], dtype=np.intp)
        codes = sorted(self.codes)
        places = np.array([codes.index(code) for code in self.codes])
        said = places[np.asarray(self.votes[1], dtype=np.intp)]
        voted, row = np.unique(at, return_inverse=True)
        counts = np.zeros((len(voted), len(self.codes)), dtype=np.int32)
        np.add.at(counts, (row, said), 1)
        each = counts.sum(1)
        fewest, most = int(each.min()), int(each.max())
        found: dict[str, Estimate] = {}
        if most > 1 and len(self.codes) <= MOST_RATINGS:
            found = _agreement(counts, clusters[voted], codes, rated=rated, equal=fewest == most)
        return found, (fewest, most)


def _agreement(
    counts: NDArray[Any], clusters: NDArray[Any], codes: list[tuple[float, ...]], *, rated: bool, equal: bool
) -> dict[str, Estimate]:
    found = [
        people.share_of_pairs(counts, clusters),
        people.krippendorff_alpha(counts, clusters, [code[0] for code in codes] if rated else None),
    ]
    if equal and not rated:
        found.append(people.fleiss_kappa(counts, clusters))
    return {estimate.name: estimate for estimate in found}


def _hash(text: str) -> int:
    """64 bits: of a million texts, two are taken for one with a probability of 3e-8."""
    return int.from_bytes(blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest())


def _best(gold: Verdict | None) -> list[int]:
    return [] if gold is None else list(gold.top)


def _said(gold: Verdict | None) -> str:
    if gold is None:
        return "none"
    if len(gold.scores) == 1:
        return f"{gold.scores[0]:g}"
    best = _best(gold)
    if len(best) == len(gold.scores):
        return "tie"
    if len(best) > 1:
        return "several"
    return _ORDINALS[best[0]] if best[0] < len(_ORDINALS) else str(best[0] + 1)


def _ordered(gold: Counter[str]) -> dict[str, int]:
    """Slots and ratings in their order, then ties and what has no gold."""
    last = {"several": 1, "tie": 2, "none": 3}

    def place(said: str) -> tuple[int, float]:
        if said in _ORDINALS:
            return 0, _ORDINALS.index(said)
        return last.get(said, 0), 0.0 if said in last else float(said)

    return {said: gold[said] for said in sorted(gold, key=place)}
