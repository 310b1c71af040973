r"""Agreement beyond chance, by other ideas of chance: Brennan & Prediger, Scott, Fleiss, Conger.

All are :math:`(p_a - p_e) / (1 - p_e)` with the same agreement :math:`p_a`, averaged over the pairs of reads
of each response that has some. They differ in what two scorers would agree on by guessing:

================== ==========================================================
Brennan & Prediger every score point equally likely
Scott              each score as often as it was given to compared responses
Fleiss             the same, responses read once included
Conger             each scorer's own habits, averaged over all pairs of scorers
================== ==========================================================
"""

import numpy as np

from calibration.measurement import linearization, weights
from calibration.measurement.result import NO_PAIRS, TOO_FEW, undefined


def weighted_agreement(counts, *, weighting="identity", confidence=0.95):
    """Agreement itself, with part of the credit for smaller misses and nothing taken off for chance.

    With "identity" it is exact agreement, here with a linearized standard error.

    >>> from calibration.measurement.pairs import PairCounts
    >>> weighted_agreement(PairCounts.from_table([[40, 10], [19, 31]], [1, 2])).text()
    '0.71 (0.62 to 0.80)'
    """
    kinds = linearization.patterns_with_singles(counts)
    return _stated(counts, kinds, no_chance, weighting, "Weighted agreement", confidence)


def brennan_prediger(counts, *, weighting="identity", confidence=0.95):
    """Agreement beyond what there would be if every score point were equally likely.

    Also known as S, G and Randolph's free-marginal kappa. It depends on the number of score points in the
    rubric.

    Parameters
    ----------
    counts : PairCounts
    weighting : str, int or q x q array
        As in `weights.matrix`.

    References
    ----------
    Brennan, R. L., & Prediger, D. J. (1981). Coefficient kappa: Some uses, misuses, and alternatives.
    *Educational and Psychological Measurement*, 41(3), 687-699.

    >>> from calibration.measurement.pairs import PairCounts
    >>> round(brennan_prediger(PairCounts.from_table([[13, 0, 0], [0, 20, 7], [0, 4, 56]], [1, 2, 3])).value, 3)
    0.835
    """
    kinds = linearization.patterns_with_singles(counts)
    return _stated(counts, kinds, even_chance, weighting, "Brennan-Prediger coefficient", confidence)


def scott_pi(counts, *, weighting="identity", confidence=0.95):
    """Scott's pi: agreement beyond what guessing by the common habits of all scorers would give.

    From responses with two or more reads only, each counting once; with more than two reads it is Fleiss'
    kappa of these responses.

    References
    ----------
    Scott, W. A. (1955). Reliability of content analysis. *Public Opinion Quarterly*, 19(3), 321-325.
    """
    kinds = (counts.patterns, counts.frequencies)
    return _stated(counts, kinds, pooled_chance, weighting, "Scott's pi", confidence)


def fleiss(counts, *, weighting="identity", confidence=0.95):
    """Fleiss' kappa for any number of reads: Scott's idea, with responses read once telling habits too.

    References
    ----------
    Fleiss, J. L. (1971). Measuring nominal scale agreement among many raters. *Psychological Bulletin*,
    76(5), 378-382.
    Gwet, K. L. (2014). *Handbook of inter-rater reliability* (4th ed.). Advanced Analytics.
    """
    kinds = linearization.patterns_with_singles(counts)
    return _stated(counts, kinds, pooled_chance, weighting, "Fleiss' kappa", confidence)


