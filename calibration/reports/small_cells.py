"""Nothing about fewer than ten students leaves their district, not even by subtraction.

Pure rules over counts of students. A group that is too small is hidden; and so is as much beside it as it takes
that nobody who knows the totals, or the numbers of one district, can work it out again.
"""


def hidden_groups(students, smallest):
    """Return the groups that may not be shown beside a total of all groups.

    `students` holds the number of students by group. Each hidden group stays unknown even to somebody who knows
    all about another hidden one: the rest must still be `smallest` students together.

    >>> sorted(hidden_groups({"A": 40, "B": 5, "C": 22}, 10))
    ['A', 'B', 'C']
    >>> sorted(hidden_groups({"A": 40, "B": 5, "C": 22, "D": 6, "E": 90}, 10))
    ['B', 'C', 'D']
    >>> hidden_groups({"A": 40, "B": 22}, 10)
    frozenset()
    """
    present = sorted(
        (group for group, number in students.items() if number > 0), key=lambda each: students[each]
    )
    hidden = [group for group in present if students[group] < smallest]
    others = [group for group in present if students[group] >= smallest]
    while hidden and others and sum(students[each] for each in hidden[:-1]) < smallest:
        hidden.append(others.pop(0))
    return frozenset(hidden)


def whole_may_be_shown(students, own, smallest, hidden=frozenset()):
    """Whether figures of all groups together may be shown to somebody who knows their own groups.

    What they do not know and are not shown must be nobody at all, or enough students together.

    >>> whole_may_be_shown({"A": 40, "B": 5}, {"A"}, 10, {"A", "B"})
    False
    >>> whole_may_be_shown({"A": 40, "B": 22}, {"A"}, 10)
    True
    """
    strangers = sum(number for group, number in students.items() if group not in own)
    unseen = sum(number for group, number in students.items() if group not in own and group in hidden)
    return all(number == 0 or number >= smallest for number in (strangers, unseen))


def protect(table, smallest, *, known=(), secret=()):
    """Return a table of counts with None in the place of each cell that may not be shown.

    The last row and the last column are totals. `known` are rows that the reader knows anyway, `secret` rows that
    are hidden whole. A cell under `smallest` is hidden (an empty one tells of nobody), and then further ones, the
    smallest first, until no hidden cell follows from those shown.

    >>> protect([[4, 20, 24], [15, 11, 26], [19, 31, 50]], 10)
    [[None, None, 24], [None, None, 26], [19, 31, 50]]
    """
    known = set(known)
    rows, columns = range(len(table)), range(len(table[0]))
    if known >= set(rows[:-1]):
        return [list(row) for row in table]
    free = {(row, column) for row in rows if row not in known for column in columns}
    gone = {(row, column) for row, column in free if 0 < table[row][column] < smallest or row in set(secret)}
    while gone != free:
        further = _unmask_small_sum(table, gone, free, smallest) or _unmask_bridge(table, gone, free)
        if not further:
            break
        gone.add(further)
    return [[None if (row, column) in gone else table[row][column] for column in columns] for row in rows]


def _unmask_small_sum(table, gone, free, smallest):
    """The next cell to hide in a line whose hidden cells make up a small group; None when there is no such line."""
    last_row, last_column = len(table) - 1, len(table[0]) - 1
    for lines, margin in ((0, last_column), (1, last_row)):
        for line in sorted({cell[lines] for cell in gone}):
            inner = [cell for cell in gone if cell[lines] == line and cell[1 - lines] != margin]
            if (
                len(inner) == sum(cell[lines] == line for cell in gone)
                and 0 < _total(table, inner) < smallest
            ):
                rest = [
                    cell for cell in free - gone
                    if cell[lines] == line and cell[1 - lines] != margin and table[cell[0]][cell[1]]
                ]  # fmt: skip
                if rest:
                    return _least(table, rest)
    return None


def _unmask_bridge(table, gone, free):
    """The next cell to hide because another one could be worked out from those shown; None when none can.

    Every line of the table adds up, so a hidden cell follows from the rest exactly when it alone joins two parts of
    the net that hidden cells make between rows and columns.
    """
    for row, column in sorted(gone):
        beside = _reached(gone - {(row, column)}, ("row", row))
        if ("column", column) in beside:
            continue
        closing = [
            cell for cell in free - gone
            if (("row", cell[0]) in beside) != (("column", cell[1]) in beside)
            and (("row", cell[0]) in beside or cell[0] in {each[0] for each in gone})
            and (("column", cell[1]) in beside or cell[1] in {each[1] for each in gone})
        ]  # fmt: skip
        near = [cell for cell in free - gone if cell[0] == row or cell[1] == column]
        if closing or near:
            return _least(table, closing or near)
    return None


def _reached(cells, start):
    """Every row and column that hangs together with one of them through hidden cells."""
    found, fresh = {start}, [start]
    while fresh:
        kind, place = fresh.pop()
        for row, column in cells:
            if place == (row if kind == "row" else column):
                other = ("column", column) if kind == "row" else ("row", row)
                if other not in found:
                    found.add(other)
                    fresh.append(other)
    return found


def _least(table, cells):
    return min(cells, key=lambda cell: (table[cell[0]][cell[1]] == 0, table[cell[0]][cell[1]], cell))


def _total(table, cells):
    return sum(table[row][column] for row, column in cells)
