"""Marginal maximum likelihood for the many-facet Rasch model: unbiased with few reads of a response.

Joint estimation stretches the scale when a response has few scores; here abilities are normally distributed and
summed out (Bock & Aitkin 1981), so that severities, difficulties and thresholds keep their size. Newton's method
with the exact information needs some six rounds where EM needs a hundred (`ascent`).

References
----------
Bock, R. D., & Aitkin, M. (1981). Marginal maximum likelihood estimation of item parameters: Application of an EM
algorithm. *Psychometrika*, 46(4), 443-459.
"""

from dataclasses import dataclass, replace

import numpy as np

from calibration.measurement.facets import ascent, curvature, marginal, model, patterns, quadrature, shrinkage


@dataclass(frozen=True, eq=False)
class MarginalFit:
    """What marginal maximum likelihood found, on the scale on which abilities have mean `ability.mean`.

    `shift` is how much more severe each scorer's component is than the first one, which rests on nothing but equal
    abilities in both and is to be taken out of what is reported: `apart`. `covariance` is that of
    `apart.vector`, then the mean and the log sd of abilities (zero for what is held; NaN where the scores do not
    determine the parameters). `held` says that the standard deviation of
    abilities stands at its limit: persons can not be told apart. `scorer_sd` is the standard deviation of
    severities where they were shrunken, else NaN.
    """

    parameters: model.Parameters
    ability: marginal.Ability
    covariance: np.ndarray
    shift: np.ndarray
    deviance: float
    n_parameters: int
    iterations: int
    converged: bool
    held: bool
    scorer_sd: float
    patterns: patterns.Patterns
    grids: tuple

    @property
    def apart(self):
        """The parameters with severities centered in each block of scorers that can be compared."""
        return replace(self.parameters, severity=self.parameters.severity - self.shift)

    @property
    def person_variance_se(self):
        """Standard error of the variance of abilities (delta method)."""
        return float(2 * self.ability.variance * np.sqrt(self.covariance[-1, -1]))


def estimate(design, *, blocks=None, components=None, anchors=None, nodes=None, shrink=False):
    """Find the most likely parameters and distribution of abilities; returns a `MarginalFit`.

    `blocks` and `components` code the scorers as `linking.links` does; None takes all as comparable. `anchors`
    is a vector like `Parameters.vector`, NaN where free. `nodes` are the nodes for abilities (logits); None
    takes those of `quadrature.grids`. `shrink` takes scorers for a random sample: severities of scorers with
    few reads are pulled toward the mean. Abilities have mean 0 and items are free while it climbs; afterwards
    items are centered, unless some are anchored. Raises ValueError where parameters can not be told apart.

    >>> from calibration.measurement.ratings import Ratings
    >>> pairs = [(0, 0), (1, 0), (1, 1), (0, 1), (1, 1), (2, 0), (2, 2), (1, 0)]
    >>> rows = [(r, s, "ideas", x) for r, xs in enumerate(pairs) for s, x in zip(("ana", "ben"), xs)]
    >>> found = estimate(model.Design.of(Ratings.from_rows(rows, points=[0, 1, 2])))
    >>> found.converged, [round(value, 2) for value in found.parameters.severity.tolist()]
    (True, [-0.5, 0.5])
    """
    is_anchored = anchors is not None and bool(np.isfinite(anchors[: len(design.items)]).any())
    offset, basis, moves = freedom(design, blocks, components, anchors)
    if moves.size and confounded(design, basis, is_anchored):
        basis, moves = np.delete(basis, moves, axis=1), moves[:0]
    if confounded(design, basis, is_anchored):
        raise ValueError(
            "Some scorers and traits can not be told apart, because these scorers read nothing else and share "
            "no scorer with the rest. Fit each set of scorers by itself."
        )
    search = _Search(design, patterns.collapse(design), offset, basis, is_anchored, nodes)
    top = search.climb(search.start(), shrinkage.NONE)
    scorer_sd = np.nan
    if shrink and np.isfinite(top.covariance).all():
        rule = shrinkage.rule(design, basis, top.covariance, search.parameters(top.point.free))
        top, scorer_sd = search.climb(top.point.free, rule), rule.sd
    return search.report(top, moves, scorer_sd)


def freedom(design, blocks, components, anchors):
    """What may vary while climbing: (offset, basis, places of the columns that move whole components).

    A component without anchors moves as one against the first: nothing but equal abilities says how far.
    """
    offset, basis = model.constraints(design, center_items=False, blocks=blocks, anchors=anchors)
    n_items, n_scorers = len(design.items), len(design.scorers)
    components = np.zeros(n_scorers, int) if components is None else np.asarray(components)
    held = np.zeros(n_scorers, bool)
    if anchors is not None:
        held = np.isfinite(anchors[n_items : n_items + n_scorers])
    fixed = set(components[held].tolist()) or {int(components[0])}
    moving = [code for code in np.unique(components).tolist() if code not in fixed]
    columns = np.zeros((len(basis), len(moving)))
    columns[n_items : n_items + n_scorers] = components[:, None] == np.array(moving, int)
    return offset, np.hstack([basis, columns]), basis.shape[1] + np.arange(len(moving))


