"""Which responses would make good anchor papers, and which score points have none.

People decide; this only makes the short list. It looks at blind reads and nothing else, and it cannot see
what the work says.
"""

from dataclasses import dataclass

import numpy as np

from calibration.measurement import wording
from calibration.measurement.ratings import NO_SCORE

SOLID, BORDERLINE, UNEVEN = "solid", "borderline", "uneven"


@dataclass(frozen=True)
class AnchorCandidate:
    """A response that may serve as an anchor paper, and why."""

    response: object
    kind: str
    n_reads: int
    scores: dict
    split: tuple | None
    split_counts: tuple | None
    spread: float
    reason: str


@dataclass(frozen=True)
class AnchorGap:
    """A score point of a trait for which no response would make a clear anchor paper."""

    trait: object
    point: float
    n_solid: int
    n_borderline: int
    n_given: int
    sentence: str


@dataclass(frozen=True)
class AnchorSearch:
    """The short list: solid papers, papers on a line, uneven ones, and what is missing."""

    solid: tuple
    borderline: tuple
    uneven: tuple
    gaps: tuple
    sentences: tuple

    def for_point(self, trait, point):
        """Solid papers for one score point of one trait, best first."""
        return tuple(paper for paper in self.solid if paper.scores[trait] == point)

    def for_boundary(self, trait, low, high):
        """Papers on which the reads split at one line of one trait, best first."""
        return tuple(paper for paper in self.borderline if paper.split == (trait, low, high))


def candidates(ratings, *, min_reads=2, wanted=1, trait_names=None, point_names=None):
    """Find candidate anchor papers among blind reads.

    Solid: every read gave the same score, on every trait, and the profile is clean (no trait stands more
    than one score point from another). Borderline: the reads of one trait split over one line between
    neighboring score points and agree on all other traits. Uneven: all reads agree, but the traits stand
    far apart; good for discussion, confusing as a first example. A response with a missing score or a
    condition code in any read is left out.

    Parameters
    ----------
    ratings : Ratings
        Blind reads of the responses of one task, every trait of its rubric.
    min_reads : int
        Reads a candidate needs.
    wanted : int
        Solid papers wanted for each score point; fewer is a gap.
    trait_names, point_names : dict, optional
        What people call a trait, and {trait: {score point: name}} where points have names.

    Returns
    -------
    AnchorSearch
        Best first: more reads, then a flatter profile; for borderline papers first an evener split.

    >>> from calibration.measurement.ratings import Ratings
    >>> rows = [("R1", s, t, 3) for s in ("ana", "ben") for t in ("ideas", "organization")]
    >>> search = candidates(Ratings.from_rows(rows, points=[2, 3]), trait_names={"organization": "Organization"})
    >>> search.solid[0].reason, search.gaps[1].sentence
    ('Both scorers gave the same score on every trait: 3.', 'No clear 2 in Organization: no scorer gave a 2.')
    """
    if min_reads < 2:
        raise ValueError("An anchor paper needs at least two blind reads.")
    names = _Names(ratings, trait_names or {}, point_names or {})
    table = _Profiles(ratings)
    ready = np.flatnonzero(table.complete & (table.reads >= min_reads))
    exact = (table.lowest[ready] == table.highest[ready]).all(axis=1)
    papers = [_agreed(table, names, unit) for unit in ready[exact].tolist()]
    differ = table.highest[ready] - table.lowest[ready]
    on_a_line = (np.count_nonzero(differ, axis=1) == 1) & (differ.max(axis=1, initial=0) == 1)
    lines = [_on_a_line(table, names, unit) for unit in ready[on_a_line].tolist()]
    solid = sorted((paper for paper in papers if paper.kind == SOLID), key=_rank)
    uneven = sorted((paper for paper in papers if paper.kind == UNEVEN), key=_rank)
    borderline = sorted(lines, key=_line_rank)
    gaps = _gaps(ratings, table, names, solid, borderline, wanted)
    return AnchorSearch(
        solid=tuple(solid),
        borderline=tuple(borderline),
        uneven=tuple(uneven),
        gaps=gaps,
        sentences=_sentences(solid, borderline, gaps, int((table.reads >= min_reads).sum())),
    )


