"""Is a scorer growing stricter or more lenient, week by week? A straight line through validity papers."""

import math
from dataclasses import dataclass

import numpy as np

from calibration.measurement import intervals, multiplicity, shrinkage, wording
from calibration.measurement.result import TOO_FEW, Statistic, undefined

CONFIDENCE = 0.95
METHOD = "least squares on validity papers, score = paper + scorer + scorer x time"
FEWEST = 10  # validity papers of one scorer


@dataclass(frozen=True)
class ScorerTrend:
    """How much stricter a scorer grows in one unit of time: `slope`, and `beside_team` less the team's slope.

    `shrunken` is the latter leaning on the team; `p` tests the slope against 0, `beside_p` against the team's.
    """

    scorer: object
    n_units: int
    slope: Statistic
    p: float
    beside_team: Statistic
    beside_p: float
    shrunken: Statistic
    sentence: str


@dataclass(frozen=True)
class Trend:
    """The slopes of all scorers, and the team's common slope (each scorer weighted by validity papers read)."""

    scorers: tuple
    team: Statistic
    team_p: float
    spread: float
    sentence: str


def fit(reads, *, unit="week", fewest=FEWEST, confidence=CONFIDENCE):
    """A line for every scorer: score = paper + scorer + slope x time, by least squares.

    Each paper's own level is taken out, so other papers at other times do not pass for drift. Slopes are
    signed so that above 0 means growing stricter.

    Parameters
    ----------
    reads : drift.ValidityReads
        Times in the unit that slopes are wanted in.
    unit : str
        What that unit is called.
    fewest : int
        Reads of validity papers below which a scorer's slope is not given.

    Returns
    -------
    Trend

    >>> from calibration.measurement.drift import ValidityReads
    >>> week = [0, 1, 2, 3] * 6
    >>> paper = [n // 4 for n in range(24)]
    >>> lower = [0, 0, 0, 1] * 3 + [0, 1, 2, 3] * 3
    >>> scorer = ["ana"] * 12 + ["ben"] * 12
    >>> score = [6 - down for down in lower]
    >>> found = fit(ValidityReads.from_columns(scorer, [p % 3 for p in paper], score, [6] * 24, week))
    >>> round(found.scorers[1].slope.value, 2), found.scorers[1].sentence
    (1.0, 'Growing stricter on the validity papers, by about one point a week.')

    References
    ----------
    Myford, C. M., & Wolfe, E. W. (2009). Monitoring rater performance over time: A framework for detecting
    differential accuracy and differential scale category use. *Journal of Educational Measurement*, 46(4),
    371-389.
    """
    n_scorers = len(reads.scorer.names)
    n = np.bincount(reads.scorer.codes, minlength=n_scorers)
    slope, covariance, df = _slopes(reads, n_scorers)
    known = (n >= fewest) & ~np.isnan(slope)
    team, team_p, beside, beside_cov = _team(slope, covariance, n, known, df, unit, confidence)
    leaning = shrinkage.differences(beside, beside_cov, weight=n[known]) if known.any() else None
    places = {code: place for place, code in enumerate(np.flatnonzero(known).tolist())}
    rows = []
    for code in np.flatnonzero(n).tolist():
        counts = {"n_units": int(n[code]), "n_excluded": 0, "method": METHOD}
        if code not in places:
            said = f"Not enough yet: {n[code]} of the {fewest} validity papers this needs."
            if n[code] >= fewest:
                said = "All these validity papers were read at one time, or none of them at other times by anybody."
            none = undefined(TOO_FEW, said, **counts)
            rows.append(
                ScorerTrend(
                    reads.scorer.names[code], int(n[code]), none, math.nan, none, math.nan, none, said
                )
            )
            continue
        place = places[code]
        own, p = _statistic(slope[code], covariance[code, code], df, unit, confidence, counts)
        aside, aside_p = _statistic(
            beside[place], beside_cov[place, place], df, unit, confidence, counts, than="the team"
        )
        lean = _shrunken(leaning, place, unit, confidence, counts)
        rows.append(
            ScorerTrend(reads.scorer.names[code], int(n[code]), own, p, aside, aside_p, lean, own.sentence)
        )
    spread = math.sqrt(leaning.variance) if leaning and not math.isnan(leaning.variance) else math.nan
    return Trend(tuple(rows), team, team_p, spread, team.sentence)


