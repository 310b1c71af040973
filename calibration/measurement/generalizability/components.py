r"""Variance components by analysis of variance, for any balanced or unbalanced random design.

For an effect :math:`e`, let :math:`T_e = \sum_l (\sum_{i \in l} y_i)^2 / n_l` over its levels, with scores taken
from their mean. Every :math:`T_e` is in expectation a sum of variance components,

.. math:: E[T_e] = \sum_a k_{ea} \sigma^2_a, \qquad k_{ea} = \sum_i n_{e \cup a}(i) / n_e(i) - \sum_i n_a(i) / N,

where :math:`n_e(i)` counts the scores that share score i's level of e. Setting the :math:`T_e` equal to their
expectations is Henderson's method 1, Brennan's analogous ANOVA; for balanced data it is the usual ANOVA.
"""

from dataclasses import dataclass

import numpy as np

from calibration.measurement.generalizability.levels import Scores


@dataclass(frozen=True, eq=False)
class Analysis:
    """Sums of squares of every effect and the variance components that explain them.

    `squares` are the totals less what belongs to smaller effects: the sums of squares of ANOVA where the data are
    balanced. `components` may be negative here; `df` are NaN where the data are not balanced.
    """

    scores: Scores
    totals: np.ndarray
    expected: np.ndarray  # effects x effects: what each variance component adds to each total
    squares: np.ndarray
    own: np.ndarray  # effects x effects: squares = own @ totals
    components: np.ndarray
    balanced: bool
    df: np.ndarray

    @property
    def n_levels(self):
        """How many levels of each effect were seen."""
        return np.array([self.scores.n_levels(effect) for effect in self.scores.design.effects])

    @property
    def mean_squares(self):
        """Mean squares; NaN where the data are not balanced."""
        return np.maximum(self.squares, 0) / self.df

    @property
    def from_squares(self):
        """The matrix that takes squares to variance components."""
        return np.linalg.inv(self.own @ self.expected)

    @property
    def method(self):
        """What was done, in words."""
        kind = "analysis of variance" if self.balanced else "analogous analysis of variance (Henderson 1)"
        return f"{kind}, random effects"

    @property
    def without_variation(self):
        """Is there not one score that differs from another?"""
        return bool(self.totals[-1] <= 1e-20 * max(1.0, self.scores.mean**2) * self.scores.n)


def analyze(scores):
    """Work out the variance components of scores whose levels are known.

    References
    ----------
    Henderson, C. R. (1953). Estimation of variance and covariance components. *Biometrics*, 9, 226-252.
    Brennan, R. L. (2001). *Generalizability theory*. Springer.
    """
    totals, expected = totals_of(scores), expectations(scores)
    if np.linalg.cond(expected) > 1e12:
        raise ValueError(
            f"Too few levels were seen together for the design {scores.design.text!r}: its effects cannot be told "
            "apart. Take a facet out of the design, or add scores."
        )
    balanced, own = is_balanced(scores), _beyond_smaller_effects(scores.design.effects)
    degrees = own @ [scores.n_levels(effect) - 1.0 for effect in scores.design.effects]
    return Analysis(
        scores,
        totals,
        expected,
        own @ totals,
        own,
        np.linalg.solve(expected, totals),
        balanced,
        degrees if balanced else np.full(degrees.size, np.nan),
    )


def totals_of(scores, values=None):
    """The uncorrected sum of squares of each effect, less that of the mean."""
    values = scores.score if values is None else values
    finest = scores.design.effects[-1]
    mean = values.sum() ** 2 / values.size
    totals = [
        (scores.sums(effect, values) ** 2 / scores.count[effect]).sum() - mean
        for effect in scores.design.effects
        if effect != finest
    ]
    return np.array([*totals, values @ values - mean])


def expectations(scores):
    """How often each variance component is in each total: Henderson's coefficients, less those of the mean."""
    effects, n = scores.design.effects, scores.n
    alike = {effect: scores.rows_alike(effect) for effect in effects}
    in_mean = np.array([alike[effect].sum() / n for effect in effects])
    expected = np.empty((len(effects), len(effects)))
    for row, effect in enumerate(effects):
        share, known = 1 / alike[effect], {effect: float(n)}
        for column, other in enumerate(effects):
            both = effect | other
            if both not in known:
                known[both] = float(alike[both] @ share)
            expected[row, column] = known[both]
    return expected - in_mean


def is_balanced(scores):
    """Does every level have the same number of scores, with no cell of the design empty?"""
    if any(np.ptp(scores.count[effect]) for effect in scores.design.effects):
        return False
    cells = 1
    for facet in scores.design.facets:
        nest = scores.design.nests[facet]
        cells *= scores.n_levels(nest | {facet}) // scores.n_levels(nest)
    return cells == scores.n


def _beyond_smaller_effects(effects):
    """The matrix that takes from each total what belongs to the effects inside it: sums of squares."""
    own = np.zeros((len(effects), len(effects)))
    place = {effect: row for row, effect in enumerate(effects)}
    for effect in sorted(effects, key=len):
        row = place[effect]
        own[row, row] = 1
        own[row] -= sum(own[place[other]] for other in effects if other < effect)
    return own
