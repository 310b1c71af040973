r"""What the traits of a response say together about its true score points, without taking a liking for evidence.

Another trait's score is evidence, as far as the traits go together in the work, and none, as far as one scorer who
likes one side of a paper tends to like the others (halo). The two are told apart by who gave the scores:

.. math:: \operatorname{cov}(\text{trait } t \text{ by one scorer}, \text{trait } u \text{ by another}) = a_t a_u,
   \qquad \operatorname{cov}(\text{both by the same scorer}) = a_t a_u + b_t b_u

with one factor :math:`a` for the work and one :math:`b` for each scorer's liking of a paper (both polychoric, in
standard deviations of reads). Given the factor and the mean liking of the m scorers, which has variance 1/m, the
traits are independent; both are integrated out on a grid.
"""

from dataclasses import dataclass

import numpy as np

from calibration.measurement.anchoring import reading
from calibration.measurement.anchoring.reading import PLACES
from calibration.measurement.ratings import NO_SCORE

_COVARIANCES = np.linspace(0, 0.97, 49)
_GRID = np.arange(-3, 3.01, 0.3)  # of the factor, in standard deviations
_LIKING = np.arange(-2.4, 2.41, 0.8)  # of the mean liking of all scorers
_LEAST_OWN = 0.02  # share of a trait's variance that is its own at least
_BLOCK = 4_000  # responses held at a time


@dataclass(frozen=True, eq=False)
class Loadings:
    """How far each trait (in order) follows the factor of the work (a correlation), and the liking (in read deviations)."""

    work: np.ndarray
    liking: np.ndarray


def loadings(ratings, models):
    """Learn how the traits go together: in the work, and in the liking of whoever scores it.

    Parameters
    ----------
    ratings : Ratings
    models : list of Reading
        The model of each trait's reads, in the order of the traits.
    """
    reads, unit, of_unit = _score_table(ratings)
    traits = len(models)
    across, within = np.zeros((traits, traits)), np.zeros((traits, traits))
    for one in range(traits):
        for other in range(one):
            q, p = models[one].points.size, models[other].points.size
            weight = 1 / (of_unit - 1)[unit]
            same = _table(reads[:, one], reads[:, other], weight, q, p)
            mine, theirs = (_by_unit(unit, reads[:, column], size) for column, size in ((one, q), (other, p)))
            cross = (mine / np.maximum(of_unit - 1, 1)[:, None]).T @ theirs - same
            lines = models[one].lines, models[other].lines
            across[one, other] = across[other, one] = _covariance(np.maximum(cross, 0), *lines)
            within[one, other] = within[other, one] = _covariance(same, *lines)
    spread = np.sqrt([model.correlation for model in models])
    noise = np.array([model.noise for model in models])
    work = _one_factor(across / np.outer(spread, spread), np.sqrt(1 - _LEAST_OWN) * np.ones(traits))
    return Loadings(work, _one_factor(np.maximum(within - across, 0), np.sqrt(1 - _LEAST_OWN) * noise))


def _score_table(ratings):
    """Complete reads of responses read twice or more: (scores read x trait, unit of each read, reads of each unit)."""
    traits = len(ratings.traits)
    place = {name: column for column, name in enumerate(ratings.traits)}
    trait = np.array([place[name] for name in ratings.trait.names], np.int64)[ratings.trait.codes]
    who = ratings.response.codes * max(len(ratings.scorer.names), 1) + ratings.scorer.codes
    ids, row = np.unique(who, return_inverse=True)
    scores = np.full((ids.size, traits), NO_SCORE)
    scores[row, trait] = ratings.score
    unit = ids // max(len(ratings.scorer.names), 1)
    whole = (scores != NO_SCORE).all(axis=1)
    scores, unit = scores[whole], unit[whole]
    many = np.bincount(unit, minlength=len(ratings.response.names))
    twice = many[unit] > 1
    units, code = np.unique(unit[twice], return_inverse=True)
    return scores[twice], code, many[units]


def _table(one, other, weight, q, p):
    return np.bincount(one * p + other, weights=weight, minlength=q * p).reshape(q, p)


def _by_unit(unit, score, size):
    count = unit.max(initial=-1) + 1
    return np.bincount(unit * size + score, minlength=count * size).reshape(count, size).astype(float)


