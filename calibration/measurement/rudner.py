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

from calibration.measurement import intervals, result, wording
from calibration.measurement.livingston_lewis import CutDecision

METHOD = "Rudner (2001): a normal curve around each measure"


@dataclass(frozen=True)
class Decisions:
    """Decisions at all cuts together, and at each; read like those of `livingston_lewis`.

    `accuracy_table` has the true level in rows and the given level in columns; `consistency_table` the levels of two
    scorings; both are shares of all students. Intervals show the drawing of students, not the estimation of the
    scale.
    """

    cuts: tuple
    accuracy: result.Statistic
    consistency: result.Statistic
    chance: result.Statistic
    kappa: result.Statistic
    by_cut: tuple
    accuracy_table: tuple
    consistency_table: tuple
    sentences: tuple


def classify(theta, se, cuts, *, confidence=0.95):
    """How sure levels are, given measures, their standard errors and the cuts between levels; returns `Decisions`.

    `theta` and `se` are arrays of one place per student (logits, or any scale of the cuts); students without a
    measure are left out and counted. A measure at a cut belongs to the higher level. Raises ValueError for cuts
    that do not rise, a standard error that is not above 0, or no student.

    >>> found = classify([-2.0, 0.1, 2.0], [0.5, 0.5, 0.5], [0.0])
    >>> found.accuracy.text(), found.kappa.text()
    ('0.86 (0.58 to 1.00)', '0.67')
    """
    theta, se, cuts, excluded = _checked(theta, se, cuts)
    below = _normal((cuts - theta[:, None]) / se[:, None])
    chance = np.diff(np.column_stack([np.zeros(theta.size), below, np.ones(theta.size)]), axis=1)
    given = np.searchsorted(cuts, theta, side="right")
    known = {"n_units": int(theta.size), "n_excluded": excluded}
    overall, own, again = _figures(chance, given, "", "level", confidence, known)
    by_cut = []
    for place, cut in enumerate(cuts.tolist()):
        sides = np.column_stack([below[:, place], 1 - below[:, place]])
        figures, table, _ = _figures(
            sides, (theta >= cut).astype(int), f"At the cut {cut:.3g}: ", "side", confidence, known
        )
        by_cut.append(
            CutDecision(cut, **figures, wrongly_above=float(table[0, 1]), wrongly_below=float(table[1, 0]))
        )
    return Decisions(
        cuts=tuple(cuts.tolist()),
        **overall,
        by_cut=tuple(by_cut),
        accuracy_table=_rows(own),
        consistency_table=_rows(again),
        sentences=_sentences(overall, by_cut, excluded),
    )


def _figures(chance, given, where, what, confidence, known):
    """Accuracy, consistency, chance and kappa of levels with these chances; the two tables of levels."""
    own, again = np.zeros((2, chance.shape[1], chance.shape[1]))
    np.add.at(own.T, given, chance)
    own /= given.size
    again = chance.T @ chance / given.size
    right, same = chance[np.arange(given.size), given], (chance**2).sum(axis=1)
    by_chance = float((chance.mean(axis=0) ** 2).sum())
    if what == "level":
        said = ("got the level they belong to", "would land in the same level if scored again")
    else:
        said = (
            "are on the side of the cut they belong to",
            "would land on the same side of the cut if scored again",
        )
    figures = {
        "accuracy": _mean(right, where, said[0], confidence, known),
        "consistency": _mean(same, where, said[1], confidence, known),
        "chance": result.Statistic(
            by_chance,
            method=METHOD,
            sentence=f"{where}By the sizes of the levels alone, {wording.of_every_hundred(by_chance)} would.",
            **known,
        ),
        "kappa": _kappa(float(same.mean()), by_chance, given, where, known),
    }
    return figures, own, again


def _mean(shares, where, said, confidence, known):
    value = float(shares.mean())
    about = "about" if where else "About"
    sentence = f"{where}{about} {wording.of_every_hundred(value)} students {said}."
    if shares.size < 2:
        return result.Statistic(value, method=METHOD, sentence=sentence, **known)
    error = float(shares.std(ddof=1)) / sqrt(shares.size)
    low, high = intervals.around(
        value, error, quantile=intervals.normal_quantile((1 + confidence) / 2), least=0.0, most=1.0
    )
    return result.Statistic(value, low, high, error, METHOD, sentence=sentence, **known)


def _kappa(consistency, by_chance, given, where, known):
    if (given == given[0]).all():
        one = "Everyone stands in one and the same level, so there is nothing to tell sureness from habit."
        return result.undefined(result.NO_VARIATION, where + one, method=METHOD, **known)
    value = (consistency - by_chance) / (1 - by_chance)
    words = f"{where}Beyond the sizes of the levels, the agreement of two scorings would be {value:.2f}."
    return result.Statistic(value, method=METHOD, sentence=words, **known)


def _sentences(overall, by_cut, excluded):
    said = [overall["consistency"].sentence, overall["accuracy"].sentence]
    if len(by_cut) > 1:
        weakest = min(by_cut, key=lambda decision: decision.consistency.value)
        words = weakest.consistency.sentence.partition(": ")[2]
        said.append(f"The cut {weakest.cut:.3g} is the least sure: {words}")
    if excluded:
        said.append(f"Without a measure: {excluded}, left out.")
    return tuple(said)


def _rows(table):
    return tuple(tuple(row) for row in table.tolist())


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
