"""What can be done to a run whose effect on every number is known: each function takes a run and gives another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np
from made_up_runs import MadeUp

from judgebench.types import Judgment, Label, Status, Verdict

Changed = msgspec.structs.replace
_OTHER = {"long": "short", "short": "long"}


def _turned(verdict: Verdict | None) -> Verdict | None:
    return None if verdict is None else Verdict(scores=verdict.scores[::-1])


def _turned_answer(answer: Judgment) -> Judgment:
    return Changed(answer, verdict=_turned(answer.verdict), chosen=_turned(answer.chosen))


def _turned_label(label: Label) -> Label:
    """The responses in reverse, with everything that names one by its slot."""
    last = len(label.lengths) - 1
    facets = dict(label.facets)
    if facets.get("list") in (0, 1):
        facets["list"] = 1 - int(facets["list"])
    if "model_slot" in facets:
        facets["model_slot"] = 1 - int(facets["model_slot"])
    if "swap" in facets and last == 1:
        facets["swap"] = not facets["swap"]
    if "styles" in facets:
        facets["styles"] = "".join(str(last - int(slot)) for slot in str(facets["styles"]))
    return Changed(
        label,
        gold=_turned(label.gold),
        raters={name: Verdict(scores=verdict.scores[::-1]) for name, verdict in label.raters.items()},
        lengths=label.lengths[::-1],
        authors=label.authors[::-1],
        facets=facets,
    )


def exchanged(run: MadeUp) -> MadeUp:
    """The same judging, of items whose responses are stored in reverse: what was shown in the stored order was now
    shown in the other one."""
    judgments = [Changed(_turned_answer(answer), order=answer.order[::-1]) for answer in run.judgments]
    return run.of(labels=[_turned_label(label) for label in run.labels], judgments=judgments)


def mirrored(run: MadeUp) -> MadeUp:
    """The responses exchanged and the orders kept: wherever the judge was for the first slot it is for the second."""
    judgments = [_turned_answer(answer) for answer in run.judgments]
    return run.of(labels=[_turned_label(label) for label in run.labels], judgments=judgments)


def scale_reversed(run: MadeUp, top: int = 5) -> MadeUp:
    """Ratings from 1 to `top` as ratings from `top` to 1: gold's, the people's and the judge's."""

    def of(verdict: Verdict | None) -> Verdict | None:
        return None if verdict is None else Verdict(scores=(top + 1 - verdict.scores[0],))

    labels = [
        Changed(label, gold=of(label.gold), raters={name: of(verdict) for name, verdict in label.raters.items()})
        for label in run.labels
    ]
    return run.of(labels=labels, judgments=[Changed(answer, verdict=of(answer.verdict)) for answer in run.judgments])


def gold_reversed(run: MadeUp) -> MadeUp:
    """Right is wrong: of pairs the other response is gold, with what the facets say of the right and the wrong one; a
    rating is as far from the other end of a scale to 5."""

    def of(label: Label) -> Label:
        if label.gold is None:
            return label
        if len(label.lengths) == 1:
            return Changed(label, gold=Verdict(scores=(6 - label.gold.scores[0],)))
        facets = dict(label.facets)
        facets["right_style"], facets["wrong_style"] = facets["wrong_style"], facets["right_style"]
        facets["right_length"] = _OTHER[str(facets["right_length"])]
        return Changed(label, gold=_turned(label.gold), facets=facets)

    return run.of(labels=[of(label) for label in run.labels])


NEW_NAMES = {"ann": "zoe", "bob": "yan", "cyd": "ida", "dan": "abe"}


def raters_renamed(run: MadeUp) -> MadeUp:
    """Other names that sort in another order, and stand in another order on each item."""

    def of(label: Label) -> Label:
        raters = {NEW_NAMES[name]: verdict for name, verdict in reversed(label.raters.items())}
        return Changed(label, raters=raters)

    return run.of(labels=[of(label) for label in run.labels])


def in_one_order(run: MadeUp) -> MadeUp:
    """The stored order alone; answers in the other one still lie in the file and are not asked for."""
    return run.of(orders="single")


def in_the_other_order(run: MadeUp) -> MadeUp:
    """As if the judge had only been shown the responses the other way round."""
    return exchanged(run).of(orders="single")


