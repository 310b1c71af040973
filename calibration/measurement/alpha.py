r"""Krippendorff's alpha: 0 is no better than scoring at random, 1 is always the same score.

.. math:: \alpha = 1 - \frac{D_o}{D_e}, \qquad D_o = \frac{1}{n}\sum_{ck} o_{ck}\,\delta_{ck}^2,
   \qquad D_e = \frac{1}{n(n-1)}\sum_{ck} n_c n_k\,\delta_{ck}^2

Works for any number of scorers and missing reads. Every published alpha is worked out twice: here, from
patterns of scores, and by the krippendorff package, from the reads themselves.
"""

import krippendorff
import numpy as np

from calibration.measurement import linearization, resampling, weights
from calibration.measurement.result import NO_PAIRS, NO_TELLING, NO_VARIATION, TOO_FEW, Statistic, undefined

LEVELS = ("nominal", "ordinal", "interval", "ratio")


class NotReplicated(ValueError):
    """Two independent ways to the same alpha disagree: the figure must not be shown."""


def alpha(counts, *, level="ordinal", draws=1000, seed=1, confidence=0.95):
    """Krippendorff's alpha of one trait, with a bootstrap interval over responses.

    Parameters
    ----------
    counts : PairCounts
    level : {"nominal", "ordinal", "interval", "ratio"}
        How far apart two scores are: "ordinal" trusts only the order of the score points.
    draws, seed : int
        Bootstrap draws and the seed that makes them the same every time; 0 draws gives no interval.

    Returns
    -------
    Statistic
        Responses read once are left out and counted. Draws in which everybody gave one score have no
        alpha; `method` says how many there were.

    References
    ----------
    Krippendorff, K. (2011). *Computing Krippendorff's alpha-reliability*. University of Pennsylvania.

    >>> from calibration.measurement.pairs import PairCounts
    >>> round(alpha(PairCounts.from_table([[5, 3], [1, 1]], [0, 1]), level="nominal").value, 3)
    0.095
    """
    return at_levels(counts, (level,), draws=draws, seed=seed, confidence=confidence)[level]


def at_levels(counts, levels=LEVELS, *, draws=1000, seed=1, confidence=0.95):
    """Alpha at several levels from the same bootstrap draws: {level: Statistic}.

    >>> from calibration.measurement.pairs import PairCounts
    >>> found = at_levels(PairCounts.from_table([[5, 3], [1, 1]], [0, 1]), draws=50)
    >>> found["nominal"].value == found["interval"].value  # two score points have one distance
    True
    """
    methods = {level: f"Krippendorff's alpha, {level}" for level in levels}
    if not counts.n_pairs:
        return {
            level: undefined(TOO_FEW, NO_PAIRS, method=method, **counts.known())
            for level, method in methods.items()
        }
    parts, q, f = counts.coincidences(), counts.points.size, counts.frequencies
    seen = np.einsum("p,pij->ij", f, parts)
    if np.count_nonzero(seen.sum(axis=0)) <= 1:
        return {
            level: undefined(NO_VARIATION, NO_TELLING, method=method, **counts.known())
            for level, method in methods.items()
        }
    drawn = None
    if draws:
        drawn = resampling.totals(parts.reshape(-1, q * q), f, draws=draws, seed=seed).reshape(-1, q, q)
    how = f"bootstrap over responses ({draws:,} draws, seed {seed}"
    return {
        level: _stated(seen, drawn, level, f"{method}, {how}" if draws else method, counts, confidence)
        for level, method in methods.items()
    }


def _stated(seen, drawn, level, method, counts, confidence):
    value = float(from_coincidences(seen, counts.points, level))
    if np.isnan(value):
        return undefined(NO_VARIATION, NO_TELLING, method=method.split(", bootstrap")[0], **counts.known())
    said = sentence(value)
    if drawn is None:
        return Statistic(value, method=f"{method}, no interval", **counts.known(), sentence=said)
    values = from_coincidences(drawn, counts.points, level)
    low, high, lost = resampling.percentile_interval(values, confidence)
    se = float(np.nanstd(values, ddof=1)) if values.size - lost > 1 else np.nan
    if se < linearization.ROUNDING:  # no disagreement in any draw: no telling how wide it should be
        se, low, high = 0.0, np.nan, np.nan
    method += f", {lost:,} of them without variation)" if lost else ")"
    return Statistic(value, low, high, se, method, **counts.known(), sentence=said)


