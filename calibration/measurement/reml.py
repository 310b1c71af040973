r"""Variance components of incomplete designs: how far papers, scorers and the rest make scores differ.

Score = mean + paper + scorer + rest, papers and scorers both drawn at random, every scorer having read only
some of the papers. Fitted by restricted maximum likelihood (REML); on a crossed design without missing reads
it gives the variance components of the analysis of variance, where these are not negative.

.. math:: y = \mu + Z_u u + Z_v v + e, \quad
   u \sim N(0, \sigma_u^2), \; v \sim N(0, \sigma_v^2), \; e \sim N(0, \sigma_e^2)

The papers are absorbed: what is left is a matrix of scorers x scorers, made from how often every two met. A
hundred thousand papers with two hundred scorers take as long as a few hundred papers, once counted.
"""

from dataclasses import dataclass

import numpy as np

from calibration.measurement import absorbing, intervals
from calibration.measurement.result import NAN, NO_PAIRS, NO_VARIATION, TOO_FEW, Statistic, undefined

NO_REST = (
    "Papers and scorers explain every score, so there is nothing left to measure the noise of a read with."
)
TOO_THIN = "Too few reads are shared between scorers to tell papers, scorers and noise apart."
UNKNOWN = 2.0  # standard error of a variance's logarithm; from here on all the variance there is bounds it


@dataclass(frozen=True)
class Components:
    """Variance components of one trait, and the intraclass correlations that follow from them.

    `response`, `scorer` and `rest` are variances in squared points. `single` is the agreement of one read
    with another by any other scorer, `consistency` the same with strictness set aside, `mean` the agreement of
    means of `reads` reads (the harmonic mean number of reads a paper has).
    """

    response: Statistic
    scorer: Statistic
    rest: Statistic
    single: Statistic
    consistency: Statistic
    mean: Statistic
    reads: float
    deviance: float
    sentence: str


def components(ratings, *, confidence=0.95):
    """Variance components for papers, scorers and the rest, from any design in which scorers share papers.

    Parameters
    ----------
    ratings : TraitRatings
        All scored reads are used; papers read once help to place the scorers.

    Returns
    -------
    Components
        Standard errors from the observed information; intervals on the logarithm (variances) or the log odds
        (correlations), good for many scorers and only rough for a handful. A component of 0 is the boundary:
        it has no interval. All are undefined where reads are too few or nothing is left as noise.

    References
    ----------
    Patterson, H. D., & Thompson, R. (1971). Recovery of inter-block information when block sizes are
    unequal. *Biometrika*, 58(3), 545-554.

    >>> from calibration.measurement.ratings import Ratings
    >>> scores = [(9, 2, 5, 8), (6, 1, 3, 2), (8, 4, 6, 8), (7, 1, 2, 6), (10, 5, 6, 9), (6, 2, 4, 7)]
    >>> rows = [(r, s, "t", score) for r, given in enumerate(scores) for s, score in enumerate(given)]
    >>> found = components(Ratings.from_rows(rows, points=range(1, 11)).of("t"))
    >>> [round(part.value, 3) for part in (found.response, found.scorer, found.rest, found.single)]
    [2.556, 5.244, 1.019, 0.29]
    """
    known = _known(ratings)
    if not known["n_pairs"]:
        return _none(TOO_FEW, NO_PAIRS, known)
    if np.ptp(ratings.score) == 0:
        said = "Everyone gave the same score, so there are no differences to divide up."
        return _none(NO_VARIATION, said, known)
    sums = absorbing.sums(ratings.response.codes, ratings.scorer.codes, ratings.points[ratings.score])
    n_papers, n_scorers = int(sums.papers.sum()), sums.scorer.size
    if n_papers < 2 or sums.n - n_papers - n_scorers + absorbing.islands(sums.met.sum(axis=0)) < 1:
        return _none(TOO_FEW, TOO_THIN, known)
    fit = absorbing.fit(sums)
    if fit.endless:
        return _none(NO_VARIATION, NO_REST, known)
    return _stated(sums, fit, confidence, known)


def _known(ratings):
    size = np.bincount(ratings.response.codes, minlength=1)
    return {
        "n_units": int(np.count_nonzero(size)),
        "n_pairs": int((size * (size - 1) // 2).sum()),
        "n_excluded": ratings.n_missing + ratings.n_conditions,
    }


def _stated(sums, fit, confidence, known):
    quantile = intervals.normal_quantile((1 + confidence) / 2)
    papers, scorers = fit.ratios
    rest = fit.rest
    reads = float(sums.papers.sum() / (sums.papers / sums.size).sum())
    parts = {
        name: _variance(value * rest, row, fit, quantile, words, known)
        for name, value, row, words in (
            ("response", papers, (1, 0, 1), "papers"),
            ("scorer", scorers, (0, 1, 1), "scorers"),
            ("rest", 1.0, (0, 0, 1), "the rest"),
        )
    }
    for name, noise, words in (
        ("single", (1.0, 1.0), "agreement of one read"),
        ("consistency", (0.0, 1.0), "consistency of one read"),
        ("mean", (1 / reads, 1 / reads), f"agreement of the mean of {reads:.3g} reads"),
    ):
        parts[name] = _correlation(papers, scorers, noise, fit, quantile, words, known)
    total = papers + scorers + 1
    said = (
        f"Of all differences between scores, {100 * papers / total:.0f} % are between papers, "
        f"{100 * scorers / total:.0f} % between strict and lenient scorers, and {100 / total:.0f} % are neither."
    )
    return Components(**parts, reads=reads, deviance=fit.deviance, sentence=said)


def _variance(value, row, fit, quantile, words, known):
    """A component with its interval on the logarithm; `row` says of which logarithms its own is the sum."""
    method = f"variance of {words}, REML"
    share = value / (fit.rest * (1 + sum(fit.ratios)))
    said = f"{100 * share:.0f} % of all differences between scores are due to {words}."
    if value == 0:
        said = f"No differences due to {words} can be seen."
        return Statistic(0.0, method=method, **known, sentence=said)
    spread = float(np.sqrt(np.array(row) @ fit.covariance @ np.array(row)))
    low, high = (value * float(np.exp(sign * quantile * spread)) for sign in (-1, 1))
    if spread > UNKNOWN:
        high = min(high, value / share)
        said += " It may as well be nothing, or far more: these scores can not tell."
    return Statistic(float(value), low, high, float(value * spread), method, **known, sentence=said)


def _correlation(papers, scorers, noise, fit, quantile, words, known):
    method = f"intraclass correlation, {words}, from REML components"
    other = noise[0] * scorers + noise[1]
    value = papers / (papers + other)
    share = f"a share of {value:.2f}" if value > 0.005 else "about nothing"
    said = f"{words[:1].upper()}{words[1:]}: {share} of the differences is between the papers."
    if value == 0:
        return Statistic(0.0, method=method, **known, sentence=said)
    row = np.array([1.0, -noise[0] * scorers / other, 0.0])
    spread = float(np.sqrt(row @ fit.covariance @ row))  # of the log odds
    odds = np.log(papers / other)
    ends = (float(1 / (1 + np.exp(-odds - sign * quantile * spread))) for sign in (-1, 1))
    return Statistic(float(value), *ends, float(value * (1 - value) * spread), method, **known, sentence=said)


def _none(status, said, known):
    parts = {
        name: undefined(status, said, method="REML", **known)
        for name in ("response", "scorer", "rest", "single", "consistency", "mean")
    }
    return Components(**parts, reads=NAN, deviance=NAN, sentence=said)
