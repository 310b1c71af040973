"""Looking at many scorers at once: how many flags luck alone would raise, and how to keep them few."""

import math
from dataclasses import dataclass

import numpy as np

from calibration.measurement import intervals

RATE = 0.05


@dataclass(frozen=True, eq=False)
class Adjusted:
    """What is left of a row of p-values after allowing for how many there are; NaN stays NaN, never flagged."""

    p: np.ndarray
    adjusted: np.ndarray
    flagged: np.ndarray
    n_tests: int
    method: str
    sentence: str


def benjamini_hochberg(p, *, rate=RATE):
    """Flag so that of all flags no more than this share is expected to be luck (the false discovery rate).

    Parameters
    ----------
    p : array of p-values, any shape; NaN where no test could be made
    rate : float
        The share of false flags that is accepted, 0.05 by default.

    Returns
    -------
    Adjusted
        `adjusted` holds the smallest rate at which each test would be flagged.

    Raises
    ------
    ValueError
        For a p-value outside 0 to 1, or a rate outside 0 to 1; the place of the p-value is named.

    >>> found = benjamini_hochberg([0.001, 0.02, 0.04, 0.5])
    >>> found.adjusted.round(4).tolist(), found.flagged.tolist()
    ([0.004, 0.04, 0.0533, 0.5], [True, True, False, False])

    References
    ----------
    Benjamini, Y., & Hochberg, Y. (1995). Controlling the false discovery rate: A practical and powerful
    approach to multiple testing. *Journal of the Royal Statistical Society: Series B*, 57(1), 289-300.
    """
    return _adjust(
        p, rate, lambda ordered, n: ordered * n / np.arange(1, n + 1), _upward, "Benjamini-Hochberg"
    )


def holm(p, *, rate=RATE):
    """Flag so that the chance of even one false flag stays below the rate (the family-wise error rate).

    Stricter than `benjamini_hochberg`; for decisions about one scorer rather than a list to look into.
    Arguments, result and errors are the same.

    >>> holm([0.01, 0.04, 0.03]).adjusted.round(4).tolist()
    [0.03, 0.06, 0.06]

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. *Scandinavian Journal of
    Statistics*, 6(2), 65-70.
    """
    return _adjust(p, rate, lambda ordered, n: ordered * np.arange(n, 0, -1), np.maximum.accumulate, "Holm")


def two_sided(ratio, df=math.inf):
    """The chance of an estimate this many standard errors from zero, either way, if there were nothing to find.

    Student's t with `df` degrees of freedom; the bell curve where df is infinite. NaN in, NaN out.

    >>> round(two_sided(1.96), 4), round(two_sided(-2.262157, 9), 4)
    (0.05, 0.05)
    """
    if math.isnan(ratio) or not df > 0:
        return math.nan
    if math.isinf(ratio):
        return 0.0
    if math.isinf(df):
        return math.erfc(abs(ratio) / math.sqrt(2))
    return intervals.beta_share(df / (df + ratio * ratio), df / 2, 0.5)


def _upward(ordered):
    """No test may look worse than one with a larger p-value."""
    return np.minimum.accumulate(ordered[::-1])[::-1]


def _adjust(p, rate, stretch, straighten, name):
    p = np.asarray(p, float)
    if not 0 < rate < 1:
        raise ValueError(f"The accepted rate of false flags must lie between 0 and 1, not at {rate}.")
    flat = p.ravel()
    wrong = np.flatnonzero((flat < 0) | (flat > 1))
    if wrong.size:
        raise ValueError(f"p-value {wrong[0] + 1} is {flat[wrong[0]]:g}; it must lie between 0 and 1.")
    tested = np.flatnonzero(~np.isnan(flat))
    order = tested[np.argsort(flat[tested], kind="stable")]
    adjusted = np.full(flat.size, np.nan)
    adjusted[order] = np.minimum(straighten(stretch(flat[order], order.size)), 1)
    adjusted = adjusted.reshape(p.shape)
    flagged = adjusted <= rate  # NaN compares as no
    return Adjusted(p, adjusted, flagged, int(tested.size), f"{name}, {rate:g}", _said(flagged, tested.size))


def _said(flagged, n):
    if not n:
        return "No comparison could be made yet."
    found, out_of = int(flagged.sum()), "1 comparison" if n == 1 else f"{n:,} comparisons"
    if not found:
        return f"Nothing stands out in {out_of}, allowing for how many there are."
    stand = "stands" if found == 1 else "stand"
    return f"{found:,} of {out_of} {stand} out, allowing for how many there are."
