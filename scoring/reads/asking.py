"""A second read that a leader asks for: a response read once goes back into the queue, blind like any other."""

import sqlalchemy as sa

from scoring import audit
from scoring.db import now, transaction
from scoring.errors import Conflict
from scoring.events import checks
from scoring.events.models import Event, EventResponse, EventScorer, EventStatus
from scoring.people.models import Person
from scoring.reads import queue, settling
from scoring.reads.models import Assignment, SeenWork


def ask_for_second_read(event_response, *, actor):
    """Let a response that was read once be read by somebody else too.

    Its score of record is superseded: it waits for the second read, and both reads then come to a score of record by
    the event's rule. Returns the audit facts.
    """
    place_id = event_response.id
    with transaction() as session:
        connection = session.connection()
        place = queue.lock(connection, place_id)
        # Held after the place, as sending a read does; nobody closes the event meanwhile.
        event = session.get(Event, place.event_id, with_for_update={"read": True}, populate_existing=True)
        checks.must_run(event.organization_id, actor)
        _must_take_reads(event)
        _must_be_read_once(place)
        if not session.scalar(_others(place)):
            raise Conflict(
                "Everybody who scores in this event has had this response. Add a scorer, then ask again."
            )
        connection.execute(
            sa.update(queue.place)
            .where(queue.place.c.id == place_id)
            .values(required=2, remaining=queue.place.c.remaining + 1)
        )
        facts = settling.settle_place(connection, place_id)
        audit.record("event_response.second_read_asked", EventResponse(id=place_id), actor=actor,
                     before={"required": 1}, after={"required": 2, **facts})  # fmt: skip
    session.expire_all()
    return facts


def _must_take_reads(event):
    is_over = event.closes_at is not None and event.closes_at <= now()
    if event.status not in {EventStatus.OPEN, EventStatus.PAUSED} or is_over:
        raise Conflict(f"{event.name} takes no more reads. Nothing was changed.")


def _must_be_read_once(place):
    if place.required > 1:
        raise Conflict("This response is to be read twice already. Nothing was changed.")
    if place.reads == 0:
        raise Conflict(
            "Nobody has read this response yet. Wait for its first read, then ask for a second one."
        )


def _others(place):
    """Scorers of the event who were never handed this response, and have not met it elsewhere."""
    had, seen = (
        sa.exists().where(who == EventScorer.person_id, what == place.response_id)
        for who, what in (
            (Assignment.scorer_id, Assignment.response_id), (SeenWork.person_id, SeenWork.response_id),
        )
    )  # fmt: skip
    return (
        sa.select(EventScorer.id)
        .join(Person, Person.id == EventScorer.person_id)
        .where(
            EventScorer.event_id == place.event_id,
            EventScorer.removed_at.is_(None),
            Person.is_active,
            ~had,
            ~seen,
        )
        .limit(1)
    )
