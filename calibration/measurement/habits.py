"""How a scorer uses the scale, beside what others did on the same papers.

A scorer who gives many middle scores may have been handed many middling papers. So nothing here looks at
one scorer's scores alone: every figure sets them beside the other reads of the same responses, after
strictness has been taken out.
"""

import math
from dataclasses import dataclass

import numpy as np

from calibration.measurement import additive, intervals, multiplicity
from calibration.measurement.result import NO_VARIATION, TOO_FEW, Statistic, undefined

CONFIDENCE = 0.95
SPREAD = "ratio of standard deviations on the same papers, linearized on the log scale"
ENDS = "difference of shares on the same papers, t interval"
FEWEST_UNUSED = 5  # papers on which others gave a score point before its absence means anything


@dataclass(frozen=True)
class UnusedPoint:
    """A score point the scorer never gave, though others did, on about `n_others` of the same papers."""

    point: float
    n_others: float
    p: float


@dataclass(frozen=True)
class ScorerHabits:
    """How one scorer uses the scale.

    `spread` is the standard deviation of the own scores over that of the other reads of the same papers:
    below 1 is closer to the middle (centrality), above 1 further out (extremism). `ends` is how much more
    often the scorer gave the lowest or highest score point than the others did there. Each has the
    two-sided p of no difference.
    """

    scorer: object
    n_reads: int
    n_units: int
    spread: Statistic
    spread_p: float
    ends: Statistic
    ends_p: float
    unused: tuple
    sentence: str


def compare(ratings, *, confidence=CONFIDENCE):
    """Every scorer's use of the scale, beside the other reads of the same responses.

    The spread compares paired variances, as Pitman's and Morgan's test does, with a linearized standard
    error that needs no normal scores. The others' strictness is taken out first, so that a mixture of
    strict and lenient partners does not look like a wide spread. A scorer whose scores pile up at one end
    of the rubric has less room to vary; read the figure beside the severity. One scorer who is both
    unsteady and central can look ordinary here: read it beside the agreement.

    Parameters
    ----------
    ratings : TraitRatings

    Returns
    -------
    tuple of ScorerHabits
        In the order of the scorers' labels. `n_units` counts responses with another read.

    >>> from calibration.measurement.ratings import Ratings
    >>> rows = [(r, s, "t", 1 + r % 4 if s != "cy" else 2 + r % 2) for r in range(60) for s in ("ana", "ben", "cy")]
    >>> cy = compare(Ratings.from_rows(rows, points=[1, 2, 3, 4]).of("t"))[2]
    >>> cy.spread.text(), cy.spread.sentence
    ('0.45 (0.40 to 0.50)', 'Keeps closer to the middle than others did on the same papers.')

    References
    ----------
    Morgan, W. A. (1939). A test for the significance of the difference between the two variances in a
    sample from a normal bivariate population. *Biometrika*, 31, 13-19.
    Myford, C. M., & Wolfe, E. W. (2004). Detecting and measuring rater effects using many-facet Rasch
    measurement: Part II. *Journal of Applied Measurement*, 5(2), 189-227.
    Pitman, E. J. G. (1939). A note on normal correlation. *Biometrika*, 31, 9-12.
    """
    pairs = _beside_others(ratings)
    spread, ends = _spread(pairs), _ends(pairs, ratings.points.size)
    reads = np.bincount(ratings.scorer.codes, minlength=pairs.n_who)
    rows = []
    for code in np.flatnonzero(reads).tolist():
        known = {"n_units": int(pairs.n[code]), "n_excluded": int(reads[code] - pairs.n[code])}
        ratio, ratio_p = _spread_statistic(spread, code, confidence, known)
        share, share_p = _ends_statistic(ends, code, confidence, known)
        unused = _unused(pairs, code, ratings.points)
        rows.append(
            ScorerHabits(
                ratings.scorer.names[code],
                int(reads[code]),
                known["n_units"],
                ratio,
                ratio_p,
                share,
                share_p,
                unused,
                " ".join([ratio.sentence, *map(said_unused, unused)]),
            )
        )
    return tuple(rows)


@dataclass(frozen=True, eq=False)
class _Beside:
    """One row per read with another read beside it: own score, and the mean and mean square of the others'."""

    who: np.ndarray
    own: np.ndarray
    others: np.ndarray
    square: np.ndarray
    place: np.ndarray  # own score point
    share: np.ndarray  # rows x points: how often the others gave each
    n: np.ndarray
    n_who: int


def _beside_others(ratings):
    unit, who, score = ratings.response.codes, ratings.scorer.codes, ratings.score
    n_units, n_who, q = len(ratings.response.names), len(ratings.scorer.names), ratings.points.size
    solution = additive.fit(unit, who, ratings.points[score], n_units, n_who)
    value = ratings.points[score] - np.nan_to_num(solution.effect)[who]
    reads = np.bincount(unit, minlength=n_units)[unit]
    kept = reads > 1
    rest = (reads - 1)[kept]

    def others(column):
        return (np.bincount(unit, weights=column, minlength=n_units)[unit] - column)[kept] / rest

    given = np.bincount(unit * q + score, minlength=n_units * q).reshape(n_units, q)[unit[kept]].astype(float)
    given[np.arange(rest.size), score[kept]] -= 1
    n = np.bincount(who[kept], minlength=n_who)
    square = others(value**2)
    return _Beside(
        who[kept], value[kept], others(value), square, score[kept], given / rest[:, None], n, n_who
    )


