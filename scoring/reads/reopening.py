"""Undo: a scorer takes a read back for a short while, and it stands again if nothing comes of that."""

from datetime import timedelta

import sqlalchemy as sa

from scoring import audit
from scoring.db import db, now, transaction
from scoring.errors import NotAvailable
from scoring.events.models import EventStatus
from scoring.reads import queue, settling
from scoring.reads.allocation import Scorer
from scoring.reads.models import Assignment, AssignmentStatus, Purpose, Read

WINDOW = timedelta(minutes=10)
FURTHER_READS = 5
TOO_LATE = "This read can not be reopened any more. If it should change, tell your leader its code."


def recent_reads(scorer, event=None, limit=FURTHER_READS):
    """Return the scorer's last reads that count, newest first."""
    query = sa.select(Read).where(
        Read.scorer_id == scorer.id, Read.purpose == Purpose.OPERATIONAL, Read.reopened_at.is_(None)
    )
    if event is not None:
        query = query.where(Read.event_id == event.id)
    return db.session.scalars(query.order_by(Read.submitted_at.desc(), Read.id.desc()).limit(limit)).all()


def reopenable(scorer, event=None):
    """Return the reads this scorer may still take back, newest first: ten minutes, and at most five further reads."""
    since = now() - WINDOW
    return [read for read in recent_reads(scorer, event) if read.submitted_at > since]


def reopen_last(scorer, event=None):
    """Take back the scorer's last read, so that it can be changed. Returns its lease with the scores as the draft."""
    found = reopenable(scorer, event)
    if not found:
        raise NotAvailable(
            "There is no read to go back to. A read can be reopened for ten minutes after it was sent."
        )
    return reopen(found[0], scorer)


def reopen(read, scorer):
    """Take back one of the scorer's recent reads. The old one is kept on record but counts no more."""
    scorer_id, read_id = scorer.id, read.id
    with transaction() as session:
        connection, moment = session.connection(), now()
        read = next((each for each in reopenable(Scorer(scorer_id)) if each.id == read_id), None)
        if read is None:
            raise NotAvailable(TOO_LATE)
        place = queue.lock(connection, read.event_response_id)
        event = connection.execute(sa.select(queue.event).where(queue.event.c.id == read.event_id)).one()
        seated = sa.select(queue.seat.c.id).where(
            queue.seat.c.event_id == read.event_id,
            queue.seat.c.person_id == scorer_id,
            queue.seat.c.removed_at.is_(None),
        )
        if (
            event.status is EventStatus.CLOSED
            or connection.execute(seated).one_or_none() is None
            or _is_adjudicated(connection, place.id)
        ):
            raise NotAvailable(TOO_LATE)
        done = connection.execute(
            sa.update(settling.read)
            .where(settling.read.c.id == read.id, settling.COUNTS)
            .values(reopened_at=moment)
        )
        if done.rowcount != 1:
            raise NotAvailable(TOO_LATE)
        connection.execute(
            sa.update(queue.lease)
            .where(queue.lease.c.id == read.assignment_id)
            .values(
                status=AssignmentStatus.OPEN,
                leased_until=queue.lease_end(event, moment),
                draft=_as_draft(read),
            )
        )
        facts = settling.settle_place(connection, place.id)
        before = {"scores": {str(each.trait_id): each.score for each in read.scores},
                  "condition_code": read.condition_code_id}  # fmt: skip
        audit.record("read.reopened", Read(id=read.id), actor=Scorer(scorer_id), before=before, after=facts)
        assignment_id = read.assignment_id
    return db.session.get(Assignment, assignment_id, populate_existing=True)


def reinstate(connection, lease_id, place_id):
    """Let the read stand again that was reopened on this lease and not sent anew; False if there is none."""
    table = settling.read
    last = connection.execute(
        sa.select(table.c.id, table.c.scorer_id)
        .where(table.c.assignment_id == lease_id, table.c.reopened_at.is_not(None))
        .order_by(table.c.reopened_at.desc(), table.c.id.desc())
        .limit(1)
    ).one_or_none()
    if last is None:
        return False
    connection.execute(sa.update(table).where(table.c.id == last.id).values(reopened_at=None))
    connection.execute(
        sa.update(queue.lease)
        .where(queue.lease.c.id == lease_id)
        .values(status=AssignmentStatus.SUBMITTED, draft=sa.null())
    )
    facts = settling.settle_place(connection, place_id)
    audit.record("read.reinstated", Read(id=last.id), after=facts)
    return True


def _is_adjudicated(connection, place_id):
    """Whether a leader has begun to settle the response, or has settled it."""
    query = sa.select(queue.lease.c.id).where(
        queue.lease.c.event_response_id == place_id,
        queue.lease.c.purpose == Purpose.ADJUDICATION,
        queue.lease.c.status.in_([AssignmentStatus.OPEN, AssignmentStatus.SUBMITTED]),
    )
    return connection.execute(query.limit(1)).first() is not None


def typed_for(assignment):
    """What was typed for a response: its draft, or what stands in its read once it was sent.

    A browser that kept scores but no words can so send them again and mean the same.
    """
    if assignment.status is not AssignmentStatus.SUBMITTED:
        return assignment.draft or {}
    found = sa.select(Read).where(Read.assignment_id == assignment.id, Read.reopened_at.is_(None))
    read = db.session.scalar(found)
    return _as_draft(read) if read is not None else {}


def _as_draft(read):
    """The read as it was typed: what the scoring screen shows after undo."""
    return {
        "scores": {str(each.trait_id): each.score for each in read.scores},
        "comments": {
            str(each.trait_id): [each.comment_below, each.comment_above]
            for each in read.scores
            if each.comment_below or each.comment_above
        },
        "condition_code": read.condition_code_id,
        "note": read.note,
    }
