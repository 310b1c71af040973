"""Persons who were read alike and have the same total are one pattern: the model cannot tell them apart.

Given theta, the chance of a person's scores depends on them through the raw total and, apart from that, through
sums over all persons (Rasch sufficiency). So one count per (who read what, total) replaces the persons: their
number no longer matters, only how many different ways of being read there are.
"""

from dataclasses import dataclass

import numpy as np

SAME_GRID = 4  # persons with up to four times as many scores share one grid of nodes


@dataclass(frozen=True, eq=False)
class Block:
    """Sets of bundles of one shape, so that they can be worked on as full arrays.

    Row u is a set: `bundles[u]` are its bundles (m of them), `totals[u]` the n different totals of the persons
    read so, `counts[u]` how many persons have each, and `places[u]` the numbers of these patterns. Persons have at most
    `n_scores` scores.
    """

    bundles: np.ndarray
    totals: np.ndarray
    counts: np.ndarray
    places: np.ndarray
    n_scores: int
    tier: int


@dataclass(frozen=True, eq=False)
class Patterns:
    """A design collapsed: cells (scorer x item), bundles of cells (what one scorer read of one person), blocks.

    `cells[bundle_start[b] : bundle_start[b + 1]]` are the cells of bundle b, all of scorer `bundle_scorer[b]`.
    `tiers` gathers the blocks by how many scores a person of theirs has, because more scores need a finer
    grid. `of_person` is the pattern of each person.
    """

    cell_scorer: np.ndarray
    cell_item: np.ndarray
    cells: np.ndarray
    bundle_start: np.ndarray
    bundle_scorer: np.ndarray
    tiers: tuple
    of_person: np.ndarray
    n_patterns: int

    @property
    def n_bundles(self):
        """How many different bundles there are."""
        return self.bundle_scorer.size

    def sum_cells(self, values):
        """Sum values of cells (first axis) over each bundle."""
        return np.add.reduceat(values[self.cells], self.bundle_start[:-1], axis=0)


def collapse(design):
    """Find the patterns of a design: exact, and without a loop over ratings.

    Returns `Patterns`. See Andersen (1977) for sufficiency of the total in Rasch models with several
    categories.

    >>> from calibration.measurement.facets.model import Design
    >>> from calibration.measurement.ratings import Ratings
    >>> rows = [(r, s, "ideas", x) for r, xs in {"R1": (0, 1), "R2": (1, 0), "R3": (1, 1)}.items()
    ...         for s, x in zip(("ana", "ben"), xs)]
    >>> found = collapse(Design.of(Ratings.from_rows(rows, points=[0, 1])))
    >>> found.tiers[0][0].totals.tolist(), found.tiers[0][0].counts.tolist()
    ([[1, 2]], [[2, 1]])
    """
    n_items = len(design.items)
    key = design.scorer.astype(np.int64) * n_items + design.item
    cell_keys, cell = distinct(key)
    order = np.argsort(design.person.astype(np.int64) * cell_keys.size + cell, kind="stable")
    person, cell, scorer = design.person[order], cell[order], design.scorer[order]
    begins = np.flatnonzero(np.r_[True, (np.diff(person) != 0) | (np.diff(scorer) != 0)])
    n_cells = np.diff(np.r_[begins, person.size])
    bundle, first = alike(begins, n_cells, cell, cell_keys.size)
    n_bundles = np.diff(np.r_[np.flatnonzero(np.r_[True, np.diff(person[begins]) != 0]), begins.size])
    opens = np.cumsum(n_bundles) - n_bundles
    same_set, first_person = alike(opens, n_bundles, bundle, first.size)
    totals, most = design.totals
    width = int(most.max()) + 1
    pattern_keys, of_person = distinct(same_set * width + totals)
    sizes = n_cells[first]
    cells = cell[np.repeat(begins[first] - (np.cumsum(sizes) - sizes), sizes) + np.arange(sizes.sum())]
    blocks = _blocks(
        pattern_keys // width,
        pattern_keys % width,
        np.bincount(of_person, minlength=pattern_keys.size),
        bundle,
        opens[first_person],
        n_bundles[first_person],
        np.diff(design.start)[first_person],
    )
    return Patterns(
        cell_scorer=cell_keys // n_items,
        cell_item=cell_keys % n_items,
        cells=cells,
        bundle_start=np.r_[0, np.cumsum(sizes)],
        bundle_scorer=scorer[begins[first]].astype(np.int64),
        tiers=blocks,
        of_person=of_person,
        n_patterns=pattern_keys.size,
    )


def distinct(keys):
    """The different keys in order, and the place of each row's key among them.

    >>> [part.tolist() for part in distinct(np.array([7, 3, 7]))]
    [[3, 7], [1, 0, 1]]
    """
    top = int(keys.max()) + 1
    if top > 8 * keys.size + 65_536:
        return np.unique(keys, return_inverse=True)
    seen = np.zeros(top, bool)
    seen[keys] = True
    return np.flatnonzero(seen), (np.cumsum(seen) - 1)[keys]


def alike(start, size, values, n_values):
    """Number sequences of small whole numbers so that equal ones get the same number.

    Sequence s is `values[start[s] : start[s] + size[s]]`. Returns (number of each sequence, a sequence that
    has each number).

    >>> numbers, example = alike(np.array([0, 2, 3, 5]), np.array([2, 1, 2, 1]), np.array([4, 1, 1, 4, 1, 2]), 5)
    >>> numbers.tolist(), example.tolist()
    ([2, 0, 2, 1], [1, 3, 2])
    """
    numbers, examples, used = np.zeros(start.size, np.int64), [], 0
    for length in np.flatnonzero(np.bincount(size)).tolist():
        mine = np.flatnonzero(size == length)
        code = np.zeros(mine.size, np.int64)
        for step in range(length):
            found, code = distinct(code * n_values + values[start[mine] + step])
        example = np.zeros(found.size, np.int64)
        example[code] = mine
        numbers[mine] = code + used
        examples.append(example)
        used += found.size
    return numbers, np.concatenate(examples)


def _blocks(of_set, total, count, bundle, opens, n_bundles, n_scores):
    """Sets with as many bundles and as many totals, in tiers by the number of scores."""
    n_totals = np.bincount(of_set)
    first = np.cumsum(n_totals) - n_totals
    tier = np.floor(np.log(n_scores) / np.log(SAME_GRID) + 1e-9).astype(np.int64)
    tiers = {}
    shapes = np.unique(np.column_stack([tier, n_bundles, n_totals]), axis=0)
    for level, wide, high in shapes.tolist():
        sets = np.flatnonzero((tier == level) & (n_bundles == wide) & (n_totals == high))
        places = first[sets][:, None] + np.arange(high)
        block = Block(
            bundles=bundle[opens[sets][:, None] + np.arange(wide)],
            totals=total[places],
            counts=count[places],
            places=places,
            n_scores=int(n_scores[sets].max()),
            tier=level,
        )
        tiers.setdefault(level, []).append(block)
    return tuple(tuple(blocks) for blocks in tiers.values())
