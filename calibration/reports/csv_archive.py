"""The report as a ZIP archive of CSV files, one for each sheet. Equal sheets make equal bytes."""

import csv
import io

from calibration.workbook import clean, pack

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def archive(sheets):
    """Return the bytes of the archive."""
    return pack({f"{sheet.file}.csv": text(sheet).encode("utf-8-sig") for sheet in sheets})


def text(sheet):
    """One sheet as CSV: a heading row, then the rows."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([column.name for column in sheet.columns])
    writer.writerows([[cell(value) for value in row] for row in sheet.rows])
    return out.getvalue()


def cell(value):
    """A value as it may stand in a CSV file: what a spreadsheet would take for a formula begins with an apostrophe.

    >>> cell("=1+1"), cell(-0.5), cell(None)
    ("'=1+1", -0.5, '')
    """
    if value is None:
        return ""
    if isinstance(value, (int, float)):
        return value
    value = clean(value)
    return f"'{value}" if value.startswith(FORMULA) else value
