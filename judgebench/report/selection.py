"""Which numbers stand where, and in which order: the one place of the report that names metrics, by their addresses
(`judgebench.score.addresses`). What they mean and how they are printed is in the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from judgebench.report import readings
from judgebench.score import addresses
from judgebench.score.addresses import HEADLINE
from judgebench.score.catalogue import CLASSES, PAIRS, RATINGS, SETS, STEPS, TASKS
from judgebench.types import Estimate, Scores

AGREEMENT, COVERAGE, CONSISTENCY = "agreement", "coverage", "consistency"
FIRST_SLOT = "first_slot_rate"
AGAINST_PEOPLE, MINUS_A_PERSON = "human.judge_leave_one_out", "human.judge_minus_human"
HELD_OUT = "human.human_leave_one_out"
WITH_ONE, EFFECT = "human.judge_human_agreement", "effect_"
P_OF_LEAN = "position_p"
PEOPLE = "People"

SECTION = (AGAINST_PEOPLE, MINUS_A_PERSON, CONSISTENCY, FIRST_SLOT, "prefer_longer")
"""Columns of a benchmark's section on the leaderboard, between its scores and the coverage."""
BIAS = (
    CONSISTENCY, "first_bias", "second_bias", "delta_bias", FIRST_SLOT, "tie_rate", "prefer_longer", "length_effect",
)  # fmt: skip
"""Columns of `export bias`; those of `export human` follow."""
HUMAN = (AGAINST_PEOPLE, MINUS_A_PERSON, WITH_ONE, "human.alt_test_omega", "human.alt_test_rho")
OF_A_PERSON = {
    AGAINST_PEOPLE: HELD_OUT,
    WITH_ONE: "human.human_agreement",
    "human.alt_test_rho": "human.alt_test_rho_human",
}


def of_a_person(scores: Scores, address: str) -> Estimate | None:
    """A person's number that stands beside the judge's; None where there is none."""
    about = f"human.human_{scores.headline.name}" if address == HEADLINE else OF_A_PERSON.get(address)
    return None if about is None else addresses.estimate(scores, about)


class Say(NamedTuple):
    """A line of a card. `defined`: only where the number has a value; `tasks`: for these kinds of verdict alone;
    `beside`: a p-value that stands behind the label."""

    address: str
    label: str
    defined: bool = False
    tasks: tuple[str, ...] = TASKS
    beside: str = ""


class Part(NamedTuple):
    """A section of a card: its lines, of which the first is explained by the others, and a sentence about some numbers.
    Without a value of `needs` it is left out; of `either` the first line alone is kept."""

    title: str
    lines: tuple[Say, ...]
    words: Callable[..., str]
    about: tuple[str, ...]
    needs: str = ""
    either: bool = False


