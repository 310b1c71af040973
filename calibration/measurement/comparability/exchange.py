"""Exchanged reads: the same responses scored by different people, folded into cells of equal readership."""

from dataclasses import dataclass

import numpy as np

from calibration.measurement.ratings import NO_SCORE, blocks

DENSE = 5  # from so many scorers per read of a response on, counting pairs beats multiplying matrices


@dataclass(frozen=True, eq=False)
class Exchange:
    """All reads of one trait (or of all traits), as whole numbers, with the scorer's own district.

    `unit` is what is compared, a response's trait; units read once say nothing about scorers and are counted in
    `n_single`. Scores are in points of the rubric.
    """

    districts: tuple
    scorers: tuple
    district_of: np.ndarray  # of each scorer
    unit: np.ndarray
    response: np.ndarray
    scorer: np.ndarray
    score: np.ndarray
    n_units: int
    n_single: int
    n_without: int
    shared: np.ndarray  # districts x districts: responses that scorers of both have read
    pairs: np.ndarray  # districts x districts: pairs of reads, one from each
    n_shared: int  # responses read in more than one district
    means: np.ndarray  # of all reads of each district, on whatever papers

    @property
    def n_responses(self):
        """Responses with two or more reads on some trait."""
        return int(np.unique(self.response).size)


def gather(ratings, *, by="district", trait=None):
    """Collect the reads of a trait (None: of all traits), each with the district of its scorer.

    Raises ValueError when the ratings have no such column, or when a scorer stands in two districts: then the
    sentence names the scorer.
    """
    if by not in ratings.labels:
        raise ValueError(
            f"The ratings have no column {by!r}, so nobody knows which {by} a scorer belongs to."
        )
    column = ratings.labels[by]
    of_trait = np.ones(ratings.score.size, bool)
    if trait is not None:
        code = {name: place for place, name in enumerate(ratings.trait.names)}.get(trait, -2)
        of_trait = ratings.trait.codes == code
    known = of_trait & (ratings.score != NO_SCORE) & (column.codes >= 0)
    rows = np.flatnonzero(known)
    home = _home(ratings.scorer.codes[rows], column.codes[rows], ratings.scorer.names, column.names, by)
    response, scorer = ratings.response.codes[rows], ratings.scorer.codes[rows]
    unit, score = response * len(ratings.trait.names) + ratings.trait.codes[rows], _scores(ratings, rows)
    n_reads = int(of_trait.sum())
    if trait is None and (whole := _whole_reads(ratings, rows, score)):
        response, scorer, score = whole
        unit = response
        n_reads = np.unique(ratings.response.codes * len(ratings.scorer.names) + ratings.scorer.codes).size
    district = home[scorer]
    unit = np.unique(unit, return_inverse=True)[1]
    twice = np.bincount(unit)[unit] > 1
    shared, pairs, n_shared = _shared(response, unit, district, len(column.names))
    kept_units, kept = np.unique(unit[twice], return_inverse=True)
    return Exchange(
        districts=column.names,
        scorers=ratings.scorer.names,
        district_of=home,
        unit=kept,
        response=response[twice],
        scorer=scorer[twice],
        score=score[twice],
        n_units=kept_units.size,
        n_single=int((~twice).sum()),
        n_without=n_reads - score.size,
        shared=shared,
        pairs=pairs,
        n_shared=n_shared,
        means=_means(score, district, len(column.names)),
    )


def _home(scorer, district, scorers, districts, by):
    """The one district of each scorer (-1: no reads)."""
    home = np.full(len(scorers), -1)
    home[scorer] = district
    astray = np.flatnonzero(home[scorer] != district)
    if astray.size:
        who = scorer[astray[0]]
        raise ValueError(
            f"Scorer {scorers[who]} has reads in two {by}s, {districts[district[astray[0]]]} and "
            f"{districts[home[who]]}. Give each scorer one {by}: the scorer's own, not the student's."
        )
    return home


def _whole_reads(ratings, rows, score):
    """Reads with a score on every trait, each as one: response, scorer, mean score over traits.

    The traits of a read depend on each other; their mean is one number without that trouble. None where there
    is a single trait, or no response with two such reads: then traits are compared side by side.
    """
    n_traits, n_scorers = np.unique(ratings.trait.codes[rows]).size, max(len(ratings.scorer.names), 1)
    key = ratings.response.codes[rows] * n_scorers + ratings.scorer.codes[rows]
    codes, place, many = np.unique(key, return_inverse=True, return_counts=True)
    complete = many == n_traits
    response = codes[complete] // n_scorers
    if n_traits < 2 or np.unique(response).size == response.size:
        return None
    mean = np.bincount(place, score, minlength=codes.size) / many
    return response, codes[complete] % n_scorers, mean[complete]


