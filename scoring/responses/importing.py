"""The job that brings an accepted file in: part after part, visible only when all of it is there.

Each part is one transaction. Text stays PREPARING until the last part is in and one statement makes all of it READY,
so nobody scores half an import. A run that dies is taken up by the next one: rows that are in already count as
imported, and files get keys that follow from the batch and the row, so that a second run writes the same files again.
"""

import sqlalchemy as sa

from scoring import audit, jobs, storage
from scoring.db import db, in_batches, now, transaction
from scoring.errors import ScoringError
from scoring.people.models import Organization
from scoring.responses import archive, names, pages
from scoring.responses.checking import CHUNK, Comparison, in_chunks, rows_of
from scoring.responses.models import (
    ImportBatch,
    ImportProblem,
    ImportStatus,
    Response,
    ResponseStatus,
    Student,
    StudentIdentity,
)  # fmt: skip

SAMPLE = 5
FILES_AT_ONCE = 10  # few, because whoever else writes waits while they are stored


# Preview


def check(batch, tell=lambda rows: None):
    """Go through all rows, count them and write down what is wrong; nothing is imported."""
    comparison, sample, problems = Comparison(batch), [], []
    counts = {"total": 0, "accepted": 0, "refused": 0, "duplicates": 0}
    for chunk in in_chunks(rows_of(batch)):
        found = comparison.sort(chunk)
        counts["total"] += len(chunk)
        counts["accepted"] += len(found.ready)
        counts["refused"] += len(found.refused)
        counts["duplicates"] += len(found.duplicates)
        problems += [problem for row in found.refused for problem in row.problems]
        sample += [_shown(row) for row, _, _ in found.ready[: SAMPLE - len(sample)]]
        db.session.commit()  # a reader that stays for long keeps writers waiting on SQLite
        tell(counts["total"])
    with transaction() as session:
        batch = session.get(ImportBatch, batch.id)
        if batch.status not in {ImportStatus.UPLOADED, ImportStatus.PREVIEW}:
            return  # accepted or discarded in the meantime
        for name, number in counts.items():
            setattr(batch, name, number)
        batch.mapping = {**batch.mapping, "sample": sample}
        batch.status = ImportStatus.PREVIEW
        write_problems(session, batch.id, problems)


def _shown(row):
    return {"student": row.get("student"), "local_id": row.get("local_id"), "school": row.get("school"),
            "work": row.text[:200] if row.text else row.entry or ""}  # fmt: skip


def write_problems(session, batch_id, problems):
    """Put these problems in the place of those that were found before."""
    session.execute(sa.delete(ImportProblem).where(ImportProblem.batch_id == batch_id))
    for part in in_batches(problems, 1000):
        session.execute(sa.insert(ImportProblem), [
            {"batch_id": batch_id, "row": each.row, "field": each.field[:80], "value": each.value[:200],
             "problem": each.problem[:300], "mend": each.mend[:300]} for each in part])  # fmt: skip


# Import


@jobs.kind("responses.import")
def run_import(progress, batch_id):
    """Bring in the good rows of an accepted batch, then turn PDFs and pictures into pages."""
    batch = begin_again(batch_id)
    if batch is None:
        return
    try:
        _import_rows(batch, progress)
        _prepare_pages(batch, progress)
    except Exception as error:
        db.session.rollback()
        _give_up(batch_id, error)
        raise
    _finish(batch_id)


def begin_again(batch_id):
    """Return the accepted batch, also one that failed before; None when it is finished or was taken back."""
    with transaction() as session:
        batch = session.get(ImportBatch, batch_id)
        if batch.status is ImportStatus.FAILED:
            batch.status, batch.finished_at = ImportStatus.RUNNING, None
        return batch if batch.status is ImportStatus.RUNNING else None


def _import_rows(batch, progress):
    comparison, problems = Comparison(batch), []
    counts = {"total": 0, "accepted": 0, "refused": 0, "duplicates": 0}
    source = archive.Archive(storage.get(batch.key)) if batch.kind == "zip" else None
    size = FILES_AT_ONCE if source else CHUNK
    for chunk in in_chunks(rows_of(batch), size):
        with transaction() as session:
            batch = session.get(ImportBatch, batch.id)
            comparison.batch = batch
            # Two imports of one district take turns, so that neither draws or writes the other's pseudonyms.
            session.execute(
                sa.select(Organization.id).where(Organization.id == batch.district_id).with_for_update()
            )
            found = comparison.sort(chunk)
            _write(session, batch, found.ready, source)
        counts["total"] += len(chunk)
        counts["accepted"] += len(found.ready) + len(found.imported)
        counts["refused"] += len(found.refused)
        counts["duplicates"] += len(found.duplicates)
        problems += [problem for row in found.refused for problem in row.problems]
        progress.advance(counts["total"], batch.total, f"Imported {counts['accepted']:,} responses.")
    with transaction() as session:
        batch = session.get(ImportBatch, batch.id)
        for name, number in counts.items():
            setattr(batch, name, number)
        write_problems(session, batch.id, problems)
        session.execute(sa.update(Response)
                        .where(Response.batch_id == batch.id, Response.status == ResponseStatus.PREPARING,
                               Response.original_key.is_(None))
                        .values(status=ResponseStatus.READY))  # fmt: skip


