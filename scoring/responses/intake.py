"""Reading a table that somebody made in a spreadsheet: its letters, its columns, and each row with what is wrong.

Nothing here knows the database; what a row means for the students and schools that are there is in `checking`.
"""

import codecs
import csv
import hashlib
import io
import re
from dataclasses import dataclass, field

LONGEST_TEXT = 100_000
LONGEST_CELL = 2_000_000
LONGEST = {"student": 80, "local_id": 80, "given_name": 120, "family_name": 120}
DELIMITERS = ",;\t|"
TRIGGERS = "=+-@\t\r"
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")

csv.field_size_limit(LONGEST_CELL)


class Unreadable(ValueError):
    """The file as a whole can not be used; the message says why and what to do."""


@dataclass(frozen=True)
class Field:
    """Something a column can hold."""

    label: str
    names: tuple


FIELDS = {
    "student": Field("Student (pseudonym)", ("student", "pseudonym", "studentcode", "studentpseudonym", "code", "alias")),
    "local_id": Field("Local student ID", ("localid", "localstudentid", "studentid", "sisid", "studentnumber", "id")),
    "given_name": Field("Given name", ("givenname", "firstname", "first", "given", "forename")),
    "family_name": Field("Family name", ("familyname", "lastname", "last", "surname", "family")),
    "school": Field("School", ("school", "schoolname", "schoolcode", "building", "campus", "site")),
    "text": Field("Text of the response", ("text", "response", "responsetext", "essay", "answer", "work", "writing", "body")),
    "file": Field("File name", ("file", "filename", "path", "document")),
    "teacher_email": Field("Teacher's e-mail", ("teacheremail", "email", "teacher", "scoreremail", "staffemail")),
}  # fmt: skip
COLUMNS = {
    "csv": ("student", "text", "school", "local_id", "given_name", "family_name"),
    "zip": ("file", "student", "school", "local_id", "given_name", "family_name"),
    "roster": ("teacher_email", "student", "local_id"),
}
NEEDED = {"csv": ("text",), "zip": ("file",), "roster": ("teacher_email",)}


@dataclass(frozen=True)
class Table:
    """How a file is to be read: its encoding, what stands between cells, and its columns."""

    encoding: str
    delimiter: str
    columns: tuple


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one row, and how to mend it."""

    row: int
    field: str
    value: str
    problem: str
    mend: str


@dataclass(slots=True)
class Row:
    """One student's work, or one line of a roster, as the file tells it."""

    number: int
    values: dict = field(default_factory=dict)
    text: str | None = None
    entry: str | None = None
    media_type: str = "text/plain"
    sha256: str = ""
    problems: list = field(default_factory=list)

    def get(self, name):
        return self.values.get(name, "")

    def blame(self, name, value, problem, mend):
        """Write down one thing that is wrong with this row."""
        label = FIELDS[name].label if name in FIELDS else name
        self.problems.append(Problem(self.number, label, shorten(value), problem, mend))


# The file


