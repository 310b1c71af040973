"""Whose choices, and which scripts, do not fit the scale: infit and outfit mean squares.

Both are near 1 where choices are as consistent as the scale expects. Infit weighs close pairs more; outfit
reacts to single surprises between scripts far apart.

References
----------
Wright, B. D., & Masters, G. N. (1982). *Rating scale analysis*. MESA Press.
"""

import math
from dataclasses import dataclass

import numpy as np

from calibration.measurement import multiplicity

FEWEST = 10  # judgments; under this a judge's fit is luck


@dataclass(frozen=True, eq=False)
class Fit:
    """Mean squares of many scripts or judges; `p` tests infit against 1 where enough judgments stand behind it."""

    n: np.ndarray
    infit: np.ndarray
    outfit: np.ndarray
    p: np.ndarray


def by_script(tournament, solution):
    """Infit and outfit of each script over the judgments in which it stood."""
    places = np.concatenate([tournament.first, tournament.second])
    return _fit(places, len(tournament.scripts), *(np.tile(part, 2) for part in _parts(tournament, solution)))


def by_judge(tournament, solution):
    """Infit and outfit of each judge over the judgments made."""
    return _fit(tournament.judge, len(tournament.judges), *_parts(tournament, solution))


def _parts(tournament, solution):
    pair = tournament.pair
    residual = tournament.score - solution.expected[pair]
    return residual**2, solution.variance[pair], solution.fourth[pair]


def _fit(places, size, square, variance, fourth):
    def total(values=None):
        return np.bincount(places, values, minlength=size)

    n = total()
    with np.errstate(invalid="ignore", divide="ignore"):
        infit = total(square) / total(variance)
        outfit = total(square / variance) / n
        ratio = (infit - 1) * total(variance) / np.sqrt(total(np.maximum(fourth - variance**2, 0)))
    p = [multiplicity.two_sided(z) if many >= FEWEST else math.nan for z, many in zip(ratio, n, strict=True)]
    return Fit(n, infit, outfit, np.array(p))
