"""What scores each district's scorers gave: on everything they read, and on the shared papers alone."""

from dataclasses import dataclass

import numpy as np

from calibration.measurement import shares
from calibration.measurement.ratings import NO_SCORE


@dataclass(frozen=True)
class DistrictScores:
    """Shares of the score points one district's scorers gave on a trait.

    `everything` mixes the students' work with the scoring; `shared` is on papers that another district read
    too, so that it shows the scoring much better.
    """

    district: object
    everything: tuple
    shared: tuple
    mean: float
    shared_mean: float


def by_district(ratings, trait, *, by="district"):
    """Distributions of one trait for every district, in the order of their labels."""
    code = ratings.trait.names.index(trait) if trait in ratings.trait.names else -2
    column = ratings.labels[by]
    rows = np.flatnonzero((ratings.trait.codes == code) & (ratings.score != NO_SCORE) & (column.codes >= 0))
    district, score, response = column.codes[rows], ratings.score[rows], ratings.response.codes[rows]
    n, q, points = len(column.names), ratings.points[trait].size, ratings.points[trait]
    seen = np.bincount(response * n + district, minlength=len(ratings.response.names) * n).reshape(-1, n) > 0
    exchanged = (seen.sum(axis=1) > 1)[response]
    every, both = (
        np.bincount(district[kept] * q + score[kept], minlength=n * q).reshape(n, q)
        for kept in (np.ones(rows.size, bool), exchanged)
    )
    return tuple(
        DistrictScores(
            name,
            shares.distribution(every[place], points),
            shares.distribution(both[place], points),
            _mean(every[place], points),
            _mean(both[place], points),
        )
        for place, name in enumerate(column.names)
    )


def _mean(given, points):
    return float(given @ points / given.sum()) if given.sum() else float("nan")
