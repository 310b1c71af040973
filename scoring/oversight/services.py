"""What a leader sees and does while an event runs: scorers at work, and taking one out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

import sqlalchemy as sa

from scoring.db import db, now, transaction
from scoring.events import services as events
from scoring.events.models import EventScorer
from scoring.people.models import Person
from scoring.reads import services as reads
from scoring.reads.models import Assignment, AssignmentStatus, Purpose, Read

RECENT = 50


@dataclass(frozen=True)
class Activity:
    """What one scorer has done in an event."""

    seat: EventScorer
    reads: int
    last_read_at: datetime | None
    median_seconds: float | None  # of the latest reads


def seats(event):
    """Query everybody who scores or has scored in the event: those who still do first, by name."""
    return (
        sa.select(EventScorer)
        .join(Person, Person.id == EventScorer.person_id)
        .where(EventScorer.event_id == event.id)
        .order_by(EventScorer.removed_at.is_not(None), Person.name, Person.id)
    )


def activity(event, some_seats):
    """Return what each of these scorers has done: blind reads that count, the last one, and how long they take."""
    mine = (
        Read.event_id == event.id, Read.purpose == Purpose.OPERATIONAL, Read.reopened_at.is_(None),
        Read.scorer_id.in_([seat.person_id for seat in some_seats]),
    )  # fmt: skip
    counts = sa.select(Read.scorer_id, sa.func.count(), sa.func.max(Read.submitted_at)).where(*mine)
    counted = {
        who: (number, last) for who, number, last in db.session.execute(counts.group_by(Read.scorer_id))
    }
    place = sa.func.row_number().over(partition_by=Read.scorer_id, order_by=Read.id.desc()).label("place")
    numbered = (
        sa.select(Read.scorer_id, Read.seconds, place).where(*mine, Read.seconds.is_not(None)).subquery()
    )
    seconds = {}
    for who, taken, _ in db.session.execute(sa.select(numbered).where(numbered.c.place <= RECENT)):
        seconds.setdefault(who, []).append(taken)
    return [
        Activity(seat, *counted.get(seat.person_id, (0, None)),
                 median(seconds[seat.person_id]) if seat.person_id in seconds else None)
        for seat in some_seats
    ]  # fmt: skip


def remove_scorer(event, person_id, *, actor):
    """Take a scorer out of an event; what they hold goes back to the queue at once. Their reads stay."""
    with transaction() as session:
        seat = events.remove_scorer(event, person_id, actor=actor)
        session.execute(
            sa.update(Assignment)
            .where(
                Assignment.event_id == event.id,
                Assignment.scorer_id == person_id,
                Assignment.purpose == Purpose.OPERATIONAL,
                Assignment.status == AssignmentStatus.OPEN,
            )
            .values(leased_until=now() - timedelta(seconds=1))
        )
        session.expire_all()
        reads.reap()
        return seat.person
