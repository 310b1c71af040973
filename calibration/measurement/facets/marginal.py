"""The marginal likelihood of the many-facet Rasch model: abilities are normal and summed out over a grid.

One evaluation gives the log-likelihood, its gradient and its exact curvature (observed information by Louis
1982), from small tables: cells x categories x nodes, bundles x nodes, and sets x nodes (see `patterns`).

References
----------
Bock, R. D., & Aitkin, M. (1981). Marginal maximum likelihood estimation of item parameters: Application of an EM
algorithm. *Psychometrika*, 46(4), 443-459.
Louis, T. A. (1982). Finding the observed information matrix when using the EM algorithm. *Journal of the Royal
Statistical Society, Series B*, 44(2), 226-233.
"""

from dataclasses import dataclass

import numpy as np

from calibration.measurement.facets import model

ROOM = 1_000_000  # numbers held at once while sets are worked through


@dataclass(frozen=True, eq=False)
class Ability:
    """The normal distribution of abilities: its mean and the logarithm of its standard deviation.

    >>> Ability(0.0, 0.0).variance
    1.0
    """

    mean: float = 0.0
    log_sd: float = 0.0

    @property
    def sd(self):
        """Standard deviation in logits."""
        return float(np.exp(self.log_sd))

    @property
    def variance(self):
        """Variance in square logits."""
        return self.sd**2

    def log_weights(self, nodes):
        """Logarithm of the density at each node times the width it stands for (trapezoid rule)."""
        z = (nodes - self.mean) / self.sd
        return np.log(np.gradient(nodes)) - 0.5 * z**2 - self.log_sd - 0.5 * np.log(2 * np.pi)

    def scores(self, nodes):
        """Derivative of the log density in mean and log sd (nodes x 2), and its slope downward (2 x 2 x nodes)."""
        z = (nodes - self.mean) / self.sd
        cross = 2 * z / self.sd
        slope = np.array([[np.full(z.size, 1 / self.variance), cross], [cross, 2 * z**2]])
        return np.column_stack([z / self.sd, z**2 - 1]), slope


@dataclass(frozen=True, eq=False)
class Curves:
    """What the model expects on the nodes: for cells, and summed over the cells of each bundle.

    `chance` is cells x categories x nodes; `at_least` the same cumulated from above, without category 0.
    """

    chance: np.ndarray
    at_least: np.ndarray
    expected: np.ndarray
    log_norm: np.ndarray

    @classmethod
    def at(cls, design, patterns, parameters, nodes):
        """Work out the curves of all cells at the nodes."""
        place = parameters.item[patterns.cell_item] + parameters.severity[patterns.cell_scorer]
        cumulated = parameters.cumulated[design.scale[patterns.cell_item]]
        category = np.arange(cumulated.shape[1])
        logits = category[:, None] * (nodes - place[:, None])[:, None, :] - cumulated[:, :, None]
        log_norm = _log_sum(logits, 1)
        chance = np.exp(logits - log_norm[:, None, :])
        at_least = np.cumsum(chance[:, :0:-1], axis=1)[:, ::-1]
        return cls(chance, at_least, at_least.sum(axis=1), log_norm)

    @property
    def variance(self):
        """Variance of the score of each cell at each node: the information it holds about the person."""
        steps = 2 * np.arange(self.at_least.shape[1]) + 1
        return np.maximum(np.einsum("k,ckq->cq", steps, self.at_least) - self.expected**2, 0)


def posteriors(block, log_norm, nodes, log_weights, *, width=0):
    """Yield (rows of the block, posterior weights sets x totals x nodes, log-likelihoods sets x totals) in parts.

    `width` is how many numbers more the caller wants to hold for each set and node.
    """
    part = max(1, ROOM // (nodes.size * (block.totals.shape[1] + block.bundles.shape[1] + width)))
    for begin in range(0, len(block.bundles), part):
        rows = slice(begin, begin + part)
        norm = log_norm[block.bundles[rows]].sum(axis=1)
        logs = block.totals[rows][:, :, None] * nodes + (log_weights - norm)[:, None, :]
        highest = logs.max(axis=2, keepdims=True)
        logs -= highest
        np.exp(logs, out=logs)
        mass = logs.sum(axis=2, keepdims=True)
        logs /= mass
        yield rows, logs, (highest + np.log(mass))[:, :, 0]


def observed(design):
    """What the scores say about each parameter: totals of items and scorers, scores at or above each threshold."""
    scale, step = model.step_places(design)
    width = int(design.n_steps.max()) + 1
    given = np.bincount(
        design.scale[design.item] * width + design.score, minlength=len(design.points) * width
    )
    above = np.cumsum(given.reshape(-1, width)[:, ::-1], axis=1)[:, ::-1]
    return np.concatenate(
        [
            np.bincount(design.item, design.score, len(design.items)),
            np.bincount(design.scorer, design.score, len(design.scorers)),
            above[scale, step + 1],
        ]
    ).astype(float)


def _log_sum(logs, axis):
    highest = logs.max(axis=axis, keepdims=True)
    return np.squeeze(highest, axis) + np.log(np.exp(logs - highest).sum(axis=axis))
