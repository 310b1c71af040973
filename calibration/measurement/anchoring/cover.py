"""A short set of papers that together show every score point and every line of the rubric."""

from dataclasses import dataclass

import numpy as np

NOTHING = -1
SIDES = ("low", "high")


@dataclass(frozen=True, eq=False)
class Needs:
    """What an anchor set must show, and how often.

    `keys[i]` is (trait, point) or (trait, low, high, side). The needs of trait number t start at
    `first_point[t]` (one for each score point) and `first_line[t]` (two for each line).
    """

    keys: tuple
    wanted: np.ndarray
    first_point: np.ndarray
    first_line: np.ndarray

    def shown_by(self, evidence, solid, borderline):
        """Which needs the papers fill, solid ones first: rows x k, NOTHING where there are fewer than k.

        A paper that leans to neither side of its line shows both.
        """
        traits = self.first_point.size
        shows = np.full((solid.size + borderline.size, max(traits, 2)), NOTHING)
        shows[: solid.size, :traits] = self.first_point + evidence.levels[solid].astype(np.int64)
        if not borderline.size:
            return shows
        split = evidence.split[borderline]
        by_reads = evidence.n_low[borderline] / evidence.reads[borderline]
        below = evidence.below[borderline]
        below = np.where(np.isnan(below), by_reads, below)
        low = self.first_line[split] + 2 * evidence.levels[borderline, split].astype(np.int64)
        shows[solid.size :, 0] = np.where(below >= 0.5, low, NOTHING)
        shows[solid.size :, 1] = np.where(below <= 0.5, low + 1, NOTHING)
        return shows

    def count(self, shows):
        """How many papers fill each need, and under (trait, low, high) how many stand on each line."""
        found = np.bincount(shows[shows != NOTHING], minlength=len(self.keys)).tolist()
        counts = dict(zip(self.keys, found, strict=True))
        # Papers on a line stand for needs of lines only, and these come after all needs of points.
        on_line = shows[:, :2].max(axis=1, initial=NOTHING) >= self.first_line.min(initial=len(self.keys))
        low = np.bincount(shows[on_line, :2].max(axis=1, initial=NOTHING), minlength=len(self.keys))
        for place in range(self.first_line.min(initial=len(self.keys)), len(self.keys), 2):
            counts[self.keys[place][:3]] = int(low[place] + low[place + 1])
        return counts


def needs(ratings, wanted, wanted_on_lines):
    """Every score point of every trait, then both sides of every line between neighboring score points.

    >>> from calibration.measurement.ratings import Ratings
    >>> needs(Ratings.from_rows([], points={"ideas": [1, 2]}), 2, 1).keys
    (('ideas', 1.0), ('ideas', 2.0), ('ideas', 1.0, 2.0, 'low'), ('ideas', 1.0, 2.0, 'high'))
    """
    scales = {trait: ratings.points[trait].tolist() for trait in ratings.traits}
    points = [(trait, point) for trait, scale in scales.items() for point in scale]
    sides = [
        (trait, *line, side) for trait, scale in scales.items() for line in lines(scale) for side in SIDES
    ]
    size = np.array([len(scale) for scale in scales.values()], np.int64)
    first_line = len(points) + np.cumsum(2 * (size - 1)) - 2 * (size - 1)
    often = np.repeat([wanted, wanted_on_lines], [len(points), len(sides)])
    return Needs((*points, *sides), often, np.cumsum(size) - size, first_line)


def lines(scale):
    """The lines between neighboring score points.

    >>> lines([1, 2, 3])
    [(1, 2), (2, 3)]
    """
    return list(zip(scale, scale[1:], strict=False))


def choose(shows, wanted, labels):
    """Choose papers one by one, each time the one that fills most of what is still missing.

    Among equals the one with more labels (school, district ...) that no chosen paper has yet; then the one
    that stands first. Stops when no paper adds anything.

    Parameters
    ----------
    shows : array of int, papers x k
        Which needs each paper fills; NOTHING where a paper fills fewer than k.
    wanted : array of int
        How many papers each need wants.
    labels : array of int, papers x columns
        Codes of the labels; negative where there is none.

    Returns
    -------
    list of (int, tuple of int)
        The papers in the order they were chosen, each with the needs it filled.

    References
    ----------
    Chvatal, V. (1979). A greedy heuristic for the set-covering problem. *Mathematics of Operations
    Research*, 4, 233-235.

    >>> choose(np.array([[0, 1], [1, 2], [2, NOTHING]]), np.array([1, 1, 1]), np.zeros((3, 0), int))
    [(0, (0, 1)), (1, (2,))]
    """
    missing = np.append(np.asarray(wanted, np.int64), 0)  # the last place stands for NOTHING
    free = np.ones(len(shows), bool)
    new = [np.append(np.ones(column.max(initial=-1) + 1, bool), False) for column in labels.T]
    chosen = []
    while True:
        gain = (missing[shows] > 0).sum(axis=1) * free
        if not gain.any():
            return chosen
        fresh = sum((seen[column] for seen, column in zip(new, labels.T, strict=True)), np.zeros(len(shows)))
        best = int(np.argmax(gain * (len(new) + 1) + fresh * (gain > 0)))
        fills = tuple(need for need in shows[best].tolist() if missing[need] > 0)
        missing[list(fills)] -= 1
        free[best] = False
        for seen, code in zip(new, labels[best].tolist(), strict=True):
            seen[code] = False
        chosen.append((best, fills))
