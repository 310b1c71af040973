r"""How much more often two scorers agree after a change: like with like, by weighted least squares.

.. math:: y = \text{level of the score} + \text{one scorer} + \text{the other} + \delta \cdot \text{after}
"""

import math
from dataclasses import dataclass

import numpy as np

from calibration.measurement import intervals
from calibration.measurement.change.sides import AFTER, BEFORE

CONFIDENCE = 0.95
FEWEST_SCORERS = 4
ROUNDING = 1e-9  # an interval narrower than this is perfect agreement; rounding is all that is left
FEWEST_PAPERS = 20  # on either side
METHOD = (
    "least squares of agreement on side, score level and both scorers; the wider of two 95 % intervals: over "
    "responses (normal), and over scorers (t with scorers - 1 degrees of freedom)"
)


@dataclass(frozen=True)
class Shift:
    """After minus before: the share of papers, like with like, with its interval. NaN where nothing can be told."""

    value: float
    low: float
    high: float
    se_responses: float
    se_scorers: float
    n_before: int
    n_after: int
    n_scorers: int


def same_score(sides):
    """1 where both scorers of a pair gave the same score."""
    return (sides.first == sides.second).astype(float)


def same_side(sides, place):
    """1 where both scores lie on the same side of the line above the score point at `place`."""
    return ((sides.first > place) == (sides.second > place)).astype(float)


def estimate(sides, agrees, *, confidence=CONFIDENCE):
    """The change in agreement, with the scores and the scorers held alike.

    A paper is entered once from either scorer's view: at the score that this scorer gave, did the other agree?
    More papers at an easy score point are then no improvement; nor is another share of work for a scorer who
    agrees often. There are two intervals: over responses, and over scorers, because two pairs that share a scorer
    may change together. The wider one counts.

    Parameters
    ----------
    sides : Sides
        Comparable rows, as given by `Sides.comparable()`.
    agrees : array
        1 or 0 for each row, as given by `same_score` or `same_side`.

    Returns
    -------
    Shift

    References
    ----------
    Aronow, P. M., Samii, C., & Assenova, V. A. (2015). Cluster-robust variance estimation for dyadic data.
    *Political Analysis*, 23(4), 564-577.
    Cameron, A. C., & Miller, D. L. (2015). A practitioner's guide to cluster-robust inference. *Journal of
    Human Resources*, 50(2), 317-372.

    >>> from calibration.measurement.change.examples import reads
    >>> from calibration.measurement.change.sides import split
    >>> alike = split(reads(noise=(0.5, 0.3)), 10).comparable()
    >>> found = estimate(alike, same_score(alike))
    >>> round(found.value, 2), found.n_before, found.n_after, found.n_scorers
    (0.13, 200, 200, 8)
    """
    n_before, n_after = (np.unique(sides.unit[sides.side == which]).size for which in (BEFORE, AFTER))
    who = sides.scorers
    known = {"n_before": int(n_before), "n_after": int(n_after), "n_scorers": int(who.size)}
    nothing = Shift(*[math.nan] * 5, **known)
    if min(n_before, n_after) < FEWEST_PAPERS or who.size < FEWEST_SCORERS:
        return nothing
    after, aside, weight, y = _design(sides, agrees, who)
    apart, size = _left_over(after, aside, weight)
    scale = float(weight @ (apart * apart))
    if scale < 1e-9 * weight.sum():
        return nothing
    value = float(weight @ (apart * y)) / scale
    rest = y - value * after
    rest = rest - aside @ _solve(aside, weight, rest)
    each = weight * apart * rest / scale
    over_responses, over_scorers = _standard_errors(sides, each, size, who)
    tail = (1 + confidence) / 2
    half = max(
        intervals.normal_quantile(tail) * over_responses,
        intervals.t_quantile(tail, who.size - 1) * over_scorers,
    )
    half = half if half > ROUNDING else 0.0
    low, high = intervals.around(value, half, quantile=1.0, least=-1.0, most=1.0)
    return Shift(value, low, high, over_responses, over_scorers, **known)


def _design(sides, agrees, who):
    """Two rows for each pair, one from either scorer's view."""
    place = {code: number for number, code in enumerate(who.tolist())}
    own = np.array([place[code] for code in np.concatenate([sides.one, sides.other]).tolist()])
    theirs = np.roll(own, sides.one.size)
    level = np.concatenate([sides.first, sides.second])
    starts = np.cumsum([0, *(sides.points[trait].size for trait in sides.traits)])
    level = starts[np.tile(sides.trait, 2)] + level
    rows = np.arange(own.size)
    aside = np.zeros((own.size, starts[-1] + who.size))
    aside[rows, level] = 1
    aside[rows, starts[-1] + own] += 1
    aside[rows, starts[-1] + theirs] += 1
    after = np.tile(sides.side == AFTER, 2).astype(float)
    return after, aside, np.tile(sides.weight, 2) / 2, np.tile(agrees, 2)


def _left_over(column, aside, weight):
    """What of a column the others do not explain; and how many of the others there really are."""
    rank = np.linalg.matrix_rank((aside * weight[:, None]).T @ aside)
    return column - aside @ _solve(aside, weight, column), int(rank) + 1


def _solve(aside, weight, column):
    return np.linalg.lstsq((aside * weight[:, None]).T @ aside, aside.T @ (weight * column), rcond=1e-10)[0]


def _standard_errors(sides, each, parameters, who):
    """Over responses, and over scorers; both corrected for how few there are."""
    half = sides.one.size
    each = each[:half] + each[half:]
    by_response = np.bincount(np.unique(sides.unit, return_inverse=True)[1], weights=each)
    n = by_response.size
    over_responses = float((by_response**2).sum()) * n / max(n - parameters, 1)
    size = int(who.max()) + 1
    by_scorer = np.bincount(sides.one, weights=each, minlength=size)
    by_scorer = by_scorer + np.bincount(sides.other, weights=each, minlength=size)
    key = np.minimum(sides.one, sides.other) * size + np.maximum(sides.one, sides.other)
    by_pair = np.bincount(np.unique(key, return_inverse=True)[1], weights=each)
    shared = float((by_scorer**2).sum() - (by_pair**2).sum())  # pairs that share a scorer, each once
    over_scorers = max(shared, 0.0) * who.size / (who.size - 2)
    return math.sqrt(over_responses), math.sqrt(over_scorers)
