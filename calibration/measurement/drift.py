"""Does a scorer score differently now than before? Asked of validity papers only.

Ordinary papers change from day to day, and a scorer who gives lower scores this week may have been handed
weaker papers. Validity papers come back: each has a level of its own that is taken out, so that only a
change of the scorer is left.
"""

import math
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from calibration.measurement import additive, intervals, multiplicity, wording
from calibration.measurement.ratings import Labels
from calibration.measurement.result import TOO_FEW, Statistic, undefined

CONFIDENCE = 0.95
METHOD = "least squares on validity papers, score = paper + scorer in a stretch of time"
NO_SIGN = "No clear sign of a change."
FEWEST = 5  # validity papers on either side


@dataclass(frozen=True, eq=False)
class ValidityReads:
    """Reads of validity papers, in any order; reads without a score or reference score are counted apart."""

    scorer: Labels
    paper: Labels
    score: np.ndarray
    reference: np.ndarray
    time: np.ndarray
    n_excluded: int

    @classmethod
    def from_columns(cls, scorer, paper, score, reference, time):
        """Columns of equal length; a time is a number (of days, say), a date or a datetime.

        Raises
        ------
        ValueError
            For columns of different length, and for a score or a time that is no number; the row is named.

        >>> reads = ValidityReads.from_columns(["ana", "ana"], ["V1", "V2"], [3, 2], [3, None], [0, 1])
        >>> reads.score.tolist(), reads.n_excluded
        ([3.0], 1)
        """
        if len({len(column) for column in (scorer, paper, score, reference, time)}) > 1:
            raise ValueError("The columns of the validity reads are not equally long.")
        score, reference = _numbers(score, "score"), _numbers(reference, "reference score")
        when = _numbers([_days(moment) for moment in time], "time")
        kept = np.flatnonzero(~np.isnan(score) & ~np.isnan(reference))
        late = kept[np.isnan(when[kept])]
        if late.size:
            raise ValueError(f"Row {late[0] + 1} has no time; drift needs to know when each read was made.")
        return cls(
            _labels(scorer, "scorer")[kept],
            _labels(paper, "paper")[kept],
            score[kept],
            reference[kept],
            when[kept],
            score.size - kept.size,
        )


@dataclass(frozen=True)
class StretchChange:
    """One scorer in one stretch of time, beside the same scorer's baseline (the first stretch).

    `severity` is the change in points, above 0 stricter than before; `hits` the change in the share of exact
    scores; both with each paper's own level taken out. `plain` is the change of the mean difference from the
    reference scores as it stands, and `paper_mix` the part of it that other papers explain.
    """

    since: object
    n_reads: int
    n_exact: int
    severity: Statistic
    severity_p: float
    hits: Statistic
    hits_p: float
    plain: float
    paper_mix: float
    sentence: str


@dataclass(frozen=True)
class ScorerDrift:
    """One scorer: the baseline, and every later stretch of time beside it."""

    scorer: object
    n_baseline: int
    n_baseline_exact: int
    stretches: tuple
    sentence: str


def changes(reads, since, *, names=None, fewest=FEWEST, confidence=CONFIDENCE):
    """Every scorer's severity and exact scores on validity papers, stretch by stretch, beside the own baseline.

    Parameters
    ----------
    reads : ValidityReads
    since : list of times
        Where a new stretch begins, in order; what lies before the first is the baseline.
    names : list of str, optional
        How the stretches are called in sentences: "Tuesday".
    fewest : int
        Reads needed in the baseline and in the stretch.

    Returns
    -------
    tuple of ScorerDrift

    Raises
    ------
    ValueError
        If there is no time in `since`, the times are not in order, or there are not as many names.

    >>> day = list(range(20)) * 2
    >>> score = [3] * 19 + [2] + [3] * 10 + [2] * 10
    >>> reads = ValidityReads.from_columns(["ana"] * 20 + ["ben"] * 20, [d % 5 for d in day], score, [3] * 40, day)
    >>> ben = changes(reads, [10], names=["Tuesday"])[1].stretches[0]
    >>> ben.severity.text(), ben.severity.sentence
    ('1.00 (0.86 to 1.14)', 'Stricter on the validity papers than before (by about one point).')

    References
    ----------
    Wolfe, E. W., Moulder, B. C., & Myford, C. M. (2001). Detecting differential rater functioning over time
    (DRIFT) using a Rasch multi-faceted rating scale model. *Journal of Applied Measurement*, 2(3), 256-280.
    """
    edges = np.array([_days(moment) for moment in since], float)
    if not edges.size or np.isnan(edges).any() or (np.diff(edges) <= 0).any():
        raise ValueError("Give the times at which new stretches begin, from early to late.")
    names = [f"{moment}" for moment in since] if names is None else list(names)
    if len(names) != edges.size:
        raise ValueError(f"There are {edges.size} stretches after the baseline, but {len(names)} names.")
    stretch = np.searchsorted(edges, reads.time, side="right")
    n_stretches, n_scorers = edges.size + 1, len(reads.scorer.names)
    who = reads.scorer.codes * n_stretches + stretch
    size = n_scorers * n_stretches
    exact = np.isclose(reads.score, reads.reference)
    # A stretch has few papers, and clusters by paper would be few and large: one error variance for all.
    strict, hit = (
        additive.fit(reads.paper.codes, who, column, len(reads.paper.names), size, enough=math.inf)
        for column in (-reads.score, exact.astype(float))
    )
    n, hits = np.bincount(who, minlength=size), np.bincount(who, weights=exact, minlength=size)
    off = np.bincount(who, weights=reads.reference - reads.score, minlength=size) / np.maximum(n, 1)
    found = []
    for code, scorer in enumerate(reads.scorer.names):
        base, later = code * n_stretches, []
        for step, name in enumerate(names, start=1):
            place = base + step
            counts = {"n_units": int(min(n[base], n[place])), "n_excluded": reads.n_excluded}
            enough = min(n[base], n[place]) >= fewest
            change, change_p = _contrast(
                strict, base, place, enough, fewest, confidence, counts, _said_strict
            )
            share, share_p = _contrast(hit, base, place, enough, fewest, confidence, counts, _said_exact)
            plain = float(off[place] - off[base]) if n[base] and n[place] else math.nan
            said = _said(name, change, share) if change.defined else change.sentence
            later.append(
                StretchChange(
                    since[step - 1],
                    int(n[place]),
                    int(hits[place]),
                    change,
                    change_p,
                    share,
                    share_p,
                    plain,
                    plain - change.value,
                    said,
                )
            )
        text = later[-1].sentence
        found.append(ScorerDrift(scorer, int(n[base]), int(hits[base]), tuple(later), text))
    return tuple(found)


