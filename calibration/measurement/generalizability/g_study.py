"""A generalizability study: where scores differ, and what a score made from several reads is worth."""

from dataclasses import dataclass

import numpy as np

from calibration.measurement.generalizability import components as anova
from calibration.measurement.generalizability import (
    d_study,
    designs,
    figures,
    levels,
    seen,
    sentences,
    uncertainty,
)


@dataclass(frozen=True)
class GStudy:
    """Everything one study tells.

    `coefficients` are those of the scores as they were made: `relative` (E rho^2), `absolute` (Phi), `as_scored`
    (E rho^2 where objects met different conditions, scorers for example), `relative_error` and `absolute_error`
    (variances), `relative_sem` and `sem` (their roots, in score points). `conditions` are the numbers of conditions
    behind a score, harmonic means where they vary. `d_study` has a row for each combination of numbers of conditions.
    """

    design: str
    object: str
    fixed: tuple
    balanced: bool
    method: str
    n_scores: int
    n_excluded: int
    mean: float
    components: dict
    conditions: dict
    coefficients: dict
    d_study: tuple
    sentences: tuple


def study(
    columns,
    design,
    *,
    object_of_measurement=None,
    fixed=(),
    conditions=None,
    score="score",
    confidence=0.95,
    seed=1,
):
    """Say how much of the differences between scores is real, and which part of scoring the rest comes from.

    Parameters
    ----------
    columns : mapping of str to sequence
        A column for each facet of the design and one of scores, equally long, one row per score. Rows without a
        score are left out and counted.
    design : str
        For example "response x scorer", "response x task x scorer", "response x (scorer:task)".
    object_of_measurement : str, optional
        The facet whose differences are wanted; by default the first that is not nested in another.
    fixed : sequence of str
        Facets whose conditions are all there are (the traits of a rubric); scores are not generalized over them.
    conditions : mapping of str to sequence of int, optional
        Numbers of conditions for the rows of the D study, for example `{"scorer": [1, 2, 3]}`.
    seed : int
        Of the draws behind intervals.

    Returns
    -------
    GStudy
        Variance components by ANOVA, or Henderson's method 1 where cells are missing or unequal. Negative ones are
        set to 0, which is said, and everything after that uses the 0.

    Raises
    ------
    ValueError
        For a design that is not well formed, or that the data do not fit.

    References
    ----------
    Brennan, R. L. (2001). *Generalizability theory*. Springer.
    Henderson, C. R. (1953). Estimation of variance and covariance components. *Biometrics*, 9, 226-252.

    >>> data = {"response": [1, 1, 1, 2, 2, 2, 3, 3, 3], "scorer": ["a", "b", "c"] * 3}
    >>> data["score"] = [1, 2, 1, 2, 3, 3, 4, 4, 3]
    >>> found = study(data, "response x scorer")
    >>> round(found.coefficients["relative"].value, 3), round(found.components["scorer"].percent, 1)
    (0.932, 3.4)
    """
    design = designs.parse(design)
    found = d_study.universe(design, object_of_measurement=object_of_measurement, fixed=fixed)
    scores = levels.read(columns, design, score=score)
    share = seen.shares(found, scores)
    numbers = seen.numbers(found, share)
    combinations = d_study.grid(found, numbers, conditions)
    analysis = anova.analyze(scores)
    made = {
        "design": design.text,
        "object": found.object,
        "fixed": tuple(fixed),
        "balanced": analysis.balanced,
        "n_scores": scores.n,
        "n_excluded": scores.n_excluded,
        "mean": scores.mean,
        "conditions": numbers,
    }
    if analysis.without_variation:
        return GStudy(**made, **figures.without_variation(found, scores))
    doubt = uncertainty.of(analysis, seed=seed)
    estimates = np.maximum(analysis.components, 0)
    weights, apart = found.weights(share.get), seen.as_scored(found, scores, share)
    coefficients = figures.coefficients(weights, apart, estimates, doubt, found, scores, confidence)
    return GStudy(
        **made,
        method=f"{analysis.method}; {doubt.method}",
        components=figures.components(analysis, estimates, doubt, found, confidence),
        coefficients=coefficients,
        d_study=tuple(d_study.rows(found, estimates, combinations)),
        sentences=sentences.of(found, analysis, estimates, weights, coefficients, numbers),
    )
