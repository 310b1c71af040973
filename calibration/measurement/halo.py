"""Do one scorer's scores for different traits move together more than other scorers' do?"""

import math
from dataclasses import dataclass

import numpy as np

from calibration.measurement import additive, intervals, multiplicity
from calibration.measurement.result import NO_VARIATION, TOO_FEW, Statistic, undefined

FEWEST_TRAITS = 3
FEWEST_PAPERS = 30
CONFIDENCE = 0.95
METHOD = "mean correlation between traits of own minus others' scores, less that of the other scorers"


@dataclass(frozen=True)
class ScorerHalo:
    """One scorer's correlation between traits (`own`), the other scorers' (`team`), and the difference.

    `p` is one-sided: a single scorer with a strong halo makes everybody else look as if they had less of it.
    """

    scorer: object
    n_units: int
    own: float
    team: float
    halo: Statistic
    p: float
    sentence: str


def compare(ratings, *, confidence=CONFIDENCE):
    """Halo: after taking out the paper, do a scorer's departures from the others agree across traits?

    For every trait the scorer's score minus the mean of the others' reads of the same response, strictness
    taken out; then the mean of the correlations of these departures over all pairs of traits, compared with
    the same figure of the other scorers. Standard errors by linearization over papers. With two reads per
    response the other reader's halo is mixed in, which halves the figure but does not turn it around.

    Parameters
    ----------
    ratings : Ratings
        With every trait of one task.

    Returns
    -------
    tuple of ScorerHalo
        In the order of the scorers' labels. Undefined below 3 traits, 30 papers with every trait scored by
        the scorer and by somebody else, or 3 scorers with so many.

    >>> from calibration.measurement.ratings import Ratings
    >>> rows = [(r, s, t, 1) for r in range(3) for s in "ab" for t in ("ideas", "style")]
    >>> compare(Ratings.from_rows(rows, points=[1, 2]))[0].sentence
    'Halo needs three traits or more.'

    References
    ----------
    Myford, C. M., & Wolfe, E. W. (2004). Detecting and measuring rater effects using many-facet Rasch
    measurement: Part II. *Journal of Applied Measurement*, 5(2), 189-227.
    """
    n_who = len(ratings.scorer.names)
    present = np.flatnonzero(np.bincount(ratings.scorer.codes[ratings.scorer.codes >= 0], minlength=n_who))
    if len(ratings.traits) < FEWEST_TRAITS:
        said = "Halo needs three traits or more."
        return tuple(_none(ratings.scorer.names[code], 0, TOO_FEW, said) for code in present)
    who, departure = _departures(ratings)
    n = np.bincount(who, minlength=n_who)
    own, se = _mean_correlation(who, departure, n)
    usable = (n >= FEWEST_PAPERS) & ~np.isnan(own) & (se > 0)
    return tuple(_row(code, ratings.scorer.names[code], n, own, se, usable, confidence) for code in present)


def _departures(ratings):
    """Reads with every trait scored by the scorer and somebody else: (scorer, rows x traits)."""
    n_who, n_units = len(ratings.scorer.names), len(ratings.response.names)
    columns = []
    for trait in ratings.traits:
        one = ratings.of(trait)
        unit, who, value = one.response.codes, one.scorer.codes, one.points[one.score]
        solution = additive.fit(unit, who, value, n_units, n_who)
        reads = np.bincount(unit, minlength=n_units)[unit]
        kept = reads > 1
        # Own minus the mean of the others is the residual, stretched by m / (m - 1).
        stretch = reads[kept] / (reads[kept] - 1)
        columns.append((unit[kept] * n_who + who[kept], solution.residual[kept] * stretch))
    keys = columns[0][0]
    for key, _ in columns[1:]:
        keys = np.intersect1d(keys, key, assume_unique=True)
    keys = np.sort(keys)
    table = np.empty((keys.size, len(columns)))
    for place, (key, departure) in enumerate(columns):
        wanted = np.isin(key, keys, assume_unique=True)
        order = np.argsort(key[wanted])
        table[:, place] = departure[wanted][order]
    return keys % max(n_who, 1), table


def _mean_correlation(who, departure, n):
    """For every scorer, the mean correlation over pairs of traits, and its linearized standard error."""
    size, many = n.size, np.maximum(n, 1)
    means = np.stack([np.bincount(who, weights=column, minlength=size) / many for column in departure.T], 1)
    away = departure - means[who]
    spread = np.stack([np.bincount(who, weights=column**2, minlength=size) / many for column in away.T], 1)
    spread[spread < 1e-12] = np.nan
    z = away / np.sqrt(spread[who])
    total, pull, pairs = np.zeros(size), np.zeros(who.size), np.zeros(size)
    for first in range(z.shape[1]):
        for second in range(first + 1, z.shape[1]):
            a, b = z[:, first], z[:, second]
            r = np.bincount(who, weights=np.nan_to_num(a * b), minlength=size) / many
            known = ~np.isnan(spread[:, first] * spread[:, second])
            total += np.where(known, r, 0.0)
            pairs += known
            pull += np.nan_to_num(a * b - r[who] * (a * a + b * b) / 2)
    counted = np.where(pairs > 0, pairs, np.nan)
    square = np.bincount(who, weights=pull**2, minlength=size)
    with np.errstate(invalid="ignore", divide="ignore"):
        se = np.sqrt(square / (n * (n - 1.0))) / counted
    return total / counted, se


def _row(code, scorer, n, own, se, usable, confidence):
    papers = int(n[code])
    if papers < FEWEST_PAPERS:
        said = f"Not enough yet: {papers} of the {FEWEST_PAPERS} papers this needs."
        return _none(scorer, papers, TOO_FEW, said)
    if not usable[code]:
        return _none(
            scorer, papers, NO_VARIATION, "Agreed with the others throughout on all traits but one or none."
        )
    others = usable.copy()
    others[code] = False
    if others.sum() < 2:
        return _none(scorer, papers, TOO_FEW, "Halo needs two other scorers to compare with.")
    weight = n[others] / n[others].sum()
    team = float(weight @ own[others])
    error = math.hypot(float(se[code]), float(np.sqrt(weight**2 @ se[others] ** 2)))
    value, df = float(own[code]) - team, papers - 1
    low, high = intervals.around(value, error, quantile=intervals.t_quantile((1 + confidence) / 2, df))
    said = _said(float(own[code]), team, low)
    halo = Statistic(value, low, high, error, METHOD, n_units=papers, sentence=said)
    both = multiplicity.two_sided(value / error, df)
    p = both / 2 if value > 0 else 1 - both / 2
    return ScorerHalo(scorer, papers, float(own[code]), team, halo, p, said)


def _none(scorer, papers, status, said):
    nothing = undefined(status, said, method=METHOD, n_units=papers)
    return ScorerHalo(scorer, papers, math.nan, math.nan, nothing, math.nan, said)


def _said(own, team, low):
    if not low > 0:
        return "No clear sign that scores for different traits move together more than for other scorers."
    return (
        "Scores for different traits move together more than for other scorers "
        f"(correlation {own:.2f} beside {team:.2f}, the papers taken out)."
    )
