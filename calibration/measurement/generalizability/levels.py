"""Scores and the levels they belong to: every column and every effect of a design as small whole numbers."""

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Scores:
    """The scored rows of a study: for each effect, the level of every row and the number of rows of each level.

    Scores are taken from their mean, which changes no variance and keeps sums of squares exact.
    """

    design: object
    score: np.ndarray
    mean: float
    level: dict  # effect -> for each row, the place of its level
    count: dict  # effect -> for each level, its number of rows
    n_excluded: int

    @property
    def n(self):
        """How many scores there are."""
        return self.score.size

    def n_levels(self, effect):
        """How many levels of an effect were seen."""
        return self.count[effect].size if effect else 1

    def rows_alike(self, effect):
        """For each row, how many rows share its level of an effect."""
        return self.count[effect][self.level[effect]].astype(float)

    def sums(self, effect, values=None):
        """The sum of the scores (or other values) at each level of an effect."""
        values = self.score if values is None else values
        return np.bincount(self.level[effect], weights=values, minlength=self.n_levels(effect))


def read(columns, design, *, score="score"):
    """Find the levels of every effect; refuse data that the design does not fit.

    Parameters
    ----------
    columns : mapping of str to sequence
        A column for each facet of the design, and the scores; all equally long. A row without a score
        (None, NaN or an empty string) is left out and counted.
    design : designs.Design

    Raises
    ------
    ValueError
        For a column that is missing, a row without a label, a score that is no number, a second score in the
        same cell of the design, or an effect that these data cannot tell from another.
    """
    absent = [name for name in (*design.facets, score) if name not in columns]
    if absent:
        raise ValueError(f"There is no column {absent[0]!r}; the columns are {', '.join(map(str, columns))}.")
    lengths = {len(columns[name]) for name in (*design.facets, score)}
    if len(lengths) > 1:
        raise ValueError("The columns are not equally long.")
    numbers = _numbers(columns[score])
    rows = np.flatnonzero(~np.isnan(numbers))
    if not rows.size:
        raise ValueError("There is no row with a score.")
    coded = {facet: _codes(columns[facet], rows, facet) for facet in design.facets}
    mean = float(numbers[rows].mean())
    level, count = _effect_levels(design, coded, rows, columns)
    scores = Scores(design, numbers[rows] - mean, mean, level, count, int(numbers.size - rows.size))
    _refuse_misfit(scores)
    return scores


def _effect_levels(design, coded, rows, columns):
    """Build each effect from a smaller one and one more facet, so that no code grows out of hand."""
    level, count, n = {frozenset(): np.zeros(rows.size, np.int64)}, {}, rows.size
    for effect in sorted(design.effects, key=len):
        facet = design.leading(effect)[0]
        codes, size = coded[facet]
        key = level[effect - {facet}] * size + codes
        level[effect], seen = _dense(key, (int(level[effect - {facet}].max()) + 1) * size)
        count[effect] = np.bincount(level[effect], minlength=seen)
    finest = frozenset(design.facets)
    if count[finest].size < n:
        _name_twice(level[finest], rows, design, columns)
    del level[frozenset()]
    return level, count


def _dense(key, size):
    """Small whole numbers for the keys that occur; a table of all possible keys is faster than sorting."""
    if size <= max(8 * key.size, 1 << 22):
        seen = np.zeros(size, bool)
        seen[key] = True
        return (np.cumsum(seen) - 1)[key], int(np.count_nonzero(seen))
    names, codes = np.unique(key, return_inverse=True)
    return codes, names.size


def _codes(column, rows, name):
    """A column of labels as small whole numbers, and how many labels there are."""
    if isinstance(column, np.ndarray) and column.dtype.kind in "iub":
        values = column[rows].astype(np.int64)
        values -= values.min()
        return _dense(values, int(values.max()) + 1)
    values = (
        column[rows].tolist() if isinstance(column, np.ndarray) else [column[row] for row in rows.tolist()]
    )
    seen = {}
    codes = np.fromiter((seen.setdefault(value, len(seen)) for value in values), np.int64, len(values))
    nameless = [code for label, code in seen.items() if label is None or label == "" or label != label]
    if nameless:
        raise ValueError(f"Row {rows[np.argmax(np.isin(codes, nameless))] + 1} has a score but no {name}.")
    return codes, len(seen)


def _numbers(column):
    """Scores as numbers, NaN where there is none."""
    if isinstance(column, np.ndarray) and column.dtype.kind in "iufb":
        numbers = column.astype(float)
    else:
        numbers = np.full(len(column), math.nan)
        for row, value in enumerate(column):
            try:
                numbers[row] = math.nan if value is None or value == "" else float(value)
            except (TypeError, ValueError):
                raise ValueError(
                    f"Row {row + 1}: {value!r} is not a score; leave it empty or give a number."
                ) from None
    endless = np.flatnonzero(np.isinf(numbers))
    if endless.size:
        raise ValueError(f"Row {endless[0] + 1}: a score cannot be without end.")
    return numbers


def _name_twice(cell, rows, design, columns):
    order = np.argsort(cell, kind="stable")
    again = int(np.flatnonzero(np.diff(cell[order]) == 0)[0])
    first, second = (int(rows[order[place]]) for place in (again, again + 1))
    cells = ", ".join(f"{facet} {columns[facet][first]}" for facet in design.facets)
    raise ValueError(
        f"Rows {first + 1} and {second + 1} both score {cells}. Put what tells them apart into the design, or keep "
        "one of them."
    )


def _refuse_misfit(scores):
    """An effect with as many levels as a smaller one is the same differences under another name."""
    design = scores.design
    for effect in design.effects:
        for facet in design.leading(effect):
            smaller = effect - {facet}
            if scores.n_levels(effect) > scores.n_levels(smaller):
                continue
            if not smaller:
                raise ValueError(
                    f"There is only one {facet}, so it cannot be a facet of the design: leave {facet} out."
                )
            inner, mend = design.label(smaller), f"leave {facet} out of the design"
            if len(smaller) == 1 and not design.nests[facet]:
                mend = f"if every {inner} belongs to one {facet}, write {inner}:{facet}"
            raise ValueError(
                f"No {inner} has scores from two or more levels of {facet}, so that {design.label(effect)} cannot "
                f"be told from {inner}: {mend}."
            )