class _Search:
    """The way uphill: one design, collapsed, with what may vary. The last two free numbers are mean and log sd."""

    def __init__(self, design, collapsed, offset, basis, is_anchored, nodes):
        self.design, self.patterns, self.offset, self.basis = design, collapsed, offset, basis
        self.is_anchored = is_anchored
        self.frame = curvature.Frame.of(design, basis)
        self.nodes = None if nodes is None else np.asarray(nodes, float)
        if self.nodes is not None and (
            self.nodes.ndim != 1 or self.nodes.size < 3 or not (np.diff(self.nodes) > 0).all()
        ):
            raise ValueError("Give at least three nodes for abilities, in logits from low to high.")

    def parameters(self, free):
        return model.Parameters.from_vector(self.design, self.offset + self.basis @ free[:-2])

    def start(self):
        """Begin at the log odds of raw totals, with abilities as wide as a standard normal curve."""
        vector = rough(self.design) - self.offset
        return np.r_[np.linalg.solve(self.basis.T @ self.basis, self.basis.T @ vector), 0.0, 0.0]

    def look(self, free, grids, rule):
        """Everything there is to see at a place, on new grids when none are given (see `ascent`)."""
        parameters, ability = self.parameters(free), _ability(free)
        if self.nodes is not None:
            grids = (self.nodes,) * len(self.patterns.tiers)
        elif grids is None:
            grids = quadrature.grids(self.design, self.patterns, parameters, ability)
        now = curvature.evaluate(self.design, self.patterns, parameters, ability, grids, self.frame)
        value = now.log_likelihood - rule.penalty(parameters)
        return ascent.Point(free, grids, now.log_likelihood, value, *rule.added(now, self.basis, parameters))

    def climb(self, free, rule):
        return ascent.climb(
            lambda free, grids: self.look(free, grids, rule), free, mean_is_free=self.is_anchored
        )

    def report(self, top, moves, scorer_sd):
        """Center items, and hand over everything with its covariance."""
        n_items, size = len(self.design.items), len(self.basis)
        vector, ability = self.offset + self.basis @ top.point.free[:-2], _ability(top.point.free)
        whole = np.zeros((size + 2, top.point.free.size))
        whole[:size, :-2] = self.basis
        whole[-2:, -2:] = np.eye(2)
        center = 0.0 if self.is_anchored else float(vector[:n_items].mean())
        if not self.is_anchored:
            middle = whole[:n_items].mean(axis=0)
            whole[:n_items] -= middle
            whole[-2] -= middle
        vector[:n_items] -= center
        severities = slice(n_items, n_items + len(self.design.scorers))
        whole[severities, moves] = 0
        return MarginalFit(
            parameters=model.Parameters.from_vector(self.design, vector),
            ability=marginal.Ability(ability.mean - center, ability.log_sd),
            covariance=whole @ top.covariance @ whole.T,
            shift=self.basis[severities, moves] @ top.point.free[moves],
            deviance=-2 * (top.point.log_likelihood - self._outside(ability, top.point.grids)),
            n_parameters=top.n_free,
            iterations=top.rounds,
            converged=top.converged,
            held=top.held,
            scorer_sd=scorer_sd,
            patterns=self.patterns,
            grids=tuple(nodes - center for nodes in top.point.grids),
        )

    def _outside(self, ability, grids):
        """Log-likelihood that is missing only because nodes end somewhere: abilities count as lying within."""
        return sum(
            sum(int(block.counts.sum()) for block in blocks)
            * np.log(np.exp(ability.log_weights(nodes)).sum())
            for blocks, nodes in zip(self.patterns.tiers, grids, strict=True)
        )


def _ability(free):
    return marginal.Ability(float(free[-2]), float(free[-1]))


def rough(design):
    """Log odds of raw totals as first guesses, as one vector: items, severities, thresholds.

    They need not be good; they need be finite and of the right order.
    """
    top = design.top[design.item]
    item, severity = (
        _log_odds(np.bincount(codes, top, n), np.bincount(codes, design.score, n))
        for codes, n in ((design.item, len(design.items)), (design.scorer, len(design.scorers)))
    )
    thresholds = []
    for scale, values in enumerate(design.points):
        given = np.bincount(design.score[design.scale[design.item] == scale], minlength=values.size) + 0.5
        apart = np.log(given[:-1] / given[1:])
        thresholds.append(apart - apart.mean())
    return np.concatenate([item, severity - severity.mean(), *thresholds])


def confounded(design, basis, is_anchored):
    """Is there a change of items, scorers and abilities that the scores can not show?"""
    n_items, n_places = len(design.items), len(design.items) + len(design.scorers)
    cells = np.unique(design.scorer.astype(np.int64) * n_items + design.item)
    location = basis[:n_places, basis[:n_places].any(axis=0)]
    rows = location[cells % n_items] + location[n_items + cells // n_items]
    if is_anchored:
        rows = np.column_stack([rows, np.ones(cells.size)])
    return bool(rows.size and np.linalg.eigvalsh(rows.T @ rows)[0] < 1e-9 * cells.size)


def _log_odds(most, total):
    return np.log((most - total + 0.5) / (total + 0.5))
