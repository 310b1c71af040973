r"""Would a student land in the same level again? Accuracy and consistency of decisions at cut scores.

Livingston & Lewis replace the test by one of :math:`\tilde n` right-or-wrong items with the same reliability,

.. math:: \tilde n = \frac{(\bar x - a)(b - \bar x) - r s^2}{s^2 (1 - r)},

a and b the ends of the range. True scores then have a beta distribution and observed scores are binomial around them.
*Accuracy*: how many students are in the level of their true score. *Consistency*: how many would be in one and the same
level on two independent scorings.
"""

import math
from dataclasses import dataclass

import numpy as np

from calibration.measurement import resampling, true_scores
from calibration.measurement.result import NO_VARIATION, TOO_FEW, Statistic, undefined

METHOD = "Livingston & Lewis (1995)"
FIGURES = ("accuracy", "consistency", "chance", "kappa")
ONE_LEVEL = "Every student would be in one level, so there is nothing to tell agreement from habit."
SAID = {
    "accuracy": "about {share} students are {placed} their true score belongs to.",
    "consistency": "about {share} students would land {again} if scored again.",
    "chance": "about {share} students would land {again} by chance alone.",
    "kappa": "kappa of the consistency is {value:.2f}.",
}
LEVELS = {"placed": "in the level", "again": "in the same level"}
SIDES = {"placed": "on the side", "again": "on the same side"}


@dataclass(frozen=True)
class CutDecision:
    """Decisions at one cut: at or above it, or below.

    `wrongly_above` and `wrongly_below` are shares of all students whose true score is on the other side.
    """

    cut: float
    accuracy: Statistic
    consistency: Statistic
    chance: Statistic
    kappa: Statistic
    wrongly_above: float
    wrongly_below: float


@dataclass(frozen=True)
class Decisions:
    """Decisions at all cuts together, and at each.

    `accuracy_table` has the level of the true score in rows and the observed level in columns; `consistency_table`
    the levels of two scorings; both are shares of all students. `true_scores` is the beta distribution found (None
    where there is none), `parameters` how many of its parameters were fitted.
    """

    cuts: tuple
    reliability: float
    effective_length: float
    true_scores: true_scores.TrueScores | None
    parameters: int
    accuracy: Statistic
    consistency: Statistic
    chance: Statistic
    kappa: Statistic
    by_cut: tuple
    accuracy_table: tuple
    consistency_table: tuple
    sentences: tuple


def decide(
    scores,
    *,
    cuts,
    lowest,
    highest,
    reliability=None,
    parameters=4,
    second_cut="same",
    draws=200,
    seed=1,
    confidence=0.95,
):
    """Say how far the levels that scores are sorted into can be trusted.

    Parameters
    ----------
    scores : sequence of float
        One total per student; None or NaN is left out and counted.
    cuts : sequence of float
        The lowest score of each level but the first.
    lowest, highest : float
        The ends of the range a total can have.
    reliability : float or Statistic, optional
        Of the totals, from a generalizability study (Phi) or another estimate. Without one, KR-21 of the totals
        stands in, which takes every point for a right-or-wrong item; the sentences say so.
    parameters : {4, 2}
        Of the beta distribution of true scores. Four become two where four do not fit, and the method says so.
    second_cut : {"same", "below"}
        Cuts rarely fall on a whole score of the effective length. "same": both scorings are cut at the nearest one.
        "below": the second scoring is cut at the next lower one, as LL.CA of R's betafunctions does; to compare.
    draws : int
        Of students, for intervals, with the reliability held; 0 for none.

    Returns
    -------
    Decisions

    Raises
    ------
    ValueError
        For a score or a cut outside the range, or a reliability that is not between 0 and 1.

    References
    ----------
    Livingston, S. A., & Lewis, C. (1995). Estimating the consistency and accuracy of classifications based on test
    scores. *Journal of Educational Measurement*, 32(2), 179-197.
    Hanson, B. A. (1991). *Method of moments estimates for the four-parameter beta compound binomial model and the
    calculation of classification consistency indexes*. American College Testing.

    >>> found = decide([3, 4, 5, 6, 6, 7, 8, 9, 9, 10], cuts=[7], lowest=0, highest=12, reliability=0.8, draws=0)
    >>> found.consistency.text(), found.kappa.text()
    ('0.89', '0.79')
    """
    shares, counts, n_excluded = _counted(scores, lowest, highest)
    points = _checked_cuts(cuts, lowest, highest)
    if parameters not in (2, 4) or second_cut not in ("same", "below"):
        raise ValueError('The parameters are 4 or 2, and the second cut is "same" or "below".')
    given = getattr(reliability, "value", reliability)
    r = kr21(shares, counts, highest - lowest) if given is None else float(given)
    known = {"n_units": int(counts.sum()), "n_excluded": n_excluded}
    plan = true_scores.Sorting(shares, points, r, parameters, second_cut)
    missing = _why_not(shares, counts, given, r)
    model = None if missing else plan.fit(counts)
    if model is None:
        status, said = missing or (TOO_FEW, "Scores of this reliability carry too little for this method.")
        return _without(cuts, r, status, said, known)
    again = resampling.draw(counts, draws=draws, seed=seed) if draws else np.empty((0, counts.size), int)
    models = [model, *(found for found in map(plan.fit, again) if found)]
    tables = plan.tables(models)
    return _told(tables, models[0], cuts, given, r, parameters, confidence, known)


