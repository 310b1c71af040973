"""Reads the CSV files given to the `measure` commands, and says in words what is wrong with one."""

import csv
import math
import re
from pathlib import Path

NO_SCORE = {"", "na", "n/a", "nan", "null", "none", "."}  # how other programs write "no score"
MOST_POINTS = 1000
RANGE = re.compile(r"(-?\d+(?:\.\d+)?)-(-?\d+(?:\.\d+)?)")


def read(path, needed, optional=()):
    """Return the columns of a CSV file as lists of text by name, without blanks around it.

    The first row names the columns, in any order and in small or capital letters; columns that are neither needed nor
    optional are left out. Raises ValueError for a file that can not be read, lacks a column or has a ragged row.
    """
    header, rows = _rows(path)
    names = [name.strip().lower() for name in header]
    absent = [name for name in needed if name.lower() not in names]
    if absent:
        raise ValueError(
            f"The file has no column {absent[0]!r}. It needs {', '.join(needed)}; its first row is: {', '.join(header)}."
        )
    for name in (*needed, *optional):
        if names.count(name.lower()) > 1:
            raise ValueError(f"The file has two columns {name!r}. Rename or remove one.")
    chosen = {name: names.index(name.lower()) for name in (*needed, *optional) if name.lower() in names}
    for number, row in enumerate(rows, 1):
        if len(row) != len(names):
            raise ValueError(
                f"Row {number} has {len(row)} cells, the header {len(names)}. Put text with commas into quotes."
            )
    if not rows:
        raise ValueError("The file has no rows below its header.")
    return {name: [row[place].strip() for row in rows] for name, place in chosen.items()}


def _rows(path):
    data = Path(path).read_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", errors="replace")
    if "\x00" in text:
        raise ValueError("This is not a text file. Save the table as CSV.")
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    try:
        rows = [row for row in csv.reader(text.splitlines(), delimiter=delimiter) if any(map(str.strip, row))]
    except csv.Error as error:
        raise ValueError(f"The file is not a sound CSV file: {error}.") from None
    if not rows:
        raise ValueError("The file is empty. Its first row must name the columns.")
    return rows[0], rows[1:]


def labels(cells):
    """Return cells as labels, None where a cell is empty."""
    return [cell or None for cell in cells]


def numbers(cells, name="score"):
    """Return cells as numbers, NaN where there is none. Raises ValueError that names the row.

    >>> numbers(["3", "", "NA", "2.5"])
    [3.0, nan, nan, 2.5]
    """
    found = []
    for row, cell in enumerate(cells, 1):
        try:
            value = math.nan if cell.lower() in NO_SCORE else float(cell)
        except ValueError:
            value = math.inf
        if math.isinf(value):
            raise ValueError(f"Row {row}: {cell!r} is no {name}. Write a number, or leave the cell empty.")
        found.append(value)
    return found


def score_points(given):
    """Return the score points that `--points` names: a list for all traits, or a dict by trait.

    >>> score_points(["1-4"]), score_points(["ideas=0-3", "voice=1,1.5,2"])
    ([1.0, 2.0, 3.0, 4.0], {'ideas': [0.0, 1.0, 2.0, 3.0], 'voice': [1.0, 1.5, 2.0]})
    """
    by_trait, for_all = {}, None
    for words in given:
        trait, equals, scale = words.rpartition("=")
        if equals:
            by_trait[trait.strip()] = _scale(scale)
        elif for_all is not None:
            raise ValueError("Give --points once for all traits, or once for each trait: --points ideas=0-3.")
        else:
            for_all = _scale(scale)
    if by_trait and for_all is not None:
        raise ValueError("Give --points either for all traits or by trait, not both.")
    return by_trait or for_all


def _scale(words):
    found = RANGE.fullmatch(words.strip())
    try:
        if found is None:
            return sorted(float(each) for each in words.split(","))
        low, high = map(float, found.groups())
    except ValueError:
        raise ValueError(f"{words!r} is no range of score points. Write 1-6 or 1,1.5,2.") from None
    if not low < high or not (high - low).is_integer() or high - low > MOST_POINTS:
        raise ValueError(f"{words!r} is no range of score points: write the lowest first, whole steps apart.")
    return [low + step for step in range(int(high - low) + 1)]


def points_given(traits, scores):
    """Return score points by trait as the file shows them: from the lowest to the highest score, in whole steps.

    Where scores are not whole numbers apart, only those that were given. The rubric knows better: see `--points`.

    >>> points_given(["a", "a", "b", "b"], [1.0, 4.0, 0.5, 0.75])
    {'a': [1.0, 2.0, 3.0, 4.0], 'b': [0.5, 0.75]}
    """
    found = {}
    for trait, score in zip(traits, scores, strict=True):
        kept = found.setdefault(trait, set())
        if not math.isnan(score):
            kept.add(score)
    return {trait: _filled(sorted(kept)) for trait, kept in found.items()}


def _filled(values):
    if not values:
        return [0.0, 1.0]
    if len(values) == 1:
        return [values[0], values[0] + 1]
    span = values[-1] - values[0]
    if span <= MOST_POINTS and all((value - values[0]).is_integer() for value in values):
        return [values[0] + step for step in range(int(span) + 1)]
    return values
