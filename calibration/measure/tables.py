"""Answers of the `measure` commands as tables that a person can read in a terminal."""

import unicodedata

DASH = "–"


def table(header, rows):
    """Return rows under a header as lines of text: the first column to the left, the others to the right.

    >>> print(table(("figure", "value"), [("exact", "0.71"), ("kappa", None)]))
    figure  value
    exact    0.71
    kappa       –
    """
    cells = [[DASH if cell is None else str(cell) for cell in row] for row in (header, *rows)]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    return "\n".join("  ".join(_padded(row, widths)).rstrip() for row in cells)


def _padded(row, widths):
    for place, (cell, width) in enumerate(zip(row, widths, strict=True)):
        gap = " " * (width - _width(cell))
        yield cell + gap if place == 0 else gap + cell


def _width(cell):
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in cell)


def number(value, digits=3):
    """Return a number with so many decimals; whole numbers without, None as a dash.

    >>> number(0.71234), number(12), number(None)
    ('0.712', '12', '–')
    """
    if value is None:
        return DASH
    return f"{value:,}" if isinstance(value, int) else f"{value + 0.0:.{digits}f}"


def limits(figure, digits=3):
    """Return the interval of a figure (a dict with low and high) as text."""
    if figure.get("low") is None or figure.get("high") is None:
        return DASH
    return f"{number(figure['low'], digits)} to {number(figure['high'], digits)}"


def figures(answers):
    """Return figures by name as one table: value, interval, standard error and status."""
    rows = [
        (name, number(each["value"]), limits(each), number(each.get("se")), each["status"])
        for name, each in answers.items()
    ]
    return table(("figure", "value", "95 % interval", "se", "status"), rows)
