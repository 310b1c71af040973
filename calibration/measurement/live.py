"""Tables for pages that change with every read: add or take away one response without counting again."""

import numpy as np

from calibration.measurement import pairs
from calibration.measurement.ratings import blocks


class LiveCounts:
    """Counts of one trait that follow the reads as they come.

    Adding or taking away a response costs the same whether ten or a million stand already; every figure that
    is made from `PairCounts` can then be worked out anew from `counts()`. The reads themselves are not kept:
    whoever takes a response away says what it was.

    >>> live = LiveCounts([1, 2, 3])
    >>> live.add([("ana", 2), ("ben", 3)])
    >>> live.add([("ana", 1), ("ben", 1)])
    >>> live.take_away([("ana", 2), ("ben", 3)])
    >>> live.counts().table.tolist()
    [[1, 0, 0], [0, 0, 0], [0, 0, 0]]
    """

    def __init__(self, points, *, trait=""):
        self.points = np.asarray(list(points), float)
        self.trait = trait
        self._place = {point: place for place, point in enumerate(self.points.tolist())}
        q = self.points.size
        self._table = np.zeros((q, q), np.int64)
        self._patterns = {}  # scores of a response, in order of the score points -> responses
        self._singles = np.zeros(q, np.int64)
        self._given_by = {}  # scorer -> how often each score point
        self._by_pair = {}  # two scorers, in order -> table of the responses only they read
        self._larger = 0  # responses with more than two reads
        self._responses = 0

    @classmethod
    def of(cls, ratings):
        """Start from ratings that have been counted in one go."""
        live, points = cls(ratings.points, trait=ratings.trait), ratings.points.tolist()
        names, score, scorer = ratings.scorer.names, ratings.score.tolist(), ratings.scorer.codes.tolist()
        for rows in blocks(ratings.response.codes, len(ratings.response.names)).values():
            for reads in rows.tolist():
                live.add([(names[scorer[row]], points[score[row]]) for row in reads])
        return live

    def add(self, reads):
        """Count one response in: its reads as (scorer, score), in the order they were made."""
        self._change(reads, 1)

    def take_away(self, reads):
        """Count one response out again; it must have been counted in."""
        self._change(reads, -1)

    def counts(self):
        """The counts as they stand, as `pairs.count` would give them."""
        q = self.points.size
        patterns = np.array([self._row(kind) for kind in self._patterns], np.int64).reshape(-1, q)
        pair = next(iter(self._by_pair)) if len(self._by_pair) == 1 and not self._larger else None
        return pairs.PairCounts(
            points=self.points,
            table=self._table.copy(),
            patterns=patterns,
            frequencies=np.array(list(self._patterns.values()), np.int64),
            singles=self._singles.copy(),
            trait=self.trait,
            fixed_pair=pair,
            oriented=self._by_pair[pair].copy() if pair else None,
            given=sum(self._given_by.values(), np.zeros(q, np.int64)),
            given_by={name: self._given_by[name].copy() for name in _sorted(self._given_by)},
            n_responses=self._responses,
        )

    def _row(self, kind):
        return np.bincount(kind, minlength=self.points.size)

    def _change(self, reads, by):
        places = [self._checked(*read) for read in reads]
        scorers = [scorer for scorer, _ in reads]
        if not reads or len(set(scorers)) < len(scorers):
            raise ValueError("A response has at least one read, and one from each scorer.")
        kind = tuple(sorted(places))
        if by < 0 and not self._stands(kind, scorers, places):
            raise ValueError("A response that was not counted in cannot be taken away.")
        self._responses += by
        for scorer, place in zip(scorers, places, strict=True):
            given = self._given_by.setdefault(scorer, np.zeros(self.points.size, np.int64))
            given[place] += by
            if not given.any():
                del self._given_by[scorer]
        if len(places) == 1:
            self._singles[places[0]] += by
            return
        for a, one in enumerate(places):
            for other in places[a + 1 :]:
                self._table[one, other] += by
        self._patterns[kind] = self._patterns.get(kind, 0) + by
        if not self._patterns[kind]:
            del self._patterns[kind]
        if len(places) > 2:
            self._larger += by
        else:
            self._change_pair(scorers, places, by)

    def _change_pair(self, scorers, places, by):
        pair = tuple(_sorted(scorers))
        one, other = places if pair == tuple(scorers) else places[::-1]
        table = self._by_pair.setdefault(pair, np.zeros_like(self._table))
        table[one, other] += by
        if not table.any():
            del self._by_pair[pair]

    def _stands(self, kind, scorers, places):
        """Can such a response have been counted in? What is not kept cannot be checked."""
        known = all(
            scorer in self._given_by and self._given_by[scorer][place] > 0
            for scorer, place in zip(scorers, places, strict=True)
        )
        if len(kind) == 1:
            return known and self._singles[kind[0]] > 0
        if len(kind) > 2 or not known:
            met = np.zeros_like(self._table)
            for a, one in enumerate(places):
                np.add.at(met, (one, places[a + 1 :]), 1)
            return known and kind in self._patterns and self._larger > 0 and (met <= self._table).all()
        pair = tuple(_sorted(scorers))
        one, other = places if pair == tuple(scorers) else places[::-1]
        return pair in self._by_pair and self._by_pair[pair][one, other] > 0

    def _checked(self, scorer, score):
        place = self._place.get(score)
        if scorer is None or place is None:
            listed = ", ".join(f"{point:g}" for point in self._place)
            raise ValueError(f"{score!r} by {scorer!r} is no read; the score points are {listed}.")
        return place


def _sorted(names):
    return sorted(
        names,
        key=lambda name: (isinstance(name, str), name if isinstance(name, (int, float, str)) else str(name)),
    )
