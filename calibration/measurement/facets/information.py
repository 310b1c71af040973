"""Gradient and information of the joint likelihood, with the measures of the persons eliminated.

Each person's measure meets only that person's scores, so the block of the persons is diagonal and is taken out
exactly (Schur complement). What is left is as small as the number of items, scorers and thresholds.
"""

from dataclasses import dataclass

import numpy as np

from calibration.measurement import ratings as reads
from calibration.measurement.facets import slots as gathered
from calibration.measurement.facets.model import Parameters, step_places

FEW_READS = 6  # scorers of a cell; up to this, pairs of scorers are counted one by one


@dataclass(frozen=True, eq=False)
class Frame:
    """What stays the same from step to step: who read what, and the observed sums."""

    design: object
    slots: gathered.Slots
    total: np.ndarray  # raw total of each cell's persons, extreme ones moved inwards if they stay in
    reads: dict  # number of scorers in a cell -> (cells, reads of each)
    read: np.ndarray  # the read (cell, scorer) of each slot
    read_cell: np.ndarray
    read_scorer: np.ndarray
    pair: np.ndarray  # scorer x item of each slot
    observed: np.ndarray  # sums of scores by parameter, as in the vector of parameters
    steps: tuple  # scale and step of each threshold


@dataclass(frozen=True, eq=False)
class State:
    """The likelihood at one place: log-likelihood, gradients, and the information after eliminating persons.

    `gradient` and `information` are those of the profile over persons to second order; `person_gradient` and
    `person_information` are per person of each cell. A cell's total covaries with its scores by item and with
    its steps as in `narrow` (cells x items and thresholds), by scorer as in `wide` (reads). `carry` turns a step of the parameters into one of the
    persons.
    """

    log_likelihood: float
    gradient: np.ndarray
    information: np.ndarray
    person_gradient: np.ndarray
    person_information: np.ndarray
    narrow: np.ndarray
    wide: np.ndarray
    carry: object


def frame(design, slots, total):
    """Prepare what does not change while the parameters move; `total` may move extreme totals inwards."""
    fresh = np.concatenate([[True], (np.diff(slots.cell) != 0) | (np.diff(slots.scorer) != 0)])
    read = np.cumsum(fresh) - 1
    read_cell = slots.cell[fresh]
    places = step_places(design)
    by_scale = design.scale[design.item]
    at_least = np.zeros((len(design.points), int(design.n_steps.max()) + 2))
    counts = np.bincount(by_scale * at_least.shape[1] + design.score, minlength=at_least.size)
    at_least = counts.reshape(at_least.shape)[:, ::-1].cumsum(axis=1)[:, ::-1]
    return Frame(
        design=design,
        slots=slots,
        total=total,
        reads=reads.blocks(read_cell, slots.n.size),
        read=read,
        read_cell=read_cell,
        read_scorer=slots.scorer[fresh],
        pair=slots.scorer * len(design.items) + slots.item,
        observed=np.concatenate(
            [
                np.bincount(design.item, design.score, len(design.items)),
                np.bincount(design.scorer, design.score, len(design.scorers)),
                at_least[places[0], places[1] + 1],
            ]
        ),
        steps=places,
    )


