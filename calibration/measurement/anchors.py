"""Which responses would make good anchor papers, and which score points have none.

People decide; this only makes the short list. It looks at blind reads and nothing else, and it cannot see
what the work says.
"""

from dataclasses import dataclass

import numpy as np

from calibration.measurement.anchoring import cover, posterior, words
from calibration.measurement.anchoring.evidence import weigh
from calibration.measurement.anchoring.papers import (
    BORDERLINE,
    SOLID,
    UNEVEN,
    AnchorCandidate,
    Papers,
    Source,
)
from calibration.measurement.anchoring.profiles import profiles

__all__ = ["BORDERLINE", "SOLID", "UNEVEN", "AnchorCandidate", "AnchorGap", "AnchorSearch", "LineGap", "Pick"]


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
class LineGap:
    """A line between two score points of a trait that too few papers show from one side or both."""

    trait: object
    low: float
    high: float
    n_low: int
    n_high: int
    sentence: str


@dataclass(frozen=True)
class Pick:
    """A paper of the proposed set, and what it adds: (trait, point) or (trait, low, high, side)."""

    paper: AnchorCandidate
    fills: tuple


@dataclass(frozen=True)
class AnchorSearch:
    """The short list: solid papers, papers on a line, uneven ones, a set that covers the rubric, what is missing."""

    solid: Papers
    borderline: Papers
    uneven: Papers
    proposed: tuple
    gaps: tuple
    line_gaps: tuple
    sentences: tuple
    posterior: posterior.TruePoints

    def for_point(self, trait, point):
        """Solid papers for one score point of one trait, best first."""
        return tuple(paper for paper in self.solid if paper.scores[trait] == point)

    def for_boundary(self, trait, low, high):
        """Papers on which the reads split at one line of one trait, best first."""
        return tuple(paper for paper in self.borderline if paper.split == (trait, low, high))


def candidates(
    ratings,
    *,
    min_reads=2,
    wanted=1,
    wanted_on_lines=1,
    certain=0.9,
    true_points=None,
    diverse=(),
    trait_names=None,
    point_names=None,
):
    """Find candidate anchor papers among blind reads.

    Solid: every read gave the same score on every trait, and the profile is clean (no trait stands more
    than one score point from another); or all but a few did, none further than one point off, and the
    reads still make sure of every score. Borderline: the reads of one trait split over one line between
    neighboring score points, and the other traits are agreed. Uneven: agreed, but the traits stand far
    apart; good for discussion, confusing as a first example. A response with a missing score or a
    condition code in any read is left out.

    A solid or uneven paper is `ready` when each of its scores is the true score point with a chance of at
    least `certain`, and the list of ready papers as a whole with 0.95; a borderline one when its true score
    is about as likely on either side of the line. What is not ready needs more readings.

    Parameters
    ----------
    ratings : Ratings
        Blind reads of the responses of one task, every trait of its rubric.
    min_reads : int
        Reads a candidate needs.
    wanted, wanted_on_lines : int
        Solid papers wanted for each score point, and papers on each side of each line; fewer is a gap.
    certain : float
        Between 0.5 and 1.
    true_points : TruePoints, optional
        Chances of the true score points from another model, for example `posterior.from_measures`;
        otherwise they are worked out from the reads.
    diverse : sequence of str
        Labels ("school", "district", "task" ...) in which the papers of the proposed set should differ.
    trait_names, point_names : dict, optional
        What people call a trait, and {trait: {score point: name}} where points have names.

    Returns
    -------
    AnchorSearch
        Best first: ready ones, then more reads, then a flatter profile; for borderline papers an evener
        split comes before the number of reads. `proposed` is a small set that covers as much of the rubric
        as the ready papers can (all candidates, where too few were read twice to tell which are ready).

    Raises
    ------
    ValueError
        For min_reads under 2, `certain` out of range, a label the ratings do not have, or true points of
        other responses or traits.

    >>> from calibration.measurement.ratings import Ratings
    >>> rows = [("R1", s, t, 3) for s in ("ana", "ben") for t in ("ideas", "organization")]
    >>> search = candidates(Ratings.from_rows(rows, points=[2, 3]), trait_names={"organization": "Organization"})
    >>> search.solid[0].reason, search.gaps[1].sentence
    ('Both scorers gave the same score on every trait: 3.', 'No clear 2 in Organization: no scorer gave a 2.')
    """
    if min_reads < 2:
        raise ValueError("An anchor paper needs at least two blind reads.")
    if not 0.5 < certain < 1:
        raise ValueError("How certain a score must be is a number between 0.5 and 1, for example 0.9.")
    names = words.Names(ratings, trait_names or {}, point_names or {})
    labels = _labels(ratings, diverse)
    known = true_points or posterior.true_points(ratings, certain=certain)
    table = profiles(ratings)
    found = weigh(ratings, table, known, min_reads=min_reads, certain=certain)
    source = Source(ratings, found, table, known.misfit, names)
    papers = {kind: Papers(getattr(found, kind), source) for kind in (SOLID, BORDERLINE, UNEVEN)}

    told = all(not np.isnan(known.chances[trait]).all() for trait in ratings.traits)
    rows = np.concatenate([found.solid, found.borderline])
    usable = found.ready[rows] | (not told)
    needs = cover.needs(ratings, wanted, wanted_on_lines)
    shows = needs.shown_by(found, found.solid, found.borderline)
    picks = cover.choose(shows[usable], needs.wanted, labels[found.units[rows[usable]]])
    stock = _Stock(ratings, names, table.given, needs.count(shows), needs.count(shows[usable]))
    gaps, line_gaps = stock.gaps(wanted), stock.line_gaps(wanted_on_lines)
    counts = (int((table.reads >= min_reads).sum()), len(found.solid), len(found.borderline))
    ready = [int(found.ready[some].sum()) for some in (found.solid, found.borderline)]
    return AnchorSearch(
        **papers,
        proposed=tuple(
            Pick(source.candidate(int(rows[usable][place])), tuple(needs.keys[need] for need in fills))
            for place, fills in picks
        ),
        gaps=gaps,
        line_gaps=line_gaps,
        sentences=(
            words.headline(*counts),
            words.how_sure(*ready, told),
            *(gap.sentence for gap in (*gaps, *line_gaps)),
        ),
        posterior=known,
    )


