"""Leases: keeping one, and giving it back."""

import sqlalchemy as sa

from scoring import audit
from scoring.db import db, now, transaction
from scoring.errors import NotAvailable, NotFound
from scoring.jobs import every_minute
from scoring.reads import allocation, queue, reopening
from scoring.reads.models import Assignment, AssignmentStatus, Purpose
from scoring.responses.models import Response, RosterEntry


def as_scorer(person):
    """Return what allocation must know of a person. Ask before a transaction begins, while their rows are loaded."""
    if isinstance(person, allocation.Scorer):
        return person
    places = [membership.organization for membership in person.memberships]
    districts = {
        each.parent_id if each.kind == "school" else each.id for each in places if each.kind != "network"
    }
    return allocation.Scorer(
        person.id, frozenset(districts), frozenset(each.id for each in places if each.kind == "school")
    )


# Keeping


def renew(assignment, scorer, draft=None):
    """Give the scorer the full time again; also after it ran out, if nobody else has taken the response.

    A draft, when there is one, is kept with it.
    """
    scorer, assignment_id = as_scorer(scorer), assignment.id
    with transaction() as session:
        connection, moment = session.connection(), now()
        lease, seat = _own(connection, scorer, assignment_id)
        if lease.status is AssignmentStatus.OPEN:
            extend(connection, lease.id, seat, moment)
        elif lease.status is AssignmentStatus.LAPSED and queue.take_again(
            connection, lease.event_response_id
        ):
            values = {"lease": lease.id, "now": lease.leased_at, "until": queue.lease_end(seat, moment)}
            connection.execute(queue.TAKE_UP_LEASE, values)
        else:
            raise NotAvailable("This response has gone back to the queue. Go on with the next one.")
        if draft is not None:
            connection.execute(sa.update(queue.lease).where(queue.lease.c.id == lease.id).values(draft=draft))
    return loaded(assignment_id)


# Giving back


def release(assignment, scorer):
    """Put a response back into the queue. The same scorer may get it again, and finds the draft as it was."""
    scorer, assignment_id = as_scorer(scorer), assignment.id
    with transaction() as session:
        connection = session.connection()
        lease, _seat = _own(connection, scorer, assignment_id)
        _lapse(connection, lease.id, lease.event_response_id)


def release_ahead(scorer, keep=()):
    """Give back what a browser had fetched ahead: every lease without a draft, except those in `keep`."""
    scorer = as_scorer(scorer)
    table = queue.lease
    with transaction() as session:
        connection = session.connection()
        query = sa.select(table.c.id, table.c.event_response_id).where(
            table.c.scorer_id == scorer.id, queue.IS_OPEN, queue.IS_OPERATIONAL, table.c.draft.is_(None),
            table.c.id.not_in(list(keep)),
        )  # fmt: skip
        rows = connection.execute(query.order_by(table.c.event_response_id)).all()
        return sum(_lapse(connection, row.id, row.event_response_id) for row in rows)


def know_student(assignment, scorer, *, actor=None):
    """Hand a response to others for good, because the scorer knows whose it is; keep that student's work from them."""
    scorer, assignment_id = as_scorer(scorer), assignment.id
    with transaction() as session:
        connection = session.connection()
        lease, _seat = _own(connection, scorer, assignment_id)
        queue.lock(connection, lease.event_response_id)
        table = queue.lease
        ending = sa.update(table).values(status=AssignmentStatus.RETURNED, draft=sa.null())
        done = connection.execute(ending.where(table.c.id == lease.id, table.c.status == lease.status))
        if done.rowcount != 1 or lease.status not in {AssignmentStatus.OPEN, AssignmentStatus.LAPSED}:
            raise NotAvailable("This response has gone back to the queue already. Go on with the next one.")
        if lease.status is AssignmentStatus.OPEN:
            queue.give_back(connection, lease.event_response_id)
        response = Response.__table__
        student_id = connection.execute(
            sa.select(response.c.student_id).where(response.c.id == lease.response_id)
        ).scalar_one()
        known = sa.select(RosterEntry.id).where(
            RosterEntry.person_id == scorer.id, RosterEntry.student_id == student_id
        )
        if session.scalar(known) is None:
            session.add(RosterEntry(person_id=scorer.id, student_id=student_id, source="known"))
        audit.record("assignment.returned", Assignment(id=lease.id), actor=scorer,
                     after={"event_response": lease.event_response_id, "why": "knows the student"})  # fmt: skip


@every_minute
def reap():
    """Take back every lease that ran out; return how many."""
    with transaction() as session:
        return lapse_all(session.connection(), now())


def lapse_all(connection, moment, event_ids=None):
    table = queue.lease
    query = sa.select(table.c.id, table.c.event_response_id).where(
        queue.IS_OPEN, table.c.leased_until < moment
    )
    if event_ids is not None:
        query = query.where(table.c.event_id.in_(event_ids))
    rows = connection.execute(query.order_by(table.c.event_response_id, table.c.id).limit(500)).all()
    return sum(_lapse(connection, row.id, row.event_response_id, moment) for row in rows)


def _lapse(connection, lease_id, place_id, moment=None):
    """End one lease, if it is still open (and, given a moment, still run out); return 1 if it was."""
    queue.lock(connection, place_id)
    table = queue.lease
    ending = (
        sa.update(table).where(table.c.id == lease_id, queue.IS_OPEN).values(status=AssignmentStatus.LAPSED)
    )
    if moment is not None:
        ending = ending.where(table.c.leased_until < moment)
    row = connection.execute(ending.returning(table.c.purpose)).one_or_none()
    if row is None:
        return 0
    if row.purpose is Purpose.OPERATIONAL and not reopening.reinstate(connection, lease_id, place_id):
        queue.give_back(connection, place_id)
    return 1


# How it is done


def _own(connection, scorer, assignment_id):
    """Return the scorer's own operational lease, and the seat it belongs to."""
    table = queue.lease
    lease = connection.execute(
        sa.select(table).where(
            table.c.id == assignment_id, table.c.scorer_id == scorer.id, queue.IS_OPERATIONAL
        )
    ).one_or_none()
    if lease is None:
        raise NotFound("There is no such response in your work. Go back to My work.")
    seat = connection.execute(
        sa.select(*queue.SEAT)
        .join(queue.seat, queue.seat.c.event_id == queue.event.c.id)
        .where(queue.event.c.id == lease.event_id, queue.seat.c.person_id == scorer.id)
    ).one_or_none()
    if seat is None or seat.removed_at is not None:
        raise NotAvailable("You do not score in this event any more. Ask your leader if that is a mistake.")
    return lease, seat


EXTEND = (
    sa.update(queue.lease)
    .where(queue.lease.c.id == sa.bindparam("lease"), queue.IS_OPEN)
    .values(leased_until=sa.bindparam("until", type_=queue.lease.c.leased_until.type))
)


def extend(connection, lease_id, seat, moment):
    connection.execute(EXTEND, {"lease": lease_id, "until": queue.lease_end(seat, moment)})


def loaded(assignment_id):
    """Return the lease as an object, fresh."""
    return (
        None if assignment_id is None else db.session.get(Assignment, assignment_id, populate_existing=True)
    )
