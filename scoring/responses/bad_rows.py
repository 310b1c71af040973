"""The rows that could not be imported, as a file to mend and upload again."""

import csv
import io

import sqlalchemy as sa

from scoring import storage
from scoring.db import db
from scoring.errors import NotFound
from scoring.responses import archive, intake
from scoring.responses.checking import rows_of, table_in
from scoring.responses.models import ImportProblem

ERROR = "Error"


def lines(batch):
    """Yield the lines of a CSV file: each bad row as it was, and what is wrong with it in a last column."""
    if batch.key is None:
        raise NotFound("The file of this import is gone, because it was discarded or undone.")
    words = words_by_row(batch)
    yield "\ufeff"  # tells spreadsheets that it is UTF-8
    table = table_in(batch.mapping)
    if table is None:
        yield line(["file", "student", ERROR])
        for row in rows_of(batch):
            if row.number in words:
                yield line([row.entry, row.get("student"), words[row.number]])
        return
    keep = [index for index, column in enumerate(table.columns) if column != ERROR]
    yield line([*(table.columns[index] for index in keep), ERROR])
    last = 0
    for last, cells, _ in intake.records(_table_data(batch), table):
        if last in words:
            known = [cells[index] if index < len(cells) else "" for index in keep]
            yield line([*map(intake.unguarded, known), words.pop(last)])
    yield from _forgotten_files(batch, table, keep, words)


def _forgotten_files(batch, table, keep, words):
    """Files of a ZIP that its manifest does not name come after the manifest's own rows."""
    if batch.kind != "zip" or not words:
        return
    place = table.columns.index(batch.mapping["columns"]["file"])
    for row in rows_of(batch):
        if row.number in words and row.entry and not row.values:
            yield line([*(row.entry if index == place else "" for index in keep), words[row.number]])


def _table_data(batch):
    data = storage.get(batch.key)
    return archive.Archive(data).manifest_data() if batch.kind == "zip" else data


def words_by_row(batch):
    """Everything wrong with each bad row, in one sentence after the other."""
    query = sa.select(ImportProblem).where(ImportProblem.batch_id == batch.id)
    found = {}
    for problem in db.session.scalars(query.order_by(ImportProblem.row, ImportProblem.id)):
        found.setdefault(problem.row, []).append(f"{problem.field}: {problem.problem} {problem.mend}")
    return {row: " ".join(each) for row, each in found.items()}


def line(cells):
    """One line of CSV that no spreadsheet takes for formulas."""
    out = io.StringIO()
    csv.writer(out).writerow([intake.guarded(cell or "") for cell in cells])
    return out.getvalue()
