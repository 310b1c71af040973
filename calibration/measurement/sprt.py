"""Deciding about a practice or qualification set as soon as the papers scored so far allow it."""

import math
from dataclasses import dataclass

import numpy as np

from calibration.measurement import sequential, wording

PASS, FAIL, GO_ON = "pass", "not yet", "go on"
CAP = 60  # papers


@dataclass(frozen=True)
class Plan:
    """Wald's sequential test of two shares of hits: pass at `upper`, stop without passing at `lower`.

    `hit` and `miss` are what one paper adds to the log likelihood ratio of `good` to `poor`. At `cap` papers
    the more likely of the two decides.
    """

    good: float
    poor: float
    false_fail: float
    false_pass: float
    cap: int
    hit: float
    miss: float
    upper: float
    lower: float


@dataclass(frozen=True)
class Decision:
    """Where a scorer stands: `verdict` is "pass", "not yet" (not passed this time) or "go on" (too early)."""

    verdict: str
    n_papers: int
    n_hits: int
    log_ratio: float
    sentence: str


@dataclass(frozen=True)
class PlanBehavior:
    """What a plan does with scorers who hit a share of the papers; `at_cap` is the part decided at the cap."""

    hit_rate: float
    passes: float
    at_cap: float
    average_papers: float
    sentence: str


def plan(*, good=sequential.GOOD, poor=sequential.POOR, false_fail=0.05, false_pass=0.05, cap=CAP):
    """A sequential test that lets scorers at `good` pass and holds back scorers at `poor`.

    Parameters
    ----------
    false_fail, false_pass : float
        How often a scorer at `good` may be held back, and one at `poor` may pass. Wald's bounds keep their
        sum; `behavior` gives the exact figures, the cap included.

    Raises
    ------
    ValueError
        Unless 0 < poor < good < 1, both error rates are above 0 and below one half, and the cap is at least 1.

    >>> found = plan()
    >>> round(found.upper, 3), round(found.lower, 3)
    (2.944, -2.944)

    References
    ----------
    Wald, A. (1947). *Sequential analysis*. Wiley.
    """
    sequential.check_shares(good, poor)
    for name, rate in (("false_fail", false_fail), ("false_pass", false_pass)):
        if not 0 < rate < 0.5:
            raise ValueError(f"{name} must lie between 0 and one half, not at {rate}.")
    if cap < 1 or cap != int(cap):
        raise ValueError(f"The cap must be a whole number of papers, not {cap}.")
    hit, miss = math.log(good / poor), math.log((1 - good) / (1 - poor))
    upper, lower = math.log((1 - false_fail) / false_pass), math.log(false_fail / (1 - false_pass))
    return Plan(good, poor, false_fail, false_pass, int(cap), hit, miss, upper, lower)


def decide(hits, by):
    """Where a scorer stands after these papers, in their order; papers after the decision do not count.

    >>> decide([1] * 11, plan()).sentence
    'Passed after 11 papers: 11 of them had the agreed scores.'
    >>> decide([1, 1, 0], plan()).sentence
    'Too early to tell after 3 papers: 2 of them had the agreed scores. Go on.'
    """
    hits = sequential.as_hits(hits)
    n = np.arange(1, hits.size + 1)
    ratio = _ratio(by, n, np.cumsum(~hits))
    over = np.flatnonzero((ratio >= by.upper) | (ratio <= by.lower) | (n >= by.cap))
    if not over.size:
        last = float(ratio[-1]) if hits.size else 0.0
        return _decision(GO_ON, hits.size, int(hits.sum()), last)
    end = int(over[0])
    verdict = PASS if ratio[end] > 0 else FAIL
    return _decision(verdict, end + 1, int(hits[: end + 1].sum()), float(ratio[end]))


def behavior(by, hit_rate):
    """How often a plan lets a scorer with this share of hits pass, and after how many papers: exact.

    After n papers only the number of misses matters, so the chances of each are followed from paper to
    paper up to the cap.

    >>> found = behavior(plan(), 0.80)
    >>> found.passes > 0.94, found.average_papers < 30
    (True, True)
    """
    if not 0 <= hit_rate <= 1:
        raise ValueError(f"A share of hits must lie between 0 and 1, not at {hit_rate}.")
    misses = np.arange(by.cap + 1)
    going, passes, papers, at_cap = np.zeros(by.cap + 1), 0.0, 0.0, 0.0
    going[0] = 1.0
    for n in range(1, by.cap + 1):
        papers += going.sum()
        going = hit_rate * going + (1 - hit_rate) * np.append(0.0, going[:-1])
        ratio = _ratio(by, n, misses)
        if n == by.cap:
            at_cap = float(going[(ratio < by.upper) & (ratio > by.lower)].sum())
            passes += going[ratio > 0].sum()
            break
        passes += going[ratio >= by.upper].sum()
        going[(ratio >= by.upper) | (ratio <= by.lower)] = 0.0
    passes = float(min(passes, 1.0))
    said = (
        f"Of scorers who hit {100 * hit_rate:.0f} of 100 papers, {wording.of_every_hundred(passes)} pass; "
        f"it takes {papers:.0f} papers on average."
    )
    return PlanBehavior(hit_rate, passes, at_cap, float(papers), said)


def _ratio(by, n, misses):
    """Log likelihood ratio; a paper's worth of rounding must not decide."""
    ratio = (n - misses) * by.hit + misses * by.miss
    for bound in (by.upper, by.lower, 0.0):
        ratio = np.where(np.abs(ratio - bound) < 1e-12, bound, ratio)
    return ratio


def _decision(verdict, n, right, ratio):
    start = {PASS: "Passed", FAIL: "Not passed this time", GO_ON: "Too early to tell"}[verdict]
    papers = "1 paper" if n == 1 else f"{n} papers"
    said = f"{start} after {papers}: {right} of them had the agreed scores."
    if verdict == GO_ON:
        said = f"{said} Go on." if n else "No paper scored yet."
    if verdict == FAIL:
        said = f"{said} Go through the papers with somebody, then try another set."
    return Decision(verdict, n, right, ratio, said)
