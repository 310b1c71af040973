"""Watching a scorer paper by paper: when have the misses on validity papers become more than bad luck?

A CUSUM chart runs along with the queue and asks for a pause. How often it does so without need is worked
out exactly, not by simulation.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from calibration.measurement import wording

GOOD, POOR = 0.80, 0.60  # share of exact scores on validity papers
LATTICE = 24  # the reference value is a fraction with at most this denominator
WINDOW = 100  # papers


@dataclass(frozen=True)
class Chart:
    """A CUSUM chart for hits and misses. A miss adds `up` steps, a hit takes `down` away, never below 0.

    An alarm is raised at `threshold` steps. `poor` is the share of hits for which these whole steps are the
    likelihood ratio against `good`; it differs a little from the one that was asked for.
    """

    good: float
    poor: float
    up: int
    down: int
    threshold: int


@dataclass(frozen=True)
class ChartBehavior:
    """How a chart behaves for a scorer with a steady share of hits.

    `average_run_length` is the mean number of papers to an alarm from a fresh start; `alarm_within` the chance
    of an alarm within `window` papers; `alarms_per_window` the long-run number of alarms in as many papers,
    with a fresh start after each.
    """

    hit_rate: float
    window: int
    average_run_length: float
    alarm_within: float
    alarms_per_window: float
    sentence: str


@dataclass(frozen=True, eq=False)
class Watched:
    """A scorer's path on a chart: its height after each paper, and the papers (from 1) that raised an alarm."""

    path: np.ndarray
    alarms: tuple
    alarm: bool
    n_papers: int
    n_hits: int
    sentence: str


def chart(threshold, *, good=GOOD, poor=POOR):
    """A CUSUM chart that looks for a fall of the share of hits from `good` to `poor`.

    `threshold` is the height of an alarm. A miss adds one less the reference value, a hit takes the reference
    value away (0.71 and 0.29 by default). Both and the threshold are made whole steps, the threshold upwards,
    so that `behavior` can be exact.

    Raises
    ------
    ValueError
        Unless 0 < poor < good < 1 and the threshold is above 0.

    >>> found = chart(2.5)
    >>> found.up, found.down, found.threshold
    (12, 5, 43)

    References
    ----------
    Page, E. S. (1954). Continuous inspection schemes. *Biometrika*, 41, 100-115.
    Reynolds, M. R., & Stoumbos, Z. G. (1999). A CUSUM chart for monitoring a proportion when inspecting
    continuously. *Journal of Quality Technology*, 31(1), 87-108.
    """
    check_shares(good, poor)
    if not threshold > 0:
        raise ValueError(f"The threshold must lie above 0, not at {threshold}.")
    reference = _reference(good, poor)
    up, down = reference.denominator - reference.numerator, reference.numerator
    steps = math.ceil(threshold * reference.denominator - 1e-9)
    return Chart(good, _poor_of(reference, good), up, down, max(steps, 1))


def behavior(of_chart, hit_rate, *, window=WINDOW):
    """What a chart does with a scorer who hits this share of validity papers: exact, by a Markov chain.

    The height of the chart moves on a lattice of whole steps, so that it is a Markov chain with as many
    states as steps below the threshold.

    >>> found = behavior(chart(4.0), 0.80)
    >>> 0 < found.alarm_within < 1 and found.average_run_length > 100
    True

    References
    ----------
    Brook, D., & Evans, D. A. (1972). An approach to the probability distribution of cusum run length.
    *Biometrika*, 59(3), 539-549.
    """
    if not 0 <= hit_rate <= 1:
        raise ValueError(f"A share of hits must lie between 0 and 1, not at {hit_rate}.")
    if window < 1 or window != int(window):
        raise ValueError(f"The window must be a whole number of papers, not {window}.")
    moves = _moves(of_chart, hit_rate)
    length = _run_length(moves)
    still = np.zeros(len(moves))
    still[0] = 1.0
    for _ in range(int(window)):
        still = still @ moves
    within = float(min(max(1 - still.sum(), 0.0), 1.0))
    return ChartBehavior(
        hit_rate, int(window), length, within, window / length, _said(hit_rate, int(window), within, length)
    )


def for_false_alarms(rate, *, good=GOOD, poor=POOR, window=WINDOW):
    """The lowest chart whose chance of a false alarm within `window` papers stays at or below `rate`.

    A false alarm is one about a scorer who hits the share `good`. The lower the threshold, the sooner a
    real fall is seen.

    Raises
    ------
    ValueError
        Unless 0 < poor < good < 1 and 0 < rate < 1.

    >>> found = for_false_alarms(0.10)
    >>> behavior(found, 0.80).alarm_within <= 0.10
    True
    """
    if not 0 < rate < 1:
        raise ValueError(f"The accepted share of false alarms must lie between 0 and 1, not at {rate}.")
    start = chart(1e-6, good=good, poor=poor)

    def too_often(threshold):
        return _alarm_within(start, threshold, window) > rate

    low, high = 0, start.up
    while too_often(high):
        low, high = high, 2 * high
    while high - low > 1:  # a higher threshold never alarms sooner
        middle = (low + high) // 2
        low, high = (middle, high) if too_often(middle) else (low, middle)
    return Chart(start.good, start.poor, start.up, start.down, high)


