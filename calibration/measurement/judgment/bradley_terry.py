r"""The Bradley-Terry scale, with ties after Davidson: abilities from who was chosen over whom.

.. math::
    P(i \succ j) = \frac{e^{\theta_i}}{e^{\theta_i} + e^{\theta_j} + \nu e^{(\theta_i + \theta_j)/2}}, \qquad
    P(\text{tie}) = \frac{\nu e^{(\theta_i + \theta_j)/2}}{e^{\theta_i} + e^{\theta_j} + \nu e^{(\theta_i + \theta_j)/2}}

References
----------
Bradley, R. A., & Terry, M. E. (1952). Rank analysis of incomplete block designs: I. The method of paired
comparisons. *Biometrika*, 39(3/4), 324-345.
Davidson, R. R. (1970). On extending the Bradley-Terry model to accommodate ties in paired comparison
experiments. *Journal of the American Statistical Association*, 65(329), 317-328.
Ford, L. R. (1957). Solution of a ranking problem from binary comparisons. *The American Mathematical Monthly*,
64(8), 28-33.
"""

import math
from dataclasses import dataclass

import numpy as np

LIKELIHOOD, PRIOR, EPSILON = "likelihood", "prior", "epsilon"
METHODS = {
    LIKELIHOOD: "maximum likelihood",
    PRIOR: "likelihood with half a choice for and half a choice against an average script added to each script",
    EPSILON: "likelihood equations with every script's score drawn in by 0.3",
}
HALF = 0.5
DRAWN_IN = 0.3
ROUNDS = 200


@dataclass(frozen=True, eq=False)
class Solution:
    """Abilities in logits around a mean of 0, with the covariance of exactly these, and what was expected.

    For each pair of the tournament: `expected` is the mean score of the left script (a tie is one half),
    `variance` and `fourth` its second and fourth central moments. `log_tie` is log(nu), NaN without ties.
    """

    ability: np.ndarray
    covariance: np.ndarray
    log_tie: float
    log_tie_se: float
    log_likelihood: float
    deviance: float
    df: int
    expected: np.ndarray
    variance: np.ndarray
    fourth: np.ndarray


def solve(tournament, *, method=LIKELIHOOD, start=None, settled=1e-10):
    """Abilities by Newton's method on the table of pairs.

    The tournament must be connected, and for plain likelihood every script must be beatable (Ford 1957).
    `start` may hold abilities close to the answer; it stops when no ability moves by more than `settled`.

    >>> from calibration.measurement.judgment.tournament import Tournament
    >>> won = Tournament.of(None, ["a", "a", "b"], ["b", "b", "a"])
    >>> solve(won).ability.round(4).tolist()  # log(2) apart
    [0.3466, -0.3466]
    """
    n, tie = len(tournament.scripts), bool(tournament.neither.any())
    if tie and tournament.neither.sum() == tournament.first.size:
        raise ValueError("Every judgment is a tie, so there is nothing to order scripts by.")
    score = _scores(tournament, method)
    at = np.zeros(n + tie) if start is None else np.append(start, [0.0] * tie)
    best, step = -math.inf, np.zeros(n + tie)
    for _ in range(ROUNDS):
        moments = _moments(at, tournament, tie)
        information = _information(at, moments, tournament, method)
        slope = _slope(at, moments, score, tournament, method)
        height = _height(at, moments, score, tournament, method)
        if height < best - 1e-9 * abs(best):  # the last step went past the top: take back half of it
            step = step / 2
            at = at - step
            continue
        best, step = height, np.clip(np.linalg.solve(information, slope), -3, 3)
        if np.abs(step).max() < settled:
            break
        at = at + step
    else:
        raise ValueError(
            "The scale did not settle; check the judgments for scripts that nearly always win or lose."
        )
    covariance = np.linalg.inv(information)
    ability, spread = at[:n] - at[:n].mean(), covariance[:n, :n]
    spread = spread - spread.mean(axis=0) - spread.mean(axis=1)[:, None] + spread.mean()
    deviance, df = _deviance(moments, tournament, tie)
    return Solution(
        ability=ability,
        covariance=spread,
        log_tie=float(at[n]) if tie else math.nan,
        log_tie_se=math.sqrt(covariance[n, n]) if tie else math.nan,
        log_likelihood=float(_height(at, moments, tournament.points, tournament, LIKELIHOOD)),
        deviance=deviance,
        df=df,
        expected=0.5 + moments["mean"],
        variance=moments["variance"],
        fourth=moments["fourth"],
    )


