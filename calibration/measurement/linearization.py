r"""How far off a chance-corrected coefficient may be, by linearization over responses.

A coefficient :math:`(p_a - p_e) / (1 - p_e)` is a smooth function of means over responses; what one response
adds to it, times the slope, gives the standard error (Gwet 2014). Every response counts once. Responses read
once help to tell the habits of scorers (:math:`p_e`) and say nothing about agreement (:math:`p_a`).
"""

from dataclasses import dataclass

import numpy as np

from calibration.measurement import intervals
from calibration.measurement.result import (
    NAN,
    NO_PAIRS,
    NO_TELLING,
    NO_VARIATION,
    TOO_FEW,
    Statistic,
    undefined,
)

ROUNDING = 1e-12  # a standard error below this is perfect agreement; rounding is all that is left


@dataclass(frozen=True)
class Estimate:
    """A coefficient with its parts: agreement seen, agreement by chance, standard error, responses used."""

    value: float = NAN
    se: float = NAN
    agreement: float = NAN
    chance: float = NAN
    n: int = 0


def patterns_with_singles(counts):
    """Patterns and frequencies of all responses, those read once included."""
    if not counts.n_single:
        return counts.patterns, counts.frequencies
    once = np.flatnonzero(counts.singles)
    kinds = np.eye(counts.points.size, dtype=np.int64)[once]
    return (
        np.concatenate([counts.patterns, kinds]),
        np.concatenate([counts.frequencies, counts.singles[once]]),
    )


def estimate(patterns, frequencies, w, chance):
    """A coefficient and its standard error from patterns of scores.

    Parameters
    ----------
    patterns : array, patterns x q
        How often each score point was given to a response; one row for each different set of scores.
    frequencies : array of int
        How many responses received each set.
    w : array, q x q
        Weights of agreement.
    chance : function of (share of each score point, w)
        Agreement by chance, and what one read at each score point adds to it: (number, q numbers).

    Returns
    -------
    Estimate
        NaN throughout where everybody gave one and the same score.

    >>> even = lambda share, w: (0.5, np.full(2, 0.5))
    >>> estimate(np.array([[2, 0], [1, 1]]), np.array([6, 2]), np.eye(2), even).value
    0.5
    """
    reads, n = patterns.sum(axis=1), int(frequencies.sum())
    share = (frequencies / reads) @ patterns / n
    if np.count_nonzero(share) <= 1:
        return Estimate(n=n)
    expected, each = chance(share, w)
    return combine(
        agreeing(patterns, reads, w), reads > 1, frequencies, float(expected), patterns @ each / reads
    )


def agreeing(patterns, reads, w):
    """The part of the pairs of reads that agree, for each pattern (0 where there is no pair)."""
    return (patterns * (patterns @ w - 1)).sum(axis=1) / np.maximum(reads * (reads - 1), 1)


def combine(agree, compared, frequencies, expected, chances):
    """Put together what responses show: `agree` and `chances` are theirs, `expected` the mean chance."""
    n, pairs = int(frequencies.sum()), frequencies @ compared
    observed = float(frequencies @ agree / pairs)
    room = 1 - expected
    value = (observed - expected) / room
    if n < 2:
        return Estimate(value, NAN, observed, expected, n)
    pull = (n / pairs / room) * (agree - expected * compared)
    pull -= (2 * (1 - value) / room) * (chances - expected) + value
    se = float(frequencies @ (pull * pull) / (n * (n - 1))) ** 0.5
    return Estimate(value, 0.0 if se < ROUNDING else se, observed, expected, n)


def tables(stack, w, chance):
    """The same for a stack of symmetric tables of pairs: (values, standard errors).

    `chance` takes the shares (stack x q). With more than two reads the pairs of a response are taken for as
    many different ones, which makes the standard error too large (by about a fifth with three reads), never
    too small.
    """
    total = stack.sum(axis=(-2, -1))
    with np.errstate(divide="ignore", invalid="ignore"):
        p = stack / total[..., None, None]
        share = p.sum(axis=-1)
        expected, each = chance(share, w)
        observed = (p * w).sum(axis=(-2, -1))
        one_score = np.count_nonzero(share, axis=-1) <= 1
        room = np.where(one_score, np.nan, 1 - expected)
        value = (observed - expected) / room
        mean = (each[..., :, None] + each[..., None, :]) / 2
        pull = (w - expected[..., None, None]) - 2 * (1 - value)[..., None, None] * (
            mean - expected[..., None, None]
        )
        spread = (p * (pull / room[..., None, None] - value[..., None, None]) ** 2).sum(axis=(-2, -1))
        se = np.sqrt(np.maximum(spread, 0) / np.where(total > 1, total - 1, np.nan))
    return value, np.where(se < ROUNDING, 0.0, se)


def stated(found, counts, method, sentence, confidence):
    """An estimate as a figure: Student's t interval with one less than the number of responses."""
    if not counts.n_pairs:
        return undefined(TOO_FEW, NO_PAIRS, method=method, **counts.known())
    if np.isnan(found.value):
        return undefined(NO_VARIATION, NO_TELLING, method=method, **counts.known())
    quantile = intervals.t_quantile((1 + confidence) / 2, max(found.n - 1, 1))
    low, high = intervals.around(found.value, found.se, quantile=quantile, most=1.0)
    return Statistic(found.value, low, high, found.se, method, **counts.known(), sentence=sentence)
