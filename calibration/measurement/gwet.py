r"""Gwet's AC1 and AC2: agreement beyond chance that does not punish scorers because most papers earned one score.

.. math:: \gamma = \frac{p_a - p_e}{1 - p_e}, \qquad
   p_e = \frac{\sum_{kl} w_{kl}}{q (q - 1)} \sum_k \pi_k (1 - \pi_k)

The figure depends on the number q of score points in the rubric, and it stays high where kappa and alpha fall:
show it beside them, never alone.
"""

import numpy as np

from calibration.measurement import linearization, weights


def ac1(counts, *, singles=True, confidence=0.95):
    """Gwet's AC1: agreement beyond chance, every difference of scores a full miss.

    Parameters
    ----------
    counts : PairCounts
        Any number of reads a response.
    singles : bool
        Whether responses read once help to tell how often each score is given, as Gwet has it. His standard
        error is on the safe side then, far so where they are many; without them it is exact.

    Returns
    -------
    Statistic
        Undefined where everybody gave one and the same score.

    References
    ----------
    Gwet, K. L. (2008). Computing inter-rater reliability and its variance in the presence of high agreement.
    *British Journal of Mathematical and Statistical Psychology*, 61(1), 29-48.

    >>> from calibration.measurement.pairs import PairCounts
    >>> ac1(PairCounts.from_table([[13, 0, 0], [0, 20, 7], [0, 4, 56]], [1, 2, 3])).text()
    '0.85 (0.76 to 0.94)'
    """
    return ac2(counts, weighting="identity", singles=singles, confidence=confidence)


def ac2(counts, *, weighting="quadratic", singles=True, confidence=0.95):
    """Gwet's AC2: the same with smaller misses counted less.

    Parameters
    ----------
    counts : PairCounts
    weighting : str, int or q x q array
        As in `weights.matrix`; "identity" gives AC1.
    singles : bool
        As in `ac1`.

    References
    ----------
    Gwet, K. L. (2014). *Handbook of inter-rater reliability* (4th ed.). Advanced Analytics.

    >>> from calibration.measurement.pairs import PairCounts
    >>> ac2(PairCounts.from_table([[13, 0, 0], [0, 20, 7], [0, 4, 56]], [1, 2, 3])).text()
    '0.94 (0.90 to 0.98)'
    """
    w, words = weights.matrix(counts.points, weighting), weights.in_words(weighting)
    name = "AC1" if words == "unweighted" else "AC2"
    method = f"Gwet's {name}, {words}, linearized standard error, t interval"
    found = linearization.Estimate()
    if counts.n_pairs:
        kinds = linearization.patterns_with_singles(counts) if singles else counts.compared
        found = linearization.estimate(*kinds, w, chance)
    return linearization.stated(found, counts, method, sentence(found.value, name), confidence)


def tables(stack, points, *, weighting="quadratic"):
    """AC2 and its standard error for a stack of symmetric tables of pairs (G x q x q)."""
    return linearization.tables(stack, weights.matrix(points, weighting), chance)


def chance(share, w):
    """Gwet's agreement by chance, and what a read at each score point adds to it."""
    q = w.shape[0]
    each = w.sum() / (q * (q - 1)) * (1 - share)
    return (share * each).sum(axis=-1), each


def sentence(value, name="AC2"):
    """What the number means, in words."""
    if np.isnan(value):
        return ""
    return (
        f"Gwet's {name}, which does not fall only because most papers earned the same score: {value + 0.0:.2f} "
        "(0 is guessing, 1 is always the same score). Read it beside kappa or alpha."
    )