class _Profiles:
    """For every response: its readers, and the lowest and highest score of each trait."""

    def __init__(self, ratings):
        self.names, traits = ratings.response.names, len(ratings.traits)
        self.points = [ratings.points[name] for name in ratings.traits]
        order = {name: place for place, name in enumerate(ratings.traits)}
        trait = np.array([order[name] for name in ratings.trait.names], np.int64)[ratings.trait.codes]
        n, response, scorers = len(self.names), ratings.response.codes, max(len(ratings.scorer.names), 1)
        readers = np.unique(response * scorers + ratings.scorer.codes)
        self.reads = np.bincount(readers // scorers, minlength=n)

        scored = ratings.score != NO_SCORE
        cell, score = (response * traits + trait)[scored], ratings.score[scored]
        lowest, highest = np.full(n * traits, np.iinfo(np.int64).max), np.full(n * traits, -1)
        np.minimum.at(lowest, cell, score)
        np.maximum.at(highest, cell, score)
        often = np.bincount(cell, minlength=n * traits)
        below = np.bincount(cell[score == lowest[cell]], minlength=n * traits)
        self.lowest, self.highest, often, self.n_low = (
            column.reshape(n, traits) for column in (lowest, highest, often, below)
        )
        self.complete = (often == self.reads[:, None]).all(axis=1)

        widest = max((points.size for points in self.points), default=1)
        given = np.bincount(cell * widest + score, minlength=n * traits * widest) > 0
        self.given = given.reshape(n, traits, widest).sum(axis=0)

    def spread(self, unit):
        """How far apart the traits of a response stand, in score points of the coarsest trait."""
        steps = np.array([points.size - 1 for points in self.points])
        standing = (self.lowest[unit] + self.highest[unit]) / 2 / steps
        return float((standing.max() - standing.min()) * steps.min())

    def scores(self, unit, traits):
        """The score of every trait all reads agree on; None where they split."""
        return {
            name: float(points[low]) if low == high else None
            for name, points, low, high in zip(
                traits, self.points, self.lowest[unit], self.highest[unit], strict=True
            )
        }


class _Names:
    """What people call traits and score points."""

    def __init__(self, ratings, traits, points):
        self.traits, self._trait_names, self._point_names = ratings.traits, traits, points

    def trait(self, trait):
        return str(self._trait_names.get(trait, trait))

    def point(self, trait, point):
        named = self._point_names.get(trait, {}).get(point)
        return f"{point:g}" if named is None else f'"{named}"'

    def profile(self, scores):
        said = [f"{self.trait(trait)} {self.point(trait, point)}" for trait, point in scores.items()]
        return ", ".join(said)


def _agreed(table, names, unit):
    scores, reads, spread = table.scores(unit, names.traits), int(table.reads[unit]), table.spread(unit)
    who = "Both scorers" if reads == 2 else f"All {reads} scorers"
    called = {names.point(trait, point) for trait, point in scores.items()}
    if len(scores) == 1:
        reason = f"{who} gave the same score: {called.pop()}."
    elif len(called) == 1:
        reason = f"{who} gave the same score on every trait: {called.pop()}."
    else:
        reason = f"{who} gave the same scores: {names.profile(scores)}."
    clean = spread <= 1 + 1e-9
    if not clean:
        reason += " The traits stand far apart."
    return AnchorCandidate(
        response=table.names[unit],
        kind=SOLID if clean else UNEVEN,
        n_reads=reads,
        scores=scores,
        split=None,
        split_counts=None,
        spread=spread,
        reason=reason,
    )


def _on_a_line(table, names, unit):
    scores, reads = table.scores(unit, names.traits), int(table.reads[unit])
    place = int(np.argmax(table.highest[unit] - table.lowest[unit]))
    trait, points = names.traits[place], table.points[place]
    low, high = (float(points[side[unit, place]]) for side in (table.lowest, table.highest))
    below = int(table.n_low[unit, place])
    line = f"between {names.point(trait, low)} and {names.point(trait, high)}"
    many = "" if reads == 2 else f", {below} to {reads - below}"
    where = f" in {names.trait(trait)}" if len(scores) > 1 else ""
    agreed = {name: point for name, point in scores.items() if point is not None}
    rest = f" and agreed on the rest: {names.profile(agreed)}" if agreed else ""
    return AnchorCandidate(
        response=table.names[unit],
        kind=BORDERLINE,
        n_reads=reads,
        scores=scores,
        split=(trait, low, high),
        split_counts=(below, reads - below),
        spread=table.spread(unit),
        reason=f"Scorers split {line}{where}{many}{rest}.",
    )


def _rank(paper):
    """More reads first, then a flatter profile; the label last, so that the order is always the same."""
    return -paper.n_reads, paper.spread, str(paper.response)


def _line_rank(paper):
    """An even split marks the line best: 2 to 2 before 3 to 1."""
    low, high = paper.split_counts
    return abs(low - high) / (low + high), *_rank(paper)


def _gaps(ratings, table, names, solid, borderline, wanted):
    found = []
    for place, trait in enumerate(ratings.traits):
        for step, point in enumerate(ratings.points[trait].tolist()):
            clear = sum(paper.scores[trait] == point for paper in solid)
            if clear >= wanted:
                continue
            near = sum(paper.split[0] == trait and point in paper.split[1:] for paper in borderline)
            given = int(table.given[place, step])
            said = _gap_sentence(names.trait(trait), names.point(trait, point), clear, near, given, wanted)
            found.append(AnchorGap(trait, point, clear, near, given, said))
    return tuple(found)


def _gap_sentence(trait, point, clear, near, given, wanted):
    if clear:
        return f"Only {wording.count(clear)} clear {point} in {trait}; {wanted} are wanted."
    if not given:
        return f"No clear {point} in {trait}: no scorer gave a {point}."
    if near:
        verb = "stands" if near == 1 else "stand"
        return f"No clear {point} in {trait}; {wording.papers(near)} {verb} on a line next to it."
    return f"No clear {point} in {trait}; {wording.papers(given)} got a {point} from at least one scorer."


def _sentences(solid, borderline, gaps, n):
    found = (
        f"Of {wording.papers(n)} with enough reads, {wording.count(len(solid))} could be a solid anchor paper "
        f"and {wording.count(len(borderline))} could show a line between two score points."
    )
    return (found, *(gap.sentence for gap in gaps))