def _scores(tournament, method):
    """What each script's expected score must equal."""
    if method != EPSILON:
        return tournament.points
    times = tournament.judgments
    return DRAWN_IN + (times - 2 * DRAWN_IN) * tournament.points / times


def _moments(at, tournament, tie):
    """Chances of each outcome by pair; moments of the left script's score around one half."""
    half = (at[tournament.left] - at[tournament.right]) / 2
    top = np.abs(half)  # keeps every exponential at 1 or below
    left, right = np.exp(half - top), np.exp(-half - top)
    neither = np.exp(at[-1] - top) if tie else np.zeros(half.size)
    total = left + right + neither
    left, right, neither = left / total, right / total, neither / total
    mean = (left - right) / 2
    above, below = 0.5 - mean, -0.5 - mean
    square = left * above * above, right * below * below, neither * mean * mean
    return {
        "left": left,
        "right": right,
        "neither": neither,
        "mean": mean,
        "variance": square[0] + square[1] + square[2],
        "third": square[0] * above + square[1] * below - square[2] * mean,
        "fourth": square[0] * above * above + square[1] * below * below + square[2] * mean * mean,
        "log_total": np.log(total) + top,
    }


def _information(at, moments, tournament, method):
    """The Laplacian of the pairs, weighted by what each tells; with ties one more row for log(nu)."""
    n, size, times = len(tournament.scripts), at.size, tournament.times
    weight = times * moments["variance"]
    information = np.zeros((size, size))
    information[tournament.left, tournament.right] = -weight
    information[tournament.right, tournament.left] = -weight
    np.fill_diagonal(information, tournament.by_script(weight, weight))
    if size > n:
        shared = -times * moments["mean"] * moments["neither"]
        information[n, :n] = information[:n, n] = tournament.by_script(shared, -shared)
        information[n, n] = (times * moments["neither"] * (1 - moments["neither"])).sum()
    if method == PRIOR:
        places = np.arange(n)
        information[places, places] += 2 * HALF * _against_average(at[:n])[1]
    else:
        information[:n, :n] += 1 / n  # only differences are known: hold the mean of the abilities still
    return information


def _slope(at, moments, score, tournament, method):
    n, mean = len(tournament.scripts), tournament.times * moments["mean"]
    slope = score - tournament.judgments / 2 - tournament.by_script(mean, -mean)
    if method == PRIOR:
        slope += 2 * HALF * _against_average(at[:n])[0]
    else:
        slope -= slope.mean()
    if at.size == n:
        return slope
    return np.append(slope, (tournament.neither - tournament.times * moments["neither"]).sum())


def _height(at, moments, score, tournament, method):
    """The logarithm of what is made as large as possible."""
    n = len(tournament.scripts)
    height = (score - tournament.judgments / 2) @ at[:n] - tournament.times @ moments["log_total"]
    if at.size > n:
        height += tournament.neither.sum() * at[n]
    if method == PRIOR:
        height += HALF * np.log(_against_average(at[:n])[1]).sum()
    return height


def _against_average(ability):
    """One half minus the chance to be preferred to an average script, and the variance of that choice."""
    chance = 1 / (1 + np.exp(-np.clip(ability, -300, 300)))
    return 0.5 - chance, chance * (1 - chance)


def _deviance(moments, tournament, tie):
    """Twice the log-likelihood lost against a chance of its own for each outcome of each pair."""
    lost = 0.0
    for often, chance in (
        (tournament.left_chosen, moments["left"]),
        (tournament.right_chosen, moments["right"]),
        (tournament.neither, moments["neither"]),
    ):
        seen = often > 0
        lost += (often[seen] * np.log(often[seen] / (tournament.times[seen] * chance[seen]))).sum()
    free = tournament.n_pairs * (2 if tie else 1)
    return 2 * float(lost), free - (len(tournament.scripts) - 1 + tie)
