r"""How far scorers differ in severity before a change and after it: the same scorers, at the same amount of luck.

.. math:: w = \frac{s_1^2 - c_1 + c}{s_0^2 - c_0 + c}, \qquad
   K = 1 + \frac{2 (1 - r^2) t^2}{k - 2}, \qquad w \, (K \pm \sqrt{K^2 - 1})
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from calibration.measurement import additive, intervals
from calibration.measurement.change.sides import AFTER, BEFORE

CONFIDENCE = 0.95
FEWEST_SCORERS = 4
FEWEST_PAPERS = 20  # on either side
METHOD = (
    "severity of each scorer by least squares, score = response + scorer; ratio of variances by Pitman and Morgan "
    "at equal noise"
)


@dataclass(frozen=True)
class Spread:
    """The standard deviation of severity between scorers, beyond luck; points of the rubric."""

    value: float
    low: float
    high: float
    noise: float  # the variance that luck adds to it
    n_units: int
    n_scorers: int


@dataclass(frozen=True)
class SpreadChange:
    """Both spreads, and how many times as far scorers differ after the change. Below 1 is closer together."""

    before: Spread
    after: Spread
    ratio: float
    low: float
    high: float


def compare(sides, *, confidence=CONFIDENCE):
    """How far the same scorers lie apart in severity, before and after.

    On either side a paper's own level is taken out. What luck adds to the spread is known from the papers, and is
    taken out as well; for the ratio both sides are brought to the larger of the two amounts of luck, so that more
    papers on one side are no change. Severities of the same scorer go together, and the interval counts on it.

    Parameters
    ----------
    sides : Sides
        Comparable rows, as given by `Sides.comparable()`. With several traits, a score is their mean.

    Returns
    -------
    SpreadChange
        NaN throughout where there are too few scorers or papers, or scorers whom no chain of papers joins.

    References
    ----------
    Morgan, W. A. (1939). A test for the significance of the difference between the two variances in a sample from
    a normal bivariate population. *Biometrika*, 31, 13-19.
    Pitman, E. J. G. (1939). A note on normal correlation. *Biometrika*, 31, 9-12.

    >>> from calibration.measurement.change.examples import reads
    >>> from calibration.measurement.change.sides import split
    >>> found = compare(split(reads(spread=(0.6, 0.1), scorers=10), 10).comparable())
    >>> round(found.before.value, 2), round(found.after.value, 2), found.high < 1
    (0.27, 0.0, True)
    """
    who = sides.scorers
    found = [_severities(sides, side, who) for side in (BEFORE, AFTER)]
    spreads = [_spread(each, who.size, confidence) for each in found]
    if who.size < FEWEST_SCORERS or any(math.isnan(each.value) for each in spreads):
        return SpreadChange(*spreads, *[math.nan] * 3)
    (effect, noise, _), (later, later_noise, _) = found
    most = max(noise, later_noise)
    ratio = (later.var(ddof=1) - later_noise + most) / max(effect.var(ddof=1) - noise + most, 1e-12)
    r = _correlation(effect, later)
    low, high = pitman_morgan(ratio, r, who.size, confidence=confidence)
    return SpreadChange(*spreads, math.sqrt(ratio), math.sqrt(low), math.sqrt(high))


def pitman_morgan(ratio, r, n, *, confidence=CONFIDENCE):
    """Limits for a ratio of two variances of the same n people, whose values go together with correlation r.

    >>> low, high = pitman_morgan(1.0, 0.0, 12)
    >>> round(low, 2), round(high, 2)
    (0.27, 3.72)
    """
    t = intervals.t_quantile((1 + confidence) / 2, n - 2)
    stretch = 1 + 2 * (1 - r * r) * t * t / (n - 2)
    far = math.sqrt(stretch * stretch - 1)
    return ratio * (stretch - far), ratio * (stretch + far)


def _correlation(one, other):
    """How two rows of severities go together; 0 where one of them does not vary, which makes the interval wide."""
    both = math.sqrt(one.var() * other.var())
    return float(np.mean((one - one.mean()) * (other - other.mean()))) / both if both > 1e-12 else 0.0


def of_one_side(sides, side, *, confidence=CONFIDENCE):
    """How far all scorers of one side lie apart, whether they read on the other side or not."""
    rows = sides.on(side)
    return _spread(_severities(rows, side, rows.scorers), rows.scorers.size, confidence)


def _severities(sides, side, who):
    """Effects of the scorers on one side, the variance that luck adds to them, and the number of papers."""
    rows = sides.on(side)
    scale = {place: sides.points[trait] for place, trait in enumerate(sides.traits)}
    value = [np.zeros(rows.unit.size), np.zeros(rows.unit.size)]
    for place, points in scale.items():
        mine = rows.trait == place
        value[0][mine], value[1][mine] = points[rows.first[mine]], points[rows.second[mine]]
    place = np.searchsorted(who, np.concatenate([rows.one, rows.other]))
    units, unit = np.unique(np.tile(rows.unit, 2), return_inverse=True)
    key, read = np.unique(unit * who.size + place, return_inverse=True)
    mean = np.bincount(read, weights=np.concatenate(value)) / np.bincount(read)
    if units.size < FEWEST_PAPERS or who.size < FEWEST_SCORERS:
        return np.full(who.size, np.nan), math.nan, units.size
    fit = additive.fit(key // who.size, key % who.size, mean, units.size, who.size)
    if fit.n_components != 1 or np.isnan(fit.effect).any():
        return np.full(who.size, np.nan), math.nan, units.size
    centered = np.eye(who.size) - 1 / who.size
    noise = float(np.trace(centered @ fit.covariance())) / (who.size - 1)
    return fit.effect, noise, units.size


def _spread(severities, n_scorers, confidence):
    effect, noise, n_units = severities
    known = {"n_units": int(n_units), "n_scorers": int(n_scorers)}
    if not noise > 0:
        return Spread(*[math.nan] * 4, **known)
    raw, df = float(effect.var(ddof=1)), n_scorers - 1
    ends = [
        df * raw / chi_square_quantile(share, df) for share in ((1 + confidence) / 2, (1 - confidence) / 2)
    ]
    value, low, high = (math.sqrt(max(each - noise, 0.0)) for each in (raw, *ends))
    return Spread(value, low, high, noise, **known)


@lru_cache(maxsize=256)
def chi_square_quantile(probability, df):
    """The point of the chi-square distribution with this share of it to the left.

    >>> round(chi_square_quantile(0.95, 1), 4)
    3.8415
    """
    low, high = 0.0, df + 20.0 * math.sqrt(2 * df) + 50.0
    for _ in range(60):
        middle = (low + high) / 2
        if 1 - intervals.chi_square_tail(middle, df) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2
