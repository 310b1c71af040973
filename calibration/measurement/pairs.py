"""Counting reads against each other: from here on everything is small tables, however many responses."""

from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import numpy as np

from calibration.measurement.ratings import blocks


@dataclass(frozen=True, eq=False)
class PairCounts:
    """What every agreement figure of one trait is made from.

    `table` counts whole pairs, first read (rows) by second read (columns). `patterns` are the different sets
    of scores a response received (one row each: how often each score point was given) and `frequencies` how
    many responses received each. A response with more than two reads has several pairs; in `fair` they are
    averaged, so that every response counts once, whoever read it and however often.
    """

    points: np.ndarray
    table: np.ndarray
    patterns: np.ndarray
    frequencies: np.ndarray
    singles: np.ndarray
    trait: object = ""
    fixed_pair: tuple | None = None
    oriented: np.ndarray | None = None
    given: np.ndarray | None = None
    given_by: dict = field(default_factory=dict)
    n_responses: int = 0
    n_missing: int = 0
    n_conditions: int = 0

    @classmethod
    def from_table(cls, table, points, *, fixed_pair=None, trait=""):
        """Start from counts that a database has already made: rows first read, columns second read.

        >>> PairCounts.from_table([[20, 5], [10, 15]], points=[0, 1]).n_units
        50
        """
        table, points = np.asarray(table), np.asarray(points, float)
        whole = table.dtype.kind in "iu" or (table.dtype.kind == "f" and (table == table.round()).all())
        if table.shape != (points.size, points.size) or not whole or table.min() < 0:
            raise ValueError(
                f"The table must hold {points.size} x {points.size} counts, one row per score point."
            )
        table = table.astype(np.int64)
        patterns, frequencies = _patterns_of_two(table)
        rows, columns = table.sum(axis=1), table.sum(axis=0)
        return cls(
            points=points,
            table=table,
            patterns=patterns,
            frequencies=frequencies,
            singles=np.zeros(points.size, np.int64),
            trait=trait,
            fixed_pair=tuple(fixed_pair) if fixed_pair else None,
            oriented=table if fixed_pair else None,
            given=rows + columns,
            given_by=dict(zip(fixed_pair, (rows, columns), strict=True)) if fixed_pair else {},
            n_responses=int(table.sum()),
        )

    @cached_property
    def n_units(self):
        """Responses with at least two scored reads."""
        return int(self.frequencies.sum())

    @cached_property
    def n_pairs(self):
        """Pairs of reads of the same response."""
        return int(self.table.sum())

    @property
    def compared(self):
        """Patterns and frequencies of the responses with two or more reads."""
        return self.patterns, self.frequencies

    @property
    def n_reads(self):
        """Scored reads, compared or not."""
        return int(self.given.sum())

    @cached_property
    def n_single(self):
        """Responses with one scored read: they cannot show agreement."""
        return int(self.singles.sum())

    @property
    def n_excluded(self):
        """Reads that no agreement figure uses: no score, a condition code, or nothing to compare with."""
        return self.n_single + self.n_missing + self.n_conditions

    @property
    def max_reads(self):
        """The most scored reads any response received."""
        if self.patterns.size:
            return int(self.patterns.sum(axis=1).max())
        return int(self.n_single > 0)

    @property
    def fair(self):
        """Pairs by score, in both orders, every response counting once: sums to the number of responses."""
        reads = self.patterns.sum(axis=1)
        return self._pair_sums(self.frequencies / np.maximum(reads * (reads - 1), 1))

    @property
    def folded(self):
        """Whole pairs by lower score (rows) and higher score (columns): the order of reads does not matter."""
        return np.triu(self.table + self.table.T) - np.diag(np.diag(self.table))

    def coincidences(self):
        """For each pattern, its part in Krippendorff's coincidence matrix (patterns x q x q)."""
        reads = self.patterns.sum(axis=1)
        return pair_matrices(self.patterns) / np.maximum(reads - 1, 1)[:, None, None]

    def known(self):
        """The counts every figure carries along."""
        return {"n_units": self.n_units, "n_pairs": self.n_pairs, "n_excluded": self.n_excluded}

    def _pair_sums(self, weight):
        return self.patterns.T @ (self.patterns * weight[:, None]) - np.diag(weight @ self.patterns)


