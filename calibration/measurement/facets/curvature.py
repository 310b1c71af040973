"""Gradient and observed information of the marginal likelihood, exact, from collapsed patterns.

The information is what abilities would give if they were known, less what is lost because they are not: the
posterior covariance of each person's score (Louis 1982). A person's score has few parts (one for each scorer who
read, one for each trait and threshold, two for the distribution of abilities), so that the loss is worked out in
small blocks and then added into place: no array of persons x parameters is ever made.
"""

from dataclasses import dataclass

import numpy as np

from calibration.measurement.facets import marginal, model


@dataclass(frozen=True, eq=False)
class Frame:
    """How free parameters make up the model's: severities (many) apart from items and thresholds (few).

    `severity` is scorers x free severities, `few` is items x (1 + thresholds) x free others; `order` puts
    (severities, others, mean, log sd) back into the order of the columns of `basis`.
    """

    basis: np.ndarray
    severity: np.ndarray
    few: np.ndarray
    order: np.ndarray

    @classmethod
    def of(cls, design, basis):
        """Take apart the basis that `model.constraints` gives."""
        n_items, n_scorers = len(design.items), len(design.scorers)
        severe = basis[n_items : n_items + n_scorers]
        is_severe = severe.any(axis=0)
        few = np.zeros((n_items, 1 + int(design.n_steps.max()), int((~is_severe).sum())))
        few[:, 0] = basis[:n_items, ~is_severe]
        places = np.cumsum(design.n_steps) - design.n_steps
        for item, scale in enumerate(design.scale.tolist()):
            first = n_items + n_scorers + places[scale]
            few[item, 1 : 1 + design.n_steps[scale]] = basis[
                first : first + design.n_steps[scale], ~is_severe
            ]
        columns = np.r_[np.flatnonzero(is_severe), np.flatnonzero(~is_severe)]
        order = np.r_[np.argsort(columns), basis.shape[1] + np.arange(2)]
        return cls(basis, severe[:, is_severe], few, order)

    @property
    def n_few(self):
        """How many free parameters are no severities, with the two of the distribution of abilities."""
        return self.few.shape[2] + 2


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Log-likelihood with gradient and information in the free parameters, mean and log sd of abilities last.

    `complete` is the information if abilities were known; unlike `information` it is positive everywhere.
    """

    log_likelihood: float
    gradient: np.ndarray
    information: np.ndarray
    complete: np.ndarray


class _Sums:
    """What is added up over blocks: severities x severities, severities x others, others x others."""

    def __init__(self, n_scorers, n_few):
        self.severe = np.zeros((n_scorers, n_scorers))
        self.mixed = np.zeros((n_scorers, n_few))
        self.few = np.zeros((n_few, n_few))

    def add_blocks(self, scorers, matrices):
        """Add one small matrix for each row of `scorers`: its first rows belong to those scorers."""
        n, n_few, m = *self.mixed.shape, scorers.shape[1]
        pairs = (scorers[:, :, None] * n + scorers[:, None, :]).ravel()
        self.severe += np.bincount(pairs, matrices[:, :m, :m].ravel(), n * n).reshape(n, n)
        cells = (scorers[:, :, None] * n_few + np.arange(n_few)).ravel()
        self.mixed += np.bincount(cells, matrices[:, :m, m:].ravel(), n * n_few).reshape(n, n_few)
        self.few += matrices[:, m:, m:].sum(axis=0)

    def matrix(self, frame):
        """The whole in the free parameters."""
        mixed = frame.severity.T @ self.mixed
        whole = np.block([[frame.severity.T @ self.severe @ frame.severity, mixed], [mixed.T, self.few]])
        return whole[np.ix_(frame.order, frame.order)]


def evaluate(design, patterns, parameters, ability, grids, frame):
    """The marginal log-likelihood with its first and second derivatives, as an `Evaluation`."""
    known, lost = (_Sums(len(design.scorers), frame.n_few) for _ in range(2))
    seen = marginal.observed(design)
    expected, of_ability = np.zeros(seen.size), np.zeros(2)
    log_likelihood = -float(seen @ parameters.vector)
    for blocks, nodes in zip(patterns.tiers, grids, strict=True):
        curves = marginal.Curves.at(design, patterns, parameters, nodes)
        score, slope = ability.scores(nodes)
        logs, in_bundle, at_node = _lose(patterns, blocks, curves, nodes, ability, frame, score, lost)
        log_likelihood += logs
        in_cell = np.zeros(curves.expected.shape)
        np.add.at(in_cell, patterns.cells, np.repeat(in_bundle, np.diff(patterns.bundle_start), axis=0))
        expected += _know(design, patterns, curves, in_cell, frame, known)
        of_ability += at_node @ score
        known.few[-2:, -2:] += slope @ at_node
    gradient = np.concatenate([frame.basis.T @ (expected - seen), of_ability])
    complete = known.matrix(frame)
    return Evaluation(log_likelihood, gradient, complete - lost.matrix(frame), complete)


def _lose(patterns, blocks, curves, nodes, ability, frame, score, lost):
    """Add up the posterior covariances of scores; return log-likelihood and persons by bundle and node."""
    log_norm, mean = patterns.sum_cells(curves.log_norm), patterns.sum_cells(curves.expected)
    few = np.empty((patterns.n_bundles, nodes.size, frame.n_few))
    few[:, :, :-2] = patterns.sum_cells(_few_curves(patterns, curves, frame))
    few[:, :, -2:] = 0
    log_likelihood, weights = 0.0, ability.log_weights(nodes)
    in_bundle, at_node = np.zeros(mean.size), np.zeros(nodes.size)
    for block in blocks:
        m = block.bundles.shape[1]
        for rows, posterior, logs in marginal.posteriors(
            block, log_norm, nodes, weights, width=m + frame.n_few
        ):
            bundles, counts = block.bundles[rows], block.counts[rows]
            log_likelihood += float((counts * logs).sum())
            persons = np.einsum("un,unq->uq", counts, posterior)
            at_node += persons.sum(axis=0)
            places = bundles[:, :, None] * nodes.size + np.arange(nodes.size)
            repeated = np.broadcast_to(persons[:, None, :], places.shape)
            in_bundle += np.bincount(places.ravel(), repeated.ravel(), mean.size)
            parts = np.empty((len(bundles), nodes.size, m + frame.n_few))
            parts[:, :, :m] = mean[bundles].transpose(0, 2, 1)
            parts[:, :, m:] = few[bundles].sum(axis=1)
            parts[:, :, -2:] = score
            centers = posterior @ parts
            squares = parts.transpose(0, 2, 1) @ (parts * persons[:, :, None])
            squares -= centers.transpose(0, 2, 1) @ (centers * counts[:, :, None])
            lost.add_blocks(patterns.bundle_scorer[bundles], squares)
    return log_likelihood, in_bundle.reshape(mean.shape), at_node


def _few_curves(patterns, curves, frame):
    """Derivative of each cell's expected part in the few parameters: cells x nodes x parameters."""
    few = frame.few[patterns.cell_item]
    parts = np.concatenate([curves.expected[:, None, :], curves.at_least], axis=1)
    return parts.transpose(0, 2, 1) @ few


