"""Notes to the next version of a task: what somebody saw while scoring or calibrating, and what came of it."""

import sqlalchemy as sa

from scoring import audit
from scoring.db import db, now, transaction
from scoring.errors import Conflict, Invalid, NotAllowed, NotFound
from scoring.tasks.models import Task, TaskNote
from scoring.tasks.services import may_edit, task_query

LONGEST, LONGEST_ORIGIN = 2000, 200


def notes_of(task, person):
    """Return a task's notes, those to be settled first, newest first: all for its leaders, to others their own."""
    query = sa.select(TaskNote).where(TaskNote.task_id == task.id)
    if not may_edit(task, person):
        query = query.where(TaskNote.written_by_id == person.id)
    order = (TaskNote.settled_at.is_not(None), TaskNote.written_at.desc(), TaskNote.id.desc())
    return db.session.scalars(query.order_by(*order)).all()


def open_notes(task):
    """Return the notes that the next version of a task has to answer, oldest first."""
    query = sa.select(TaskNote).where(TaskNote.task_id == task.id, TaskNote.settled_at.is_(None))
    return db.session.scalars(query.order_by(TaskNote.written_at, TaskNote.id)).all()


def note_by_id(task, note_id, person):
    """Return a note to a task, for those who may settle it."""
    found = db.session.scalar(sa.select(TaskNote).where(TaskNote.id == note_id, TaskNote.task_id == task.id))
    if found is None or not may_edit(task, person):
        raise NotFound("There is no such note, or it is not yours to settle.")
    return found


def write_note(task, *, words, origin="", actor):
    """Leave a note to the next version of a task."""
    if db.session.scalar(task_query(actor).where(Task.id == task.id)) is None:
        raise NotFound("There is no such task, or it belongs to another district.")
    words, origin = _checked("words", words, LONGEST), (origin or "").strip()
    if len(origin) > LONGEST_ORIGIN:
        told = f"At most {LONGEST_ORIGIN} characters fit here. Shorten it."
        raise Invalid(told, fields={"origin": told})
    with transaction() as session:
        made = TaskNote(task_id=task.id, words=words, origin=origin, written_by_id=actor.id)
        session.add(made)
        session.flush()
        audit.record("task.note_written", made, actor=actor, after={"task": task.id, "words": words, "origin": origin})  # fmt: skip
    return made


def settle_note(note, *, outcome, actor):
    """Say what came of a note."""
    _require_leader(note, actor)
    outcome = _checked("outcome", outcome, LONGEST)
    with transaction() as session:
        session.refresh(note, with_for_update=True)
        if note.settled_at is not None:
            raise Conflict("This note is settled already. Reload the page to see what came of it.")
        note.outcome, note.settled_at, note.settled_by_id = outcome, now(), actor.id
        audit.record("task.note_settled", note, actor=actor, after={"outcome": outcome})
    return note


def reopen_note(note, *, actor):
    """Take a settled note up again."""
    _require_leader(note, actor)
    with transaction() as session:
        session.refresh(note, with_for_update=True)
        if note.settled_at is not None:
            before = {"outcome": note.outcome}
            note.outcome, note.settled_at, note.settled_by_id = "", None, None
            audit.record("task.note_reopened", note, actor=actor, before=before)
    return note


def _checked(field, words, most):
    words = (words or "").strip()
    if not words or len(words) > most:
        told = f"Write a few words, at most {most:,} characters."
        raise Invalid(told, fields={field: told})
    return words


def _require_leader(note, actor):
    if not may_edit(note.task, actor):
        raise NotAllowed(f"Only leaders of {note.task.organization.name} settle notes to its tasks.")
