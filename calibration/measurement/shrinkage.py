"""Estimates from few papers lean on the whole team: empirical Bayes for differences and for shares.

An estimate from few papers is mostly luck, and the most extreme ones among many are the luckiest. A
shrunken estimate moves it towards the team by as much as luck can explain.
"""

import math
from dataclasses import dataclass

import numpy as np

from calibration.measurement import intervals

FEWEST = 3  # estimates; from two nobody can tell how much people differ
STEPS = 60
AMOUNTS = (np.arange(STEPS) + 0.5) / STEPS  # of shrinkage, from hardly any to nearly all
CONFIDENCE = 0.95


@dataclass(frozen=True, eq=False)
class Shrunken:
    """Shrunken values with their standard errors, and how much the true ones differ between each other.

    `variance` is the variance between scorers (REML), `moment` the same by DerSimonian and Laird,
    `heterogeneity` their Q with `df` degrees of freedom. All NaN where there are fewer than three.
    """

    value: np.ndarray
    se: np.ndarray
    variance: float
    variance_se: float
    moment: float
    heterogeneity: float
    df: int


@dataclass(frozen=True, eq=False)
class ShrunkenShares:
    """Shrunken shares with their intervals; `mean` is the team's share, `prior_reads` what it weighs."""

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    se: np.ndarray
    mean: float
    prior_reads: float


def differences(estimate, covariance, *, weight=None):
    """Shrink differences between scorers towards their mean, given how sure each of them is.

    The true values are taken as normal around their mean; correlations between the estimates are used. How
    far the true values differ is not fixed at one estimate but averaged over `STEPS` amounts of shrinkage,
    equally likely beforehand and weighed by how well they explain the estimates: with few scorers one
    estimate of the variance is often 0, and would claim that all are exactly alike.

    Parameters
    ----------
    estimate : array of J values; covariance : J x J
    weight : array of J, optional
        The shrunken values are given with this weighted mean at 0; equal weights if left out.

    Returns
    -------
    Shrunken
        NaN throughout where there are fewer than three estimates, or one without a standard error.

    >>> found = differences(np.array([-0.4, 0.0, 0.4]), np.diag([0.01, 0.01, 0.01]))
    >>> found.value.round(3).tolist(), round(found.variance, 3)
    ([-0.35, -0.0, 0.35], 0.15)

    References
    ----------
    Daniels, M. J. (1999). A prior for the variance in hierarchical models. *Canadian Journal of Statistics*,
    27(3), 567-578.
    DerSimonian, R., & Laird, N. (1986). Meta-analysis in clinical trials. *Controlled Clinical Trials*, 7(3),
    177-188.
    Morris, C. N. (1983). Parametric empirical Bayes inference: Theory and applications. *Journal of the
    American Statistical Association*, 78, 47-55.
    """
    estimate, covariance = np.asarray(estimate, float), np.asarray(covariance, float)
    size = estimate.size
    nothing = np.full(size, np.nan)
    if size < FEWEST or not np.isfinite(covariance).all() or not np.isfinite(estimate).all():
        return Shrunken(nothing, nothing, *[math.nan] * 4, max(size - 1, 0))
    basis = _contrasts(size)
    noise, turn = np.linalg.eigh(basis.T @ covariance @ basis)
    basis = basis @ turn  # independent contrasts, each with its own noise
    found = basis.T @ estimate
    if noise.max() <= 1e-12 * np.diag(covariance).max(initial=1e-300):
        return Shrunken(nothing, nothing, *[math.nan] * 4, size - 1)  # without noise, nothing to shrink by
    noise = np.maximum(noise, 1e-9 * noise.max())
    variance, variance_se = reml(found, noise)
    true = noise.size / (1 / noise).sum() * (1 - AMOUNTS) / AMOUNTS  # variances to average over
    total = true[:, None] + noise
    likely = _weights(-0.5 * (np.log(total) + found**2 / total).sum(axis=1))
    kept = true[:, None] / total
    center = _centering(size, weight) @ basis
    each = (kept * found) @ center.T
    value = likely @ each
    spread = (kept * noise) @ (center**2).T + (each - value) ** 2
    heterogeneity = float((found**2 / noise).sum())
    se = np.sqrt(likely @ spread)
    return Shrunken(value, se, variance, variance_se, _moment(found, noise), heterogeneity, size - 1)


