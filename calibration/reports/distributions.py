"""How scores spread, district by district, with small cells hidden. Pure.

A response counts once, with its first read, so that one read twice does not count double.
"""

from dataclasses import dataclass

import numpy as np

from calibration.measurement.ratings import NO_SCORE
from calibration.reports.small_cells import hidden_groups, protect, whole_may_be_shown

ALL = "All districts"


@dataclass(frozen=True)
class Distribution:
    """The scores of one trait: a row of counts for each district and for all; None stands for a hidden count.

    The last count of a row is all of them. Responses that could not be scored are in no row: how few these are would
    tell about single students.
    """

    points: tuple
    rows: tuple  # (label, counts)


def distribution(ratings, trait, reader):
    """Count first reads by district and score point, as far as this reader may see them."""
    names, table = first_reads(ratings, trait)
    students = {name: row[-1] for name, row in zip(names, table, strict=True)}
    hidden = hidden_groups(students, reader.smallest)
    points = tuple(ratings.points[trait].tolist())
    label = reader.districts
    if not whole_may_be_shown(students, reader.own, reader.smallest, hidden):
        own = [(label[name], row) for name, row in zip(names, table, strict=True) if name in reader.own]
        return Distribution(points, tuple(sorted(own)))
    whole = [sum(column) for column in zip(*table, strict=True)] if table else [0] * (len(points) + 1)
    known = {place for place, name in enumerate(names) if name in reader.own}
    secret = {place for place, name in enumerate(names) if name in hidden} - known
    shown = protect([*table, whole], reader.smallest, known=known, secret=secret)
    rows = sorted(zip([label[name] for name in names], shown[:-1], strict=True))
    return Distribution(points, (*rows, *([(ALL, shown[-1])] if len(names) > 1 else [])))


def first_reads(ratings, trait):
    """Ids of the districts, and for each how many first reads gave each score point, and how many in all."""
    place = {name: code for code, name in enumerate(ratings.trait.names)}.get(trait, -2)
    mine = np.flatnonzero((ratings.trait.codes == place) & (ratings.score != NO_SCORE))
    _, first = np.unique(ratings.response.codes[mine], return_index=True)
    rows, district, q = mine[first], ratings.labels["district"], ratings.points[trait].size
    n = len(district.names)
    cells = np.bincount(district.codes[rows] * q + ratings.score[rows], minlength=n * q)
    table = cells.reshape(n, q)
    return list(district.names), np.column_stack([table, table.sum(axis=1)]).tolist()
