"""How sure a pass or a fail is: a few papers can not tell two scorers near the line apart."""

import math
from dataclasses import dataclass

from calibration.measurement.beta_binomial import beta_quantile
from calibration.measurement.intervals import beta_share
from calibration.qualification.rules import Scope

CLEAR = 0.90  # the least probability at which a result is called clear
CONFIDENCE = 0.90


@dataclass(frozen=True)
class Certainty:
    """What the papers tell of somebody's exact share beyond these papers.

    `above` is the probability that the share reaches the bar, `low` to `high` its 90 % interval.
    """

    share: float
    low: float
    high: float
    above: float
    n_papers: int
    bar: float

    def is_clear(self, passed):
        """Whether the papers say so clearly enough."""
        return (self.above if passed else 1 - self.above) >= CLEAR

    def words(self, passed):
        """Say how sure the result is."""
        n = "1 paper" if self.n_papers == 1 else f"{self.n_papers} papers"
        range_ = f"between {round(100 * self.low)} and {round(100 * self.high)} of every 100 scores"
        if self.is_clear(passed):
            return (
                f"This is clear, also with {n}: over many papers you would most likely be exact on {range_}."
            )
        return f"With {n} this could have gone either way: over many papers you would be exact on {range_}."


def certainty(exact_by_paper, bar):
    """How sure an exact share is against a bar. `exact_by_paper` holds each paper's share of exact scores, 0 to 1.

    The posterior of the share under Jeffreys' prior is Beta(h + 1/2, n - h + 1/2), with n papers and h the sum of
    their shares: papers count, not scores, because the scores of one paper depend on each other. That errs on the
    side of less certainty where they do not.

    >>> eight = certainty([1.0] * 8 + [0.0] * 2, 0.70)
    >>> round(eight.above, 2), round(eight.low, 2), round(eight.high, 2), eight.is_clear(True)
    (0.75, 0.55, 0.94, False)
    >>> certainty([1.0] * 10, 0.70).is_clear(True)
    True

    References
    ----------
    Brown, L. D., Cai, T. T., & DasGupta, A. (2001). Interval estimation for a binomial proportion. *Statistical
    Science*, 16(2), 101-133.
    """
    n = len(exact_by_paper)
    if n == 0:
        return Certainty(math.nan, 0.0, 1.0, math.nan, 0, bar)
    hits = min(max(sum(exact_by_paper), 0.0), float(n))
    a, b, tail = hits + 0.5, n - hits + 0.5, (1 - CONFIDENCE) / 2
    low = 0.0 if hits == 0 else beta_quantile(tail, a, b)
    high = 1.0 if hits == n else beta_quantile(1 - tail, a, b)
    share = hits / n
    return Certainty(
        share, min(float(low), share), max(float(high), share), 1 - beta_share(bar, a, b), n, bar
    )


def of_try(rule, result, sets, traits):
    """How sure a try's result is, by the shares its rule looks at: all traits, or the trait nearest to failing."""
    papers = [paper for papers in sets for paper in papers]
    keys = [key for key, name in traits if name not in {part.best_trait for part in result.parts}]
    if rule.scope is Scope.PER_TRAIT and result.parts:
        lowest = {part.counted.name for part in result.parts}
        keys = [key for key, name in traits if name in lowest] or keys
    shares = [sum(paper.apart(key) == 0 for key in keys) / len(keys) for paper in papers] if keys else []
    return certainty(shares, rule.exact_share / 100)


def chance_to_pass(true_share, n_papers, bar_share, tries=1):
    """How often somebody passes whose scores are exact on a share of all papers, with one score to a paper.

    Exact binomial sum; the tries are with new papers. With several traits to a paper the same holds as long as the
    scores of a paper go together, and otherwise results are a little surer.

    >>> round(chance_to_pass(0.8, 10, 70), 2), round(chance_to_pass(0.6, 10, 70), 2), round(chance_to_pass(0.6, 10, 70, 2), 2)
    (0.88, 0.38, 0.62)
    """
    least = -(-bar_share * n_papers // 100)
    once = sum(
        math.comb(n_papers, hits) * true_share**hits * (1 - true_share) ** (n_papers - hits)
        for hits in range(least, n_papers + 1)
    )
    return 1 - (1 - once) ** tries
