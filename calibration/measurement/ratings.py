"""Ratings: who gave which response which score on which trait, ready to be counted."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

COLUMNS = ("response", "scorer", "trait", "score", "task", "district", "group")
NO_SCORE = -1


@dataclass(frozen=True, eq=False)
class Labels:
    """The different labels of one column, and for each row the place of its label (-1: no label)."""

    names: tuple
    codes: np.ndarray

    def __getitem__(self, rows):
        return Labels(self.names, self.codes[rows])


@dataclass(frozen=True, eq=False)
class TraitRatings:
    """Every scored read of one trait, as small whole numbers.

    `score` holds places in `points` (0 is the lowest score point of the rubric). Rows without a score are
    left out and counted in `n_missing`; rows with a condition code are set aside in `conditions`.
    """

    trait: object
    points: np.ndarray
    response: Labels
    scorer: Labels
    score: np.ndarray
    labels: dict
    n_missing: int
    n_responses: int
    conditions: tuple = field(repr=False)  # (response codes, condition codes, names) of the rows set aside

    @property
    def n_conditions(self):
        """How many reads carry a condition code instead of a score."""
        return self.conditions[0].size

    def column(self, name):
        """The labels of one column: 'scorer', 'response', or any label the rows came with."""
        if name in ("scorer", "response"):
            return getattr(self, name)
        if name not in self.labels:
            known = ", ".join(["scorer", *self.labels])
            raise ValueError(f"The ratings have no column {name!r}; they have {known}.")
        return self.labels[name]


@dataclass(frozen=True, eq=False)
class Ratings:
    """The one data structure of measurement: long rows of blind reads, encoded once.

    Give only blind, operational reads. A score given after seeing another one, an adjudicator's score or
    the score of a check paper measures something else and would flatter the agreement.

    >>> rows = [("R1", "ana", "ideas", 3), ("R1", "ben", "ideas", 4), ("R2", "ana", "ideas", None)]
    >>> ideas = Ratings.from_rows(rows, points={"ideas": [1, 2, 3, 4]}).of("ideas")
    >>> ideas.score.tolist(), ideas.n_missing
    ([2, 3], 1)
    """

    points: dict
    response: Labels
    scorer: Labels
    trait: Labels
    score: np.ndarray
    condition: Labels
    labels: dict

    @classmethod
    def from_rows(cls, rows, *, points, condition_codes=()):
        """Read rows (response, scorer, trait, score[, task[, district[, group]]]) or mappings of the same.

        Any further key of a mapping is kept as a label. Rows stand in the order the reads were made.
        """
        rows = list(rows)
        if rows and isinstance(rows[0], Mapping):
            names = list(dict.fromkeys(key for row in rows for key in row))
            columns = {name: [row.get(name) for row in rows] for name in names}
        else:
            width = max(map(len, rows), default=4)
            if width > len(COLUMNS) or any(len(row) < 4 for row in rows):
                raise ValueError(
                    f"A row holds {', '.join(COLUMNS[:4])}, then if known {', '.join(COLUMNS[4:])}."
                )
            full = (tuple(row) + (None,) * (width - len(row)) for row in rows)
            columns = dict(zip(COLUMNS, zip(*full, strict=True) if rows else [()] * width, strict=False))
        absent = [name for name in COLUMNS[:4] if rows and name not in columns]
        if absent:
            raise ValueError(f"The rows have no {absent[0]}.")
        required = [columns.pop(name, ()) for name in COLUMNS[:4]]
        return cls.from_columns(*required, points=points, condition_codes=condition_codes, **columns)

    @classmethod
    def from_columns(cls, response, scorer, trait, score, *, points, condition_codes=(), **labels):
        """Read the same as columns of equal length, lists or arrays: the quick road for many rows."""
        lengths = {len(column) for column in (response, scorer, trait, score, *labels.values())}
        if len(lengths) > 1:
            raise ValueError("The columns of the ratings are not equally long.")
        response, scorer, traits = _encode(response, ordered=False), _encode(scorer), _encode(trait)
        points = _score_points(points, traits)
        numbers, conditions = _numbers(score, condition_codes)
        codes = _places(numbers, traits, points, where=(response, scorer), given=score)
        ratings = cls(
            points=points,
            response=response,
            scorer=scorer,
            trait=traits,
            score=codes,
            condition=conditions,
            labels={name: _encode(column) for name, column in labels.items()},
        )
        _refuse_unnamed(ratings)
        _refuse_twice(ratings)
        return ratings

    @property
    def traits(self):
        """The traits of the rubric, in its order."""
        return tuple(self.points)

    def of(self, trait):
        """The ratings of one trait."""
        if trait not in self.points:
            raise ValueError(f"There is no trait {trait!r}; the traits are {_listed(self.points)}.")
        place = {name: code for code, name in enumerate(self.trait.names)}.get(trait, -2)
        mine = self.trait.codes == place
        chosen = mine & (self.score != NO_SCORE)
        scored = slice(None) if chosen.all() else np.flatnonzero(chosen)
        aside = np.flatnonzero(mine & (self.condition.codes >= 0))
        return TraitRatings(
            trait=trait,
            points=self.points[trait],
            response=self.response[scored],
            scorer=self.scorer[scored],
            score=self.score[scored],
            labels={name: column[scored] for name, column in self.labels.items()},
            n_missing=int(mine.sum()) - int(chosen.sum()) - aside.size,
            n_responses=int(np.count_nonzero(np.bincount(self.response.codes[mine]))) if mine.any() else 0,
            conditions=(self.response.codes[aside], self.condition.codes[aside], self.condition.names),
        )

    def where(self, **wanted):
        """Only the rows with these labels, for example `where(district="A", scorer=["ana", "ben"])`."""
        keep = np.ones(self.score.size, bool)
        for name, values in wanted.items():
            column = getattr(self, name) if name in COLUMNS[:3] else self.labels.get(name)
            if column is None:
                raise ValueError(f"The ratings have no column {name!r}.")
            values = values if isinstance(values, (list, tuple, set, frozenset)) else [values]
            chosen = [code for code, label in enumerate(column.names) if label in values]
            keep &= np.isin(column.codes, chosen)
        rows = np.flatnonzero(keep)
        return Ratings(
            points=self.points,
            response=self.response[rows],
            scorer=self.scorer[rows],
            trait=self.trait[rows],
            score=self.score[rows],
            condition=self.condition[rows],
            labels={name: column[rows] for name, column in self.labels.items()},
        )


def blocks(unit, n_units):
    """Rows of the same unit, gathered by how many there are: {2: (units x 2 row numbers), 3: ...}.

    Rows keep their order inside a unit. Units read twice need no sorting: their first and last row are
    found by writing every row number to its unit once forwards and once backwards.

    >>> blocks(np.array([0, 1, 0, 2, 1, 1]), 3)[2].tolist()
    [[0, 2]]
    """
    size = np.bincount(unit, minlength=n_units)
    rows = np.arange(unit.size)
    first, last = np.zeros(size.size, np.int64), np.zeros(size.size, np.int64)
    last[unit] = rows
    first[unit[::-1]] = rows[::-1]
    found = {}
    for reads in np.flatnonzero(np.bincount(size, minlength=1)).tolist():
        units = np.flatnonzero(size == reads)
        if reads == 1:
            found[1] = first[units][:, None]
        elif reads == 2:
            found[2] = np.column_stack([first[units], last[units]])
        elif reads > 2:
            some = rows[size[unit] == reads]
            found[reads] = some[np.argsort(unit[some], kind="stable")].reshape(-1, reads)
    return found


def _encode(column, *, ordered=True):
    """Give every different label a small whole number; labels in order, so that results do not depend on rows."""
    if isinstance(column, np.ndarray) and column.size:
        if column.dtype.kind in "iu" and int(column.max()) - int(column.min()) < 4 * column.size + 1000:
            return _encode_numbers(column, ordered)
        if column.dtype.kind == "U" and (column == column[0]).all():
            return Labels((str(column[0]),), np.zeros(column.size, np.int64))
    values = column.tolist() if isinstance(column, np.ndarray) else column
    seen = {}
    codes = np.fromiter((seen.setdefault(value, len(seen)) for value in values), np.int64, len(values))
    names = list(seen)
    if not ordered and None not in seen:
        return Labels(tuple(names), codes)
    kept = [name for name in names if name is not None]
    kept.sort(
        key=lambda name: (isinstance(name, str), name if isinstance(name, (int, float, str)) else str(name))
    )
    place = {name: code for code, name in enumerate(kept)}
    return Labels(tuple(kept), np.array([place.get(name, -1) for name in names], np.int64)[codes])


def _encode_numbers(column, ordered):
    """The same for whole numbers that lie close together: no dictionary."""
    place = column.astype(np.int64) - int(column.min())
    first = np.full(int(place.max()) + 1, -1)
    first[place[::-1]] = np.arange(place.size)[::-1]
    used = np.flatnonzero(first >= 0)
    if not ordered:
        used = used[np.argsort(first[used])]
    code = np.empty(first.size, np.int64)
    code[used] = np.arange(used.size)
    return Labels(tuple((used + int(column.min())).tolist()), code[place])


def _score_points(points, traits):
    given = points if isinstance(points, Mapping) else dict.fromkeys(traits.names, points)
    checked = {}
    for trait, values in given.items():
        values = np.array(list(values), float)
        if values.size < 2 or not np.isfinite(values).all() or (np.diff(values) <= 0).any():
            raise ValueError(f"The score points of {trait!r} must be at least two numbers, from low to high.")
        checked[trait] = values
    for code, trait in enumerate(traits.names):
        if trait not in checked:
            row = int(np.argmax(traits.codes == code)) + 1
            raise ValueError(f"Row {row}: {trait!r} is no trait of the rubric ({_listed(checked)}).")
    return checked


def _numbers(score, condition_codes):
    """Scores as numbers (NaN: none), and the condition codes found among them."""
    names = tuple(condition_codes)
    place = {name: code for code, name in enumerate(names)}
    if isinstance(score, np.ndarray) and score.dtype.kind in "iuf":
        return score.astype(float), Labels(names, np.full(len(score), -1, np.int64))
    numbers, conditions = np.full(len(score), math.nan), np.full(len(score), -1, np.int64)
    for row, value in enumerate(score):
        if isinstance(value, str):
            if value not in place:
                raise ValueError(
                    f"Row {row + 1}: {value!r} is neither a number nor one of the condition codes."
                )
            conditions[row] = place[value]
        elif value is not None:
            numbers[row] = value
    return numbers, Labels(names, conditions)


def _places(numbers, traits, points, *, where, given):
    """Turn scores into places in the rubric's score points; refuse a score that is none of them."""
    codes = np.full(numbers.size, NO_SCORE, np.int64)
    for code, trait in enumerate(traits.names):
        mine = (traits.codes == code) & ~np.isnan(numbers)
        rows = slice(None) if mine.all() else np.flatnonzero(mine)
        scale, scored = points[trait], numbers[rows]
        place = _nearest(scored, scale)
        wrong = ~(np.abs(scale[place] - scored) <= 1e-9)
        if wrong.any():
            row = int(np.flatnonzero(mine)[np.argmax(wrong)])
            response, scorer = (labels.names[labels.codes[row]] for labels in where)
            raise ValueError(
                f"Row {row + 1} (response {response}, scorer {scorer}, trait {trait}): {given[row]} is no score "
                f"point; the score points are {_listed(f'{value:g}' for value in scale)}."
            )
        codes[rows] = place
    return codes


