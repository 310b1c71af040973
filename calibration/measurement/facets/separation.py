"""Do scorers (items, groups, responses) differ by more than their measures are unsure?

References
----------
Wright, B. D., & Masters, G. N. (1982). *Rating scale analysis*. MESA Press.
Myford, C. M., & Wolfe, E. W. (2003). Detecting and measuring rater effects using many-facet Rasch measurement:
Part I. *Journal of Applied Measurement*, 4(4), 386-422.
"""

import math
from dataclasses import dataclass

import numpy as np

from calibration.measurement import intervals, result
from calibration.measurement.facets import linking


@dataclass(frozen=True)
class Separation:
    """How far apart measures lie, compared with how unsure they are.

    `separation` is the true spread over the mean error, `strata` the number of levels that can be told apart
    ((4 G + 1) / 3), `reliability` G^2 / (1 + G^2). For persons a high figure is good; for scorers it means
    that they differ, and it is never called reliability in words. `chi_square` tests that all are equal.
    """

    n: int
    spread: float
    error: float
    true_spread: float
    separation: float
    strata: float
    reliability: float
    chi_square: float
    df: int
    p: float
    status: str = result.OK
    sentence: str = ""


def separation(measures, errors, *, covariance=None, of="scorers"):
    """Whether measures differ by more than their errors explain, in figures and in words.

    `errors` are standard errors of measures that do not depend on each other. Give the `covariance` where they
    do: severities that sum to zero always do, and errors alone would then find differences too often. With fewer
    than two measures that are known the figures are undefined (NaN).

    >>> separation([-1.0, 0.0, 1.0], [0.2, 0.2, 0.2]).sentence
    'The scorers differ in severity by at least 6 levels.'
    >>> separation([-0.1, 0.0, 0.1], [0.2, 0.2, 0.2]).sentence
    'No sign that the scorers differ in severity by more than luck.'
    """
    measures, errors = np.asarray(measures, float), np.asarray(errors, float)
    known = np.isfinite(measures) & np.isfinite(errors) & (errors > 0)
    measures, errors, n = measures[known], errors[known], int(known.sum())
    if n < 2:
        nothing = f"With fewer than two {of} there is nothing to compare."
        return undefined(n, result.TOO_FEW, nothing)
    observed = float(measures.var(ddof=1))
    if covariance is None:
        error, df = float((errors**2).mean()), n - 1
        weights = errors**-2.0
        chi_square = float(weights @ (measures - weights @ measures / weights.sum()) ** 2)
    else:
        # What errors alone would add to the variance of the measures, and Wald's test that all are equal.
        covariance = np.asarray(covariance, float)[np.ix_(known, known)]
        error = float((np.trace(covariance) - covariance.mean() * n) / (n - 1))
        apart = measures - measures.mean()
        centered = covariance - covariance.mean(axis=0) - covariance.mean(axis=1)[:, None] + covariance.mean()
        chi_square, df = float(apart @ np.linalg.pinv(centered, rcond=1e-10, hermitian=True) @ apart), n - 1
    if not error > 0:
        return undefined(
            n, result.TOO_FEW, f"The {of} are held at given values, so there is nothing to test."
        )
    true = max(observed - error, 0.0)
    ratio = math.sqrt(true / error)
    strata, reliability = (4 * ratio + 1) / 3, ratio**2 / (1 + ratio**2)
    p = intervals.chi_square_tail(chi_square, df)
    return Separation(
        n=n,
        spread=math.sqrt(observed),
        error=math.sqrt(error),
        true_spread=math.sqrt(true),
        separation=ratio,
        strata=strata,
        reliability=reliability,
        chi_square=chi_square,
        df=df,
        p=p,
        sentence=_apart(of, strata, reliability, p),
    )


def difference(fitted, first, second, *, confidence=0.95):
    """How much more severe one scorer is than another, in logits; undefined where nothing joins the two.

    `fitted` is a `model.FacetsFit`. Returns a `result.Statistic`; its error allows for what the two severities
    have in common. Raises ValueError for a scorer who has no severity.

    >>> from calibration.measurement.facets import jml
    >>> from calibration.measurement.facets.model import Design
    >>> from calibration.measurement.ratings import Ratings
    >>> rows = [(r, s, "ideas", (r // 2 + (s == "ana") * (r % 3 > 0)) % 3) for r in range(24) for s in ("ana", "ben")]
    >>> found = difference(jml.estimate(Design.of(Ratings.from_rows(rows, points=[0, 1, 2]))), "ana", "ben")
    >>> found.status, found.n_pairs
    ('ok', 24)
    """
    design, places = fitted.design, []
    for name in (first, second):
        if name not in design.scorers:
            raise ValueError(f"There is no scorer {name!r} among those with a severity.")
        places.append(design.scorers.index(name))
    both = [np.unique(design.person[design.scorer == place]) for place in places]
    method = f"difference of two severities, {fitted.estimator}"
    known = {"method": method, "n_pairs": int(np.intersect1d(*both, assume_unique=True).size)}
    if fitted.blocks[places[0]] != fitted.blocks[places[1]]:
        sentence = f"{first} and {second} can not be compared: no chain of shared responses joins them."
        return result.undefined(linking.NOT_LINKED, sentence, **known)
    a, b = (len(design.items) + place for place in places)
    covariance = fitted.covariance
    se = math.sqrt(max(covariance[a, a] + covariance[b, b] - 2 * covariance[a, b], 0.0))
    value = float(fitted.parameters.severity[places[0]] - fitted.parameters.severity[places[1]])
    quantile = intervals.normal_quantile((1 + confidence) / 2)
    low, high = intervals.around(value, se, quantile=quantile)
    n_units = int(np.union1d(*both).size)
    return result.Statistic(value, low, high, se, n_units=n_units, **known)


def undefined(n, status, sentence):
    """A separation that does not exist, with the reason."""
    return Separation(n, *[math.nan] * 7, df=0, p=math.nan, status=status, sentence=sentence)


def _apart(of, strata, reliability, p):
    """Levels that can be told apart, said of scorers as of something to mend and of persons as of something good."""
    what = {"scorers": "severity", "groups": "severity", "items": "difficulty"}.get(of)
    if what is None:
        return f"Measures of the responses have a reliability of {reliability:.2f}."
    if strata < 1 or reliability == 0 or p > 0.05:
        return f"No sign that the {of} differ in {what} by more than luck."
    levels = max(int(strata), 1)
    return f"The {of} differ in {what} by at least {levels} level{'' if levels == 1 else 's'}."
