"""What can be done with student work: bring it in, look at it, take it back."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from scoring import audit, jobs, storage
from scoring.db import db, now, transaction
from scoring.errors import Conflict, Invalid, NotFound
from scoring.people.models import OrganizationKind
from scoring.permissions import Permission
from scoring.responses import archive, importing, intake, rosters
from scoring.responses.models import (
    ImportBatch,
    ImportProblem,
    ImportStatus,
    Response,
    ResponseStatus,
    StudentIdentity,
)  # fmt: skip

LARGEST_UPLOAD = 200 * 1024 * 1024
LARGE = 20 * 1024 * 1024  # from here on rows are checked by a job
KEPT = timedelta(days=7)  # an upload nobody went on with
WAITING = {ImportStatus.UPLOADED, ImportStatus.PREVIEW}


# Finding work and students


def ready_responses(task_ids, district_ids):
    """Responses that can be scored, of these tasks and districts, in the order they came."""
    query = sa.select(Response).where(Response.task_id.in_(task_ids), Response.district_id.in_(district_ids))
    return query.where(Response.status == ResponseStatus.READY).order_by(Response.id)


def can_open_identity(person, student):
    """Whether a person may learn who a student is."""
    return person.may(Permission.OPEN_IDENTITY, student.district)


def open_identity(student, *, actor):
    """Say who a student is; each opening is on record."""
    if not can_open_identity(actor, student):
        raise NotFound("There is no such student, or the student belongs to another district.")
    with transaction() as session:
        identity = session.get(StudentIdentity, student.id)
        if identity is None:
            raise NotFound(
                "No file has brought a name for this student. Import one with names, or look in your own list."
            )
        audit.record("student.identity_opened", student, actor=actor)
    return identity


# Bringing work in


def upload(district, task, *, file_name, data, actor, mapping=None):
    """Take a file of student work and look through it; nothing is imported before `accept`."""
    batch = receive(district, task, file_name=file_name, data=data, actor=actor)
    return settle_columns(batch, mapping or batch.mapping["columns"], actor=actor)


def upload_roster(district, *, file_name, data, actor, mapping=None):
    """Take a file of teachers and their students and look through it; nothing changes before `accept`."""
    batch = receive(district, None, file_name=file_name, data=data, actor=actor)
    return settle_columns(batch, mapping or batch.mapping["columns"], actor=actor)


def receive(district, task, *, file_name, data, actor):
    """Keep an uploaded file and find out how to read it. Without a task it is a roster."""
    if district.kind is not OrganizationKind.DISTRICT:
        raise Invalid(
            "Student work belongs to a district. Choose one.", fields={"district": "Choose a district."}
        )
    if task is not None and task.organization_id not in {district.id, district.parent_id}:
        raise Invalid(
            f"This task belongs to another district than {district.name}. Choose another task.",
            fields={"task": f"This is not a task of {district.name}."},
        )
    if len(data) > LARGEST_UPLOAD:
        raise Invalid(
            "This file is larger than 200 MB. Split it into parts.", fields={"file": "Larger than 200 MB."}
        )
    try:
        kind, mapping = _first_look(data, is_roster=task is None)
        mapping["size"] = len(data)
    except intake.Unreadable as error:
        raise Invalid(str(error), fields={"file": str(error)}) from error
    key = storage.put(data, area="originals")
    try:
        with transaction() as session:
            batch = ImportBatch(district_id=district.id, task_id=task.id if task else None, kind=kind, key=key,
                                file_name=intake.shorten(file_name or "file", 200), sha256=storage.sha256(data),
                                mapping=mapping, status=ImportStatus.UPLOADED, created_by_id=actor.id)  # fmt: skip
            session.add(batch)
            audit.record("import.uploaded", batch, actor=actor, after={"kind": kind, "sha256": batch.sha256})
    except BaseException:
        storage.remove([key])
        raise
    return batch


def _first_look(data, *, is_roster):
    """Return the kind of a file and how to read it, with a guess of what its columns hold."""
    if archive.is_zip(data):
        if is_roster:
            raise intake.Unreadable(
                "This is a ZIP or a spreadsheet file. Save the list as CSV, then upload that."
            )
        kind, listed = "zip", archive.Archive(data).manifest_data()
        if listed is None:
            return kind, {"columns": {}}
    else:
        media_type, words = archive.kind_of(data[:2048])
        if words or media_type != "text/plain":
            raise intake.Unreadable(
                "This is not a CSV file. Save a table as CSV, or put PDF, text or picture files into a ZIP."
            )
        kind, listed = ("roster" if is_roster else "csv"), data
    table = intake.table_of(listed)
    return kind, {"encoding": table.encoding, "delimiter": table.delimiter, "header": list(table.columns),
                  "examples": intake.examples(listed, table), "columns": intake.guess(table.columns, kind)}  # fmt: skip


def settle_columns(batch, columns, *, actor):
    """Say what the columns hold, then check every row; returns the batch as a preview."""
    _check(set_columns(batch, columns, actor=actor))
    return db.session.get(ImportBatch, batch.id, populate_existing=True)


def settle_columns_later(batch, columns, *, actor):
    """The same for a large file: returns the job that checks the rows."""
    batch = set_columns(batch, columns, actor=actor)
    return jobs.start(
        "responses.check",
        f"Check of {batch.file_name}"[:200],
        actor=actor,
        back=address(batch),
        batch_id=batch.id,
    )


def is_large(batch):
    """Whether checking the rows takes longer than a page may take."""
    return batch.mapping.get("size", 0) > LARGE


def set_columns(batch, columns, *, actor):
    """Write down what each column holds: {field: column}."""
    with transaction() as session:
        batch = session.get(ImportBatch, batch.id)
        _require(batch, WAITING, "This import has begun already. Look at its page to see how it stands.")
        columns = {name: column for name, column in columns.items() if column}
        if batch.mapping.get("header"):
            problems = intake.mapping_problems(columns, batch.mapping["header"], batch.kind)
            if problems:
                raise Invalid("The columns do not fit yet. " + " ".join(problems.values()), fields=problems)
        batch.mapping = {**batch.mapping, "columns": columns}
        batch.status = ImportStatus.UPLOADED
        audit.record("import.columns_chosen", batch, actor=actor, after={"columns": columns})
    return batch


def _check(batch, tell=lambda rows: None):
    try:
        (rosters if batch.kind == "roster" else importing).check(batch, tell)
    except intake.Unreadable as error:
        raise Invalid(str(error), fields={"file": str(error)}) from error


@jobs.kind("responses.check")
def run_check(progress, batch_id):
    """Check a large file in the background."""
    batch = db.session.get(ImportBatch, batch_id, populate_existing=True)
    if batch.status in WAITING:
        _check(batch, lambda rows: progress.advance(rows, 0, f"Looked at {rows:,} rows."))


def accept(batch, *, actor):
    """Import the good rows of a preview; returns the job that does it. A roster is added to what is there."""
    return _begin(batch, actor, {})


def accept_roster_instead(batch, *, actor):
    """Import a roster in place of the present ones of the teachers it names; returns the job."""
    return _begin(batch, actor, {"replace": True})


def _begin(batch, actor, choice):
    with transaction() as session:
        batch = session.get(ImportBatch, batch.id)
        _require(
            batch,
            {ImportStatus.PREVIEW},
            "This import has begun already, or was discarded. Look at its page.",
        )
        if not batch.accepted and not (choice and batch.duplicates):
            raise Invalid("There is no row to import. Mend the file and upload it again.")
        change = sa.update(ImportBatch).where(
            ImportBatch.id == batch.id, ImportBatch.status == ImportStatus.PREVIEW
        )
        if session.execute(change.values(status=ImportStatus.RUNNING)).rowcount != 1:
            raise Conflict("Somebody else has begun this import. Look at its page.")
        session.refresh(batch)
        batch.mapping = {**batch.mapping, **choice}
        audit.record("import.accepted", batch, actor=actor, after={"rows": batch.accepted, **choice})
    return resume(batch, actor=actor)


def resume(batch, *, actor):
    """Start the job of an accepted import: for the first time, or again when it was lost or failed."""
    can_go_on = {ImportStatus.RUNNING, ImportStatus.FAILED}
    _require(batch, can_go_on, "This import is over. Look at its page to see how it stands.")
    kind = "responses.roster" if batch.kind == "roster" else "responses.import"
    title = f"Import of {batch.file_name}"[:200]
    job = jobs.start(kind, title, actor=actor, back=address(batch), batch_id=batch.id)
    with transaction() as session:
        session.get(ImportBatch, batch.id).job_id = job.id
    return job


def address(batch):
    """The page of an import, for the job that leads back to it."""
    return f"/responses/imports/{batch.id}"


# Taking back


def discard(batch, *, actor):
    """Drop an upload that was not imported, or an import that stopped half-way; nothing of it stays."""
    with transaction() as session:
        batch = session.get(ImportBatch, batch.id)
        _require(
            batch,
            {*WAITING, ImportStatus.RUNNING, ImportStatus.FAILED},
            "This import is finished. Undo it instead.",
        )
        if batch.status is ImportStatus.RUNNING and not has_stopped(batch):
            raise Conflict("This import is running. Wait for it to end, then undo it.")
        files = _take_back(session, batch, ImportStatus.DISCARDED)
        audit.record("import.discarded", batch, actor=actor)
    storage.remove(files)


def undo(batch, *, actor):
    """Take back a finished import: its responses, its files, and students that nothing else speaks of.

    Possible until the first of its responses is handed to a scorer.
    """
    with transaction() as session:
        batch = session.get(ImportBatch, batch.id)
        _require(batch, {ImportStatus.DONE}, "Only a finished import can be undone.")
        if batch.kind == "roster":
            raise Conflict(
                "A roster can not be undone. Upload the right one and let it take the place of this one."
            )
        accepted = batch.accepted
        files = _take_back(session, batch, ImportStatus.UNDONE)
        audit.record("import.undone", batch, actor=actor, before={"responses": accepted})
    storage.remove(files)


def _take_back(session, batch, status):
    """Remove all work of a batch and mark it; refused in words once a scorer had one of its responses."""
    mine = sa.select(Response.id).where(Response.batch_id == batch.id)
    try:
        leave_events(session, mine)
        files = importing.remove_work(session, batch) | {batch.key} - {None}
        session.flush()
    except IntegrityError as error:
        raise _in_use() from error
    session.execute(sa.delete(ImportProblem).where(ImportProblem.batch_id == batch.id))
    batch.status, batch.finished_at, batch.key = status, now(), None
    batch.mapping = {"columns": batch.mapping.get("columns", {})}
    return files


def leave_events(session, response_ids):
    """Take responses out of the events they wait in; refused once one of them was handed to a scorer.

    Reads and events are built on responses, so their tables are named here, not their models. Rows of
    `event_response` without an assignment are places in a queue and nothing more.
    """
    assignment = sa.table("assignment", sa.column("response_id"))
    waiting = sa.table("event_response", sa.column("response_id"))
    if session.scalar(sa.select(sa.exists().where(assignment.c.response_id.in_(response_ids)))):
        raise _in_use()
    session.execute(sa.delete(waiting).where(waiting.c.response_id.in_(response_ids)))


def _in_use():
    return Conflict("A scorer has had one of these responses already, so they can not be taken back. "
                    "Pause the event, and ask its leader what to do with single responses.")  # fmt: skip


def has_stopped(batch):
    """Whether the job of a running import has ended without finishing it."""
    job = db.session.get(jobs.Job, batch.job_id) if batch.job_id else None
    return job is None or job.is_over


def _require(batch, statuses, words):
    if batch.status not in statuses:
        raise Conflict(words)


@jobs.every_minute
def forget_old_uploads():
    """Discard uploads that nobody went on with for a week: they hold students' names."""
    query = sa.select(ImportBatch).where(
        ImportBatch.status.in_(WAITING), ImportBatch.created_at < now() - KEPT
    )
    for batch in db.session.scalars(query.order_by(ImportBatch.id)).all():
        discard(batch, actor=None)
