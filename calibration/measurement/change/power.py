"""How likely is it that a change of a stated size will be found? Asked before anything is counted."""

import math

import numpy as np

from calibration.measurement import intervals
from calibration.measurement.change.shift import FEWEST_PAPERS, FEWEST_SCORERS

CONFIDENCE = 0.95
FEW_SCORERS = 1.2  # what few scorers add to the threshold, times scorers - 1: found by simulation
UNLIKE = 0.6  # how unlike scorers change, as a share of the change: found by simulation
DRAWS = 2000


def of_shares(before, after, *, n_before, n_after, n_scorers):
    """The chance that a change from one share of papers to another is found, in either direction.

    Two shares of independent papers; scorers do not all change alike, and few of them raise the threshold. In
    simulated reads `shift.estimate` finds a change about as often (see docs/statistics/change.md).

    >>> round(of_shares(0.70, 0.80, n_before=300, n_after=300, n_scorers=12), 2)
    0.69
    """
    if min(n_before, n_after) < FEWEST_PAPERS or n_scorers < FEWEST_SCORERS:
        return 0.0
    unlike = UNLIKE * (after - before)
    se = math.sqrt(before * (1 - before) / n_before + after * (1 - after) / n_after + unlike**2 / n_scorers)
    if se == 0:
        return float(before != after)
    threshold = intervals.normal_quantile((1 + CONFIDENCE) / 2) + FEW_SCORERS / (n_scorers - 1)
    return _left(abs(after - before) / se - threshold)


def papers_needed(before, after, *, n_before, n_scorers, chance=0.8, most=5000):
    """Papers read twice after the change that find it with this chance; None where no number up to `most` does.

    >>> papers_needed(0.70, 0.80, n_before=600, n_scorers=12)
    310
    """
    for n_after in range(FEWEST_PAPERS, most + 1, 10):
        if of_shares(before, after, n_before=n_before, n_after=n_after, n_scorers=n_scorers) >= chance:
            return n_after
    return None


def of_spreads(before, after, *, noise_before, noise_after, n_scorers, draws=DRAWS, seed=1):
    """The chance that a change in how far scorers differ is found, by simulation with normal severities.

    >>> of_spreads(0.5, 0.2, noise_before=0.01, noise_after=0.01, n_scorers=8) > 0.8
    True
    """
    if n_scorers < FEWEST_SCORERS:
        return 0.0
    draw = np.random.default_rng(seed)
    true = draw.normal(size=(draws, n_scorers))
    early = before * true + draw.normal(size=true.shape) * math.sqrt(noise_before)
    late = after * true + draw.normal(size=true.shape) * math.sqrt(noise_after)
    most, df = max(noise_before, noise_after), n_scorers - 2
    variance = [each.var(axis=1, ddof=1) for each in (early, late)]
    ratio = (variance[1] - noise_after + most) / np.maximum(variance[0] - noise_before + most, 1e-12)
    crossed = ((early - early.mean(axis=1, keepdims=True)) * (late - late.mean(axis=1, keepdims=True))).sum(
        axis=1
    )
    r = crossed / (n_scorers - 1) / np.sqrt(variance[0] * variance[1])
    t = intervals.t_quantile((1 + CONFIDENCE) / 2, df)
    stretch = 1 + 2 * (1 - r * r) * t * t / df
    far = np.sqrt(np.maximum(stretch * stretch - 1, 0))
    found = ratio * (stretch + far) < 1 if after < before else ratio * (stretch - far) > 1
    return float(found.mean())


def _left(z):
    return 0.5 * math.erfc(-z / math.sqrt(2))
