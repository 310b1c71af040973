r"""How sure a difference of districts is: standard errors that trust the scorers, not the papers.

A difference is a weighted sum of reads, :math:`\sum_i g_i y_i`. Its sandwich variance adds up, over scorers, the
square of what each contributed, :math:`t_s = \sum_{i \in s} g_i \hat e_i`. Residuals are too small, since
responses and districts were fitted to them; each scorer's square is therefore enlarged by what the mixed model
says it lost, so that the variance is unbiased where that model holds and stays honest where scorers or districts
differ in spread. Degrees of freedom follow from the same matrix (Satterthwaite), district by district as in
Welch's t test where that gives fewer; they count scorers, not papers.

References
----------
Bell, R. M., & McCaffrey, D. F. (2002). Bias reduction in standard errors for linear regression with multi-stage
samples. *Survey Methodology*, 28(2), 169-181.
Welch, B. L. (1947). The generalization of "Student's" problem when several different population variances are
involved. *Biometrika*, 34(1/2), 28-35.
Pustejovsky, J. E., & Tipton, E. (2018). Small-sample methods for cluster-robust variance estimation and
hypothesis testing in fixed effects models. *Journal of Business & Economic Statistics*, 36(4), 672-683.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Contrast:
    """A difference of district effects with its standard error and degrees of freedom."""

    value: float
    se: float
    df: float


def estimate(contrast, fit, cells, most_df):
    """One difference, as weights over districts that sum to zero.

    Parameters
    ----------
    contrast : array, one weight per district
    fit : mixed.MixedFit
    cells : exchange.Cells
    most_df : float
        Scorers minus districts: more degrees of freedom than this are not claimed.
    """
    pull = cells.spread(fit.weights.T @ contrast)
    ones = [np.ones(part.shape) for part in pull]
    squares, sums = cells.total([part**2 for part in pull]), cells.total(pull)
    own = np.diag(squares) - cells.crossed(pull, pull)
    scorers = np.diag(sums) - cells.crossed(pull, ones)
    through = scorers @ fit.member  # scorers' pulls on the district effects, which were fitted ...
    cross = through @ (fit.weights @ scorers.T)  # ... with these weights on Z'My
    weighed = fit.weights @ fit.laplacian
    reads = own - cross - cross.T + through @ (weighed @ fit.weights.T) @ through.T
    people = scorers - through @ weighed
    covariance = fit.read_variance * reads + fit.scorer_variance * people @ people.T
    target = fit.read_variance * squares + fit.scorer_variance * sums**2
    left = np.diag(covariance)
    counted = (target > 1e-12 * target.max()) & (left > 1e-12 * target.max())
    stretch = np.sqrt(np.where(counted, target, 0.0) / np.where(counted, left, 1.0))
    contributions = stretch * _contributions(pull, fit, cells)
    shared = (stretch[:, None] * covariance * stretch) ** 2
    df = min(_freedom(np.where(counted, target, 0.0), shared, contributions**2, fit.member), most_df)
    return Contrast(float(contrast @ fit.effect), float(np.sqrt((contributions**2).sum())), float(df))


def _freedom(target, shared, squares, member):
    """Degrees of freedom: those of the model, or fewer where the districts' scorers differ in spread (Welch)."""
    if not squares.any():
        return 0.0
    by_model = target.sum() ** 2 / shared.sum()
    own_target, own_shared = target @ member, np.diag(member.T @ shared @ member)
    counts = own_shared > 0
    own_df = own_target[counts] ** 2 / own_shared[counts]
    parts = (squares @ member)[counts]
    return min(by_model, parts.sum() ** 2 / (parts**2 / own_df).sum())


def _contributions(pull, fit, cells):
    """For each scorer, the sum of pull times residual over the reads."""
    expected = cells.spread(fit.member @ fit.effect)
    parts = [
        part * (above / count[:, None] - level)
        for part, (_, count, above), level in zip(pull, cells.blocks, expected, strict=True)
    ]
    return cells.total(parts)
