"""Does the scale of comparative judgment order scripts as rubric scores do?"""

import math
from dataclasses import dataclass

import numpy as np

from calibration.measurement import intervals
from calibration.measurement.result import NO_VARIATION, TOO_FEW, Statistic, undefined

FEWEST = 4  # scripts; an interval by Fisher's z needs n - 3 above 0


@dataclass(frozen=True)
class RubricAgreement:
    """Correlations of abilities with rubric scores, over the scripts that have both."""

    pearson: Statistic
    spearman: Statistic
    n_scripts: int
    n_without: int
    sentence: str


def against_scores(scale, scores, *, confidence=0.95):
    """Set a scale beside rubric scores of the same scripts.

    Parameters
    ----------
    scale : Scale
        As given by `scale.fit`.
    scores : dict
        Rubric score (or total) of each script; None or NaN where there is none.

    Returns
    -------
    RubricAgreement
        Pearson's and Spearman's correlation; intervals by Fisher's z, for Spearman with the variance of
        Bonett and Wright. Neither says anything about errors of measurement, which lower both.

    References
    ----------
    Fisher, R. A. (1921). On the "probable error" of a coefficient of correlation deduced from a small sample.
    *Metron*, 1, 3-32.
    Bonett, D. G., & Wright, T. A. (2000). Sample size requirements for estimating Pearson, Kendall and Spearman
    correlations. *Psychometrika*, 65(1), 23-28.
    """
    known = {name: float(score) for name, score in scores.items() if score is not None and score == score}
    both = [name for name in scale.scripts if name in known]
    ability = np.array([scale.scripts[name].ability for name in both])
    score = np.array([known[name] for name in both])
    pearson = _correlation("Pearson correlation", ability, score, confidence)
    spearman = _correlation(
        "Spearman rank correlation", _ranks(ability), _ranks(score), confidence, ranks=True
    )
    return RubricAgreement(pearson, spearman, len(both), len(scale.scripts) - len(both), spearman.sentence)


def _correlation(method, one, other, confidence, *, ranks=False):
    known = {"n_units": one.size, "method": method}
    if one.size < FEWEST:
        said = f"Only {one.size} scripts have both an ability and a rubric score; {FEWEST} are needed."
        return undefined(TOO_FEW, said, **known)
    if np.ptp(one) < 1e-12 or np.ptp(other) < 1e-12:
        return undefined(
            NO_VARIATION, "All these scripts have the same score, so there is no order to compare.", **known
        )
    value = float(np.clip(np.corrcoef(one, other)[0, 1], -1, 1))
    said = f"The scale and the rubric scores correlate {value:.2f} on {one.size} scripts."
    if abs(value) > 1 - 1e-12:
        return Statistic(value, **known, sentence=said)
    z, wider = math.atanh(value), 1 + value * value / 2 if ranks else 1.0
    half = intervals.normal_quantile((1 + confidence) / 2) * math.sqrt(wider / (one.size - 3))
    return Statistic(value, math.tanh(z - half), math.tanh(z + half), **known, sentence=said)


def _ranks(values):
    """Places from low to high; equal values share the middle of their places."""
    _, place, often = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(often) - (often - 1) / 2)[place]