@dataclass(frozen=True, eq=False)
class LabelTables:
    """Pairs of reads under each label: q x q tables in one stack, own score in rows, the other's in columns.

    In `tables` a response counts once (for scorers: once for each). In `coincidences` every read counts once,
    as in Krippendorff's alpha; the two differ only for responses with more than two reads. `pairs` is the
    whole number of pairs under each label.
    """

    labels: tuple
    tables: np.ndarray
    coincidences: np.ndarray
    pairs: np.ndarray


def pair_matrices(patterns):
    """Ordered pairs of reads by score, for each pattern."""
    q = patterns.shape[1]
    return patterns[:, :, None] * patterns[:, None, :] - patterns[:, :, None] * np.eye(q)


def count(ratings):
    """Count the reads of one trait against each other.

    Parameters
    ----------
    ratings : TraitRatings
        As given by `Ratings.of(trait)`.

    Returns
    -------
    PairCounts
    """
    q, unit, score = ratings.points.size, ratings.response.codes, ratings.score
    found = blocks(unit, len(ratings.response.names))
    table, patterns, frequencies = (
        np.zeros((q, q), np.int64),
        [np.zeros((0, q), np.int64)],
        [np.zeros(0, np.int64)],
    )
    for reads, rows in found.items():
        if reads < 2:
            continue
        scores = score[rows]
        ways = [(a, b) for a in range(reads) for b in range(a + 1, reads)]
        counts = sum(np.bincount(scores[:, a] * q + scores[:, b], minlength=q * q) for a, b in ways).reshape(
            q, q
        )
        table += counts
        kinds, often = _patterns_of_two(counts) if reads == 2 else _patterns(scores, q)
        patterns.append(kinds)
        frequencies.append(often)
    pair, oriented = _fixed_pair(ratings, found)
    names = ratings.scorer.names
    by = np.bincount(ratings.scorer.codes * q + score, minlength=len(names) * q).reshape(-1, q)
    return PairCounts(
        points=ratings.points,
        table=table,
        patterns=np.concatenate(patterns),
        frequencies=np.concatenate(frequencies),
        singles=np.bincount(score[found.get(1, np.zeros((0, 1), int))[:, 0]], minlength=q),
        trait=ratings.trait,
        fixed_pair=pair,
        oriented=oriented,
        given=by.sum(axis=0),
        given_by={names[code]: by[code] for code in np.flatnonzero(by.any(axis=1)).tolist()},
        n_responses=ratings.n_responses,
        n_missing=ratings.n_missing,
        n_conditions=ratings.n_conditions,
    )


def by_label(ratings, name):
    """One table per label, own score in rows and the other's in columns.

    A pair inside one label counts once under it; a pair between two labels counts once under each. For
    scorers, a response counts once per scorer, spread over the other reads; for anything else it counts
    once altogether.
    """
    column, q = ratings.column(name), ratings.points.size
    size = len(column.names) * q * q
    tables, coincidences, whole = np.zeros(size), np.zeros(size), np.zeros(size)
    for reads, a, b in _pair_rows(ratings):
        weight = 1 / (reads - 1) if name == "scorer" else 2 / (reads * (reads - 1))
        one, other = column.codes[a], column.codes[b]
        for mine, key, own, theirs in ((one >= 0, one, a, b), ((other >= 0) & (other != one), other, b, a)):
            cells = np.bincount(
                ((key * q + ratings.score[own]) * q + ratings.score[theirs])[mine], minlength=size
            )
            tables += weight * cells
            coincidences += cells / (reads - 1)
            whole += cells
    pairs = whole.reshape(-1, q * q).sum(axis=1).astype(int)
    return LabelTables(column.names, tables.reshape(-1, q, q), coincidences.reshape(-1, q, q), pairs)


