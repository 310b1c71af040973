"""Which reads stand before a change, which after it, and which papers can be compared with each other."""

from dataclasses import dataclass

import numpy as np

from calibration.measurement.ratings import blocks

BEFORE, AFTER, NEITHER = 0, 1, -1


@dataclass(frozen=True, eq=False)
class Sides:
    """Pairs of reads of the same response, one row for each pair and trait.

    `one` and `other` are the scorers, `low` and `high` their scores as places on the trait's scale. `side` is
    BEFORE or AFTER where both reads stand on that side of the change, else NEITHER. `weight` lets every
    response count once on its side. `alike` marks the pairs of which both scorers read pairs on either side.
    """

    traits: tuple
    points: dict
    unit: np.ndarray
    trait: np.ndarray
    one: np.ndarray
    other: np.ndarray
    first: np.ndarray
    second: np.ndarray
    at: np.ndarray
    side: np.ndarray
    weight: np.ndarray
    alike: np.ndarray

    def chosen(self, rows):
        """Only these rows, every response counting once among them."""
        columns = {name: getattr(self, name)[rows] for name in COLUMNS}
        columns["weight"] = _once(columns["unit"], columns["side"])
        return Sides(self.traits, self.points, **columns)

    def on(self, side):
        """The rows of one side."""
        return self.chosen(self.side == side)

    def comparable(self):
        """The rows from which the two sides are compared: like with like."""
        return self.chosen(self.alike)

    @property
    def n_units(self):
        """Responses among the rows."""
        return np.unique(self.unit).size

    @property
    def scorers(self):
        """Codes of the scorers among the rows."""
        return np.unique(np.concatenate([self.one, self.other]))


COLUMNS = ("unit", "trait", "one", "other", "first", "second", "at", "side", "weight", "alike")


def split(ratings, change, *, done=None, traits=None, until=None):
    """Put every pair of reads of the same response on its side of a change.

    A pair with one read before the change and one after it tells of neither side. To be compared like with
    like, both scorers of a pair must have read pairs on both sides: a change in who scores is then no change.

    Parameters
    ----------
    ratings : Ratings
        With the label "moment": when each read was made, as a number (of days, say).
    change : float
        The moment of the change, in the same unit. A read at that very moment stands after it.
    done : float, optional
        When the change was really made, if that is another moment. Pairs with a read between the two are left out: what
        stands before is before both moments, and what stands after is after both.
    traits : sequence, optional
        The traits of interest; all when left out.
    until : float, optional
        Reads after this moment are left out.

    Returns
    -------
    Sides

    >>> from calibration.measurement.ratings import Ratings
    >>> rows = [{"response": r, "scorer": s, "trait": "t", "score": 1, "moment": r + (s == "ben")}
    ...         for r in range(4) for s in ("ana", "ben")]
    >>> split(Ratings.from_rows(rows, points=[1, 2]), 2).side.tolist()
    [0, -1, 1, 1]
    """
    if "moment" not in ratings.labels:
        raise ValueError("The ratings do not say when each read was made: they need the label 'moment'.")
    traits = tuple(traits or ratings.traits)
    parts = {name: [] for name in ("unit", "trait", "one", "other", "first", "second", "early", "late")}
    for place, trait in enumerate(traits):
        mine = ratings.of(trait)
        moments = mine.labels["moment"]
        moment = np.array([*moments.names, np.nan], float)[moments.codes]
        for reads, rows in blocks(mine.response.codes, len(mine.response.names)).items():
            for a in range(reads):
                for b in range(a + 1, reads):
                    i, j = rows[:, a], rows[:, b]
                    parts["unit"].append(mine.response.codes[i])
                    parts["trait"].append(np.full(i.size, place))
                    parts["one"].append(mine.scorer.codes[i])
                    parts["other"].append(mine.scorer.codes[j])
                    parts["first"].append(mine.score[i])
                    parts["second"].append(mine.score[j])
                    parts["early"].append(np.minimum(moment[i], moment[j]))
                    parts["late"].append(np.maximum(moment[i], moment[j]))
    found = {name: np.concatenate(part) if part else np.zeros(0, np.int64) for name, part in parts.items()}
    early, late = found.pop("early"), found.pop("late")
    if np.isnan(late).any():
        raise ValueError("A read has no moment; the change can not be placed before or after it.")
    first, last = sorted((change, change if done is None else done))
    kept = ~_lies(early, first, last) & ~_lies(late, first, last)
    if until is not None:
        kept &= late <= until
    early, late = early[kept], late[kept]
    found = {name: column[kept] for name, column in found.items()}
    side = np.where(late < first, BEFORE, np.where(early >= last, AFTER, NEITHER))
    alike = _alike(found["one"], found["other"], side, len(ratings.scorer.names))
    points = {trait: ratings.points[trait] for trait in traits}
    return Sides(traits, points, **found, at=late, side=side, weight=_once(found["unit"], side), alike=alike)


def _lies(moment, first, last):
    return (moment >= first) & (moment < last)


def _alike(one, other, side, n_scorers):
    """Pairs of scorers who all have such pairs on both sides: leave out the others until nobody is left over."""
    alike = side != NEITHER
    while True:
        seen = [np.zeros(n_scorers, bool), np.zeros(n_scorers, bool)]
        for which in (BEFORE, AFTER):
            rows = alike & (side == which)
            seen[which][one[rows]] = True
            seen[which][other[rows]] = True
        both = seen[BEFORE] & seen[AFTER]
        kept = alike & both[one] & both[other]
        if (kept == alike).all():
            return alike
        alike = kept


def _once(unit, side):
    """Weights by which every response counts once on its side."""
    if not unit.size:
        return np.zeros(0)
    key = unit * 3 + side + 1
    return 1 / np.bincount(key)[key]