def answered_twice(run: MadeUp) -> MadeUp:
    """Every answer is given once more, as a further sample."""
    again = [Changed(answer, sample=answer.sample + run.samples) for answer in run.judgments]
    return run.of(judgments=[*run.judgments, *again], samples=2 * run.samples)


def _copied(label: Label) -> Label:
    facets = {**label.facets, "prompt": f"{label.facets['prompt']} again"} if "prompt" in label.facets else label.facets
    return Changed(label, id=f"{label.id} again", facets=facets)


def items_twice(run: MadeUp) -> MadeUp:
    """Every item stands there once more, in the same question, with the same answers; a weight that a rule's settings
    put in the place of a number of items is twice what it was."""
    weights = {name: 2 * weight for name, weight in run.settings.get("weights", {}).items()}
    return run.of(
        settings={**run.settings, **({"weights": weights} if weights else {})},
        labels=[*run.labels, *map(_copied, run.labels)],
        judgments=[*run.judgments, *(Changed(answer, item=f"{answer.item} again") for answer in run.judgments)],
    )


def shuffled(run: MadeUp) -> MadeUp:
    """Items and answers in another order."""
    rng = np.random.default_rng(20)
    return run.of(
        labels=[run.labels[index] for index in rng.permutation(len(run.labels))],
        judgments=[run.judgments[index] for index in rng.permutation(len(run.judgments))],
    )


def without_failures_lines(run: MadeUp) -> MadeUp:
    """A failure that was never answered instead of one that was: the coverage says which, no number changes."""
    return run.of(judgments=[answer for answer in run.judgments if answer.status == Status.OK])


def beyond_what_was_asked(run: MadeUp) -> MadeUp:
    """Answers to a further sample and to an item that is not in the benchmark, all for the first response."""
    extra = [
        Changed(answer, sample=run.samples, status=Status.OK, verdict=_first(len(answer.order)), chosen=None, tie=None)
        for answer in run.judgments
    ]
    stray = [Changed(answer, item="elsewhere", sample=0) for answer in extra[:3]]
    return run.of(judgments=[*run.judgments, *extra, *stray])


def _first(width: int) -> Verdict:
    return Verdict(scores=(1.0, *(0.0,) * (width - 1)))


def only(run: MadeUp, subset: str) -> MadeUp:
    """The items of a subset. Their answers stay with the others' in one file."""
    return run.of(labels=[label for label in run.labels if label.subset == subset])


# ------------------------------------------------------------------------------------- runs that make a law hold


def consistent(run: MadeUp) -> MadeUp:
    """In the other order the judge says what it said in the stored one."""
    stored = {(answer.item, answer.sample): answer for answer in run.judgments if answer.order[0] == 0}
    judgments = [Changed(stored[answer.item, answer.sample], order=answer.order) for answer in run.judgments]
    return run.of(judgments=judgments)


def beside_its_mirror(run: MadeUp) -> MadeUp:
    """Every item stands there once more with its responses exchanged, and the judge's verdicts with them: each slot is
    gold equally often, and chosen equally often."""
    other = mirrored(run)
    labels = [Changed(label, id=f"{label.id} mirrored") for label in other.labels]
    answers = [Changed(answer, item=f"{answer.item} mirrored") for answer in other.judgments]
    return run.of(labels=[*run.labels, *labels], judgments=[*run.judgments, *answers])


Judge = Callable[[Label, tuple[int, ...], int], Sequence[float]]
"""Of an item, an order and a sample: one number for each response as it is stored."""


def judged_by(run: MadeUp, judge: Judge) -> MadeUp:
    """The same trials, all answered, by a judge whose numbers are known."""
    labels = {label.id: label for label in run.labels}

    def of(answer: Judgment) -> Judgment:
        scores = judge(labels[answer.item], answer.order, answer.sample)
        known = {"verdict": Verdict(scores=tuple(scores)), "chosen": None, "tie": None, "confidence": 0.9}
        return Changed(answer, status=Status.OK, **known)

    return run.of(judgments=[of(answer) for answer in run.judgments if answer.item in labels])


def forced_by(run: MadeUp, judge: Judge, follows: float) -> MadeUp:
    """The same, where such a judge is certain of what it says, and goes so far with the words."""
    judged = judged_by(run, judge)
    judgments = [Changed(one, chosen=one.verdict, tie=0.0, mass=0.75) for one in judged.judgments]
    return judged.of(judgments=judgments, follows=follows)


