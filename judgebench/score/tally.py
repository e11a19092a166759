"""One pass over items. Of each some 100 bytes are kept and no text, so that a file of any size can be looked at."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from judgebench.score import estimates, human
from judgebench.score.datasheet import Datasheet, Lengths, Wrong, warnings_of
from judgebench.types import PREFERENCE, Estimate, Item, Kind, Question, Verdict, imprint

MOST_RATINGS = 24
"""Different ratings, from which on people's alpha is not resampled."""
STRATEGIES = ("first", "longest", "shortest")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


def gather(name: str, items: Iterable[Item], question: Question = PREFERENCE) -> Datasheet:
    """`items` is read once; `question` is what their benchmark declares."""
    tally = _Tally(question)
    for item in items:
        tally.add(item)
    sheet = tally.sheet(name)
    return msgspec.structs.replace(sheet, warnings=tuple(warnings_of(sheet)))


class _Tally:
    def __init__(self, question: Question) -> None:
        self.labels, self.question = question.labels, question
        self.clusters = array("Q")
        self.prompts, self.texts, self.unordered = array("Q"), array("Q"), array("Q")
        self.right_text = array("b")
        """Which of a pair's texts is right, in an order that does not depend on the slots; 0 where neither is."""
        self.rating = array("d")
        """Gold's number, of single responses; of labels their place."""
        self.decided = array("I")
        """Items with a right response; the next arrays hold one entry for each of these."""
        self.hits = {strategy: array("b") for strategy in STRATEGIES}
        self.chance = array("d")
        self.wrong_texts = array("Q")
        self.lengths = {what: array("d") for what in ("prompt", "response", "right", "wrong")}
        self.responses, self.gold, self.subsets = Counter[int](), Counter[str](), Counter[str]()
        self.right_authors, self.wrong_authors, self.empty = Counter[str](), Counter[str](), Counter[str]()
        self.same_responses = self.without_text = 0
        self.raters: set[str] = set()
        self.votes = (array("I"), array("H"))
        """(item, code of what was said) of every rating."""
        self.codes: dict[tuple[float, ...], int] = {}

    def add(self, item: Item) -> None:
        said = item.gold
        if self.question.kind == Kind.STEP and item.gold is not None:
            first = self.question.first_wrong(item.gold.scores)
            item, said = (
                msgspec.structs.replace(item, gold=Verdict(scores=(first,))),
                Verdict(scores=(float(first > 0),)),
            )
        number, best = len(self.clusters), [] if item.gold is None else list(item.gold.top)
        self.clusters.append(_hash(item.cluster))
        self.responses[len(item.responses)] += 1
        if item.subset is not None:
            self.subsets[item.subset] += 1
        for rater, vote in item.raters.items():
            self.raters.add(rater)
            top = max(vote.scores)
            choice = vote.scores if len(vote.scores) == 1 else tuple(float(score == top) for score in vote.scores)
            self.votes[0].append(number)
            self.votes[1].append(self.codes.setdefault(choice, len(self.codes)))
        self.gold[_name(said, self.labels)] += 1
        if len(item.responses) == 1:
            self.rating.append(np.nan if item.gold is None else best[0] if self.labels else item.gold.scores[0])
            best = []
        self._texts(item, best)
        if 0 < len(best) < len(item.responses):
            self.decided.append(number)
            self._decided(item, best)

    def _texts(self, item: Item, best: list[int]) -> None:
        texts = [response.text for response in item.responses if response.text is not None]
        self.lengths["prompt"].append(sum(len(message.content) for message in item.messages))
        self.lengths["response"].extend(map(len, texts))
        self.empty["prompts"] += not any(message.content.strip() for message in item.messages)
        self.empty["responses"] += any(not text.strip() for text in texts)
        if len(texts) < len(item.responses):
            self.without_text += 1
            return
        prompt = _hash(repr(imprint(item.messages)))
        marks = [_hash(text) for text in texts]
        self.prompts.append(prompt)
        self.texts.append(_hash(f"{prompt} {marks}"))
        self.unordered.append(_hash(f"{prompt} {sorted(marks)}"))
        self.same_responses += len(set(marks)) < len(marks)
        decisive = len(marks) == 2 and len(best) == 1 and marks[0] != marks[1]
        self.right_text.append((1 if marks[best[0]] == min(marks) else -1) if decisive else 0)
        if 0 < len(best) < len(marks):
            self.wrong_texts.extend(mark for index, mark in enumerate(marks) if index not in best)

    def _decided(self, item: Item, best: list[int]) -> None:
        sizes = [response.length if response.text is None else len(response.text) for response in item.responses]
        measured = None not in sizes
        lengths: list[float] = [np.nan if not measured or size is None else size for size in sizes]
        self.hits["first"].append(0 in best)
        for name, end in (("longest", max(lengths)), ("shortest", min(lengths))):
            self.hits[name].append(measured and lengths.count(end) == 1 and lengths.index(end) in best)
        self.chance.append(len(best) / len(lengths))
        right = sum(lengths[index] for index in best)
        self.lengths["right"].append(right / len(best))
        self.lengths["wrong"].append((sum(lengths) - right) / (len(lengths) - len(best)))
        for index, response in enumerate(item.responses):
            if response.author is not None:
                (self.right_authors if index in best else self.wrong_authors)[response.author] += 1

    def sheet(self, name: str) -> Datasheet:
        clusters = np.asarray(self.clusters)
        widths = set(self.responses)
        by_width = "pairs" if widths == {2} else "ratings" if widths == {1} else "sets"
        kind = {Kind.CLASS: "classes", Kind.STEP: "steps"}.get(self.question.kind, by_width)
        where = clusters[np.asarray(self.decided, dtype=np.intp)]
        people, each = self._people(clusters, rated=kind == "ratings")
        return Datasheet(
            name=name,
            kind=kind,
            items=len(clusters),
            questions=len(np.unique(clusters)),
            responses={str(width): count for width, count in sorted(self.responses.items())},
            gold={name: self.gold[name] for name in sorted(self.gold, key=self._place)},
            subsets=dict(self.subsets.most_common()),
            raters=len(self.raters),
            ratings_each=each,
            people=people,
            strategies=self._one_rating(clusters) if widths == {1} else self._strategies(where),
            chance=float(np.mean(self.chance)) if self.chance else None,
            lengths=self._lengths(),
            length_gap=self._gap(where),
            duplicates=self._duplicates(),
            empty={what: count for what, count in self.empty.items() if count},
            wrong=self._wrong() if self.decided else None,
        )

    def _place(self, name: str) -> tuple[int, float]:
        """Slots, ratings and labels in their order, then ties and what has no gold."""
        for order in (self.labels, _ORDINALS):
            if name in order:
                return 0, order.index(name)
        last = {"several": 1, "tie": 2, "none": 3}
        return last.get(name, 0), 0.0 if name in last else float(name)

    def _one_rating(self, clusters: NDArray[Any]) -> dict[str, Estimate]:
        gold = np.asarray(self.rating)
        rated = ~np.isnan(gold)
        if not rated.any():
            return {}
        values, counts = np.unique(gold[rated], return_counts=True)
        most = values[counts.argmax()]
        name = f"always {self.labels[int(most)] if self.labels else f'{most:g}'}"
        return {name: estimates.share(name, gold[rated] == most, clusters[rated])}

    def _strategies(self, where: NDArray[Any]) -> dict[str, Estimate]:
        no_lengths = bool(np.isnan(self.lengths["right"]).any())
        return {
            name: estimates.undefined(name, "the lengths are not at hand")
            if no_lengths and name != "first"
            else estimates.share(name, np.asarray(hits), where)
            for name, hits in (self.hits.items() if self.decided else ())
        }

    def _lengths(self) -> dict[str, Lengths]:
        numbers = {what: np.asarray(sizes) for what, sizes in self.lengths.items()}
        return {
            what: Lengths(median=float(np.median(sizes)), mean=float(sizes.mean()), longest=int(sizes.max()))
            for what, sizes in numbers.items()
            if sizes.size and not np.isnan(sizes).any()
        }

    def _gap(self, where: NDArray[Any]) -> Estimate | None:
        gaps = np.subtract(self.lengths["right"], self.lengths["wrong"])
        if not gaps.size or np.isnan(gaps).any():
            return None
        return estimates.mean("length_gap", gaps, where, empty="no item has a right response")

    def _duplicates(self) -> dict[str, int]:
        if not self.texts:
            return {}
        unordered, group = np.unique(np.asarray(self.unordered), return_inverse=True)
        prompts, texts = (len(np.unique(np.asarray(marks))) for marks in (self.prompts, self.texts))
        right = np.asarray(self.right_text)
        both = (np.bincount(group, right == 1) > 0) & (np.bincount(group, right == -1) > 0)
        counts = {
            "prompts": len(group) - prompts,
            "items": len(group) - texts,
            "swapped": texts - len(unordered),
            "contrary": int((both[group] & (right != 0)).sum()),
            "same_responses": self.same_responses,
        }
        return {what: count for what, count in counts.items() if count}

    def _wrong(self) -> Wrong:
        texts = top = None
        if self.wrong_texts and not self.without_text:
            counts = np.unique(np.asarray(self.wrong_texts), return_counts=True)[1]
            texts, top = len(counts), int(counts.max())
        author, times = next(iter(self.wrong_authors.most_common(1)), (None, 0))
        right = self.right_authors.total()
        return Wrong(
            responses=len(self.wrong_texts) or len(self.decided),
            texts=texts,
            top_text=top,
            authors=len(self.wrong_authors),
            top_author=author,
            top_author_share=times / self.wrong_authors.total() if times else None,
            author_right=self.right_authors[author] / right if author is not None and right else None,
        )

    def _people(self, clusters: NDArray[Any], *, rated: bool) -> tuple[dict[str, Estimate], tuple[int, int] | None]:
        if not self.codes:
            return {}, None
        codes = sorted(self.codes)
        places = np.array([codes.index(code) for code in self.codes])
        voted, row = np.unique(np.asarray(self.votes[0], dtype=np.intp), return_inverse=True)
        counts = np.zeros((len(voted), len(codes)), dtype=np.int32)
        np.add.at(counts, (row, places[np.asarray(self.votes[1], dtype=np.intp)]), 1)
        each = counts.sum(1)
        fewest, most = int(each.min()), int(each.max())
        if most == 1 or len(codes) > MOST_RATINGS:
            return {}, (fewest, most)
        values = [code[0] for code in codes] if rated else None
        of_people = estimates.by_name(
            human.share_of_pairs(counts, clusters[voted]),
            human.krippendorff_alpha(counts, clusters[voted], values),
            *([human.fleiss_kappa(counts, clusters[voted])] if fewest == most and not rated else ()),
        )
        return of_people, (fewest, most)


def _hash(text: str) -> int:
    """64 bits: of a million texts, two are taken for one with a probability of 3e-8."""
    return int.from_bytes(blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest())


def _name(gold: Verdict | None, labels: Sequence[str]) -> str:
    """What a sheet calls what gold says."""
    if gold is None:
        return "none"
    if labels:
        return labels[gold.top[0]]
    if len(gold.scores) == 1:
        return f"{gold.scores[0]:g}"
    if gold.best is None:
        return "tie" if len(gold.top) == len(gold.scores) else "several"
    return _ORDINALS[gold.best] if gold.best < len(_ORDINALS) else str(gold.best + 1)
