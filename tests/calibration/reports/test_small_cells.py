"""Small cells: what is hidden can not be worked out from what is shown."""

import numpy as np
import pytest

from calibration.reports.small_cells import hidden_groups, protect, whole_may_be_shown

SMALLEST = 10


def some_tables(number):
    """Districts by score point with both margins, from nearly empty to full; sometimes the reader knows a row."""
    draw = np.random.default_rng(7)
    for _ in range(number):
        rows, columns = draw.integers(1, 6), draw.integers(2, 7)
        inner = draw.poisson(draw.choice([2, 8, 15, 40], size=(rows, columns)))
        table = np.vstack([inner, inner.sum(axis=0)])
        table = np.column_stack([table, table.sum(axis=1)])
        yield table, {int(each) for each in draw.integers(0, rows, draw.integers(0, 2))}


def follows_from_the_rest(gone, last_row, last_column):
    """The hidden cells that have one possible value, given everything else: by linear algebra, not by our net."""
    lines = np.zeros((last_row + last_column + 2, len(gone)))
    for place, (row, column) in enumerate(gone):
        lines[row, place] = -1 if column == last_column else 1
        lines[last_row + 1 + column, place] = -1 if row == last_row else 1
    rank = np.linalg.matrix_rank(lines)
    return [
        cell for place, cell in enumerate(gone)
        if np.linalg.matrix_rank(np.vstack([lines, np.eye(len(gone))[place]])) == rank
    ]  # fmt: skip


def test_no_hidden_cell_follows_from_those_shown():
    tried = hidden = 0
    for table, known in some_tables(1500):
        last_row, last_column = table.shape[0] - 1, table.shape[1] - 1
        students = dict(enumerate(table[:-1, -1].tolist()))
        secret = hidden_groups(students, SMALLEST)
        if not whole_may_be_shown(students, known, SMALLEST, secret):
            continue
        shown = protect(table.tolist(), SMALLEST, known=known, secret=secret - known)
        cells = [(row, column) for row in range(last_row + 1) for column in range(last_column + 1)]
        gone = [(row, column) for row, column in cells if shown[row][column] is None]
        for row, column in set(cells) - set(gone):
            assert shown[row][column] == table[row, column]
            if row not in known and known != set(range(last_row)):
                assert not 0 < table[row, column] < SMALLEST
        assert all(row not in known for row, _ in gone)
        assert follows_from_the_rest(gone, last_row, last_column) == []
        tried, hidden = tried + 1, hidden + len(gone)
    assert tried > 1000
    assert hidden > 10_000


def test_the_check_itself_can_fail():
    """One hidden cell in a row of known total is no secret."""
    assert follows_from_the_rest([(0, 0)], 2, 2) == [(0, 0)]
    assert follows_from_the_rest([(0, 0), (0, 1), (1, 0), (1, 1)], 2, 2) == []


@pytest.mark.parametrize(
    ("students", "own", "hidden", "whole"),
    [
        ({"A": 40, "B": 22}, set(), set(), True),
        ({"A": 40, "B": 5, "C": 30}, set(), {"A", "B", "C"}, True),  # C with A or B left out is still many
        ({"A": 40, "B": 5}, {"A"}, {"A", "B"}, False),  # all less Alder would be five students
        ({"A": 40, "B": 5}, {"B"}, {"A", "B"}, True),
        ({"A": 4, "B": 5}, set(), {"A", "B"}, False),
        ({"A": 4}, {"A"}, {"A"}, True),
        ({}, set(), set(), True),
    ],
)
def test_groups_and_the_whole(students, own, hidden, whole):
    assert hidden_groups(students, SMALLEST) == hidden
    assert whole_may_be_shown(students, own, SMALLEST, hidden) is whole
