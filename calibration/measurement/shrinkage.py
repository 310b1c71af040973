"""Estimates from few papers lean on the whole team: empirical Bayes for differences between scorers.

An estimate from few papers is mostly luck, and the most extreme ones among many are the luckiest. A
shrunken estimate moves it towards the team by as much as luck can explain.
"""

import math
from dataclasses import dataclass

import numpy as np

FEWEST = 3  # estimates; from two nobody can tell how much people differ
STEPS = 60
AMOUNTS = (np.arange(STEPS) + 0.5) / STEPS  # of shrinkage, from hardly any to nearly all


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
    likely = weigh(-0.5 * (np.log(total) + found**2 / total).sum(axis=1))
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


def weigh(log_likelihood):
    """Turn log likelihoods into weights that sum to 1.

    >>> weigh(np.log([1.0, 3.0])).tolist()
    [0.25, 0.75]
    """
    likely = np.exp(log_likelihood - np.max(log_likelihood))
    return likely / likely.sum()


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
