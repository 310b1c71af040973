r"""Agreement beyond what guessing would give: Cohen's kappa for two named scorers, Scott's for pooled pairs.

.. math:: \kappa_w = \frac{p_o - p_e}{1 - p_e}, \qquad p_o = \sum_{ij} w_{ij} p_{ij}

Cohen's guessing :math:`p_e` keeps the two scorers' habits apart and so needs the same two scorers throughout.
Where the pairs vary, "first" and "second" are arbitrary; Scott's version pools the habits of all.
"""

import numpy as np

from calibration.measurement import chance, intervals, linearization, weights
from calibration.measurement.result import NO_PAIRS, NO_TELLING, NO_VARIATION, TOO_FEW, Statistic, undefined


def cohen(counts, *, power=2, confidence=0.95):
    """Cohen's kappa of two scorers who read the same responses.

    Parameters
    ----------
    counts : PairCounts
        Of one fixed pair of scorers.
    power : {0, 1, 2}
        0 unweighted, 1 linear, 2 quadratic weights (QWK); from the whole rubric, also unused score points.
        Any other weights of `weights.matrix` may stand here too.

    Returns
    -------
    Statistic
        With the standard error of Fleiss, Cohen & Everitt and a normal interval; undefined where both
        scorers gave one and the same score throughout.

    References
    ----------
    Cohen, J. (1968). Weighted kappa. *Psychological Bulletin*, 70, 213-220.
    Fleiss, J. L., Cohen, J., & Everitt, B. S. (1969). Large sample standard errors of kappa and weighted
    kappa. *Psychological Bulletin*, 72, 323-327.

    >>> from calibration.measurement.pairs import PairCounts
    >>> table = [[0, 4, 1], [0, 8, 0], [0, 1, 5]]
    >>> cohen(PairCounts.from_table(table, [1, 2, 3], fixed_pair=("ana", "ben")), power=0).text(4)
    '0.4842 (0.2137 to 0.7547)'
    """
    if counts.n_pairs and counts.oriented is None:
        raise ValueError(
            "Cohen's kappa needs the same two scorers throughout; use kappa.pooled for pooled pairs."
        )
    method = f"Cohen's kappa, {weights.in_words(power)}, Fleiss-Cohen-Everitt standard error"
    if not counts.n_pairs:
        return undefined(TOO_FEW, NO_PAIRS, method=method, **counts.known())
    value, se, _ = cohen_tables(counts.oriented, counts.points, power)
    return _stated(
        float(value), float(se), method, counts, power, intervals.normal_quantile((1 + confidence) / 2)
    )


def null_se(counts, *, power=2):
    """The standard error of Cohen's kappa if there were no agreement: for a test only, never an interval."""
    return float(cohen_tables(counts.oriented, counts.points, power)[2])


def pooled(counts, *, power=2, confidence=0.95):
    """Kappa of pooled pairs, on the symmetrized table: weighted Scott's pi (Fleiss' kappa for more reads).

    Every response counts once. The standard error is Gwet's linearization over responses, the interval
    Student's t with one less than the number of responses.

    References
    ----------
    Scott, W. A. (1955). Reliability of content analysis. *Public Opinion Quarterly*, 19, 321-325.
    Fleiss, J. L. (1971). Measuring nominal scale agreement among many raters. *Psychological Bulletin*,
    76, 378-382.
    Gwet, K. L. (2014). *Handbook of inter-rater reliability* (4th ed.). Advanced Analytics.

    >>> from calibration.measurement.pairs import PairCounts
    >>> pooled(PairCounts.from_table([[20, 5], [10, 15]], [0, 1]), power=0).text()
    '0.39 (0.13 to 0.66)'
    """
    return _pooled(counts, counts.compared, power, confidence)


def pooled_with_singles(counts, *, power=2, confidence=0.95):
    """The same, with responses read once helping to tell the scorers' habits, as Gwet treats missing reads."""
    return _pooled(counts, linearization.patterns_with_singles(counts), power, confidence)


def cohen_tables(tables, points, power):
    """Cohen's kappa, its standard error and its null standard error for a table or a stack of tables."""
    w = weights.matrix(points, power)
    total = tables.sum(axis=(-2, -1))
    with np.errstate(divide="ignore", invalid="ignore"):
        p = tables / total[..., None, None]
        rows, columns = p.sum(axis=-1), p.sum(axis=-2)
        beside, below = columns @ w, rows @ w  # mean weight of each row's and each column's score
        observed, expected = (p * w).sum(axis=(-2, -1)), (beside * rows).sum(axis=-1)
        room = np.where(one_score(tables + np.swapaxes(tables, -1, -2)), np.nan, 1 - expected)
        value = (observed - expected) / room
        means = beside[..., :, None] + below[..., None, :]
        slope = w * room[..., None, None] - means * (1 - observed)[..., None, None]
        spread = (p * slope**2).sum(axis=(-2, -1)) - (observed * expected - 2 * expected + observed) ** 2
        independent = rows[..., :, None] * columns[..., None, :]
        null = (independent * (w - means) ** 2).sum(axis=(-2, -1)) - expected**2
        return value, _root(spread, total) / room**2, _root(null, total) / room


def pooled_tables(tables, points, power):
    """Scott-type kappa and its standard error for a stack of symmetrized tables.

    With more than two reads the pairs of a response are taken for as many different ones of smaller
    weight, which makes the standard error a little too large, never too small.
    """
    return linearization.tables(tables, weights.matrix(points, power), chance.pooled_chance)


def one_score(tables):
    """Has everybody given one and the same score? Asked of whole counts, so that no rounding can mislead."""
    return np.count_nonzero(tables.sum(axis=-1), axis=-1) <= 1


def _pooled(counts, kinds, power, confidence):
    words = weights.in_words(power)
    method = f"Scott-type kappa of pooled pairs (symmetrized table), {words}, linearized standard error"
    found = linearization.Estimate()
    if counts.n_pairs:
        w = weights.matrix(counts.points, power)
        found = linearization.estimate(*kinds, w, chance.pooled_chance)
    return linearization.stated(found, counts, method, sentence(found.value, power), confidence)


def _stated(value, se, method, counts, power, quantile):
    if np.isnan(value):
        return undefined(NO_VARIATION, NO_TELLING, method=method, **counts.known())
    if se < 1e-12:  # perfect agreement: rounding is all that is left
        se = 0.0
    low, high = intervals.around(value, se, quantile=quantile, least=-1.0, most=1.0)
    return Statistic(value, low, high, se, method, **counts.known(), sentence=sentence(value, power))


def sentence(value, power):
    """What the number means, in words.

    >>> sentence(0.714, 2)
    'Agreement beyond what guessing would give, with bigger misses counted more: 0.71 (0 is guessing, 1 is always \
the same score).'
    """
    more = "" if weights.name(power) == "identity" else ", with bigger misses counted more"
    return (
        f"Agreement beyond what guessing would give{more}: {value + 0.0:.2f} "
        "(0 is guessing, 1 is always the same score)."
    )


def _root(spread, n):
    return np.sqrt(np.maximum(spread, 0) / n)