def _know(design, patterns, curves, in_cell, frame, known):
    """Add the information of known abilities; return what the model expects of `marginal.observed`."""
    n_items, n_scorers, n_steps = len(design.items), len(design.scorers), curves.at_least.shape[1]
    scorer, item = patterns.cell_scorer, patterns.cell_item
    scores = np.einsum("cq,cq->c", in_cell, curves.expected)
    above = np.einsum("cq,ckq->ck", in_cell, curves.at_least)
    covariance = _local(curves, in_cell)
    known.severe[np.arange(n_scorers), np.arange(n_scorers)] += np.bincount(
        scorer, covariance[:, 0, 0], n_scorers
    )
    mixed = np.einsum("ck,ckf->cf", covariance[:, 0], frame.few[item])
    np.add.at(known.mixed[:, :-2], scorer, mixed)
    by_item = np.zeros((n_items, 1 + n_steps, 1 + n_steps))
    np.add.at(by_item, item, covariance)
    known.few[:-2, :-2] += np.einsum("ikf,ikl,ilg->fg", frame.few, by_item, frame.few, optimize=True)
    by_scale = np.zeros((len(design.points), n_steps))
    np.add.at(by_scale, design.scale[item], above)
    return np.concatenate(
        [
            np.bincount(item, scores, n_items),
            np.bincount(scorer, scores, n_scorers),
            by_scale[model.step_places(design)],
        ]
    )


def _local(curves, in_cell):
    """Covariance of (score, at or above each step) in each cell, summed over its persons."""
    above = curves.at_least
    n_steps = above.shape[1]
    step = np.arange(n_steps)
    spread = np.empty((len(above), 1 + n_steps, 1 + n_steps))
    spread[:, 0, 0] = np.einsum("cq,cq->c", in_cell, curves.variance)
    joint = np.einsum("cq,ckq->ck", in_cell, above)[:, np.maximum.outer(step, step)]
    spread[:, 1:, 1:] = joint - (above * in_cell[:, None, :]) @ above.transpose(0, 2, 1)
    spread[:, 0, 1:] = spread[:, 1:, 0] = spread[:, 1:, 1:].sum(axis=1)
    return spread
