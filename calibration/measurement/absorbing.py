"""The likelihood of score = mean + paper + scorer + rest, with the papers absorbed (for `reml`).

A paper with s reads enters only through its number of reads, its sum of scores and the scorers who read it.
Summed over all papers with s reads these are a few matrices of scorers x scorers: after one pass over the
reads, a step of the fit does not depend on the number of papers.
"""

from dataclasses import dataclass

import numpy as np

LEAST, MOST = np.log(1e-9), np.log(1e7)  # of a variance in units of the rest; beyond them it is 0 or endless
SMALL = np.log(1e-2)  # from here on it is tried whether 0 does as well
STEP = 1e-4  # of the logarithm, for second derivatives
BLOCK = 4_000_000  # numbers held at a time


@dataclass(frozen=True, eq=False)
class Sums:
    """All that the likelihood needs to know of the reads; by number of reads of a paper (s) and scorer (j)."""

    n: int  # reads
    size: np.ndarray  # s: reads of a paper
    papers: np.ndarray  # s: papers with so many
    square: float  # of all scores, centered
    total: np.ndarray  # s: sum of scores
    squares: np.ndarray  # s: sum over papers of their squared sum of scores
    scorer: np.ndarray  # j: sum of scores
    read: np.ndarray  # s x j: reads
    beside: np.ndarray  # s x j: sums of scores of the papers read
    met: np.ndarray  # s x j x j: papers read by both


@dataclass(frozen=True, eq=False)
class Fit:
    """Variances of papers and scorers in units of the rest; the rest; covariance of the three logarithms."""

    ratios: tuple
    rest: float
    covariance: np.ndarray
    deviance: float
    endless: bool


def sums(unit, scorer, score):
    """Count and add up the reads; codes need not be dense."""
    unit, scorer = _dense(unit), _dense(scorer)
    score = score - score.mean()
    reads, total = np.bincount(unit), np.bincount(unit, weights=score)
    size, kind = np.unique(reads, return_inverse=True)
    s, j = size.size, int(scorer.max()) + 1
    cell = kind[unit] * j + scorer
    return Sums(
        n=score.size,
        size=size,
        papers=np.bincount(kind),
        square=float(score @ score),
        total=np.bincount(kind, weights=total),
        squares=np.bincount(kind, weights=total**2),
        scorer=np.bincount(scorer, weights=score),
        read=np.bincount(cell, minlength=s * j).reshape(s, j).astype(float),
        beside=np.bincount(cell, weights=total[unit], minlength=s * j).reshape(s, j),
        met=np.stack([_met(unit, scorer, reads, number, j) for number in size.tolist()]),
    )


