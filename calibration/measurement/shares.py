"""How many of the papers: same score, within one point, at which score, across which line.

Two scores are exact (equal), adjacent (at most `tolerance` points apart, one by default) or discrepant
(further apart). A response with more than two reads counts once, averaged over its pairs of reads. Every
share carries Wilson's interval over responses.
"""

from dataclasses import dataclass

import numpy as np

from calibration.measurement import intervals, wording
from calibration.measurement.kappa import NO_PAIRS
from calibration.measurement.result import SUPPRESSED, TOO_FEW, Statistic, undefined

CONFIDENCE = 0.95
NEAR_ENOUGH = 1e-9  # half and tenth points are not exact in binary
FEWEST_AT_A_POINT = 10  # reads


@dataclass(frozen=True)
class PointAgreement:
    """When one scorer gave this score, how often the other did too; and what the others gave instead."""

    point: float
    n_reads: float
    agreement: Statistic
    others: tuple


@dataclass(frozen=True)
class Boundary:
    """The line between two neighboring score points: how many papers scorers put on different sides of it."""

    low: float
    high: float
    n_split: float
    n_next_door: float
    share_of_disagreements: float
    agreement: Statistic
    sentence: str


@dataclass(frozen=True)
class ScoreShare:
    """How often a score point was given."""

    point: float
    n: int
    share: float


def exact(counts, *, confidence=CONFIDENCE):
    """Share of responses on which two scorers gave the same score.

    >>> from calibration.measurement.pairs import PairCounts
    >>> exact(PairCounts.from_table([[40, 10], [19, 31]], [1, 2])).percent_text()
    '71 % (61 % to 79 %)'
    """
    return _share(counts, distances(counts.points) <= NEAR_ENOUGH, "the same score", confidence)


def within(counts, *, tolerance=1, confidence=CONFIDENCE):
    """Share of responses on which two scorers were at most `tolerance` points apart."""
    near = distances(counts.points) <= tolerance + NEAR_ENOUGH
    return _share(counts, near, f"within {wording.points(tolerance)}", confidence)


def adjacent(counts, *, tolerance=1, confidence=CONFIDENCE):
    """Share of responses on which two scorers differed, but by no more than `tolerance` points."""
    apart = distances(counts.points)
    chosen = (apart > NEAR_ENOUGH) & (apart <= tolerance + NEAR_ENOUGH)
    return _share(counts, chosen, f"different, within {wording.points(tolerance)}", confidence)


def discrepant(counts, *, tolerance=1, confidence=CONFIDENCE):
    """Share of responses on which two scorers were more than `tolerance` points apart."""
    far = distances(counts.points) > tolerance + NEAR_ENOUGH
    return _share(counts, far, f"more than {wording.points(tolerance)} apart", confidence)


def by_habit(counts, *, tolerance=0):
    """The share two scorers would reach by guessing, each score as often as it was given here.

    Within-one agreement on three or four score points is nearly automatic; this is what to compare it with.
    """
    near = distances(counts.points) <= tolerance + NEAR_ENOUGH
    if not counts.n_pairs:
        return undefined(TOO_FEW, NO_PAIRS, method="by habit")
    share = counts.fair.sum(axis=1) / counts.n_units
    value = float(share @ near @ share)
    return Statistic(value, method="by habit", **counts.known(), sentence=wording.guessing(value, tolerance))


def by_coin(points, *, tolerance=0):
    """The share two scorers would reach if every score point were equally likely.

    >>> by_coin([1, 2, 3, 4], tolerance=1).value
    0.625
    """
    near = distances(points) <= tolerance + NEAR_ENOUGH
    how = f"within {wording.points(tolerance)}" if tolerance > 0 else "at the same score"
    said = f"By flipping coins, two scorers would be {how} on {wording.of_every_hundred(near.mean())} papers."
    return Statistic(float(near.mean()), method="each score point equally likely", sentence=said)