def _slopes(reads, n_scorers):
    """Slopes (above 0: stricter), their covariance and degrees of freedom; NaN where nothing fixes a slope."""
    who, paper, y = reads.scorer.codes, reads.paper.codes, -reads.score
    n_papers = len(reads.paper.names)
    if not y.size:
        return np.full(n_scorers, np.nan), np.full((n_scorers,) * 2, np.nan), 0
    scale = max(float(np.ptp(reads.time)), 1e-300)
    t = (reads.time - reads.time.mean()) / scale if np.ptp(reads.time) > 0 else np.zeros(y.size)
    cell = who * n_papers + paper
    shape, size = (n_scorers, n_papers), n_scorers * n_papers
    count = np.bincount(cell, minlength=size).reshape(shape)
    moved = np.bincount(cell, weights=t, minlength=size).reshape(shape)
    by_paper = np.concatenate([count, moved])
    diagonal = [np.bincount(who, weights=w, minlength=n_scorers) for w in (np.ones(t.size), t, t * t)]
    whole = np.block(
        [[np.diag(diagonal[0]), np.diag(diagonal[1])], [np.diag(diagonal[1]), np.diag(diagonal[2])]]
    )
    papers = np.maximum(count.sum(axis=0), 1)
    normal = whole - (by_paper / papers) @ by_paper.T
    level = np.bincount(paper, weights=y, minlength=n_papers) / papers
    apart = y - level[paper]
    right = np.concatenate([np.bincount(who, weights=apart * w, minlength=n_scorers) for w in (1 + 0 * t, t)])
    root, turn = np.linalg.eigh(normal)
    kept = root > 1e-9 * root.max()
    inverse = (turn[:, kept] / root[kept]) @ turn[:, kept].T
    fixed = np.diag(turn[:, kept] @ turn[:, kept].T)[n_scorers:] > 1 - 1e-6
    solution = inverse @ right
    df = y.size - np.count_nonzero(count.sum(axis=0)) - int(kept.sum())
    rest = float(apart @ apart - right @ solution)
    rest = 0.0 if rest < 1e-12 * max(float(apart @ apart), 1e-300) else rest
    variance = rest / df if df > 0 else math.nan
    slope = np.where(fixed, solution[n_scorers:], np.nan) / scale
    return slope, inverse[n_scorers:, n_scorers:] * variance / scale**2, df


def _team(slope, covariance, n, known, df, unit, confidence):
    counts = {"n_units": int(n[known].sum()), "method": METHOD}
    if not known.any():
        said = "No scorer has read enough validity papers at different times."
        return undefined(TOO_FEW, said, **counts), math.nan, np.zeros(0), np.zeros((0, 0))
    weight = n[known] / n[known].sum()
    part = covariance[np.ix_(known, known)]
    mean = float(weight @ slope[known])
    team, p = _statistic(
        mean, float(weight @ part @ weight), df, unit, confidence, counts, who="The team is "
    )
    center = np.eye(weight.size) - weight
    return team, p, slope[known] - mean, center @ part @ center.T


def _statistic(value, variance, df, unit, confidence, counts, *, than="", who=""):
    value = float(value) + 0.0
    se = math.sqrt(max(float(variance), 0.0)) if df > 0 else math.nan
    if not se > 0:
        return Statistic(
            value, se=se, **counts, sentence=_said(value, math.nan, math.nan, unit, than, who)
        ), math.nan
    low, high = intervals.around(value, se, quantile=intervals.t_quantile((1 + confidence) / 2, df))
    said = _said(value, low, high, unit, than, who)
    return Statistic(value, low, high, se, **counts, sentence=said), multiplicity.two_sided(value / se, df)


def _shrunken(leaning, place, unit, confidence, counts):
    value, se = float(leaning.value[place]), float(leaning.se[place])
    if math.isnan(value):
        return undefined(TOO_FEW, "Leaning on the team needs three scorers with a slope.", **counts)
    low, high = intervals.around(value, se, quantile=intervals.normal_quantile((1 + confidence) / 2))
    said = _said(value, low, high, unit, "the team", "")
    return Statistic(value, low, high, se, **counts, sentence=said)


def _said(value, low, high, unit, than, who):
    if math.isnan(low) or low <= 0 <= high:
        beside = f" other than {than}'s" if than else ""
        return f"No clear sign of a change over time{beside}."
    way = wording.stricter(value)
    start = f"{who or 'G'}{'g' if who else ''}rowing {way}"
    faster = f" than {than}" if than else ""
    return f"{start}{faster} on the validity papers, by {wording.amount(abs(value))} a {unit}."
