"""The scores of a design, gathered: persons read alike with the same total are worked on as one.

A *cell* is a set of persons whom the same scorers read on the same items and who have the same raw total: the
model gives them the same measure. A *slot* is one score that each person of a cell has: one scorer, one item.
"""

from dataclasses import dataclass

import numpy as np

from calibration.measurement.facets import patterns

ROWS_AT_ONCE = 1 << 20


@dataclass(frozen=True, eq=False)
class Slots:
    """Cells and their slots: `start[c]:start[c + 1]` are the slots of cell c, sorted by scorer, then item.

    `n` counts the persons of each cell, `total` is their raw total in categories, `example` the first of
    them; `of_person` gives the cell of each person. `scorer`, `item` and `cell` describe each slot.
    """

    n: np.ndarray
    total: np.ndarray
    start: np.ndarray
    cell: np.ndarray
    scorer: np.ndarray
    item: np.ndarray
    of_person: np.ndarray
    example: np.ndarray

    @property
    def weight(self):
        """How many scores stand in each slot."""
        return self.n[self.cell]

    def most(self, design):
        """The highest total a person of each cell could have."""
        return np.bincount(self.cell, design.top[self.item], self.n.size).astype(np.int64)

    def papers(self, n_scorers):
        """How many persons each scorer read."""
        fresh = np.concatenate([[True], (np.diff(self.cell) != 0) | (np.diff(self.scorer) != 0)])
        return np.bincount(self.scorer[fresh], self.weight[fresh], n_scorers).astype(np.int64)

    def sums(self, design):
        """Sum of scores and of squared scores in each slot."""
        first, second = np.zeros(self.cell.size), np.zeros(self.cell.size)
        shift = self.start[self.of_person] - design.start[:-1]
        for begin in range(0, design.n_rows, ROWS_AT_ONCE):
            rows = slice(begin, begin + ROWS_AT_ONCE)
            score = design.score[rows]
            slot = shift[design.person[rows]] + np.arange(begin, begin + score.size)
            first += np.bincount(slot, score, self.cell.size)
            second += np.bincount(slot, score.astype(float) ** 2, self.cell.size)
        return first, second


def gather(design):
    """The cells and slots of a design.

    >>> from calibration.measurement.facets.model import Design
    >>> from calibration.measurement.ratings import Ratings
    >>> rows = [(r, s, "ideas", x) for r, xs in {"R1": (0, 1), "R2": (1, 0), "R3": (1, 1)}.items()
    ...         for s, x in zip(("ana", "ben"), xs)]
    >>> found = gather(Design.of(Ratings.from_rows(rows, points=[0, 1])))
    >>> found.n.tolist(), found.total.tolist(), found.scorer.tolist()
    ([2, 1], [1, 2], [0, 1, 0, 1])
    """
    return expand(design, patterns.collapse(design).of_person)


def expand(design, of_person):
    """Cells from a code for each person; persons with one code must have been read alike, with the same total."""
    _, of_person = patterns.distinct(of_person)
    n = np.bincount(of_person)
    example = np.zeros(n.size, np.int64)
    example[of_person[::-1]] = np.arange(of_person.size)[::-1]
    begin, size = design.start[example], np.diff(design.start)[example]
    start = np.concatenate([[0], np.cumsum(size)])
    cell = np.repeat(np.arange(n.size), size)
    rows = np.repeat(begin - start[:-1], size) + np.arange(start[-1])
    return Slots(
        n=n,
        total=np.bincount(cell, design.score[rows], n.size).astype(np.int64),
        start=start,
        cell=cell,
        scorer=design.scorer[rows].astype(np.int64),
        item=design.item[rows].astype(np.int64),
        of_person=of_person,
        example=example,
    )


def chances(design, parameters, theta, scorer, item):
    """The chance of each category as an array (categories x slots), and the log of its normalizing sum.

    theta, scorer and item are arrays of one length. The same as `model.log_probabilities`, laid out for speed.
    """
    ease = theta - parameters.severity[scorer] - parameters.item[item]
    cumulated = parameters.cumulated
    by_slot = cumulated[0][:, None] if len(cumulated) == 1 else cumulated[design.scale[item]].T
    logits = np.arange(cumulated.shape[1])[:, None] * ease - by_slot
    highest = logits.max(axis=0)
    logits -= highest
    np.exp(logits, out=logits)
    norm = logits.sum(axis=0)
    logits /= norm
    return logits, highest + np.log(norm)


def expected_and_variance(chance):
    """Expected category and variance of each slot, from the chances of the categories.

    >>> [part.tolist() for part in expected_and_variance(np.array([[0.5], [0.5]]))]
    [[0.5], [0.25]]
    """
    category = np.arange(chance.shape[0], dtype=float)
    expected = category @ chance
    return expected, np.maximum(category**2 @ chance - expected**2, 0)