def evaluate(frame, parameters, theta):
    """The likelihood and its first two derivatives at these parameters and these measures of the cells."""
    design, slots = frame.design, frame.slots
    n_items, n_scorers, n_cells = len(design.items), len(design.scorers), slots.n.size
    chance, log_norm = gathered.chances(design, parameters, theta[slots.cell], slots.scorer, slots.item)
    expected, variance = gathered.expected_and_variance(chance)
    at_least = _from_above(chance)  # P(x >= h), h = 1 .. K
    with_step = covariance_with_steps(chance, expected)
    weight = slots.weight.astype(float)
    n_pairs = n_scorers * n_items

    def by_pair(values):
        return np.bincount(frame.pair, weight * values, n_pairs).reshape(n_scorers, n_items)

    expected_steps = np.stack([by_pair(row) for row in at_least])  # K x J x I
    information = _among_parameters(frame, by_pair, variance, with_step, at_least)
    gradient = _expected_sums(frame, expected_steps) - frame.observed

    person_information = np.bincount(slots.cell, variance, n_cells)
    person_gradient = frame.total - np.bincount(slots.cell, expected, n_cells)
    narrow = _narrow(frame, variance, with_step)
    wide = np.bincount(frame.read, variance, frame.read_cell.size)
    share = slots.n / person_information
    information -= _eliminated(frame, narrow, wide, share)
    gradient += _carried(frame, narrow, wide, share * person_gradient)
    vector = parameters.vector
    log_likelihood = slots.n @ (frame.total * theta) - frame.observed @ vector - weight @ log_norm

    def carry(step):
        """The step of each cell's measure that goes with a step of the parameters."""
        narrow_step = np.concatenate([step[:n_items], step[n_items + n_scorers :]])
        scorer_step = step[n_items : n_items + n_scorers][frame.read_scorer]
        drag = narrow @ narrow_step + np.bincount(frame.read_cell, wide * scorer_step, n_cells)
        return (person_gradient + drag) / person_information

    return State(
        log_likelihood=float(log_likelihood),
        gradient=gradient,
        information=information,
        person_gradient=person_gradient,
        person_information=person_information,
        narrow=narrow,
        wide=wide,
        carry=carry,
    )


def covariance_with_steps(chance, expected):
    """Covariance, in each slot, of the category with having reached each step: cov(x, x >= h), h = 1 .. K.

    >>> covariance_with_steps(np.array([[0.5], [0.0], [0.5]]), np.array([1.0])).tolist()
    [[0.5], [0.5]]
    """
    category = np.arange(chance.shape[0], dtype=float)[:, None]
    return _from_above((category - expected) * chance)


def _from_above(values):
    """Sums over the categories at or above each step; a loop over few categories beats a strided cumsum."""
    sums = np.empty((values.shape[0] - 1, *values.shape[1:]))
    running = 0.0
    for step in range(values.shape[0] - 1, 0, -1):
        running = sums[step - 1] = running + values[step]
    return sums


def _expected_sums(frame, expected_steps):
    """Expected sums of scores by item and scorer, and expected counts at or above each step."""
    sums = expected_steps.sum(axis=0)
    scale, step = frame.steps
    by_item = expected_steps.sum(axis=1)  # K x I
    by_scale = np.zeros((by_item.shape[0], len(frame.design.points)))
    np.add.at(by_scale.T, frame.design.scale, by_item.T)
    return np.concatenate([sums.sum(axis=0), sums.sum(axis=1), by_scale[step, scale]])


def _among_parameters(frame, by_pair, variance, with_step, at_least):
    """Information of items, scorers and thresholds at given measures of the persons."""
    design = frame.design
    n_items, n_scorers = len(design.items), len(design.scorers)
    spread = by_pair(variance)
    information = np.zeros((frame.observed.size,) * 2)
    items, scorers = slice(0, n_items), slice(n_items, n_items + n_scorers)
    information[items, items] = np.diag(spread.sum(axis=0))
    information[scorers, scorers] = np.diag(spread.sum(axis=1))
    information[scorers, items] = spread
    scale, step = frame.steps
    own = design.scale == scale[:, None]  # thresholds x items
    steps = slice(n_items + n_scorers, None)
    crossed = np.stack([by_pair(row) for row in with_step])  # K x J x I
    information[steps, items] = crossed.sum(axis=1)[step] * own
    information[steps, scorers] = np.einsum("tji,ti->tj", crossed[step], own.astype(float))
    offset = n_items + n_scorers
    for low in range(at_least.shape[0]):
        for high in range(low, at_least.shape[0]):
            among = by_pair(at_least[high] * (1 - at_least[low])).sum(axis=0)
            sums = np.bincount(design.scale, among, len(design.points))
            rows = np.flatnonzero(step == low)
            columns = np.flatnonzero(step == high)
            rows = rows[np.isin(scale[rows], scale[columns])]
            information[offset + columns, offset + rows] = sums[scale[columns]]
    lower = np.tril(information)
    return lower + np.tril(information, -1).T


