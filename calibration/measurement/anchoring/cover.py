"""A short set of papers that together show every score point and every line of the rubric."""

from dataclasses import dataclass

import numpy as np

NOTHING = -1


@dataclass(frozen=True, eq=False)
class Needs:
    """What an anchor set must show: `keys[i]` is (trait, point) or (trait, low, high, side), `wanted[i]` how often."""

    keys: tuple
    wanted: np.ndarray

    @property
    def place(self):
        """Where each need stands."""
        return {key: place for place, key in enumerate(self.keys)}


def needs(ratings, wanted, wanted_on_lines):
    """Every score point of every trait, then both sides of every line between neighboring score points.

    >>> from calibration.measurement.ratings import Ratings
    >>> needs(Ratings.from_rows([], points={"ideas": [1, 2]}), 2, 1).keys
    (('ideas', 1.0), ('ideas', 2.0), ('ideas', 1.0, 2.0, 'low'), ('ideas', 1.0, 2.0, 'high'))
    """
    scales = {trait: ratings.points[trait].tolist() for trait in ratings.traits}
    points = [(trait, point) for trait, scale in scales.items() for point in scale]
    lines = [
        (trait, low, high, side)
        for trait, scale in scales.items()
        for low, high in zip(scale, scale[1:], strict=False)
        for side in ("low", "high")
    ]
    often = [wanted] * len(points) + [wanted_on_lines] * len(lines)
    return Needs((*points, *lines), np.array(often, np.int64))


def available(shows, n_needs):
    """How many papers could fill each need."""
    return np.bincount(shows[shows != NOTHING], minlength=n_needs)


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
    while free.any():
        gain = (missing[shows] > 0).sum(axis=1) * free
        if not gain.any():
            break
        fresh = sum((seen[column] for seen, column in zip(new, labels.T, strict=True)), np.zeros(len(shows)))
        best = int(np.argmax(gain * (len(new) + 1) + fresh * (gain > 0)))
        fills = tuple(need for need in shows[best].tolist() if missing[need] > 0)
        missing[list(fills)] -= 1
        free[best] = False
        for seen, code in zip(new, labels[best].tolist(), strict=True):
            seen[code] = False
        chosen.append((best, fills))
    return chosen
