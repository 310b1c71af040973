"""Shares from few papers lean on the whole team's: empirical Bayes for counts of hits."""

import math
from dataclasses import dataclass

import numpy as np

from calibration.measurement import intervals
from calibration.measurement.shrinkage import AMOUNTS, FEWEST, weigh

CONFIDENCE = 0.95


@dataclass(frozen=True, eq=False)
class ShrunkenShares:
    """Shrunken shares with their intervals; `mean` is the team's share, `prior_reads` what it weighs."""

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    se: np.ndarray
    mean: float
    prior_reads: float


def shares(hits, reads, *, confidence=CONFIDENCE):
    """Shrink each scorer's share towards the team's: 8 of 10 says less than 80 of 100.

    Beta-binomial: the true shares follow a beta distribution around the team's share. How closely they do
    is not fixed at one value but averaged over `shrinkage.STEPS` amounts of shrinkage, equally likely beforehand and
    weighed by how well they explain the counts. Hits may be fractions, where several reads of a
    paper share its weight.

    Parameters
    ----------
    hits, reads : arrays of J numbers; a scorer without reads gets the team's share

    Returns
    -------
    ShrunkenShares
        NaN throughout where fewer than three scorers have reads.

    Raises
    ------
    ValueError
        If hits are below 0 or above the reads; the scorer's place is named.

    >>> shares([8, 80, 45], [10, 100, 75]).value.round(2).tolist()
    [0.74, 0.78, 0.64]

    References
    ----------
    Kleinman, J. C. (1973). Proportions with extraneous variance: Single and independent samples. *Journal of
    the American Statistical Association*, 68, 46-54.
    Daniels, M. J. (1999). A prior for the variance in hierarchical models. *Canadian Journal of Statistics*,
    27(3), 567-578.
    """
    hits, reads = np.asarray(hits, float), np.asarray(reads, float)
    wrong = np.flatnonzero(~((hits >= -1e-9) & (hits <= reads + 1e-9)))
    if wrong.size:
        place = int(wrong[0])
        raise ValueError(
            f"Scorer {place + 1} has {hits[place]:g} hits in {reads[place]:g} reads: "
            "the hits must lie between 0 and the reads."
        )
    hits, seen = np.clip(hits, 0, reads), reads > 0
    if seen.sum() < FEWEST:
        nothing = np.full(hits.size, np.nan)
        return ShrunkenShares(nothing, nothing, nothing, nothing, math.nan, math.nan)
    strength = seen.sum() / (1 / reads[seen]).sum() * AMOUNTS / (1 - AMOUNTS)  # a prior worth this many reads
    team = np.array([_team_share(hits[seen], reads[seen], size) for size in strength])
    mean, doubt = team.T
    likely = weigh([_evidence(hits[seen], reads[seen], *prior) for prior in zip(mean, strength, strict=True)])
    total = reads + strength[:, None]
    center = (hits + (mean * strength)[:, None]) / total
    spread = center * (1 - center) / (total + 1) + (strength[:, None] / total) ** 2 * doubt[:, None]
    value = likely @ center
    variance = likely @ (spread + (center - value) ** 2)
    low, high = _beta_limits(value, variance, confidence)
    prior_reads = float(1 / (likely @ (1 / strength)))
    return ShrunkenShares(value, low, high, np.sqrt(variance), float(likely @ mean), prior_reads)


def _team_share(hits, reads, strength):
    """The team's share and its variance: the more alike one scorer's reads are, the less each of them counts."""
    weight = reads / (1 + (reads - 1) / (strength + 1))
    share = float((weight * hits / reads).sum() / weight.sum())
    least = 0.5 / (reads.sum() + 1)  # nobody's share is certain to be 0 or 1
    share = min(max(share, least), 1 - least)
    return share, share * (1 - share) / weight.sum()


def _evidence(hits, reads, mean, strength):
    """Log likelihood of the counts, up to a constant, if shares follow Beta(strength mean, strength (1 - mean))."""
    a, b = strength * mean, strength * (1 - mean)
    return float((_log_beta(a + hits, b + reads - hits) - _log_beta(a, b)).sum())


def _log_beta(a, b):
    return log_gamma(a) + log_gamma(b) - log_gamma(np.add(a, b))


def log_gamma(x):
    """Logarithm of the gamma function of numbers above 0, for whole arrays.

    Stirling's series after moving every number above 9.

    >>> round(float(log_gamma(5.0)), 12) == round(math.log(24), 12)
    True
    """
    x = np.asarray(x, float)
    moved, product = x + 9, np.ones_like(x)
    for step in range(9):
        product = product * (x + step)
    inverse = 1 / moved
    square = inverse * inverse
    series = inverse * (
        1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188)))
    )
    return (moved - 0.5) * np.log(moved) - moved + 0.5 * math.log(2 * math.pi) + series - np.log(product)


def _beta_limits(mean, variance, confidence):
    """Limits of the beta distributions with these means and variances."""
    strength = mean * (1 - mean) / np.maximum(variance, 1e-300) - 1
    tail = (1 - confidence) / 2
    found = np.array(
        [
            (beta_quantile(tail, m * w, (1 - m) * w), beta_quantile(1 - tail, m * w, (1 - m) * w))
            for m, w in zip(mean.tolist(), strength.tolist(), strict=True)
        ]
    ).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def beta_quantile(probability, a, b):
    """The point of a Beta(a, b) distribution with this share of it to the left.

    >>> round(beta_quantile(0.5, 2, 3), 6)
    0.385728
    """
    odds = a / b * intervals.f_quantile(probability, 2 * a, 2 * b)
    return odds / (1 + odds)
