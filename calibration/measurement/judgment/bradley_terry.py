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
Firth, D. (1993). Bias reduction of maximum likelihood estimates. *Biometrika*, 80(1), 27-38.
"""

import math
from dataclasses import dataclass

import numpy as np

LIKELIHOOD, FIRTH, EPSILON = "likelihood", "firth", "epsilon"
METHODS = {
    LIKELIHOOD: "maximum likelihood",
    FIRTH: "penalized likelihood with Jeffreys' prior (Firth 1993)",
    EPSILON: "likelihood equations with every score drawn in by 0.3 (epsilon adjustment)",
}
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
    n, times, tie = len(tournament.scripts), tournament.times, bool(tournament.neither.any())
    score = _scores(tournament, method)
    at = np.zeros(n + tie) if start is None else np.append(start, np.zeros(tie))
    best, step = -math.inf, np.zeros(n + tie)
    for _ in range(ROUNDS):
        moments = _moments(at, tournament, tie)
        information = _information(times, moments, tournament, tie)
        covariance = _inverse(information, n)
        slope = _slope(moments, score, tournament, tie)
        height = _log_likelihood(moments, score, tournament, at)
        curvature = covariance
        if method == FIRTH:
            leverage = times * moments["variance"] * _resistance(covariance, tournament)
            # Jeffreys' prior acts like half a win and half a loss more, in proportion to the leverage
            slope[:n] += _by_script(leverage * moments["third"] / (2 * moments["variance"]), tournament)
            height += np.linalg.slogdet(information[:n, :n])[1] / 2
            curvature = _inverse(_information(times + leverage, moments, tournament, tie), n)
        if height < best - 1e-9 * abs(best):  # the last step went past the top: take back half of it
            step = step / 2
            at = at - step
            continue
        best, step = height, np.clip(curvature @ slope, -3, 3)
        if np.abs(step).max() < settled:
            break
        at = at + step
    else:
        raise ValueError(
            "The scale did not settle; check the judgments for scripts that nearly always win or lose."
        )
    theta = at[:n] - at[:n].mean()
    covariance = covariance[:n, :n]
    deviance, df = _deviance(moments, tournament, tie)
    return Solution(
        ability=theta,
        covariance=covariance,
        log_tie=float(at[n]) if tie else math.nan,
        log_tie_se=float(math.sqrt(_inverse(information, n)[n, n])) if tie else math.nan,
        log_likelihood=float(_log_likelihood(moments, tournament.points, tournament, at)),
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


def _information(times, moments, tournament, tie):
    """The Laplacian of the pairs, weighted by what each tells; with ties one more row for log(nu)."""
    n, weight = len(tournament.scripts), times * moments["variance"]
    information = np.zeros((n + tie, n + tie))
    information[tournament.left, tournament.right] = -weight
    information[tournament.right, tournament.left] = -weight
    places = np.arange(n)
    information[places, places] = np.bincount(tournament.left, weight, minlength=n) + np.bincount(
        tournament.right, weight, minlength=n
    )
    if tie:
        shared = _by_script(-times * moments["mean"] * moments["neither"], tournament)
        information[n, :n] = information[:n, n] = shared
        information[n, n] = (times * moments["neither"] * (1 - moments["neither"])).sum()
    information[:n, :n] += 1 / n  # abilities sum to zero: fix that direction, and take it out below
    return information


def _inverse(information, n):
    covariance = np.linalg.inv(information)
    covariance[:n, :n] -= 1 / n
    return covariance


def _slope(moments, score, tournament, tie):
    expected = _by_script(tournament.times * moments["mean"], tournament) + tournament.judgments / 2
    slope = score - expected
    slope -= slope.mean()
    if not tie:
        return slope
    return np.append(slope, (tournament.neither - tournament.times * moments["neither"]).sum())


def _log_likelihood(moments, score, tournament, at):
    n = len(tournament.scripts)
    height = (score - tournament.judgments / 2) @ at[:n] - tournament.times @ moments["log_total"]
    return height + (tournament.neither.sum() * at[n] if at.size > n else 0.0)


def _resistance(covariance, tournament):
    """The variance of the difference of each judged pair."""
    spread = np.diag(covariance)
    left, right = tournament.left, tournament.right
    return spread[left] + spread[right] - 2 * covariance[left, right]


def _by_script(of_pair, tournament):
    """Add what pulls the left script up and the right script down."""
    n = len(tournament.scripts)
    return np.bincount(tournament.left, of_pair, minlength=n) - np.bincount(
        tournament.right, of_pair, minlength=n
    )


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