def kr21(shares, counts, length):
    """Kuder & Richardson's formula 21: the reliability of totals if every point were a right-or-wrong item.

    `shares` are the different totals as shares of the range, `counts` how often each came up.

    >>> round(kr21(np.array([0.2, 0.5, 0.8]), np.array([10, 10, 10]), 20), 3)
    0.841
    """
    mean, variance = true_scores.mean_and_variance(shares, counts)
    if not variance > 0 or length <= 1:
        return math.nan
    return length / (length - 1) * (1 - mean * (1 - mean) / (length * variance))


def _told(tables, model, cuts, given, r, parameters, confidence, known):
    """Every figure as a statistic, with an interval from the students drawn again, and the sentences."""
    length, true, fitted = model
    method = f"{METHOD}, {fitted}-parameter beta"
    if parameters == 4 and fitted == 2:
        method += " because four parameters do not fit"
    if len(tables[0]) > 1:
        method += f", interval from {len(tables[0]) - 1} draws of students"
    accuracy, consistency = tables
    told = {"method": method, "confidence": confidence, "known": known}
    overall = _stated(_figures(accuracy, consistency), "", LEVELS, **told)
    by_cut = []
    for place, cut in enumerate(cuts):
        own, again = _folded(accuracy, place + 1), _folded(consistency, place + 1)
        figures = _stated(_figures(own, again), f"At the cut {cut:g}: ", SIDES, **told)
        by_cut.append(
            CutDecision(
                float(cut), **figures, wrongly_above=float(own[0, 0, 1]), wrongly_below=float(own[0, 1, 0])
            )
        )
    return Decisions(
        cuts=tuple(float(cut) for cut in cuts),
        reliability=r,
        effective_length=float(length),
        true_scores=true,
        parameters=fitted,
        **overall,
        by_cut=tuple(by_cut),
        accuracy_table=_rows(accuracy[0]),
        consistency_table=_rows(consistency[0]),
        sentences=_sentences(overall, by_cut, given, r, fitted < parameters, known),
    )


def _stated(figures, where, words, *, method, confidence, known):
    """The figures of the first model, each with an interval from those of the others."""
    made = {}
    for name in FIGURES:
        value, low, high = float(figures[name][0]), math.nan, math.nan
        if math.isnan(value):
            made[name] = undefined(NO_VARIATION, ONE_LEVEL, method=method, **known)
            continue
        if figures[name].size > 1:
            low, high, _ = resampling.percentile_interval(figures[name][1:], confidence)
        said = SAID[name].format(share=_in_ten(value), value=value, **words)
        said = where + said if where else said[0].upper() + said[1:]
        made[name] = Statistic(value, low, high, method=method, sentence=said, **known)
    return made


def _figures(accuracy, consistency):
    """Accuracy, consistency, what chance alone would give, and kappa; of each model."""
    again = np.einsum("mii->m", consistency)
    chance = (consistency.sum(axis=2) * consistency.sum(axis=1)).sum(axis=1)
    room = 1 - chance
    kappa = np.divide(again - chance, room, out=np.full_like(room, np.nan), where=room > 1e-9)
    return dict(zip(FIGURES, (np.einsum("mii->m", accuracy), again, chance, kappa), strict=True))


