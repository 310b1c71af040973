r"""True scores as a beta distribution, and observed scores as binomial around them.

The true score of a student, as a share of the range, has a beta distribution between `lower` and `upper`; an observed
score is the number of successes in `length` trials with that chance (Lord's strong true-score theory). The moments of
the true scores follow from the factorial moments of the observed ones.
"""

import math
from dataclasses import dataclass

import numpy as np

NODES = 81  # in each stretch between two cuts
FAR = 12  # standard deviations; beyond it there is nothing left to integrate


@dataclass(frozen=True)
class TrueScores:
    """A beta distribution with four parameters; `lower` 0 and `upper` 1 are the usual two-parameter one."""

    lower: float
    upper: float
    alpha: float
    beta: float

    @property
    def mean(self):
        """The mean true score, as a share of the range."""
        return self.lower + (self.upper - self.lower) * self.alpha / (self.alpha + self.beta)

    @property
    def sd(self):
        """The standard deviation of true scores."""
        size = self.alpha + self.beta
        return (self.upper - self.lower) * math.sqrt(self.alpha * self.beta / (size + 1)) / size


def moments(successes, length):
    """The first four moments about 0 of the true scores, from mean falling factorials of the observed ones.

    Parameters
    ----------
    successes : sequence of float
        Means of x, x(x - 1), x(x - 1)(x - 2) and x(x - 1)(x - 2)(x - 3), x in successes of `length` trials.
    """
    trials = np.cumprod(length - np.arange(4))
    return np.asarray(successes, float) / trials


def fit_two(raw):
    """The beta distribution on 0 to 1 with this mean and variance; None where there is none.

    >>> found = fit_two([0.5, 0.3])
    >>> round(found.alpha, 6), round(found.beta, 6)
    (2.0, 2.0)
    """
    mean, variance = raw[0], raw[1] - raw[0] ** 2
    if not 0 < variance < mean * (1 - mean):
        return None
    size = mean * (1 - mean) / variance - 1
    return TrueScores(0.0, 1.0, float(mean * size), float((1 - mean) * size))


def fit_four(raw):
    """The beta distribution with these four moments; None where none lies between 0 and 1.

    References
    ----------
    Hanson, B. A. (1991). *Method of moments estimates for the four-parameter beta compound binomial model and the
    calculation of classification consistency indexes*. American College Testing.
    """
    first, second, third, fourth = raw
    variance = second - first**2
    if not variance > 0:
        return None
    skew = (third - 3 * first * second + 2 * first**3) / variance**1.5
    kurtosis = (fourth - 4 * first * third + 6 * first**2 * second - 3 * first**4) / variance**2
    curve = 6 + 3 * skew**2 - 2 * kurtosis
    size = 6 * (kurtosis - skew**2 - 1) / curve if curve else -1.0
    if not size > 0:
        return None
    below = (size + 2) * (size + 3) * kurtosis - 3 * (size - 6) * (size + 1)
    inside = 1 - 24 * (size + 1) / below if below else -1.0
    if not 0 <= inside < 1:
        return None
    larger, smaller = size / 2 * (1 + math.sqrt(inside)), size / 2 * (1 - math.sqrt(inside))
    alpha, beta = (larger, smaller) if skew < 0 else (smaller, larger)
    scale = math.sqrt(variance * (size + 1) / (alpha * beta))
    lower, upper = first - alpha * scale, first + beta * scale
    if lower < 0 or upper > 1:
        return None
    return TrueScores(float(lower), float(upper), float(alpha), float(beta))


def nodes(true, cuts):
    """Points and weights that stand for the distribution, and the level each belongs to, between the cuts.

    Weights sum to 1. Points crowd at the ends of each stretch (tanh-sinh rule), where the density may be endless
    and where the chance to pass a cut changes fastest; every stretch has the same number of them.
    """
    least = max(true.lower, true.mean - FAR * true.sd)
    most = min(true.upper, true.mean + FAR * true.sd)
    ends = np.clip([least, *cuts, most], least, most)
    step = np.linspace(-4, 4, NODES)
    bend = np.pi * np.sinh(step)
    from_start, to_end = 1 / (1 + np.exp(-bend)), 1 / (1 + np.exp(bend))
    width = np.diff(ends)[:, None]
    above = (ends[:-1, None] - true.lower) + width * from_start
    under = (true.upper - ends[1:, None]) + width * to_end
    slope = np.cosh(step) * from_start * to_end
    density = np.full((width.size, NODES), -np.inf)
    wide = width[:, 0] > 0
    density[wide] = (
        (true.alpha - 1) * np.log(above[wide])
        + (true.beta - 1) * np.log(under[wide])
        + np.log(width[wide] * slope)
    )
    weight = np.exp(density - density.max())
    return (
        (true.lower + above).ravel(),
        (weight / weight.sum()).ravel(),
        np.repeat(np.arange(len(cuts) + 1), NODES),
    )


