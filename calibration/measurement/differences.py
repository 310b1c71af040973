"""Who scores higher, and by how much, on the same papers."""

import numpy as np

from calibration.measurement import intervals, wording
from calibration.measurement.result import NO_VARIATION, TOO_FEW, Statistic, undefined

CONFIDENCE = 0.95


def mean_difference(table, points, *, who="", others="the first scorer", confidence=CONFIDENCE, **known):
    """Mean of (column score - row score) over papers, with Student's t interval.

    >>> mean_difference(np.array([[30, 20], [5, 45]]), [1, 2]).text()
    '0.15 (0.05 to 0.25)'
    """
    apart = np.subtract.outer(np.asarray(points, float), np.asarray(points, float)).T
    n = float(table.sum())
    mean = float((table * apart).sum() / n) if n else np.nan
    square = float((table * (apart - mean) ** 2).sum()) if n else np.nan
    return stated(mean, square, n, confidence=confidence, who=who, others=others, **known)


def stated(mean, square, n, *, confidence=CONFIDENCE, who="", others="the other scorers", **known):
    """A mean difference from its mean, the sum of squares around it, and the number of papers."""
    method = "mean difference on the same papers, t interval"
    known.setdefault("n_units", round(n))
    if n < 2 - 1e-9:
        return undefined(
            TOO_FEW, "A difference needs at least two papers read by both.", method=method, **known
        )
    df = round(n) - 1
    se = float(np.sqrt(max(square, 0.0) / df / n))
    low, high = intervals.around(mean, se, quantile=intervals.t_quantile((1 + confidence) / 2, df))
    said = wording.higher_or_lower(mean, low, high, others, who=who)
    return Statistic(mean, low, high, se, method, **known, sentence=said)


def standardized(counts, *, confidence=CONFIDENCE):
    r"""Standardized mean difference of two scorers on the same papers: second minus first.

    .. math:: SMD = \frac{\bar b - \bar a}{\sqrt{(s_a^2 + s_b^2)/2}}

    The standard error is by linearization over papers, so that it uses how alike the two scores are.

    References
    ----------
    Williamson, D. M., Xi, X., & Breyer, F. J. (2012). A framework for evaluation and use of automated scoring.
    *Educational Measurement: Issues and Practice*, 31(1), 2-13.
    """
    method = "standardized mean difference, linearized standard error"
    if counts.oriented is None or counts.n_units < 2:
        said = "Only two scorers who read the same papers can be compared this way."
        return undefined(TOO_FEW, said, method=method, **counts.known())
    n, p = counts.n_units, counts.oriented / counts.n_units
    points, rows, columns = counts.points, p.sum(axis=1), p.sum(axis=0)
    first, second = rows @ points, columns @ points
    above, beyond = (points - first) ** 2, (points - second) ** 2
    spread = (rows @ above + columns @ beyond) / 2 * n / (n - 1)
    if spread <= 1e-15 * max(1.0, np.abs(points).max()) ** 2:
        said = "Both scorers gave one and the same score each, so there is no spread to compare with."
        return undefined(NO_VARIATION, said, method=method, **counts.known())
    value = (second - first) / np.sqrt(spread)
    pull = (points[None, :] - second - points[:, None] + first) / np.sqrt(spread)
    pull = pull - value / (2 * spread) * ((above[:, None] + beyond[None, :]) / 2 - spread)
    se = float(np.sqrt((p * pull**2).sum() / (n - 1)))
    low, high = intervals.around(value, se, quantile=intervals.t_quantile((1 + confidence) / 2, n - 1))
    said = f"The second scorer's mean is {abs(value):.2f} standard deviations {'below' if value < 0 else 'above'}."
    said = said if value else "The two scorers' means are equal."
    return Statistic(float(value), low, high, se, method, **counts.known(), sentence=said)
