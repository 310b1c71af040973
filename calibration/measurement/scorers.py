"""Each scorer against the others who read the same papers, none of them told so at the time."""

from dataclasses import dataclass

import numpy as np

from calibration.measurement import beta_binomial, differences, groups, wording
from calibration.measurement.ratings import blocks
from calibration.measurement.result import SUPPRESSED, TOO_FEW, Statistic, undefined

ENOUGH = 15  # papers; under this a scorer's figures are mostly luck
CONFIDENCE = 0.95


@dataclass(frozen=True)
class ScorerAgreement:
    """How one scorer's reads compare with the other reads of the same responses; the counts always stand."""

    scorer: object
    n_reads: int
    n_units: int
    exact_count: float
    within_count: float
    exact: Statistic
    adjacent: Statistic
    within: Statistic
    mean_difference: Statistic
    enough: bool
    sentence: str


@dataclass(frozen=True)
class LeaningAgreement:
    """One scorer's agreement leaning on the whole team's: what to expect, rather than what luck brought."""

    scorer: object
    n_units: int
    exact: Statistic
    within: Statistic
    team: float
    sentence: str


def compare(ratings, *, tolerance=1, enough=ENOUGH, confidence=CONFIDENCE):
    """Leave-one-out agreement: every scorer against the others' reads of the same responses.

    Where a response has several other reads, they share one paper's weight between them. The mean
    difference is the scorer's score minus the mean of the others, with Student's t interval over papers.
    It compares scorers on the papers they happened to share with others; it is not yet the severity of
    a model that puts all scorers on one scale.

    Parameters
    ----------
    ratings : TraitRatings
    enough : int
        Shared papers below which no figure is given, only "not enough yet".

    Returns
    -------
    tuple of ScorerAgreement
        One for every scorer with a scored read, in the order of their labels.

    >>> from calibration.measurement.ratings import Ratings
    >>> rows = [(r, s, "t", 1 + (r % 4)) for r in range(20) for s in ("ana", "ben")]
    >>> compare(Ratings.from_rows(rows, points=[1, 2, 3, 4]).of("t"))[0].sentence
    'Gave the same score as the other scorer on 20 of 20 papers; 20 were within one point.'
    """
    found = {
        row.label: row
        for row in groups.by_group(ratings, "scorer", tolerance=tolerance, confidence=confidence)
    }
    reads = np.bincount(ratings.scorer.codes, minlength=len(ratings.scorer.names))
    mean, square, shared = _differences(ratings)
    several = any(size > 2 for size in blocks(ratings.response.codes, len(ratings.response.names)))
    others = "the other scorers" if several else "the other scorer"
    rows = []
    for code, scorer in enumerate(ratings.scorer.names):
        if not reads[code]:
            continue
        n = int(shared[code])
        difference = differences.stated(
            float(mean[code]),
            float(square[code]),
            n,
            confidence=confidence,
            n_pairs=_pairs(found, scorer),
            others=others,
        )
        rows.append(
            _row(scorer, int(reads[code]), n, found.get(scorer), difference, others, tolerance, enough)
        )
    return tuple(rows)


def lean(rows, *, confidence=CONFIDENCE):
    """Agreement with the others, shrunken towards the team's share (beta-binomial, empirical Bayes).

    8 of 10 says less than 80 of 100: the fewer papers, the closer to the team. This is the figure to set
    scorers beside each other with. Nothing is hidden here for few papers; pages take scorers with `enough`.

    Parameters
    ----------
    rows : tuple of ScorerAgreement
        As `compare` gives them.

    Returns
    -------
    tuple of LeaningAgreement
        In the same order; undefined where fewer than three scorers share papers.

    >>> from calibration.measurement.ratings import Ratings
    >>> score = lambda r, s: 1 + (r + (s == "cy" and r % 3 == 0)) % 4
    >>> rows = [(r, s, "t", score(r, s)) for r in range(60) for s in ("ana", "ben", "cy")]
    >>> found = lean(compare(Ratings.from_rows(rows, points=[1, 2, 3, 4]).of("t")))
    >>> [round(row.exact.value, 2) for row in found]
    [0.8, 0.8, 0.73]
    """
    n = [row.n_units for row in rows]
    parts = {
        name: beta_binomial.shares([getattr(row, f"{name}_count") for row in rows], n, confidence=confidence)
        for name in ("exact", "within")
    }
    return tuple(
        LeaningAgreement(
            row.scorer,
            row.n_units,
            exact := _leaning(parts["exact"], place, row.n_units),
            _leaning(parts["within"], place, row.n_units),
            parts["exact"].mean,
            exact.sentence,
        )
        for place, row in enumerate(rows)
    )


def _leaning(shares, place, n):
    method = "agreement with the others, shrunken towards the team (beta-binomial)"
    value, low, high, se = (
        float(column[place]) for column in (shares.value, shares.low, shares.high, shares.se)
    )
    if np.isnan(value) or not n:
        said = "Leaning on the team needs three scorers with shared papers."
        return undefined(TOO_FEW, said, method=method, n_units=n)
    said = "In line with most scorers." if low <= shares.mean <= high else agrees(value, shares.mean)
    return Statistic(value, low, high, se, method, n_units=n, sentence=said)


def agrees(share, team):
    """How a scorer's agreement stands beside the team's, where that is beyond doubt.

    >>> agrees(0.61, 0.72)
    'Agrees less often than most scorers: on about 61 of every 100 papers, beside 72 for the team.'
    """
    way = "more" if share > team else "less"
    beside = wording.of_every_hundred(team).removesuffix(" of every 100")
    papers = wording.of_every_hundred(share)
    return f"Agrees {way} often than most scorers: on about {papers} papers, beside {beside} for the team."


def _row(scorer, reads, n, group, difference, others, tolerance, enough):
    same = _whole(group.exact.value * n) if group else 0
    near = _whole(group.within.value * n) if group else 0
    if n < enough:
        said = f"Not enough yet: {n} of the {enough} shared papers this needs."
        hidden = undefined(SUPPRESSED, said, method="leave-one-out agreement", n_units=n)
        return ScorerAgreement(scorer, reads, n, same, near, hidden, hidden, hidden, hidden, False, said)
    said = wording.same_score("Gave", same, near, n, tolerance).replace("Gave gave", "Gave", 1)
    said = said.replace("the same score on", f"the same score as {others} on", 1)
    if difference.has_interval:
        said = f"{said} {difference.sentence}"
    return ScorerAgreement(
        scorer, reads, n, same, near, group.exact, group.adjacent, group.within, difference, True, said
    )


def _differences(ratings):
    """For every scorer: mean own-minus-others, sum of squares around it, and shared papers."""
    value, unit, who = ratings.points[ratings.score], ratings.response.codes, ratings.scorer.codes
    n, scorers = len(ratings.response.names), len(ratings.scorer.names)
    reads, total = np.bincount(unit, minlength=n)[unit], np.bincount(unit, weights=value, minlength=n)[unit]
    kept = reads > 1
    apart = value[kept] - (total[kept] - value[kept]) / (reads[kept] - 1)
    who = who[kept]
    shared = np.bincount(who, minlength=scorers)
    mean = np.bincount(who, weights=apart, minlength=scorers) / np.maximum(shared, 1)
    square = np.bincount(who, weights=(apart - mean[who]) ** 2, minlength=scorers)
    return mean, square, shared


def _pairs(found, scorer):
    return found[scorer].n_pairs if scorer in found else 0


def _whole(number):
    return round(number) if abs(number - round(number)) < 1e-6 else number
