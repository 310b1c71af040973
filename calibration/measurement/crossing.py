"""Crossed reads: every scorer read every response that was compared, so that scorers can be set side by side."""

from dataclasses import dataclass

import numpy as np

from calibration.measurement.ratings import blocks
from calibration.measurement.result import NOT_FIXED, undefined

NOT_CROSSED = (
    "The scorers vary from paper to paper here; this figure needs every scorer to have read every paper."
)


@dataclass(frozen=True, eq=False)
class Crossed:
    """Scores of a crossed design: one row for each response, one column for each scorer.

    `place` holds places in `points`; `scorers` stand in the order in which they first appear in the rows.
    """

    scorers: tuple
    points: np.ndarray
    place: np.ndarray


def crossed(ratings):
    """Line the reads up by response and scorer; None where not every scorer read every compared response.

    Responses read once are no part of it: they stay out of every comparison.

    Parameters
    ----------
    ratings : TraitRatings

    Returns
    -------
    Crossed or None

    >>> from calibration.measurement.ratings import Ratings
    >>> rows = [("R1", "cy", "t", 1), ("R1", "ana", "t", 2), ("R2", "ana", "t", 2), ("R2", "cy", "t", 2)]
    >>> found = crossed(Ratings.from_rows(rows, points=[1, 2]).of("t"))
    >>> found.scorers, found.place.tolist()
    (('cy', 'ana'), [[0, 1], [1, 1]])
    """
    found = blocks(ratings.response.codes, len(ratings.response.names))
    compared = [rows for reads, rows in found.items() if reads > 1]
    if len(compared) != 1:
        return None
    rows = compared[0]
    who = ratings.scorer.codes[rows]
    if not (who == who[0]).all():
        rows = np.take_along_axis(rows, np.argsort(who, axis=1, kind="stable"), axis=1)
        who = ratings.scorer.codes[rows]
        if not (who == who[0]).all():
            return None
    order = np.argsort(first_rows(ratings)[who[0]])
    names = tuple(ratings.scorer.names[code] for code in who[0][order].tolist())
    return Crossed(names, ratings.points, ratings.score[rows[:, order]])


def first_rows(ratings):
    """The row in which each scorer first appears; the number of rows where a scorer has none."""
    codes = ratings.scorer.codes
    first = np.full(len(ratings.scorer.names), codes.size)
    first[codes[::-1]] = np.arange(codes.size)[::-1]
    return first


def not_crossed(method, counts):
    """The answer where the design is not crossed."""
    return undefined(NOT_FIXED, NOT_CROSSED, method=method, **counts.known())
