"""How far scripts are told apart: separation reliability, and whether two halves of the judges agree.

References
----------
Bramley, T. (2015). *Investigating the reliability of adaptive comparative judgment*. Cambridge Assessment.
Verhavert, S., De Maeyer, S., Donche, V., & Coertjens, L. (2018). Scale separation reliability: What does it
mean in the context of comparative judgment? *Applied Psychological Measurement*, 42(6), 428-445.
"""

import math

import numpy as np

from calibration.measurement import intervals, resampling
from calibration.measurement.judgment import bradley_terry
from calibration.measurement.result import NO_VARIATION, TOO_FEW, Statistic, undefined

FEWEST = 3  # scripts; with two there is one distance and nothing to compare it with
WORK = 2e8  # what solving all halves may cost, in cubes of the number of scripts, before splits become fewer
LARGE = 1e9  # degrees of freedom that stand for "known"


def reliability(ability, covariance, *, n_pairs=0, confidence=0.95):
    r"""Scale separation reliability: the share of the spread of abilities that is not estimation error.

    .. math:: SSR = 1 - \frac{\mathrm{mse}}{s^2}, \quad \mathrm{mse} = \mathrm{tr}(C) / (n - 1)

    The trace is divided by n - 1, as the spread is, so that scripts of equal worth give 0 on average. The
    interval takes the scripts as drawn from a normal population and the errors as known.

    >>> reliability(np.array([-1.0, 0.0, 1.0]), np.eye(3) / 10).value
    0.85
    """
    n = ability.size
    method = "scale separation reliability"
    known = {"n_units": n, "n_pairs": n_pairs}
    if n < FEWEST:
        said = f"A reliability needs at least {FEWEST} scripts."
        return undefined(TOO_FEW, said, method=method, **known)
    spread, error = float(ability.var(ddof=1)), float(np.trace(covariance)) / (n - 1)
    if spread < 1e-12:
        said = "Every script came out the same, so there is no order to be sure of."
        return undefined(NO_VARIATION, said, method=method, **known)
    value, left = max(1 - error / spread, 0.0), error / spread
    tails = [
        intervals.f_quantile(share, n - 1, LARGE) for share in ((1 + confidence) / 2, (1 - confidence) / 2)
    ]
    low, high = (max(1 - left * tail, 0.0) for tail in tails)
    said = (
        f"About {100 * value:.0f} % of the spread between scripts is real, the rest is luck of the judgments."
    )
    return Statistic(value, low, high, method=method, **known, sentence=said)


def separation(statistic):
    """How many times larger the real spread is than the error: sqrt(SSR / (1 - SSR)).

    >>> round(separation(Statistic(0.8)), 3)
    2.0
    """
    value = statistic.value
    return math.sqrt(value / (1 - value)) if value < 1 else math.nan


def split_half(tournament, ability=None, *, splits=100, seed=1, confidence=0.95):
    """Do two halves of the judges make the same scale? Mean correlation over random halves.

    Unlike separation reliability it needs no model of error. Pairing by earlier results flatters it too, though
    less. Each half has half the judgments, so the whole scale is surer than this figure; it is not
    stepped up. The limits hold the middle part of the splits. `ability` may hold the scale of all judges, to
    start from; large scales get fewer splits.
    """
    method = "correlation of the scales of two random halves of the judges"
    n_judges, n = len(tournament.judges), len(tournament.scripts)
    known = {"n_units": n, "n_pairs": tournament.first.size}
    if not splits:
        return undefined(TOO_FEW, "No splits of the judges were asked for.", method=method, **known)
    if n_judges < 2 or n < FEWEST:
        said = f"Halves need at least two judges and {FEWEST} scripts."
        return undefined(TOO_FEW, said, method=method, **known)
    splits = int(min(splits, max(10, WORK / n**3)))
    draw = np.random.default_rng(seed)
    found = np.array([_one_split(tournament, ability, draw.permutation(n_judges)) for _ in range(splits)])
    low, high, lost = resampling.percentile_interval(found, confidence)
    if lost == splits:
        said = (
            "No split of the judges left two halves that could each make a scale: more judgments are needed."
        )
        return undefined(TOO_FEW, said, method=method, **known)
    value = float(np.nanmean(found))
    method += f", mean of {splits - lost} splits" + (f" ({lost} fell apart)" if lost else "")
    said = f"Two halves of the judges make scales that correlate {value:.2f} on average."
    return Statistic(value, low, high, method=method, **known, sentence=said)


def _one_split(tournament, ability, order):
    near = {} if ability is None else dict(zip(tournament.scripts, ability.tolist(), strict=True))
    mine = np.zeros(order.size, bool)
    mine[order[: order.size // 2]] = True
    scales = []
    for half in (tournament.by_judges(mine), tournament.by_judges(~mine)):
        if half.groups().max() > 0:
            return math.nan
        start = np.array([near.get(name, 0.0) for name in half.scripts])
        found = bradley_terry.solve(half, method=bradley_terry.PRIOR, start=start, settled=1e-5)
        scales.append(dict(zip(half.scripts, found.ability.tolist(), strict=True)))
    both = [name for name in scales[0] if name in scales[1]]
    one, other = (np.array([scale[name] for name in both]) for scale in scales)
    if len(both) < FEWEST or one.std() < 1e-9 or other.std() < 1e-9:
        return math.nan
    return float(np.corrcoef(one, other)[0, 1])