def _contrast(solution, base, place, enough, fewest, confidence, known, words):
    if not enough:
        said = f"Not enough yet: this needs {fewest} validity papers before and {fewest} after."
        return undefined(TOO_FEW, said, method=METHOD, **known), math.nan
    if solution.component[base] < 0 or solution.component[base] != solution.component[place]:
        said = "No validity papers link before and after, so other papers cannot be told from a change."
        return undefined(TOO_FEW, said, method=METHOD, **known), math.nan
    number, cells = solution.component[base], solution.scatter
    value = float(solution.effect[place] - solution.effect[base]) + 0.0
    square = cells[base, base] + cells[place, place] - 2 * cells[base, place]
    df = float(solution.error_df[number])
    se = math.sqrt(max(float(square * solution.variance[number]), 0.0)) if df > 0 else math.nan
    if not se > 0:
        return Statistic(value, se=se, method=METHOD, **known, sentence=NO_SIGN), math.nan
    low, high = intervals.around(value, se, quantile=intervals.t_quantile((1 + confidence) / 2, df))
    text = words(value) if not low <= 0 <= high else ""
    text = f"{text[0].upper()}{text[1:]}." if text else NO_SIGN
    return Statistic(value, low, high, se, METHOD, **known, sentence=text), multiplicity.two_sided(
        value / se, df
    )


def _said_strict(value):
    way = wording.stricter(value)
    return f"{way} on the validity papers than before (by {wording.amount(abs(value))})"


def _said_exact(value):
    number = max(round(100 * min(abs(value), 1.0)), 1)
    return f"about {number} {'more' if value > 0 else 'fewer'} exact scores in every 100 than before"


def _said(name, change, share):
    found = [
        words(figure.value)
        for figure, words in ((change, _said_strict), (share, _said_exact))
        if figure.has_interval and not figure.low <= 0 <= figure.high
    ]
    if not found:
        return f"No clear sign of a change since {name}."
    return f"Since {name}, {', and '.join(found)}."


def _labels(column, what):
    """The different labels in order, and the place of each row's."""
    for row, label in enumerate(column):
        if label is None:
            raise ValueError(f"Row {row + 1} names no {what}.")
    values = list(column)
    names = sorted(
        set(values),
        key=lambda name: (isinstance(name, str), name if isinstance(name, (int, str)) else str(name)),
    )
    place = {name: code for code, name in enumerate(names)}
    return Labels(tuple(names), np.array([place[name] for name in values], np.int64))


def _days(moment):
    if isinstance(moment, datetime):
        return moment.timestamp() / 86400
    return float(moment.toordinal()) if isinstance(moment, date) else moment


def _numbers(column, what):
    found = np.full(len(column), math.nan)
    for row, value in enumerate(column):
        if value is None:
            continue
        try:
            found[row] = float(value)
        except (TypeError, ValueError):
            raise ValueError(f"Row {row + 1}: the {what} {value!r} is not a number.") from None
    if np.isinf(found).any():
        raise ValueError(f"Row {int(np.argmax(np.isinf(found))) + 1}: the {what} is not a finite number.")
    return found