def linearized(counts, *, weighting="identity", confidence=0.95):
    """Alpha with agreement weights in place of distances, and Gwet's standard error instead of a bootstrap.

    "identity" is nominal and "quadratic" is interval alpha. "ordinal" here are weights by rank steps, not
    Krippendorff's ordinal distances, which depend on the scores given. Responses with more reads weigh more,
    as in alpha; n is the number of responses with two or more reads.

    References
    ----------
    Gwet, K. L. (2014). *Handbook of inter-rater reliability* (4th ed.). Advanced Analytics.

    >>> from calibration.measurement.pairs import PairCounts
    >>> linearized(PairCounts.from_table([[13, 0, 0], [0, 20, 7], [0, 4, 56]], [1, 2, 3])).text()
    '0.80 (0.68 to 0.92)'
    """
    words = weights.in_words(weighting)
    method = f"Krippendorff's alpha, {words}, linearized standard error, t interval"
    patterns, f, w = counts.patterns, counts.frequencies, weights.matrix(counts.points, weighting)
    found = linearization.Estimate()
    if counts.n_pairs and np.count_nonzero(f @ patterns) > 1:
        n, reads = int(f.sum()), patterns.sum(axis=1)
        mean = f @ reads / n
        share = f @ patterns / (n * mean)
        habit = share @ w
        expected, extra = float(share @ habit), (reads - mean) / mean
        agree = linearization.agreeing(patterns, reads, w) * reads / mean
        plain = float(f @ agree / n)
        observed = plain + (1 - plain) / (n * mean)  # a read is never paired with itself
        value, raw = (observed - expected) / (1 - expected), (plain - expected) / (1 - expected)
        se = np.nan
        if n > 1:
            chances = patterns @ habit / mean - expected * extra
            pull = (agree - plain * extra - expected) / (1 - expected)
            pull = pull - 2 * (1 - raw) * (chances - expected) / (1 - expected)
            se = float(np.sqrt(f @ (pull - raw) ** 2 / (n * (n - 1))))
            se = 0.0 if se < linearization.ROUNDING else se
        found = linearization.Estimate(value, se, observed, expected, n)
    said = sentence(found.value) if found.n else ""
    return linearization.stated(found, counts, method, said, confidence)


def from_coincidences(coincidences, points, level):
    """Alpha of one coincidence matrix or a stack of them; NaN where everybody gave one score."""
    each = coincidences.sum(axis=-1)
    total = each.sum(axis=-1)
    apart = squared_distances(each, points, level)
    observed = (coincidences * apart).sum(axis=(-2, -1))
    by_chance = (each[..., :, None] * each[..., None, :] * apart).sum(axis=(-2, -1))
    one_score = np.count_nonzero(each, axis=-1) <= 1
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(one_score, np.nan, 1 - (total - 1) * observed / by_chance)


def of_labels(found, points, level="ordinal"):
    """Alpha and a standard error for every table of a `pairs.LabelTables`.

    The standard error is linearized, with the distances between scores taken as known and with the pairs of a
    response of more than two reads taken as different ones.
    """
    coincidences = found.coincidences + np.swapaxes(found.coincidences, -1, -2)
    value = from_coincidences(coincidences, points, level)
    apart = squared_distances(coincidences.sum(axis=-1), points, level)
    furthest = apart.max(axis=(-2, -1), keepdims=True)
    w = 1 - apart / np.where(furthest > 0, furthest, 1)
    fair = (found.tables + np.swapaxes(found.tables, -1, -2)) / 2
    return value, linearization.tables(fair, w, _pooled_chance)[1]


def _pooled_chance(share, w):
    each = (w * share[..., None, :]).sum(axis=-1)
    return (share * each).sum(axis=-1), each


def squared_distances(each, points, level):
    """How far apart two scores are, squared; `each` is how often every score was given in a pair."""
    points = np.asarray(points, float)
    if level == "nominal":
        return 1 - np.eye(points.size)
    if level == "ordinal":  # the number of scores given between the two, half of each end
        rank = np.cumsum(each, axis=-1) - each / 2
        return (rank[..., :, None] - rank[..., None, :]) ** 2
    difference = np.subtract.outer(points, points)
    if level == "interval":
        return difference**2
    if level == "ratio":
        sums = np.add.outer(points, points)
        return np.divide(difference, sums, out=np.zeros_like(sums), where=sums != 0) ** 2
    raise ValueError(f"The level is one of {', '.join(LEVELS)}, not {level!r}.")


def replicate_alpha(ratings, *, level="ordinal"):
    """The same alpha by the krippendorff package, from the reads and not from our counts; NaN if undefined.

    Parameters
    ----------
    ratings : TraitRatings

    References
    ----------
    Castro, S. (2017). Fast Krippendorff. https://github.com/pln-fing-udelar/fast-krippendorff
    """
    q = ratings.points.size
    n = len(ratings.response.names)
    cells = np.bincount(ratings.response.codes * q + ratings.score, minlength=n * q)
    return package_alpha(cells.reshape(n, q), ratings.points, level=level)


def package_alpha(value_counts, points, *, level="ordinal"):
    """Alpha by the krippendorff package from how often each response received each score point."""
    compared = value_counts[value_counts.sum(axis=1) > 1]
    if np.count_nonzero(compared.sum(axis=0)) < 2:
        return float("nan")
    return float(
        krippendorff.alpha(
            value_counts=compared, value_domain=np.asarray(points, float), level_of_measurement=level
        )
    )


def confirm(value, replicated, *, tolerance=1e-9):
    """Refuse an alpha that a second, independent calculation does not find again.

    >>> confirm(0.8123, 0.8124)
    Traceback (most recent call last):
    calibration.measurement.alpha.NotReplicated: Alpha came out as 0.8123 here and 0.8124 in the krippendorff \
package. Do not use either figure, and report this as a fault.
    """
    if np.isnan(value) and np.isnan(replicated):
        return
    if not abs(value - replicated) <= tolerance:
        raise NotReplicated(
            f"Alpha came out as {value:.12g} here and {replicated:.12g} in the krippendorff package. "
            "Do not use either figure, and report this as a fault."
        )


def sentence(value):
    """What the number means, in words."""
    return f"Krippendorff's alpha is {value + 0.0:.2f}: 0 is no better than scoring at random, 1 is always identical."
