"""Small groups of students are not shown, nor whatever would let somebody work them out."""

import numpy as np

SHOW_FROM = 10  # students; a figure about fewer could point at one of them
FLAG_FROM = 30  # students; with fewer, luck alone makes large differences


def hidden(counts, rest, *, show_from=SHOW_FROM):
    """Which cells of a table (rows by groups) must be hidden. Cells without anybody are no cells.

    A cell is hidden when it, or the others it is compared with, hold fewer than `show_from`. Where a row or a
    column has one hidden cell, it could be worked out from a total; so the smallest one beside it goes too.

    >>> hidden(np.array([[40, 25, 4], [30, 30, 30]]), np.array([[29, 44, 65], [60, 60, 60]])).tolist()
    [[False, True, True], [False, True, True]]
    """
    present = counts > 0
    out = present & ((counts < show_from) | (rest < show_from))
    while True:
        before = out.copy()
        for table, mask, there in ((counts, out, present), (counts.T, out.T, present.T)):
            _second(table, mask, there)
        if (out == before).all():
            return out


def _second(counts, out, present):
    """In every row with exactly one hidden cell, hide the smallest of the others as well (in place)."""
    for row in np.flatnonzero(out.sum(axis=1) == 1):
        open_cells = np.flatnonzero(present[row] & ~out[row])
        if open_cells.size:
            out[row, open_cells[np.argmin(counts[row, open_cells])]] = True
