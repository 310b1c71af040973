"""Which responses wait for a leader, who holds them, and what is known of each."""

from datetime import timedelta

import sqlalchemy as sa

from scoring.db import db, now
from scoring.errors import NotFound
from scoring.events.models import Event, EventResponse, Outcome
from scoring.events.services import visible_events
from scoring.people.models import Person
from scoring.permissions import Permission
from scoring.reads import allocation
from scoring.reads import services as reads
from scoring.reads.models import Assignment, AssignmentStatus, Method, Purpose, Read, ScoreOfRecord, SeenWork
from scoring.reads.seen import seen_by
from scoring.responses.models import RosterEntry
from scoring.tasks.models import Trait

LAST_READ = (
    sa.select(sa.func.max(Read.submitted_at))
    .where(
        Read.event_response_id == EventResponse.id,
        Read.purpose == Purpose.OPERATIONAL,
        Read.reopened_at.is_(None),
    )
    .correlate(EventResponse)
    .scalar_subquery()
)


def event_ids(leader):
    """Query the ids of the events in which this person settles responses."""
    return visible_events(leader, Permission.ADJUDICATE).with_only_columns(Event.id).order_by(None)


def may_adjudicate(event_id, leader):
    """Whether this person settles responses of this event."""
    return db.session.scalar(event_ids(leader).where(Event.id == event_id)) is not None


def discrepant_responses(event_ids):
    """Query the discrepant responses of these events, the longest waiting first."""
    return (
        sa.select(EventResponse)
        .where(EventResponse.event_id.in_(event_ids), EventResponse.outcome == Outcome.DISCREPANT)
        .order_by(LAST_READ, EventResponse.id)
    )


def adjudicated_responses(event_ids):
    """Query the responses of these events that a leader has settled, the latest first."""
    adjudicated = sa.exists().where(
        ScoreOfRecord.event_response_id == EventResponse.id,
        ScoreOfRecord.superseded_at.is_(None),
        ScoreOfRecord.method == Method.ADJUDICATED,
    )
    return (
        sa.select(EventResponse)
        .where(EventResponse.event_id.in_(event_ids), EventResponse.outcome == Outcome.SETTLED, adjudicated)
        .order_by(EventResponse.settled_at.desc(), EventResponse.id.desc())
    )


def place_by_id(place_id, leader):
    """Return a response's place in an event of this leader."""
    query = sa.select(EventResponse).where(
        EventResponse.id == place_id, EventResponse.event_id.in_(event_ids(leader))
    )
    place = db.session.scalar(query)
    if place is None:
        raise NotFound("There is no such response, or it is not open to you. Go back to Adjudication.")
    return place


def waiting_since(place_ids):
    """Return when the last blind read of each response came in, by the id of its place."""
    query = (
        sa.select(Read.event_response_id, sa.func.max(Read.submitted_at))
        .where(
            Read.event_response_id.in_(place_ids),
            Read.purpose == Purpose.OPERATIONAL,
            Read.reopened_at.is_(None),
        )
        .group_by(Read.event_response_id)
    )
    return dict(db.session.execute(query).all())


def holders(place_ids):
    """Return who is settling each response now, by the id of its place.

    A leader holds it while their lease runs, and as long again after their own scores came in.
    """
    query = (
        sa.select(
            Assignment.event_response_id,
            Assignment.leased_until,
            Read.submitted_at,
            Event.lease_minutes,
            Person,
        )
        .join(Event, Event.id == Assignment.event_id)
        .join(Person, Person.id == Assignment.scorer_id)
        .outerjoin(Read, sa.and_(Read.assignment_id == Assignment.id, Read.reopened_at.is_(None)))
        .where(
            Assignment.event_response_id.in_(place_ids),
            Assignment.purpose == Purpose.ADJUDICATION,
            Assignment.status.in_([AssignmentStatus.OPEN, AssignmentStatus.SUBMITTED]),
        )
        .order_by(Assignment.id)
    )
    held, moment = {}, now()
    for place_id, leased_until, submitted_at, minutes, person in db.session.execute(query):
        until = submitted_at + timedelta(minutes=minutes) if submitted_at else leased_until
        if until > moment:
            held[place_id] = person
    return held


def own_assignment(place, leader):
    """Return this leader's adjudication of the response, if they have begun one."""
    return db.session.scalar(
        sa.select(Assignment).where(
            Assignment.event_response_id == place.id,
            Assignment.scorer_id == leader.id,
            Assignment.purpose == Purpose.ADJUDICATION,
            Assignment.status != AssignmentStatus.RETURNED,
        )
    )


def own_read(place, leader):
    """Return this leader's own blind read of a response they settle, if it is in."""
    return db.session.scalar(
        sa.select(Read).where(
            Read.event_response_id == place.id,
            Read.scorer_id == leader.id,
            Read.purpose == Purpose.ADJUDICATION,
            Read.reopened_at.is_(None),
        )
    )


def why_not(place, leader):
    """Say why this leader can not settle this response; None if they can."""
    other = sa.select(Assignment.id).where(
        Assignment.scorer_id == leader.id,
        Assignment.response_id == place.response_id,
        sa.or_(Assignment.purpose != Purpose.ADJUDICATION, Assignment.event_response_id != place.id,
               Assignment.status == AssignmentStatus.RETURNED),
    )  # fmt: skip
    met = seen_by(leader).where(SeenWork.response_id == place.response_id)
    if db.session.scalar(sa.select(other.exists() | met.exists())):
        return "You have had this response before, so another leader must settle it. Go on with the next one."
    taught = sa.select(RosterEntry.id).where(
        RosterEntry.person_id == leader.id, RosterEntry.student_id == place.response.student_id
    )
    candidate = allocation.Candidate(
        place.id, place.response_id, place.district_id, place.school_id, place.required, place.remaining,
        own_student=db.session.scalar(taught.limit(1)) is not None,
    )  # fmt: skip
    if not allocation.may_read(candidate, reads.as_scorer(leader), place.event):
        return "The event's rules keep this response from you. Another leader must settle it."
    return None


def next_discrepant(leader, *, event_id=None, most=50):
    """Return the longest waiting response this leader can settle now, or None."""
    ids = [event_id] if event_id is not None else event_ids(leader)
    waiting = db.session.scalars(discrepant_responses(ids).limit(most)).all()
    held = holders([place.id for place in waiting])
    free = (each for each in waiting if each.id not in held or held[each.id].id == leader.id)
    return next((each for each in free if why_not(each, leader) is None), None)


def current_record(place):
    """Return the scores of record that count now, in the order of the rubric; empty when there are none."""
    return db.session.scalars(_record(place).where(ScoreOfRecord.superseded_at.is_(None))).all()


def decisions(place):
    """Return every decision ever made by leaders on a response, newest first: each a list of scores of record."""
    rows = db.session.scalars(_record(place).where(ScoreOfRecord.method == Method.ADJUDICATED)).all()
    found = {}
    for row in rows:
        found.setdefault((row.settled_at, row.decided_by_id), []).append(row)
    return [found[key] for key in sorted(found, key=lambda key: key[0], reverse=True)]


def _record(place):
    return (
        sa.select(ScoreOfRecord)
        .join(Trait, Trait.id == ScoreOfRecord.trait_id)
        .where(ScoreOfRecord.event_response_id == place.id)
        .order_by(Trait.position, Trait.id, ScoreOfRecord.id)
    )