def conger(ratings, counts, *, weighting="identity", confidence=0.95):
    """Conger's kappa: agreement beyond what guessing by each scorer's own habits would give.

    For two scorers who read everything its value is Cohen's kappa. Where scorers rotate, the habits of a
    scorer come from all their reads, and agreement by chance is the plain mean over all pairs of scorers,
    whether they met or not and however much they read: the definition for missing reads of Gwet (2014).

    Parameters
    ----------
    ratings : TraitRatings
    counts : PairCounts
        Of the same ratings.

    References
    ----------
    Conger, A. J. (1980). Integration and generalization of kappas for multiple raters. *Psychological
    Bulletin*, 88(2), 322-328.

    >>> from calibration.measurement import pairs, ratings
    >>> rows = [(r, s, "t", 1 + (r + (s == "cy" and r % 3 == 0)) % 2) for r in range(9) for s in ("ana", "cy")]
    >>> scored = ratings.Ratings.from_rows(rows, points=[1, 2]).of("t")
    >>> conger(scored, pairs.count(scored)).text()
    '0.34 (-0.40 to 1.00)'
    """
    method = f"Conger's kappa, {weights.in_words(weighting)}, linearized standard error, t interval"
    if not counts.n_pairs:
        return undefined(TOO_FEW, NO_PAIRS, method=method, **counts.known())
    w, q = weights.matrix(counts.points, weighting), counts.points.size
    scorer, score = ratings.scorer.codes, ratings.score
    given = np.bincount(scorer * q + score, minlength=len(ratings.scorer.names) * q).reshape(-1, q)
    expected, pulls = _own_habits(given, w)
    unit, n = ratings.response.codes, len(ratings.response.names)
    cells = np.bincount(unit * q + score, minlength=n * q).reshape(n, q)
    pull = np.bincount(unit, weights=pulls[scorer, score], minlength=n)
    reads = cells.sum(axis=1)
    read = slice(None) if reads.all() else reads > 0
    cells, reads, pull = cells[read], reads[read], pull[read]
    found = linearization.Estimate()
    if np.count_nonzero(given.sum(axis=0)) > 1:
        agree = linearization.agreeing(cells, reads, w)
        n = reads.size
        found = linearization.combine(agree, reads > 1, np.ones(n), expected, expected + n * pull)
    return linearization.stated(found, counts, method, sentence(found.value, "Conger's kappa"), confidence)


def no_chance(share, w):
    """Nothing is taken off for chance."""
    return np.zeros(share.shape[:-1]), np.zeros(share.shape)


def even_chance(share, w):
    """Every score point equally likely, whatever was given."""
    return np.broadcast_to(w.mean(), share.shape[:-1]), np.broadcast_to(w.mean(), share.shape)


def pooled_chance(share, w):
    """Each score as likely as it was given by all scorers together."""
    each = share @ w
    return (share * each).sum(axis=-1), each


def _own_habits(given, w):
    """Chance agreement averaged over pairs of scorers; what each read of each scorer adds to it.

    `given` counts the scores of every scorer (scorers x q). The second result sums to 0 over all reads.
    """
    reads = given.sum(axis=1)
    known = reads > 0
    habits, r = given / np.maximum(reads, 1)[:, None], int(known.sum())
    others = habits.sum(axis=0) - habits  # every other scorer's habits, summed
    beside = others @ w
    mean = (beside * habits).sum(axis=1)
    pulls = (beside - mean[:, None]) / np.maximum(reads, 1)[:, None] / (r * (r - 1))
    return float(mean[known].sum() / (r * (r - 1))), pulls


def _stated(counts, kinds, chance, weighting, name, confidence):
    w = weights.matrix(counts.points, weighting)
    method = f"{name}, {weights.in_words(weighting)}, linearized standard error, t interval"
    found = linearization.Estimate()
    if counts.n_pairs:
        found = linearization.estimate(*kinds, w, chance)
    return linearization.stated(found, counts, method, sentence(found.value, name), confidence)


def sentence(value, name):
    """What the number means, in words."""
    if np.isnan(value):
        return ""
    if name == "Weighted agreement":
        return (
            f"On average {100 * value:.0f} % of full agreement, with part of the credit for smaller misses."
        )
    against = "if every score were equally likely by guessing" if "Brennan" in name else "beyond guessing"
    return f"{name}, agreement {against}: {value + 0.0:.2f} (0 is guessing, 1 is always the same score)."
