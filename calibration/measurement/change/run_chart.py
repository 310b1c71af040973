"""The share of papers with the same score, stretch by stretch, on a run chart with the change marked."""

import math
from dataclasses import dataclass

import numpy as np

from calibration.measurement.change.sides import AFTER, BEFORE

SHIFT = 6  # points in a row on one side of the median
SIGMAS = 3.0
DAY, WEEK = 1.0, 7.0
LONGEST_IN_DAYS = 42  # a longer time is drawn in weeks


@dataclass(frozen=True)
class Point:
    """One stretch of time: the share, how many papers it is of, and the limits that luck alone would keep."""

    start: float
    side: int
    n: int
    value: float
    low: float
    high: float

    @property
    def is_outside(self):
        """Beyond the limits that the papers before the change set."""
        return not self.low - 1e-9 <= self.value <= self.high + 1e-9


@dataclass(frozen=True)
class RunChart:
    """Points in order of time, the median of those before the change, and the longest run after it."""

    points: tuple
    width: float  # of a stretch, in days
    median: float
    center: float  # the share before the change, from which the limits go
    run: int  # above 0: so many points in a row over the median after the change; below 0: under it

    @property
    def has_shift(self):
        return abs(self.run) >= SHIFT


def width_for(sides):
    """Days for a stretch: single days for some weeks, else weeks."""
    if not sides.at.size or float(np.ptp(sides.at)) <= LONGEST_IN_DAYS:
        return DAY
    return WEEK


def draw(sides, value, change, *, width=None):
    """Gather papers in stretches of time that meet at the change.

    A point stands for the papers whose second read was made in its stretch, both reads being on one side of the
    change. Six points in a row on one side of the median before the change are a shift that luck seldom makes
    (points on the median do not count). Limits are those of a p chart around the share before.

    Parameters
    ----------
    sides : Sides
    value : array
        For each row what is averaged, as 1 and 0.
    change : float
        The moment of the change, in days.

    References
    ----------
    Perla, R. J., Provost, L. P., & Murray, S. K. (2011). The run chart: A simple analytical tool for learning from
    variation in healthcare processes. *BMJ Quality & Safety*, 20(1), 46-51.
    Anhøj, J., & Olesen, A. V. (2014). Run charts revisited: A simulation study of run chart rules for detection of
    non-random variation in health care processes. *PLoS ONE*, 9(11), e113825.

    >>> from calibration.measurement.change.examples import reads
    >>> from calibration.measurement.change.shift import same_score
    >>> from calibration.measurement.change.sides import split
    >>> parts = split(reads(noise=(0.5, 0.1)), 10)
    >>> chart = draw(parts, same_score(parts), 10, width=1)
    >>> len(chart.points), chart.run, chart.has_shift
    (20, 10, True)
    """
    width = width or width_for(sides)
    stretch = np.floor((sides.at - change) / width)
    there = sides.side >= 0
    early = sides.side == BEFORE
    share = _mean(value[early], sides.weight[early])
    points = []
    for number in np.unique(stretch[there]).tolist():
        rows = there & (stretch == number)
        n = np.unique(sides.unit[rows]).size
        low, high = limits(share, n)
        points.append(
            Point(change + number * width, AFTER if number >= 0 else BEFORE, int(n),
                  _mean(value[rows], sides.weight[rows]), low, high)
        )  # fmt: skip
    before = [point.value for point in points if point.side == BEFORE]
    median = float(np.median(before)) if before else math.nan
    return RunChart(tuple(points), width, median, share, _run(points, median))


def _mean(value, weight):
    return float(weight @ value / weight.sum()) if weight.size else math.nan


def limits(share, n):
    """Within which share of n papers luck keeps a point, around the share before the change."""
    if math.isnan(share):
        return 0.0, 1.0
    half = SIGMAS * math.sqrt(share * (1 - share) / n)
    return max(share - half, 0.0), min(share + half, 1.0)


def _run(points, median):
    """The longest run after the change on one side of the median; its sign says on which."""
    longest, present = 0, 0
    for point in points:
        if point.side != AFTER or math.isnan(median) or abs(point.value - median) < 1e-9:
            continue
        way = 1 if point.value > median else -1
        present = present + way if present * way > 0 else way
        longest = present if abs(present) > abs(longest) else longest
    return longest