def _narrow(frame, variance, with_step):
    """Covariance of each cell's total with its scores by item and with its steps: cells x (items + thresholds)."""
    design, slots = frame.design, frame.slots
    n_items, n_steps = len(design.items), frame.steps[0].size
    width = n_items + n_steps
    size = slots.n.size * width
    table = np.bincount(slots.cell * width + slots.item, variance, size)
    first = np.cumsum(design.n_steps) - design.n_steps
    scale = design.scale[slots.item]
    for h in range(with_step.shape[0]):
        if len(design.points) == 1:
            there, place = slice(None), n_items + h
        else:
            there = h < design.n_steps[scale]
            place = n_items + first[scale[there]] + h
        table += np.bincount(slots.cell[there] * width + place, with_step[h, there], size)
    return table.reshape(-1, width)


def _eliminated(frame, narrow, wide, share):
    """What the measures of the persons take away from the information on the parameters."""
    n_items, n_scorers = len(frame.design.items), len(frame.design.scorers)
    size = frame.observed.size
    small = np.r_[0:n_items, n_items + n_scorers : size]
    taken = np.zeros((size, size))
    taken[np.ix_(small, small)] = (narrow * share[:, None]).T @ narrow
    weighted = wide * share[frame.read_cell]
    crossed = np.stack(
        [
            np.bincount(frame.read_scorer, weighted * column[frame.read_cell], n_scorers)
            for column in narrow.T
        ],
        axis=1,
    )
    scorers = np.arange(n_items, n_items + n_scorers)
    taken[np.ix_(scorers, small)] = crossed
    taken[np.ix_(small, scorers)] = crossed.T
    taken[np.ix_(scorers, scorers)] = _between_scorers(frame, wide, share, n_scorers)
    return taken


def _between_scorers(frame, wide, share, n_scorers):
    among = np.zeros(n_scorers * n_scorers)
    for m, of_cell in frame.reads.items():
        if m == 0:
            continue
        who, spread = frame.read_scorer[of_cell], wide[of_cell]
        mine = share[frame.read_cell[of_cell[:, 0]]]
        if m > FEW_READS:
            for begin in range(0, who.shape[0], 2048):
                part = slice(begin, begin + 2048)
                there = np.zeros((who[part].shape[0], n_scorers))
                np.put_along_axis(there, who[part], spread[part], axis=1)
                among += ((there * mine[part, None]).T @ there).reshape(-1)
            continue
        for a in range(m):
            own = mine * spread[:, a]
            among += np.bincount(who[:, a] * (n_scorers + 1), own * spread[:, a], among.size)
            for b in range(a + 1, m):
                part = np.bincount(who[:, a] * n_scorers + who[:, b], own * spread[:, b], among.size)
                among += part + part.reshape(n_scorers, n_scorers).T.reshape(-1)
    return among.reshape(n_scorers, n_scorers)


def _carried(frame, narrow, wide, pull):
    """How the persons' own gradient pulls on the parameters."""
    n_items, n_scorers = len(frame.design.items), len(frame.design.scorers)
    small = pull @ narrow
    scorers = np.bincount(frame.read_scorer, wide * pull[frame.read_cell], n_scorers)
    return np.concatenate([small[:n_items], scorers, small[n_items:]])


def start_values(frame):
    """Measures and parameters to start from: totals as odds, flat items and scorers, steps from counts."""
    design, slots = frame.design, frame.slots
    theta = np.log(frame.total / (slots.most(design) - frame.total))
    scale, _ = frame.steps
    above = frame.observed[len(design.items) + len(design.scorers) :]
    n_steps = design.n_steps
    last = np.cumsum(n_steps) - 1
    following = np.append(above[1:], 0)
    following[last] = 0
    given = above - following
    everyone = np.bincount(design.scale[design.item], minlength=n_steps.size)
    before = np.empty_like(given)
    before[1:] = given[:-1]
    before[last - n_steps + 1] = everyone - above[last - n_steps + 1]
    steps = np.log(before / given)
    steps -= (np.bincount(scale, steps) / n_steps)[scale]
    vector = np.concatenate([np.zeros(len(design.items) + len(design.scorers)), steps])
    return Parameters.from_vector(design, vector), theta
