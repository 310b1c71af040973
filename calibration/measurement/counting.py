"""Counts straight from arrays of scores: the quick road from other programs and from big files."""

import numpy as np

from calibration.measurement import pairs
from calibration.measurement.ratings import Labels, TraitRatings

TOLERANCE = 1e-9


def from_scores(scores, points, *, scorers=None, trait=""):
    """Count a table of scores: one row for each response, one column for each scorer.

    Parameters
    ----------
    scores : array, responses x scorers
        NaN where there is no score.
    points : sequence of float
        The score points of the rubric, from low to high.
    scorers : sequence, optional
        Names of the scorers; 1, 2, ... if left out.

    Returns
    -------
    PairCounts

    >>> counts = from_scores([[1, 2], [2, 2], [float("nan"), 1]], points=[1, 2, 3])
    >>> counts.fixed_pair, counts.n_pairs, counts.n_single
    ((1, 2), 2, 1)
    """
    scores, points = _table(scores), _rubric(points)
    names = tuple(range(1, scores.shape[1] + 1)) if scorers is None else tuple(scorers)
    if len(names) != scores.shape[1]:
        raise ValueError(f"There are {scores.shape[1]} columns of scores and {len(names)} names of scorers.")
    two, q = scores.shape[1] == 2 and len(scores) > 0, points.size
    if two and _are_places(scores, points):
        lowest = int(points[0])
        cell = scores[:, 0] * q + scores[:, 1] - lowest * (q + 1)
        table = np.bincount(cell, minlength=q * q).reshape(q, q)
        return pairs.PairCounts.from_table(table, points, fixed_pair=names, trait=trait)
    place = places(scores, points)
    if two and place.min() >= 0:
        table = np.bincount(place[:, 0] * q + place[:, 1], minlength=q * q).reshape(q, q)
        return pairs.PairCounts.from_table(table, points, fixed_pair=names, trait=trait)
    return pairs.count(lined_up(place, points, names, trait))


def from_value_counts(value_counts, points, *, trait=""):
    """Count a table that says how often each response received each score point.

    Who gave which score is not known then, so that figures for two named scorers are not to be had.

    Parameters
    ----------
    value_counts : array of int, responses x q

    Returns
    -------
    PairCounts

    >>> from_value_counts([[2, 0], [1, 1], [0, 1]], points=[1, 2]).table.tolist()
    [[1, 1], [0, 0]]
    """
    value_counts, points = np.asarray(value_counts), _rubric(points)
    if value_counts.ndim != 2 or value_counts.shape[1] != points.size:
        raise ValueError(f"A table of counts needs {points.size} columns, one for each score point.")
    if value_counts.dtype.kind not in "iu":
        if not (value_counts == np.rint(value_counts)).all():
            raise ValueError("How often a score was given is a whole number.")
        value_counts = value_counts.astype(np.int64)
    if value_counts.size and value_counts.min() < 0:
        raise ValueError("How often a score was given is 0 or more.")
    kinds, often = pairs.distinct(value_counts, int(value_counts.max(initial=0)))
    reads, q = kinds.sum(axis=1), points.size
    several, once = reads > 1, reads == 1
    patterns, frequencies = kinds[several], often[several]
    whole = patterns.T @ (
        patterns * frequencies[:, None]
    )  # each pair in both orders, and each read with itself
    place = np.arange(q)
    table = np.where(place[:, None] < place, whole, 0)
    table[place, place] = (whole.diagonal() - frequencies @ patterns) // 2
    return pairs.PairCounts(
        points=points,
        table=table,
        patterns=patterns,
        frequencies=frequencies,
        singles=often[once] @ kinds[once],
        trait=trait,
        given=often @ kinds,
        n_responses=int(often @ (reads > 0)),
    )


def places(scores, points):
    """The place of every score among the score points; -1 where there is none (NaN)."""
    if _are_places(scores, points):
        return scores.astype(np.int64, copy=False) - int(points[0])
    q, scores = points.size, scores.astype(float, copy=False)
    place = np.clip(np.searchsorted(points, scores - TOLERANCE), 0, q - 1)
    missing = np.isnan(scores)
    wrong = ~missing & ~(np.abs(points[place] - scores) <= TOLERANCE)
    if wrong.any():
        row, column = np.argwhere(wrong)[0].tolist()
        raise ValueError(
            f"Row {row + 1}, column {column + 1}: {scores[row, column]:g} is no score point; the score points are "
            f"{', '.join(f'{point:g}' for point in points)}."
        )
    return np.where(missing, -1, place)


def _are_places(scores, points):
    """Are these whole numbers that turn into places by taking the lowest score point off?"""
    lowest, highest = float(points[0]), float(points[-1])
    if scores.dtype != np.int64 or not scores.size or not lowest.is_integer():
        return False
    every = highest - lowest == points.size - 1 and (points == np.arange(lowest, highest + 1)).all()
    return every and int(scores.min()) >= lowest and int(scores.max()) <= highest


def lined_up(place, points, scorers, trait=""):
    """Places of scores (responses x scorers, -1: none) as ratings of one trait."""
    unit, scorer = np.nonzero(place >= 0)
    return TraitRatings(
        trait=trait,
        points=points,
        response=Labels(tuple(range(1, len(place) + 1)), unit),
        scorer=Labels(tuple(scorers), scorer),
        score=place[unit, scorer],
        labels={},
        n_missing=int(place.size - unit.size),
        n_responses=len(place),
        conditions=(np.zeros(0, np.int64), np.zeros(0, np.int64), ()),
    )


def _table(scores):
    try:
        scores = np.asarray(scores)
        scores = scores if scores.dtype.kind in "iuf" else scores.astype(float)
    except (TypeError, ValueError):
        raise ValueError("Scores are numbers, and NaN or None where there is none.") from None
    if scores.ndim != 2:
        raise ValueError("Scores come as a table: one row for each response, one column for each scorer.")
    return scores


def _rubric(points):
    points = np.asarray(points if isinstance(points, (list, tuple, np.ndarray)) else list(points), float)
    if (
        points.ndim != 1
        or points.size < 2
        or not np.isfinite(points).all()
        or not (points[1:] > points[:-1]).all()
    ):
        raise ValueError("The score points must be at least two numbers, from low to high.")
    return points