@dataclass(frozen=True, eq=False)
class Sorting:
    """How students are sorted into levels; it stays the same whichever students are drawn."""

    shares: np.ndarray
    cuts: np.ndarray
    reliability: float
    parameters: int
    second_cut: str

    def fit(self, counts):
        """The effective length and the distribution of true scores of these students; None where there is none."""
        mean, variance = mean_and_variance(self.shares, counts)
        if not variance > 0:
            return None
        r = self.reliability
        length = (mean * (1 - mean) - r * variance) / (variance * (1 - r))
        if length < 2:
            return None
        successes = self.shares * length
        falling = np.cumprod([successes, successes - 1, successes - 2, successes - 3], axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            raw = moments(falling @ counts / counts.sum(), length)
        four = fit_four(raw) if self.parameters == 4 and length > 3 else None
        true = four or fit_two(raw)
        return None if true is None else (length, true, 4 if four else 2)

    def tables(self, models):
        """For each model, levels of true by observed scores, and of one scoring by another: shares of students."""
        pieces = [nodes(true, self.cuts) for _, true, _ in models]
        chance, weight = (np.stack([piece[part] for piece in pieces]) for part in (0, 1))
        trials = np.array([round(length) for length, _, _ in models])
        nearest = np.rint(self.cuts * trials[:, None])
        first = _levels(nearest, trials, chance)
        second = first
        if self.second_cut == "below":
            second = _levels(np.floor(self.cuts * trials[:, None] + 1e-9), trials, chance)
        levels = len(self.cuts) + 1
        by_level = (first * weight[..., None]).reshape(len(models), levels, NODES, levels)
        return by_level.sum(axis=2), np.einsum("mn,mni,mnj->mij", weight, first, second)


def _levels(wanted, trials, chance):
    """For each point, the chance of an observed score in each level."""
    reach = at_least(wanted[:, None, :], trials[:, None, None], chance[..., None])
    edge = np.ones((*chance.shape, 1))
    return -np.diff(np.concatenate([edge, reach, 0 * edge], axis=2), axis=2)


def at_least(wanted, trials, chance):
    """The chance of at least so many successes: binomial, arrays of any matching shape.

    >>> at_least(np.array([2]), np.array([3]), np.array([0.5])).tolist()
    [0.5]
    """
    wanted, trials, chance = (np.asarray(part, float) for part in (wanted, trials, chance))
    scale = _log_choices(np.clip(wanted, 1, trials), trials)  # before there is one for every point
    wanted, trials, chance, scale = np.broadcast_arrays(wanted, trials, chance, scale)
    found = np.where((wanted <= 0) | (chance * trials > wanted), 1.0, 0.0)
    found[wanted > trials] = 0.0
    real = (wanted > 0) & (wanted <= trials) & ~_certain(wanted, trials, chance)
    if real.any():
        a, x = wanted[real], np.clip(chance[real], 1e-300, 1 - 1e-16)
        found[real] = _beta_share(x, a, trials[real] - a + 1, scale[real])
    return found


def _certain(wanted, trials, chance):
    """Is the number wanted so far from the number to expect that the chance is 0 or 1 to 16 digits?

    Hoeffding's bound: exp(-2 n d^2) for a share of successes that is d away from the chance.
    """
    away = np.maximum(np.abs(wanted - chance * trials) - 1, 0)
    return 2 * away**2 > 37 * trials


def _beta_share(x, a, b, scale):
    """The regularized incomplete beta function of arrays, as a continued fraction by Lentz's method.

    `scale` is -log B(a, b).
    """
    turned = x > (a + 1) / (a + b + 2)
    x, a, b = np.where(turned, 1 - x, x), np.where(turned, b, a), np.where(turned, a, b)
    front = np.exp(scale + a * np.log(x) + b * np.log1p(-x)) / a
    c, d = np.ones_like(x), 1 / _nonzero(1 - (a + b) * x / (a + 1))
    fraction = d.copy()
    for m in range(1, 10_000):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _nonzero(1 + step * d)
            c = _nonzero(1 + step / c)
            fraction = fraction * c * d
        if np.abs(c * d - 1).max() < 1e-15:
            break
    share = np.clip(front * fraction, 0, 1)
    return np.where(turned, 1 - share, share)


@np.vectorize
def _log_choices(wanted, trials):
    """-log B(k, n - k + 1): the logarithm of k times n over k."""
    return math.lgamma(trials + 1) - math.lgamma(wanted) - math.lgamma(trials - wanted + 1)


def _nonzero(values):
    return np.where(np.abs(values) < 1e-300, 1e-300, values)


def mean_and_variance(shares, counts):
    """Of scores that came up so often; the variance divides by n - 1."""
    n = counts.sum()
    if n < 2:
        return math.nan, math.nan
    mean = float(shares @ counts / n)
    return mean, float(counts @ (shares - mean) ** 2 / (n - 1))