def _write(session, batch, ready, source):
    """Write students, identities and responses of one part; the files of a ZIP go into the store first."""
    if not ready:
        return
    ids = _write_students(session, batch.district_id, ready)
    codes = names.distinct(len(ready), names.response_code, lambda drawn: session.scalars(
        sa.select(Response.code).where(Response.code.in_(drawn))))  # fmt: skip
    values = []
    for code, (row, student, school_id) in zip(codes, ready, strict=True):
        key = None
        if row.text is None:
            key = storage.settled_key("originals", batch.id, row.entry)
            storage.put_at(key, source.read(source.zip.getinfo(row.entry)))
        values.append({
            "code": code, "task_id": batch.task_id, "student_id": ids[id(row)], "district_id": batch.district_id,
            "school_id": school_id or (student.school_id if student else None), "batch_id": batch.id, "text": row.text,
            "media_type": row.media_type, "original_key": key, "sha256": row.sha256,
            "word_count": len(row.text.split()) if row.text is not None else None,
            "status": ResponseStatus.PREPARING, "trouble": "", "created_at": now(),
        })  # fmt: skip
    session.execute(sa.insert(Response), values)


def _write_students(session, district_id, ready):
    """Make the students who are not there yet and fill in what is known of them; return student id by row."""
    new = [(row, school_id) for row, student, school_id in ready if student is None]
    unnamed = [row for row, _ in new if not row.get("student")]
    drawn = names.distinct(len(unnamed), names.pseudonym, lambda drawn: session.scalars(
        sa.select(Student.pseudonym).where(Student.district_id == district_id, Student.pseudonym.in_(drawn))))  # fmt: skip
    for row, pseudonym in zip(unnamed, drawn, strict=True):
        row.values["student"] = pseudonym
    if new:
        made = session.execute(
            sa.insert(Student).returning(Student.pseudonym, Student.id),
            [{"district_id": district_id, "school_id": school_id, "pseudonym": row.get("student"), "created_at": now()}
             for row, school_id in new],
        )  # fmt: skip
        by_pseudonym = dict(made.all())
    ids = {id(row): student.id if student else by_pseudonym[row.get("student")] for row, student, _ in ready}
    nameless = [row for row, student, _ in ready if not (student and student.has_identity)]
    identities = [{"student_id": ids[id(row)], "given_name": row.get("given_name"), "family_name": row.get("family_name"),
                   "local_id": row.get("local_id")} for row in nameless
                  if row.get("given_name") or row.get("family_name") or row.get("local_id")]  # fmt: skip
    if identities:
        session.execute(sa.insert(StudentIdentity), identities)
    for row, student, _ in ready:
        if student and student.has_identity and row.get("local_id") and not student.local_id:
            session.execute(sa.update(StudentIdentity).where(StudentIdentity.student_id == student.id)
                            .values(local_id=row.get("local_id")))  # fmt: skip
    homeless = [
        (student.id, school_id)
        for _, student, school_id in ready
        if student and not student.school_id and school_id
    ]
    for student_id, school_id in homeless:
        session.execute(sa.update(Student).where(Student.id == student_id).values(school_id=school_id))
    return ids


def _prepare_pages(batch, progress):
    query = sa.select(Response.id).where(
        Response.batch_id == batch.id,
        Response.status == ResponseStatus.PREPARING,
        Response.original_key.is_not(None),
    )
    waiting = db.session.scalars(query.order_by(Response.id)).all()
    for done, response_id in enumerate(waiting):
        progress.advance(done, len(waiting), f"Preparing pages: {done:,} of {len(waiting):,} responses.")
        pages.prepare(response_id)


def _finish(batch_id):
    with transaction() as session:
        batch = session.get(ImportBatch, batch_id)
        if batch.status is not ImportStatus.RUNNING:
            return
        batch.status, batch.finished_at = ImportStatus.DONE, now()
        audit.record("import.finished", batch, after={
            "total": batch.total, "accepted": batch.accepted, "refused": batch.refused, "duplicates": batch.duplicates})  # fmt: skip


def _give_up(batch_id, error):
    """An import that can not be finished leaves nothing behind."""
    with transaction() as session:
        batch = session.get(ImportBatch, batch_id)
        files = remove_work(session, batch)
        batch.status, batch.finished_at = ImportStatus.FAILED, now()
        words = error.message if isinstance(error, ScoringError) else type(error).__name__
        audit.record("import.failed", batch, after={"error": words})
    storage.remove(files)


# Taking back


def remove_work(session, batch):
    """Delete the responses of a batch and the students that only they brought; return the keys of their files."""
    mine = sa.select(Response.id).where(Response.batch_id == batch.id)
    files = pages.keys_of(session, mine)
    if batch.kind == "zip":  # a run that died may have written files whose rows never came
        members = archive.Archive(storage.get(batch.key)).members
        files |= {storage.settled_key("originals", batch.id, info.filename) for info in members}
    students = list(session.scalars(sa.select(Response.student_id).where(Response.batch_id == batch.id)))
    pages.remove_pages(session, mine)
    session.execute(sa.delete(Response).where(Response.batch_id == batch.id))
    remove_idle_students(session, students, since=batch.created_at)
    return files


def remove_idle_students(session, student_ids, *, since):
    """Delete those of the students who came after a moment and have no work and no roster."""
    response, roster = (
        sa.table("response", sa.column("student_id")),
        sa.table("roster_entry", sa.column("student_id")),
    )
    for part in in_batches(student_ids, 1000):
        idle = list(session.scalars(
            sa.select(Student.id).where(
                Student.id.in_(part), Student.created_at >= since,
                ~sa.exists().where(response.c.student_id == Student.id),
                ~sa.exists().where(roster.c.student_id == Student.id),
            )
        ))  # fmt: skip
        session.execute(sa.delete(StudentIdentity).where(StudentIdentity.student_id.in_(idle)))
        session.execute(sa.delete(Student).where(Student.id.in_(idle)))