def reml(found, noise):
    """Variance of independent values with mean 0 beyond their known noise, by maximum likelihood.

    Given contrasts free of the mean, this is restricted maximum likelihood. Returns the variance (0 or
    more) and its standard error.

    >>> variance, se = reml(np.array([1.0, -1.0, 1.0, -1.0]), np.full(4, 0.25))
    >>> round(variance, 6)
    0.75
    """
    variance = _moment(found, noise)
    for _ in range(200):
        weight = 1 / (variance + noise)
        step = float((weight**2 * (found**2 - variance - noise)).sum() / (weight**2).sum())
        new = max(variance + step, 0.0)
        if abs(new - variance) <= 1e-12 * (variance + noise.min()):
            break
        variance = new
    weight = 1 / (variance + noise)
    return variance, float(np.sqrt(2 / (weight**2).sum()))


def shares(hits, reads, *, confidence=CONFIDENCE):
    """Shrink each scorer's share towards the team's: 8 of 10 says less than 80 of 100.

    Beta-binomial: the true shares follow a beta distribution around the team's share. How closely they do
    is not fixed at one value but averaged over `STEPS` amounts of shrinkage, equally likely beforehand and
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
    weigh = seen.sum() / (1 / reads[seen]).sum() * AMOUNTS / (1 - AMOUNTS)  # a prior worth this many reads
    team = np.array([_team_share(hits[seen], reads[seen], size) for size in weigh])
    mean, doubt = team.T
    likely = _weights([_evidence(hits[seen], reads[seen], *prior) for prior in zip(mean, weigh, strict=True)])
    total = reads + weigh[:, None]
    center = (hits + (mean * weigh)[:, None]) / total
    spread = center * (1 - center) / (total + 1) + (weigh[:, None] / total) ** 2 * doubt[:, None]
    value = likely @ center
    variance = likely @ (spread + (center - value) ** 2)
    low, high = _beta_limits(value, variance, confidence)
    prior_reads = float(1 / (likely @ (1 / weigh)))
    return ShrunkenShares(value, low, high, np.sqrt(variance), float(likely @ mean), prior_reads)


def _weights(log_likelihood):
    likely = np.exp(log_likelihood - np.max(log_likelihood))
    return likely / likely.sum()


def _team_share(hits, reads, weigh):
    """The team's share and its variance: the more alike one scorer's reads are, the less each of them counts."""
    weight = reads / (1 + (reads - 1) / (weigh + 1))
    share = float((weight * hits / reads).sum() / weight.sum())
    least = 0.5 / (reads.sum() + 1)  # nobody's share is certain to be 0 or 1
    share = min(max(share, least), 1 - least)
    return share, share * (1 - share) / weight.sum()


def _evidence(hits, reads, mean, weigh):
    """Log likelihood of the counts, up to a constant, if shares follow Beta(weigh mean, weigh (1 - mean))."""
    a, b = weigh * mean, weigh * (1 - mean)
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
    weigh = mean * (1 - mean) / np.maximum(variance, 1e-300) - 1
    tail = (1 - confidence) / 2
    found = np.array(
        [
            (beta_quantile(tail, m * w, (1 - m) * w), beta_quantile(1 - tail, m * w, (1 - m) * w))
            for m, w in zip(mean.tolist(), weigh.tolist(), strict=True)
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


def _moment(found, noise):
    """The variance that makes the weighted sum of squares what it should be (DerSimonian & Laird)."""
    weight = 1 / noise
    return max(0.0, float(((found**2 * weight).sum() - found.size) / weight.sum()))


def _contrasts(size):
    """An orthonormal basis of what is left when the mean is taken out (Helmert's contrasts)."""
    rows, columns = np.arange(size)[:, None], np.arange(1, size)[None, :]
    helmert = np.where(rows < columns, 1.0, np.where(rows == columns, -columns, 0.0))
    return helmert / np.sqrt(columns * (columns + 1.0))


def _centering(size, weight):
    weight = np.ones(size) if weight is None else np.asarray(weight, float)
    return np.eye(size) - weight / weight.sum()