def with_mass(run: MadeUp, mass: float) -> MadeUp:
    """The same verdicts, forced: the options had so much of the probability."""
    return run.of(judgments=[Changed(answer, mass=mass) if answer.verdict else answer for answer in run.judgments])


def silent(run: MadeUp) -> MadeUp:
    return run.of(judgments=[])


def says_gold(label: Label, *_: Any) -> Sequence[float]:
    return label.gold.scores if label.gold is not None else (0.0,) * len(label.lengths)


def says_the_opposite(label: Label, *_: Any) -> Sequence[float]:
    """Of gold; of a rating, the other end of a scale to 5."""
    return says_gold(label)[::-1] if len(label.lengths) > 1 else (6 - says_gold(label)[0],)


def says_the_worst_first(label: Label, *_: Any) -> Sequence[float]:
    return [-score for score in says_gold(label)]


def says_not_gold(label: Label, *_: Any) -> Sequence[float]:
    """Of each step, as likely wrong as gold calls it right."""
    return [1 - score for score in says_gold(label)]


def says_more(points: float) -> Judge:
    return lambda label, *_: (says_gold(label)[0] + points,)


def says_right_of_wrong(label: Label, *_: Any) -> Sequence[float]:
    """Of worked solutions: that a wrong one is right, and that a right one goes wrong at once."""
    return (float(says_gold(label)[0] == 0),)


def says_another_step(label: Label, *_: Any) -> Sequence[float]:
    return (says_gold(label)[0] and says_gold(label)[0] + 1,)


def says_another_label(label: Label, *_: Any) -> Sequence[float]:
    """Of labels: the one before gold's."""
    return (*says_gold(label)[1:], says_gold(label)[0])


def says_the_first_label(label: Label, *_: Any) -> Sequence[float]:
    return [float(place == 0) for place in range(len(says_gold(label)))]


def says_the_first_slot(_: Label, order: tuple[int, ...], *__: Any) -> Sequence[float]:
    return [float(slot == order[0]) for slot in range(len(order))]


def says_the_last_slot(_: Label, order: tuple[int, ...], *__: Any) -> Sequence[float]:
    return [float(slot == order[-1]) for slot in range(len(order))]


def says_the_longest(label: Label, *_: Any) -> Sequence[float]:
    return [float(size or 0) for size in label.lengths]


def says_the_shortest(label: Label, *_: Any) -> Sequence[float]:
    return [-float(size or 0) for size in label.lengths]


def says_the_list(label: Label, *_: Any) -> Sequence[float]:
    """Where one response holds a list, and a tie where none does."""
    return [float(label.facets["list"] == slot) for slot in range(2)]


def says_tie(label: Label, *_: Any) -> Sequence[float]:
    return (0.5,) * len(label.lengths)


def says_both_by_turns(label: Label, _: tuple[int, ...], sample: int) -> Sequence[float]:
    return (1.0, 0.0) if sample % 2 else (0.0, 1.0)


# ------------------------------------------------------------------------------------------------ known people


def unanimous(run: MadeUp) -> MadeUp:
    """All people say what gold says, and every item has gold."""
    labels = [label for label in run.labels if label.gold is not None]
    return run.of(labels=[Changed(label, raters=dict.fromkeys(label.raters, label.gold)) for label in labels])


def divided(run: MadeUp) -> MadeUp:
    """Ann says what gold says, and Bob the opposite (of ratings: a point more); nobody else says anything."""

    def of(label: Label) -> Label:
        assert label.gold is not None
        other = _turned(label.gold) if len(label.gold.scores) > 1 else Verdict(scores=(label.gold.scores[0] + 1,))
        return Changed(label, raters={"ann": label.gold, "bob": other})

    return run.of(labels=[of(label) for label in run.labels if label.gold is not None])


def people_go_by_length(run: MadeUp, *, longest: bool) -> MadeUp:
    """But for one of them on each item, who says what they said, so that there is something to fit."""

    def of(label: Label) -> Label:
        wanted = (max if longest else min)(size or 0 for size in label.lengths)
        choice = Verdict(scores=tuple(float(size == wanted) for size in label.lengths))
        kept = int(label.id.removeprefix("i").split()[0]) % len(label.raters) if label.raters else 0
        raters = {
            name: verdict if number == kept else choice for number, (name, verdict) in enumerate(label.raters.items())
        }
        return Changed(label, raters=raters)

    return run.of(labels=[of(label) for label in run.labels])
