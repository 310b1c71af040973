"""Every agreement figure of one trait at once, by its usual name: for the command line and for reports."""

from dataclasses import replace

from calibration.measurement import (
    alpha,
    association,
    chance,
    crossing,
    differences,
    gwet,
    icc,
    kappa,
    pairs,
    shares,
)
from calibration.measurement.result import HIDE_BELOW, NOT_FIXED, WIDE, undefined

NOT_TWO = "The scorers vary from paper to paper here; this figure needs the same two scorers throughout."


def every(trait_ratings, *, draws=1000, seed=1, confidence=0.95):
    """Every agreement coefficient of one trait that can be worked out, however few papers there are.

    Nothing is hidden here; below 30 pairs of reads the status is `warning:small_n`. Cohen's family, Pearson,
    Spearman and the standardized difference need the same two scorers throughout, ICC(2,.), ICC(3,.) and
    Kendall's W every scorer on every response: else they are `undefined:not_fixed`. First and second scorer
    follow the order in which they first appear in the rows.

    Parameters
    ----------
    trait_ratings : TraitRatings or PairCounts
        From counts of rotating scorers, Conger's kappa and the crossed figures are not to be had.
    draws, seed : int
        For the bootstrap intervals of alpha; 0 draws gives alpha without an interval.

    Returns
    -------
    dict of str to Statistic
        And the whole number n_pairs.

    >>> table = pairs.PairCounts.from_table([[13, 0, 0], [0, 20, 7], [0, 4, 56]], [1, 2, 3])
    >>> found = every(table, draws=10)
    >>> found["n_pairs"], round(found["gwet_ac1"].value, 3), found["kappa"].status
    (100, 0.849, 'undefined:not_fixed')
    """
    ratings = None if isinstance(trait_ratings, pairs.PairCounts) else trait_ratings
    counts = trait_ratings if ratings is None else in_order(pairs.count(ratings), ratings)
    sure = {"confidence": confidence}
    found = {
        "exact": shares.exact(counts, **sure),
        "adjacent": shares.adjacent(counts, **sure),
        "discrepant": shares.discrepant(counts, **sure),
    }
    for name, power in (("kappa", 0), ("kappa_linear", 1), ("kappa_quadratic", 2)):
        found[name] = _cohen(counts, power, confidence)
    found |= {
        "scott_pi": chance.scott_pi(counts, **sure),
        "fleiss_kappa": chance.fleiss(counts, **sure),
        "conger_kappa": chance.conger(ratings, counts, **sure),
        "brennan_prediger": chance.brennan_prediger(counts, **sure),
        "gwet_ac1": gwet.ac1(counts, **sure),
        "gwet_ac2": gwet.ac2(counts, weighting="quadratic", **sure),
        "gwet_ac2_linear": gwet.ac2(counts, weighting="linear", **sure),
    }
    alphas = alpha.at_levels(counts, draws=draws, seed=seed, **sure)
    found |= {f"alpha_{level}": statistic for level, statistic in alphas.items()}
    found |= icc.six(counts if ratings is None else ratings, counts, **sure)
    found |= {
        "pearson": association.pearson(counts, **sure),
        "spearman": association.spearman(counts, **sure),
        "smd": _standardized(counts, confidence),
        "kendall_w": association.kendall_w(counts if ratings is None else ratings, counts),
    }
    return {"n_pairs": counts.n_pairs} | {name: _marked(statistic) for name, statistic in found.items()}


def in_order(counts, ratings):
    """The same counts with the two scorers of a fixed pair in the order of their first rows."""
    if counts.fixed_pair is None:
        return counts
    first = dict(zip(ratings.scorer.names, crossing.first_rows(ratings).tolist(), strict=True))
    one, other = counts.fixed_pair
    if first[one] < first[other]:
        return counts
    return replace(counts, fixed_pair=(other, one), oriented=counts.oriented.T)


def _cohen(counts, power, confidence):
    if counts.n_pairs and counts.oriented is None:
        method = f"Cohen's kappa, {('unweighted', 'linear weights', 'quadratic weights')[power]}"
        return undefined(NOT_FIXED, NOT_TWO, method=method, **counts.known())
    return kappa.cohen(counts, power=power, confidence=confidence)


def _standardized(counts, confidence):
    if counts.n_pairs and counts.oriented is None:
        method = "standardized mean difference"
        return undefined(NOT_FIXED, NOT_TWO, method=method, **counts.known())
    return differences.standardized(counts, confidence=confidence)


def _marked(statistic):
    """Few pairs of reads are marked and never hidden; what is undefined stays as it is."""
    if not statistic.defined or statistic.n_pairs >= HIDE_BELOW:
        return statistic
    said = f"Only {statistic.n_pairs} pairs of reads stand behind this figure, so it may be well off."
    if statistic.n_pairs == 1:
        said = "Only one pair of reads stands behind this figure, so it may be well off."
    return replace(statistic, status=WIDE, sentence=f"{statistic.sentence} {said}".strip())