def _met(unit, scorer, reads, number, j):
    """How many papers with this number of reads every two scorers both read."""
    mine = np.flatnonzero(reads[unit] == number)
    rows = scorer[mine[np.argsort(unit[mine], kind="stable")]].reshape(-1, number)
    if number <= 4:
        cells = sum(
            np.bincount(rows[:, a] * j + rows[:, b], minlength=j * j)
            for a in range(number)
            for b in range(number)
        )
        return cells.reshape(j, j).astype(float)
    together, step = np.zeros((j, j)), max(1, BLOCK // j)
    for start in range(0, len(rows), step):
        some = rows[start : start + step]
        present = np.zeros((len(some), j))
        present[np.arange(len(some))[:, None], some] = 1
        together += present.T @ present
    return together


def islands(met):
    """How many groups of scorers there are that share papers, directly or through others."""
    left, islands = np.ones(len(met), bool), 0
    while left.any():
        reached = np.zeros(len(met), bool)
        reached[np.argmax(left)] = True
        while True:
            wider = reached | (met[reached] > 0).any(axis=0)
            if (wider == reached).all():
                break
            reached = wider
        left &= ~reached
        islands += 1
    return islands


def deviance(sums, ratios):
    """-2 x the restricted log likelihood (rest profiled out), its slopes by both ratios, and more for the fit.

    >>> unit, scorer = np.repeat(np.arange(3), 2), np.tile(np.arange(2), 3)
    >>> found = sums(unit, scorer, np.array([1.0, 2, 2, 4, 4, 4]))
    >>> ahead, behind = (deviance(found, (1.0, 0.5 + step))[0] for step in (1e-6, -1e-6))
    >>> bool(abs((ahead - behind) / 2e-6 - deviance(found, (1.0, 0.5))[1][1]) < 1e-6)
    True
    """
    papers, scorers = ratios
    s, n = sums.size, sums.papers
    shrunk = papers / (1 + s * papers)  # what absorbing a paper of s reads takes away
    slope = 1 / (1 + s * papers) ** 2
    met = np.diag(sums.read.sum(axis=0)) - np.tensordot(shrunk, sums.met, 1)
    ones, score = sums.read.T @ (1 - s * shrunk), sums.scorer - sums.beside.T @ shrunk
    met_slope = -np.tensordot(slope, sums.met, 1)
    ones_slope, score_slope = -sums.read.T @ (s * slope), -sums.beside.T @ slope
    wide = np.eye(len(met)) + scorers * met
    inner = np.linalg.inv(wide)
    far_ones, far_score = inner @ ones, inner @ score

    sum_11 = n @ (s * (1 - s * shrunk)) - scorers * ones @ far_ones
    sum_1y = sums.total @ (1 - s * shrunk) - scorers * ones @ far_score
    sum_yy = sums.square - sums.squares @ shrunk - scorers * score @ far_score
    mean = sum_1y / sum_11
    square = sum_yy - mean * sum_1y
    left = sums.n - 1

    far = far_score - mean * far_ones  # what is left of the scorers' sums
    apart_slope = score_slope - mean * ones_slope
    squares = (
        sums.squares - 2 * mean * sums.total * s + mean**2 * n * s**2
    )  # of the papers' sums, mean taken off
    by_papers = -(slope @ squares) - scorers * (2 * far @ apart_slope - scorers * far @ met_slope @ far)
    ones_by_papers = -(slope @ (n * s**2)) - scorers * (
        2 * far_ones @ ones_slope - scorers * far_ones @ met_slope @ far_ones
    )
    square_slopes = np.array([by_papers, -far @ far])
    slopes = np.array(
        [
            n @ (s / (1 + s * papers)) + scorers * np.sum(inner * met_slope) + ones_by_papers / sum_11,
            np.sum(inner * met) - far_ones @ far_ones / sum_11,
        ]
    )
    value = n @ np.log1p(s * papers) + np.linalg.slogdet(wide)[1] + np.log(sum_11)
    if square <= 1e-14 * sums.square:
        return -np.inf, slopes, square, square_slopes
    return value + left * np.log(square), slopes + left * square_slopes / square, square, square_slopes


def fit(sums):
    """Newton's method on the logarithms of both ratios; a ratio on its way to 0 is set to 0 and left there."""
    place, free = np.log([1.0, 0.1]), np.array([True, True])
    while True:
        place, value = _descend(sums, place, free)
        if not np.isfinite(value):
            break
        gone = [axis for axis in np.flatnonzero(free) if _without(sums, place, free, axis) <= value + 1e-7]
        if not gone:
            break
        free[min(gone, key=lambda axis: place[axis])] = False
    ratios = np.where(free, np.exp(place), 0.0)
    _, _, square, square_slopes = deviance(sums, ratios)
    left, endless = sums.n - 1, not np.isfinite(value) or bool((place[free] >= MOST).any())
    covariance = np.zeros((3, 3))
    if not endless:
        across = -square_slopes * ratios * left / square
        curved = _curvature(sums, place, free)
        information = np.zeros((3, 3))
        information[:2, :2] = curved + np.outer(across, across) / left
        information[2, :2] = information[:2, 2] = across
        information[2, 2] = left
        kept = np.append(free, True)
        covariance[np.ix_(kept, kept)] = 2 * np.linalg.inv(information[np.ix_(kept, kept)])
    value += left * (1 + np.log(2 * np.pi / left))  # what profiling left out
    return Fit(tuple(ratios.tolist()), float(square / left), covariance, float(value), endless)


def _without(sums, place, free, axis):
    """The deviance with one more ratio at 0."""
    return _at(sums, place, free & (np.arange(2) != axis))[0]


def _descend(sums, place, free):
    """The lowest deviance within the bounds, from a place on."""
    value, slope = _at(sums, place, free)
    for _ in range(100):
        chosen = np.flatnonzero(free)
        if not chosen.size:
            break
        curved = _curvature(sums, place, free)[np.ix_(chosen, chosen)]
        roots, axes = np.linalg.eigh(curved)
        roots = np.maximum(np.abs(roots), 1e-6 * max(1.0, np.abs(roots).max()))
        step = np.zeros(2)
        step[chosen] = -axes @ ((axes.T @ slope[chosen]) / roots)
        gain = -slope @ step
        if gain < 1e-10:
            break
        step *= min(1.0, 3.0 / np.abs(step).max())
        for _ in range(40):
            there = np.clip(place + step, LEAST, MOST)
            found, steep = _at(sums, there, free)
            if found <= value:
                break
            step /= 2
        if not found <= value:
            break
        place, value, slope = there, found, steep
        bound = not np.isfinite(value) or (free & ((place <= LEAST) | (place >= MOST))).any()
        small = np.flatnonzero(free & (place < SMALL))
        if bound or any(_without(sums, place, free, axis) <= value for axis in small):
            break
    return place, value


def _at(sums, place, free):
    ratios = np.where(free, np.exp(place), 0.0)
    value, slopes, _, _ = deviance(sums, ratios)
    return value, np.where(free, slopes * ratios, 0.0)


def _curvature(sums, place, free):
    """Second derivatives by both logarithms, from differences of the exact first ones."""
    curved = np.zeros((2, 2))
    for axis in np.flatnonzero(free):
        step = np.zeros(2)
        step[axis] = STEP
        curved[axis] = (_at(sums, place + step, free)[1] - _at(sums, place - step, free)[1]) / (2 * STEP)
    return (curved + curved.T) / 2


def _dense(codes):
    """The same codes without gaps."""
    used = np.bincount(codes) > 0
    return (np.cumsum(used) - 1)[codes]