def _mean(pairs, column):
    return np.bincount(pairs.who, weights=column, minlength=pairs.n_who) / np.maximum(pairs.n, 1)


def _spread(pairs):
    """Both variances, the log of their ratio's root, its standard error, and the test that needs no ratio."""
    own, others = _mean(pairs, pairs.own), _mean(pairs, pairs.others)
    above = (pairs.own - own[pairs.who]) ** 2
    beyond = pairs.square - 2 * others[pairs.who] * pairs.others + others[pairs.who] ** 2
    mine, theirs = _clean(_mean(pairs, above)), _clean(_mean(pairs, beyond))
    with np.errstate(divide="ignore", invalid="ignore"):
        pull = (above / mine[pairs.who] - beyond / theirs[pairs.who]) / 2
        apart = above - beyond - (mine - theirs)[pairs.who]
        log_se = np.sqrt(_mean(pairs, pull**2) / (pairs.n - 1))
        plain = (mine - theirs) / np.sqrt(_mean(pairs, apart**2) / (pairs.n - 1))
    return mine, theirs, log_se, plain


def _clean(variance):
    return np.where(variance < 1e-12, 0.0, variance)


def _spread_statistic(spread, code, confidence, known):
    mine, theirs, log_se, plain = (float(column[code]) for column in spread)
    n = known["n_units"]
    if n < 3:
        return undefined(
            TOO_FEW, "Fewer than three papers were also read by others.", method=SPREAD, **known
        ), math.nan
    if theirs == 0:
        same = (
            "The others gave one and the same score on these papers, so there is no spread to compare with."
        )
        return undefined(NO_VARIATION, same, method=SPREAD, **known), math.nan
    ratio = math.sqrt(mine / theirs)
    if mine == 0:
        text = "Gave one and the same score throughout, where others gave different ones."
        return Statistic(0.0, method=SPREAD, **known, sentence=text), multiplicity.two_sided(plain, n - 1)
    if not log_se > 1e-9:
        return Statistic(ratio, method=SPREAD, **known, sentence=_said_spread(ratio, math.nan, math.nan)), 1.0
    reach = intervals.t_quantile((1 + confidence) / 2, n - 1) * log_se
    low, high = ratio * math.exp(-reach), ratio * math.exp(reach)
    text = _said_spread(ratio, low, high)
    p = multiplicity.two_sided(math.log(ratio) / log_se, n - 1)
    return Statistic(ratio, low, high, ratio * log_se, SPREAD, **known, sentence=text), p


def _said_spread(ratio, low, high):
    if math.isnan(low) or low <= 1 <= high:
        return "No clear sign of using the scale differently than others did on the same papers."
    if ratio < 1:
        return "Keeps closer to the middle than others did on the same papers."
    return "Goes further from the middle than others did on the same papers."


def _ends(pairs, q):
    end = ((pairs.place == 0) | (pairs.place == q - 1)) - pairs.share[:, 0] - pairs.share[:, -1]
    mean = _mean(pairs, end)
    square = _mean(pairs, (end - mean[pairs.who]) ** 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        return mean, np.sqrt(square / (pairs.n - 1)), np.full(mean.size, q)


def _ends_statistic(ends, code, confidence, known):
    mean, se, q = (float(column[code]) for column in ends)
    n = known["n_units"]
    if n < 3:
        return undefined(
            TOO_FEW, "Fewer than three papers were also read by others.", method=ENDS, **known
        ), math.nan
    if q < 3:
        only = "The rubric has no score point between its lowest and its highest."
        return undefined(NO_VARIATION, only, method=ENDS, **known), math.nan
    se = se if se > 1e-12 else 0.0
    reach = intervals.t_quantile((1 + confidence) / 2, n - 1)
    low, high = intervals.around(mean, se, quantile=reach, least=-1.0, most=1.0)
    p = multiplicity.two_sided(mean / se, n - 1) if se else (1.0 if abs(mean) < 1e-12 else 0.5 ** (n - 1))
    text = _said_ends(mean, low, high)
    return Statistic(mean, low, high, se if se else math.nan, ENDS, **known, sentence=text), p


def _said_ends(mean, low, high):
    if math.isnan(low) or low <= 0 <= high:
        return "No clear sign of using the lowest and highest scores more or less than others did on the same papers."
    often = "more often" if mean > 0 else "less often"
    size = round(100 * abs(mean))
    return (
        f"Gave the lowest and highest scores {often} than others did on the same papers "
        f"(by about {size} in 100 papers)."
    )


def _unused(pairs, code, points):
    """Score points never given, with an exact sign test: others gave it there, the scorer did not."""
    mine = pairs.who == code
    given = np.bincount(pairs.place[mine], minlength=points.size)
    others = pairs.share[mine].sum(axis=0)
    absent = np.flatnonzero((given == 0) & (others >= FEWEST_UNUSED))
    return tuple(
        UnusedPoint(float(points[place]), float(others[place]), 2 * 0.5 ** math.floor(others[place] + 1e-9))
        for place in absent.tolist()
    )


def said_unused(unused):
    """An unused score point in words.

    >>> said_unused(UnusedPoint(1.0, 12.0, 0.0005))
    'Has not given 1, which others gave on about 12 of the same papers.'
    """
    return f"Has not given {unused.point:g}, which others gave on about {unused.n_others:.0f} of the same papers."
