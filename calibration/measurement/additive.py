"""Score = response + scorer, by least squares: what is the paper's, what is the scorer's.

The response effects are taken out first, so that what is left to solve is as large as the number of
scorers, however many responses there are.
"""

from dataclasses import dataclass

import numpy as np

from calibration.measurement.ratings import blocks

FEW = 8  # reads of a response up to which its pairs are counted one by one; above, by matrix products
CHUNK = 4_000_000  # numbers held at a time: 32 MB


@dataclass(frozen=True, eq=False)
class AdditiveFit:
    """The solution, one place per scorer; scorers in different components stand on different scales.

    `effect` is how much a scorer adds to a score, beside the average read of the component (the effects,
    weighted by `n_shared`, sum to 0 there); NaN where a scorer shares no response. `scatter` times
    `variance` of the component is the covariance of the effects under one error variance for all; `se` lets
    every scorer have a variance of their own (see `fit`).
    """

    effect: np.ndarray
    se: np.ndarray
    df: np.ndarray
    scatter: np.ndarray
    component: np.ndarray
    n_reads: np.ndarray
    n_shared: np.ndarray
    n_units: np.ndarray  # with two reads or more, by component
    variance: np.ndarray  # of an error, by component
    error_df: np.ndarray  # by component
    residual: np.ndarray  # by row; 0 where a response was read once

    @property
    def n_components(self):
        return self.variance.size

    def covariance(self):
        """Covariance of the effects: the correlations of the model, the standard errors of each scorer."""
        common = self.common_se()
        with np.errstate(invalid="ignore", divide="ignore"):
            stretch = np.where(common > 0, self.se / common, 0.0)
        variance = np.append(self.variance, 0.0)[self.component]
        return np.nan_to_num(self.scatter * variance[:, None]) * np.outer(stretch, stretch)

    def common_se(self):
        """Standard errors if the errors of all scorers had the same variance."""
        variance = np.append(self.variance, np.nan)[self.component]
        return np.sqrt(np.maximum(np.diag(self.scatter), 0) * variance)


def fit(unit, who, value, n_units, n_who, *, enough=15):
    """Split scores into a part of the response and a part of the scorer, in every connected component.

    The standard error of a scorer with `enough` shared reads comes from the scorer's own residuals (a
    sandwich estimate clustered by response, corrected for leverage), with Student's t and one less than
    the shared reads as degrees of freedom: scorers differ in how steady they are. With fewer, the variance
    of the whole component is used.

    Parameters
    ----------
    unit, who : arrays of small whole numbers, one per read
    value : array of scores
    n_units, n_who : int
        How many different units and scorers there may be.

    >>> found = fit(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]), np.array([1.0, 2.0, 3.0, 4.0]), 2, 2)
    >>> found.effect.tolist()
    [-0.5, 0.5]

    References
    ----------
    Bell, R. M., & McCaffrey, D. F. (2002). Bias reduction in standard errors for linear regression with
    multi-stage samples. *Survey Methodology*, 28(2), 169-181.
    """
    reads = np.bincount(unit, minlength=n_units)
    shared = reads[unit] > 1
    n_shared = np.bincount(who[shared], minlength=n_who)
    groups = [rows for m, rows in blocks(unit, n_units).items() if m > 1]
    per_read = 1 / np.maximum(reads[unit], 1)
    between = gram(groups, who, np.sqrt(per_read), n_who)
    component = connected(between > 0)
    deviation = _from_mean(unit, value, reads)
    right = np.bincount(who[shared], weights=deviation[shared], minlength=n_who)
    effect, scatter = _solve(np.diag(n_shared) - between, right, component, n_shared)
    residual = np.where(shared, _from_mean(unit, value - np.nan_to_num(effect)[who], reads), 0.0)
    residual[np.abs(residual) < 1e-12 * max(1.0, np.abs(value).max(initial=0.0))] = 0.0
    n_units = _units(unit[shared], component[who[shared]], component)
    variance, error_df = _error(residual, component[who], shared, component, n_units)
    se, df = _own_errors(groups, who, residual, scatter, component, n_shared, variance, error_df, enough)
    n_reads = np.bincount(who, minlength=n_who)
    return AdditiveFit(
        effect, se, df, scatter, component, n_reads, n_shared, n_units, variance, error_df, residual
    )


