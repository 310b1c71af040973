"""The report as a ZIP archive of CSV files, one for each sheet. Equal sheets make equal bytes."""

import csv
import io
import re
import zipfile

EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest moment a ZIP knows: when it was packed is no part of the content
FORMULA = ("=", "+", "-", "@", "\t", "\r")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


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


def clean(value):
    """Text without the control characters that no cell may hold."""
    return CONTROL.sub("", str(value))


def pack(files):
    """Put files into a ZIP whose bytes depend on nothing but their names and content."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3  # the same on every system
            packed.writestr(entry, data)
    return out.getvalue()