def _covariance(table, lines, others):
    """The mean of the likelihood of the covariance of two reads that are cut by these lines; none is taken as 0."""
    weights = np.exp(-(PLACES**2) / 2)
    weights /= weights.sum()
    fits = []
    for covariance in _COVARIANCES:
        one, other = (
            reading.chances(each, covariance, 1 - covariance, np.zeros(1))[0] for each in (lines, others)
        )
        fits.append((table * np.log((one * weights) @ other.T)).sum())
    likely = np.exp(np.array(fits) - max(fits))
    return float(likely @ _COVARIANCES / likely.sum())


def _one_factor(covariances, most):
    """Loadings whose products come closest to the covariances off the diagonal (least squares), each at most `most`.

    >>> _one_factor(np.array([[0, .42, .48], [.42, 0, .56], [.48, .56, 0]]), np.ones(3)).round(2).tolist()
    [0.6, 0.7, 0.8]
    """
    n = len(covariances)
    if n < 2:
        return np.zeros(n)
    off = covariances * (1 - np.eye(n))
    found = np.minimum(np.full(n, np.sqrt(off.sum() / (n * (n - 1)))), most)
    for _ in range(200):
        rest = (found**2).sum() - found**2
        target = np.divide(off @ found, rest, out=np.zeros(n), where=rest > 1e-9)
        found = np.clip((found + target) / 2, 0, most)
    return found


def judge(models, how, codes, level):
    """Chances of the true score points of responses with the same number of reads, all traits together.

    Parameters
    ----------
    models : list of Reading
    how : Loadings
    codes : list of array of int, one for each trait, responses x reads
        Severity class and score of each read in one number, as in `posterior`.
    level : array of int, responses x traits
        The score points reads agree on; negative where they do not: the likeliest is taken there.

    Returns
    -------
    (list of array responses x points, array)
        The chances of each trait, and the chance that the agreed (or likeliest) points are all true.
    """
    reads = codes[0].shape[1]
    factor = _normal(_GRID)
    liking = _normal(_LIKING)
    weight = np.outer(liking, factor).ravel()
    states = [
        _states(model, work, bias, reads)
        for model, work, bias in zip(models, how.work, how.liking, strict=True)
    ]
    marginals, whole = [np.empty((len(level), model.points.size)) for model in models], np.empty(len(level))
    for start in range(0, len(level), _BLOCK):
        rows = slice(start, start + _BLOCK)
        inside = [
            _given(model, *state, code[rows])
            for model, state, code in zip(models, states, codes, strict=True)
        ]
        totals = [each.sum(axis=2) for each in inside]
        together = weight * np.prod(totals, axis=0)
        all_of_it = together.sum(axis=1)
        best = np.empty((len(all_of_it), len(models)), np.int64)
        for column, (each, total) in enumerate(zip(inside, totals, strict=True)):
            share = np.divide(together, total, out=np.zeros_like(together), where=total > 0)
            marginals[column][rows] = np.einsum("ns,nsk->nk", share, each) / all_of_it[:, None]
            agreed = level[rows, column]
            best[:, column] = np.where(agreed >= 0, agreed, marginals[column][rows].argmax(axis=1))
        hit = weight * np.prod(
            [
                np.take_along_axis(each, best[:, column, None, None], axis=2)[:, :, 0]
                for column, each in enumerate(inside)
            ],
            axis=0,
        )
        whole[rows] = hit.sum(axis=1) / all_of_it
    return marginals, whole


def _states(model, work, bias, reads):
    """Of one trait: log chance of each read at each place, and the mass of each true point in each state, at each place.

    States are the mean liking of so many scorers and the factor of the work.
    """
    lean = bias * _LIKING / np.sqrt(reads)
    noise = model.noise**2 - bias**2 / reads  # what the mean liking does not explain
    places = np.sqrt(model.correlation) * PLACES + lean[:, None]
    chance = np.log(reading.chances_at(model.lines, places.ravel(), noise, reading.SEVERITIES))
    spread = np.exp(-((PLACES[:, None] - work * _GRID) ** 2) / (2 * (1 - work**2)))
    spread /= spread.sum(axis=0)
    inner = (model.memberships[:, None, :] * spread[:, :, None]).reshape(PLACES.size, -1)
    return chance.reshape(-1, chance.shape[-1]), inner


def _given(model, chance, inner, code):
    """For each response the mass of each true point in each state: response x state x point."""
    kinds, place = np.unique(np.sort(code, axis=1), axis=0, return_inverse=True)
    likely = np.exp(chance[kinds].sum(axis=1)).reshape(len(kinds), _LIKING.size, PLACES.size)
    return (likely @ inner).reshape(len(kinds), -1, model.points.size)[place.ravel()]


def _normal(grid):
    weight = np.exp(-(grid**2) / 2)
    return weight / weight.sum()