def by_label_pair(ratings, name):
    """One table per pair of labels that met, lower label in rows."""
    column, q = ratings.column(name), ratings.points.size
    n = len(column.names)
    keys, cells, weights, reads_of = (
        [np.zeros(0, np.int64)],
        [np.zeros(0, np.int64)],
        [np.zeros(0)],
        [np.zeros(0)],
    )
    for reads, a, b in _pair_rows(ratings):
        one, other = column.codes[a], column.codes[b]
        known = (one >= 0) & (other >= 0)
        swap = one > other
        own, theirs = np.where(swap, b, a)[known], np.where(swap, a, b)[known]
        keys.append(column.codes[own] * n + column.codes[theirs])
        cells.append(ratings.score[own] * q + ratings.score[theirs])
        weights.append(np.full(own.size, 1.0 if name == "scorer" else 2 / (reads * (reads - 1))))
        reads_of.append(np.full(own.size, 1.0 if name == "scorer" else 1 / (reads - 1)))
    key, cell = np.concatenate(keys), np.concatenate(cells)
    met = np.flatnonzero(np.bincount(key, minlength=n * n)) if n else key
    place = np.zeros(n * n, np.int64)
    place[met] = np.arange(met.size)
    tables, coincidences = (
        np.bincount(place[key] * q * q + cell, weights=np.concatenate(weight), minlength=met.size * q * q)
        for weight in (weights, reads_of)
    )
    labels = tuple((column.names[code // n], column.names[code % n]) for code in met.tolist())
    whole = np.bincount(place[key], minlength=met.size)
    return LabelTables(labels, tables.reshape(-1, q, q), coincidences.reshape(-1, q, q), whole)


def _pair_rows(ratings):
    for reads, rows in blocks(ratings.response.codes, len(ratings.response.names)).items():
        for a in range(reads):
            for b in range(a + 1, reads):
                yield reads, rows[:, a], rows[:, b]


def _patterns_of_two(table):
    """The different sets of scores of responses read twice, straight from the table of pairs."""
    lower, higher, alone = _sets_of_two(table.shape[0])
    often = (table + table.T)[lower, higher]
    often[lower == higher] //= 2
    used = np.flatnonzero(often)
    return alone[lower[used]] + alone[higher[used]], often[used]


@lru_cache(maxsize=64)
def _sets_of_two(q):
    return *np.triu_indices(q), np.eye(q, dtype=np.int64)


def _patterns(scores, q):
    """The same for responses with more reads: how often each score point was given, distinct rows."""
    n, reads = scores.shape
    counts = np.bincount((np.arange(n)[:, None] * q + scores).ravel(), minlength=n * q).reshape(n, q)
    return distinct(counts, reads)


def distinct(counts, most):
    """The different rows of a table of counts up to `most`, and how often each occurs."""
    n, q = counts.shape
    possible = (most + 1) ** q
    if possible > 2**60:  # too many possible rows for one whole number
        return np.unique(counts, axis=0, return_counts=True)
    steps = (most + 1) ** np.arange(q, dtype=np.int64)
    key = counts @ steps
    if possible > max(1000, 4 * n):
        _, first, often = np.unique(key, return_index=True, return_counts=True)
        return counts[first], often
    often = np.bincount(key)  # few possible rows: no sorting
    used = np.flatnonzero(often)
    return used[:, None] // steps % (most + 1), often[used]


def _fixed_pair(ratings, found):
    """The two scorers, if the same two read every response, and their table (in label order)."""
    if any(reads > 2 for reads in found) or 2 not in found:
        return None, None
    rows, q, codes = found[2], ratings.points.size, ratings.scorer.codes
    low, high = sorted(codes[rows[0]].tolist())
    for some in (rows[:100], rows):  # most designs that rotate show it at once
        one, other = codes[some[:, 0]], codes[some[:, 1]]
        swap = (one == high) & (other == low)
        if not (swap | ((one == low) & (other == high))).all():
            return None, None
    first, second = ratings.score[np.where(swap, rows.T[::-1], rows.T)]
    names = ratings.scorer.names
    return (names[low], names[high]), np.bincount(first * q + second, minlength=q * q).reshape(q, q)