def by_score_point(counts, *, confidence=CONFIDENCE):
    """Agreement at each score point: when one scorer gave a 4, how often did the other give a 4 too?

    Positive specific agreement 2 a / (2 a + b), where a papers got the score from both and b from one only.
    Its interval follows from Wilson's interval of a / (a + b).

    References
    ----------
    Cicchetti, D. V., & Feinstein, A. R. (1990). High agreement but low kappa: II. Resolving the paradoxes.
    *Journal of Clinical Epidemiology*, 43, 551-558.
    """
    fair = counts.fair
    reads, both = 2 * fair.sum(axis=1), np.diag(fair)
    rows = []
    for place, point in enumerate(counts.points.tolist()):
        if reads[place] > 0:
            papers = reads[place] - both[place]  # given by at least one of the two
            ends = [float(end) for end in intervals.wilson(both[place] / papers, papers, confidence)]
            low, high = (2 * end / (1 + end) for end in ends)
            value = 2 * both[place] / reads[place]
            said = (
                f"When one scorer gave {point:g}, the other did too {wording.of_every_hundred(value)} times."
            )
            agreement = Statistic(
                float(value),
                low,
                high,
                method="specific agreement, Wilson",
                n_units=float(papers),
                sentence=said,
            )
            others = tuple((fair[place] / fair[place].sum()).tolist())
        else:
            agreement = undefined(TOO_FEW, f"No papers at {point:g}.", method="specific agreement")
            others = (np.nan,) * counts.points.size
        if 0 < reads[place] < FEWEST_AT_A_POINT:
            few = f"Too few papers at {point:g} to say how well scorers agree there."
            agreement = undefined(SUPPRESSED, few, method="specific agreement", n_units=agreement.n_units)
            others = (np.nan,) * counts.points.size
        rows.append(PointAgreement(point, float(reads[place]), agreement, others))
    return tuple(rows)


def boundaries(counts, *, confidence=CONFIDENCE):
    """Which line of the rubric splits scorers: for every two neighboring score points, papers on both sides.

    A paper scored 1 and 3 crosses two lines, so the shares of all lines may add up to more than one.
    """
    pairs, points = np.triu(counts.fair + counts.fair.T, k=1), counts.points.tolist()
    differ, rows = pairs.sum(), []
    for place in range(len(points) - 1):
        low, high = points[place], points[place + 1]
        split = float(pairs[: place + 1, place + 1 :].sum())
        side = _stated(
            counts.n_units - split, counts, f"same side of the line between {low:g} and {high:g}", confidence
        )
        part = split / differ if differ else np.nan
        said = f"{wording.papers(split).capitalize()} fell on both sides of the line between {low:g} and {high:g}."
        rows.append(Boundary(low, high, split, float(pairs[place, place + 1]), float(part), side, said))
    return tuple(rows)


def widest_boundary(lines, n_different):
    """The line that splits scorers most, said in a sentence; empty where none stands out."""
    ordered = sorted(lines, key=lambda line: -line.n_split)
    if (
        not ordered
        or ordered[0].n_split <= 0
        or (len(ordered) > 1 and ordered[1].n_split == ordered[0].n_split)
    ):
        return ""
    top = ordered[0]
    return (
        f"The line between {top.low:g} and {top.high:g} splits scorers most: it runs through "
        f"{wording.count(top.n_split)} of {wording.papers(n_different)} with different scores."
    )


def distribution(given, points):
    """How often each score point was given."""
    total = int(given.sum())
    return tuple(
        ScoreShare(point, int(n), float(n / total) if total else np.nan)
        for point, n in zip(np.asarray(points, float).tolist(), given, strict=True)
    )


def distances(points):
    """How many points apart every two scores of the rubric are."""
    return np.abs(np.subtract.outer(np.asarray(points, float), np.asarray(points, float)))


def _share(counts, chosen, what, confidence):
    return _stated(float(counts.fair[chosen].sum()) if counts.n_pairs else 0.0, counts, what, confidence)


def _stated(number, counts, what, confidence):
    n, method = counts.n_units, f"{what}, Wilson interval over responses"
    if not n:
        return undefined(TOO_FEW, NO_PAIRS, method=method, **counts.known())
    number = round(number) if abs(number - round(number)) < NEAR_ENOUGH * n else number
    value = number / n
    low, high = intervals.wilson(value, n, confidence)
    return Statistic(
        value=float(value),
        low=float(low),
        high=float(high),
        se=float(np.sqrt(value * (1 - value) / n)),
        method=method,
        **counts.known(),
        sentence=f"{wording.count(number)[:1].upper()}{wording.count(number)[1:]} of {wording.papers(n)}: {what}.",
    )