def connected(linked):
    """Which scorers can be compared: those joined by responses, directly or over others; -1 for nobody.

    >>> connected(np.array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]], bool)).tolist()
    [0, 0, 1, -1]
    """
    component, found = np.full(len(linked), -1), 0
    for start in np.flatnonzero(linked.any(axis=1)).tolist():
        if component[start] >= 0:
            continue
        reached = new = np.arange(len(linked)) == start
        while new.any():
            new = linked[new].any(axis=0) & ~reached
            reached = reached | new
        component[reached] = found
        found += 1
    return component


def gram(groups, who, weight, n_who):
    """Sum over responses of the products of their reads' weights, gathered by the two scorers.

    `groups` holds row numbers, one array (responses x reads) for each number of reads.
    """
    total = np.zeros((n_who, n_who))
    for rows in groups:
        if rows.shape[1] <= FEW:
            for first in range(rows.shape[1]):
                for second in range(first, rows.shape[1]):
                    a, b = rows[:, first], rows[:, second]
                    found = np.bincount(
                        who[a] * n_who + who[b], weights=weight[a] * weight[b], minlength=n_who * n_who
                    ).reshape(n_who, n_who)
                    total += found if first == second else found + found.T
        else:
            for part in _dense(rows, who, weight, n_who):
                total += part.T @ part
    return total


def _dense(rows, who, weight, n_who):
    """The reads as a table responses x scorers, a chunk at a time."""
    size = max(1, CHUNK // max(n_who, 1))
    for start in range(0, len(rows), size):
        some = rows[start : start + size]
        place = np.arange(len(some))[:, None] * n_who + who[some]
        yield np.bincount(place.ravel(), weights=weight[some].ravel(), minlength=len(some) * n_who).reshape(
            -1, n_who
        )


def _from_mean(unit, value, reads):
    mean = np.bincount(unit, weights=value, minlength=reads.size) / np.maximum(reads, 1)
    return value - mean[unit]


def _solve(normal, right, component, n_shared):
    """Solve each component with its weighted mean at 0; the inverse goes through the same centering."""
    effect, scatter = np.full(right.size, np.nan), np.zeros_like(normal)
    for number in range(component.max(initial=-1) + 1):
        members = np.flatnonzero(component == number)
        cells, size = np.ix_(members, members), members.size
        inverse = np.linalg.inv(normal[cells] + 1 / size) - 1 / size
        center = np.eye(size) - n_shared[members] / n_shared[members].sum()
        effect[members] = center @ (inverse @ right[members])
        scatter[cells] = center @ inverse @ center.T
    return effect, scatter


def _units(unit, place, component):
    where = np.full(unit.max(initial=-1) + 1, -1)
    where[unit] = place
    return np.bincount(where[where >= 0], minlength=component.max(initial=-1) + 1)


def _error(residual, place, shared, component, n_units):
    """Error variance and its degrees of freedom: reads less responses less scorers, plus one."""
    n = n_units.size
    square = np.bincount(place[shared], weights=residual[shared] ** 2, minlength=n)
    members = np.bincount(component[component >= 0], minlength=n)
    df = np.bincount(place[shared], minlength=n) - n_units - members + 1
    return np.divide(square, df, out=np.full(n, np.nan), where=df > 0), df


def _own_errors(groups, who, residual, scatter, component, n_shared, variance, error_df, enough):
    weight = residual.copy()
    for rows in groups:
        weight[rows] *= _leverage_factor(rows, who, scatter)[:, None]
    meat = gram(groups, who, weight, n_shared.size)
    own = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", scatter, meat, scatter, optimize=True), 0))
    place = np.append(variance, np.nan)[component]
    common = np.sqrt(np.maximum(np.diag(scatter), 0) * place)
    steady = n_shared >= enough
    df = np.where(steady, n_shared - 1, np.append(error_df, 0)[component])
    return np.where(steady & ~np.isnan(common), own, common), df


def _leverage_factor(rows, who, scatter):
    """1 / sqrt(1 - h): how much the fit has bent towards a response; exact for two reads, on average for more."""
    m, leverage = rows.shape[1], np.empty(len(rows))
    size = max(1, CHUNK // (m * m))
    for start in range(0, len(rows), size):
        some = who[rows[start : start + size]]
        inside = scatter[some[:, :, None], some[:, None, :]]
        trace = np.trace(inside, axis1=1, axis2=2) - inside.sum(axis=(1, 2)) / m
        leverage[start : start + size] = trace / (m - 1)
    return np.where(leverage < 1 - 1e-9, 1 / np.sqrt(np.maximum(1 - leverage, 1e-9)), 0.0)
