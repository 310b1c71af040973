"""Where each response stands, from a marginal fit: one measure to report, one for means, and plausible values.

The weighted likelihood estimate (WLE) is for reporting a response: it leans on nothing but its own scores. The
expected value (EAP) is drawn toward the mean of all, so means of EAPs make districts look alike; to compare
groups, use plausible values and repeat the comparison with each set of them.

References
----------
Warm, T. A. (1989). Weighted likelihood estimation of ability in item response theory. *Psychometrika*, 54(3),
427-450.
Bock, R. D., & Mislevy, R. J. (1982). Adaptive EAP estimation of ability in a microcomputer environment. *Applied
Psychological Measurement*, 6(4), 431-444.
Mislevy, R. J. (1991). Randomization-based inference about latent variables from complex samples. *Psychometrika*,
56(2), 177-196.
"""

from dataclasses import dataclass

import numpy as np

from calibration.measurement import result
from calibration.measurement.facets import marginal, quadrature
from calibration.measurement.facets import slots as gathered
from calibration.measurement.facets.patterns import collapse

ROUNDS = 50
CLOSE = 1e-6  # logits; Newton's next step would be its square
FINE = 4  # nodes between two nodes of the grid when plausible values are drawn


@dataclass(frozen=True, eq=False)
class Measures:
    """Measures of persons in logits, as arrays in the order of `names`.

    `eap` and `sd` are mean and standard deviation of what is known about a person; `wle` and `se` the weighted
    likelihood estimate and its standard error. `extreme` is -1 or 1 at the lowest or highest possible total.
    """

    names: tuple
    eap: np.ndarray
    sd: np.ndarray
    wle: np.ndarray
    se: np.ndarray
    extreme: np.ndarray
    eap_reliability: result.Statistic
    wle_reliability: result.Statistic


def measures(design, parameters, ability, *, grids=None, collapsed=None, slots=None):
    """Measure every person of a design at given parameters; returns `Measures`.

    `ability` is the distribution of abilities (`marginal.Ability`), `grids` its nodes for each tier of patterns
    (None: `quadrature.grids`, laid for the design). `collapsed` and `slots` are those of the design where they are
    known. Equal to going person by person, but done once for each pattern.
    """
    collapsed, slots = collapsed or collapse(design), slots or gathered.gather(design)
    eap, sd = expected(design, collapsed, parameters, ability, grids)
    wle, se = weighted(design, parameters, slots, _unshrunken(eap, sd, ability))
    most = slots.most(design)
    extreme = np.where(slots.total == 0, -1, (slots.total == most).astype(int))
    eap, sd, wle, se, extreme = (values[collapsed.of_person] for values in (eap, sd, wle, se, extreme))
    return Measures(
        names=design.persons,
        eap=eap,
        sd=sd,
        wle=wle,
        se=se,
        extreme=extreme,
        eap_reliability=eap_reliability(eap, sd),
        wle_reliability=wle_reliability(wle, se),
    )


def expected(design, collapsed, parameters, ability, grids=None):
    """Mean and standard deviation of the ability of each pattern, given its scores (two arrays)."""
    mean, square = np.zeros(collapsed.n_patterns), np.zeros(collapsed.n_patterns)
    for block, rows, nodes, posterior in posteriors(design, collapsed, parameters, ability, grids):
        places = block.places[rows]
        mean[places] = posterior @ nodes
        square[places] = ((nodes - mean[places][:, :, None]) ** 2 * posterior).sum(axis=2)
    return mean, np.sqrt(square)


def weighted(design, parameters, slots, start=None):
    """Warm's weighted likelihood estimate of each pattern, and its standard error 1 / sqrt(information).

    It solves: total - expected total + (third moment) / (2 information) = 0, and so exists at the lowest and
    highest totals too. `start` are first guesses.
    """
    total, most = slots.total, slots.most(design)
    theta = np.log((total + 0.5) / (most - total + 0.5)) if start is None else start.copy()
    spread, size = np.ones(theta.size), np.diff(slots.start)
    cells = np.arange(theta.size)
    for _ in range(ROUNDS):
        own = np.repeat(np.arange(cells.size), size[cells])
        rows = ranges(slots.start[cells], size[cells])
        step, spread[cells] = _toward(design, parameters, slots, theta[cells], total[cells], own, rows)
        theta[cells] += step
        cells = cells[np.abs(step) > CLOSE]
        if not cells.size:
            break
    return theta, 1 / np.sqrt(spread)


def plausible_values(design, parameters, ability, *, draws=5, seed=1, grids=None):
    """Values of ability drawn from what is known about each person: an array of draws x persons.

    Means and spreads of groups are estimated with each set of draws and then averaged. The same seed gives the
    same values. Raises ValueError when fewer than one draw is asked for.
    """
    if draws < 1:
        raise ValueError(f"Ask for at least one set of plausible values; this is {draws}.")
    collapsed = collapse(design)
    random = np.random.default_rng(seed)
    order = np.argsort(collapsed.of_person, kind="stable")
    begin = np.searchsorted(collapsed.of_person[order], np.arange(collapsed.n_patterns + 1))
    values = np.empty((draws, order.size))
    for block, rows, nodes, posterior in posteriors(design, collapsed, parameters, ability, grids, fine=FINE):
        places = block.places[rows].ravel()
        size = np.diff(begin)[places]
        owner = np.repeat(np.arange(places.size), size)
        mine = order[ranges(begin[places], size)]
        below = np.cumsum(posterior.reshape(places.size, -1), axis=1)
        for draw in range(draws):
            values[draw, mine] = _drawn(below, owner, nodes, random.random(mine.size))
    return values


