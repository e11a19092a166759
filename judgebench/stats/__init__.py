"""Statistics as functions of arrays: numpy, scipy where needed, nothing of the rest of judgebench.

Rooms, each imported by name so that nobody pays for what is not used:

    judgebench.stats.agreement    coefficients between raters: kappa, pi, AC1, alpha, macro F1
    judgebench.stats.human        the judge beside the people who did the same work: fair comparison, alt-test, ceilings
    judgebench.stats.ratings      numbers on a scale: distances, correlations, ICC
    judgebench.stats.position     what changes when the two responses swap places
    judgebench.stats.length       the longer response, and length at equal quality
    judgebench.stats.robustness   perturbations beyond rerun and placebo; self-preference
    judgebench.stats.intervals    standard errors and intervals, clustered by question
    judgebench.stats.compare      judges on the same items: paired tests, corrections for many, rank sets
    judgebench.stats.power        how many items a comparison needs, and what a sample could have seen
    judgebench.stats.calibration  does confidence mean what it says?
    judgebench.stats.selective    what remains if the judge may abstain; thresholds with a guarantee
    judgebench.stats.correction   rates from few labels and many verdicts: Rogan-Gladen, PPI++
    judgebench.stats.aggregation  several judges together: votes, Dawid-Skene
    judgebench.stats.ranking      systems: Bradley-Terry, tau-b, soft pairwise accuracy
    judgebench.stats.rounding     what only rounding separates is equal: every comparison of computed numbers

Conventions. A *unit* is what is judged (an item); a *cluster* is a set of units that share a question.
Ratings matrices have the shape (raters, units), NaN where a rater gave none. Preferences lie on the axis
first = -1, tie = 0, second = +1. An undefined number is ``None`` in a function that returns one number and
NaN in a function that returns an array of them; wrong shapes, labels and options raise ``ValueError``.

A function ``..._from_counts`` is the one without that ending, where there is one, of tables of counts with any leading
axes: what the bootstrap needs. It has the same source, and raises ValueError for tables of another shape.
"""
