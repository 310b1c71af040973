"""The figures of a generalizability study as statistics, each with its interval and its sentence."""

import math
from dataclasses import dataclass

import numpy as np

from calibration.measurement.generalizability import d_study
from calibration.measurement.result import NAN, NO_VARIATION, Statistic, undefined

SAME = "Everyone gave the same score, so there are no differences to explain."
NOTHING = "There are neither real differences nor errors of this kind, so there is nothing to compare."
SAID = {
    "relative": "E rho^2 is {value:.2f}: how well these scores keep the order of the {object} levels.",
    "absolute": "Phi is {value:.2f}: how far these scores can be taken as they stand.",
    "as_scored": "E rho^2 is {value:.2f} across the conditions that each {object} really met.",
    "relative_error": "Variance of the error when scores are compared with one another: {value:.3g}.",
    "absolute_error": "Variance of the error of a score as it stands: {value:.3g}.",
    "relative_sem": "Compared with one another, scores are off by about {value:.2f} points.",
    "sem": "A score as it stands is off by about {value:.2f} points.",
}


@dataclass(frozen=True, slots=True)
class Component(Statistic):
    """One variance component: a Statistic with its share of the variance of a single score, in percent.

    `raw` is the estimate before a negative one was set to 0. Degrees of freedom and mean square are NaN where
    the data are not balanced.
    """

    percent: float = NAN
    raw: float = NAN
    n_levels: int = 0
    df: float = NAN
    mean_square: float = NAN


def components(analysis, estimates, doubt, found, confidence):
    """Every variance component by the name of its effect."""
    scores, total, made = analysis.scores, estimates.sum(), {}
    for place, effect in enumerate(scores.design.effects):
        label, raw = scores.design.label(effect), float(analysis.components[place])
        percent = float(100 * estimates[place] / total)
        said = f"{label}: {percent:.0f} of every 100 parts of the variance of one score."
        if raw < 0:
            said += f" The estimate was negative ({raw:.3g}) and is taken as 0."
        low, high = _limits(doubt.draws[:, place], confidence)
        made[label] = Component(
            value=float(estimates[place]),
            low=low,
            high=high,
            se=float(doubt.se[place]),
            method=f"{analysis.method}; {doubt.method}",
            sentence=said,
            percent=percent,
            raw=raw,
            n_levels=scores.n_levels(effect),
            df=float(analysis.df[place]),
            mean_square=float(analysis.mean_squares[place]),
            **_behind(found, scores),
        )
    return made


def coefficients(weights, apart, estimates, doubt, found, scores, confidence):
    """Coefficients, error variances and standard errors of measurement of the scores as they were made."""
    values, drawn, made = _worked_out(weights, apart, estimates), _worked_out(weights, apart, doubt.draws), {}
    for name, value in values.items():
        if math.isnan(value):
            made[name] = undefined(NO_VARIATION, NOTHING, **_behind(found, scores))
            continue
        low, high = _limits(drawn[name], confidence)
        said = SAID[name].format(value=value, object=found.object)
        made[name] = Statistic(
            float(value), low, high, method=doubt.method, sentence=said, **_behind(found, scores)
        )
    return made


def without_variation(found, scores):
    """The same figures where everybody gave one score: none is defined."""
    nothing = {"status": NO_VARIATION, "sentence": SAME, **_behind(found, scores)}
    design = scores.design
    return {
        "method": "",
        "components": {
            design.label(effect): Component(n_levels=scores.n_levels(effect), **nothing)
            for effect in design.effects
        },
        "coefficients": {name: Statistic(**nothing) for name in SAID},
        "d_study": (),
        "sentences": (SAME,),
    }


def _worked_out(weights, apart, components):
    """Every coefficient of one set of components, or of many at once."""
    tau, delta, capital = weights.variances(components)
    relative, absolute = d_study.coefficients((tau, delta, capital))
    as_scored, _ = d_study.coefficients((tau, components @ apart, capital))
    values = relative, absolute, as_scored, delta, capital, np.sqrt(delta), np.sqrt(capital)
    return dict(zip(SAID, values, strict=True))


def _behind(found, scores):
    return {"n_units": scores.n_levels(found.about), "n_excluded": scores.n_excluded}


def _limits(draws, confidence):
    """The middle part of the draws; none where they are all alike, which would claim certainty."""
    usable = draws[~np.isnan(draws)]
    if usable.size < 2:
        return NAN, NAN
    low, high = np.quantile(usable, [(1 - confidence) / 2, (1 + confidence) / 2])
    return (float(low), float(high)) if high - low > 1e-12 else (NAN, NAN)