def _folded(tables, place):
    """Tables of all levels folded to two: below a cut, and at or above it."""
    side = (np.arange(tables.shape[1]) >= place).astype(int)
    halves = np.eye(2)[side]
    return np.einsum("mij,ia,jb->mab", tables, halves, halves)


def _rows(table):
    return tuple(tuple(float(share) for share in row) for row in table)


def _without(cuts, r, status, said, known):
    """The same record where nothing can be worked out."""
    nothing = undefined(status, said, method=METHOD, **known)
    four = dict.fromkeys(FIGURES, nothing)
    by_cut = tuple(
        CutDecision(float(cut), **four, wrongly_above=math.nan, wrongly_below=math.nan) for cut in cuts
    )
    return Decisions(
        tuple(float(cut) for cut in cuts), r, math.nan, None, 0, **four, by_cut=by_cut, accuracy_table=(),
        consistency_table=(), sentences=(said,),
    )  # fmt: skip


def _counted(scores, lowest, highest):
    """The different totals as shares of the range, how often each came up, and how many students had none."""
    if not (math.isfinite(lowest) and math.isfinite(highest) and lowest < highest):
        raise ValueError("The range of scores needs a lowest and a higher highest score.")
    numbers = np.full(len(scores), math.nan)
    for row, score in enumerate(scores):
        try:
            numbers[row] = math.nan if score is None or score == "" else float(score)
        except (TypeError, ValueError):
            raise ValueError(f"Row {row + 1}: {score!r} is not a score.") from None
    outside = np.flatnonzero((numbers < lowest) | (numbers > highest))
    if outside.size:
        row = outside[0]
        raise ValueError(
            f"Row {row + 1}: the score {numbers[row]:g} is outside the range {lowest:g} to {highest:g}."
        )
    known = numbers[~np.isnan(numbers)]
    values, counts = np.unique(known, return_counts=True)
    return (values - lowest) / (highest - lowest), counts, int(numbers.size - known.size)


def _checked_cuts(cuts, lowest, highest):
    points = np.array([float(cut) for cut in cuts])
    if not points.size or (np.diff(points) <= 0).any() or not ((points > lowest) & (points <= highest)).all():
        raise ValueError(
            f"Cuts are scores above {lowest:g} and up to {highest:g}, from low to high: the lowest score of each "
            "level but the first."
        )
    return (points - lowest) / (highest - lowest)


def _why_not(shares, counts, given, r):
    """The status and sentence where the scores allow no figure; refuse a reliability that is none."""
    if given is not None and not 0 < r < 1:
        raise ValueError(f"A reliability lies between 0 and 1, and {r:g} does not.")
    if counts.sum() < 2:
        return TOO_FEW, "Levels can be judged from two students on."
    if shares.size < 2:
        return NO_VARIATION, "Every student has the same score, so there is nothing to tell levels apart."
    if not 0 < r < 1:
        return TOO_FEW, "The totals alone give no usable reliability; give the reliability of the scores."
    return None


def _in_ten(share):
    """A share as teachers say it.

    >>> _in_ten(0.88), _in_ten(0.972), _in_ten(0.9999)
    ('9 in 10', '97 in 100', 'more than 99 in 100')
    """
    if share >= 0.995:
        return "more than 99 in 100"
    if 0.055 <= share < 0.945:
        return f"{max(1, round(10 * share))} in 10"
    return f"{round(100 * share)} in 100"


def _sentences(overall, by_cut, given, r, fell_back, known):
    made = [overall["consistency"].sentence, overall["accuracy"].sentence]
    if len(by_cut) > 1:
        weakest = min(by_cut, key=lambda decision: decision.consistency.value)
        made.append(
            f"The cut {weakest.cut:g} is the least sure: {weakest.consistency.sentence.partition(': ')[2]}"
        )
    if given is None:
        made.append(
            f"No reliability was given. KR-21 of the totals, {r:.2f}, stands in for it: it takes every point for a "
            "right-or-wrong item."
        )
    if fell_back:
        made.append("Four parameters of the true scores do not fit these scores, so two were used.")
    if known["n_excluded"]:
        made.append(f"Without a score: {known['n_excluded']}, left out.")
    return tuple(made)
