"""Statistics as functions of arrays: numpy, scipy where needed, nothing of the rest of judgebench.

Rooms, each imported by name so that nobody pays for what is not used:

    judgebench.stats.agreement   coefficients between raters: kappa, pi, AC1, alpha, macro F1
    judgebench.stats.human       the judge beside the people who did the same work
    judgebench.stats.position    what changes when the two responses swap places
    judgebench.stats.intervals   standard errors and intervals, clustered by question

Conventions. A *unit* is what is judged (an item); a *cluster* is a set of units that share a question.
Ratings matrices have the shape (raters, units), NaN where a rater gave none. Preferences lie on the axis
first = -1, tie = 0, second = +1. An undefined number is ``None`` in a function that returns one number and
NaN in a function that returns an array of them (``..._from_counts``); wrong shapes, labels and options raise
``ValueError``.
"""
