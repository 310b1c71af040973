r"""The mixed model of exchanged reads: score = response + district of the scorer + scorer + rest.

Responses are taken out whole (fixed effects), so that nothing about whose students do better can leak into the
comparison. Scorers are random: they stand for all who might score in their district. After the responses are
taken out, all that data say about scorers is in the matrix A = Z'MZ and the vector b = Z'My (Z scorers, M
taking out response means). In the basis of A's eigenvectors the scorers' estimates are independent with
variances :math:`\sigma_s^2 + \sigma_e^2 / \lambda_k`, so that restricted maximum likelihood is a search along
one line.

References
----------
Patterson, H. D., & Thompson, R. (1971). Recovery of inter-block information when block sizes are unequal.
*Biometrika*, 58(3), 545-554.
"""

from dataclasses import dataclass

import numpy as np

TINY = 1e-9


@dataclass(frozen=True, eq=False)
class MixedFit:
    """District effects (up to a constant in each linked group) and how scorers and single reads vary.

    `weights` (districts x scorers) turns Z'My into the effects; `estimable` (districts x districts) projects on
    the differences that the design can tell. `values` and `design` are eigenvalues and districts in the basis
    of A, for planning.
    """

    effect: np.ndarray
    weights: np.ndarray
    estimable: np.ndarray
    scorer_variance: float
    read_variance: float
    df: int
    laplacian: np.ndarray
    member: np.ndarray  # scorers x districts
    values: np.ndarray
    design: np.ndarray

    def can_tell(self, contrast):
        """Can this difference of districts be told from these reads?"""
        return bool(np.abs(self.estimable @ contrast - contrast).max() < 1e-6)

    def variance(self, contrast, more=1.0):
        """What the model says a difference varies by, with so many times the shared responses."""
        ratio = self.scorer_variance / self.read_variance
        weight = more * self.values / (1 + ratio * more * self.values)
        inverse = _pseudo_inverse(self.design.T @ (weight[:, None] * self.design))[0]
        return self.read_variance * float(contrast @ inverse @ contrast)


def solve(cells, district_of, n_districts):
    """Fit the model by restricted maximum likelihood; None where nothing varies or nothing is left to estimate.

    Parameters
    ----------
    cells : exchange.Cells
    district_of : array, the district of each scorer (-1: not in this exchange)
    n_districts : int
    """
    member = (district_of[:, None] == np.arange(n_districts)).astype(float)
    above = [part / count[:, None] for _, count, part in cells.blocks]
    score = cells.total(above)
    reads = cells.total([np.ones(scorers.shape) for scorers, _, _ in cells.blocks])
    laplacian = np.diag(reads) - cells.crossed()
    values, basis = np.linalg.eigh(laplacian)
    real = values > TINY * max(values[-1], 1e-300)
    values, basis = values[real], basis[:, real]
    design, estimate = basis.T @ member, basis.T @ score / values
    rest = max(cells.square - float((values * estimate**2).sum()), 0.0)
    rank = int(np.linalg.matrix_rank(design, tol=1e-7)) if design.size else 0
    df = cells.n_reads - cells.n_units - rank
    if cells.square < TINY or df <= 0 or values.size <= rank:
        return None
    ratio = _best_ratio(values, design, estimate, rest, df)
    gauge = _at(ratio, values, design, estimate, rest, df)
    weights = gauge["inverse"] @ (design / (1 + ratio * values)[:, None]).T @ basis.T
    return MixedFit(
        effect=gauge["effect"],
        weights=weights,
        estimable=gauge["inverse"] @ gauge["information"],
        scorer_variance=ratio * gauge["variance"],
        read_variance=gauge["variance"],
        df=df,
        laplacian=laplacian,
        member=member,
        values=values,
        design=design,
    )


def _best_ratio(values, design, estimate, rest, df):
    """The ratio of scorer to read variance with the highest restricted likelihood: a grid, then golden section."""
    middle = float(np.median(values))

    def loss(ratio):
        return _at(ratio, values, design, estimate, rest, df)["loss"]

    grid = np.concatenate([[0.0], np.logspace(-4, 6, 41) / middle])
    losses = [loss(ratio) for ratio in grid]
    best = int(np.argmin(losses))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, grid.size - 1)]
    golden = (5**0.5 - 1) / 2
    one, other = high - golden * (high - low), low + golden * (high - low)
    at_one, at_other = loss(one), loss(other)
    while high - low > 1e-7 * high:
        if at_one < at_other:
            high, other, at_other = other, one, at_one
            one = high - golden * (high - low)
            at_one = loss(one)
        else:
            low, one, at_one = one, other, at_other
            other = low + golden * (high - low)
            at_other = loss(other)
    found = (low + high) / 2
    return float(found) if loss(found) < losses[0] else 0.0


def _at(ratio, values, design, estimate, rest, df):
    """Everything at one ratio; `loss` is minus twice the restricted log-likelihood, up to a constant."""
    weight = values / (1 + ratio * values)
    information = design.T @ (weight[:, None] * design)
    inverse, log_determinant = _pseudo_inverse(information)
    effect = inverse @ (design.T @ (weight * estimate))
    square = rest + float((weight * (estimate - design @ effect) ** 2).sum())
    variance = max(square / df, 1e-300)
    return {
        "information": information,
        "inverse": inverse,
        "effect": effect,
        "variance": variance,
        "loss": df * np.log(variance) + np.log1p(ratio * values).sum() + log_determinant,
    }


def _pseudo_inverse(matrix):
    """Inverse on the directions that carry information, and the logarithm of the determinant there."""
    values, basis = np.linalg.eigh(matrix)
    real = values > 1e-8 * max(values[-1], 1e-300)
    values, basis = values[real], basis[:, real]
    return (basis / values) @ basis.T, float(np.log(values).sum())
