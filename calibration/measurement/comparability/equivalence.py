"""Comparable, different, or not enough evidence yet: two one-sided tests beside the ordinary one.

A difference that is not significant is not the same as no difference. Districts are called comparable only
when both one-sided tests reject a difference as large as the margin (Schuirmann 1987): when the 90 % interval
lies inside it. A difference may be real and still inside the margin; then the districts are comparable.

References
----------
Schuirmann, D. J. (1987). A comparison of the two one-sided tests procedure and the power approach for assessing
the equivalence of average bioavailability. *Journal of Pharmacokinetics and Biopharmaceutics*, 15(6), 657-680.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

from calibration.measurement import intervals, multiplicity

COMPARABLE, DIFFERENT, OPEN = "comparable", "different", "not enough evidence yet"
VERDICTS = (COMPARABLE, DIFFERENT, OPEN)

POWER = 0.80
MOST = 10_000.0  # times the shared responses, or the scorers; nobody can do more


@dataclass(frozen=True)
class Equivalence:
    """Both tests of one difference: p-values, and the interval that must lie inside the margin."""

    p_difference: float
    p_equivalence: float
    low: float
    high: float


def both_tests(value, se, df, margin, *, alpha=0.05):
    """Test a difference against zero (two-sided) and against the margin (two one-sided tests).

    >>> found = both_tests(0.12, 0.05, 20, 0.25)
    >>> round(found.p_difference, 3), round(found.p_equivalence, 3)
    (0.026, 0.009)
    """
    far = [_upper_tail((margin + way * value) / se, df) for way in (1, -1)]
    half = intervals.t_quantile(1 - alpha, df) * se
    return Equivalence(multiplicity.two_sided(value / se, df), max(far), value - half, value + half)


def verdict(p_difference, p_equivalence, *, confidence=0.95, alpha=0.05):
    """The verdict in words; comparable wins where a difference is both real and inside the margin.

    >>> verdict(0.03, 0.01), verdict(0.001, 0.4), verdict(0.3, 0.3)
    ('comparable', 'different', 'not enough evidence yet')
    """
    if p_equivalence <= alpha:
        return COMPARABLE
    return DIFFERENT if p_difference <= 1 - confidence else OPEN


def chance_to_decide(value, se, df, margin, *, confidence=0.95, alpha=0.05):
    """How likely a new study with this standard error reaches a verdict, were the true difference `value`.

    >>> round(chance_to_decide(0.0, 0.1, 30, 0.25), 2)
    0.62
    """
    inside = max(margin - intervals.t_quantile(1 - alpha, df) * se, 0.0)
    outside = intervals.t_quantile((1 + confidence) / 2, df) * se
    if inside >= outside:
        return 1.0
    share = NormalDist(value, se).cdf
    return share(inside) - share(-inside) + share(-outside) + 1 - share(outside)


def times_needed(variance, value, df, margin, *, gain=0.0, **levels):
    """By what factor must a study grow to reach a verdict with 80 % power? None where no factor is enough.

    `variance(factor)` is the variance of the difference in a study that many times as large, `gain` how fast
    the degrees of freedom grow with it (0: not at all).
    """

    def enough(factor):
        se = math.sqrt(max(variance(factor), 1e-300))
        return chance_to_decide(value, se, df * (1 + gain * (factor - 1)), margin, **levels) >= POWER

    low, high = 1.0, 1.0
    while not enough(high):
        if high >= MOST:
            return None
        low, high = high, high * 2
    while high - low > 0.005 * high:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _upper_tail(ratio, df):
    """The share of Student's t above this point."""
    both = multiplicity.two_sided(ratio, df) / 2
    return both if ratio > 0 else 1 - both
