"""Newton's method on the marginal likelihood: full steps near the top, safe ones far from it.

Where the likelihood bends the wrong way, a step uses the information of known abilities, which always leads uphill
and is the gradient form of EM (Lange 1995); a step that leads down after all is halved.

References
----------
Lange, K. (1995). A gradient algorithm locally equivalent to the EM algorithm. *Journal of the Royal Statistical
Society, Series B*, 57(2), 425-437.
"""

from dataclasses import dataclass

import numpy as np

ROUNDS = 60
NEAR, CLOSE = 1e-12, 1e-6  # squared distance from the top, in standard errors: stop here; good enough
MOVED = 0.05  # logits; a longer step asks for a new grid
LONGEST = 3.0  # logits; no parameter moves further in one step
VAGUE = 100.0  # logits; a larger standard error says that the scores do not determine the parameter
NARROWEST, NARROW, WIDEST = np.log(0.02), np.log(0.2), np.log(40.0)  # standard deviation of abilities
SLACK = 1e-10  # share of the log-likelihood that is no step down but rounding


@dataclass(frozen=True, eq=False)
class Point:
    """A place on the way: the free numbers (mean and log sd of abilities last), the grids, and what is seen there.

    `value` is what climbs: the log-likelihood less the penalty of shrinkage. `complete` is the information if
    abilities were known.
    """

    free: np.ndarray
    grids: tuple
    log_likelihood: float
    value: float
    gradient: np.ndarray
    information: np.ndarray
    complete: np.ndarray


@dataclass(frozen=True, eq=False)
class Top:
    """Where the climb ended, with the covariance of the free numbers (zero for held ones).

    `held` says that the standard deviation of abilities stands at its lower limit.
    """

    point: Point
    covariance: np.ndarray
    n_free: int
    rounds: int
    converged: bool
    held: bool


def climb(look, free, *, mean_is_free):
    """Climb from a first guess; returns the `Top`.

    `look(free, grids)` gives the `Point` at these free numbers, on new grids when `grids` is None.
    """
    here, rounds = look(free, None), 1
    while True:
        step = _next(here, mean_is_free)
        left = float(step @ here.gradient)
        is_over = left < NEAR or rounds == ROUNDS or here.free[-1] >= WIDEST
        there = None if is_over else _walk(look, here, step)
        if there is None:
            break
        here, rounds = there, rounds + 1
    held = here.free[-1] <= NARROWEST and here.gradient[-1] <= 0
    keep = np.ones(here.free.size, bool)
    keep[-2:] = mean_is_free, not held
    covariance = np.zeros(here.information.shape)
    covariance[np.ix_(keep, keep)] = _inverse(here.information[np.ix_(keep, keep)])
    settled = left < CLOSE and bool((np.diag(covariance) < VAGUE**2).all())
    return Top(here, covariance, int(keep.sum()), rounds, settled, bool(held))


def uphill(information, complete, gradient):
    """The Newton step, or where the information is not positive, the gradient step of EM.

    >>> uphill(np.array([[-1.0]]), np.array([[2.0]]), np.array([1.0])).tolist()
    [0.5]
    """
    for matrix in (information, complete):
        if _is_positive(matrix):
            return np.linalg.solve(matrix, gradient)
    return gradient / max(np.abs(np.diag(complete)).max(initial=0), 1e-12)


def _next(here, mean_is_free):
    """The step from here: Newton's, but where abilities hardly differ, their spread takes a step of its own."""
    is_narrow = here.free[-1] < NARROW
    keep = np.ones(here.free.size, bool)
    keep[-2:] = mean_is_free, not is_narrow
    inside = np.ix_(keep, keep)
    step = np.zeros(here.free.size)
    step[keep] = uphill(here.information[inside], here.complete[inside], here.gradient[keep])
    if is_narrow:
        step[-1] = max(narrower(here.gradient[-1], here.information[-1, -1]), NARROWEST - here.free[-1])
    return step


def narrower(gradient, information):
    """A step of the log sd that is Newton's step of the variance.

    The logarithm has no end on the left: where the likelihood asks for no variance at all, steps of the log sd
    would go on for ever. Returns minus infinity where the variance would pass 0.

    >>> narrower(-1.0, 1.5), round(narrower(0.5, 1.0), 3)
    (-inf, 0.203)
    """
    bend = information + 2 * gradient  # of the variance, times four variances squared
    if bend <= 0:
        return np.log(2.0) if gradient > 0 else -np.inf
    ratio = 1 + 2 * gradient / bend
    return 0.5 * float(np.log(ratio)) if ratio > 0 else -np.inf


def _walk(look, here, step):
    """Go along a step, half as far while that leads down; None when nothing leads up."""
    step = step * min(1.0, LONGEST / np.abs(step).max())
    for _ in range(30):
        free = here.free + step
        free[-1] = np.clip(free[-1], NARROWEST, WIDEST)
        there = look(free, None if np.abs(step).max() > MOVED else here.grids)
        if there.value >= here.value - SLACK * abs(here.value):
            return there
        step = step / 2
    return None


def _is_positive(matrix):
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return False
    return True


def _inverse(information):
    """The inverse; NaN where the scores do not determine the parameters."""
    if not _is_positive(information):
        return np.full(information.shape, np.nan)
    inverse = np.linalg.inv(information)
    return (inverse + inverse.T) / 2