def _labels(ratings, diverse):
    """The labels of each response (of its first row), as codes: response x column."""
    unknown = [name for name in diverse if name not in ratings.labels]
    if unknown:
        known = ", ".join(ratings.labels) or "none"
        raise ValueError(f"The ratings have no label {unknown[0]!r} (they have: {known}).")
    found = np.full((len(ratings.response.names), len(diverse)), -1)
    for column, name in enumerate(diverse):
        found[ratings.response.codes[::-1], column] = ratings.labels[name].codes[::-1]
    return found


@dataclass(frozen=True, eq=False)
class _Stock:
    """How many papers there are for each need: all candidates, and those that can be used now."""

    ratings: object
    names: words.Names
    given: np.ndarray
    all: dict
    usable: dict

    def gaps(self, wanted):
        """Score points with too few clear papers."""
        gaps = []
        for column, trait in enumerate(self.ratings.traits):
            scale = self.ratings.points[trait].tolist()
            for step, point in enumerate(scale):
                clear = self.usable[trait, point]
                if clear >= wanted:
                    continue
                near = sum(self.all[trait, *line] for line in cover.lines(scale) if point in line)
                given, waiting = int(self.given[column, step]), self.all[trait, point] - clear
                called = self.names.trait(trait), self.names.point(trait, point)
                said = words.point_gap(*called, clear, near, given, wanted, waiting)
                gaps.append(AnchorGap(trait, point, clear, near, given, said))
        return tuple(gaps)

    def line_gaps(self, wanted):
        """Lines that too few papers show from one side or both."""
        gaps = []
        for trait in self.ratings.traits:
            for low, high in cover.lines(self.ratings.points[trait].tolist()):
                sides = tuple(self.usable[trait, low, high, side] for side in cover.SIDES)
                if min(sides) < wanted:
                    called = self.names.trait(trait), *(self.names.point(trait, at) for at in (low, high))
                    gaps.append(LineGap(trait, low, high, *sides, words.line_gap(*called, sides, wanted)))
        return tuple(gaps)
