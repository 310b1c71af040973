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
    return _beta_share(x, 1 - x, a, b) if 0 < x < 1 else float(x >= 1)


def _beta_share(x, rest, a, b):
    """The same from x and 1 - x, so that neither loses digits where it is small."""
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta_share(rest, x, b, a)
    tiny, c = 1e-300, 1.0
    d = 1 / _nonzero(1 - (a + b) * x / (a + 1), tiny)
    fraction = d
    for m in range(1, 500 + 5 * int(math.sqrt(max(a, b)))):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _nonzero(1 + step * d, tiny)
            c = _nonzero(1 + step / c, tiny)
            fraction *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return _beta_slope(x, rest, a, b) * fraction / a


def _beta_slope(x, rest, a, b):
    """How fast the share grows with the logit of x: x^a (1 - x)^b / B(a, b), exact for large a and b too."""
    off = a * rest - b * x  # near the mean a logarithm of 1 plus little, else the plain one
    power = a * (math.log1p(-off / a) if abs(off) < a / 2 else math.log(x * (a + b) / a))
    power += b * (math.log1p(off / b) if abs(off) < b / 2 else math.log(rest * (a + b) / b))
    return math.exp(power + _stirling_rest(a + b) - _stirling_rest(a) - _stirling_rest(b)) * math.sqrt(
        a * b / (2 * math.pi * (a + b))
    )


def _stirling_rest(a):
    """What Stirling's formula leaves out of the logarithm of the gamma function."""
    if a < 10:
        return math.lgamma(a) - (a - 0.5) * math.log(a) + a - 0.5 * math.log(2 * math.pi)
    square = a * a
    return (1 / 12 - (1 / 360 - (1 / 1260 - 1 / (1680 * square)) / square) / square) / a


def _beta_logit(probability, a, b):
    """The logit of the point of Beta(a, b) with this share to its left: Newton's method, kept in a bracket."""
    low, high = -700.0, 700.0
    place = math.log(a / b) + normal_quantile(probability) * math.sqrt(1 / a + 1 / b)
    for _ in range(100):
        place = min(max(place, low), high)
        x, rest = 1 / (1 + math.exp(-place)), 1 / (1 + math.exp(place))
        off, slope = _beta_share(x, rest, a, b) - probability, _beta_slope(x, rest, a, b)
        low, high = (low, place) if off > 0 else (place, high)
        step = off / slope if slope > 1e-290 else math.inf
        inside = low <= place - step <= high
        place = place - step if inside else (low + high) / 2
        if inside and abs(step) < 1e-8 * max(1.0, abs(place)):
            break  # Newton doubles the right digits: the next step would change nothing
    return place


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
    if probability == 0.5:
        return 0.0
    # t^2 / (df + t^2) follows Beta(1/2, df/2)
    return math.sqrt(df * math.exp(_beta_logit(2 * probability - 1, 0.5, df / 2)))


@lru_cache(maxsize=4096)
def f_quantile(probability, df1, df2):
    """The point of the F distribution with this share of it to the left; degrees of freedom may be broken.

    >>> round(f_quantile(0.95, 3, 10), 6)
    3.708265
    """
    return df2 / df1 * math.exp(_beta_logit(probability, df1 / 2, df2 / 2))


def chi_square_tail(value, df):
    """Share of the chi-square distribution to the right of a value.

    The incomplete gamma function: a series on the left, a continued fraction on the right.

    >>> round(chi_square_tail(3.841459, 1), 6)
    0.05
    """
    a, x = df / 2, value / 2
    if x <= 0:
        return 1.0
    ratio = math.log1p((x - a) / a) if 2 * x > a else math.log(x / a)
    slope = math.exp(a * ratio + a - x - _stirling_rest(a)) * math.sqrt(a / (2 * math.pi))
    if x < a + 1:
        term = total = 1 / a
        for n in range(1, 500 + 10 * int(math.sqrt(a))):
            term *= x / (a + n)
            total += term
            if term < 1e-17 * total:
                break
        return max(0.0, 1 - slope * total)
    tiny, c = 1e-300, 1e300
    d = fraction = 1 / _nonzero(x + 1 - a, tiny)
    for n in range(1, 500 + 10 * int(math.sqrt(a))):
        step = -n * (n - a)
        middle = x + 2 * n + 1 - a
        d = 1 / _nonzero(step * d + middle, tiny)
        c = _nonzero(middle + step / c, tiny)
        fraction *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return slope * fraction


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