def _scores(ratings, rows):
    score = np.empty(rows.size)
    for code, trait in enumerate(ratings.trait.names):
        mine = ratings.trait.codes[rows] == code
        score[mine] = ratings.points[trait][ratings.score[rows[mine]]]
    return score


def _shared(response, unit, district, n):
    """Responses read on one and the same trait by two districts, pairs of such reads, and responses shared at all."""
    n_units = int(unit.max(initial=-1)) + 1
    reads = np.bincount(unit * n + district, minlength=n_units * n).reshape(n_units, n)
    owner = np.zeros(n_units, np.int64)
    owner[unit] = response
    shared = np.zeros((n, n), int)
    for a in range(n):
        for b in range(a + 1, n):
            both = (reads[:, a] > 0) & (reads[:, b] > 0)
            shared[a, b] = shared[b, a] = np.unique(owner[both]).size
    return shared, reads.T @ reads, int(np.unique(owner[(reads > 0).sum(axis=1) > 1]).size)


def _means(score, district, n):
    with np.errstate(invalid="ignore"):
        return np.bincount(district, score, minlength=n) / np.bincount(district, minlength=n)


@dataclass(frozen=True, eq=False)
class Cells:
    """Units read by the same scorers, folded together: nothing else matters for comparing scorers.

    Each block holds cells of equally many scorers: `scorers` (cells x m), `count` (units in each cell) and
    `above` (cells x m), the sum of how far each scorer stood above the mean of the unit. `square` is the sum
    of all squares around the units' means.
    """

    blocks: tuple
    n_scorers: int
    n_reads: int
    n_units: int
    square: float

    def spread(self, value):
        """Of each scorer's value, how far it stands above the mean of the scorers of the same cell."""
        return [value[scorers] - value[scorers].mean(axis=1)[:, None] for scorers, _, _ in self.blocks]

    def total(self, parts):
        """Sum over all reads, for each scorer; `parts` holds a number per scorer of each cell."""
        sums = np.zeros(self.n_scorers)
        for (scorers, count, _), part in zip(self.blocks, parts, strict=True):
            sums += np.bincount(scorers.ravel(), (count[:, None] * part).ravel(), minlength=self.n_scorers)
        return sums

    def crossed(self, left=None, right=None):
        """Scorers x scorers: sums over shared units of left x right, over the number of reads of the unit."""
        size = self.n_scorers
        found = np.zeros((size, size))
        for place, (scorers, count, _) in enumerate(self.blocks):
            m = scorers.shape[1]
            one, other = (np.ones(scorers.shape) if side is None else side[place] for side in (left, right))
            other = other * (count / m)[:, None]
            if size < DENSE * m:
                rows = np.arange(count.size)[:, None]
                wide = np.zeros((2, count.size, size))
                wide[0][rows, scorers], wide[1][rows, scorers] = one, other
                found += wide[0].T @ wide[1]
                continue
            for a in range(m):
                key, weight = scorers[:, a, None] * size + scorers, one[:, a, None] * other
                found += np.bincount(key.ravel(), weight.ravel(), minlength=size * size).reshape(size, size)
        return found


def fold(exchange):
    """Fold the units that the same scorers read into cells; scorers keep their codes."""
    n = len(exchange.scorers)
    found, square = [], 0.0
    for m, rows in blocks(exchange.unit, exchange.n_units).items():
        order = np.argsort(exchange.scorer[rows], axis=1, kind="stable")
        rows = np.take_along_axis(rows, order, axis=1)
        scorers, score = exchange.scorer[rows], exchange.score[rows]
        above = score - score.mean(axis=1)[:, None]
        square += float((above**2).sum())
        kinds, place = _distinct(scorers, n)
        count = np.bincount(place, minlength=kinds.shape[0])
        summed = np.stack(
            [np.bincount(place, above[:, a], minlength=kinds.shape[0]) for a in range(m)], axis=1
        )
        found.append((kinds, count, summed))
    return Cells(tuple(found), n, exchange.unit.size, exchange.n_units, square)


def _distinct(scorers, n):
    """The different sets of scorers, and for each unit the place of its set."""
    m = scorers.shape[1]
    if m * np.log2(max(n, 2)) < 62:
        key = scorers @ n ** np.arange(m, dtype=np.int64)
        _, first, place = np.unique(key, return_index=True, return_inverse=True)
        return scorers[first], place
    kinds, place = np.unique(scorers, axis=0, return_inverse=True)
    return kinds, place.ravel()
