"""Infit and outfit from a marginal fit: abilities are not known, so residuals are averaged over what is known.

Residuals from a measure that follows the very same scores are too small: with two scores a response, by half.
Averaged over the posterior of each person, mean squares are 1 on average when the model holds, however few scores
a response has.

References
----------
Wright, B. D., & Masters, G. N. (1982). *Rating scale analysis*. MESA Press.
"""

import numpy as np

from calibration.measurement.facets import fit, marginal, persons

FLATTEST = 1e-6  # variance of a score; where hardly any other score is possible, a surprise counts no more


def mean_squares(design, collapsed, slots, parameters, ability, grids):
    """Infit and outfit of items and of scorers, as two `fit.MeanSquares`.

    `slots` are those of `slots.gather(design)`, `grids` the nodes of each tier. The z figures take abilities as
    known and are therefore cautious: they stay closer to 0 than they might.
    """
    parts = np.zeros((6, collapsed.cell_item.size))
    for nodes, persons_at, first, second in _at_nodes(design, collapsed, slots, parameters, ability, grids):
        curves = marginal.Curves.at(design, collapsed, parameters, nodes)
        expected, variance = curves.expected, np.maximum(curves.variance, FLATTEST)
        category = np.arange(curves.chance.shape[1])[:, None]
        fourth = (curves.chance * (category - expected[:, None, :]) ** 4).sum(axis=1)
        square = second - 2 * first * expected + persons_at * expected**2
        parts += [
            persons_at.sum(axis=1),
            square.sum(axis=1),
            (square / variance).sum(axis=1),
            (persons_at * variance).sum(axis=1),
            (persons_at * np.maximum(fourth - variance**2, 0)).sum(axis=1),
            (persons_at * np.maximum(fourth / variance**2 - 1, 0)).sum(axis=1),
        ]
    return tuple(_summed(codes, parts) for codes in (collapsed.cell_item, collapsed.cell_scorer))


def _at_nodes(design, collapsed, slots, parameters, ability, grids):
    """For each tier: nodes, and (cells x nodes) how many persons, their scores and squared scores stand there."""
    keys = collapsed.cell_scorer * len(design.items) + collapsed.cell_item
    cell = np.searchsorted(keys, slots.scorer * len(design.items) + slots.item)
    sums = np.column_stack([slots.weight, *slots.sums(design)])
    size, found = np.diff(slots.start), {}
    for block, rows, nodes, posterior in persons.posteriors(
        design, collapsed, parameters, ability, grids, room=3
    ):
        known = found.setdefault(block.tier, (nodes, np.zeros((3, keys.size, nodes.size))))
        places = block.places[rows].ravel()
        mine = persons.ranges(slots.start[places], size[places])
        order = np.argsort(cell[mine], kind="stable")
        mine, owner = mine[order], np.repeat(np.arange(places.size), size[places])[order]
        begin = np.flatnonzero(np.r_[True, np.diff(cell[mine]) != 0])
        there = posterior.reshape(places.size, -1)[owner]
        for table, values in zip(known[1], sums[mine].T, strict=True):
            table[cell[mine[begin]]] += np.add.reduceat(there * values[:, None], begin, axis=0)
    return [(nodes, *tables) for nodes, tables in found.values()]


def _summed(codes, parts):
    n, square, surprise, information, spread, wild = (np.bincount(codes, part) for part in parts)
    infit, outfit = square / information, surprise / n
    return fit.MeanSquares(
        infit,
        outfit,
        fit.standardized(infit, spread / information**2),
        fit.standardized(outfit, wild / n**2),
        np.rint(n).astype(np.int64),
    )