def watch(hits, of_chart):
    """Run a chart along a scorer's validity papers, in the order they were scored; it restarts after an alarm.

    Give the papers since the scorer's last training only. `hits` holds True or 1 for an exact score, False
    or 0 for any other.

    >>> watch([1, 1, 0, 0, 0, 0], chart(2.5)).sentence
    'After paper 6: pause and re-read two validity papers before going on. 2 of 6 scores were the agreed ones.'
    """
    hits = as_hits(hits)
    path, alarms, height = np.zeros(hits.size, np.int64), [], 0
    for paper, hit in enumerate(hits.tolist()):
        height = max(height - of_chart.down, 0) if hit else height + of_chart.up
        path[paper] = height
        if height >= of_chart.threshold:
            alarms.append(paper + 1)
            height = 0
    n, right = hits.size, int(hits.sum())
    alarm = bool(alarms) and alarms[-1] == n
    if not n:
        said = "No validity paper scored yet."
    else:
        what = "No sign of a change on the validity papers."
        if alarm:
            what = f"After paper {n}: pause and re-read two validity papers before going on."
        elif alarms:
            what = f"No sign of a further change since the pause asked for after paper {alarms[-1]}."
        said = f"{what} {right} of {n} scores were the agreed ones."
    return Watched(path, tuple(alarms), alarm, n, right, said)


def check_shares(good, poor):
    """Refuse two shares of hits that leave nothing to tell apart: ValueError unless 0 < poor < good < 1.

    >>> check_shares(0.8, 0.6)
    """
    if not 0 < poor < good < 1:
        raise ValueError(
            f"The share of hits to keep up ({good}) must be larger than the one to notice ({poor}), "
            "and both must lie between 0 and 1."
        )


def as_hits(hits):
    """Hits and misses as True and False; anything else raises a ValueError that names its place.

    >>> as_hits([1, 0, True]).tolist()
    [True, False, True]
    """
    hits = list(hits)
    for place, hit in enumerate(hits):
        if hit not in (0, 1):
            raise ValueError(f"Paper {place + 1} is neither a hit (1) nor a miss (0).")
    return np.array(hits, bool)


def _reference(good, poor):
    """Down over up plus down: the fraction of misses at which the chart neither rises nor falls."""
    fall, rise = math.log(good / poor), math.log((1 - poor) / (1 - good))
    exact = fall / (fall + rise)
    found = Fraction(exact).limit_denominator(LATTICE)
    if not 0 < found < 1:  # very small shares of misses
        found = Fraction(exact).limit_denominator(math.ceil(2 / min(exact, 1 - exact)))
    return found


def _poor_of(reference, good):
    """The share of hits whose likelihood ratio against `good` has exactly this reference value."""
    low, high = 1e-12, good - 1e-12
    for _ in range(200):
        poor = (low + high) / 2
        fall, rise = math.log(good / poor), math.log((1 - poor) / (1 - good))
        low, high = (poor, high) if fall / (fall + rise) > float(reference) else (low, poor)
    return (low + high) / 2


def _moves(of_chart, hit_rate):
    """Chances of going from one height below the threshold to another with the next paper."""
    size = of_chart.threshold
    moves, state = np.zeros((size, size)), np.arange(size)
    moves[state, np.maximum(state - of_chart.down, 0)] += hit_rate
    rising = state[state + of_chart.up < size]
    moves[rising, rising + of_chart.up] += 1 - hit_rate
    return moves


def _run_length(moves):
    if moves[0, 0] >= 1 - 1e-15:
        return math.inf  # never a miss
    return float(np.linalg.solve(np.eye(len(moves)) - moves, np.ones(len(moves)))[0])


def _alarm_within(of_chart, threshold, window):
    state = np.zeros(threshold)
    state[0] = 1.0
    lower = np.maximum(np.arange(threshold) - of_chart.down, 0)
    for _ in range(window):
        new = np.bincount(lower, weights=of_chart.good * state, minlength=threshold)
        new[of_chart.up :] += (1 - of_chart.good) * state[: max(threshold - of_chart.up, 0)]
        state = new
    return 1 - state.sum()


def _said(hit_rate, window, within, length):
    who = f"{100 * hit_rate:.0f} of 100 validity papers"
    if math.isinf(length):
        return f"Scorers who hit {who} never get an alarm."
    often = wording.of_every_hundred(within)
    return (
        f"Of scorers who hit {who}, {often} get an alarm within {window} papers; "
        f"on average the first one comes after {length:,.0f} papers."
    )
