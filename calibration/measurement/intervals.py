"""How far off a figure may be: intervals for shares and means, and the quantiles they need."""

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np


def normal_quantile(probability):
    """The point of the bell curve with this share of it to the left.

    >>> round(normal_quantile(0.975), 6)
    1.959964
    """
    return NormalDist().inv_cdf(probability)


def beta_share(x, a, b):
    """Share of a Beta(a, b) distribution to the left of x (the regularized incomplete beta function).

    Evaluated as a continued fraction by Lentz's method; Student's t and the F distribution follow from it.

    >>> round(beta_share(0.5, 2, 3), 6)
    0.6875
    """
    if not 0 < x < 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_share(1 - x, b, a)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    tiny, c = 1e-300, 1.0
    d = 1 / _nonzero(1 - (a + b) * x / (a + 1), tiny)
    fraction = d
    for m in range(1, 500):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _nonzero(1 + step * d, tiny)
            c = _nonzero(1 + step / c, tiny)
            fraction *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return front * fraction / a


def _nonzero(value, tiny):
    return tiny if abs(value) < tiny else value


@lru_cache(maxsize=4096)
def t_quantile(probability, df):
    """The point of Student's t with this share of it to the left.

    >>> round(t_quantile(0.975, 9), 6), round(t_quantile(0.025, 9), 6)
    (2.262157, -2.262157)
    """
    if probability < 0.5:
        return -t_quantile(1 - probability, df)
    tail = 2 * (1 - probability)
    low, high = 0.0, 1.0  # x = df / (df + t^2); the two tails together hold beta_share(x, df/2, 1/2)
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if beta_share(middle, df / 2, 0.5) < tail:
            low = middle
        else:
            high = middle
    x = (low + high) / 2
    return math.sqrt(df * (1 - x) / x)


def wilson(share, n, confidence=0.95):
    """Wilson's score interval for a share out of n; arrays in, arrays out; NaN where n is 0.

    Never leaves 0 to 1 and keeps a sensible width at 0 of n and n of n.

    >>> low, high = wilson(0.71, 100)
    >>> round(float(low), 4), round(float(high), 4)
    (0.6146, 0.7899)

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
    *Journal of the American Statistical Association*, 22, 209-212.
    """
    z = normal_quantile((1 + confidence) / 2)
    share, n = np.asarray(share, float), np.asarray(n, float)
    n = np.where(n > 0, n, np.nan)
    center = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(np.maximum(share * (1 - share), 0) / n + z * z / (4 * n * n))
    # At 0 of n and n of n the limit is exactly 0 or 1; say so instead of 1e-17.
    low = np.where(share <= 0, 0 * n, np.maximum(center - half, 0))
    high = np.where(share >= 1, 1 + 0 * n, np.minimum(center + half, 1))
    return low, high


def around(value, se, *, quantile, least=-math.inf, most=math.inf):
    """The limits value -/+ quantile x se, kept within what the figure can be.

    A standard error of zero gives no limits (NaN): a sample without one disagreement cannot tell how
    rare disagreements are.
    """
    if not se > 0:
        return math.nan, math.nan
    return max(value - quantile * se, least), min(value + quantile * se, most)
