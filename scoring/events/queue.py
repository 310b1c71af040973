"""The responses that wait in an event: put in, and asked for once or twice."""

import random

import sqlalchemy as sa

from scoring.db import db, in_batches
from scoring.events.models import EventResponse, Outcome
from scoring.responses.models import Response
from scoring.responses.services import ready_responses


def missing_before_opening(event):
    """Say in words what an event still lacks before scorers can read."""
    missing = []
    if not event.tasks:
        missing.append("It has no task. Choose at least one with a published rubric.")
    if not event.districts:
        missing.append("It has no district. Choose whose responses are read.")
    active = [each for each in event.scorers if each.removed_at is None and each.person.is_active]
    if not active:
        missing.append("It has no scorer. Add the people who will score.")
    elif len(active) == 1 and event.share_read_twice:
        missing.append("It has one scorer, and no one reads a response twice. Add a second scorer, "
                       "or set the share read twice to 0.")  # fmt: skip
    if event.exclude_own_district and active and len(event.districts) == 1:
        only = event.districts[0]
        if all(only in each.person.districts for each in active):
            missing.append(f"All scorers belong to {only.name}, and nobody may read work of their own district. "
                           "Add scorers from elsewhere, or change that rule.")  # fmt: skip
    if event.alert_to is None or not event.alert_to.is_active:
        missing.append("Nobody is named to be told when a student may be in danger. Choose an adult.")
    if event.tasks and event.districts and not has_responses(event):
        missing.append("There is no response to read. Import student work for its tasks and districts first.")
    return missing


def new_responses(task_ids, district_ids):
    """Responses ready to be read that are in no event yet: nobody's work is scored in two events by accident."""
    taken = sa.exists().where(EventResponse.response_id == Response.id)
    return ready_responses(task_ids, district_ids).where(~taken)


def has_responses(event):
    if db.session.scalar(sa.select(EventResponse.id).where(EventResponse.event_id == event.id).limit(1)):
        return True
    query = new_responses([each.task_id for each in event.tasks], [each.id for each in event.districts])
    return db.session.execute(query.limit(1)).first() is not None


def has_reads(session, event):
    query = sa.select(EventResponse.id).where(EventResponse.event_id == event.id, EventResponse.reads > 0)
    return session.scalar(query.limit(1)) is not None


def fill(session, event):
    """Add every new response to the queue, each with a random place in it."""
    rubrics = {each.task_id: each.rubric_id for each in event.tasks}
    query = new_responses(list(rubrics), [each.id for each in event.districts])
    wanted = Response.id, Response.task_id, Response.district_id, Response.school_id
    found = session.execute(query.with_only_columns(*wanted)).all()
    required = 2 if event.share_read_twice == 100 else 1
    for batch in in_batches(found, 1000):
        rows = [
            {"event_id": event.id, "response_id": response_id, "task_id": task_id, "rubric_id": rubrics[task_id],
             "district_id": district_id, "school_id": school_id, "random_key": random.random(),
             "required": required, "remaining": required}
            for response_id, task_id, district_id, school_id in batch
        ]  # fmt: skip
        session.execute(sa.insert(EventResponse), rows)
    return len(found)


def change_share(session, event, before):
    row = EventResponse
    waiting = row.event_id == event.id, row.outcome == Outcome.WAITING
    if event.share_read_twice == 100:
        taken = sa.or_(row.reads > 0, row.remaining < row.required)
        session.execute(
            sa.update(row).where(*waiting, row.required == 1)
            .values(required=2, remaining=row.remaining + 1, priority=sa.case((taken, 0), else_=1))
        )  # fmt: skip
    elif before == 100:
        # What nobody has begun goes back to the draw; whoever takes it decides by quota whether it is read twice.
        session.execute(
            sa.update(row).where(*waiting, row.required == 2, row.reads == 0, row.remaining == 2)
            .values(required=1, remaining=1)
        )  # fmt: skip
    session.expire_all()
