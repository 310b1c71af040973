"""Published rubrics never change: a guard on the database session, whoever asks and by whichever way."""

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session, attributes

from scoring.errors import Conflict
from scoring.tasks.models import ConditionCode, Rubric, ScorePoint, Trait

PARTS = (Rubric, Trait, ScorePoint, ConditionCode)
WORDS = "This rubric version is published and can not change. Make a new version of it instead."


@event.listens_for(Session, "before_flush")
def refuse_changes(session, _context, _instances):
    """Stop a flush that would change, add to or delete a published rubric."""
    for row in {*session.new, *session.dirty, *session.deleted}:
        if isinstance(row, PARTS) and (row in session.deleted or session.is_modified(row)):
            _refuse_if_frozen(session, row)


@event.listens_for(Session, "do_orm_execute")
def refuse_bulk_changes(state):
    """Stop UPDATE and DELETE statements on rubrics, which would pass by the guard above."""
    if (
        (state.is_update or state.is_delete)
        and state.bind_mapper is not None
        and state.bind_mapper.class_ in PARTS
    ):
        raise Conflict(WORDS)


def _refuse_if_frozen(session, row):
    rubric_id = _rubric_id(session, row)
    if rubric_id is None:  # still new: it is frozen once it is stored with its date of publication
        return
    stored = sa.select(Rubric.published_at).where(Rubric.id == rubric_id)
    with session.no_autoflush:
        if session.scalar(stored) is not None:
            raise Conflict(WORDS)


def _rubric_id(session, row):
    if isinstance(row, Rubric):
        return row.id if attributes.instance_state(row).persistent else None
    if isinstance(row, ScorePoint):
        if row.trait_id is None:
            return None
        with session.no_autoflush:
            return session.scalar(sa.select(Trait.rubric_id).where(Trait.id == row.trait_id))
    return row.rubric_id