ONLY_FORCED = ("label_mass", "placebo")
FORCED = (
    Say("label_mass", "probability that its options had"),
    Say("label_mass_median", "the same, in the middle of the verdicts"),
    Say("low_label_mass", "verdicts with less than half of it"),
    Say("placebo", "placebo: follows the word, not its meaning"),
    Say(FIRST_SLOT, "decisive verdicts for the first slot"),
    Say(CONSISTENCY, "same verdict in both orders"),
)
"""Beside the coverage of forced verdicts, which any judge has in full."""
_SEVERAL = (RATINGS, SETS, STEPS)
CARD = (
    Part("Agreement", (
        Say(AGREEMENT, "Agreement with gold, failures wrong"),
        Say("agreement_combined", "both orders' probabilities combined", defined=True),
        Say("mae", "mean distance from gold, in points"),
        Say("signed_bias", "rating minus gold, in points"),
        Say("spearman", "rank correlation with gold"),
        Say("kendall_tau", "Kendall's tau of judge and gold, mean over items", tasks=(SETS,)),
        Say("detection", "solutions rightly called right or wrong"),
        Say("step_accuracy", "first wrong steps found"),
        Say("step_macro_f1", "F1 of right and of wrong steps, mean"),
        Say("step_f1_wrong", "F1 of the wrong steps"),
        Say("majority_agreement", "always saying the commonest label"),
        Say("sensitivity", "sensitivity: positive where gold is"),
        Say("specificity", "specificity: not positive where gold is not"),
        Say("macro_f1", "F1, mean over the labels", tasks=(CLASSES,)),
    ), readings.agreement, (AGREEMENT,)),
    Part(PEOPLE, (
        Say(HELD_OUT, "A held-out person against the other people"),
        Say(AGAINST_PEOPLE, "the judge against the same people"),
        Say(MINUS_A_PERSON, "judge minus human"),
    ), readings.people, (AGAINST_PEOPLE, HELD_OUT, MINUS_A_PERSON, "human.ceiling_low", "human.ceiling_high")),
    Part("Beyond chance", (
        Say("cohen_kappa", "Cohen's kappa of judge and gold"),
        Say("weighted_kappa", "weighted by the distance from gold, squared"),
        Say("weighted_kappa_linear", "weighted by the distance itself"),
        Say("alpha_with_gold", "Krippendorff's alpha of judge and gold"),
        Say("kappa_minus_phi", "kappa minus phi, below 0 where shares differ"),
        Say("mcc", "Matthews' correlation"),
        Say("human.krippendorff_alpha", "Krippendorff's alpha of people, nominal", tasks=(PAIRS, CLASSES)),
        Say("human.krippendorff_alpha", "Krippendorff's alpha of people, interval", tasks=_SEVERAL),
        Say("human.gwet_ac1", "Gwet's AC1 of people"),
    ), readings.beyond_chance, ("cohen_kappa", "human.krippendorff_alpha")),
    Part("Position", (
        Say(CONSISTENCY, "Same verdict when the responses swap places", tasks=(PAIRS,)),
        Say(CONSISTENCY, "Same best response in both orders", defined=True, tasks=_SEVERAL),
        Say("delta_bias", "lean: second minus first slot", defined=True, beside=P_OF_LEAN),
        Say("rerun_agreement", "same answer to the same trial"),
    ), readings.position, (CONSISTENCY, "delta_bias", P_OF_LEAN, "rerun_agreement")),
    Part("Ties", (
        Say("tie_rate", "Verdicts that are ties"),
        Say("gold_tie_rate", "gold that is a tie"),
    ), readings.ties, ("tie_rate", "gold_tie_rate")),
    Part("Length", (
        Say("prefer_longer", "Decisive verdicts for the longer response"),
        Say("length_effect", "length at equal gold, log-odds"),
        Say("human_length_effect", "the same of people, log-odds", defined=True),
    ), readings.length, ("length_effect", "human_length_effect"), needs="length_effect"),
    Part("Replaceability", (
        Say("human.alt_test_omega", "People whose place it may take (omega)"),
        Say("human.alt_test_rho", "as good as a person (rho)"),
        Say("human.alt_test_rho_human", "a person as good as it"),
        Say("human.alt_test_difference", "the second minus the first"),
    ), readings.replaceability, ("human.alt_test_omega",), needs="human.alt_test_omega"),
)  # fmt: skip
"""Between a benchmark's own score and the effects of its factors."""
SIGHT = Part("Sight", (
    Say("human.judge_minus_human_mde", "Gap to people that this run can see (MDE)", defined=True),
    Say("agreement_mde", "Change of agreement that it can see (MDE)", defined=True),
), readings.sight, ("human.judge_minus_human_mde", "agreement_mde"), either=True)  # fmt: skip

PAGE = {
    "overview": (HEADLINE, AGREEMENT, AGAINST_PEOPLE, CONSISTENCY, FIRST_SLOT, COVERAGE),
    "benchmark": (HEADLINE, AGREEMENT, AGAINST_PEOPLE, CONSISTENCY, COVERAGE),
    "versus": (HEADLINE, AGREEMENT, AGAINST_PEOPLE, CONSISTENCY),
    "tiles": (AGREEMENT, MINUS_A_PERSON, CONSISTENCY, FIRST_SLOT, COVERAGE),
    "position": ("first_bias", "second_bias", CONSISTENCY),
    "length": ("length_effect", "human_length_effect"),
    "coverage": (COVERAGE,),
    "gap": (MINUS_A_PERSON,),
    "ceiling": ("human.ceiling_low", "human.ceiling_high"),
    "people": (AGREEMENT, AGAINST_PEOPLE, HELD_OUT, WITH_ONE, "human.human_agreement"),
}
"""Of the report page: the columns of its tables, the tiles of a card, and what its charts draw."""
IN_THE_MIDDLE = {FIRST_SLOT: 0.5}
"""Where the best value lies, of a number whose bar shows it."""
DATASHEET = {
    "human_agreement": "Two people say the same of an item",
    "krippendorff_alpha": "  Krippendorff's alpha",
    "fleiss_kappa": "  Fleiss' kappa",
}
"""Of the people's numbers on a datasheet."""