def _nearest(numbers, scale):
    """The place in the scale where a number belongs, if it belongs there at all."""
    if (np.diff(scale) == 1).all():  # 1, 2, 3, ...: no search
        with np.errstate(invalid="ignore"):
            return np.rint(np.clip(numbers - scale[0], 0, scale.size - 1)).astype(np.int64)
    return np.clip(np.searchsorted(scale, numbers - 1e-9), 0, scale.size - 1)


def _refuse_unnamed(ratings):
    for name in COLUMNS[:3]:
        nameless = np.flatnonzero(getattr(ratings, name).codes < 0)
        if nameless.size:
            raise ValueError(f"Row {nameless[0] + 1} has no {name}.")


def _refuse_twice(ratings):
    """A scorer has one score per trait of a response: a second one would count as agreement with oneself."""
    width = max(len(ratings.trait.names), 1)
    unit = ratings.response.codes * width + ratings.trait.codes
    scorer = ratings.scorer.codes
    for reads, rows in blocks(unit, len(ratings.response.names) * width).items():
        who = np.sort(scorer[rows], axis=1) if reads > 2 else scorer[rows]
        again = np.flatnonzero((np.diff(who, axis=1) == 0).any(axis=1))
        if again.size:
            mine = rows[again[0]].tolist()
            seen = {}
            for row in mine:
                if scorer[row] in seen:
                    break
                seen[scorer[row]] = row
            raise ValueError(
                f"Row {row + 1} scores response {ratings.response.names[ratings.response.codes[row]]}, trait "
                f"{ratings.trait.names[ratings.trait.codes[row]]}, a second time for scorer "
                f"{ratings.scorer.names[scorer[row]]} (the first is row {seen[scorer[row]] + 1})."
            )


def _listed(names):
    return ", ".join(str(name) for name in names)