def encoding_of(data):
    """Name the encoding of a file: UTF-16 and UTF-8 by their marks or by trial, else Windows-1252.

    >>> encoding_of("é".encode()), encoding_of("é".encode("cp1252")), encoding_of("a".encode("utf-16"))
    ('utf-8-sig', 'cp1252', 'utf-16')
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    elif unmarked := unmarked_utf16(data):
        candidates = [unmarked]
    else:
        candidates = ["utf-8-sig", "cp1252"]
    for encoding in candidates:
        if _decodes(data, encoding):
            return encoding
    raise Unreadable(
        "The letters in this file can not be read. Save it as CSV in UTF-8, then upload it again."
    )


def unmarked_utf16(data):
    """Name the kind of UTF-16 that letters of Europe betray without a mark: every second byte is zero."""
    head = data[:4096]
    first, second = head[::2].count(0), head[1::2].count(0)
    if max(first, second) * 5 < len(head) or min(first, second) * 20 > len(head):
        return None
    return "utf-16-le" if second > first else "utf-16-be"


def _decodes(data, encoding):
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(data), 1 << 20):
            part = decoder.decode(data[start : start + (1 << 20)])
            if "\0" in part:
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def table_of(data):
    """Find out how to read a file of rows; its first row names the columns."""
    if not data.strip(b" \r\n\t\0"):
        raise Unreadable("This file is empty. Choose the file with the students' work.")
    encoding = encoding_of(data)
    head = codecs.getincrementaldecoder(encoding)().decode(data[: 1 << 18])
    delimiter = max(DELIMITERS, key=lambda each: _fit(head, each))
    header = next(
        (cells for cells in _records(head, delimiter, strict=False) if any(map(str.strip, cells))), []
    )
    columns = _unique([clean(cell) or f"Column {number}" for number, cell in enumerate(header, 1)])
    return Table(encoding, delimiter, tuple(columns))


def _fit(head, delimiter):
    """How well a delimiter explains the beginning of a file: rows with as many cells as the header, and many cells."""
    records = [
        cells for _, cells in zip(range(50), _records(head, delimiter, strict=False), strict=False) if cells
    ]
    width = len(records[0]) if records else 0
    return sum(len(cells) == width for cells in records) * (width > 1), width


def _records(text, delimiter, *, strict):
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)
    except csv.Error:
        return


def _unique(names):
    seen, found = {}, []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found


def guess(columns, kind):
    """Guess which column holds what: {field: column}.

    >>> guess(["Student ID", "Essay", "Building"], "csv")
    {'text': 'Essay', 'school': 'Building', 'local_id': 'Student ID'}
    """
    plain = {column: re.sub(r"[^a-z0-9]", "", column.lower()) for column in columns}
    found = {}
    for name in COLUMNS[kind]:
        for word in FIELDS[name].names:
            column = next(
                (each for each in columns if plain[each] == word and each not in found.values()), None
            )
            if column:
                found[name] = column
                break
    return found


def examples(data, table):
    """The first filled cell of each column, to tell columns apart: {column: cell}."""
    found = {}
    for _, (_, cells, _) in zip(range(20), records(data, table), strict=False):
        for column, cell in zip(table.columns, cells, strict=False):
            if cell.strip():
                found.setdefault(column, shorten(cell, 60))
    return found


def mapping_problems(mapping, columns, kind):
    """Say by field what is wrong with a choice of columns; nothing when it can be used."""
    found = {}
    for name, column in mapping.items():
        if column not in columns:
            found[name] = f"The file has no column “{column}”. Choose one of its columns."
        elif list(mapping.values()).count(column) > 1:
            found[name] = f"The column “{column}” is chosen twice. Choose another one."
    for name in NEEDED[kind]:
        if name not in mapping:
            found[name] = f"Choose the column with: {FIELDS[name].label.lower()}."
    if not {"student", "local_id"} & set(mapping) and (kind != "zip" or "file" not in mapping):
        found["student"] = "Choose the column with the student's pseudonym, or the one with the local ID."
    return found


# The rows


def records(data, table):
    """Yield (row number, cells, problem) for each row below the header; rows are numbered as a spreadsheet shows them."""
    stream = io.TextIOWrapper(io.BytesIO(data), encoding=table.encoding, newline="")
    reader = csv.reader(stream, delimiter=table.delimiter, strict=True)
    number, header_is_read = 0, False
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, [], _quotes(number, error)
            continue
        if not any(map(str.strip, cells)):
            continue
        if not header_is_read:
            header_is_read = True
            continue
        yield number, cells, None


def _quotes(number, error):
    if "unexpected end" in str(error) or "field limit" in str(error):
        return Problem(number, "Row", "", "A quotation mark opens in this row and never closes, so rows after it could not be read.",
                       "Close the quotation mark, or save the file again from the spreadsheet as CSV.")  # fmt: skip
    return Problem(number, "Row", "", "A quotation mark stands in the middle of a cell, so the row can not be read safely.",
                   "Write two quotation marks for one inside a cell, or save the file again from the spreadsheet.")  # fmt: skip


def rows(data, table, mapping):
    """Yield one Row for each row of the file, with everything that can be seen to be wrong from the file alone."""
    place = {name: table.columns.index(column) for name, column in mapping.items()}
    width = len(table.columns)
    for number, cells, problem in records(data, table):
        row = Row(number)
        if problem:
            row.problems.append(problem)
            yield row
            continue
        if any(map(str.strip, cells[width:])):
            row.blame("Row", f"{len(cells)} cells", f"This row has more cells than the {width} columns of the header.",
                      "Put quotation marks around text that holds commas, or remove what is too much.")  # fmt: skip
        for name, index in place.items():
            cell = unguarded(cells[index]) if index < len(cells) else ""
            if name == "text":
                row.text = as_text(cell)
            else:
                row.values[name] = clean(cell)
        yield row


def check_student(row):
    """Blame a row that does not say clearly whose work it is."""
    if not row.get("student") and not row.get("local_id"):
        row.blame("student", "", "There is no student in this row.", "Write the student's pseudonym.")
    for name, most in LONGEST.items():
        if len(row.get(name)) > most:
            row.blame(name, row.get(name), f"This is longer than {most} characters.", "Shorten it.")
    if "@" in row.get("student"):
        row.blame("student", row.get("student"), "This looks like an e-mail address. Scorers must not learn who a student is.",
                  "Write a pseudonym, such as a number that means nothing outside the district.")  # fmt: skip


def check_text(row):
    """Blame a row without text, or with more than anybody can read; else take its fingerprint."""
    if not row.text:
        row.blame("text", "", "There is no text in this row.",
                  "Add the student's text. If the student left the page blank, write: (blank)")  # fmt: skip
    elif len(row.text) > LONGEST_TEXT:
        row.blame("text", row.text, f"The text has {len(row.text):,} characters; {LONGEST_TEXT:,} is the most.",
                  "Look for a missing quotation mark, or shorten the text.")  # fmt: skip
    else:
        row.sha256 = fingerprint(row.text)


def fingerprint(text):
    """By what a text is known to be the same."""
    return hashlib.sha256(text.encode()).hexdigest()


def clean(cell):
    """A short cell in one line: no control characters, no spaces around it."""
    return " ".join(CONTROLS.sub("", cell).split())


def as_text(cell):
    """A student's text as it is kept: line breaks of one kind, no control characters, nothing else changed."""
    cell = cell.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n\n")
    return CONTROLS.sub("", cell).strip("\n").rstrip() if cell.strip() else ""


def shorten(value, most=80):
    """The beginning of a long value."""
    value = clean(value)
    return value if len(value) <= most else value[: most - 1] + "…"


# Going back to a spreadsheet


def guarded(cell):
    """A cell that no spreadsheet takes for a formula.

    >>> guarded("=1+1"), guarded("-5"), guarded("fine")
    ("'=1+1", "'-5", 'fine')
    """
    return "'" + cell if cell.lstrip("'")[:1] in tuple(TRIGGERS) else cell


def unguarded(cell):
    """Take away the mark that `guarded` set, so that a file we gave out comes back as it was.

    >>> unguarded(guarded("=1+1")), unguarded("'tis")
    ('=1+1', "'tis")
    """
    return cell[1:] if cell.startswith("'") and cell.lstrip("'")[:1] in tuple(TRIGGERS) else cell
