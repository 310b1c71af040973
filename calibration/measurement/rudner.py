"""How often a level set by cut scores would be right, and would be given again (Rudner 2001).

Every measure has its own standard error; a normal curve around it says how likely the person belongs to each
level. Accuracy is the chance that the level given is the true one, consistency the chance that a second, equally
good measurement would give the same level.

References
----------
Rudner, L. M. (2001). Computing the expected proportions of misclassified examinees. *Practical Assessment,
Research, and Evaluation*, 7(14).
Rudner, L. M. (2005). Expected classification accuracy. *Practical Assessment, Research, and Evaluation*, 10(13).
"""

from dataclasses import dataclass
from math import erf, sqrt

import numpy as np

from calibration.measurement import result, wording


@dataclass(frozen=True)
class Classification:
    """Accuracy and consistency of levels, overall and at one cut.

    `accuracy` and `consistency` are shares of persons; `kappa` is the consistency beyond what guessing by the
    sizes of the levels gives. `cut` is None for all cuts together. `false_high` and `false_low` are the shares
    of persons placed above (below) a cut who belong on its other side (NaN for all cuts together).
    """

    cut: float | None
    accuracy: result.Statistic
    consistency: result.Statistic
    kappa: result.Statistic
    false_high: float
    false_low: float


@dataclass(frozen=True, eq=False)
class Decisions:
    """All cuts together, each cut, and the table of levels: given (rows) by true (columns), in shares of persons."""

    overall: Classification
    by_cut: tuple
    table: np.ndarray
    n_excluded: int


def classify(theta, se, cuts):
    """How sure levels are, given measures, their standard errors and the cuts between levels; returns `Decisions`.

    `theta` and `se` are arrays of one place per person (logits, or any scale of the cuts); persons without a
    measure are left out and counted. A measure at a cut belongs to the higher level. Raises ValueError for cuts
    that do not rise, a negative or missing standard error, or no person.

    >>> found = classify([-2.0, 0.1, 2.0], [0.5, 0.5, 0.5], [0.0])
    >>> found.overall.accuracy.text(), found.overall.consistency.text()
    ('0.86', '0.84')
    """
    theta, se, cuts, excluded = _checked(theta, se, cuts)
    below = _normal((cuts - theta[:, None]) / se[:, None])
    chance = np.diff(np.column_stack([np.zeros(theta.size), below, np.ones(theta.size)]), axis=1)
    given = np.searchsorted(cuts, theta, side="right")
    table = np.zeros((cuts.size + 1, cuts.size + 1))
    np.add.at(table, given, chance)
    table /= theta.size
    by_cut = []
    for place, cut in enumerate(cuts.tolist()):
        sides = np.column_stack([below[:, place], 1 - below[:, place]])
        by_cut.append(_classification(sides, (theta >= cut).astype(int), cut, excluded))
    return Decisions(_classification(chance, given, None, excluded), tuple(by_cut), table, excluded)


def _classification(chance, given, cut, excluded):
    n = given.size
    right, again = chance[np.arange(n), given], (chance**2).sum(axis=1)
    levels = chance.mean(axis=0)
    accuracy, consistency = float(right.mean()), float(again.mean())
    what = "level" if cut is None else "side of the cut"
    method = "Rudner (2001), normal curves around measures"
    known = {"n_units": n, "n_excluded": excluded}
    return Classification(
        cut=cut,
        accuracy=result.Statistic(
            accuracy,
            method=method,
            sentence=f"About {wording.of_every_hundred(accuracy)} students are on the {what} they belong to."
            if cut is not None
            else f"About {wording.of_every_hundred(accuracy)} students got the level they belong to.",
            **known,
        ),
        consistency=result.Statistic(
            consistency,
            method=method,
            sentence=f"About {wording.of_every_hundred(consistency)} students would land "
            f"{'in the same level' if cut is None else 'on the same side of the cut'} if scored again.",
            **known,
        ),
        kappa=_kappa(consistency, float((levels**2).sum()), given, known),
        false_high=float(chance[given == 1, 0].sum() / n) if cut is not None else np.nan,
        false_low=float(chance[given == 0, 1].sum() / n) if cut is not None else np.nan,
    )


def _kappa(consistency, by_chance, given, known):
    method = "Cohen's kappa of two equally good measurements, from Rudner's consistency"
    if (given == given[0]).all():
        one = "Everyone stands in one and the same level, so there is nothing to tell sureness from habit."
        return result.undefined(result.NO_VARIATION, one, method=method, **known)
    value = (consistency - by_chance) / (1 - by_chance)
    words = f"Beyond guessing by the sizes of the levels, the agreement of two scorings would be {value:.2f}."
    return result.Statistic(value, method=method, sentence=words, **known)


def _checked(theta, se, cuts):
    theta, se, cuts = (np.asarray(values, float).ravel() for values in (theta, se, cuts))
    if not cuts.size or not np.isfinite(cuts).all() or (np.diff(cuts) <= 0).any():
        raise ValueError("Give at least one cut, as numbers from low to high.")
    if theta.size != se.size:
        raise ValueError(f"There are {theta.size} measures and {se.size} standard errors; give one for each.")
    there = np.isfinite(theta)
    if not there.any():
        raise ValueError("Nobody has a measure, so there is nothing to classify.")
    wrong = np.flatnonzero(there & ~(np.isfinite(se) & (se > 0)))
    if wrong.size:
        raise ValueError(f"Measure {wrong[0] + 1} has no standard error above 0.")
    return theta[there], se[there], cuts, int((~there).sum())


def _normal(z):
    """Share of the standard normal curve to the left of each z."""
    return 0.5 * (1 + np.frompyfunc(erf, 1, 1)(z / sqrt(2)).astype(float))