def eap_reliability(eap, sd):
    """Share of the variance of abilities that the scores recover: var(EAP) / (var(EAP) + mean(SD^2))."""
    method = "EAP reliability: var(EAP) / (var(EAP) + mean(SD squared))"
    if eap.size < 2:
        return result.undefined(
            result.TOO_FEW, "One response has no spread.", method=method, n_units=eap.size
        )
    between, within = float(eap.var(ddof=1)), float((sd**2).mean())
    if between + within == 0:
        nothing = "The responses do not differ in measure."
        return result.undefined(result.NO_VARIATION, nothing, method=method, n_units=eap.size)
    return _reliability(between / (between + within), method, eap.size)


def wle_reliability(wle, se):
    """Share of the variance of WLEs that is not error: 1 - mean(SE^2) / var(WLE); below 0 when error is all."""
    method = "WLE reliability: 1 - mean(SE squared) / var(WLE)"
    if wle.size < 2:
        return result.undefined(
            result.TOO_FEW, "One response has no spread.", method=method, n_units=wle.size
        )
    spread = float(wle.var(ddof=1))
    if spread == 0:
        nothing = "The responses do not differ in measure."
        return result.undefined(result.NO_VARIATION, nothing, method=method, n_units=wle.size)
    return _reliability(1 - float((se**2).mean()) / spread, method, wle.size)


def _reliability(value, method, n):
    words = f"{value:.2f} of the differences between measures are differences between responses, the rest is chance."
    if value <= 0:
        words = "The measures differ by no more than chance explains."
    return result.Statistic(value, method=method, n_units=n, sentence=words)


def posteriors(design, collapsed, parameters, ability, grids=None, *, fine=1, room=0):
    """Yield (block, rows of it, nodes, posterior weights sets x totals x nodes) until all patterns are through.

    `fine` puts so many nodes in place of one; `room` is how many numbers more the caller holds for each pattern
    and node, in scores of a person.
    """
    grids = grids or quadrature.grids(design, collapsed, parameters, ability, exact=True)
    for blocks, nodes in zip(collapsed.tiers, grids, strict=True):
        nodes = np.interp(np.arange((nodes.size - 1) * fine + 1) / fine, np.arange(nodes.size), nodes)
        curves = marginal.Curves.at(design, collapsed, parameters, nodes)
        log_norm = collapsed.sum_cells(curves.log_norm)
        weights = ability.log_weights(nodes)
        for block in blocks:
            width = room * block.n_scores * block.totals.shape[1]
            for rows, posterior, _ in marginal.posteriors(block, log_norm, nodes, weights, width=width):
                yield block, rows, nodes, posterior


def _drawn(below, owner, nodes, chance):
    """The value with this share of the posterior below it, straight lines between nodes."""
    place = np.zeros(owner.size, np.int64)
    for step in 2 ** np.arange(int(nodes.size).bit_length())[::-1]:
        further = np.minimum(place + step, nodes.size)
        place = np.where(below[owner, further - 1] <= chance, further, place)
    place = np.minimum(place, nodes.size - 1)
    under = np.where(place > 0, below[owner, place - 1], 0.0)
    mass = np.maximum(below[owner, place] - under, 1e-300)
    width = np.gradient(nodes)[place]
    return nodes[place] + width * (np.clip((chance - under) / mass, 0, 1) - 0.5)


def _unshrunken(eap, sd, ability):
    """About where a person's scores alone would place them: the normal curve of abilities divided out."""
    information = np.maximum(1 / np.maximum(sd, 1e-6) ** 2 - 1 / ability.variance, 0.1 / ability.variance)
    away = (eap - ability.mean) * (1 + 1 / (information * ability.variance))
    return ability.mean + np.clip(away, -8 - 2 * ability.sd, 8 + 2 * ability.sd)


def _toward(design, parameters, slots, theta, total, own, rows):
    """One step of Newton's method toward the weighted estimate, and the information there."""
    chance, _ = gathered.chances(design, parameters, theta[own], slots.scorer[rows], slots.item[rows])
    powers = np.arange(len(chance)) ** np.arange(1.0, 5.0)[:, None]
    mean, second, third, fourth = powers @ chance
    spread = second - mean**2
    skew = third - 3 * mean * second + 2 * mean**3
    tail = fourth - 4 * mean * third + 6 * mean**2 * second - 3 * mean**4 - 3 * spread**2
    expected, spread, skew, tail = (
        np.bincount(own, moment, theta.size) for moment in (mean, spread, skew, tail)
    )
    spread = np.maximum(spread, 1e-12)
    slope = total - expected + skew / (2 * spread)
    bend = spread - tail / (2 * spread) + skew**2 / (2 * spread**2)
    return np.clip(slope / np.where(bend > 0.1 * spread, bend, spread), -1, 1), spread


def ranges(begin, size):
    """The numbers begin, begin + 1, ... of each row, one after the other.

    >>> ranges(np.array([5, 0]), np.array([2, 3])).tolist()
    [5, 6, 0, 1, 2]
    """
    return np.repeat(begin - (np.cumsum(size) - size), size) + np.arange(size.sum())
